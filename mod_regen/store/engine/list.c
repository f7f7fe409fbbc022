/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, single rows and single numbers, so that no aggregate loops by itself: run, read, end, and
 * hand the outcome up. */
#include "mod_regen/store/engine/list.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

#include <string.h>

bool rg_list_next(rg_cur_t *c, const rg_row_t *row, void *out)
{
    if (!rg_cur_next(c)) {
        return false;
    }
    row->read(c, 0, memset(out, 0, row->size));
    return true;
}

rg_outcome_t rg_list_push(rg_db_t *db, rg_ctx_t *ctx, apr_array_header_t *out, const rg_row_t *row,
                          const char *sql, const rg_bind_t *in, int n)
{
    rg_cur_t *c;
    if ((size_t)out->elt_size != row->size) {
        return RG_INTERNAL;
    }
    RG_TRY(rg_sql_query(db, ctx, &c, sql, in, n));
    while (rg_cur_next(c)) {
        row->read(c, 0, memset(apr_array_push(out), 0, row->size));
    }
    return rg_cur_end(c);
}

rg_outcome_t rg_list_read(rg_db_t *db, rg_ctx_t *ctx, void *out, int *count, const rg_row_t *row,
                          const char *sql, const rg_bind_t *in, int n)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 8, (int)row->size);
    rg_outcome_t rc = rg_list_push(db, ctx, list, row, sql, in, n);
    *count = rc == RG_OK ? list->nelts : 0;
    memcpy(out, &list->elts, sizeof(list->elts)); /* OUT is a pointer to some other pointer */
    return rc;
}

/* Ends a cursor of at most one row. */
static rg_outcome_t end(rg_cur_t *c, bool found)
{
    rg_outcome_t rc = rg_cur_end(c);
    return rc == RG_OK && !found ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_list_one(rg_db_t *db, rg_ctx_t *ctx, void *out, const rg_row_t *row,
                         const char *sql, const rg_bind_t *in, int n)
{
    rg_cur_t *c;
    RG_TRY(rg_sql_query(db, ctx, &c, sql, in, n));
    bool found = rg_cur_next(c);
    if (found) {
        row->read(c, 0, out);
    }
    return end(c, found);
}

rg_outcome_t rg_list_new(rg_db_t *db, rg_ctx_t *ctx, void *out, const rg_row_t *row,
                         const char *sql, const rg_bind_t *in, int n)
{
    void *one = apr_pcalloc(ctx->pool, row->size);
    rg_outcome_t rc = rg_list_one(db, ctx, one, row, sql, in, n);
    one = rc == RG_OK ? one : NULL;
    memcpy(out, &one, sizeof(one));
    return rc;
}

rg_outcome_t rg_sql_ids(rg_db_t *db, rg_ctx_t *ctx, int64_t *ids, int *count, int limit,
                        const char *sql, const rg_bind_t *in, int n)
{
    rg_cur_t *c;
    *count = 0;
    RG_TRY(rg_sql_query(db, ctx, &c, sql, in, n));
    while (*count < limit && rg_cur_next(c)) {
        ids[(*count)++] = rg_cur_i64(c, 0);
    }
    return rg_cur_end(c);
}

rg_outcome_t rg_sql_number(rg_db_t *db, rg_ctx_t *ctx, int64_t *out, const char *sql,
                           const rg_bind_t *in, int n)
{
    rg_cur_t *c;
    *out = 0;
    RG_TRY(rg_sql_query(db, ctx, &c, sql, in, n));
    bool found = rg_cur_next(c);
    *out = found ? rg_cur_i64(c, 0) : 0;
    return end(c, found);
}

rg_outcome_t rg_sql_any(rg_db_t *db, rg_ctx_t *ctx, bool *any, const char *sql, const rg_bind_t *in,
                        int n)
{
    rg_cur_t *c;
    *any = false;
    RG_TRY(rg_sql_query(db, ctx, &c, sql, in, n));
    *any = rg_cur_next(c);
    return rg_cur_end(c);
}
