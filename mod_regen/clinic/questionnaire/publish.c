/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing a questionnaire: a version that never changes, so that everybody can see later what
 * was asked. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/questionnaire/version.h"
#include "regen/clinic/questionnaire.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/questionnaire.h"
#include "regen/store/questionnaire.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

typedef struct {
    const char *code;
    int version;
    rg_quest_version_t *v;
    int count;
    bool same;
} publish_t;

bool rg_quest_version_whole(const rg_quest_version_t *v)
{
    unsigned char sha256[32];

    rg_crypto_sha256(sha256, v->body, strlen(v->body));
    return rg_crypto_equal(sha256, v->sha256, sizeof(sha256));
}

static rg_outcome_t publish_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    publish_t *w = baton;
    rg_quest_version_t *last = NULL;
    rg_outcome_t rc = rg_quest_version(db, ctx, &last, w->code, 0);

    w->same = rc == RG_OK && strcmp(last->body, w->v->body) == 0;
    if (w->same) {
        w->v = last;
        return RG_OK;
    }
    rc = rc == RG_NOT_FOUND || rc == RG_OK ? rg_quest_version_add(db, ctx, w->v) : rc;
    if (rc == RG_CONFLICT || rc == RG_PRECONDITION) {
        rg_problem_add(ctx->problems, NULL,
                       "Somebody published a version of it at the same time. Try again.");
        return RG_CONFLICT;
    }
    return rc == RG_OK
               ? rg_audit_add(db, ctx, "questionnaire.publish", "questionnaire_version", w->v->id,
                              apr_psprintf(ctx->pool, "%s %d", w->v->code, w->v->version))
               : rc;
}

rg_outcome_t rg_quest_publish(rg_quest_version_t **out, bool *same, const rg_ctx_t *ctx,
                              const char *bytes, size_t n)
{
    rg_quest_version_t *v = apr_pcalloc(ctx->pool, sizeof(*v));
    publish_t w = {.v = v};
    rg_questionnaire_t *q = NULL;

    RG_TRY(rg_must(ctx, RG_DEED_DEFINE));
    RG_TRY(rg_quest_read(&q, ctx->pool, bytes, n, ctx->problems));
    v->code = w.code = q->code;
    v->title = q->title;
    v->body = apr_pstrmemdup(ctx->pool, bytes, n);
    v->published_at = ctx->now;
    rg_crypto_sha256(v->sha256, v->body, n);
    RG_TRY(rg_store_once(ctx, publish_work, &w));
    *out = w.v;
    *same = w.same;
    return RG_OK;
}

/* --- reading ---------------------------------------------------------------------------------- */

static rg_outcome_t export_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    publish_t *w = baton;

    return rg_quest_version(db, ctx, &w->v, w->code, w->version);
}

rg_outcome_t rg_quest_export(rg_quest_version_t **out, const rg_ctx_t *ctx, const char *code,
                             int version)
{
    publish_t w = {.code = code, .version = version};

    RG_TRY(rg_must(ctx, RG_DEED_DEFINE));
    RG_TRY(rg_store_read(ctx, export_work, &w));
    if (!rg_quest_version_whole(w.v)) {
        rg_problem_add(ctx->problems, NULL,
                       "Its text is not the one of its SHA-256: regenctl audit verify says more.");
        return RG_INTERNAL;
    }
    *out = w.v;
    return RG_OK;
}

static rg_outcome_t list_quests(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    publish_t *w = baton;

    return rg_quest_versions(db, ctx, &w->v, &w->count);
}

rg_outcome_t rg_quest_list(rg_quest_version_t **out, int *count, const rg_ctx_t *ctx)
{
    publish_t w = {0};

    RG_TRY(rg_must(ctx, RG_DEED_DEFINE));
    RG_TRY(rg_store_read(ctx, list_quests, &w));
    *out = w.v;
    *count = w.count;
    return RG_OK;
}
