/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as where a page of a search begins. Beyond not crashing: what is taken is written again
 * as it was, and names a place that a page can have. */
#include "target.h"

#include "mod_regen/web/fhir/read/param.c"

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    int64_t key = -1;
    int64_t id = -1;
    (void)size;
    if (regen_fhir_page_read(&key, &id, text)) {
        must(key >= 0 && id >= 0);
        must_be_same(regen_fhir_page_make(p, key, id), text);
    }
}
