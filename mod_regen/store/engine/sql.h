/* SPDX-License-Identifier: Apache-2.0 */
/* SQL for the aggregates: the only way to bind values and to read rows. Private to the store room.
 *
 *   static const char FIND[] = "SELECT id FROM site WHERE code = ?";
 *   rg_cur_t *c;
 *   RG_TRY(rg_sql_query(db, ctx, &c, FIND, RG_IN(RG_S(code))));
 *   while (rg_cur_row(c, site_row, &site)) {
 *       ...
 *   }
 *   return rg_cur_end(c);      // frees the result, tells whether reading went well
 *
 * Aggregates read rows by name and nearly always as a whole list or one value: row.h.
 *
 * SQL is always a string literal with static lifetime: the statement cache of a connection is
 * keyed by its address. */
#ifndef RG_STORE_SQL_H
#define RG_STORE_SQL_H
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/store/store.h"

typedef struct {
    enum { RG_BIND_I64, RG_BIND_U64, RG_BIND_STR, RG_BIND_BYTES, RG_BIND_NULL } type;
    int64_t i;
    const void *data;
    size_t len; /* BYTES; STR: taken by strlen */
} rg_bind_t;

#define RG_I(x)    ((rg_bind_t){.type = RG_BIND_I64, .i = (int64_t)(x)})
#define RG_U(x)    ((rg_bind_t){.type = RG_BIND_U64, .i = (int64_t)(uint64_t)(x)})
#define RG_S(x)    ((rg_bind_t){.type = RG_BIND_STR, .data = (x)}) /* NULL pointer binds SQL NULL */
#define RG_B(x, n) ((rg_bind_t){.type = RG_BIND_BYTES, .data = (x), .len = (n)})
#define RG_T(x)                                                                                    \
    ((rg_bind_t){.type = RG_BIND_I64,                                                              \
                 .i = (int64_t)apr_time_sec(x)}) /* apr_time_t -> unix seconds */
#define RG_NIL         ((rg_bind_t){.type = RG_BIND_NULL})
#define RG_I_OR_NIL(x) ((x) != 0 ? RG_I(x) : RG_NIL) /* 0 binds SQL NULL: optional keys */
#define RG_T_OR_NIL(x) ((x) != 0 ? RG_T(x) : RG_NIL)
#define RG_IN(...)                                                                                 \
    ((const rg_bind_t[]){__VA_ARGS__}),                                                            \
        (int)(sizeof((const rg_bind_t[]){__VA_ARGS__}) / sizeof(rg_bind_t))
#define RG_IN_NONE NULL, 0

/* Outcome of the last failed statement on DB, for the rare caller that must tell errors apart. */
typedef enum {
    RG_SQL_NONE,
    RG_SQL_DUPLICATE /* 1062 */,
    RG_SQL_FK /* 1451, 1452 */,
    RG_SQL_CHECK /* 4025 */,
    RG_SQL_SIGNAL /* 1644: a trigger refused */,
    RG_SQL_RETRY /* 1213, 1205 */,
    RG_SQL_LOST,
    RG_SQL_LETTERS /* 1267, …: compared or stored letters that the column never has */,
    RG_SQL_RANGE /* 1264, …: a number, day or text beyond the column's end */,
    RG_SQL_OTHER
} rg_sql_error_t;
rg_sql_error_t rg_sql_error(const rg_db_t *db);

/* Runs a statement without rows. DUPLICATE is RG_CONFLICT; FK, CHECK and SIGNAL are
 * RG_PRECONDITION; RETRY and LOST are RG_UNAVAILABLE (rg_store_transact acts on them: hand them
 * up unchanged); anything else is RG_INTERNAL, logged here without parameters. *AFFECTED (may be
 * NULL) counts FOUND rows for UPDATE (CLIENT_FOUND_ROWS is set). */
rg_outcome_t rg_sql_exec(rg_db_t *db, const rg_ctx_t *ctx, const char *sql, const rg_bind_t *in,
                         int n, int64_t *affected);
int64_t rg_sql_insert_id(const rg_db_t *db);

/* The same statement for many rows in one round trip: ROWS * COLS binds, row by row. At most 4096
 * rows. */
rg_outcome_t rg_sql_exec_rows(rg_db_t *db, const rg_ctx_t *ctx, const char *sql,
                              const rg_bind_t *in, int cols, int rows);

typedef struct rg_cur_t rg_cur_t;
/* The whole result is buffered on the client (use _stream for batches): other statements may run
 * while it is read, but not the same literal again. */
rg_outcome_t rg_sql_query(rg_db_t *db, const rg_ctx_t *ctx, rg_cur_t **out, const char *sql,
                          const rg_bind_t *in, int n);
/* Rows come one by one from the server: constant memory. No other statement may run on DB before
 * rg_cur_end. Strings of a row live in ROW_POOL, which the caller clears as it likes. */
rg_outcome_t rg_sql_stream(rg_db_t *db, const rg_ctx_t *ctx, rg_cur_t **out, apr_pool_t *row_pool,
                           const char *sql, const rg_bind_t *in, int n);
bool rg_cur_next(rg_cur_t *c);
rg_outcome_t rg_cur_end(rg_cur_t *c);
/* Columns of the current row, from 0. NULL gives 0, "" and year 0; ask rg_cur_null to tell.
 * Strings are copied to ctx->pool (or ROW_POOL). */
bool rg_cur_null(rg_cur_t *c, int col);
int64_t rg_cur_i64(rg_cur_t *c, int col);
uint64_t rg_cur_u64(rg_cur_t *c, int col);
const char *rg_cur_str(rg_cur_t *c, int col);
const unsigned char *rg_cur_bytes(rg_cur_t *c, int col, size_t *n);
apr_time_t rg_cur_time(rg_cur_t *c, int col); /* unix seconds -> apr_time_t; 0 for NULL */
rg_date_t rg_cur_date(rg_cur_t *c, int col);  /* DATE column */
/* The first N bytes into TO; where there are fewer, the last ones of TO stay. */
void rg_cur_hash(rg_cur_t *c, int col, unsigned char *to, size_t n);
/* Where strings of the current row live. */
apr_pool_t *rg_cur_pool(const rg_cur_t *c);

/* For whoever reads the highest number in schema_migration beside something else: RG_OK,
 * or RG_UNAVAILABLE once the database has another schema than the one that was checked at first.
 * The work is not committed, and every request is told so from then on. */
rg_outcome_t rg_schema_seen(rg_db_t *db, const rg_ctx_t *ctx, int version);

#endif
