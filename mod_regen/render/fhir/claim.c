/* SPDX-License-Identifier: Apache-2.0 */
/* A claim as a FHIR R4 Claim, self-contained: patient, coverage, payer, providers and facility are
 * inside it, so that the document means the same everywhere. Elements in the schema's order;
 * mapping: README, "What a claim carries". */
#include "fhir_int.h"
#include <string.h>

#include <apr_strings.h>
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

#define MBI   "http://hl7.org/fhir/sid/us-mbi"
#define PLACE "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"

static void write_address(rg_writer_t *w, const rg_address_t *a)
{
    const rg_writer_address_t out = {.line1 = a->line,
                                     .city = a->city,
                                     .state = a->state,
                                     .postal_code = a->postal_code,
                                     .country = a->country};
    rg_writer_list(w, "address");
    rg_writer_address(w, "address", &out);
    rg_writer_list_end(w);
}

static void name(rg_writer_t *w, const char *family, const char *given)
{
    const rg_writer_name_t n = {.use = "official", .family = family, .given = given};
    rg_writer_list(w, "name");
    rg_writer_human_name(w, "name", &n);
    rg_writer_list_end(w);
}

static void telecom(rg_writer_t *w, const char *system, const char *value)
{
    rg_writer_list(w, "telecom");
    rg_writer_contact(w, "telecom", system, value, NULL);
    rg_writer_list_end(w);
}

static void claim_identifier(rg_writer_t *w, const char *system, const char *value)
{
    rg_writer_list(w, "identifier");
    rg_writer_identifier(w, "identifier", system, value);
    rg_writer_list_end(w);
}

static void begin_contained(rg_writer_t *w, const char *type, const char *id)
{
    rg_writer_resource(w, "contained", type);
    rg_writer_string(w, "id", id);
}

static void patient(rg_writer_t *w, const rg_claim_t *c)
{
    begin_contained(w, "Patient", "patient");
    name(w, c->patient.family, c->patient.given_lines ? c->patient.given_lines : c->patient.given);
    telecom(w, "phone", c->patient.phone);
    rg_writer_string(w, "gender", c->patient.gender);
    rg_writer_date(w, "birthDate", c->patient.birth_date);
    write_address(w, &c->patient.address);
    rg_writer_resource_end(w);
}

static bool is_self(const rg_claim_t *c)
{
    return rg_relationship_parse(c->coverage.relationship) == RG_RELATIONSHIP_SELF;
}

static void subscriber(rg_writer_t *w, const rg_claim_t *c)
{
    if (is_self(c)) {
        return;
    }
    begin_contained(w, "RelatedPerson", "subscriber");
    rg_writer_reference(w, "patient", "#patient", NULL);
    name(w, c->coverage.subscriber_family, c->coverage.subscriber_given);
    rg_writer_date(w, "birthDate", c->coverage.subscriber_birth_date);
    rg_writer_resource_end(w);
}

static void coverage_class(rg_writer_t *w, const char *code, const char *value)
{
    if (!*value) {
        return;
    }
    rg_writer_begin(w, "class");
    rg_writer_concept(w, "type", HL7 "coverage-class", code, NULL, NULL);
    rg_writer_string(w, "value", value);
    rg_writer_end(w);
}

static void coverage(rg_writer_t *w, const rg_claim_t *c)
{
    const rg_coverage_t *v = &c->coverage;
    begin_contained(w, "Coverage", "coverage");
    if (rg_payer_kind_parse(v->payer.kind) == RG_PAYER_MEDICARE) {
        claim_identifier(w, MBI, v->member_id);
    }
    rg_writer_string(w, "status", "active");
    rg_writer_reference(w, "subscriber", is_self(c) ? "#patient" : "#subscriber", NULL);
    rg_writer_string(w, "subscriberId", v->member_id);
    rg_writer_reference(w, "beneficiary", "#patient", NULL);
    rg_writer_concept(w, "relationship", HL7 "subscriber-relationship", v->relationship, NULL,
                      NULL);
    rg_writer_list(w, "payor");
    rg_writer_reference(w, "payor", "#payer", v->payer.name);
    rg_writer_list_end(w);
    rg_writer_list(w, "class");
    coverage_class(w, "group", v->group_no);
    coverage_class(w, "plan", v->plan_name);
    rg_writer_list_end(w);
    rg_writer_resource_end(w);
}

/* As they were named first, wherever the clinic is now. */
static const char *own_system(apr_pool_t *p, const rg_policy_t *policy, const char *what)
{
    return apr_pstrcat(p, policy->names, "/sid/", what, NULL);
}

static void payer(rg_writer_t *w, const rg_claim_t *c, const char *payer_ids)
{
    begin_contained(w, "Organization", "payer");
    claim_identifier(w, payer_ids, c->coverage.payer.payer_id);
    rg_writer_string(w, "name", c->coverage.payer.name);
    rg_writer_resource_end(w);
}

/* The EIN needs a type of its own (v2-0203 TAX), unlike the NPI. */
static void billing_identifiers(rg_writer_t *w, const rg_organization_t *o)
{
    rg_writer_list(w, "identifier");
    rg_writer_identifier(w, "identifier", NPI, o->npi);
    rg_writer_begin(w, "identifier");
    rg_writer_concept(w, "type", HL7 "v2-0203", "TAX", NULL, NULL);
    rg_writer_string(w, "system", EIN);
    rg_writer_string(w, "value", o->tin);
    rg_writer_end(w);
    rg_writer_list_end(w);
}

static void billing(rg_writer_t *w, const rg_claim_t *c)
{
    begin_contained(w, "Organization", "provider");
    billing_identifiers(w, &c->billing);
    rg_writer_list(w, "type");
    rg_writer_concept(w, "type", TAXONOMY, c->billing.taxonomy, NULL, NULL);
    rg_writer_list_end(w);
    rg_writer_string(w, "name", c->billing.name);
    telecom(w, "phone", c->billing.phone);
    write_address(w, &c->billing.address);
    rg_writer_resource_end(w);
}

static void rendering(rg_writer_t *w, const rg_claim_t *c)
{
    begin_contained(w, "Practitioner", "rendering");
    claim_identifier(w, NPI, c->rendering.npi);
    name(w, c->rendering.family, c->rendering.given);
    rg_writer_resource_end(w);
}

static void facility(rg_writer_t *w, const rg_claim_t *c)
{
    const rg_address_t *a = &c->facility.address;
    const rg_writer_address_t out = {.line1 = a->line,
                                     .city = a->city,
                                     .state = a->state,
                                     .postal_code = a->postal_code,
                                     .country = a->country};
    begin_contained(w, "Location", "facility");
    rg_writer_string(w, "name", c->facility.name);
    rg_writer_address(w, "address", &out);
    rg_writer_resource_end(w);
}

static void everybody(rg_writer_t *w, const rg_claim_t *c, const char *payer_ids)
{
    rg_writer_list(w, "contained");
    patient(w, c);
    subscriber(w, c);
    payer(w, c, payer_ids);
    coverage(w, c);
    billing(w, c);
    rendering(w, c);
    facility(w, c);
    rg_writer_list_end(w);
}

static void care_team(rg_writer_t *w, const rg_claim_t *c)
{
    rg_writer_list(w, "careTeam");
    rg_writer_begin(w, "careTeam");
    rg_writer_int(w, "sequence", 1);
    rg_writer_reference(w, "provider", "#rendering", NULL);
    rg_writer_bool(w, "responsible", true);
    rg_writer_concept(w, "role", HL7 "claimcareteamrole", "primary", NULL, NULL);
    rg_writer_concept(w, "qualification", TAXONOMY, c->rendering.taxonomy, NULL, NULL);
    rg_writer_end(w);
    rg_writer_list_end(w);
}

static void diagnoses(rg_writer_t *w, const rg_claim_t *c)
{
    rg_writer_list(w, "diagnosis");
    for (int i = 0; i < c->diagnosis_count; i++) {
        rg_writer_begin(w, "diagnosis");
        rg_writer_int(w, "sequence", i + 1);
        rg_writer_concept(w, "diagnosisCodeableConcept", ICD10CM, c->diagnoses[i].code,
                          c->diagnoses[i].title, NULL);
        if (i == 0) {
            rg_writer_list(w, "type");
            rg_writer_concept(w, "type", HL7 "ex-diagnosistype", "principal", NULL, NULL);
            rg_writer_list_end(w);
        }
        rg_writer_end(w);
    }
    rg_writer_list_end(w);
}

static void insurance(rg_writer_t *w)
{
    rg_writer_list(w, "insurance");
    rg_writer_begin(w, "insurance");
    rg_writer_int(w, "sequence", 1);
    rg_writer_bool(w, "focal", true);
    rg_writer_reference(w, "coverage", "#coverage", NULL);
    rg_writer_end(w);
    rg_writer_list_end(w);
}

static void int_list(rg_writer_t *w, const char *element, const int *values, int max)
{
    rg_writer_list(w, element);
    for (int i = 0; i < max && values[i]; i++) {
        rg_writer_int(w, element, values[i]);
    }
    rg_writer_list_end(w);
}

static void write_modifiers(rg_writer_t *w, const rg_claim_line_t *l)
{
    rg_writer_list(w, "modifier");
    for (int i = 0; i < 4 && l->modifiers[i]; i++) {
        rg_writer_concept(w, "modifier", HCPCS, l->modifiers[i], NULL, NULL);
    }
    rg_writer_list_end(w);
}

static void write_item(rg_writer_t *w, const rg_claim_t *c, const rg_claim_line_t *l,
                       const char *own_codes, apr_pool_t *p)
{
    static const int team[] = {1};
    rg_writer_begin(w, "item");
    rg_writer_int(w, "sequence", l->sequence);
    int_list(w, "careTeamSequence", team, 1);
    int_list(w, "diagnosisSequence", l->pointers, 4);
    rg_writer_concept(w, "productOrService", *l->code_system ? l->code_system : own_codes, l->code,
                      l->description, NULL);
    write_modifiers(w, l);
    rg_writer_date(w, "servicedDate", l->service_date);
    rg_writer_concept(w, "locationCodeableConcept", PLACE, c->facility.place_of_service, NULL,
                      NULL);
    rg_writer_quantity(w, "quantity", apr_itoa(p, l->quantity), NULL, NULL);
    rg_writer_money(w, "unitPrice", l->unit);
    rg_writer_money(w, "net", l->net);
    rg_writer_concept(w, "bodySite", NULL, NULL, NULL,
                      l->side == RG_SIDE_NONE
                          ? l->body_site
                          : apr_pstrcat(p, rg_side_name(l->side), " ", l->body_site, NULL));
    rg_writer_end(w);
}

static void items(rg_writer_t *w, const rg_claim_t *c, const char *own_codes, apr_pool_t *p)
{
    rg_writer_list(w, "item");
    for (int i = 0; i < c->line_count; i++) {
        write_item(w, c, &c->lines[i], own_codes, p);
    }
    rg_writer_list_end(w);
}

static void payee(rg_writer_t *w)
{
    rg_writer_begin(w, "payee");
    rg_writer_concept(w, "type", HL7 "payeetype", "provider", NULL, NULL);
    rg_writer_reference(w, "party", "#provider", NULL);
    rg_writer_end(w);
}

void rg_fhir_claim(rg_writer_t *w, apr_pool_t *p, const char *as, const rg_claim_t *c,
                   const rg_policy_t *policy)
{
    rg_writer_resource(w, as, "Claim");
    rg_writer_string(w, "id", c->uid);
    everybody(w, c, own_system(p, policy, "payer-id"));
    claim_identifier(w, own_system(p, policy, "claim-number"), c->claim_no);
    rg_writer_string(w, "status", "active");
    rg_writer_concept(w, "type", HL7 "claim-type", "professional", NULL, NULL);
    rg_writer_string(w, "use", "claim");
    rg_writer_reference(w, "patient", "#patient", NULL);
    rg_writer_period(w, "billablePeriod", rg_date_iso(p, c->service_from),
                     rg_date_iso(p, c->service_to));
    rg_writer_instant(w, "created", c->created_at);
    rg_writer_reference(w, "insurer", "#payer", c->coverage.payer.name);
    rg_writer_reference(w, "provider", "#provider", c->billing.name);
    rg_writer_concept(w, "priority", HL7 "processpriority", "normal", NULL, NULL);
    payee(w);
    rg_writer_reference(w, "facility", "#facility", NULL);
    care_team(w, c);
    diagnoses(w, c);
    insurance(w);
    items(w, c, policy->code_system, p);
    rg_writer_money(w, "total", c->total);
    rg_writer_resource_end(w);
}

static rg_outcome_t document(rg_format_t f, rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                             const rg_policy_t *policy)
{
    rg_writer_t *w = rg_writer_to_buf(p, f, out);
    rg_fhir_claim(w, p, NULL, c, policy);
    return rg_writer_finish(w, NULL);
}

rg_outcome_t rg_fhir_claim_xml(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                               const rg_policy_t *policy)
{
    return document(RG_FORMAT_XML, out, p, c, policy);
}

rg_outcome_t rg_fhir_claim_json(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                                const rg_policy_t *policy)
{
    return document(RG_FORMAT_JSON, out, p, c, policy);
}
