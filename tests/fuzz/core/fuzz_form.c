/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a form. Beyond not crashing: what is accepted is clean, within its cap, and comes
 * back the same after it is written out again with everything escaped. */
#include "target.h"
#include "regen/core/buf.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"

enum { MAX_PAIRS = 50 };

static void check_clean(const char *s)
{
    must(rg_text_clean(s, strlen(s)) && !strchr(s, '\r'));
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
    must(rg_form_parse(&again, p, out->data, out->len, MAX_PAIRS) == RG_OK);
    must(again->pairs->nelts == f->pairs->nelts);
    for (int i = 0; i < f->pairs->nelts; i++) {
        must_be_same(pair_at(f, i)->name, pair_at(again, i)->name);
        must_be_same(pair_at(f, i)->value, pair_at(again, i)->value);
    }
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    rg_form_t *f = NULL;
    if (rg_form_parse(&f, p, text, size, MAX_PAIRS) != RG_OK) {
        return;
    }
    must(f->pairs->nelts <= MAX_PAIRS);
    for (int i = 0; i < f->pairs->nelts; i++) {
        check_clean(pair_at(f, i)->name);
        check_clean(pair_at(f, i)->value);
        must(rg_form_get(f, pair_at(f, i)->name) != NULL);
    }
    check_again(p, f);
}
