/* SPDX-License-Identifier: Apache-2.0 */
/* Opening hours against a clock read minute by minute: through whole years in zones whose clocks
 * change by an hour, by half an hour, at midnight, in the south and not at all. */
#include "group_test.h"

#include "mod_regen/clinic/schedule/local_days.h"
#include "regen/core/time.h"
#include "regen/store/definitions.h"

enum { DAY = 288, YEAR = 367 * DAY };

static int days(int year, int month, int day)
{
    return rg_date_days((rg_date_t){year, month, day});
}

static int64_t first_granule(int year)
{
    return (int64_t)days(year, 1, 1) * DAY - 12;
}

/* --- what a clock on the wall says ------------------------------------------------------------ */

static bool says_open(const rg_clinic_resource_t *r, const rg_clinic_t *k, rg_local_t now)
{
    int day = rg_date_days(now.date);
    bool open = false;
    for (int i = 0; i < r->opening_count; i++) {
        const rg_opening_t *o = &r->openings[i];
        open = open || (o->weekday == rg_date_weekday(now.date) && day >= o->first_day &&
                        day <= o->last_day && now.minute >= o->start && now.minute < o->end);
    }
    for (int i = 0; i < k->closure_count; i++) {
        const rg_closure_t *c = &k->closures[i];
        bool mine =
            c->site_id == r->site_id && (c->resource_id == 0 || c->resource_id == r->resource.id);
        open = open && !(mine && day >= c->first_day && day <= c->last_day &&
                         now.minute >= c->start && now.minute < c->end);
    }
    return open;
}

static bool whole_granule_open(const rg_clinic_resource_t *r, const rg_clinic_t *k,
                               const rg_zone_t *zone, int64_t granule)
{
    for (int minute = 0; minute < 5; minute++) {
        apr_time_t t = rg_granule_time(granule) + apr_time_from_sec(minute * 60);
        if (!says_open(r, k, rg_zone_local(zone, t))) {
            return false;
        }
    }
    return true;
}

static void compare_year(const char *name, int year, const rg_clinic_resource_t *r,
                         const rg_clinic_t *k)
{
    const rg_zone_t *zone = rg_zone_open(pool, name);
    assert_non_null(zone);
    int64_t from = first_granule(year);
    rg_bits_t open = rg_layout_open(pool, k, r, zone, from, YEAR);
    for (int i = 0; i < YEAR; i++) {
        if (rg_bits_get(&open, i) != whole_granule_open(r, k, zone, from + i)) {
            fail_msg("%s %d: granule %d is %d", name, year, i, rg_bits_get(&open, i));
        }
    }
    apr_pool_clear(pool);
}

/* --- tests ------------------------------------------------------------------------------------ */

static const rg_opening_t hours[] = {
    {1, 480, 720, 0, 99999},   {1, 765, 1020, 0, 99999}, {2, 485, 1015, 0, 99999},
    {3, 0, 1440, 0, 99999},    {6, 60, 240, 0, 99999},   {7, 0, 300, 0, 99999},
    {7, 1200, 1440, 0, 99999}, {4, 600, 700, 0, 20786},  {4, 500, 800, 20787, 20900}};

static rg_clinic_resource_t resource(void)
{
    rg_clinic_resource_t r = {.site_id = 1, .opening_count = 9, .openings = (void *)hours};
    r.resource.id = 7;
    return r;
}

static void years_with_clock_changes(void **state)
{
    static const struct {
        const char *zone;
        int year;
    } cases[] = {
        {"America/New_York", 2026},    {"America/New_York", 2027}, {"Europe/London", 2026},
        {"Australia/Lord_Howe", 2026}, {"America/Havana", 2026},   {"Africa/Casablanca", 2026},
        {"America/Sao_Paulo", 2018},   {"Asia/Kathmandu", 2026},   {"Pacific/Apia", 2011}};
    (void)state;
    rg_clinic_resource_t r = resource();
    rg_closure_t closures[] = {{1, 0, days(2026, 12, 25), days(2026, 12, 25), 0, 1440},
                               {1, 7, days(2026, 3, 8), days(2026, 3, 9), 90, 600},
                               {1, 7, days(2026, 10, 30), days(2026, 11, 2), 60, 121},
                               {1, 8, days(2026, 1, 1), days(2026, 12, 31), 0, 1440},
                               {2, 0, days(2026, 1, 1), days(2026, 12, 31), 0, 1440}};
    rg_clinic_t k = {.closure_count = 5, .closures = closures};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        compare_year(cases[i].zone, cases[i].year, &r, &k);
    }
}

/* 8:00 in New York is 13:00 UTC in winter and 12:00 in summer. */
static void eight_stays_eight(void **state)
{
    (void)state;
    rg_opening_t sundays = {7, 480, 720, 0, 99999};
    rg_clinic_resource_t r = {.site_id = 1, .opening_count = 1, .openings = &sundays};
    rg_clinic_t k = {.closure_count = 0};
    const rg_zone_t *zone = rg_zone_open(pool, "America/New_York");
    const int sunday[][2] = {{days(2026, 3, 1), 13},
                             {days(2026, 3, 8), 12},
                             {days(2026, 10, 25), 12},
                             {days(2026, 11, 1), 13}};
    for (int i = 0; i < 4; i++) {
        int64_t midnight = (int64_t)sunday[i][0] * DAY;
        rg_bits_t open = rg_layout_open(pool, &k, &r, zone, midnight, DAY);
        assert_int_equal(rg_bits_next(&open, 0), sunday[i][1] * 12);
        assert_int_equal(rg_bits_count(&open, 0, DAY), 48);
    }
}

/* Times that are not on the five-minute lattice lose the remainder of a granule, never gain. */
static void odd_minutes_shrink(void **state)
{
    (void)state;
    rg_opening_t odd = {4, 603, 641, 0, 99999};
    rg_clinic_resource_t r = {.site_id = 1, .opening_count = 1, .openings = &odd};
    rg_closure_t c = {1, 0, days(2026, 12, 3), days(2026, 12, 3), 622, 623};
    rg_clinic_t k = {.closure_count = 1, .closures = &c};
    const rg_zone_t *zone = rg_zone_open(pool, "Etc/UTC");
    rg_bits_t open = rg_layout_open(pool, &k, &r, zone, (int64_t)days(2026, 12, 3) * DAY, DAY);
    assert_int_equal(rg_bits_count(&open, 0, DAY), 6);
    assert_int_equal(rg_bits_next(&open, 0), 121);
    assert_false(rg_bits_get(&open, 124));
    assert_true(rg_bits_get(&open, 127));
    assert_false(rg_bits_get(&open, 128));
}

static void grid_follows_the_clock(void **state)
{
    static const char *const zones[] = {"America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
                                        "Africa/Casablanca", "America/Havana"};
    static const int grids[] = {5, 10, 15, 25, 45, 60, 1440};
    (void)state;
    for (size_t z = 0; z < sizeof(zones) / sizeof(zones[0]); z++) {
        const rg_zone_t *zone = rg_zone_open(pool, zones[z]);
        int64_t from = first_granule(2026);
        for (size_t g = 0; g < sizeof(grids) / sizeof(grids[0]); g++) {
            rg_bits_t grid = rg_layout_grid(pool, zone, grids[g], from, YEAR);
            for (int i = 0; i < YEAR; i++) {
                int minute = rg_zone_local(zone, rg_granule_time(from + i)).minute;
                assert_int_equal(rg_bits_get(&grid, i), minute % grids[g] == 0);
            }
            apr_pool_clear(pool);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(years_with_clock_changes),
        cmocka_unit_test(eight_stays_eight),
        cmocka_unit_test(odd_minutes_shrink),
        cmocka_unit_test(grid_follows_the_clock),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
