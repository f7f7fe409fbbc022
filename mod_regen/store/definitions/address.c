/* SPDX-License-Identifier: Apache-2.0 */
/* The public address of the clinic, and the address of its own identifiers. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/place.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

typedef struct {
    const char *names;
} naming_t;

#define NAMING_ROW(FIRST, COL) FIRST(STR, names, "names")
RG_ROW(naming_row, naming_t, NAMING_ROW);

#define BASE_ROW(FIRST, COL)                                                                       \
    FIRST(STR, base, "base")                                                                       \
    COL(TIME, seen_at, "seen_at")
RG_ROW(base_row, rg_base_row_t, BASE_ROW);

rg_outcome_t rg_names_read(rg_db_t *db, const rg_ctx_t *ctx, const char **names)
{
    RG_SQL(READ, "SELECT " RG_COLUMNS(NAMING_ROW) " FROM naming WHERE id = 1");
    naming_t found = {NULL};
    rg_outcome_t rc = rg_sql_one(db, ctx, &found, naming_row, READ, RG_IN_NONE);
    *names = found.names;
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

rg_outcome_t rg_names_keep(rg_db_t *db, const rg_ctx_t *ctx, const char *names)
{
    RG_SQL(KEEP, "INSERT IGNORE INTO naming (id, names, since) VALUES (1, ?, ?)");
    return rg_sql_exec(db, ctx, KEEP, RG_IN(RG_S(names), RG_T(ctx->now)), NULL);
}

rg_outcome_t rg_names_change(rg_db_t *db, const rg_ctx_t *ctx, const char *names)
{
    RG_SQL(CHANGE,
           "INSERT INTO naming (id, names, since)"
           " VALUES (1, ?, ?)"
           " ON DUPLICATE KEY UPDATE names = VALUES(names), since = VALUES(since)");
    return rg_sql_exec(db, ctx, CHANGE, RG_IN(RG_S(names), RG_T(ctx->now)), NULL);
}

rg_outcome_t rg_bases_read(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *out)
{
    RG_SQL(READ,
           "SELECT " RG_COLUMNS(BASE_ROW)
           " FROM public_base"
           " ORDER BY seen_at DESC, base");
    out->nelts = 0;
    return rg_sql_push(db, ctx, out, base_row, READ, RG_IN_NONE);
}

rg_outcome_t rg_base_seen(rg_db_t *db, const rg_ctx_t *ctx, const char *base)
{
    RG_SQL(SEEN,
           "INSERT INTO public_base (base, seen_at)"
           " VALUES (?, ?)"
           " ON DUPLICATE KEY UPDATE seen_at = VALUES(seen_at)");
    return rg_sql_exec(db, ctx, SEEN, RG_IN(RG_S(base), RG_T(ctx->now)), NULL);
}

rg_outcome_t rg_bases_forget(rg_db_t *db, const rg_ctx_t *ctx, apr_time_t before)
{
    RG_SQL(FORGET, "DELETE FROM public_base WHERE seen_at < ?");
    return rg_sql_exec(db, ctx, FORGET, RG_IN(RG_T(before)), NULL);
}
