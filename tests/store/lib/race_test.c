/* SPDX-License-Identifier: Apache-2.0 */
/* See race_test.h. */
#include "race_test.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

#include <stdio.h>

int race_setup(void **state, int clients)
{
    booking_setup(state);
    store_test_t *t = *state;
    apr_pool_t *pool;
    rg_store_conf_t *conf = apr_pmemdup(t->pool, &t->conf, sizeof(t->conf));
    conf->max = clients;
    conf->acquire_timeout = apr_time_from_sec(60);
    t->store = store_test_open(t, &pool, conf);
    return 0;
}

/* Never the test's own connection, whose last statement may have ended just now. */
static bool kill_one(MYSQL *m, const store_test_t *t)
{
    char list[256];
    snprintf(list, sizeof(list),
             "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id NOT IN"
             " (CONNECTION_ID(), %lu) AND command <> 'Sleep' ORDER BY RAND() LIMIT 1",
             mysql_thread_id(t->sql));
    if (mysql_query(m, list) != 0) {
        return false;
    }
    MYSQL_RES *rows = mysql_store_result(m);
    MYSQL_ROW row = rows ? mysql_fetch_row(rows) : NULL;
    char sql[64] = "";
    if (row) {
        snprintf(sql, sizeof(sql), "KILL %s", row[0]);
    }
    if (rows) {
        mysql_free_result(rows);
    }
    return sql[0] && mysql_query(m, sql) == 0;
}

int race_kill(const store_test_t *t, apr_uint32_t *done, apr_uint32_t all)
{
    MYSQL *m = mysql_init(NULL);
    int kills = 0;
    if (mysql_real_connect(m, NULL, t->conf.user, t->conf.password, t->conf.database, 0,
                           t->conf.socket, 0)) {
        while (apr_atomic_read32(done) < all) {
            kills += kill_one(m, t);
            apr_sleep(8000);
        }
    }
    mysql_close(m);
    return kills;
}

rg_outcome_t race_count(apr_uint32_t counts[RG_OUTCOME_COUNT], rg_outcome_t rc)
{
    apr_atomic_inc32(&counts[rc]);
    if (rc == RG_UNAVAILABLE) {
        apr_sleep(100000);
    }
    return rc;
}

void race_print(const apr_uint32_t counts[RG_OUTCOME_COUNT])
{
    for (int i = 0; i < RG_OUTCOME_COUNT; i++) {
        if (counts[i] > 0) {
            print_message(" %s %u", rg_outcome_name((rg_outcome_t)i), counts[i]);
        }
    }
    print_message("\n");
}
