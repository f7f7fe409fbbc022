/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of staff, by the hash of their token; removing expired ones. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/identity/staff_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

#include <apr_strings.h>

rg_outcome_t rg_session_put(rg_db_t *db, const rg_ctx_t *ctx, const unsigned char hash[32],
                            int64_t staff_id, apr_time_t expires)
{
    RG_SQL(PUT,
           "INSERT INTO session (token_hash, staff_id, created_at, seen_at, expires_at)"
           " VALUES (?, ?, ?, ?, ?)");
    return rg_sql_exec(
        db, ctx, PUT,
        RG_IN(RG_B(hash, 32), RG_I(staff_id), RG_T(ctx->now), RG_T(ctx->now), RG_T(expires)), NULL);
}

#define SESSION_ROW(FIRST, COL)                                                                    \
    FIRST(I64, who.staff_id, "s.staff_id")                                                         \
    COL(TIME, seen_at, "s.seen_at")                                                                \
    COL(TIME, expires_at, "s.expires_at")                                                          \
    COL(BOOL, active, "COALESCE(f.active, 0)")                                                     \
    COL(STR, who.name, "COALESCE(f.name, '')")                                                     \
    COL(I64, who.booking_id, "COALESCE(s.lent_booking_id, 0)")                                     \
    COL(I64, who.resource_id, "COALESCE(f.resource_id, 0)")                                        \
    COL(MADE, who.roles,                                                                           \
        "COALESCE((SELECT GROUP_CONCAT(r.role) FROM staff_role r"                                  \
        " WHERE r.staff_id = s.staff_id), '')",                                                    \
        rg_staff_roles)
RG_ROW(session_row, rg_session_t, SESSION_ROW);

rg_outcome_t rg_session_find(rg_db_t *db, const rg_ctx_t *ctx, rg_session_t **out,
                             const unsigned char hash[32])
{
    RG_SQL(FIND,
           "SELECT " RG_COLUMNS(SESSION_ROW)
           " FROM session s"
           " LEFT JOIN staff f ON f.id = s.staff_id"
           " WHERE s.token_hash = ?");
    return rg_sql_new(db, ctx, out, session_row, FIND, RG_IN(RG_B(hash, 32)));
}

rg_outcome_t rg_session_lend(rg_db_t *db, const rg_ctx_t *ctx, const unsigned char hash[32],
                             int64_t booking_id, apr_time_t until)
{
    RG_SQL(LEND,
           "UPDATE session SET lent_booking_id = ?, expires_at = LEAST(expires_at, ?)"
           " WHERE token_hash = ? AND lent_booking_id IS NULL");
    int64_t found = 0;
    RG_TRY(
        rg_sql_exec(db, ctx, LEND, RG_IN(RG_I(booking_id), RG_T(until), RG_B(hash, 32)), &found));
    return found == 0 ? RG_CONFLICT : RG_OK;
}

rg_outcome_t rg_session_touch(rg_db_t *db, const rg_ctx_t *ctx, const unsigned char hash[32])
{
    RG_SQL(TOUCH, "UPDATE session SET seen_at = ? WHERE token_hash = ? AND seen_at < ?");
    return rg_sql_exec(db, ctx, TOUCH, RG_IN(RG_T(ctx->now), RG_B(hash, 32), RG_T(ctx->now)), NULL);
}

rg_outcome_t rg_session_drop(rg_db_t *db, const rg_ctx_t *ctx, const unsigned char hash[32])
{
    RG_SQL(DROP, "DELETE FROM session WHERE token_hash = ?");
    return rg_sql_exec(db, ctx, DROP, RG_IN(RG_B(hash, 32)), NULL);
}

rg_outcome_t rg_session_drop_staff(rg_db_t *db, const rg_ctx_t *ctx, int64_t staff_id)
{
    RG_SQL(DROP, "DELETE FROM session WHERE staff_id = ?");
    return rg_sql_exec(db, ctx, DROP, RG_IN(RG_I(staff_id)), NULL);
}

rg_outcome_t rg_session_sweep(rg_db_t *db, const rg_ctx_t *ctx, apr_time_t keys_before, int limit,
                              int *gone)
{
    RG_SQL(PAST, "DELETE FROM session WHERE expires_at <= ? OR seen_at <= ? LIMIT ?");
    RG_SQL(VISITORS, "DELETE FROM visitor_session WHERE expires_at <= ? LIMIT ?");
    RG_SQL(KEYS, "DELETE FROM idempotency WHERE created_at <= ? LIMIT ?");
    int64_t sessions = 0;
    int64_t visitors = 0;
    int64_t keys = 0;
    *gone = 0;
    RG_TRY(rg_sql_exec(
        db, ctx, PAST,
        RG_IN(RG_T(ctx->now), RG_T(ctx->now - ctx->policy->session_idle), RG_I(limit)), &sessions));
    RG_TRY(rg_sql_exec(db, ctx, VISITORS, RG_IN(RG_T(ctx->now), RG_I(limit)), &visitors));
    RG_TRY(rg_sql_exec(db, ctx, KEYS, RG_IN(RG_T(keys_before), RG_I(limit)), &keys));
    *gone = (int)(sessions + visitors + keys);
    return RG_OK;
}
