/* SPDX-License-Identifier: Apache-2.0 */
/* Location, HealthcareService, Practitioner, PractitionerRole, Device and Schedule: the clinic's
 * definitions. They are cached by the process, so a search walks over a few dozen records. */
#include "fhir.h"
#include "regen/clinic/api.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

#include <string.h>

#define FACTS(...) ((const regen_fhir_fact_t[]){__VA_ARGS__, {NULL, NULL}})
#define NOTHING    FACTS({NULL, ""})

/* --- entries ---------------------------------------------------------------------------------- */

static void write_site(rg_writer_t *w, const rg_fhir_t *e, const char *as, const void *value)
{
    rg_fhir_site(w, e, as, value);
}

static void write_room(rg_writer_t *w, const rg_fhir_t *e, const char *as, const void *value)
{
    rg_fhir_room(w, e, as, value);
}

static void write_service(rg_writer_t *w, const rg_fhir_t *e, const char *as, const void *value)
{
    rg_fhir_service(w, e, as, value);
}

static void write_practitioner(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                               const void *value)
{
    rg_fhir_practitioner(w, e, as, value);
}

static void write_device(rg_writer_t *w, const rg_fhir_t *e, const char *as, const void *value)
{
    rg_fhir_device(w, e, as, value);
}

static void write_role(rg_writer_t *w, const rg_fhir_t *e, const char *as, const void *value)
{
    const rg_directory_t *d = e->dir;
    const rg_directory_service_t **serves =
        apr_palloc(e->p, sizeof(*serves) * (size_t)(d->service_count + 1));
    int count = 0;
    for (int i = 0; i < d->service_count; i++) {
        if (d->services[i].active && rg_directory_serves(value, &d->services[i])) {
            serves[count++] = &d->services[i];
        }
    }
    rg_fhir_role(w, e, as, value, serves, count);
}

typedef struct {
    const rg_directory_service_t *service; /* or */
    const rg_directory_resource_t *resource;
    apr_time_t from, until;
} schedule_t;

static void write_schedule(rg_writer_t *w, const rg_fhir_t *e, const char *as, const void *value)
{
    const schedule_t *s = value;
    if (s->service) {
        rg_fhir_service_schedule(w, e, as, s->service, s->from, s->until);
    }
    else {
        rg_fhir_resource_schedule(w, e, as, s->resource);
    }
}

static regen_fhir_entry_t defined(const regen_fhir_search_t *s, const char *type, const char *id,
                                  const void *value)
{
    return (regen_fhir_entry_t){.type = type,
                                .id = id,
                                .version = rg_fhir_version(&s->env),
                                .changed = s->dir->changed_at,
                                .value = value};
}

regen_fhir_entry_t regen_entry_site(const regen_fhir_search_t *s, const rg_site_t *site)
{
    regen_fhir_entry_t e = defined(s, "Location", site->uid, site);
    e.write = write_site;
    return e;
}

regen_fhir_entry_t regen_entry_service(const regen_fhir_search_t *s,
                                       const rg_directory_service_t *service)
{
    regen_fhir_entry_t e = defined(s, "HealthcareService", service->service->uid, service);
    e.write = write_service;
    return e;
}

regen_fhir_entry_t regen_entry_resource(const regen_fhir_search_t *s,
                                        const rg_directory_resource_t *r)
{
    regen_fhir_entry_t e = defined(s, "Device", r->resource->uid, r);
    e.write = write_device;
    if (r->resource->kind == RG_RESOURCE_PRACTITIONER) {
        e.type = "Practitioner";
        e.write = write_practitioner;
    }
    else if (r->resource->kind == RG_RESOURCE_ROOM) {
        e.type = "Location";
        e.write = write_room;
    }
    return e;
}

static regen_fhir_entry_t entry_role(const regen_fhir_search_t *s, const rg_directory_resource_t *r)
{
    regen_fhir_entry_t e = defined(s, "PractitionerRole", r->resource->uid, r);
    e.write = write_role;
    return e;
}

regen_fhir_entry_t regen_entry_schedule(const regen_fhir_search_t *s,
                                        const rg_directory_service_t *service,
                                        const rg_directory_resource_t *r)
{
    schedule_t *value = apr_pcalloc(s->env.p, sizeof(*value));
    apr_time_t now = s->q->ctx->now;
    regen_fhir_entry_t e =
        defined(s, "Schedule", service ? service->service->uid : r->resource->uid, value);
    value->service = service;
    value->resource = r;
    if (service) {
        value->from =
            rg_zone_utc(service->site->zone, rg_zone_local(service->site->zone, now).date, 0);
        value->until = rg_window_until(service->service, service->site->zone, now);
    }
    e.write = write_schedule;
    return e;
}

bool regen_fhir_bookable(const rg_directory_service_t *s)
{
    return s->active && !s->service->staff_only;
}

/* --- which fit -------------------------------------------------------------------------------- */

static const char *yes_no(bool b)
{
    return b ? "true" : "false";
}

static bool site_fits(const regen_fhir_search_t *s, const rg_site_t *site)
{
    const rg_address_t *a = &site->address;
    return regen_fhir_fits(s, "name", FACTS({NULL, site->name})) &&
           regen_fhir_fits(s, "status", FACTS({"http://hl7.org/fhir/location-status", "active"})) &&
           regen_fhir_fits(s, "address",
                           FACTS({NULL, a->line}, {NULL, a->city}, {NULL, a->state},
                                 {NULL, a->postal_code}, {NULL, a->country})) &&
           regen_fhir_fits(s, "address-city", FACTS({NULL, a->city})) &&
           regen_fhir_fits(s, "address-state", FACTS({NULL, a->state})) &&
           regen_fhir_fits(s, "address-postalcode", FACTS({NULL, a->postal_code})) &&
           regen_fhir_fits(s, "identifier", FACTS({rg_fhir_sid(&s->env, "site"), site->code})) &&
           regen_fhir_fits(s, "partof", NOTHING);
}

static bool room_fits(const regen_fhir_search_t *s, const rg_directory_resource_t *r)
{
    const char *status = r->resource->active ? "active" : "inactive";
    return regen_fhir_fits(s, "name", FACTS({NULL, r->resource->name})) &&
           regen_fhir_fits(s, "status", FACTS({"http://hl7.org/fhir/location-status", status})) &&
           regen_fhir_fits(s, "partof", FACTS({"Location", r->site->uid})) &&
           regen_fhir_fits(s, "identifier",
                           FACTS({rg_fhir_sid(&s->env, "resource"), r->resource->code})) &&
           regen_fhir_fits(s, "address", NOTHING) && regen_fhir_fits(s, "address-city", NOTHING) &&
           regen_fhir_fits(s, "address-state", NOTHING) &&
           regen_fhir_fits(s, "address-postalcode", NOTHING);
}

static bool service_fits(const regen_fhir_search_t *s, const rg_directory_service_t *v)
{
    const char *system = s->env.policy->code_system;
    return regen_fhir_fits(s, "name", FACTS({NULL, v->service->name})) &&
           regen_fhir_fits(s, "active", FACTS({NULL, yes_no(v->active)})) &&
           regen_fhir_fits(s, "identifier", FACTS({system, v->service->code})) &&
           regen_fhir_fits(s, "service-type", FACTS({system, v->service->code})) &&
           regen_fhir_fits(s, "location", FACTS({"Location", v->site->uid}));
}

static bool practitioner_fits(const regen_fhir_search_t *s, const rg_resource_t *r)
{
    return regen_fhir_fits(s, "name",
                           FACTS({NULL, r->name}, {NULL, r->family}, {NULL, r->given})) &&
           regen_fhir_fits(s, "family", FACTS({NULL, r->family})) &&
           regen_fhir_fits(s, "given", FACTS({NULL, r->given})) &&
           regen_fhir_fits(s, "active", FACTS({NULL, yes_no(r->active)})) &&
           regen_fhir_fits(s, "identifier", FACTS({"http://hl7.org/fhir/sid/us-npi", r->npi}));
}

static bool role_serves(const regen_fhir_search_t *s, const rg_directory_resource_t *r)
{
    size_t most = (size_t)s->dir->service_count + 1;
    regen_fhir_fact_t *facts = apr_pcalloc(s->env.p, sizeof(*facts) * most);
    int n = 0;
    for (int i = 0; i < s->dir->service_count; i++) {
        const rg_directory_service_t *v = &s->dir->services[i];
        if (v->active && rg_directory_serves(r, v)) {
            facts[n++] = (regen_fhir_fact_t){"HealthcareService", v->service->uid};
        }
    }
    return regen_fhir_fits(s, "service", facts);
}

static bool role_fits(const regen_fhir_search_t *s, const rg_directory_resource_t *r)
{
    return regen_fhir_fits(s, "practitioner", FACTS({"Practitioner", r->resource->uid})) &&
           regen_fhir_fits(s, "practitioner.identifier",
                           FACTS({"http://hl7.org/fhir/sid/us-npi", r->resource->npi})) &&
           regen_fhir_fits(s, "location", FACTS({"Location", r->site->uid})) &&
           regen_fhir_fits(s, "active", FACTS({NULL, yes_no(r->resource->active)})) &&
           regen_fhir_fits(s, "specialty",
                           FACTS({"http://nucc.org/provider-taxonomy", r->resource->taxonomy})) &&
           role_serves(s, r);
}

static bool device_fits(const regen_fhir_search_t *s, const rg_directory_resource_t *r)
{
    const char *status = r->resource->active ? "active" : "inactive";
    return regen_fhir_fits(s, "device-name", FACTS({NULL, r->resource->name})) &&
           regen_fhir_fits(s, "status", FACTS({"http://hl7.org/fhir/device-status", status})) &&
           regen_fhir_fits(s, "location", FACTS({"Location", r->site->uid})) &&
           regen_fhir_fits(s, "identifier",
                           FACTS({rg_fhir_sid(&s->env, "resource"), r->resource->code}));
}

/* --- walking ---------------------------------------------------------------------------------- */

static const rg_directory_resource_t *resource_at(const regen_fhir_search_t *s, int i)
{
    return i >= 0 && i < s->dir->resource_count ? &s->dir->resources[i] : NULL;
}

regen_item_t regen_item_location(regen_fhir_entry_t *out, const regen_fhir_search_t *s, int i)
{
    const rg_directory_resource_t *r = resource_at(s, i - s->dir->site_count);
    if (i < s->dir->site_count) {
        *out = regen_entry_site(s, &s->dir->sites[i]);
        return site_fits(s, &s->dir->sites[i]) ? REGEN_ITEM_FITS : REGEN_ITEM_OTHER;
    }
    if (!r) {
        return REGEN_ITEM_END;
    }
    *out = regen_entry_resource(s, r);
    return r->resource->kind == RG_RESOURCE_ROOM && room_fits(s, r) ? REGEN_ITEM_FITS
                                                                    : REGEN_ITEM_OTHER;
}

regen_item_t regen_item_service(regen_fhir_entry_t *out, const regen_fhir_search_t *s, int i)
{
    if (i >= s->dir->service_count) {
        return REGEN_ITEM_END;
    }
    *out = regen_entry_service(s, &s->dir->services[i]);
    return service_fits(s, &s->dir->services[i]) ? REGEN_ITEM_FITS : REGEN_ITEM_OTHER;
}

regen_item_t regen_item_practitioner(regen_fhir_entry_t *out, const regen_fhir_search_t *s, int i)
{
    const rg_directory_resource_t *r = resource_at(s, i);
    if (!r) {
        return REGEN_ITEM_END;
    }
    *out = regen_entry_resource(s, r);
    return r->resource->kind == RG_RESOURCE_PRACTITIONER && practitioner_fits(s, r->resource)
               ? REGEN_ITEM_FITS
               : REGEN_ITEM_OTHER;
}

regen_item_t regen_item_role(regen_fhir_entry_t *out, const regen_fhir_search_t *s, int i)
{
    const rg_directory_resource_t *r = resource_at(s, i);
    if (!r) {
        return REGEN_ITEM_END;
    }
    *out = entry_role(s, r);
    return r->resource->kind == RG_RESOURCE_PRACTITIONER && role_fits(s, r) ? REGEN_ITEM_FITS
                                                                            : REGEN_ITEM_OTHER;
}

regen_item_t regen_item_device(regen_fhir_entry_t *out, const regen_fhir_search_t *s, int i)
{
    const rg_directory_resource_t *r = resource_at(s, i);
    if (!r) {
        return REGEN_ITEM_END;
    }
    *out = regen_entry_resource(s, r);
    return r->resource->kind == RG_RESOURCE_DEVICE && device_fits(s, r) ? REGEN_ITEM_FITS
                                                                        : REGEN_ITEM_OTHER;
}

static bool service_schedule_fits(const regen_fhir_search_t *s, const rg_directory_service_t *v)
{
    return regen_fhir_bookable(v) &&
           regen_fhir_fits(s, "active", FACTS({NULL, yes_no(v->active)})) &&
           regen_fhir_fits(s, "service-type",
                           FACTS({s->env.policy->code_system, v->service->code})) &&
           regen_fhir_fits(
               s, "actor",
               FACTS({"HealthcareService", v->service->uid}, {"Location", v->site->uid}));
}

regen_item_t regen_item_schedule(regen_fhir_entry_t *out, const regen_fhir_search_t *s, int i)
{
    const rg_directory_resource_t *r = resource_at(s, i - s->dir->service_count);
    bool fits;
    if (i < s->dir->service_count) {
        *out = regen_entry_schedule(s, &s->dir->services[i], NULL);
        return service_schedule_fits(s, &s->dir->services[i]) ? REGEN_ITEM_FITS : REGEN_ITEM_OTHER;
    }
    if (!r) {
        return REGEN_ITEM_END;
    }
    *out = regen_entry_schedule(s, NULL, r);
    fits =
        regen_fhir_fits(s, "active", FACTS({NULL, yes_no(r->resource->active)})) &&
        regen_fhir_fits(s, "actor", FACTS({regen_entry_resource(s, r).type, r->resource->uid})) &&
        regen_fhir_fits(s, "service-type", NOTHING);
    return fits ? REGEN_ITEM_FITS : REGEN_ITEM_OTHER;
}

static bool id_fits(const regen_fhir_search_t *s, const regen_fhir_entry_t *e)
{
    return regen_fhir_fits(s, "_id", FACTS({NULL, e->id}));
}

rg_outcome_t regen_find_definition(regen_fhir_search_t *s)
{
    regen_fhir_entry_t one;
    bool none = s->dir->changed_at < s->changed.from || s->dir->changed_at >= s->changed.until;
    regen_item_t got = none ? REGEN_ITEM_END : REGEN_ITEM_OTHER;
    for (int64_t i = s->key; got != REGEN_ITEM_END && i < INT32_MAX && !s->more; i++) {
        got = s->type->item(&one, s, (int)i);
        if (got != REGEN_ITEM_FITS || !id_fits(s, &one)) {
            continue;
        }
        if (s->found->nelts == s->count) {
            s->more = true;
            s->next_key = i;
        }
        else {
            APR_ARRAY_PUSH(s->found, regen_fhir_entry_t) = one;
        }
    }
    return RG_OK;
}

/* --- one -------------------------------------------------------------------------------------- */

rg_outcome_t regen_get_definition(regen_fhir_entry_t *out, regen_fhir_search_t *s, const char *id)
{
    s->count = INT32_MAX;
    rg_outcome_t rc = s->type->find(s);
    for (int i = 0; rc == RG_OK && i < s->found->nelts; i++) {
        const regen_fhir_entry_t *e = &APR_ARRAY_IDX(s->found, i, regen_fhir_entry_t);
        if (strcmp(e->id, id) == 0) {
            *out = *e;
            return RG_OK;
        }
    }
    return rc == RG_OK ? RG_NOT_FOUND : rc;
}

/* --- includes --------------------------------------------------------------------------------- */

static void include(regen_fhir_search_t *s, regen_fhir_entry_t e)
{
    regen_fhir_other(s, &e);
}

static void include_schedule_actors(regen_fhir_search_t *s, const schedule_t *one)
{
    if (one->service) {
        include(s, regen_entry_service(s, one->service));
        include(s, regen_entry_site(s, one->service->site));
    }
    else {
        include(s, regen_entry_resource(s, one->resource));
    }
}

static void include_services(regen_fhir_search_t *s, const rg_directory_resource_t *r)
{
    for (int i = 0; i < s->dir->service_count; i++) {
        if (s->dir->services[i].active && rg_directory_serves(r, &s->dir->services[i])) {
            include(s, regen_entry_service(s, &s->dir->services[i]));
        }
    }
}

void regen_include_definition(regen_fhir_search_t *s, const regen_fhir_entry_t *entry,
                              const char *what)
{
    if (strcmp(what, "Schedule:actor") == 0) {
        include_schedule_actors(s, entry->value);
    }
    else if (strcmp(what, "HealthcareService:location") == 0) {
        include(s, regen_entry_site(s, ((const rg_directory_service_t *)entry->value)->site));
    }
    else if (strcmp(what, "PractitionerRole:practitioner") == 0) {
        include(s, regen_entry_resource(s, entry->value));
    }
    else if (strcmp(what, "PractitionerRole:service") == 0) {
        include_services(s, entry->value);
    }
    else if (strcmp(what, "PractitionerRole:location") == 0 ||
             strcmp(what, "Device:location") == 0 ||
             (strcmp(what, "Location:partof") == 0 && entry->write == write_room)) {
        include(s, regen_entry_site(s, ((const rg_directory_resource_t *)entry->value)->site));
    }
}
