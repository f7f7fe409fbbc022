/* SPDX-License-Identifier: Apache-2.0 */
/* Where others find the clinic, and under which address its own identifiers are named. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/place.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

rg_outcome_t rg_names_read(rg_db_t *db, rg_ctx_t *ctx, const char **names)
{
    static const char READ[] = "SELECT names FROM naming WHERE id = 1";
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, READ, RG_IN_NONE);
    *names = NULL;
    if (rc != RG_OK) {
        return rc;
    }
    if (rg_cur_next(c)) {
        *names = rg_cur_str(c, 0);
    }
    return rg_cur_end(c);
}

rg_outcome_t rg_names_keep(rg_db_t *db, rg_ctx_t *ctx, const char *names)
{
    static const char KEEP[] = "INSERT IGNORE INTO naming (id, names, since) VALUES (1, ?, ?)";
    return rg_sql_exec(db, ctx, KEEP, RG_IN(RG_S(names), RG_T(ctx->now)), NULL);
}

rg_outcome_t rg_names_change(rg_db_t *db, rg_ctx_t *ctx, const char *names)
{
    static const char CHANGE[] =
        "INSERT INTO naming (id, names, since) VALUES (1, ?, ?)"
        " ON DUPLICATE KEY UPDATE names = VALUES(names), since = VALUES(since)";
    return rg_sql_exec(db, ctx, CHANGE, RG_IN(RG_S(names), RG_T(ctx->now)), NULL);
}

rg_outcome_t rg_bases_read(rg_db_t *db, rg_ctx_t *ctx, apr_array_header_t *out)
{
    static const char READ[] = "SELECT base, seen_at FROM public_base ORDER BY seen_at DESC, base";
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, READ, RG_IN_NONE);
    out->nelts = 0;
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        APR_ARRAY_PUSH(out, rg_base_row_t) =
            (rg_base_row_t){.base = rg_cur_str(c, 0), .seen_at = rg_cur_time(c, 1)};
    }
    return rg_cur_end(c);
}

rg_outcome_t rg_base_seen(rg_db_t *db, rg_ctx_t *ctx, const char *base)
{
    static const char SEEN[] = "INSERT INTO public_base (base, seen_at) VALUES (?, ?)"
                               " ON DUPLICATE KEY UPDATE seen_at = VALUES(seen_at)";
    return rg_sql_exec(db, ctx, SEEN, RG_IN(RG_S(base), RG_T(ctx->now)), NULL);
}

rg_outcome_t rg_bases_forget(rg_db_t *db, rg_ctx_t *ctx, apr_time_t before)
{
    static const char FORGET[] = "DELETE FROM public_base WHERE seen_at < ?";
    return rg_sql_exec(db, ctx, FORGET, RG_IN(RG_T(before)), NULL);
}
