/* SPDX-License-Identifier: Apache-2.0 */
/* The door in front of the password check: a crowd of strangers keeps nobody out who is known. */
#include "core_test.h"

#include <apr_thread_proc.h>

#include "mod_regen/web/platform/gate.c"

#define LONG_WAIT (30 * APR_USEC_PER_SEC)

static void one_place_is_not_for_strangers(void **state)
{
    regen_gate_t *g = regen_gate_make(*state, 2);
    assert_true(regen_gate_enter(g, 0, false));
    assert_false(regen_gate_enter(g, 0, false));
    assert_true(regen_gate_enter(g, 0, true));
    assert_false(regen_gate_enter(g, 0, true));
    regen_gate_leave(g);
    /* The place that is left is the kept one. */
    assert_false(regen_gate_enter(g, 0, false));
    regen_gate_leave(g);
    assert_true(regen_gate_enter(g, 0, false));
}

static void the_only_place_is_for_everybody(void **state)
{
    regen_gate_t *g = regen_gate_make(*state, 1);
    assert_true(regen_gate_enter(g, 0, false));
    assert_false(regen_gate_enter(g, 0, true));
    regen_gate_leave(g);
    assert_true(regen_gate_enter(g, 0, true));
}

static void no_gate_lets_nobody_in(void **state)
{
    (void)state;
    assert_false(regen_gate_enter(NULL, 0, true));
}

static void *APR_THREAD_FUNC known_one(apr_thread_t *thread, void *data)
{
    (void)thread;
    return regen_gate_enter(data, LONG_WAIT, true) ? data : NULL;
}

static bool somebody_known_waits(regen_gate_t *g)
{
    apr_thread_mutex_lock(g->mutex);
    bool waits = g->known_waiting > 0;
    apr_thread_mutex_unlock(g->mutex);
    return waits;
}

/* While somebody known waits, a place that becomes free is not a stranger's. */
static void who_is_known_goes_first(void **state)
{
    regen_gate_t *g = regen_gate_make(*state, 1);
    apr_thread_t *thread;
    apr_status_t rv;
    assert_true(regen_gate_enter(g, 0, false));
    assert_int_equal(apr_thread_create(&thread, NULL, known_one, g, *state), 0);
    while (!somebody_known_waits(g)) {
        apr_sleep(1000);
    }
    apr_thread_mutex_lock(g->mutex);
    g->free = 1; /* as after a leave, before the known one wakes */
    assert_false(has_gate_room(g, false));
    assert_true(has_gate_room(g, true));
    g->free = 0;
    apr_thread_mutex_unlock(g->mutex);
    regen_gate_leave(g);
    assert_int_equal(apr_thread_join(&rv, thread), 0);
    assert_false(somebody_known_waits(g));
    assert_false(regen_gate_enter(g, 0, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(one_place_is_not_for_strangers),
        pool_test(the_only_place_is_for_everybody),
        pool_test(no_gate_lets_nobody_in),
        pool_test(who_is_known_goes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
