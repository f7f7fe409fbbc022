/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the id of a proposal. Beyond not crashing: what is accepted is written again as it
 * was, and is short enough for an id of FHIR. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "mod_regen/web/fhir_proposal.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize() != APR_SUCCESS;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = NULL;
    apr_pool_create(&p, NULL);
    const char *text = apr_pstrmemdup(p, (const char *)data, size);
    regen_proposal_id_t id;
    if (regen_proposal_read(&id, p, text)) {
        if (strcmp(regen_proposal_make(p, &id), text) != 0 || strlen(text) > 64) {
            abort();
        }
    }
    apr_pool_destroy(p);
    return 0;
}
