/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as Accept, _format and If-Match. Beyond not crashing: JSON is chosen only when something
 * is, and a version that is taken stands in the header. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "mod_regen/web/negotiate.c"

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
    bool json = false;
    int version = 0;
    if (!regen_negotiate(&json, text, NULL) && json) {
        abort();
    }
    if (!regen_negotiate(&json, NULL, text) && json) {
        abort();
    }
    if (regen_if_match(&version, text) && version != 0 && version != REGEN_NO_VERSION &&
        strstr(text, apr_psprintf(p, "\"%d\"", version)) == NULL) {
        abort();
    }
    apr_pool_destroy(p);
    return 0;
}
