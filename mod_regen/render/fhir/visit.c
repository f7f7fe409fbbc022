/* SPDX-License-Identifier: Apache-2.0 */
/* Visits as FHIR R4 Appointments (IHE ITI Scheduling's profile), and the patients. Elements in the
 * schema's order. */
#include <string.h>

#include <apr_strings.h>

#include "fhir_int.h"
#include "regen/clinic/api.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/visit.h"
#include "regen/render/fhir.h"
#include "regen/render/view.h"
#include "regen/render/writer.h"

#define REASON  "https://profiles.ihe.net/ITI/Scheduling/StructureDefinition/extension-status-reason"
#define REASONS "https://profiles.ihe.net/ITI/Scheduling/CodeSystem/status-reason"

typedef struct {
    const rg_fhir_t *e;
    const rg_visit_t *v;
    const rg_directory_service_t *service; /* never NULL */
} visit_t;

/* --- what the clinic adds --------------------------------------------------------------------- */

static void extensions(rg_writer_t *w, const visit_t *a)
{
    const rg_fhir_t *e = a->e;
    rg_writer_list(w, "extension");
    if (a->v->status == RG_VISIT_NO_SHOW) {
        rg_writer_extension(w, "extension", REASON);
        rg_writer_concept(w, "valueCodeableConcept", REASONS, "no-show", "Patient No Show", NULL);
        rg_writer_end(w);
    }
    if (a->v->hold_expires_at != 0) {
        rg_writer_extension(w, "extension", rg_fhir_own(e, "/StructureDefinition/hold-expires"));
        rg_writer_string(w, "valueInstant",
                         rg_fhir_local(e, a->service->site, a->v->hold_expires_at));
        rg_writer_end(w);
    }
    if (a->v->cancel_until != 0) {
        rg_writer_extension(w, "extension", rg_fhir_own(e, "/StructureDefinition/cancel-until"));
        rg_writer_string(w, "valueInstant", rg_fhir_local(e, a->service->site, a->v->cancel_until));
        rg_writer_end(w);
    }
    if (e->link) {
        rg_writer_extension(w, "extension", rg_fhir_own(e, "/StructureDefinition/patient-link"));
        rg_writer_string(w, "valueUrl", e->link);
        rg_writer_end(w);
    }
    rg_writer_list_end(w);
}

static const rg_resource_t *resource_by_id(const rg_directory_t *d, int64_t id)
{
    for (int i = 0; i < d->resource_count; i++) {
        if (d->resources[i].resource->id == id) {
            return d->resources[i].resource;
        }
    }
    return NULL;
}

static const char *taxonomy_at(const visit_t *a, int i)
{
    const rg_resource_t *r = resource_by_id(a->e->dir, a->v->resources[i]);
    return r && r->kind == RG_RESOURCE_PRACTITIONER ? r->taxonomy : "";
}

/* Of the practitioners who take part, each once. */
static void specialties(rg_writer_t *w, const visit_t *a)
{
    rg_writer_list(w, "specialty");
    for (int i = 0; i < a->v->resource_count; i++) {
        const char *code = taxonomy_at(a, i);
        bool told = code[0] == '\0';
        for (int k = 0; k < i && !told; k++) {
            told = strcmp(code, taxonomy_at(a, k)) == 0;
        }
        if (!told) {
            rg_writer_concept(w, "specialty", TAXONOMY, code, NULL, NULL);
        }
    }
    rg_writer_list_end(w);
}

static void write_what(rg_writer_t *w, const visit_t *a)
{
    const rg_policy_t *policy = a->e->policy;
    if (a->v->status == RG_VISIT_CANCELLED && a->v->expired) {
        rg_writer_concept(w, "cancelationReason", NULL, NULL, NULL, "The hold expired.");
    }
    else if (a->v->status == RG_VISIT_CANCELLED) {
        rg_writer_concept(w, "cancelationReason", a->v->note.cancel_system, a->v->note.cancel_code,
                          NULL, a->v->note.cancel_text);
    }
    rg_writer_list(w, "serviceType");
    rg_writer_concept(w, "serviceType", policy->code_system, a->service->service->code,
                      a->service->service->name, NULL);
    rg_writer_list_end(w);
    specialties(w, a);
    if (a->v->body_site[0] != '\0') {
        const char *system = apr_pstrcat(a->e->p, policy->code_system, "/body-site", NULL);
        const rg_targets_t t = rg_targets_of(a->e->p, a->v->body_site, a->v->side, a->v->further);
        rg_writer_list(w, "reasonCode");
        for (int i = 0; i < t.count; i++) {
            rg_writer_concept(w, "reasonCode", system, t.at[i].body_site, NULL,
                              rg_view_place(a->e->p, t.at[i].body_site, t.at[i].side));
        }
        rg_writer_list_end(w);
    }
    rg_writer_string(w, "description", a->service->service->name);
}

/* As on the patient's page: preparation without and with dates. The deadline is an extension, so
 * that a client that sends a resource back after the clinic changed its notice has changed
 * nothing. */
static const char *instruction(const visit_t *a)
{
    apr_pool_t *p = a->e->p;
    const char *text = a->service->service->preparation;
    for (int i = 0; i < a->v->preparing_count; i++) {
        const rg_prepare_day_t *d = &a->v->preparing[i];
        const char *to = d->what->applies;
        text = apr_pstrcat(p, text, *text ? "\n" : "", "From ", rg_date_long(p, d->from),
                           d->what->until_days > 0 ? " to " : "",
                           d->what->until_days > 0 ? rg_date_long(p, d->until) : "", ": ",
                           d->what->words, *to ? " (" : "", to, *to ? ")" : "", ".", NULL);
    }
    return text;
}

static void when(rg_writer_t *w, const visit_t *a)
{
    const rg_site_t *site = a->service->site;
    rg_writer_string(w, "start", rg_fhir_local(a->e, site, a->v->starts_at));
    rg_writer_string(w, "end", rg_fhir_local(a->e, site, a->v->ends_at));
    rg_writer_int(w, "minutesDuration", apr_time_sec(a->v->ends_at - a->v->starts_at) / 60);
    rg_writer_string(w, "created", rg_fhir_local(a->e, site, a->v->created_at));
    rg_writer_string(w, "comment", a->v->note.comment);
    if (a->v->status == RG_VISIT_BOOKED) {
        rg_writer_string(w, "patientInstruction", instruction(a));
    }
}

/* --- who and where ---------------------------------------------------------------------------- */

static const char *answer_of(rg_visit_status_t s)
{
    switch (s) {
    case RG_VISIT_PROPOSED: return "needs-action";
    case RG_VISIT_PENDING: return "tentative";
    default: return "accepted";
    }
}

static void participant(rg_writer_t *w, const visit_t *a, const char *type, const char *id,
                        const char *display)
{
    rg_writer_begin(w, "participant");
    rg_writer_reference_to(w, "actor", type, id, display);
    rg_writer_string(w, "required", "required");
    rg_writer_string(w, "status", answer_of(a->v->status));
    rg_writer_end(w);
}

static void write_participant(rg_writer_t *w, const visit_t *a, const rg_resource_t *r)
{
    switch (r->kind) {
    case RG_RESOURCE_PRACTITIONER: participant(w, a, "Practitioner", r->uid, r->name); break;
    case RG_RESOURCE_ROOM: participant(w, a, "Location", r->uid, r->name); break;
    case RG_RESOURCE_DEVICE: participant(w, a, "Device", r->uid, r->name); break;
    }
}

/* The patient by reference only: names need the permission to read Patient. */
static void participants(rg_writer_t *w, const visit_t *a)
{
    const char *patient = a->v->person.patient.uid;
    rg_writer_list(w, "participant");
    if (patient && patient[0] != '\0') {
        participant(w, a, "Patient", patient, NULL);
    }
    for (int i = 0; i < a->v->resource_count; i++) {
        const rg_resource_t *r = resource_by_id(a->e->dir, a->v->resources[i]);
        if (r) {
            write_participant(w, a, r);
        }
    }
    participant(w, a, "Location", a->service->site->uid, a->service->site->name);
    participant(w, a, "HealthcareService", a->service->service->uid, a->service->service->name);
    rg_writer_list_end(w);
}

static void based_on(rg_writer_t *w, const visit_t *a)
{
    if (a->v->order_uid && a->v->order_uid[0] != '\0') {
        rg_writer_list(w, "basedOn");
        rg_writer_reference_to(w, "basedOn", "ServiceRequest", a->v->order_uid, NULL);
        rg_writer_list_end(w);
    }
}

static void asked(rg_writer_t *w, const visit_t *a, apr_time_t from, apr_time_t until)
{
    const rg_site_t *site = a->service->site;
    rg_writer_list(w, "requestedPeriod");
    rg_writer_period(w, "requestedPeriod",
                     rg_fhir_local(a->e, site, from != 0 ? from : a->v->starts_at),
                     rg_fhir_local(a->e, site, until != 0 ? until : a->v->ends_at));
    rg_writer_list_end(w);
}

/* All other required elements are always present. */
static bool meets_profile(const visit_t *a)
{
    for (int i = 0; i < a->v->resource_count; i++) {
        const rg_resource_t *r = resource_by_id(a->e->dir, a->v->resources[i]);
        if (r && r->kind == RG_RESOURCE_DEVICE) {
            return false;
        }
    }
    return true;
}

void rg_fhir_visit(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_visit_t *v,
                   apr_time_t from, apr_time_t until)
{
    visit_t a = {e, v, NULL};
    bool stored = v->status != RG_VISIT_PROPOSED;
    for (int i = 0; i < e->dir->service_count; i++) {
        if (e->dir->services[i].service->id == v->service_id) {
            a.service = &e->dir->services[i];
        }
    }
    if (!a.service) { /* a key of the schema forbids it */
        return;
    }
    rg_fhir_start(w, as, "Appointment", v->uid, stored ? apr_itoa(e->p, v->version) : NULL,
                  v->changed_at, meets_profile(&a) ? RG_FHIR_IHE_APPOINTMENT : NULL);
    extensions(w, &a);
    rg_writer_list(w, "identifier");
    rg_writer_identifier(w, "identifier", rg_fhir_sid(e, "booking"), v->booking_uid);
    rg_writer_list_end(w);
    rg_writer_string(w, "status", rg_visit_status_name(v->status));
    write_what(w, &a);
    when(w, &a);
    based_on(w, &a);
    participants(w, &a);
    asked(w, &a, from, until);
    rg_writer_resource_end(w);
}

/* --- people ----------------------------------------------------------------------------------- */

static void person_link(rg_writer_t *w, const char *uid, const char *type)
{
    rg_writer_begin(w, "link");
    rg_writer_reference_to(w, "other", "Patient", uid, NULL);
    rg_writer_string(w, "type", type);
    rg_writer_end(w);
}

/* Which record of the person stands for which. */
static void links(rg_writer_t *w, const rg_fhir_t *e, const rg_person_t *v)
{
    char *rest = NULL;
    char *all = apr_pstrdup(e->p, v->replaces ? v->replaces : "");
    rg_writer_list(w, "link");
    if (v->replaced_by && *v->replaced_by) {
        person_link(w, v->replaced_by, "replaced-by");
    }
    for (char *uid = apr_strtok(all, " ", &rest); uid; uid = apr_strtok(NULL, " ", &rest)) {
        person_link(w, uid, "replaces");
    }
    rg_writer_list_end(w);
}

void rg_fhir_person(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_person_t *v)
{
    const rg_patient_t *p = &v->patient;
    const rg_writer_name_t name = {.use = "official",
                                   .family = p->family,
                                   .given = p->given_lines ? p->given_lines : p->given};
    bool reached = *p->address.line; /* it is asked for where a claim needs it */
    const rg_writer_address_t address = {.use = reached ? "home" : NULL,
                                         .line1 = p->address.line,
                                         .city = p->address.city,
                                         .state = p->address.state,
                                         .postal_code = p->address.postal_code,
                                         .country = reached ? p->address.country : NULL};
    rg_fhir_start(w, as, "Patient", p->uid, apr_itoa(e->p, v->version), v->changed_at, NULL);
    rg_writer_list(w, "identifier");
    rg_writer_identifier(w, "identifier", rg_fhir_sid(e, "patient"), p->uid);
    rg_writer_list_end(w);
    if (v->replaced_by && *v->replaced_by) {
        rg_writer_bool(w, "active", false);
    }
    rg_writer_list(w, "name");
    rg_writer_human_name(w, "name", &name);
    rg_writer_list_end(w);
    rg_writer_list(w, "telecom");
    rg_writer_contact(w, "telecom", "phone", p->phone, NULL);
    rg_writer_contact(w, "telecom", "email", p->email, NULL);
    rg_writer_list_end(w);
    rg_writer_string(w, "gender", p->gender);
    rg_writer_date(w, "birthDate", p->birth_date);
    rg_writer_list(w, "address");
    rg_writer_address(w, "address", &address);
    rg_writer_list_end(w);
    links(w, e, v);
    rg_writer_resource_end(w);
}
