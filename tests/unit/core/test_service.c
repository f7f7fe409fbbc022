/* SPDX-License-Identifier: Apache-2.0 */
/* Facts derived from a service: the first visit with its gaps, and the window of a start. */
#include "core_test.h"
#include "regen/core/time.h"
#include "regen/model/service.h"

static rg_step_t steps[] = {
    {.step_no = 1, .minutes = 30, .visit_no = 1, .gap_min = 0},
    {.step_no = 2, .minutes = 20, .visit_no = 1, .gap_min = 15},
    {.step_no = 3, .minutes = 45, .visit_no = 2, .gap_min = RG_DAY_MINUTES}};

/* The patient waits in the gap: it is a part of the visit. What comes another day is not. */
static void the_first_visit_has_its_gaps(void **state)
{
    (void)state;
    const rg_service_t none = {.step_count = 0};
    const rg_service_t one = {.step_count = 1, .steps = steps};
    const rg_service_t two = {.step_count = 2, .steps = steps};
    const rg_service_t course = {.step_count = 3, .steps = steps};
    assert_int_equal(rg_first_visit_minutes(&none), 0);
    assert_int_equal(rg_first_visit_minutes(&one), 30);
    assert_int_equal(rg_first_visit_minutes(&two), 65);
    assert_int_equal(rg_first_visit_minutes(&course), 65);
    assert_int_equal(rg_visit_count(&none), 0);
    assert_int_equal(rg_visit_count(&two), 1);
    assert_int_equal(rg_visit_count(&course), 2);
}

static void the_window(void **state)
{
    static rg_preparing_t preparing[] = {{.too_late = "warn", .from_days = 9},
                                         {.too_late = "refuse", .from_days = 2}};
    rg_service_t s = {.notice_minutes = 90, .horizon_days = 30, .preparing = preparing};
    rg_zone_t *zone = rg_zone_open(*state, "America/New_York");
    apr_time_t now = rg_zone_utc(zone, (rg_date_t){2026, 10, 20}, 600);
    assert_true(rg_window_notice(&s, now) == now + 90 * RG_MINUTE);
    assert_true(rg_window_from(&s, zone, now) == now + 90 * RG_MINUTE);
    s.preparing_count = 1;
    assert_true(rg_window_from(&s, zone, now) == now + 90 * RG_MINUTE);
    s.preparing_count = 2;
    assert_true(rg_window_from(&s, zone, now) == rg_zone_utc(zone, (rg_date_t){2026, 10, 22}, 0));
    /* The whole last day, whatever the clocks do on the way. */
    rg_date_t last = rg_window_last_day(&s, (rg_date_t){2026, 10, 20});
    assert_string_equal(rg_date_iso(*state, last), "2026-11-19");
    assert_true(rg_window_until(&s, zone, now) == rg_zone_utc(zone, (rg_date_t){2026, 11, 20}, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {pool_test(the_first_visit_has_its_gaps),
                                       pool_test(the_window)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
