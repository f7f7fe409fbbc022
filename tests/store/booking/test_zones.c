/* SPDX-License-Identifier: Apache-2.0 */
/* Sites with different time zones, across both clock changes of a year: nine o'clock stays nine
 * o'clock, the missing hour is never offered nor taken, the repeated one is offered twice under two
 * names, and both can be booked. */
#include "booking_test.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"

#include <stdio.h>

/* Local midnights of the days on which the clock changes, and what it does. */
static const struct {
    const char *code, *zone;
    rg_date_t forward, back;    /* year 0: never */
    int gap, gap_end;           /* minutes of FORWARD that are missing */
    int again, again_end;       /* minutes of BACK that come twice */
    const char *first, *second; /* their names */
} places[] = {
    {"ny", "America/New_York", {2027, 3, 14}, {2027, 11, 7}, 120, 180, 60, 120, "EDT", "EST"},
    {"berlin", "Europe/Berlin", {2027, 3, 28}, {2027, 10, 31}, 120, 180, 120, 180, "CEST", "CET"},
    {"lordhowe",
     "Australia/Lord_Howe",
     {2027, 10, 3},
     {2027, 4, 4},
     120,
     150,
     90,
     120,
     "UTC+11:00",
     "UTC+10:30"},
    {"kathmandu", "Asia/Kathmandu", {0, 0, 0}, {0, 0, 0}, 0, 0, 0, 0, "", ""},
};
enum { PLACES = sizeof(places) / sizeof(places[0]) };

/* Each with one nurse who is there day and night. */
static int setup(void **state)
{
    booking_setup(state);
    store_test_t *t = *state;
    for (int i = 0; i < PLACES; i++) {
        store_test_exec(
            t, apr_psprintf(t->pool,
                            "INSERT INTO site (id, uid, code, name, time_zone, address_line, city,"
                            " postal_code) VALUES (%d, '%026d', '%s', '%s', '%s', '1 A', 'B', '1')",
                            50 + i, 900 + i, places[i].code, places[i].code, places[i].zone));
        store_test_exec(
            t, apr_psprintf(t->pool,
                            "INSERT INTO resource (id, uid, site_id, kind, code, name) VALUES"
                            " (%d, '%026d', %d, 'practitioner', 'n-%s', 'N')",
                            50 + i, 950 + i, 50 + i, places[i].code));
        store_test_exec(t, apr_psprintf(t->pool,
                                        "INSERT INTO resource_capability (resource_id, capability)"
                                        " VALUES (%d, 'nurse')",
                                        50 + i));
        store_test_exec(t, apr_psprintf(t->pool,
                                        "INSERT INTO opening (resource_id, weekday, start_minute,"
                                        " end_minute) SELECT %d, seq, 0, 1440 FROM seq_1_to_7",
                                        50 + i));
        store_test_exec(
            t,
            apr_psprintf(t->pool,
                         "INSERT INTO service (id, uid, site_id, code, name, summary, start_grid,"
                         " notice_minutes, horizon_days, needs_body_site, price_minor) VALUES"
                         " (%d, '%026d', %d, '%s', 'S', '', 30, 0, 400, 0, 1)",
                         50 + i, 980 + i, 50 + i, places[i].code));
        store_test_exec(t, apr_psprintf(t->pool,
                                        "INSERT INTO service_step (service_id, step_no, kind, name,"
                                        " minutes) VALUES (%d, 1, 'consult', 'S', 20)",
                                        50 + i));
        store_test_exec(t, apr_psprintf(t->pool,
                                        "INSERT INTO service_need (service_id, step_no, need_no,"
                                        " capability) VALUES (%d, 1, 1, 'nurse')",
                                        50 + i));
        store_test_exec(t, apr_psprintf(t->pool,
                                        "INSERT INTO fee_schedule (code, name, site_id) VALUES"
                                        " ('zone-%d', 'Zone', %d)",
                                        i, 50 + i));
    }
    booking_prices(t);
    return 0;
}

static rg_availability_t *ask(const rg_ctx_t *ctx, const char *service, rg_date_t from, int days)
{
    rg_find_in_t in = {.service_code = service, .from = from, .days = days};
    rg_availability_t *a = NULL;
    assert_int_equal(rg_availability_find(&a, ctx, &in), RG_OK);
    return a;
}

/* --- nine o'clock ----------------------------------------------------------------------------- */

/* Held at nine on the days around DAY, and found at nine again. */
static void nine_around(store_test_t *t, int place, rg_date_t day)
{
    const rg_zone_t *zone = rg_zone_open(t->pool, places[place].zone);
    for (int i = -3; i <= 3; i++) {
        rg_date_t d = rg_date_add(day, i);
        int64_t id = booking_must_hold(t, places[place].code, rg_zone_utc(zone, d, 540));
        rg_ctx_t *ctx = booking_staff(t, 0);
        rg_booking_t *b;
        assert_int_equal(rg_booking_get(&b, ctx, id), RG_OK);
        rg_local_t local = rg_zone_local(zone, b->starts_at);
        assert_int_equal(local.minute, 540);
        assert_int_equal(rg_date_compare(local.date, d), 0);
        rg_availability_t *a = ask(ctx, places[place].code, d, 1);
        for (int k = 0; k < a->days[0].count; k++) {
            assert_int_not_equal(rg_zone_local(zone, a->days[0].starts[k]).minute, 540);
        }
        store_test_done(ctx);
    }
}

static void nine_stays_nine(void **state)
{
    store_test_t *t = *state;
    static const rg_date_t some = {2027, 3, 14};
    for (int i = 0; i < PLACES; i++) {
        bool changes = places[i].forward.year != 0;
        nine_around(t, i, changes ? places[i].forward : some);
        if (changes) {
            nine_around(t, i, places[i].back);
        }
    }
    assert_int_equal(booking_wrongs(t), 0);
}

/* --- the missing hour ------------------------------------------------------------------------- */

static void missing_in(store_test_t *t, int place)
{
    const rg_zone_t *zone = rg_zone_open(t->pool, places[place].zone);
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_availability_t *a = ask(ctx, places[place].code, places[place].forward, 1);
    int missing = places[place].gap_end - places[place].gap;
    assert_int_equal(a->days[0].count, (1440 - missing) / 30);
    for (int i = 0; i < a->days[0].count; i++) {
        int minute = rg_zone_local(zone, a->days[0].starts[i]).minute;
        assert_true(minute < places[place].gap || minute >= places[place].gap_end);
        assert_true(i == 0 ||
                    a->days[0].starts[i] - a->days[0].starts[i - 1] == apr_time_from_sec(1800));
    }
    store_test_done(ctx);
}

/* --- the repeated hour ------------------------------------------------------------------------ */

static void repeated_in(store_test_t *t, int place)
{
    const rg_zone_t *zone = rg_zone_open(t->pool, places[place].zone);
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_availability_t *a = ask(ctx, places[place].code, places[place].back, 1);
    int again = places[place].again_end - places[place].again;
    apr_time_t twice[2] = {0, 0};
    assert_int_equal(a->days[0].count, (1440 + again) / 30);
    for (int i = 0; i < a->days[0].count; i++) {
        apr_time_t start = a->days[0].starts[i];
        const char *words = rg_time_clock(ctx->pool, zone, start);
        int minute = rg_zone_local(zone, start).minute;
        bool named = strstr(words, places[place].first) || strstr(words, places[place].second);
        assert_true(named == (minute >= places[place].again && minute < places[place].again_end));
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(words, rg_time_clock(ctx->pool, zone, a->days[0].starts[k]));
        }
        if (minute == places[place].again) {
            twice[strstr(words, places[place].second) != NULL] = start;
        }
    }
    assert_true(twice[0] != 0 && twice[1] - twice[0] == apr_time_from_sec(again * 60));
    booking_must_hold(t, places[place].code, twice[0]);
    booking_must_hold(t, places[place].code, twice[1]);
    store_test_done(ctx);
}

static void the_missing_hour_is_never_offered(void **state)
{
    for (int i = 0; i < PLACES; i++) {
        if (places[i].forward.year != 0) {
            missing_in(*state, i);
        }
    }
}

static void the_repeated_hour_is_offered_by_name(void **state)
{
    for (int i = 0; i < PLACES; i++) {
        if (places[i].back.year != 0) {
            repeated_in(*state, i);
        }
    }
    assert_int_equal(booking_wrongs(*state), 0);
}

/* Today, notice and horizon are the site's own: at one moment it is Tuesday evening in Kathmandu
 * and Tuesday morning in New York. */
static void each_site_has_its_own_today(void **state)
{
    rg_ctx_t *ctx = booking_ctx(*state, 0);
    for (int i = 0; i < PLACES; i++) {
        rg_availability_t *a = ask(ctx, places[i].code, (rg_date_t){0, 0, 0}, 2);
        rg_local_t now = rg_zone_local(a->site->zone, ctx->now);
        assert_string_equal(rg_zone_name(a->site->zone), places[i].zone);
        assert_int_equal(rg_date_compare(a->days[0].date, now.date), 0);
        assert_true(a->next_free > ctx->now);
        assert_true(a->next_free <= ctx->now + apr_time_from_sec(1800));
        assert_int_equal(rg_zone_local(a->site->zone, a->next_free).minute % 30, 0);
    }
    store_test_done(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(nine_stays_nine, booking_clean),
        cmocka_unit_test_teardown(the_missing_hour_is_never_offered, booking_clean),
        cmocka_unit_test_teardown(the_repeated_hour_is_offered_by_name, booking_clean),
        cmocka_unit_test_teardown(each_site_has_its_own_today, booking_clean),
    };
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
