/* SPDX-License-Identifier: Apache-2.0 */
/* The held time: extend and release. */
#include "patient.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/booking.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"

/* Back to where the button was: every page of the flow carries the held time on top. */
static int back_to_step(regen_req_t *q)
{
    return regen_to_booking(q, "");
}

static int h_extend(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_outcome_t rc = regen_visit_load_held(&v, q, REGEN_FORM_PARTS);
    if (rc == RG_OK) {
        rc = rg_booking_extend(q->ctx, v.booking->id);
    }
    bool typing = rg_form_get(q->form, "family") != NULL;
    if (rc == RG_PRECONDITION && typing && v.booking && v.booking->status == RG_BOOKING_HELD) {
        /* It was extended in another window; what was typed in this one stays. */
        return regen_details_again(q, &v, rc);
    }
    if (rc != RG_OK) {
        return regen_visit_fail(q, &v, rc);
    }
    if (!typing) {
        return back_to_step(q);
    }
    /* Pressed while typing: nothing typed may be lost. */
    rc = regen_visit_load_held(&v, q, REGEN_FORM_PARTS);
    return rc == RG_OK ? regen_details_again(q, &v, rc) : regen_visit_fail(q, &v, rc);
}

/* Also for holds already released: a client that missed the answer can repeat the request. */
static int h_release(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_outcome_t rc = regen_visit_load(&v, q, 0);
    if (rc == RG_OK) {
        rc = rg_booking_give_back(q->ctx, v.booking->id, "given-back");
    }
    if (rc == RG_PRECONDITION && v.booking->status == RG_BOOKING_CANCELLED) {
        rc = RG_GONE;
    }
    if (rc != RG_OK) {
        return regen_visit_fail(q, &v, rc);
    }
    return regen_redirect(q, "/services/%s/times", v.service->code);
}

const regen_route_t regen_routes_patient_hold[] = {
    {"POST", "/booking/extend", RG_ROLE_PATIENT, 32 * KIB, REGEN_FORM, BOOKING, h_extend},
    {"POST", "/booking/release", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING, h_release},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
