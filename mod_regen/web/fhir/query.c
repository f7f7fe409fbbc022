/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of a FHIR search: those of a type are in its table (type.c), those of all types in
 * the one below; the CapabilityStatement is made from both. Anything else is refused by name. Only
 * an unknown filter on a type without personal data may be ignored (R4, 3.1.1.2), and the self link
 * leaves it out. */
#include "fhir.h"
#include "mod_regen/web/http/header.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/model/booking.h"

#include <apr_strings.h>
#include <string.h>

enum { NAME_MOST = 64, COUNT_MOST = 200 };

static rg_outcome_t refuse(regen_fhir_search_t *s, const char *name, const char *text)
{
    const char *field = apr_psprintf(s->env.p, "http.%.*s", NAME_MOST, name);
    rg_problem_add(s->q->ctx->problems, field, "%s", text);
    return RG_INVALID;
}

rg_outcome_t regen_fhir_wrong(regen_fhir_search_t *s, const char *name, const char *text)
{
    s->refusal = "invalid";
    return refuse(s, name, text);
}

/* As HL7's operationoutcome-example-searchfail. */
static rg_outcome_t unknown(regen_fhir_search_t *s, const char *name, const char *text)
{
    s->refusal = "code-invalid";
    return refuse(s, name, text);
}

/* --- parameters that are not about content ---------------------------------------------------- */

static rg_outcome_t read_nothing(regen_fhir_search_t *s, const char *value)
{
    (void)s;
    (void)value;
    return RG_OK;
}

static rg_outcome_t read_search_count(regen_fhir_search_t *s, const char *value)
{
    int64_t count;
    if (!rg_text_i64(&count, value, 0, INT32_MAX)) {
        return regen_fhir_wrong(s, "_count", "_count must be 0 or more.");
    }
    s->only_count = s->only_count || count == 0;
    s->count = count > COUNT_MOST ? COUNT_MOST : (int)count;
    return RG_OK;
}

static rg_outcome_t read_search_page(regen_fhir_search_t *s, const char *value)
{
    return regen_fhir_page_read(&s->key, &s->after, value)
               ? RG_OK
               : regen_fhir_wrong(s, "_page", "_page must be taken unchanged from a next link.");
}

static rg_outcome_t read_include(regen_fhir_search_t *s, const char *value)
{
    const char *const *known = s->type->includes;
    for (; *known; known++) {
        if (strcmp(*known, value) == 0) {
            APR_ARRAY_PUSH(s->includes, const char *) = *known;
            return RG_OK;
        }
    }
    return unknown(s, "_include",
                   apr_psprintf(s->env.p, "The _include \"%.*s\" is not supported by this server.",
                                NAME_MOST, value));
}

static rg_outcome_t read_summary(regen_fhir_search_t *s, const char *value)
{
    bool count = strcmp(value, "count") == 0;
    s->only_count = s->only_count || count;
    return count || strcmp(value, "false") == 0
               ? RG_OK
               : unknown(s, "_summary", "_summary may be count or false on this server.");
}

static rg_outcome_t read_total(regen_fhir_search_t *s, const char *value)
{
    bool none = strcmp(value, "none") == 0;
    s->total_too = !none;
    return none || strcmp(value, "accurate") == 0 || strcmp(value, "estimate") == 0
               ? RG_OK
               : regen_fhir_wrong(s, "_total", "_total may be none, estimate or accurate.");
}

const regen_fhir_control_t regen_fhir_controls[] = {
    {"_format", "token", false, read_nothing, "xml or json, or a media type of these"},
    {"_pretty", "token", false, read_nothing, "has no effect"},
    {"_count", "number", false, read_search_count,
     "page size, at most 200; 0 is the same as _summary=count"},
    {"_summary", "token", true, read_summary, "count or false"},
    {"_total", "token", true, read_total, "none, estimate or accurate"},
    {"_include", NULL, true, read_include, NULL},
    {"_page", NULL, false, read_search_page, NULL},
    {.name = NULL}};

static const regen_fhir_control_t *control_named(const char *name)
{
    const regen_fhir_control_t *c = regen_fhir_controls;
    while (c->name && strcmp(c->name, name) != 0) {
        c++;
    }
    return c->name ? c : NULL;
}

/* --- filters ---------------------------------------------------------------------------------- */

static const regen_fhir_def_t *def_named(const regen_fhir_def_t *defs, const char *name, size_t n)
{
    for (; defs->name; defs++) {
        if (strlen(defs->name) == n && strncmp(defs->name, name, n) == 0) {
            return defs;
        }
    }
    return NULL;
}

/* Whether WORD is one of LIST, whose words are separated by spaces. */
static bool listed(const char *list, const char *word)
{
    size_t n = strlen(word);
    while (*list != '\0') {
        size_t len = strcspn(list, " ");
        if (len == n && strncmp(list, word, n) == 0) {
            return true;
        }
        list += len + (list[len] == ' ');
    }
    return false;
}

static bool read_modifier(regen_fhir_given_t *g, const char *modifier)
{
    int how = regen_fhir_modifier(modifier);
    g->how = how < 0 ? REGEN_STARTS : (regen_fhir_how_t)how;
    if (*modifier == '\0') {
        return true;
    }
    if (g->def->kind == REGEN_REFERENCE && g->def->types && listed(g->def->types, modifier + 1)) {
        g->type = modifier + 1;
        return true;
    }
    return how >= 0 && (g->def->modifiers & REGEN_CAN(how)) != 0;
}

static rg_outcome_t unknown_modifier(regen_fhir_search_t *s, const char *name, size_t n)
{
    return unknown(s, name,
                   apr_psprintf(s->env.p,
                                "The \"%.*s\" parameter has the modifier \"%.*s\" which is not "
                                "supported by this server.",
                                (int)n, name, NAME_MOST, name + n + 1));
}

/* Nothing about people is answered to a question that was not understood. */
static rg_outcome_t unknown_name(regen_fhir_search_t *s, const char *name, const char *why)
{
    const char *text = apr_psprintf(s->env.p, "The parameter \"%.*s\" %s", NAME_MOST, name, why);
    size_t base = strcspn(name, ".:");
    bool chained = name[base] != '\0' && def_named(s->type->params, name, base);
    if (s->type->people || s->strict || name[0] == '_' || chained) {
        return unknown(s, name, text);
    }
    rg_problem_add(s->notes, NULL, "%s It was ignored; the self link shows what was used.", text);
    return RG_OK;
}

static rg_outcome_t read_filter(regen_fhir_search_t *s, const rg_pair_t *pair, bool *used)
{
    size_t n = strcspn(pair->name, ":");
    regen_fhir_given_t g = {.def = def_named(s->type->params, pair->name, n)};
    if (!g.def) {
        return unknown_name(s, pair->name, "is not supported by this server.");
    }
    if (!read_modifier(&g, pair->name + n)) {
        return unknown_modifier(s, pair->name, n);
    }
    g.values = regen_fhir_values(s->env.p, pair->value);
    if (g.values->nelts == 0) {
        return unknown_name(s, pair->name, "has no value.");
    }
    if (g.how == REGEN_MISSING && strcmp(pair->value, "true") != 0 &&
        strcmp(pair->value, "false") != 0) {
        return regen_fhir_wrong(s, pair->name, ":missing is true or false.");
    }
    APR_ARRAY_PUSH(s->given, regen_fhir_given_t) = g;
    *used = true;
    return RG_OK;
}

static rg_outcome_t read_pair(regen_fhir_search_t *s, const rg_pair_t *pair)
{
    const regen_fhir_control_t *c = control_named(pair->name);
    size_t n = strcspn(pair->name, ":");
    bool used = c && c->repeated;
    rg_outcome_t rc;
    if (c) {
        rc = c->read(s, pair->value);
    }
    else if (pair->name[n] == ':' && control_named(apr_pstrmemdup(s->env.p, pair->name, n))) {
        rc = unknown_modifier(s, pair->name, n);
    }
    else {
        rc = read_filter(s, pair, &used);
    }
    if (rc == RG_OK && used) {
        APR_ARRAY_PUSH(s->used, rg_pair_t) = *pair;
    }
    return rc;
}

rg_outcome_t regen_fhir_read_query(regen_fhir_search_t *s)
{
    const rg_form_t *forms[] = {s->q->query, s->q->form};
    s->strict = regen_prefers(apr_table_get(s->q->r->headers_in, "Prefer"), "handling", "strict");
    for (int f = 0; f < 2; f++) {
        const apr_array_header_t *pairs = forms[f]->pairs;
        for (int i = 0; i < pairs->nelts; i++) {
            rg_outcome_t rc = read_pair(s, &APR_ARRAY_IDX(pairs, i, rg_pair_t));
            if (rc != RG_OK) {
                return rc;
            }
        }
    }
    return regen_fhir_dates(&s->changed, s, "_lastUpdated");
}

/* --- what types ask --------------------------------------------------------------------------- */

const regen_fhir_given_t *regen_fhir_next(const regen_fhir_search_t *s, const char *name, int *at)
{
    while (*at < s->given->nelts) {
        const regen_fhir_given_t *g = &APR_ARRAY_IDX(s->given, (*at)++, regen_fhir_given_t);
        if (strcmp(g->def->name, name) == 0) {
            return g;
        }
    }
    return NULL;
}

bool regen_fhir_has(const regen_fhir_search_t *s, const char *name)
{
    int at = 0;
    return regen_fhir_next(s, name, &at) != NULL;
}

static bool refers(const regen_fhir_search_t *s, const regen_fhir_given_t *g, const char *value,
                   const regen_fhir_fact_t *fact)
{
    const char *type = fact->system ? fact->system : "";
    const char *id = regen_fhir_reference(value, s->q->ctx->policy->fhir_base, type);
    return id && strcmp(id, fact->value) == 0 && (!g->type || strcmp(g->type, type) == 0);
}

static bool value_fits(const regen_fhir_search_t *s, const regen_fhir_given_t *g, const char *value,
                       const regen_fhir_fact_t *fact)
{
    switch (g->def->kind) {
    case REGEN_STRING: return regen_fhir_string_fits(s->q->ctx->pool, value, fact->value, g->how);
    case REGEN_REFERENCE: return refers(s, g, value, fact);
    default: return regen_fhir_token_fits(value, fact->system ? fact->system : "", fact->value);
    }
}

/* A fact without a value is none. */
static bool any_fits(const regen_fhir_search_t *s, const regen_fhir_given_t *g,
                     const regen_fhir_fact_t *facts)
{
    for (; facts->value; facts++) {
        for (int i = 0; facts->value[0] != '\0' && i < g->values->nelts; i++) {
            if (g->how == REGEN_MISSING ||
                value_fits(s, g, APR_ARRAY_IDX(g->values, i, const char *), facts)) {
                return true;
            }
        }
    }
    return false;
}

bool regen_fhir_given_fits(const regen_fhir_search_t *s, const regen_fhir_given_t *g,
                           const regen_fhir_fact_t *facts)
{
    bool any = any_fits(s, g, facts);
    switch (g->how) {
    case REGEN_NOT: return !any;
    case REGEN_MISSING: return any == (APR_ARRAY_IDX(g->values, 0, const char *)[0] == 'f');
    default: return any;
    }
}

bool regen_fhir_fits(const regen_fhir_search_t *s, const char *name, const regen_fhir_fact_t *facts)
{
    const regen_fhir_given_t *g;
    for (int at = 0; (g = regen_fhir_next(s, name, &at));) {
        if (!regen_fhir_given_fits(s, g, facts)) {
            return false;
        }
    }
    return true;
}

rg_outcome_t regen_fhir_dates(regen_span_t *within, regen_fhir_search_t *s, const char *name)
{
    const regen_fhir_given_t *g;
    for (int at = 0; (g = regen_fhir_next(s, name, &at));) {
        if (g->values->nelts != 1 ||
            !regen_fhir_narrow(within, s->q->ctx->pool, APR_ARRAY_IDX(g->values, 0, const char *),
                               s->zone)) {
            return regen_fhir_wrong(
                s, name,
                "A date must be like 2026-12-01 or 2026-12-01T09:00:00-05:00, optionally with the "
                "prefix eq, gt, ge, lt, le, sa or eb; send it twice for a range.");
        }
    }
    return RG_OK;
}

/* One of several lists must be in all of them. */
rg_outcome_t regen_fhir_uids(const char *uids[RG_VISIT_UIDS], regen_fhir_search_t *s)
{
    int at = 0;
    int n = 0;
    const regen_fhir_given_t *g = regen_fhir_next(s, "_id", &at);
    for (int k = 0; g && k < g->values->nelts; k++) {
        const char *uid = APR_ARRAY_IDX(g->values, k, const char *);
        const regen_fhir_fact_t facts[] = {{NULL, uid}, {NULL, NULL}};
        if (k == RG_VISIT_UIDS) {
            return regen_fhir_wrong(s, "_id", "Name at most 8 ids at a time.");
        }
        if (regen_fhir_fits(s, "_id", facts)) {
            uids[n++] = uid;
        }
    }
    if (g && n == 0) {
        uids[0] = "-"; /* nobody's */
    }
    return RG_OK;
}

/* The value that a database is asked for: an id, or a code without its system. */
static const char *asked(const regen_fhir_search_t *s, const regen_fhir_given_t *g,
                         const char *system)
{
    const char *value = APR_ARRAY_IDX(g->values, 0, const char *);
    const char *bar = strchr(value, '|');
    if (g->def->kind == REGEN_REFERENCE) {
        value = regen_fhir_reference(value, s->q->ctx->policy->fhir_base, system);
    }
    else if (g->def->kind == REGEN_TOKEN && bar) {
        value = regen_fhir_token_fits(value, system, bar + 1) ? bar + 1 : NULL;
    }
    return value ? value : "-";
}

rg_outcome_t regen_fhir_single(const char **out, regen_fhir_search_t *s, const char *name,
                               const char *system)
{
    const regen_fhir_given_t *g;
    *out = "";
    for (int at = 0; (g = regen_fhir_next(s, name, &at));) {
        const char *value = asked(s, g, system);
        if (g->values->nelts > 1 || value[0] == '\0' || (*out)[0] != '\0') {
            return regen_fhir_wrong(s, name,
                                    "This parameter takes one value and can be sent once.");
        }
        *out = value;
    }
    return RG_OK;
}

/* --- operations ------------------------------------------------------------------------------- */

regen_asked_t regen_fhir_asked(const regen_req_t *q)
{
    apr_pool_t *p = q->ctx->pool;
    const regen_node_t *body = q->json  ? regen_node_of_json(p, q->json)
                               : q->xml ? regen_node_of_xml(p, q->xml)
                                        : NULL;
    return (regen_asked_t){p, q->ctx->problems, q->query, q->r->method_number == M_POST, body};
}
