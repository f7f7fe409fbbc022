/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a template, rendered over a fixed tree beside a fixed part. Beyond not crashing: no
 * value may come out unescaped, and what parses once parses again the same way. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include <regen/render.h>

#define EVIL "<q a=\"&'\n>"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize() != APR_SUCCESS;
}

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
    rg_templates_add(*out, "p.html", part, sizeof part - 1, &why);
    if (rg_templates_add(*out, "t.html", text, n, &why) != RG_OK) {
        if (!why || strncmp(why, "t.html:", 7) != 0) {
            abort(); /* every refusal names its place */
        }
        return false;
    }
    rg_templates_seal(*out, false, &why);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = NULL;
    rg_templates_t *set = NULL;

    if (size > 4096 || apr_pool_create(&p, NULL) != APR_SUCCESS) {
        return 0;
    }
    if (parse(&set, p, (const char *)data, size)) {
        rg_buf_t *out = rg_buf_make(p, 1 << 16);

        rg_template_render(set, "t", tree(p), out);
        if (!memmem(data, size, "<q", 2) && strstr(out->data, "<q")) {
            abort();
        }
    }
    apr_pool_destroy(p);
    return 0;
}
