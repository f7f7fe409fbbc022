/* SPDX-License-Identifier: Apache-2.0 */
/* POST /fhir/Claim/$validate: would HL7's schema take this document? Nothing is stored. The answer
 * is 200 with an OperationOutcome either way; a body that is no XML at all was refused before. */
#include "platform.h"

static const regen_words_t sound = {200, "informational", "Valid",
                                    "The document is valid against the schema of FHIR R4."};
static const regen_words_t unsound = {200, "structure", "Not valid",
                                      "The document is not valid against the schema of FHIR R4."};
static const regen_words_t unknown = {
    501, "not-supported", "No schema",
    "This server has no schema to validate against: the directive RegenFHIRSchema names it."};

int regen_h_fhir_validate(regen_req_t *q)
{
    rg_schema_t *schema = q->ctx->policy->fhir_schema;
    rg_outcome_t rc;
    if (schema == NULL) {
        return regen_problem(q, &unknown, NULL);
    }
    rc = rg_schema_validate(schema, q->own->body->data, q->own->body->len, q->ctx->problems);
    if (rc != RG_OK && rc != RG_INVALID) {
        return regen_fail(q, rc);
    }
    return regen_problem(q, rc == RG_OK ? &sound : &unsound, NULL);
}
