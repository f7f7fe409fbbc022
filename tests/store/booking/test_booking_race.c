/* SPDX-License-Identifier: Apache-2.0 */
/* Many clients at once: of many bookings of one time exactly one succeeds; storms of holds,
 * confirmations, cancellations and expiries, with connections killed in the middle, leave nothing
 * half done. */
#include "race_test.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

#include <stdio.h>

enum { CLIENTS = 32 };

static int setup(void **state)
{
    return race_setup(state, CLIENTS);
}

/* --- one time, many clients ------------------------------------------------------------------------- */

typedef struct {
    store_test_t *t;
    const char *service;
    apr_time_t start;
    int minutes; /* after now, for the clients' clock */
    apr_uint32_t won, conflicts, others;
} rush_t;

static void rush_client(void *baton, int number)
{
    rush_t *r = baton;
    rg_ctx_t *ctx = booking_ctx(r->t, r->minutes);
    rg_hold_in_t in = {r->service, r->start, 0};
    rg_hold_t out;
    rg_outcome_t rc = rg_booking_hold(&out, ctx, &in);
    (void)number;
    if (rc == RG_OK) {
        apr_atomic_inc32(&r->won);
    }
    else if (rc == RG_CONFLICT && out.nearest_count > 0) {
        apr_atomic_inc32(&r->conflicts);
    }
    else {
        fprintf(stderr, "# %s\n", rg_outcome_name(rc));
        apr_atomic_inc32(&r->others);
    }
    store_test_done(ctx);
}

static void rush(store_test_t *t, const char *service, apr_time_t start, int minutes, int winners)
{
    rush_t r = {t, service, start, minutes, 0, 0, 0};
    store_test_threads(CLIENTS, rush_client, &r);
    assert_int_equal(r.others, 0);
    assert_int_equal(r.won, winners);
    assert_int_equal(r.conflicts, CLIENTS - winners);
}

static void one_wins_every_time(void **state)
{
    store_test_t *t = *state;
    for (int round = 0; round < 12; round++) {
        rush(t, "scan", BOOKING_AT(2, 480 + 30 * round), 0, 1);
    }
    assert_int_equal(booking_taken(t), 12 * 6);
    assert_int_equal(booking_wrongs(t), 0);
}

/* Two centrifuges, two winners: who lost the first one is given the second. */
static void as_many_win_as_there_are(void **state)
{
    store_test_t *t = *state;
    for (int round = 0; round < 6; round++) {
        rush(t, "spin", BOOKING_AT(2, 480 + 30 * round), 0, 2);
    }
    assert_int_equal(booking_wrongs(t), 0);
}

/* One C-arm makes a chain unique; none of the losers may leave a step behind. */
static void chains_are_whole(void **state)
{
    store_test_t *t = *state;
    for (int round = 0; round < 4; round++) {
        rush(t, "chain", BOOKING_AT(2, 480 + 90 * round), 0, 1);
    }
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM booking"), 4);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM booking_resource"), 40);
    assert_int_equal(booking_wrongs(t), 0);
}

/* All run into the same expired hold at once: it is expired once, and one of them gets its time. */
static void expired_hold_has_one_heir(void **state)
{
    store_test_t *t = *state;
    for (int round = 0; round < 6; round++) {
        apr_time_t start = BOOKING_AT(3, 660 + 30 * round);
        int64_t id = booking_must_hold(t, "scan", start);
        rush(t, "scan", start, 10, 1);
        assert_int_equal(
            store_test_value(t, apr_psprintf(t->pool,
                                             "SELECT COUNT(*) FROM audit_event WHERE action ="
                                             " 'booking.expire' AND entity_id = %d",
                                             (int)id)),
            1);
        assert_int_equal(booking_wrongs(t), 0);
        booking_clean(state);
    }
}

/* A double click is one booking. */
typedef struct {
    store_test_t *t;
    char uids[CLIENTS][32];
} clicks_t;

static void click(void *baton, int number)
{
    clicks_t *c = baton;
    rg_ctx_t *ctx = booking_ctx(c->t, 0);
    rg_idem_t idem = {.key = {1}, .request = {2}};
    rg_hold_in_t in = {"spin", BOOKING_AT(2, 600), 0};
    rg_hold_t out;
    ctx->idem = &idem;
    rg_outcome_t rc = rg_booking_hold(&out, ctx, &in);
    apr_cpystrn(c->uids[number], rc == RG_OK ? out.booking->uid : rg_outcome_name(rc),
                sizeof(c->uids[0]));
    store_test_done(ctx);
}

static void double_clicks_are_one(void **state)
{
    store_test_t *t = *state;
    clicks_t c = {.t = t};
    store_test_threads(CLIENTS, click, &c);
    for (int i = 0; i < CLIENTS; i++) {
        assert_string_equal(c.uids[i], c.uids[0]);
    }
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM booking"), 1);
    assert_int_equal(booking_wrongs(t), 0);
}

/* Confirming and cancelling the same booking at once: one happens, and time agrees with it. */
typedef struct {
    store_test_t *t;
    int64_t id;
    rg_outcome_t confirm, cancel;
} duel_t;

static void duel_side(void *baton, int number)
{
    duel_t *d = baton;
    rg_ctx_t *ctx = booking_patient(d->t, 1, d->id);
    const char *link;
    if (number == 0) {
        d->confirm = rg_booking_confirm(&link, ctx, d->id);
    }
    else {
        d->cancel = rg_booking_cancel(ctx, d->id, "duel");
    }
    store_test_done(ctx);
}

static void confirm_against_cancel(void **state)
{
    store_test_t *t = *state;
    for (int round = 0; round < 15; round++) {
        duel_t d = {t, booking_must_hold(t, "scan", BOOKING_AT(4, 480 + 30 * round)), 0, 0};
        booking_fill(t, d.id);
        store_test_threads(2, duel_side, &d);
        assert_int_equal(d.cancel, RG_OK);
        assert_true(d.confirm == RG_OK || d.confirm == RG_PRECONDITION);
        assert_int_equal(booking_taken(t), 0);
    }
    assert_int_equal(booking_wrongs(t), 0);
}

/* --- storms -------------------------------------------------------------------------------------------- */

typedef struct {
    store_test_t *t;
    int rounds;
    apr_uint32_t counts[RG_OUTCOME_COUNT];
    apr_uint32_t held, booked, cancelled, stop;
} storm_t;

typedef struct {
    storm_t *s;
    uint64_t seed;
    MYSQL *sql;
} client_t;

static int pick(client_t *c, int n)
{
    c->seed = c->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((c->seed >> 33) % (uint64_t)n);
}

static rg_outcome_t count(client_t *c, rg_outcome_t rc)
{
    return race_count(c->s->counts, rc);
}

/* Details as another slice would have saved them, on a connection of the client's own. */
static void fill(client_t *c, const rg_ctx_t *ctx, int64_t id)
{
    const char *sql = apr_psprintf(
        ctx->pool, "UPDATE booking SET patient_id = 1, self_pay = 1 WHERE id = %d", (int)id);
    if (c->sql && mysql_query(c->sql, sql) != 0) {
        mysql_close(c->sql);
        c->sql = NULL;
    }
}

static void go_on(client_t *c, int64_t id, int minutes)
{
    rg_ctx_t *ctx = booking_patient(c->s->t, minutes, id);
    const char *link;
    switch (pick(c, 4)) {
    case 0: break; /* goes away; the hold expires */
    case 1:
        if (count(c, rg_booking_cancel(ctx, id, "storm")) == RG_OK) {
            apr_atomic_inc32(&c->s->cancelled);
        }
        break;
    case 2: count(c, rg_booking_extend(ctx, id)); /* fall through */
    default:
        fill(c, ctx, id);
        if (count(c, rg_booking_confirm(&link, ctx, id)) == RG_OK) {
            apr_atomic_inc32(&c->s->booked);
            if (pick(c, 2) == 0 && count(c, rg_booking_cancel(ctx, id, "storm")) == RG_OK) {
                apr_atomic_inc32(&c->s->cancelled);
            }
        }
    }
    store_test_done(ctx);
}

static void storm_round(client_t *c)
{
    static const char *const services[] = {"chain", "scan", "spin", "days", "pair"};
    /* Clocks differ, so some expire what others still hold. */
    int minutes = pick(c, 3) * 9;
    rg_ctx_t *ctx = booking_ctx(c->s->t, minutes);
    rg_hold_in_t in = {services[pick(c, 5)], BOOKING_AT(2 + pick(c, 2), 480 + 30 * pick(c, 18)), 0};
    rg_hold_t out = {0};
    rg_find_in_t ask = {in.service_code, {2026, 12, 2}, 3, 0, 0, 0};
    rg_availability_t *a;
    int swept;
    switch (pick(c, 8)) {
    case 0: count(c, rg_availability_find(&a, ctx, &ask)); break;
    case 1: count(c, rg_booking_sweep(&swept, ctx, 50)); break;
    default:
        if (count(c, rg_booking_hold(&out, ctx, &in)) == RG_OK) {
            apr_atomic_inc32(&c->s->held);
            go_on(c, out.booking->id, minutes);
        }
    }
    store_test_done(ctx);
}

static void storm_client(void *baton, int number)
{
    storm_t *s = baton;
    client_t c = {s, (uint64_t)number * 7919 + 17, mysql_init(NULL)};
    if (!mysql_real_connect(c.sql, NULL, s->t->conf.user, s->t->conf.password, s->t->conf.database,
                            0, s->t->conf.socket, 0)) {
        mysql_close(c.sql);
        c.sql = NULL;
    }
    for (int i = 0; i < s->rounds; i++) {
        storm_round(&c);
    }
    if (c.sql) {
        mysql_close(c.sql);
    }
}

static void print_storm(const storm_t *s)
{
    print_message("%u held, %u booked, %u cancelled;", s->held, s->booked, s->cancelled);
    race_print(s->counts);
}

static void storm(void **state)
{
    store_test_t *t = *state;
    storm_t s = {.t = t, .rounds = 40};
    store_test_threads(12, storm_client, &s);
    print_storm(&s);
    assert_int_equal(booking_wrongs(t), 0);
    assert_true(s.held > 50 && s.booked > 10 && s.cancelled > 10);
    assert_true(s.counts[RG_CONFLICT] > 0);
    assert_int_equal(s.counts[RG_INTERNAL], 0);
}

/* --- connections killed in the middle --------------------------------------------------------------------- */

typedef struct {
    storm_t *storm;
    int kills;
} killer_t;

static void storm_or_killer(void *baton, int number)
{
    killer_t *k = baton;
    storm_t *s = k->storm;
    if (number > 0) {
        storm_client(s, number);
        apr_atomic_inc32(&s->stop);
        return;
    }
    k->kills = race_kill(s->t, &s->stop, 8);
}

static void killed_connections(void **state)
{
    store_test_t *t = *state;
    storm_t s = {.t = t, .rounds = 40};
    killer_t k = {&s, 0};
    store_test_threads(9, storm_or_killer, &k);
    print_message("%d connections killed; ", k.kills);
    print_storm(&s);
    assert_int_equal(booking_wrongs(t), 0);
    assert_true(k.kills > 10 && s.held > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_wins_every_time, booking_clean),
        cmocka_unit_test_setup(as_many_win_as_there_are, booking_clean),
        cmocka_unit_test_setup(chains_are_whole, booking_clean),
        cmocka_unit_test_setup(expired_hold_has_one_heir, booking_clean),
        cmocka_unit_test_setup(double_clicks_are_one, booking_clean),
        cmocka_unit_test_setup(confirm_against_cancel, booking_clean),
        cmocka_unit_test_setup(storm, booking_clean),
        cmocka_unit_test_setup(killed_connections, booking_clean),
    };
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
