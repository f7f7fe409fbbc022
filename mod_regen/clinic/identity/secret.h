/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that give access to whoever has them: cookies of sessions, private links, bearer tokens,
 * addresses of feeds. Each is 256 bits, given out once as text; only the hash of the bits is
 * stored, so that a stolen database opens nothing. Private to the clinic room. */
#ifndef RG_CLINIC_SECRET_H
#define RG_CLINIC_SECRET_H
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

/* A fresh secret as text in ctx->pool, and its hash. */
const char *rg_secret_make(const rg_ctx_t *ctx, unsigned char hash[32]);
/* The same, derived from the request and the installation's secret, to be stored in the request's
 * transaction. PURPOSE distinguishes the secrets of one request. */
const char *rg_secret_of_request(const rg_ctx_t *ctx, unsigned char hash[32], const char *purpose);
/* What to answer after that transaction: FRESH or, if the request was a repetition, the secret
 * stored then, even if the installation's key has changed since. RG_GONE: that key no longer
 * exists. */
rg_outcome_t rg_secret_answer(const char **secret, const rg_ctx_t *ctx, const char *fresh,
                              const char *purpose);
/* The hash of a secret as it was sent; false for anything that cannot be one, NULL too. */
bool rg_secret_hash(unsigned char hash[32], const char *secret);

/* Which record a private link opens, as the store finds it; 0 and RG_NOT_FOUND: none. */
typedef rg_outcome_t (*rg_secret_find_fn)(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id,
                                          const unsigned char *hash);
rg_outcome_t rg_secret_opens(int64_t *id, const rg_ctx_t *ctx, const char *secret,
                             rg_secret_find_fn find);

#endif
