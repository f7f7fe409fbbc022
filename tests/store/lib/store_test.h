/* SPDX-License-Identifier: Apache-2.0 */
/* What every store test starts with: cmocka, an open store on an empty database of this program's
 * own (rebuilt, migrated or not, dropped at the end), contexts, and a second connection that sees
 * what the store really wrote. */
#ifndef STORE_TEST_H
#define STORE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <mysql.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/policy.h"
#include "regen/store/store.h"

typedef struct {
    apr_pool_t *pool;
    rg_store_conf_t conf; /* change it before store_test_reopen */
    rg_store_t *store;
    rg_policy_t policy;
    MYSQL *sql;          /* beside the store: set-up, and looking at what is there */
    const char *sql_dir; /* the migrations */
} store_test_t;

/* Group set-up and tear-down: *state is a store_test_t with the whole schema, or with an empty
 * database. */
int store_test_setup(void **state);
int store_test_setup_empty(void **state);
int store_test_teardown(void **state);

/* Another store on the same database, as another process would have; closed with the returned
 * pool. */
rg_store_t *store_test_open(store_test_t *t, apr_pool_t **pool, const rg_store_conf_t *conf);

/* An anonymous context at 2026-12-01T15:00:00Z with problems and a pool of its own (destroyed by
 * store_test_done). */
rg_ctx_t *store_test_ctx(store_test_t *t);
void store_test_done(const rg_ctx_t *ctx);

/* Statements on the second connection; they fail the test when they fail. */
void store_test_exec(store_test_t *t, const char *sql);
int64_t store_test_value(store_test_t *t, const char *sql);
const char *store_test_text(store_test_t *t, const char *sql);
/* One more connection to the same database (close it with mysql_close). */
MYSQL *store_test_connect(store_test_t *t);

/* Log lines since the last store_test_log_clear that contain WORDS; every line if NULL. */
int store_test_log_count(const char *words);
void store_test_log_clear(void);

/* Runs FN in N threads at once, each with its number, and waits for all. */
void store_test_threads(int n, void (*fn)(void *baton, int number), void *baton);

/* Who did a step, for tests of something else: whoever is likely. */
extern const rg_act_in_t store_test_act;

#endif
