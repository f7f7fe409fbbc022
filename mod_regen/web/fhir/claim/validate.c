/* SPDX-License-Identifier: Apache-2.0 */
/* POST /fhir/Claim/$validate: is this a Claim that HL7's schema takes, does it agree with itself,
 * and would our own scrubber let it go, as far as the document tells? Nothing is stored. The answer
 * is 200 with an OperationOutcome either way; what cannot be judged (no XML, a profile that is not
 * known, no schema) is an error. */
#include "mod_regen/web/fhir/fhir.h"
#include "check.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/billing.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/core/xml.h"
#include "regen/model/money.h"

#include <string.h>

#define PROFILE "http://hl7.org/fhir/StructureDefinition/Claim"

static const regen_words_t sound = {
    200, "informational", "Valid",
    "The document is valid against the FHIR R4 schema, is consistent, and breaks none of the rules "
    "for claims of this server that can be checked here."};
static const regen_words_t unsound = {200, "structure", "Not valid",
                                      "The document is not valid against the FHIR R4 schema."};
static const regen_words_t unknown = {
    501, "not-supported", "No schema",
    "This server has no schema to validate against: the directive RegenFHIRSchema names it."};

typedef struct {
    const regen_node_t *claim; /* what is to be judged; any type, NULL: nothing */
    const char *profile, *mode;
} asked_t;

/* A parameter's one value, whatever its type: "valueUri", "valueCode", … */
static const char *value_of(const regen_node_t *parameter)
{
    for (const regen_node_t *e = parameter->child; e; e = e->next) {
        if (strncmp(e->name, "value", 5) == 0) {
            return e->value;
        }
    }
    return NULL;
}

static void read_validate_parameters(asked_t *out, const regen_node_t *root)
{
    const regen_node_t *e = regen_node_child(root, "parameter");
    for (; e; e = regen_node_again(e)) {
        const char *name = regen_node_text(e, "name");
        name = name ? name : "";
        if (strcmp(name, "resource") == 0) {
            out->claim = regen_node_child(e, "resource");
        }
        else if (strcmp(name, "profile") == 0) {
            out->profile = value_of(e);
        }
        else if (strcmp(name, "mode") == 0) {
            out->mode = value_of(e);
        }
    }
}

static asked_t read_asked(const regen_req_t *q)
{
    asked_t a = {NULL, regen_param(q, "profile"), regen_param(q, "mode")};
    const regen_node_t *root = regen_node_of_xml(q->ctx->pool, q->xml);
    if (root && strcmp(root->type, "Parameters") == 0) {
        read_validate_parameters(&a, root);
    }
    else {
        a.claim = root;
    }
    return a;
}

static bool known_profile(const char *s)
{
    size_t n = strcspn(s, "|");
    return n == strlen(PROFILE) && strncmp(s, PROFILE, n) == 0 &&
           (s[n] == '\0' || strcmp(s + n, "|4.0.1") == 0);
}

enum { FINDINGS_MOST = 100 };
#define FIRST_ZONE (14 * RG_HOUR)

/* The latest day that it is anywhere: where the claim is from is not said. */
static rg_date_t latest_day(apr_time_t now)
{
    return rg_date_from_days((now + FIRST_ZONE) / RG_DAY);
}

static void mark(rg_problems_t *problems, int from, const char *code)
{
    for (int i = from; i < problems->list->nelts; i++) {
        APR_ARRAY_IDX(problems->list, i, rg_problem_t).code = code;
    }
}

static void judge_claim(const regen_req_t *q, const regen_node_t *claim)
{
    rg_problems_t *problems = q->ctx->problems;
    rg_claim_t c;
    bool professional;
    int from = problems->list->nelts;
    regen_claim_check(claim, q->ctx->pool, problems);
    regen_claim_read(&c, &professional, claim, q->ctx->pool, problems);
    mark(problems, from, "invariant");
    from = problems->list->nelts;
    rg_claim_scrub_foreign(&c, professional, latest_day(q->ctx->now), problems);
    mark(problems, from, "business-rule");
    if (problems->list->nelts > FINDINGS_MOST) {
        problems->list->nelts = FINDINGS_MOST;
        rg_problem_add(problems, NULL, "There are more findings; these are the first hundred.");
    }
}

static int judge(regen_req_t *q, const regen_node_t *claim)
{
    rg_problems_t *problems = q->ctx->problems;
    rg_outcome_t rc = rg_schema_validate(q->ctx->policy->fhir_schema, q->own->body->data,
                                         q->own->body->len, problems);
    if (rc != RG_OK && rc != RG_INVALID) {
        return regen_fail(q, rc);
    }
    if (!claim || !claim->type || strcmp(claim->type, "Claim") != 0) {
        rg_problem_add(problems, NULL,
                       "This is not a Claim, and only claims can be validated here.");
    }
    else {
        judge_claim(q, claim);
    }
    return regen_problem(q, rg_problems_any(problems) ? &unsound : &sound, NULL);
}

static int h_fhir_validate(regen_req_t *q)
{
    if (!q->ctx->policy->fhir_schema) {
        return regen_problem(q, &unknown, NULL);
    }
    asked_t a = read_asked(q);
    if (a.profile && !known_profile(a.profile)) {
        return regen_fhir_refuse(q, HTTP_BAD_REQUEST, "not-supported",
                                 "The only profile supported here is " PROFILE ".");
    }
    if (a.mode && strcmp(a.mode, "create") != 0) {
        return regen_fhir_refuse(q, HTTP_BAD_REQUEST, "not-supported",
                                 "The only mode supported here is create.");
    }
    return judge(q, a.claim);
}

const regen_route_t regen_routes_fhir_validate[] = {
    {"POST", "/fhir/Claim/$validate", RG_ROLE_MACHINE, 512 * KIB, REGEN_XML,
     REGEN_FHIR_AREA | REGEN_NO_IDEM, h_fhir_validate},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
