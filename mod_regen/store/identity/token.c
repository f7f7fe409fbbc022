/* SPDX-License-Identifier: Apache-2.0 */
/* Bearer tokens of API clients, by their hash. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

rg_outcome_t rg_token_put(rg_db_t *db, const rg_ctx_t *ctx, const unsigned char hash[32],
                          const char *name, const char *scopes, apr_time_t expires, int64_t *id)
{
    RG_SQL(PUT,
           "INSERT INTO api_token (token_hash, name, scopes, created_at, expires_at)"
           " VALUES (?, ?, ?, ?, ?)");
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, PUT,
        RG_IN(RG_B(hash, 32), RG_S(name), RG_S(scopes), RG_T(ctx->now), RG_T(expires)), NULL);
    *id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

#define TOKEN_ROW(FIRST, COL)                                                                      \
    FIRST(I64, token_id, "id")                                                                     \
    COL(STR, name, "name")                                                                         \
    COL(STR, scopes, "scopes")
RG_ROW(token_row, rg_principal_t, TOKEN_ROW);

rg_outcome_t rg_token_find(rg_db_t *db, const rg_ctx_t *ctx, rg_principal_t *who,
                           const unsigned char hash[32])
{
    RG_SQL(FIND,
           "SELECT " RG_COLUMNS(TOKEN_ROW)
           " FROM api_token"
           " WHERE token_hash = ? AND revoked_at = 0 AND (expires_at = 0 OR expires_at > ?)");
    rg_principal_t found = {.roles = RG_ROLE_MACHINE};
    RG_TRY(rg_sql_one(db, ctx, &found, token_row, FIND, RG_IN(RG_B(hash, 32), RG_T(ctx->now))));
    *who = found;
    return RG_OK;
}

rg_outcome_t rg_token_named(rg_db_t *db, const rg_ctx_t *ctx, const char *name, int64_t *id)
{
    RG_SQL(NAMED,
           "SELECT id"
           " FROM api_token"
           " WHERE name = ? AND revoked_at = 0 AND (expires_at = 0 OR expires_at > ?)"
           " LIMIT 1");
    return rg_sql_number(db, ctx, id, NAMED, RG_IN(RG_S(name), RG_T(ctx->now)));
}

rg_outcome_t rg_token_end(rg_db_t *db, const rg_ctx_t *ctx, int64_t id)
{
    RG_SQL(END, "UPDATE api_token SET revoked_at = ? WHERE id = ? AND revoked_at = 0");
    return rg_sql_exec(db, ctx, END, RG_IN(RG_T(ctx->now), RG_I(id)), NULL);
}
