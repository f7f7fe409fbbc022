/* SPDX-License-Identifier: Apache-2.0 */
/* The last moment, the last day and the next in line: each of these once could be broken without a
 * failing test. */
#include "waitlist_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/desk.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/feed.h"

enum { EARLY = 1, LATE_MORNING = 2 };

static int64_t held(store_test_t *t, const rg_ctx_t *ctx, const char *service, apr_time_t start)
{
    rg_hold_in_t in = {service, start, 0};
    rg_hold_t out;
    (void)t;
    assert_int_equal(rg_booking_hold(&out, ctx, &in), RG_OK);
    return out.booking->id;
}

static int64_t count(store_test_t *t, const char *what)
{
    return store_test_value(t, apr_pstrcat(t->pool, "SELECT COUNT(*) FROM ", what, NULL));
}

/* --- from when until when --------------------------------------------------------------------- */

static void the_first_and_the_last_moment_can_be_booked(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    held(t, ctx, "chain", BOOKING_AT(1, 660)); /* an hour of notice to the minute */
    held(t, ctx, "scan", BOOKING_AT(91, 600)); /* the ninetieth day from today */
    store_test_done(ctx);
    assert_int_equal(booking_wrongs(t), 0);
}

/* In the evening it is the next day already where time is counted. */
static void the_horizon_is_a_day_of_the_clinic(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    store_test_exec(t, "INSERT INTO opening (resource_id, weekday, start_minute, end_minute)"
                       " VALUES (11, 1, 1140, 1320)");
    held(t, ctx, "scan", BOOKING_AT(91, 1200));
    store_test_done(ctx);
    store_test_exec(t, "DELETE FROM opening WHERE start_minute = 1140");
    assert_int_equal(booking_wrongs(t), 0);
}

/* --- what a booking must know ----------------------------------------------------------------- */

static void a_treatment_needs_its_place(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_hold(t, "chain", BOOKING_AT(2, 540));
    rg_ctx_t *ctx = booking_patient(t, 1, id);
    const char *link;
    booking_fill(t, id);
    store_test_exec(t, "UPDATE booking SET body_site = ''");
    assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_PRECONDITION);
    assert_non_null(rg_problem_for(ctx->problems, "details"));
    store_test_exec(t, "UPDATE booking SET body_site = 'knee'");
    assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_OK);
    store_test_done(ctx);
}

static rg_outcome_t moved_by(const rg_ctx_t *ctx, int64_t id, apr_time_t start)
{
    rg_move_in_t to = {.start = start};
    rg_hold_t out;
    rg_outcome_t rc = rg_booking_move(&out, ctx, id, &to);
    store_test_done(ctx);
    return rc;
}

static rg_outcome_t moved(store_test_t *t, int64_t id, apr_time_t start)
{
    return moved_by(booking_staff(t, 3), id, start);
}

/* Who has booked hears of a move, once; who only holds a time moved it alone. */
static void a_move_is_told(void **state)
{
    store_test_t *t = *state;
    int64_t booked = booking_must_book(t, "scan", BOOKING_AT(2, 480));
    int64_t kept = booking_must_hold(t, "scan", BOOKING_AT(2, 510));
    assert_int_equal(moved_by(booking_patient(t, 3, kept), kept, BOOKING_AT(2, 600)), RG_OK);
    assert_int_equal(count(t, "message WHERE kind = 'change'"), 0);
    assert_int_equal(moved(t, booked, BOOKING_AT(2, 660)), RG_OK);
    assert_int_equal(count(t, "message WHERE kind = 'change'"), 1);
    assert_int_equal(store_test_value(t, "SELECT starts_at FROM message WHERE kind = 'change'"),
                     apr_time_sec(BOOKING_AT(2, 660)));
}

/* --- who comes after -------------------------------------------------------------------------- */

/* It is the old time that goes to waitlist entries, far from the new one. */
static void a_move_passes_the_old_time_on(void **state)
{
    store_test_t *t = *state;
    int64_t at[4];
    for (int i = 0; i < 4; i++) {
        at[i] = wait_booked(t, BOOKING_AT(2, 480 + 30 * i));
    }
    int64_t id = wait_join(t, 0, "Ann", 2, EARLY);
    assert_string_equal(wait_status(t, id), "waiting");
    assert_int_equal(moved(t, at[1], BOOKING_AT(21, 600)), RG_OK);
    assert_int_equal(wait_offer(t, id), apr_time_sec(BOOKING_AT(2, 510)));
    assert_int_equal(booking_wrongs(t) + wait_wrongs(t), 0);
}

/* The remaining part of the visit of somebody who did not come. */
static void a_no_show_passes_its_time_on(void **state)
{
    store_test_t *t = *state;
    int64_t chain = booking_must_book(t, "chain", BOOKING_AT(1, 660)); /* C-arm 11:15 to 11:50 */
    (void)wait_booked(t, BOOKING_AT(1, 630));
    int64_t id = wait_join(t, 0, "Ann", 1, LATE_MORNING);
    assert_string_equal(wait_status(t, id), "waiting");
    rg_ctx_t *ctx = booking_staff(t, 65);
    assert_int_equal(rg_booking_no_show(ctx, chain), RG_OK);
    store_test_done(ctx);
    assert_int_equal(wait_offer(t, id), apr_time_sec(BOOKING_AT(1, 690)));
    assert_int_equal(booking_wrongs(t) + wait_wrongs(t), 0);
}

static rg_join_in_t wish(const char *service)
{
    return (rg_join_in_t){.service_code = service,
                          .given = "Ann",
                          .family = "Waits",
                          .email = "w@example.org",
                          .phone = "603-555-0142",
                          .first_day = "2026-12-02",
                          .last_day = "2026-12-02",
                          .days = WAIT_ALL_DAYS,
                          .parts = WAIT_ALL_PARTS};
}

static int64_t joined(store_test_t *t, const rg_join_in_t *in)
{
    rg_ctx_t *ctx = booking_ctx(t, 0);
    const char *uid;
    const char *link;
    assert_int_equal(rg_waitlist_join(&uid, &link, ctx, in), RG_OK);
    store_test_done(ctx);
    return store_test_value(t, "SELECT MAX(id) FROM waitlist");
}

/* The other doctor is free all morning, which is no use. */
static void who_waits_for_somebody_gets_their_first_time(void **state)
{
    store_test_t *t = *state;
    rg_join_in_t in = wish("days");
    in.practitioner = "2";
    store_test_exec(t, "INSERT INTO closure (id, site_id, resource_id, first_day, last_day,"
                       " start_minute, end_minute, reason) VALUES"
                       " (78, 1, 2, '2026-12-02', '2026-12-02', 0, 720, 'away')");
    int64_t id = joined(t, &in);
    store_test_exec(t, "DELETE FROM closure WHERE id = 78");
    assert_int_equal(wait_offer(t, id), apr_time_sec(BOOKING_AT(2, 720)));
    assert_int_equal(booking_wrongs(t) + wait_wrongs(t), 0);
}

/* However many times did not suit, the next one is offered. */
static void choosy_people_are_served(void **state)
{
    store_test_t *t = *state;
    rg_join_in_t in = wish("scan");
    int64_t id = joined(t, &in);
    int64_t last = 0;
    for (int i = 0; i < 7; i++) {
        int64_t now = wait_offer(t, id);
        assert_true(now > last);
        last = now;
        rg_ctx_t *ctx = wait_ctx(t, 1 + i, id);
        assert_int_equal(rg_waitlist_decline(ctx, id, NULL), RG_OK);
        store_test_done(ctx);
        wait_sweep(t, 1 + i);
    }
    assert_int_equal(booking_wrongs(t) + wait_wrongs(t), 0);
}

static void nobody_waits_for_yesterday(void **state)
{
    store_test_t *t = *state;
    rg_join_in_t in = wish("scan");
    in.first_day = "2026-11-01";
    int64_t id = joined(t, &in);
    assert_string_equal(
        store_test_text(
            t, apr_psprintf(t->pool, "SELECT first_day FROM waitlist WHERE id = %d", (int)id)),
        "2026-12-01");
}

/* --- blocks ----------------------------------------------------------------------------------- */

static void the_desk_takes_back_blocks_only(void **state)
{
    static const char *const kinds[] = {"holiday", "calibration", "cleaning"};
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_closures_t all;
    for (int i = 0; i < 3; i++) {
        store_test_exec(t, apr_psprintf(t->pool,
                                        "INSERT INTO closure (id, site_id, resource_id, first_day,"
                                        " last_day, kind, reason) VALUES (%d, 1, %d, '2026-12-09',"
                                        " '2026-12-09', '%s', 'edge')",
                                        80 + i, 9 + i, kinds[i]));
    }
    assert_int_equal(rg_desk_blocks(&all, ctx), RG_OK);
    for (int i = 0; i < all.count; i++) {
        assert_false(all.rows[i].id == 80 || all.rows[i].id == 81);
    }
    assert_int_equal(rg_desk_unblock(ctx, 80), RG_NOT_FOUND);
    assert_int_equal(rg_desk_unblock(ctx, 81), RG_NOT_FOUND);
    assert_int_equal(count(t, "closure WHERE reason = 'edge'"), 3);
    assert_int_equal(rg_desk_unblock(ctx, 82), RG_OK);
    assert_int_equal(count(t, "closure WHERE reason = 'edge'"), 2);
    store_test_exec(t, "DELETE FROM closure WHERE reason = 'edge'");
    store_test_done(ctx);
}

/* --- calendars -------------------------------------------------------------------------------- */

/* A room that is got ready again until it is got ready for the next step is occupied once. */
static void time_without_a_break_is_one_entry(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    const char *token;
    rg_feed_t *feed;
    store_test_exec(t, "UPDATE service_need SET turnover_minutes = 20 WHERE service_id = 1 AND"
                       " step_no = 2 AND need_no = 2");
    int64_t id = booking_must_book(t, "chain", BOOKING_AT(2, 540));
    store_test_exec(t, "UPDATE service_need SET turnover_minutes = 15 WHERE service_id = 1 AND"
                       " step_no = 2 AND need_no = 2");
    const char *room = store_test_text(
        t, apr_psprintf(t->pool,
                        "SELECT code FROM resource x JOIN booking_resource r ON r.resource_id ="
                        " x.id WHERE r.booking_id = %d AND r.step_no = 2 AND r.need_no = 2",
                        (int)id));
    assert_int_equal(store_test_value(t, "SELECT a.busy_until - b.busy_from FROM booking_resource a"
                                         " JOIN booking_resource b ON b.resource_id = a.resource_id"
                                         " WHERE a.step_no = 2 AND a.need_no = 2 AND b.step_no = 4"
                                         " AND b.need_no = 2"),
                     0);
    ctx->who.roles = RG_ROLE_ADMIN;
    assert_int_equal(rg_feed_add(&token, ctx, room, "edge"), RG_OK);
    assert_int_equal(rg_feed_read(&feed, ctx, token), RG_OK);
    assert_int_equal(feed->count, 1);
    store_test_done(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_first_and_the_last_moment_can_be_booked, booking_clean),
        cmocka_unit_test_setup(the_horizon_is_a_day_of_the_clinic, booking_clean),
        cmocka_unit_test_setup(a_treatment_needs_its_place, booking_clean),
        cmocka_unit_test_setup(a_move_is_told, booking_clean),
        cmocka_unit_test_setup(a_move_passes_the_old_time_on, booking_clean),
        cmocka_unit_test_setup(a_no_show_passes_its_time_on, booking_clean),
        cmocka_unit_test_setup(who_waits_for_somebody_gets_their_first_time, booking_clean),
        cmocka_unit_test_setup(choosy_people_are_served, booking_clean),
        cmocka_unit_test_setup(nobody_waits_for_yesterday, booking_clean),
        cmocka_unit_test_setup(the_desk_takes_back_blocks_only, booking_clean),
        cmocka_unit_test_setup(time_without_a_break_is_one_entry, booking_clean),
    };
    return cmocka_run_group_tests(tests, booking_setup, store_test_teardown);
}
