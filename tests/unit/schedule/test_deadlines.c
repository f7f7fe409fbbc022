/* SPDX-License-Identifier: Apache-2.0 */
/* Until when a patient may move or cancel alone, and from which day on what is to be done: one
 * function for all who show it or refuse by it. */
#include "core_test.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/clinic/schedule.h"

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
        bool cancel;
        bool move;
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

/* --- from when on ----------------------------------------------------------------------------- */

static apr_time_t at(const char *instant)
{
    apr_time_t t = 0;
    assert_true(rg_time_parse(&t, instant));
    return t;
}

static rg_preparing_t rules[] = {
    {.code = "nsaid", .words = "Stop", .applies = "", .from_days = 7, .too_late = "warn"},
    {.code = "water",
     .words = "Drink",
     .applies = "",
     .from_days = 1,
     .until_days = 1,
     .too_late = "warn"},
    {.code = "food", .words = "Fast", .applies = "", .from_days = 0, .too_late = "warn"}};
static const rg_service_t prepared = {.preparing_count = 3, .preparing = rules};

/* Local days of the site, also where a clock change and midnight UTC lie between. */
static void days_of_a_start(void **state)
{
    const rg_zone_t *zone = rg_zone_open(*state, "America/New_York");
    apr_time_t start = at("2026-11-04T02:00:00Z"); /* 3 November, 9 pm; clocks changed on the 1st */
    int n;
    rg_prepare_day_t *days =
        rg_preparing(&n, *state, &prepared, zone, start, at("2026-10-28T03:59:00Z"));
    assert_int_equal(n, 3);
    assert_string_equal(rg_date_iso(*state, days[0].from), "2026-10-27");
    assert_string_equal(rg_date_iso(*state, days[0].until), "2026-11-03");
    assert_string_equal(rg_date_iso(*state, days[1].from), "2026-11-02");
    assert_string_equal(rg_date_iso(*state, days[1].until), "2026-11-02");
    assert_string_equal(rg_date_iso(*state, days[2].from), "2026-11-03");
    assert_false(days[0].late || days[1].late || days[2].late);
    days = rg_preparing(&n, *state, &prepared, zone, start, at("2026-10-28T04:00:00Z"));
    assert_true(days[0].late);
    assert_false(days[1].late || days[2].late);
}

static void first_day_that_is_still_to_come(void **state)
{
    const rg_zone_t *zone = rg_zone_open(*state, "America/New_York");
    apr_time_t start = at("2026-11-04T02:00:00Z");
    assert_int_equal(rg_preparing_first(&prepared, zone, start, at("2026-10-20T00:00:00Z")),
                     at("2026-10-27T04:00:00Z"));
    assert_int_equal(rg_preparing_first(&prepared, zone, start, at("2026-10-28T00:00:00Z")),
                     at("2026-11-02T05:00:00Z"));
    assert_int_equal(rg_preparing_first(&prepared, zone, start, at("2026-11-03T20:00:00Z")), 0);
    assert_int_equal(rg_preparing_first(&service, zone, start, 0), 0);
}

static void only_refusals_take_days_away(void **state)
{
    (void)state;
    assert_int_equal(rg_preparing_days(&prepared), 0);
    rules[1].too_late = "refuse";
    assert_int_equal(rg_preparing_days(&prepared), 1);
    rules[0].too_late = "refuse";
    assert_int_equal(rg_preparing_days(&prepared), 7);
    rules[0].too_late = rules[1].too_late = "warn";
}

int main(void)
{
    const struct CMUnitTest tests[] = {pool_test(last_instants),
                                       pool_test(only_of_what_is_ahead),
                                       pool_test(staff_only_is_never_moved_alone),
                                       pool_test(passed_stays_passed),
                                       pool_test(in_time_carries_nothing),
                                       pool_test(shown_is_what_counts),
                                       pool_test(days_of_a_start),
                                       pool_test(first_day_that_is_still_to_come),
                                       pool_test(only_refusals_take_days_away)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
