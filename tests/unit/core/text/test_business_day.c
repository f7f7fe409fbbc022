/* SPDX-License-Identifier: Apache-2.0 */
/* Federal holidays against the published lists, and the deadlines of good-faith estimates. */
#include "core_test.h"
#include "regen/core/time.h"

static rg_date_t day(const char *iso)
{
    rg_date_t d = {0, 0, 0};
    if (!rg_date_parse(&d, iso)) {
        fail_msg("%s is no date", iso);
    }
    return d;
}

/* As the Office of Personnel Management lists them, with the days on which they are observed. */
static void holidays_are_those_of_the_list(void **state)
{
    static const char *const list[] = {
        "2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03",
        "2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25", "2027-01-01",
        "2027-01-18", "2027-02-15", "2027-05-31", "2027-06-18", "2027-07-05", "2027-09-06",
        "2027-10-11", "2027-11-11", "2027-11-25", "2027-12-24", "2027-12-31"};
    size_t at = 0;
    (void)state;
    for (rg_date_t d = day("2026-01-01"); d.year < 2028; d = rg_date_add(d, 1)) {
        bool listed = at < sizeof(list) / sizeof(*list) && rg_date_compare(day(list[at]), d) == 0;
        at += listed;
        /* A holiday on a weekend is one, but no weekday is lost by it. */
        if (rg_date_weekday(d) < 6) {
            assert_int_equal(rg_date_federal_holiday(d), listed);
        }
    }
    assert_int_equal(at, sizeof(list) / sizeof(*list));
    assert_false(rg_date_federal_holiday(day("2020-06-19")));
    assert_false(rg_date_federal_holiday(day("1985-01-21")));
}

static void closed_days_and_weekends_are_no_business_days(void **state)
{
    const rg_closed_days_t closed[] = {{day("2026-03-04"), day("2026-03-05")}};
    (void)state;
    assert_true(rg_date_business(day("2026-03-04"), NULL, 0));
    assert_false(rg_date_business(day("2026-03-04"), closed, 1));
    assert_false(rg_date_business(day("2026-03-05"), closed, 1));
    assert_true(rg_date_business(day("2026-03-06"), closed, 1));
    assert_false(rg_date_business(day("2026-03-07"), closed, 1));
    assert_false(rg_date_business(day("2026-03-08"), closed, 1));
}

static void assert_due(const char *scheduled, const char *service, const rg_closed_days_t *closed,
                       int count, const char *want)
{
    rg_date_t due = {0, 0, 0};
    bool has = rg_estimate_due(&due, day(scheduled), day(service), closed, count);
    assert_int_equal(has, want != NULL);
    if (want) {
        assert_int_equal(rg_date_compare(due, day(want)), 0);
    }
}

/* From a Monday of a week without holidays. */
static void the_deadline_depends_on_how_far_ahead_it_is(void **state)
{
    (void)state;
    assert_due("2026-03-02", "2026-03-02", NULL, 0, NULL);
    assert_due("2026-03-02", "2026-03-01", NULL, 0, NULL); /* in the past */
    assert_due("2026-03-02", "2026-03-04", NULL, 0, NULL); /* two days ahead */
    assert_due("2026-03-02", "2026-03-05", NULL, 0, "2026-03-03");
    /* Wednesday for Saturday and for Sunday: Friday is the first business day before it, Wednesday the third. */
    assert_due("2026-03-04", "2026-03-07", NULL, 0, "2026-03-05");
    assert_due("2026-03-04", "2026-03-08", NULL, 0, "2026-03-05");
    assert_due("2026-03-05", "2026-03-07", NULL, 0, NULL);
    assert_due("2026-03-02", "2026-03-13", NULL, 0, "2026-03-03"); /* nine */
    assert_due("2026-03-02", "2026-03-16", NULL, 0, "2026-03-05"); /* ten */
    assert_due("2026-03-06", "2026-03-11", NULL, 0, "2026-03-09"); /* over a weekend */
    assert_due("2026-03-07", "2026-04-20", NULL, 0, "2026-03-11"); /* on a Saturday */
}

static void a_change_or_a_question_has_a_deadline_of_its_own(void **state)
{
    const rg_closed_days_t closed[] = {{day("2026-03-05"), day("2026-03-05")}};
    rg_date_t due;
    (void)state;
    assert_true(rg_estimate_due_changed(&due, day("2026-03-05"), day("2026-03-09"), NULL, 0));
    assert_int_equal(rg_date_compare(due, day("2026-03-06")), 0);
    assert_false(rg_estimate_due_changed(&due, day("2026-03-07"), day("2026-03-09"), NULL, 0));
    assert_false(rg_estimate_due_changed(&due, day("2026-03-09"), day("2026-03-09"), NULL, 0));
    due = rg_estimate_due_asked(day("2026-03-04"), NULL, 0);
    assert_int_equal(rg_date_compare(due, day("2026-03-09")), 0);
    due = rg_estimate_due_asked(day("2026-03-04"), closed, 1);
    assert_int_equal(rg_date_compare(due, day("2026-03-10")), 0);
}

static void holidays_and_closed_days_move_the_deadline(void **state)
{
    const rg_closed_days_t closed[] = {{day("2026-11-27"), day("2026-11-27")}};
    (void)state;
    /* Thanksgiving, and the Friday after it where the clinic closes. */
    assert_due("2026-11-25", "2026-12-01", NULL, 0, "2026-11-27");
    assert_due("2026-11-25", "2026-12-01", closed, 1, NULL);
    assert_due("2026-11-25", "2026-12-02", closed, 1, "2026-11-30");
    assert_due("2026-11-25", "2026-12-10", closed, 1, "2026-11-30"); /* nine ahead */
    assert_due("2026-11-25", "2026-12-11", closed, 1, "2026-12-02"); /* ten ahead */
    assert_due("2026-12-31", "2027-03-01", NULL, 0, "2027-01-06");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holidays_are_those_of_the_list),
        cmocka_unit_test(closed_days_and_weekends_are_no_business_days),
        cmocka_unit_test(the_deadline_depends_on_how_far_ahead_it_is),
        cmocka_unit_test(a_change_or_a_question_has_a_deadline_of_its_own),
        cmocka_unit_test(holidays_and_closed_days_move_the_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
