/* SPDX-License-Identifier: Apache-2.0 */
/* Appointment and Patient. The database does the searching; this file turns references into ids,
 * and pages into keys. */
#include "fhir.h"
#include "regen/clinic/api.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/visit.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

#include <apr_strings.h>
#include <string.h>

#define FACTS(...) ((const regen_fhir_fact_t[]){__VA_ARGS__, {NULL, NULL}})

static void write_appointment(rg_writer_t *w, const rg_fhir_t *e, const char *as, const void *value)
{
    regen_fhir_visit(w, e, as, value, 0, 0);
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
                                .write = write_appointment,
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

static const char *uid_of(const rg_resource_t *r)
{
    return r->uid;
}

static const char *npi_of(const rg_resource_t *r)
{
    return r->npi;
}

static const char *taxonomy_of(const rg_resource_t *r)
{
    return r->taxonomy;
}

/* What tells one practitioner of a visit. */
static const struct {
    const char *param, *system;
    const char *(*value)(const rg_resource_t *r);
} tells[] = {{"practitioner", "Practitioner", uid_of},
             {"practitioner.identifier", "http://hl7.org/fhir/sid/us-npi", npi_of},
             {"specialty", "http://nucc.org/provider-taxonomy", taxonomy_of}};

/* Each parameter that was given must hold of some practitioner, not all of the same. */
static rg_outcome_t practitioners_asked(const char *with[RG_VISIT_WITH], regen_fhir_search_t *s)
{
    int n = 0;
    for (size_t t = 0; t < sizeof(tells) / sizeof(tells[0]); t++) {
        const regen_fhir_given_t *g;
        for (int at = 0; (g = regen_fhir_next(s, tells[t].param, &at));) {
            const char *list = "0";
            if (n == RG_VISIT_WITH) {
                return regen_fhir_wrong(s, tells[t].param, "Name at most 4 practitioners.");
            }
            for (int i = 0; i < s->dir->resource_count; i++) {
                const rg_resource_t *r = s->dir->resources[i].resource;
                if (r->kind == RG_RESOURCE_PRACTITIONER &&
                    regen_fhir_given_fits(s, g, FACTS({tells[t].system, tells[t].value(r)}))) {
                    list = add(s->env.p, list, r->id);
                }
            }
            with[n++] = list;
        }
    }
    return RG_OK;
}

/* What tells where a visit is; one of them, once: each may be told of another place of the
 * visit. */
static const char *const place_params[] = {"location", "location.identifier", "location.name"};

static bool appointment_place_fits(const regen_fhir_search_t *s, const char *uid,
                                   const char *system, const char *code, const char *name)
{
    const regen_fhir_fact_t facts[][2] = {
        {{"Location", uid}}, {{rg_fhir_sid(&s->env, system), code}}, {{NULL, name}}};
    return regen_fhir_fits(s, place_params[0], facts[0]) &&
           regen_fhir_fits(s, place_params[1], facts[1]) &&
           regen_fhir_fits(s, place_params[2], facts[2]);
}

static rg_outcome_t places_asked(rg_visits_in_t *in, regen_fhir_search_t *s)
{
    int given = 0;
    for (size_t i = 0; i < sizeof(place_params) / sizeof(place_params[0]); i++) {
        for (int at = 0; regen_fhir_next(s, place_params[i], &at);) {
            given++;
        }
    }
    if (given != 1) {
        return given == 0 ? RG_OK : regen_fhir_wrong(s, "location", "Say one location, once.");
    }
    in->sites = in->rooms = "0";
    for (int i = 0; i < s->dir->site_count; i++) {
        const rg_site_t *v = &s->dir->sites[i];
        if (appointment_place_fits(s, v->uid, "site", v->code, v->name)) {
            in->sites = add(s->env.p, in->sites, v->id);
        }
    }
    for (int i = 0; i < s->dir->resource_count; i++) {
        const rg_resource_t *r = s->dir->resources[i].resource;
        if (r->kind == RG_RESOURCE_ROOM &&
            appointment_place_fits(s, r->uid, "resource", r->code, r->name)) {
            in->rooms = add(s->env.p, in->rooms, r->id);
        }
    }
    return RG_OK;
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

/* One person, by id or by identifier. */
static rg_outcome_t patient_asked(const char **uid, regen_fhir_search_t *s)
{
    const char *other;
    rg_outcome_t rc = regen_fhir_single(uid, s, "patient", "Patient");
    if (rc == RG_OK) {
        rc = regen_fhir_single(&other, s, "patient.identifier", rg_fhir_sid(&s->env, "patient"));
    }
    if (rc == RG_OK && other[0] != '\0') {
        *uid = (*uid)[0] == '\0' || strcmp(*uid, other) == 0 ? other : "-";
    }
    return rc;
}

static rg_outcome_t read_visits_asked(rg_visits_in_t *in, regen_fhir_search_t *s)
{
    regen_span_t when = {0, in->until};
    rg_outcome_t rc = regen_fhir_uids(in->uids, s);
    if (rc == RG_OK) {
        rc = regen_fhir_dates(&when, s, "date");
    }
    if (rc == RG_OK) {
        rc = patient_asked(&in->patient_uid, s);
    }
    if (rc == RG_OK) {
        rc = regen_fhir_single(&in->booking_uid, s, "identifier", rg_fhir_sid(&s->env, "booking"));
    }
    if (rc == RG_OK) {
        rc = practitioners_asked(in->with, s);
    }
    if (rc == RG_OK) {
        rc = places_asked(in, s);
    }
    in->from = when.from;
    in->until = when.until;
    in->changed_from = s->changed.from;
    in->changed_until = s->changed.until;
    in->by_change = regen_fhir_has(s, "_lastUpdated") && !regen_fhir_has(s, "date");
    in->statuses = statuses_asked(s);
    in->services = services_asked(s);
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
        bool by_change =
            in.by_change && !in.uids[0] && in.patient_uid[0] == '\0' && in.booking_uid[0] == '\0';
        s->next_key = apr_time_sec(by_change ? last->changed_at : last->starts_at);
        s->next_after = by_change ? last->booking_id : last->id;
    }
    return rc;
}

rg_outcome_t regen_total_visits(regen_fhir_search_t *s)
{
    rg_visits_in_t in = rg_visits_any(s->count);
    int64_t n = 0;
    rg_outcome_t rc = read_visits_asked(&in, s);
    if (rc == RG_OK) {
        rc = rg_visits_total(&n, s->q->ctx, &in);
    }
    s->total = (int)n;
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
        if (r) {
            regen_fhir_entry_t e = regen_entry_resource(s, r);
            if (!type || strcmp(e.type, type) == 0) {
                regen_fhir_other(s, &e);
            }
        }
    }
}

static void include_place(regen_fhir_search_t *s, const rg_visit_t *v, bool service_too)
{
    const rg_directory_service_t *service = rg_directory_service(s->dir, v->service_id);
    if (service) {
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
    in->born_from = rg_date_from_days(when->from / RG_DAY);
    in->born_to = rg_date_from_days(when->until / RG_DAY - 1);
}

/* Words of a name, with how they are compared; repeated ones would need a search of their own. */
static rg_outcome_t word_asked(rg_word_t *out, regen_fhir_search_t *s, const char *name)
{
    static const rg_word_how_t hows[] = {[REGEN_STARTS] = RG_WORD_STARTS,
                                         [REGEN_CONTAINS] = RG_WORD_CONTAINS,
                                         [REGEN_EXACT] = RG_WORD_EXACT};
    int at = 0;
    const regen_fhir_given_t *g = regen_fhir_next(s, name, &at);
    out->how = g ? hows[g->how] : RG_WORD_STARTS;
    return regen_fhir_single(&out->text, s, name, NULL);
}

static rg_outcome_t read_words_asked(rg_people_in_t *in, regen_fhir_search_t *s)
{
    rg_outcome_t rc = word_asked(&in->family, s, "family");
    if (rc == RG_OK) {
        rc = word_asked(&in->given, s, "given");
    }
    if (rc == RG_OK) {
        rc = word_asked(&in->name, s, "name");
    }
    if (rc == RG_OK) {
        rc = regen_fhir_single(&in->email, s, "email", "");
    }
    return rc == RG_OK ? regen_fhir_single(&in->phone, s, "phone", "") : rc;
}

/* An identifier is an id under a system, so it is one more list of ids: both must hold. */
static rg_outcome_t read_ids_asked(rg_people_in_t *in, regen_fhir_search_t *s)
{
    const char *one;
    rg_outcome_t rc = regen_fhir_single(&one, s, "identifier", rg_fhir_sid(&s->env, "patient"));
    if (rc == RG_OK) {
        rc = regen_fhir_uids(in->uids, s);
    }
    if (rc == RG_OK && one[0] != '\0') {
        bool fits = regen_fhir_fits(s, "_id", FACTS({NULL, one}));
        memset(in->uids, 0, sizeof(in->uids));
        in->uids[0] = fits ? one : "-";
    }
    return rc;
}

static rg_outcome_t read_people_asked(rg_people_in_t *in, regen_fhir_search_t *s)
{
    const rg_zone_t *zone = s->zone;
    regen_span_t when = {(apr_time_t)rg_date_days(in->born_from) * RG_DAY,
                         (apr_time_t)(rg_date_days(in->born_to) + 1) * RG_DAY};
    rg_outcome_t rc = read_ids_asked(in, s);
    s->zone = NULL; /* a day of birth has no zone */
    if (rc == RG_OK) {
        rc = regen_fhir_dates(&when, s, "birthdate");
    }
    s->zone = zone;
    born(in, &when);
    if (rc == RG_OK) {
        rc = read_words_asked(in, s);
    }
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

rg_outcome_t regen_total_people(regen_fhir_search_t *s)
{
    rg_people_in_t in = rg_people_any(s->count);
    int64_t n = 0;
    rg_outcome_t rc = read_people_asked(&in, s);
    if (rc == RG_OK) {
        rc = rg_people_total(&n, s->q->ctx, &in);
    }
    s->total = (int)n;
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
