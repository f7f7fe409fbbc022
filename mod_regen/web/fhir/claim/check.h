/* SPDX-License-Identifier: Apache-2.0 */
/* What a schema cannot say of a Claim. Private to the web room. */
#ifndef REGEN_FHIR_CLAIM_CHECK_H
#define REGEN_FHIR_CLAIM_CHECK_H

#include "mod_regen/web/fhir/read/in.h"
#include "regen/core/outcome.h"
#include "regen/model/money.h"

/* What a claim of ours cannot get wrong, because it is written from a value: a problem, with the
 * path of the element, for each number that does not lead to anything or is there twice, each local
 * reference without its contained resource, each identifier and code whose form is not that of its
 * system, and where not exactly one insurance is focal. Linear in the size of the claim. */
void regen_claim_check(const regen_node_t *claim, apr_pool_t *p, rg_problems_t *problems);

/* The part of CLAIM that rg_claim_scrub_foreign judges; *PROFESSIONAL tells the type. What is said
 * elsewhere, or in codes of other systems, is left empty. A problem for each amount that cannot be
 * read. */
void regen_claim_read(rg_claim_t *out, bool *professional, const regen_node_t *claim, apr_pool_t *p,
                      rg_problems_t *problems);

#endif
