/* SPDX-License-Identifier: Apache-2.0 */
/* A good-faith estimate as a FHIR R4 Claim of use "predetermination", self-contained: what it says
 * is what it said when it was issued. The patient pays themselves, so the coverage is a contained
 * one of the type "pay". Elements in the schema's order. */
#include "fhir_int.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

#include <string.h>

#include <apr_strings.h>

static bool estimate_says(const char *s)
{
    return *s != '\0';
}

static void begin_inside(rg_writer_t *w, const char *type, const char *id)
{
    rg_writer_resource(w, "contained", type);
    rg_writer_string(w, "id", id);
}

static void put_name_text(rg_writer_t *w, const char *text)
{
    const rg_writer_name_t n = {.text = text};
    rg_writer_list(w, "name");
    rg_writer_human_name(w, "name", &n);
    rg_writer_list_end(w);
}

static void put_own_coverage(rg_writer_t *w)
{
    begin_inside(w, "Coverage", "coverage");
    rg_writer_string(w, "status", "active");
    rg_writer_concept(w, "type", HL7 "coverage-selfpay", "pay", NULL, NULL);
    rg_writer_reference(w, "beneficiary", "#patient", NULL);
    rg_writer_list(w, "payor");
    rg_writer_reference(w, "payor", "#patient", NULL);
    rg_writer_list_end(w);
    rg_writer_resource_end(w);
}

static void put_issuer(rg_writer_t *w, const rg_estimate_t *e)
{
    begin_inside(w, "Organization", "provider");
    if (estimate_says(e->npi) || estimate_says(e->tin)) {
        rg_writer_list(w, "identifier");
        if (estimate_says(e->npi)) {
            rg_writer_identifier(w, "identifier", NPI, e->npi);
        }
        if (estimate_says(e->tin)) {
            rg_writer_begin(w, "identifier");
            rg_writer_concept(w, "type", HL7 "v2-0203", "TAX", NULL, NULL);
            rg_writer_string(w, "system", EIN);
            rg_writer_string(w, "value", e->tin);
            rg_writer_end(w);
        }
        rg_writer_list_end(w);
    }
    rg_writer_string(w, "name", estimate_says(e->issuer) ? e->issuer : e->place);
    rg_writer_resource_end(w);
}

static void put_who_treats(rg_writer_t *w, const rg_estimate_t *e)
{
    if (!estimate_says(e->provider)) {
        return;
    }
    begin_inside(w, "Practitioner", "practitioner");
    if (estimate_says(e->provider_npi)) {
        rg_writer_list(w, "identifier");
        rg_writer_identifier(w, "identifier", NPI, e->provider_npi);
        rg_writer_list_end(w);
    }
    put_name_text(w, e->provider);
    rg_writer_resource_end(w);
}

static void put_contained(rg_writer_t *w, const rg_estimate_t *e)
{
    rg_writer_list(w, "contained");
    begin_inside(w, "Patient", "patient");
    put_name_text(w, e->patient_name);
    rg_writer_date(w, "birthDate", e->patient_born);
    rg_writer_resource_end(w);
    put_own_coverage(w);
    put_issuer(w, e);
    put_who_treats(w, e);
    begin_inside(w, "Location", "facility");
    rg_writer_string(w, "name", e->place);
    rg_writer_resource_end(w);
    rg_writer_list_end(w);
}

static void put_care_team(rg_writer_t *w, const rg_estimate_t *e)
{
    if (!estimate_says(e->provider)) {
        return;
    }
    rg_writer_list(w, "careTeam");
    rg_writer_begin(w, "careTeam");
    rg_writer_int(w, "sequence", 1);
    rg_writer_reference(w, "provider", "#practitioner", NULL);
    rg_writer_end(w);
    rg_writer_list_end(w);
}

/* "M17.11, M17.12" */
static void put_expected_diagnoses(rg_writer_t *w, apr_pool_t *p, const rg_estimate_t *e)
{
    char *rest = NULL;
    char *codes = apr_pstrdup(p, e->diagnoses);
    int n = 0;
    if (!estimate_says(e->diagnoses)) {
        return;
    }
    rg_writer_list(w, "diagnosis");
    for (char *c = apr_strtok(codes, ", ", &rest); c; c = apr_strtok(NULL, ", ", &rest)) {
        rg_writer_begin(w, "diagnosis");
        rg_writer_int(w, "sequence", ++n);
        rg_writer_concept(w, "diagnosisCodeableConcept", ICD10CM, c, NULL, NULL);
        rg_writer_end(w);
    }
    rg_writer_list_end(w);
}

static void put_insurance(rg_writer_t *w)
{
    rg_writer_list(w, "insurance");
    rg_writer_begin(w, "insurance");
    rg_writer_int(w, "sequence", 1);
    rg_writer_bool(w, "focal", true);
    rg_writer_reference(w, "coverage", "#coverage", NULL);
    rg_writer_end(w);
    rg_writer_list_end(w);
}

static void put_line_modifiers(rg_writer_t *w, apr_pool_t *p, const char *modifiers)
{
    char *rest = NULL;
    char *words = apr_pstrdup(p, modifiers);
    if (!estimate_says(modifiers)) {
        return;
    }
    rg_writer_list(w, "modifier");
    for (char *m = apr_strtok(words, " ", &rest); m; m = apr_strtok(NULL, " ", &rest)) {
        rg_writer_concept(w, "modifier", HCPCS, m, NULL, NULL);
    }
    rg_writer_list_end(w);
}

static void put_expected_items(rg_writer_t *w, apr_pool_t *p, const rg_estimate_t *e,
                               const char *own_codes)
{
    rg_writer_list(w, "item");
    for (int i = 0; i < e->line_count; i++) {
        const rg_estimate_line_t *l = &e->lines[i];
        rg_writer_begin(w, "item");
        rg_writer_int(w, "sequence", l->line_no);
        rg_writer_concept(w, "productOrService",
                          estimate_says(l->code_system) ? l->code_system : own_codes, l->code,
                          l->description, NULL);
        put_line_modifiers(w, p, l->modifiers);
        rg_writer_quantity(w, "quantity", apr_itoa(p, l->units), NULL, NULL);
        rg_writer_money(w, "unitPrice", l->unit);
        rg_writer_money(w, "net", l->total);
        rg_writer_end(w);
    }
    rg_writer_list_end(w);
}

static void write_estimate(rg_writer_t *w, apr_pool_t *p, const rg_estimate_t *e,
                           const rg_policy_t *policy)
{
    rg_writer_resource(w, NULL, "Claim");
    rg_writer_string(w, "id", e->label);
    put_contained(w, e);
    rg_writer_list(w, "identifier");
    rg_writer_identifier(w, "identifier",
                         apr_pstrcat(p, policy->names, "/sid/estimate-number", NULL), e->label);
    rg_writer_list_end(w);
    rg_writer_string(w, "status", e->version == e->newest && e->applies ? "active" : "cancelled");
    rg_writer_concept(w, "type", HL7 "claim-type", "professional", NULL, NULL);
    rg_writer_string(w, "use", "predetermination");
    rg_writer_reference(w, "patient", "#patient", NULL);
    rg_writer_period_utc(w, "billablePeriod", e->service_at, e->service_at);
    rg_writer_instant(w, "created", e->made_at);
    rg_writer_reference(w, "provider", "#provider", NULL);
    rg_writer_concept(w, "priority", HL7 "processpriority", "normal", NULL, NULL);
    rg_writer_reference(w, "facility", "#facility", NULL);
    put_care_team(w, e);
    put_expected_diagnoses(w, p, e);
    put_insurance(w);
    put_expected_items(w, p, e, policy->code_system);
    rg_writer_money(w, "total", e->total);
    rg_writer_resource_end(w);
}

rg_outcome_t rg_fhir_estimate(rg_format_t f, rg_buf_t *out, apr_pool_t *p, const rg_estimate_t *e,
                              const rg_policy_t *policy)
{
    rg_writer_t *w = rg_writer_to_buf(p, f, out);
    write_estimate(w, p, e, policy);
    return rg_writer_finish(w, NULL);
}
