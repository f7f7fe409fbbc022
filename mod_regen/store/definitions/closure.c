/* SPDX-License-Identifier: Apache-2.0 */
/* Closures, writing resources as a whole, time occupied from now on, and decisions about bookings
 * in conflict. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

#include <inttypes.h>
#include <stdio.h>

/* The longest time a resource can be occupied by one step. */
#define LONGEST_STEP_SEC (3 * RG_DAY_SEC)

/* --- what is taken ---------------------------------------------------------------------------- */

#define TAKEN_ROW(FIRST, COL)                                                                      \
    FIRST(I64, booking_id, "t.booking_id")                                                         \
    COL(I64, service_id, "b.service_id")                                                           \
    COL(I64, resource_id, "t.resource_id")                                                         \
    COL(INT, booking_version, "b.version")                                                         \
    COL(INT, step_no, "t.step_no")                                                                 \
    COL(INT, need_no, "t.need_no")                                                                 \
    COL(ENUM, step_kind, "s.kind", rg_step_kind_parse)                                             \
    COL(TIME, starts_at, "b.starts_at")                                                            \
    COL(TIME, busy_from, "t.busy_from")                                                            \
    COL(TIME, busy_until, "t.busy_until")                                                          \
    COL(BOOL, outside_meant,                                                                       \
        "EXISTS (SELECT 1 FROM booking_override o WHERE o.booking_id = b.id"                       \
        " AND o.rule = 'opening')")
RG_ROW(taken_row, rg_taken_t, TAKEN_ROW);
RG_SQL(TAKEN,
       "SELECT " RG_COLUMNS(TAKEN_ROW)
       " FROM booking_resource t FORCE INDEX (resource_busy)"
       " STRAIGHT_JOIN resource r ON r.id = t.resource_id"
       " STRAIGHT_JOIN booking b ON b.id = t.booking_id"
       " STRAIGHT_JOIN booking_step s ON s.booking_id = t.booking_id AND s.step_no = t.step_no"
       " WHERE t.busy_from > ? AND t.busy_from < ? AND (? = 0 OR r.site_id = ?)"
       " AND (? = 0 OR r.id = ?) AND t.busy_until > ?"
       " AND (b.status IN ('booked', 'arrived', 'in-progress')"
       " OR (b.status = 'held' AND b.hold_expires_at > ?))"
       " ORDER BY b.starts_at, b.id, t.step_no, t.need_no, t.resource_id");

rg_outcome_t rg_taken_read(rg_db_t *db, const rg_ctx_t *ctx, rg_taken_t **out, int *count,
                           const rg_taken_ask_t *ask)
{
    int64_t now = apr_time_sec(ctx->now);
    int64_t from = apr_time_sec(ask->from) > now ? apr_time_sec(ask->from) : now;
    int64_t until = ask->until != 0 ? apr_time_sec(ask->until) : INT64_MAX;
    return rg_sql_list(db, ctx, out, count, taken_row, TAKEN,
                       RG_IN(RG_I(from - LONGEST_STEP_SEC), RG_I(until), RG_I(ask->site_id),
                             RG_I(ask->site_id), RG_I(ask->resource_id), RG_I(ask->resource_id),
                             RG_I(from), RG_I(now)));
}

/* --- decisions -------------------------------------------------------------------------------- */

#define KEPT_ROW(FIRST, COL)                                                                       \
    FIRST(I64, closure_id, "k.closure_id")                                                         \
    COL(I64, resource_id, "0")                                                                     \
    COL(ENUM, kind, "'closed'", rg_conflict_kind_parse)                                            \
    COL(I64, booking_id, "k.booking_id")                                                           \
    COL(INT, booking_version, "k.booking_version")                                                 \
    COL(TIME, starts_at, "k.starts_at")
RG_ROW(kept_row, rg_kept_t, KEPT_ROW);
RG_SQL(KEPT,
       "SELECT " RG_COLUMNS(KEPT_ROW)
       " FROM closure_kept k"
       " JOIN booking b ON b.id = k.booking_id"
       " WHERE b.ends_at > ?"
       " UNION ALL"
       " SELECT 0, k.resource_id, k.kind, k.booking_id, k.booking_version, k.starts_at"
       " FROM resource_kept k"
       " JOIN booking b ON b.id = k.booking_id"
       " WHERE b.ends_at > ?");

rg_outcome_t rg_kept_read(rg_db_t *db, const rg_ctx_t *ctx, rg_kept_t **out, int *count)
{
    RG_TRY(rg_sql_list(db, ctx, out, count, kept_row, KEPT, RG_IN(RG_T(ctx->now), RG_T(ctx->now))));
    for (int i = 0; i < *count; i++) {
        (*out)[i].reason = "";
    }
    return RG_OK;
}

RG_SQL(KEEP_CLOSURE,
       "INSERT INTO closure_kept (closure_id, booking_id, booking_version, starts_at, reason,"
       " actor, decided_at)"
       " VALUES (?, ?, ?, ?, ?, ?, ?)"
       " ON DUPLICATE KEY UPDATE booking_version = VALUES(booking_version),"
       " starts_at = VALUES(starts_at), reason = VALUES(reason), actor = VALUES(actor),"
       " decided_at = VALUES(decided_at)");
RG_SQL(KEEP_RESOURCE,
       "INSERT INTO resource_kept (resource_id, booking_id, kind, booking_version, starts_at,"
       " reason, actor, decided_at)"
       " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
       " ON DUPLICATE KEY UPDATE booking_version = VALUES(booking_version),"
       " starts_at = VALUES(starts_at), reason = VALUES(reason), actor = VALUES(actor),"
       " decided_at = VALUES(decided_at)");

rg_outcome_t rg_kept_put(rg_db_t *db, const rg_ctx_t *ctx, const rg_kept_t *k)
{
    char actor[40];
    snprintf(actor, sizeof(actor), "staff:%" PRId64, ctx->who.staff_id);
    if (k->closure_id != 0) {
        return rg_sql_exec(db, ctx, KEEP_CLOSURE,
                           RG_IN(RG_I(k->closure_id), RG_I(k->booking_id), RG_I(k->booking_version),
                                 RG_T(k->starts_at), RG_S(k->reason), RG_S(actor), RG_T(ctx->now)),
                           NULL);
    }
    return rg_sql_exec(db, ctx, KEEP_RESOURCE,
                       RG_IN(RG_I(k->resource_id), RG_I(k->booking_id),
                             RG_S(rg_conflict_kind_name(k->kind)), RG_I(k->booking_version),
                             RG_T(k->starts_at), RG_S(k->reason), RG_S(actor), RG_T(ctx->now)),
                       NULL);
}

/* --- closures --------------------------------------------------------------------------------- */

RG_SQL(CLOSE,
       "INSERT INTO closure (site_id, resource_id, first_day, last_day, start_minute,"
       " end_minute, kind, reason)"
       " SELECT ?, ?, ?, ?, ?, ?, ?, ?"
       " FROM DUAL"
       " WHERE NOT EXISTS (SELECT 1 FROM closure c WHERE c.site_id = ? AND c.resource_id <=> ?"
       " AND c.first_day = ? AND c.last_day = ? AND c.start_minute = ? AND c.end_minute = ?"
       " AND c.reason = ?)");
RG_SQL(OPEN_AGAIN, "DELETE FROM closure WHERE id = ?");

/* NULL is no value to a unique key, so closures of a whole site are compared here. */
rg_outcome_t rg_closure_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_closure_row_t *row,
                               int64_t site_id, int64_t resource_id)
{
    const char *first = rg_date_iso(ctx->pool, row->first_day);
    const char *last = rg_date_iso(ctx->pool, row->last_day);
    int64_t added = 0;
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, CLOSE,
                    RG_IN(RG_I(site_id), RG_I_OR_NIL(resource_id), RG_S(first), RG_S(last),
                          RG_I(row->start), RG_I(row->end), RG_S(row->kind), RG_S(row->reason),
                          RG_I(site_id), RG_I_OR_NIL(resource_id), RG_S(first), RG_S(last),
                          RG_I(row->start), RG_I(row->end), RG_S(row->reason)),
                    &added);
    row->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc == RG_OK && added == 0 ? RG_CONFLICT : rc;
}

rg_outcome_t rg_closure_delete(rg_db_t *db, const rg_ctx_t *ctx, int64_t id)
{
    int64_t gone = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, OPEN_AGAIN, RG_IN(RG_I(id)), &gone);
    return rc == RG_OK && gone == 0 ? RG_NOT_FOUND : rc;
}

#define CLOSURE_ROW(FIRST, COL)                                                                    \
    FIRST(I64, id, "c.id")                                                                         \
    COL(STR, site, "s.code")                                                                       \
    COL(STR, site_name, "s.name")                                                                  \
    COL(STR, resource, "r.code")                                                                   \
    COL(STR, resource_name, "r.name")                                                              \
    COL(DATE, first_day, "c.first_day")                                                            \
    COL(DATE, last_day, "c.last_day")                                                              \
    COL(INT, start, "c.start_minute")                                                              \
    COL(INT, end, "c.end_minute")                                                                  \
    COL(STR, kind, "c.kind")                                                                       \
    COL(STR, reason, "c.reason")
RG_ROW(closure_row, rg_closure_row_t, CLOSURE_ROW);
RG_SQL(ROWS,
       "SELECT " RG_COLUMNS(CLOSURE_ROW)
       " FROM closure c"
       " JOIN site s ON s.id = c.site_id"
       " LEFT JOIN resource r ON r.id = c.resource_id"
       " WHERE c.last_day >= ?"
       " ORDER BY c.first_day, c.start_minute, c.id");

rg_outcome_t rg_closure_rows(rg_db_t *db, const rg_ctx_t *ctx, rg_closure_row_t **out, int *count,
                             rg_date_t day)
{
    return rg_sql_list(db, ctx, out, count, closure_row, ROWS,
                       RG_IN(RG_S(rg_date_iso(ctx->pool, day))));
}

/* --- resources -------------------------------------------------------------------------------- */

RG_SQL(RESOURCE_ADD,
       "INSERT INTO resource (uid, site_id, kind, code, name)"
       " VALUES (?, ?, ?, ?, ?)");
RG_SQL(RESOURCE_SET,
       "UPDATE resource"
       " SET name = ?, family = ?, given = ?, npi = ?, taxonomy = ?, serial = ?,"
       " calibration_due = ?, chambers = ?, active = ?"
       " WHERE id = ?");
RG_SQL(CAPABILITIES_END,
       "DELETE FROM resource_capability"
       " WHERE resource_id = ? AND FIND_IN_SET(capability, ?) = 0");
RG_SQL(CAPABILITY_ADD,
       "INSERT INTO resource_capability (resource_id, capability, since)"
       " SELECT ?, ?, ?"
       " FROM DUAL"
       " WHERE NOT EXISTS (SELECT 1 FROM resource_capability c"
       " WHERE c.resource_id = ? AND c.capability = ?)");
RG_SQL(NO_OPENINGS, "DELETE FROM opening WHERE resource_id = ?");
RG_SQL(OPENING_ADD,
       "INSERT INTO opening (resource_id, weekday, start_minute, end_minute, valid_from,"
       " valid_to)"
       " VALUES (?, ?, ?, ?, DATE '1970-01-01' + INTERVAL ? DAY,"
       " DATE '1970-01-01' + INTERVAL ? DAY)");

static rg_outcome_t put_resource_row(rg_db_t *db, const rg_ctx_t *ctx, rg_clinic_resource_t *r)
{
    rg_resource_t *x = &r->resource;
    rg_outcome_t rc = RG_OK;
    if (x->id == 0) {
        x->uid = rg_uid_make(ctx);
        rc = rg_sql_exec(db, ctx, RESOURCE_ADD,
                         RG_IN(RG_S(x->uid), RG_I(r->site_id), RG_S(rg_resource_kind_name(x->kind)),
                               RG_S(x->code), RG_S(x->name)),
                         NULL);
        x->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    }
    if (rc != RG_OK) {
        return rc;
    }
    const char *due =
        x->calibration_due.year == 0 ? NULL : rg_date_iso(ctx->pool, x->calibration_due);
    return rg_sql_exec(db, ctx, RESOURCE_SET,
                       RG_IN(RG_S(x->name), RG_S(x->family), RG_S(x->given),
                             RG_S(x->npi[0] ? x->npi : NULL),
                             RG_S(x->taxonomy[0] ? x->taxonomy : NULL), RG_S(x->serial), RG_S(due),
                             RG_I(x->chambers), RG_I(x->active), RG_I(x->id)),
                       NULL);
}

/* What stays is not touched: how long somebody can do it already is on record. */
static rg_outcome_t put_capabilities(rg_db_t *db, const rg_ctx_t *ctx,
                                     const rg_clinic_resource_t *r, apr_time_t since)
{
    int64_t id = r->resource.id;
    const char *all = "";
    for (int i = 0; i < r->capability_count; i++) {
        all = apr_pstrcat(ctx->pool, all, i > 0 ? "," : "", r->capabilities[i], NULL);
    }
    rg_outcome_t rc = rg_sql_exec(db, ctx, CAPABILITIES_END, RG_IN(RG_I(id), RG_S(all)), NULL);
    for (int i = 0; rc == RG_OK && i < r->capability_count; i++) {
        const char *can = r->capabilities[i];
        rc = rg_sql_exec(db, ctx, CAPABILITY_ADD,
                         RG_IN(RG_I(id), RG_S(can), RG_T(since), RG_I(id), RG_S(can)), NULL);
    }
    return rc;
}

static rg_outcome_t put_openings(rg_db_t *db, const rg_ctx_t *ctx, const rg_clinic_resource_t *r)
{
    rg_outcome_t rc = rg_sql_exec(db, ctx, NO_OPENINGS, RG_IN(RG_I(r->resource.id)), NULL);
    for (int i = 0; rc == RG_OK && i < r->opening_count; i++) {
        const rg_opening_t *o = &r->openings[i];
        rc = rg_sql_exec(db, ctx, OPENING_ADD,
                         RG_IN(RG_I(r->resource.id), RG_I(o->weekday), RG_I(o->start), RG_I(o->end),
                               RG_I(o->first_day), RG_I(o->last_day)),
                         NULL);
    }
    return rc;
}

rg_outcome_t rg_resource_put(rg_db_t *db, const rg_ctx_t *ctx, rg_clinic_resource_t *r,
                             apr_time_t since)
{
    RG_TRY(put_resource_row(db, ctx, r));
    RG_TRY(put_capabilities(db, ctx, r, since));
    return put_openings(db, ctx, r);
}
