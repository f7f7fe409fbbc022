/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a form. Beyond not crashing: what is accepted is clean, within its cap, and comes
 * back the same after it is written out again with everything escaped. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include "regen/core.h"

enum { MAX_PAIRS = 50 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize() != APR_SUCCESS;
}

static void check_clean(const char *s)
{
    if (!rg_text_clean(s, strlen(s)) || strchr(s, '\r')) {
        abort();
    }
}

static void write_escaped(rg_buf_t *out, const char *s)
{
    for (; *s; s++) {
        rg_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*s);
    }
}

static const rg_pair_t *pair_at(const rg_form_t *f, int i)
{
    return &APR_ARRAY_IDX(f->pairs, i, rg_pair_t);
}

static void check_again(apr_pool_t *p, const rg_form_t *f)
{
    rg_buf_t *out = rg_buf_make(p, SIZE_MAX);
    for (int i = 0; i < f->pairs->nelts; i++) {
        write_escaped(out, pair_at(f, i)->name);
        rg_buf_puts(out, "=");
        write_escaped(out, pair_at(f, i)->value);
        rg_buf_puts(out, "&");
    }
    rg_form_t *again = NULL;
    if (rg_form_parse(&again, p, out->data, out->len, MAX_PAIRS) != RG_OK ||
        again->pairs->nelts != f->pairs->nelts) {
        abort();
    }
    for (int i = 0; i < f->pairs->nelts; i++) {
        if (strcmp(pair_at(f, i)->name, pair_at(again, i)->name) != 0 ||
            strcmp(pair_at(f, i)->value, pair_at(again, i)->value) != 0) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = NULL;
    rg_form_t *f = NULL;
    apr_pool_create(&p, NULL);
    if (rg_form_parse(&f, p, (const char *)data, size, MAX_PAIRS) == RG_OK) {
        if (f->pairs->nelts > MAX_PAIRS) {
            abort();
        }
        for (int i = 0; i < f->pairs->nelts; i++) {
            check_clean(pair_at(f, i)->name);
            check_clean(pair_at(f, i)->value);
            if (!rg_form_get(f, pair_at(f, i)->name)) {
                abort();
            }
        }
        check_again(p, f);
    }
    apr_pool_destroy(p);
    return 0;
}
