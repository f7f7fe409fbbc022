/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of the waitlist: offers to the first matching entry, held for it alone, for a limited
 * time, then to the next. The races are in test_waitlist_race.c. */
#include "waitlist_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/patient.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/waitlist.h"
#include "regen/clinic/identity.h"

enum { EARLY = 1, NOON = 4 };

/* Before ten on 2 December: four bookings of the only C-arm. */
typedef struct {
    int64_t at[4];
} morning_t;

static morning_t full_morning(store_test_t *t)
{
    morning_t m;
    for (int i = 0; i < 4; i++) {
        m.at[i] = wait_booked(t, BOOKING_AT(2, 480 + 30 * i));
    }
    return m;
}

static rg_outcome_t direct(store_test_t *t, int minutes, apr_time_t start)
{
    rg_ctx_t *ctx = booking_ctx(t, minutes);
    rg_hold_in_t in = {"scan", start, 0};
    rg_hold_t out;
    rg_outcome_t rc = rg_booking_hold(&out, ctx, &in);
    store_test_done(ctx);
    return rc;
}

static bool is_free(store_test_t *t, int minutes, apr_time_t start)
{
    rg_ctx_t *ctx = booking_ctx(t, minutes);
    rg_find_in_t in = {.service_code = "scan", .from = {2026, 12, 2}, .days = 1};
    rg_availability_t *a;
    bool found = false;
    assert_int_equal(rg_availability_find(&a, ctx, &in), RG_OK);
    for (int i = 0; i < a->days[0].count; i++) {
        found = found || a->days[0].starts[i] == start;
    }
    store_test_done(ctx);
    return found;
}

/* --- who gets it ------------------------------------------------------------------------------ */

static void the_first_who_fits(void **state)
{
    store_test_t *t = *state;
    morning_t m = full_morning(t);
    wait_join(t, 0, "Noon", 3, 2); /* comes first, wants another day, and has it */
    int64_t first = wait_join(t, 1, "First", 2, EARLY);
    int64_t second = wait_join(t, 2, "Second", 2, EARLY);
    assert_string_equal(wait_status(t, first), "waiting");
    wait_cancel(t, 5, m.at[2]);
    assert_string_equal(wait_status(t, first), "offered");
    assert_int_equal(wait_offer(t, first), apr_time_sec(BOOKING_AT(2, 540)));
    assert_string_equal(wait_status(t, second), "waiting");
    assert_int_equal(store_test_value(t, apr_psprintf(t->pool,
                                                      "SELECT hold_expires_at - 7200 FROM booking"
                                                      " WHERE status = 'held' AND starts_at = %d",
                                                      (int)apr_time_sec(BOOKING_AT(2, 540)))),
                     BOOKING_NOW + 300);
    /* Nobody else can take it, nor sees it. */
    assert_int_equal(direct(t, 6, BOOKING_AT(2, 540)), RG_CONFLICT);
    assert_false(is_free(t, 6, BOOKING_AT(2, 540)));
    assert_int_equal(booking_wrongs(t) + wait_wrongs(t), 0);
}

static void only_times_that_were_wished(void **state)
{
    store_test_t *t = *state;
    morning_t m = full_morning(t);
    int64_t id = wait_join(t, 0, "Early", 2, EARLY);
    int64_t noon = wait_booked(t, BOOKING_AT(2, 780));
    wait_cancel(t, 1, noon);
    assert_string_equal(wait_status(t, id), "waiting");
    assert_true(is_free(t, 1, BOOKING_AT(2, 780)));
    wait_cancel(t, 2, m.at[0]);
    assert_int_equal(wait_offer(t, id), apr_time_sec(BOOKING_AT(2, 480)));
}

static void free_when_joining(void **state)
{
    store_test_t *t = *state;
    int64_t id = wait_join(t, 0, "Ann", 2, NOON);
    assert_int_equal(wait_offer(t, id), apr_time_sec(BOOKING_AT(2, 720)));
    assert_int_equal(wait_wrongs(t), 0);
}

/* --- what becomes of an offer ----------------------------------------------------------------- */

static void declined_passes_on(void **state)
{
    store_test_t *t = *state;
    morning_t m = full_morning(t);
    int64_t first = wait_join(t, 0, "First", 2, EARLY);
    int64_t second = wait_join(t, 1, "Second", 2, EARLY);
    wait_cancel(t, 5, m.at[1]);
    rg_ctx_t *ctx = wait_ctx(t, 6, second);
    assert_int_equal(rg_waitlist_decline(ctx, first, NULL), RG_NOT_FOUND); /* not theirs */
    assert_int_equal(rg_waitlist_decline(ctx, second, NULL), RG_GONE);     /* nothing offered */
    store_test_done(ctx);
    ctx = wait_ctx(t, 6, first);
    assert_int_equal(rg_waitlist_decline(ctx, first, NULL), RG_OK);
    store_test_done(ctx);
    assert_string_equal(wait_status(t, first), "waiting");
    assert_int_equal(wait_offer(t, second), apr_time_sec(BOOKING_AT(2, 510)));
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM message WHERE kind ="
                                         " 'waitlist-offer' AND status = 'withdrawn'"),
                     1);
    /* Declined by all it is free for everybody, and for nobody of them again. */
    ctx = wait_ctx(t, 7, second);
    assert_int_equal(rg_waitlist_decline(ctx, second, NULL), RG_OK);
    store_test_done(ctx);
    assert_int_equal(wait_offer(t, first) + wait_offer(t, second), 0);
    assert_true(is_free(t, 8, BOOKING_AT(2, 510)));
    /* Still first in line for another time. */
    wait_cancel(t, 9, m.at[3]);
    assert_int_equal(wait_offer(t, first), apr_time_sec(BOOKING_AT(2, 570)));
    assert_int_equal(booking_wrongs(t) + wait_wrongs(t), 0);
}

/* A quarter of an hour later in the gap they let pass is no other time: somebody else is asked
 * first. */
static void let_pass_is_let_pass(void **state)
{
    store_test_t *t = *state;
    store_test_exec(t, "UPDATE service SET start_grid = 15 WHERE code = 'scan'");
    wait_booked(t, BOOKING_AT(2, 480));
    int64_t gap =
        wait_booked(t, BOOKING_AT(2, 510)); /* until a quarter past nine, as it turns out */
    wait_booked(t, BOOKING_AT(2, 555));
    wait_booked(t, BOOKING_AT(2, 585));
    int64_t first = wait_join(t, 0, "First", 2, EARLY);
    int64_t second = wait_join(t, 1, "Second", 2, EARLY);
    wait_cancel(t, 2, gap);
    assert_int_equal(wait_offer(t, first), apr_time_sec(BOOKING_AT(2, 510)));
    rg_ctx_t *ctx = wait_ctx(t, 3, first);
    assert_int_equal(rg_waitlist_decline(ctx, first, NULL), RG_OK);
    store_test_done(ctx);
    assert_int_equal(wait_offer(t, first), 0);
    assert_int_equal(wait_offer(t, second), apr_time_sec(BOOKING_AT(2, 510)));
    /* When nobody else wants it, a quarter of an hour later may suit after all. */
    ctx = wait_ctx(t, 4, second);
    assert_int_equal(rg_waitlist_leave(ctx, second), RG_OK);
    store_test_done(ctx);
    assert_int_equal(wait_offer(t, first), apr_time_sec(BOOKING_AT(2, 525)));
    store_test_exec(t, "UPDATE service SET start_grid = 30 WHERE code = 'scan'");
    assert_int_equal(booking_wrongs(t) + wait_wrongs(t), 0);
}

/* The visit lasts as long as it does with the gaps in it: what begins before it would have ended is
 * the same gap. */
static void let_pass_with_a_gap(void **state)
{
    store_test_t *t = *state;
    store_test_exec(t, "INSERT INTO service_step (service_id, step_no, kind, name, minutes,"
                       " gap_min, gap_max, visit_no, patient_present)"
                       " VALUES (2, 2, 'recover', 'Rest', 10, 30, 30, 1, 1)");
    int64_t first_hour = wait_booked(t, BOOKING_AT(2, 480));
    int64_t second_hour = wait_booked(t, BOOKING_AT(2, 540));
    wait_booked(t, BOOKING_AT(2, 510));
    wait_booked(t, BOOKING_AT(2, 570));
    int64_t first = wait_join(t, 0, "First", 2, EARLY);
    int64_t second = wait_join(t, 1, "Second", 2, EARLY);
    int64_t third = wait_join(t, 1, "Third", 2, EARLY);
    wait_cancel(t, 2, first_hour);
    int64_t offered = wait_offer(t, first);
    rg_ctx_t *ctx = wait_ctx(t, 3, first);
    assert_int_equal(rg_waitlist_decline(ctx, first, NULL), RG_OK);
    store_test_done(ctx);
    int64_t passed_on = wait_offer(t, second);
    wait_cancel(t, 4, second_hour); /* an hour later; the visit takes 70 minutes */
    int64_t again = wait_offer(t, first);
    int64_t another = wait_offer(t, third);
    store_test_exec(t, "DELETE FROM service_step WHERE service_id = 2 AND step_no = 2");
    assert_int_equal(offered, apr_time_sec(BOOKING_AT(2, 480)));
    assert_int_equal(passed_on, apr_time_sec(BOOKING_AT(2, 480)));
    assert_int_equal(again, 0);
    assert_int_equal(another, apr_time_sec(BOOKING_AT(2, 540)));
}

/* The same of the one seat of a day, at whatever time. */
static void a_seat_let_pass(void **state)
{
    store_test_t *t = *state;
    store_test_exec(t, "UPDATE service SET max_per_day = 1 WHERE code = 'scan'");
    int64_t seat = wait_booked(t, BOOKING_AT(2, 480));
    int64_t first = wait_join(t, 0, "First", 2, EARLY);
    int64_t second = wait_join(t, 1, "Second", 2, EARLY);
    wait_cancel(t, 2, seat);
    assert_int_equal(wait_offer(t, first), apr_time_sec(BOOKING_AT(2, 480)));
    rg_ctx_t *ctx = wait_ctx(t, 3, first);
    assert_int_equal(rg_waitlist_decline(ctx, first, NULL), RG_OK);
    store_test_done(ctx);
    int64_t other = wait_offer(t, first);
    int64_t passed_on = wait_offer(t, second);
    store_test_exec(t, "UPDATE service SET max_per_day = 0 WHERE code = 'scan'");
    assert_int_equal(other, 0);
    assert_int_equal(passed_on, apr_time_sec(BOOKING_AT(2, 480)));
    assert_int_equal(booking_wrongs(t) + wait_wrongs(t), 0);
}

/* A page that was left open while the offer changed: what it shows is not what is offered now. */
static void an_old_page_answers_nothing(void **state)
{
    store_test_t *t = *state;
    morning_t m = full_morning(t);
    int64_t booking = 0;
    int64_t id = wait_join(t, 0, "Ann", 2, EARLY);
    wait_cancel(t, 1, m.at[1]);
    rg_ctx_t *ctx = wait_ctx(t, 2, id);
    rg_waiter_t *seen;
    assert_int_equal(rg_waitlist_mine(&seen, ctx), RG_OK);
    const char *old = apr_pstrdup(t->pool, seen->offer_booking_uid);
    assert_int_equal(rg_waitlist_decline(ctx, id, old), RG_OK);
    store_test_done(ctx);
    wait_cancel(t, 3, m.at[3]);
    assert_int_equal(wait_offer(t, id), apr_time_sec(BOOKING_AT(2, 570)));
    ctx = wait_ctx(t, 4, id);
    assert_int_equal(rg_waitlist_accept(&booking, ctx, id, old), RG_GONE);
    assert_int_equal(rg_waitlist_decline(ctx, id, old), RG_GONE);
    assert_int_equal(wait_offer(t, id), apr_time_sec(BOOKING_AT(2, 570)));
    assert_int_equal(rg_waitlist_mine(&seen, ctx), RG_OK);
    assert_int_equal(rg_waitlist_accept(&booking, ctx, id, seen->offer_booking_uid), RG_OK);
    store_test_done(ctx);
    assert_int_equal(wait_wrongs(t), 0);
}

static void expired_passes_on(void **state)
{
    store_test_t *t = *state;
    morning_t m = full_morning(t);
    int64_t first = wait_join(t, 0, "First", 2, EARLY);
    int64_t second = wait_join(t, 1, "Second", 2, EARLY);
    wait_cancel(t, 5, m.at[1]);
    wait_sweep(t, 124);
    assert_string_equal(wait_status(t, first), "offered");
    /* Somebody else runs into it first: it still is for the next waitlist entries. */
    assert_int_equal(direct(t, 126, BOOKING_AT(2, 510)), RG_CONFLICT);
    assert_string_equal(wait_status(t, first), "waiting");
    assert_int_equal(wait_offer(t, second), apr_time_sec(BOOKING_AT(2, 510)));
    wait_sweep(t, 250);
    assert_string_equal(wait_status(t, second), "waiting");
    assert_true(is_free(t, 251, BOOKING_AT(2, 510)));
    assert_int_equal(booking_wrongs(t) + wait_wrongs(t), 0);
}

static void three_without_an_answer_close(void **state)
{
    store_test_t *t = *state;
    morning_t m = full_morning(t);
    int64_t id = wait_join(t, 0, "Away", 2, EARLY);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(wait_status(t, id), "waiting");
        wait_cancel(t, 1 + 200 * i, m.at[i]);
        assert_string_equal(wait_status(t, id), "offered");
        wait_sweep(t, 130 + 200 * i);
    }
    assert_string_equal(wait_status(t, id), "closedunanswered");
    assert_int_equal(wait_wrongs(t), 0);
}

static void accepted_and_booked(void **state)
{
    store_test_t *t = *state;
    morning_t m = full_morning(t);
    int64_t id = wait_join(t, 0, "Ann", 2, EARLY);
    int64_t booking = 0;
    int64_t again = 0;
    const char *link;
    wait_cancel(t, 5, m.at[0]);
    rg_ctx_t *ctx = wait_ctx(t, 124, id);
    assert_int_equal(rg_waitlist_accept(&booking, ctx, id, NULL), RG_OK);
    store_test_done(ctx);
    /* Accepted in the last minute: the usual time to fill in forms begins now. */
    assert_int_equal(store_test_value(t, "SELECT hold_expires_at FROM booking WHERE status ="
                                         " 'held'"),
                     BOOKING_NOW + 124 * 60 + 600);
    booking_fill(t, booking);
    ctx = booking_patient(t, 130, booking);
    rg_waiter_t *w;
    assert_int_equal(rg_waitlist_of_booking(&w, ctx, booking), RG_OK);
    assert_string_equal(w->given, "Ann");
    assert_int_equal(rg_booking_confirm(&link, ctx, booking), RG_OK);
    store_test_done(ctx);
    assert_string_equal(wait_status(t, id), "taken");
    ctx = wait_ctx(t, 140, id);
    assert_int_equal(rg_waitlist_accept(&again, ctx, id, NULL), RG_OK);
    assert_int_equal(again, booking);
    assert_int_equal(rg_waitlist_leave(ctx, id), RG_PRECONDITION);
    store_test_done(ctx);
    assert_int_equal(booking_wrongs(t) + wait_wrongs(t), 0);
}

static void too_late_to_accept(void **state)
{
    store_test_t *t = *state;
    morning_t m = full_morning(t);
    int64_t id = wait_join(t, 0, "Ann", 2, EARLY);
    int64_t booking;
    wait_cancel(t, 5, m.at[0]);
    rg_ctx_t *ctx = wait_ctx(t, 126, id);
    rg_waiter_t *w;
    assert_int_equal(rg_waitlist_mine(&w, ctx), RG_OK);
    assert_int_equal(w->status, RG_WAITER_WAITING);
    assert_int_equal(rg_waitlist_accept(&booking, ctx, id, NULL), RG_GONE);
    store_test_done(ctx);
    ctx = wait_ctx(t, 10, id + 1);
    assert_int_equal(rg_waitlist_accept(&booking, ctx, id, NULL), RG_NOT_FOUND);
    store_test_done(ctx);
}

static void leaving_passes_on(void **state)
{
    store_test_t *t = *state;
    morning_t m = full_morning(t);
    int64_t first = wait_join(t, 0, "First", 2, EARLY);
    int64_t second = wait_join(t, 1, "Second", 2, EARLY);
    wait_cancel(t, 5, m.at[1]);
    rg_ctx_t *ctx = wait_ctx(t, 6, first);
    assert_int_equal(rg_waitlist_leave(ctx, first), RG_OK);
    store_test_done(ctx);
    assert_string_equal(wait_status(t, first), "closedwithdrawn");
    assert_string_equal(wait_status(t, second), "offered");
    ctx = booking_staff(t, 7);
    assert_int_equal(rg_waitlist_leave(ctx, second), RG_OK);
    store_test_done(ctx);
    assert_string_equal(wait_status(t, second), "closedremoved");
    assert_true(is_free(t, 8, BOOKING_AT(2, 510)));
    assert_int_equal(booking_wrongs(t) + wait_wrongs(t), 0);
}

/* --- every way time becomes free -------------------------------------------------------------- */

static void moved_away(void **state)
{
    store_test_t *t = *state;
    morning_t m = full_morning(t);
    int64_t id = wait_join(t, 0, "Ann", 2, EARLY);
    rg_ctx_t *ctx = booking_staff(t, 1);
    rg_move_in_t in = {.start = BOOKING_AT(2, 840)};
    rg_hold_t out;
    assert_int_equal(rg_booking_move(&out, ctx, m.at[3], &in), RG_OK);
    store_test_done(ctx);
    assert_int_equal(wait_offer(t, id), apr_time_sec(BOOKING_AT(2, 570)));
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) FROM message WHERE kind = 'change' AND starts_at ="
                            " old_starts_at + 270 * 60"),
        1);
    assert_int_equal(booking_wrongs(t) + wait_wrongs(t), 0);
}

static void held_and_given_up(void **state)
{
    store_test_t *t = *state;
    for (int i = 1; i < 4; i++) {
        wait_booked(t, BOOKING_AT(2, 480 + 30 * i));
    }
    int64_t hold = booking_must_hold(t, "scan", BOOKING_AT(2, 480));
    int64_t id = wait_join(t, 0, "Ann", 2, EARLY);
    assert_string_equal(wait_status(t, id), "waiting");
    wait_sweep(t, 20);
    assert_int_equal(wait_offer(t, id), apr_time_sec(BOOKING_AT(2, 480)));
    assert_string_equal(
        store_test_text(
            t, apr_psprintf(t->pool, "SELECT status FROM booking WHERE id = %d", (int)hold)),
        "expired");
}

static void a_closure_that_goes(void **state)
{
    store_test_t *t = *state;
    store_test_exec(t, "INSERT INTO closure (id, site_id, resource_id, first_day, last_day,"
                       " reason) VALUES (77, 1, 11, '2026-12-02', '2026-12-02', 'repair')");
    int64_t id = wait_join(t, 0, "Ann", 2, EARLY);
    wait_sweep(t, 1);
    assert_string_equal(wait_status(t, id), "waiting");
    store_test_exec(t, "DELETE FROM closure WHERE id = 77");
    wait_sweep(t, 2);
    assert_int_equal(wait_offer(t, id), apr_time_sec(BOOKING_AT(2, 480)));
}

/* Nobody has to wait for the sweep when an administrator gives time back. */
static void a_closure_removed(void **state)
{
    store_test_t *t = *state;
    store_test_exec(t, "INSERT INTO closure (id, site_id, resource_id, first_day, last_day,"
                       " reason) VALUES (77, 1, 11, '2026-12-02', '2026-12-02', 'repair')");
    int64_t id = wait_join(t, 0, "Ann", 2, EARLY);
    assert_string_equal(wait_status(t, id), "waiting");
    rg_ctx_t *ctx = booking_staff(t, 1);
    ctx->who.roles = RG_ROLE_ADMIN;
    assert_int_equal(rg_closure_remove(ctx, 77), RG_OK);
    store_test_done(ctx);
    assert_int_equal(wait_offer(t, id), apr_time_sec(BOOKING_AT(2, 480)));
    assert_int_equal(booking_wrongs(t) + wait_wrongs(t), 0);
}

/* What cannot be offered never keeps anybody from cancelling. */
static void a_broken_wish_harms_nobody(void **state)
{
    store_test_t *t = *state;
    morning_t m = full_morning(t);
    int64_t broken = wait_join(t, 0, "Old", 2, EARLY);
    int64_t id = wait_join(t, 1, "Ann", 2, EARLY);
    store_test_exec(
        t, apr_psprintf(t->pool, "UPDATE waitlist SET service_id = 6 WHERE id = %d", (int)broken));
    wait_cancel(t, 5, m.at[1]);
    assert_string_equal(wait_status(t, broken), "waiting");
    assert_string_equal(wait_status(t, id), "offered");
}

/* More different wishes than searches are kept at once, and all of them came before. */
static void behind_many_other_wishes(void **state)
{
    store_test_t *t = *state;
    morning_t m = full_morning(t);
    store_test_exec(
        t, "INSERT INTO waitlist (uid, service_id, practitioner_id, first_day, last_day, times, "
           "family,"
           " given, email, phone, link_hash, created_at) SELECT LPAD(CONCAT(s.id, 'X', r.id), 26, "
           "'0'),"
           " s.id, r.id, '2026-12-02', '2026-12-02', 1 << 24, 'Sunday', 'Only', 'w@example.org',"
           " '603-555-0142', UNHEX(SHA2(CONCAT(s.id, ' ', r.id), 256)), 0 FROM service s JOIN "
           "resource r");
    assert_true(store_test_value(t, "SELECT COUNT(*) FROM waitlist") > 64);
    int64_t id = wait_join(t, 1, "Ann", 2, EARLY);
    wait_cancel(t, 5, m.at[1]);
    assert_string_equal(wait_status(t, id), "offered");
}

static void days_that_are_over_close(void **state)
{
    store_test_t *t = *state;
    full_morning(t);
    int64_t id = wait_join(t, 0, "Ann", 2, EARLY);
    wait_sweep(t, 1440 + 600);
    assert_string_equal(wait_status(t, id), "waiting");
    wait_sweep(t, 3 * 1440);
    assert_string_equal(wait_status(t, id), "closedexpired");
}

/* An offer never lasts longer than the time it is for. */
static void short_notice(void **state)
{
    store_test_t *t = *state;
    int64_t id = wait_join(t, 0, "Ann", 1, 2 | 4);
    assert_int_equal(wait_offer(t, id), apr_time_sec(BOOKING_AT(1, 600)) + 1800);
    assert_int_equal(store_test_value(t, "SELECT hold_expires_at - starts_at FROM booking"), 0);
}

/* --- joining ---------------------------------------------------------------------------------- */

static void a_practitioner(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_join_in_t in = {.service_code = "chain",
                       .given = "Ann",
                       .family = "Waits",
                       .email = "w@example.org",
                       .phone = "603-555-0142",
                       .practitioner = "2",
                       .days = WAIT_ALL_DAYS,
                       .parts = WAIT_ALL_PARTS};
    const char *uid;
    const char *link;
    const rg_resource_t **who;
    int count;
    assert_int_equal(rg_waitlist_practitioners(&who, &count, ctx, "chain"), RG_OK);
    assert_int_equal(count, 2); /* the doctors */
    assert_int_equal(rg_waitlist_join(&uid, &link, ctx, &in), RG_OK);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM booking_resource WHERE resource_id"
                                         " = 2"),
                     2);
    store_test_done(ctx);
    ctx = booking_ctx(t, 0);
    in.practitioner = "14"; /* of another site */
    assert_int_equal(rg_waitlist_join(&uid, &link, ctx, &in), RG_INVALID);
    assert_non_null(rg_problem_for(ctx->problems, "practitioner"));
    store_test_done(ctx);
}

static void everything_wrong_at_once(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_join_in_t in = {.service_code = "scan",
                       .given = " ",
                       .email = "x",
                       .phone = "y",
                       .first_day = "2026-12-05",
                       .last_day = "2026-12-04",
                       .parts = 16};
    static const char *const fields[] = {"given", "email", "phone", "last_day", "day", "part"};
    const char *uid;
    const char *link;
    assert_int_equal(rg_waitlist_join(&uid, &link, ctx, &in), RG_INVALID);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        assert_non_null(rg_problem_for(ctx->problems, fields[i]));
    }
    store_test_done(ctx);
    ctx = booking_ctx(t, 0);
    in.service_code = "closed";
    assert_int_equal(rg_waitlist_join(&uid, &link, ctx, &in), RG_NOT_FOUND);
    store_test_done(ctx);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM waitlist"), 0);
}

static void pressed_twice_is_once(void **state)
{
    store_test_t *t = *state;
    rg_join_in_t in = {.service_code = "scan",
                       .given = "Ann",
                       .family = "Waits",
                       .email = "w@example.org",
                       .phone = "603-555-0142",
                       .days = WAIT_ALL_DAYS,
                       .parts = WAIT_ALL_PARTS};
    const char *uids[2];
    const char *links[2];
    rg_ctx_t *ctx[2];
    for (int i = 0; i < 2; i++) {
        static rg_idem_t idem[2];
        idem[i] = (rg_idem_t){.key = {1}, .request = {2}, .seed = {3}};
        ctx[i] = booking_ctx(t, i);
        ctx[i]->idem = &idem[i];
        assert_int_equal(rg_waitlist_join(&uids[i], &links[i], ctx[i], &in), RG_OK);
    }
    assert_string_equal(uids[0], uids[1]);
    assert_string_equal(links[0], links[1]);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM waitlist"), 1);
    int64_t id;
    assert_int_equal(rg_waitlist_by_link(&id, ctx[0], links[0]), RG_OK);
    assert_int_equal(id, store_test_value(t, "SELECT id FROM waitlist"));
    assert_int_equal(rg_waitlist_by_link(&id, ctx[0], "nonsense"), RG_NOT_FOUND);
    store_test_done(ctx[0]);
    store_test_done(ctx[1]);
}

static void a_place_opens_no_booking(void **state)
{
    store_test_t *t = *state;
    int64_t id = wait_join(t, 0, "Ann", 2, EARLY);
    rg_ctx_t *ctx = booking_ctx(t, 1);
    const char *token = rg_visitor_begin(&ctx->visitor_new, ctx);
    const char *uid;
    int given_back;
    rg_principal_t who;
    rg_booking_t *b;
    const rg_visitor_place_t *place;
    rg_visitor_list_t *mine;
    assert_int_equal(rg_visitor_admit_place(&ctx->who, &uid, ctx, id), RG_OK);
    assert_int_equal(rg_visitor_resolve(&who, &mine, ctx, token), RG_OK);
    assert_int_equal(who.roles, RG_ROLE_PATIENT);
    assert_int_equal(ctx->who.visitor_id, who.visitor_id);
    ctx->who.booking_id = 1; /* whatever it was about before */
    assert_int_equal(rg_visitor_choose_place(&ctx->who, &place, ctx, mine, "somebody-elses"),
                     RG_NOT_FOUND);
    assert_int_equal(ctx->who.waiter_id, 0);
    assert_int_equal(ctx->who.booking_id, 0);
    assert_int_equal(rg_visitor_choose_place(&ctx->who, &place, ctx, mine, uid), RG_OK);
    assert_int_equal(ctx->who.waiter_id, id);
    assert_int_equal(ctx->who.booking_id, 0);
    /* A place on the waitlist opens no booking, not even the offered one. */
    assert_int_equal(
        rg_booking_get(&b, ctx, store_test_value(t, "SELECT booking_id FROM waitlist_offer")),
        RG_NOT_FOUND);
    assert_int_equal(rg_booking_get(&b, ctx, 0), RG_NOT_FOUND);
    assert_int_equal(rg_visitor_leave(&given_back, ctx), RG_OK);
    assert_int_equal(rg_visitor_resolve(&who, &mine, ctx, token), RG_UNAUTHENTICATED);
    store_test_done(ctx);
}

/* --- the list for staff ----------------------------------------------------------------------- */

static void list_for_staff(void **state)
{
    store_test_t *t = *state;
    rg_waitlist_in_t in = {.status = RG_WAITER_WAITING, .page = 1};
    rg_waitlist_t *l;
    full_morning(t);
    wait_join(t, 0, "First", 2, EARLY);
    wait_join(t, 1, "Second", 2, EARLY);
    wait_join(t, 2, "Third", 2, NOON);
    rg_ctx_t *ctx = booking_staff(t, 3);
    assert_int_equal(rg_waitlist_page(&l, ctx, &in), RG_OK);
    assert_int_equal(l->count, 2);
    assert_string_equal(l->waiters[0].given, "First");
    assert_int_equal(l->counts[RG_WAITER_OFFERED], 1);
    in.status = RG_WAITER_OFFERED;
    in.service_code = "scan";
    assert_int_equal(rg_waitlist_page(&l, ctx, &in), RG_OK);
    assert_int_equal(l->count, 1);
    assert_true(l->waiters[0].offer_starts_at == BOOKING_AT(2, 720));
    in.service_code = "chain";
    assert_int_equal(rg_waitlist_page(&l, ctx, &in), RG_OK);
    assert_int_equal(l->count, 0);
    in.service_code = "nothing";
    assert_int_equal(rg_waitlist_page(&l, ctx, &in), RG_NOT_FOUND);
    ctx->who.roles = RG_ROLE_BILLING;
    assert_int_equal(rg_waitlist_page(&l, ctx, &in), RG_FORBIDDEN);
    store_test_done(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_first_who_fits, booking_clean),
        cmocka_unit_test_setup(only_times_that_were_wished, booking_clean),
        cmocka_unit_test_setup(free_when_joining, booking_clean),
        cmocka_unit_test_setup(declined_passes_on, booking_clean),
        cmocka_unit_test_setup(let_pass_is_let_pass, booking_clean),
        cmocka_unit_test_setup(let_pass_with_a_gap, booking_clean),
        cmocka_unit_test_setup(a_seat_let_pass, booking_clean),
        cmocka_unit_test_setup(an_old_page_answers_nothing, booking_clean),
        cmocka_unit_test_setup(expired_passes_on, booking_clean),
        cmocka_unit_test_setup(three_without_an_answer_close, booking_clean),
        cmocka_unit_test_setup(accepted_and_booked, booking_clean),
        cmocka_unit_test_setup(too_late_to_accept, booking_clean),
        cmocka_unit_test_setup(leaving_passes_on, booking_clean),
        cmocka_unit_test_setup(moved_away, booking_clean),
        cmocka_unit_test_setup(held_and_given_up, booking_clean),
        cmocka_unit_test_setup(a_closure_that_goes, booking_clean),
        cmocka_unit_test_setup(a_closure_removed, booking_clean),
        cmocka_unit_test_setup(a_broken_wish_harms_nobody, booking_clean),
        cmocka_unit_test_setup(behind_many_other_wishes, booking_clean),
        cmocka_unit_test_setup(days_that_are_over_close, booking_clean),
        cmocka_unit_test_setup(short_notice, booking_clean),
        cmocka_unit_test_setup(a_practitioner, booking_clean),
        cmocka_unit_test_setup(everything_wrong_at_once, booking_clean),
        cmocka_unit_test_setup(pressed_twice_is_once, booking_clean),
        cmocka_unit_test_setup(a_place_opens_no_booking, booking_clean),
        cmocka_unit_test_setup(list_for_staff, booking_clean),
    };
    return cmocka_run_group_tests(tests, booking_setup, store_test_teardown);
}
