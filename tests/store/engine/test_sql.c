/* SPDX-License-Identifier: Apache-2.0 */
/* Statements and rows: every type there and back, NULL, sizes from 0 to beyond a packet's usual,
 * bulk rows, streaming, the bound of the statement cache, and the map of errors. */
#include "store_test.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "mod_regen/store/engine/sql.h"
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/store/store.h"

#define TABLE                                                                                      \
    "CREATE TABLE thing (id INT PRIMARY KEY AUTO_INCREMENT, i BIGINT, u BIGINT UNSIGNED, "         \
    "s VARCHAR(200), t MEDIUMTEXT, b LONGBLOB, d DATE, tiny TINYINT, e ENUM('red','green'), "      \
    "n DECIMAL(20,0), UNIQUE KEY (s))"

static int setup(void **state)
{
    store_test_setup_empty(state);
    store_test_exec(*state, TABLE);
    store_test_exec(*state, "CREATE TABLE parent (id INT PRIMARY KEY)");
    store_test_exec(*state, "CREATE TABLE child (id INT PRIMARY KEY, parent_id INT NOT NULL, "
                            "n INT NOT NULL DEFAULT 0, CHECK (n >= 0), "
                            "FOREIGN KEY (parent_id) REFERENCES parent (id))");
    store_test_exec(*state, "CREATE TABLE code (c CHAR(4) CHARACTER SET ascii COLLATE ascii_bin)");
    store_test_exec(*state, "CREATE TRIGGER child_keeps BEFORE DELETE ON child FOR EACH ROW "
                            "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'stays'");
    return 0;
}

static void read_in(store_test_t *t, rg_work_fn work, void *baton)
{
    rg_ctx_t *ctx = store_test_ctx(t);
    assert_int_equal(rg_store_read(ctx, work, baton), RG_OK);
    store_test_done(ctx);
}

/* --- every type ----------------------------------------------------------------------------- */

static const char PUT[] = "INSERT INTO thing (i, u, s, t, b, d, tiny, e, n) "
                          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char GET[] = "SELECT i, u, s, t, b, d, tiny, e, n FROM thing WHERE id = ?";

static rg_outcome_t round_trip(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    (void)baton;
    static const unsigned char bytes[] = {0, 1, 2, 0, 255, 0};
    int64_t rows = -1;
    assert_int_equal(
        rg_sql_exec(db, ctx, PUT,
                    RG_IN(RG_I(INT64_MIN), RG_U(UINT64_C(0x8000000000000001)),
                          RG_S("Zo\xc3\xab \xf0\x9f\xa6\xb4"), RG_S(""), RG_B(bytes, 6),
                          RG_S("2026-12-01"), RG_I(-128), RG_S("green"), RG_S("12345678901234567")),
                    &rows),
        RG_OK);
    assert_int_equal(rows, 1);
    rg_cur_t *c;
    int64_t id = rg_sql_insert_id(db);
    assert_true(id > 0);
    assert_int_equal(rg_sql_query(db, ctx, &c, GET, RG_IN(RG_I(id))), RG_OK);
    assert_true(rg_cur_next(c));
    assert_true(rg_cur_i64(c, 0) == INT64_MIN);
    assert_true(rg_cur_u64(c, 1) == UINT64_C(0x8000000000000001));
    assert_string_equal(rg_cur_str(c, 1), "9223372036854775809");
    assert_string_equal(rg_cur_str(c, 2), "Zo\xc3\xab \xf0\x9f\xa6\xb4");
    assert_string_equal(rg_cur_str(c, 3), "");
    assert_false(rg_cur_null(c, 3));
    size_t n;
    assert_memory_equal(rg_cur_bytes(c, 4, &n), bytes, 6);
    assert_int_equal(n, 6);
    rg_date_t d = rg_cur_date(c, 5);
    assert_true(d.year == 2026 && d.month == 12 && d.day == 1);
    assert_string_equal(rg_cur_str(c, 5), "2026-12-01");
    assert_int_equal(rg_cur_i64(c, 6), -128);
    assert_string_equal(rg_cur_str(c, 6), "-128");
    assert_string_equal(rg_cur_str(c, 7), "green");
    assert_true(rg_cur_i64(c, 8) == INT64_C(12345678901234567));
    assert_false(rg_cur_next(c));
    return rg_cur_end(c);
}

static void types_come_back_as_they_went(void **state)
{
    read_in(*state, round_trip, NULL);
}

static rg_outcome_t nulls(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    (void)baton;
    const char *none = NULL;
    assert_int_equal(rg_sql_exec(db, ctx, PUT,
                                 RG_IN(RG_NIL, RG_I_OR_NIL(0), RG_S(none), RG_NIL, RG_B(none, 0),
                                       RG_NIL, RG_NIL, RG_NIL, RG_NIL),
                                 NULL),
                     RG_OK);
    rg_cur_t *c;
    assert_int_equal(rg_sql_query(db, ctx, &c, GET, RG_IN(RG_I(rg_sql_insert_id(db)))), RG_OK);
    assert_true(rg_cur_next(c));
    for (int col = 0; col < 9; col++) {
        assert_true(rg_cur_null(c, col));
        assert_int_equal(rg_cur_i64(c, col), 0);
        assert_int_equal(rg_cur_u64(c, col), 0);
        assert_string_equal(rg_cur_str(c, col), "");
    }
    size_t n = 9;
    rg_cur_bytes(c, 4, &n);
    assert_int_equal(n, 0);
    assert_int_equal(rg_cur_date(c, 5).year, 0);
    assert_int_equal(rg_cur_time(c, 0), 0);
    return rg_cur_end(c);
}

static void null_is_nothing_everywhere(void **state)
{
    read_in(*state, nulls, NULL);
}

/* A value after a NULL and a NULL after a value, in one result. */
static rg_outcome_t mixed(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    static const char ROWS[] = "SELECT 7, 'x' UNION ALL SELECT NULL, NULL UNION ALL SELECT 8, 'yy'";
    (void)baton;
    rg_cur_t *c;
    assert_int_equal(rg_sql_query(db, ctx, &c, ROWS, RG_IN_NONE), RG_OK);
    assert_true(rg_cur_next(c));
    assert_int_equal(rg_cur_i64(c, 0), 7);
    assert_string_equal(rg_cur_str(c, 1), "x");
    assert_true(rg_cur_next(c));
    assert_true(rg_cur_null(c, 0) && rg_cur_null(c, 1));
    assert_int_equal(rg_cur_i64(c, 0), 0);
    assert_string_equal(rg_cur_str(c, 1), "");
    assert_true(rg_cur_next(c));
    assert_false(rg_cur_null(c, 0));
    assert_int_equal(rg_cur_i64(c, 0), 8);
    assert_string_equal(rg_cur_str(c, 1), "yy");
    assert_false(rg_cur_next(c));
    return rg_cur_end(c);
}

static void rows_do_not_leak_into_each_other(void **state)
{
    read_in(*state, mixed, NULL);
}

/* Another statement in the middle of a buffered result, as a list with details does it. */
static rg_outcome_t nested(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    static const char OUTER[] = "SELECT seq FROM seq_1_to_5";
    static const char INNER[] = "SELECT ? * 10";
    rg_cur_t *outer;
    rg_cur_t *inner;
    int64_t sum = 0;
    (void)baton;
    assert_int_equal(rg_sql_query(db, ctx, &outer, OUTER, RG_IN_NONE), RG_OK);
    while (rg_cur_next(outer)) {
        int64_t n = rg_cur_i64(outer, 0);
        assert_int_equal(rg_sql_query(db, ctx, &inner, INNER, RG_IN(RG_I(n))), RG_OK);
        assert_true(rg_cur_next(inner));
        sum += rg_cur_i64(inner, 0);
        assert_int_equal(rg_cur_end(inner), RG_OK);
        assert_int_equal(rg_cur_i64(outer, 0), n);
    }
    assert_int_equal(sum, 150);
    return rg_cur_end(outer);
}

static void statements_may_run_while_rows_are_read(void **state)
{
    read_in(*state, nested, NULL);
}

static rg_outcome_t sizes(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    static const char PUT_BIG[] = "INSERT INTO thing (t, b) VALUES (?, ?)";
    static const char GET_BIG[] = "SELECT t, b FROM thing WHERE id = ?";
    static const size_t SIZES[] = {0, 1, 47, 48, 49, 250, 251, 65535, 65536, 5000000};
    (void)baton;
    for (size_t k = 0; k < sizeof(SIZES) / sizeof(*SIZES); k++) {
        size_t n = SIZES[k];
        size_t got;
        char *text = apr_palloc(ctx->pool, n + 1);
        for (size_t i = 0; i < n; i++) {
            text[i] = (char)('a' + (i * 7 + k) % 26);
        }
        text[n] = '\0';
        assert_int_equal(rg_sql_exec(db, ctx, PUT_BIG, RG_IN(RG_S(text), RG_B(text, n)), NULL),
                         RG_OK);
        rg_cur_t *c;
        assert_int_equal(rg_sql_query(db, ctx, &c, GET_BIG, RG_IN(RG_I(rg_sql_insert_id(db)))),
                         RG_OK);
        assert_true(rg_cur_next(c));
        assert_string_equal(rg_cur_str(c, 0), text);
        assert_memory_equal(rg_cur_bytes(c, 1, &got), text, n + 1);
        assert_int_equal(got, n);
        assert_int_equal(rg_cur_end(c), RG_OK);
    }
    return RG_OK;
}

static void columns_of_any_length(void **state)
{
    read_in(*state, sizes, NULL);
}

/* --- errors --------------------------------------------------------------------------------- */

typedef struct {
    const char *sql;
    rg_outcome_t outcome;
    rg_sql_error_t error;
} refusal_t;

static rg_outcome_t refused(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    static const refusal_t ALL[] = {
        {"INSERT INTO parent (id) VALUES (1)", RG_CONFLICT, RG_SQL_DUPLICATE},
        {"INSERT INTO child (id, parent_id) VALUES (2, 99)", RG_PRECONDITION, RG_SQL_FK},
        {"DELETE FROM parent WHERE id = 1", RG_PRECONDITION, RG_SQL_FK},
        {"INSERT INTO child (id, parent_id, n) VALUES (3, 1, -1)", RG_PRECONDITION, RG_SQL_CHECK},
        {"DELETE FROM child WHERE id = 1", RG_PRECONDITION, RG_SQL_SIGNAL},
        {"SELECT nothing FROM thing", RG_INTERNAL, RG_SQL_OTHER},
        {"SELECT * FROM nothing", RG_UNAVAILABLE, RG_SQL_OTHER},
        {"INSERT INTO thing (d) VALUES ('0000-00-00')", RG_INVALID, RG_SQL_RANGE},
        {"INSERT INTO thing (tiny) VALUES (1000)", RG_INVALID, RG_SQL_RANGE},
        {"INSERT INTO code (c) VALUES ('longer')", RG_INVALID, RG_SQL_RANGE},
        {"INSERT INTO code (c) VALUES ('\xc3\xa4')", RG_INVALID, RG_SQL_LETTERS},
        {"SELECT 'a' COLLATE utf8mb4_bin = 'a' COLLATE utf8mb4_unicode_ci", RG_NOT_FOUND,
         RG_SQL_LETTERS},
        {"INSERT INTO parent (id) VALUES (5)", RG_OK, RG_SQL_NONE},
    };
    (void)baton;
    for (size_t i = 0; i < sizeof(ALL) / sizeof(*ALL); i++) {
        assert_int_equal(rg_sql_exec(db, ctx, ALL[i].sql, RG_IN_NONE, NULL), ALL[i].outcome);
        assert_int_equal(rg_sql_error(db), ALL[i].error);
    }
    return RG_OK;
}

static void errors_have_outcomes(void **state)
{
    store_test_exec(*state, "INSERT INTO parent (id) VALUES (1)");
    store_test_exec(*state, "INSERT INTO child (id, parent_id) VALUES (1, 1)");
    read_in(*state, refused, NULL);
}

static rg_outcome_t say_secret(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    static const char TWICE[] = "INSERT INTO thing (s) VALUES (?)";
    static const char WRONG[] = "INSERT INTO thing (d, s) VALUES (?, 'w')";
    (void)baton;
    assert_int_equal(rg_sql_exec(db, ctx, TWICE, RG_IN(RG_S("secret-name")), NULL), RG_OK);
    assert_int_equal(rg_sql_exec(db, ctx, TWICE, RG_IN(RG_S("secret-name")), NULL), RG_CONFLICT);
    assert_int_equal(rg_sql_exec(db, ctx, WRONG, RG_IN(RG_S("secret-name")), NULL), RG_INVALID);
    return RG_OK;
}

/* Both messages of the server quote the value. */
static void values_are_never_logged(void **state)
{
    store_test_log_clear();
    read_in(*state, say_secret, NULL);
    assert_int_equal(store_test_log_count("RG01005"), 1);
    assert_int_equal(store_test_log_count("INSERT INTO thing (d, s) VALUES (?, 'w')"), 1);
    assert_int_equal(store_test_log_count("secret"), 0);
}

static rg_outcome_t misuse(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_cur_t *c;
    rg_cur_t *again;
    (void)baton;
    assert_int_equal(rg_sql_exec(db, ctx, PUT, RG_IN(RG_I(1)), NULL), RG_INTERNAL);
    assert_int_equal(rg_sql_query(db, ctx, &c, "DO 1", RG_IN_NONE), RG_INTERNAL);
    static const char ONE[] = "SELECT 1 UNION SELECT 2";
    assert_int_equal(rg_sql_query(db, ctx, &c, ONE, RG_IN_NONE), RG_OK);
    assert_int_equal(rg_sql_query(db, ctx, &again, ONE, RG_IN_NONE), RG_INTERNAL);
    assert_true(rg_cur_next(c));
    return RG_OK; /* left open on purpose: giving the connection back ends it */
}

static void misuse_is_caught(void **state)
{
    read_in(*state, misuse, NULL);
    read_in(*state, misuse, NULL);
}

/* --- many rows ------------------------------------------------------------------------------ */

static const char BULK[] = "INSERT INTO thing (i, u, s, b) VALUES (?, ?, ?, ?)";
#define BULK_ROWS 4096

static rg_bind_t *make_rows(apr_pool_t *p, const char *prefix, int rows)
{
    rg_bind_t *in = apr_palloc(p, sizeof(*in) * 4 * (size_t)rows);
    for (int r = 0; r < rows; r++) {
        const char *s = apr_psprintf(p, "%s-%d", prefix, r);
        in[r * 4] = r % 3 == 0 ? RG_NIL : RG_I(-r);
        in[r * 4 + 1] = RG_U(UINT64_MAX - (uint64_t)r);
        in[r * 4 + 2] = RG_S(s);
        in[r * 4 + 3] = r % 5 == 0 ? RG_NIL : RG_B(s, (size_t)(r % 3));
    }
    return in;
}

static int64_t round_trips(rg_db_t *db)
{
    static const char COUNT[] = "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS "
                                "WHERE VARIABLE_NAME = 'QUESTIONS'";
    assert_int_equal(mysql_query(db->mysql, COUNT), 0);
    MYSQL_RES *rows = mysql_store_result(db->mysql);
    int64_t n = strtoll(mysql_fetch_row(rows)[0], NULL, 10);
    mysql_free_result(rows);
    return n;
}

static rg_outcome_t bulk(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    (void)baton;
    rg_bind_t *in = make_rows(ctx->pool, "bulk", BULK_ROWS);
    assert_int_equal(rg_sql_exec_rows(db, ctx, BULK, in, 4, 1), RG_OK);
    int64_t before = round_trips(db);
    assert_int_equal(rg_sql_exec_rows(db, ctx, BULK, in + 4, 4, BULK_ROWS - 1), RG_OK);
    /* The bulk statement and the question about it, whatever the number of rows. */
    assert_in_range(round_trips(db) - before, 1, 2);
    assert_int_equal(rg_sql_exec_rows(db, ctx, BULK, in, 4, 0), RG_OK);
    assert_int_equal(rg_sql_exec_rows(db, ctx, BULK, in, 4, BULK_ROWS + 1), RG_INTERNAL);
    assert_int_equal(rg_sql_exec_rows(db, ctx, BULK, in, 3, 1), RG_INTERNAL);
    /* The same literal for one row again: nothing of the bulk sticks to the statement. */
    return rg_sql_exec(db, ctx, BULK, RG_IN(RG_I(1), RG_U(2), RG_S("single"), RG_NIL), NULL);
}

static void many_rows_in_one_round_trip(void **state)
{
    store_test_t *t = *state;
    read_in(t, bulk, NULL);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM thing WHERE s LIKE 'bulk-%'"),
                     BULK_ROWS);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM thing WHERE s LIKE 'bulk-%' AND "
                                         "(i IS NULL) <> (SUBSTR(s, 6) % 3 = 0)"),
                     0);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM thing WHERE s LIKE 'bulk-%' AND "
                                         "(i <> -SUBSTR(s, 6) OR u <> 18446744073709551615 - "
                                         "CAST(SUBSTR(s, 6) AS UNSIGNED))"),
                     0);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM thing WHERE s LIKE 'bulk-%' AND "
                                         "b <> LEFT(s, SUBSTR(s, 6) % 3)"),
                     0);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM thing WHERE s = 'single'"), 1);
}

static rg_outcome_t bulk_duplicate(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    (void)baton;
    assert_int_equal(
        rg_sql_exec(db, ctx, BULK, RG_IN(RG_NIL, RG_NIL, RG_S("dup-before"), RG_NIL), NULL), RG_OK);
    rg_bind_t *in = make_rows(ctx->pool, "dup", 50);
    in[30 * 4 + 2] = RG_S("dup-7");
    rg_outcome_t rc = rg_sql_exec_rows(db, ctx, BULK, in, 4, 50);
    assert_int_equal(rg_sql_error(db), RG_SQL_DUPLICATE);
    return rc;
}

static void a_duplicate_in_a_bulk_undoes_all_of_it(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = store_test_ctx(t);
    assert_int_equal(rg_store_transact(ctx, bulk_duplicate, NULL), RG_CONFLICT);
    store_test_done(ctx);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM thing WHERE s LIKE 'dup-%'"), 0);
    read_in(t, nulls, NULL); /* the connection is as good as before */
}

static rg_outcome_t bulk_mixed(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    (void)baton;
    rg_bind_t *in = make_rows(ctx->pool, "mixed", 2);
    in[4 + 2] = RG_I(5);
    return rg_sql_exec_rows(db, ctx, BULK, in, 4, 2);
}

static void a_column_of_two_types_is_refused(void **state)
{
    rg_ctx_t *ctx = store_test_ctx(*state);
    assert_int_equal(rg_store_transact(ctx, bulk_mixed, NULL), RG_INTERNAL);
    store_test_done(ctx);
}

/* --- streams -------------------------------------------------------------------------------- */

#define STREAM_ROWS 100000

static const char STREAM[] = "SELECT seq, CONCAT(REPEAT('x', 200), seq) FROM seq_1_to_100000";

static long peak_kib(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return use.ru_maxrss;
}

static rg_outcome_t stream(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    apr_pool_t *row;
    apr_pool_create(&row, ctx->pool);
    rg_cur_t *c;
    assert_int_equal(rg_sql_stream(db, ctx, &c, row, STREAM, RG_IN_NONE), RG_OK);
    int64_t sum = 0;
    int64_t n = 0;
    size_t bytes = 0;
    while (rg_cur_next(c)) {
        sum += rg_cur_i64(c, 0);
        bytes += strlen(rg_cur_str(c, 1));
        n++;
        apr_pool_clear(row);
        if (n == *(int *)baton) {
            break;
        }
    }
    rg_cur_t *other;
    assert_int_equal(rg_sql_query(db, ctx, &other, GET, RG_IN(RG_I(1))), RG_INTERNAL);
    assert_int_equal(rg_cur_end(c), RG_OK);
    assert_int_equal(n, *(int *)baton);
    assert_true(sum == n * (n + 1) / 2);
    assert_true(bytes > (size_t)n * 200);
    apr_pool_destroy(row);
    assert_int_equal(rg_sql_query(db, ctx, &other, GET, RG_IN(RG_I(1))), RG_OK);
    return rg_cur_end(other);
}

static void streams_need_no_memory(void **state)
{
    int few = 1000;
    int all = STREAM_ROWS;
    read_in(*state, stream, &few); /* leaves early, and warms up */
    long before = peak_kib();
    read_in(*state, stream, &all);
    assert_in_range(peak_kib() - before, 0, 4096); /* 20 MB went through */
}

/* --- the cache ------------------------------------------------------------------------------ */

static rg_outcome_t many_statements(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    (void)baton;
    for (int i = 0; i < 3 * RG_STATEMENTS_KEPT; i++) {
        const char *sql = apr_psprintf(ctx->pool, "SELECT %d", i);
        rg_cur_t *c;
        assert_int_equal(rg_sql_query(db, ctx, &c, sql, RG_IN_NONE), RG_OK);
        assert_true(rg_cur_next(c));
        assert_int_equal(rg_cur_i64(c, 0), i);
        assert_int_equal(rg_cur_end(c), RG_OK);
        assert_in_range(db->stmt_count, 1, RG_STATEMENTS_KEPT);
    }
    return RG_OK;
}

static void the_cache_is_bounded(void **state)
{
    store_test_t *t = *state;
    read_in(t, many_statements, NULL);
    assert_in_range(store_test_value(t,
                                     "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS"
                                     " WHERE VARIABLE_NAME = 'PREPARED_STMT_COUNT'"),
                    0, 2 * RG_STATEMENTS_KEPT);
}

/* One address, two texts: what a literal never does, and a buffer would. */
static rg_outcome_t same_address(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    char sql[] = "SELECT 1";
    (void)baton;
    for (int i = 1; i <= 3; i++) {
        rg_cur_t *c;
        sql[7] = (char)('0' + i);
        assert_int_equal(rg_sql_query(db, ctx, &c, sql, RG_IN_NONE), RG_OK);
        assert_true(rg_cur_next(c));
        assert_int_equal(rg_cur_i64(c, 0), i);
        assert_int_equal(rg_cur_end(c), RG_OK);
    }
    return RG_OK;
}

static void the_cache_compares_words_too(void **state)
{
    read_in(*state, same_address, NULL);
}

static rg_outcome_t prepared_once(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    (void)baton;
    rg_cur_t *c;
    int before = db->stmt_count;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(rg_sql_query(db, ctx, &c, GET, RG_IN(RG_I(i))), RG_OK);
        assert_int_equal(rg_cur_end(c), RG_OK);
    }
    assert_in_range(db->stmt_count, before, before + 1);
    return RG_OK;
}

static void a_statement_is_prepared_once(void **state)
{
    read_in(*state, prepared_once, NULL);
}

/* A prepared statement is fixed: the server stopped parsing it. */
static rg_outcome_t cut_while_parsed(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    (void)baton;
    assert_int_equal(rg_sql_exec(db, ctx, "SELECT 1 FORM parent", RG_IN_NONE, NULL),
                     RG_UNAVAILABLE);
    assert_int_equal(rg_sql_error(db), RG_SQL_RETRY);
    return RG_OK;
}

static void a_syntax_error_is_a_conflict(void **state)
{
    read_in(*state, cut_while_parsed, NULL);
}

/* --- the session ---------------------------------------------------------------------------- */

static rg_outcome_t session(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    static const char ASK[] = "SELECT @@time_zone, @@sql_mode, @@tx_isolation, "
                              "@@innodb_lock_wait_timeout, @@character_set_client, @@autocommit";
    (void)baton;
    rg_cur_t *c;
    assert_int_equal(rg_sql_query(db, ctx, &c, ASK, RG_IN_NONE), RG_OK);
    assert_true(rg_cur_next(c));
    assert_string_equal(rg_cur_str(c, 0), "+00:00");
    assert_non_null(strstr(rg_cur_str(c, 1), "STRICT_ALL_TABLES"));
    assert_non_null(strstr(rg_cur_str(c, 1), "NO_ZERO_DATE"));
    assert_non_null(strstr(rg_cur_str(c, 1), "ERROR_FOR_DIVISION_BY_ZERO"));
    assert_string_equal(rg_cur_str(c, 2), "READ-COMMITTED");
    assert_int_equal(rg_cur_i64(c, 3), 5);
    assert_string_equal(rg_cur_str(c, 4), "utf8mb4");
    assert_int_equal(rg_cur_i64(c, 5), 1);
    assert_int_equal(rg_cur_end(c), RG_OK);
    /* Neither two statements in one nor files of the client's. */
    assert_int_equal(rg_conn_say(db, ctx, "SELECT 1; SELECT 2"), RG_INTERNAL);
    assert_int_equal(
        rg_conn_say(db, ctx, "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE parent"),
        RG_INTERNAL);
    return RG_OK;
}

static void the_session_is_what_we_need(void **state)
{
    read_in(*state, session, NULL);
}

static rg_outcome_t found(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    int64_t rows = -1;
    (void)baton;
    assert_int_equal(
        rg_sql_exec(db, ctx, "UPDATE parent SET id = 1 WHERE id = 1", RG_IN_NONE, &rows), RG_OK);
    assert_int_equal(rows, 1); /* found, though nothing changed */
    assert_int_equal(
        rg_sql_exec(db, ctx, "UPDATE parent SET id = 2 WHERE id = 77", RG_IN_NONE, &rows), RG_OK);
    assert_int_equal(rows, 0);
    return RG_OK;
}

static void updates_count_found_rows(void **state)
{
    read_in(*state, found, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_come_back_as_they_went),
        cmocka_unit_test(null_is_nothing_everywhere),
        cmocka_unit_test(rows_do_not_leak_into_each_other),
        cmocka_unit_test(statements_may_run_while_rows_are_read),
        cmocka_unit_test(columns_of_any_length),
        cmocka_unit_test(errors_have_outcomes),
        cmocka_unit_test(values_are_never_logged),
        cmocka_unit_test(misuse_is_caught),
        cmocka_unit_test(many_rows_in_one_round_trip),
        cmocka_unit_test(a_duplicate_in_a_bulk_undoes_all_of_it),
        cmocka_unit_test(a_column_of_two_types_is_refused),
        cmocka_unit_test(streams_need_no_memory),
        cmocka_unit_test(the_cache_is_bounded),
        cmocka_unit_test(the_cache_compares_words_too),
        cmocka_unit_test(a_statement_is_prepared_once),
        cmocka_unit_test(a_syntax_error_is_a_conflict),
        cmocka_unit_test(the_session_is_what_we_need),
        cmocka_unit_test(updates_count_found_rows),
    };
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
