/* SPDX-License-Identifier: Apache-2.0 */
/* The session of a visitor's browser: found by its cookie, created with the first thing that it
 * opens. What it may open is in patient/visitor.c. */
#include "mod_regen/clinic/identity/visitor.h"

#include "mod_regen/clinic/identity/secret.h"
#include "regen/clinic/identity.h"
#include "regen/store/identity.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/model/patient.h"
#include "regen/store/store.h"

typedef struct {
    unsigned char hash[32];
    rg_visitor_list_t *list;
} find_t;

static void become(rg_principal_t *who, int64_t id)
{
    *who = (rg_principal_t){.roles = RG_ROLE_PATIENT, .visitor_id = id};
}

static rg_outcome_t find(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    find_t *w = baton;
    return rg_visitor_find(db, ctx, w->list, w->hash);
}

rg_outcome_t rg_visitor_resolve(rg_principal_t *who, rg_visitor_list_t **mine, const rg_ctx_t *ctx,
                                const char *token)
{
    find_t w = {.list = apr_palloc(ctx->pool, sizeof(*w.list))};
    *mine = NULL;
    if (!rg_secret_hash(w.hash, token)) {
        return RG_UNAUTHENTICATED;
    }
    rg_outcome_t rc = rg_store_read(ctx, find, &w);
    if (rc == RG_OK) {
        become(who, w.list->session_id);
        *mine = w.list;
    }
    return rc == RG_NOT_FOUND ? RG_UNAUTHENTICATED : rc;
}

const char *rg_visitor_begin(const unsigned char **hash, const rg_ctx_t *ctx)
{
    unsigned char *made = apr_palloc(ctx->pool, 32);
    *hash = made;
    return rg_secret_make(ctx, made);
}

rg_outcome_t rg_visitor_ensure(rg_principal_t *who, rg_db_t *db, const rg_ctx_t *ctx)
{
    int64_t id;
    if (ctx->who.visitor_id > 0) {
        *who = ctx->who;
        return RG_OK;
    }
    if (!ctx->visitor_new) {
        return RG_UNAUTHENTICATED;
    }
    rg_outcome_t rc =
        rg_visitor_put(db, ctx, &id, ctx->visitor_new, ctx->now + ctx->policy->patient_session_max);
    if (rc == RG_OK) {
        become(who, id);
    }
    return rc;
}

apr_time_t rg_visitor_until(const rg_ctx_t *ctx)
{
    return ctx->now + ctx->policy->patient_session_max;
}

rg_outcome_t rg_visitor_owns(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id)
{
    /* One that begins now lives as long as it can. */
    apr_time_t until = ctx->visitor_new ? 0 : rg_visitor_until(ctx);
    return ctx->who.visitor_id > 0
               ? rg_visitor_add_booking(db, ctx, ctx->who.visitor_id, booking_id, true, until)
               : RG_OK;
}
