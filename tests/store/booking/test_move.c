/* SPDX-License-Identifier: Apache-2.0 */
/* Moving a booking, one client at a time: the whole chain or nothing, its own time counts as free,
 * deadlines and roles, and what must not change. */
#include "booking_test.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"

#include <stdio.h>

/* --- what every test does --------------------------------------------------------------------- */

static rg_outcome_t move_by(rg_ctx_t *ctx, int64_t id, apr_time_t start)
{
    rg_move_in_t in = {.start = start};
    rg_hold_t out;
    ctx->problems = rg_problems_make(ctx->pool);
    rg_outcome_t rc = rg_booking_move(&out, ctx, id, &in);
    assert_int_equal(out.booking != NULL, rc == RG_OK);
    return rc;
}

static rg_outcome_t staff_moves(store_test_t *t, int64_t id, apr_time_t start)
{
    rg_ctx_t *ctx = booking_staff(t, 2);
    rg_outcome_t rc = move_by(ctx, id, start);
    store_test_done(ctx);
    return rc;
}

static rg_booking_t *get(const rg_ctx_t *ctx, int64_t id)
{
    rg_booking_t *b = NULL;
    assert_int_equal(rg_booking_get(&b, ctx, id), RG_OK);
    return b;
}

static int64_t value_of(store_test_t *t, const char *column, int64_t id)
{
    return store_test_value(
        t, apr_psprintf(t->pool, "SELECT %s FROM booking WHERE id = %d", column, (int)id));
}

static bool offered(const rg_ctx_t *ctx, int64_t id, const char *service, int day, apr_time_t start)
{
    rg_find_in_t in = {service, {2026, 12, day}, 1, 0, id, 0};
    rg_availability_t *a;
    assert_int_equal(rg_availability_find(&a, ctx, &in), RG_OK);
    for (int i = 0; i < a->days[0].count; i++) {
        if (a->days[0].starts[i] == start) {
            return true;
        }
    }
    return false;
}

/* Everything that is written about time, as one number. */
static const char *all_time(store_test_t *t)
{
    static const char *const sums[] = {
        "SELECT CONCAT(COUNT(*), '/', COALESCE(SUM(CRC32(CONCAT_WS(',', resource_id, granule,"
        " booking_id))), 0)) FROM occupancy",
        "SELECT COALESCE(SUM(CRC32(CONCAT_WS(',', resource_id, day, w0, w1, w2, w3, w4))), 0)"
        " FROM day_bitmap WHERE (w0 | w1 | w2 | w3 | w4) <> 0",
        "SELECT COALESCE(SUM(CRC32(CONCAT_WS(',', id, status, version, starts_at, ends_at))), 0)"
        " FROM booking",
        "SELECT COALESCE(SUM(CRC32(CONCAT_WS(',', booking_id, step_no, starts_at, ends_at))), 0)"
        " FROM booking_step",
        "SELECT COALESCE(SUM(CRC32(CONCAT_WS(',', booking_id, step_no, need_no, resource_id,"
        " busy_from, busy_until))), 0) FROM booking_resource",
        "SELECT COALESCE(SUM(CRC32(CONCAT_WS(',', uid, visit_no, starts_at, ends_at, sequence))),"
        " 0) FROM appointment"};
    const char *all = "";
    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
        all = apr_pstrcat(t->pool, all, store_test_text(t, sums[i]), " ", NULL);
    }
    return all;
}

/* --- what a move does ------------------------------------------------------------------------- */

static void whole_chain_moves(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "chain", BOOKING_AT(4, 600));
    rg_ctx_t *me = booking_patient(t, 2, id);
    rg_booking_t *old = get(me, id);
    int64_t taken = booking_taken(t);
    assert_int_equal(move_by(me, id, BOOKING_AT(7, 495)), RG_OK);
    rg_booking_t *b = get(me, id);
    assert_true(b->starts_at == BOOKING_AT(7, 495));
    assert_true(b->ends_at - b->starts_at == old->ends_at - old->starts_at);
    assert_int_equal(b->status, RG_BOOKING_BOOKED);
    assert_int_equal(b->version, old->version + 1);
    assert_int_equal(b->step_count, 5);
    assert_int_equal(b->resource_count, old->resource_count);
    assert_true(b->steps[4].ends_at == b->ends_at);
    assert_string_equal(b->appointments[0].uid, old->appointments[0].uid);
    assert_int_equal(b->appointments[0].sequence, old->appointments[0].sequence + 1);
    assert_true(b->appointments[0].starts_at == b->starts_at);
    assert_int_equal(booking_taken(t), taken);
    assert_int_equal(store_test_value(t, apr_psprintf(t->pool,
                                                      "SELECT COUNT(*) FROM occupancy WHERE"
                                                      " granule < %d",
                                                      (int)(BOOKING_AT(6, 0) / 300000000))),
                     0);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(me);
}

static void trail_names_both_times(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(4, 600));
    assert_int_equal(staff_moves(t, id, BOOKING_AT(4, 720)), RG_OK);
    assert_string_equal(
        store_test_text(t, apr_psprintf(t->pool,
                                        "SELECT detail FROM audit_event WHERE action ="
                                        " 'booking.move' AND entity_id = %d",
                                        (int)id)),
        apr_psprintf(t->pool, "from:%" APR_TIME_T_FMT " to:%" APR_TIME_T_FMT,
                     apr_time_sec(BOOKING_AT(4, 600)), apr_time_sec(BOOKING_AT(4, 720))));
}

/* By a quarter of an hour: nearly everything it wants is what it has, the only C-arm too. */
static void own_time_is_free_for_itself(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "chain", BOOKING_AT(2, 600));
    for (int minute = 615; minute >= 540; minute -= 15) {
        if (minute != 600) {
            assert_int_equal(staff_moves(t, id, BOOKING_AT(2, minute)), RG_OK);
            assert_int_equal(booking_wrongs(t), 0);
        }
    }
    assert_int_equal(value_of(t, "starts_at", id), apr_time_sec(BOOKING_AT(2, 540)));
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM booking_resource"), 10);
}

static void both_visits_move(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "days", BOOKING_AT(2, 600));
    rg_ctx_t *staff = booking_staff(t, 2);
    rg_booking_t *old = get(staff, id);
    assert_int_equal(move_by(staff, id, BOOKING_AT(4, 600)), RG_OK);
    rg_booking_t *b = get(staff, id);
    assert_int_equal(b->appointment_count, 2);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(b->appointments[i].uid, old->appointments[i].uid);
        assert_int_equal(b->appointments[i].sequence, 1);
    }
    /* A Friday: the second visit is on Monday, not one to three days later on a week-end. */
    assert_true(b->appointments[1].starts_at == BOOKING_AT(7, 480));
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(staff);
}

static void same_time_with_somebody_else(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "days", BOOKING_AT(2, 600));
    rg_ctx_t *me = booking_patient(t, 0, id);
    rg_ctx_t *staff = booking_staff(t, 2);
    int64_t doctor = get(staff, id)->resources[0].resource_id;
    rg_move_in_t in = {.start = BOOKING_AT(2, 600), .practitioner_id = 3 - doctor};
    rg_hold_t out;
    assert_int_equal(move_by(me, id, BOOKING_AT(2, 600)), RG_INVALID);
    assert_non_null(rg_problem_for(me->problems, "start"));
    store_test_done(me);
    assert_int_equal(move_by(staff, id, BOOKING_AT(2, 600)), RG_INVALID);
    assert_non_null(rg_problem_for(staff->problems, "start"));
    assert_int_equal(rg_booking_move(&out, staff, id, &in), RG_OK);
    assert_int_equal(get(staff, id)->resources[0].resource_id, 3 - doctor);
    assert_int_equal(out.booking->resources[0].resource_id, 3 - doctor);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(staff);
}

/* Its room is closed: the front desk gives it the other room, at the time the patient has. */
static void same_time_in_another_room(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "days", BOOKING_AT(4, 600));
    const char *room = apr_psprintf(t->pool,
                                    "SELECT r.resource_id FROM booking_resource r JOIN resource x"
                                    " ON x.id = r.resource_id WHERE r.booking_id = %d AND x.kind ="
                                    " 'room'",
                                    (int)id);
    int64_t closed = store_test_value(t, room);
    rg_ctx_t *staff = booking_staff(t, 2);
    assert_false(offered(staff, id, "days", 4, BOOKING_AT(4, 600)));
    store_test_exec(t,
                    apr_psprintf(t->pool,
                                 "INSERT INTO closure (site_id, resource_id, first_day, last_day,"
                                 " start_minute, end_minute, reason) VALUES (1, %d,"
                                 " '2026-12-04', '2026-12-04', 0, 1440, 'flood')",
                                 (int)closed));
    rg_ctx_t *me = booking_patient(t, 2, id);
    bool for_staff = offered(staff, id, "days", 4, BOOKING_AT(4, 600));
    bool for_me = offered(me, id, "days", 4, BOOKING_AT(4, 600));
    rg_outcome_t mine = move_by(me, id, BOOKING_AT(4, 600));
    rg_outcome_t theirs = move_by(staff, id, BOOKING_AT(4, 600));
    store_test_exec(t, "DELETE FROM closure WHERE reason = 'flood'");
    assert_true(for_staff);
    assert_false(for_me);
    assert_int_equal(mine, RG_INVALID);
    assert_int_equal(theirs, RG_OK);
    assert_int_equal(store_test_value(t, room), 11 - closed); /* rooms 5 and 6 */
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(me);
    store_test_done(staff);
}

/* The definition has lost its second visit and got a longer first one since the patient booked. */
static void moves_by_the_definition_of_today(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "days", BOOKING_AT(2, 600));
    store_test_exec(t, "DELETE FROM service_need WHERE service_id = 4 AND step_no = 2");
    store_test_exec(t, "DELETE FROM service_step WHERE service_id = 4 AND step_no = 2");
    store_test_exec(t, "UPDATE service SET active = 0 WHERE id = 4");
    rg_outcome_t rc = staff_moves(t, id, BOOKING_AT(4, 600));
    int wrongs = booking_wrongs(t);
    store_test_exec(t, "UPDATE service SET active = 1 WHERE id = 4");
    store_test_exec(t,
                    "INSERT INTO service_step (service_id, step_no, kind, name, minutes, gap_min,"
                    " gap_max, visit_no, patient_present) VALUES (4, 2, 'inject', 'Inject', 20,"
                    " 1200, 4320, 2, 1)");
    store_test_exec(t, "INSERT INTO service_need (service_id, step_no, need_no, capability,"
                       " quantity, setup_minutes, turnover_minutes, bind) VALUES (4, 2, 1,"
                       " 'doctor', 1, 0, 0, 'doc')");
    assert_int_equal(rc, RG_OK);
    assert_int_equal(wrongs, 0);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM appointment"), 1);
    /* And back again: the second visit is a new appointment. */
    assert_int_equal(staff_moves(t, id, BOOKING_AT(2, 600)), RG_OK);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM appointment"), 2);
    assert_int_equal(store_test_value(t, "SELECT SUM(sequence) FROM appointment"), 2);
    assert_int_equal(booking_wrongs(t), 0);
}

static void consents_stay(void **state)
{
    store_test_t *t = *state;
    store_test_exec(t, "INSERT IGNORE INTO form (id, code, name) VALUES (1, 'consent', 'Consent')");
    store_test_exec(t, "INSERT IGNORE INTO form_version (id, form_id, version, title, body, sha256,"
                       " published_at) VALUES (1, 1, 1, 'Consent', 'x', REPEAT('x', 32), 0)");
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(4, 600));
    store_test_exec(
        t,
        apr_psprintf(t->pool,
                     "INSERT INTO consent (uid, booking_id, patient_id, form_version_id,"
                     " body_site, laterality, text, text_sha256, signer_name, signed_at,"
                     " expires_at) SELECT '00000000000000000000000071', id, patient_id, 1,"
                     " 'knee', 'left', 'x', REPEAT('x', 32), 'Ann Walker', 1700000000, 4000000000"
                     " FROM booking WHERE id = %d",
                     (int)id));
    assert_int_equal(staff_moves(t, id, BOOKING_AT(4, 720)), RG_OK);
    assert_int_equal(
        store_test_value(t, apr_psprintf(t->pool,
                                         "SELECT COUNT(*) FROM consent_in_force WHERE booking_id"
                                         " = %d",
                                         (int)id)),
        1);
}

/* --- what cannot be had ----------------------------------------------------------------------- */

static void loser_keeps_everything(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "chain", BOOKING_AT(2, 600));
    booking_must_hold(t, "scan", BOOKING_AT(4, 600));
    const char *before = all_time(t);
    rg_ctx_t *me = booking_patient(t, 2, id);
    rg_move_in_t in = {.start = BOOKING_AT(4, 585)};
    store_test_exec(t, "UPDATE service SET move_notice_minutes = 60 WHERE id = 1");
    rg_hold_t out;
    rg_outcome_t rc = rg_booking_move(&out, me, id, &in);
    store_test_exec(t, "UPDATE service SET move_notice_minutes = 1440 WHERE id = 1");
    assert_int_equal(rc, RG_CONFLICT);
    assert_null(out.booking);
    assert_int_equal(out.nearest_count, 6);
    for (int i = 0; i < 6; i++) {
        assert_true(out.nearest[i] != in.start);
        assert_true(i == 0 || out.nearest[i] > out.nearest[i - 1]);
    }
    assert_string_equal(all_time(t), before);
    store_test_done(me);
}

static void times_that_are_not_offered(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(4, 600));
    const char *before = all_time(t);
    assert_int_equal(staff_moves(t, id, BOOKING_AT(1, 570)), RG_INVALID);  /* over */
    assert_int_equal(staff_moves(t, id, BOOKING_AT(4, 605)), RG_INVALID);  /* grid */
    assert_int_equal(staff_moves(t, id, BOOKING_AT(4, 450)), RG_INVALID);  /* closed */
    assert_int_equal(staff_moves(t, id, BOOKING_AT(3, 630)), RG_INVALID);  /* calibration */
    assert_int_equal(staff_moves(t, id, BOOKING_AT(92, 600)), RG_INVALID); /* horizon */
    assert_string_equal(all_time(t), before);
}

static int64_t seed = 5;

static int pick(int n)
{
    seed =
        (int64_t)((uint64_t)seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407));
    return (int)(((uint64_t)seed >> 33) % (uint64_t)n);
}

/* The search for who moves offers exactly what the move then takes. */
static void offered_means_movable(void **state)
{
    static const char *const services[] = {"chain", "scan", "spin", "days", "pair"};
    store_test_t *t = *state;
    int64_t first = booking_must_book(t, "chain", BOOKING_AT(2, 600));
    int64_t second = booking_must_book(t, "days", BOOKING_AT(3, 480));
    int moved = 0;
    for (int i = 0; i < 14; i++) {
        int64_t id;
        booking_hold(t, services[pick(5)], BOOKING_AT(2 + pick(3), 480 + 30 * pick(18)), &id);
    }
    for (int i = 0; i < 120; i++) {
        rg_ctx_t *staff = booking_staff(t, 2);
        int64_t id = i % 2 == 0 ? first : second;
        int day = 2 + pick(3);
        apr_time_t start = BOOKING_AT(day, 480 + (i % 2 == 0 ? 15 * pick(36) : 30 * pick(18)));
        bool expected = offered(staff, id, i % 2 == 0 ? "chain" : "days", day, start);
        rg_outcome_t rc = move_by(staff, id, start);
        if ((rc == RG_OK) != expected) {
            fail_msg("round %d: offered %d, %s", i, expected, rg_outcome_name(rc));
        }
        moved += rc == RG_OK;
        store_test_done(staff);
    }
    assert_int_equal(booking_wrongs(t), 0);
    assert_true(moved > 10 && moved < 110);
}

static void search_for_moving_is_for_the_owner(void **state)
{
    store_test_t *t = *state;
    int64_t mine = booking_must_book(t, "scan", BOOKING_AT(2, 600));
    int64_t yours = booking_must_book(t, "scan", BOOKING_AT(2, 660));
    rg_ctx_t *me = booking_patient(t, 2, mine);
    rg_find_in_t in = {"scan", {2026, 12, 2}, 1, 0, yours, 0};
    rg_availability_t *a;
    assert_true(offered(me, mine, "scan", 2, BOOKING_AT(2, 630)));
    assert_false(offered(me, mine, "scan", 2, BOOKING_AT(2, 600))); /* it has that */
    assert_false(offered(me, mine, "scan", 2, BOOKING_AT(2, 660)));
    assert_int_equal(rg_availability_find(&a, me, &in), RG_NOT_FOUND);
    in.moving = mine;
    in.service_code = "spin";
    assert_int_equal(rg_availability_find(&a, me, &in), RG_NOT_FOUND);
    store_test_done(me);
}

/* --- who may, until when ---------------------------------------------------------------------- */

static void patients_keep_notice(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(2, 600)); /* in 24 hours exactly */
    rg_ctx_t *late = booking_patient(t, 1, id);
    assert_int_equal(move_by(late, id, BOOKING_AT(4, 600)), RG_PRECONDITION);
    assert_true(rg_problems_any(late->problems));
    rg_ctx_t *in_time = booking_patient(t, 0, id);
    assert_int_equal(move_by(in_time, id, BOOKING_AT(4, 600)), RG_OK);
    rg_ctx_t *machine = booking_ctx(t, 3 * 1440 - 10);
    machine->who.roles = RG_ROLE_MACHINE;
    machine->who.scopes = "system/Appointment.rs";
    assert_int_equal(move_by(machine, id, BOOKING_AT(7, 600)), RG_NOT_FOUND);
    machine->who.scopes = "system/Appointment.u";
    assert_int_equal(move_by(machine, id, BOOKING_AT(7, 600)), RG_NOT_FOUND); /* not its own */
    machine->who.others = true;
    assert_int_equal(move_by(machine, id, BOOKING_AT(7, 600)), RG_PRECONDITION);
    rg_ctx_t *staff = booking_staff(t, 3 * 1440 - 10);
    assert_int_equal(move_by(staff, id, BOOKING_AT(7, 600)), RG_OK);
    /* The notice of cancelling is another one. */
    store_test_exec(t, "UPDATE service SET move_notice_minutes = 7200 WHERE id = 2");
    rg_ctx_t *early = booking_patient(t, 1440 + 5, id);
    rg_outcome_t rc = move_by(early, id, BOOKING_AT(8, 600));
    store_test_exec(t, "UPDATE service SET move_notice_minutes = 1440 WHERE id = 2");
    assert_int_equal(rc, RG_PRECONDITION);
    store_test_done(late);
    store_test_done(in_time);
    store_test_done(machine);
    store_test_done(staff);
    store_test_done(early);
}

/* Who could not cancel anymore cannot after a move either; the clinic's own move makes a new
 * start. */
static void deadline_that_passed_stays_passed(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(2, 600)); /* in 24 hours exactly */
    rg_ctx_t *me = booking_patient(t, 10, id);
    store_test_exec(t, "UPDATE service SET move_notice_minutes = 60 WHERE id = 2");
    assert_int_equal(rg_booking_cancel(me, id, "patient"), RG_PRECONDITION);
    assert_int_equal(move_by(me, id, BOOKING_AT(9, 600)), RG_OK);
    assert_int_equal(rg_booking_cancel(me, id, "patient"), RG_PRECONDITION);
    assert_int_equal(move_by(me, id, BOOKING_AT(10, 600)), RG_OK);
    assert_int_equal(rg_booking_cancel(me, id, "patient"), RG_PRECONDITION);
    assert_int_equal(staff_moves(t, id, BOOKING_AT(9, 660)), RG_OK);
    rg_outcome_t rc = rg_booking_cancel(me, id, "patient");
    store_test_exec(t, "UPDATE service SET move_notice_minutes = 1440 WHERE id = 2");
    assert_int_equal(rc, RG_OK);
    store_test_done(me);
}

static void staff_only_is_for_staff(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(7, 600));
    rg_ctx_t *me = booking_patient(t, 2, id);
    store_test_exec(t, "UPDATE service SET audience = 'staff' WHERE id = 2");
    rg_outcome_t mine = move_by(me, id, BOOKING_AT(8, 600));
    rg_outcome_t theirs = staff_moves(t, id, BOOKING_AT(8, 600));
    store_test_exec(t, "UPDATE service SET audience = 'public' WHERE id = 2");
    assert_int_equal(mine, RG_PRECONDITION);
    assert_int_equal(theirs, RG_OK);
    store_test_done(me);
}

static void held_time_moves_and_ends_when_it_would(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_hold(t, "scan", BOOKING_AT(2, 480)); /* within the notice */
    int64_t until = value_of(t, "hold_expires_at", id);
    rg_ctx_t *me = booking_patient(t, 2, id);
    assert_int_equal(move_by(me, id, BOOKING_AT(2, 510)), RG_OK);
    assert_int_equal(value_of(t, "hold_expires_at", id), until);
    assert_int_equal(get(me, id)->status, RG_BOOKING_HELD);
    rg_ctx_t *late = booking_patient(t, 10, id);
    assert_int_equal(move_by(late, id, BOOKING_AT(2, 600)), RG_GONE);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(me);
    store_test_done(late);
}

static void begun_or_over_stays(void **state)
{
    static const char *const stays[] = {"arrived", "in-progress", "completed", "no-show",
                                        "cancelled"};
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(2, 600));
    for (size_t i = 0; i < sizeof(stays) / sizeof(stays[0]); i++) {
        store_test_exec(t, apr_psprintf(t->pool, "UPDATE booking SET status = '%s' WHERE id = %d",
                                        stays[i], (int)id));
        const char *before = all_time(t);
        assert_int_equal(staff_moves(t, id, BOOKING_AT(4, 600)), RG_PRECONDITION);
        assert_string_equal(all_time(t), before);
    }
}

static void not_yours_is_not_there(void **state)
{
    store_test_t *t = *state;
    int64_t mine = booking_must_book(t, "scan", BOOKING_AT(4, 600));
    int64_t yours = booking_must_book(t, "scan", BOOKING_AT(4, 660));
    rg_ctx_t *me = booking_patient(t, 2, mine);
    rg_ctx_t *nobody = booking_ctx(t, 2);
    assert_int_equal(move_by(me, yours, BOOKING_AT(4, 720)), RG_NOT_FOUND);
    assert_int_equal(move_by(nobody, mine, BOOKING_AT(4, 720)), RG_NOT_FOUND);
    assert_int_equal(staff_moves(t, 999999, BOOKING_AT(4, 720)), RG_NOT_FOUND);
    store_test_done(me);
    store_test_done(nobody);
}

static void stale_version_moves_nothing(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(4, 600));
    rg_ctx_t *me = booking_patient(t, 2, id);
    rg_move_in_t in = {.start = BOOKING_AT(4, 720), .version = (int)value_of(t, "version", id) - 1};
    rg_hold_t out;
    me->problems = rg_problems_make(me->pool);
    assert_int_equal(rg_booking_move(&out, me, id, &in), RG_CONFLICT);
    assert_int_equal(out.nearest_count, 0);
    assert_non_null(rg_problem_for(me->problems, "version"));
    in.version++;
    assert_int_equal(rg_booking_move(&out, me, id, &in), RG_OK);
    store_test_done(me);
}

static void second_request_has_no_effect(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(4, 600));
    rg_move_in_t in = {.start = BOOKING_AT(4, 720)};
    int64_t version = value_of(t, "version", id);
    for (int i = 0; i < 3; i++) {
        rg_ctx_t *me = booking_patient(t, 2 + i, id);
        rg_idem_t idem = {.key = {7}, .request = {8}};
        rg_hold_t out;
        me->idem = &idem;
        assert_int_equal(rg_booking_move(&out, me, id, &in), RG_OK);
        assert_int_equal(idem.replayed, i > 0);
        assert_true(out.booking->starts_at == in.start);
        assert_int_equal(out.booking->step_count, 1);
        store_test_done(me);
    }
    assert_int_equal(value_of(t, "version", id), version + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(whole_chain_moves, booking_clean),
        cmocka_unit_test_setup(trail_names_both_times, booking_clean),
        cmocka_unit_test_setup(own_time_is_free_for_itself, booking_clean),
        cmocka_unit_test_setup(both_visits_move, booking_clean),
        cmocka_unit_test_setup(same_time_with_somebody_else, booking_clean),
        cmocka_unit_test_setup(same_time_in_another_room, booking_clean),
        cmocka_unit_test_setup(moves_by_the_definition_of_today, booking_clean),
        cmocka_unit_test_setup(consents_stay, booking_clean),
        cmocka_unit_test_setup(loser_keeps_everything, booking_clean),
        cmocka_unit_test_setup(times_that_are_not_offered, booking_clean),
        cmocka_unit_test_setup(offered_means_movable, booking_clean),
        cmocka_unit_test_setup(search_for_moving_is_for_the_owner, booking_clean),
        cmocka_unit_test_setup(patients_keep_notice, booking_clean),
        cmocka_unit_test_setup(deadline_that_passed_stays_passed, booking_clean),
        cmocka_unit_test_setup(staff_only_is_for_staff, booking_clean),
        cmocka_unit_test_setup(held_time_moves_and_ends_when_it_would, booking_clean),
        cmocka_unit_test_setup(begun_or_over_stays, booking_clean),
        cmocka_unit_test_setup(not_yours_is_not_there, booking_clean),
        cmocka_unit_test_setup(stale_version_moves_nothing, booking_clean),
        cmocka_unit_test_setup(second_request_has_no_effect, booking_clean),
    };
    return cmocka_run_group_tests(tests, booking_setup, store_test_teardown);
}
