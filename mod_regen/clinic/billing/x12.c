/* SPDX-License-Identifier: Apache-2.0 */
/* Claims as X12 (837P): a table of what keeps one out, and files of the others, made once and
 * written again to the same bytes. */
#include <string.h>

#include "mod_regen/clinic/access.h"
#include "regen/clinic/billing.h"
#include "regen/core/buf.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/batch.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/store/billing.h"
#include "regen/store/store.h"

#include <apr_strings.h>

/* --- what keeps a claim out ------------------------------------------------------------------- */

#define HCPCS_SYSTEM "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
#define CPT_SYSTEM   "http://www.ama-assn.org/go/cpt"
#define DIGITS       "0123456789"
#define CAPITALS     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool is_spelled(const char *s, const char *letters, size_t least, size_t most)
{
    size_t n = s ? strlen(s) : 0;
    return n >= least && n <= most && strspn(s, letters) == n;
}

static bool can_be_sent(apr_pool_t *p, const char *s)
{
    return s && *rg_text_basic(p, s);
}

/* Codes of the clinic's own never leave. */
static bool own_code(apr_pool_t *p, const rg_claim_t *c)
{
    (void)p;
    for (int i = 0; i < c->line_count; i++) {
        const rg_claim_line_t *l = &c->lines[i];
        if ((strcmp(l->code_system, HCPCS_SYSTEM) != 0 &&
             strcmp(l->code_system, CPT_SYSTEM) != 0) ||
            !is_spelled(l->code, DIGITS CAPITALS, 5, 5)) {
            return true;
        }
    }
    return false;
}

static bool other_currency(apr_pool_t *p, const rg_claim_t *c)
{
    (void)p;
    return strcmp(c->total.currency, "USD") != 0;
}

static bool no_filing(apr_pool_t *p, const rg_claim_t *c)
{
    static const char *const known[] = {"11", "12", "13", "14", "15", "16", "17", "AM", "BL", "CH",
                                        "CI", "DS", "FI", "HM", "LM", "MA", "MB", "MC", "OF", "TV"};
    (void)p;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (strcmp(c->coverage.payer.filing, known[i]) == 0) {
            return false;
        }
    }
    return true;
}

static bool no_assignment(apr_pool_t *p, const rg_claim_t *c)
{
    (void)p;
    return !*c->coverage.payer.assignment;
}

static bool nothing_on_file(apr_pool_t *p, const rg_claim_t *c)
{
    (void)p;
    return !*c->says.provider_signature || !*c->says.benefits_assigned || !*c->says.release_code;
}

static bool unsaid_address(apr_pool_t *p, const rg_address_t *a)
{
    bool us = strcmp(a->country, "US") == 0;
    const char *zip = a->postal_code;
    size_t n = 0;
    for (const char *at = zip; *at; at++) {
        n += *at >= '0' && *at <= '9';
    }
    return !can_be_sent(p, a->line) || !can_be_sent(p, a->city) ||
           (us && (!is_spelled(a->state, CAPITALS, 2, 2) || (n != 5 && n != 9)));
}

static bool no_place(apr_pool_t *p, const rg_claim_t *c)
{
    return unsaid_address(p, &c->patient.address) || unsaid_address(p, &c->billing.address);
}

static bool no_latin(apr_pool_t *p, const rg_claim_t *c)
{
    const rg_coverage_t *v = &c->coverage;
    bool self = rg_relationship_parse(v->relationship) == RG_RELATIONSHIP_SELF;
    return !can_be_sent(p, c->patient.family) || (!self && !can_be_sent(p, v->subscriber_family)) ||
           !can_be_sent(p, c->billing.name) || !can_be_sent(p, v->payer.name);
}

static bool no_ids(apr_pool_t *p, const rg_claim_t *c)
{
    const char *member = rg_text_basic(p, c->coverage.member_id);
    const char *payer = rg_text_basic(p, c->coverage.payer.payer_id);
    return strlen(member) < 2 || strlen(member) > 80 || strlen(payer) < 2 || strlen(payer) > 80;
}

const char *rg_claim_x12_wrong(apr_pool_t *p, const rg_claim_t *c)
{
    static const struct {
        bool (*is)(apr_pool_t *p, const rg_claim_t *c);
        const char *words;
    } rules[] = {
        {own_code, "A line has a code of the clinic's own. Payers take HCPCS and CPT codes only; "
                   "see the fee schedule."},
        {other_currency, "The amounts are not in US dollars."},
        {no_filing, "The payer has no claim filing indicator, such as CI or MB."},
        {no_assignment, "The payer's row does not say whether the clinic accepts assignment."},
        {nothing_on_file, "The clinic does not say whether the provider's signature, the "
                          "assignment of benefits and the release of information are on file."},
        {no_place, "An address lacks a street, a city, a state of two capital letters or a ZIP "
                   "code of 5 or 9 digits."},
        {no_latin, "A name cannot be written in Latin letters."},
        {no_ids, "The member ID or the payer ID is too short or too long."}};
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        if (rules[i].is(p, c)) {
            return rules[i].words;
        }
    }
    return NULL;
}

/* --- files ------------------------------------------------------------------------------------ */

enum { SET_MOST = 128 * 1024, LEFT_MOST = 1000 };

/* One pass over a file: its bytes go to FN, if there is one, and into the digest. */
typedef struct {
    const rg_ctx_t *ctx;
    const rg_batch_render_t *render;
    rg_claim_batch_t *batch;
    rg_batch_sink_fn fn;
    void *baton;
    apr_pool_t *pool; /* of one claim */
    rg_sha256_t sha;
    int64_t bytes;
    int sets;
} pass_t;

static rg_outcome_t give(pass_t *w, const rg_buf_t *b)
{
    if (b->overflow) {
        return RG_TOO_LARGE;
    }
    rg_sha256_add(&w->sha, b->data, b->len);
    w->bytes += (int64_t)b->len;
    return w->fn ? w->fn(w->baton, b->data, b->len) : RG_OK;
}

static rg_outcome_t give_set(void *baton, const rg_batch_claim_t *c)
{
    pass_t *w = baton;
    rg_buf_t *b = rg_buf_make(w->pool, SET_MOST);
    w->render->set(b, w->pool, w->batch, c);
    w->sets++;
    rg_outcome_t rc = give(w, b);
    apr_pool_clear(w->pool);
    return rc;
}

static rg_outcome_t write_pieces(rg_db_t *db, pass_t *w, unsigned char sha[32])
{
    if (apr_pool_create(&w->pool, w->ctx->pool) != APR_SUCCESS) {
        return RG_INTERNAL;
    }
    rg_buf_t *begin = rg_buf_make(w->ctx->pool, SET_MOST);
    rg_buf_t *end = rg_buf_make(w->ctx->pool, SET_MOST);
    rg_sha256_begin(&w->sha);
    w->render->begin(begin, w->ctx->pool, w->batch);
    rg_outcome_t rc = give(w, begin);
    rc = rc == RG_OK ? rg_batch_stream(db, w->ctx, w->batch->id, give_set, w) : rc;
    w->render->end(end, w->ctx->pool, w->batch, w->sets);
    rc = rc == RG_OK ? give(w, end) : rc;
    rg_sha256_end(&w->sha, sha);
    apr_pool_destroy(w->pool);
    return rc;
}

/* --- making ----------------------------------------------------------------------------------- */

typedef struct {
    rg_date_t from, to;
    const rg_batch_render_t *render;
    rg_claim_batch_t *batch;
} make_t;

static rg_outcome_t open_batch(rg_db_t *db, const rg_ctx_t *ctx, make_t *m)
{
    int64_t claims = 0;
    rg_outcome_t rc = rg_batch_receiver(db, ctx, m->batch);
    if (rc == RG_NOT_FOUND) {
        rg_problem_add(ctx->problems, "receiver",
                       "Nobody is said to receive X12 files: claim_receiver has no row.");
        return RG_PRECONDITION;
    }
    rc = rc == RG_OK ? rg_counter_next(db, ctx, "x12", &m->batch->id) : rc;
    m->batch->made_at = ctx->now;
    rc = rc == RG_OK ? rg_batch_insert(db, ctx, m->batch, m->from, m->to, &claims) : rc;
    m->batch->claims = (int)claims;
    if (rc == RG_OK && claims == 0) {
        rg_problem_add(ctx->problems, "claims", "No claim of these days can be written as X12.");
        return RG_PRECONDITION;
    }
    return rc;
}

static rg_outcome_t make_batch(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    make_t *m = baton;
    rg_outcome_t rc = open_batch(db, ctx, m);
    if (rc != RG_OK) {
        return rc;
    }
    pass_t w = {.ctx = ctx, .render = m->render, .batch = m->batch};
    rc = write_pieces(db, &w, m->batch->sha256);
    m->batch->bytes = w.bytes;
    rc = rc == RG_OK ? rg_batch_written(db, ctx, m->batch) : rc;
    return rc == RG_OK ? rg_audit_add(db, ctx, "claims.batch", "claim-batch", m->batch->id, "")
                       : rc;
}

rg_outcome_t rg_claim_batch_make(rg_claim_batch_t **out, const rg_ctx_t *ctx, rg_date_t from,
                                 rg_date_t to, const rg_batch_render_t *render)
{
    make_t m = {from, to, render, apr_pcalloc(ctx->pool, sizeof(*m.batch))};
    if (!rg_may(ctx, RG_DEED_EXPORT_CLAIMS)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_store_transact(ctx, make_batch, &m);
    *out = rc == RG_OK ? m.batch : NULL;
    return rc;
}

/* --- writing ---------------------------------------------------------------------------------- */

typedef struct {
    int64_t id;
    const rg_batch_render_t *render;
    rg_batch_sink_fn fn;
    void *baton;
    rg_claim_batch_t *batch;
} write_t;

static rg_outcome_t write_batch(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    write_t *t = baton;
    unsigned char sha[32];
    rg_outcome_t rc = rg_batch_read(db, ctx, t->id, t->batch);
    pass_t w = {.ctx = ctx, .render = t->render, .batch = t->batch, .fn = t->fn, .baton = t->baton};
    rc = rc == RG_OK ? write_pieces(db, &w, sha) : rc;
    if (rc == RG_OK && memcmp(sha, t->batch->sha256, sizeof(sha)) != 0) {
        rg_problem_add(ctx->problems, "file", "The file would not be what was made then.");
        return RG_INTERNAL;
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "claims.file", "claim-batch", t->id, "") : rc;
}

rg_outcome_t rg_claim_batch_write(rg_claim_batch_t **out, const rg_ctx_t *ctx, int64_t id,
                                  const rg_batch_render_t *render, rg_batch_sink_fn fn, void *baton)
{
    write_t t = {id, render, fn, baton, apr_pcalloc(ctx->pool, sizeof(*t.batch))};
    if (!rg_may(ctx, RG_DEED_EXPORT_CLAIMS)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_store_read(ctx, write_batch, &t); /* not again: FN has its bytes */
    *out = t.batch;
    return rc;
}

/* --- what stays ------------------------------------------------------------------------------- */

typedef struct {
    rg_date_t from, to;
    rg_batch_left_t *list;
    int count;
} left_t;

static rg_outcome_t list_left(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    left_t *l = baton;
    return rg_batch_left(db, ctx, l->from, l->to, LEFT_MOST, &l->list, &l->count);
}

rg_outcome_t rg_claim_batch_left(rg_batch_left_t **out, int *count, const rg_ctx_t *ctx,
                                 rg_date_t from, rg_date_t to)
{
    left_t l = {.from = from, .to = to};
    if (!rg_may(ctx, RG_DEED_EXPORT_CLAIMS)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_store_read(ctx, list_left, &l);
    *out = l.list;
    *count = l.count;
    return rc;
}
