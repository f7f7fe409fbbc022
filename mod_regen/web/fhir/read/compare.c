/* SPDX-License-Identifier: Apache-2.0 */
/* What a client changed in a resource of ours. Pure: unit tests include this file directly. */
#include "compare.h"

#include <apr_strings.h>
#include <string.h>

#include "param.h"
#include "regen/core/outcome.h"

static bool in_list(const char *list, const char *name)
{
    size_t n = strlen(name);
    const char *at = n > 0 && !strchr(name, ' ') ? strstr(list, name) : NULL;
    for (; at; at = strstr(at + 1, name)) {
        if (at > list && at[-1] == ' ' && at[n] == ' ') {
            return true;
        }
    }
    return false;
}

/* What says nothing by itself. A participant's answer is ours to give, but for "declined". */
static bool is_label(const regen_node_t *parent, const regen_node_t *n)
{
    static const char never[] =
        " id extension display userSelected version required meta text language contained ";
    bool concept_text =
        strcmp(n->name, "text") == 0 && !parent->type && !regen_node_child(parent, "coding");
    bool reference_type = strcmp(n->name, "type") == 0 && regen_node_child(parent, "reference");
    bool answer = strcmp(n->name, "status") == 0 && regen_node_child(parent, "actor") && n->value &&
                  strcmp(n->value, "declined") != 0;
    return n->name[0] == '_' || (in_list(never, n->name) && !concept_text) || reference_type ||
           answer;
}

static const char *relative(const char *base, const char *reference)
{
    size_t n = strlen(base);
    return strncmp(reference, base, n) == 0 && reference[n] == '/' ? reference + n + 1 : reference;
}

static bool same_value(const regen_compare_t *k, const regen_node_t *a, const regen_node_t *b)
{
    regen_span_t x;
    regen_span_t y;
    if (!a->value || !b->value) {
        return a->value == b->value;
    }
    if (strcmp(a->name, "reference") == 0) {
        return strcmp(relative(k->base, a->value), relative(k->base, b->value)) == 0;
    }
    return strcmp(a->value, b->value) == 0 ||
           (regen_fhir_instant(&x, k->p, a->value, NULL) &&
            regen_fhir_instant(&y, k->p, b->value, NULL) && x.from == y.from && x.until == y.until);
}

static bool covers(const regen_compare_t *k, const regen_node_t *a, const regen_node_t *b)
{
    bool fine = same_value(k, a, b);
    for (const regen_node_t *c = b->child; fine && c; c = c->next) {
        fine = is_label(b, c) || regen_fhir_covers(k, a, c);
    }
    return fine;
}

bool regen_fhir_covers(const regen_compare_t *k, const regen_node_t *ours, const regen_node_t *one)
{
    const regen_node_t *c = regen_node_child(ours, one->name);
    while (c && !covers(k, c, one)) {
        c = regen_node_again(c);
    }
    return c != NULL;
}

bool regen_fhir_same(const regen_compare_t *k, const regen_node_t *ours, const regen_node_t *theirs)
{
    bool same = true;
    for (const regen_node_t *c = theirs->child; c; c = c->next) {
        if (is_label(theirs, c) || in_list(k->except, c->name) || regen_fhir_covers(k, ours, c)) {
            continue;
        }
        same = false;
        rg_problem_add(k->problems, apr_pstrcat(k->p, theirs->type, ".", c->name, NULL), "%s",
                       k->words);
    }
    return same;
}
