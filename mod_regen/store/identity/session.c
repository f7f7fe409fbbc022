/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of staff, by the hash of their token, and what is past its time. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/identity/staff_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

#include <apr_strings.h>

rg_outcome_t rg_session_put(rg_db_t *db, rg_ctx_t *ctx, const unsigned char hash[32],
                            int64_t staff_id, apr_time_t expires)
{
    static const char PUT[] = "INSERT INTO session (token_hash, staff_id, created_at,"
                              " seen_at, expires_at) VALUES (?, ?, ?, ?, ?)";
    return rg_sql_exec(
        db, ctx, PUT,
        RG_IN(RG_B(hash, 32), RG_I(staff_id), RG_T(ctx->now), RG_T(ctx->now), RG_T(expires)), NULL);
}

static rg_session_t *row(rg_cur_t *c, rg_ctx_t *ctx)
{
    rg_session_t *s = apr_pcalloc(ctx->pool, sizeof(*s));
    s->who.staff_id = rg_cur_i64(c, 0);
    s->seen_at = rg_cur_time(c, 1);
    s->expires_at = rg_cur_time(c, 2);
    s->active = rg_cur_i64(c, 3) != 0;
    s->who.name = rg_cur_str(c, 4);
    s->who.resource_id = rg_cur_i64(c, 5);
    s->who.roles = rg_staff_roles(ctx->pool, rg_cur_str(c, 6));
    return s;
}

rg_outcome_t rg_session_find(rg_db_t *db, rg_ctx_t *ctx, rg_session_t **out,
                             const unsigned char hash[32])
{
    static const char FIND[] =
        "SELECT s.staff_id, s.seen_at, s.expires_at, COALESCE(f.active, 0),"
        " COALESCE(f.name, ''), COALESCE(f.resource_id, 0), COALESCE((SELECT GROUP_CONCAT(r.role)"
        " FROM staff_role r WHERE r.staff_id = s.staff_id), '')"
        " FROM session s LEFT JOIN staff f ON f.id = s.staff_id WHERE s.token_hash = ?";
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, FIND, RG_IN(RG_B(hash, 32)));
    *out = NULL;
    if (rc != RG_OK) {
        return rc;
    }
    if (rg_cur_next(c)) {
        *out = row(c, ctx);
    }
    return rg_row_end(c, *out != NULL);
}

rg_outcome_t rg_session_touch(rg_db_t *db, rg_ctx_t *ctx, const unsigned char hash[32])
{
    static const char TOUCH[] =
        "UPDATE session SET seen_at = ? WHERE token_hash = ? AND seen_at < ?";
    return rg_sql_exec(db, ctx, TOUCH, RG_IN(RG_T(ctx->now), RG_B(hash, 32), RG_T(ctx->now)), NULL);
}

rg_outcome_t rg_session_drop(rg_db_t *db, rg_ctx_t *ctx, const unsigned char hash[32])
{
    static const char DROP[] = "DELETE FROM session WHERE token_hash = ?";
    return rg_sql_exec(db, ctx, DROP, RG_IN(RG_B(hash, 32)), NULL);
}

rg_outcome_t rg_session_drop_staff(rg_db_t *db, rg_ctx_t *ctx, int64_t staff_id)
{
    static const char DROP[] = "DELETE FROM session WHERE staff_id = ?";
    return rg_sql_exec(db, ctx, DROP, RG_IN(RG_I(staff_id)), NULL);
}

rg_outcome_t rg_session_sweep(rg_db_t *db, rg_ctx_t *ctx, apr_time_t keys_before, int limit,
                              int *gone)
{
    static const char PAST[] = "DELETE FROM session WHERE expires_at <= ? OR seen_at <= ? LIMIT ?";
    static const char VISITORS[] = "DELETE FROM visitor_session WHERE expires_at <= ? LIMIT ?";
    static const char KEYS[] = "DELETE FROM idempotency WHERE created_at <= ? LIMIT ?";
    int64_t sessions = 0;
    int64_t visitors = 0;
    int64_t keys = 0;
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, PAST,
        RG_IN(RG_T(ctx->now), RG_T(ctx->now - ctx->policy->session_idle), RG_I(limit)), &sessions);
    if (rc == RG_OK) {
        rc = rg_sql_exec(db, ctx, VISITORS, RG_IN(RG_T(ctx->now), RG_I(limit)), &visitors);
    }
    if (rc == RG_OK) {
        rc = rg_sql_exec(db, ctx, KEYS, RG_IN(RG_T(keys_before), RG_I(limit)), &keys);
    }
    *gone = (int)(sessions + visitors + keys);
    return rc;
}
