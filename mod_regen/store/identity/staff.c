/* SPDX-License-Identifier: Apache-2.0 */
/* Staff, their roles, wrong passwords and locks. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/identity/staff_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/model/staff.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

#include <apr_strings.h>
#include <string.h>

unsigned rg_staff_roles(apr_pool_t *p, const char *names)
{
    unsigned roles = 0;
    while (*names != '\0') {
        size_t n = strcspn(names, ",");
        roles |= rg_role_parse(apr_pstrmemdup(p, names, n)) & RG_ROLE_STAFF;
        names += n + (names[n] == ',' ? 1 : 0);
    }
    return roles;
}

#define STAFF_ROW(FIRST, COL)                                                                      \
    FIRST(I64, id, "s.id")                                                                         \
    COL(STR, login, "s.login")                                                                     \
    COL(STR, name, "s.name")                                                                       \
    COL(STR, password_hash, "s.password_hash")                                                     \
    COL(I64, resource_id, "COALESCE(s.resource_id, 0)")                                            \
    COL(BOOL, active, "s.active")                                                                  \
    COL(INT, failures, "s.failures")                                                               \
    COL(TIME, locked_until, "s.locked_until")                                                      \
    COL(MADE, roles,                                                                               \
        "COALESCE((SELECT GROUP_CONCAT(r.role) FROM staff_role r WHERE r.staff_id = s.id), '')",   \
        rg_staff_roles)
RG_ROW(staff_row, rg_staff_t, STAFF_ROW);

rg_outcome_t rg_staff_find(rg_db_t *db, const rg_ctx_t *ctx, rg_staff_t **out, const char *login)
{
    RG_SQL(FIND,
           "SELECT " RG_COLUMNS(STAFF_ROW)
           " FROM staff s"
           " WHERE s.login = ?");
    return rg_sql_new(db, ctx, out, staff_row, FIND, RG_IN(RG_S(login)));
}

#define LISTED_ROW(FIRST, COL)                                                                     \
    FIRST(PART, staff, RG_PART(STAFF_ROW), staff_row)                                              \
    COL(INT, sessions,                                                                             \
        "(SELECT COUNT(*) FROM session e WHERE e.staff_id = s.id AND e.expires_at > ?"             \
        " AND e.seen_at > ?)")
RG_ROW(listed_row, rg_staff_row_t, LISTED_ROW);

rg_outcome_t rg_staff_rows(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *out)
{
    RG_SQL(ROWS,
           "SELECT " RG_COLUMNS(LISTED_ROW)
           " FROM staff s"
           " ORDER BY s.name, s.login");
    return rg_sql_push(db, ctx, out, listed_row, ROWS,
                       RG_IN(RG_T(ctx->now), RG_T(ctx->now - ctx->policy->session_idle)));
}

rg_outcome_t rg_staff_active_put(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, bool active)
{
    RG_SQL(PUT, "UPDATE staff SET active = ? WHERE id = ?");
    return rg_sql_exec(db, ctx, PUT, RG_IN(RG_I(active), RG_I(id)), NULL);
}

typedef struct {
    int64_t id;
} admin_t;

#define ADMIN_ROW(FIRST, COL) FIRST(I64, id, "s.id")
RG_ROW(admin_row, admin_t, ADMIN_ROW);

rg_outcome_t rg_staff_other_admins(rg_db_t *db, const rg_ctx_t *ctx, int64_t *count, int64_t id)
{
    RG_SQL(OTHERS,
           "SELECT " RG_COLUMNS(ADMIN_ROW)
           " FROM staff s"
           " JOIN staff_role r ON r.staff_id = s.id AND r.role = 'admin'"
           " WHERE s.active = 1"
           " ORDER BY s.id"
           " FOR UPDATE");
    admin_t *admins;
    int all;
    *count = 0;
    RG_TRY(rg_sql_list(db, ctx, &admins, &all, admin_row, OTHERS, RG_IN_NONE));
    for (int i = 0; i < all; i++) {
        *count += admins[i].id != id;
    }
    return RG_OK;
}

rg_outcome_t rg_staff_failed(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int max, apr_time_t lock,
                             bool *locks)
{
    RG_SQL(COUNT, "UPDATE staff SET failures = failures + 1 WHERE id = ?");
    RG_SQL(LOCK,
           "UPDATE staff"
           " SET locked_until = ?, failures = 0"
           " WHERE id = ? AND failures >= ?");
    int64_t locked = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, COUNT, RG_IN(RG_I(id)), NULL);
    if (rc == RG_OK) {
        rc = rg_sql_exec(db, ctx, LOCK, RG_IN(RG_T(lock), RG_I(id), RG_I(max)), &locked);
    }
    *locks = locked > 0;
    return rc;
}

rg_outcome_t rg_staff_cleared(rg_db_t *db, const rg_ctx_t *ctx, int64_t id)
{
    RG_SQL(CLEAR, "UPDATE staff SET failures = 0, locked_until = 0 WHERE id = ?");
    return rg_sql_exec(db, ctx, CLEAR, RG_IN(RG_I(id)), NULL);
}

rg_outcome_t rg_staff_password_put(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, const char *hash)
{
    RG_SQL(PUT,
           "UPDATE staff"
           " SET password_hash = ?, failures = 0, locked_until = 0"
           " WHERE id = ?");
    return rg_sql_exec(db, ctx, PUT, RG_IN(RG_S(hash), RG_I(id)), NULL);
}
