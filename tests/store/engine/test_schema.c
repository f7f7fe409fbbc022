/* SPDX-License-Identifier: Apache-2.0 */
/* The schema check a module makes before it serves, and the splitter of migration files. What
 * regenctl migrate does when it is killed is in test_migrate.py. */
#include "store_test.h"

#include "mod_regen/store/engine/script.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

static rg_outcome_t check(store_test_t *t, rg_store_t *store, int *found)
{
    rg_ctx_t *ctx = store_test_ctx(t);
    ctx->store = store;
    rg_outcome_t rc = rg_store_schema_check(ctx, found);
    store_test_done(ctx);
    return rc;
}

static void quiet(void *baton, const char *line)
{
    (void)baton;
    (void)line;
}

static void only_the_right_schema_will_do(void **state)
{
    store_test_t *t = *state;
    apr_pool_t *own;
    rg_store_t *store = store_test_open(t, &own, &t->conf);
    int found = 7;
    store_test_log_clear();
    assert_int_equal(check(t, store, &found), RG_UNAVAILABLE);
    assert_int_equal(found, 0);
    assert_int_equal(check(t, store, &found), RG_UNAVAILABLE);
    assert_int_equal(store_test_log_count("RG01050"), 1); /* not for every request */
    assert_int_equal(store_test_log_count("RG01002"), 0); /* an empty database is no error */
    rg_ctx_t *ctx = store_test_ctx(t);
    assert_int_equal(rg_store_migrate(ctx, t->sql_dir, quiet, NULL), RG_OK);
    store_test_done(ctx);
    assert_int_equal(check(t, store, &found), RG_OK); /* noticed without a restart */
    assert_int_equal(found, RG_SCHEMA_VERSION);
    /* Known now: asks no more; what is written and read says when it changes. */
    store_test_exec(t, "RENAME TABLE schema_migration TO elsewhere");
    assert_int_equal(check(t, store, &found), RG_OK);
    store_test_exec(t, "RENAME TABLE elsewhere TO schema_migration");
    apr_pool_destroy(own);
}

static void mismatch(store_test_t *t, const char *change, int expected)
{
    apr_pool_t *own;
    int found = 99;
    rg_store_t *store = store_test_open(t, &own, &t->conf);
    store_test_exec(t, "CREATE TABLE kept AS SELECT * FROM schema_migration");
    store_test_exec(t, change);
    assert_int_equal(check(t, store, &found), RG_UNAVAILABLE);
    assert_int_equal(found, expected);
    store_test_exec(t, "DELETE FROM schema_migration");
    store_test_exec(t, "INSERT INTO schema_migration SELECT * FROM kept");
    store_test_exec(t, "DROP TABLE kept");
    assert_int_equal(check(t, store, &found), RG_OK);
    apr_pool_destroy(own);
}

static void older_newer_and_half_are_wrong(void **state)
{
    store_test_t *t = *state;
    mismatch(
        t,
        apr_psprintf(t->pool, "DELETE FROM schema_migration WHERE version = %d", RG_SCHEMA_VERSION),
        RG_SCHEMA_VERSION - 1);
    mismatch(t,
             apr_psprintf(t->pool,
                          "DELETE FROM schema_migration WHERE version = %d AND statement_no = 0",
                          RG_SCHEMA_VERSION),
             RG_SCHEMA_VERSION - 1);
    mismatch(t,
             apr_psprintf(t->pool, "INSERT INTO schema_migration VALUES (%d, 0, '', 'new', 0)",
                          RG_SCHEMA_VERSION + 1),
             RG_SCHEMA_VERSION + 1);
    mismatch(t,
             apr_psprintf(t->pool, "INSERT INTO schema_migration VALUES (%d, 1, '', 'half', 0)",
                          RG_SCHEMA_VERSION + 1),
             RG_SCHEMA_VERSION);
}

static void a_database_that_is_down_is_not_an_old_one(void **state)
{
    store_test_t *t = *state;
    rg_store_conf_t conf = t->conf;
    apr_pool_t *own;
    int found = 7;
    conf.socket = "/nonexistent/socket";
    rg_store_t *store = store_test_open(t, &own, &conf);
    assert_int_equal(check(t, store, &found), RG_UNAVAILABLE);
    assert_int_equal(found, -1);
    apr_pool_destroy(own);
}

/* --- the splitter --------------------------------------------------------------------------- */

static rg_outcome_t split(store_test_t *t, rg_script_t *out, const char *text, const char **why)
{
    *why = NULL;
    return rg_script_split(out, t->pool, text, strlen(text), why);
}

static void assert_statement(const rg_script_t *s, int i, const char *text, int line)
{
    assert_true(i < s->count);
    assert_int_equal(s->stmts[i].len, strlen(text));
    assert_memory_equal(s->stmts[i].text, text, strlen(text));
    assert_int_equal(s->stmts[i].line, line);
    assert_int_equal(s->bytes[s->stmts[i].end - 1], ';');
}

static void statements_end_where_the_rule_says(void **state)
{
    const char *why;
    rg_script_t s;
    assert_int_equal(split(*state, &s,
                           "-- a comment\n\n-- another;\n\nSELECT 1;\n\n\nCREATE TRIGGER t\nBEGIN\n"
                           "  SET a = 1;\n  SET b = ';';\nEND;\n   \n-- last\nSELECT 2,\r\n 3;",
                           &why),
                     RG_OK);
    assert_int_equal(s.count, 3);
    assert_statement(&s, 0, "SELECT 1", 5);
    assert_statement(&s, 1, "CREATE TRIGGER t\nBEGIN\n  SET a = 1;\n  SET b = ';';\nEND", 8);
    assert_statement(&s, 2, "SELECT 2,\r\n 3", 15);
}

static void nothing_is_no_statement(void **state)
{
    const char *why;
    rg_script_t s;
    assert_int_equal(split(*state, &s, "", &why), RG_OK);
    assert_int_equal(s.count, 0);
    assert_int_equal(split(*state, &s, "\n-- only;\n\n--\n", &why), RG_OK);
    assert_int_equal(s.count, 0);
}

static void unfinished_statements_are_refused(void **state)
{
    static const char *const BAD[] = {"SELECT 1", "SELECT 1;\n\nSELECT 2\n",
                                      "SELECT 1; -- done\n\nSELECT 2\n\n"};
    for (size_t i = 0; i < sizeof(BAD) / sizeof(*BAD); i++) {
        const char *why;
        rg_script_t s;
        assert_int_equal(split(*state, &s, BAD[i], &why), RG_INVALID);
        assert_non_null(strstr(why, i == 1 ? "line 3" : "line 1"));
    }
    const char *why;
    rg_script_t s;
    assert_int_equal(rg_script_split(&s, ((store_test_t *)*state)->pool, "a\0b;", 4, &why),
                     RG_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_right_schema_will_do),
        cmocka_unit_test(older_newer_and_half_are_wrong),
        cmocka_unit_test(a_database_that_is_down_is_not_an_old_one),
        cmocka_unit_test(statements_end_where_the_rule_says),
        cmocka_unit_test(nothing_is_no_statement),
        cmocka_unit_test(unfinished_statements_are_refused),
    };
    return cmocka_run_group_tests(tests, store_test_setup_empty, store_test_teardown);
}
