/* SPDX-License-Identifier: Apache-2.0 */
/* Many concurrent moves of single visits, against each other and against moving, canceling or
 * treating the same booking: no time is taken twice, nothing is half moved, and completed steps
 * stay. */
#include "race_test.h"
#include "visits_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/unit.h"

enum { CLIENTS = 16 };

static int setup(void **state)
{
    return race_setup(state, CLIENTS) || visits_add(state);
}

typedef struct {
    store_test_t *t;
    int64_t ids[CLIENTS];
    apr_time_t start;
    apr_uint32_t counts[RG_OUTCOME_COUNT];
} rush_t;

static int64_t value(store_test_t *t, const char *sql)
{
    return store_test_value(t, sql);
}

/* --- one time, many who want it --------------------------------------------------------------- */

static void rush_client(void *baton, int number)
{
    rush_t *r = baton;
    apr_atomic_inc32(&r->counts[visits_staff_moves(r->t, r->ids[number], 2, r->start)]);
}

/* Everybody's second visit onto the only C-arm; half of the courses have begun. */
static void one_gets_there(void **state)
{
    store_test_t *t = *state;
    for (int round = 0; round < 3; round++) {
        rush_t r = {.t = t, .start = BOOKING_AT(8, 510 + 60 * round)};
        for (int i = 0; i < CLIENTS; i++) {
            r.ids[i] = booking_must_book(t, "late", BOOKING_AT(2 + i / 8, 480 + 60 * (i % 8)));
        }
        store_test_exec(t, "UPDATE booking SET status = 'arrived' WHERE id % 2 = 0");
        int64_t taken = booking_taken(t);
        int64_t first = value(t, "SELECT SUM(starts_at) FROM booking");
        store_test_threads(CLIENTS, rush_client, &r);
        assert_int_equal(r.counts[RG_OK], 1);
        assert_int_equal(r.counts[RG_CONFLICT], CLIENTS - 1);
        assert_int_equal(booking_taken(t), taken);
        assert_int_equal(value(t, "SELECT SUM(starts_at) FROM booking"), first);
        assert_int_equal(value(t, "SELECT SUM(sequence) FROM appointment WHERE visit_no = 1"), 0);
        assert_int_equal(value(t, "SELECT SUM(sequence) FROM appointment WHERE visit_no = 2"), 1);
        assert_int_equal(booking_wrongs(t), 0);
        visits_clean(state);
    }
}

/* --- one booking, many who change it ---------------------------------------------------------- */

/* Each wants another time for another part of the same course. */
static void course_client(void *baton, int number)
{
    rush_t *r = baton;
    int visit = number % 4;
    apr_time_t start = visit == 0   ? BOOKING_AT(3, 480 + 30 * number)
                       : visit == 3 ? BOOKING_AT(7, 480 + 30 * number)
                       : visit == 2 ? BOOKING_AT(4, 480 + 30 * number)
                                    : BOOKING_AT(2, 480 + 30 * number);
    apr_atomic_inc32(&r->counts[visits_staff_moves(r->t, r->ids[0], visit, start)]);
}

static void moves_of_one_course_queue(void **state)
{
    store_test_t *t = *state;
    rush_t r = {.t = t};
    r.ids[0] = booking_must_book(t, "course", BOOKING_AT(2, 600));
    int64_t version = value(t, "SELECT version FROM booking");
    int64_t taken = booking_taken(t);
    store_test_threads(CLIENTS, course_client, &r);
    assert_true(r.counts[RG_OK] > 3);
    assert_int_equal(r.counts[RG_OK] + r.counts[RG_INVALID] + r.counts[RG_CONFLICT], CLIENTS);
    assert_int_equal(value(t, "SELECT version FROM booking"), version + r.counts[RG_OK]);
    assert_int_equal(booking_taken(t), taken);
    assert_int_equal(value(t, "SELECT COUNT(*) FROM appointment"), 4);
    assert_int_equal(booking_wrongs(t), 0);
}

typedef struct {
    store_test_t *t;
    int64_t id;
    rg_outcome_t move, other;
} duel_t;

/* The patient comes while the harvest is moved away: one of both happens, the other hears why
 * not. */
static void harvest_side(void *baton, int number)
{
    duel_t *d = baton;
    if (number == 0) {
        d->move = visits_staff_moves(d->t, d->id, 2, BOOKING_AT(7, 600));
        return;
    }
    rg_ctx_t *doctor = visits_doctor(d->t, 4, 540);
    rg_harvest_in_t in = {.volume_ml = "60",
                          .side_confirmed = "left",
                          .who = &store_test_act,
                          .taken_from = "left-posterior-iliac-crest"};
    rg_unit_t *unit;
    d->other = rg_day_harvest(&unit, doctor, d->id, &in);
    store_test_done(doctor);
}

static void move_against_harvest(void **state)
{
    store_test_t *t = *state;
    int stayed = 0;
    for (int round = 0; round < 12; round++) {
        duel_t d = {t, booking_must_book(t, "course", BOOKING_AT(2, 600)), 0, 0};
        rg_ctx_t *doctor = visits_doctor(t, 2, 600);
        rg_check_in_t in = {"1961-02-03", "", NULL, NULL};
        assert_int_equal(rg_day_check_in(doctor, d.id, &in), RG_OK);
        store_test_done(doctor);
        store_test_threads(2, harvest_side, &d);
        assert_int_equal(d.other, RG_OK);
        assert_true(d.move == RG_OK || d.move == RG_PRECONDITION);
        stayed += d.move == RG_PRECONDITION;
        assert_int_equal(booking_wrongs(t), 0);
        visits_clean(state);
    }
    print_message("%d of 12 were harvested before they could move\n", stayed);
}

static void cancel_side(void *baton, int number)
{
    duel_t *d = baton;
    if (number == 0) {
        d->move = visits_staff_moves(d->t, d->id, 3, BOOKING_AT(7, 900));
        return;
    }
    rg_ctx_t *ctx = booking_staff(d->t, 2);
    d->other = rg_booking_cancel(ctx, d->id, "duel");
    store_test_done(ctx);
}

static void move_against_cancel(void **state)
{
    store_test_t *t = *state;
    for (int round = 0; round < 12; round++) {
        duel_t d = {t, booking_must_book(t, "course", BOOKING_AT(2, 480 + 30 * round)), 0, 0};
        store_test_threads(2, cancel_side, &d);
        assert_int_equal(d.other, RG_OK);
        assert_true(d.move == RG_OK || d.move == RG_PRECONDITION);
        assert_int_equal(booking_taken(t), 0);
    }
    assert_int_equal(booking_wrongs(t), 0);
}

/* --- storms with killed connections ----------------------------------------------------------- */

typedef struct {
    store_test_t *t;
    int64_t ids[CLIENTS];
    apr_uint32_t counts[RG_OUTCOME_COUNT];
    apr_uint32_t done;
    int kills;
} storm_t;

static void storm_client(storm_t *s, int number)
{
    uint64_t seed = (uint64_t)number * 7919 + 3;
    for (int i = 0; i < 25; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        int dice = (int)(seed >> 40);
        int64_t id = s->ids[(number + dice % 2) % CLIENTS];
        apr_time_t start = BOOKING_AT(3 + dice % 8, 480 + 30 * (dice / 8 % 17));
        apr_atomic_inc32(&s->counts[visits_staff_moves(s->t, id, dice % 5 % 4, start)]);
    }
}

static void storm_or_killer(void *baton, int number)
{
    storm_t *s = baton;
    if (number < CLIENTS) {
        storm_client(s, number);
        apr_atomic_inc32(&s->done);
        return;
    }
    s->kills = race_kill(s->t, &s->done, CLIENTS);
}

static void run_storm(storm_t *s, bool killing)
{
    static const char *const services[] = {"course", "late", "course", "days"};
    for (int i = 0; i < CLIENTS; i++) {
        rg_outcome_t rc = RG_CONFLICT;
        for (int k = 0; k < 54 && rc != RG_OK; k++) {
            rc = booking_hold(s->t, services[i % 4], BOOKING_AT(2 + k / 18, 480 + 30 * (k % 18)),
                              &s->ids[i]);
        }
        assert_int_equal(rc, RG_OK);
        booking_fill(s->t, s->ids[i]);
    }
    store_test_exec(s->t, "UPDATE booking SET hold_expires_at = NULL, status ="
                          " IF(id % 3 = 0, 'in-progress', 'booked')");
    store_test_threads(CLIENTS + (killing ? 1 : 0), storm_or_killer, s);
    print_message("%d killed;", s->kills);
    race_print(s->counts);
    assert_int_equal(booking_wrongs(s->t), 0);
    assert_int_equal(s->counts[RG_INTERNAL], 0);
    assert_int_equal(value(s->t, "SELECT COUNT(*) FROM booking WHERE status IN ('booked',"
                                 " 'in-progress')"),
                     CLIENTS);
    assert_true(s->counts[RG_OK] > 20);
}

static void storm(void **state)
{
    storm_t s = {.t = *state};
    run_storm(&s, false);
    assert_int_equal(s.counts[RG_UNAVAILABLE], 0);
    /* Every move that was answered with yes happened, once: each raised the version by one. */
    assert_int_equal(value(s.t, "SELECT SUM(version - 1) FROM booking"), s.counts[RG_OK]);
}

static void killed_connections(void **state)
{
    storm_t s = {.t = *state};
    run_storm(&s, true);
    int64_t moves = value(s.t, "SELECT SUM(version - 1) FROM booking");
    assert_true(moves >= s.counts[RG_OK]);
    assert_true(moves <= s.counts[RG_OK] + s.counts[RG_UNAVAILABLE]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_gets_there, visits_clean),
        cmocka_unit_test_setup(moves_of_one_course_queue, visits_clean),
        cmocka_unit_test_setup(move_against_harvest, visits_clean),
        cmocka_unit_test_setup(move_against_cancel, visits_clean),
        cmocka_unit_test_setup(storm, visits_clean),
        cmocka_unit_test_setup(killed_connections, visits_clean),
    };
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
