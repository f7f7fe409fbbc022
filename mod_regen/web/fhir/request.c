/* SPDX-License-Identifier: Apache-2.0 */
/* ServiceRequest: the treatment orders. A booking of a service that needs one names it in
 * Appointment.basedOn. */
#include "fhir.h"
#include "regen/clinic/api.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/order.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

#include <apr_strings.h>
#include <string.h>

typedef struct {
    const rg_order_t *order;
    const char *version, *status;
} request_t;

static void write_request(rg_writer_t *w, const rg_fhir_t *e, const char *as, const void *value)
{
    const request_t *v = value;
    rg_fhir_request(w, e, as, v->order, v->version, v->status);
}

/* An order does not change; what becomes of it does, and time alone can do that, so there is no
 * Last-Modified. */
static regen_fhir_entry_t entry_request(const regen_fhir_search_t *s, const rg_order_t *o)
{
    request_t *v = apr_palloc(s->env.p, sizeof(*v));
    *v = (request_t){.order = o,
                     .version = apr_itoa(s->env.p, 1 + (int)rg_order_state(o, s->q->ctx->now)),
                     .status = rg_fhir_request_status(o, s->q->ctx->now)};
    return (regen_fhir_entry_t){.type = "ServiceRequest",
                                .id = o->uid,
                                .version = v->version,
                                .write = write_request,
                                .value = v};
}

static const char *statuses_of_requests(const regen_fhir_search_t *s)
{
    static const char *const words[] = {"active", "completed", "revoked"};
    const char *list = "none";
    if (!regen_fhir_has(s, "status")) {
        return "";
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const regen_fhir_fact_t facts[] = {{"http://hl7.org/fhir/request-status", words[i]},
                                           {NULL, NULL}};
        if (regen_fhir_fits(s, "status", facts)) {
            list = apr_pstrcat(s->env.p, list, ",", words[i], NULL);
        }
    }
    return list;
}

/* An identifier is an id under a system: both must hold. */
static rg_outcome_t ids_of_requests(rg_orders_in_t *in, regen_fhir_search_t *s)
{
    const char *one;
    rg_outcome_t rc = regen_fhir_single(&one, s, "identifier", rg_fhir_sid(&s->env, "order"));
    if (rc == RG_OK) {
        rc = regen_fhir_uids(in->uids, s);
    }
    if (rc == RG_OK && one[0] != '\0') {
        const regen_fhir_fact_t facts[] = {{NULL, one}, {NULL, NULL}};
        bool fits = regen_fhir_fits(s, "_id", facts);
        memset(in->uids, 0, sizeof(in->uids));
        in->uids[0] = fits ? one : "-";
    }
    return rc;
}

static rg_outcome_t read_requests_asked(rg_orders_in_t *in, regen_fhir_search_t *s)
{
    regen_span_t when = {0, in->until};
    rg_outcome_t rc = ids_of_requests(in, s);
    if (rc == RG_OK) {
        rc = regen_fhir_dates(&when, s, "authored");
    }
    if (rc == RG_OK) {
        rc = regen_fhir_single(&in->patient_uid, s, "patient", "Patient");
    }
    in->from = when.from;
    in->until = when.until;
    in->statuses = statuses_of_requests(s);
    in->after_id = s->after;
    return rc;
}

rg_outcome_t regen_find_request(regen_fhir_search_t *s)
{
    rg_orders_in_t in = rg_orders_any(s->count);
    rg_order_t *found = NULL;
    int count = 0;
    rg_outcome_t rc = read_requests_asked(&in, s);
    if (rc == RG_OK) {
        rc = rg_orders_search(&found, &count, &s->more, s->q->ctx, &in);
    }
    for (int i = 0; rc == RG_OK && i < count; i++) {
        APR_ARRAY_PUSH(s->found, regen_fhir_entry_t) = entry_request(s, &found[i]);
    }
    if (rc == RG_OK && s->more) {
        s->next_after = found[count - 1].id;
    }
    return rc;
}

rg_outcome_t regen_total_requests(regen_fhir_search_t *s)
{
    rg_orders_in_t in = rg_orders_any(s->count);
    int64_t n = 0;
    rg_outcome_t rc = read_requests_asked(&in, s);
    if (rc == RG_OK) {
        rc = rg_orders_total(&n, s->q->ctx, &in);
    }
    s->total = (int)n;
    return rc;
}

rg_outcome_t regen_get_request(regen_fhir_entry_t *out, regen_fhir_search_t *s, const char *id)
{
    rg_order_t *o;
    rg_outcome_t rc = rg_order_get(&o, s->q->ctx, id);
    if (rc == RG_OK) {
        *out = entry_request(s, o);
    }
    return rc;
}
