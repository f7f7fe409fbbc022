/* SPDX-License-Identifier: Apache-2.0 */
/* One day of a site for the board: resources, bookings with steps and resources, and their
 * state, in a fixed number of statements. */
#include "mod_regen/store/visit/unit_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#include <apr_hash.h>

/* Longest a resource may have been taken before the day began and still be taken in it. */
#define LONGEST_STEP_SEC (3 * 86400)
/* How far back a forgotten unit is looked for. */
#define OPEN_SEC (60 * 86400)

rg_outcome_t rg_day_resources(rg_db_t *db, rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                              apr_time_t until, int *count, rg_resource_t **out)
{
    static const char LIST[] =
        "SELECT r.id, r.uid, r.code, r.name, r.family, r.given, r.npi, r.taxonomy, r.serial, "
        "r.kind,"
        " r.active FROM resource r WHERE r.site_id = ? AND (r.active = 1 OR EXISTS ("
        "SELECT 1 FROM booking_resource b WHERE b.resource_id = r.id AND b.busy_from >= ?"
        " AND b.busy_from < ? AND b.busy_until > ?)) ORDER BY r.kind, r.id";
    apr_array_header_t *list = apr_array_make(ctx->pool, 16, sizeof(rg_resource_t));
    int64_t first = apr_time_sec(from) - LONGEST_STEP_SEC;
    rg_cur_t *c = NULL;
    rg_outcome_t rc =
        rg_sql_query(db, ctx, &c, LIST, RG_IN(RG_I(site_id), RG_I(first), RG_T(until), RG_T(from)));

    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_resource_t *r = apr_array_push(list);

        r->id = rg_cur_i64(c, 0);
        r->uid = rg_cur_str(c, 1);
        r->code = rg_cur_str(c, 2);
        r->name = rg_cur_str(c, 3);
        r->family = rg_cur_str(c, 4);
        r->given = rg_cur_str(c, 5);
        r->npi = rg_cur_str(c, 6);
        r->taxonomy = rg_cur_str(c, 7);
        r->serial = rg_cur_str(c, 8);
        r->kind = (rg_resource_kind_t)rg_resource_kind_parse(rg_cur_str(c, 9));
        r->active = rg_cur_i64(c, 10) != 0;
    }
    *count = list->nelts;
    *out = (rg_resource_t *)(void *)list->elts;
    return rg_cur_end(c);
}

/* --- bookings --------------------------------------------------------------------------------- */

/* Which bookings: those that start on the day, those that have something taken on it, and those
 * with a unit left open. The same in all statements below, so that each stands alone and none needs
 * a list of ids. The order of joins is said, here and below: left alone, the server reads the whole
 * table of bookings to look each of them up in these few. */
#define DAY_IDS                                                                                    \
    "(SELECT o.id FROM booking o WHERE o.site_id = ? AND o.starts_at >= ? AND o.starts_at < ?"     \
    " UNION SELECT br.booking_id FROM booking_resource br FORCE INDEX (resource_busy)"             \
    " STRAIGHT_JOIN resource q ON q.id = br.resource_id"                                           \
    " WHERE q.site_id = ? AND br.busy_from >= ? AND br.busy_from < ? AND br.busy_until > ?"        \
    " UNION SELECT o.id FROM booking o FORCE INDEX (booking_day) STRAIGHT_JOIN unit ou ON "        \
    "ou.booking_id = o.id"                                                                         \
    " LEFT JOIN injection oi ON oi.unit_id = ou.id LEFT JOIN unit_disposal od"                     \
    " ON od.unit_id = ou.id WHERE ? = 1 AND o.site_id = ? AND o.starts_at >= ?"                    \
    " AND o.starts_at < ? AND o.status = 'in-progress' AND oi.unit_id IS NULL"                     \
    " AND od.unit_id IS NULL) ids"

typedef struct {
    rg_db_t *db;
    rg_ctx_t *ctx;
    int64_t site_id;
    apr_time_t from, until;
    bool open;
    apr_array_header_t *bookings; /* rg_booking_t * */
    apr_array_header_t *states;   /* rg_day_state_t *, same places */
    apr_hash_t *by_id;            /* booking id -> place_t */
} day_t;

typedef struct {
    rg_booking_t *booking;
    rg_day_state_t *state;
    apr_array_header_t *steps, *resources;
} place_t;

/* The parameters of DAY_IDS. */
#define DAY_IN(d)                                                                                  \
    RG_IN(RG_I((d)->site_id), RG_T((d)->from), RG_T((d)->until), RG_I((d)->site_id),               \
          RG_I(apr_time_sec((d)->from) - LONGEST_STEP_SEC), RG_T((d)->until), RG_T((d)->from),     \
          RG_I((d)->open), RG_I((d)->site_id), RG_I(apr_time_sec((d)->from) - OPEN_SEC),           \
          RG_T((d)->from))

/* What a cancelled or expired booking had taken is free, so it is no part of the day. */
static const char BOOKINGS[] =
    "SELECT b.id, b.uid, b.service_id, b.site_id, b.patient_id, b.coverage_id, v.code, v.name,"
    " b.status, b.version, b.starts_at, b.ends_at, b.hold_expires_at, b.body_site, b.laterality,"
    " p.family, p.given, p.birth_date,"
    " (SELECT BIT_OR(1 << (k.kind + 0 - 1)) FROM booking_step k WHERE k.booking_id = b.id),"
    " (SELECT BIT_OR(1 << (e.kind + 0 - 1)) FROM step_event e WHERE e.booking_id = b.id),"
    " NOT EXISTS (SELECT 1 FROM service_form sf WHERE sf.service_id = b.service_id AND NOT EXISTS ("
    "SELECT 1 FROM consent_in_force c"
    " WHERE c.booking_id = b.id AND c.form_id = sf.form_id AND c.expires_at > b.ends_at)),"
    " (SELECT MAX(e.at) FROM step_event e WHERE e.booking_id = b.id)"
    " FROM " DAY_IDS
    " STRAIGHT_JOIN booking b ON b.id = ids.id JOIN service v ON v.id = b.service_id"
    " LEFT JOIN patient p ON p.id = b.patient_id"
    " WHERE b.status NOT IN ('cancelled', 'expired') ORDER BY b.starts_at, b.id";

static bool row_is_dead_hold(const day_t *d, const rg_booking_t *b)
{
    return b->status == RG_BOOKING_HELD && b->hold_expires_at <= d->ctx->now;
}

static rg_booking_t *booking_row(day_t *d, rg_cur_t *c)
{
    rg_booking_t *b = apr_pcalloc(d->ctx->pool, sizeof(*b));

    b->id = rg_cur_i64(c, 0);
    b->uid = rg_cur_str(c, 1);
    b->service_id = rg_cur_i64(c, 2);
    b->site_id = rg_cur_i64(c, 3);
    b->patient_id = rg_cur_i64(c, 4);
    b->coverage_id = rg_cur_i64(c, 5);
    b->service_code = rg_cur_str(c, 6);
    b->service_name = rg_cur_str(c, 7);
    b->status = (rg_booking_status_t)rg_booking_status_parse(rg_cur_str(c, 8));
    b->version = (int)rg_cur_i64(c, 9);
    b->starts_at = rg_cur_time(c, 10);
    b->ends_at = rg_cur_time(c, 11);
    b->hold_expires_at = rg_cur_time(c, 12);
    b->body_site = rg_cur_str(c, 13);
    b->side = (rg_side_t)rg_side_parse(rg_cur_str(c, 14));
    b->patient_family = rg_cur_str(c, 15);
    b->patient_given = rg_cur_str(c, 16);
    b->patient_birth_date = rg_cur_date(c, 17);
    b->self_pay = -1;
    return b;
}

static void place_add(day_t *d, rg_booking_t *b, rg_cur_t *c)
{
    place_t *at = apr_pcalloc(d->ctx->pool, sizeof(*at));

    at->booking = b;
    at->state = apr_pcalloc(d->ctx->pool, sizeof(*at->state));
    at->state->kinds = (unsigned)rg_cur_u64(c, 18);
    at->state->done = (unsigned)rg_cur_u64(c, 19);
    at->state->consent_ok = rg_cur_i64(c, 20) != 0;
    at->state->since = rg_cur_time(c, 21);
    at->steps = apr_array_make(d->ctx->pool, 5, sizeof(rg_booking_step_t));
    at->resources = apr_array_make(d->ctx->pool, 10, sizeof(rg_booking_resource_t));
    APR_ARRAY_PUSH(d->bookings, rg_booking_t *) = b;
    APR_ARRAY_PUSH(d->states, rg_day_state_t *) = at->state;
    apr_hash_set(d->by_id, &b->id, sizeof(b->id), at);
}

static rg_outcome_t read_bookings(day_t *d)
{
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(d->db, d->ctx, &c, BOOKINGS, DAY_IN(d));

    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_booking_t *b = booking_row(d, c);

        if (!row_is_dead_hold(d, b)) {
            place_add(d, b, c);
        }
    }
    return rg_cur_end(c);
}

/* NULL for a booking that came between the statements: it is on the next look at the board. */
static place_t *place_of(day_t *d, int64_t booking_id)
{
    return apr_hash_get(d->by_id, &booking_id, sizeof(booking_id));
}

static rg_outcome_t read_steps(day_t *d)
{
    static const char STEPS[] =
        "SELECT s.booking_id, s.step_no, s.kind, s.name, s.visit_no, s.starts_at, s.ends_at"
        " FROM " DAY_IDS " STRAIGHT_JOIN booking_step s ON s.booking_id = ids.id"
        " ORDER BY s.booking_id, s.step_no";
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(d->db, d->ctx, &c, STEPS, DAY_IN(d));

    while (rc == RG_OK && rg_cur_next(c)) {
        place_t *at = place_of(d, rg_cur_i64(c, 0));
        rg_booking_step_t *s = at == NULL ? NULL : apr_array_push(at->steps);

        if (s != NULL) {
            s->step_no = (int)rg_cur_i64(c, 1);
            s->kind = (rg_step_kind_t)rg_step_kind_parse(rg_cur_str(c, 2));
            s->name = rg_cur_str(c, 3);
            s->visit_no = (int)rg_cur_i64(c, 4);
            s->starts_at = rg_cur_time(c, 5);
            s->ends_at = rg_cur_time(c, 6);
        }
    }
    return rc == RG_OK ? rg_cur_end(c) : rc;
}

static rg_outcome_t read_taken(day_t *d)
{
    static const char TAKEN[] =
        "SELECT t.booking_id, t.step_no, t.need_no, t.resource_id, r.name, r.kind, t.busy_from,"
        " t.busy_until FROM " DAY_IDS " STRAIGHT_JOIN booking_resource t ON t.booking_id = ids.id"
        " JOIN resource r ON r.id = t.resource_id ORDER BY t.booking_id, t.step_no, t.need_no";
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(d->db, d->ctx, &c, TAKEN, DAY_IN(d));

    while (rc == RG_OK && rg_cur_next(c)) {
        place_t *at = place_of(d, rg_cur_i64(c, 0));
        rg_booking_resource_t *t = at == NULL ? NULL : apr_array_push(at->resources);

        if (t != NULL) {
            t->step_no = (int)rg_cur_i64(c, 1);
            t->need_no = (int)rg_cur_i64(c, 2);
            t->resource_id = rg_cur_i64(c, 3);
            t->resource_name = rg_cur_str(c, 4);
            t->resource_kind = (rg_resource_kind_t)rg_resource_kind_parse(rg_cur_str(c, 5));
            t->busy_from = rg_cur_time(c, 6);
            t->busy_until = rg_cur_time(c, 7);
        }
    }
    return rc == RG_OK ? rg_cur_end(c) : rc;
}

static rg_outcome_t read_units(day_t *d)
{
    static const char UNITS[] =
        "SELECT" RG_UNIT_COLUMNS "FROM " DAY_IDS
        " STRAIGHT_JOIN unit u ON u.booking_id = ids.id" RG_UNIT_JOINS "ORDER BY u.id";
    rg_cur_t *c = NULL;
    rg_outcome_t rc = rg_sql_query(d->db, d->ctx, &c, UNITS, DAY_IN(d));

    while (rc == RG_OK && rg_cur_next(c)) {
        rg_unit_t *u = rg_unit_row(d->ctx, c);
        place_t *at = place_of(d, u->booking_id);

        if (at != NULL) {
            at->state->unit = u;
        }
    }
    return rc == RG_OK ? rg_cur_end(c) : rc;
}

static void settle(day_t *d)
{
    for (int i = 0; i < d->bookings->nelts; i++) {
        rg_booking_t *b = APR_ARRAY_IDX(d->bookings, i, rg_booking_t *);
        place_t *at = place_of(d, b->id);

        b->step_count = at->steps->nelts;
        b->steps = (rg_booking_step_t *)(void *)at->steps->elts;
        b->resource_count = at->resources->nelts;
        b->resources = (rg_booking_resource_t *)(void *)at->resources->elts;
    }
}

rg_outcome_t rg_day_bookings(rg_db_t *db, rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                             apr_time_t until, bool open, int *count, rg_booking_t ***bookings,
                             rg_day_state_t ***states)
{
    day_t d = {db, ctx, site_id, from, until, open, NULL, NULL, NULL};
    rg_outcome_t rc;

    d.bookings = apr_array_make(ctx->pool, 32, sizeof(rg_booking_t *));
    d.states = apr_array_make(ctx->pool, 32, sizeof(rg_day_state_t *));
    d.by_id = apr_hash_make(ctx->pool);
    rc = read_bookings(&d);
    rc = rc == RG_OK ? read_steps(&d) : rc;
    rc = rc == RG_OK ? read_taken(&d) : rc;
    rc = rc == RG_OK ? read_units(&d) : rc;
    settle(&d);
    *count = d.bookings->nelts;
    *bookings = (rg_booking_t **)(void *)d.bookings->elts;
    *states = (rg_day_state_t **)(void *)d.states->elts;
    return rc;
}
