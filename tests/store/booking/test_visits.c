/* SPDX-License-Identifier: Apache-2.0 */
/* Moving one visit of a course: earlier visits stay, later ones stay if the gap allows it; within
 * the real gaps and the unit's time, with the same doctor; and the search compared with one that
 * tries everything. */
#include "visits_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/desk.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Wednesday 2 December, Friday the 4th, Monday the 7th, Wednesday the 9th: as early as it can
 * be. */
enum { TALK = 2, HARVEST = 4, INJECT = 7, LOOK = 9 };

static int64_t booked(store_test_t *t)
{
    return booking_must_book(t, "course", BOOKING_AT(TALK, 600));
}

static const char *rows_of(store_test_t *t, int64_t id, const char *where)
{
    return store_test_text(
        t, apr_psprintf(t->pool,
                        "SELECT GROUP_CONCAT(CONCAT_WS('/', s.step_no, s.starts_at, s.ends_at,"
                        " r.need_no, r.resource_id, r.busy_from, r.busy_until) ORDER BY s.step_no,"
                        " r.need_no) FROM booking_step s JOIN booking_resource r ON r.booking_id ="
                        " s.booking_id AND r.step_no = s.step_no WHERE s.booking_id = %d AND %s",
                        (int)id, where));
}

static int64_t value(store_test_t *t, const char *sql, int64_t id)
{
    return store_test_value(t, apr_psprintf(t->pool, "%s %d", sql, (int)id));
}

static rg_availability_t *find(const rg_ctx_t *ctx, int64_t id, int visit, int day, int days)
{
    rg_find_in_t in = {"course", {2026, 12, day}, days, 0, id, 0};
    rg_availability_t *a;
    assert_int_equal(rg_availability_of_visit(&a, ctx, &in, visit), RG_OK);
    return a;
}

static bool offered(const rg_ctx_t *ctx, int64_t id, int visit, int day, int minute)
{
    rg_availability_t *a = find(ctx, id, visit, day, 1);
    for (int i = 0; i < a->days[0].count; i++) {
        if (a->days[0].starts[i] == BOOKING_AT(day, minute)) {
            return true;
        }
    }
    return false;
}

/* -1: the gap ends before that day. */
static int offered_on(store_test_t *t, int64_t id, int visit, int day)
{
    rg_ctx_t *ctx = booking_staff(t, 2);
    rg_find_in_t in = {"course", {2026, 12, day}, 1, 0, id, 0};
    rg_availability_t *a;
    rg_outcome_t rc = rg_availability_of_visit(&a, ctx, &in, visit);
    assert_true(rc == RG_OK || rc == RG_INVALID);
    int count = rc == RG_OK ? a->days[0].count : -1;
    store_test_done(ctx);
    return count;
}

static void close_resource(store_test_t *t, int64_t resource, int day)
{
    store_test_exec(t, apr_psprintf(t->pool,
                                    "INSERT INTO closure (id, site_id, resource_id, first_day,"
                                    " last_day, start_minute, end_minute, kind, reason) VALUES (90"
                                    " + %d, 1, %d, '2026-12-%02d', '2026-12-%02d', 0, 1440,"
                                    " 'absence', 'x')",
                                    day, (int)resource, day, day));
}

/* --- what a move does ------------------------------------------------------------------------- */

static void only_that_visit_moves(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t);
    rg_booking_t *old = visits_get(t, id);
    const char *others = rows_of(t, id, "s.visit_no <> 3");
    int64_t taken = booking_taken(t);
    assert_int_equal(old->appointment_count, 4);
    assert_int_equal(visits_staff_moves(t, id, 3, BOOKING_AT(INJECT, 840)), RG_OK);
    rg_booking_t *b = visits_get(t, id);
    assert_true(b->steps[3].starts_at == BOOKING_AT(INJECT, 840));
    assert_string_equal(rows_of(t, id, "s.visit_no <> 3"), others);
    assert_int_equal(b->version, old->version + 1);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(b->appointments[i].uid, old->appointments[i].uid);
        assert_int_equal(b->appointments[i].sequence, i == 2 ? 1 : 0);
    }
    assert_true(b->appointments[2].starts_at == BOOKING_AT(INJECT, 840));
    assert_int_equal(booking_taken(t), taken);
    assert_int_equal(booking_wrongs(t), 0);
    assert_string_equal(
        store_test_text(t, "SELECT detail FROM audit_event WHERE action = 'booking.move' ORDER BY"
                           " id DESC LIMIT 1"),
        apr_psprintf(t->pool, "visit:3-3 from:%" APR_TIME_T_FMT " to:%" APR_TIME_T_FMT,
                     apr_time_sec(old->steps[3].starts_at), apr_time_sec(BOOKING_AT(INJECT, 840))));
    assert_int_equal(store_test_value(t, "SELECT old_starts_at FROM message WHERE kind = 'change'"),
                     apr_time_sec(old->steps[3].starts_at));
}

/* The look on the 9th is two to four days after the injection: from the 8th on that is too near. */
static void later_visits_follow_where_they_must(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t);
    const char *before = rows_of(t, id, "s.visit_no < 3");
    assert_int_equal(visits_staff_moves(t, id, 3, BOOKING_AT(5 + 2, 600)), RG_OK);
    assert_true(visits_get(t, id)->steps[4].starts_at == BOOKING_AT(LOOK, 480));
    store_test_exec(t, "UPDATE service_step SET gap_days_max = 5 WHERE service_id = 7 AND step_no ="
                       " 4");
    rg_outcome_t rc = visits_staff_moves(t, id, 3, BOOKING_AT(8, 600));
    int wrongs = booking_wrongs(t);
    store_test_exec(t, "UPDATE service_step SET gap_days_max = 3 WHERE service_id = 7 AND step_no ="
                       " 4");
    assert_int_equal(rc, RG_OK);
    assert_int_equal(wrongs, 0);
    rg_booking_t *b = visits_get(t, id);
    assert_true(b->steps[4].starts_at == BOOKING_AT(10, 480));
    assert_true(b->ends_at == b->steps[4].ends_at);
    assert_string_equal(rows_of(t, id, "s.visit_no < 3"), before);
    static const int sequences[] = {0, 0, 2, 1};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(b->appointments[i].sequence, sequences[i]);
    }
}

/* Harvest on Friday, injection one to three days later: Saturday, Sunday are closed, Monday is the
 * last. */
static void gaps_to_both_sides_are_kept(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t);
    assert_int_equal(offered_on(t, id, 3, 4), 0);
    assert_true(offered_on(t, id, 3, INJECT) > 10);
    rg_ctx_t *staff = booking_staff(t, 2);
    assert_int_equal(visits_move(staff, id, 3, BOOKING_AT(8, 600)), RG_INVALID);
    assert_non_null(strstr(rg_problem_for(staff->problems, "start"),
                           "from Saturday 5 December 2026 to Monday 7 December 2026"));
    assert_int_equal(visits_move(staff, id, 3, BOOKING_AT(HARVEST, 660)), RG_INVALID);
    assert_int_equal(visits_move(staff, id, 3, BOOKING_AT(INJECT, 605)), RG_INVALID); /* grid */
    assert_int_equal(visits_move(staff, id, 9, BOOKING_AT(INJECT, 600)), RG_INVALID);
    assert_non_null(rg_problem_for(staff->problems, "visit"));
    /* The time it has is none. */
    rg_booking_t *b = visits_get(t, id);
    assert_int_equal(visits_move(staff, id, 3, b->steps[3].starts_at), RG_INVALID);
    assert_int_equal(b->version, visits_get(t, id)->version);
    store_test_done(staff);
}

/* The first visit by itself: the harvest stays, two to five days later. */
static void the_first_visit_moves_alone_too(void **state)
{
    store_test_t *t = *state;
    store_test_exec(t, "UPDATE service SET max_per_day = 1 WHERE id = 7");
    int64_t id = booked(t);
    const char *later = rows_of(t, id, "s.visit_no > 1");
    assert_int_equal(visits_staff_moves(t, id, 1, BOOKING_AT(TALK, 720)), RG_OK);
    assert_string_equal(rows_of(t, id, "s.visit_no > 1"), later);
    assert_int_equal(visits_staff_moves(t, id, 1, BOOKING_AT(3, 600)), RG_OK); /* harvest: Sat on */
    rg_booking_t *b = visits_get(t, id);
    assert_true(b->starts_at == BOOKING_AT(3, 600));
    assert_true(b->steps[1].starts_at >= BOOKING_AT(7, 480));
    assert_string_equal(store_test_text(t, "SELECT day FROM service_day"), "2026-12-03");
    assert_int_equal(booking_wrongs(t), 0);
}

/* A limit a day counts where bookings begin. */
static void full_days_are_full_for_first_visits_only(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t);
    store_test_exec(t, "UPDATE service SET max_per_day = 1 WHERE id = 7");
    booking_must_book(t, "course", BOOKING_AT(INJECT, 600));
    assert_int_equal(visits_staff_moves(t, id, 3, BOOKING_AT(INJECT, 900)), RG_OK);
    assert_int_equal(value(t, "SELECT COUNT(*) FROM service_day WHERE booking_id <>", id), 1);
}

static void the_same_doctor_stays(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t);
    int64_t doctor = value(t,
                           "SELECT resource_id FROM booking_resource WHERE step_no = 1 AND"
                           " booking_id =",
                           id);
    assert_true(offered_on(t, id, 3, INJECT) > 10);
    rg_ctx_t *staff = booking_staff(t, 2);
    assert_int_equal(find(staff, id, 3, INJECT, 1)->practitioner_count, 1);
    assert_true(find(staff, id, 3, INJECT, 1)->practitioners[0]->id == doctor);
    close_resource(t, doctor, INJECT);
    assert_int_equal(offered_on(t, id, 3, INJECT), 0);
    assert_int_equal(visits_move(staff, id, 3, BOOKING_AT(INJECT, 900)), RG_INVALID);
    store_test_exec(t, "DELETE FROM closure WHERE id >= 90");
    close_resource(t, 3 - doctor, INJECT);
    assert_int_equal(visits_move(staff, id, 3, BOOKING_AT(INJECT, 900)), RG_OK);
    /* Who left the clinic serves nobody, and nobody comes instead unasked. */
    store_test_exec(
        t, apr_psprintf(t->pool, "UPDATE resource SET active = 0 WHERE id = %d", (int)doctor));
    int left = offered_on(t, id, 3, INJECT);
    store_test_exec(t, "UPDATE resource SET active = 1");
    assert_int_equal(left, 0);
    store_test_done(staff);
}

static void who_loses_keeps_everything(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t);
    const char *before = rows_of(t, id, "1");
    rg_booking_t *b = visits_get(t, id);
    int64_t doctor = value(t,
                           "SELECT resource_id FROM booking_resource WHERE step_no = 1 AND"
                           " booking_id =",
                           id);
    int minute = b->steps[3].starts_at == BOOKING_AT(INJECT, 480) ? 600 : 540;
    rg_ctx_t *staff = booking_staff(t, 2);
    rg_hold_t out;
    rg_hold_in_t pair = {"pair", BOOKING_AT(INJECT, minute), 0};
    assert_int_equal(rg_booking_hold(&out, staff, &pair), RG_OK);
    assert_true(doctor == 1 || doctor == 2);
    rg_move_in_t in = {.start = BOOKING_AT(INJECT, minute)};
    assert_int_equal(rg_booking_visit_move(&out, staff, id, 3, &in), RG_CONFLICT);
    assert_int_equal(out.nearest_count, 6);
    for (int i = 0; i < 6; i++) {
        assert_true(out.nearest[i] >= BOOKING_AT(INJECT, 480) && out.nearest[i] < BOOKING_AT(8, 0));
    }
    assert_string_equal(rows_of(t, id, "1"), before);
    assert_int_equal(value(t, "SELECT SUM(sequence) FROM appointment WHERE booking_id =", id), 0);
    store_test_done(staff);
}

static void once_for_one_key(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t);
    for (int i = 0; i < 2; i++) {
        rg_ctx_t *me = booking_patient(t, 2, id);
        rg_idem_t key = {.key = "key-of-the-form"};
        rg_move_in_t in = {.start = BOOKING_AT(INJECT, 840)};
        rg_hold_t out;
        me->idem = &key;
        assert_int_equal(rg_booking_visit_move(&out, me, id, 3, &in), RG_OK);
        assert_true(out.booking->steps[3].starts_at == BOOKING_AT(INJECT, 840));
        assert_int_equal(key.replayed, i == 1);
        store_test_done(me);
    }
    assert_int_equal(value(t, "SELECT SUM(sequence) FROM appointment WHERE booking_id =", id), 1);
    assert_int_equal(
        value(t, "SELECT COUNT(*) FROM message WHERE kind = 'change' AND booking_id =", id), 1);
}

static void not_after_it_was_defined_anew(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t);
    rg_ctx_t *staff = booking_staff(t, 2);
    rg_find_in_t ask = {"course", {2026, 12, INJECT}, 1, 0, id, 0};
    rg_availability_t *a;
    store_test_exec(t, "UPDATE service_step SET kind = 'recover' WHERE service_id = 7 AND step_no ="
                       " 5");
    rg_outcome_t moved = visits_move(staff, id, 3, BOOKING_AT(INJECT, 840));
    rg_outcome_t found = rg_availability_of_visit(&a, staff, &ask, 3);
    rg_outcome_t whole = visits_move(staff, id, 0, BOOKING_AT(TALK, 720));
    store_test_exec(t, "UPDATE service_step SET kind = 'consult' WHERE service_id = 7 AND step_no ="
                       " 5");
    assert_int_equal(moved, RG_PRECONDITION);
    assert_int_equal(found, RG_PRECONDITION);
    assert_int_equal(whole, RG_OK);
    store_test_done(staff);
}

/* --- a course that began ---------------------------------------------------------------------- */

static int movable(store_test_t *t, const rg_ctx_t *ctx, int64_t id, int *numbers)
{
    rg_visit_move_t *visits;
    int count;
    (void)t;
    assert_int_equal(rg_booking_visits(&visits, &count, ctx, id), RG_OK);
    for (int i = 0; i < count; i++) {
        numbers[i] = visits[i].until != 0 ? visits[i].visit_no : -visits[i].visit_no;
    }
    return count;
}

/* The patient who had the harvest on Friday and is ill on Monday. */
static void what_is_left_of_a_course_moves(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t);
    store_test_exec(t, "UPDATE service SET move_notice_minutes = 60 WHERE id = 7");
    visits_harvest(t, id, HARVEST, 540);
    const char *done = rows_of(t, id, "s.visit_no < 3");
    rg_ctx_t *me = booking_patient(t, 0, id);
    me->now = BOOKING_AT(HARVEST, 720);
    int numbers[4];
    assert_int_equal(movable(t, me, id, numbers), 2);
    assert_int_equal(numbers[0], 3);
    assert_int_equal(numbers[1], 4);
    assert_int_equal(visits_move(me, id, 0, BOOKING_AT(10, 600)), RG_PRECONDITION);
    assert_int_equal(visits_move(me, id, 1, BOOKING_AT(10, 600)), RG_PRECONDITION);
    assert_int_equal(visits_move(me, id, 2, BOOKING_AT(10, 600)), RG_PRECONDITION);
    assert_int_equal(visits_move(me, id, 3, BOOKING_AT(INJECT, 900)), RG_OK);
    assert_int_equal(visits_move(me, id, 4, BOOKING_AT(10, 900)), RG_OK);
    rg_booking_t *b = visits_get(t, id);
    assert_int_equal(b->status, RG_BOOKING_IN_PROGRESS);
    assert_true(b->steps[3].starts_at == BOOKING_AT(INJECT, 900));
    assert_true(b->ends_at == BOOKING_AT(10, 930));
    assert_string_equal(rows_of(t, id, "s.visit_no < 3"), done);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM message WHERE kind = 'change'"), 2);
    assert_int_equal(booking_wrongs(t), 0);
    /* An hour before it is the clinic's to decide, with a reason. */
    me->now = BOOKING_AT(INJECT, 841);
    assert_int_equal(visits_move(me, id, 3, BOOKING_AT(INJECT, 960)), RG_PRECONDITION);
    rg_ctx_t *desk = booking_staff(t, 0);
    desk->now = me->now;
    rg_desk_move_in_t in = {.to = {BOOKING_AT(INJECT, 960), 0, 0}, .visit = 3};
    rg_hold_t out;
    desk->problems = rg_problems_make(desk->pool);
    assert_int_equal(rg_desk_move(&out, desk, id, &in), RG_INVALID);
    assert_non_null(rg_problem_for(desk->problems, "reason"));
    in.reason = "the patient is ill";
    assert_int_equal(rg_desk_move(&out, desk, id, &in), RG_OK);
    assert_string_equal(store_test_text(t, "SELECT rule FROM booking_override"), "move-notice");
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(me);
    store_test_done(desk);
}

static rg_outcome_t cancels(store_test_t *t, rg_ctx_t *ctx, int64_t id)
{
    (void)t;
    ctx->problems = rg_problems_make(ctx->pool);
    return rg_booking_cancel(ctx, id, "medical");
}

/* Staff only: what is to come takes nothing anymore, what was done stays, and the day goes on by
 * its own rules. */
static void what_is_left_of_a_course_is_cancelled(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t);
    visits_harvest(t, id, HARVEST, 540);
    const char *done = rows_of(t, id, "s.visit_no < 3");
    int version = visits_get(t, id)->version;
    rg_ctx_t *me = booking_patient(t, 0, id);
    rg_ctx_t *doctor = visits_doctor(t, HARVEST, 720);
    me->now = doctor->now;
    assert_int_equal(cancels(t, me, id), RG_PRECONDITION);
    assert_int_equal(cancels(t, doctor, id), RG_OK);
    rg_booking_t *b = visits_get(t, id);
    assert_int_equal(b->status, RG_BOOKING_IN_PROGRESS);
    assert_int_equal(b->version, version + 1);
    assert_string_equal(rows_of(t, id, "1"), done);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(b->appointments[i].off, i > 1);
        assert_int_equal(b->appointments[i].sequence, i > 1);
    }
    assert_int_equal(value(t,
                           "SELECT COUNT(*) FROM occupancy WHERE granule >= 1796619600 DIV 300 AND"
                           " booking_id =",
                           id),
                     0);
    assert_int_equal(
        store_test_value(t, "SELECT old_starts_at FROM message WHERE kind = 'cancellation'"),
        apr_time_sec(b->steps[3].starts_at));
    assert_int_equal(booking_wrongs(t), 0);
    assert_int_equal(cancels(t, doctor, id), RG_PRECONDITION); /* nothing is left */
    int numbers[4];
    assert_int_equal(movable(t, doctor, id, numbers), 0);
    assert_int_equal(visits_move(doctor, id, 3, BOOKING_AT(INJECT, 900)), RG_NOT_FOUND);
    /* The unit is still there: the injection is waited for until it is disposed of, and then
     * nothing of it is charged. */
    rg_chart_t *chart;
    assert_int_equal(rg_day_chart(&chart, doctor, b->uid, NULL), RG_OK);
    assert_string_equal(chart->next, "process");
    assert_non_null(chart->unit);
    store_test_done(me);
    store_test_done(doctor);
}

/* Planned for Friday, done on Thursday: the three days after it end on Sunday. */
static void the_harvest_counts_as_it_was(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t);
    assert_true(offered_on(t, id, 3, INJECT) > 0);
    visits_harvest(t, id, HARVEST - 1, 540);
    assert_int_equal(offered_on(t, id, 3, INJECT), -1);
    assert_true(offered_on(t, id, 3, HARVEST) > 0);
    assert_int_equal(visits_staff_moves(t, id, 3, BOOKING_AT(INJECT, 900)), RG_INVALID);
    assert_int_equal(visits_staff_moves(t, id, 3, BOOKING_AT(HARVEST, 900)), RG_OK);
    assert_int_equal(booking_wrongs(t), 0);
}

static void the_unit_ends_it(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t);
    visits_harvest(t, id, HARVEST, 540);
    store_test_exec(t, apr_psprintf(t->pool, "UPDATE unit SET expires_at = %" APR_TIME_T_FMT,
                                    apr_time_sec(BOOKING_AT(INJECT, 720))));
    rg_ctx_t *staff = booking_staff(t, 2);
    assert_true(offered(staff, id, 3, INJECT, 690));
    assert_false(offered(staff, id, 3, INJECT, 720));
    assert_int_equal(visits_move(staff, id, 3, BOOKING_AT(INJECT, 720)), RG_INVALID);
    assert_int_equal(visits_move(staff, id, 3, BOOKING_AT(INJECT, 690)), RG_OK);
    store_test_done(staff);
}

static void only_who_it_belongs_to(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t);
    rg_ctx_t *other = booking_patient(t, 2, id + 1);
    rg_ctx_t *nobody = booking_ctx(t, 2);
    rg_find_in_t in = {"course", {2026, 12, INJECT}, 1, 0, id, 0};
    rg_availability_t *a;
    rg_visit_move_t *visits;
    int count;
    assert_int_equal(visits_move(other, id, 3, BOOKING_AT(INJECT, 840)), RG_NOT_FOUND);
    assert_int_equal(visits_move(nobody, id, 3, BOOKING_AT(INJECT, 840)), RG_NOT_FOUND);
    assert_int_equal(rg_availability_of_visit(&a, other, &in, 3), RG_NOT_FOUND);
    assert_int_equal(rg_booking_visits(&visits, &count, other, id), RG_NOT_FOUND);
    store_test_done(other);
    store_test_done(nobody);
}

/* --- the twin: tries everything, granule by granule, and knows nothing of bits ---------------- */

enum { DAYS = 24, DAY_MINUTES = 1440, RESOURCES = 14, NEVER = -1 };

typedef struct {
    int minutes, gap_max, days_min, days_max, visit;
    struct {
        const int *pool; /* ids, 0 ends */
        int setup, turnover;
        bool doc;
    } needs[2];
} twin_step_t;

static const int doctors[] = {1, 2, 0};
static const int rooms[] = {5, 6, 0};
static const int spins[] = {12, 13, 0};
static const int nurses[] = {1, 3, 4, 0};
static const twin_step_t steps[] = {
    {30, 0, 0, 0, 1, {{doctors, 0, 0, true}, {NULL, 0, 0, false}}},
    {30, 0, 2, 5, 2, {{doctors, 0, 0, true}, {rooms, 5, 15, false}}},
    {20, 15, 0, 0, 2, {{spins, 0, 10, false}, {NULL, 0, 0, false}}},
    {20, 0, 1, 3, 3, {{doctors, 0, 0, true}, {rooms, 0, 10, false}}},
    {30, 0, 2, 4, 4, {{nurses, 0, 0, false}, {NULL, 0, 0, false}}},
};
enum { STEPS = 5 };

/* Minutes from the midnight before 1 December; taken by others than the booking that moves. */
typedef struct {
    bool taken[RESOURCES][DAYS * DAY_MINUTES / 5];
    int at[STEPS]; /* of the booking as it is */
    int doctor;
    int first, last; /* steps that are looked for */
} twin_t;

static bool workday(int day)
{
    return (day + 1) % 7 != 5 && (day + 1) % 7 != 6; /* day 0 is a Tuesday */
}

static bool has(const twin_t *w, int resource, int from, int until)
{
    int day = from / DAY_MINUTES;
    if (from < 0 || until > DAYS * DAY_MINUTES || !workday(day) || from < day * DAY_MINUTES + 480 ||
        until > day * DAY_MINUTES + 1020) {
        return false;
    }
    for (int g = from / 5; g < until / 5; g++) {
        if (w->taken[resource - 1][g]) {
            return false;
        }
    }
    return true;
}

static bool served(const twin_t *w, int step, int at, int doctor)
{
    for (int k = 0; k < 2 && steps[step].needs[k].pool; k++) {
        bool found = false;
        for (const int *who = steps[step].needs[k].pool; *who != 0; who++) {
            bool meant = !steps[step].needs[k].doc || *who == doctor;
            found =
                found || (meant && has(w, *who, at - steps[step].needs[k].setup,
                                       at + steps[step].minutes + steps[step].needs[k].turnover));
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool follows(int step, int end, int at)
{
    int days = at / DAY_MINUTES - (end - 1) / DAY_MINUTES;
    return steps[step].days_max > 0 ? days >= steps[step].days_min && days <= steps[step].days_max
                                    : at >= end && at <= end + steps[step].gap_max;
}

static bool twin_from(const twin_t *w, int step, int at, int doctor)
{
    int end = at + steps[step].minutes;
    if (!served(w, step, at, doctor)) {
        return false;
    }
    if (step == w->last) {
        return step + 1 == STEPS || follows(step + 1, end, w->at[step + 1]);
    }
    int grid = steps[step + 1].days_max > 0 ? 30 : 5;
    for (int next = (end + grid - 1) / grid * grid; next < DAYS * DAY_MINUTES; next += grid) {
        if (follows(step + 1, end, next) && twin_from(w, step + 1, next, doctor)) {
            return true;
        }
    }
    return false;
}

static bool twin_offers(twin_t *w, int visit, int at)
{
    w->first = 0;
    while (steps[w->first].visit != visit) {
        w->first++;
    }
    int before = w->first - 1;
    if (before >= 0 && !follows(w->first, w->at[before] + steps[before].minutes, at)) {
        return false;
    }
    for (w->last = w->first; w->last < STEPS; w->last++) {
        bool whole = w->last + 1 == STEPS || steps[w->last + 1].visit != steps[w->last].visit;
        bool bound = before >= 0 || w->last < 3; /* who stays says which doctor */
        for (int doctor = 1; whole && doctor <= 2; doctor++) {
            if ((!bound || doctor == w->doctor) && twin_from(w, w->first, at, doctor)) {
                return true;
            }
        }
    }
    return false;
}

static int minute_of(apr_time_t t)
{
    return (int)((t - BOOKING_AT(1, 0)) / apr_time_from_sec(60));
}

static twin_t *twin_read(store_test_t *t, int64_t id)
{
    twin_t *w = apr_pcalloc(t->pool, sizeof(*w));
    rg_booking_t *b = visits_get(t, id);
    for (int i = 0; i < STEPS; i++) {
        w->at[i] = minute_of(b->steps[i].starts_at);
    }
    w->doctor = (int)b->resources[0].resource_id;
    const char *all = store_test_text(
        t, apr_psprintf(t->pool,
                        "SELECT GROUP_CONCAT(CONCAT(resource_id, ' ', granule - %d) SEPARATOR ' ')"
                        " FROM occupancy WHERE booking_id <> %d",
                        (int)(apr_time_sec(BOOKING_AT(1, 0)) / 300), (int)id));
    for (char *at = (char *)all; at && *at;) {
        long resource = strtol(at, &at, 10);
        long granule = strtol(at, &at, 10);
        if (granule >= 0 && granule < DAYS * DAY_MINUTES / 5) {
            w->taken[resource - 1][granule] = true;
        }
    }
    return w;
}

static uint64_t seed = 11;

static int pick(int n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((seed >> 33) % (uint64_t)n);
}

/* Some of what others take, often just beside what the booking has. */
static void crowd(store_test_t *t)
{
    static const char *const services[] = {"pair", "spin", "days", "course", "chain"};
    for (int i = 0; i < 60; i++) {
        int64_t other;
        (void)booking_hold(t, services[pick(5)], BOOKING_AT(2 + pick(9), 480 + 30 * pick(18)),
                           &other);
    }
}

static void agrees_with_the_twin(void **state)
{
    store_test_t *t = *state;
    int offers = 0;
    int all = 0;
    int moved = 0;
    store_test_exec(t, "SET SESSION group_concat_max_len = 10000000");
    for (int round = 0; round < 6; round++) {
        int64_t id = booking_must_book(t, "course", BOOKING_AT(2 + pick(2), 480 + 30 * pick(14)));
        crowd(t);
        for (int step = 0; step < 6; step++) {
            twin_t *w = twin_read(t, id);
            int visit = 1 + pick(4);
            rg_ctx_t *staff = booking_staff(t, 2);
            rg_availability_t *a = find(staff, id, visit, 2, 11);
            apr_time_t wish = 0;
            for (int day = 2; day <= 12; day++) {
                const rg_free_day_t *free = &a->days[day - 2];
                int next = 0;
                for (int minute = 480; minute < 1020; minute += 30) {
                    apr_time_t start = BOOKING_AT(day, minute);
                    bool said = next < free->count && free->starts[next] == start;
                    bool own = start == visits_get(t, id)->appointments[visit - 1].starts_at;
                    bool can = !own && twin_offers(w, visit, minute_of(start));
                    next += said;
                    if (said != can) {
                        fail_msg("round %d.%d visit %d, day %d minute %d: offered %d, twin %d",
                                 round, step, visit, day, minute, said, can);
                    }
                    wish = said && (wish == 0 || pick(8) == 0) ? start : wish;
                    offers += said;
                    all++;
                }
                assert_int_equal(next, free->count);
            }
            if (wish != 0) {
                assert_int_equal(visits_move(staff, id, visit, wish), RG_OK);
                moved++;
            }
            assert_int_equal(booking_wrongs(t), 0);
            store_test_done(staff);
        }
        visits_clean(state);
    }
    print_message("%d of %d starts offered, %d moves\n", offers, all, moved);
    assert_true(offers > 200 && offers < all && moved > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(only_that_visit_moves, visits_clean),
        cmocka_unit_test_setup(later_visits_follow_where_they_must, visits_clean),
        cmocka_unit_test_setup(gaps_to_both_sides_are_kept, visits_clean),
        cmocka_unit_test_setup(the_first_visit_moves_alone_too, visits_clean),
        cmocka_unit_test_setup(full_days_are_full_for_first_visits_only, visits_clean),
        cmocka_unit_test_setup(the_same_doctor_stays, visits_clean),
        cmocka_unit_test_setup(who_loses_keeps_everything, visits_clean),
        cmocka_unit_test_setup(once_for_one_key, visits_clean),
        cmocka_unit_test_setup(not_after_it_was_defined_anew, visits_clean),
        cmocka_unit_test_setup(what_is_left_of_a_course_moves, visits_clean),
        cmocka_unit_test_setup(what_is_left_of_a_course_is_cancelled, visits_clean),
        cmocka_unit_test_setup(the_harvest_counts_as_it_was, visits_clean),
        cmocka_unit_test_setup(the_unit_ends_it, visits_clean),
        cmocka_unit_test_setup(only_who_it_belongs_to, visits_clean),
        cmocka_unit_test_setup(agrees_with_the_twin, visits_clean),
    };
    return cmocka_run_group_tests(tests, visits_setup, store_test_teardown);
}
