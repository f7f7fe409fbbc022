/* SPDX-License-Identifier: Apache-2.0 */
/* Around the held time and the session: more time, giving it back, leaving, coming in by the
 * private link. */
#include "patient.h"

/* Back to where the button was: every page of the flow carries the held time on top. */
static int back_to_step(regen_req_t *q)
{
    return regen_redirect(q, "/booking");
}

int regen_h_extend(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_outcome_t rc = regen_visit_load_held(&v, q);
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
    rc = regen_visit_load_held(&v, q);
    return rc == RG_OK ? regen_details_again(q, &v, rc) : regen_visit_fail(q, &v, rc);
}

/* Of what was given back before as well: whoever did not hear the answer asks again, and hears
 * it. */
static rg_outcome_t give_back(regen_visit_t *v, regen_req_t *q)
{
    rg_outcome_t rc = regen_visit_load(v, q);
    if (rc != RG_OK) {
        return rc;
    }
    switch (v->booking->status) {
    case RG_BOOKING_HELD:
    case RG_BOOKING_EXPIRED: return rg_booking_give_back(q->ctx, v->booking->id, "given-back");
    case RG_BOOKING_CANCELLED:
        rc = rg_booking_give_back(q->ctx, v->booking->id, "given-back");
        return rc == RG_PRECONDITION ? RG_GONE : rc;
    default: return RG_PRECONDITION;
    }
}

int regen_h_release(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_outcome_t rc = give_back(&v, q);
    if (rc != RG_OK) {
        return regen_visit_fail(q, &v, rc);
    }
    return regen_redirect(q, "/services/%s/times", v.service->code);
}

int regen_h_leave(regen_req_t *q)
{
    regen_cookie_set(q, REGEN_PATIENT_AREA, NULL);
    regen_flash_set(q, NULL);
    return regen_redirect(q, "/");
}

/* A forged link answers like an unknown page, in words for somebody who only mistyped. */
int regen_bad_link(regen_req_t *q)
{
    rg_catalogue_t *all;
    rg_outcome_t rc = rg_catalogue_list(&all, q->ctx);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_page(q->ctx->pool, "This link does not work", all->site);
    return regen_page(q, RG_NOT_FOUND, "link.html", view);
}

int regen_h_link(regen_req_t *q)
{
    int64_t booking_id;
    const char *token;
    rg_outcome_t rc = rg_booking_by_link(&booking_id, q->ctx, q->args[0]);
    if (rc == RG_NOT_FOUND) {
        return regen_bad_link(q);
    }
    if (rc == RG_OK) {
        rc = rg_session_for_booking(&token, q->ctx, booking_id);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    regen_cookie_set(q, REGEN_PATIENT_AREA, token);
    regen_flash_set(q, NULL); /* it may be another booking's */
    return regen_redirect(q, "/booking");
}
