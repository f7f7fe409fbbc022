/* SPDX-License-Identifier: Apache-2.0 */
/* The editor's form, whose names are paths: rearranged by its own buttons without losing a
 * letter, and read into a definition by the tables of definition.c. */
#include "service.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/definition.h"
#include "regen/model/service.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

/* --- names ------------------------------------------------------------------------------------ */

/* The index behind PREFIX ("steps[", "steps[2].needs["), or -1; *REST is what follows "]". */
static int index_of(const char *name, const char *prefix, const char **rest)
{
    size_t n = strlen(prefix);
    const char *at = name + n;
    int i = 0;
    if (strncmp(name, prefix, n) != 0 || !apr_isdigit(*at)) {
        return -1;
    }
    for (; apr_isdigit(*at) && i < 1000; at++) {
        i = i * 10 + (*at - '0');
    }
    *rest = at;
    return *at == ']' ? i : -1;
}

static int count_of(apr_pool_t *p, const rg_form_t *f, const char *prefix, const char *key)
{
    int n = 0;
    while (n < 200 && rg_form_get(f, apr_psprintf(p, "%s%d].%s", prefix, n, key))) {
        n++;
    }
    return n;
}

/* --- rearranging ------------------------------------------------------------------------------ */

typedef enum { REMOVE, UP } deed_t;

/* The new index of item I; -1: removed. */
static int moved(int i, int at, deed_t deed)
{
    if (deed == REMOVE) {
        return i == at ? -1 : i - (i > at ? 1 : 0);
    }
    if (i == at) {
        return at - 1;
    }
    return i == at - 1 ? at : i;
}

static rg_form_t *rearrange(apr_pool_t *p, const rg_form_t *f, const char *prefix, int at,
                            deed_t deed)
{
    rg_form_t *out = apr_pcalloc(p, sizeof(*out));
    int i;
    out->pairs = apr_array_make(p, f->pairs->nelts + 16, sizeof(rg_pair_t));
    for (i = 0; i < f->pairs->nelts; i++) {
        rg_pair_t pair = APR_ARRAY_IDX(f->pairs, i, rg_pair_t);
        const char *rest = "";
        int is = index_of(pair.name, prefix, &rest);
        int to = is < 0 ? -1 : moved(is, at, deed);
        if (is >= 0 && to >= 0) {
            pair.name = apr_psprintf(p, "%s%d%s", prefix, to, rest);
        }
        if (is < 0 || to >= 0) {
            APR_ARRAY_PUSH(out->pairs, rg_pair_t) = pair;
        }
    }
    return out;
}

static rg_form_t *copy_form(apr_pool_t *p, const rg_form_t *f)
{
    rg_form_t *out = apr_pcalloc(p, sizeof(*out));
    out->pairs = apr_array_copy(p, f->pairs);
    return out;
}

static void add_usual(apr_pool_t *p, rg_form_t *f, const char *path, const rg_field_t *fields)
{
    for (; fields->name; fields++) {
        const char *value = fields->usual ? fields->usual : "";
        if (fields->kind == RG_FIELD_YES && strcmp(value, "true") != 0) {
            continue;
        }
        APR_ARRAY_PUSH(f->pairs, rg_pair_t) =
            (rg_pair_t){apr_pstrcat(p, path, fields->name, NULL), value};
    }
}

static rg_form_t *add_need(apr_pool_t *p, const rg_form_t *f, int step)
{
    const char *prefix = apr_psprintf(p, "steps[%d].needs[", step);
    int n = count_of(p, f, prefix, "capability");
    rg_form_t *out = copy_form(p, f);
    if (n < RG_NEEDS_MAX && step < count_of(p, f, "steps[", "kind")) {
        add_usual(p, out, apr_psprintf(p, "%s%d].", prefix, n), rg_need_fields);
    }
    return out;
}

/* Lists of the definition that grow by a button. */
static const struct {
    const char *deed, *list, *key; /* KEY: a field that every item has */
    int most;
    const rg_field_t *fields;
} lists[] = {
    {"add-step", "steps[", "kind", RG_STEPS_MAX, rg_step_fields},
    {"add-product", "products[", "material", RG_PRODUCTS_MAX, rg_product_fields},
    {"add-preparing", "preparing[", "code", RG_PREPARING_MAX, rg_preparing_fields},
    {"add-recall", "recalls[", "reason", RG_PLANS_MAX, rg_recall_fields},
    {"add-screening", "screenings[", "questionnaire", RG_SCREENINGS_MAX, rg_screening_fields}};

static rg_form_t *add_item(apr_pool_t *p, const rg_form_t *f, size_t which)
{
    int n = count_of(p, f, lists[which].list, lists[which].key);
    rg_form_t *out = copy_form(p, f);
    if (n >= lists[which].most) {
        return out;
    }
    add_usual(p, out, apr_psprintf(p, "%s%d].", lists[which].list, n), lists[which].fields);
    return lists[which].fields == rg_step_fields ? add_need(p, out, n) : out;
}

/* The number behind WORDS, or -1. */
static int number_behind(const char *deed, const char *words)
{
    size_t n = strlen(words);
    int64_t i;
    return strncmp(deed, words, n) == 0 && rg_text_i64(&i, deed + n, 0, 200) ? (int)i : -1;
}

/* "remove-need-2-0": need 0 of step 2. */
static rg_form_t *remove_need(apr_pool_t *p, const rg_form_t *f, const char *deed)
{
    const char *at = deed + strlen("remove-need-");
    const char *dash = strchr(at, '-');
    int64_t step;
    int64_t need;
    if (!dash || !rg_text_i64(&step, apr_pstrmemdup(p, at, (apr_size_t)(dash - at)), 0, 200) ||
        !rg_text_i64(&need, dash + 1, 0, 200)) {
        return NULL;
    }
    return rearrange(p, f, apr_psprintf(p, "steps[%d].needs[", (int)step), (int)need, REMOVE);
}

rg_form_t *regen_service_rearrange(apr_pool_t *p, const rg_form_t *f, const char *deed)
{
    static const struct {
        const char *words;
        const char *list;
        deed_t deed;
        int first; /* the first item cannot go up */
    } deeds[] = {{"remove-step-", "steps[", REMOVE, 0},
                 {"remove-product-", "products[", REMOVE, 0},
                 {"remove-preparing-", "preparing[", REMOVE, 0},
                 {"remove-recall-", "recalls[", REMOVE, 0},
                 {"remove-screening-", "screenings[", REMOVE, 0},
                 {"up-step-", "steps[", UP, 1}};
    int step = number_behind(deed, "add-need-");
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (strcmp(deed, lists[i].deed) == 0) {
            return add_item(p, f, i);
        }
    }
    for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        int at = number_behind(deed, deeds[i].words);
        bool there = deeds[i].deed == REMOVE || at < count_of(p, f, "steps[", "kind");
        if (at >= deeds[i].first) {
            return there ? rearrange(p, f, deeds[i].list, at, deeds[i].deed) : copy_form(p, f);
        }
    }
    if (step >= 0) {
        return add_need(p, f, step);
    }
    return strncmp(deed, "remove-need-", 12) == 0 ? remove_need(p, f, deed) : NULL;
}

const char *regen_service_changed(apr_pool_t *p, const char *deed)
{
    int step = number_behind(deed, "add-need-");
    int up = number_behind(deed, "up-step-");
    if (step < 0 && strncmp(deed, "remove-need-", 12) == 0) {
        step = number_behind(apr_pstrmemdup(p, deed, 12 + strcspn(deed + 12, "-")), "remove-need-");
    }
    step = up > 0 ? up - 1 : step;
    return step >= 0 ? apr_psprintf(p, "steps[%d].", step) : NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

typedef struct {
    apr_pool_t *pool;
    rg_problems_t *problems;
} typed_t;

static void take_fields(const typed_t *r, const rg_form_t *f, const char *path,
                        const rg_field_t *fields, void *to)
{
    apr_pool_t *p = r->pool;
    rg_fields_usual(p, fields, to);
    for (; fields->name; fields++) {
        const char *name = apr_pstrcat(p, path, fields->name, NULL);
        const char *typed = rg_form_get(f, name);
        const char *text = typed ? rg_text_tidy(p, typed) : "";
        if (fields->kind == RG_FIELD_YES) {
            text = strcmp(text, "true") == 0 ? "true"
                                             : "false"; /* a box that is not ticked is not sent */
        }
        const char *why = rg_field_set(p, fields, to, text);
        if (why) {
            rg_problem_add(r->problems, name, "%s", why);
        }
    }
}

/* Codes with commas or spaces between. */
static int take_words(const typed_t *r, const rg_form_t *f, const char *name, const char ***out)
{
    static const char between[] = ", \t\n";
    const char *at = rg_form_get(f, name);
    int n = 0;
    *out = apr_pcalloc(r->pool, sizeof(**out) * RG_WORDS_MAX);
    for (at = at ? at : ""; *at != '\0' && n < RG_WORDS_MAX;) {
        size_t len = strcspn(at, between);
        if (len > 0) {
            (*out)[n++] = apr_pstrmemdup(r->pool, at, len);
        }
        at += len + strspn(at + len, between);
    }
    if (*at != '\0') {
        rg_problem_add(r->problems, name, "Use at most %d of them.", RG_WORDS_MAX);
    }
    return n;
}

static void take_step(const typed_t *r, const rg_form_t *f, int i, rg_step_t *s)
{
    apr_pool_t *p = r->pool;
    const char *prefix = apr_psprintf(p, "steps[%d].needs[", i);
    int k;
    take_fields(r, f, apr_psprintf(p, "steps[%d].", i), rg_step_fields, s);
    s->need_count = count_of(p, f, prefix, "capability");
    s->needs = apr_pcalloc(p, sizeof(*s->needs) * (size_t)(s->need_count + 1));
    for (k = 0; k < s->need_count; k++) {
        const char *path = apr_psprintf(p, "%s%d].", prefix, k);
        take_fields(r, f, path, rg_need_fields, &s->needs[k]);
        s->needs[k].any_count =
            take_words(r, f, apr_pstrcat(p, path, "any", NULL), &s->needs[k].any);
    }
}

/* Of two fields of one name the first counts. */
static rg_form_t *with_code(apr_pool_t *p, const rg_form_t *f, const char *code)
{
    rg_form_t *out = apr_pcalloc(p, sizeof(*out));
    out->pairs = apr_array_make(p, f->pairs->nelts + 1, sizeof(rg_pair_t));
    APR_ARRAY_PUSH(out->pairs, rg_pair_t) = (rg_pair_t){"code", code};
    apr_array_cat(out->pairs, f->pairs);
    return out;
}

rg_service_def_t *regen_service_decode(apr_pool_t *p, rg_problems_t *problems, const rg_form_t *f,
                                       const char *code)
{
    const typed_t r = {p, problems};
    rg_service_def_t *d = apr_pcalloc(p, sizeof(*d));
    rg_service_t *s = &d->service;
    int i;
    take_fields(&r, code ? with_code(p, f, code) : f, "", rg_service_fields, d);
    s->body_site_count = take_words(&r, f, "body_sites", &s->body_sites);
    d->form_count = take_words(&r, f, "forms", &d->forms);
    s->preparing_count = count_of(p, f, "preparing[", "code");
    s->preparing = apr_pcalloc(p, sizeof(*s->preparing) * (size_t)(s->preparing_count + 1));
    for (i = 0; i < s->preparing_count; i++) {
        take_fields(&r, f, apr_psprintf(p, "preparing[%d].", i), rg_preparing_fields,
                    &s->preparing[i]);
    }
    s->product_count = count_of(p, f, "products[", "material");
    s->products = apr_pcalloc(p, sizeof(*s->products) * (size_t)(s->product_count + 1));
    for (i = 0; i < s->product_count; i++) {
        take_fields(&r, f, apr_psprintf(p, "products[%d].", i), rg_product_fields, &s->products[i]);
    }
    s->step_count = count_of(p, f, "steps[", "kind");
    s->steps = apr_pcalloc(p, sizeof(*s->steps) * (size_t)(s->step_count + 1));
    for (i = 0; i < s->step_count; i++) {
        take_step(&r, f, i, &s->steps[i]);
    }
    d->recall_count = count_of(p, f, "recalls[", "reason");
    d->recalls = apr_pcalloc(p, sizeof(*d->recalls) * (size_t)(d->recall_count + 1));
    for (i = 0; i < d->recall_count; i++) {
        take_fields(&r, f, apr_psprintf(p, "recalls[%d].", i), rg_recall_fields, &d->recalls[i]);
    }
    d->screening_count = count_of(p, f, "screenings[", "questionnaire");
    d->screenings = apr_pcalloc(p, sizeof(*d->screenings) * (size_t)(d->screening_count + 1));
    for (i = 0; i < d->screening_count; i++) {
        take_fields(&r, f, apr_psprintf(p, "screenings[%d].", i), rg_screening_fields,
                    &d->screenings[i]);
    }
    return d;
}
