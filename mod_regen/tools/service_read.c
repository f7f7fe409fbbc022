/* SPDX-License-Identifier: Apache-2.0 */
/* JSON into definitions, strictly: the tables of model.h say which keys there are and what fits.
 * Every mistake is found at once and named by its path. */
#include "mod_regen/tools/service_read.h"
#include "regen/core/json.h"
#include "regen/core/outcome.h"
#include "regen/model/clinic_def.h"
#include "regen/model/definition.h"
#include "regen/model/service.h"

#include <string.h>

#include <apr_strings.h>
#include <jansson.h>

typedef struct {
    apr_pool_t *pool;
    rg_problems_t *problems;
    const rg_clinic_def_t *stored; /* of a clinic: what a file does not name stays */
} reader_t;

/* --- where ------------------------------------------------------------------------------------ */

static const char *join_path(const reader_t *r, const char *path, const char *name)
{
    return path[0] ? apr_pstrcat(r->pool, path, ".", name, NULL) : name;
}

static const char *item_path(const reader_t *r, const char *path, size_t i)
{
    return apr_psprintf(r->pool, "%s[%d]", path, (int)i);
}

static void wrong(const reader_t *r, const char *path, const char *text)
{
    rg_problem_add(r->problems, path, "%s", text);
}

/* --- one value -------------------------------------------------------------------------------- */

/* The value's text when it has the type of the field; NULL otherwise. */
static const char *text_of(const reader_t *r, const rg_field_t *f, const json_t *value)
{
    if (f->kind == RG_FIELD_INT) {
        return json_is_integer(value) ? apr_psprintf(r->pool, "%" APR_INT64_T_FMT,
                                                     (apr_int64_t)json_integer_value(value))
                                      : NULL;
    }
    if (f->kind == RG_FIELD_YES) {
        return json_is_boolean(value) ? (json_is_true(value) ? "true" : "false") : NULL;
    }
    return json_is_string(value) ? apr_pstrdup(r->pool, json_string_value(value)) : NULL;
}

static const char *type_of(const rg_field_t *f)
{
    switch (f->kind) {
    case RG_FIELD_INT: return "Use a whole number without quotes.";
    case RG_FIELD_YES: return "Use true or false, without quotes.";
    default: return "Use text in quotes.";
    }
}

/* Over what TO has; IS_NEW: what has no usual value must be there. */
static void read_into(const reader_t *r, const char *path, const json_t *object,
                      const rg_field_t *fields, void *to, bool is_new)
{
    for (const rg_field_t *f = fields; f->name; f++) {
        const json_t *value = json_object_get(object, f->name);
        const char *text = value ? text_of(r, f, value) : NULL;
        const char *why = NULL;
        if (value) {
            why = text ? rg_field_set(r->pool, f, to, text) : type_of(f);
        }
        else if (is_new && !f->usual) {
            why = "This is missing.";
        }
        if (why) {
            wrong(r, join_path(r, path, f->name), why);
        }
    }
}

static void read_fields(const reader_t *r, const char *path, const json_t *object,
                        const rg_field_t *fields, void *to)
{
    rg_fields_usual(r->pool, fields, to);
    read_into(r, path, object, fields, to, true);
}

static bool is_field(const rg_field_t *fields, const char *name)
{
    for (const rg_field_t *f = fields; f && f->name; f++) {
        if (strcmp(f->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* LISTS: names beside the table's, up to a NULL. */
/* Keys of older files. */
static bool is_moved(const rg_field_t *fields, const char *name)
{
    return fields == rg_service_fields &&
           (strcmp(name, "price") == 0 || strcmp(name, "currency") == 0 ||
            strcmp(name, "charges") == 0);
}

static void refuse_unknown(const reader_t *r, const char *path, json_t *object,
                           const rg_field_t *fields, const char *const *lists)
{
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        const char *name = json_object_iter_key(at);
        bool known = is_field(fields, name);
        for (int i = 0; !known && lists[i]; i++) {
            known = strcmp(lists[i], name) == 0;
        }
        if (!known) {
            wrong(r, join_path(r, path, apr_pstrdup(r->pool, name)),
                  is_moved(fields, name)
                      ? "Prices are in the fee schedules: see regenctl fees import."
                      : "There is no such key.");
        }
    }
}

/* --- lists ------------------------------------------------------------------------------------ */

/* The list under NAME; NULL when there is none or it is no list. */
static const json_t *json_list(const reader_t *r, const char *path, const json_t *object,
                               const char *name, bool must, size_t most)
{
    const json_t *list = json_object_get(object, name);
    if (!list) {
        if (must) {
            wrong(r, join_path(r, path, name), "This is missing.");
        }
        return NULL;
    }
    if (!json_is_array(list)) {
        wrong(r, join_path(r, path, name), "Use a list in square brackets.");
        return NULL;
    }
    if (json_array_size(list) > most) {
        wrong(r, join_path(r, path, name),
              apr_psprintf(r->pool, "Use at most %d of them.", (int)most));
        return NULL;
    }
    return list;
}

static int read_word_list(const reader_t *r, const char *path, const json_t *object,
                          const char *name, const char ***out)
{
    const json_t *list = json_list(r, path, object, name, false, RG_WORDS_MAX);
    size_t count = list ? json_array_size(list) : 0;
    const char **words = apr_pcalloc(r->pool, sizeof(*words) * (count + 1));
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        words[i] = json_is_string(value) ? apr_pstrdup(r->pool, json_string_value(value)) : "";
        if (!json_is_string(value)) {
            wrong(r, item_path(r, join_path(r, path, name), i), "Use text in quotes.");
        }
    }
    *out = words;
    return (int)count;
}

/* Objects of a list, each read by FN into SIZE zeroed bytes. */
typedef void (*read_fn)(const reader_t *r, const char *path, json_t *object, void *to);

static int read_list(const reader_t *r, const char *path, const json_t *object, const char *name,
                     size_t most, size_t size, read_fn fn, bool must, void **out)
{
    const json_t *list = json_list(r, path, object, name, must, most);
    size_t count = list ? json_array_size(list) : 0;
    char *items = apr_pcalloc(r->pool, size * (count + 1));
    for (size_t i = 0; i < count; i++) {
        json_t *value = json_array_get(list, i);
        const char *at = item_path(r, join_path(r, path, name), i);
        if (json_is_object(value)) {
            fn(r, at, value, items + i * size);
        }
        else {
            wrong(r, at, "Use an object in braces.");
        }
    }
    *out = items;
    return (int)count;
}

/* --- the parts -------------------------------------------------------------------------------- */

static void read_need(const reader_t *r, const char *path, json_t *object, void *to)
{
    static const char *const lists[] = {"any", NULL};
    rg_need_t *n = to;
    read_fields(r, path, object, rg_need_fields, n);
    n->any_count = read_word_list(r, path, object, "any", &n->any);
    refuse_unknown(r, path, object, rg_need_fields, lists);
}

static void read_step(const reader_t *r, const char *path, json_t *object, void *to)
{
    static const char *const lists[] = {"needs", NULL};
    rg_step_t *s = to;
    void *needs;
    read_fields(r, path, object, rg_step_fields, s);
    s->need_count = read_list(r, path, object, "needs", RG_NEEDS_MAX, sizeof(rg_need_t), read_need,
                              false, &needs);
    s->needs = needs;
    refuse_unknown(r, path, object, rg_step_fields, lists);
}

static void read_recall(const reader_t *r, const char *path, json_t *object, void *to)
{
    static const char *const lists[] = {NULL};
    read_fields(r, path, object, rg_recall_fields, to);
    refuse_unknown(r, path, object, rg_recall_fields, lists);
}

static void read_preparing(const reader_t *r, const char *path, json_t *object, void *to)
{
    static const char *const lists[] = {NULL};
    read_fields(r, path, object, rg_preparing_fields, to);
    refuse_unknown(r, path, object, rg_preparing_fields, lists);
}

static void read_screening(const reader_t *r, const char *path, json_t *object, void *to)
{
    static const char *const lists[] = {NULL};
    read_fields(r, path, object, rg_screening_fields, to);
    refuse_unknown(r, path, object, rg_screening_fields, lists);
}

static void read_product(const reader_t *r, const char *path, json_t *object, void *to)
{
    static const char *const lists[] = {NULL};
    read_fields(r, path, object, rg_product_fields, to);
    refuse_unknown(r, path, object, rg_product_fields, lists);
}

static void read_service_def(const reader_t *r, const char *path, json_t *object, void *to)
{
    static const char *const lists[] = {"body_sites", "forms",   "preparing",  "products",
                                        "steps",      "recalls", "screenings", NULL};
    rg_service_def_t *d = to;
    void *preparing;
    void *products;
    void *steps;
    void *recalls;
    void *screenings;
    read_fields(r, path, object, rg_service_fields, d);
    d->service.body_site_count =
        read_word_list(r, path, object, "body_sites", &d->service.body_sites);
    d->form_count = read_word_list(r, path, object, "forms", &d->forms);
    d->service.preparing_count =
        read_list(r, path, object, "preparing", RG_PREPARING_MAX, sizeof(rg_preparing_t),
                  read_preparing, false, &preparing);
    d->service.preparing = preparing;
    d->service.product_count = read_list(r, path, object, "products", RG_PRODUCTS_MAX,
                                         sizeof(rg_product_t), read_product, false, &products);
    d->service.products = products;
    d->service.step_count = read_list(r, path, object, "steps", RG_STEPS_MAX, sizeof(rg_step_t),
                                      read_step, true, &steps);
    d->service.steps = steps;
    d->recall_count = read_list(r, path, object, "recalls", RG_PLANS_MAX,
                                sizeof(rg_service_recall_t), read_recall, false, &recalls);
    d->recalls = recalls;
    d->screening_count =
        read_list(r, path, object, "screenings", RG_SCREENINGS_MAX, sizeof(rg_service_screening_t),
                  read_screening, false, &screenings);
    d->screenings = screenings;
    refuse_unknown(r, path, object, rg_service_fields, lists);
}

/* --- the clinic ------------------------------------------------------------------------------- */

static bool has_code(const json_t *object, const char *code)
{
    const char *said = json_string_value(json_object_get(object, "code"));
    return said && strcmp(said, code) == 0;
}

static void read_organization(const reader_t *r, const char *path, json_t *object, void *to)
{
    static const char *const lists[] = {NULL};
    bool is_new = r->stored->organization_count == 0;
    rg_fields_usual(r->pool, rg_organization_fields, to);
    if (!is_new) {
        *(rg_organization_t *)to = *r->stored->organization;
    }
    read_into(r, path, object, rg_organization_fields, to, is_new);
    refuse_unknown(r, path, object, rg_organization_fields, lists);
}

static void read_site_def(const reader_t *r, const char *path, json_t *object, void *to)
{
    static const char *const lists[] = {NULL};
    bool is_new = true;
    rg_fields_usual(r->pool, rg_site_fields, to);
    for (int i = 0; i < r->stored->site_count; i++) {
        if (has_code(object, r->stored->sites[i].code)) {
            *(rg_site_t *)to = r->stored->sites[i];
            is_new = false;
        }
    }
    read_into(r, path, object, rg_site_fields, to, is_new);
    refuse_unknown(r, path, object, rg_site_fields, lists);
}

static void read_payer_def(const reader_t *r, const char *path, json_t *object, void *to)
{
    static const char *const lists[] = {NULL};
    bool is_new = true;
    rg_fields_usual(r->pool, rg_payer_fields, to);
    for (int i = 0; i < r->stored->payer_count; i++) {
        if (has_code(object, r->stored->payers[i].code)) {
            *(rg_payer_t *)to = r->stored->payers[i];
            is_new = false;
        }
    }
    read_into(r, path, object, rg_payer_fields, to, is_new);
    refuse_unknown(r, path, object, rg_payer_fields, lists);
}

/* --- the files -------------------------------------------------------------------------------- */

enum { SERVICES_MAX = 500 };

/* Bytes that begin with the right format; *ROOT is an object. */
static rg_outcome_t open_json(json_t **root, const reader_t *r, const char *bytes, size_t n,
                              const char *format)
{
    rg_outcome_t rc = rg_json_parse(root, r->pool, bytes, n, r->problems);
    const json_t *is = rc == RG_OK ? json_object_get(*root, "format") : NULL;
    if (rc == RG_OK && (!json_is_string(is) || strcmp(json_string_value(is), format) != 0)) {
        wrong(r, "format", apr_psprintf(r->pool, "\"%s\"", format));
        return RG_INVALID;
    }
    return rc;
}

rg_outcome_t ctl_clinic_read(rg_clinic_def_t *out, const rg_clinic_def_t *stored, apr_pool_t *p,
                             const char *bytes, size_t n, rg_problems_t *problems)
{
    static const char *const lists[] = {"format", "organization", "sites", "payers", NULL};
    reader_t r = {.pool = p, .problems = problems, .stored = stored};
    json_t *root;
    void *organization;
    void *sites;
    void *payers;
    RG_TRY(open_json(&root, &r, bytes, n, RG_CLINIC_FORMAT));
    *out = (rg_clinic_def_t){0};
    out->organization_count = read_list(&r, "", root, "organization", 1, sizeof(rg_organization_t),
                                        read_organization, false, &organization);
    out->organization = organization;
    out->site_count = read_list(&r, "", root, "sites", RG_SITES_MOST, sizeof(rg_site_t),
                                read_site_def, false, &sites);
    out->sites = sites;
    out->payer_count = read_list(&r, "", root, "payers", RG_PAYERS_MOST, sizeof(rg_payer_t),
                                 read_payer_def, false, &payers);
    out->payers = payers;
    refuse_unknown(&r, "", root, NULL, lists);
    return rg_problems_any(problems) ? RG_INVALID : RG_OK;
}

rg_outcome_t ctl_services_read(rg_service_def_t **out, int *count, apr_pool_t *p, const char *bytes,
                               size_t n, rg_problems_t *problems)
{
    static const char *const lists[] = {"format", "services", NULL};
    reader_t r = {.pool = p, .problems = problems};
    json_t *root;
    void *defs;
    RG_TRY(open_json(&root, &r, bytes, n, RG_SERVICES_FORMAT));
    *count = read_list(&r, "", root, "services", SERVICES_MAX, sizeof(rg_service_def_t),
                       read_service_def, true, &defs);
    *out = defs;
    refuse_unknown(&r, "", root, NULL, lists);
    return rg_problems_any(problems) ? RG_INVALID : RG_OK;
}
