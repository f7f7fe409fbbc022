/* SPDX-License-Identifier: Apache-2.0 */
/* Claims: from completed treatments to documents that never change again. */
#include <string.h>

#include <apr_strings.h>
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/billing/read.h"
#include "regen/clinic/billing.h"
#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/core/xml.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/store/billing.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

/* Bytes of one rendered claim; 50 lines and 12 diagnoses take some 60 KiB. */
#define CLAIM_MAX (256 * 1024)
#define X12_MAX   (64 * 1024)

/* --- making ----------------------------------------------------------------------------------- */

typedef struct {
    const char *booking_uid;
    const rg_claim_render_t *render; /* NULL: look only */
    rg_claim_t *claim;
    bool exists; /* it was made before */
} make_t;

/* The claim as it would be, with every reason against it among the problems. */
static rg_outcome_t build_claim(rg_db_t *db, const rg_ctx_t *ctx, make_t *m)
{
    rg_booking_status_t status;
    rg_claim_t *c = m->claim = apr_pcalloc(ctx->pool, sizeof(*c));
    rg_outcome_t rc = rg_claim_facts(db, ctx, m->booking_uid, c, &status);
    if (rc != RG_OK) {
        return rc;
    }
    c->created_at = ctx->now;
    c->uid = "";
    c->claim_no = "";
    if (status != RG_BOOKING_COMPLETED) {
        rg_problem_add(ctx->problems, NULL, "The treatment is not completed yet.");
    }
    if (c->coverage.id == 0) {
        rg_problem_add(ctx->problems, "Claim.insurance",
                       "This patient is self-pay: there is no insurance to send a claim to.");
        return RG_OK;
    }
    rg_claim_lay_out(ctx->pool, c);
    rg_claim_scrub(c, ctx->now, c->facility.zone, ctx->problems);
    return RG_OK;
}

static rg_outcome_t number(rg_db_t *db, const rg_ctx_t *ctx, rg_claim_t *c)
{
    int64_t n;
    rg_outcome_t rc = rg_counter_next(db, ctx, "claim", &n);
    if (rc != RG_OK) {
        return rc;
    }
    c->uid = rg_uid_make(ctx);
    c->claim_no = apr_psprintf(ctx->pool, "C%09" APR_INT64_T_FMT, n);
    return RG_OK;
}

/* What the writer or HL7's schema refuses is a mistake of ours or of the clinic's definitions: the
 * person gets the words, which quote the claim, the log only that it happened. */
static rg_outcome_t unfit(const rg_ctx_t *ctx, const rg_claim_t *c, rg_outcome_t why)
{
    rg_log(ctx, RG_LOG_ERR,
           RGNO(06003) "The claim of booking %" APR_INT64_T_FMT " cannot be created: %s",
           c->booking_id, rg_outcome_name(why));
    if (why != RG_INVALID && why != RG_TOO_LARGE) {
        return why;
    }
    rg_problem_add(ctx->problems, "Claim",
                   "The claim cannot be written as FHIR requires. Nothing was saved. Tell the "
                   "system administrator.");
    return RG_PRECONDITION;
}

/* A claim is never sent with identifiers that are not stored: the next one would have different
 * ones. */
static rg_outcome_t keep_names(const rg_policy_t **out, rg_db_t *db, const rg_ctx_t *ctx)
{
    const char *names;
    rg_outcome_t rc = rg_names_read(db, ctx, &names);
    if (rc == RG_OK && !names && ctx->policy->names) {
        names = ctx->policy->names;
        rc = rg_names_keep(db, ctx, names);
    }
    if (rc == RG_OK && !names) {
        rg_problem_add(ctx->problems, "Claim",
                       "The clinic's own identifiers have no URI yet. Nothing was saved. Ask the "
                       "system administrator to run `regenctl names set`.");
        return RG_PRECONDITION;
    }
    *out = rg_policy_named(ctx->pool, ctx->policy, names);
    return rc;
}

/* What cannot be sent as X12 is a claim all the same. */
static rg_outcome_t render_x12(const rg_ctx_t *ctx, const make_t *m, rg_claim_bytes_t *bytes)
{
    const char *why = rg_claim_x12_wrong(ctx->pool, m->claim);
    rg_buf_t *x12 = rg_buf_make(ctx->pool, X12_MAX);
    bytes->x12_why = why ? why : "";
    rg_outcome_t rc = why ? RG_OK : m->render->x12(x12, ctx->pool, m->claim);
    bytes->x12 = why ? NULL : x12->data;
    bytes->x12_len = x12->len;
    return rc;
}

static rg_outcome_t render(rg_db_t *db, const rg_ctx_t *ctx, const make_t *m,
                           rg_claim_bytes_t *bytes)
{
    const rg_policy_t *policy;
    rg_buf_t *xml = rg_buf_make(ctx->pool, CLAIM_MAX);
    rg_buf_t *json = rg_buf_make(ctx->pool, CLAIM_MAX);
    rg_outcome_t rc = keep_names(&policy, db, ctx);
    if (rc != RG_OK) {
        return rc;
    }
    rc = m->render->xml(xml, ctx->pool, m->claim, policy);
    if (rc == RG_OK) {
        rc = m->render->json(json, ctx->pool, m->claim, policy);
    }
    if (rc == RG_OK && ctx->policy->fhir_schema) {
        rc = rg_schema_validate(ctx->policy->fhir_schema, xml->data, xml->len, ctx->problems);
    }
    *bytes = (rg_claim_bytes_t){
        .xml = xml->data, .json = json->data, .xml_len = xml->len, .json_len = json->len};
    rc = rc == RG_OK ? render_x12(ctx, m, bytes) : rc;
    return rc == RG_OK ? RG_OK : unfit(ctx, m->claim, rc);
}

static rg_outcome_t made_before(const rg_ctx_t *ctx, make_t *m)
{
    m->exists = true;
    rg_problem_add(ctx->problems, NULL, "This treatment already has a claim.");
    return RG_PRECONDITION;
}

/* Numbers last: the counter is locked until COMMIT. */
/* Somebody changed the booking since its facts were read: most likely by making the same claim. */
static rg_outcome_t stale(rg_db_t *db, const rg_ctx_t *ctx, make_t *m)
{
    struct rg_account_sql_t papers;
    rg_outcome_t rc = rg_account_read(db, ctx, m->claim->booking_id, &papers);
    if (rc != RG_OK) {
        return rc;
    }
    if (*papers.claim_uid) {
        return made_before(ctx, m);
    }
    rg_problem_add(ctx->problems, NULL,
                   "Somebody changed this treatment a moment ago. Check the claim again.");
    return RG_PRECONDITION;
}

static rg_outcome_t emit(rg_db_t *db, const rg_ctx_t *ctx, make_t *m)
{
    rg_claim_bytes_t bytes;
    int64_t id;
    rg_outcome_t rc = rg_claim_pin(db, ctx, m->claim);
    if (rc == RG_GONE) {
        return stale(db, ctx, m);
    }
    if (rc == RG_OK) {
        rc = number(db, ctx, m->claim);
    }
    if (rc == RG_OK) {
        rc = render(db, ctx, m, &bytes);
    }
    if (rc == RG_OK) {
        rc = rg_claim_insert(db, ctx, m->claim, &bytes, &id);
    }
    if (rc == RG_CONFLICT) {
        return made_before(ctx, m);
    }
    if (rc == RG_OK) {
        rc = rg_audit_add(db, ctx, "claim.emit", "claim", id, m->claim->claim_no);
    }
    if (rc == RG_OK) {
        rg_once_result(db, m->claim->uid);
    }
    return rc;
}

static rg_outcome_t make_claim(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    make_t *m = baton;
    struct rg_account_sql_t papers;
    rg_outcome_t rc = build_claim(db, ctx, m);
    if (rc == RG_OK) {
        rc = rg_account_read(db, ctx, m->claim->booking_id, &papers);
    }
    if (rc != RG_OK) {
        return rc;
    }
    if (*papers.claim_uid) {
        ctx->problems->list->nelts = 0;
        return made_before(ctx, m);
    }
    return rg_problems_any(ctx->problems) ? RG_PRECONDITION : emit(db, ctx, m);
}

rg_outcome_t rg_claim_make(const char **uid, const rg_ctx_t *ctx, const char *booking_uid,
                           const rg_claim_render_t *r)
{
    make_t m = {.booking_uid = booking_uid, .render = r};
    if (!rg_may(ctx, RG_DEED_BILL)) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(booking_uid)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_once(ctx, make_claim, &m);
    if (rc == RG_OK) {
        *uid = rg_replayed(ctx) ? ctx->idem->result : m.claim->uid;
    }
    return rc;
}

rg_outcome_t rg_claim_make_all(rg_batch_t *out, const rg_ctx_t *ctx,
                               const char *const *booking_uids, int count,
                               const rg_claim_render_t *r)
{
    *out = (rg_batch_t){0, 0};
    if (!rg_may(ctx, RG_DEED_BILL)) {
        return RG_FORBIDDEN;
    }
    for (int i = 0; i < count; i++) {
        make_t m = {.booking_uid = booking_uids[i], .render = r};
        rg_ctx_t one = *ctx;
        one.problems = rg_problems_make(ctx->pool);
        rg_outcome_t rc =
            rg_uid_valid(m.booking_uid) ? rg_store_transact(&one, make_claim, &m) : RG_NOT_FOUND;
        if (rc == RG_UNAVAILABLE || rc == RG_INTERNAL) {
            return rc;
        }
        out->done += rc == RG_OK;
        if (rc != RG_OK && !m.exists) {
            out->left++;
            rc = rg_billing_stays(&one, RG_QUEUE_CLAIM, m.booking_uid);
            if (rc == RG_UNAVAILABLE || rc == RG_INTERNAL) {
                return rc;
            }
        }
    }
    return RG_OK;
}

static rg_outcome_t preview_claim(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    return build_claim(db, ctx, baton);
}

rg_outcome_t rg_claim_preview(rg_claim_t **out, const rg_ctx_t *ctx, const char *booking_uid)
{
    make_t m = {.booking_uid = booking_uid};
    if (!rg_may(ctx, RG_DEED_BILL)) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(booking_uid)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_read(ctx, preview_claim, &m);
    *out = m.claim;
    return rc;
}

/* --- reading ---------------------------------------------------------------------------------- */

typedef struct {
    const char *uid;
    rg_claim_doc_t *doc;
} get_t;

static rg_outcome_t get_document(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const get_t *g = baton;
    rg_outcome_t rc = rg_claim_read(db, ctx, g->uid, g->doc);
    return rc == RG_OK ? rg_audit_add(db, ctx, "claim.read", "claim", g->doc->row.id, "") : rc;
}

rg_outcome_t rg_claim_get(rg_claim_doc_t **out, const rg_ctx_t *ctx, const char *claim_uid)
{
    get_t g = {.uid = claim_uid, .doc = apr_palloc(ctx->pool, sizeof(*g.doc))};
    if (!rg_may_read_claims(ctx)) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(claim_uid)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_read(ctx, get_document, &g);
    *out = rc == RG_OK ? g.doc : NULL;
    return rc;
}

typedef struct {
    rg_date_t from, to;
    rg_claim_each_fn fn;
    void *baton;
} each_t;

static rg_outcome_t stream_claims(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const each_t *e = baton;
    return rg_claim_stream(db, ctx, e->from, e->to, e->fn, e->baton);
}

rg_outcome_t rg_claim_each(const rg_ctx_t *ctx, rg_date_t from, rg_date_t to, rg_claim_each_fn fn,
                           void *baton)
{
    each_t e = {from, to, fn, baton};
    if (!rg_may(ctx, RG_DEED_EXPORT_CLAIMS)) {
        return RG_FORBIDDEN;
    }
    return rg_store_read(ctx, stream_claims, &e);
}
