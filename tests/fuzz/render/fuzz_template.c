/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a template, rendered over a fixed tree beside a fixed part. Beyond not crashing: no
 * value may come out unescaped, and what parses once parses again the same way. */
#include "target.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/render/template.h"

#define EVIL "<q a=\"&'\n>"

static rg_val_t *tree(apr_pool_t *p)
{
    rg_val_t *root = rg_val_object(p);
    rg_val_t *list = rg_val_set_list(root, "l");

    rg_val_str(root, "x", EVIL);
    rg_val_bool(root, "t", true);
    rg_val_bool(root, "f", false);
    rg_val_set_list(root, "e");
    rg_val_str(rg_val_add(list), "x", "inner");
    rg_val_push(list, rg_val_string(p, EVIL));
    rg_val_set(root, "o", rg_val_object(p));
    rg_val_set(rg_val_get(root, "o"), "l", list);
    return root;
}

static bool parse(rg_templates_t **out, apr_pool_t *p, const char *text, size_t n)
{
    static const char part[] = "[{{x}}\n  {{#l}}{{.}}{{/l}}\n]";
    const char *why = NULL;

    *out = rg_templates_make(p);
    rg_templates_add(*out, "p.html", part, sizeof(part) - 1, &why);
    if (rg_templates_add(*out, "t.html", text, n, &why) != RG_OK) {
        must(why && strncmp(why, "t.html:", 7) == 0); /* every refusal names its place */
        return false;
    }
    rg_templates_seal(*out, false, &why);
    return true;
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    rg_templates_t *set = NULL;
    if (size <= 4096 && parse(&set, p, text, size)) {
        rg_buf_t *out = rg_buf_make(p, 1 << 16);
        rg_template_render(set, "t", tree(p), out);
        must(memmem(text, size, "<q", 2) || !strstr(out->data, "<q"));
    }
}
