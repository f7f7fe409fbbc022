/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the id of a proposal. Beyond not crashing: what is accepted is written again as it
 * was, and is short enough for an id of FHIR. */
#include "target.h"

#include "mod_regen/web/fhir/read/proposal.c"

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    regen_proposal_id_t id;
    (void)size;
    if (regen_proposal_read(&id, p, text)) {
        must_be_same(regen_proposal_make(p, &id), text);
        must(strlen(text) <= 64);
    }
}
