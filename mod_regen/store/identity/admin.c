/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes for regenctl apart from the use-cases of the pages: new staff and the list of
 * tokens. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/staff.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

RG_SQL(STAFF_ADD, "INSERT INTO staff (login, name, resource_id) VALUES (?, ?, ?)");
RG_SQL(ROLE_ADD, "INSERT INTO staff_role (staff_id, role) VALUES (?, ?)");
RG_SQL(PRACTITIONER, "SELECT id FROM resource WHERE code = ? AND kind = 'practitioner'");

#define TOKEN_ROW(FIRST, COL)                                                                      \
    FIRST(STR, name, "name")                                                                       \
    COL(STR, scopes, "scopes")                                                                     \
    COL(TIME, created_at, "created_at")                                                            \
    COL(TIME, expires_at, "expires_at")                                                            \
    COL(TIME, revoked_at, "revoked_at")
RG_ROW(token_row, rg_token_row_t, TOKEN_ROW);
RG_SQL(TOKENS,
       "SELECT " RG_COLUMNS(TOKEN_ROW)
       " FROM api_token"
       " ORDER BY created_at, id");

rg_outcome_t rg_staff_row_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id, const char *login,
                              const char *name, int64_t resource_id)
{
    rg_outcome_t rc = rg_sql_exec(db, ctx, STAFF_ADD,
                                  RG_IN(RG_S(login), RG_S(name), RG_I_OR_NIL(resource_id)), NULL);
    *id = rg_sql_insert_id(db);
    return rc;
}

rg_outcome_t rg_staff_role_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t staff_id, unsigned role)
{
    return rg_sql_exec(db, ctx, ROLE_ADD, RG_IN(RG_I(staff_id), RG_S(rg_role_name(role))), NULL);
}

rg_outcome_t rg_practitioner_find(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id, const char *code)
{
    return rg_sql_number(db, ctx, id, PRACTITIONER, RG_IN(RG_S(code)));
}

rg_outcome_t rg_staff_practitioner_put(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                                       int64_t resource_id)
{
    RG_SQL(PUT, "UPDATE staff SET resource_id = ? WHERE id = ?");
    return rg_sql_exec(db, ctx, PUT, RG_IN(RG_I_OR_NIL(resource_id), RG_I(id)), NULL);
}

rg_outcome_t rg_token_rows(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *out)
{
    return rg_sql_push(db, ctx, out, token_row, TOKENS, RG_IN_NONE);
}
