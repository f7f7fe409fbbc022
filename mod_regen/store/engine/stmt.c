/* SPDX-License-Identifier: Apache-2.0 */
/* Prepared statements: the cache of a connection, binding, statements without rows, and the same
 * statement for many rows in one round trip. */
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

enum { TOO_MANY_STATEMENTS = 1461 };

/* --- the cache ------------------------------------------------------------------------------ */

static unsigned slot_of(const char *sql)
{
    uint64_t h = (uint64_t)(uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15);
    return (unsigned)(h >> 32) % RG_STMT_SLOTS;
}

static rg_stmt_t **find_slot(rg_db_t *db, const char *sql)
{
    unsigned i = slot_of(sql);
    while (db->stmts[i] && !(db->stmts[i]->sql == sql && strcmp(db->stmts[i]->text, sql) == 0)) {
        i = (i + 1) % RG_STMT_SLOTS;
    }
    return &db->stmts[i];
}

void rg_stmt_drop_all(rg_db_t *db)
{
    for (int i = 0; db->stmts && db->stmt_count > 0 && i < RG_STMT_SLOTS; i++) {
        if (db->stmts[i]) {
            mysql_stmt_close(db->stmts[i]->h);
        }
    }
    db->stmts = NULL;
    db->stmt_count = 0;
    db->scratch = NULL;
    apr_pool_clear(db->pool);
}

/* By its address alone: the text may be gone. */
static void put_back(rg_db_t *db, rg_stmt_t *s)
{
    unsigned i = slot_of(s->sql);
    while (db->stmts[i]) {
        i = (i + 1) % RG_STMT_SLOTS;
    }
    db->stmts[i] = s;
}

/* Gives up ONE, or with NULL all that nobody reads from, and puts the others where they belong. */
static void give_up(rg_db_t *db, const rg_stmt_t *one)
{
    rg_stmt_t *kept[RG_STMT_SLOTS];
    int count = 0;
    for (int i = 0; i < RG_STMT_SLOTS; i++) {
        rg_stmt_t *s = db->stmts[i];
        if (s && (s->cur.open || (one && s != one))) {
            kept[count++] = s;
        }
        else if (s) {
            mysql_stmt_close(s->h);
            apr_pool_destroy(s->pool);
        }
        db->stmts[i] = NULL;
    }
    for (int i = 0; i < count; i++) {
        put_back(db, kept[i]);
    }
    db->stmt_count = count;
}

static rg_stmt_t *longest_unused(const rg_db_t *db)
{
    rg_stmt_t *found = NULL;
    for (int i = 0; i < RG_STMT_SLOTS; i++) {
        rg_stmt_t *s = db->stmts[i];
        if (s && !s->cur.open && (!found || s->used < found->used)) {
            found = s;
        }
    }
    return found;
}

static void make_cache(rg_db_t *db)
{
    db->stmts = apr_pcalloc(db->pool, RG_STMT_SLOTS * sizeof(*db->stmts));
    apr_pool_create(&db->scratch, db->pool);
}

/* --- preparing ------------------------------------------------------------------------------ */

static bool is_integer_column(const MYSQL_FIELD *f)
{
    switch (f->type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR: return true;
    default: return false;
    }
}

/* Integers are converted in place by every fetch. Of anything else a fetch only takes the length
 * (a buffer of 0 bytes); the bytes are copied once, straight to where they are wanted. */
static bool bind_columns(rg_stmt_t *s, rg_db_t *db)
{
    MYSQL_RES *meta = mysql_stmt_result_metadata(s->h);
    if (!meta) {
        return false;
    }
    MYSQL_BIND *out = apr_pcalloc(db->scratch, (apr_size_t)s->columns * sizeof(*out));
    s->col = apr_pcalloc(s->pool, (apr_size_t)s->columns * sizeof(*s->col));
    for (int i = 0; i < s->columns; i++) {
        const MYSQL_FIELD *f = mysql_fetch_field_direct(meta, (unsigned)i);
        rg_col_t *c = &s->col[i];
        c->is_int = is_integer_column(f);
        out[i].buffer_type = c->is_int ? MYSQL_TYPE_LONGLONG : MYSQL_TYPE_STRING;
        out[i].buffer = c->is_int ? &c->i : NULL;
        out[i].is_unsigned = (f->flags & UNSIGNED_FLAG) != 0;
        out[i].length = &c->len;
        out[i].is_null = &c->null;
    }
    mysql_free_result(meta);
    bool bound = mysql_stmt_bind_result(s->h, out) == 0; /* copies OUT */
    apr_pool_clear(db->scratch);
    return bound;
}

static rg_outcome_t failed(rg_stmt_t *s, rg_db_t *db, const rg_ctx_t *ctx)
{
    unsigned errnum = mysql_stmt_errno(s->h);
    if (errnum == 0) {
        return rg_error_note(db, ctx, mysql_errno(db->mysql), mysql_sqlstate(db->mysql), s->sql);
    }
    /* Prepared statements are fixed, and tests run each. Error of syntax says that the connection
     * was killed, or gave way on Galera, while the server parsed one or a trigger, and 1710 or 1711
     * that it misread a trigger when it opened a table again: a conflict. In a file of migrations
     * it is the file's error. */
    errnum = errnum == 1064 || errnum == 1710 || errnum == 1711 ? 1213 : errnum;
    return rg_error_note(db, ctx, errnum, mysql_stmt_sqlstate(s->h), s->sql);
}

/* The server accepts no more statements, of all connections together: this connection closes its
 * own and tries once more. */
static bool with_room(rg_stmt_t *s, rg_db_t *db, const rg_ctx_t *ctx)
{
    if (mysql_stmt_errno(s->h) != TOO_MANY_STATEMENTS) {
        return false;
    }
    rg_log(ctx, RG_LOG_WARNING,
           RGNO(01013) "The database accepts no more prepared statements "
                       "(max_prepared_stmt_count); this connection closes %d of its own.",
           db->stmt_count);
    give_up(db, NULL);
    return mysql_stmt_prepare(s->h, s->sql, s->len) == 0;
}

static rg_outcome_t prepare_stmt(rg_stmt_t *s, rg_db_t *db, const rg_ctx_t *ctx, const char *sql)
{
    s->sql = sql;
    s->len = strlen(sql);
    s->text = apr_pstrmemdup(s->pool, sql, s->len);
    s->cur.db = db;
    s->cur.stmt = s;
    s->h = mysql_stmt_init(db->mysql);
    if (!s->h) {
        return rg_error_note(db, ctx, mysql_errno(db->mysql), mysql_sqlstate(db->mysql), sql);
    }
    if (mysql_stmt_prepare(s->h, sql, s->len) != 0 && !with_room(s, db, ctx)) {
        return failed(s, db, ctx);
    }
    s->params = (int)mysql_stmt_param_count(s->h);
    s->columns = (int)mysql_stmt_field_count(s->h);
    s->in = apr_pcalloc(s->pool, (apr_size_t)(s->params + 1) * sizeof(*s->in));
    if (s->columns > 0 && !bind_columns(s, db)) {
        return failed(s, db, ctx);
    }
    return RG_OK;
}

static bool make_cache_room(rg_db_t *db)
{
    if (!db->stmts) {
        make_cache(db);
    }
    if (db->stmt_count >= RG_STATEMENTS_KEPT) {
        const rg_stmt_t *old = longest_unused(db);
        if (old) {
            give_up(db, old);
        }
    }
    return db->stmt_count < RG_STMT_SLOTS - 1;
}

rg_outcome_t rg_stmt_get(rg_stmt_t **out, rg_db_t *db, const rg_ctx_t *ctx, const char *sql)
{
    db->error = RG_SQL_NONE;
    if (db->streaming) {
        rg_log(ctx, RG_LOG_ERR, RGNO(01010) "A statement was sent inside a streamed result: %s",
               sql);
        return RG_INTERNAL;
    }
    if (db->stmts) {
        *out = *find_slot(db, sql);
        if (*out) {
            (*out)->used = ++db->stmt_uses;
            return RG_OK;
        }
    }
    if (!db->mysql || !make_cache_room(db)) {
        return rg_error_note(db, ctx, 2013, "08S01", sql);
    }
    apr_pool_t *pool;
    if (apr_pool_create(&pool, db->pool) != APR_SUCCESS) {
        return RG_INTERNAL;
    }
    rg_stmt_t *s = apr_pcalloc(pool, sizeof(*s));
    s->pool = pool;
    s->used = ++db->stmt_uses;
    rg_outcome_t rc = prepare_stmt(s, db, ctx, sql);
    if (rc != RG_OK) {
        if (s->h) {
            mysql_stmt_close(s->h);
        }
        apr_pool_destroy(pool);
        return rc;
    }
    *find_slot(db, sql) = s;
    db->stmt_count++;
    *out = s;
    return RG_OK;
}

/* --- binding and running -------------------------------------------------------------------- */

static enum enum_field_types wire_type(int type)
{
    switch (type) {
    case RG_BIND_I64:
    case RG_BIND_U64: return MYSQL_TYPE_LONGLONG;
    case RG_BIND_BYTES: return MYSQL_TYPE_LONG_BLOB;
    case RG_BIND_STR: return MYSQL_TYPE_STRING;
    default: return MYSQL_TYPE_NULL;
    }
}

static bool is_null(const rg_bind_t *b)
{
    return b->type == RG_BIND_NULL ||
           ((b->type == RG_BIND_STR || b->type == RG_BIND_BYTES) && !b->data);
}

static size_t length_of(const rg_bind_t *b)
{
    return b->type == RG_BIND_STR ? strlen(b->data) : b->len;
}

static void bind_one(MYSQL_BIND *to, const rg_bind_t *b)
{
    memset(to, 0, sizeof(*to));
    to->buffer_type = is_null(b) ? MYSQL_TYPE_NULL : wire_type(b->type);
    if (to->buffer_type == MYSQL_TYPE_LONGLONG) {
        to->buffer = (void *)(uintptr_t)&b->i;
        to->is_unsigned = b->type == RG_BIND_U64;
    }
    else if (to->buffer_type != MYSQL_TYPE_NULL) {
        to->buffer = (void *)(uintptr_t)b->data;
        to->buffer_length = length_of(b);
    }
}

static rg_outcome_t miscounted(rg_stmt_t *s, rg_db_t *db, const rg_ctx_t *ctx, int n)
{
    db->error = RG_SQL_OTHER;
    rg_log(ctx, RG_LOG_ERR, RGNO(01011) "%d values for %d placeholders: %s", n, s->params, s->sql);
    return RG_INTERNAL;
}

/* A Galera node may give a transaction up in the middle of a statement for another node's and still
 * say that the statement went well (MariaDB 10.11, array of values for UPDATE or DELETE). What
 * comes next would then be committed one by one, and COMMIT would say yes. */
static rg_outcome_t still_in_tx(rg_stmt_t *s, rg_db_t *db, const rg_ctx_t *ctx)
{
    unsigned status = 0;
    mariadb_get_infov(db->mysql, MARIADB_CONNECTION_SERVER_STATUS, &status);
    bool gone = db->in_tx && (status & SERVER_STATUS_IN_TRANS) == 0;
    return gone ? rg_error_note(db, ctx, 1213, "40001", s->sql) : RG_OK;
}

rg_outcome_t rg_stmt_run(rg_stmt_t *s, rg_db_t *db, const rg_ctx_t *ctx, const rg_bind_t *in, int n)
{
    if (n != s->params) {
        return miscounted(s, db, ctx, n);
    }
    for (int i = 0; i < n; i++) {
        bind_one(&s->in[i], &in[i]);
    }
    if (n > 0 && mysql_stmt_bind_param(s->h, s->in) != 0) {
        return failed(s, db, ctx);
    }
    rg_count_statement(db);
    if (mysql_stmt_execute(s->h) != 0) {
        return failed(s, db, ctx);
    }
    rg_outcome_t rc = still_in_tx(s, db, ctx);
    if (rc != RG_OK && s->columns > 0) {
        mysql_stmt_free_result(s->h); /* unread rows would block ROLLBACK */
    }
    return rc;
}

rg_outcome_t rg_sql_exec(rg_db_t *db, const rg_ctx_t *ctx, const char *sql, const rg_bind_t *in,
                         int n, int64_t *affected)
{
    rg_stmt_t *s;
    rg_outcome_t rc = rg_stmt_get(&s, db, ctx, sql);
    if (rc == RG_OK) {
        rc = rg_stmt_run(s, db, ctx, in, n);
    }
    if (rc != RG_OK) {
        return rc;
    }
    db->insert_id = (int64_t)mysql_stmt_insert_id(s->h);
    if (affected) {
        *affected = (int64_t)mysql_stmt_affected_rows(s->h);
    }
    if (s->columns > 0) {
        mysql_stmt_free_result(s->h);
    }
    db->answers++;
    return RG_OK;
}

int64_t rg_sql_insert_id(const rg_db_t *db)
{
    return db->insert_id;
}

/* --- many rows ------------------------------------------------------------------------------ */

#define ROWS_MAX 4096

/* One column of all rows as Connector/C wants it: an array of values or of pointers, their
 * lengths, and which are NULL. A column has one type; NULL fits all. */
static bool bind_column(MYSQL_BIND *to, apr_pool_t *p, const rg_bind_t *in, int cols, int rows)
{
    unsigned long *len = apr_palloc(p, (apr_size_t)rows * sizeof(*len));
    char *null = apr_pcalloc(p, (apr_size_t)rows);
    int64_t *ints = apr_pcalloc(p, (apr_size_t)rows * sizeof(*ints));
    const void **data = apr_pcalloc(p, (apr_size_t)rows * sizeof(*data));
    int type = RG_BIND_NULL;
    for (int r = 0; r < rows; r++) {
        const rg_bind_t *b = &in[(size_t)r * (size_t)cols];
        len[r] = 0;
        if (is_null(b)) {
            null[r] = STMT_INDICATOR_NULL;
            continue;
        }
        if (type != RG_BIND_NULL && type != (int)b->type) {
            return false;
        }
        type = b->type;
        ints[r] = b->i;
        data[r] = b->data;
        if (type == RG_BIND_STR || type == RG_BIND_BYTES) {
            len[r] = length_of(b);
        }
    }
    memset(to, 0, sizeof(*to));
    bool is_int = type == RG_BIND_I64 || type == RG_BIND_U64;
    to->buffer_type = type == RG_BIND_NULL ? MYSQL_TYPE_STRING : wire_type(type);
    to->is_unsigned = type == RG_BIND_U64;
    to->buffer = is_int ? (void *)ints : (void *)data;
    to->length = len;
    to->u.indicator = null;
    return true;
}

static rg_outcome_t run_rows(rg_stmt_t *s, rg_db_t *db, const rg_ctx_t *ctx, unsigned rows)
{
    const unsigned one = 0;
    rg_outcome_t rc = RG_OK;
    rg_count_statement(db);
    mysql_stmt_attr_set(s->h, STMT_ATTR_ARRAY_SIZE, &rows);
    if (mysql_stmt_bind_param(s->h, s->in) != 0 || mysql_stmt_execute(s->h) != 0) {
        rc = failed(s, db, ctx);
    }
    mysql_stmt_attr_set(s->h, STMT_ATTR_ARRAY_SIZE, &one);
    return rc == RG_OK ? still_in_tx(s, db, ctx) : rc;
}

/* Row by row: an array is one statement only for INSERT; see still_in_tx(). */
static rg_outcome_t run_each(rg_stmt_t *s, rg_db_t *db, const rg_ctx_t *ctx, const rg_bind_t *in,
                             int rows)
{
    rg_outcome_t rc = RG_OK;
    for (int r = 0; rc == RG_OK && r < rows; r++) {
        rc = rg_stmt_run(s, db, ctx, in + (size_t)r * (size_t)s->params, s->params);
    }
    return rc;
}

static rg_outcome_t bind_rows(rg_stmt_t *s, rg_db_t *db, const rg_ctx_t *ctx, const rg_bind_t *in,
                              int rows)
{
    for (int c = 0; c < s->params; c++) {
        if (!bind_column(&s->in[c], db->scratch, in + c, s->params, rows)) {
            rg_log(ctx, RG_LOG_ERR, RGNO(01012) "Column %d has several types: %s", c, s->sql);
            return RG_INTERNAL;
        }
    }
    return RG_OK;
}

rg_outcome_t rg_sql_exec_rows(rg_db_t *db, const rg_ctx_t *ctx, const char *sql,
                              const rg_bind_t *in, int cols, int rows)
{
    if (rows == 0) {
        return RG_OK;
    }
    rg_stmt_t *s;
    rg_outcome_t rc = rg_stmt_get(&s, db, ctx, sql);
    if (rc != RG_OK) {
        return rc;
    }
    if (cols != s->params || cols == 0 || rows < 0 || rows > ROWS_MAX) {
        return miscounted(s, db, ctx, cols);
    }
    if (db->cluster && strncmp(sql, "INSERT", 6) != 0) {
        rc = run_each(s, db, ctx, in, rows);
    }
    else {
        rc = bind_rows(s, db, ctx, in, rows);
        rc = rc == RG_OK ? run_rows(s, db, ctx, (unsigned)rows) : rc;
        apr_pool_clear(db->scratch);
    }
    if (rc == RG_OK) {
        db->insert_id = (int64_t)mysql_stmt_insert_id(s->h);
        db->answers++;
    }
    return rc;
}
