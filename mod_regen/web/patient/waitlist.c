/* SPDX-License-Identifier: Apache-2.0 */
/* The waitlist for patients: join, return with the private link, accept or decline the offered
 * time, leave. */
#include "mod_regen/web/staff/messages.h"
#include "patient.h"
#include "waitlist.h"
#include "mod_regen/web/patient/order.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/order.h"
#include "regen/clinic/patient.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/waitlist.h"
#include "regen/render/view.h"
#include "regen/render/view_order.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

/* --- the form --------------------------------------------------------------------------------- */

/* Bits of the boxes called NAME that were ticked; values count from LOW. */
static unsigned boxes(const regen_req_t *q, const char *name, int low, int high)
{
    const apr_array_header_t *pairs = q->form->pairs;
    unsigned bits = 0;
    for (int i = 0; i < pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(pairs, i, rg_pair_t);
        int64_t value;
        if (strcmp(pair->name, name) == 0 && rg_text_i64(&value, pair->value, low, high)) {
            bits |= 1u << (value - low);
        }
    }
    return bits;
}

rg_join_in_t regen_wait_decode(const regen_req_t *q, const char *service_code)
{
    return (rg_join_in_t){.service_code = service_code,
                          .given = regen_field(q, "given"),
                          .family = regen_field(q, "family"),
                          .email = regen_field(q, "email"),
                          .phone = regen_field(q, "phone"),
                          .order = regen_field(q, "order"),
                          .practitioner = regen_field(q, "practitioner"),
                          .first_day = regen_field(q, "first_day"),
                          .last_day = regen_field(q, "last_day"),
                          .days = boxes(q, "day", 1, 7),
                          .parts = boxes(q, "part", 0, RG_DAY_PARTS - 1)};
}

/* Of a patient's browser, or as staff name it. */
static bool put_order(rg_val_t *view, regen_req_t *q, const rg_service_t *service,
                      const rg_site_t *site)
{
    bool staff = (q->ctx->who.roles & RG_ROLE_STAFF) != 0;
    const char *uid =
        q->r->method_number == M_POST ? regen_field(q, "order") : regen_param(q, "order");
    const rg_order_t *o = NULL;
    rg_order_look_t *look = NULL;
    if (!staff) {
        o = regen_order_wished(q, service);
    }
    else if (uid && *uid && rg_order_look(&look, q->ctx, uid) == RG_OK) {
        o = look->order->service_id == service->id ? look->order : NULL;
    }
    if (o) {
        rg_val_t *on = rg_val_object(q->ctx->pool);
        rg_view_order(on, q->ctx->pool, o, site->zone, q->ctx->now);
        rg_val_set(view, "on", on);
    }
    return o != NULL;
}

/* Staff choose one in the list of orders. */
static int waits_for_none(regen_req_t *q, rg_outcome_t outcome, const rg_service_t *service,
                          const rg_site_t *site)
{
    if ((q->ctx->who.roles & RG_ROLE_STAFF) == 0) {
        return regen_order_needed(q, outcome, service, site);
    }
    return outcome == RG_OK ? regen_redirect(q, "/staff/orders") : regen_fail(q, outcome);
}

int regen_wait_form(regen_req_t *q, rg_outcome_t outcome, const char *service_code, bool typed,
                    int (*page)(regen_req_t *q, rg_outcome_t outcome, rg_val_t *view))
{
    rg_service_t *service;
    rg_site_t *site;
    const rg_resource_t **who;
    int count;
    rg_outcome_t rc = rg_catalogue_service(&service, &site, q->ctx, service_code);
    if (rc == RG_OK) {
        rc = rg_waitlist_practitioners(&who, &count, q->ctx, service_code);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_page(q->ctx->pool, "Join the waitlist", site);
    rg_val_str(view, "step", service->name);
    if (rg_service_needs_order(service) && !put_order(view, q, service, site)) {
        return waits_for_none(q, outcome, service, site);
    }
    rg_view_wait_form(view, q->ctx->pool, service, who, count,
                      rg_zone_local(site->zone, q->ctx->now).date, typed ? q->form : NULL);
    return page(q, outcome, view);
}

static int patient_join_page(regen_req_t *q, rg_outcome_t outcome, rg_val_t *view)
{
    return regen_page(q, outcome, "patient/waitlist_join.html", view);
}

static int h_wait_form(regen_req_t *q)
{
    return regen_wait_form(q, RG_OK, q->args[0], false, patient_join_page);
}

static int come_in(regen_req_t *q, int64_t waiter_id, const char *link)
{
    regen_visitor_begin(q);
    rg_outcome_t rc = rg_visitor_admit_place(&q->ctx->who, &q->this_place, q->ctx, waiter_id);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    regen_visitor_keep(q);
    if (link) {
        regen_flash_set(q, link);
    }
    return regen_to_place(q);
}

static int h_wait_join(regen_req_t *q)
{
    rg_join_in_t in = regen_wait_decode(q, q->args[0]);
    const char *uid;
    const char *link;
    int64_t id;
    if (*in.order != '\0') {
        (void)regen_visitor_known(q); /* whose order it is */
    }
    rg_outcome_t rc = rg_waitlist_join(&uid, &link, q->ctx, &in);
    if (rc == RG_INVALID || rc == RG_TOO_MANY || rg_problem_for(q->ctx->problems, "order")) {
        return regen_wait_form(q, rc, q->args[0], true, patient_join_page);
    }
    if (rc == RG_OK) {
        rc = rg_waitlist_by_link(&id, q->ctx, link);
    }
    return rc == RG_OK ? come_in(q, id, link) : regen_fail(q, rc);
}

static int h_wait_link(regen_req_t *q)
{
    int64_t id;
    rg_outcome_t rc = rg_waitlist_by_link(&id, q->ctx, q->args[0]);
    if (rc == RG_NOT_FOUND) {
        return regen_bad_link(q);
    }
    return rc == RG_OK ? come_in(q, id, NULL) : regen_fail(q, rc);
}

/* --- one's own place -------------------------------------------------------------------------- */

static int place_page(regen_req_t *q, rg_outcome_t outcome)
{
    rg_waiter_t *w;
    rg_service_t *service;
    rg_site_t *site;
    const char *link = regen_flash_get(q);
    const char *did = regen_param(q, "did");
    int64_t whose;
    rg_outcome_t rc = rg_waitlist_mine(&w, q->ctx);
    if (rc == RG_OK) {
        rc = rg_catalogue_by_id(&service, &site, q->ctx, w->service_id);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_page(q->ctx->pool, "Your waitlist entry", site);
    rg_val_str(view, "step", service->name);
    rg_val_bool(view, "has_place", true);
    rg_view_waiter(view, q->ctx->pool, w, service, site->zone);
    /* It may be of another one in this browser. */
    if (link && rg_waitlist_by_link(&whose, q->ctx, link) == RG_OK && whose == w->id) {
        rg_val_str(view, "link", regen_address(q, "/w/%s", link));
    }
    rg_val_bool(view, "declined", did && strcmp(did, "decline") == 0);
    rc = regen_messages_put_place(view, q);
    return rc == RG_OK ? regen_page(q, outcome, "patient/waitlist.html", view) : regen_fail(q, rc);
}

static int h_waiting(regen_req_t *q)
{
    return place_page(q, RG_OK);
}

static int h_wait_accept(regen_req_t *q)
{
    int64_t booking_id;
    rg_outcome_t rc =
        rg_waitlist_accept(&booking_id, q->ctx, q->ctx->who.waiter_id, regen_field(q, "offer"));
    if (rc == RG_GONE) {
        return place_page(q, rc);
    }
    if (rc == RG_OK) {
        rc = rg_visitor_admit(&q->ctx->who, &q->this_booking, q->ctx, booking_id);
    }
    return rc == RG_OK ? regen_to_booking(q, "") : regen_fail(q, rc);
}

/* Failures are shown on the entry's own page. */
static int answered_offer(regen_req_t *q, rg_outcome_t rc, const char *what)
{
    if (rc == RG_OK) {
        return regen_redirect(q, "/waiting?place=%s&did=%s", q->this_place, what);
    }
    return rc == RG_GONE || rc == RG_PRECONDITION ? place_page(q, rc) : regen_fail(q, rc);
}

static int h_wait_decline(regen_req_t *q)
{
    return answered_offer(
        q, rg_waitlist_decline(q->ctx, q->ctx->who.waiter_id, regen_field(q, "offer")), "decline");
}

static int h_wait_leave(regen_req_t *q)
{
    return answered_offer(q, rg_waitlist_leave(q->ctx, q->ctx->who.waiter_id), "leave");
}

const regen_route_t regen_routes_patient_waitlist[] = {
    {"GET", "/services/*/wait", 0, 0, 0, 0, h_wait_form},
    {"POST", "/services/*/wait", 0, 8 * KIB, REGEN_FORM,
     REGEN_PERSONAL | REGEN_LIMITED(REGEN_LIMIT_JOIN), h_wait_join},
    {"GET", "/w/*", 0, 0, 0, REGEN_PERSONAL | REGEN_SECRET_PATH | REGEN_LIMITED(REGEN_LIMIT_LINK),
     h_wait_link},
    {"GET", "/waiting", RG_ROLE_PATIENT, 0, 0, PLACE, h_waiting},
    {"POST", "/waiting/accept", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, PLACE | REGEN_NO_IDEM,
     h_wait_accept},
    {"POST", "/waiting/decline", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, PLACE, h_wait_decline},
    {"POST", "/waiting/leave", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, PLACE, h_wait_leave},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
