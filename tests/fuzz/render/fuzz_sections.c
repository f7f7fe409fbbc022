/* SPDX-License-Identifier: Apache-2.0 */
/* Any clean text as the text of a consent form. Beyond not crashing: every word of it is shown, in
 * order and once, and nothing else is. What is signed must be what was read. */
#include "target.h"
#include "regen/core/buf.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/render/view.h"

static void put(rg_buf_t *out, const char *mark, const char *words)
{
    rg_buf_puts(out, mark);
    rg_buf_puts(out, words);
    rg_buf_puts(out, "\n");
}

static void put_block(rg_buf_t *out, const rg_val_t *block)
{
    const rg_val_t *items = rg_val_get(block, "items");
    must(!items != !rg_val_get(block, "text"));
    if (!items) {
        put(out, "", rg_val_text(rg_val_get(block, "text")));
    }
    for (int i = 0; items && i < rg_val_count(items); i++) {
        put(out, "- ", rg_val_text(rg_val_at(items, i)));
    }
}

/* As a person reads it, one line a paragraph. */
static const char *shown(apr_pool_t *p, const rg_val_t *sections, size_t most)
{
    rg_buf_t *out = rg_buf_make(p, most);
    for (int i = 0; i < rg_val_count(sections); i++) {
        const rg_val_t *one = rg_val_at(sections, i);
        const rg_val_t *blocks = rg_val_get(one, "blocks");
        const rg_val_t *heading = rg_val_get(one, "heading");
        if (heading) {
            put(out, "## ", rg_val_text(heading));
        }
        for (int j = 0; blocks && j < rg_val_count(blocks); j++) {
            put_block(out, rg_val_at(blocks, j));
        }
    }
    must(!out->overflow);
    return out->data;
}

/* The text without its empty lines, each line ended. */
static const char *written(apr_pool_t *p, const char *text, size_t most)
{
    rg_buf_t *out = rg_buf_make(p, most);
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        if (strspn(text, " \t\r") < n) {
            rg_buf_add(out, text, n);
            rg_buf_puts(out, "\n");
        }
        text += n + (text[n] == '\n');
    }
    must(!out->overflow);
    return out->data;
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    if (rg_text_clean(text, size)) {
        size_t most = 2 * size + 64;
        must_be_same(shown(p, rg_view_sections(p, text), most), written(p, text, most));
    }
}
