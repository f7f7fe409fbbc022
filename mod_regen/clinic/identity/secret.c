/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets are made and read only here; the code that stores the hash decides what a secret
 * opens. */
#include "mod_regen/clinic/identity/secret.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/keys.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/store/store.h"

#include <string.h>

enum { SECRET_BYTES = 32 };

static const char *text_and_hash(const rg_ctx_t *ctx, unsigned char hash[32],
                                 const unsigned char bytes[SECRET_BYTES])
{
    rg_crypto_sha256(hash, bytes, SECRET_BYTES);
    return rg_text_base64url(ctx->pool, bytes, SECRET_BYTES);
}

const char *rg_secret_make(const rg_ctx_t *ctx, unsigned char hash[32])
{
    unsigned char bytes[SECRET_BYTES];
    ctx->random(bytes, sizeof(bytes));
    return text_and_hash(ctx, hash, bytes);
}

static bool repeatable(const rg_ctx_t *ctx)
{
    static const unsigned char none[sizeof(ctx->idem->seed)];
    return ctx->policy->keys && ctx->idem && memcmp(ctx->idem->seed, none, sizeof(none)) != 0;
}

static const char *derive(const rg_ctx_t *ctx, unsigned char hash[32], const rg_key_t *key,
                          const char *purpose)
{
    unsigned char bytes[SECRET_BYTES];
    rg_key_derive(bytes, key, purpose, ctx->idem->seed, sizeof(ctx->idem->seed));
    return text_and_hash(ctx, hash, bytes);
}

const char *rg_secret_of_request(const rg_ctx_t *ctx, unsigned char hash[32], const char *purpose)
{
    return repeatable(ctx) ? derive(ctx, hash, &ctx->policy->keys->key[0], purpose)
                           : rg_secret_make(ctx, hash);
}

rg_outcome_t rg_secret_answer(const char **secret, const rg_ctx_t *ctx, const char *fresh,
                              const char *purpose)
{
    unsigned char hash[32];
    *secret = fresh;
    if (!rg_replayed(ctx)) {
        return RG_OK;
    }
    const rg_key_t *key =
        repeatable(ctx) ? rg_keys_find(ctx->policy->keys, ctx->idem->seed_key) : NULL;
    *secret = key ? derive(ctx, hash, key, purpose) : NULL;
    if (!key) {
        rg_problem_add(
            ctx->problems, NULL,
            "This was already done, and its private link cannot be shown again. Make a new link.");
    }
    return key ? RG_OK : RG_GONE;
}

bool rg_secret_hash(unsigned char hash[32], const char *secret)
{
    unsigned char bytes[SECRET_BYTES];
    if (!secret || !rg_text_unbase64url(bytes, sizeof(bytes), secret)) {
        return false;
    }
    rg_crypto_sha256(hash, bytes, sizeof(bytes));
    return true;
}

typedef struct {
    unsigned char hash[32];
    rg_secret_find_fn find;
    int64_t id;
} open_t;

static rg_outcome_t open_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    open_t *o = baton;
    return o->find(db, ctx, &o->id, o->hash);
}

rg_outcome_t rg_secret_opens(int64_t *id, const rg_ctx_t *ctx, const char *secret,
                             rg_secret_find_fn find)
{
    open_t o = {.find = find};
    *id = 0;
    if (!rg_secret_hash(o.hash, secret)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_read(ctx, open_work, &o);
    *id = rc == RG_OK ? o.id : 0;
    return rc;
}
