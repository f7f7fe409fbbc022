/* SPDX-License-Identifier: Apache-2.0 */
/* Which of a visitor's bookings or waitlist entries a request is about. Pages name it in every form
 * and link, so that two tabs never mix; an address without a name works while there is only one. */
#include "mod_regen/web/patient/patient.h"
#include "platform.h"
#include "regen/clinic/patient.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/model/patient.h"
#include "regen/clinic/identity.h"

static const char *asked(const regen_req_t *q, const char *name)
{
    const char *uid =
        q->r->method_number == M_POST ? rg_form_get(q->form, name) : regen_param(q, name);
    return uid && uid[0] != '\0' ? uid : NULL;
}

/* Several and none named, or none at all: lead to the list. */
static int to_list(regen_req_t *q, rg_outcome_t rc)
{
    bool listed = rc == RG_CONFLICT || (rc == RG_UNAUTHENTICATED && q->r->method_number == M_GET);
    return listed ? regen_redirect(q, "/bookings") : regen_fail(q, rc);
}

static int which_place(regen_req_t *q)
{
    const rg_visitor_place_t *place;
    rg_outcome_t rc =
        rg_visitor_choose_place(&q->ctx->who, &place, q->ctx, q->own->mine, asked(q, "place"));
    if (rc != RG_OK) {
        return to_list(q, rc);
    }
    q->this_place = place->uid;
    return REGEN_NEXT;
}

static int which_booking(regen_req_t *q)
{
    const rg_visitor_booking_t *b;
    rg_outcome_t rc = regen_visitor_choose(&b, q, asked(q, "booking"));
    if (rc == RG_PRECONDITION) {
        return regen_redirect(q, "/booking/open?booking=%s", b->uid);
    }
    if (rc != RG_OK) {
        return to_list(q, rc);
    }
    q->this_booking = b->uid;
    q->several = b->others > 0;
    return REGEN_NEXT;
}

int regen_which_step(regen_req_t *q)
{
    if ((q->route->flags & REGEN_OF_BOOKING) != 0) {
        return which_booking(q);
    }
    return (q->route->flags & REGEN_OF_PLACE) != 0 ? which_place(q) : REGEN_NEXT;
}

/* --- for handlers ----------------------------------------------------------------------------- */

int regen_to_booking(regen_req_t *q, const char *step)
{
    return q->this_booking ? regen_redirect(q, "/booking%s?booking=%s", step, q->this_booking)
                           : regen_redirect(q, "/bookings");
}

int regen_to_place(regen_req_t *q)
{
    return q->this_place ? regen_redirect(q, "/waiting?place=%s", q->this_place)
                         : regen_redirect(q, "/bookings");
}

rg_outcome_t regen_visitor_choose(const rg_visitor_booking_t **out, regen_req_t *q, const char *uid)
{
    return rg_visitor_choose(&q->ctx->who, out, q->ctx, q->own->mine, uid);
}

const rg_visitor_list_t *regen_visitor_list(const regen_req_t *q)
{
    return q->own->mine;
}

bool regen_visitor_known(regen_req_t *q)
{
    return q->ctx->who.visitor_id > 0 ||
           (q->own->patient.session && rg_visitor_resolve(&q->ctx->who, &q->own->mine, q->ctx,
                                                          q->own->patient.session) == RG_OK);
}

void regen_visitor_begin(regen_req_t *q)
{
    if (!regen_visitor_known(q)) {
        q->own->session_new = rg_visitor_begin(&q->ctx->visitor_new, q->ctx);
    }
}

void regen_visitor_keep(regen_req_t *q)
{
    if (q->own->session_new) {
        regen_cookie_set(q, REGEN_PATIENT_AREA, q->own->session_new);
    }
}
