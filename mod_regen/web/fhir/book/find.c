/* SPDX-License-Identifier: Apache-2.0 */
/* Appointment/$find of IHE ITI Scheduling: times at which a whole chain can be done, each with its
 * visits and who would serve. One visit is one proposed Appointment; several are a Bundle of
 * them. */
#include "mod_regen/web/fhir/fhir.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/api.h"
#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/visit.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

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
    apr_time_t at_least; /* where this page begins, and how many of that start were on the last */
    int skip, skipped;
    int count;
    int searches;
    int total; /* on all pages */
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
        if (strcmp(pair->name, name) != 0) {
            continue;
        }
        given = true;
        apr_array_header_t *values = regen_fhir_values(f->s.env.p, pair->value);
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
    const apr_time_t most = (apr_time_t)q->ctx->policy->search_days * RG_DAY;
    if (start && !regen_fhir_instant(&a, f->s.env.p, start, f->s.zone)) {
        return wrong(f, "start", "start must be like 2026-12-01T09:00:00-05:00 or 2026-12-01.");
    }
    if (end && !regen_fhir_instant(&b, f->s.env.p, end, f->s.zone)) {
        return wrong(f, "end", "end must be like 2026-12-05T17:00:00-05:00 or 2026-12-05.");
    }
    f->from = a.from > q->ctx->now ? a.from : q->ctx->now;
    f->until = !end ? f->from + most : strlen(end) > 10 ? b.from : b.until;
    if (f->until <= f->from) {
        return wrong(f, "end", "end must be after start and in the future.");
    }
    if (f->until - f->from > most) {
        f->until = f->from + most;
        rg_problem_add(f->s.notes, "end", "Only the first %d days were searched.",
                       q->ctx->policy->search_days);
    }
    return RG_OK;
}

static rg_outcome_t read_find_count(find_t *f)
{
    const char *text = regen_args_text(&f->args, "_count");
    int64_t count = COUNT_STANDARD;
    if (text && !rg_text_i64(&count, text, 1, INT32_MAX)) {
        return wrong(f, "_count", "_count must be 1 or more.");
    }
    f->count = count > COUNT_MAX ? COUNT_MAX : (int)count;
    return RG_OK;
}

static rg_outcome_t read_find_page(find_t *f)
{
    const char *text = regen_args_text(&f->args, REGEN_FIND_PAGE);
    int64_t start = 0;
    int64_t skip = 0;
    if (text && (!regen_fhir_page_read(&start, &skip, text) || start < 0 || skip < 0 ||
                 start > apr_time_sec(INT64_MAX) || skip > SEARCHES_MAX)) {
        return wrong(f, REGEN_FIND_PAGE, "_page must be taken unchanged from a next link.");
    }
    f->at_least = apr_time_from_sec(start);
    f->skip = (int)skip;
    return RG_OK;
}

static void want(find_t *f, const rg_directory_resource_t *r)
{
    bool fine = r && r->resource->kind == RG_RESOURCE_PRACTITIONER && r->resource->active;
    for (int i = 0; fine && i < f->practitioner_count; i++) {
        fine = f->practitioners[i] != r;
    }
    if (fine && f->practitioner_count < SEARCHES_MAX &&
        fits(f, "specialty", "http://nucc.org/provider-taxonomy", r->resource->taxonomy)) {
        f->practitioners[f->practitioner_count++] = r;
    }
}

/* The practitioner an identifier names: by NPI, or by our own code. */
static const rg_directory_resource_t *identified(const find_t *f, const char *value)
{
    for (int i = 0; i < f->s.dir->resource_count; i++) {
        const rg_directory_resource_t *r = &f->s.dir->resources[i];
        bool npi = r->resource->npi[0] != '\0' &&
                   regen_fhir_token_fits(value, "http://hl7.org/fhir/sid/us-npi", r->resource->npi);
        if (r->resource->kind == RG_RESOURCE_PRACTITIONER && npi) {
            return r;
        }
    }
    return NULL;
}

static const rg_directory_resource_t *referred(const find_t *f, const char *value)
{
    const char *id = regen_fhir_reference(value, f->s.env.policy->fhir_base, "Practitioner");
    return id ? rg_directory_resource_of(f->s.dir, id) : NULL;
}

/* A parameter that may be given by reference or by identifier: the three ways to write it. */
static bool is_named(const rg_pair_t *pair, const char *name, bool *identifier)
{
    size_t n = strlen(name);
    if (strncmp(pair->name, name, n) != 0) {
        return false;
    }
    *identifier =
        strcmp(pair->name + n, ":identifier") == 0 || strcmp(pair->name + n, ".identifier") == 0;
    return *identifier || pair->name[n] == '\0';
}

/* By reference or identifier in the order of preference, or everybody of the specialty. */
static void read_practitioners(find_t *f, bool *nobody)
{
    bool named = false;
    bool identifier;
    for (int i = 0; i < f->args.pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(f->args.pairs, i, rg_pair_t);
        apr_array_header_t *values = regen_fhir_values(f->s.env.p, pair->value);
        if (!is_named(pair, "practitioner", &identifier)) {
            continue;
        }
        named = true;
        for (int k = 0; k < values->nelts; k++) {
            const char *value = APR_ARRAY_IDX(values, k, const char *);
            want(f, identifier ? identified(f, value) : referred(f, value));
        }
    }
    bool special = regen_args_text(&f->args, "specialty") != NULL;
    for (int i = 0; !named && special && i < f->s.dir->resource_count; i++) {
        want(f, &f->s.dir->resources[i]);
    }
    *nobody = (named || special) && f->practitioner_count == 0;
}

static bool in_address(apr_pool_t *p, const rg_site_t *site, const char *where)
{
    const char *parts[] = {site->name,          site->address.line,        site->address.city,
                           site->address.state, site->address.postal_code, site->address.country};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (regen_fhir_string_fits(p, where, parts[i], REGEN_STARTS)) {
            return true;
        }
    }
    return false;
}

static bool is_site(const find_t *f, const rg_site_t *site, const char *value, bool identifier)
{
    const char *id = regen_fhir_reference(value, f->s.env.policy->fhir_base, "Location");
    return identifier ? regen_fhir_token_fits(value, rg_fhir_sid(&f->s.env, "site"), site->code)
                      : id && strcmp(id, site->uid) == 0;
}

/* Whether one of the values fits; true when the parameter was not given. */
static bool any_place(const find_t *f, const rg_site_t *site, const char *name)
{
    bool given = false;
    bool found = false;
    bool identifier;
    for (int i = 0; i < f->args.pairs->nelts && !found; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(f->args.pairs, i, rg_pair_t);
        apr_array_header_t *values = regen_fhir_values(f->s.env.p, pair->value);
        if (!is_named(pair, name, &identifier)) {
            continue;
        }
        given = true;
        for (int k = 0; k < values->nelts && !found; k++) {
            const char *value = APR_ARRAY_IDX(values, k, const char *);
            found = strcmp(name, "location-string") == 0
                        ? in_address(f->s.q->ctx->pool, site, value)
                        : is_site(f, site, value, identifier);
        }
    }
    return found || !given;
}

static bool site_fits_places(const find_t *f, const rg_site_t *site)
{
    return any_place(f, site, "location-string") && any_place(f, site, "location-reference");
}

static bool was_sent(const find_t *f, const char *name)
{
    bool there = regen_args_text(&f->args, name) != NULL;
    for (int k = 0; !there && k < f->args.resources->nelts; k++) {
        there = strcmp(APR_ARRAY_IDX(f->args.resources, k, const regen_node_t *)->name, name) == 0;
    }
    return there;
}

static void note_ignored(find_t *f)
{
    for (const regen_arg_t *a = regen_find_args; a->name; a++) {
        if (a->words && was_sent(f, a->name)) {
            rg_problem_add(f->s.notes, a->name, "%s", a->words);
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

static rg_outcome_t search_proposals(find_t *f, const rg_directory_service_t *s,
                                     const rg_directory_resource_t *who)
{
    /* Who has no part in one service may have one in the next. */
    rg_ctx_t silent = rg_silent_ctx(f->s.q->ctx);
    rg_propose_in_t in = {.service_code = s->service->code,
                          .practitioner_id = who ? who->resource->id : 0,
                          .from = f->from,
                          .until = f->until,
                          .at_least = f->at_least,
                          .limit = f->count + f->skip + 1};
    rg_proposal_t *found;
    int count;
    int total;
    if (f->searches == SEARCHES_MAX) {
        rg_problem_add(f->s.notes, NULL, "Only the first %d combinations were searched.",
                       SEARCHES_MAX);
        return RG_OK;
    }
    f->searches++;
    rg_outcome_t rc = rg_machine_propose(&found, &count, &total, &silent, &in);
    for (int i = 0; rc == RG_OK && i < count; i++) {
        hit_t hit = {found[i], s, f->searches};
        name_visits(&hit.proposal, f->s.env.p, s->service->uid, who ? who->resource->uid : "");
        APR_ARRAY_PUSH(f->hits, hit_t) = hit;
    }
    f->total += rc == RG_OK ? total : 0;
    return rc == RG_INVALID || rc == RG_NOT_FOUND || rc == RG_PRECONDITION ? RG_OK : rc;
}

static int compare_hits(const void *a, const void *b)
{
    const hit_t *x = a;
    const hit_t *y = b;
    if (x->proposal.start != y->proposal.start) {
        return x->proposal.start < y->proposal.start ? -1 : 1;
    }
    return x->rank - y->rank;
}

/* What is on this page: a start may belong to several pages, so they are counted. */
static void cut_page(find_t *f)
{
    qsort(f->hits->elts, (size_t)f->hits->nelts, sizeof(hit_t), compare_hits);
    hit_t *hits = (hit_t *)f->hits->elts;
    while (f->skip > 0 && f->hits->nelts > 0 && hits[0].proposal.start == f->at_least) {
        memmove(hits, hits + 1, sizeof(*hits) * (size_t)(f->hits->nelts - 1));
        f->hits->nelts--;
        f->skipped++;
        f->skip--;
    }
    f->more = f->hits->nelts > f->count;
    f->hits->nelts = f->more ? f->count : f->hits->nelts;
}

static rg_outcome_t search_all(find_t *f)
{
    const rg_directory_t *d = f->s.dir;
    const char *system = f->s.env.policy->code_system;
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < d->service_count; i++) {
        const rg_directory_service_t *s = &d->services[i];
        if (!regen_fhir_bookable(s) || !fits(f, "visit-type", system, s->service->code) ||
            !fits(f, "service-type", system, s->service->code) || !site_fits_places(f, s->site)) {
            continue;
        }
        if (f->practitioner_count == 0) {
            rc = search_proposals(f, s, NULL);
        }
        for (int k = 0; rc == RG_OK && k < f->practitioner_count; k++) {
            rc = search_proposals(f, s, f->practitioners[k]);
        }
    }
    cut_page(f);
    return rc;
}

/* --- the answer ------------------------------------------------------------------------------- */

static void write_found_visit(rg_writer_t *w, const find_t *f, const rg_visit_t *v,
                              const char *mode)
{
    rg_fhir_entry(w, f->s.env.p, f->s.env.policy->fhir_base, "Appointment", v->uid);
    regen_fhir_visit(w, &f->s.env, "resource", v, f->from, f->until);
    rg_fhir_entry_end(w, mode);
}

/* A chain of several visits is one proposal: to be held as a whole, by the id of any of them. */
static void write_hit(rg_writer_t *w, const find_t *f, const hit_t *hit)
{
    const rg_proposal_t *k = &hit->proposal;
    regen_proposal_id_t whole;
    if (k->visit_count == 1) {
        write_found_visit(w, f, &k->visits[0], "match");
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
        write_found_visit(w, f, &k->visits[i], NULL);
    }
    rg_fhir_bundle_end(w);
    rg_fhir_entry_end(w, "match");
}

/* The question as a GET. References and codes are what they were; resources change nothing here. */
static const char *find_address(const find_t *f, const char *page)
{
    apr_pool_t *p = f->s.env.p;
    rg_buf_t *b = rg_buf_make(p, REGEN_FHIR_MAX);
    rg_buf_puts(b, apr_pstrcat(p, f->s.env.policy->fhir_base,
                               "/Appointment/$find?_count=", apr_itoa(p, f->count), NULL));
    for (int i = 0; i < f->args.pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(f->args.pairs, i, rg_pair_t);
        if (pair->name[0] != '_' && pair->value[0] != '\0') {
            rg_buf_printf(b, "&%s=%s", ap_escape_urlencoded(p, pair->name),
                          ap_escape_urlencoded(p, pair->value));
        }
    }
    rg_buf_printf(b, page ? "&" REGEN_FIND_PAGE "=%s" : "%s", page ? page : "");
    return apr_pstrmemdup(p, b->data, b->len);
}

/* From the last start that is here, past those of it that are. */
static const char *next_page(const find_t *f)
{
    const hit_t *hits = (const hit_t *)f->hits->elts;
    apr_time_t last = hits[f->hits->nelts - 1].proposal.start;
    int same = 0;
    for (int i = f->hits->nelts; i > 0 && hits[i - 1].proposal.start == last; i--) {
        same++;
    }
    same += last == f->at_least ? f->skipped : 0;
    return find_address(f, regen_fhir_page_make(f->s.env.p, apr_time_sec(last), same));
}

static int answer(find_t *f)
{
    rg_buf_t *out;
    rg_writer_t *w = regen_fhir_writer(f->s.q, &out);
    if (f->more) {
        rg_problem_add(f->s.notes, NULL, "There are more times: see the next link.");
    }
    if (f->hits->nelts == 0) {
        rg_problem_add(f->s.notes, NULL, "No free time matches the request.");
    }
    rg_fhir_bundle(w, NULL, NULL, "searchset", f->total,
                   find_address(f, regen_args_text(&f->args, REGEN_FIND_PAGE)),
                   f->more ? next_page(f) : NULL);
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

static int h_fhir_find(regen_req_t *q)
{
    find_t *f = apr_pcalloc(q->ctx->pool, sizeof(*f));
    bool nobody = false;
    rg_outcome_t rc = regen_fhir_open(&f->s, q, regen_fhir_type("Appointment", 11));
    f->hits = apr_array_make(q->ctx->pool, 16, sizeof(hit_t));
    if (rc == RG_OK) {
        regen_asked_t asked = regen_fhir_asked(q);
        rc = regen_args_read(&f->args, &asked, regen_find_args, f->s.notes);
    }
    if (rc == RG_OK) {
        rc = read_window(f);
    }
    if (rc == RG_OK) {
        rc = read_find_count(f);
    }
    if (rc == RG_OK) {
        rc = read_find_page(f);
    }
    if (rc == RG_OK) {
        note_ignored(f);
        read_practitioners(f, &nobody);
        rc = nobody ? RG_OK : search_all(f);
    }
    if (rc == RG_INVALID) {
        return regen_fhir_refuse(q, HTTP_BAD_REQUEST, "invalid", "This search is not possible.");
    }
    return rc == RG_OK ? answer(f) : regen_fail(q, rc);
}

const regen_route_t regen_routes_fhir_find[] = {
    {"GET", "/fhir/Appointment/$find", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, h_fhir_find},
    {"POST", "/fhir/Appointment/$find", RG_ROLE_MACHINE, 64 * KIB, REGEN_JSON | REGEN_XML,
     REGEN_FHIR_AREA | REGEN_NO_IDEM, h_fhir_find},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
