/* SPDX-License-Identifier: Apache-2.0 */
/* What a schema cannot say of a Claim. Private to the web room. */
#ifndef REGEN_FHIR_CLAIM_CHECK_H
#define REGEN_FHIR_CLAIM_CHECK_H

#include "fhir_in.h"

/* Adds a problem, with the path of the element, for each number that does not lead to anything or is
 * there twice, each local reference without its contained resource, and each amount that is not the
 * sum or product of its parts. */
void regen_claim_check(const regen_node_t *claim, apr_pool_t *p, rg_problems_t *problems);

#endif
