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

static rg_staff_t *row(rg_cur_t *c, rg_ctx_t *ctx)
{
    rg_staff_t *s = apr_pcalloc(ctx->pool, sizeof(*s));
    s->id = rg_cur_i64(c, 0);
    s->login = rg_cur_str(c, 1);
    s->name = rg_cur_str(c, 2);
    s->password_hash = rg_cur_str(c, 3);
    s->resource_id = rg_cur_i64(c, 4);
    s->active = rg_cur_i64(c, 5) != 0;
    s->failures = (int)rg_cur_i64(c, 6);
    s->locked_until = rg_cur_time(c, 7);
    s->roles = rg_staff_roles(ctx->pool, rg_cur_str(c, 8));
    return s;
}

rg_outcome_t rg_staff_find(rg_db_t *db, rg_ctx_t *ctx, rg_staff_t **out, const char *login)
{
    static const char FIND[] =
        "SELECT s.id, s.login, s.name, s.password_hash, COALESCE(s.resource_id, 0), s.active,"
        " s.failures, s.locked_until, COALESCE((SELECT GROUP_CONCAT(r.role) FROM staff_role r"
        " WHERE r.staff_id = s.id), '') FROM staff s WHERE s.login = ?";
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, FIND, RG_IN(RG_S(login)));
    *out = NULL;
    if (rc != RG_OK) {
        return rc;
    }
    if (rg_cur_next(c)) {
        *out = row(c, ctx);
    }
    return rg_row_end(c, *out != NULL);
}

rg_outcome_t rg_staff_rows(rg_db_t *db, rg_ctx_t *ctx, apr_array_header_t *out)
{
    static const char ROWS[] =
        "SELECT s.id, s.login, s.name, s.password_hash, COALESCE(s.resource_id, 0), s.active,"
        " s.failures, s.locked_until, COALESCE((SELECT GROUP_CONCAT(r.role) FROM staff_role r"
        " WHERE r.staff_id = s.id), ''),"
        " (SELECT COUNT(*) FROM session e WHERE e.staff_id = s.id AND e.expires_at > ?"
        " AND e.seen_at > ?) FROM staff s ORDER BY s.name, s.login";
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(
        db, ctx, &c, ROWS, RG_IN(RG_T(ctx->now), RG_T(ctx->now - ctx->policy->session_idle)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_staff_row_t *r = apr_array_push(out);
        r->staff = *row(c, ctx);
        r->sessions = (int)rg_cur_i64(c, 9);
    }
    return rg_cur_end(c);
}

rg_outcome_t rg_staff_active_put(rg_db_t *db, rg_ctx_t *ctx, int64_t id, bool active)
{
    static const char PUT[] = "UPDATE staff SET active = ? WHERE id = ?";
    return rg_sql_exec(db, ctx, PUT, RG_IN(RG_I(active), RG_I(id)), NULL);
}

rg_outcome_t rg_staff_other_admins(rg_db_t *db, rg_ctx_t *ctx, int64_t *count, int64_t id)
{
    static const char OTHERS[] =
        "SELECT s.id FROM staff s JOIN staff_role r ON r.staff_id = s.id AND r.role = 'admin'"
        " WHERE s.active = 1 ORDER BY s.id FOR UPDATE";
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, OTHERS, RG_IN_NONE);
    *count = 0;
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        *count += rg_cur_i64(c, 0) != id;
    }
    return rg_cur_end(c);
}

rg_outcome_t rg_staff_failed(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int max, apr_time_t lock,
                             bool *locks)
{
    static const char COUNT[] = "UPDATE staff SET failures = failures + 1 WHERE id = ?";
    static const char LOCK[] =
        "UPDATE staff SET locked_until = ?, failures = 0 WHERE id = ? AND failures >= ?";
    int64_t locked = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, COUNT, RG_IN(RG_I(id)), NULL);
    if (rc == RG_OK) {
        rc = rg_sql_exec(db, ctx, LOCK, RG_IN(RG_T(lock), RG_I(id), RG_I(max)), &locked);
    }
    *locks = locked > 0;
    return rc;
}

rg_outcome_t rg_staff_cleared(rg_db_t *db, rg_ctx_t *ctx, int64_t id)
{
    static const char CLEAR[] = "UPDATE staff SET failures = 0, locked_until = 0 WHERE id = ?";
    return rg_sql_exec(db, ctx, CLEAR, RG_IN(RG_I(id)), NULL);
}

rg_outcome_t rg_staff_password_put(rg_db_t *db, rg_ctx_t *ctx, int64_t id, const char *hash)
{
    static const char PUT[] =
        "UPDATE staff SET password_hash = ?, failures = 0, locked_until = 0 WHERE id = ?";
    return rg_sql_exec(db, ctx, PUT, RG_IN(RG_S(hash), RG_I(id)), NULL);
}
