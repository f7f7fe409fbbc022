/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, single rows and single numbers, so that no aggregate needs a loop: run, read, end, and
 * return the outcome. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
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

rg_outcome_t rg_list_push(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *out,
                          const rg_row_t *row, const char *sql, const rg_bind_t *in, int n)
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

rg_outcome_t rg_list_read(rg_db_t *db, const rg_ctx_t *ctx, void *out, int *count,
                          const rg_row_t *row, const char *sql, const rg_bind_t *in, int n)
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

rg_outcome_t rg_list_one(rg_db_t *db, const rg_ctx_t *ctx, void *out, const rg_row_t *row,
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

rg_outcome_t rg_list_new(rg_db_t *db, const rg_ctx_t *ctx, void *out, const rg_row_t *row,
                         const char *sql, const rg_bind_t *in, int n)
{
    void *one = apr_pcalloc(ctx->pool, row->size);
    rg_outcome_t rc = rg_list_one(db, ctx, one, row, sql, in, n);
    one = rc == RG_OK ? one : NULL;
    memcpy(out, &one, sizeof(one));
    return rc;
}

rg_outcome_t rg_sql_ids(rg_db_t *db, const rg_ctx_t *ctx, int64_t *ids, int *count, int limit,
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

rg_outcome_t rg_sql_number(rg_db_t *db, const rg_ctx_t *ctx, int64_t *out, const char *sql,
                           const rg_bind_t *in, int n)
{
    rg_cur_t *c;
    *out = 0;
    RG_TRY(rg_sql_query(db, ctx, &c, sql, in, n));
    bool found = rg_cur_next(c);
    *out = found ? rg_cur_i64(c, 0) : 0;
    return end(c, found);
}

rg_outcome_t rg_sql_any(rg_db_t *db, const rg_ctx_t *ctx, bool *any, const char *sql,
                        const rg_bind_t *in, int n)
{
    rg_cur_t *c;
    *any = false;
    RG_TRY(rg_sql_query(db, ctx, &c, sql, in, n));
    *any = rg_cur_next(c);
    return rg_cur_end(c);
}

/* --- rows that several aggregates read -------------------------------------------------------- */

#define ZONE_ROW(FIRST, COL)                                                                       \
    FIRST(STR, code, "code")                                                                       \
    COL(STR, time_zone, "time_zone")
RG_ROW(zone_row, rg_site_zone_t, ZONE_ROW);

rg_outcome_t rg_row_zones(rg_db_t *db, const rg_ctx_t *ctx, rg_site_zone_t **out, int *count)
{
    RG_SQL(SITES, "SELECT " RG_COLUMNS(ZONE_ROW) " FROM site ORDER BY id");
    return rg_sql_list(db, ctx, out, count, zone_row, SITES, RG_IN_NONE);
}

rg_outcome_t rg_row_zone(const rg_ctx_t *ctx, const rg_zone_t *zone, int64_t site_id)
{
    if (!zone) {
        rg_log(ctx, RG_LOG_ERR,
               RGNO(02002) "Site %" PRId64 ": this system does not know the stored time zone.",
               site_id);
        return RG_UNAVAILABLE;
    }
    return RG_OK;
}

typedef struct {
    const char *word;
    int count;
} count_t;

#define COUNT_ROW(FIRST, COL) RG_COUNT_ROW(FIRST, COL, "")
RG_ROW(count_row, count_t, COUNT_ROW);

rg_outcome_t rg_row_counts(rg_db_t *db, const rg_ctx_t *ctx, int *counts, int many,
                           int (*parse)(const char *word), const char *sql, const rg_bind_t *in,
                           int n)
{
    count_t *rows;
    int found;
    memset(counts, 0, sizeof(*counts) * (size_t)many);
    RG_TRY(rg_sql_list(db, ctx, &rows, &found, count_row, sql, in, n));
    for (int i = 0; i < found; i++) {
        int at = parse(rows[i].word);
        if (at >= 0 && at < many) {
            counts[at] = rows[i].count;
        }
    }
    return RG_OK;
}
