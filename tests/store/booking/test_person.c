/* SPDX-License-Identifier: Apache-2.0 */
/* Nobody is at two visits at once: who is told, who is not, visits beside each other, and the key,
 * whoever writes. */
#include "race_test.h"
#include "visits_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/desk.h"
#include "regen/clinic/identity.h"
#include "regen/clinic/patient.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/store/schema.h"

#include <mysqld_error.h>

enum { CLIENTS = 12, ANN = 1 };

static int setup(void **state)
{
    int rc = race_setup(state, CLIENTS);
    store_test_t *t = *state;
    rc = rc == 0 ? visits_add(state) : rc;
    store_test_exec(t, "UPDATE patient SET family_key = 'walker', given_key = 'ann'");
    store_test_exec(t,
                    "INSERT INTO patient (id, uid, family, given, birth_date, gender, email, phone,"
                    " address_line, city, state, postal_code, created_at, family_key, given_key)"
                    " SELECT 2, '00000000000000000000000052', 'WALKER', 'Ann', birth_date,"
                    " gender, 'else@example.org', phone, address_line, city, state, postal_code,"
                    " 0, family_key, given_key FROM patient WHERE id = 1");
    return rc;
}

static int clean(void **state)
{
    store_test_t *t = *state;
    store_test_exec(t, "DELETE FROM visitor_session");
    return booking_clean(state);
}

/* Held for Ann, in the row PATIENT of the two that she has. */
static int64_t held(store_test_t *t, const char *service, int minute, int64_t patient)
{
    int64_t id = booking_must_hold(t, service, BOOKING_AT(2, minute));
    booking_fill_for(t, id, patient);
    return id;
}

static rg_outcome_t confirm(rg_ctx_t *ctx, int64_t id)
{
    const char *link;
    ctx->problems = rg_problems_make(ctx->pool);
    return rg_booking_confirm(&link, ctx, id);
}

/* By a browser that may open nothing else. */
static rg_outcome_t stranger_books(store_test_t *t, int64_t id)
{
    rg_ctx_t *ctx = booking_patient(t, 1, id);
    rg_outcome_t rc = confirm(ctx, id);
    assert_false(rg_problems_any(ctx->problems));
    store_test_done(ctx);
    return rc;
}

static int64_t booked(store_test_t *t, const char *service, int minute, int64_t patient)
{
    int64_t id = held(t, service, minute, patient);
    assert_int_equal(stranger_books(t, id), RG_OK);
    return id;
}

static int64_t value(store_test_t *t, const char *what, int64_t id)
{
    return store_test_value(
        t,
        apr_psprintf(t->pool, "SELECT %s FROM person_time WHERE booking_id = %d", what, (int)id));
}

static int64_t questions(store_test_t *t)
{
    rg_ctx_t *ctx = booking_staff(t, 1);
    rg_board_t *b;
    assert_int_equal(rg_day_board(&b, ctx, NULL, (rg_date_t){0, 0, 0}), RG_OK);
    int count = b->question_count;
    store_test_done(ctx);
    return count;
}

static const rg_chart_t *chart_of(const rg_ctx_t *ctx, int64_t id)
{
    rg_booking_t *b;
    rg_chart_t *chart;
    assert_int_equal(rg_booking_get(&b, ctx, id), RG_OK);
    assert_int_equal(rg_day_chart(&chart, ctx, b->uid, NULL), RG_OK);
    return chart;
}

/* What the chart of booking ID shows, as its form sends it back. */
static const char *shown(store_test_t *t, int64_t id)
{
    rg_ctx_t *ctx = booking_staff(t, 1);
    const rg_chart_t *chart = chart_of(ctx, id);
    const char *uids = "";
    for (int i = 0; i < chart->other_count; i++) {
        uids = apr_pstrcat(t->pool, uids, " ", chart->others[i].booking_uid, NULL);
    }
    store_test_done(ctx);
    return uids;
}

/* Whoever has only the link may open nothing, whatever their request was about before. */
static void a_link_alone_opens_nothing(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "scan", 600, 1);
    rg_ctx_t *ctx = booking_ctx(t, 1);
    const char *token = rg_visitor_begin(&ctx->visitor_new, ctx);
    const rg_visitor_booking_t *b;
    rg_visitor_list_t *mine;
    rg_principal_t who;
    const char *uid;
    assert_int_equal(rg_visitor_admit(&ctx->who, &uid, ctx, id), RG_OK);
    assert_int_equal(rg_visitor_resolve(&who, &mine, ctx, token), RG_OK);
    ctx->who.booking_id = 1;
    assert_int_equal(rg_visitor_choose(&ctx->who, &b, ctx, mine, uid), RG_PRECONDITION);
    assert_int_equal(ctx->who.booking_id, 0);
    assert_int_equal(rg_visitor_open(&ctx->who, ctx, mine, uid, "01/01/1901", NULL), RG_INVALID);
    assert_int_equal(ctx->who.booking_id, 0);
    store_test_done(ctx);
}

/* --- who hears -------------------------------------------------------------------------------- */

static void a_stranger_hears_nothing_and_the_board_asks(void **state)
{
    store_test_t *t = *state;
    int64_t first = booked(t, "scan", 600, 1);
    assert_int_equal(value(t, "COUNT(*)", first), 6);
    assert_int_equal(questions(t), 0);
    int64_t second = booked(t, "chain", 615, 2);
    assert_true(value(t, "COUNT(*)", second) >= 24);
    assert_int_equal(value(t, "SUM(beside <> 0)", second), 3);
    assert_int_equal(questions(t), 1);
    int64_t after = booked(t, "scan", 570, 1); /* to the minute before the first */
    assert_int_equal(value(t, "SUM(beside <> 0)", after), 0);
    assert_int_equal(questions(t), 1);
    assert_int_equal(booking_wrongs(t), 0);
}

static void the_browser_that_has_the_other_visit_is_told(void **state)
{
    store_test_t *t = *state;
    int64_t first = booked(t, "spin", 600, 1);
    int64_t second = held(t, "spin", 600, 2);
    store_test_exec(t, "INSERT INTO visitor_session (id, token_hash, created_at, expires_at) VALUES"
                       " (7, REPEAT('a', 32), 0, 4000000000)");
    store_test_exec(
        t, apr_psprintf(t->pool, "INSERT INTO visitor_booking VALUES (7, %d, 0)", (int)first));
    rg_ctx_t *ctx = booking_patient(t, 1, second);
    ctx->who.visitor_id = 7;
    store_test_exec(t, "UPDATE visitor_booking SET opened = 1");
    int64_t version = store_test_value(
        t, apr_psprintf(t->pool, "SELECT version FROM booking WHERE id = %d", (int)second));
    assert_int_equal(confirm(ctx, second), RG_CONFLICT);
    assert_non_null(
        strstr(rg_problem_for(ctx->problems, "person"), "You have another visit at that time"));
    assert_int_equal(value(t, "COUNT(*)", second), 0);
    assert_int_equal(store_test_value(t, apr_psprintf(t->pool,
                                                      "SELECT version FROM booking WHERE id = %d"
                                                      " AND status = 'held'",
                                                      (int)second)),
                     version);
    /* By its link, and the date of birth is still to be given: no more than a stranger. */
    store_test_exec(t, "UPDATE visitor_booking SET opened = 0");
    assert_int_equal(confirm(ctx, second), RG_OK);
    assert_int_equal(questions(t), 1);
    store_test_done(ctx);
}

static void staff_are_asked_and_say_why(void **state)
{
    store_test_t *t = *state;
    const char *link;
    (void)booked(t, "spin", 600, 1);
    rg_ctx_t *desk = booking_staff(t, 1);
    rg_hold_t out;
    rg_desk_hold_in_t in = {.wish = {"scan", BOOKING_AT(2, 600), 0}};
    assert_int_equal(rg_desk_hold(&out, desk, &in), RG_OK);
    int64_t id = out.booking->id;
    booking_fill_for(t, id, ANN);
    assert_int_equal(confirm(desk, id), RG_CONFLICT);
    assert_non_null(strstr(rg_problem_for(desk->problems, "person"), "another visit at that time"));
    desk->problems = rg_problems_make(desk->pool);
    assert_int_equal(rg_desk_book(&link, desk, id, 1u << RG_RULE_SAME_PERSON, ""), RG_INVALID);
    assert_non_null(rg_problem_for(desk->problems, "reason"));
    desk->problems = rg_problems_make(desk->pool);
    assert_int_equal(
        rg_desk_book(&link, desk, id, 1u << RG_RULE_SAME_PERSON, "her mother comes too"), RG_OK);
    assert_int_equal(questions(t), 0);
    assert_string_equal(store_test_text(t, "SELECT reason FROM booking_override WHERE rule ="
                                           " 'same-person'"),
                        "her mother comes too");
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(desk);
}

static void a_question_is_answered_once(void **state)
{
    store_test_t *t = *state;
    (void)booked(t, "spin", 600, 1);
    int64_t second = booked(t, "spin", 600, 2);
    rg_ctx_t *desk = booking_staff(t, 1);
    assert_int_equal(rg_desk_both_right(desk, second, shown(t, second), ""), RG_INVALID);
    assert_int_equal(questions(t), 1);
    assert_int_equal(rg_desk_both_right(desk, second, shown(t, second), "called her"), RG_OK);
    assert_int_equal(questions(t), 0);
    assert_int_equal(rg_desk_both_right(desk, second, shown(t, second), "called her"), RG_CONFLICT);
    store_test_done(desk);
    rg_ctx_t *nobody = booking_patient(t, 1, second);
    assert_int_equal(rg_desk_both_right(nobody, second, "", "called her"), RG_FORBIDDEN);
    store_test_done(nobody);
}

/* Of three in a row the middle one meets both others, and they do not meet each other. */
static void an_answer_is_about_those_that_were_shown(void **state)
{
    store_test_t *t = *state;
    int64_t first = booked(t, "scan", 600, 1);
    int64_t middle = booked(t, "chain", 615, 2);
    const char *before = shown(t, middle);
    int64_t last = booked(t, "spin", 690, 1);
    rg_ctx_t *desk = booking_staff(t, 1);
    assert_true(value(t, "SUM(beside <> 0)", last) > 0);
    assert_int_equal(questions(t), 2);
    /* Its page shows the middle one only, so the first one is still asked about. */
    assert_int_equal(rg_desk_both_right(desk, last, shown(t, last), "called her"), RG_OK);
    assert_int_equal(questions(t), 1);
    /* A page that is older than the last one answers nothing about it; here that was said already. */
    assert_int_equal(rg_desk_both_right(desk, first, shown(t, first), "called her"), RG_OK);
    assert_int_equal(questions(t), 0);
    int64_t more = booked(t, "spin", 660, 1);
    assert_int_equal(questions(t), 1);
    assert_int_equal(rg_desk_both_right(desk, middle, before, "called her"), RG_CONFLICT);
    assert_non_null(strstr(rg_problem_for(desk->problems, NULL), "after you opened this page"));
    assert_int_equal(questions(t), 1);
    assert_true(value(t, "SUM(beside <> 0)", more) > 0);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(desk);
}

/* The first visit goes; of the two that stood beside it one moves up, and nobody was ever asked whether those
 * two are right. */
static void who_moves_up_takes_the_question_along(void **state)
{
    store_test_t *t = *state;
    int64_t first = booked(t, "spin", 600, 1);
    rg_ctx_t *desk = booking_staff(t, 1);
    int64_t known = booked(t, "scan", 600, 2);
    assert_int_equal(rg_desk_both_right(desk, known, shown(t, known), "called her"), RG_OK);
    int64_t stranger = booked(t, "spin", 600, 1);
    assert_int_equal(questions(t), 2);
    assert_int_equal(rg_desk_both_right(desk, first, shown(t, first), "called her"), RG_OK);
    assert_int_equal(questions(t), 2); /* the two that stand beside it, about each other */
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE booking SET status = 'cancelled', version = version + 1"
                                    " WHERE id = %d",
                                    (int)first));
    assert_int_equal(value(t, "SUM(beside <> 0)", known), 0);
    assert_int_equal(value(t, "SUM(beside <> 0)", stranger), value(t, "COUNT(*)", stranger));
    assert_int_equal(questions(t), 1);
    store_test_done(desk);
}

static void machines_hear_of_what_they_may_see(void **state)
{
    store_test_t *t = *state;
    (void)booked(t, "spin", 600, 1);
    int64_t second = held(t, "spin", 600, 2);
    rg_ctx_t *ctx = booking_ctx(t, 1);
    ctx->who.roles = RG_ROLE_MACHINE;
    ctx->who.token_id = 3;
    ctx->who.scopes = "system/Appointment.cruds";
    rg_hold_t out;
    rg_hold_in_t in = {"scan", BOOKING_AT(2, 600), 0};
    assert_int_equal(rg_booking_hold(&out, ctx, &in), RG_OK);
    int64_t id = out.booking->id;
    booking_fill_for(t, id, ANN);
    ctx->who.others = true;
    assert_int_equal(confirm(ctx, id), RG_CONFLICT);
    assert_non_null(strstr(rg_problem_for(ctx->problems, "person"), "Appointment/"));
    ctx->who.others = false;
    assert_int_equal(confirm(ctx, id), RG_OK);
    assert_false(rg_problems_any(ctx->problems));
    assert_int_equal(questions(t), 1);
    assert_int_equal(value(t, "COUNT(*)", second), 0); /* a hold takes nobody's time */
    store_test_done(ctx);
}

/* --- what changes ----------------------------------------------------------------------------- */

static rg_outcome_t staff_move(store_test_t *t, int64_t id, int minute, unsigned over,
                               const char *reason)
{
    rg_ctx_t *ctx = booking_staff(t, 1);
    rg_hold_t out;
    rg_desk_move_in_t in = {.to = {.start = BOOKING_AT(2, minute)}, .over = over, .reason = reason};
    rg_outcome_t rc = rg_desk_move(&out, ctx, id, &in);
    assert_int_equal(rg_problem_for(ctx->problems, "person") != NULL, rc == RG_CONFLICT);
    store_test_done(ctx);
    return rc;
}

static void a_move_takes_its_person_along(void **state)
{
    store_test_t *t = *state;
    int64_t first = booked(t, "spin", 600, 1);
    int64_t second = booked(t, "scan", 720, 2);
    assert_int_equal(staff_move(t, second, 600, 0, NULL), RG_CONFLICT);
    assert_int_equal(
        store_test_value(
            t, apr_psprintf(t->pool, "SELECT starts_at FROM booking WHERE id = %d", (int)second)),
        apr_time_sec(BOOKING_AT(2, 720)));
    assert_int_equal(value(t, "MIN(granule) * 300", second), apr_time_sec(BOOKING_AT(2, 720)));
    assert_int_equal(staff_move(t, second, 600, 1u << RG_RULE_SAME_PERSON, "companion"), RG_OK);
    assert_int_equal(questions(t), 0);
    assert_int_equal(value(t, "MIN(granule) * 300", second), apr_time_sec(BOOKING_AT(2, 600)));
    assert_int_equal(booking_wrongs(t), 0);
    /* The first goes: who stood beside it has the time, and the next one meets that. */
    assert_int_equal(staff_move(t, first, 660, 0, "late"), RG_OK);
    assert_int_equal(value(t, "SUM(beside <> 0)", second), 0);
    assert_int_equal(staff_move(t, first, 600, 0, "late"), RG_CONFLICT);
    assert_int_equal(booking_wrongs(t), 0);
}

/* How often the front desk is told of another visit by SERVICE when it moves VISIT of ID there. */
static int told_of(store_test_t *t, int64_t id, int visit, apr_time_t to, const char *service)
{
    rg_ctx_t *desk = booking_staff(t, 2);
    int count = 0;
    assert_int_equal(visits_move(desk, id, visit, to), RG_CONFLICT);
    for (int i = 0; i < desk->problems->list->nelts; i++) {
        count += strstr(APR_ARRAY_IDX(desk->problems->list, i, rg_problem_t).text, service) != NULL;
    }
    store_test_done(desk);
    return count;
}

static int others_of(store_test_t *t, int64_t id)
{
    rg_ctx_t *desk = booking_staff(t, 2);
    int count = chart_of(desk, id)->other_count;
    store_test_done(desk);
    return count;
}

static void settle(store_test_t *t, int64_t id)
{
    rg_ctx_t *desk = booking_staff(t, 2);
    assert_int_equal(rg_desk_both_right(desk, id, shown(t, id), "her mother comes too"), RG_OK);
    assert_int_equal(questions(t), 0);
    store_test_done(desk);
}

/* Its first visit is beside another one; it is the second that moves. */
static void a_visit_that_moves_is_asked_about_itself(void **state)
{
    store_test_t *t = *state;
    (void)booked(t, "spin", 600, 1);
    int64_t course = booked(t, "late", 600, 2);
    assert_int_equal(questions(t), 1);
    assert_int_equal(visits_staff_moves(t, course, 2, BOOKING_AT(7, 600)), RG_OK);
    assert_int_equal(value(t, "MAX(granule) * 300 + 300", course),
                     apr_time_sec(BOOKING_AT(7, 630)));
    assert_int_equal(questions(t), 1);
    int64_t id = booking_must_hold(t, "pair", BOOKING_AT(8, 600));
    booking_fill_for(t, id, 1);
    assert_int_equal(stranger_books(t, id), RG_OK);
    assert_int_equal(told_of(t, course, 2, BOOKING_AT(8, 600), "Pair"), 1);
    assert_int_equal(told_of(t, course, 2, BOOKING_AT(8, 600), "Spin"), 0);
    assert_int_equal(value(t, "MAX(granule) * 300 + 300", course),
                     apr_time_sec(BOOKING_AT(7, 630)));
    assert_int_equal(others_of(t, course), 1);
    assert_int_equal(booking_wrongs(t), 0);
}

static void what_was_settled_stays_settled(void **state)
{
    store_test_t *t = *state;
    int64_t course = booked(t, "late", 600, 1);
    int64_t beside = booked(t, "spin", 600, 2);
    settle(t, beside);
    /* Whichever of the two moves what does not meet the other. */
    assert_int_equal(visits_staff_moves(t, course, 2, BOOKING_AT(7, 600)), RG_OK);
    assert_int_equal(value(t, "SUM(beside <> 0)", course), 0);
    assert_int_equal(value(t, "SUM(beside <> 0)", beside), 4);
    assert_int_equal(questions(t), 0);
    assert_int_equal(others_of(t, course), 1);
    assert_int_equal(booking_wrongs(t), 0);
    clean(state);
    (void)booked(t, "spin", 600, 1);
    int64_t longer = booked(t, "chain", 585, 2);
    settle(t, longer);
    assert_int_equal(visits_staff_moves(t, longer, 0, BOOKING_AT(2, 570)), RG_OK);
    assert_int_equal(value(t, "MIN(granule) * 300", longer), apr_time_sec(BOOKING_AT(2, 570)));
    assert_int_equal(value(t, "SUM(beside <> 0)", longer), 4);
    assert_int_equal(questions(t), 0);
    assert_int_equal(booking_wrongs(t), 0);
    /* Later by more meets nothing, and back again is time that is new. */
    assert_int_equal(visits_staff_moves(t, longer, 0, BOOKING_AT(2, 690)), RG_OK);
    assert_int_equal(value(t, "SUM(beside <> 0)", longer), 0);
    assert_int_equal(told_of(t, longer, 0, BOOKING_AT(2, 585), "Spin"), 1);
    assert_int_equal(booking_wrongs(t), 0);
}

static void what_reads_the_same_is_said_once(void **state)
{
    store_test_t *t = *state;
    (void)booked(t, "spin", 600, 1);
    (void)booked(t, "spin", 600, 2);
    int64_t third = booked(t, "scan", 720, 1);
    assert_int_equal(told_of(t, third, 0, BOOKING_AT(2, 600), "another visit at that time"), 1);
    (void)booked(t, "pair", 600, 1);
    assert_int_equal(told_of(t, third, 0, BOOKING_AT(2, 600), "another visit at that time"), 2);
    assert_int_equal(booking_wrongs(t), 0);
}

static void what_is_over_gives_its_person_back(void **state)
{
    static const char *const ends[] = {"cancelled", "no-show", "completed"};
    store_test_t *t = *state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        int64_t first = booked(t, "spin", 600, 1);
        int64_t second = booked(t, "spin", 600, 2);
        assert_int_equal(value(t, "SUM(beside <> 0)", second), 4);
        if (i == 0) {
            rg_ctx_t *desk = booking_staff(t, 1);
            assert_int_equal(rg_booking_cancel(desk, first, "test"), RG_OK);
            store_test_done(desk);
        }
        else {
            store_test_exec(t,
                            apr_psprintf(t->pool, "UPDATE booking SET status = '%s' WHERE id = %d",
                                         ends[i], (int)first));
        }
        assert_int_equal(value(t, "COUNT(*)", first), 0);
        assert_int_equal(value(t, "SUM(beside <> 0)", second), 0);
        assert_int_equal(questions(t), 0);
        clean(state);
    }
}

static void another_name_is_another_person(void **state)
{
    store_test_t *t = *state;
    int64_t first = booked(t, "spin", 600, 1);
    int64_t id = held(t, "spin", 600, 1);
    booking_fill(t, id);
    assert_int_equal(stranger_books(t, id), RG_OK);
    assert_int_equal(questions(t), 0);
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE patient SET family_key = 'walker', given_key = 'ann'"
                                    " WHERE uid = LPAD('%d', 26, 'P')",
                                    (int)id));
    assert_int_equal(questions(t), 1);
    assert_int_equal(value(t, "SUM(beside <> 0)", id), 4);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE patient SET given_key = 'anna' WHERE uid ="
                                    " LPAD('%d', 26, 'P')",
                                    (int)id));
    assert_int_equal(questions(t), 0);
    assert_int_equal(value(t, "SUM(beside <> 0)", id) + value(t, "SUM(beside <> 0)", first), 0);
    assert_int_equal(booking_wrongs(t), 0);
}

/* --- the key ---------------------------------------------------------------------------------- */

static void refused(store_test_t *t, unsigned error, const char *sql)
{
    assert_int_not_equal(mysql_query(t->sql, sql), 0);
    assert_int_equal(mysql_errno(t->sql), error);
}

static void nobody_writes_past_the_key(void **state)
{
    store_test_t *t = *state;
    int64_t first = booked(t, "spin", 600, 1);
    int64_t second = held(t, "spin", 600, 2);
    refused(
        t, ER_SIGNAL_EXCEPTION,
        apr_psprintf(t->pool,
                     "UPDATE booking SET status = 'booked', hold_expires_at = NULL WHERE id = %d",
                     (int)second));
    refused(t, ER_DUP_ENTRY,
            apr_psprintf(t->pool,
                         "INSERT INTO person_time (person, granule, booking_id) SELECT person,"
                         " granule, %d FROM person_time WHERE booking_id = %d",
                         (int)second, (int)first));
    /* Beside another only under its own name, and a question is always about one that is beside. */
    refused(t, ER_CONSTRAINT_FAILED,
            apr_psprintf(t->pool,
                         "INSERT INTO person_time (person, granule, beside, booking_id) SELECT"
                         " person, granule, 12345, %d FROM person_time WHERE booking_id = %d",
                         (int)second, (int)first));
    refused(t, ER_CONSTRAINT_FAILED,
            apr_psprintf(t->pool, "UPDATE person_time SET question = 1 WHERE booking_id = %d",
                         (int)first));
}

typedef struct {
    store_test_t *t;
    int64_t ids[CLIENTS];
    apr_uint32_t counts[RG_OUTCOME_COUNT];
} rush_t;

static void rush_client(void *baton, int number)
{
    rush_t *r = baton;
    const char *link;
    rg_ctx_t *ctx = booking_staff(r->t, 1);
    race_count(r->counts, rg_desk_book(&link, ctx, r->ids[number], 0, NULL));
    store_test_done(ctx);
}

/* All of them hold a part of the same half hour for Ann and book at the same moment. */
static void of_many_at_once_one_has_her(void **state)
{
    store_test_t *t = *state;
    static const char *const services[] = {"spin", "spin", "scan"};
    for (int round = 0; round < 6; round++) {
        rush_t r = {.t = t};
        int count = 0;
        for (int i = 0; i < 3; i++) {
            rg_ctx_t *desk = booking_staff(t, 0);
            rg_hold_t out;
            rg_desk_hold_in_t in = {.wish = {services[i], BOOKING_AT(2, 600), 0}};
            assert_int_equal(rg_desk_hold(&out, desk, &in), RG_OK);
            r.ids[count++] = out.booking->id;
            booking_fill_for(t, out.booking->id, 1 + i % 2);
            store_test_done(desk);
        }
        store_test_threads(count, rush_client, &r);
        assert_int_equal(r.counts[RG_OK], 1);
        assert_int_equal(r.counts[RG_CONFLICT], count - 1);
        assert_int_equal(
            store_test_value(t, "SELECT COUNT(*) FROM booking WHERE status = 'booked'"), 1);
        assert_int_equal(booking_wrongs(t), 0);
        clean(state);
    }
}

static void move_client(void *baton, int number)
{
    rush_t *r = baton;
    race_count(r->counts, visits_staff_moves(r->t, r->ids[number], 0, BOOKING_AT(2, 600)));
}

/* One has a part of that time already, and keeps it while it moves. */
static void of_many_moves_at_once_one_has_her(void **state)
{
    store_test_t *t = *state;
    for (int round = 0; round < 6; round++) {
        rush_t r = {.t = t, .ids = {booked(t, "spin", 780, 1), booked(t, "spin", 840, 2)}};
        r.ids[2] = booked(t, "chain", 615, 1);
        store_test_threads(3, move_client, &r);
        assert_int_equal(r.counts[RG_OK], 1);
        assert_int_equal(r.counts[RG_CONFLICT], 2);
        assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM person_time WHERE beside <> 0"),
                         0);
        assert_int_equal(booking_wrongs(t), 0);
        clean(state);
    }
}

/* --- made anew -------------------------------------------------------------------------------- */

static void is_made_anew(void **state)
{
    store_test_t *t = *state;
    int64_t first = booked(t, "scan", 600, 1);
    int64_t second = booked(t, "chain", 615, 2);
    int64_t rows = store_test_value(t, "SELECT COUNT(*) FROM person_time");
    int repaired = 0;
    rg_ctx_t *ctx = booking_ctx(t, 1);
    assert_int_equal(rg_store_persons(&repaired, ctx), RG_OK);
    assert_int_equal(repaired, 0);
    store_test_exec(t, "DELETE FROM person_time");
    assert_int_equal(booking_wrongs(t), 2);
    assert_int_equal(rg_store_persons(&repaired, ctx), RG_OK);
    assert_int_equal(repaired, rows);
    assert_int_equal(value(t, "SUM(beside <> 0)", first), 0);
    assert_int_equal(value(t, "SUM(beside <> 0)", second), 3);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE person_time SET person = REPEAT('x', 32) WHERE"
                                    " booking_id = %d",
                                    (int)first));
    assert_true(booking_wrongs(t) > 0);
    assert_int_equal(rg_store_persons(&repaired, ctx), RG_OK);
    assert_int_equal(booking_wrongs(t), 0);
    assert_int_equal(questions(t), 1);
    store_test_done(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_link_alone_opens_nothing, clean),
        cmocka_unit_test_setup(a_stranger_hears_nothing_and_the_board_asks, clean),
        cmocka_unit_test_setup(the_browser_that_has_the_other_visit_is_told, clean),
        cmocka_unit_test_setup(staff_are_asked_and_say_why, clean),
        cmocka_unit_test_setup(a_question_is_answered_once, clean),
        cmocka_unit_test_setup(an_answer_is_about_those_that_were_shown, clean),
        cmocka_unit_test_setup(who_moves_up_takes_the_question_along, clean),
        cmocka_unit_test_setup(machines_hear_of_what_they_may_see, clean),
        cmocka_unit_test_setup(a_move_takes_its_person_along, clean),
        cmocka_unit_test_setup(a_visit_that_moves_is_asked_about_itself, clean),
        cmocka_unit_test_setup(what_was_settled_stays_settled, clean),
        cmocka_unit_test_setup(what_reads_the_same_is_said_once, clean),
        cmocka_unit_test_setup(what_is_over_gives_its_person_back, clean),
        cmocka_unit_test_setup(another_name_is_another_person, clean),
        cmocka_unit_test_setup(nobody_writes_past_the_key, clean),
        cmocka_unit_test_setup(of_many_at_once_one_has_her, clean),
        cmocka_unit_test_setup(of_many_moves_at_once_one_has_her, clean),
        cmocka_unit_test_setup(is_made_anew, clean),
    };
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
