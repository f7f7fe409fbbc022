/* SPDX-License-Identifier: Apache-2.0 */
/* Searches of the front desk: patients, all bookings of a patient; new links. */
#include "mod_regen/store/patient/names.h"
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/store/booking.h"
#include "regen/store/desk.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

#include <apr_strings.h>

/* --- patients --------------------------------------------------------------------------------- */

RG_ROW(patient_row, rg_patient_t, RG_PATIENT_ROW);

/* p is the record that stands for what was found. */
#define HIT_ROW(FIRST, COL)                                                                        \
    FIRST(PART, patient, RG_PART(RG_PATIENT_ROW), patient_row)                                     \
    COL(TIME, next_visit,                                                                          \
        "(SELECT MIN(b.starts_at) AS at FROM booking b WHERE b.patient_id = p.id"                  \
        " AND b.status = 'booked' AND b.starts_at >= ? HAVING at IS NOT NULL"                      \
        " UNION ALL SELECT MIN(b.starts_at) AS at FROM patient o JOIN booking b"                   \
        " ON b.patient_id = o.id WHERE o.merged_into = p.id"                                       \
        " AND b.status = 'booked' AND b.starts_at >= ? HAVING at IS NOT NULL"                      \
        " ORDER BY at LIMIT 1)")
RG_ROW(hit_row, rg_patient_hit_t, HIT_ROW);

#define HIT "SELECT " RG_COLUMNS(HIT_ROW) " FROM "

/* What is found is the record, or the one that stands for it. So many records are read that those
 * of one person do not crowd out others. A person with only one name is found by it, whichever of
 * the two fields it is in. */
#define FOUND                                                                                      \
    HIT "(SELECT DISTINCT COALESCE(m.merged_into, m.id) AS id FROM (SELECT f.id, f.merged_into "   \
        "FROM "
#define FITS                                                                                       \
    RG_SQL_PART(" WHERE (f.family_key LIKE ? ESCAPE '!' AND f.given_key LIKE ? ESCAPE '!'" \
                " OR f.family_key = '' AND f.given_key LIKE ? ESCAPE '!')" \
                " AND (? IS NULL OR f.birth_date = ?)" \
                " ORDER BY f.family_key, f.given_key, f.birth_date, f.id" \
                " LIMIT ?) m) q" \
                " JOIN patient p ON p.id = q.id" \
                " ORDER BY p.family_key, p.given_key, p.birth_date, p.id" \
                " LIMIT ?")

RG_SQL(BY_NAME, FOUND "patient f" FITS);
RG_SQL(BY_GIVEN,
       FOUND "(SELECT id FROM patient FORCE INDEX (patient_given_key)"
       " WHERE given_key LIKE ? ESCAPE '!') n"
       " STRAIGHT_JOIN patient f ON f.id = n.id" FITS);
RG_SQL(BY_BIRTH,
       FOUND "(SELECT id FROM patient WHERE birth_date = ?) n"
       " STRAIGHT_JOIN patient f ON f.id = n.id" FITS);
RG_SQL(BY_REACH,
       FOUND "(SELECT id FROM patient WHERE email_key = ?"
       " UNION SELECT id FROM patient WHERE phone_key = ?"
       " UNION SELECT patient_id FROM booking WHERE number = ?) n"
       " STRAIGHT_JOIN patient f ON f.id = n.id" FITS);

enum { BINDS_MAX = 12, RECORDS_EACH = 4 };

/* The statement whose key leaves the fewest rows, and what only it asks for: up to three values. */
static const char *statement_for(const rg_ctx_t *ctx, const rg_patient_seek_t *s, const char *born,
                                 rg_bind_t *own, int *n)
{
    apr_pool_t *p = ctx->pool;
    if (s->email || s->phone || s->number) {
        own[(*n)++] = RG_S(s->email ? rg_name_keys(p, "", "", s->email, "").email : NULL);
        own[(*n)++] = RG_S(s->phone ? rg_phone_key(p, s->phone) : NULL);
        own[(*n)++] = RG_S(s->number);
        return BY_REACH;
    }
    if (*s->family) {
        return BY_NAME;
    }
    own[(*n)++] = RG_S(born ? born : rg_like_prefix(p, rg_fold_name(p, s->given)));
    return born ? BY_BIRTH : BY_GIVEN;
}

rg_outcome_t rg_patients_find(rg_db_t *db, const rg_ctx_t *ctx, const rg_patient_seek_t *s,
                              int limit, rg_patient_hit_t **out, int *count)
{
    const char *born = s->born.year == 0 ? NULL : rg_date_iso(ctx->pool, s->born);
    const char *family = rg_like_prefix(ctx->pool, rg_fold_name(ctx->pool, s->family));
    const char *given = rg_like_prefix(ctx->pool, rg_fold_name(ctx->pool, s->given));
    rg_bind_t binds[BINDS_MAX] = {RG_T(ctx->now), RG_T(ctx->now)};
    int n = 2;
    const char *sql = statement_for(ctx, s, born, binds, &n);
    const rg_bind_t fits[] = {RG_S(family), RG_S(given), RG_S(*s->family ? family : given),
                              RG_S(born),   RG_S(born),  RG_I(limit * RECORDS_EACH),
                              RG_I(limit)};
    for (size_t i = 0; i < sizeof(fits) / sizeof(fits[0]); i++) {
        binds[n++] = fits[i];
    }
    return rg_sql_list(db, ctx, out, count, hit_row, sql, binds, n);
}

rg_outcome_t rg_patient_by_uid(rg_db_t *db, const rg_ctx_t *ctx, rg_patient_t **out,
                               const char *uid)
{
    RG_SQL(BY_UID,
           HIT "patient f"
           " JOIN patient p ON p.id = COALESCE(f.merged_into, f.id)"
           " WHERE f.uid = ?");
    rg_patient_hit_t *hit;
    rg_outcome_t rc = rg_sql_new(db, ctx, &hit, hit_row, BY_UID,
                                 RG_IN(RG_T(ctx->now), RG_T(ctx->now), RG_S(uid)));
    *out = hit ? &hit->patient : NULL;
    return rc;
}

/* --- bookings of one patient ------------------------------------------------------------------ */

#define BOOKING_ROW(FIRST, COL)                                                                    \
    FIRST(I64, id, "b.id")                                                                         \
    COL(STR, uid, "b.uid")                                                                         \
    COL(I64, service_id, "b.service_id")                                                           \
    COL(I64, site_id, "b.site_id")                                                                 \
    COL(STR, service_code, "s.code")                                                               \
    COL(STR, service_name, "s.name")                                                               \
    COL(ENUM, status, "b.status", rg_booking_status_parse)                                         \
    COL(INT, version, "b.version")                                                                 \
    COL(TIME, starts_at, "b.starts_at")                                                            \
    COL(TIME, ends_at, "b.ends_at")                                                                \
    COL(TIME, hold_expires_at, "b.hold_expires_at")                                                \
    COL(STR, further, RG_FURTHER_OF("b"))                                                          \
    COL(STR, body_site, "b.body_site")                                                             \
    COL(ENUM, side, "b.laterality", rg_side_parse)                                                 \
    COL(STR, source, "b.source")                                                                   \
    COL(I64, patient_id, "b.patient_id")
RG_ROW(booking_row, rg_booking_t, BOOKING_ROW);

rg_outcome_t rg_patient_bookings(rg_db_t *db, const rg_ctx_t *ctx, int64_t patient_id,
                                 rg_booking_t ***out, int *count)
{
    RG_SQL(LIST,
           "SELECT " RG_COLUMNS(BOOKING_ROW)
           " FROM (SELECT ? AS id UNION SELECT id FROM patient WHERE merged_into = ?) o"
           " STRAIGHT_JOIN booking b ON b.patient_id = o.id"
           " JOIN service s ON s.id = b.service_id"
           " ORDER BY b.starts_at DESC, b.id DESC"
           " LIMIT 500");
    rg_booking_t *rows;
    RG_TRY(rg_sql_list(db, ctx, &rows, count, booking_row, LIST,
                       RG_IN(RG_I(patient_id), RG_I(patient_id))));
    *out = apr_palloc(ctx->pool, sizeof(**out) * (size_t)(*count + 1));
    for (int i = 0; i < *count; i++) {
        rows[i].patient_family = "";
        rows[i].patient_given = "";
        rows[i].self_pay = -1;
        (*out)[i] = &rows[i];
    }
    return RG_OK;
}

rg_outcome_t rg_coverage_last(rg_db_t *db, const rg_ctx_t *ctx, int64_t patient_id, int64_t *id)
{
    RG_SQL(LAST,
           "SELECT coverage_id"
           " FROM booking"
           " WHERE patient_id = ? AND coverage_id IS NOT NULL"
           " ORDER BY id DESC"
           " LIMIT 1");
    rg_outcome_t rc = rg_sql_number(db, ctx, id, LAST, RG_IN(RG_I(patient_id)));
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

/* --- the private link ------------------------------------------------------------------------- */

rg_outcome_t rg_booking_relink(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                               const unsigned char link_hash[32])
{
    RG_SQL(RELINK,
           "UPDATE booking"
           " SET link_hash = ?, number = ?, version = version + 1"
           " WHERE id = ? AND booked_at IS NOT NULL");
    RG_SQL(MADE,
           "INSERT INTO booking_link (booking_id, made_at)"
           " VALUES (?, ?)"
           " ON DUPLICATE KEY UPDATE made_at = VALUES(made_at), wrong = 0");
    int64_t affected = 0;
    int tries = 0;
    rg_outcome_t rc;
    do {
        rc =
            rg_sql_exec(db, ctx, RELINK,
                        RG_IN(RG_B(link_hash, 32), RG_S(rg_number_make(ctx)), RG_I(id)), &affected);
    } while (rg_booking_number_taken(db, rc, &tries));
    if (rc == RG_OK && affected == 0) {
        return RG_CONFLICT;
    }
    if (rc == RG_OK) {
        rc = rg_sql_exec(db, ctx, MADE, RG_IN(RG_I(id), RG_T(ctx->now)), NULL);
    }
    return rc == RG_OK ? rg_visitor_shut_booking(db, ctx, id) : rc;
}

/* --- rules that were broken ------------------------------------------------------------------- */

rg_outcome_t rg_override_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_rule_t rule,
                             const char *reason)
{
    /* Twice in one second is once. */
    RG_SQL(ADD,
           "INSERT INTO booking_override (booking_id, rule, reason, actor, at)"
           " VALUES (?, ?, ?, ?, ?)"
           " ON DUPLICATE KEY UPDATE reason = VALUES(reason)");
    const char *actor =
        apr_psprintf(ctx->pool, "staff:%" APR_INT64_T_FMT, (apr_int64_t)ctx->who.staff_id);

    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(booking_id), RG_S(rg_rule_name(rule)), RG_S(reason), RG_S(actor),
                             RG_T(ctx->now)),
                       NULL);
}

#define OVERRIDE_ROW(FIRST, COL)                                                                   \
    FIRST(STR, rule, "o.rule")                                                                     \
    COL(STR, reason, "o.reason")                                                                   \
    COL(TIME, at, "o.at")                                                                          \
    COL(STR, staff_name, "COALESCE(s.name, '')")
RG_ROW(override_row, rg_override_t, OVERRIDE_ROW);

rg_outcome_t rg_overrides_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_override_t **out)
{
    RG_SQL(LIST,
           "SELECT " RG_COLUMNS(OVERRIDE_ROW)
           " FROM booking_override o"
           " LEFT JOIN staff s ON o.actor LIKE 'staff:%'"
           " AND s.id = CAST(SUBSTRING(o.actor, 7) AS UNSIGNED)"
           " WHERE o.booking_id = ?"
           " ORDER BY o.at, o.rule");
    return rg_sql_list(db, ctx, out, count, override_row, LIST, RG_IN(RG_I(booking_id)));
}

#define TAKER_ROW(FIRST, COL)                                                                      \
    FIRST(I64, resource_id, "br.resource_id")                                                      \
    COL(TIME, from, "br.busy_from")                                                                \
    COL(TIME, until, "br.busy_until")                                                              \
    COL(STR, booking_uid, "b.uid")                                                                 \
    COL(STR, family, "p.family")                                                                   \
    COL(STR, given, "p.given")                                                                     \
    COL(ENUM, status, "b.status", rg_booking_status_parse)
RG_ROW(taker_row, rg_taker_t, TAKER_ROW);

/* --- who and what is in the way --------------------------------------------------------------- */

/* Longest a resource may have been taken before the window began and still be taken in it. */
#define LONGEST_STEP_SEC (3 * RG_DAY_SEC)

rg_outcome_t rg_desk_takers(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                            apr_time_t until, rg_taker_t **out, int *count)
{
    RG_SQL(LIST,
           "SELECT " RG_COLUMNS(TAKER_ROW)
           " FROM booking_resource br FORCE INDEX (resource_busy)"
           " STRAIGHT_JOIN resource q ON q.id = br.resource_id"
           " STRAIGHT_JOIN booking b ON b.id = br.booking_id"
           " LEFT JOIN patient p ON p.id = b.patient_id"
           " WHERE q.site_id = ? AND br.busy_from >= ? AND br.busy_from < ?"
           " AND br.busy_until > ? AND b.status NOT IN ('cancelled', 'expired', 'no-show')"
           " ORDER BY br.busy_from, br.resource_id, b.id");
    int64_t first = apr_time_sec(from) - LONGEST_STEP_SEC;
    return rg_sql_list(db, ctx, out, count, taker_row, LIST,
                       RG_IN(RG_I(site_id), RG_I(first), RG_T(until), RG_T(from)));
}

static const char *day_text(const rg_ctx_t *ctx, int day)
{
    return rg_date_iso(ctx->pool, rg_date_from_days(day));
}

#define CLOSURE_ROW(FIRST, COL)                                                                    \
    FIRST(I64, id, "id")                                                                           \
    COL(I64, when.resource_id, "resource_id")                                                      \
    COL(DAY, when.first_day, "first_day")                                                          \
    COL(DAY, when.last_day, "last_day")                                                            \
    COL(INT, when.start, "start_minute")                                                           \
    COL(INT, when.end, "end_minute")                                                               \
    COL(STR, kind, "kind")                                                                         \
    COL(STR, reason, "reason")
RG_ROW(closure_row, rg_desk_closure_t, CLOSURE_ROW);

rg_outcome_t rg_desk_closures(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, int first_day,
                              int last_day, rg_desk_closure_t **out, int *count)
{
    RG_SQL(LIST,
           "SELECT " RG_COLUMNS(CLOSURE_ROW)
           " FROM closure"
           " WHERE site_id = ? AND last_day >= ? AND first_day <= ?"
           " ORDER BY first_day, start_minute, id");
    RG_TRY(rg_sql_list(
        db, ctx, out, count, closure_row, LIST,
        RG_IN(RG_I(site_id), RG_S(day_text(ctx, first_day)), RG_S(day_text(ctx, last_day)))));
    for (int i = 0; i < *count; i++) {
        (*out)[i].when.site_id = site_id;
    }
    return RG_OK;
}
