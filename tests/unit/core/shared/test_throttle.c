/* SPDX-License-Identifier: Apache-2.0 */
/* Rate limits: bursts, refills, clocks set back, crowds, threads. */
#include "core_test.h"
#include "regen/core/crypto.h"
#include "regen/core/throttle.h"

#include <apr_strings.h>
#include <apr_thread_proc.h>

#define SEC APR_USEC_PER_SEC
#define NOW (1764331200 * SEC)

static const unsigned char KEY[16] = "sixteen bytes ok";
static const rg_rate_t FIVE = {5, 60};

static void *memory(apr_pool_t *p)
{
    char *m = apr_pcalloc(p, rg_throttle_size() + 64);
    return m + 64 - (uintptr_t)m % 64;
}

static rg_throttle_t *table(apr_pool_t *p)
{
    return rg_throttle_lay_out(memory(p), KEY);
}

static int taken(rg_throttle_t *t, apr_time_t now, const char *who, int tries)
{
    int n = 0;
    for (int i = 0; i < tries; i++) {
        n += rg_throttle_take(t, now, &FIVE, "test", who) == 0;
    }
    return n;
}

static void so_many_and_no_more(void **state)
{
    rg_throttle_t *t = table(*state);
    assert_int_equal(taken(t, NOW, "a", 20), 5);
    assert_int_equal(rg_throttle_take(t, NOW, &FIVE, "test", "a"), 12 * SEC);
    /* Others and other purposes are not touched by that. */
    assert_int_equal(taken(t, NOW, "b", 20), 5);
    assert_int_equal(rg_throttle_take(t, NOW, &FIVE, "other", "a"), 0);
}

static void tries_come_back_evenly(void **state)
{
    rg_throttle_t *t = table(*state);
    assert_int_equal(taken(t, NOW, "a", 5), 5);
    assert_int_equal(taken(t, NOW + 12 * SEC - 1000, "a", 3), 0);
    assert_int_equal(taken(t, NOW + 12 * SEC, "a", 3), 1);
    assert_int_equal(taken(t, NOW + 72 * SEC, "a", 20), 5);
}

static void a_look_does_not_count(void **state)
{
    rg_throttle_t *t = table(*state);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(rg_throttle_wait(t, NOW, &FIVE, "test", "a"), 0);
    }
    assert_int_equal(taken(t, NOW, "a", 20), 5);
    assert_true(rg_throttle_wait(t, NOW, &FIVE, "test", "a") > 0);
}

static void honest_tries_are_given_back(void **state)
{
    rg_throttle_t *t = table(*state);
    assert_int_equal(taken(t, NOW, "a", 5), 5);
    rg_throttle_give_back(t, NOW, &FIVE, "test", "a", 1);
    assert_int_equal(taken(t, NOW, "a", 5), 1);
    rg_throttle_give_back(t, NOW, &FIVE, "test", "a", 0);
    assert_int_equal(taken(t, NOW, "a", 20), 5);
    /* Somebody unknown has nothing to get back. */
    rg_throttle_give_back(t, NOW, &FIVE, "test", "b", 3);
    assert_int_equal(taken(t, NOW, "b", 20), 5);
}

static void no_limit_is_no_limit(void **state)
{
    rg_rate_t any = {0, 60};
    rg_throttle_t *t = table(*state);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(rg_throttle_take(t, NOW, &any, "test", "a"), 0);
        assert_int_equal(rg_throttle_take(NULL, NOW, &FIVE, "test", "a"), 0);
    }
}

/* A clock that was ahead for an hour must not lock people out for an hour when it is set right. */
static void a_clock_set_back_locks_nobody_out(void **state)
{
    rg_throttle_t *t = table(*state);
    assert_int_equal(taken(t, NOW + 3600 * SEC, "a", 5), 5);
    assert_int_equal(taken(t, NOW, "a", 20), 5);
}

/* A hundred thousand addresses do not fit; whoever has used up everything is not the one forgotten
 * for those who came once. */
static void a_crowd_does_not_free_who_is_blocked(void **state)
{
    rg_throttle_t *t = table(*state);
    int blocked = 0;
    for (int i = 0; i < 100; i++) {
        assert_true(taken(t, NOW, apr_psprintf(*state, "bad %d", i), 9) >= 4);
    }
    for (int i = 0; i < 100000; i++) {
        char who[32];
        snprintf(who, sizeof(who), "10.%d.%d.%d", i >> 16, (i >> 8) & 255, i & 255);
        (void)rg_throttle_take(t, NOW, &FIVE, "test", who);
    }
    for (int i = 0; i < 100; i++) {
        blocked += rg_throttle_wait(t, NOW, &FIVE, "test", apr_psprintf(*state, "bad %d", i)) > 0;
    }
    assert_true(blocked >= 90);
}

static void another_layout_is_not_used(void **state)
{
    assert_null(rg_throttle_found(memory(*state)));
    rg_throttle_t *t = table(*state);
    assert_ptr_equal(rg_throttle_found(t), t);
}

typedef struct {
    rg_throttle_t *t;
    int got;
} worker_t;

static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *data)
{
    worker_t *w = data;
    (void)thread;
    w->got = taken(w->t, NOW, "one", 2000);
    return NULL;
}

static void threads_together_get_no_more(void **state)
{
    worker_t workers[8];
    apr_thread_t *threads[8];
    rg_throttle_t *t = table(*state);
    int all = 0;
    for (int i = 0; i < 8; i++) {
        workers[i] = (worker_t){.t = t};
        assert_int_equal(apr_thread_create(&threads[i], NULL, work, &workers[i], *state), 0);
    }
    for (int i = 0; i < 8; i++) {
        apr_status_t rv;
        apr_thread_join(&rv, threads[i]);
        all += workers[i].got;
    }
    assert_int_equal(all, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(so_many_and_no_more),
        pool_test(tries_come_back_evenly),
        pool_test(a_look_does_not_count),
        pool_test(honest_tries_are_given_back),
        pool_test(no_limit_is_no_limit),
        pool_test(a_clock_set_back_locks_nobody_out),
        pool_test(a_crowd_does_not_free_who_is_blocked),
        pool_test(another_layout_is_not_used),
        pool_test(threads_together_get_no_more),
    };
    rg_crypto_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
