/* SPDX-License-Identifier: Apache-2.0 */
/* One day of a site for the board: resources, bookings with steps and resources, and their
 * state, in a fixed number of statements. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#define RESOURCE_ROW(FIRST, COL)                                                                   \
    FIRST(I64, id, "r.id")                                                                         \
    COL(STR, uid, "r.uid")                                                                         \
    COL(STR, code, "r.code")                                                                       \
    COL(STR, name, "r.name")                                                                       \
    COL(STR, family, "r.family")                                                                   \
    COL(STR, given, "r.given")                                                                     \
    COL(STR, npi, "r.npi")                                                                         \
    COL(STR, taxonomy, "r.taxonomy")                                                               \
    COL(STR, serial, "r.serial")                                                                   \
    COL(DATE, calibration_due, "r.calibration_due")                                                \
    COL(ENUM, kind, "r.kind", rg_resource_kind_parse)                                              \
    COL(BOOL, active, "r.active")
RG_ROW(resource_row, rg_resource_t, RESOURCE_ROW);

#include <apr_hash.h>

/* The longest time a resource can be occupied by one step that begins before the day. */
#define LONGEST_STEP_SEC (3 * RG_DAY_SEC)
/* How far back a forgotten unit is looked for. */
#define OPEN_SEC (60 * RG_DAY_SEC)

rg_outcome_t rg_day_resources(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                              apr_time_t until, int *count, rg_resource_t **out)
{
    RG_SQL(LIST,
           "SELECT " RG_COLUMNS(RESOURCE_ROW)
           " FROM resource r"
           " WHERE r.site_id = ? AND (r.active = 1"
           " OR EXISTS (SELECT 1 FROM booking_resource b WHERE b.resource_id = r.id"
           " AND b.busy_from >= ? AND b.busy_from < ? AND b.busy_until > ?))"
           " ORDER BY r.kind, r.id");
    int64_t first = apr_time_sec(from) - LONGEST_STEP_SEC;
    return rg_sql_list(db, ctx, out, count, resource_row, LIST,
                       RG_IN(RG_I(site_id), RG_I(first), RG_T(until), RG_T(from)));
}

/* --- bookings --------------------------------------------------------------------------------- */

/* Which bookings: those that start on the day, those that have something taken on it, and those
 * with a unit left open. The same in all statements below, so that each stands alone and none needs
 * a list of ids. The order of joins is fixed, here and below: otherwise the server reads the whole
 * table of bookings and looks each of them up in these few. */
#define DAY_IDS                                                                                    \
    RG_SQL_PART("(SELECT o.id" \
                " FROM booking o" \
                " WHERE o.site_id = ? AND o.starts_at >= ? AND o.starts_at < ?" \
                " UNION SELECT br.booking_id" \
                " FROM booking_resource br FORCE INDEX (resource_busy)" \
                " STRAIGHT_JOIN resource q ON q.id = br.resource_id" \
                " WHERE q.site_id = ? AND br.busy_from >= ? AND br.busy_from < ?" \
                " AND br.busy_until > ?" \
                " UNION SELECT o.id" \
                " FROM booking o FORCE INDEX (booking_day)" \
                " STRAIGHT_JOIN unit ou ON ou.booking_id = o.id" \
                " LEFT JOIN unit_end oe ON oe.unit_id = ou.id" \
                " WHERE ? = 1 AND o.site_id = ? AND o.starts_at >= ? AND o.starts_at < ?" \
                " AND o.status = 'in-progress' AND oe.unit_id IS NULL) ids")

typedef struct {
    rg_db_t *db;
    const rg_ctx_t *ctx;
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

typedef struct {
    rg_booking_t booking;
    rg_day_state_t state;
} day_row_t;

#define DAY_ROW(FIRST, COL)                                                                        \
    FIRST(I64, booking.id, "b.id")                                                                 \
    COL(STR, booking.uid, "b.uid")                                                                 \
    COL(I64, booking.service_id, "b.service_id")                                                   \
    COL(I64, booking.site_id, "b.site_id")                                                         \
    COL(I64, booking.patient_id, "b.patient_id")                                                   \
    COL(I64, booking.coverage_id, "b.coverage_id")                                                 \
    COL(STR, booking.service_code, "v.code")                                                       \
    COL(STR, booking.service_name, "v.name")                                                       \
    COL(ENUM, booking.status, "b.status", rg_booking_status_parse)                                 \
    COL(INT, booking.version, "b.version")                                                         \
    COL(TIME, booking.starts_at, "b.starts_at")                                                    \
    COL(TIME, booking.ends_at, "b.ends_at")                                                        \
    COL(TIME, booking.hold_expires_at, "b.hold_expires_at")                                        \
    COL(STR, booking.body_site, "b.body_site")                                                     \
    COL(STR, booking.further, RG_FURTHER_OF("b"))                                                  \
    COL(ENUM, booking.side, "b.laterality", rg_side_parse)                                         \
    COL(STR, booking.patient_family, "p.family")                                                   \
    COL(STR, booking.patient_given, "p.given")                                                     \
    COL(DATE, booking.patient_birth_date, "p.birth_date")                                          \
    COL(BITS, state.kinds,                                                                         \
        "(SELECT BIT_OR(1 << (k.kind + 0 - 1)) FROM booking_step k WHERE k.booking_id = b.id)")    \
    COL(BITS, state.done,                                                                          \
        "(SELECT BIT_OR(1 << (e.kind + 0 - 1)) FROM step_done e WHERE e.booking_id = b.id)")       \
    COL(BOOL, state.consent_ok,                                                                    \
        "NOT EXISTS (SELECT 1 FROM service_form sf WHERE sf.service_id = b.service_id"             \
        " AND NOT EXISTS (SELECT 1 FROM consent_in_force c WHERE c.booking_id = b.id"              \
        " AND c.form_id = sf.form_id AND c.expires_at > b.ends_at))")                              \
    COL(ENUM, state.ended, "(SELECT n.reason FROM visit_ended n WHERE n.booking_id = b.id)",       \
        rg_ending_parse)                                                                           \
    COL(BOOL, state.withdrawn,                                                                     \
        "EXISTS (SELECT 1 FROM service_form sf JOIN consent_withdrawn o"                           \
        " ON o.form_id = sf.form_id AND o.booking_id = b.id WHERE sf.service_id = b.service_id"    \
        " AND NOT EXISTS (SELECT 1 FROM consent_given c WHERE c.booking_id = b.id"                 \
        " AND c.form_id = sf.form_id AND c.expires_at > b.ends_at))")                              \
    COL(TIME, state.since, "(SELECT MAX(e.at) FROM step_done e WHERE e.booking_id = b.id)")
RG_ROW(day_row, day_row_t, DAY_ROW);

/* The time of a cancelled or expired booking is free, so it is not part of the day. */
RG_SQL(BOOKINGS,
       "SELECT " RG_COLUMNS(DAY_ROW)
       " FROM " DAY_IDS
       " STRAIGHT_JOIN booking b ON b.id = ids.id"
       " JOIN service v ON v.id = b.service_id"
       " LEFT JOIN patient p ON p.id = b.patient_id"
       " WHERE b.status NOT IN ('cancelled', 'expired')"
       " ORDER BY b.starts_at, b.id");

static bool row_is_dead_hold(const day_t *d, const rg_booking_t *b)
{
    return b->status == RG_BOOKING_HELD && b->hold_expires_at <= d->ctx->now;
}

static void place_add(day_t *d, const day_row_t *row)
{
    place_t *at = apr_pcalloc(d->ctx->pool, sizeof(*at));
    day_row_t *own = apr_pmemdup(d->ctx->pool, row, sizeof(*row));

    at->booking = &own->booking;
    at->booking->self_pay = -1;
    at->state = &own->state;
    at->steps = apr_array_make(d->ctx->pool, 5, sizeof(rg_booking_step_t));
    at->resources = apr_array_make(d->ctx->pool, 10, sizeof(rg_booking_resource_t));
    APR_ARRAY_PUSH(d->bookings, rg_booking_t *) = at->booking;
    APR_ARRAY_PUSH(d->states, rg_day_state_t *) = at->state;
    apr_hash_set(d->by_id, &at->booking->id, sizeof(at->booking->id), at);
}

static rg_outcome_t read_bookings(day_t *d)
{
    rg_cur_t *c = NULL;
    day_row_t row;

    RG_TRY(rg_sql_query(d->db, d->ctx, &c, BOOKINGS, DAY_IN(d)));
    while (rg_cur_row(c, day_row, &row)) {
        if (!row_is_dead_hold(d, &row.booking)) {
            place_add(d, &row);
        }
    }
    return rg_cur_end(c);
}

/* NULL for a booking made between the statements: it is on the board at the next refresh. */
static place_t *place_of(day_t *d, int64_t booking_id)
{
    return apr_hash_get(d->by_id, &booking_id, sizeof(booking_id));
}

typedef struct {
    int64_t booking_id;
    rg_booking_step_t step;
} step_row_t;

#define STEP_ROW(FIRST, COL)                                                                       \
    FIRST(I64, booking_id, "s.booking_id")                                                         \
    COL(INT, step.step_no, "s.step_no")                                                            \
    COL(ENUM, step.kind, "s.kind", rg_step_kind_parse)                                             \
    COL(STR, step.name, "s.name")                                                                  \
    COL(INT, step.visit_no, "s.visit_no")                                                          \
    COL(TIME, step.starts_at, "s.starts_at")                                                       \
    COL(TIME, step.ends_at, "s.ends_at")
RG_ROW(step_row, step_row_t, STEP_ROW);

static rg_outcome_t read_steps(day_t *d)
{
    RG_SQL(STEPS,
           "SELECT " RG_COLUMNS(STEP_ROW)
           " FROM " DAY_IDS
           " STRAIGHT_JOIN booking_step s ON s.booking_id = ids.id"
           " ORDER BY s.booking_id, s.step_no");
    rg_cur_t *c = NULL;
    step_row_t row;

    RG_TRY(rg_sql_query(d->db, d->ctx, &c, STEPS, DAY_IN(d)));
    while (rg_cur_row(c, step_row, &row)) {
        place_t *at = place_of(d, row.booking_id);

        if (at) {
            APR_ARRAY_PUSH(at->steps, rg_booking_step_t) = row.step;
        }
    }
    return rg_cur_end(c);
}

typedef struct {
    int64_t booking_id;
    rg_booking_resource_t taken;
} taken_row_t;

#define TAKEN_ROW(FIRST, COL)                                                                      \
    FIRST(I64, booking_id, "t.booking_id")                                                         \
    COL(INT, taken.step_no, "t.step_no")                                                           \
    COL(INT, taken.need_no, "t.need_no")                                                           \
    COL(I64, taken.resource_id, "t.resource_id")                                                   \
    COL(STR, taken.resource_name, "r.name")                                                        \
    COL(ENUM, taken.resource_kind, "r.kind", rg_resource_kind_parse)                               \
    COL(TIME, taken.busy_from, "t.busy_from")                                                      \
    COL(TIME, taken.busy_until, "t.busy_until")
RG_ROW(taken_row, taken_row_t, TAKEN_ROW);

static rg_outcome_t read_day_taken(day_t *d)
{
    RG_SQL(TAKEN,
           "SELECT " RG_COLUMNS(TAKEN_ROW)
           " FROM " DAY_IDS
           " STRAIGHT_JOIN booking_resource t ON t.booking_id = ids.id"
           " JOIN resource r ON r.id = t.resource_id"
           " ORDER BY t.booking_id, t.step_no, t.need_no");
    rg_cur_t *c = NULL;
    taken_row_t row;

    RG_TRY(rg_sql_query(d->db, d->ctx, &c, TAKEN, DAY_IN(d)));
    while (rg_cur_row(c, taken_row, &row)) {
        place_t *at = place_of(d, row.booking_id);

        if (at) {
            APR_ARRAY_PUSH(at->resources, rg_booking_resource_t) = row.taken;
        }
    }
    return rg_cur_end(c);
}

/* What a board says of a unit, without all that is known of it. */
#define UNIT_BRIEF(FIRST, COL)                                                                     \
    FIRST(I64, id, "u.id")                                                                         \
    COL(STR, label, "u.label")                                                                     \
    COL(I64, booking_id, "u.booking_id")                                                           \
    COL(TIME, harvested_at, "u.harvested_at")                                                      \
    COL(TIME, expires_at, "u.expires_at")                                                          \
    COL(TIME, processed_at, "y.at")                                                                \
    COL(ENUM, ended, "z.how", rg_unit_end_parse)                                                   \
    COL(TIME, ended_at, "z.at")
RG_ROW(unit_row, rg_unit_t, UNIT_BRIEF);

/* The open one that expires first, else the last one. */
static rg_unit_t *more_pressing(rg_unit_t *before, rg_unit_t *u)
{
    bool open = before && before->ended_at == 0;

    if (!open) {
        return u;
    }
    return u->ended_at == 0 && u->expires_at < before->expires_at ? u : before;
}

static void count_unit(rg_unit_count_t *all, const rg_unit_t *u)
{
    rg_unit_count_t one = rg_unit_count(u, 1);

    all->made += one.made;
    all->raw += one.raw;
    all->ready += one.ready;
}

static rg_outcome_t read_units(day_t *d)
{
    RG_SQL(UNITS,
           "SELECT " RG_COLUMNS(UNIT_BRIEF)
           " FROM " DAY_IDS
           " STRAIGHT_JOIN unit u ON u.booking_id = ids.id"
           " LEFT JOIN unit_ready y ON y.unit_id = u.id"
           " LEFT JOIN unit_end z ON z.unit_id = u.id"
           " ORDER BY u.id");
    rg_unit_t *units;
    int count;

    RG_TRY(rg_sql_list(d->db, d->ctx, &units, &count, unit_row, UNITS, DAY_IN(d)));
    for (int i = 0; i < count; i++) {
        place_t *at = place_of(d, units[i].booking_id);

        if (at) {
            at->state->unit = more_pressing(at->state->unit, &units[i]);
            count_unit(&at->state->units, &units[i]);
        }
    }
    return RG_OK;
}

static void settle_bookings(day_t *d)
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

rg_outcome_t rg_day_bookings(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                             apr_time_t until, bool open, int *count, rg_booking_t ***bookings,
                             rg_day_state_t ***states)
{
    day_t d = {db, ctx, site_id, from, until, open, NULL, NULL, NULL};

    d.bookings = apr_array_make(ctx->pool, 32, sizeof(rg_booking_t *));
    d.states = apr_array_make(ctx->pool, 32, sizeof(rg_day_state_t *));
    d.by_id = apr_hash_make(ctx->pool);
    RG_TRY(read_bookings(&d));
    RG_TRY(read_steps(&d));
    RG_TRY(read_day_taken(&d));
    RG_TRY(read_units(&d));
    settle_bookings(&d);
    *count = d.bookings->nelts;
    *bookings = (rg_booking_t **)(void *)d.bookings->elts;
    *states = (rg_day_state_t **)(void *)d.states->elts;
    return RG_OK;
}
