/* SPDX-License-Identifier: Apache-2.0 */
/* GET …/fhir/TYPE, POST …/fhir/TYPE/_search and GET …/fhir/TYPE/ID, for every type of the table.
 * What a parameter means for a type is said by the type (fhir_define.c, fhir_visit.c, fhir_slot.c);
 * here is what holds for all of them: which parameters there are, pages, includes, and what is
 * ignored. */
#include "fhir.h"

#include <apr_strings.h>
#include <string.h>

#define COUNT_STANDARD 50
#define COUNT_MAX      200
#define NEVER          apr_time_from_sec((apr_time_t)7258118400LL)

static const regen_fhir_def_t common[] = {{"_id", REGEN_TOKEN, NULL, NULL},
                                          {"_lastUpdated", REGEN_DATE, NULL, NULL},
                                          {NULL, 0, NULL, NULL}};

const regen_fhir_type_t *regen_fhir_type(const char *name, size_t n)
{
    const regen_fhir_type_t *t;
    for (t = regen_fhir_types; t->name != NULL; t++) {
        if (strlen(t->name) == n && strncmp(t->name, name, n) == 0) {
            return t;
        }
    }
    return NULL;
}

rg_outcome_t regen_fhir_open(regen_fhir_search_t *s, regen_req_t *q, const regen_fhir_type_t *type)
{
    apr_pool_t *p = q->ctx->pool;
    memset(s, 0, sizeof(*s));
    s->q = q;
    s->type = type;
    s->changed = (regen_span_t){0, NEVER};
    s->count = COUNT_STANDARD;
    s->given = apr_array_make(p, 4, sizeof(regen_fhir_given_t));
    s->includes = apr_array_make(p, 2, sizeof(const char *));
    s->found = apr_array_make(p, 16, sizeof(regen_fhir_entry_t));
    s->others = apr_array_make(p, 4, sizeof(regen_fhir_entry_t));
    s->notes = rg_problems_make(p);
    rg_outcome_t rc = rg_directory_get(&s->dir, q->ctx);
    if (rc == RG_OK) {
        s->zone = s->dir->site_count > 0 ? s->dir->sites[0].zone : NULL;
        s->env = (rg_fhir_t){.p = p, .policy = q->ctx->policy, .dir = s->dir};
    }
    return rc;
}

/* --- parameters ------------------------------------------------------------------------------- */

static const regen_fhir_def_t *def_named(const regen_fhir_def_t *defs, const char *name, size_t n)
{
    for (; defs->name != NULL; defs++) {
        if (strlen(defs->name) == n && strncmp(defs->name, name, n) == 0) {
            return defs;
        }
    }
    return NULL;
}

/* ":exact" and ":contains" of strings, ":Type" of references. */
static bool read_modifier(regen_fhir_given_t *g, const char *modifier)
{
    g->how = REGEN_STARTS;
    if (*modifier == '\0') {
        return true;
    }
    if (g->def->kind == REGEN_STRING) {
        g->how = strcmp(modifier, ":exact") == 0 ? REGEN_EXACT : REGEN_CONTAINS;
        return g->how == REGEN_EXACT || strcmp(modifier, ":contains") == 0;
    }
    return g->def->kind == REGEN_REFERENCE && strstr(g->def->types, modifier + 1) != NULL;
}

static void read_include(regen_fhir_search_t *s, const char *value)
{
    const char *const *known = s->type->includes;
    for (; *known != NULL; known++) {
        if (strcmp(*known, value) == 0) {
            APR_ARRAY_PUSH(s->includes, const char *) = *known;
            return;
        }
    }
    rg_problem_add(s->notes, "_include", "There is no such _include here: it is left out.");
}

static rg_outcome_t wrong(regen_fhir_search_t *s, const char *name, const char *text)
{
    rg_problem_add(s->q->ctx->problems, name, "%s", text);
    return RG_INVALID;
}

/* What is not about content. *MINE: it was one of these. */
static rg_outcome_t read_control(regen_fhir_search_t *s, const rg_pair_t *pair, bool *mine)
{
    int64_t count;
    *mine = true;
    if (strcmp(pair->name, "_format") == 0 || strcmp(pair->name, "_pretty") == 0) {
        return RG_OK;
    }
    if (strcmp(pair->name, "_count") == 0) {
        if (!rg_text_i64(&count, pair->value, 1, INT32_MAX)) {
            return wrong(s, "_count", "_count must be a number from 1 on.");
        }
        s->count = count > COUNT_MAX ? COUNT_MAX : (int)count;
        return RG_OK;
    }
    if (strcmp(pair->name, "_page") == 0) {
        return regen_fhir_page_read(&s->key, &s->after, pair->value)
                   ? RG_OK
                   : wrong(s, "_page", "_page must be taken from a next link as it is.");
    }
    if (strcmp(pair->name, "_include") == 0) {
        read_include(s, pair->value);
        return RG_OK;
    }
    *mine = false;
    return RG_OK;
}

static rg_outcome_t read_pair(regen_fhir_search_t *s, const rg_pair_t *pair)
{
    size_t n = strcspn(pair->name, ":");
    regen_fhir_given_t g = {0};
    bool control;
    rg_outcome_t rc = read_control(s, pair, &control);
    if (rc != RG_OK || control) {
        return rc;
    }
    g.def = def_named(common, pair->name, n);
    g.def = g.def != NULL ? g.def : def_named(s->type->params, pair->name, n);
    if (g.def == NULL || !read_modifier(&g, pair->name + n)) {
        rg_problem_add(s->notes, NULL,
                       "A parameter that is not known here was ignored; the self "
                       "link says what was used.");
        return RG_OK;
    }
    g.values = regen_fhir_values(s->q->ctx->pool, pair->value);
    if (g.values->nelts > 0) {
        APR_ARRAY_PUSH(s->given, regen_fhir_given_t) = g;
    }
    return RG_OK;
}

static bool strictly(const regen_req_t *q)
{
    const char *prefer = apr_table_get(q->r->headers_in, "Prefer");
    return prefer != NULL && ap_strcasestr(prefer, "handling=strict") != NULL;
}

static rg_outcome_t read_all(regen_fhir_search_t *s)
{
    const rg_form_t *forms[] = {s->q->query, s->q->form};
    for (int f = 0; f < 2; f++) {
        const apr_array_header_t *pairs = forms[f]->pairs;
        for (int i = 0; i < pairs->nelts; i++) {
            rg_outcome_t rc = read_pair(s, &APR_ARRAY_IDX(pairs, i, rg_pair_t));
            if (rc != RG_OK) {
                return rc;
            }
        }
    }
    if (rg_problems_any(s->notes) && strictly(s->q)) {
        return wrong(s, NULL, "A parameter is not known here, and handling=strict was asked for.");
    }
    return regen_fhir_dates(&s->changed, s, "_lastUpdated");
}

/* --- what types ask --------------------------------------------------------------------------- */

bool regen_fhir_has(const regen_fhir_search_t *s, const char *name)
{
    for (int i = 0; i < s->given->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(s->given, i, regen_fhir_given_t).def->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool value_fits(const regen_fhir_search_t *s, const regen_fhir_given_t *g, const char *value,
                       const regen_fhir_fact_t *fact)
{
    const char *id;
    switch (g->def->kind) {
    case REGEN_STRING: return regen_fhir_string_fits(value, fact->value, g->how);
    case REGEN_REFERENCE:
        id = regen_fhir_reference(value, s->q->ctx->policy->fhir_base, fact->system);
        return id != NULL && strcmp(id, fact->value) == 0;
    default:
        return regen_fhir_token_fits(value, fact->system != NULL ? fact->system : "", fact->value);
    }
}

static bool given_fits(const regen_fhir_search_t *s, const regen_fhir_given_t *g,
                       const regen_fhir_fact_t *facts)
{
    for (; facts->value != NULL; facts++) {
        for (int i = 0; i < g->values->nelts; i++) {
            if (value_fits(s, g, APR_ARRAY_IDX(g->values, i, const char *), facts)) {
                return true;
            }
        }
    }
    return false;
}

bool regen_fhir_fits(const regen_fhir_search_t *s, const char *name, const regen_fhir_fact_t *facts)
{
    for (int i = 0; i < s->given->nelts; i++) {
        const regen_fhir_given_t *g = &APR_ARRAY_IDX(s->given, i, regen_fhir_given_t);
        if (strcmp(g->def->name, name) == 0 && !given_fits(s, g, facts)) {
            return false;
        }
    }
    return true;
}

rg_outcome_t regen_fhir_dates(regen_span_t *within, regen_fhir_search_t *s, const char *name)
{
    for (int i = 0; i < s->given->nelts; i++) {
        const regen_fhir_given_t *g = &APR_ARRAY_IDX(s->given, i, regen_fhir_given_t);
        if (strcmp(g->def->name, name) != 0) {
            continue;
        }
        if (g->values->nelts != 1 ||
            !regen_fhir_narrow(within, s->q->ctx->pool, APR_ARRAY_IDX(g->values, 0, const char *),
                               s->zone)) {
            return wrong(s, name,
                         "A date must be like 2026-12-01 or 2026-12-01T09:00:00-05:00, after eq, "
                         "gt, ge, lt, le, sa, eb or nothing; say it twice for a range.");
        }
    }
    return RG_OK;
}

rg_outcome_t regen_fhir_uids(const char *uids[RG_VISIT_UIDS], regen_fhir_search_t *s)
{
    int n = 0;
    for (int i = 0; i < s->given->nelts; i++) {
        const regen_fhir_given_t *g = &APR_ARRAY_IDX(s->given, i, regen_fhir_given_t);
        for (int k = 0; strcmp(g->def->name, "_id") == 0 && k < g->values->nelts; k++) {
            if (n == RG_VISIT_UIDS) {
                return wrong(s, "_id", "Name at most 8 ids at a time.");
            }
            uids[n++] = APR_ARRAY_IDX(g->values, k, const char *);
        }
    }
    return RG_OK;
}

static bool there(const apr_array_header_t *list, const regen_fhir_entry_t *entry)
{
    for (int i = 0; i < list->nelts; i++) {
        const regen_fhir_entry_t *e = &APR_ARRAY_IDX(list, i, regen_fhir_entry_t);
        if (strcmp(e->type, entry->type) == 0 && strcmp(e->id, entry->id) == 0) {
            return true;
        }
    }
    return false;
}

void regen_fhir_other(regen_fhir_search_t *s, const regen_fhir_entry_t *entry)
{
    static const char text[] = "An _include was left out: the token may not read that type.";
    if (!rg_scope_permits(s->q->ctx->who.scopes, entry->type, 'r')) {
        if (rg_problem_for(s->notes, "_include") == NULL) {
            rg_problem_add(s->notes, "_include", text);
        }
        return;
    }
    if (!there(s->others, entry) && !there(s->found, entry)) {
        APR_ARRAY_PUSH(s->others, regen_fhir_entry_t) = *entry;
    }
}

/* --- the answer ------------------------------------------------------------------------------- */

static bool is_used(const regen_fhir_search_t *s, const char *name)
{
    size_t n = strcspn(name, ":");
    return def_named(common, name, n) != NULL || def_named(s->type->params, name, n) != NULL ||
           strcmp(name, "_include") == 0;
}

/* The address of this search, of the page at PAGE (NULL: of this one). */
static const char *address(const regen_fhir_search_t *s, const char *page)
{
    apr_pool_t *p = s->q->ctx->pool;
    const rg_form_t *forms[] = {s->q->query, s->q->form};
    rg_buf_t *b = rg_buf_make(p, 64 * 1024);
    rg_buf_printf(b, "%s/%s?_count=%d", s->q->ctx->policy->fhir_base, s->type->name, s->count);
    for (int f = 0; f < 2; f++) {
        for (int i = 0; i < forms[f]->pairs->nelts; i++) {
            const rg_pair_t *pair = &APR_ARRAY_IDX(forms[f]->pairs, i, rg_pair_t);
            if (is_used(s, pair->name)) {
                rg_buf_printf(b, "&%s=%s", ap_escape_urlencoded(p, pair->name),
                              ap_escape_urlencoded(p, pair->value));
            }
        }
    }
    if (page == NULL && (s->key != 0 || s->after != 0)) {
        page = regen_fhir_page_make(p, s->key, s->after);
    }
    if (page != NULL) {
        rg_buf_printf(b, "&_page=%s", page);
    }
    return b->data;
}

static void write_entries(rg_writer_t *w, regen_fhir_search_t *s, const apr_array_header_t *list,
                          const char *mode)
{
    for (int i = 0; i < list->nelts; i++) {
        const regen_fhir_entry_t *e = &APR_ARRAY_IDX(list, i, regen_fhir_entry_t);
        rg_fhir_entry(w, s->env.p, s->env.policy->fhir_base, e->type, e->id);
        e->write(w, &s->env, "resource", e->value);
        rg_fhir_entry_end(w, mode);
    }
}

static int answer(regen_fhir_search_t *s)
{
    rg_buf_t *out;
    rg_writer_t *w = regen_fhir_writer(s->q, &out);
    const char *next = NULL;
    bool whole = !s->more && s->key == 0 && s->after == 0;
    if (s->more) {
        next = address(s, regen_fhir_page_make(s->env.p, s->next_key, s->next_after));
    }
    rg_fhir_bundle(w, NULL, NULL, "searchset", whole ? s->found->nelts : -1, address(s, NULL),
                   next);
    write_entries(w, s, s->found, "match");
    write_entries(w, s, s->others, "include");
    if (rg_problems_any(s->notes)) {
        rg_fhir_entry(w, s->env.p, NULL, NULL, NULL);
        rg_fhir_outcome(w, "resource", "information", "not-supported", s->notes);
        rg_fhir_entry_end(w, "outcome");
    }
    rg_fhir_bundle_end(w);
    apr_table_mergen(s->q->r->headers_out, "Vary", "Accept");
    return regen_fhir_send(s->q, HTTP_OK, w, out);
}

static void include_all(regen_fhir_search_t *s)
{
    for (int i = 0; i < s->includes->nelts; i++) {
        for (int k = 0; k < s->found->nelts; k++) {
            s->type->include(s, &APR_ARRAY_IDX(s->found, k, regen_fhir_entry_t),
                             APR_ARRAY_IDX(s->includes, i, const char *));
        }
    }
}

/* --- handlers --------------------------------------------------------------------------------- */

static const regen_fhir_type_t *type_of(const regen_req_t *q)
{
    const char *name = q->route->pattern + strlen("/fhir/");
    return regen_fhir_type(name, strcspn(name, "/"));
}

int regen_h_fhir_search(regen_req_t *q)
{
    regen_fhir_search_t s;
    rg_outcome_t rc = regen_fhir_open(&s, q, type_of(q));
    if (rc == RG_OK) {
        rc = read_all(&s);
    }
    if (rc == RG_OK) {
        rc = s.type->find(&s);
    }
    if (rc == RG_INVALID) {
        return regen_fhir_refuse(q, HTTP_BAD_REQUEST, "invalid", "This search cannot be done.");
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    include_all(&s);
    return answer(&s);
}

int regen_h_fhir_read(regen_req_t *q)
{
    regen_fhir_search_t s;
    regen_fhir_entry_t one = {0};
    rg_outcome_t rc = regen_fhir_open(&s, q, type_of(q));
    if (rc == RG_OK) {
        rc = s.type->get(&one, &s, q->args[0]);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    int status = regen_fhir_conditions(q, one.version, one.changed);
    if (status != OK) {
        return status;
    }
    rg_buf_t *out;
    rg_writer_t *w = regen_fhir_writer(q, &out);
    one.write(w, &s.env, NULL, one.value);
    return regen_fhir_send(q, HTTP_OK, w, out);
}
