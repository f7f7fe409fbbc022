/* SPDX-License-Identifier: Apache-2.0 */
/* Many freed times, many entries and many direct bookings at once, with the connections of two
 * processes: each freed time goes to exactly one person, in order of joining, nobody takes what is
 * offered to somebody else, and expired offers go to the next entry. */
#include "waitlist_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

#include <stdio.h>

#include <apr_atomic.h>

enum { CLIENTS = 24, STARTS = 18, DAYS = 2, TIMES = STARTS * DAYS };

static rg_store_t *stores[2]; /* as two processes have */

static int setup(void **state)
{
    booking_setup(state);
    store_test_t *t = *state;
    rg_store_conf_t *conf = apr_pmemdup(t->pool, &t->conf, sizeof(t->conf));
    apr_pool_t *pool;
    conf->max = CLIENTS;
    conf->acquire_timeout = apr_time_from_sec(60);
    stores[0] = store_test_open(t, &pool, conf);
    stores[1] = store_test_open(t, &pool, conf);
    t->store = stores[0];
    return 0;
}

static apr_time_t time_of(int i)
{
    return BOOKING_AT(i < STARTS ? 2 : 4, 480 + 30 * (i % STARTS));
}

typedef struct {
    store_test_t *t;
    int64_t bookings[TIMES];
    int64_t waiters[64];
    int waiter_count;
    int freed;   /* how many of the times are cancelled */
    int minutes; /* the clock of all */
    apr_uint32_t next, cancelled, snatched, unavailable, others;
} fair_t;

/* Both days full, and everybody waits for any time of them. */
static void fill(fair_t *f, int waiters)
{
    for (int i = 0; i < TIMES; i++) {
        f->bookings[i] = wait_booked(f->t, time_of(i));
    }
    for (int i = 0; i < waiters; i++) {
        f->waiters[f->waiter_count++] = wait_join(f->t, i / 3, "Ann", 2 + 2 * (i % 2), 0xf);
    }
}

static rg_ctx_t *client_ctx(fair_t *f, int number, unsigned roles)
{
    rg_ctx_t *ctx = booking_ctx(f->t, f->minutes);
    ctx->store = stores[number % 2];
    ctx->who.roles = roles;
    return ctx;
}

static void cancel_next(fair_t *f, int number)
{
    int i = (int)apr_atomic_inc32(&f->next);
    if (i >= f->freed) {
        return;
    }
    rg_ctx_t *ctx = client_ctx(f, number, RG_ROLE_FRONT_DESK);
    ctx->who.staff_id = 1;
    rg_outcome_t rc = rg_booking_cancel(ctx, f->bookings[(i * 7) % TIMES], "clinic");
    apr_atomic_inc32(rc == RG_OK ? &f->cancelled : &f->others);
    store_test_done(ctx);
}

static void book_directly(fair_t *f, int number, int round)
{
    rg_ctx_t *ctx = client_ctx(f, number, RG_ROLE_NONE);
    rg_hold_in_t in = {"scan", time_of((number * 11 + round * 5) % TIMES), 0};
    rg_hold_t out;
    rg_outcome_t rc = rg_booking_hold(&out, ctx, &in);
    if (rc == RG_OK) {
        apr_atomic_inc32(&f->snatched);
    }
    else if (rc == RG_UNAVAILABLE) {
        apr_atomic_inc32(&f->unavailable);
    }
    else if (rc != RG_CONFLICT) {
        fprintf(stderr, "# direct: %s\n", rg_outcome_name(rc));
        apr_atomic_inc32(&f->others);
    }
    store_test_done(ctx);
}

static void sweep(fair_t *f, int number)
{
    rg_ctx_t *ctx = client_ctx(f, number, RG_ROLE_NONE);
    int n;
    (void)rg_booking_sweep(&n, ctx, 50);
    (void)rg_waitlist_sweep(&n, ctx, 50);
    store_test_done(ctx);
}

/* A third cancels, a third books directly, a third sweeps. */
static void crowd(void *baton, int number)
{
    fair_t *f = baton;
    for (int round = 0; round < 6; round++) {
        switch (number % 3) {
        case 0: cancel_next(f, number); break;
        case 1: book_directly(f, number, round); break;
        default: sweep(f, number);
        }
    }
    /* Who books directly keeps trying as long as times become free. */
    for (int round = 6;
         number % 3 == 1 && round < 400 && f->cancelled + f->others < (unsigned)f->freed; round++) {
        book_directly(f, number, round);
    }
}

static int64_t number(fair_t *f, const char *sql)
{
    return store_test_value(f->t, sql);
}

/* Nobody of the same day is passed over: who has an offer came before who has none. */
#define PASSED_OVER                                                                                \
    "SELECT COUNT(*) FROM waitlist a JOIN waitlist b ON b.first_day = a.first_day"                 \
    " AND (b.created_at, b.id) > (a.created_at, a.id)"                                             \
    " WHERE a.status = 'waiting' AND b.status = 'offered'"

static void print(const fair_t *f)
{
    print_message("%u cancelled, %u booked directly, %u unavailable\n", f->cancelled, f->snatched,
                  f->unavailable);
}

/* Fewer times than people: every freed time is offered, to those who came first. */
static void more_people_than_times(void **state)
{
    fair_t f = {.t = *state, .freed = 14, .minutes = 60};
    fill(&f, 30);
    store_test_threads(CLIENTS, crowd, &f);
    wait_sweep(f.t, 60);
    print(&f);
    assert_int_equal(f.others, 0);
    assert_int_equal(f.cancelled, 14);
    assert_int_equal(f.snatched, 0);
    assert_int_equal(number(&f, "SELECT COUNT(*) FROM waitlist WHERE status = 'offered'"), 14);
    assert_int_equal(number(&f, PASSED_OVER), 0);
    assert_int_equal(booking_wrongs(f.t) + wait_wrongs(f.t), 0);
}

/* More times than people: each gets exactly one, the rest is for everybody. */
static void more_times_than_people(void **state)
{
    fair_t f = {.t = *state, .freed = 20, .minutes = 60};
    fill(&f, 6);
    store_test_threads(CLIENTS, crowd, &f);
    wait_sweep(f.t, 60);
    print(&f);
    assert_int_equal(f.others, 0);
    assert_int_equal(f.cancelled, 20);
    assert_int_equal(number(&f, "SELECT COUNT(*) FROM waitlist WHERE status = 'offered'"), 6);
    assert_int_equal(
        number(&f, "SELECT COUNT(DISTINCT starts_at) FROM booking WHERE source = 'waitlist'"), 6);
    /* What nobody waits for anymore is there for others. */
    for (int i = 0; i < TIMES; i++) {
        book_directly(&f, i, 0);
    }
    print(&f);
    assert_int_equal(f.snatched, 14);
    assert_int_equal(booking_wrongs(f.t) + wait_wrongs(f.t), 0);
}

/* --- offers run out under load ---------------------------------------------------------------- */

static void passing(void *baton, int number)
{
    fair_t *f = baton;
    for (int round = 0; round < 4; round++) {
        if (number % 3 == 1) {
            book_directly(f, number, round);
        }
        else {
            sweep(f, number);
        }
    }
}

/* Three rounds without an answer: each time goes to the next, never to the same again, and in the
 * end it is free. */
static void expired_offers_pass_on(void **state)
{
    fair_t f = {.t = *state, .freed = 4, .minutes = 60};
    fill(&f, 12);
    store_test_threads(CLIENTS, crowd, &f);
    assert_int_equal(number(&f, "SELECT COUNT(*) FROM waitlist WHERE status = 'offered'"), 4);
    for (int round = 1; round <= 2; round++) {
        f.minutes += 130;
        store_test_threads(CLIENTS, passing, &f);
        assert_int_equal(number(&f, "SELECT COUNT(*) FROM waitlist_offer WHERE outcome = 'open'"),
                         4);
        assert_int_equal(number(&f, "SELECT COUNT(*) FROM waitlist_offer"), 4 * (round + 1));
        assert_int_equal(booking_wrongs(f.t) + wait_wrongs(f.t), 0);
    }
    assert_int_equal(f.snatched, 0);
    assert_int_equal(f.others, 0);
    assert_int_equal(number(&f, "SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM waitlist_offer"
                                " GROUP BY waitlist_id, starts_at) x"),
                     1);
}

/* --- answers at the last moment --------------------------------------------------------------- */

typedef struct {
    fair_t *f;
    int64_t id;
    rg_outcome_t accepted, declined;
} duel_t;

static void duel(void *baton, int number)
{
    duel_t *d = baton;
    rg_ctx_t *ctx = client_ctx(d->f, number, RG_ROLE_PATIENT);
    int64_t booking;
    ctx->who.waiter_id = d->id;
    switch (number) {
    case 0: d->accepted = rg_waitlist_accept(&booking, ctx, d->id, NULL); break;
    case 1: d->declined = rg_waitlist_decline(ctx, d->id, NULL); break;
    default: ctx->now += apr_time_from_sec(7100); sweep(d->f, number);
    }
    store_test_done(ctx);
}

static void accept_against_decline(void **state)
{
    for (int round = 0; round < 6; round++) {
        fair_t f = {.t = *state, .freed = 1, .minutes = 60};
        booking_clean(state);
        fill(&f, 2);
        cancel_next(&f, 0);
        duel_t d = {.f = &f, .id = f.waiters[0]};
        store_test_threads(3, duel, &d);
        assert_true(d.declined == RG_OK);
        assert_true(d.accepted == RG_OK || d.accepted == RG_GONE);
        assert_int_equal(booking_wrongs(f.t) + wait_wrongs(f.t), 0);
    }
}

/* --- one person, everywhere at once ----------------------------------------------------------- */

/* From the phone, from the laptop, and by pressing again: with one email and many numbers, or the
 * other way round. */
static void same_person(void *baton, int number)
{
    fair_t *f = baton;
    rg_ctx_t *ctx = client_ctx(f, number, RG_ROLE_NONE);
    const char *other = apr_psprintf(ctx->pool, "%04d", number);
    rg_join_in_t in = {
        .service_code = "scan",
        .given = number % 3 == 0 ? "ann" : "Ann",
        .family = "Everywhere",
        .email = number % 2 == 0 ? "ann@example.org"
                                 : apr_pstrcat(ctx->pool, "a", other, "@example.org", NULL),
        .phone = number % 2 == 1 ? "603-555-0142" : apr_pstrcat(ctx->pool, "603-555-", other, NULL),
        .days = WAIT_ALL_DAYS,
        .parts = WAIT_ALL_PARTS};
    const char *uid;
    const char *link;
    rg_outcome_t rc = rg_waitlist_join(&uid, &link, ctx, &in);
    if (rc == RG_OK) {
        apr_atomic_inc32(&f->snatched);
    }
    else if (rc == RG_UNAVAILABLE) {
        apr_atomic_inc32(&f->unavailable);
    }
    else {
        apr_atomic_inc32(&f->others);
    }
    store_test_done(ctx);
}

/* One place by the email, one by the number: who shares neither is somebody else. */
static void one_person_has_one_place(void **state)
{
    fair_t f = {.t = *state, .minutes = 0};
    store_test_threads(CLIENTS, same_person, &f);
    assert_int_equal(f.others, 0);
    assert_int_equal(number(&f, "SELECT COUNT(*) FROM waitlist"), f.snatched);
    assert_in_range(number(&f, "SELECT COUNT(*) FROM waitlist WHERE behind IS NULL"), 1, 2);
    assert_in_range(number(&f, "SELECT COUNT(*) FROM waitlist WHERE behind IS NULL"
                               " AND email = 'ann@example.org'"),
                    0, 1);
    assert_in_range(number(&f, "SELECT COUNT(*) FROM waitlist WHERE behind IS NULL"
                               " AND phone = '603-555-0142'"),
                    0, 1);
    assert_in_range(number(&f, "SELECT COUNT(DISTINCT waitlist_id) FROM waitlist_offer"), 1, 2);
    assert_int_equal(booking_wrongs(f.t) + wait_wrongs(f.t), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(more_people_than_times, booking_clean),
        cmocka_unit_test_setup(more_times_than_people, booking_clean),
        cmocka_unit_test_setup(expired_offers_pass_on, booking_clean),
        cmocka_unit_test_setup(accept_against_decline, booking_clean),
        cmocka_unit_test_setup(one_person_has_one_place, booking_clean),
    };
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
