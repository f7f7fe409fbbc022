/* SPDX-License-Identifier: Apache-2.0 */
/* The front desk books for a patient: hold, move, details, book, and the private link for the
 * patient. */
#include "mod_regen/web/patient/patient.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/desk.h"
#include "regen/clinic/patient.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

/* --- a time is held --------------------------------------------------------------------------- */

/* What is common to holding and moving: the time, the practitioner, and rule overrides with a
 * reason. */
typedef struct {
    int64_t practitioner;
    apr_time_t start;
    unsigned over;
    const char *reason;
} wish_t;

static unsigned over_read(const rg_form_t *form)
{
    unsigned over = 0;

    for (int i = 0; i < form->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(form->pairs, i, rg_pair_t);
        int rule = strcmp(pair->name, "over") == 0 ? rg_rule_parse(pair->value) : -1;

        over |= rule < 0 ? 0 : 1u << rule;
    }
    return over;
}

static bool read_desk_wish(wish_t *w, regen_req_t *q)
{
    const char *who = regen_field(q, "practitioner");
    int64_t seconds = 0;

    *w = (wish_t){.over = over_read(q->form), .reason = regen_field(q, "reason")};
    if (!rg_text_i64(&seconds, regen_field(q, "start"), 0, REGEN_TIME_MAX)) {
        rg_problem_add(q->ctx->problems, "start", "Choose one of the times.");
    }
    if (*who != '\0' && !rg_text_i64(&w->practitioner, who, 1, REGEN_ID_MAX)) {
        rg_problem_add(q->ctx->problems, "practitioner", "There is no such practitioner.");
    }
    w->start = apr_time_from_sec(seconds);
    return !rg_problems_any(q->ctx->problems);
}

/* What is broken by the form that asks again, as it was sent. */
static void put_over(rg_val_t *ask, unsigned over)
{
    rg_val_t *list = rg_val_set_list(ask, "over");

    for (int rule = 0; rule < RG_RULE_COUNT; rule++) {
        if ((over & (1u << rule)) != 0) {
            rg_val_str(rg_val_add(list), "name", rg_rule_name((rg_rule_t)rule));
        }
    }
}

/* Only the reason is missing: of one visit that a patient could not move anymore, or of a time at
 * which the patient has another visit. */
static void ask_reason(rg_val_t *view, regen_req_t *q, const rg_desk_times_t *times,
                       const wish_t *w)
{
    rg_val_t *ask = rg_val_object(q->ctx->pool);
    unsigned same = 1u << RG_RULE_SAME_PERSON;
    bool twice = (w->over & same) != 0 || rg_problem_for(q->ctx->problems, "person");
    bool late = times->visit != 0 && rg_problem_for(q->ctx->problems, "reason");

    if (!times->moving || (!late && !twice)) {
        return;
    }
    rg_val_int(ask, "start", apr_time_sec(w->start));
    rg_view_time(ask, "when", q->ctx->pool, times->site->zone, w->start);
    put_over(ask, w->over | (twice ? same : 0));
    rg_val_set(view, "ask_reason", ask);
}

/* If it was just taken, show the next times. If it is not allowed, say why. */
static int refused(regen_req_t *q, const wish_t *w, rg_desk_find_in_t *in, rg_outcome_t outcome)
{
    rg_desk_times_t *times = NULL;
    rg_explained_t *why = NULL;

    in->practitioner_id = w->practitioner;
    rg_outcome_t rc = rg_desk_times(&times, q->ctx, in);
    if (rc != RG_OK || !times->service) {
        return regen_fail(q, outcome);
    }
    if (w->start > 0 && in->visit == 0) {
        rg_explain_in_t ask = {times->service->code, w->start, w->practitioner,
                               rg_desk_targets(times)};

        (void)rg_desk_explain(&why, q->ctx, &ask);
    }
    if (outcome == RG_CONFLICT && !rg_problems_any(q->ctx->problems)) {
        rg_problem_add(
            q->ctx->problems, NULL,
            "This time is taken. The next free times, and what occupies this one, are below.");
    }
    rg_val_t *view = rg_view_desk_times(q->ctx->pool, times, q->form, why);
    ask_reason(view, q, times, w);
    return regen_page(q, outcome, "desk/times", view);
}

static int h_desk_hold(regen_req_t *q)
{
    wish_t w;
    rg_hold_t hold = {0};
    rg_desk_find_in_t find = {.service_code = regen_field(q, "service"),
                              .patient_uid = regen_field(q, "patient"),
                              .order_uid = regen_field(q, "order")};
    rg_outcome_t rc = read_desk_wish(&w, q) ? RG_OK : RG_INVALID;

    if (rc == RG_OK) {
        rg_desk_hold_in_t in = {.wish = {find.service_code, w.start, w.practitioner},
                                .patient_uid = find.patient_uid,
                                .recall_uid = regen_field(q, "recall"),
                                .order_uid = regen_field(q, "order"),
                                .over = w.over,
                                .reason = w.reason};
        rc = rg_desk_hold(&hold, q->ctx, &in);
    }
    bool order = rg_problem_for(q->ctx->problems, "order") != NULL;
    if ((rc == RG_CONFLICT && !regen_sent_before(q)) || rc == RG_INVALID || order) {
        return refused(q, &w, &find, rc);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return regen_redirect(q, "/staff/bookings/%s/details", hold.booking->uid);
}

/* --- moved ------------------------------------------------------------------------------------ */

static rg_outcome_t load_visit(regen_visit_t *v, regen_req_t *q)
{
    rg_outcome_t rc = rg_booking_get_by_uid(&v->booking, q->ctx, q->args[0]);

    return rc == RG_OK ? rg_catalogue_by_id(&v->service, &v->site, q->ctx, v->booking->service_id)
                       : rc;
}

static bool page_read(rg_move_in_t *to, int *visit, regen_req_t *q)
{
    const char *start = regen_param(q, "start");
    const char *who = regen_param(q, "practitioner");
    const char *version = regen_param(q, "version");
    const char *number = regen_param(q, "visit");
    int64_t seconds = 0;
    int64_t seen = 0;
    int64_t no = 0;

    *to = (rg_move_in_t){0};
    *visit = 0;
    if (!start || !version || !rg_text_i64(&seconds, start, 0, REGEN_TIME_MAX) ||
        !rg_text_i64(&seen, version, 0, INT32_MAX) ||
        (who && *who != '\0' && !rg_text_i64(&to->practitioner_id, who, 1, REGEN_ID_MAX)) ||
        (number && *number != '\0' && !rg_text_i64(&no, number, 1, RG_STEPS_MAX))) {
        return false;
    }
    to->start = apr_time_from_sec(seconds);
    to->version = (int)seen;
    *visit = (int)no;
    return true;
}

static void put_asked_visit(rg_val_t *view, regen_req_t *q, const regen_visit_t *v, int visit)
{
    for (int i = 0; i < v->booking->appointment_count; i++) {
        const rg_appointment_t *a = &v->booking->appointments[i];
        if (a->visit_no == visit) {
            rg_val_int(view, "visit", visit);
            rg_view_time(view, "visit_now", q->ctx->pool, v->site->zone, a->starts_at);
        }
    }
}

/* It is easy to press the wrong one of twenty equal buttons, and the patient is notified of a move
 * at once. */
static int h_desk_move_page(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_move_in_t to;
    int visit;
    rg_outcome_t rc = page_read(&to, &visit, q) ? load_visit(&v, q) : RG_NOT_FOUND;

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = regen_visit_view(q, &v, "Reschedule", v.service->name);
    rg_val_bool(view, "wide", true);
    rg_val_bool(view, "has_booking", false);
    put_asked_visit(view, q, &v, visit);
    rg_view_time(view, "starts", q->ctx->pool, v.site->zone, to.start);
    rg_val_int(view, "start", apr_time_sec(to.start));
    rg_val_int(view, "version", to.version);
    if (to.practitioner_id > 0) {
        rg_val_int(view, "practitioner", to.practitioner_id);
    }
    return regen_page(q, RG_OK, "desk/move", view);
}

static int h_desk_move(regen_req_t *q)
{
    wish_t w;
    const char *visit = regen_field(q, "visit");
    int64_t version = 0;
    int64_t number = 0;
    rg_hold_t moved = {0};
    rg_booking_t *b = NULL;
    rg_desk_find_in_t find = {.booking_uid = q->args[0]};
    rg_outcome_t rc = rg_booking_get_by_uid(&b, q->ctx, q->args[0]);

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rc = read_desk_wish(&w, q) && rg_text_i64(&version, regen_field(q, "version"), 0, INT32_MAX) &&
                 (*visit == '\0' || rg_text_i64(&number, visit, 1, RG_STEPS_MAX))
             ? RG_OK
             : RG_INVALID;
    find.visit = (int)number;
    if (rc == RG_OK) {
        rg_desk_move_in_t in = {
            .to = {.start = w.start, .practitioner_id = w.practitioner, .version = (int)version},
            .visit = find.visit,
            .over = w.over,
            .reason = w.reason};
        rc = rg_desk_move(&moved, q->ctx, b->id, &in);
    }
    switch (rc) {
    case RG_OK: return regen_redirect(q, "/staff/bookings/%s", q->args[0]);
    case RG_CONFLICT:
    case RG_INVALID: return refused(q, &w, &find, rc);
    case RG_PRECONDITION:
    case RG_GONE: return regen_chart_show(q, rc);
    default: return regen_fail(q, rc);
    }
}

/* --- details ---------------------------------------------------------------------------------- */

/* A payment that is only remembered from the visit before is proposed, too. */
static rg_val_t *stored(regen_req_t *q, const regen_visit_t *v, const rg_details_t *d)
{
    rg_val_t *in = rg_view_details_stored(q->ctx->pool, v->booking, d->patient, d->coverage);

    if (v->booking->self_pay < 0 && d->coverage) {
        rg_val_str(in, "pay", "insurance");
    }
    if (!d->patient) {
        (void)regen_wait_prefill(in, q, v->booking->id);
    }
    return in;
}

static int details_page(regen_req_t *q, const regen_visit_t *v, rg_outcome_t outcome, rg_val_t *in)
{
    rg_details_t *d = NULL;
    rg_outcome_t rc = rg_desk_details(&d, q->ctx, v->booking->id);

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = regen_visit_view(q, v, "Patient details", v->service->name);
    rg_val_bool(view, "wide", true);
    rg_val_bool(view, "has_booking", false);
    rg_val_bool(view, "known", d->known);
    regen_ordered_put(view, q->ctx->pool, v->booking, d->patient);
    rg_view_details(view, q->ctx->pool, in ? in : stored(q, v, d), v->service, d->payers,
                    d->payer_count, q->ctx->problems);
    return regen_page(q, outcome, "desk/details", view);
}

static int h_desk_details_page(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_outcome_t rc = load_visit(&v, q);

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return v.booking->status == RG_BOOKING_HELD
               ? details_page(q, &v, RG_OK, NULL)
               : regen_redirect(q, "/staff/bookings/%s", q->args[0]);
}

static int h_desk_details(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_details_in_t in = regen_details_decode(q);
    rg_outcome_t rc = load_visit(&v, q);

    in.version = regen_version(q);
    rc = rc == RG_OK ? rg_details_save(q->ctx, v.booking->id, &in) : rc;
    if (rc == RG_INVALID || rc == RG_CONFLICT) {
        return details_page(q, &v, rc, regen_details_typed(q));
    }
    if (rc != RG_OK && rc != RG_GONE) {
        return regen_fail(q, rc);
    }
    /* That page shows the result. */
    return regen_redirect(q, "/staff/bookings/%s", q->args[0]);
}

/* --- booked, and the link --------------------------------------------------------------------- */

/* Shown once, in the answer itself: only its hash is stored. */
static int booking_link_page(regen_req_t *q, const char *token)
{
    regen_visit_t v = {0};
    rg_outcome_t rc = load_visit(&v, q);

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = regen_visit_view(q, &v, "Private link for the patient", v.service->name);
    rg_val_bool(view, "wide", true);
    rg_val_bool(view, "has_booking", false);
    rg_val_str(view, "link", regen_address(q, "/b/%s", token));
    return regen_page(q, RG_OK, "desk/link", view);
}

static int link_answer(regen_req_t *q, rg_outcome_t rc, const char *token)
{
    switch (rc) {
    case RG_OK: return booking_link_page(q, token);
    case RG_INVALID:
    case RG_PRECONDITION:
    case RG_CONFLICT:
    case RG_GONE: return regen_chart_show(q, rc);
    default: return regen_fail(q, rc);
    }
}

static int h_desk_book(regen_req_t *q)
{
    regen_visit_t v = {0};
    const char *token = NULL;
    rg_outcome_t rc = load_visit(&v, q);

    rc = rc == RG_OK ? rg_desk_book(&token, q->ctx, v.booking->id, over_read(q->form),
                                    regen_field(q, "reason"))
                     : rc;
    return link_answer(q, rc, token);
}

static int h_desk_place(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_details_in_t in = {.body_site = regen_field(q, "body_site"), .side = regen_field(q, "side")};
    rg_outcome_t rc = load_visit(&v, q);

    rc = rc == RG_OK ? rg_place_save(q->ctx, v.booking->id, &in) : rc;
    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/bookings/%s", q->args[0]);
    }
    return rc == RG_INVALID ? regen_chart_show(q, rc) : link_answer(q, rc, NULL);
}

static int h_desk_link(regen_req_t *q)
{
    regen_visit_t v = {0};
    const char *token = NULL;
    rg_outcome_t rc = load_visit(&v, q);

    rc = rc == RG_OK ? rg_desk_link(&token, q->ctx, v.booking->id) : rc;
    return link_answer(q, rc, token);
}

static int h_desk_release(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_outcome_t rc = load_visit(&v, q);

    if (rc == RG_OK && v.booking->status != RG_BOOKING_HELD) {
        return regen_redirect(q, "/staff/bookings/%s", q->args[0]);
    }
    rc = rc == RG_OK ? rg_booking_give_back(q->ctx, v.booking->id, "given-back") : rc;
    return rc == RG_OK ? regen_redirect(q, "/staff/times?service=%s", v.service->code)
                       : link_answer(q, rc, NULL);
}

const regen_route_t regen_routes_desk_book[] = {
    {"POST", "/staff/holds", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_desk_hold},
    {"GET", "/staff/bookings/*/move", DESK, 0, 0, REGEN_STAFF_AREA, h_desk_move_page},
    {"POST", "/staff/bookings/*/move", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_desk_move},
    {"GET", "/staff/bookings/*/details", DESK, 0, 0, REGEN_STAFF_AREA, h_desk_details_page},
    {"POST", "/staff/bookings/*/details", DESK, 32 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_desk_details},
    {"POST", "/staff/bookings/*/place", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_desk_place},
    {"POST", "/staff/bookings/*/book", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_desk_book},
    {"POST", "/staff/bookings/*/link", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_desk_link},
    {"POST", "/staff/bookings/*/release", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_desk_release},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
