/* SPDX-License-Identifier: Apache-2.0 */
/* Until when a patient may move or cancel alone: one function for all who show it or refuse by
 * it. */
#include "core_test.h"

#include <regen/clinic.h>

#define HOUR  apr_time_from_sec(3600)
#define START (1000 * HOUR)

static const rg_service_t service = {.cancel_notice_minutes = 48 * 60,
                                     .move_notice_minutes = 24 * 60};

static rg_booking_t booking(rg_booking_status_t status)
{
    return (rg_booking_t){.status = status, .starts_at = START};
}

static void last_instants(void **state)
{
    (void)state;
    static const struct {
        int hours_left;
        bool cancel, move;
    } at[] = {{100, true, true},  {48, true, true},  {42, false, true}, {24, false, true},
              {23, false, false}, {0, false, false}, {-5, false, false}};
    rg_booking_t b = booking(RG_BOOKING_HELD);
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        rg_deadlines_t d = rg_deadlines(&b, &service, START - at[i].hours_left * HOUR);
        assert_int_equal(d.cancel_until, at[i].cancel ? START - 48 * HOUR : 0);
        assert_int_equal(d.move_until, at[i].move ? START - 24 * HOUR : 0);
    }
}

static void only_of_what_is_ahead(void **state)
{
    (void)state;
    for (int s = RG_BOOKING_HELD; s <= RG_BOOKING_NO_SHOW; s++) {
        rg_booking_t b = booking((rg_booking_status_t)s);
        rg_deadlines_t d = rg_deadlines(&b, &service, START - 100 * HOUR);
        bool ahead = s == RG_BOOKING_HELD || s == RG_BOOKING_BOOKED;
        assert_int_equal(d.cancel_until != 0, ahead);
        assert_int_equal(d.move_until != 0, ahead);
    }
}

static void staff_only_is_never_moved_alone(void **state)
{
    (void)state;
    rg_service_t s = service;
    rg_booking_t b = booking(RG_BOOKING_BOOKED);
    s.staff_only = true;
    assert_int_equal(rg_deadlines(&b, &s, 0).move_until, 0);
    assert_int_equal(rg_deadlines(&b, &s, 0).cancel_until, START - 48 * HOUR);
}

/* Refused, moved far away, refused still; and again after another move. */
static void passed_stays_passed(void **state)
{
    (void)state;
    rg_booking_t b = booking(RG_BOOKING_BOOKED);
    apr_time_t now = START - 42 * HOUR;
    b.cancel_before = rg_cancel_carried(&b, &service, now);
    assert_int_equal(b.cancel_before, START - 48 * HOUR);
    b.starts_at = START + 500 * HOUR;
    assert_int_equal(rg_deadlines(&b, &service, now).cancel_until, 0);
    assert_true(rg_deadlines(&b, &service, now).move_until != 0);
    assert_int_equal(rg_cancel_carried(&b, &service, now), START - 48 * HOUR);
    assert_int_equal(rg_cancel_firm_before(&b, &service, now), APR_INT64_MAX);
}

static void in_time_carries_nothing(void **state)
{
    (void)state;
    rg_booking_t b = booking(RG_BOOKING_BOOKED);
    assert_int_equal(rg_cancel_carried(&b, &service, START - 48 * HOUR), 0);
    b.status = RG_BOOKING_HELD;
    assert_int_equal(rg_cancel_carried(&b, &service, START - 42 * HOUR), 0);
}

/* What is shown beside a time is what is said of it once it is booked. */
static void shown_is_what_counts(void **state)
{
    (void)state;
    for (int hours = 0; hours < 100; hours++) {
        rg_booking_t b = booking(RG_BOOKING_BOOKED);
        apr_time_t now = START - hours * HOUR;
        bool firm = b.starts_at < rg_cancel_firm_before(NULL, &service, now);
        assert_int_equal(firm, rg_deadlines(&b, &service, now).cancel_until == 0);
    }
    assert_int_equal(rg_cancel_last_of_start(START, &service), START - 48 * HOUR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {pool_test(last_instants),
                                       pool_test(only_of_what_is_ahead),
                                       pool_test(staff_only_is_never_moved_alone),
                                       pool_test(passed_stays_passed),
                                       pool_test(in_time_carries_nothing),
                                       pool_test(shown_is_what_counts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
