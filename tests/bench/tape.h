/* SPDX-License-Identifier: Apache-2.0 */
/* Records what the store sends to the database while a tape runs: every statement with its values,
 * so that a bare Connector/C loop can replay it. The store's functions are wrapped by the linker
 * (see the Makefile), so the baseline always does the same work. Part of bench_booking.c and journey_bare.c.
 *
 * A replay stands beside the run it was taken from: times and days of the schedule are moved, the
 * id of the booking becomes that of its own, and what must be unique (UIDs, hashes, chains of the audit log) is rebuilt. */
#include "base.h"
#include "mod_regen/store/engine/store_int.h"
#include "regen/store/evidence.h"

/* --- taking down ------------------------------------------------------------------------------ */

typedef struct {
    const char *sql;
    int cols;
    int rows; /* 0: not an array */
    bool plain;
    rg_bind_t *in;
} said_t;

static apr_pool_t *tape_pool;
static apr_array_header_t *tape; /* of said_t; NULL: nobody listens. One thread at a time */

static rg_bind_t copy_bind(const rg_bind_t *b)
{
    rg_bind_t copy = *b;
    if (b->type == RG_BIND_STR && b->data) {
        copy.len = strlen(b->data);
    }
    if ((b->type == RG_BIND_STR || b->type == RG_BIND_BYTES) && b->data) {
        copy.data = apr_pstrmemdup(tape_pool, b->data, copy.len);
    }
    return copy;
}

static void take_down(const char *sql, const rg_bind_t *in, int cols, int rows, bool plain)
{
    int n = cols * (rows > 0 ? rows : 1);
    if (!tape) {
        return;
    }
    rg_bind_t *copy = apr_palloc(tape_pool, sizeof(*copy) * (size_t)(n + 1));
    for (int i = 0; i < n; i++) {
        copy[i] = copy_bind(&in[i]);
    }
    *(said_t *)apr_array_push(tape) =
        (said_t){sql, cols, rows, plain, copy}; /* literals live for ever */
}

rg_outcome_t __real_rg_sql_exec(rg_db_t *db, const rg_ctx_t *ctx, const char *sql,
                                const rg_bind_t *in, int n, int64_t *affected);
rg_outcome_t __wrap_rg_sql_exec(rg_db_t *db, const rg_ctx_t *ctx, const char *sql,
                                const rg_bind_t *in, int n, int64_t *affected);
rg_outcome_t __wrap_rg_sql_exec(rg_db_t *db, const rg_ctx_t *ctx, const char *sql,
                                const rg_bind_t *in, int n, int64_t *affected)
{
    take_down(sql, in, n, 0, false);
    return __real_rg_sql_exec(db, ctx, sql, in, n, affected);
}

rg_outcome_t __real_rg_sql_exec_rows(rg_db_t *db, const rg_ctx_t *ctx, const char *sql,
                                     const rg_bind_t *in, int cols, int rows);
rg_outcome_t __wrap_rg_sql_exec_rows(rg_db_t *db, const rg_ctx_t *ctx, const char *sql,
                                     const rg_bind_t *in, int cols, int rows);
rg_outcome_t __wrap_rg_sql_exec_rows(rg_db_t *db, const rg_ctx_t *ctx, const char *sql,
                                     const rg_bind_t *in, int cols, int rows)
{
    if (rows > 0) {
        take_down(sql, in, cols, rows, false);
    }
    return __real_rg_sql_exec_rows(db, ctx, sql, in, cols, rows);
}

rg_outcome_t __real_rg_sql_query(rg_db_t *db, const rg_ctx_t *ctx, rg_cur_t **out, const char *sql,
                                 const rg_bind_t *in, int n);
rg_outcome_t __wrap_rg_sql_query(rg_db_t *db, const rg_ctx_t *ctx, rg_cur_t **out, const char *sql,
                                 const rg_bind_t *in, int n);
rg_outcome_t __wrap_rg_sql_query(rg_db_t *db, const rg_ctx_t *ctx, rg_cur_t **out, const char *sql,
                                 const rg_bind_t *in, int n)
{
    take_down(sql, in, n, 0, false);
    return __real_rg_sql_query(db, ctx, out, sql, in, n);
}

rg_outcome_t __real_rg_conn_run(rg_db_t *db, const rg_ctx_t *ctx, const char *sql, size_t n);
rg_outcome_t __wrap_rg_conn_run(rg_db_t *db, const rg_ctx_t *ctx, const char *sql, size_t n);
rg_outcome_t __wrap_rg_conn_run(rg_db_t *db, const rg_ctx_t *ctx, const char *sql, size_t n)
{
    take_down(sql, NULL, 0, 0, true);
    return __real_rg_conn_run(db, ctx, sql, n);
}

/* --- made ready to be said again -------------------------------------------------------------- */

typedef struct {
    const said_t *said;
    MYSQL_BIND *in;
    bool makes_booking;
    int id_count, uid_count, number_count, hash_count;
    int64_t **ids;
    char **uids, **numbers;
    unsigned char **hashes;
    size_t *hash_sizes;
} step_t;

typedef struct {
    int count;
    step_t *steps;
    int64_t booking; /* the id it was about */
} tape_t;

typedef struct {
    int64_t booking;
    int days, first_day; /* times and days before FIRST_DAY are no schedule */
} place_t;

enum { NUMBER_LENGTH = 9, DAY_SECONDS = 86400, DAY_GRANULES = 288, SCHEDULE_DAYS = 2000 };

static bool within(int64_t v, int64_t first, int64_t unit)
{
    return v >= first * unit && v < (first + SCHEDULE_DAYS) * unit;
}

static int64_t moved(int64_t v, const place_t *p)
{
    static const int units[] = {DAY_SECONDS, DAY_GRANULES, 1};
    for (int i = 0; i < 3; i++) {
        if (within(v, p->first_day, units[i])) {
            return v + (int64_t)p->days * units[i];
        }
    }
    return v;
}

static void ready_int(step_t *s, int64_t *cell, const rg_bind_t *b, const place_t *p)
{
    *cell = b->i;
    if (b->type == RG_BIND_I64 && b->i == p->booking) {
        s->ids[s->id_count++] = cell;
    }
    else if (b->type == RG_BIND_I64) {
        *cell = moved(b->i, p);
    }
}

/* A booking's number: capitals and digits. */
static bool is_number(const char *s)
{
    return strspn(s, "0123456789ABCDEFGHJKLMNPQRSTVWXYZ") >= NUMBER_LENGTH;
}

static const void *ready_text(step_t *s, const rg_bind_t *b)
{
    void *copy = apr_pmemdup(tape_pool, b->data, b->len);
    if (b->type == RG_BIND_STR && b->len == 26) {
        s->uids[s->uid_count++] = copy;
    }
    if (b->type == RG_BIND_STR && b->len == NUMBER_LENGTH && is_number(copy)) {
        s->numbers[s->number_count++] = copy;
    }
    if (b->type == RG_BIND_BYTES && (b->len == 32 || b->len == RG_WRITER_BYTES)) {
        s->hash_sizes[s->hash_count] = b->len;
        s->hashes[s->hash_count++] = copy;
    }
    return copy;
}

/* One column as Connector/C wants it: an array of values or of pointers, or one of either. */
static void ready_column(step_t *s, int col, const place_t *p)
{
    const said_t *said = s->said;
    int rows = said->rows > 0 ? said->rows : 1;
    int64_t *ints = apr_pcalloc(tape_pool, sizeof(*ints) * (size_t)rows);
    const void **data = apr_pcalloc(tape_pool, sizeof(*data) * (size_t)rows);
    unsigned long *len = apr_pcalloc(tape_pool, sizeof(*len) * (size_t)rows);
    char *null = apr_pcalloc(tape_pool, (size_t)rows);
    MYSQL_BIND *to = &s->in[col];
    to->buffer_type = MYSQL_TYPE_NULL;
    for (int r = 0; r < rows; r++) {
        const rg_bind_t *b = &said->in[r * said->cols + col];
        bool is_int = b->type == RG_BIND_I64 || b->type == RG_BIND_U64;
        if (is_int) {
            ready_int(s, &ints[r], b, p);
            to->buffer_type = MYSQL_TYPE_LONGLONG;
            to->is_unsigned = b->type == RG_BIND_U64;
            to->buffer = ints;
        }
        else if (b->type != RG_BIND_NULL && b->data) {
            data[r] = ready_text(s, b);
            len[r] = b->len;
            to->buffer_type = b->type == RG_BIND_BYTES ? MYSQL_TYPE_LONG_BLOB : MYSQL_TYPE_STRING;
            to->buffer = said->rows > 0 ? (void *)data : (void *)(uintptr_t)data[0];
            to->buffer_length = b->len;
        }
        else {
            null[r] = STMT_INDICATOR_NULL;
        }
    }
    to->length = len;
    if (said->rows > 0) {
        to->buffer_type = to->buffer_type == MYSQL_TYPE_NULL ? MYSQL_TYPE_STRING : to->buffer_type;
        to->u.indicator = null;
    }
}

static void ready_step(step_t *s, const said_t *said, const place_t *p)
{
    size_t cells = (size_t)(said->cols * (said->rows > 0 ? said->rows : 1)) + 1;
    *s = (step_t){.said = said};
    s->in = apr_pcalloc(tape_pool, sizeof(MYSQL_BIND) * (size_t)(said->cols + 1));
    s->ids = apr_pcalloc(tape_pool, sizeof(*s->ids) * cells);
    s->uids = apr_pcalloc(tape_pool, sizeof(*s->uids) * cells);
    s->numbers = apr_pcalloc(tape_pool, sizeof(*s->numbers) * cells);
    s->hashes = apr_pcalloc(tape_pool, sizeof(*s->hashes) * cells);
    s->hash_sizes = apr_pcalloc(tape_pool, sizeof(*s->hash_sizes) * cells);
    s->makes_booking = strncmp(said->sql, "INSERT INTO booking (", 21) == 0;
    for (int i = 0; i < said->cols; i++) {
        ready_column(s, i, p);
    }
}

static void tape_start(void)
{
    tape = apr_array_make(tape_pool, 32, sizeof(said_t));
}

static tape_t tape_stop(const place_t *p)
{
    tape_t t = {.count = tape->nelts, .booking = p->booking};
    t.steps = apr_pcalloc(tape_pool, sizeof(step_t) * (size_t)(t.count + 1));
    for (int i = 0; i < t.count; i++) {
        ready_step(&t.steps[i], &APR_ARRAY_IDX(tape, i, said_t), p);
    }
    tape = NULL;
    return t;
}

/* Moves it somewhere else than tape_stop did. */
__attribute__((unused)) static void tape_ready(tape_t *t, const place_t *p)
{
    for (int i = 0; i < t->count; i++) {
        ready_step(&t->steps[i], t->steps[i].said, p);
    }
}

/* Without the transactions' begin and end. */
static int tape_statements(const tape_t *t)
{
    int n = 0;
    for (int i = 0; i < t->count; i++) {
        n += !t->steps[i].said->plain;
    }
    return n;
}

/* --- saying it again -------------------------------------------------------------------------- */

enum { STATEMENTS_MOST = 64, COLUMNS_MOST = 96 };

/* A connection with its prepared statements, by their text. */
typedef struct {
    MYSQL *m;
    int count;
    const char *sql[STATEMENTS_MOST];
    MYSQL_STMT *stmts[STATEMENTS_MOST];
    int64_t sink[COLUMNS_MOST];
} player_t;

static void bind_sink(player_t *c, MYSQL_STMT *s)
{
    MYSQL_BIND out[COLUMNS_MOST] = {0};
    MYSQL_RES *meta = mysql_stmt_result_metadata(s);
    for (unsigned i = 0; meta && i < mysql_num_fields(meta) && i < COLUMNS_MOST; i++) {
        bool text = mysql_fetch_field_direct(meta, i)->charsetnr != 63;
        out[i].buffer_type = text ? MYSQL_TYPE_STRING : MYSQL_TYPE_LONGLONG;
        out[i].buffer = text ? NULL : &c->sink[i];
    }
    if (meta) {
        mysql_stmt_bind_result(s, out);
        mysql_free_result(meta);
    }
}

static MYSQL_STMT *prepared(player_t *c, const char *sql)
{
    for (int i = 0; i < c->count; i++) {
        if (c->sql[i] == sql) {
            return c->stmts[i];
        }
    }
    MYSQL_STMT *s = mysql_stmt_init(c->m);
    if (!s || c->count == STATEMENTS_MOST || mysql_stmt_prepare(s, sql, strlen(sql)) != 0) {
        stop(sql, s ? mysql_stmt_error(s) : "memory");
    }
    bind_sink(c, s);
    c->sql[c->count] = sql;
    c->stmts[c->count++] = s;
    return s;
}

/* A bare loop prepares before it starts. */
static void tape_prepare(player_t *c, const tape_t *t)
{
    for (int i = 0; i < t->count; i++) {
        if (!t->steps[i].said->plain) {
            prepared(c, t->steps[i].said->sql);
        }
    }
}

static void make_anew(step_t *s, int64_t booking)
{
    static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    static const char figures[] = "23456789BCDFGHJKMNPQRSTVWXYZ";
    unsigned char dice[16];
    for (int i = 0; i < s->id_count; i++) {
        *s->ids[i] = booking;
    }
    for (int i = 0; i < s->uid_count; i++) {
        rg_crypto_random(dice, sizeof(dice));
        for (int k = 0; k < 16; k++) {
            s->uids[i][10 + k] = letters[dice[k] % 32];
        }
    }
    for (int i = 0; i < s->number_count; i++) {
        rg_crypto_random(dice, sizeof(dice));
        for (int k = 0; k < NUMBER_LENGTH; k++) {
            s->numbers[i][k] = figures[dice[k] % (sizeof(figures) - 1)];
        }
    }
    for (int i = 0; i < s->hash_count; i++) {
        rg_crypto_random(s->hashes[i], s->hash_sizes[i]);
    }
}

/* What the store runs a transaction again for (store/error.c). */
static bool said_in_vain(MYSQL_STMT *h)
{
    unsigned no = mysql_stmt_errno(h);
    return no == 1213 || no == 1205 || no == 1467;
}

/* False: the transaction is to be said again from its beginning. */
static bool say(player_t *c, step_t *s)
{
    const unsigned rows = (unsigned)s->said->rows, none = 0;
    MYSQL_STMT *h = prepared(c, s->said->sql);
    if (rows > 0) {
        mysql_stmt_attr_set(h, STMT_ATTR_ARRAY_SIZE, &rows);
    }
    if (s->said->cols > 0 && mysql_stmt_bind_param(h, s->in) != 0) {
        stop(s->said->sql, mysql_stmt_error(h));
    }
    if (mysql_stmt_execute(h) != 0) {
        if (said_in_vain(h)) {
            mysql_stmt_attr_set(h, STMT_ATTR_ARRAY_SIZE, &none);
            return false;
        }
        stop(s->said->sql, mysql_stmt_error(h));
    }
    if (rows > 0) {
        mysql_stmt_attr_set(h, STMT_ATTR_ARRAY_SIZE, &none);
    }
    if (mysql_stmt_field_count(h) > 0) {
        mysql_stmt_store_result(h);
        while (mysql_stmt_fetch(h) == 0) {
        }
        mysql_stmt_free_result(h);
    }
    return true;
}

/* All of it, about BOOKING (or the one it makes); gives that id. A deadlock is answered as the store
 * answers it: what was committed stays. */
static int64_t tape_play(player_t *c, const tape_t *t, int64_t booking)
{
    int64_t about = booking;
    int begun = 0;
    for (int i = 0; i < t->count; i++) {
        step_t *s = &t->steps[i];
        if (s->said->plain) {
            if (strncmp(s->said->sql, "START", 5) == 0) {
                about = booking;
                begun = i;
            }
            if (mysql_query(c->m, s->said->sql) != 0) {
                stop(s->said->sql, mysql_error(c->m));
            }
            continue;
        }
        make_anew(s, booking);
        if (!say(c, s)) {
            if (mysql_query(c->m, "ROLLBACK") != 0) {
                stop("ROLLBACK", mysql_error(c->m));
            }
            booking = about;
            i = begun - 1;
            continue;
        }
        if (s->makes_booking) {
            booking = (int64_t)mysql_stmt_insert_id(prepared(c, s->said->sql));
        }
    }
    return booking;
}
