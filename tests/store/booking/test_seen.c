/* SPDX-License-Identifier: Apache-2.0 */
/* Every change of a booking names the state and the version that the caller saw: a booking that
 * changed in between, in another tab or on another node, is not changed. */
#include "booking_test.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"

#include <apr_atomic.h>

static int version_of(store_test_t *t, int64_t id)
{
    return (int)store_test_value(
        t, apr_psprintf(t->pool, "SELECT version FROM booking WHERE id = %d", (int)id));
}

static const char *status_of(store_test_t *t, int64_t id)
{
    return store_test_text(
        t, apr_psprintf(t->pool, "SELECT status FROM booking WHERE id = %d", (int)id));
}

/* The second tab looked, saw a hold, and gives it back for another time; the first tab booked it. */
static void what_was_booked_meanwhile_is_not_given_back(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_hold(t, "scan", BOOKING_AT(4, 600));
    rg_ctx_t *tab = booking_patient(t, 1, id);
    rg_booking_t *seen;
    const char *link;
    booking_fill(t, id);
    assert_int_equal(rg_booking_get(&seen, tab, id), RG_OK);
    assert_int_equal(seen->status, RG_BOOKING_HELD);
    assert_int_equal(rg_booking_confirm(&link, tab, id), RG_OK);
    assert_int_equal(rg_booking_give_back(tab, id, "other-time"), RG_PRECONDITION);
    assert_string_equal(status_of(t, id), "booked");
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM message WHERE kind ="
                                         " 'cancellation'"),
                     0);
    store_test_done(tab);
}

static rg_outcome_t confirm(const rg_ctx_t *ctx, int64_t id, int version)
{
    const char *link;
    return rg_booking_confirm_version(&link, ctx, id, version);
}

static rg_outcome_t cancel(const rg_ctx_t *ctx, int64_t id, int version)
{
    return rg_booking_cancel_version(ctx, id, version, "test");
}

static rg_outcome_t move(const rg_ctx_t *ctx, int64_t id, int version)
{
    rg_move_in_t in = {.start = BOOKING_AT(4, 720), .version = version};
    rg_hold_t out;
    return rg_booking_move(&out, ctx, id, &in);
}

static rg_outcome_t no_show(const rg_ctx_t *ctx, int64_t id, int version)
{
    return rg_booking_no_show_version(ctx, id, version);
}

static void a_page_that_is_no_longer_true_changes_nothing(void **state)
{
    static const struct {
        rg_outcome_t (*work)(const rg_ctx_t *ctx, int64_t id, int version);
        bool booked;
        bool staff;
    } ways[] = {{confirm, false, false}, {cancel, false, false}, {move, false, false},
                {cancel, true, false},   {move, true, false},    {cancel, true, true},
                {move, true, true},      {no_show, true, true}};
    store_test_t *t = *state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        int64_t id = ways[i].booked ? booking_must_book(t, "scan", BOOKING_AT(4, 600))
                                    : booking_must_hold(t, "scan", BOOKING_AT(4, 600));
        int minutes = ways[i].work == no_show ? 4 * 1440 : 1;
        booking_fill(t, id);
        int seen = version_of(t, id);
        store_test_exec(t, apr_psprintf(t->pool,
                                        "UPDATE booking SET version = version + 1"
                                        " WHERE id = %d",
                                        (int)id));
        const char *status = status_of(t, id);
        rg_ctx_t *ctx = ways[i].staff ? booking_staff(t, minutes) : booking_patient(t, minutes, id);
        assert_int_equal(ways[i].work(ctx, id, seen), RG_CONFLICT);
        assert_non_null(rg_problem_for(ctx->problems, "version"));
        assert_string_equal(status_of(t, id), status);
        assert_int_equal(version_of(t, id), seen + 1);
        ctx->problems = rg_problems_make(ctx->pool);
        assert_int_equal(ways[i].work(ctx, id, seen + 1), RG_OK);
        store_test_done(ctx);
        booking_clean(state);
    }
}

/* --- two at once ------------------------------------------------------------------------------ */

typedef struct {
    store_test_t *t;
    int64_t id;
    rg_outcome_t booked, given;
    apr_uint32_t ready;
} tabs_t;

static void one_tab(void *baton, int number)
{
    tabs_t *d = baton;
    rg_ctx_t *ctx = booking_patient(d->t, 1, d->id);
    const char *link;
    apr_atomic_inc32(&d->ready);
    while (apr_atomic_read32(&d->ready) < 2) {
        apr_thread_yield();
    }
    if (number == 0) {
        d->booked = rg_booking_confirm(&link, ctx, d->id);
    }
    else {
        d->given = rg_booking_give_back(ctx, d->id, "other-time");
    }
    store_test_done(ctx);
}

static void booking_and_giving_back_at_once(void **state)
{
    store_test_t *t = *state;
    int booked = 0;
    for (int round = 0; round < 40; round++) {
        tabs_t d = {.t = t, .id = booking_must_hold(t, "scan", BOOKING_AT(4, 600))};
        booking_fill(t, d.id);
        store_test_threads(2, one_tab, &d);
        assert_true((d.booked == RG_OK) != (d.given == RG_OK));
        assert_string_equal(status_of(t, d.id), d.booked == RG_OK ? "booked" : "cancelled");
        booked += d.booked == RG_OK;
        booking_clean(state);
    }
    print_message("# booked %d of 40\n", booked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_was_booked_meanwhile_is_not_given_back, booking_clean),
        cmocka_unit_test_setup(a_page_that_is_no_longer_true_changes_nothing, booking_clean),
        cmocka_unit_test_setup(booking_and_giving_back_at_once, booking_clean),
    };
    return cmocka_run_group_tests(tests, booking_setup, store_test_teardown);
}
