/* SPDX-License-Identifier: Apache-2.0 */
/* Appointment and Patient: what is booked, and by whom. The database does the searching; here
 * references become ids, and pages keys. */
#include "fhir.h"

#include <apr_strings.h>
#include <string.h>

#define FACTS(...) ((const regen_fhir_fact_t[]){__VA_ARGS__, {NULL, NULL}})

static void write_visit(rg_writer_t *w, const rg_fhir_t *e, const char *as, const void *value)
{
    rg_fhir_visit(w, e, as, value, 0, 0);
}

static void write_person(rg_writer_t *w, const rg_fhir_t *e, const char *as, const void *value)
{
    rg_fhir_person(w, e, as, value);
}

static regen_fhir_entry_t entry_person(apr_pool_t *p, const rg_person_t *v)
{
    return (regen_fhir_entry_t){.type = "Patient",
                                .id = v->patient.uid,
                                .version = apr_itoa(p, v->version),
                                .changed = v->changed_at,
                                .write = write_person,
                                .value = v};
}

static regen_fhir_entry_t entry_visit(apr_pool_t *p, const rg_visit_t *v)
{
    return (regen_fhir_entry_t){.type = "Appointment",
                                .id = v->uid,
                                .version = apr_itoa(p, v->version),
                                .changed = v->changed_at,
                                .write = write_visit,
                                .value = v};
}

/* --- what is asked for ------------------------------------------------------------------------ */

/* "3,7", to which "0" is added so that a search for nobody we know is not one for everybody. */
static const char *add(apr_pool_t *p, const char *list, int64_t id)
{
    return apr_psprintf(p, "%s%s%" APR_INT64_T_FMT, list, list[0] != '\0' ? "," : "", id);
}

static const char *services_asked(const regen_fhir_search_t *s)
{
    const char *list = "0";
    if (!regen_fhir_has(s, "service-type")) {
        return "";
    }
    for (int i = 0; i < s->dir->service_count; i++) {
        const rg_service_t *v = s->dir->services[i].service;
        if (regen_fhir_fits(s, "service-type", FACTS({s->env.policy->code_system, v->code}))) {
            list = add(s->env.p, list, v->id);
        }
    }
    return list;
}

static const char *resources_asked(const regen_fhir_search_t *s, const char *param,
                                   const char *type, rg_resource_kind_t kind)
{
    const char *list = "0";
    if (!regen_fhir_has(s, param)) {
        return "";
    }
    for (int i = 0; i < s->dir->resource_count; i++) {
        const rg_resource_t *r = s->dir->resources[i].resource;
        if (r->kind == kind && regen_fhir_fits(s, param, FACTS({type, r->uid}))) {
            list = add(s->env.p, list, r->id);
        }
    }
    return list;
}

static const char *sites_asked(const regen_fhir_search_t *s)
{
    const char *list = "0";
    if (!regen_fhir_has(s, "location")) {
        return "";
    }
    for (int i = 0; i < s->dir->site_count; i++) {
        if (regen_fhir_fits(s, "location", FACTS({"Location", s->dir->sites[i].uid}))) {
            list = add(s->env.p, list, s->dir->sites[i].id);
        }
    }
    return list;
}

static const char *statuses_asked(const regen_fhir_search_t *s)
{
    const char *list = "none";
    if (!regen_fhir_has(s, "status")) {
        return "";
    }
    for (int i = 0; i < RG_VISIT_STATUS_COUNT; i++) {
        const char *name = rg_visit_status_name((rg_visit_status_t)i);
        if (regen_fhir_fits(s, "status", FACTS({"http://hl7.org/fhir/appointmentstatus", name}))) {
            list = apr_pstrcat(s->env.p, list, ",", name, NULL);
        }
    }
    return list;
}

/* The one value of a parameter that takes one; "" when it was not given, "-" when it cannot be
 * met. */
static const char *single(const regen_fhir_search_t *s, const char *param, const char *type)
{
    const char *found = "";
    for (int i = 0; i < s->given->nelts; i++) {
        const regen_fhir_given_t *g = &APR_ARRAY_IDX(s->given, i, regen_fhir_given_t);
        const char *value = APR_ARRAY_IDX(g->values, 0, const char *);
        if (strcmp(g->def->name, param) != 0) {
            continue;
        }
        if (type != NULL) {
            value = regen_fhir_reference(value, s->env.policy->fhir_base, type);
        }
        else if (g->def->kind == REGEN_TOKEN && strchr(value, '|') != NULL) {
            value = strchr(value, '|') + 1;
        }
        found = value == NULL || g->values->nelts > 1 || found[0] != '\0' ? "-" : value;
    }
    return found;
}

static rg_outcome_t read_visits_asked(rg_visits_in_t *in, regen_fhir_search_t *s)
{
    regen_span_t when = {0, in->until};
    rg_outcome_t rc = regen_fhir_uids(in->uids, s);
    if (rc == RG_OK) {
        rc = regen_fhir_dates(&when, s, "date");
    }
    in->from = when.from;
    in->until = when.until;
    in->changed_from = s->changed.from;
    in->changed_until = s->changed.until;
    in->by_change = regen_fhir_has(s, "_lastUpdated") && !regen_fhir_has(s, "date");
    in->patient_uid = single(s, "patient", "Patient");
    in->booking_uid = single(s, "identifier", NULL);
    in->statuses = statuses_asked(s);
    in->services = services_asked(s);
    in->sites = sites_asked(s);
    in->rooms = resources_asked(s, "location", "Location", RG_RESOURCE_ROOM);
    in->practitioners =
        resources_asked(s, "practitioner", "Practitioner", RG_RESOURCE_PRACTITIONER);
    in->after_key = s->key;
    in->after_id = s->after;
    return rc;
}

/* --- appointments ----------------------------------------------------------------------------- */

rg_outcome_t regen_find_visit(regen_fhir_search_t *s)
{
    rg_visits_in_t in = rg_visits_any(s->count);
    rg_visit_t *found = NULL;
    int count = 0;
    rg_outcome_t rc = read_visits_asked(&in, s);
    if (rc == RG_OK) {
        rc = rg_visits_search(&found, &count, &s->more, s->q->ctx, &in);
    }
    for (int i = 0; rc == RG_OK && i < count; i++) {
        APR_ARRAY_PUSH(s->found, regen_fhir_entry_t) = entry_visit(s->env.p, &found[i]);
    }
    if (rc == RG_OK && s->more) {
        const rg_visit_t *last = &found[count - 1];
        bool by_change = in.by_change && in.uids[0] == NULL && in.patient_uid[0] == '\0' &&
                         in.booking_uid[0] == '\0';
        s->next_key = apr_time_sec(by_change ? last->changed_at : last->starts_at);
        s->next_after = by_change ? last->booking_id : last->id;
    }
    return rc;
}

rg_outcome_t regen_get_visit(regen_fhir_entry_t *out, regen_fhir_search_t *s, const char *id)
{
    rg_visit_t *v;
    rg_outcome_t rc = rg_visit_get(&v, s->q->ctx, id);
    if (rc == RG_OK) {
        *out = entry_visit(s->env.p, v);
    }
    return rc;
}

/* Resources of the visit whose FHIR type is TYPE (NULL: all). */
static void include_resources(regen_fhir_search_t *s, const rg_visit_t *v, const char *type)
{
    for (int i = 0; i < v->resource_count; i++) {
        const rg_directory_resource_t *r = rg_directory_resource(s->dir, v->resources[i]);
        if (r != NULL) {
            regen_fhir_entry_t e = regen_entry_resource(s, r);
            if (type == NULL || strcmp(e.type, type) == 0) {
                regen_fhir_other(s, &e);
            }
        }
    }
}

static void include_place(regen_fhir_search_t *s, const rg_visit_t *v, bool service_too)
{
    const rg_directory_service_t *service = rg_directory_service(s->dir, v->service_id);
    if (service != NULL) {
        regen_fhir_entry_t e = regen_entry_site(s, service->site);
        regen_fhir_other(s, &e);
        e = regen_entry_service(s, service);
        if (service_too) {
            regen_fhir_other(s, &e);
        }
    }
}

void regen_include_visit(regen_fhir_search_t *s, const regen_fhir_entry_t *entry, const char *what)
{
    const rg_visit_t *v = entry->value;
    bool all = strcmp(what, "Appointment:actor") == 0;
    if ((all || strcmp(what, "Appointment:patient") == 0) && v->person.patient.id != 0) {
        regen_fhir_entry_t e = entry_person(s->env.p, &v->person);
        regen_fhir_other(s, &e);
    }
    if (all || strcmp(what, "Appointment:practitioner") == 0) {
        include_resources(s, v, all ? NULL : "Practitioner");
    }
    if (strcmp(what, "Appointment:location") == 0) {
        include_resources(s, v, "Location");
    }
    if (all || strcmp(what, "Appointment:location") == 0) {
        include_place(s, v, all);
    }
}

/* --- patients --------------------------------------------------------------------------------- */

/* A day range out of a span of instants. */
static void born(rg_people_in_t *in, const regen_span_t *when)
{
    const apr_time_t day = 86400 * APR_USEC_PER_SEC;
    rg_date_t epoch = {1970, 1, 1};
    in->born_from = rg_date_add(epoch, (int)(when->from / day));
    in->born_to = rg_date_add(epoch, (int)(when->until / day) - 1);
}

static rg_outcome_t read_people_asked(rg_people_in_t *in, regen_fhir_search_t *s)
{
    const rg_zone_t *zone = s->zone;
    regen_span_t when = {(apr_time_t)rg_date_days(in->born_from) * 86400 * APR_USEC_PER_SEC,
                         (apr_time_t)(rg_date_days(in->born_to) + 1) * 86400 * APR_USEC_PER_SEC};
    rg_outcome_t rc = regen_fhir_uids(in->uids, s);
    s->zone = NULL; /* a day of birth has no zone */
    if (rc == RG_OK) {
        rc = regen_fhir_dates(&when, s, "birthdate");
    }
    s->zone = zone;
    born(in, &when);
    in->family = single(s, "family", NULL);
    in->given = single(s, "given", NULL);
    in->name = single(s, "name", NULL);
    in->email = single(s, "email", NULL);
    in->phone = single(s, "phone", NULL);
    in->changed_from = s->changed.from;
    in->changed_until = s->changed.until;
    in->after_id = s->after;
    return rc;
}

rg_outcome_t regen_find_person(regen_fhir_search_t *s)
{
    rg_people_in_t in = rg_people_any(s->count);
    rg_person_t *found = NULL;
    int count = 0;
    rg_outcome_t rc = read_people_asked(&in, s);
    if (rc == RG_OK) {
        rc = rg_people_search(&found, &count, &s->more, s->q->ctx, &in);
    }
    for (int i = 0; rc == RG_OK && i < count; i++) {
        APR_ARRAY_PUSH(s->found, regen_fhir_entry_t) = entry_person(s->env.p, &found[i]);
    }
    if (rc == RG_OK && s->more) {
        s->next_after = found[count - 1].patient.id;
    }
    return rc;
}

rg_outcome_t regen_get_person(regen_fhir_entry_t *out, regen_fhir_search_t *s, const char *id)
{
    rg_person_t *v;
    rg_outcome_t rc = rg_person_get(&v, s->q->ctx, id);
    if (rc == RG_OK) {
        *out = entry_person(s->env.p, v);
    }
    return rc;
}
