/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions: all or nothing, run again after real deadlocks and lost connections, never twice
 * for one request, numbers without gaps, and an audit trail that stays. */
#include "store_test.h"

#include <stdio.h>
#include <stdlib.h>

#include <apr_atomic.h>

#include "mod_regen/store/engine/sql.h"
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

static int setup(void **state)
{
    store_test_setup(state);
    store_test_exec(*state, "CREATE TABLE jar (id INT PRIMARY KEY, n INT NOT NULL)");
    store_test_exec(*state, "CREATE TABLE filler (id INT PRIMARY KEY)");
    store_test_exec(*state, "CREATE TABLE used (number BIGINT PRIMARY KEY)");
    return 0;
}

static int refill(void **state)
{
    store_test_exec(*state, "REPLACE INTO jar (id, n) VALUES (1, 0), (2, 0)");
    store_test_log_clear();
    return 0;
}

static const char ADD[] = "UPDATE jar SET n = n + 1 WHERE id = ?";

static int64_t jar(store_test_t *t, int id)
{
    return store_test_value(t, id == 1 ? "SELECT n FROM jar WHERE id = 1"
                                       : "SELECT n FROM jar WHERE id = 2");
}

/* --- all or nothing ------------------------------------------------------------------------- */

static rg_outcome_t add_then(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    assert_int_equal(rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(1)), NULL), RG_OK);
    return *(rg_outcome_t *)baton;
}

static void only_ok_commits(void **state)
{
    store_test_t *t = *state;
    for (int o = RG_OK; o < RG_OUTCOME_COUNT; o++) {
        rg_outcome_t wanted = (rg_outcome_t)o;
        rg_ctx_t *ctx = store_test_ctx(t);
        assert_int_equal(rg_store_transact(ctx, add_then, &wanted), wanted);
        store_test_done(ctx);
        assert_int_equal(jar(t, 1), 1); /* by the first round, which ended well */
    }
}

/* --- deadlocks ------------------------------------------------------------------------------ */

typedef struct {
    store_test_t *t;
    MYSQL *other; /* holds jar 2, then wants jar 1 */
    int attempts;
    bool swallow; /* the work function hides the deadlock */
    apr_thread_t *thread;
    apr_pool_t *pool;
} tangle_t;

static void run_or_fail(MYSQL *m, const char *sql)
{
    if (mysql_query(m, sql) != 0) {
        fprintf(stderr, "%s: %s\n", mysql_error(m), sql);
        abort();
    }
}

static void *APR_THREAD_FUNC want_first(apr_thread_t *thread, void *data)
{
    tangle_t *g = data;
    run_or_fail(g->other, "UPDATE jar SET n = n + 10 WHERE id = 1");
    run_or_fail(g->other, "COMMIT");
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

/* The other side has changed more rows, so InnoDB's victim is this one. */
static void hold_second(tangle_t *g)
{
    run_or_fail(g->other, "START TRANSACTION");
    run_or_fail(g->other, "INSERT INTO filler SELECT seq FROM seq_1_to_500");
    run_or_fail(g->other, "UPDATE jar SET n = n + 10 WHERE id = 2");
}

/* What waits for a lock may be asked by administrators only; that the statement runs may be asked
 * by anybody, and it cannot end before this side lets go. */
static void wait_until_blocked(store_test_t *t)
{
    for (int i = 0; i < 500; i++) {
        if (store_test_value(t, "SELECT COUNT(*) FROM information_schema.PROCESSLIST "
                                "WHERE INFO = 'UPDATE jar SET n = n + 10 WHERE id = 1'") > 0) {
            apr_sleep(100000);
            return;
        }
        apr_sleep(10000);
    }
    fail_msg("nobody waits for a lock");
}

static rg_outcome_t tangle(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    tangle_t *g = baton;
    g->attempts++;
    rg_problem_add(ctx->problems, "attempt", "number %d", g->attempts);
    rg_outcome_t rc = rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(1)), NULL);
    assert_int_equal(rc, RG_OK);
    if (g->attempts == 1) {
        apr_thread_create(&g->thread, NULL, want_first, g, g->pool);
        wait_until_blocked(g->t);
    }
    rc = rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(2)), NULL);
    if (g->attempts == 1) {
        assert_int_equal(rc, RG_UNAVAILABLE);
        assert_int_equal(rg_sql_error(db), RG_SQL_RETRY);
        assert_int_equal(db->errnum, 1213);
    }
    return g->swallow ? RG_OK : rc;
}

static void deadlock(store_test_t *t, bool swallow)
{
    tangle_t g = {.t = t, .other = store_test_connect(t), .swallow = swallow};
    apr_status_t rv;
    store_test_exec(t, "DELETE FROM filler");
    apr_pool_create(&g.pool, NULL);
    hold_second(&g);
    rg_ctx_t *ctx = store_test_ctx(t);
    rg_problem_add(ctx->problems, NULL, "was there before");
    assert_int_equal(rg_store_transact(ctx, tangle, &g), RG_OK);
    apr_thread_join(&rv, g.thread);
    assert_int_equal(g.attempts, 2);
    assert_int_equal(ctx->problems->list->nelts, 2);
    assert_string_equal(rg_problem_for(ctx->problems, "attempt"), "number 2");
    assert_int_equal(jar(t, 1), 11);
    assert_int_equal(jar(t, 2), 11);
    store_test_done(ctx);
    mysql_close(g.other);
    apr_pool_destroy(g.pool);
}

static void a_deadlock_is_run_again(void **state)
{
    deadlock(*state, false);
    assert_true(store_test_log_count("RG01003") >= 1);
}

static void a_hidden_deadlock_is_not_half_committed(void **state)
{
    deadlock(*state, true);
}

typedef struct {
    int attempts;
} patience_t;

static rg_outcome_t impatient(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    ((patience_t *)baton)->attempts++;
    rg_conn_say(db, ctx, "SET SESSION innodb_lock_wait_timeout = 0");
    rg_outcome_t rc = rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(1)), NULL);
    assert_int_equal(db->errnum, 1205);
    db->broken = rc == RG_OK; /* never */
    return rc;
}

static void retries_are_bounded(void **state)
{
    store_test_t *t = *state;
    patience_t p = {0};
    apr_pool_t *own;
    MYSQL *other = store_test_connect(t);
    run_or_fail(other, "START TRANSACTION");
    run_or_fail(other, "UPDATE jar SET n = n + 1 WHERE id = 1");
    rg_ctx_t *ctx = store_test_ctx(t);
    ctx->store = store_test_open(t, &own, &t->conf);
    assert_int_equal(rg_store_transact(ctx, impatient, &p), RG_UNAVAILABLE);
    assert_int_equal(p.attempts, 8);
    assert_int_equal(store_test_log_count("RG01041"), 1);
    mysql_close(other);
    store_test_done(ctx);
    apr_pool_destroy(own);
    assert_int_equal(jar(t, 1), 0);
}

/* --- connections that die ------------------------------------------------------------------- */

typedef struct {
    store_test_t *t;
    int attempts;
    enum { KILL_FIRST, KILL_EVERY, KILL_BEFORE_COMMIT } when;
} killing_t;

static void kill_own(store_test_t *t, rg_db_t *db)
{
    store_test_exec(t, apr_psprintf(t->pool, "KILL CONNECTION %lu", mysql_thread_id(db->mysql)));
}

static rg_outcome_t be_killed(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    killing_t *k = baton;
    k->attempts++;
    rg_outcome_t rc = rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(1)), NULL);
    if (rc == RG_OK && (k->attempts == 1 || k->when == KILL_EVERY)) {
        kill_own(k->t, db);
    }
    if (rc == RG_OK && k->when != KILL_BEFORE_COMMIT) {
        rc = rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(2)), NULL);
    }
    return rc;
}

static void a_transaction_survives_a_killed_connection(void **state)
{
    store_test_t *t = *state;
    killing_t k = {.t = t, .when = KILL_FIRST};
    rg_ctx_t *ctx = store_test_ctx(t);
    assert_int_equal(rg_store_transact(ctx, be_killed, &k), RG_OK);
    store_test_done(ctx);
    assert_int_equal(k.attempts, 2);
    assert_int_equal(jar(t, 1), 1);
    assert_int_equal(jar(t, 2), 1);
}

static void killing_again_and_again_ends(void **state)
{
    store_test_t *t = *state;
    killing_t k = {.t = t, .when = KILL_EVERY};
    rg_ctx_t *ctx = store_test_ctx(t);
    assert_int_equal(rg_store_transact(ctx, be_killed, &k), RG_UNAVAILABLE);
    store_test_done(ctx);
    assert_in_range(k.attempts, 1, 3);
    assert_int_equal(jar(t, 1), 0);
}

static void lost_at_commit_is_not_run_again(void **state)
{
    store_test_t *t = *state;
    killing_t k = {.t = t, .when = KILL_BEFORE_COMMIT};
    rg_ctx_t *ctx = store_test_ctx(t);
    assert_int_equal(rg_store_transact(ctx, be_killed, &k), RG_UNAVAILABLE);
    store_test_done(ctx);
    assert_int_equal(k.attempts, 1);
    assert_int_equal(store_test_log_count("RG01040"), 1);
}

static rg_outcome_t read_killed(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    static const char LOOK[] = "SELECT n FROM jar WHERE id = 1";
    killing_t *k = baton;
    rg_cur_t *c;
    k->attempts++;
    if (k->when == KILL_BEFORE_COMMIT) { /* here: after an answer */
        assert_int_equal(rg_sql_query(db, ctx, &c, LOOK, RG_IN_NONE), RG_OK);
        rg_cur_end(c);
    }
    if (k->attempts == 1) {
        kill_own(k->t, db);
    }
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, LOOK, RG_IN_NONE);
    return rc == RG_OK ? rg_cur_end(c) : rc;
}

static void a_read_survives_before_its_first_answer(void **state)
{
    store_test_t *t = *state;
    killing_t k = {.t = t, .when = KILL_FIRST};
    rg_ctx_t *ctx = store_test_ctx(t);
    assert_int_equal(rg_store_read(ctx, read_killed, &k), RG_OK);
    assert_int_equal(k.attempts, 2);
    k = (killing_t){.t = t, .when = KILL_BEFORE_COMMIT};
    assert_int_equal(rg_store_read(ctx, read_killed, &k), RG_UNAVAILABLE);
    assert_int_equal(k.attempts, 1);
    store_test_done(ctx);
}

/* --- given up underneath -------------------------------------------------------------------- */

typedef struct {
    int attempts, rows;
} underneath_t;

/* As a Galera node may do to a transaction in the way of another node's; the statement that finds
 * it out is a query, whose rows are on their way. */
static rg_outcome_t given_up(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    underneath_t *u = baton;
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(1)), NULL);
    if (rc == RG_OK && u->attempts++ == 0) {
        rc = rg_conn_say(db, ctx, "ROLLBACK");
    }
    if (rc == RG_OK) {
        rc = rg_sql_query(db, ctx, &c, "SELECT n FROM jar WHERE id < ?", RG_IN(RG_I(3)));
    }
    if (rc == RG_OK) {
        u->rows = 0;
        while (rg_cur_next(c)) {
            u->rows++;
        }
        rc = rg_cur_end(c);
    }
    return rc;
}

static void a_query_that_finds_its_transaction_gone_leaves_nothing_behind(void **state)
{
    store_test_t *t = *state;
    underneath_t u = {0, 0};
    rg_ctx_t *ctx = store_test_ctx(t);
    assert_int_equal(rg_store_transact(ctx, given_up, &u), RG_OK);
    store_test_done(ctx);
    assert_int_equal(u.attempts, 2);
    assert_int_equal(u.rows, 2);
    assert_int_equal(jar(t, 1), 1);
    assert_int_equal(store_test_log_count("RG01002"), 0);
    assert_int_equal(store_test_log_count("RG01001"), 0);
}

/* --- requests that arrive twice ------------------------------------------------------------- */

typedef struct {
    store_test_t *t;
    apr_uint32_t runs, ok, replayed;
    rg_outcome_t outcome;
    unsigned char key, request;
} twice_t;

static rg_outcome_t once(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    twice_t *w = baton;
    apr_atomic_inc32(&w->runs);
    rg_outcome_t rc = rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(1)), NULL);
    rg_once_result(db, "booking-17");
    return rc == RG_OK ? w->outcome : rc;
}

static rg_outcome_t ask(twice_t *w, rg_idem_t *idem)
{
    rg_ctx_t *ctx = store_test_ctx(w->t);
    memset(idem, 0, sizeof(*idem));
    memset(idem->key, w->key, sizeof(idem->key));
    memset(idem->request, w->request, sizeof(idem->request));
    ctx->idem = idem;
    rg_outcome_t rc = rg_store_once(ctx, once, w);
    if (rc == RG_OK && strcmp(idem->result, "booking-17") != 0) {
        rc = RG_INTERNAL;
    }
    store_test_done(ctx);
    return rc;
}

static void what_a_request_writes_by_the_way_leaves_its_key_alone(void **state)
{
    store_test_t *t = *state;
    twice_t w = {.t = t, .key = 0x77, .request = 7};
    rg_idem_t idem = {.natural = false};
    rg_ctx_t *ctx = store_test_ctx(t);
    memset(idem.key, w.key, sizeof(idem.key));
    ctx->idem = &idem;
    assert_int_equal(rg_store_transact(ctx, once, &w), RG_OK);
    assert_int_equal(rg_store_transact(ctx, once, &w), RG_OK);
    assert_null(idem.result);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM idempotency"
                                         " WHERE key_hash = UNHEX(REPEAT('77', 32))"),
                     0);
    store_test_done(ctx);
    assert_int_equal(ask(&w, &idem), RG_OK);
    assert_false(idem.replayed);
    assert_int_equal(w.runs, 3);
}

static void a_repeated_request_has_the_effect_of_one(void **state)
{
    store_test_t *t = *state;
    twice_t w = {.t = t, .key = 1, .request = 7};
    rg_idem_t idem;
    assert_int_equal(ask(&w, &idem), RG_OK);
    assert_false(idem.replayed);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(&w, &idem), RG_OK);
        assert_true(idem.replayed);
    }
    w.request = 8;
    assert_int_equal(ask(&w, &idem), RG_CONFLICT);
    assert_false(idem.replayed);
    assert_true(idem.other);
    w.key = 2;
    assert_int_equal(ask(&w, &idem), RG_OK);
    assert_false(idem.replayed || idem.other);
    assert_int_equal(w.runs, 2);
    assert_int_equal(jar(t, 1), 2);
}

static void a_refused_request_may_be_sent_again(void **state)
{
    store_test_t *t = *state;
    twice_t w = {.t = t, .key = 3, .outcome = RG_PRECONDITION};
    rg_idem_t idem;
    assert_int_equal(ask(&w, &idem), RG_PRECONDITION);
    w.outcome = RG_OK;
    assert_int_equal(ask(&w, &idem), RG_OK);
    assert_false(idem.replayed);
    assert_int_equal(jar(t, 1), 1);
}

static void ask_at_once(void *baton, int number)
{
    twice_t *w = baton;
    rg_idem_t idem;
    (void)number;
    if (ask(w, &idem) == RG_OK) {
        apr_atomic_inc32(&w->ok);
        apr_atomic_add32(&w->replayed, idem.replayed ? 1 : 0);
    }
}

static void the_same_request_from_many_at_once(void **state)
{
    store_test_t *t = *state;
    for (unsigned char round = 0; round < 10; round++) {
        twice_t w = {.t = t, .key = (unsigned char)(100 + round)};
        store_test_threads(8, ask_at_once, &w);
        assert_int_equal(w.ok, 8);
        assert_int_equal(w.replayed, 7);
        assert_int_equal(jar(t, 1), round + 1);
    }
}

/* --- numbers -------------------------------------------------------------------------------- */

typedef struct {
    store_test_t *t;
    rg_outcome_t outcome;
} take_t;

static rg_outcome_t take_number(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    static const char USE[] = "INSERT INTO used (number) VALUES (?)";
    int64_t number = 0;
    rg_outcome_t rc = rg_counter_next(db, ctx, "test", &number);
    if (rc == RG_OK) {
        rc = rg_sql_exec(db, ctx, USE, RG_IN(RG_I(number)), NULL);
    }
    return rc == RG_OK ? ((take_t *)baton)->outcome : rc;
}

static void take_many(void *baton, int number)
{
    for (int i = 0; i < 25; i++) {
        take_t take = {baton, (i + number) % 3 == 0 ? RG_PRECONDITION : RG_OK};
        rg_ctx_t *ctx = store_test_ctx(baton);
        rg_outcome_t rc = rg_store_transact(ctx, take_number, &take);
        if (rc != take.outcome) {
            fprintf(stderr, "taking a number ended %s\n", rg_outcome_name(rc));
            abort();
        }
        store_test_done(ctx);
    }
}

static void numbers_have_no_gaps(void **state)
{
    store_test_t *t = *state;
    store_test_threads(8, take_many, t);
    int64_t n = store_test_value(t, "SELECT COUNT(*) FROM used");
    assert_true(n > 100 && n < 8 * 25);
    assert_int_equal(store_test_value(t, "SELECT MIN(number) FROM used"), 1);
    assert_int_equal(store_test_value(t, "SELECT MAX(number) FROM used"), n);
    assert_int_equal(store_test_value(t, "SELECT last FROM counter WHERE name = 'test'"), n);
}

/* --- the trail ------------------------------------------------------------------------------ */

static rg_outcome_t leave_trace(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    return rg_audit_add(db, ctx, "test", "thing", 42, baton);
}

static void audited_by(store_test_t *t, rg_principal_t who, const char *ip, const char *actor)
{
    rg_ctx_t *ctx = store_test_ctx(t);
    ctx->who = who;
    ctx->client_ip = ip;
    assert_int_equal(rg_store_transact(ctx, leave_trace, NULL), RG_OK);
    store_test_done(ctx);
    assert_string_equal(
        store_test_text(t, "SELECT actor FROM audit_event ORDER BY id DESC LIMIT 1"), actor);
}

static void the_trail_says_who_and_stays(void **state)
{
    store_test_t *t = *state;
    audited_by(t, (rg_principal_t){.roles = RG_ROLE_BILLING, .staff_id = 7}, "::1", "staff:7");
    audited_by(t, (rg_principal_t){.roles = RG_ROLE_PATIENT, .booking_id = 12}, "::1",
               "booking:12");
    audited_by(t, (rg_principal_t){.roles = RG_ROLE_MACHINE, .token_id = 3}, "::1", "token:3");
    audited_by(t, (rg_principal_t){.roles = 0}, "::1", "visitor");
    audited_by(t, (rg_principal_t){.roles = RG_ROLE_ADMIN}, NULL, "system");
    assert_int_equal(store_test_value(t, "SELECT at FROM audit_event LIMIT 1"), 1796137200);
    assert_int_equal(mysql_query(t->sql, "UPDATE audit_event SET actor = 'x'"), 1);
    assert_int_equal(mysql_query(t->sql, "DELETE FROM audit_event"), 1);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM audit_event"), 5);
}

#define test(f) cmocka_unit_test_setup(f, refill)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(only_ok_commits),
        test(a_deadlock_is_run_again),
        test(a_hidden_deadlock_is_not_half_committed),
        test(retries_are_bounded),
        test(a_transaction_survives_a_killed_connection),
        test(killing_again_and_again_ends),
        test(lost_at_commit_is_not_run_again),
        test(a_read_survives_before_its_first_answer),
        test(a_query_that_finds_its_transaction_gone_leaves_nothing_behind),
        test(what_a_request_writes_by_the_way_leaves_its_key_alone),
        test(a_repeated_request_has_the_effect_of_one),
        test(a_refused_request_may_be_sent_again),
        test(the_same_request_from_many_at_once),
        test(numbers_have_no_gaps),
        test(the_trail_says_who_and_stays),
    };
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
