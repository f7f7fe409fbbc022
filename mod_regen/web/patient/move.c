/* SPDX-License-Identifier: Apache-2.0 */
/* Rescheduling a booking or one visit of a course: the same month and day pages as for a new one, a
 * page to confirm, and the move. */
#include "patient.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/booking.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"
#include "regen/clinic/schedule.h"

#include <apr_strings.h>

/* --- may it be moved here --------------------------------------------------------------------- */

/* What is to be moved: all of it, or one visit that did not begin. */
typedef struct {
    int visit;        /* 0: the whole booking */
    apr_time_t now;   /* when it begins as booked; 0: such a visit cannot be moved at all */
    apr_time_t until; /* the patient may move it alone until then; 0: not */
} what_t;

static rg_outcome_t what_visit(what_t *w, regen_req_t *q, const regen_visit_t *v)
{
    rg_visit_move_t *visits;
    int count;
    rg_outcome_t rc = rg_booking_visits(&visits, &count, q->ctx, v->booking->id);
    for (int i = 0; rc == RG_OK && i < count; i++) {
        if (visits[i].visit_no == w->visit) {
            w->now = visits[i].starts_at;
            w->until = visits[i].until;
        }
    }
    return rc;
}

/* Reads the address or form. RG_PRECONDITION: there is no such visit to move. */
static rg_outcome_t what_read(what_t *w, regen_req_t *q, const regen_visit_t *v, const char *visit)
{
    int64_t number = 0;
    bool named = visit && *visit;
    bool booked = v->booking->status == RG_BOOKING_BOOKED;
    *w = (what_t){.now = v->booking->starts_at,
                  .until = rg_deadlines(v->booking, v->service, q->ctx->now).move_until};
    if (!named) {
        return booked ? RG_OK : RG_PRECONDITION;
    }
    if (!rg_text_i64(&number, visit, 1, RG_STEPS_MAX)) {
        return RG_PRECONDITION;
    }
    *w = (what_t){.visit = (int)number};
    rg_outcome_t rc = what_visit(w, q, v);
    return rc == RG_OK && w->now == 0 ? RG_PRECONDITION : rc;
}

static rg_val_t *move_view(regen_req_t *q, const regen_visit_t *v, const what_t *what,
                           const char *title)
{
    rg_val_t *view = regen_visit_view(q, v, title, v->service->name);
    if (what->visit > 0) {
        rg_val_int(view, "visit", what->visit);
        rg_view_time(view, "visit_now", q->ctx->pool, v->site->zone, what->now);
    }
    return view;
}

/* Instead of times: why the patient must call. */
static int call_page(regen_req_t *q, const regen_visit_t *v, const what_t *what,
                     rg_outcome_t outcome)
{
    rg_val_t *view = move_view(q, v, what, "Please call to reschedule");
    rg_val_bool(view, "staff_only", v->service->staff_only);
    return regen_page(q, outcome, "patient/move.html", view);
}

static int h_move_page(regen_req_t *q)
{
    regen_visit_t v = {0};
    what_t what;
    rg_outcome_t rc = regen_visit_load(&v, q, 0);
    rc = rc == RG_OK ? what_read(&what, q, &v, regen_param(q, "visit")) : rc;
    if (rc == RG_PRECONDITION) {
        return regen_to_booking(q, "");
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return what.until != 0 ? regen_times_for_moving(q, &v, what.visit, what.now)
                           : call_page(q, &v, &what, RG_OK);
}

/* --- one time --------------------------------------------------------------------------------- */

typedef struct {
    rg_move_in_t in;
    const char *practitioner; /* digits, or NULL */
    what_t what;
} wish_t;

static bool read_move(wish_t *w, regen_req_t *q, const char *start, const char *practitioner,
                      const char *version)
{
    int64_t number = 0;
    w->in = (rg_move_in_t){0};
    w->practitioner = practitioner && *practitioner ? practitioner : NULL;
    if (!start || !regen_read_start(&w->in.start, start)) {
        rg_problem_add(q->ctx->problems, "start", "Choose one of the offered times.");
    }
    (void)regen_read_practitioner(&w->in.practitioner_id, q, practitioner);
    if (version && *version) { /* a version that no booking can have fits none */
        bool fine = rg_text_i64(&number, version, 1, INT32_MAX);
        w->in.version = fine ? (int)number : INT32_MAX;
    }
    return !rg_problems_any(q->ctx->problems);
}

static apr_time_t start_of_move(const rg_booking_t *b, int visit)
{
    for (int i = 0; i < b->appointment_count; i++) {
        if (b->appointments[i].visit_no == visit) {
            return b->appointments[i].starts_at;
        }
    }
    return b->starts_at;
}

/* Later visits that move, too, because the gap to them would not be met. */
static void put_also(rg_val_t *view, regen_req_t *q, const regen_visit_t *v, const wish_t *w,
                     const rg_booking_t *look)
{
    const rg_zone_t *zone = v->site->zone;
    rg_val_t *list = rg_val_set_list(view, "also");
    for (int i = 0; i < look->appointment_count; i++) {
        const rg_appointment_t *a = &look->appointments[i];
        apr_time_t was = start_of_move(v->booking, a->visit_no);
        if (a->visit_no > w->what.visit && a->starts_at != was) {
            rg_val_t *item = rg_val_add(list);
            rg_val_int(item, "no", a->visit_no);
            rg_view_time(item, "was", q->ctx->pool, zone, was);
            rg_view_time(item, "starts", q->ctx->pool, zone, a->starts_at);
        }
    }
    rg_val_bool(view, "any_also", rg_val_count(list) > 0);
}

/* Until when the visit could be cancelled once it has moved: a deadline that passed stays
 * passed. */
static void put_new_deadlines(rg_val_t *view, regen_req_t *q, const regen_visit_t *v,
                              const rg_booking_t *look)
{
    rg_deadlines_t last = rg_deadlines(look, v->service, q->ctx->now);
    rg_val_t *then = rg_val_object(q->ctx->pool);
    rg_view_deadlines(then, q->ctx->pool, v->site->zone, &last);
    regen_put_preparing(then, q, v, look);
    rg_val_set(view, "afterwards", then);
}

/* What would happen: LOOK is the booking as it would be, or NULL when it cannot be. */
static int confirm_page(regen_req_t *q, const regen_visit_t *v, const wish_t *w,
                        const rg_booking_t *look, rg_outcome_t outcome)
{
    apr_pool_t *p = q->ctx->pool;
    rg_val_t *view = move_view(q, v, &w->what, "Reschedule your booking");
    rg_val_bool(view, "movable", true);
    rg_val_str(view, "practitioner", w->practitioner);
    if (look) {
        rg_val_set(view, "moved", rg_view_booking(p, look, v->site->zone));
        rg_val_int(view, "start", apr_time_sec(start_of_move(look, w->what.visit)));
        put_also(view, q, v, w, look);
        put_new_deadlines(view, q, v, look);
        rg_val_int(view, "version", v->booking->version);
    }
    return regen_page(q, outcome, "patient/move.html", view);
}

/* Somebody else took it first: the booking keeps its time, and other times are shown. */
static int taken_page(regen_req_t *q, const regen_visit_t *v, const wish_t *w,
                      const rg_hold_t *others)
{
    apr_pool_t *p = q->ctx->pool;
    rg_val_t *view = move_view(q, v, &w->what, "That time was just taken");
    rg_val_bool(view, "moving", true);
    rg_val_str(view, "practitioner", w->practitioner);
    rg_view_time(view, "wish", p, v->site->zone, w->in.start);
    rg_view_starts(view, "nearest", p, v->site, others->nearest, others->nearest_count,
                   rg_first_visit_minutes(v->service),
                   rg_cancel_firm_before(v->booking, v->service, q->ctx->now));
    rg_val_bool(view, "has_nearest", others->nearest_count > 0);
    return regen_page(q, RG_CONFLICT, "patient/taken.html", view);
}

static int not_moved(regen_req_t *q, const regen_visit_t *v, const wish_t *w,
                     const rg_hold_t *others, rg_outcome_t outcome)
{
    bool known =
        rg_problem_for(q->ctx->problems, "version") || rg_problem_for(q->ctx->problems, "person");
    switch (outcome) {
    case RG_CONFLICT:
        if (regen_sent_before(q)) {
            return regen_fail(q, outcome);
        }
        return known ? confirm_page(q, v, w, NULL, outcome) : taken_page(q, v, w, others);
    case RG_INVALID: return confirm_page(q, v, w, NULL, outcome);
    case RG_PRECONDITION:
        return w->what.now != 0 ? call_page(q, v, &w->what, outcome) : regen_to_booking(q, "");
    default: return regen_visit_fail(q, v, outcome);
    }
}

static int h_move_check(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_hold_t look = {0};
    wish_t w;
    rg_outcome_t rc = regen_visit_load(&v, q, 0);
    rc = rc == RG_OK ? what_read(&w.what, q, &v, regen_param(q, "visit")) : rc;
    if (rc == RG_PRECONDITION) {
        return regen_to_booking(q, "");
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rc = RG_INVALID;
    if (read_move(&w, q, regen_param(q, "start"), regen_param(q, "practitioner"), NULL)) {
        rc = rg_booking_visit_move_look(&look, q->ctx, v.booking->id, w.what.visit, &w.in);
    }
    return rc == RG_OK ? confirm_page(q, &v, &w, look.booking, RG_OK)
                       : not_moved(q, &v, &w, &look, rc);
}

static int h_move(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_hold_t moved = {0};
    wish_t w;
    rg_outcome_t rc = regen_visit_load(&v, q, 0);
    rc = rc == RG_OK ? what_read(&w.what, q, &v, regen_field(q, "visit")) : rc;
    /* A held time is given up for another one instead, with the patient's details. Of anything else
     * the move itself says what became of it: the same form may come twice. */
    if (rc == RG_PRECONDITION && v.booking->status == RG_BOOKING_HELD) {
        return regen_to_booking(q, "");
    }
    if (rc != RG_OK && rc != RG_PRECONDITION) {
        return regen_fail(q, rc);
    }
    rc = RG_INVALID;
    if (read_move(&w, q, regen_field(q, "start"), regen_field(q, "practitioner"),
                  regen_field(q, "version"))) {
        rc = rg_booking_visit_move(&moved, q->ctx, v.booking->id, w.what.visit, &w.in);
    }
    if (rc != RG_OK) {
        return not_moved(q, &v, &w, &moved, rc);
    }
    return w.what.visit == 0 ? regen_redirect(q, "/booking?booking=%s&moved=1", q->this_booking)
                             : regen_redirect(q, "/booking?booking=%s&moved=1&visit=%d",
                                              q->this_booking, w.what.visit);
}

const regen_route_t regen_routes_patient_move[] = {
    {"GET", "/booking/move", RG_ROLE_PATIENT, 0, 0, BOOKING, h_move_page},
    {"GET", "/booking/move/check", RG_ROLE_PATIENT, 0, 0, BOOKING, h_move_check},
    {"POST", "/booking/move", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING, h_move},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
