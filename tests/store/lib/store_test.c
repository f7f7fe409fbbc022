/* SPDX-License-Identifier: Apache-2.0 */
/* See store_test.h. Linked to every program of tests/store. */
#include "store_test.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/keys.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_thread_mutex.h>

/* --- the log -------------------------------------------------------------------------------- */

#define LINES 4096

static apr_thread_mutex_t *log_mutex;
static char log_lines[LINES][256];
static int log_count;

static void sink(void *baton, rg_log_level_t level, const char *file, int line, const char *text)
{
    (void)baton;
    apr_thread_mutex_lock(log_mutex);
    if (log_count < LINES) {
        apr_cpystrn(log_lines[log_count++], text, sizeof(log_lines[0]));
    }
    apr_thread_mutex_unlock(log_mutex);
    if (getenv("REGEN_TEST_VERBOSE")) {
        fprintf(stderr, "# %d %s:%d %s\n", (int)level, file, line, text);
    }
}

int store_test_log_count(const char *words)
{
    int n = 0;
    apr_thread_mutex_lock(log_mutex);
    for (int i = 0; i < log_count; i++) {
        n += !words || strstr(log_lines[i], words);
    }
    apr_thread_mutex_unlock(log_mutex);
    return n;
}

void store_test_log_clear(void)
{
    apr_thread_mutex_lock(log_mutex);
    log_count = 0;
    apr_thread_mutex_unlock(log_mutex);
}

/* --- the second connection ------------------------------------------------------------------ */

/* MariaDB 10.11 tells now and then of an error in the body of a trigger when it opens a table again;
 * the product asks once more, too (stmt.c). */
static bool is_trigger_misread(MYSQL *m)
{
    return strstr(mysql_error(m), "has an error in its body") != NULL;
}

static void checked(MYSQL *m, const char *sql)
{
    int failed = mysql_query(m, sql);
    for (int i = 0; failed != 0 && i < 5 && is_trigger_misread(m); i++) {
        failed = mysql_query(m, sql);
    }
    if (failed != 0) {
        fail_msg("%s: %s", mysql_error(m), sql);
    }
}

static MYSQL *connect_to(store_test_t *t, const char *database)
{
    MYSQL *m = mysql_init(NULL);
    assert_non_null(m);
    if (!mysql_real_connect(m, NULL, t->conf.user, t->conf.password, database, 0, t->conf.socket,
                            0)) {
        fail_msg("cannot connect: %s", mysql_error(m));
    }
    return m;
}

MYSQL *store_test_connect(store_test_t *t)
{
    return connect_to(t, t->conf.database);
}

void store_test_exec(store_test_t *t, const char *sql)
{
    checked(t->sql, sql);
    MYSQL_RES *rows = mysql_store_result(t->sql);
    if (rows) {
        mysql_free_result(rows);
    }
}

const char *store_test_text(store_test_t *t, const char *sql)
{
    checked(t->sql, sql);
    MYSQL_RES *rows = mysql_store_result(t->sql);
    assert_non_null(rows);
    MYSQL_ROW row = mysql_fetch_row(rows);
    const char *text = row && row[0] ? apr_pstrdup(t->pool, row[0]) : NULL;
    mysql_free_result(rows);
    return text;
}

int64_t store_test_value(store_test_t *t, const char *sql)
{
    const char *text = store_test_text(t, sql);
    return text ? strtoll(text, NULL, 10) : -1;
}

/* --- set-up --------------------------------------------------------------------------------- */

static const char *must_have(const char *name)
{
    const char *value = getenv(name);
    if (!value) {
        fprintf(stderr, "%s is not set: run `make check KIND=store`\n", name);
        exit(2);
    }
    return value;
}

static void fresh_database(store_test_t *t)
{
    MYSQL *m = connect_to(t, NULL);
    checked(m, apr_psprintf(t->pool, "DROP DATABASE IF EXISTS %s", t->conf.database));
    checked(m, apr_psprintf(t->pool,
                            "CREATE DATABASE %s CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
                            t->conf.database));
    mysql_close(m);
}

rg_store_t *store_test_open(store_test_t *t, apr_pool_t **pool, const rg_store_conf_t *conf)
{
    rg_store_t *store = NULL;
    apr_pool_create(pool, t->pool);
    assert_int_equal(rg_store_open(&store, *pool, conf), RG_OK);
    return store;
}

static const rg_keys_t keys = {1, {{.id = 7, .bytes = {1, 2, 3}}}};

int store_test_setup_empty(void **state)
{
    apr_initialize();
    apr_pool_t *p;
    apr_pool_create(&p, NULL);
    apr_thread_mutex_create(&log_mutex, APR_THREAD_MUTEX_DEFAULT, p);
    rg_log_set(sink, NULL);
    assert_true(rg_crypto_init());
    assert_true(rg_store_init());
    store_test_t *t = apr_pcalloc(p, sizeof(*t));
    t->pool = p;
    t->sql_dir = must_have("REGEN_TEST_SQL");
    t->conf = (rg_store_conf_t){.socket = must_have("REGEN_TEST_SOCKET"),
                                .user = must_have("REGEN_TEST_USER"),
                                .password = must_have("REGEN_TEST_PASSWORD"),
                                .database = must_have("REGEN_TEST_DATABASE"),
                                .max = 8,
                                .acquire_timeout = apr_time_from_sec(10),
                                .connect_timeout = apr_time_from_sec(5),
                                .io_timeout = apr_time_from_sec(30),
                                .idle_check = apr_time_from_sec(60)};
    t->policy = (rg_policy_t){.hold_time = apr_time_from_sec(600),
                              .offer_time = apr_time_from_sec(7200),
                              .session_idle = apr_time_from_sec(1800),
                              .session_max = apr_time_from_sec(36000),
                              .patient_session_max = apr_time_from_sec(3600),
                              .hold_extensions = 1,
                              .link_lifetime = apr_time_from_sec(90 * 86400),
                              .login_failures = 5,
                              .login_lock = apr_time_from_sec(900),
                              .search_days = 62,
                              .keys = &keys,
                              .fhir_base = "http://localhost/clinic/fhir",
                              .names = "http://localhost/clinic/fhir",
                              .code_system = "https://clinic.example/codes"};
    fresh_database(t);
    t->sql = store_test_connect(t);
    apr_pool_t *own;
    t->store = store_test_open(t, &own, &t->conf);
    *state = t;
    return 0;
}

static void print_line(void *baton, const char *line)
{
    if (strstr(line, "FAILED") || getenv("REGEN_TEST_VERBOSE")) {
        fprintf(stderr, "# %s\n", line);
    }
    (void)baton;
}

int store_test_setup(void **state)
{
    store_test_setup_empty(state);
    store_test_t *t = *state;
    rg_ctx_t *ctx = store_test_ctx(t);
    assert_int_equal(rg_store_migrate(ctx, t->sql_dir, print_line, NULL), RG_OK);
    store_test_done(ctx);
    /* The clock of these tests is made up, and the server has its own. */
    store_test_exec(t, "DROP TRIGGER step_event_by_the_clock");
    return 0;
}

int store_test_teardown(void **state)
{
    store_test_t *t = *state;
    mysql_close(t->sql);
    MYSQL *m = connect_to(t, NULL);
    checked(m, apr_psprintf(t->pool, "DROP DATABASE IF EXISTS %s", t->conf.database));
    mysql_close(m);
    rg_log_set(NULL, NULL);
    apr_pool_destroy(t->pool);
    mysql_server_end();
    apr_terminate();
    return 0;
}

/* --- contexts and threads ------------------------------------------------------------------- */

rg_ctx_t *store_test_ctx(store_test_t *t)
{
    apr_pool_t *p;
    apr_pool_create(&p, NULL); /* threads make them, too: no common parent */
    rg_ctx_t *ctx = apr_pcalloc(p, sizeof(*ctx));
    ctx->pool = p;
    ctx->now = apr_time_from_sec(INT64_C(1796137200));
    ctx->random = rg_crypto_random;
    ctx->store = t->store;
    ctx->policy = &t->policy;
    ctx->problems = rg_problems_make(p);
    return ctx;
}

void store_test_done(const rg_ctx_t *ctx)
{
    apr_pool_destroy(ctx->pool);
}

typedef struct {
    void (*fn)(void *baton, int number);
    void *baton;
    int number;
} job_t;

static void *APR_THREAD_FUNC run_job(apr_thread_t *thread, void *data)
{
    job_t *job = data;
    job->fn(job->baton, job->number);
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

void store_test_threads(int n, void (*fn)(void *baton, int number), void *baton)
{
    apr_pool_t *p;
    apr_pool_create(&p, NULL);
    apr_thread_t **threads = apr_pcalloc(p, (apr_size_t)n * sizeof(*threads));
    job_t *jobs = apr_pcalloc(p, (apr_size_t)n * sizeof(*jobs));
    for (int i = 0; i < n; i++) {
        jobs[i] = (job_t){fn, baton, i};
        assert_int_equal(apr_thread_create(&threads[i], NULL, run_job, &jobs[i], p), APR_SUCCESS);
    }
    for (int i = 0; i < n; i++) {
        apr_status_t rv;
        apr_thread_join(&rv, threads[i]);
    }
    apr_pool_destroy(p);
}

/* --- steps ------------------------------------------------------------------------------------ */

const rg_act_in_t store_test_act = {.done_by = NULL};
