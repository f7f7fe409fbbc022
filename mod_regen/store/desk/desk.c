/* SPDX-License-Identifier: Apache-2.0 */
/* What the front desk asks of the tables: patients by what is known of them, all bookings of
 * one, links made anew. */
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

#define PATIENT_HIT                                                                                \
    "SELECT" RG_PATIENT_COLS                                                                       \
    ", (SELECT MIN(b.starts_at) FROM booking b WHERE b.patient_id = p.id AND b.status = 'booked'"  \
    " AND b.starts_at >= ?) FROM "

/* Who has one name only is found by it, whichever of the two it was put down as. */
#define FITS                                                                                       \
    " WHERE (p.family_key LIKE ? ESCAPE '!' AND p.given_key LIKE ? ESCAPE '!'"                     \
    " OR p.family_key = '' AND p.given_key LIKE ? ESCAPE '!')"                                     \
    " AND (? IS NULL OR p.birth_date = ?)"                                                         \
    " ORDER BY p.family_key, p.given_key, p.birth_date, p.id LIMIT ?"

static const char BY_NAME[] = PATIENT_HIT "patient p" FITS;
static const char BY_GIVEN[] = PATIENT_HIT
    "(SELECT id FROM patient FORCE INDEX (patient_given_key) WHERE given_key LIKE ? ESCAPE '!') n"
    " STRAIGHT_JOIN patient p ON p.id = n.id" FITS;
static const char BY_BIRTH[] = PATIENT_HIT
    "(SELECT id FROM patient WHERE birth_date = ?) n STRAIGHT_JOIN patient p ON p.id = n.id" FITS;
static const char BY_REACH[] = PATIENT_HIT
    "(SELECT id FROM patient WHERE email_key = ? UNION SELECT id FROM patient WHERE phone_key = ?"
    " UNION SELECT patient_id FROM booking WHERE number = ?) n"
    " STRAIGHT_JOIN patient p ON p.id = n.id" FITS;

enum { BINDS_MAX = 10 };

/* The statement whose key leaves the fewest rows, and what only it asks for: up to three values. */
static const char *way_of(rg_ctx_t *ctx, const rg_patient_seek_t *s, const char *born,
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

static rg_outcome_t query_patients(rg_db_t *db, rg_ctx_t *ctx, rg_cur_t **c,
                                   const rg_patient_seek_t *s, int limit)
{
    const char *born = s->born.year == 0 ? NULL : rg_date_iso(ctx->pool, s->born);
    const char *family = rg_like_prefix(ctx->pool, rg_fold_name(ctx->pool, s->family));
    const char *given = rg_like_prefix(ctx->pool, rg_fold_name(ctx->pool, s->given));
    rg_bind_t binds[BINDS_MAX] = {RG_T(ctx->now)};
    int n = 1;
    const char *sql = way_of(ctx, s, born, binds, &n);
    const rg_bind_t fits[] = {RG_S(family), RG_S(given), RG_S(*s->family ? family : given),
                              RG_S(born),   RG_S(born),  RG_I(limit)};
    for (size_t i = 0; i < sizeof(fits) / sizeof(fits[0]); i++) {
        binds[n++] = fits[i];
    }
    return rg_sql_query(db, ctx, c, sql, binds, n);
}

rg_outcome_t rg_patients_find(rg_db_t *db, rg_ctx_t *ctx, const rg_patient_seek_t *seek, int limit,
                              rg_patient_hit_t **out, int *count)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 16, sizeof(rg_patient_hit_t));
    rg_cur_t *c = NULL;
    rg_outcome_t rc = query_patients(db, ctx, &c, seek, limit);

    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_patient_hit_t *hit = apr_array_push(list);

        rg_row_patient(c, 0, &hit->patient);
        hit->next_visit = rg_cur_time(c, RG_PATIENT_COUNT);
    }
    *count = list->nelts;
    *out = (rg_patient_hit_t *)(void *)list->elts;
    return rg_cur_end(c);
}

rg_outcome_t rg_patient_by_uid(rg_db_t *db, rg_ctx_t *ctx, rg_patient_t **out, const char *uid)
{
    static const char BY_UID[] = PATIENT_HIT "patient p WHERE p.uid = ?";
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, BY_UID, RG_IN(RG_T(ctx->now), RG_S(uid)));
    bool found;

    if (rc != RG_OK) {
        return rc;
    }
    found = rg_cur_next(c);
    if (found) {
        *out = apr_pcalloc(ctx->pool, sizeof(rg_patient_t));
        rg_row_patient(c, 0, *out);
    }
    return rg_row_end(c, found);
}

/* --- bookings of one patient ------------------------------------------------------------------ */

static rg_booking_t *booking_row(rg_ctx_t *ctx, rg_cur_t *c)
{
    rg_booking_t *b = apr_pcalloc(ctx->pool, sizeof(*b));

    b->id = rg_cur_i64(c, 0);
    b->uid = rg_cur_str(c, 1);
    b->service_id = rg_cur_i64(c, 2);
    b->site_id = rg_cur_i64(c, 3);
    b->service_code = rg_cur_str(c, 4);
    b->service_name = rg_cur_str(c, 5);
    b->status = (rg_booking_status_t)rg_booking_status_parse(rg_cur_str(c, 6));
    b->version = (int)rg_cur_i64(c, 7);
    b->starts_at = rg_cur_time(c, 8);
    b->ends_at = rg_cur_time(c, 9);
    b->hold_expires_at = rg_cur_time(c, 10);
    b->body_site = rg_cur_str(c, 11);
    b->side = (rg_side_t)rg_side_parse(rg_cur_str(c, 12));
    b->source = rg_cur_str(c, 13);
    b->patient_id = rg_cur_i64(c, 14);
    b->patient_family = "";
    b->patient_given = "";
    b->self_pay = -1;
    return b;
}

rg_outcome_t rg_patient_bookings(rg_db_t *db, rg_ctx_t *ctx, int64_t patient_id,
                                 rg_booking_t ***out, int *count)
{
    static const char LIST[] =
        "SELECT b.id, b.uid, b.service_id, b.site_id, s.code, s.name, b.status, b.version,"
        " b.starts_at, b.ends_at, b.hold_expires_at, b.body_site, b.laterality, b.source,"
        " b.patient_id FROM booking b JOIN service s ON s.id = b.service_id"
        " WHERE b.patient_id = ? ORDER BY b.starts_at DESC, b.id DESC LIMIT 500";
    apr_array_header_t *list = apr_array_make(ctx->pool, 16, sizeof(rg_booking_t *));
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, LIST, RG_IN(RG_I(patient_id)));

    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        APR_ARRAY_PUSH(list, rg_booking_t *) = booking_row(ctx, c);
    }
    *count = list->nelts;
    *out = (rg_booking_t **)(void *)list->elts;
    return rg_cur_end(c);
}

rg_outcome_t rg_coverage_last(rg_db_t *db, rg_ctx_t *ctx, int64_t patient_id, int64_t *id)
{
    static const char LAST[] = "SELECT coverage_id FROM booking WHERE patient_id = ?"
                               " AND coverage_id IS NOT NULL ORDER BY id DESC LIMIT 1";
    rg_outcome_t rc = rg_sql_number(db, ctx, id, LAST, RG_IN(RG_I(patient_id)));
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

/* --- the private link ------------------------------------------------------------------------- */

rg_outcome_t rg_booking_relink(rg_db_t *db, rg_ctx_t *ctx, int64_t id,
                               const unsigned char link_hash[32])
{
    static const char RELINK[] = "UPDATE booking SET link_hash = ?, number = ?,"
                                 " version = version + 1"
                                 " WHERE id = ? AND booked_at IS NOT NULL";
    static const char MADE[] = "INSERT INTO booking_link (booking_id, made_at) VALUES (?, ?)"
                               " ON DUPLICATE KEY UPDATE made_at = VALUES(made_at), wrong = 0";
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

rg_outcome_t rg_override_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_rule_t rule,
                             const char *reason)
{
    /* Twice in one second is once. */
    static const char ADD[] =
        "INSERT INTO booking_override (booking_id, rule, reason, actor, at) VALUES (?, ?, ?, ?, ?)"
        " ON DUPLICATE KEY UPDATE reason = VALUES(reason)";
    const char *actor =
        apr_psprintf(ctx->pool, "staff:%" APR_INT64_T_FMT, (apr_int64_t)ctx->who.staff_id);

    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(booking_id), RG_S(rg_rule_name(rule)), RG_S(reason), RG_S(actor),
                             RG_T(ctx->now)),
                       NULL);
}

rg_outcome_t rg_overrides_of(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_override_t **out)
{
    static const char LIST[] =
        "SELECT o.rule, o.reason, o.at, COALESCE(s.name, '') FROM booking_override o LEFT JOIN "
        "staff s"
        " ON o.actor LIKE 'staff:%' AND s.id = CAST(SUBSTRING(o.actor, 7) AS UNSIGNED)"
        " WHERE o.booking_id = ? ORDER BY o.at, o.rule";
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(rg_override_t));
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, LIST, RG_IN(RG_I(booking_id)));

    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_override_t *o = apr_array_push(list);

        o->rule = rg_cur_str(c, 0);
        o->reason = rg_cur_str(c, 1);
        o->at = rg_cur_time(c, 2);
        o->staff_name = rg_cur_str(c, 3);
    }
    *count = list->nelts;
    *out = (rg_override_t *)(void *)list->elts;
    return rg_cur_end(c);
}

/* --- who and what is in the way --------------------------------------------------------------- */

/* Longest a resource may have been taken before the window began and still be taken in it. */
#define LONGEST_STEP_SEC (3 * 86400)

rg_outcome_t rg_desk_takers(rg_db_t *db, rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                            apr_time_t until, rg_taker_t **out, int *count)
{
    static const char LIST[] =
        "SELECT br.resource_id, br.busy_from, br.busy_until, b.uid, p.family, p.given, b.status"
        " FROM booking_resource br FORCE INDEX (resource_busy)"
        " STRAIGHT_JOIN resource q ON q.id = br.resource_id"
        " STRAIGHT_JOIN booking b ON b.id = br.booking_id LEFT JOIN patient p ON p.id = "
        "b.patient_id"
        " WHERE q.site_id = ? AND br.busy_from >= ? AND br.busy_from < ? AND br.busy_until > ?"
        " AND b.status NOT IN ('cancelled', 'expired', 'no-show')"
        " ORDER BY br.busy_from, br.resource_id, b.id";
    apr_array_header_t *list = apr_array_make(ctx->pool, 32, sizeof(rg_taker_t));
    int64_t first = apr_time_sec(from) - LONGEST_STEP_SEC;
    rg_cur_t *c = NULL;
    rg_outcome_t rc =
        rg_sql_query(db, ctx, &c, LIST, RG_IN(RG_I(site_id), RG_I(first), RG_T(until), RG_T(from)));

    while (rc == RG_OK && rg_cur_next(c)) {
        rg_taker_t *t = apr_array_push(list);

        t->resource_id = rg_cur_i64(c, 0);
        t->from = rg_cur_time(c, 1);
        t->until = rg_cur_time(c, 2);
        t->booking_uid = rg_cur_str(c, 3);
        t->family = rg_cur_str(c, 4);
        t->given = rg_cur_str(c, 5);
        t->status = (rg_booking_status_t)rg_booking_status_parse(rg_cur_str(c, 6));
    }
    *count = list->nelts;
    *out = (rg_taker_t *)(void *)list->elts;
    return rc == RG_OK ? rg_cur_end(c) : rc;
}

static const char *day_text(rg_ctx_t *ctx, int day)
{
    return rg_date_iso(ctx->pool, rg_date_add((rg_date_t){1970, 1, 1}, day));
}

rg_outcome_t rg_desk_closures(rg_db_t *db, rg_ctx_t *ctx, int64_t site_id, int first_day,
                              int last_day, rg_desk_closure_t **out, int *count)
{
    static const char LIST[] =
        "SELECT id, resource_id, first_day, last_day, start_minute, end_minute, kind, reason"
        " FROM closure WHERE site_id = ? AND last_day >= ? AND first_day <= ?"
        " ORDER BY first_day, start_minute, id";
    apr_array_header_t *list = apr_array_make(ctx->pool, 8, sizeof(rg_desk_closure_t));
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(
        db, ctx, &c, LIST,
        RG_IN(RG_I(site_id), RG_S(day_text(ctx, first_day)), RG_S(day_text(ctx, last_day))));

    while (rc == RG_OK && rg_cur_next(c)) {
        rg_desk_closure_t *k = apr_array_push(list);

        k->id = rg_cur_i64(c, 0);
        k->when.site_id = site_id;
        k->when.resource_id = rg_cur_i64(c, 1);
        k->when.first_day = rg_date_days(rg_cur_date(c, 2));
        k->when.last_day = rg_date_days(rg_cur_date(c, 3));
        k->when.start = (int)rg_cur_i64(c, 4);
        k->when.end = (int)rg_cur_i64(c, 5);
        k->kind = rg_cur_str(c, 6);
        k->reason = rg_cur_str(c, 7);
    }
    *count = list->nelts;
    *out = (rg_desk_closure_t *)(void *)list->elts;
    return rc == RG_OK ? rg_cur_end(c) : rc;
}
