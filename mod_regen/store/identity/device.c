/* SPDX-License-Identifier: Apache-2.0 */
/* Devices on which staff logged in, by the hash of their cookie. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

rg_outcome_t rg_device_find(rg_db_t *db, const rg_ctx_t *ctx, bool *known, int64_t staff_id,
                            const unsigned char hash[32], apr_time_t since)
{
    RG_SQL(FIND,
           "SELECT 1"
           " FROM staff_device"
           " WHERE token_hash = ? AND staff_id = ? AND seen_at >= ?");
    int64_t one = 0;
    rg_outcome_t rc =
        rg_sql_number(db, ctx, &one, FIND, RG_IN(RG_B(hash, 32), RG_I(staff_id), RG_T(since)));
    *known = rc == RG_OK;
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

rg_outcome_t rg_device_put(rg_db_t *db, const rg_ctx_t *ctx, int64_t staff_id,
                           const unsigned char hash[32])
{
    RG_SQL(PUT,
           "INSERT INTO staff_device (token_hash, staff_id, created_at, seen_at)"
           " VALUES (?, ?, ?, ?)"
           " ON DUPLICATE KEY UPDATE seen_at = GREATEST(seen_at, VALUES(seen_at))");
    return rg_sql_exec(db, ctx, PUT,
                       RG_IN(RG_B(hash, 32), RG_I(staff_id), RG_T(ctx->now), RG_T(ctx->now)), NULL);
}

rg_outcome_t rg_device_drop_staff(rg_db_t *db, const rg_ctx_t *ctx, int64_t staff_id)
{
    RG_SQL(DROP, "DELETE FROM staff_device WHERE staff_id = ?");
    return rg_sql_exec(db, ctx, DROP, RG_IN(RG_I(staff_id)), NULL);
}

rg_outcome_t rg_device_sweep(rg_db_t *db, const rg_ctx_t *ctx, apr_time_t before, int limit)
{
    RG_SQL(PAST, "DELETE FROM staff_device WHERE seen_at < ? LIMIT ?");
    return rg_sql_exec(db, ctx, PAST, RG_IN(RG_T(before), RG_I(limit)), NULL);
}
