/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes and values to bytes: runs on every request, so it allocates nothing and walks arrays. */
#include <limits.h>
#include <string.h>

#include <apr_strings.h>

#include "template_int.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/render/template.h"

/* Sections and partials may nest; these stop a template that never ends or multiplies lists by
 * lists. */
#define CONTEXTS 128
#define STEPS    (1u << 22)

/* The indentation of the standalone partial tags we are within, innermost first. */
typedef struct indent_t {
    const struct indent_t *outer;
    const char *bytes;
    size_t n;
} indent_t;

typedef struct {
    const rg_templates_t *set;
    rg_buf_t *out;
    const rg_val_t *stack[CONTEXTS];
    int contexts;
    int partials;
    unsigned steps;
    bool failed;
} run_t;

static void run_nodes(run_t *r, const rg_template_t *t, uint32_t from, uint32_t to,
                      const indent_t *indent);

/* --- values --------------------------------------------------------------------------------- */

static const rg_val_t *find(const run_t *r, const rg_node_t *node)
{
    const char *word = node->bytes;
    const rg_val_t *v = NULL;

    if (node->words == 0) {
        return r->contexts > 0 ? r->stack[r->contexts - 1] : NULL;
    }
    for (int i = r->contexts - 1; i >= 0 && !v; i--) {
        v = rg_val_find(r->stack[i], word, node->head);
    }
    for (unsigned i = 1; i < node->words && v; i++) {
        word += strlen(word) + 1;
        v = rg_val_get(v, word);
    }
    return v;
}

static void put_value(run_t *r, const rg_node_t *node, bool html)
{
    const rg_val_t *v = find(r, node);
    const char *text = v ? rg_val_text(v) : "";

    if (html) {
        rg_text_escape_html(r->out, text, strlen(text));
    }
    else {
        rg_buf_puts(r->out, text);
    }
}

/* --- text ----------------------------------------------------------------------------------- */

static void put_indent(run_t *r, const indent_t *indent)
{
    if (indent) {
        put_indent(r, indent->outer);
        rg_buf_add(r->out, indent->bytes, indent->n);
    }
}

/* Lines without content stay without spaces. */
static bool empty_line(const char *s, const char *end)
{
    return s < end && (*s == '\n' || (*s == '\r' && s + 1 < end && s[1] == '\n'));
}

static void put_indented(run_t *r, const rg_node_t *node, const indent_t *indent)
{
    const char *s = node->bytes;
    const char *end = s + node->n;
    bool line_start = node->line_start;

    do {
        const char *nl = memchr(s, '\n', (size_t)(end - s));
        const char *next = nl ? nl + 1 : end;

        if (line_start && !empty_line(s, end)) {
            put_indent(r, indent);
        }
        rg_buf_add(r->out, s, (size_t)(next - s));
        line_start = true;
        s = next;
    } while (s < end);
}

static void put_text(run_t *r, const rg_node_t *node, const indent_t *indent)
{
    if (indent) {
        put_indented(r, node, indent);
    }
    else {
        rg_buf_add(r->out, node->bytes, node->n);
    }
}

/* --- structure ------------------------------------------------------------------------------ */

static bool may_go_on(run_t *r)
{
    if (++r->steps > STEPS || r->out->overflow) {
        r->failed = true;
    }
    return !r->failed;
}

static void run_within(run_t *r, const rg_template_t *t, uint32_t at, const rg_val_t *context,
                       const indent_t *indent)
{
    if (r->contexts == CONTEXTS) {
        r->failed = true;
    }
    if (may_go_on(r)) {
        r->stack[r->contexts++] = context;
        run_nodes(r, t, at + 1, t->nodes[at].target, indent);
        r->contexts--;
    }
}

static void run_section(run_t *r, const rg_template_t *t, uint32_t at, const rg_val_t *v,
                        const indent_t *indent)
{
    if (rg_val_kind(v) != RG_VAL_LIST) {
        run_within(r, t, at, v, indent);
        return;
    }
    for (int i = 0; i < rg_val_count(v) && !r->failed; i++) {
        run_within(r, t, at, rg_val_at(v, i), indent);
    }
}

/* A part's lines are indented by its own tag and all outer ones; an inline part only continues the
 * line it is on, so its own lines are not. */
static void run_partial(run_t *r, const rg_node_t *node, const indent_t *indent)
{
    indent_t own = {.outer = indent, .bytes = node->bytes, .n = node->n};
    const rg_template_t *t;

    if (node->target == RG_NO_TEMPLATE) {
        return;
    }
    if (r->partials == RG_TEMPLATE_DEPTH) {
        r->failed = true;
    }
    if (may_go_on(r)) {
        t = &APR_ARRAY_IDX(r->set->list, node->target, rg_template_t);
        r->partials++;
        run_nodes(r, t, 0, t->count, node->n > 0 ? &own : node->bytes ? indent : NULL);
        r->partials--;
    }
}

static void run_nodes(run_t *r, const rg_template_t *t, uint32_t from, uint32_t to,
                      const indent_t *indent)
{
    uint32_t i = from;

    while (i < to && !r->failed) {
        const rg_node_t *node = &t->nodes[i++];
        const rg_val_t *v;

        switch (node->kind) {
        case RG_NODE_TEXT: put_text(r, node, indent); break;
        case RG_NODE_VALUE: put_value(r, node, t->html); break;
        case RG_NODE_SECTION:
            v = find(r, node);
            if (rg_val_true(v)) {
                run_section(r, t, i - 1, v, indent);
            }
            i = node->target;
            break;
        case RG_NODE_INVERTED: i = rg_val_true(find(r, node)) ? node->target : i; break;
        case RG_NODE_PARTIAL: run_partial(r, node, indent); break;
        default: break;
        }
    }
}

static const rg_template_t *find_template(const rg_templates_t *set, const char *name)
{
    char full[NAME_MAX + 1];

    if (!strchr(name, '.')) {
        apr_snprintf(full, sizeof(full), "%s.html", name);
        name = full;
    }
    return apr_hash_get(set->index, name, APR_HASH_KEY_STRING);
}

bool rg_templates_has(const rg_templates_t *set, const char *name)
{
    return find_template(set, name) != NULL;
}

rg_outcome_t rg_template_render(const rg_templates_t *set, const char *name, const rg_val_t *v,
                                rg_buf_t *out)
{
    const rg_template_t *t = find_template(set, name);
    run_t r;

    if (!t) {
        return RG_NOT_FOUND;
    }
    r.set = set;
    r.out = out;
    r.stack[0] = v;
    r.contexts = 1;
    r.partials = 0;
    r.steps = 0;
    r.failed = false;
    run_nodes(&r, t, 0, t->count, NULL);
    return r.failed || out->overflow ? RG_TOO_LARGE : RG_OK;
}
