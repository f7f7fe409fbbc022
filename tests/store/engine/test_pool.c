/* SPDX-License-Identifier: Apache-2.0 */
/* The pool: never more connections than allowed, waiting that ends, a database that is down,
 * comes up, hangs or drops idle connections, and hot connections first. */
#include "store_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <apr_atomic.h>
#include <apr_network_io.h>

#include "mod_regen/store/engine/sql.h"
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

static const char WHO[] = "SELECT CONNECTION_ID()";

static rg_outcome_t who(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, WHO, RG_IN_NONE);
    if (rc != RG_OK) {
        return rc;
    }
    if (rg_cur_next(c) && baton) {
        *(int64_t *)baton = rg_cur_i64(c, 0);
    }
    return rg_cur_end(c);
}

static int64_t milliseconds(apr_time_t since)
{
    return apr_time_as_msec(apr_time_now() - since);
}

static rg_outcome_t ask(store_test_t *t, rg_store_t *store, int64_t *id)
{
    rg_ctx_t *ctx = store_test_ctx(t);
    ctx->store = store;
    rg_outcome_t rc = rg_store_read(ctx, who, id);
    store_test_done(ctx);
    return rc;
}

/* --- waiting -------------------------------------------------------------------------------- */

typedef struct {
    store_test_t *t;
    rg_store_t *store;
    apr_interval_time_t keep;
    apr_uint32_t inside, most, ok, unavailable;
    apr_uint32_t waited_ms; /* a refusal */
    apr_uint32_t slow;      /* that took longer than half a second */
} crowd_t;

static rg_outcome_t keep(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    crowd_t *c = baton;
    apr_uint32_t inside = apr_atomic_inc32(&c->inside) + 1;
    apr_uint32_t most = apr_atomic_read32(&c->most);
    while (inside > most && apr_atomic_cas32(&c->most, inside, most) != most) {
        most = apr_atomic_read32(&c->most);
    }
    rg_outcome_t rc = who(db, ctx, NULL);
    apr_sleep(c->keep);
    apr_atomic_dec32(&c->inside);
    return rc;
}

static void keep_one(void *baton, int number)
{
    crowd_t *c = baton;
    apr_time_t began = apr_time_now();
    rg_ctx_t *ctx = store_test_ctx(c->t);
    ctx->store = c->store;
    (void)number;
    rg_outcome_t rc = rg_store_read(ctx, keep, c);
    store_test_done(ctx);
    apr_atomic_inc32(rc == RG_OK ? &c->ok : &c->unavailable);
    if (rc != RG_OK) {
        apr_atomic_set32(&c->waited_ms, (apr_uint32_t)milliseconds(began));
        apr_atomic_add32(&c->slow, milliseconds(began) > 500 ? 1 : 0);
    }
}

static void never_more_than_allowed(void **state)
{
    store_test_t *t = *state;
    rg_store_conf_t conf = t->conf;
    apr_pool_t *own;
    conf.max = 3;
    crowd_t c = {.t = t, .store = store_test_open(t, &own, &conf), .keep = 20000};
    store_test_threads(16, keep_one, &c);
    assert_int_equal(c.ok, 16);
    assert_int_equal(c.most, 3);
    apr_pool_destroy(own);
}

static void waiting_ends(void **state)
{
    store_test_t *t = *state;
    rg_store_conf_t conf = t->conf;
    apr_pool_t *own;
    conf.max = 1;
    conf.acquire_timeout = apr_time_from_msec(200);
    crowd_t c = {.t = t, .store = store_test_open(t, &own, &conf), .keep = 1500000};
    store_test_log_clear();
    store_test_threads(3, keep_one, &c);
    assert_int_equal(c.ok, 1);
    assert_int_equal(c.unavailable, 2);
    assert_in_range(c.waited_ms, 150, 1000);
    assert_int_equal(store_test_log_count("RG01033"), 2);
    assert_int_equal(ask(t, c.store, NULL), RG_OK); /* the slot came back */
    apr_pool_destroy(own);
}

static void last_used_comes_first(void **state)
{
    store_test_t *t = *state;
    apr_pool_t *own;
    rg_store_t *store = store_test_open(t, &own, &t->conf);
    crowd_t c = {.t = t, .store = store, .keep = 50000};
    store_test_threads(4, keep_one, &c); /* several connections are open now */
    int64_t first = 0;
    int64_t id = 0;
    assert_int_equal(ask(t, store, &first), RG_OK);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(ask(t, store, &id), RG_OK);
        assert_true(id == first);
    }
    apr_pool_destroy(own);
}

/* --- a database that is not there ----------------------------------------------------------- */

static void down_at_start_and_back(void **state)
{
    store_test_t *t = *state;
    rg_store_conf_t conf = t->conf;
    const char *path = apr_psprintf(t->pool, "%s.later", t->conf.socket);
    apr_pool_t *own;
    unlink(path);
    conf.socket = path;
    rg_store_t *store = store_test_open(t, &own, &conf);
    store_test_log_clear();
    apr_time_t began = apr_time_now();
    for (int i = 0; i < 200; i++) {
        assert_int_equal(ask(t, store, NULL), RG_UNAVAILABLE);
    }
    assert_in_range(milliseconds(began), 0, 900);
    assert_int_equal(store_test_log_count("RG01030"), 1);
    assert_int_equal(symlink(t->conf.socket, path), 0);
    rg_outcome_t rc = RG_UNAVAILABLE;
    for (int i = 0; i < 40 && rc != RG_OK; i++) {
        apr_sleep(50000);
        rc = ask(t, store, NULL);
    }
    assert_int_equal(rc, RG_OK);
    assert_int_equal(store_test_log_count("RG01031"), 1);
    unlink(path);
    apr_pool_destroy(own);
}

/* A port that accepts and never says a word. */
static apr_socket_t *make_mute(apr_pool_t *p, int *port)
{
    apr_socket_t *s;
    apr_sockaddr_t *at;
    apr_sockaddr_info_get(&at, "127.0.0.1", APR_INET, 0, 0, p);
    apr_socket_create(&s, APR_INET, SOCK_STREAM, APR_PROTO_TCP, p);
    assert_int_equal(apr_socket_bind(s, at), APR_SUCCESS);
    assert_int_equal(apr_socket_listen(s, 64), APR_SUCCESS);
    apr_socket_addr_get(&at, APR_LOCAL, s);
    *port = at->port;
    return s;
}

static void a_mute_database_is_waited_for_once(void **state)
{
    store_test_t *t = *state;
    rg_store_conf_t conf = t->conf;
    apr_pool_t *own;
    conf.socket = NULL;
    conf.host = "127.0.0.1";
    conf.connect_timeout = apr_time_from_sec(1);
    conf.io_timeout = apr_time_from_sec(1);
    conf.max = 4;
    rg_store_t *store = store_test_open(t, &own, &conf);
    apr_socket_t *mute = make_mute(own, &conf.port);
    crowd_t c = {.t = t, .store = store};
    apr_time_t began = apr_time_now();
    store_test_threads(12, keep_one, &c);
    assert_int_equal(c.unavailable, 12);
    assert_in_range(milliseconds(began), 500, 3500); /* not twelve times one second */
    began = apr_time_now();
    for (int i = 0; i < 100; i++) {
        assert_int_equal(ask(t, store, NULL), RG_UNAVAILABLE);
    }
    /* At most one probe in there. */
    assert_in_range(milliseconds(began), 0, 2500);
    /* Time for a probe: one waits for it, nobody else. */
    apr_sleep(apr_time_from_sec(1) + 100000);
    c.slow = 0;
    store_test_threads(4, keep_one, &c);
    assert_int_equal(c.slow, 1);
    apr_socket_close(mute);
    apr_pool_destroy(own);
}

/* --- a server without TLS ------------------------------------------------------------------- */

/* What MariaDB says first, without the capability for TLS. */
static const char GREETING[] = "\x53\x00\x00\x00\x0a"
                               "10.11.0-MariaDB\0\x01\0\0\0"
                               "abcdefgh\0\x01\x82\x2d\x02\0\x08\0\x15\0\0\0\0\0\0\0\0\0\0"
                               "ijklmnopqrst\0mysql_native_password";

typedef struct {
    apr_socket_t *listener;
    apr_size_t heard;
} eavesdropper_t;

static void *APR_THREAD_FUNC eavesdrop(apr_thread_t *thread, void *data)
{
    eavesdropper_t *e = data;
    apr_socket_t *s;
    char buf[512];
    apr_size_t n = sizeof(GREETING);
    if (apr_socket_accept(&s, e->listener, apr_thread_pool_get(thread)) == APR_SUCCESS) {
        apr_socket_close(e->listener); /* who tries again finds nobody */
        apr_socket_timeout_set(s, apr_time_from_sec(3));
        apr_socket_send(s, GREETING, &n);
        e->heard = sizeof(buf);
        apr_socket_recv(s, buf, &e->heard);
        apr_socket_close(s);
    }
    return NULL;
}

static apr_size_t heard_from(store_test_t *t, const char *host)
{
    rg_store_conf_t conf = t->conf;
    apr_pool_t *own;
    apr_thread_t *thread;
    apr_status_t rv;
    conf.socket = NULL;
    conf.host = host;
    rg_store_t *store = store_test_open(t, &own, &conf);
    eavesdropper_t e = {make_mute(own, &conf.port), 0};
    apr_thread_create(&thread, NULL, eavesdrop, &e, own);
    assert_int_equal(ask(t, store, NULL), RG_UNAVAILABLE);
    apr_thread_join(&rv, thread);
    apr_pool_destroy(own);
    return e.heard;
}

/* 0.0.0.0 reaches this machine without being one of its names. */
static void nothing_is_said_to_another_machine_without_tls(void **state)
{
    assert_int_equal(heard_from(*state, "0.0.0.0"), 0);
    assert_true(heard_from(*state, "127.0.0.1") > 20);
}

/* --- connections the database closed -------------------------------------------------------- */

static void kill_connection(store_test_t *t, int64_t id)
{
    store_test_exec(t, apr_psprintf(t->pool, "KILL CONNECTION %d", (int)id));
    apr_sleep(20000);
}

static void idle_connections_may_be_closed(void **state)
{
    store_test_t *t = *state;
    for (int ping = 0; ping < 2; ping++) {
        rg_store_conf_t conf = t->conf;
        apr_pool_t *own;
        int64_t first = 0;
        int64_t second = 0;
        conf.idle_check = ping ? 1 : apr_time_from_sec(3600);
        rg_store_t *store = store_test_open(t, &own, &conf);
        assert_int_equal(ask(t, store, &first), RG_OK);
        kill_connection(t, first);
        store_test_log_clear();
        assert_int_equal(ask(t, store, &second), RG_OK);
        assert_true(first != second && second > 0);
        assert_int_equal(store_test_log_count("RG01032"), ping);
        apr_pool_destroy(own);
    }
}

static rg_outcome_t sleep_long(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    static const char SLEEP[] = "DO SLEEP(10)";
    ++*(int *)baton;
    return rg_sql_exec(db, ctx, SLEEP, RG_IN_NONE, NULL);
}

/* What took too long once is not asked again. */
static void a_slow_answer_ends_at_the_timeout(void **state)
{
    store_test_t *t = *state;
    rg_store_conf_t conf = t->conf;
    apr_pool_t *own;
    conf.io_timeout = apr_time_from_sec(1);
    rg_ctx_t *ctx = store_test_ctx(t);
    ctx->store = store_test_open(t, &own, &conf);
    for (int i = 0; i < 2; i++) {
        int runs = 0;
        apr_time_t began = apr_time_now();
        assert_int_equal(i == 0 ? rg_store_read(ctx, sleep_long, &runs)
                                : rg_store_transact(ctx, sleep_long, &runs),
                         RG_UNAVAILABLE);
        assert_int_equal(runs, 1);
        assert_in_range(milliseconds(began), 900, 3000);
    }
    store_test_done(ctx);
    apr_pool_destroy(own);
}

static void closing_leaves_no_connection(void **state)
{
    store_test_t *t = *state;
    rg_store_conf_t conf = t->conf;
    apr_pool_t *own;
    int64_t id = 0;
    rg_store_t *store = store_test_open(t, &own, &conf);
    assert_int_equal(ask(t, store, &id), RG_OK);
    const char *there = apr_psprintf(
        t->pool, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = %d", (int)id);
    assert_int_equal(store_test_value(t, there), 1);
    memset(&conf, 0xff, sizeof(conf)); /* whoever closes does not need the settings anymore */
    apr_pool_destroy(own);
    apr_sleep(50000);
    assert_int_equal(store_test_value(t, there), 0);
}

static void a_pool_needs_a_connection(void **state)
{
    store_test_t *t = *state;
    rg_store_conf_t conf = t->conf;
    rg_store_t *store;
    conf.max = 0;
    assert_int_equal(rg_store_open(&store, t->pool, &conf), RG_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_more_than_allowed),
        cmocka_unit_test(waiting_ends),
        cmocka_unit_test(last_used_comes_first),
        cmocka_unit_test(down_at_start_and_back),
        cmocka_unit_test(a_mute_database_is_waited_for_once),
        cmocka_unit_test(nothing_is_said_to_another_machine_without_tls),
        cmocka_unit_test(idle_connections_may_be_closed),
        cmocka_unit_test(a_slow_answer_ends_at_the_timeout),
        cmocka_unit_test(closing_leaves_no_connection),
        cmocka_unit_test(a_pool_needs_a_connection),
    };
    return cmocka_run_group_tests(tests, store_test_setup_empty, store_test_teardown);
}
