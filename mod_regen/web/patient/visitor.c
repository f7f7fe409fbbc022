/* SPDX-License-Identifier: Apache-2.0 */
/* A visitor's browser: the list of what it may open, opening a private link, leaving. */
#include "patient.h"
#include "mod_regen/web/platform/platform.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/order.h"
#include "regen/clinic/patient.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/render/view.h"

#include <string.h>

/* --- your bookings ---------------------------------------------------------------------------- */

static void put_visitor_booking(rg_val_t *item, regen_req_t *q, const rg_visitor_booking_t *b)
{
    apr_pool_t *p = q->ctx->pool;
    bool held = b->status == RG_BOOKING_HELD;
    rg_val_str(item, "uid", b->uid);
    rg_val_str(item, "service", b->service_name);
    rg_view_time(item, "starts", p, b->zone, b->starts_at);
    rg_val_bool(item, "held", held);
    rg_val_bool(item, "cancelled", b->status == RG_BOOKING_CANCELLED);
    rg_val_bool(item, "locked", !b->opened);
    if (held) {
        rg_view_time(item, "until", p, b->zone, b->hold_expires_at);
    }
}

/* What was held and never booked is nothing to come back to. */
static bool is_shown(const rg_visitor_booking_t *b)
{
    return rg_visitor_live(b) || b->was_booked;
}

static void put_list(rg_val_t *view, regen_req_t *q, const rg_visitor_list_t *l)
{
    rg_val_t *bookings = rg_val_set_list(view, "bookings");
    rg_val_t *places = rg_val_set_list(view, "places");
    for (int i = 0; i < l->booking_count; i++) {
        if (is_shown(&l->bookings[i])) {
            put_visitor_booking(rg_val_add(bookings), q, &l->bookings[i]);
        }
    }
    for (int i = 0; i < l->place_count; i++) {
        rg_val_t *item = rg_val_add(places);
        rg_val_str(item, "uid", l->places[i].uid);
        rg_val_str(item, "service", l->places[i].service_name);
        rg_val_bool(item, "open", l->places[i].open);
    }
    rg_val_bool(view, "has_bookings", rg_val_count(bookings) > 0);
    rg_val_bool(view, "has_places", l->place_count > 0);
}

static rg_outcome_t clinic_page(rg_val_t **view, regen_req_t *q, const char *title)
{
    rg_catalogue_t *all;
    rg_outcome_t rc = rg_catalogue_list(&all, q->ctx);
    *view = rc == RG_OK ? rg_view_page(q->ctx->pool, title, all->site) : NULL;
    return rc;
}

/* A single booking needs no list. */
static int to_only(regen_req_t *q, const rg_visitor_list_t *l)
{
    if (l->booking_count == 0 && l->place_count == 0) {
        return regen_fail(q, RG_UNAUTHENTICATED);
    }
    if (l->place_count == 0 || l->booking_count > 0) {
        q->this_booking = l->bookings[0].uid;
        return regen_to_booking(q, "");
    }
    q->this_place = l->places[0].uid;
    return regen_to_place(q);
}

static int h_bookings(regen_req_t *q)
{
    const rg_visitor_list_t *l = regen_visitor_list(q);
    rg_val_t *view;
    rg_outcome_t rc = l ? clinic_page(&view, q, "Your bookings") : RG_UNAUTHENTICATED;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    if (l->booking_count + l->place_count < 2) {
        return to_only(q, l);
    }
    rg_val_bool(view, "has_session", true);
    put_list(view, q, l);
    return regen_page(q, RG_OK, "patient/bookings.html", view);
}

static int h_back(regen_req_t *q)
{
    if (q->this_place) {
        return regen_to_place(q);
    }
    return q->this_booking || regen_visitor_known(q) ? regen_to_booking(q, "")
                                                     : regen_redirect(q, "/");
}

/* --- by the private link ---------------------------------------------------------------------- */

/* A forged link is answered like an unknown page, in words for somebody who mistyped it. */
int regen_bad_link(regen_req_t *q)
{
    rg_val_t *view;
    rg_outcome_t rc = clinic_page(&view, q, "This link does not work");
    return rc == RG_OK ? regen_page(q, RG_NOT_FOUND, "patient/link.html", view) : regen_fail(q, rc);
}

static int h_link(regen_req_t *q)
{
    int64_t booking_id;
    rg_outcome_t rc = rg_booking_by_link(&booking_id, q->ctx, q->args[0]);
    if (rc == RG_NOT_FOUND) {
        return regen_bad_link(q);
    }
    if (rc == RG_OK) {
        regen_visitor_begin(q);
        rc = rg_visitor_admit(&q->ctx->who, &q->this_booking, q->ctx, booking_id);
    }
    if (rc == RG_OK) {
        regen_visitor_keep(q);
    }
    return rc == RG_OK ? regen_to_booking(q, "") : regen_fail(q, rc);
}

/* The date of birth, which a browser that does not know the booking has to give. */
static const char *named(const regen_req_t *q)
{
    const char *uid = regen_field(q, "booking");
    return *uid ? uid : NULL;
}

static int open_page(regen_req_t *q, const char *uid, rg_outcome_t outcome)
{
    rg_val_t *view;
    rg_outcome_t rc = clinic_page(&view, q, "Your date of birth");
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    q->this_booking = uid;
    rg_val_bool(view, "dead", outcome == RG_GONE);
    rg_view_day_fields(view, "born", q->ctx->pool, regen_details_typed(q), "birth_",
                       q->ctx->problems);
    rg_val_bool(view, "has_session", true);
    return regen_page(q, outcome, "patient/open.html", view);
}

static int h_open_page(regen_req_t *q)
{
    const rg_visitor_booking_t *b;
    rg_outcome_t rc = regen_visitor_choose(&b, q, regen_param(q, "booking"));
    if (rc == RG_PRECONDITION) {
        return open_page(q, b->uid, RG_OK);
    }
    q->this_booking = rc == RG_OK ? b->uid : NULL;
    return rc == RG_OK || rc == RG_CONFLICT ? regen_to_booking(q, "") : regen_fail(q, rc);
}

static int h_open(regen_req_t *q)
{
    rg_day_typed_t born = regen_day_typed(q, "birth_");
    rg_outcome_t rc = rg_visitor_open(&q->ctx->who, q->ctx, regen_visitor_list(q), named(q),
                                      regen_field(q, "birth_date"), &born);
    if (rc == RG_INVALID || rc == RG_GONE) {
        return open_page(q, named(q), rc);
    }
    q->this_booking = named(q);
    return rc == RG_OK ? regen_to_booking(q, "") : regen_fail(q, rc);
}

/* --- by the number that was told on the phone ------------------------------------------------- */

static int number_page(regen_req_t *q, rg_outcome_t outcome)
{
    rg_val_t *view;
    rg_outcome_t rc = clinic_page(&view, q, "Open a booking");
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_str(view, "number", regen_field(q, "number"));
    rg_view_day_fields(view, "born", q->ctx->pool, regen_details_typed(q), "birth_",
                       q->ctx->problems);
    return regen_page(q, outcome, "patient/number.html", view);
}

static int h_number_page(regen_req_t *q)
{
    return number_page(q, RG_OK);
}

static int h_number(regen_req_t *q)
{
    rg_day_typed_t born = regen_day_typed(q, "birth_");
    const char *order = NULL;
    regen_visitor_begin(q);
    rg_outcome_t rc = rg_order_open(&q->ctx->who, &order, q->ctx, regen_field(q, "number"),
                                    regen_field(q, "birth_date"), &born);
    if (rc == RG_OK) {
        regen_visitor_keep(q);
        return regen_redirect(q, "/order?order=%s", order);
    }
    if (rc != RG_NOT_FOUND) {
        return rc == RG_INVALID ? number_page(q, rc) : regen_fail(q, rc);
    }
    rc = rg_visitor_open_number(&q->ctx->who, &q->this_booking, q->ctx, regen_field(q, "number"),
                                regen_field(q, "birth_date"), &born);
    if (rc == RG_INVALID) {
        return number_page(q, rc);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    regen_visitor_keep(q);
    return regen_to_booking(q, "");
}

/* --- leaving ---------------------------------------------------------------------------------- */

static bool is_ours(const char *name)
{
    return strcmp(name, "csrf") == 0 || strcmp(name, "idem") == 0 || strcmp(name, "booking") == 0 ||
           strcmp(name, "place") == 0;
}

static int put_held_bookings(rg_val_t *view, regen_req_t *q, const rg_visitor_list_t *l)
{
    rg_val_t *held = rg_val_set_list(view, "held");
    for (int i = 0; i < l->booking_count; i++) {
        const rg_visitor_booking_t *b = &l->bookings[i];
        if (b->opened && b->status == RG_BOOKING_HELD) {
            put_visitor_booking(rg_val_add(held), q, b);
        }
    }
    return rg_val_count(held);
}

/* The input of the page is sent along, in case the visitor stays. */
static void put_typed_fields(rg_val_t *view, regen_req_t *q)
{
    rg_val_t *fields = rg_val_set_list(view, "fields");
    for (int i = 0; i < q->form->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(q->form->pairs, i, rg_pair_t);
        if (!is_ours(pair->name)) {
            rg_val_t *f = rg_val_add(fields);
            rg_val_str(f, "name", pair->name);
            rg_val_str(f, "value", pair->value);
        }
    }
    rg_val_bool(view, "typed", rg_form_get(q->form, "family") != NULL);
}

static int leave_page(regen_req_t *q, const rg_visitor_list_t *l)
{
    rg_val_t *view;
    rg_outcome_t rc = clinic_page(&view, q, "Leave?");
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_bool(view, "any_held", put_held_bookings(view, q, l) > 0);
    put_typed_fields(view, q);
    q->this_booking = named(q);
    return regen_page(q, RG_OK, "patient/leave.html", view);
}

static int stay(regen_req_t *q)
{
    const rg_visitor_booking_t *b;
    regen_visit_t v = {0};
    rg_outcome_t rc = regen_visitor_choose(&b, q, named(q));
    if (rc != RG_OK) {
        return regen_redirect(q, "/bookings");
    }
    q->this_booking = b->uid;
    if (!rg_form_get(q->form, "family") ||
        regen_visit_load_held(&v, q, REGEN_FORM_PARTS) != RG_OK) {
        return regen_to_booking(q, "");
    }
    return regen_details_again(q, &v, RG_OK);
}

static bool holds_any(const rg_visitor_list_t *l)
{
    for (int i = 0; i < l->booking_count; i++) {
        if (l->bookings[i].opened && l->bookings[i].status == RG_BOOKING_HELD) {
            return true;
        }
    }
    return false;
}

static int leave_now(regen_req_t *q)
{
    int given_back;
    rg_outcome_t rc = rg_visitor_leave(&given_back, q->ctx);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    regen_cookie_set(q, REGEN_PATIENT_AREA, NULL);
    regen_flash_set(q, NULL);
    return regen_redirect(q, given_back > 0 ? "/?left=held" : "/?left=1");
}

static int h_leave_page(regen_req_t *q)
{
    const rg_visitor_list_t *l = regen_visitor_list(q);
    return l ? leave_page(q, l) : regen_fail(q, RG_UNAUTHENTICATED);
}

/* Without a session there is nothing to end: pressed twice, or after its time. */
static int h_leave(regen_req_t *q)
{
    if (!regen_visitor_known(q)) {
        return leave_now(q);
    }
    const rg_visitor_list_t *l = regen_visitor_list(q);
    if (rg_form_get(q->form, "stay")) {
        return stay(q);
    }
    return holds_any(l) && strcmp(regen_field(q, "sure"), "yes") != 0 ? leave_page(q, l)
                                                                      : leave_now(q);
}

const regen_route_t regen_routes_patient_visitor[] = {
    {"GET", "/b/*", 0, 0, 0, REGEN_PERSONAL | REGEN_SECRET_PATH | REGEN_LIMITED(REGEN_LIMIT_LINK),
     h_link},
    /* Deeds in the address bar, or reloaded: to where the person is. */
    {"GET", "/booking/place", RG_ROLE_PATIENT, 0, 0, BOOKING, h_back},
    {"GET", "/booking/extend", RG_ROLE_PATIENT, 0, 0, BOOKING, h_back},
    {"GET", "/booking/release", RG_ROLE_PATIENT, 0, 0, BOOKING, h_back},
    {"GET", "/booking/recalls/stop", RG_ROLE_PATIENT, 0, 0, BOOKING, h_back},
    {"GET", "/booking/recalls/start", RG_ROLE_PATIENT, 0, 0, BOOKING, h_back},
    {"GET", "/waiting/accept", RG_ROLE_PATIENT, 0, 0, PLACE, h_back},
    {"GET", "/waiting/decline", RG_ROLE_PATIENT, 0, 0, PLACE, h_back},
    {"GET", "/waiting/leave", RG_ROLE_PATIENT, 0, 0, PLACE, h_back},
    {"GET", "/holds", 0, 0, 0, REGEN_PERSONAL, h_back},
    {"GET", "/bookings", RG_ROLE_PATIENT, 0, 0, REGEN_PATIENT_AREA, h_bookings},
    {"GET", "/booking/leave", RG_ROLE_PATIENT, 0, 0, REGEN_PATIENT_AREA, h_leave_page},
    {"POST", "/booking/leave", 0, 32 * KIB, REGEN_FORM, REGEN_PERSONAL | REGEN_NO_IDEM, h_leave},
    {"GET", "/open", 0, 0, 0, 0, h_number_page},
    {"POST", "/open", 0, 4 * KIB, REGEN_FORM,
     REGEN_PERSONAL | REGEN_NO_IDEM | REGEN_LIMITED(REGEN_LIMIT_LINK), h_number},
    {"GET", "/booking/open", RG_ROLE_PATIENT, 0, 0, REGEN_PATIENT_AREA, h_open_page},
    {"POST", "/booking/open", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM,
     REGEN_PATIENT_AREA | REGEN_NO_IDEM | REGEN_LIMITED(REGEN_LIMIT_LINK), h_open},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
