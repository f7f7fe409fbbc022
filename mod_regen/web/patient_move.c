/* SPDX-License-Identifier: Apache-2.0 */
/* Another time for a booked booking: the same month and day as for a new one, a page that says what happens, and
 * the move. */
#include "patient.h"

#include <apr_strings.h>

/* --- may it be moved here --------------------------------------------------------------------------- */

/* Until when the patient may move alone; 0 when that is over, or never was. */
apr_time_t regen_move_until(const regen_visit_t *v, apr_time_t now)
{
    apr_time_t until = rg_booking_move_until(v->booking, v->service);
    bool may = v->booking->status == RG_BOOKING_BOOKED && !v->service->staff_only && now <= until;
    return may ? until : 0;
}

/* Instead of times: why it takes a call. */
static int call_page(regen_req_t *q, const regen_visit_t *v, rg_outcome_t outcome)
{
    rg_val_t *view = regen_visit_view(q, v, "Please call to move", v->service->name);
    rg_val_bool(view, "staff_only", v->service->staff_only);
    return regen_page(q, outcome, "move.html", view);
}

int regen_h_move_page(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_outcome_t rc = regen_visit_load(&v, q);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    if (v.booking->status != RG_BOOKING_BOOKED) {
        return regen_redirect(q, "/booking");
    }
    return regen_move_until(&v, q->ctx->now) != 0 ? regen_times_for_moving(q, &v)
                                                  : call_page(q, &v, RG_OK);
}

/* --- one time ------------------------------------------------------------------------------------------ */

typedef struct {
    rg_move_in_t in;
    const char *practitioner; /* digits, or NULL */
} wish_t;

static bool read_wish(wish_t *w, regen_req_t *q, const char *start, const char *practitioner,
                      const char *version)
{
    int64_t number = 0;
    *w = (wish_t){.practitioner = practitioner && *practitioner ? practitioner : NULL};
    if (!start || !regen_read_start(&w->in.start, start)) {
        rg_problem_add(q->ctx->problems, "start", "Choose one of the times that are offered");
    }
    (void)regen_read_practitioner(&w->in.practitioner_id, q, practitioner);
    if (version && *version && rg_text_i64(&number, version, 1, 4294967295LL)) {
        w->in.version = (int)number;
    }
    return !rg_problems_any(q->ctx->problems);
}

/* What would happen: LOOK is the booking as it would be, or NULL when it cannot be. */
static int confirm_page(regen_req_t *q, const regen_visit_t *v, const wish_t *w,
                        const rg_booking_t *look, rg_outcome_t outcome)
{
    apr_pool_t *p = q->ctx->pool;
    rg_val_t *view = regen_visit_view(q, v, "Move your booking", v->service->name);
    rg_val_bool(view, "movable", true);
    rg_val_str(view, "practitioner", w->practitioner);
    if (look) {
        rg_val_set(view, "moved", rg_view_booking(p, look, v->site->zone));
        rg_val_int(view, "start", apr_time_sec(look->starts_at));
        rg_val_int(view, "version", v->booking->version);
    }
    return regen_page(q, outcome, "move.html", view);
}

/* Somebody was quicker: the booking keeps its time, and there are others. */
static int taken_page(regen_req_t *q, const regen_visit_t *v, const wish_t *w,
                      const rg_hold_t *others)
{
    apr_pool_t *p = q->ctx->pool;
    rg_val_t *view = regen_visit_view(q, v, "That time was just taken", v->service->name);
    rg_val_bool(view, "moving", true);
    rg_val_str(view, "practitioner", w->practitioner);
    rg_view_time(view, "wish", p, v->site->zone, w->in.start);
    rg_view_starts(view, "nearest", p, v->site, others->nearest, others->nearest_count,
                   rg_view_service_minutes(v->service));
    rg_val_bool(view, "has_nearest", others->nearest_count > 0);
    return regen_page(q, RG_CONFLICT, "taken.html", view);
}

static int not_moved(regen_req_t *q, const regen_visit_t *v, const wish_t *w,
                     const rg_hold_t *others, rg_outcome_t outcome)
{
    bool stale = rg_problem_for(q->ctx->problems, "version") != NULL;
    switch (outcome) {
    case RG_CONFLICT:
        return stale ? confirm_page(q, v, w, NULL, outcome) : taken_page(q, v, w, others);
    case RG_INVALID: return confirm_page(q, v, w, NULL, outcome);
    case RG_PRECONDITION:
        return v->booking->status == RG_BOOKING_BOOKED ? call_page(q, v, outcome)
                                                       : regen_redirect(q, "/booking");
    default: return regen_visit_fail(q, v, outcome);
    }
}

int regen_h_move_check(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_hold_t look = {0};
    wish_t w;
    rg_outcome_t rc = regen_visit_load(&v, q);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    if (v.booking->status != RG_BOOKING_BOOKED) {
        return regen_redirect(q, "/booking");
    }
    rc = RG_INVALID;
    if (read_wish(&w, q, regen_param(q, "start"), regen_param(q, "practitioner"), NULL)) {
        rc = rg_booking_move_look(&look, q->ctx, v.booking->id, &w.in);
    }
    return rc == RG_OK ? confirm_page(q, &v, &w, look.booking, RG_OK)
                       : not_moved(q, &v, &w, &look, rc);
}

int regen_h_move(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_hold_t moved = {0};
    wish_t w;
    rg_outcome_t rc = regen_visit_load(&v, q);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    /* A held time is given up for another one instead, with the patient's details. */
    if (v.booking->status == RG_BOOKING_HELD) {
        return regen_redirect(q, "/booking");
    }
    rc = RG_INVALID;
    if (read_wish(&w, q, regen_field(q, "start"), regen_field(q, "practitioner"),
                  regen_field(q, "version"))) {
        rc = rg_booking_move(&moved, q->ctx, v.booking->id, &w.in);
    }
    return rc == RG_OK ? regen_redirect(q, "/booking?moved=1") : not_moved(q, &v, &w, &moved, rc);
}
