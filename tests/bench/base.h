/* SPDX-License-Identifier: Apache-2.0 */
/* What every program of this folder begins with: the environment of the store tests, an empty
 * database with the schema, a context, bare connections. Part of each program. */
#ifndef BENCH_BASE_H
#define BENCH_BASE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <mysql.h>
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/keys.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/core/xml.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

#define NOW  INT64_C(1796137200) /* 2026-12-01, 10:00 in New York */
#define BASE "https://clinic.example/fhir"

static const rg_keys_t keys = {1, {{.id = 7, .bytes = {1, 2, 3}}}};
static rg_policy_t policy = {.hold_time = APR_TIME_C(600000000),
                             .search_days = 62,
                             .names = BASE,
                             .code_system = BASE "/codes",
                             .keys = &keys};
static apr_pool_t *pool, *store_pool;
static rg_store_conf_t conf;
static rg_store_t *store;

static void stop(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, why);
    exit(1);
}

static const char *need(const char *name)
{
    const char *value = getenv(name);
    if (!value)
        stop(name, "is not set: run `make bench`");
    return value;
}

/* --- bare Connector/C ------------------------------------------------------------------------- */

static MYSQL *connect_bare(const char *database)
{
    MYSQL *m = mysql_init(NULL);
    if (!m)
        stop("cannot connect", "memory");
    mysql_optionsv(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (!mysql_real_connect(m, NULL, conf.user, conf.password, database, 0, conf.socket, 0))
        stop("cannot connect", mysql_error(m));
    return m;
}

static void run(MYSQL *m, const char *sql)
{
    if (mysql_query(m, sql) != 0)
        stop(sql, mysql_error(m));
    MYSQL_RES *rows = mysql_store_result(m);
    if (rows)
        mysql_free_result(rows);
}

/* --- the library's way ------------------------------------------------------------------------ */

static rg_ctx_t *make_ctx(void)
{
    apr_pool_t *p;
    apr_pool_create(&p, NULL);
    rg_ctx_t *ctx = apr_pcalloc(p, sizeof(*ctx));
    ctx->pool = p;
    ctx->now = apr_time_from_sec(NOW);
    ctx->random = rg_crypto_random;
    ctx->store = store;
    ctx->policy = &policy;
    ctx->problems = rg_problems_make(p);
    return ctx;
}

static void open_store(void)
{
    if (!store_pool)
        apr_pool_create(&store_pool, pool);
    if (rg_store_open(&store, store_pool, &conf) != RG_OK)
        stop("rg_store_open", "failed");
}

static void say_nothing(void *baton, const char *line)
{
    (void)baton;
    (void)line;
}

/* The libraries, and an empty database with the schema; the store is open, for CONNECTIONS at
 * most. */
static void begin(int connections)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    rg_xml_init();
    if (!rg_crypto_init() || !rg_store_init())
        stop("libraries", "did not start");
    conf = (rg_store_conf_t){.socket = need("REGEN_TEST_SOCKET"),
                             .user = need("REGEN_TEST_USER"),
                             .password = need("REGEN_TEST_PASSWORD"),
                             .database = need("REGEN_TEST_DATABASE"),
                             .max = connections,
                             .acquire_timeout = apr_time_from_sec(30),
                             .connect_timeout = apr_time_from_sec(5),
                             .io_timeout = apr_time_from_sec(600),
                             .idle_check = apr_time_from_sec(600)};
    MYSQL *m = connect_bare(NULL);
    run(m, apr_pstrcat(pool, "DROP DATABASE IF EXISTS ", conf.database, NULL));
    run(m, apr_pstrcat(pool, "CREATE DATABASE ", conf.database,
                       " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", NULL));
    mysql_close(m);
    open_store();
    rg_ctx_t *ctx = make_ctx();
    if (rg_store_migrate(ctx, need("REGEN_TEST_SQL"), say_nothing, NULL) != RG_OK)
        stop("rg_store_migrate", "failed");
    apr_pool_destroy(ctx->pool);
}

static int finish(void)
{
    MYSQL *m = connect_bare(NULL);
    run(m, apr_pstrcat(pool, "DROP DATABASE ", conf.database, NULL));
    mysql_close(m);
    apr_pool_destroy(pool);
    apr_terminate();
    return 0;
}

/* --- numbers ---------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

__attribute__((unused)) static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof(*v), ascending);
    return v[n / 2];
}

#endif
