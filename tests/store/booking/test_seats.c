/* SPDX-License-Identifier: Apache-2.0 */
/* A limit of bookings a day, needs that several capabilities meet and visits some local days apart,
 * through the database: every offered time can be booked and no other, many clients never get more
 * seats than there are, seats are released and moved with the time. */
#include "race_test.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

enum { CLIENTS = 24 };

/* "scan" may begin twice a day; "spin" is served by nurses, too; the second visit of "days" is two
 * or three days after the first. */
static int setup(void **state)
{
    race_setup(state, CLIENTS);
    store_test_t *t = *state;
    store_test_exec(t, "UPDATE service SET max_per_day = 2 WHERE code = 'scan'");
    store_test_exec(t, "INSERT INTO service_need_any VALUES (3, 1, 1, 'nurse')");
    store_test_exec(t, "UPDATE service_step SET gap_days_min = 2, gap_days_max = 3 WHERE"
                       " service_id = 4 AND step_no = 2");
    store_test_exec(t, "UPDATE catalogue_version SET changed_at = 0");
    return 0;
}

static int clean(void **state)
{
    store_test_exec(*state, "DELETE FROM service_day");
    return booking_clean(state);
}

static int count_of(store_test_t *t, const char *service, int day)
{
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_find_in_t in = {.service_code = service, .from = {2026, 12, day}, .days = 1};
    rg_availability_t *a = NULL;
    assert_int_equal(rg_availability_find(&a, ctx, &in), RG_OK);
    int count = a->days[0].count;
    store_test_done(ctx);
    return count;
}

static int64_t seats(store_test_t *t)
{
    return store_test_value(t, "SELECT COUNT(*) FROM service_day");
}

static void cancel(store_test_t *t, int64_t id)
{
    rg_ctx_t *holder = booking_patient(t, 0, id);
    assert_int_equal(rg_booking_cancel(holder, id, "test"), RG_OK);
    store_test_done(holder);
}

static void a_full_day_is_not_offered(void **state)
{
    store_test_t *t = *state;
    int64_t first = booking_must_hold(t, "scan", BOOKING_AT(2, 480));
    assert_int_equal(count_of(t, "scan", 2), 17);
    booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    assert_int_equal(count_of(t, "scan", 2), 0);
    assert_int_equal(count_of(t, "scan", 3), 16);
    int64_t id;
    assert_int_equal(booking_hold(t, "scan", BOOKING_AT(2, 720), &id), RG_CONFLICT);
    /* A service without a limit on the same C-arm minds nobody's seats. */
    booking_must_hold(t, "chain", BOOKING_AT(2, 720));
    assert_int_equal(seats(t), 2);
    assert_int_equal(booking_wrongs(t), 0);
    cancel(t, first);
    assert_int_equal(seats(t), 1);
    assert_true(count_of(t, "scan", 2) > 0);
    booking_must_hold(t, "scan", BOOKING_AT(2, 480));
    assert_int_equal(booking_wrongs(t), 0);
}

/* Nearest times of a refusal lie on days that are not full. */
static void other_days_are_near(void **state)
{
    store_test_t *t = *state;
    rg_hold_in_t in = {"scan", BOOKING_AT(2, 720), 0};
    rg_hold_t out;
    booking_must_hold(t, "scan", BOOKING_AT(2, 480));
    booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    rg_ctx_t *ctx = booking_ctx(t, 0);
    assert_int_equal(rg_booking_hold(&out, ctx, &in), RG_CONFLICT);
    assert_int_equal(out.nearest_count, 6);
    for (int i = 0; i < out.nearest_count; i++) {
        assert_true(out.nearest[i] < BOOKING_AT(2, 0) || out.nearest[i] >= BOOKING_AT(3, 0));
    }
    store_test_done(ctx);
}

static void an_expired_hold_gives_its_seat_back(void **state)
{
    store_test_t *t = *state;
    booking_must_hold(t, "scan", BOOKING_AT(2, 480));
    booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    store_test_exec(t, "UPDATE booking SET hold_expires_at = 1796137000");
    assert_int_equal(count_of(t, "scan", 2), 18);
    assert_int_equal(seats(t), 0);
    assert_int_equal(booking_wrongs(t), 0);
}

/* --- many at once ----------------------------------------------------------------------------- */

typedef struct {
    store_test_t *t;
    apr_uint32_t won, full, others;
} rush_t;

static void rush_client(void *baton, int number)
{
    rush_t *r = baton;
    int64_t id;
    /* Different times, so that only the seats stand between them. */
    rg_outcome_t rc = booking_hold(r->t, "scan", BOOKING_AT(4, 480 + 30 * (number % 17)), &id);
    apr_atomic_inc32(rc == RG_OK ? &r->won : rc == RG_CONFLICT ? &r->full : &r->others);
}

static void a_rush_gets_two_seats(void **state)
{
    store_test_t *t = *state;
    for (int round = 0; round < 6; round++) {
        rush_t r = {t, 0, 0, 0};
        store_test_threads(CLIENTS, rush_client, &r);
        assert_int_equal(r.others, 0);
        assert_int_equal(r.won, 2);
        assert_int_equal(r.full, CLIENTS - 2);
        assert_int_equal(seats(t), 2);
        assert_int_equal(booking_wrongs(t), 0);
        clean(state);
    }
}

/* --- moving ----------------------------------------------------------------------------------- */

static rg_outcome_t move(store_test_t *t, int64_t id, apr_time_t start)
{
    rg_ctx_t *holder = booking_patient(t, 0, id);
    rg_hold_t out;
    rg_move_in_t in = {.start = start};
    rg_outcome_t rc = rg_booking_move(&out, holder, id, &in);
    store_test_done(holder);
    return rc;
}

static void a_seat_moves_with_its_booking(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_hold(t, "scan", BOOKING_AT(2, 480));
    booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    booking_must_hold(t, "scan", BOOKING_AT(3, 480));
    /* Within a full day: it has its seat. */
    assert_int_equal(move(t, id, BOOKING_AT(2, 720)), RG_OK);
    assert_int_equal(count_of(t, "scan", 2), 0);
    /* To a day with one seat left, and then back. */
    assert_int_equal(move(t, id, BOOKING_AT(3, 720)), RG_OK);
    assert_int_equal(count_of(t, "scan", 3), 0);
    assert_int_equal(count_of(t, "scan", 2), 17);
    assert_int_equal(seats(t), 3);
    assert_int_equal(booking_wrongs(t), 0);
    booking_must_hold(t, "scan", BOOKING_AT(2, 480));
    assert_int_equal(move(t, id, BOOKING_AT(2, 720)), RG_CONFLICT);
    assert_int_equal(booking_wrongs(t), 0);
}

/* --- a limit that comes later ----------------------------------------------------------------- */

static void bookings_from_before_the_limit_get_seats(void **state)
{
    store_test_t *t = *state;
    booking_must_hold(t, "scan", BOOKING_AT(2, 480));
    booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    store_test_exec(t, "DELETE FROM service_day");
    assert_int_equal(booking_wrongs(t), 2);
    rg_ctx_t *ctx = booking_ctx(t, 0);
    int repaired = 0;
    assert_int_equal(rg_booking_rebuild(&repaired, ctx), RG_OK);
    assert_int_equal(repaired, 2);
    store_test_done(ctx);
    assert_int_equal(booking_wrongs(t), 0);
    assert_int_equal(count_of(t, "scan", 2), 0);
    store_test_exec(t, "UPDATE service_day SET day = '2026-12-05' WHERE seat = 1");
    assert_int_equal(booking_wrongs(t), 1);
    store_test_exec(t, "UPDATE booking SET status = 'cancelled', hold_expires_at = NULL");
    assert_true(booking_wrongs(t) >= 2);
}

/* --- any of, and days ------------------------------------------------------------------------- */

static void several_capabilities_will_do(void **state)
{
    store_test_t *t = *state;
    /* Two centrifuges, two nurses and a physician who is a nurse, too. */
    for (int i = 0; i < 5; i++) {
        booking_must_hold(t, "spin", BOOKING_AT(2, 480));
    }
    int64_t id;
    assert_int_equal(booking_hold(t, "spin", BOOKING_AT(2, 480), &id), RG_CONFLICT);
    assert_int_equal(booking_wrongs(t), 0);
    assert_int_equal(store_test_value(t, "SELECT COUNT(DISTINCT resource_id) FROM occupancy"), 5);
}

/* 4 December is a Friday: from Monday to Wednesday the second visit is two or three days later,
 * Wednesday's on Friday only, and from Friday there is Monday, three days on. */
static void visits_are_local_days_apart(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_hold(t, "days", BOOKING_AT(2, 960));
    assert_int_equal(
        store_test_value(t, "SELECT MIN(starts_at) FROM appointment WHERE visit_no = 2"),
        apr_time_sec(BOOKING_AT(4, 480)));
    assert_int_equal(booking_wrongs(t), 0);
    cancel(t, id);
    booking_must_hold(t, "days", BOOKING_AT(4, 480));
    assert_int_equal(store_test_value(t, "SELECT MAX(starts_at) FROM appointment"),
                     apr_time_sec(BOOKING_AT(7, 480)));
    assert_int_equal(booking_wrongs(t), 0);
    store_test_exec(
        t, "UPDATE service_step SET gap_days_max = 2 WHERE service_id = 4 AND step_no = 2");
    store_test_exec(t, "UPDATE catalogue_version SET changed_at = 0");
    assert_int_equal(booking_wrongs(t), 1);
    assert_int_equal(count_of(t, "days", 4), 0);
    store_test_exec(
        t, "UPDATE service_step SET gap_days_max = 3 WHERE service_id = 4 AND step_no = 2");
    store_test_exec(t, "UPDATE catalogue_version SET changed_at = 0");
}

static void offered_means_bookable(void **state)
{
    store_test_t *t = *state;
    static const char *const services[] = {"scan", "spin", "days"};
    for (int i = 0; i < 3; i++) {
        for (int minute = 480; minute < 1020; minute += 30) {
            rg_ctx_t *ctx = booking_ctx(t, 0);
            rg_find_in_t in = {.service_code = services[i], .from = {2026, 12, 3}, .days = 1};
            rg_availability_t *a;
            int64_t id;
            bool offered = false;
            assert_int_equal(rg_availability_find(&a, ctx, &in), RG_OK);
            for (int k = 0; k < a->days[0].count; k++) {
                offered = offered || a->days[0].starts[k] == BOOKING_AT(3, minute);
            }
            rg_outcome_t rc = booking_hold(t, services[i], BOOKING_AT(3, minute), &id);
            if ((rc == RG_OK) != offered) {
                fail_msg("%s, minute %d: %s", services[i], minute, rg_outcome_name(rc));
            }
            store_test_done(ctx);
        }
    }
    assert_int_equal(booking_wrongs(t), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_full_day_is_not_offered, clean),
        cmocka_unit_test_teardown(other_days_are_near, clean),
        cmocka_unit_test_teardown(an_expired_hold_gives_its_seat_back, clean),
        cmocka_unit_test_teardown(a_rush_gets_two_seats, clean),
        cmocka_unit_test_teardown(a_seat_moves_with_its_booking, clean),
        cmocka_unit_test_teardown(bookings_from_before_the_limit_get_seats, clean),
        cmocka_unit_test_teardown(several_capabilities_will_do, clean),
        cmocka_unit_test_teardown(visits_are_local_days_apart, clean),
        cmocka_unit_test_teardown(offered_means_bookable, clean),
    };
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
