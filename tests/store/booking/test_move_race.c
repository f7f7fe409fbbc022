/* SPDX-License-Identifier: Apache-2.0 */
/* Many concurrent moves: of several to one time exactly one succeeds and the others change nothing;
 * against holds, cancellations, other moves of the same booking and killed connections nothing is
 * ever half moved. */
#include "race_test.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

enum { CLIENTS = 16, STEP = 30 };

static int setup(void **state)
{
    return race_setup(state, CLIENTS);
}

static rg_outcome_t move_to(store_test_t *t, int64_t id, apr_time_t start, int version)
{
    rg_ctx_t *staff = booking_staff(t, 2);
    rg_move_in_t in = {.start = start, .version = version};
    rg_hold_t out;
    rg_outcome_t rc = rg_booking_move(&out, staff, id, &in);
    if (rc == RG_CONFLICT && out.nearest_count == 0 && version == 0) {
        rc = RG_INTERNAL; /* who loses must hear of other times */
    }
    store_test_done(staff);
    return rc;
}

static int64_t starting_at(store_test_t *t, apr_time_t start)
{
    return store_test_value(t, apr_psprintf(t->pool,
                                            "SELECT COUNT(*) FROM booking WHERE starts_at = %d AND"
                                            " status IN ('held', 'booked')",
                                            (int)apr_time_sec(start)));
}

/* --- one time, many who want it ---------------------------------------------------------------------------- */

typedef struct {
    store_test_t *t;
    int64_t ids[CLIENTS];
    apr_time_t start;
    apr_uint32_t won, lost, others;
} rush_t;

static void count(rush_t *r, rg_outcome_t rc)
{
    apr_atomic_inc32(rc == RG_OK ? &r->won : rc == RG_CONFLICT ? &r->lost : &r->others);
}

static void rush_client(void *baton, int number)
{
    rush_t *r = baton;
    count(r, move_to(r->t, r->ids[number], r->start, 0));
}

static void one_gets_there(void **state)
{
    store_test_t *t = *state;
    for (int round = 0; round < 4; round++) {
        rush_t r = {.t = t, .start = BOOKING_AT(7, 480 + 120 * round)};
        for (int i = 0; i < CLIENTS; i++) {
            r.ids[i] = booking_must_book(t, "scan", BOOKING_AT(2 + round % 2 * 2, 480 + STEP * i));
        }
        store_test_threads(CLIENTS, rush_client, &r);
        assert_int_equal(r.others, 0);
        assert_int_equal(r.won, 1);
        assert_int_equal(starting_at(t, r.start), 1);
        assert_int_equal(booking_taken(t), CLIENTS * 6);
        assert_int_equal(booking_wrongs(t), 0);
        booking_clean(state);
    }
}

/* Chains: five steps each, and the C-arm lets one in. */
static void one_chain_gets_there(void **state)
{
    store_test_t *t = *state;
    rush_t r = {.t = t, .start = BOOKING_AT(10, 600)};
    int64_t resources = 0;
    for (int i = 0; i < CLIENTS; i++) {
        r.ids[i] = booking_must_book(t, "chain", BOOKING_AT(7 + i / 8, 480 + 45 * (i % 8)));
    }
    resources = store_test_value(t, "SELECT COUNT(*) FROM booking_resource");
    int64_t taken = booking_taken(t);
    store_test_threads(CLIENTS, rush_client, &r);
    assert_int_equal(r.others, 0);
    assert_int_equal(r.won, 1);
    assert_int_equal(booking_taken(t), taken);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM booking_resource"), resources);
    assert_int_equal(booking_wrongs(t), 0);
}

/* Half of them move there, half of them hold it again. */
static void mixed_client(void *baton, int number)
{
    rush_t *r = baton;
    if (number % 2 == 0) {
        count(r, move_to(r->t, r->ids[number], r->start, 0));
        return;
    }
    rg_ctx_t *ctx = booking_ctx(r->t, 2);
    rg_hold_in_t in = {"scan", r->start, 0};
    rg_hold_t out;
    count(r, rg_booking_hold(&out, ctx, &in));
    store_test_done(ctx);
}

static void move_against_hold(void **state)
{
    store_test_t *t = *state;
    for (int round = 0; round < 6; round++) {
        rush_t r = {.t = t, .start = BOOKING_AT(7, 480 + 60 * round)};
        for (int i = 0; i < CLIENTS; i += 2) {
            r.ids[i] = booking_must_book(t, "scan", BOOKING_AT(4, 480 + STEP * i));
        }
        store_test_threads(CLIENTS, mixed_client, &r);
        assert_int_equal(r.others, 0);
        assert_int_equal(r.won, 1);
        assert_int_equal(starting_at(t, r.start), 1);
        assert_int_equal(booking_wrongs(t), 0);
        booking_clean(state);
    }
}

/* In a ring: everybody wants the next one's time. Whoever gets it, gets one that was given up before. */
static void ring_client(void *baton, int number)
{
    rush_t *r = baton;
    count(r,
          move_to(r->t, r->ids[number], BOOKING_AT(4, 480 + STEP * ((number + 1) % CLIENTS)), 0));
}

static void everybody_wants_the_neighbours(void **state)
{
    store_test_t *t = *state;
    rush_t r = {.t = t};
    for (int i = 0; i < CLIENTS - 1; i++) {
        r.ids[i] = booking_must_book(t, "scan", BOOKING_AT(4, 480 + STEP * i));
    }
    r.ids[CLIENTS - 1] = booking_must_book(t, "scan", BOOKING_AT(4, 480 + STEP * CLIENTS));
    store_test_threads(CLIENTS, ring_client, &r);
    assert_int_equal(r.others, 0);
    assert_int_equal(r.won + r.lost, CLIENTS);
    assert_int_equal(store_test_value(t, "SELECT COUNT(DISTINCT starts_at) FROM booking"), CLIENTS);
    assert_int_equal(booking_taken(t), CLIENTS * 6);
    assert_int_equal(booking_wrongs(t), 0);
}

/* --- one booking, many who change it --------------------------------------------------------------------------- */

static void same_booking_client(void *baton, int number)
{
    rush_t *r = baton;
    count(r, move_to(r->t, r->ids[0], BOOKING_AT(7, 480 + STEP * number), (int)r->ids[1]));
}

static void same_booking(store_test_t *t, const char *service, bool seen, int winners)
{
    rush_t r = {.t = t};
    r.ids[0] = booking_must_book(t, service, BOOKING_AT(4, 600));
    r.ids[1] = seen ? store_test_value(t, "SELECT MAX(version) FROM booking") : 0;
    int64_t taken = booking_taken(t);
    store_test_threads(CLIENTS, same_booking_client, &r);
    assert_int_equal(r.others, 0);
    assert_int_equal(r.won, winners);
    assert_int_equal(booking_taken(t), taken);
    assert_int_equal(store_test_value(t, "SELECT MAX(sequence) FROM appointment"), winners);
    assert_int_equal(booking_wrongs(t), 0);
}

/* One after the other, each from where the one before left it. */
static void moves_of_one_booking_queue(void **state)
{
    same_booking(*state, "scan", false, CLIENTS);
}

/* Who says which version they saw is moved once. */
static void one_of_those_who_saw_the_same(void **state)
{
    same_booking(*state, "chain", true, 1);
}

typedef struct {
    store_test_t *t;
    int64_t id;
    apr_time_t start;
    rg_outcome_t move, other;
} duel_t;

static void cancel_side(void *baton, int number)
{
    duel_t *d = baton;
    if (number == 0) {
        d->move = move_to(d->t, d->id, d->start, 0);
        return;
    }
    rg_ctx_t *ctx = booking_staff(d->t, 2);
    d->other = rg_booking_cancel(ctx, d->id, "duel");
    store_test_done(ctx);
}

static void move_against_cancel(void **state)
{
    store_test_t *t = *state;
    int moved = 0;
    for (int round = 0; round < 16; round++) {
        duel_t d = {t, booking_must_book(t, "scan", BOOKING_AT(4, 480 + STEP * round)),
                    BOOKING_AT(7, 480 + STEP * round), 0, 0};
        store_test_threads(2, cancel_side, &d);
        assert_int_equal(d.other, RG_OK);
        assert_true(d.move == RG_OK || d.move == RG_PRECONDITION);
        moved += d.move == RG_OK;
        assert_int_equal(booking_taken(t), 0);
    }
    print_message("%d of 16 moved before they were cancelled\n", moved);
    assert_int_equal(booking_wrongs(t), 0);
}

/* Everybody moves at the edge of their hold while somebody sweeps. */
static void sweep_side(void *baton, int number)
{
    duel_t *d = baton;
    rg_ctx_t *ctx = booking_patient(d->t, number == 0 ? 9 : 10, d->id);
    rg_move_in_t in = {.start = d->start};
    rg_hold_t out;
    int swept;
    if (number == 0) {
        d->move = rg_booking_move(&out, ctx, d->id, &in);
    }
    else {
        d->other = rg_booking_sweep(&swept, ctx, 10);
    }
    store_test_done(ctx);
}

static void move_against_sweep(void **state)
{
    store_test_t *t = *state;
    for (int round = 0; round < 16; round++) {
        duel_t d = {t, booking_must_hold(t, "chain", BOOKING_AT(4, 480 + 15 * round)),
                    BOOKING_AT(7, 480 + 15 * round), 0, 0};
        store_test_threads(2, sweep_side, &d);
        assert_int_equal(d.other, RG_OK);
        assert_true(d.move == RG_OK || d.move == RG_GONE);
        assert_int_equal(booking_taken(t), 0);
    }
    assert_int_equal(booking_wrongs(t), 0);
}

/* --- storms with killed connections ------------------------------------------------------------------------------- */

typedef struct {
    store_test_t *t;
    int64_t ids[CLIENTS];
    apr_uint32_t counts[RG_OUTCOME_COUNT];
    apr_uint32_t done;
    int kills;
    bool killing;
} storm_t;

static const char *const services[] = {"chain", "days", "scan", "spin", "pair"};

static void storm_client(storm_t *s, int number)
{
    uint64_t seed = (uint64_t)number * 7919 + 3;
    for (int i = 0; i < 30; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        int dice = (int)(seed >> 40);
        int day = dice % 3 < 2 ? 7 + dice % 2 : 4;
        /* Neighbours share bookings, so that some are moved by two at once. */
        int64_t id = s->ids[(number + dice % 2) % CLIENTS];
        rg_ctx_t *staff = booking_staff(s->t, 2);
        rg_move_in_t in = {.start = BOOKING_AT(day, 480 + 30 * (dice / 7 % 18))};
        rg_hold_t out;
        race_count(s->counts, rg_booking_move(&out, staff, id, &in));
        store_test_done(staff);
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
    for (int i = 0; i < CLIENTS; i++) {
        const char *service = services[i % 5];
        rg_outcome_t rc = RG_CONFLICT;
        for (int k = 0; k < 36 && rc != RG_OK; k++) {
            rc = booking_hold(s->t, service, BOOKING_AT(4 + k / 18 * 3, 480 + 30 * (k % 18)),
                              &s->ids[i]);
        }
        assert_int_equal(rc, RG_OK);
        booking_fill(s->t, s->ids[i]);
    }
    store_test_exec(s->t, "UPDATE booking SET status = 'booked', hold_expires_at = NULL");
    store_test_threads(CLIENTS + (killing ? 1 : 0), storm_or_killer, s);
    print_message("%d killed;", s->kills);
    race_print(s->counts);
    assert_int_equal(booking_wrongs(s->t), 0);
    assert_int_equal(store_test_value(s->t, "SELECT COUNT(*) FROM booking WHERE status = 'booked'"),
                     CLIENTS);
    assert_true(s->counts[RG_OK] > 30 && (killing || s->counts[RG_CONFLICT] > 30));
}

static void storm(void **state)
{
    storm_t s = {.t = *state};
    run_storm(&s, false);
    assert_int_equal(s.counts[RG_UNAVAILABLE], 0);
    assert_int_equal(s.counts[RG_INTERNAL], 0);
    /* Every move that was answered with yes happened, once. */
    assert_int_equal(store_test_value(s.t, "SELECT SUM(a.sequence) FROM appointment a WHERE"
                                           " a.visit_no = 1"),
                     s.counts[RG_OK]);
}

static void killed_connections(void **state)
{
    storm_t s = {.t = *state};
    run_storm(&s, true);
    assert_true(s.kills > 10);
    /* What was answered with yes happened; what broke at COMMIT may have, too. */
    int64_t moves =
        store_test_value(s.t, "SELECT SUM(sequence) FROM appointment WHERE visit_no = 1");
    assert_true(moves >= s.counts[RG_OK]);
    assert_true(moves <= s.counts[RG_OK] + s.counts[RG_UNAVAILABLE]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_gets_there, booking_clean),
        cmocka_unit_test_setup(one_chain_gets_there, booking_clean),
        cmocka_unit_test_setup(move_against_hold, booking_clean),
        cmocka_unit_test_setup(everybody_wants_the_neighbours, booking_clean),
        cmocka_unit_test_setup(moves_of_one_booking_queue, booking_clean),
        cmocka_unit_test_setup(one_of_those_who_saw_the_same, booking_clean),
        cmocka_unit_test_setup(move_against_cancel, booking_clean),
        cmocka_unit_test_setup(move_against_sweep, booking_clean),
        cmocka_unit_test_setup(storm, booking_clean),
        cmocka_unit_test_setup(killed_connections, booking_clean),
    };
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
