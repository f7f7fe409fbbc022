/* SPDX-License-Identifier: Apache-2.0 */
/* Any clean text at the edge and as a key. Beyond not crashing: what comes out is clean, doing it
 * again changes nothing, and the key does not depend on the edge. */
#include "target.h"
#include "regen/core/text.h"

void fuzz_check(apr_pool_t *p, const char *s, size_t size)
{
    if (!rg_text_clean(s, size)) {
        return;
    }
    const char *plain = rg_text_plain(p, s);
    const char *key = rg_fold_text(p, s);
    const char *name = rg_fold_name(p, s);
    must(rg_text_clean(plain, strlen(plain)) && rg_text_clean(key, strlen(key)));
    must_be_same(rg_text_plain(p, plain), plain);
    must_be_same(rg_fold_text(p, key), key);
    must_be_same(rg_fold_text(p, plain), key);
    must(rg_text_length(name) <= RG_FOLD_MOST);
    must(rg_fold_same(p, s, plain) && rg_fold_same(p, s, key));
    const char *tidy = rg_text_tidy(p, s);
    must_be_same(rg_text_tidy(p, tidy), tidy);
}
