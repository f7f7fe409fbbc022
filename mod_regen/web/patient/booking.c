/* SPDX-License-Identifier: Apache-2.0 */
/* Check and book, and the booked page that the private link opens later: the day, the calendar
 * entry, cancelling. */
#include "mod_regen/web/staff/messages.h"
#include "patient.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/fees.h"
#include "regen/clinic/patient.h"
#include "regen/clinic/questionnaire.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/render/ical.h"
#include "regen/render/view.h"
#include "regen/render/view_fees.h"
#include "regen/render/view_patient.h"
#include "regen/render/view_questionnaire.h"
#include "regen/clinic/schedule.h"

#include <string.h>

#include <apr_strings.h>

/* --- check and book --------------------------------------------------------------------------- */

/* What these pages show of it. */
enum { PARTS = RG_CASE_PEOPLE | RG_CASE_FORMS };

static rg_outcome_t load_all(regen_visit_t *a, regen_req_t *q)
{
    return regen_visit_load_held(a, q, PARTS | RG_CASE_BRIEF);
}

/* What is still to be done before CHECK, or NULL. Forms are signed any time before the visit. */
static const char *open_step(const regen_visit_t *a)
{
    return a->details->patient ? NULL : "/details";
}

/* What it costs, line by line. */
static rg_outcome_t put_quote(rg_val_t *view, regen_req_t *q, const rg_booking_t *b)
{
    rg_quote_t quote;
    rg_outcome_t rc = rg_quote_get(&quote, q->ctx, b);
    if (rc != RG_OK) {
        return rc;
    }
    rg_view_quote(view, q->ctx->pool, &quote);
    return RG_OK;
}

static int check_page(regen_req_t *q, const regen_visit_t *a, rg_outcome_t outcome)
{
    apr_pool_t *p = q->ctx->pool;
    rg_val_t *view = regen_visit_view(q, a, "Check and book", a->service->name);
    rg_val_set(view, "patient", rg_view_patient(p, a->details->patient));
    if (a->details->coverage) {
        rg_val_set(view, "coverage", rg_view_coverage(p, a->details->coverage));
    }
    rg_view_consents(view, p, a->consents->forms, a->consents->count, a->site->zone);
    rg_outcome_t rc = put_quote(view, q, a->booking);
    return rc == RG_OK ? regen_page(q, outcome, "patient/check.html", view) : regen_fail(q, rc);
}

static int h_check_page(regen_req_t *q)
{
    regen_visit_t a = {0};
    rg_outcome_t rc = load_all(&a, q);
    if (rc != RG_OK) {
        return regen_visit_fail(q, &a, rc);
    }
    const char *step = open_step(&a);
    return step ? regen_to_booking(q, step) : check_page(q, &a, RG_OK);
}

/* Why it cannot be booked: something is missing, the hold expired, or it is already booked. */
static int not_booked(regen_req_t *q, rg_outcome_t outcome)
{
    regen_visit_t a = {0};
    rg_outcome_t rc = load_all(&a, q);
    if (rc != RG_OK || (outcome != RG_PRECONDITION && outcome != RG_CONFLICT)) {
        return regen_visit_fail(q, &a, rc != RG_OK ? rc : outcome);
    }
    const char *step = open_step(&a);
    return step ? regen_to_booking(q, step) : check_page(q, &a, outcome);
}

static int h_check(regen_req_t *q)
{
    const char *link;
    rg_outcome_t rc =
        rg_booking_confirm_version(&link, q->ctx, q->ctx->who.booking_id, regen_version(q));
    if (rc != RG_OK) {
        return not_booked(q, rc);
    }
    regen_flash_set(q, link);
    return regen_to_booking(q, "");
}

/* --- booked ----------------------------------------------------------------------------------- */

/* Visits of a course that can still get another time. */
static rg_outcome_t put_changes(rg_val_t *view, regen_req_t *q, const regen_visit_t *v)
{
    rg_visit_move_t *visits;
    int count = 0;
    rg_outcome_t rc = v->booking->appointment_count > 1
                          ? rg_booking_visits(&visits, &count, q->ctx, v->booking->id)
                          : RG_OK;
    rg_val_t *list = rg_val_set_list(view, "changes");
    for (int i = 0; i < count; i++) {
        rg_val_t *item = rg_val_add(list);
        rg_val_int(item, "no", visits[i].visit_no);
        rg_view_time(item, "at", q->ctx->pool, v->site->zone, visits[i].starts_at);
        rg_view_time(item, "until", q->ctx->pool, v->site->zone, visits[i].until);
    }
    rg_val_bool(view, "any_changes", count > 0);
    return rc;
}

/* Of several visits the one that moved, and where to. */
static void put_moved_visit(rg_val_t *view, regen_req_t *q, const regen_visit_t *v)
{
    const char *visit = regen_param(q, "visit");
    int64_t no = 0;
    if (!visit || !rg_text_i64(&no, visit, 1, RG_STEPS_MAX)) {
        return;
    }
    for (int i = 0; i < v->booking->appointment_count; i++) {
        const rg_appointment_t *a = &v->booking->appointments[i];
        if (a->visit_no == no) {
            rg_val_t *item = rg_val_object(q->ctx->pool);
            rg_val_int(item, "no", no);
            rg_view_time(item, "starts", q->ctx->pool, v->site->zone, a->starts_at);
            rg_val_set(view, "moved_visit", item);
        }
    }
}

/* What is asked before the visit. */
static rg_outcome_t put_asked_questions(rg_val_t *view, regen_req_t *q, const regen_visit_t *v)
{
    rg_quest_asked_t *list = NULL;
    int count = 0;
    rg_outcome_t rc = rg_quest_mine(&list, &count, q->ctx, v->booking->id);
    rg_view_quest_list(view, q->ctx->pool, list, count, v->site->zone);
    return rc;
}

static int booked_page(regen_req_t *q, const regen_visit_t *v, rg_outcome_t outcome)
{
    apr_pool_t *p = q->ctx->pool;
    const rg_consents_t *consents = v->consents;
    const rg_details_t *details = v->details;
    const char *link = regen_flash_get(q);
    rg_val_t *view = regen_visit_view(q, v, "Your booking", v->service->name);
    rg_val_bool(view, "at_booking", true);
    rg_val_str(view, "preparation", *v->service->preparation ? v->service->preparation : NULL);
    rg_view_consents(view, p, consents->forms, consents->count, v->site->zone);
    if (details->coverage) {
        rg_val_set(view, "coverage", rg_view_coverage(p, details->coverage));
    }
    rg_val_str(view, "told_at",
               details->patient && *details->patient->email ? details->patient->email : NULL);
    /* It may be of another one in this browser. */
    if (link && v->booking->status == RG_BOOKING_BOOKED &&
        rg_booking_link_is(q->ctx, v->booking, link)) {
        rg_val_str(view, "link", regen_address(q, "/b/%s", link));
    }
    rg_val_bool(view, "was_moved", regen_param(q, "moved") != NULL);
    put_moved_visit(view, q, v);
    rg_outcome_t rc = put_changes(view, q, v);
    rc = rc == RG_OK ? put_asked_questions(view, q, v) : rc;
    rc = rc == RG_OK ? regen_messages_put(view, q, v->booking->id) : rc;
    if (rc == RG_OK) {
        rc = regen_recalls_put(view, q, v->booking);
    }
    rg_view_place_missing(view, p, v->booking, v->service, false, q->form);
    rc = rc == RG_OK ? put_quote(view, q, v->booking) : rc;
    return rc == RG_OK ? regen_page(q, outcome, "patient/booking.html", view) : regen_fail(q, rc);
}

/* A program booked without saying what is treated. */
static int h_place(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_details_in_t in = {.body_site = regen_field(q, "body_site"), .side = regen_field(q, "side")};
    rg_outcome_t rc = rg_place_save(q->ctx, q->ctx->who.booking_id, &in);
    if (rc == RG_OK) {
        return regen_to_booking(q, "");
    }
    bool shown = rc == RG_INVALID && regen_visit_load(&v, q, PARTS) == RG_OK;
    return shown ? booked_page(q, &v, rc) : regen_fail(q, rc);
}

/* A held time continues with the next open step. */
static int next_step(regen_req_t *q, const regen_visit_t *v)
{
    const char *step = open_step(v);
    return regen_to_booking(q, step ? step : "/check");
}

static int h_booking(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_outcome_t rc = regen_visit_load(&v, q, PARTS);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    switch (v.booking->status) {
    case RG_BOOKING_HELD: return next_step(q, &v);
    case RG_BOOKING_EXPIRED: return regen_visit_fail(q, &v, RG_GONE);
    case RG_BOOKING_CANCELLED:
        /* Released before it was booked: there is nothing to show. */
        return v.booking->booked_at == 0 ? regen_visit_fail(q, &v, RG_GONE)
                                         : booked_page(q, &v, RG_OK);
    default: return booked_page(q, &v, RG_OK);
    }
}

static int h_calendar(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_outcome_t rc = regen_visit_load(&v, q, 0);
    bool shown = rc == RG_OK && v.booking->booked_at != 0;
    if (rc != RG_OK || !shown) {
        return regen_visit_fail(q, &v, rc == RG_OK ? RG_NOT_FOUND : rc);
    }
    rg_ical_ahead_t ahead = {.last = rg_deadlines(v.booking, v.service, q->ctx->now)};
    ahead.preparing = rg_preparing(&ahead.preparing_count, q->ctx->pool, v.service, v.site->zone,
                                   v.booking->starts_at, q->ctx->now);
    const char *text = rg_ical_booking(q->ctx->pool, v.booking, v.site, NULL, &ahead, q->ctx->now,
                                       v.booking->status == RG_BOOKING_CANCELLED);
    if (!text) {
        return regen_fail(q, RG_INTERNAL);
    }
    return regen_bytes(q, "text/calendar; charset=utf-8", "appointment.ics", text, strlen(text));
}

/* --- cancelling ------------------------------------------------------------------------------- */

static int cancel_page(regen_req_t *q, const regen_visit_t *v, rg_outcome_t outcome)
{
    rg_val_t *view = regen_visit_view(q, v, "Cancel your booking", v->service->name);
    apr_time_t last = rg_cancel_last(v->booking, v->service);
    rg_view_time(view, "cancel_was", q->ctx->pool, v->site->zone, last);
    rg_val_bool(view, "cancel_moved", last == v->booking->cancel_before);
    return regen_page(q, outcome, "patient/cancel.html", view);
}

static int h_cancel_page(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_outcome_t rc = regen_visit_load(&v, q, 0);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return v.booking->status == RG_BOOKING_BOOKED ? cancel_page(q, &v, RG_OK)
                                                  : regen_to_booking(q, "");
}

static int h_cancel(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_outcome_t rc = regen_visit_load(&v, q, 0);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    if (v.booking->status != RG_BOOKING_BOOKED) {
        return regen_to_booking(q, "");
    }
    rc = rg_booking_cancel_version(q->ctx, v.booking->id, regen_version(q), "patient");
    if (rc == RG_OK) {
        return regen_to_booking(q, "");
    }
    if (rc == RG_CONFLICT && regen_visit_load(&v, q, 0) == RG_OK) {
        return cancel_page(q, &v, rc); /* of what it is now */
    }
    return rc == RG_PRECONDITION ? cancel_page(q, &v, rc) : regen_visit_fail(q, &v, rc);
}

const regen_route_t regen_routes_patient_booking[] = {
    {"GET", "/booking", RG_ROLE_PATIENT, 0, 0, BOOKING, h_booking},
    {"GET", "/booking/check", RG_ROLE_PATIENT, 0, 0, BOOKING, h_check_page},
    {"POST", "/booking/check", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING, h_check},
    {"GET", "/booking/calendar.ics", RG_ROLE_PATIENT, 0, 0, BOOKING, h_calendar},
    {"POST", "/booking/place", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING, h_place},
    {"GET", "/booking/cancel", RG_ROLE_PATIENT, 0, 0, BOOKING, h_cancel_page},
    {"POST", "/booking/cancel", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING, h_cancel},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
