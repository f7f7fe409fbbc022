/* SPDX-License-Identifier: Apache-2.0 */
/* The waitlist for the front desk: list, add a patient, answer for them, remove. */
#include "mod_regen/web/patient/waitlist.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/waitlist.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <apr_strings.h>

/* --- the list --------------------------------------------------------------------------------- */

static bool read_places_wanted(rg_waitlist_in_t *in, const regen_req_t *q)
{
    const char *status = regen_param(q, "status");
    const char *page = regen_param(q, "page");
    int s = status ? rg_waiter_status_parse(status) : RG_WAITER_WAITING;
    int64_t number = 1;
    if (s < 0 || (page && !rg_text_i64(&number, page, 1, 1000000))) {
        return false;
    }
    *in = (rg_waitlist_in_t){.service_code = regen_param(q, "service"),
                             .status = (rg_waiter_status_t)s,
                             .page = (int)number};
    return true;
}

static int places_page(regen_req_t *q, const rg_waitlist_in_t *in)
{
    rg_waitlist_t *list;
    rg_outcome_t rc = rg_waitlist_page(&list, q->ctx, in);
    return rc == RG_OK
               ? regen_page(q, RG_OK, "staff/waitlist", rg_view_waitlist(q->ctx->pool, list))
               : regen_fail(q, rc);
}

/* Posted, so that the name is in no address and no log. */
static int h_waitlist_search(regen_req_t *q)
{
    const rg_waitlist_in_t in = {
        .status = RG_WAITER_WAITING, .page = 1, .name = regen_field(q, "name")};
    return places_page(q, &in);
}

static int h_waitlist(regen_req_t *q)
{
    rg_waitlist_in_t in;
    return read_places_wanted(&in, q) ? places_page(q, &in) : regen_fail(q, RG_NOT_FOUND);
}

/* --- somebody on the phone -------------------------------------------------------------------- */

static int staff_join_page(regen_req_t *q, rg_outcome_t outcome, rg_val_t *view)
{
    rg_val_bool(view, "at_waitlist", true);
    return regen_page(q, outcome, "staff/waitlist_join", view);
}

static int h_waitlist_form(regen_req_t *q)
{
    return regen_wait_form(q, RG_OK, q->args[0], false, staff_join_page);
}

/* Shown once, to be handed over; only its hash is stored. */
static int place_link_page(regen_req_t *q, const char *uid, const char *link, bool again)
{
    rg_waiter_t *w;
    rg_service_t *service;
    rg_site_t *site;
    rg_outcome_t rc = rg_waitlist_get(&w, q->ctx, uid);
    if (rc == RG_OK) {
        rc = rg_catalogue_by_id(&service, &site, q->ctx, w->service_id);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_page(q->ctx->pool, "On the waitlist", site);
    rg_val_str(view, "link", regen_address(q, "/w/%s", link));
    rg_val_bool(view, "at_waitlist", true);
    rg_val_bool(view, "again", again);
    rg_view_waiter(view, q->ctx->pool, w, service, site->zone);
    return regen_page(q, RG_OK, "staff/waitlist_link", view);
}

static int h_waitlist_join(regen_req_t *q)
{
    rg_join_in_t in = regen_wait_decode(q, q->args[0]);
    const char *uid;
    const char *link;
    rg_outcome_t rc = rg_waitlist_join(&uid, &link, q->ctx, &in);
    if (rc == RG_INVALID) {
        return regen_wait_form(q, rc, q->args[0], true, staff_join_page);
    }
    return rc == RG_OK ? place_link_page(q, uid, link, false) : regen_fail(q, rc);
}

static int h_waitlist_link(regen_req_t *q)
{
    rg_waiter_t *w;
    const char *link;
    rg_outcome_t rc = rg_waitlist_get(&w, q->ctx, q->args[0]);
    if (rc == RG_OK) {
        rc = rg_waitlist_link(&link, q->ctx, w->id);
    }
    return rc == RG_OK ? place_link_page(q, w->uid, link, true) : regen_fail(q, rc);
}

/* --- answering for them ----------------------------------------------------------------------- */

typedef rg_outcome_t (*answer_fn)(regen_req_t *q, int64_t waiter_id);

static rg_outcome_t decline(regen_req_t *q, int64_t waiter_id)
{
    return rg_waitlist_decline(q->ctx, waiter_id, regen_field(q, "offer"));
}

static rg_outcome_t take_off_list(regen_req_t *q, int64_t waiter_id)
{
    return rg_waitlist_leave(q->ctx, waiter_id);
}

static int answer(regen_req_t *q, answer_fn act)
{
    rg_waiter_t *w;
    rg_outcome_t rc = rg_waitlist_get(&w, q->ctx, q->args[0]);
    const char *back = rc == RG_OK ? rg_waiter_status_name(w->status) : "waiting";
    if (rc == RG_OK) {
        rc = act(q, w->id);
    }
    return rc == RG_OK ? regen_redirect(q, "/staff/waitlist?status=%s", back) : regen_fail(q, rc);
}

static int h_waitlist_decline(regen_req_t *q)
{
    return answer(q, decline);
}

static int h_waitlist_remove(regen_req_t *q)
{
    return answer(q, take_off_list);
}

/* Accepted on the phone: the front desk continues with the details, as for any time it holds. */
static int h_waitlist_accept(regen_req_t *q)
{
    rg_waiter_t *w;
    int64_t booking_id;
    rg_outcome_t rc = rg_waitlist_get(&w, q->ctx, q->args[0]);
    if (rc == RG_OK) {
        rc = rg_waitlist_accept(&booking_id, q->ctx, w->id, regen_field(q, "offer"));
    }
    return rc == RG_OK ? regen_redirect(q, "/staff/bookings/%s/details", w->offer_booking_uid)
                       : regen_fail(q, rc);
}

const regen_route_t regen_routes_staff_waitlist[] = {
    {"GET", "/staff/waitlist", DESK, 0, 0, REGEN_STAFF_AREA, h_waitlist},
    {"POST", "/staff/waitlist", DESK, 4 * KIB, REGEN_FORM,
     FINDS_PEOPLE | REGEN_STAFF_AREA | REGEN_NO_IDEM, h_waitlist_search},
    {"GET", "/staff/services/*/wait", DESK, 0, 0, REGEN_STAFF_AREA, h_waitlist_form},
    {"POST", "/staff/services/*/wait", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_waitlist_join},
    {"POST", "/staff/waitlist/*/accept", DESK, 4 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_NO_IDEM, h_waitlist_accept},
    {"POST", "/staff/waitlist/*/decline", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_waitlist_decline},
    {"POST", "/staff/waitlist/*/link", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_waitlist_link},
    {"POST", "/staff/waitlist/*/remove", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_waitlist_remove},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
