/* SPDX-License-Identifier: Apache-2.0 */
/* Reading rows: buffered on the client, or streamed in constant memory. A cursor belongs to its
 * statement, so that a query allocates nothing by itself. */
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/store/store.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

static rg_outcome_t failed(rg_cur_t *c)
{
    MYSQL_STMT *h = c->stmt->h;
    unsigned errnum = mysql_stmt_errno(h);
    c->failed = true;
    if (errnum == 0) {
        return rg_error_note(c->db, c->ctx, mysql_errno(c->db->mysql), mysql_sqlstate(c->db->mysql),
                             c->stmt->sql);
    }
    return rg_error_note(c->db, c->ctx, errnum, mysql_stmt_sqlstate(h), c->stmt->sql);
}

static rg_outcome_t begin(rg_cur_t **out, rg_db_t *db, const rg_ctx_t *ctx, const char *sql,
                          const rg_bind_t *in, int n)
{
    *out = NULL;
    rg_stmt_t *s;
    rg_outcome_t rc = rg_stmt_get(&s, db, ctx, sql);
    if (rc != RG_OK) {
        return rc;
    }
    if (s->cur.open || s->columns == 0) {
        rg_log(ctx, RG_LOG_ERR, RGNO(01020) "%s %s",
               s->cur.open ? "This statement is queried again while it is being read."
                           : "This statement gives no rows.",
               sql);
        return RG_INTERNAL;
    }
    rc = rg_stmt_run(s, db, ctx, in, n);
    if (rc != RG_OK) {
        return rc;
    }
    rg_cur_t *c = &s->cur;
    c->ctx = ctx;
    c->pool = ctx->pool;
    c->open = true;
    c->stream = false;
    c->failed = false;
    c->next = db->cursors;
    db->cursors = c;
    *out = c;
    return RG_OK;
}

rg_outcome_t rg_sql_query(rg_db_t *db, const rg_ctx_t *ctx, rg_cur_t **out, const char *sql,
                          const rg_bind_t *in, int n)
{
    rg_outcome_t rc = begin(out, db, ctx, sql, in, n);
    if (rc != RG_OK) {
        return rc;
    }
    if (mysql_stmt_store_result((*out)->stmt->h) != 0) {
        rc = failed(*out);
        rg_cur_end(*out);
        *out = NULL;
        return rc;
    }
    db->answers++;
    return RG_OK;
}

rg_outcome_t rg_sql_stream(rg_db_t *db, const rg_ctx_t *ctx, rg_cur_t **out, apr_pool_t *row_pool,
                           const char *sql, const rg_bind_t *in, int n)
{
    rg_outcome_t rc = begin(out, db, ctx, sql, in, n);
    if (rc != RG_OK) {
        return rc;
    }
    (*out)->pool = row_pool;
    (*out)->stream = true;
    db->streaming = true;
    return RG_OK;
}

bool rg_cur_next(rg_cur_t *c)
{
    if (c->failed) {
        return false;
    }
    int got = mysql_stmt_fetch(c->stmt->h);
    if (got == 0 || got == MYSQL_DATA_TRUNCATED) {
        if (c->stream) {
            c->db->answers++;
        }
        return true;
    }
    if (got != MYSQL_NO_DATA) {
        failed(c);
    }
    return false;
}

static void unlink_cursor(rg_cur_t *c)
{
    rg_cur_t **at = &c->db->cursors;
    while (*at && *at != c) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = c->next;
    }
}

/* Leaving a stream early reads and drops what is still coming, so that the connection can be used
 * again. */
rg_outcome_t rg_cur_end(rg_cur_t *c)
{
    if (!c->open) {
        return RG_OK;
    }
    c->open = false;
    unlink_cursor(c);
    if (c->stream) {
        c->db->streaming = false;
    }
    if (!c->db->broken) {
        mysql_stmt_free_result(c->stmt->h);
    }
    if (!c->failed) {
        return RG_OK;
    }
    return rg_error_outcome(c->db) == RG_UNAVAILABLE ? RG_UNAVAILABLE : RG_INTERNAL;
}

bool rg_cur_close_all(rg_db_t *db)
{
    bool none = !db->cursors;
    while (db->cursors) {
        rg_cur_end(db->cursors);
    }
    return none;
}

/* --- columns -------------------------------------------------------------------------------- */

bool rg_cur_null(rg_cur_t *c, int col)
{
    return c->stmt->col[col].null != 0;
}

/* Bytes of a column into BUF, with a NUL after them; SIZE counts it. */
static void copy_out(rg_cur_t *c, int col, char *buf, size_t size)
{
    unsigned long len = 0;
    my_bool null = 0;
    my_bool error = 0;
    MYSQL_BIND to;
    memset(&to, 0, sizeof(to));
    to.buffer_type = MYSQL_TYPE_STRING;
    to.buffer = buf;
    to.buffer_length = size;
    to.length = &len;
    to.is_null = &null;
    to.error = &error;
    buf[0] = '\0';
    mysql_stmt_fetch_column(c->stmt->h, &to, (unsigned)col, 0);
    buf[size - 1] = '\0';
}

/* Numbers that came as text: DECIMAL, which SUM gives. */
static const char *small_text(rg_cur_t *c, int col, char buf[64])
{
    copy_out(c, col, buf, 64);
    return buf;
}

int64_t rg_cur_i64(rg_cur_t *c, int col)
{
    const rg_col_t *v = &c->stmt->col[col];
    if (v->null) {
        return 0;
    }
    char buf[64];
    return v->is_int ? v->i : strtoll(small_text(c, col, buf), NULL, 10);
}

uint64_t rg_cur_u64(rg_cur_t *c, int col)
{
    const rg_col_t *v = &c->stmt->col[col];
    if (v->null) {
        return 0;
    }
    char buf[64];
    return v->is_int ? (uint64_t)v->i : strtoull(small_text(c, col, buf), NULL, 10);
}

static unsigned char *bytes_of(rg_cur_t *c, int col, size_t *n)
{
    const rg_col_t *v = &c->stmt->col[col];
    /* Integers say their length in wire bytes, not in digits. */
    size_t size = v->is_int ? 24 : v->len;
    char *buf = apr_palloc(c->pool, size + 1);
    copy_out(c, col, buf, size + 1);
    *n = v->is_int ? strlen(buf) : v->len;
    return (unsigned char *)buf;
}

const char *rg_cur_str(rg_cur_t *c, int col)
{
    const rg_col_t *v = &c->stmt->col[col];
    if (v->null || (!v->is_int && v->len == 0)) {
        return "";
    }
    size_t n;
    return (const char *)bytes_of(c, col, &n);
}

const unsigned char *rg_cur_bytes(rg_cur_t *c, int col, size_t *n)
{
    if (c->stmt->col[col].null) {
        *n = 0;
        return (const unsigned char *)"";
    }
    return bytes_of(c, col, n);
}

void rg_cur_hash(rg_cur_t *c, int col, unsigned char *to, size_t n)
{
    size_t have;
    const unsigned char *bytes = rg_cur_bytes(c, col, &have);
    memcpy(to, bytes, have < n ? have : n);
}

apr_pool_t *rg_cur_pool(const rg_cur_t *c)
{
    return c->pool;
}

apr_time_t rg_cur_time(rg_cur_t *c, int col)
{
    return apr_time_from_sec(rg_cur_i64(c, col));
}

rg_date_t rg_cur_date(rg_cur_t *c, int col)
{
    rg_date_t d = {0, 0, 0};
    MYSQL_TIME t;
    MYSQL_BIND to;
    if (c->stmt->col[col].null) {
        return d;
    }
    memset(&t, 0, sizeof(t));
    memset(&to, 0, sizeof(to));
    to.buffer_type = MYSQL_TYPE_DATE;
    to.buffer = &t;
    to.buffer_length = sizeof(t);
    if (mysql_stmt_fetch_column(c->stmt->h, &to, (unsigned)col, 0) == 0) {
        d = (rg_date_t){(int)t.year, (int)t.month, (int)t.day};
    }
    return d;
}
