/* SPDX-License-Identifier: Apache-2.0 */
/* Local time on difficult days, and dates as people read and write them. The known answers come
 * from the zones' published rules; test_tz_twin.py compares whole years. */
#include <sys/resource.h>

#include "core_test.h"
#include "regen/core/buf.h"
#include "regen/core/time.h"

static rg_zone_t *zone(apr_pool_t *p, const char *name)
{
    rg_zone_t *z = rg_zone_open(p, name);
    if (!z) {
        fail_msg("zone %s is missing", name);
    }
    return z;
}

static apr_time_t at(const char *instant)
{
    apr_time_t t = 0;
    if (!rg_time_parse(&t, instant)) {
        fail_msg("%s is no instant", instant);
    }
    return t;
}

static rg_date_t day(const char *iso)
{
    rg_date_t d = {0, 0, 0};
    if (!rg_date_parse(&d, iso)) {
        fail_msg("%s is no date", iso);
    }
    return d;
}

static void assert_utc(void **state, const char *name, const char *iso, int hour, int minute,
                       const char *want)
{
    apr_time_t t = rg_zone_utc(zone(*state, name), day(iso), hour * 60 + minute);
    assert_string_equal(rg_time_instant(*state, t), want);
}

static void assert_local(void **state, const char *name, const char *instant, const char *want)
{
    assert_string_equal(rg_time_local_instant(*state, zone(*state, name), at(instant)), want);
}

static void only_names_of_zones_open(void **state)
{
    static const char *const wrong[] = {"",
                                        "Nowhere/Land",
                                        "+05:30",
                                        "-05",
                                        "/etc/localtime",
                                        "America",
                                        "EST5EDT,M3.2.0,M11.1.0",
                                        "../zoneinfo/UTC",
                                        "zone.tab",
                                        "Europe/Berlin ",
                                        "Z",
                                        NULL};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_null(rg_zone_open(*state, wrong[i]));
    }
    rg_zone_t *z = zone(*state, "America/New_York");
    assert_string_equal(rg_zone_name(z), "America/New_York");
    assert_ptr_equal(z, zone(*state, "America/New_York")); /* read once */
}

static void new_york_skips_an_hour_in_march(void **state)
{
    static const char ny[] = "America/New_York";
    assert_utc(state, ny, "2026-03-08", 0, 0, "2026-03-08T05:00:00Z");
    assert_utc(state, ny, "2026-03-08", 1, 59, "2026-03-08T06:59:00Z");
    assert_utc(state, ny, "2026-03-08", 2, 0, "2026-03-08T07:00:00Z");
    assert_utc(state, ny, "2026-03-08", 2, 30, "2026-03-08T07:00:00Z"); /* missing: the change */
    assert_utc(state, ny, "2026-03-08", 2, 59, "2026-03-08T07:00:00Z");
    assert_utc(state, ny, "2026-03-08", 3, 0, "2026-03-08T07:00:00Z");
    assert_utc(state, ny, "2026-03-08", 3, 1, "2026-03-08T07:01:00Z");
    assert_utc(state, ny, "2026-03-08", 24, 0, "2026-03-09T04:00:00Z");
    assert_local(state, ny, "2026-03-08T06:59:59Z", "2026-03-08T01:59:59-05:00");
    assert_local(state, ny, "2026-03-08T07:00:00Z", "2026-03-08T03:00:00-04:00");
}

static void new_york_repeats_an_hour_in_november(void **state)
{
    static const char ny[] = "America/New_York";
    assert_utc(state, ny, "2026-11-01", 0, 59, "2026-11-01T04:59:00Z");
    assert_utc(state, ny, "2026-11-01", 1, 0, "2026-11-01T05:00:00Z"); /* the first */
    assert_utc(state, ny, "2026-11-01", 1, 59, "2026-11-01T05:59:00Z");
    assert_utc(state, ny, "2026-11-01", 2, 0, "2026-11-01T07:00:00Z");
    assert_utc(state, ny, "2026-11-01", 24, 0, "2026-11-02T05:00:00Z");
    assert_local(state, ny, "2026-11-01T05:30:00Z", "2026-11-01T01:30:00-04:00");
    assert_local(state, ny, "2026-11-01T06:30:00Z", "2026-11-01T01:30:00-05:00");
}

static void berlin_changes_too(void **state)
{
    assert_utc(state, "Europe/Berlin", "2026-03-29", 2, 30, "2026-03-29T01:00:00Z");
    assert_utc(state, "Europe/Berlin", "2026-10-25", 2, 30, "2026-10-25T00:30:00Z");
    assert_utc(state, "Europe/Berlin", "2026-10-25", 3, 0, "2026-10-25T02:00:00Z");
    assert_local(state, "Europe/Berlin", "2026-07-01T10:00:00Z", "2026-07-01T12:00:00+02:00");
}

static void lord_howe_changes_by_half_an_hour(void **state)
{
    static const char lh[] = "Australia/Lord_Howe";
    assert_utc(state, lh, "2026-10-04", 2, 15, "2026-10-03T15:30:00Z"); /* missing */
    assert_utc(state, lh, "2026-10-04", 2, 30, "2026-10-03T15:30:00Z");
    assert_utc(state, lh, "2026-10-04", 2, 45, "2026-10-03T15:45:00Z");
    assert_utc(state, lh, "2026-04-05", 1, 45, "2026-04-04T14:45:00Z"); /* the first of two */
    assert_utc(state, lh, "2026-04-05", 2, 0, "2026-04-04T15:30:00Z");
    assert_local(state, lh, "2026-04-04T15:15:00Z", "2026-04-05T01:45:00+10:30");
    assert_local(state, lh, "2026-04-04T14:45:00Z", "2026-04-05T01:45:00+11:00");
}

static void kathmandu_is_three_quarters_off(void **state)
{
    assert_utc(state, "Asia/Kathmandu", "2026-06-01", 0, 0, "2026-05-31T18:15:00Z");
    assert_local(state, "Asia/Kathmandu", "2026-05-31T18:15:00Z", "2026-06-01T00:00:00+05:45");
}

static void sao_paulo_had_days_without_midnight(void **state)
{
    static const char sp[] = "America/Sao_Paulo";
    assert_utc(state, sp, "2018-11-03", 24, 0, "2018-11-04T03:00:00Z");
    assert_utc(state, sp, "2018-11-04", 0, 0, "2018-11-04T03:00:00Z");
    assert_utc(state, sp, "2018-11-04", 0, 30, "2018-11-04T03:00:00Z");
    assert_utc(state, sp, "2018-11-04", 1, 0, "2018-11-04T03:00:00Z");
    assert_utc(state, sp, "2018-02-17", 23, 30, "2018-02-18T01:30:00Z"); /* the first of two */
    assert_utc(state, sp, "2018-02-17", 24, 0, "2018-02-18T03:00:00Z");
}

static void apia_lost_a_whole_day(void **state)
{
    apr_time_t from[2];
    apr_time_t until[2];
    assert_utc(state, "Pacific/Apia", "2011-12-30", 12, 0, "2011-12-30T10:00:00Z");
    assert_int_equal(
        rg_zone_span(zone(*state, "Pacific/Apia"), day("2011-12-30"), 0, 1440, from, until), 0);
}

static void far_years_follow_the_last_rule(void **state)
{
    assert_utc(state, "America/New_York", "2100-07-01", 12, 0, "2100-07-01T16:00:00Z");
    assert_utc(state, "America/New_York", "2199-12-31", 12, 0, "2199-12-31T17:00:00Z");
    assert_utc(state, "Europe/Berlin", "1900-01-01", 12, 0, "1900-01-01T11:00:00Z");
    assert_utc(state, "UTC", "2026-01-01", 0, 0, "2026-01-01T00:00:00Z");
}

/* The ranges as "from/until from/until". */
static const char *span(void **state, const char *name, const char *iso, int a, int b)
{
    apr_time_t from[2];
    apr_time_t until[2];
    rg_buf_t *out = rg_buf_make(*state, 200);
    int n = rg_zone_span(zone(*state, name), day(iso), a, b, from, until);
    for (int i = 0; i < n; i++) {
        rg_buf_printf(out, "%s%s/%s", i ? " " : "", rg_time_instant(*state, from[i]),
                      rg_time_instant(*state, until[i]));
    }
    return out->data;
}

static void spans_of_a_plain_day(void **state)
{
    static const char ny[] = "America/New_York";
    assert_string_equal(span(state, ny, "2026-12-01", 540, 1020),
                        "2026-12-01T14:00:00Z/2026-12-01T22:00:00Z");
    assert_string_equal(span(state, ny, "2026-12-01", 0, 1440),
                        "2026-12-01T05:00:00Z/2026-12-02T05:00:00Z");
    assert_string_equal(span(state, ny, "2026-12-01", 540, 540), "");
    assert_string_equal(span(state, ny, "2026-12-01", 541, 540), "");
}

static void spans_leave_the_missing_hour_out(void **state)
{
    static const char ny[] = "America/New_York";
    assert_string_equal(span(state, ny, "2026-03-08", 0, 1440),
                        "2026-03-08T05:00:00Z/2026-03-09T04:00:00Z");
    assert_string_equal(span(state, ny, "2026-03-08", 60, 240),
                        "2026-03-08T06:00:00Z/2026-03-08T08:00:00Z");
    assert_string_equal(span(state, ny, "2026-03-08", 120, 180), "");
    assert_string_equal(span(state, ny, "2026-03-08", 90, 150),
                        "2026-03-08T06:30:00Z/2026-03-08T07:00:00Z");
    assert_string_equal(span(state, ny, "2026-03-08", 150, 210),
                        "2026-03-08T07:00:00Z/2026-03-08T07:30:00Z");
}

static void spans_cover_the_repeated_hour_twice(void **state)
{
    static const char ny[] = "America/New_York";
    assert_string_equal(span(state, ny, "2026-11-01", 0, 1440),
                        "2026-11-01T04:00:00Z/2026-11-02T05:00:00Z");
    assert_string_equal(span(state, ny, "2026-11-01", 60, 120),
                        "2026-11-01T05:00:00Z/2026-11-01T07:00:00Z");
    assert_string_equal(span(state, ny, "2026-11-01", 0, 90),
                        "2026-11-01T04:00:00Z/2026-11-01T05:30:00Z "
                        "2026-11-01T06:00:00Z/2026-11-01T06:30:00Z");
    assert_string_equal(span(state, ny, "2026-11-01", 90, 180),
                        "2026-11-01T05:30:00Z/2026-11-01T06:00:00Z "
                        "2026-11-01T06:30:00Z/2026-11-01T08:00:00Z");
    assert_string_equal(span(state, ny, "2026-11-01", 75, 105),
                        "2026-11-01T05:15:00Z/2026-11-01T05:45:00Z "
                        "2026-11-01T06:15:00Z/2026-11-01T06:45:00Z");
}

/* Brute force: every minute of real time is in the spans of its local day's [a, b) exactly when its
 * local minute is, for every zone and day with a change. */
static void spans_agree_with_every_minute(void **state)
{
    static const char *const cases[][2] = {
        {"America/New_York", "2026-03-08"},    {"America/New_York", "2026-11-01"},
        {"Australia/Lord_Howe", "2026-10-04"}, {"Australia/Lord_Howe", "2026-04-05"},
        {"America/Sao_Paulo", "2018-11-04"},   {"America/Sao_Paulo", "2018-02-17"},
        {"Africa/Casablanca", "2026-02-15"},   {"Pacific/Apia", "2011-12-31"},
        {"Asia/Kathmandu", "1986-01-01"},      {"Europe/Berlin", "2026-06-01"}};
    static const int windows[][2] = {{0, 1440}, {0, 90},  {90, 150},    {105, 135}, {60, 120},
                                     {15, 45},  {0, 180}, {1395, 1440}, {1, 1439}};
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        rg_zone_t *z = zone(*state, cases[c][0]);
        rg_date_t d = day(cases[c][1]);
        for (size_t w = 0; w < sizeof(windows) / sizeof(windows[0]); w++) {
            apr_time_t from[2];
            apr_time_t until[2];
            int n = rg_zone_span(z, d, windows[w][0], windows[w][1], from, until);
            apr_time_t start = apr_time_from_sec((int64_t)(rg_date_days(d) - 1) * 86400);
            for (int m = 0; m < 3 * 1440; m++) {
                apr_time_t t = start + apr_time_from_sec(m * 60);
                rg_local_t l = rg_zone_local(z, t);
                bool want = rg_date_compare(l.date, d) == 0 && l.minute >= windows[w][0] &&
                            l.minute < windows[w][1];
                bool in = (n > 0 && t >= from[0] && t < until[0]) ||
                          (n > 1 && t >= from[1] && t < until[1]);
                if (in != want) {
                    fail_msg("%s %s [%d, %d): minute %d", cases[c][0], cases[c][1], windows[w][0],
                             windows[w][1], m);
                }
            }
        }
    }
}

static void local_time_is_floored_before_1970(void **state)
{
    rg_local_t l = rg_zone_local(zone(*state, "UTC"), -1);
    assert_string_equal(rg_date_iso(*state, l.date), "1969-12-31");
    assert_int_equal(l.minute, 1439);
    assert_string_equal(rg_time_instant(*state, -1), "1969-12-31T23:59:59Z");
    assert_string_equal(rg_time_instant(*state, 999999), "1970-01-01T00:00:00Z");
}

static void zones_say_offset_and_abbreviation(void **state)
{
    rg_zone_t *ny = zone(*state, "America/New_York");
    apr_time_t winter = at("2026-12-01T14:40:00Z");
    apr_time_t summer = at("2026-07-01T14:40:00Z");
    assert_string_equal(rg_zone_offset(*state, ny, winter), "-05:00");
    assert_string_equal(rg_zone_offset(*state, ny, summer), "-04:00");
    assert_string_equal(rg_zone_abbrev(*state, ny, winter), "EST");
    assert_string_equal(rg_zone_abbrev(*state, ny, summer), "EDT");
    assert_string_equal(rg_zone_offset(*state, zone(*state, "Asia/Kathmandu"), winter), "+05:45");
    assert_string_equal(rg_zone_offset(*state, zone(*state, "UTC"), winter), "+00:00");
    assert_string_equal(rg_zone_offset(*state, zone(*state, "America/St_Johns"), winter), "-03:30");
}

static void people_read_times_in_words(void **state)
{
    rg_zone_t *ny = zone(*state, "America/New_York");
    assert_string_equal(rg_time_people(*state, ny, at("2026-12-01T14:40:00Z")),
                        "Tuesday 1 December 2026, 9:40 am (New York time)");
    assert_string_equal(rg_time_people(*state, zone(*state, "UTC"), at("2026-12-01T14:40:00Z")),
                        "Tuesday 1 December 2026, 2:40 pm (UTC)");
    assert_string_equal(
        rg_time_people(*state, zone(*state, "America/Indiana/Knox"), at("2026-12-01T14:40:00Z")),
        "Tuesday 1 December 2026, 8:40 am (Knox time)");
    assert_string_equal(rg_time_clock(*state, ny, at("2026-12-01T05:00:00Z")), "12:00 am");
    assert_string_equal(rg_time_clock(*state, ny, at("2026-12-01T16:59:00Z")), "11:59 am");
    assert_string_equal(rg_time_clock(*state, ny, at("2026-12-01T17:05:00Z")), "12:05 pm");
    assert_string_equal(rg_time_clock(*state, ny, at("2026-12-02T04:59:00Z")), "11:59 pm");
}

static void dates_are_parsed_strictly(void **state)
{
    static const char *const good[] = {"1900-01-01", "2199-12-31", "2024-02-29", "2000-02-29",
                                       "2026-12-01"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_string_equal(rg_date_iso(*state, day(good[i])), good[i]);
    }
    static const char *const wrong[] = {
        "",           "1899-12-31", "2200-01-01",  "2026-02-29",  "2100-02-29", "1900-02-29",
        "2026-04-31", "2026-00-10", "2026-13-10",  "2026-01-00",  "2026-01-32", "2026-1-01",
        "26-01-01",   "2026/01/01", "2026-01-01 ", " 2026-01-01", "20260101",   "2026-01-01T",
        "2026-01-0",  "-026-01-01", "2026-01--1",  NULL};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        rg_date_t d = {7, 7, 7};
        assert_false(rg_date_parse(&d, wrong[i]));
        assert_int_equal(d.year, 7);
    }
}

static void minutes_are_parsed_strictly(void **state)
{
    static const char *const wrong[] = {"",       "8:30",  "08:60", "24:01", "25:00",
                                        "08:30 ", "08.30", "0830",  "-8:30", "+8:30",
                                        "08:3",   "08:",   " 8:30", NULL};
    int minute = -7;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(rg_minute_parse(&minute, wrong[i]));
        assert_int_equal(minute, -7);
    }
    assert_true(rg_minute_parse(&minute, "00:00"));
    assert_int_equal(minute, 0);
    assert_true(rg_minute_parse(&minute, "08:30"));
    assert_int_equal(minute, 510);
    assert_true(rg_minute_parse(&minute, "24:00"));
    assert_int_equal(minute, 1440);
}

static void days_count_one_by_one(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    rg_date_t d = {1900, 1, 1};
    int number = -25567; /* days from 1900-01-01 to 1970-01-01 */
    int weekday = 1;     /* a Monday */
    while (d.year < 2200) {
        rg_date_t same = rg_date_add((rg_date_t){1970, 1, 1}, number);
        assert_int_equal(rg_date_days(d), number);
        assert_int_equal(rg_date_weekday(d), weekday);
        assert_int_equal(rg_date_compare(same, d), 0);
        assert_true(same.year == d.year && same.month == d.month && same.day == d.day);
        bool leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;
        d.day++;
        if (d.day > lengths[d.month - 1] + (leap && d.month == 2)) {
            d.day = 1;
            d.month++;
        }
        if (d.month > 12) {
            d.month = 1;
            d.year++;
        }
        number++;
        weekday = weekday % 7 + 1;
    }
}

static void dates_add_compare_and_read_well(void **state)
{
    assert_string_equal(rg_date_iso(*state, rg_date_add(day("2026-12-31"), 1)), "2027-01-01");
    assert_string_equal(rg_date_iso(*state, rg_date_add(day("2024-03-01"), -1)), "2024-02-29");
    assert_string_equal(rg_date_iso(*state, rg_date_add(day("2026-06-15"), 0)), "2026-06-15");
    assert_int_equal(rg_date_compare(day("2026-01-31"), day("2026-02-01")), -1);
    assert_int_equal(rg_date_compare(day("2027-01-01"), day("2026-12-31")), 1);
    assert_int_equal(rg_date_compare(day("2026-12-31"), day("2026-12-31")), 0);
    assert_string_equal(rg_date_long(*state, day("2026-12-01")), "Tuesday 1 December 2026");
    assert_string_equal(rg_date_long(*state, day("2026-11-22")), "Sunday 22 November 2026");
}

static void instants_are_parsed_strictly(void **state)
{
    static const char *const good[][2] = {{"2026-12-01T14:40:00Z", "2026-12-01T14:40:00Z"},
                                          {"2026-12-01T09:40:00-05:00", "2026-12-01T14:40:00Z"},
                                          {"2026-12-01T14:40:59.000Z", "2026-12-01T14:40:59Z"},
                                          {"2026-01-01T00:30:00+05:45", "2025-12-31T18:45:00Z"},
                                          {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"}};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_string_equal(rg_time_instant(*state, at(good[i][0])), good[i][1]);
    }
    static const char *const wrong[] = {"",
                                        "2026-12-01",
                                        "2026-12-01T14:40Z",
                                        "2026-12-01T14:40:00",
                                        "2026-12-01 14:40:00Z",
                                        "2026-12-01t14:40:00Z",
                                        "2026-12-01T14:40:00z",
                                        "2026-12-01T24:00:00Z",
                                        "2026-12-01T14:60:00Z",
                                        "2026-12-01T14:40:60Z",
                                        "2026-12-01T14:40:00.5Z",
                                        "2026-12-01T14:40:00.Z",
                                        "2026-12-01T14:40:00.0001Z",
                                        "2026-12-01T14:40:00+5:00",
                                        "2026-12-01T14:40:00+0500",
                                        "2026-12-01T14:40:00+05:60",
                                        "2026-12-01T14:40:00+15:00",
                                        "2026-12-01T14:40:00+05:00Z",
                                        "2026-12-01T14:40:00ZZ",
                                        "2026-12-01T14:40:00 05:00",
                                        "2026-02-30T14:40:00Z",
                                        "2026-12-01T1:40:00Z",
                                        "1900-01-01T01:00:00+10:30",
                                        "2199-12-31T23:00:00-05:00",
                                        NULL};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        apr_time_t t = 7;
        assert_false(rg_time_parse(&t, wrong[i]));
        assert_int_equal(t, 7);
    }
}

/* In the hour that comes twice both say which; in no other. */
static void people_are_told_which_of_two(void **state)
{
    static const struct {
        const char *zone;
        const char *instant;
        const char *words;
    } cases[] = {{"America/New_York", "2027-11-07T04:59:00Z", "12:59 am"},
                 {"America/New_York", "2027-11-07T05:00:00Z", "1:00 am EDT"},
                 {"America/New_York", "2027-11-07T05:59:59Z", "1:59 am EDT"},
                 {"America/New_York", "2027-11-07T06:00:00Z", "1:00 am EST"},
                 {"America/New_York", "2027-11-07T06:59:00Z", "1:59 am EST"},
                 {"America/New_York", "2027-11-07T07:00:00Z", "2:00 am"},
                 {"America/New_York", "2027-03-14T06:59:00Z", "1:59 am"},
                 {"America/New_York", "2027-03-14T07:00:00Z", "3:00 am"},
                 {"Europe/Berlin", "2026-10-25T00:30:00Z", "2:30 am CEST"},
                 {"Europe/Berlin", "2026-10-25T01:30:00Z", "2:30 am CET"},
                 {"Australia/Lord_Howe", "2027-04-03T14:29:00Z", "1:29 am"},
                 {"Australia/Lord_Howe", "2027-04-03T14:30:00Z", "1:30 am UTC+11:00"},
                 {"Australia/Lord_Howe", "2027-04-03T15:15:00Z", "1:45 am UTC+10:30"},
                 {"Australia/Lord_Howe", "2027-04-03T15:30:00Z", "2:00 am"},
                 {"Asia/Kathmandu", "2027-04-03T15:30:00Z", "9:15 pm"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(
            rg_time_clock(*state, zone(*state, cases[i].zone), at(cases[i].instant)),
            cases[i].words);
    }
    assert_string_equal(
        rg_time_people(*state, zone(*state, "America/New_York"), at("2027-11-07T06:30:00Z")),
        "Sunday 7 November 2027, 1:30 am EST (New York time)");
}

/* Then a name that is fine is unknown, too, and must not be taken for one that does not exist. */
static void without_a_file_left(void **state)
{
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(rg_zone_readable());
    struct rlimit none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    bool readable = rg_zone_readable();
    const rg_zone_t *zone = rg_zone_open(*state, "Africa/Windhoek");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_false(readable);
    assert_null(zone);
    assert_true(rg_zone_readable());
    assert_non_null(rg_zone_open(*state, "Africa/Windhoek"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(only_names_of_zones_open),
        pool_test(without_a_file_left),
        pool_test(new_york_skips_an_hour_in_march),
        pool_test(new_york_repeats_an_hour_in_november),
        pool_test(berlin_changes_too),
        pool_test(lord_howe_changes_by_half_an_hour),
        pool_test(kathmandu_is_three_quarters_off),
        pool_test(sao_paulo_had_days_without_midnight),
        pool_test(apia_lost_a_whole_day),
        pool_test(far_years_follow_the_last_rule),
        pool_test(spans_of_a_plain_day),
        pool_test(spans_leave_the_missing_hour_out),
        pool_test(spans_cover_the_repeated_hour_twice),
        pool_test(spans_agree_with_every_minute),
        pool_test(local_time_is_floored_before_1970),
        pool_test(zones_say_offset_and_abbreviation),
        pool_test(people_read_times_in_words),
        pool_test(people_are_told_which_of_two),
        pool_test(dates_are_parsed_strictly),
        pool_test(minutes_are_parsed_strictly),
        cmocka_unit_test(days_count_one_by_one),
        pool_test(dates_add_compare_and_read_well),
        pool_test(instants_are_parsed_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
