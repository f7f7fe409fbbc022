/* SPDX-License-Identifier: Apache-2.0 */
/* A treatment order as a FHIR R4 ServiceRequest. Elements in the schema's order. */
#include <apr_strings.h>

#include "fhir_int.h"
#include "regen/clinic/api.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/order.h"
#include "regen/render/fhir.h"
#include "regen/render/view.h"
#include "regen/render/writer.h"

const char *rg_fhir_request_status(const rg_order_t *o, apr_time_t now)
{
    switch (rg_order_state(o, now)) {
    case RG_ORDER_DONE: return "completed";
    /* R4 has no word for a request whose time ran out; "revoked" is one that nobody may act on
     * any more. */
    case RG_ORDER_EXPIRED:
    case RG_ORDER_REVOKED: return "revoked";
    default: return "active";
    }
}

static const rg_directory_service_t *ordered(const rg_fhir_t *e, const rg_order_t *o)
{
    for (int i = 0; i < e->dir->service_count; i++) {
        if (e->dir->services[i].service->id == o->service_id) {
            return &e->dir->services[i];
        }
    }
    return NULL;
}

static void one_note(rg_writer_t *w, const char *text)
{
    if (*text != '\0') {
        rg_writer_begin(w, "note");
        rg_writer_string(w, "text", text);
        rg_writer_end(w);
    }
}

/* What the clinician weighed, in the words of the form. */
static void notes(rg_writer_t *w, apr_pool_t *p, const rg_order_t *o)
{
    rg_writer_list(w, "note");
    one_note(w, apr_pstrcat(p, "Severity: ", rg_severity_name(o->severity), NULL));
    one_note(w, apr_pstrcat(p, "Conservative care tried: ", o->tried, NULL));
    one_note(w, apr_pstrcat(p, "Imaging seen: ", o->imaging, NULL));
    one_note(w, apr_pstrcat(p, "Contraindications weighed: ", o->weighed, NULL));
    one_note(w, o->note);
    if (o->revoked_at != 0) {
        one_note(w, apr_pstrcat(p, "Revoked: ", o->revoke_reason, NULL));
    }
    rg_writer_list_end(w);
}

static void concept_of(rg_writer_t *w, const char *name, const char *system, const char *code,
                       const char *display, const char *text)
{
    if (*code != '\0') {
        rg_writer_list(w, name);
        rg_writer_concept(w, name, system, code, display, text);
        rg_writer_list_end(w);
    }
}

static void body_sites(rg_writer_t *w, apr_pool_t *p, const char *system, const rg_order_t *o)
{
    const rg_targets_t t = rg_targets_of(p, o->body_site, o->side, o->further);
    if (*o->body_site == '\0') {
        return;
    }
    rg_writer_list(w, "bodySite");
    for (int i = 0; i < t.count; i++) {
        rg_writer_concept(w, "bodySite", apr_pstrcat(p, system, "/body-site", NULL),
                          t.at[i].body_site, NULL,
                          rg_view_place(p, t.at[i].body_site, t.at[i].side));
    }
    rg_writer_list_end(w);
}

void rg_fhir_request(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_order_t *o,
                     const char *version, const char *status)
{
    const rg_directory_service_t *s = ordered(e, o);
    const char *system = e->policy->code_system;
    if (!s) { /* a key of the schema forbids it */
        return;
    }
    rg_fhir_start(w, as, "ServiceRequest", o->uid, version, 0, NULL);
    rg_writer_list(w, "identifier");
    rg_writer_identifier(w, "identifier", rg_fhir_sid(e, "order"), o->uid);
    rg_writer_list_end(w);
    rg_writer_string(w, "status", status);
    rg_writer_string(w, "intent", "order");
    rg_writer_concept(w, "code", system, o->service_code, o->service_name, NULL);
    rg_writer_reference_to(w, "subject", "Patient", o->patient.uid, NULL);
    rg_writer_period(w, "occurrencePeriod", rg_fhir_local(e, s->site, o->signed_at),
                     rg_fhir_local(e, s->site, o->valid_until));
    rg_writer_string(w, "authoredOn", rg_fhir_local(e, s->site, o->signed_at));
    if (o->practitioner_uid && *o->practitioner_uid) {
        rg_writer_reference_to(w, "requester", "Practitioner", o->practitioner_uid,
                               o->practitioner_name);
    }
    rg_writer_list(w, "locationReference");
    rg_writer_reference_to(w, "locationReference", "Location", s->site->uid, s->site->name);
    rg_writer_list_end(w);
    concept_of(w, "reasonCode", ICD10CM, o->diagnosis_code, o->diagnosis_title, NULL);
    body_sites(w, e->p, system, o);
    notes(w, e->p, o);
    rg_writer_resource_end(w);
}
