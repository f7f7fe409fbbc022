/* SPDX-License-Identifier: Apache-2.0 */
/* Appointment/$find of IHE ITI Scheduling: times at which a whole chain can be done, each with its
 * visits and who would serve. One visit is one proposed Appointment; several are a Bundle of
 * them. */
#include "fhir.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_STANDARD 20
#define COUNT_MAX      50
#define SEARCHES_MAX   16

typedef struct {
    rg_proposal_t proposal;
    const rg_directory_service_t *service;
    int rank; /* which search found it: the order of preference */
} hit_t;

typedef struct {
    regen_fhir_search_t s;
    regen_args_t args;
    apr_time_t from, until;
    int count;
    int searches;
    bool more;
    int practitioner_count; /* 0: any will do */
    const rg_directory_resource_t *practitioners[SEARCHES_MAX];
    apr_array_header_t *hits; /* hit_t */
} find_t;

static rg_outcome_t wrong(find_t *f, const char *name, const char *text)
{
    rg_problem_add(f->s.q->ctx->problems, name, "%s", text);
    return RG_INVALID;
}

/* --- what is asked for ------------------------------------------------------------------------ */

/* Whether one of the values of the parameter fits; true when it was not given. */
static bool fits(const find_t *f, const char *name, const char *system, const char *code)
{
    bool given = false;
    for (int i = 0; i < f->args.pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(f->args.pairs, i, rg_pair_t);
        apr_array_header_t *values;
        if (strcmp(pair->name, name) != 0) {
            continue;
        }
        given = true;
        values = regen_fhir_values(f->s.env.p, pair->value);
        for (int k = 0; k < values->nelts; k++) {
            if (regen_fhir_token_fits(APR_ARRAY_IDX(values, k, const char *), system, code)) {
                return true;
            }
        }
    }
    return !given;
}

static rg_outcome_t read_window(find_t *f)
{
    regen_req_t *q = f->s.q;
    const char *start = regen_args_text(&f->args, "start");
    const char *end = regen_args_text(&f->args, "end");
    regen_span_t a = {q->ctx->now, 0};
    regen_span_t b = {0, 0};
    const apr_time_t most = (apr_time_t)q->ctx->policy->search_days * 86400 * APR_USEC_PER_SEC;
    if (start != NULL && !regen_fhir_instant(&a, f->s.env.p, start, f->s.zone)) {
        return wrong(f, "start", "start must be like 2026-12-01T09:00:00-05:00 or 2026-12-01.");
    }
    if (end != NULL && !regen_fhir_instant(&b, f->s.env.p, end, f->s.zone)) {
        return wrong(f, "end", "end must be like 2026-12-05T17:00:00-05:00 or 2026-12-05.");
    }
    f->from = a.from > q->ctx->now ? a.from : q->ctx->now;
    f->until = end == NULL ? f->from + most : strlen(end) > 10 ? b.from : b.until;
    if (f->until <= f->from) {
        return wrong(f, "end", "end must be after start, and not over.");
    }
    if (f->until - f->from > most) {
        f->until = f->from + most;
        rg_problem_add(f->s.notes, "end", "Only the first %d days were looked at.",
                       q->ctx->policy->search_days);
    }
    return RG_OK;
}

static rg_outcome_t read_count(find_t *f)
{
    const char *text = regen_args_text(&f->args, "_count");
    int64_t count = COUNT_STANDARD;
    if (text != NULL && !rg_text_i64(&count, text, 1, INT32_MAX)) {
        return wrong(f, "_count", "_count must be a number from 1 on.");
    }
    f->count = count > COUNT_MAX ? COUNT_MAX : (int)count;
    return RG_OK;
}

static void want(find_t *f, const rg_directory_resource_t *r)
{
    bool fine = r != NULL && r->resource->kind == RG_RESOURCE_PRACTITIONER && r->resource->active;
    if (fine && f->practitioner_count < SEARCHES_MAX &&
        fits(f, "specialty", "http://nucc.org/provider-taxonomy", r->resource->taxonomy)) {
        f->practitioners[f->practitioner_count++] = r;
    }
}

/* By reference in the order of preference, or everybody of the specialty. */
static void read_practitioners(find_t *f, bool *nobody)
{
    const char *base = f->s.env.policy->fhir_base;
    bool named = regen_args_text(&f->args, "practitioner") != NULL;
    for (int i = 0; named && i < f->args.pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(f->args.pairs, i, rg_pair_t);
        apr_array_header_t *values = regen_fhir_values(f->s.env.p, pair->value);
        for (int k = 0; strcmp(pair->name, "practitioner") == 0 && k < values->nelts; k++) {
            const char *id =
                regen_fhir_reference(APR_ARRAY_IDX(values, k, const char *), base, "Practitioner");
            want(f, id != NULL ? rg_directory_resource_of(f->s.dir, id) : NULL);
        }
    }
    bool special = regen_args_text(&f->args, "specialty") != NULL;
    for (int i = 0; !named && special && i < f->s.dir->resource_count; i++) {
        want(f, &f->s.dir->resources[i]);
    }
    *nobody = (named || special) && f->practitioner_count == 0;
}

static bool place_fits(const find_t *f, const rg_site_t *site)
{
    const char *parts[] = {site->name,          site->address.line,        site->address.city,
                           site->address.state, site->address.postal_code, site->address.country};
    const char *where = regen_args_text(&f->args, "location-string");
    const char *ref = regen_args_text(&f->args, "location-reference");
    bool found = where == NULL;
    for (size_t i = 0; !found && i < sizeof(parts) / sizeof(parts[0]); i++) {
        found = regen_fhir_string_fits(where, parts[i], REGEN_STARTS);
    }
    if (found && ref != NULL) {
        const char *id = regen_fhir_reference(ref, f->s.env.policy->fhir_base, "Location");
        found = id != NULL && strcmp(id, site->uid) == 0;
    }
    return found;
}

/* What changes nothing here, so that nobody thinks it did. */
static void note_ignored(find_t *f)
{
    static const char *const ignored[] = {
        "organization", "patient-reference",  "patient-resource", "reason", "referral-identifier",
        "timing",       "insurance-reference"};
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
        const regen_node_t *r;
        bool there = regen_args_text(&f->args, ignored[i]) != NULL;
        for (int k = 0; !there && k < f->args.resources->nelts; k++) {
            r = APR_ARRAY_IDX(f->args.resources, k, const regen_node_t *);
            there = strcmp(r->name, ignored[i]) == 0;
        }
        if (there) {
            rg_problem_add(f->s.notes, ignored[i], "This does not change which times there are.");
        }
    }
}

/* --- searching -------------------------------------------------------------------------------- */

/* The ids of the visits of a proposal. */
static void name_visits(rg_proposal_t *k, apr_pool_t *p, const char *service_uid,
                        const char *practitioner_uid)
{
    for (int i = 0; i < k->visit_count; i++) {
        regen_proposal_id_t id = {service_uid, k->start, k->visits[i].visit_no, practitioner_uid};
        k->visits[i].uid = regen_proposal_make(p, &id);
    }
}

static rg_outcome_t search(find_t *f, const rg_directory_service_t *s,
                           const rg_directory_resource_t *who)
{
    rg_ctx_t *ctx = f->s.q->ctx;
    rg_propose_in_t in = {.service_code = s->service->code,
                          .practitioner_id = who != NULL ? who->resource->id : 0,
                          .from = f->from,
                          .until = f->until,
                          .limit = f->count};
    rg_problems_t *problems = ctx->problems;
    rg_proposal_t *found;
    int count;
    bool more;
    if (f->searches == SEARCHES_MAX) {
        rg_problem_add(f->s.notes, NULL, "Only the first %d combinations were looked at.",
                       SEARCHES_MAX);
        return RG_OK;
    }
    f->searches++;
    ctx->problems = NULL; /* who has no part in one service may have one in the next */
    rg_outcome_t rc = rg_machine_propose(&found, &count, &more, ctx, &in);
    ctx->problems = problems;
    for (int i = 0; rc == RG_OK && i < count; i++) {
        hit_t hit = {found[i], s, f->searches};
        name_visits(&hit.proposal, f->s.env.p, s->service->uid,
                    who != NULL ? who->resource->uid : "");
        APR_ARRAY_PUSH(f->hits, hit_t) = hit;
    }
    f->more = f->more || (rc == RG_OK && more);
    return rc == RG_INVALID || rc == RG_NOT_FOUND || rc == RG_PRECONDITION ? RG_OK : rc;
}

static int compare(const void *a, const void *b)
{
    const hit_t *x = a;
    const hit_t *y = b;
    if (x->proposal.start != y->proposal.start) {
        return x->proposal.start < y->proposal.start ? -1 : 1;
    }
    return x->rank - y->rank;
}

static rg_outcome_t search_all(find_t *f)
{
    const rg_directory_t *d = f->s.dir;
    const char *system = f->s.env.policy->code_system;
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < d->service_count; i++) {
        const rg_directory_service_t *s = &d->services[i];
        if (!regen_fhir_bookable(s) || !fits(f, "visit-type", system, s->service->code) ||
            !fits(f, "service-type", system, s->service->code) || !place_fits(f, s->site)) {
            continue;
        }
        if (f->practitioner_count == 0) {
            rc = search(f, s, NULL);
        }
        for (int k = 0; rc == RG_OK && k < f->practitioner_count; k++) {
            rc = search(f, s, f->practitioners[k]);
        }
    }
    qsort(f->hits->elts, (size_t)f->hits->nelts, sizeof(hit_t), compare);
    if (f->hits->nelts > f->count) {
        f->hits->nelts = f->count;
        f->more = true;
    }
    return rc;
}

/* --- the answer ------------------------------------------------------------------------------- */

static void write_visit(rg_writer_t *w, const find_t *f, const rg_visit_t *v, const char *mode)
{
    rg_fhir_entry(w, f->s.env.p, f->s.env.policy->fhir_base, "Appointment", v->uid);
    rg_fhir_visit(w, &f->s.env, "resource", v, f->from, f->until);
    rg_fhir_entry_end(w, mode);
}

/* A chain of several visits is one proposal: to be held as a whole, by the id of any of them. */
static void write_hit(rg_writer_t *w, const find_t *f, const hit_t *hit)
{
    const rg_proposal_t *k = &hit->proposal;
    regen_proposal_id_t whole;
    if (k->visit_count == 1) {
        write_visit(w, f, &k->visits[0], "match");
        return;
    }
    if (!regen_proposal_read(&whole, f->s.env.p, k->visits[0].uid)) {
        return;
    }
    whole.visit_no = 0;
    const char *id = regen_proposal_make(f->s.env.p, &whole);
    rg_fhir_entry(w, f->s.env.p, f->s.env.policy->fhir_base, "Bundle", id);
    rg_fhir_bundle(w, "resource", id, "collection", -1, NULL, NULL);
    for (int i = 0; i < k->visit_count; i++) {
        write_visit(w, f, &k->visits[i], NULL);
    }
    rg_fhir_bundle_end(w);
    rg_fhir_entry_end(w, "match");
}

static int answer(find_t *f)
{
    rg_buf_t *out;
    rg_writer_t *w = regen_fhir_writer(f->s.q, &out);
    if (f->more) {
        rg_problem_add(f->s.notes, NULL, "There are more times: ask again from a later start.");
    }
    if (f->hits->nelts == 0) {
        rg_problem_add(f->s.notes, NULL, "Nothing is free for what was asked.");
    }
    rg_fhir_bundle(w, NULL, NULL, "searchset", f->hits->nelts, NULL, NULL);
    for (int i = 0; i < f->hits->nelts; i++) {
        write_hit(w, f, &APR_ARRAY_IDX(f->hits, i, hit_t));
    }
    if (rg_problems_any(f->s.notes)) {
        rg_fhir_entry(w, f->s.env.p, NULL, NULL, NULL);
        rg_fhir_outcome(w, "resource", "information", "informational", f->s.notes);
        rg_fhir_entry_end(w, "outcome");
    }
    rg_fhir_bundle_end(w);
    apr_table_mergen(f->s.q->r->headers_out, "Vary", "Accept");
    return regen_fhir_send(f->s.q, HTTP_OK, w, out);
}

int regen_h_fhir_find(regen_req_t *q)
{
    find_t *f = apr_pcalloc(q->ctx->pool, sizeof(*f));
    bool nobody = false;
    rg_outcome_t rc = regen_fhir_open(&f->s, q, regen_fhir_type("Appointment", 11));
    f->hits = apr_array_make(q->ctx->pool, 16, sizeof(hit_t));
    if (rc == RG_OK) {
        rc = regen_args_read(&f->args, q);
    }
    if (rc == RG_OK) {
        rc = read_window(f);
    }
    if (rc == RG_OK) {
        rc = read_count(f);
    }
    if (rc == RG_OK) {
        note_ignored(f);
        read_practitioners(f, &nobody);
        rc = nobody ? RG_OK : search_all(f);
    }
    if (rc == RG_INVALID) {
        return regen_fhir_refuse(q, HTTP_BAD_REQUEST, "invalid", "This cannot be looked for.");
    }
    return rc == RG_OK ? answer(f) : regen_fail(q, rc);
}
