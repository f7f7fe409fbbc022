/* SPDX-License-Identifier: Apache-2.0 */
/* GET …/fhir/TYPE, POST …/fhir/TYPE/_search and GET …/fhir/TYPE/ID, for every type of the table.
 * Parameters are read by query.c; what they mean for a type is said by the type (define.c,
 * appointment.c, slot.c). This file does what is common to all answers: pages, includes, totals. */
#include "fhir.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/api.h"
#include "regen/clinic/identity.h"
#include "regen/core/buf.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

#include <apr_strings.h>
#include <string.h>

#define COUNT_STANDARD 50

const regen_fhir_type_t *regen_fhir_type(const char *name, size_t n)
{
    const regen_fhir_type_t *t;
    for (t = regen_fhir_types; t->name; t++) {
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
    s->changed = (regen_span_t){0, RG_NEVER};
    s->count = COUNT_STANDARD;
    s->given = apr_array_make(p, 4, sizeof(regen_fhir_given_t));
    s->includes = apr_array_make(p, 2, sizeof(const char *));
    s->found = apr_array_make(p, 16, sizeof(regen_fhir_entry_t));
    s->others = apr_array_make(p, 4, sizeof(regen_fhir_entry_t));
    s->used = apr_array_make(p, 4, sizeof(rg_pair_t));
    s->notes = rg_problems_make(p);
    s->env.p = p;
    rg_outcome_t rc = rg_directory_get(&s->dir, q->ctx);
    if (rc == RG_OK) {
        s->zone = s->dir->site_count > 0 ? s->dir->sites[0].zone : NULL;
        s->env = (rg_fhir_t){
            .p = p, .policy = rg_policy_named(p, q->ctx->policy, s->dir->names), .dir = s->dir};
    }
    return rc;
}

/* --- the answer ------------------------------------------------------------------------------- */

/* The address of this search, of the page at PAGE (NULL: of this one). */
static const char *search_address(const regen_fhir_search_t *s, const char *page)
{
    apr_pool_t *p = s->q->ctx->pool;
    rg_buf_t *b = rg_buf_make(p, 64 * 1024);
    rg_buf_printf(b, "%s/%s?_count=%d", s->q->ctx->policy->fhir_base, s->type->name, s->count);
    for (int i = 0; i < s->used->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(s->used, i, rg_pair_t);
        rg_buf_printf(b, "&%s=%s", ap_escape_urlencoded(p, pair->name),
                      ap_escape_urlencoded(p, pair->value));
    }
    if (!page && (s->key != 0 || s->after != 0)) {
        page = regen_fhir_page_make(p, s->key, s->after);
    }
    if (page) {
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
    if (s->more) {
        next = search_address(s, regen_fhir_page_make(s->env.p, s->next_key, s->next_after));
    }
    rg_fhir_bundle(w, NULL, NULL, "searchset", s->total, search_address(s, NULL), next);
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

/* IHE ITI-118 wants a total of one patient's appointments; of everything, who asks for it pays. */
static bool wants_total(const regen_fhir_search_t *s)
{
    return s->only_count || s->total_too || regen_fhir_has(s, "patient") ||
           regen_fhir_has(s, "patient.identifier");
}

static rg_outcome_t find(regen_fhir_search_t *s)
{
    rg_outcome_t rc = s->only_count ? RG_OK : s->type->find(s);
    bool whole = !s->only_count && !s->more && s->key == 0 && s->after == 0;
    s->total = whole ? s->found->nelts : -1;
    if (rc == RG_OK && !whole && wants_total(s)) {
        rc = s->type->total(s);
    }
    return rc;
}

static int h_fhir_search(regen_req_t *q)
{
    regen_fhir_search_t s;
    rg_outcome_t rc = regen_fhir_open(&s, q, type_of(q));
    if (rc == RG_OK) {
        rc = regen_fhir_read_query(&s);
    }
    if (rc == RG_OK) {
        rc = find(&s);
    }
    if (rc == RG_INVALID) {
        return regen_fhir_refuse(q, HTTP_BAD_REQUEST, s.refusal ? s.refusal : "invalid",
                                 "This search is not possible.");
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    include_all(&s);
    return answer(&s);
}

static int h_fhir_read(regen_req_t *q)
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

/* What is asked of every type: TYPE stands for its name. */
static const regen_route_t of_type[] = {
    {"GET", "/fhir/TYPE", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, h_fhir_search},
    {"POST", "/fhir/TYPE/_search", RG_ROLE_MACHINE, 8 * KIB, REGEN_FORM,
     REGEN_FHIR_AREA | REGEN_NO_IDEM, h_fhir_search},
    {"GET", "/fhir/TYPE/*", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, h_fhir_read},
    {NULL, NULL, 0, 0, 0, 0, NULL}};

void regen_fhir_routes(apr_array_header_t *rows)
{
    for (const regen_fhir_type_t *t = regen_fhir_types; t->name; t++) {
        for (const regen_route_t *of = of_type; of->method; of++) {
            regen_route_t *row = apr_array_push(rows);
            *row = *of;
            row->pattern = apr_pstrcat(rows->pool, "/fhir/", t->name,
                                       of->pattern + strlen("/fhir/TYPE"), NULL);
            row->flags |= t->people ? FINDS_PEOPLE : 0;
        }
    }
}
