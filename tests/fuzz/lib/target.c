/* SPDX-License-Identifier: Apache-2.0 */
/* The common part of all fuzz targets; see target.h. */
#include "target.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"

#include <apr_general.h>

/* Of AddressSanitizer; gcc's package leaves its header out. */
size_t __sanitizer_get_current_allocated_bytes(void);

/* What all of a run may take, in bytes: far more than any body that is let in needs. */
#define MOST_MEMORY ((size_t)256 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static apr_pool_t *forever;

void must(bool fine)
{
    if (!fine) {
        abort();
    }
}

void must_be_same(const char *a, const char *b)
{
    must(a && b && strcmp(a, b) == 0);
}

void must_be_clean(const rg_problems_t *problems)
{
    for (int i = 0; i < problems->list->nelts; i++) {
        const rg_problem_t *one = &APR_ARRAY_IDX(problems->list, i, rg_problem_t);
        must(rg_text_clean(one->text, strlen(one->text)));
        must(!one->field || rg_text_clean(one->field, strlen(one->field)));
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&forever, NULL) != APR_SUCCESS) {
        return 1;
    }
    atexit(apr_terminate); /* what targets keep for ever is no leak */
    if (fuzz_begin) {
        fuzz_begin(forever);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t before = __sanitizer_get_current_allocated_bytes();
    char *text = malloc(size + 1);
    apr_pool_t *p = NULL;
    if (!text || apr_pool_create(&p, forever) != APR_SUCCESS) {
        abort();
    }
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    fuzz_check(p, text, size);
    must(__sanitizer_get_current_allocated_bytes() < before + MOST_MEMORY);
    apr_pool_destroy(p);
    free(text);
    return 0;
}
