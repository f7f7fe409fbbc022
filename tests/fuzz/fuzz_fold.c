/* SPDX-License-Identifier: Apache-2.0 */
/* Any clean text at the edge and as a key. Beyond not crashing: what comes out is clean, doing it
 * again changes nothing, and the key does not depend on the edge. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "regen/core.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize() != APR_SUCCESS;
}

static void must(bool fine)
{
    if (!fine) {
        abort();
    }
}

static void check(apr_pool_t *p, const char *s)
{
    const char *plain = rg_text_plain(p, s);
    const char *key = rg_fold_text(p, s);
    const char *name = rg_fold_name(p, s);
    must(rg_text_clean(plain, strlen(plain)) && rg_text_clean(key, strlen(key)));
    must(strcmp(rg_text_plain(p, plain), plain) == 0);
    must(strcmp(rg_fold_text(p, key), key) == 0);
    must(strcmp(rg_fold_text(p, plain), key) == 0);
    must(rg_text_length(name) <= RG_FOLD_MOST);
    must(rg_fold_same(p, s, plain) && rg_fold_same(p, s, key));
    const char *tidy = rg_text_tidy(p, s);
    must(strcmp(rg_text_tidy(p, tidy), tidy) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = NULL;
    apr_pool_create(&p, NULL);
    const char *s = apr_pstrmemdup(p, (const char *)data, size);
    if (rg_text_clean(s, size)) {
        check(p, s);
    }
    apr_pool_destroy(p);
    return 0;
}
