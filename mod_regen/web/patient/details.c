/* SPDX-License-Identifier: Apache-2.0 */
/* About you: patient, joint, payment. One form, all problems at once; nothing typed is lost. */
#include "patient.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/patient.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/model/waitlist.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"

#include <string.h>

#include <apr_strings.h>

rg_val_t *regen_details_typed(regen_req_t *q)
{
#define FIELD(name, member, path) #name,
#define DAY(prefix)               prefix "date", prefix "month", prefix "day", prefix "year"
    static const char *const fields[] = {RG_DETAILS_FIELDS(FIELD) DAY("birth_"),
                                         DAY("subscriber_birth_")};
#undef FIELD
#undef DAY
    rg_val_t *in = rg_val_object(q->ctx->pool);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        rg_val_str(in, fields[i], regen_field(q, fields[i]));
    }
    return in;
}

rg_day_typed_t regen_day_typed(const regen_req_t *q, const char *prefix)
{
    apr_pool_t *p = q->ctx->pool;
    return (rg_day_typed_t){regen_field(q, apr_pstrcat(p, prefix, "month", NULL)),
                            regen_field(q, apr_pstrcat(p, prefix, "day", NULL)),
                            regen_field(q, apr_pstrcat(p, prefix, "year", NULL))};
}

rg_details_in_t regen_details_decode(const regen_req_t *q)
{
#define TYPED(name, member, path) .name = regen_field(q, #name),
    return (rg_details_in_t){RG_DETAILS_FIELDS(TYPED) /* and the days */
                                 .birth_date = regen_field(q, "birth_date"),
                             .born = regen_day_typed(q, "birth_"),
                             .subscriber_birth_date = regen_field(q, "subscriber_birth_date"),
                             .subscriber_born = regen_day_typed(q, "subscriber_birth_")};
#undef TYPED
}

void regen_ordered_put(rg_val_t *view, apr_pool_t *p, const rg_booking_t *b,
                       const rg_patient_t *patient)
{
    if (b->order_id > 0 && patient) {
        rg_val_t *on = rg_val_object(p);
        rg_val_set(on, "patient", rg_view_patient(p, patient));
        rg_val_str(on, "place",
                   *b->body_site ? rg_view_places(p, b->body_site, b->side, b->further) : NULL);
        rg_val_set(view, "ordered", on);
    }
}

static int form_page(regen_req_t *q, const regen_visit_t *v, rg_outcome_t outcome, rg_val_t *in)
{
    const rg_details_t *d = v->details;
    rg_outcome_t rc = RG_OK;
    rg_val_t *view = regen_visit_view(q, v, "About you", v->service->name);
    if (!in) {
        in = rg_view_details_stored(q->ctx->pool, v->booking, d->patient, d->coverage);
        bool offered = !d->patient && strcmp(v->booking->source, "waitlist") == 0;
        rc = offered ? regen_wait_prefill(in, q, v->booking->id) : RG_OK;
    }
    if (rc != RG_OK) {
        return regen_visit_fail(q, v, rc);
    }
    rg_val_bool(view, "typing", true);
    regen_ordered_put(view, q->ctx->pool, v->booking, d->patient);
    rg_view_details(view, q->ctx->pool, in, v->service, d->payers, d->payer_count,
                    q->ctx->problems);
    return regen_page(q, outcome, "patient/details.html", view);
}

static int h_details_page(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_outcome_t rc = regen_visit_load_held(&v, q, REGEN_FORM_PARTS);
    return rc == RG_OK ? form_page(q, &v, RG_OK, NULL) : regen_visit_fail(q, &v, rc);
}

/* Going back in the browser and correcting the form sends it again with the same key: the last
 * input applies. */
static rg_outcome_t save_details(regen_req_t *q, int64_t booking_id)
{
    rg_details_in_t in = regen_details_decode(q);
    rg_outcome_t rc = rg_details_save(q->ctx, booking_id, &in);
    if (rc == RG_CONFLICT && regen_sent_before(q)) {
        q->ctx->idem = NULL;
        rc = rg_details_save(q->ctx, booking_id, &in);
    }
    return rc;
}

static int h_details(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_outcome_t rc = save_details(q, q->ctx->who.booking_id);
    if (rc == RG_OK) {
        return regen_to_booking(q, "/check");
    }
    /* What the page needs to show again. */
    rg_outcome_t read = regen_visit_load(&v, q, REGEN_FORM_PARTS);
    rc = read == RG_OK ? rc : read;
    return rc == RG_INVALID ? form_page(q, &v, RG_INVALID, regen_details_typed(q))
                            : regen_visit_fail(q, &v, rc);
}

int regen_details_again(regen_req_t *q, const regen_visit_t *v, rg_outcome_t outcome)
{
    return form_page(q, v, outcome, regen_details_typed(q));
}

rg_outcome_t regen_wait_prefill(rg_val_t *in, regen_req_t *q, int64_t booking_id)
{
    rg_waiter_t *w;
    rg_outcome_t rc = rg_waitlist_of_booking(&w, q->ctx, booking_id);
    if (rc == RG_OK && w) {
        rg_val_str(in, "given", w->given);
        rg_val_str(in, "family", w->family);
        rg_val_str(in, "email", w->email);
        rg_val_str(in, "phone", w->phone);
    }
    return rc;
}

const regen_route_t regen_routes_patient_details[] = {
    {"GET", "/booking/details", RG_ROLE_PATIENT, 0, 0, BOOKING, h_details_page},
    {"POST", "/booking/details", RG_ROLE_PATIENT, 32 * KIB, REGEN_FORM, BOOKING, h_details},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
