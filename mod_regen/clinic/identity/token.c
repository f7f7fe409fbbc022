/* SPDX-License-Identifier: Apache-2.0 */
/* Bearer tokens of API clients: created and revoked by regenctl, resolved for every FHIR
 * request. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/identity/scope.h"
#include "mod_regen/clinic/identity/secret.h"
#include "regen/clinic/identity.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

#include <string.h>

#define NAME_MAX_CHARS 80
#define DAYS_MAX       3650

typedef struct {
    unsigned char hash[32];
    const char *name, *scopes;
    apr_time_t expires;
    rg_principal_t who;
    int64_t id;
} rg_token_work_t;

static rg_outcome_t find(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_token_work_t *w = baton;
    return rg_token_find(db, ctx, &w->who, w->hash);
}

rg_outcome_t rg_token_resolve(rg_principal_t *who, const rg_ctx_t *ctx, const char *bearer)
{
    rg_token_work_t w = {0};
    if (!rg_secret_hash(w.hash, bearer)) {
        return RG_UNAUTHENTICATED;
    }
    rg_outcome_t rc = rg_store_read(ctx, find, &w);
    if (rc == RG_OK) {
        *who = w.who;
        who->others = rg_scopes_all(who->scopes);
    }
    return rc == RG_NOT_FOUND ? RG_UNAUTHENTICATED : rc;
}

rg_outcome_t rg_machine_may(const rg_ctx_t *ctx, const char *type, char letter)
{
    bool machine = rg_is_machine(ctx);
    return machine && rg_scope_permits(ctx->who.scopes, type, letter) ? RG_OK : RG_FORBIDDEN;
}

static bool in_valid(const rg_ctx_t *ctx, const char *name, const char *scopes, int days)
{
    size_t n = name ? strlen(name) : 0;
    bool name_ok = n > 0 && rg_text_clean(name, n) && rg_text_length(name) <= NAME_MAX_CHARS;
    bool scopes_ok = rg_scopes_valid(scopes);
    bool days_ok = days >= 0 && days <= DAYS_MAX;
    if (!name_ok) {
        rg_problem_add(ctx->problems, "name", "The name must have 1 to %d characters.",
                       NAME_MAX_CHARS);
    }
    if (!scopes_ok) {
        rg_problem_add(ctx->problems, "scopes",
                       "Scopes must be SMART scopes separated by spaces, such as system/Claim.read "
                       "or system/*.rs; regen/all adds what others made.");
    }
    if (!days_ok) {
        rg_problem_add(ctx->problems, "days", "Days must be from 0 (no expiry) to %d.", DAYS_MAX);
    }
    return name_ok && scopes_ok && days_ok;
}

static rg_outcome_t create(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_token_work_t *w = baton;
    rg_outcome_t rc = rg_token_named(db, ctx, w->name, &w->id);
    if (rc != RG_NOT_FOUND) {
        return rc == RG_OK ? RG_CONFLICT : rc;
    }
    rc = rg_token_put(db, ctx, w->hash, w->name, w->scopes, w->expires, &w->id);
    return rc == RG_OK ? rg_audit_add(db, ctx, "token-create", "api_token", w->id, w->scopes) : rc;
}

rg_outcome_t rg_token_create(const char **bearer, const rg_ctx_t *ctx, const char *name,
                             const char *scopes, int days)
{
    rg_token_work_t w = {.name = name, .scopes = scopes};
    *bearer = NULL;
    if (!in_valid(ctx, name, scopes, days)) {
        return RG_INVALID;
    }
    w.expires = days > 0 ? ctx->now + days * RG_DAY : 0;
    const char *fresh = rg_secret_make(ctx, w.hash);
    rg_outcome_t rc = rg_store_transact(ctx, create, &w);
    if (rc == RG_OK) {
        *bearer = fresh;
    }
    else if (rc == RG_CONFLICT) {
        rg_problem_add(ctx->problems, "name", "A token with this name exists. Revoke it first.");
    }
    return rc;
}

static rg_outcome_t end_named(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_token_work_t *w = baton;
    rg_outcome_t rc = rg_token_named(db, ctx, w->name, &w->id);
    if (rc == RG_OK) {
        rc = rg_token_end(db, ctx, w->id);
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "token-revoke", "api_token", w->id, NULL) : rc;
}

rg_outcome_t rg_token_revoke(const rg_ctx_t *ctx, const char *name)
{
    rg_token_work_t w = {.name = name};
    return name ? rg_store_transact(ctx, end_named, &w) : RG_NOT_FOUND;
}
