/* SPDX-License-Identifier: Apache-2.0 */
/* POST /fhir/Claim/$validate: is this a Claim that HL7's schema takes, and does it agree with
 * itself? Nothing is stored. The answer is 200 with an OperationOutcome either way; what cannot be
 * judged (no XML, a profile that is not known, no schema) is an error. */
#include "fhir.h"
#include "fhir_claim_check.h"

#include <string.h>

#define PROFILE "http://hl7.org/fhir/StructureDefinition/Claim"

static const regen_words_t sound = {
    200, "informational", "Valid",
    "The document is valid against the schema of FHIR R4, and its sums and pointers are right."};
static const regen_words_t unsound = {200, "structure", "Not valid",
                                      "The document is not valid against the schema of FHIR R4."};
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
    for (const regen_node_t *e = parameter->child; e != NULL; e = e->next) {
        if (strncmp(e->name, "value", 5) == 0) {
            return e->value;
        }
    }
    return NULL;
}

static void read_parameters(asked_t *out, const regen_node_t *root)
{
    const regen_node_t *e = regen_node_child(root, "parameter");
    for (; e != NULL; e = regen_node_again(e)) {
        const char *name = regen_node_text(e, "name");
        name = name != NULL ? name : "";
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
    if (root != NULL && strcmp(root->type, "Parameters") == 0) {
        read_parameters(&a, root);
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

static int judge(regen_req_t *q, const regen_node_t *claim)
{
    rg_problems_t *problems = q->ctx->problems;
    rg_outcome_t rc = rg_schema_validate(q->ctx->policy->fhir_schema, q->own->body->data,
                                         q->own->body->len, problems);
    if (rc != RG_OK && rc != RG_INVALID) {
        return regen_fail(q, rc);
    }
    if (claim == NULL || claim->type == NULL || strcmp(claim->type, "Claim") != 0) {
        rg_problem_add(problems, NULL, "This is no Claim, and only claims are validated here.");
    }
    else {
        regen_claim_check(claim, q->ctx->pool, problems);
    }
    return regen_problem(q, rg_problems_any(problems) ? &unsound : &sound, NULL);
}

int regen_h_fhir_validate(regen_req_t *q)
{
    if (q->ctx->policy->fhir_schema == NULL) {
        return regen_problem(q, &unknown, NULL);
    }
    asked_t a = read_asked(q);
    if (a.profile != NULL && !known_profile(a.profile)) {
        return regen_fhir_refuse(q, HTTP_BAD_REQUEST, "not-supported",
                                 "The only profile known here is " PROFILE ".");
    }
    if (a.mode != NULL && strcmp(a.mode, "create") != 0) {
        return regen_fhir_refuse(q, HTTP_BAD_REQUEST, "not-supported",
                                 "The only mode known here is create.");
    }
    return judge(q, a.claim);
}
