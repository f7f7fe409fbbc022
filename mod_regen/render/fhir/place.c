/* SPDX-License-Identifier: Apache-2.0 */
/* The clinic's definitions as FHIR R4: places, services, people, devices and schedules. Elements in
 * the schema's order. */
#include <string.h>

#include <apr_strings.h>

#include "fhir_int.h"
#include "regen/clinic/api.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

#define PHYSICAL "http://terminology.hl7.org/CodeSystem/location-physical-type"

const char *rg_fhir_sid(const rg_fhir_t *e, const char *what)
{
    return apr_pstrcat(e->p, e->policy->names, "/sid/", what, NULL);
}

const char *rg_fhir_version(const rg_fhir_t *e)
{
    return apr_psprintf(e->p, "%" APR_UINT64_T_HEX_FMT, e->dir->version);
}

void rg_fhir_start(rg_writer_t *w, const char *as, const char *type, const char *id,
                   const char *version, apr_time_t changed, const char *profile)
{
    rg_writer_resource(w, as, type);
    rg_writer_string(w, "id", id);
    rg_writer_begin(w, "meta");
    rg_writer_string(w, "versionId", version);
    rg_writer_instant(w, "lastUpdated", changed);
    rg_writer_list(w, "profile");
    rg_writer_string(w, "profile", profile);
    rg_writer_list_end(w);
    rg_writer_end(w);
}

/* One of the definitions. */
static void start_definition(rg_writer_t *w, const rg_fhir_t *e, const char *as, const char *type,
                             const char *id)
{
    rg_fhir_start(w, as, type, id, rg_fhir_version(e), e->dir->changed_at, NULL);
}

/* A repeating reference with one item. */
static void list_reference(rg_writer_t *w, const char *name, const char *type, const char *id,
                           const char *display)
{
    rg_writer_list(w, name);
    rg_writer_reference_to(w, name, type, id, display);
    rg_writer_list_end(w);
}

const char *rg_fhir_own(const rg_fhir_t *e, const char *path)
{
    return apr_pstrcat(e->p, e->policy->fhir_base, path, NULL);
}

static void place_identifier(rg_writer_t *w, const char *system, const char *value)
{
    rg_writer_list(w, "identifier");
    rg_writer_identifier(w, "identifier", system, value);
    rg_writer_list_end(w);
}

static void phone(rg_writer_t *w, const char *value)
{
    rg_writer_list(w, "telecom");
    rg_writer_contact(w, "telecom", "phone", value, "work");
    rg_writer_list_end(w);
}

/* --- places ----------------------------------------------------------------------------------- */

void rg_fhir_site(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_site_t *s)
{
    const rg_writer_address_t address = {.use = "work",
                                         .line1 = s->address.line,
                                         .city = s->address.city,
                                         .state = s->address.state,
                                         .postal_code = s->address.postal_code,
                                         .country = s->address.country};
    start_definition(w, e, as, "Location", s->uid);
    place_identifier(w, rg_fhir_sid(e, "site"), s->code);
    rg_writer_string(w, "status", "active");
    rg_writer_string(w, "name", s->name);
    rg_writer_string(w, "mode", "instance");
    rg_writer_list(w, "telecom");
    rg_writer_contact(w, "telecom", "phone", s->phone, "work");
    rg_writer_contact(w, "telecom", "url", e->pages, NULL);
    rg_writer_list_end(w);
    rg_writer_address(w, "address", &address);
    rg_writer_concept(w, "physicalType", PHYSICAL, "si", "Site", NULL);
    rg_writer_resource_end(w);
}

void rg_fhir_room(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                  const rg_directory_resource_t *r)
{
    start_definition(w, e, as, "Location", r->resource->uid);
    place_identifier(w, rg_fhir_sid(e, "resource"), r->resource->code);
    rg_writer_string(w, "status", r->resource->active ? "active" : "inactive");
    rg_writer_string(w, "name", r->resource->name);
    rg_writer_string(w, "mode", "instance");
    rg_writer_concept(w, "physicalType", PHYSICAL, "ro", "Room", NULL);
    rg_writer_reference_to(w, "partOf", "Location", r->site->uid, r->site->name);
    rg_writer_resource_end(w);
}

/* Closures of the whole site; what staff wrote there is not for API clients. */
static void not_available(rg_writer_t *w, const rg_fhir_t *e, const rg_directory_service_t *s)
{
    rg_writer_list(w, "notAvailable");
    for (int i = 0; i < s->closed_count; i++) {
        rg_writer_begin(w, "notAvailable");
        rg_writer_string(w, "description", "Closed");
        rg_writer_period(w, "during", rg_fhir_local(e, s->site, s->closed[i].from),
                         rg_fhir_local(e, s->site, s->closed[i].until));
        rg_writer_end(w);
    }
    rg_writer_list_end(w);
}

void rg_fhir_service(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                     const rg_directory_service_t *s)
{
    start_definition(w, e, as, "HealthcareService", s->service->uid);
    place_identifier(w, e->policy->code_system, s->service->code);
    rg_writer_bool(w, "active", s->active);
    rg_writer_list(w, "type");
    rg_writer_concept(w, "type", e->policy->code_system, s->service->code, s->service->name, NULL);
    rg_writer_list_end(w);
    list_reference(w, "location", "Location", s->site->uid, s->site->name);
    rg_writer_string(w, "name", s->service->name);
    rg_writer_string(w, "comment", s->service->summary);
    rg_writer_string(w, "extraDetails", s->service->preparation);
    phone(w, s->site->phone);
    rg_writer_bool(w, "appointmentRequired", true);
    not_available(w, e, s);
    rg_writer_resource_end(w);
}

/* --- people and things ------------------------------------------------------------------------ */

void rg_fhir_practitioner(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                          const rg_directory_resource_t *r)
{
    const rg_writer_name_t name = {.use = "official",
                                   .text = r->resource->name,
                                   .family = r->resource->family,
                                   .given = r->resource->given};
    start_definition(w, e, as, "Practitioner", r->resource->uid);
    place_identifier(w, NPI, r->resource->npi);
    rg_writer_bool(w, "active", r->resource->active);
    rg_writer_list(w, "name");
    rg_writer_human_name(w, "name", &name);
    rg_writer_list_end(w);
    rg_writer_resource_end(w);
}

void rg_fhir_role(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                  const rg_directory_resource_t *r, const rg_directory_service_t *const *serves,
                  int count)
{
    start_definition(w, e, as, "PractitionerRole", r->resource->uid);
    rg_writer_bool(w, "active", r->resource->active);
    rg_writer_reference_to(w, "practitioner", "Practitioner", r->resource->uid, r->resource->name);
    rg_writer_list(w, "specialty");
    rg_writer_concept(w, "specialty", TAXONOMY, r->resource->taxonomy, NULL, NULL);
    rg_writer_list_end(w);
    list_reference(w, "location", "Location", r->site->uid, r->site->name);
    rg_writer_list(w, "healthcareService");
    for (int i = 0; i < count; i++) {
        rg_writer_reference_to(w, "healthcareService", "HealthcareService", serves[i]->service->uid,
                               serves[i]->service->name);
    }
    rg_writer_list_end(w);
    phone(w, r->site->phone);
    rg_writer_resource_end(w);
}

void rg_fhir_device(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                    const rg_directory_resource_t *r)
{
    start_definition(w, e, as, "Device", r->resource->uid);
    if (r->resource->calibration_due.year != 0) {
        rg_writer_list(w, "extension");
        rg_writer_extension(w, "extension", rg_fhir_own(e, "/StructureDefinition/calibration-due"));
        rg_writer_string(w, "valueDate", rg_date_iso(e->p, r->resource->calibration_due));
        rg_writer_end(w);
        rg_writer_list_end(w);
    }
    place_identifier(w, rg_fhir_sid(e, "resource"), r->resource->code);
    rg_writer_string(w, "status", r->resource->active ? "active" : "inactive");
    rg_writer_string(w, "serialNumber", r->resource->serial);
    rg_writer_list(w, "deviceName");
    rg_writer_begin(w, "deviceName");
    rg_writer_string(w, "name", r->resource->name);
    rg_writer_string(w, "type", "user-friendly-name");
    rg_writer_end(w);
    rg_writer_list_end(w);
    rg_writer_reference_to(w, "location", "Location", r->site->uid, r->site->name);
    rg_writer_resource_end(w);
}

/* --- time ------------------------------------------------------------------------------------- */

const char *rg_fhir_local(const rg_fhir_t *e, const rg_site_t *site, apr_time_t t)
{
    return t == 0 ? NULL : rg_time_local_instant(e->p, site->zone, t);
}

static void service_type(rg_writer_t *w, const rg_fhir_t *e, const rg_service_t *s)
{
    rg_writer_list(w, "serviceType");
    rg_writer_concept(w, "serviceType", e->policy->code_system, s->code, s->name, NULL);
    rg_writer_list_end(w);
}

void rg_fhir_service_schedule(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                              const rg_directory_service_t *s, apr_time_t from, apr_time_t until)
{
    start_definition(w, e, as, "Schedule", s->service->uid);
    rg_writer_bool(w, "active", s->active);
    service_type(w, e, s->service);
    rg_writer_list(w, "actor");
    if (!e->pages) { /* SMART Scheduling Links: one actor, a Location */
        rg_writer_reference_to(w, "actor", "HealthcareService", s->service->uid, s->service->name);
    }
    rg_writer_reference_to(w, "actor", "Location", s->site->uid, s->site->name);
    rg_writer_list_end(w);
    rg_writer_period(w, "planningHorizon", rg_fhir_local(e, s->site, from),
                     rg_fhir_local(e, s->site, until));
    rg_writer_string(w, "comment",
                     "Free slots are the times at which this service can begin; busy-unavailable "
                     "slots are those at which its site is closed.");
    rg_writer_resource_end(w);
}

static const char *actor_type(const rg_resource_t *r)
{
    switch (r->kind) {
    case RG_RESOURCE_PRACTITIONER: return "Practitioner";
    case RG_RESOURCE_ROOM: return "Location";
    default: return "Device";
    }
}

void rg_fhir_resource_schedule(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                               const rg_directory_resource_t *r)
{
    start_definition(w, e, as, "Schedule", r->resource->uid);
    rg_writer_bool(w, "active", r->resource->active);
    list_reference(w, "actor", actor_type(r->resource), r->resource->uid, r->resource->name);
    rg_writer_string(w, "comment",
                     "Busy slots are the times at which this is booked; busy-unavailable slots are "
                     "those at which it is closed.");
    rg_writer_resource_end(w);
}

/* How a person gets from a search engine to this very time. */
static void deep_link(rg_writer_t *w, const rg_fhir_t *e, const rg_fhir_slot_t *s)
{
    static const char smart[] = "http://fhir-registry.smarthealthit.org/StructureDefinition/";
    const rg_service_t *service = s->service ? s->service->service : NULL;
    if (!e->pages || !service || strcmp(s->status, "free") != 0) {
        return;
    }
    rg_writer_list(w, "extension");
    rg_writer_extension(w, "extension", apr_pstrcat(e->p, smart, "booking-deep-link", NULL));
    rg_writer_string(w, "valueUrl",
                     apr_psprintf(e->p, "%s/services/%s/times?start=%" APR_TIME_T_FMT, e->pages,
                                  service->code, apr_time_sec(s->from)));
    rg_writer_end(w);
    if (s->service->site->phone[0] != '\0') {
        rg_writer_extension(w, "extension", apr_pstrcat(e->p, smart, "booking-phone", NULL));
        rg_writer_string(w, "valueString", s->service->site->phone);
        rg_writer_end(w);
    }
    rg_writer_list_end(w);
}

void rg_fhir_slot(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_fhir_slot_t *s)
{
    const rg_site_t *site = s->service ? s->service->site : s->resource->site;
    const char *schedule = s->service ? s->service->service->uid : s->resource->resource->uid;
    rg_fhir_start(w, as, "Slot", s->id, s->version, s->changed_at, NULL);
    deep_link(w, e, s);
    if (s->service) {
        service_type(w, e, s->service->service);
    }
    rg_writer_reference_to(w, "schedule", "Schedule", schedule, NULL);
    rg_writer_string(w, "status", s->status);
    rg_writer_string(w, "start", rg_fhir_local(e, site, s->from));
    rg_writer_string(w, "end", rg_fhir_local(e, site, s->until));
    if (s->visits > 1) {
        rg_writer_string(w, "comment",
                         apr_psprintf(e->p, "The first of %d visits of one course.", s->visits));
    }
    rg_writer_resource_end(w);
}
