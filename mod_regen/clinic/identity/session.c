/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of staff: a secret in a cookie, its hash in the database, so that logging out revokes
 * it. Patients' are patient/visitor.c's. */
#include "mod_regen/clinic/identity/secret.h"
#include "regen/clinic/identity.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

#define KEEP_KEYS    (7 * RG_DAY)
#define KEEP_DEVICES (180 * RG_DAY)

typedef struct {
    unsigned char hash[32];
    rg_session_t *found;
    int limit;
    int gone;
} rg_session_work_t;

static rg_outcome_t find(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_session_work_t *w = baton;
    return rg_session_find(db, ctx, &w->found, w->hash);
}

static rg_outcome_t touch(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_session_work_t *w = baton;
    return rg_session_touch(db, ctx, w->hash);
}

static bool is_session_alive(const rg_ctx_t *ctx, const rg_session_t *s)
{
    bool idle = ctx->now - s->seen_at >= ctx->policy->session_idle;
    return s->active && !idle && ctx->now < s->expires_at;
}

rg_outcome_t rg_session_resolve(rg_principal_t *who, const rg_ctx_t *ctx, const char *token)
{
    rg_session_work_t w = {.found = NULL};
    if (!rg_secret_hash(w.hash, token)) {
        return RG_UNAUTHENTICATED;
    }
    rg_outcome_t rc = rg_store_read(ctx, find, &w);
    if (rc == RG_NOT_FOUND || (rc == RG_OK && !is_session_alive(ctx, w.found))) {
        return RG_UNAUTHENTICATED;
    }
    if (rc != RG_OK) {
        return rc;
    }
    /* Not at every request: a tenth of the idle time is exact enough and saves the write. */
    if (!ctx->quiet && ctx->now - w.found->seen_at > ctx->policy->session_idle / 10) {
        rc = rg_store_transact(ctx, touch, &w);
    }
    if (rc == RG_OK) {
        *who = w.found->who;
        who->roles = who->booking_id > 0 ? RG_ROLE_TABLET : who->roles;
    }
    return rc;
}

static rg_outcome_t drop_session(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_session_work_t *w = baton;
    rg_outcome_t rc = rg_session_find(db, ctx, &w->found, w->hash);
    if (rc == RG_NOT_FOUND) {
        return RG_OK;
    }
    if (rc == RG_OK) {
        rc = rg_session_drop(db, ctx, w->hash);
    }
    if (rc != RG_OK) {
        return rc;
    }
    return rg_audit_add(db, ctx, "logout", "staff", w->found->who.staff_id, NULL);
}

rg_outcome_t rg_logout(const rg_ctx_t *ctx, const char *token)
{
    rg_session_work_t w = {.found = NULL};
    return rg_secret_hash(w.hash, token) ? rg_store_transact(ctx, drop_session, &w) : RG_OK;
}

static rg_outcome_t sweep_sessions(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_session_work_t *w = baton;
    rg_outcome_t rc = rg_session_sweep(db, ctx, ctx->now - KEEP_KEYS, w->limit, &w->gone);
    return rc == RG_OK ? rg_device_sweep(db, ctx, ctx->now - KEEP_DEVICES, w->limit) : rc;
}

rg_outcome_t rg_login_sweep(int *gone, const rg_ctx_t *ctx, int limit)
{
    rg_session_work_t w = {.limit = limit};
    rg_outcome_t rc = rg_store_transact(ctx, sweep_sessions, &w);
    *gone = w.gone;
    return rc;
}
