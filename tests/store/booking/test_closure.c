/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing stays booked unnoticed in a closed room: closures need a decision about every affected
 * booking, and whatever slips through (a hold at the same moment, changed hours, a removed
 * resource) is a conflict until somebody decides. */
#include "booking_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"

static rg_ctx_t *admin(store_test_t *t)
{
    rg_ctx_t *ctx = booking_ctx(t, 0);
    ctx->who.roles = RG_ROLE_ADMIN;
    ctx->who.staff_id = 4;
    return ctx;
}

static int clean(void **state)
{
    store_test_exec(*state, "DELETE FROM closure_kept");
    store_test_exec(*state, "DELETE FROM resource_kept");
    store_test_exec(*state, "DELETE FROM message");
    store_test_exec(*state, "DELETE FROM closure WHERE reason LIKE 'test%'");
    store_test_exec(*state, "UPDATE resource SET active = 1");
    store_test_exec(*state, "UPDATE opening SET start_minute = 480, end_minute = 1020");
    store_test_exec(*state, "INSERT IGNORE INTO resource_capability (resource_id, capability)"
                            " VALUES (11, 'carm')");
    return booking_clean(state);
}

/* Wednesday 2 December, 10:00 to 12:00, the C-arm. */
static const rg_closure_in_t CARM = {.site = "main",
                                     .resource = "carm",
                                     .first_day = "2026-12-02",
                                     .last_day = "",
                                     .start = "10:00",
                                     .end = "12:00",
                                     .kind = "cleaning",
                                     .reason = "test"};

static rg_outcome_t close_with(store_test_t *t, rg_closed_t *out, const rg_closure_in_t *in,
                               const rg_decision_t *decisions, int count)
{
    rg_ctx_t *ctx = admin(t);
    rg_outcome_t rc = rg_closure_add(out, ctx, in, decisions, count);
    if (out->conflict_count > 0) { /* outlives the context */
        const rg_conflict_t *was = out->conflicts;
        out->conflicts = apr_pcalloc(t->pool, sizeof(*was) * (size_t)out->conflict_count);
        for (int i = 0; i < out->conflict_count; i++) {
            rg_conflict_t *c = &out->conflicts[i];
            *c = was[i];
            c->booking = apr_pmemdup(t->pool, was[i].booking, sizeof(rg_booking_t));
            c->nearest = apr_pmemdup(t->pool, was[i].nearest,
                                     sizeof(apr_time_t) * (size_t)was[i].nearest_count);
        }
    }
    store_test_done(ctx);
    return rc;
}

static int conflicts(store_test_t *t, rg_conflict_kind_t *kind)
{
    rg_ctx_t *ctx = admin(t);
    rg_conflict_t *list;
    int count = -1;
    assert_int_equal(rg_closure_conflicts(&list, &count, ctx), RG_OK);
    if (kind && count > 0) {
        *kind = list[0].kind;
    }
    store_test_done(ctx);
    return count;
}

static int64_t closures(store_test_t *t)
{
    return store_test_value(t, "SELECT COUNT(*) FROM closure WHERE reason LIKE 'test%'");
}

static int64_t booked(store_test_t *t, apr_time_t start)
{
    int64_t id = booking_must_hold(t, "scan", start);
    booking_fill(t, id);
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE booking SET status = 'booked',"
                                    " hold_expires_at = NULL WHERE id = %d",
                                    (int)id));
    return id;
}

/* --- closing ---------------------------------------------------------------------------------- */

static void an_empty_room_is_closed_at_once(void **state)
{
    rg_closed_t out;
    booked(*state, BOOKING_AT(2, 570)); /* 9:30 to 10:00: it ends when the closure begins */
    assert_int_equal(close_with(*state, &out, &CARM, NULL, 0), RG_OK);
    assert_int_equal(out.conflict_count, 0);
    assert_int_equal(closures(*state), 1);
    assert_int_equal(conflicts(*state, NULL), 0);
}

static void an_undecided_booking_stops_it(void **state)
{
    store_test_t *t = *state;
    rg_closed_t out;
    int64_t id = booked(t, BOOKING_AT(2, 660));
    assert_int_equal(close_with(t, &out, &CARM, NULL, 0), RG_PRECONDITION);
    assert_int_equal(closures(t), 0);
    assert_int_equal(out.conflict_count, 1);
    assert_int_equal(out.conflicts[0].booking_id, id);
    assert_int_equal(out.conflicts[0].nearest_count, 6);
    for (int i = 0; i < 6; i++) { /* none of them inside the closure that is to come */
        apr_time_t at = out.conflicts[0].nearest[i];
        assert_true(at + apr_time_from_sec(1800) <= BOOKING_AT(2, 600) || at >= BOOKING_AT(2, 720));
    }
}

/* What another site closes is its own matter. */
static void another_site_closes_for_itself(void **state)
{
    rg_closed_t out;
    rg_closure_in_t london = {.site = "other",
                              .resource = "",
                              .first_day = "2026-12-02",
                              .last_day = "",
                              .start = "00:00",
                              .end = "24:00",
                              .kind = "holiday",
                              .reason = "test"};
    booked(*state, BOOKING_AT(2, 600));
    assert_int_equal(close_with(*state, &out, &london, NULL, 0), RG_OK);
    assert_int_equal(out.conflict_count, 0);
    assert_int_equal(conflicts(*state, NULL), 0);
}

static void kept_with_a_reason(void **state)
{
    store_test_t *t = *state;
    rg_closed_t out;
    int64_t id = booked(t, BOOKING_AT(2, 660));
    rg_decision_t d = {RG_DECIDE_KEEP, id, BOOKING_AT(2, 660), "", 0};
    assert_int_equal(close_with(t, &out, &CARM, &d, 1), RG_PRECONDITION); /* why? */
    assert_int_equal(closures(t), 0);
    d.reason = "The technician stays";
    assert_int_equal(close_with(t, &out, &CARM, &d, 1), RG_OK);
    assert_int_equal(out.kept, 1);
    assert_int_equal(conflicts(t, NULL), 0);
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE action = 'booking.keep'"), 1);
    /* The decision was about that time: at another one inside the closure it is asked again. */
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE booking SET starts_at = starts_at + 1800,"
                                    " ends_at = ends_at + 1800 WHERE id = %d",
                                    (int)id));
    assert_int_equal(conflicts(t, NULL), 1);
}

static void a_decision_about_another_time_does_not_count(void **state)
{
    rg_closed_t out;
    int64_t id = booked(*state, BOOKING_AT(2, 660));
    rg_decision_t d = {RG_DECIDE_CANCEL, id, BOOKING_AT(2, 630), "", 0};
    assert_int_equal(close_with(*state, &out, &CARM, &d, 1), RG_PRECONDITION);
    assert_int_equal(booking_taken(*state), 6);
}

static void cancelled_with_it(void **state)
{
    store_test_t *t = *state;
    rg_closed_t out;
    int64_t a = booked(t, BOOKING_AT(2, 600));
    int64_t b = booked(t, BOOKING_AT(2, 690));
    rg_decision_t d[] = {{RG_DECIDE_CANCEL, a, BOOKING_AT(2, 600), "", 0},
                         {RG_DECIDE_CANCEL, b, BOOKING_AT(2, 690), "", 0}};
    assert_int_equal(close_with(t, &out, &CARM, d, 1), RG_PRECONDITION); /* one is still open */
    assert_int_equal(booking_taken(t), 12);
    assert_int_equal(close_with(t, &out, &CARM, d, 2), RG_OK);
    assert_int_equal(out.cancelled, 2);
    assert_int_equal(booking_taken(t), 0);
    assert_int_equal(booking_wrongs(t), 0);
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) FROM message WHERE kind = 'cancellation'"), 2);
}

static void moved_out_of_it(void **state)
{
    store_test_t *t = *state;
    rg_closed_t out;
    int64_t id = booked(t, BOOKING_AT(2, 660));
    rg_decision_t d = {RG_DECIDE_MOVE, id, BOOKING_AT(2, 660), "", 0};
    assert_int_equal(close_with(t, &out, &CARM, &d, 1), RG_PRECONDITION); /* whereto? */
    d.move_to = BOOKING_AT(2, 780);
    assert_int_equal(close_with(t, &out, &CARM, &d, 1), RG_OK);
    assert_int_equal(out.moved, 1);
    assert_int_equal(conflicts(t, NULL), 0);
    assert_int_equal(store_test_value(t, "SELECT MAX(starts_at) FROM booking"),
                     apr_time_sec(BOOKING_AT(2, 780)));
    assert_int_equal(booking_wrongs(t), 0);
}

/* Another room is free then: the patient comes when they come, and hears of nothing. */
static void served_elsewhere_at_the_same_time(void **state)
{
    store_test_t *t = *state;
    rg_closed_t out;
    int64_t id = booking_must_book(t, "days", BOOKING_AT(4, 600));
    const char *room = apr_psprintf(t->pool,
                                    "SELECT MIN(r.resource_id) FROM booking_resource r JOIN"
                                    " resource x ON x.id = r.resource_id WHERE r.booking_id = %d"
                                    " AND x.kind = 'room'",
                                    (int)id);
    int64_t was = store_test_value(t, room);
    rg_closure_in_t in = CARM;
    in.resource = store_test_text(
        t, apr_psprintf(t->pool, "SELECT code FROM resource WHERE id = %d", (int)was));
    in.first_day = "2026-12-04";
    rg_decision_t d = {RG_DECIDE_MOVE, id, BOOKING_AT(4, 600), "", BOOKING_AT(4, 600)};
    assert_int_equal(close_with(t, &out, &in, NULL, 0), RG_PRECONDITION);
    assert_int_equal(out.conflict_count, 1);
    bool there = false;
    for (int i = 0; i < out.conflicts[0].nearest_count; i++) {
        there = there || out.conflicts[0].nearest[i] == BOOKING_AT(4, 600);
    }
    assert_true(there);
    assert_int_equal(close_with(t, &out, &in, &d, 1), RG_OK);
    assert_int_equal(out.moved, 1);
    assert_int_equal(conflicts(t, NULL), 0);
    assert_int_not_equal(store_test_value(t, room), was);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM message WHERE kind = 'change'"), 0);
    assert_int_equal(booking_wrongs(t), 0);
}

static void a_move_that_fails_stays_a_conflict(void **state)
{
    store_test_t *t = *state;
    rg_closed_t out;
    int64_t id = booked(t, BOOKING_AT(2, 660));
    booked(t, BOOKING_AT(2, 780));
    rg_decision_t d = {RG_DECIDE_MOVE, id, BOOKING_AT(2, 660), "", BOOKING_AT(2, 780)};
    assert_int_equal(close_with(t, &out, &CARM, &d, 1), RG_OK);
    assert_int_equal(out.left, 1);
    assert_int_equal(conflicts(t, NULL), 1);
}

static void the_whole_site(void **state)
{
    store_test_t *t = *state;
    rg_closed_t out;
    rg_closure_in_t all = CARM;
    all.resource = "";
    all.start = all.end = "";
    int64_t id = booking_must_hold(t, "chain", BOOKING_AT(2, 660));
    assert_int_equal(close_with(t, &out, &all, NULL, 0), RG_PRECONDITION);
    assert_int_equal(out.conflict_count, 1); /* five steps, nine resources, one booking */
    rg_decision_t d = {RG_DECIDE_CANCEL, id, BOOKING_AT(2, 660), "", 0};
    assert_int_equal(close_with(t, &out, &all, &d, 1), RG_OK);
    assert_int_equal(close_with(t, &out, &all, NULL, 0), RG_INVALID); /* the same again */
    assert_int_equal(closures(t), 1);
}

static void a_visit_that_began_is_only_kept(void **state)
{
    store_test_t *t = *state;
    rg_closed_t out;
    int64_t id = booked(t, BOOKING_AT(2, 660));
    store_test_exec(t, "UPDATE booking SET status = 'arrived'");
    rg_decision_t d = {RG_DECIDE_CANCEL, id, BOOKING_AT(2, 660), "", 0};
    assert_int_equal(close_with(t, &out, &CARM, &d, 1), RG_PRECONDITION);
    d = (rg_decision_t){RG_DECIDE_KEEP, id, BOOKING_AT(2, 660), "She is here", 0};
    assert_int_equal(close_with(t, &out, &CARM, &d, 1), RG_OK);
}

static void removed_with_its_decisions(void **state)
{
    store_test_t *t = *state;
    rg_closed_t out;
    int64_t id = booked(t, BOOKING_AT(2, 660));
    rg_decision_t d = {RG_DECIDE_KEEP, id, BOOKING_AT(2, 660), "Stays", 0};
    assert_int_equal(close_with(t, &out, &CARM, &d, 1), RG_OK);
    rg_ctx_t *ctx = admin(t);
    assert_int_equal(rg_closure_remove(ctx, out.id), RG_OK);
    assert_int_equal(rg_closure_remove(ctx, out.id), RG_NOT_FOUND);
    store_test_done(ctx);
    assert_int_equal(closures(t), 0);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM closure_kept"), 0);
}

static void wrong_input_is_named(void **state)
{
    store_test_t *t = *state;
    static const struct {
        const char *field;
        rg_closure_in_t in;
    } cases[] = {
        {"site", {"moon", "", "2026-12-02", "", "", "", "other", "test"}},
        {"resource", {"main", "far", "2026-12-02", "", "", "", "other", "test"}},
        {"first_day", {"main", "", "2026-02-30", "", "", "", "other", "test"}},
        {"last_day", {"main", "", "2026-12-02", "2026-12-01", "", "", "other", "test"}},
        {"last_day", {"main", "", "2026-11-02", "", "", "", "other", "test"}},
        {"last_day", {"main", "", "2026-12-02", "2030-12-01", "", "", "other", "test"}},
        {"start", {"main", "", "2026-12-02", "", "9:00", "", "other", "test"}},
        {"end", {"main", "", "2026-12-02", "", "10:00", "09:00", "other", "test"}},
        {"end", {"main", "", "2026-12-02", "", "", "24:30", "other", "test"}},
        {"kind", {"main", "", "2026-12-02", "", "", "", "party", "test"}},
        {"reason", {"main", "", "2026-12-02", "", "", "", "other", " "}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        rg_ctx_t *ctx = admin(t);
        rg_closed_t out;
        assert_int_equal(rg_closure_add(&out, ctx, &cases[i].in, NULL, 0), RG_INVALID);
        assert_non_null(rg_problem_for(ctx->problems, cases[i].field));
        assert_int_equal(ctx->problems->list->nelts, 1);
        store_test_done(ctx);
    }
    assert_int_equal(closures(t), 0);
}

static void only_administrators_close(void **state)
{
    rg_closed_t out;
    rg_conflict_t *list;
    int count;
    rg_ctx_t *desk = booking_staff(*state, 0);
    rg_ctx_t *patient = booking_patient(*state, 0, 1);
    assert_int_equal(rg_closure_add(&out, desk, &CARM, NULL, 0), RG_FORBIDDEN);
    assert_int_equal(rg_closure_remove(desk, 1), RG_FORBIDDEN);
    assert_int_equal(rg_closure_conflicts(&list, &count, desk), RG_OK);
    assert_int_equal(rg_closure_conflicts(&list, &count, patient), RG_FORBIDDEN);
    store_test_done(desk);
    store_test_done(patient);
}

/* --- what slips past -------------------------------------------------------------------------- */

static void other_hours(void **state)
{
    store_test_t *t = *state;
    rg_conflict_kind_t kind;
    int64_t id = booked(t, BOOKING_AT(2, 660));
    store_test_exec(
        t, "UPDATE opening SET end_minute = 690 WHERE resource_id = 11"); /* it ends at 11:30 */
    assert_int_equal(conflicts(t, NULL), 0);
    store_test_exec(t, "UPDATE opening SET end_minute = 685 WHERE resource_id = 11");
    assert_int_equal(conflicts(t, &kind), 1);
    assert_int_equal(kind, RG_CONFLICT_HOURS);
    rg_ctx_t *ctx = admin(t);
    rg_keep_in_t keep = {RG_CONFLICT_HOURS, 0, 11, id, BOOKING_AT(2, 660), "", "reason"};
    assert_int_equal(rg_conflict_keep(ctx, &keep), RG_INVALID);
    keep.reason = "Five minutes more";
    keep.starts_at = BOOKING_AT(2, 630);
    assert_int_equal(rg_conflict_keep(ctx, &keep), RG_CONFLICT); /* another time than was seen */
    keep.starts_at = BOOKING_AT(2, 660);
    assert_int_equal(rg_conflict_keep(ctx, &keep), RG_OK);
    store_test_done(ctx);
    assert_int_equal(conflicts(t, NULL), 0);
    store_test_exec(t, "UPDATE resource SET active = 0 WHERE id = 11"); /* another matter */
    assert_int_equal(conflicts(t, &kind), 1);
    assert_int_equal(kind, RG_CONFLICT_INACTIVE);
}

static void outside_hours_on_purpose(void **state)
{
    store_test_t *t = *state;
    booked(t, BOOKING_AT(2, 660));
    store_test_exec(t, "UPDATE opening SET end_minute = 600 WHERE resource_id = 11");
    store_test_exec(t, "INSERT INTO booking_override (booking_id, rule, reason, actor, at)"
                       " SELECT id, 'opening', 'asked for', 'staff:1', 0 FROM booking");
    assert_int_equal(conflicts(t, NULL), 0);
    store_test_exec(t, "DELETE FROM booking_override");
    assert_int_equal(conflicts(t, NULL), 1);
}

static void a_capability_that_went(void **state)
{
    store_test_t *t = *state;
    rg_conflict_kind_t kind;
    booked(t, BOOKING_AT(2, 660));
    store_test_exec(t, "DELETE FROM resource_capability WHERE resource_id = 11");
    assert_int_equal(conflicts(t, &kind), 1);
    assert_int_equal(kind, RG_CONFLICT_CAPABILITY);
}

static void what_is_over_is_no_matter(void **state)
{
    store_test_t *t = *state;
    booked(t, BOOKING_AT(2, 660));
    booking_must_hold(t, "scan", BOOKING_AT(2, 720));
    store_test_exec(t, "UPDATE resource SET active = 0 WHERE id = 11");
    assert_int_equal(conflicts(t, NULL), 2);
    store_test_exec(t, "UPDATE booking SET hold_expires_at = 1 WHERE status = 'held'");
    assert_int_equal(conflicts(t, NULL), 1);
    store_test_exec(t, "UPDATE booking SET status = 'completed' WHERE status = 'booked'");
    assert_int_equal(conflicts(t, NULL), 0);
}

/* The board of that day says so, whatever day it is now. */
static void the_board_calls(void **state)
{
    store_test_t *t = *state;
    rg_board_t *board;
    int64_t id = booked(t, BOOKING_AT(2, 660));
    store_test_exec(t, "INSERT INTO closure (site_id, resource_id, first_day, last_day, reason)"
                       " VALUES (1, 11, '2026-12-02', '2026-12-02', 'test by hand')");
    for (int day = 1; day <= 3; day++) {
        rg_ctx_t *ctx = booking_staff(t, 0);
        int calls = 0;
        assert_int_equal(rg_day_board(&board, ctx, NULL, (rg_date_t){2026, 12, day}), RG_OK);
        for (int i = 0; i < board->attention_count; i++) {
            const rg_attention_t *a = &board->attention[i];
            calls += a->kind == RG_ATTENTION_CLOSED && board->bookings[a->booking]->id == id;
        }
        assert_int_equal(calls, day == 2);
        store_test_done(ctx);
    }
}

/* --- at the same moment ----------------------------------------------------------------------- */

enum { CLIENTS = 8, ROUNDS = 12 };

typedef struct {
    store_test_t *t;
    int round;
    int64_t held[CLIENTS];
    rg_outcome_t closed;
    int kept_out;
} race_t;

/* One closes the C-arm, the others hold it. */
static void race_one(void *baton, int number)
{
    race_t *r = baton;
    if (number == 0) {
        rg_closed_t out;
        rg_ctx_t *ctx = admin(r->t);
        rg_closure_in_t in = CARM;
        in.reason = apr_psprintf(ctx->pool, "test %d", r->round);
        r->closed = rg_closure_add(&out, ctx, &in, NULL, 0);
        store_test_done(ctx);
        return;
    }
    booking_hold(r->t, "scan", BOOKING_AT(2, 600 + 30 * (number % 4)), &r->held[number]);
}

/* Whoever came first: the closure was refused because of what it saw, and everything that slipped
 * past it is a conflict. */
static void closing_while_others_hold(void **state)
{
    store_test_t *t = *state;
    int slipped = 0;
    int stored = 0;
    for (int round = 0; round < ROUNDS; round++) {
        race_t r = {.t = t, .round = round};
        store_test_threads(CLIENTS, race_one, &r);
        int64_t live = store_test_value(t, "SELECT COUNT(*) FROM booking WHERE status = 'held'");
        assert_true(r.closed == RG_OK || r.closed == RG_PRECONDITION);
        assert_int_equal(closures(t), r.closed == RG_OK);
        assert_int_equal(conflicts(t, NULL), r.closed == RG_OK ? live : 0);
        slipped += r.closed == RG_OK && live > 0;
        stored += r.closed == RG_OK;
        assert_int_equal(booking_wrongs(t), 0);
        clean(state);
    }
    print_message("stored %d of %d times, %d times beside a hold\n", stored, ROUNDS, slipped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_empty_room_is_closed_at_once, clean),
        cmocka_unit_test_setup(an_undecided_booking_stops_it, clean),
        cmocka_unit_test_setup(another_site_closes_for_itself, clean),
        cmocka_unit_test_setup(kept_with_a_reason, clean),
        cmocka_unit_test_setup(a_decision_about_another_time_does_not_count, clean),
        cmocka_unit_test_setup(cancelled_with_it, clean),
        cmocka_unit_test_setup(served_elsewhere_at_the_same_time, booking_clean),
        cmocka_unit_test_setup(served_elsewhere_at_the_same_time, clean),
        cmocka_unit_test_setup(moved_out_of_it, clean),
        cmocka_unit_test_setup(a_move_that_fails_stays_a_conflict, clean),
        cmocka_unit_test_setup(the_whole_site, clean),
        cmocka_unit_test_setup(a_visit_that_began_is_only_kept, clean),
        cmocka_unit_test_setup(removed_with_its_decisions, clean),
        cmocka_unit_test_setup(wrong_input_is_named, clean),
        cmocka_unit_test_setup(only_administrators_close, clean),
        cmocka_unit_test_setup(other_hours, clean),
        cmocka_unit_test_setup(outside_hours_on_purpose, clean),
        cmocka_unit_test_setup(a_capability_that_went, clean),
        cmocka_unit_test_setup(what_is_over_is_no_matter, clean),
        cmocka_unit_test_setup(the_board_calls, clean),
        cmocka_unit_test_setup(closing_while_others_hold, clean),
    };
    return cmocka_run_group_tests(tests, booking_setup, store_test_teardown);
}
