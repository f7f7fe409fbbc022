/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules with their versions, which only grow: a version is a draft until a row of
 * fee_publication names it, and is withdrawn by a row of fee_withdrawal. */
#include "mod_regen/store/fees/line_row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/fees.h"
#include "regen/store/fees.h"
#include "regen/store/store.h"

/* --- schedules -------------------------------------------------------------------------------- */

#define SCHEDULE_ROW(FIRST, COL)                                                                   \
    FIRST(I64, id, "f.id")                                                                         \
    COL(STR, code, "f.code")                                                                       \
    COL(STR, name, "f.name")                                                                       \
    COL(I64, payer_id, "f.payer_key")                                                              \
    COL(I64, site_id, "f.site_key")                                                                \
    COL(STR, payer_code, "COALESCE(y.code, '')")                                                   \
    COL(STR, payer_name, "COALESCE(y.name, '')")                                                   \
    COL(STR, site_code, "COALESCE(t.code, '')")                                                    \
    COL(STR, site_name, "COALESCE(t.name, '')")
RG_ROW(schedule_row, rg_fee_schedule_t, SCHEDULE_ROW);
RG_SQL(SCHEDULES,
       "SELECT " RG_COLUMNS(SCHEDULE_ROW)
       " FROM fee_schedule f"
       " LEFT JOIN payer y ON y.id = f.payer_id"
       " LEFT JOIN site t ON t.id = f.site_id"
       " ORDER BY f.payer_id IS NOT NULL, f.site_id IS NOT NULL, f.code");

rg_outcome_t rg_fee_schedules(rg_db_t *db, const rg_ctx_t *ctx, rg_fee_schedule_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, schedule_row, SCHEDULES, RG_IN_NONE);
}

#define SCHEDULE_NEW(FIRST, COL)                                                                   \
    FIRST(code, RG_S(f->code))                                                                     \
    COL(name, RG_S(f->name))                                                                       \
    COL(payer_id, RG_I_OR_NIL(f->payer_id))                                                        \
    COL(site_id, RG_I_OR_NIL(f->site_id))                                                          \
    COL(created_at, RG_T(ctx->now))                                                                \
    COL(staff_id, RG_I_OR_NIL(ctx->who.staff_id))
RG_SQL(SCHEDULE, RG_INSERT("fee_schedule", SCHEDULE_NEW));

rg_outcome_t rg_fee_schedule_add(rg_db_t *db, const rg_ctx_t *ctx, rg_fee_schedule_t *f)
{
    RG_TRY(rg_sql_exec(db, ctx, SCHEDULE, RG_BINDS(SCHEDULE_NEW), NULL));
    f->id = rg_sql_insert_id(db);
    return RG_OK;
}

/* --- versions --------------------------------------------------------------------------------- */

#define VERSION_ROW(FIRST, COL)                                                                    \
    FIRST(I64, id, "v.id")                                                                         \
    COL(TIME, made_at, "v.made_at")                                                                \
    COL(STR, made_by, "COALESCE(m.name, '')")                                                      \
    COL(I64, publication_id, "COALESCE(p.id, 0)")                                                  \
    COL(DATE, valid_from, "p.valid_from")                                                          \
    COL(TIME, valid_at, "COALESCE(p.valid_at, 0)")                                                 \
    COL(TIME, withdrawn_at, "COALESCE(w.at, 0)")                                                   \
    COL(STR, reason, "COALESCE(w.reason, '')")                                                     \
    COL(INT, line_count, "(SELECT COUNT(*) FROM fee_line l WHERE l.version_id = v.id)")            \
    COL(BOOL, in_force,                                                                            \
        "COALESCE(p.id = (SELECT q.id FROM fee_publication q"                                      \
        " WHERE q.schedule_id = v.schedule_id AND q.valid_at <= ?"                                 \
        " AND NOT EXISTS (SELECT 1 FROM fee_withdrawal x WHERE x.publication_id = q.id)"           \
        " ORDER BY q.valid_at DESC, q.id DESC LIMIT 1), 0)")
RG_ROW(version_row, rg_fee_version_t, VERSION_ROW);
#define OF_VERSION                                                                                 \
    RG_SQL_PART(" FROM fee_schedule_version v"                                                     \
                " LEFT JOIN staff m ON m.id = v.staff_id"                                          \
                " LEFT JOIN fee_publication p ON p.version_id = v.id"                              \
                " LEFT JOIN fee_withdrawal w ON w.publication_id = p.id")
RG_SQL(VERSIONS,
       "SELECT " RG_COLUMNS(VERSION_ROW) OF_VERSION
       " WHERE v.schedule_id = ?"
       " ORDER BY v.id DESC"
       " LIMIT 100");
RG_SQL(VERSION_BY_ID,
       "SELECT " RG_COLUMNS(VERSION_ROW) OF_VERSION
       " WHERE v.schedule_id = ? AND v.id = ?");
RG_SQL(VERSION_THEN,
       "SELECT " RG_COLUMNS(VERSION_ROW) OF_VERSION
       " WHERE v.schedule_id = ? AND p.valid_at <= ? AND w.id IS NULL"
       " ORDER BY p.valid_at DESC, p.id DESC"
       " LIMIT 1");
RG_SQL(VERSIONS_AFTER,
       "SELECT " RG_COLUMNS(VERSION_ROW) OF_VERSION
       " WHERE v.schedule_id = ? AND p.valid_at > ? AND w.id IS NULL"
       " ORDER BY p.valid_at, p.id"
       " LIMIT 100");

rg_outcome_t rg_fee_versions(rg_db_t *db, const rg_ctx_t *ctx, int64_t schedule_id,
                             rg_fee_version_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, version_row, VERSIONS,
                       RG_IN(RG_T(ctx->now), RG_I(schedule_id)));
}

rg_outcome_t rg_fee_version_get(rg_db_t *db, const rg_ctx_t *ctx, int64_t schedule_id,
                                int64_t version_id, rg_fee_version_t **out)
{
    return rg_sql_new(db, ctx, out, version_row, VERSION_BY_ID,
                      RG_IN(RG_T(ctx->now), RG_I(schedule_id), RG_I(version_id)));
}

rg_outcome_t rg_fee_version_at(rg_db_t *db, const rg_ctx_t *ctx, int64_t schedule_id, apr_time_t at,
                               rg_fee_version_t **out)
{
    rg_outcome_t rc = rg_sql_new(db, ctx, out, version_row, VERSION_THEN,
                                 RG_IN(RG_T(ctx->now), RG_I(schedule_id), RG_T(at)));
    if (rc == RG_NOT_FOUND) {
        *out = NULL;
    }
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

rg_outcome_t rg_fee_versions_after(rg_db_t *db, const rg_ctx_t *ctx, int64_t schedule_id,
                                   apr_time_t at, rg_fee_version_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, version_row, VERSIONS_AFTER,
                       RG_IN(RG_T(ctx->now), RG_I(schedule_id), RG_T(at)));
}

#define ENTRY_ROW(FIRST, COL)                                                                      \
    RG_FEE_LINE_COLS(FIRST, COL, line, "l.")                                                       \
    COL(I64, service_id, "s.id")                                                                   \
    COL(STR, service_code, "s.code")                                                               \
    COL(STR, service_name, "s.name")
RG_ROW(entry_row, rg_fee_entry_t, ENTRY_ROW);
RG_SQL(ENTRIES,
       "SELECT " RG_COLUMNS(ENTRY_ROW)
       " FROM fee_line l"
       " JOIN service s ON s.id = l.service_id"
       " WHERE l.version_id = ?"
       " ORDER BY s.display_order, s.id, l.line_no");

rg_outcome_t rg_fee_entries(rg_db_t *db, const rg_ctx_t *ctx, int64_t version_id,
                            rg_fee_entry_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, entry_row, ENTRIES, RG_IN(RG_I(version_id)));
}

RG_SQL(VERSION, "INSERT INTO fee_schedule_version (schedule_id, made_at, staff_id)"
                " VALUES (?, ?, ?)");
RG_SQL(LINE,
       "INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code_system, code,"
       " modifiers, side_modifier, description, units, unit_minor, currency, on_claim, applies)"
       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
enum { LINE_BINDS = 14 };

static rg_outcome_t add_entries(rg_db_t *db, const rg_ctx_t *ctx, int64_t version,
                                const rg_fee_entry_t *entries, int count)
{
    rg_bind_t *in = apr_palloc(ctx->pool, sizeof(*in) * (size_t)(count * LINE_BINDS + 1));
    rg_bind_t *at = in;
    for (int i = 0; i < count; i++) {
        const rg_fee_line_t *l = &entries[i].line;
        *at++ = RG_I(version);
        *at++ = RG_I(entries[i].service_id);
        *at++ = RG_I(l->line_no);
        *at++ = RG_S(rg_step_kind_name(l->step_kind));
        *at++ = RG_S(l->code_system);
        *at++ = RG_S(l->code);
        *at++ = RG_S(l->modifiers);
        *at++ = RG_I(l->side_modifier);
        *at++ = RG_S(l->description);
        *at++ = RG_I(l->units);
        *at++ = RG_I(l->unit.minor);
        *at++ = RG_S(l->unit.currency);
        *at++ = RG_I(l->on_claim);
        *at++ = RG_S(l->applies);
    }
    return rg_sql_exec_rows(db, ctx, LINE, in, LINE_BINDS, count);
}

rg_outcome_t rg_fee_version_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t schedule_id,
                                const rg_fee_entry_t *entries, int count, int64_t *id)
{
    RG_TRY(rg_sql_exec(db, ctx, VERSION,
                       RG_IN(RG_I(schedule_id), RG_T(ctx->now), RG_I_OR_NIL(ctx->who.staff_id)),
                       NULL));
    *id = rg_sql_insert_id(db);
    return add_entries(db, ctx, *id, entries, count);
}

/* --- in force, and not ------------------------------------------------------------------------ */

RG_SQL(PUBLISH,
       "INSERT INTO fee_publication (version_id, schedule_id, valid_from, valid_at, at, staff_id)"
       " VALUES (?, ?, ?, ?, ?, ?)");
RG_SQL(WITHDRAW, "INSERT INTO fee_withdrawal (publication_id, reason, at, staff_id)"
                 " VALUES (?, ?, ?, ?)");

rg_outcome_t rg_fee_version_publish(rg_db_t *db, const rg_ctx_t *ctx, int64_t schedule_id,
                                    int64_t version_id, rg_date_t valid_from, apr_time_t valid_at)
{
    return rg_sql_exec(db, ctx, PUBLISH,
                       RG_IN(RG_I(version_id), RG_I(schedule_id),
                             RG_S(rg_date_iso(ctx->pool, valid_from)), RG_T(valid_at),
                             RG_T(ctx->now), RG_I_OR_NIL(ctx->who.staff_id)),
                       NULL);
}

rg_outcome_t rg_fee_version_withdraw(rg_db_t *db, const rg_ctx_t *ctx, int64_t publication_id,
                                     const char *reason)
{
    return rg_sql_exec(
        db, ctx, WITHDRAW,
        RG_IN(RG_I(publication_id), RG_S(reason), RG_T(ctx->now), RG_I_OR_NIL(ctx->who.staff_id)),
        NULL);
}
