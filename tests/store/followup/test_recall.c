/* SPDX-License-Identifier: Apache-2.0 */
/* Follow-ups and recalls: made with the completion, due, attempted, answered by a visit, stopped by
 * the patient. */
#include "day_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/desk.h"
#include "regen/clinic/followup.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/definition.h"
#include "regen/model/followup.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"

static int64_t consulted(store_test_t *t, int64_t patient)
{
    int64_t booking = patient > 0 ? day_booking_of(t, patient, DAY_CONSULT, "knee", "left")
                                  : day_booking(t, DAY_CONSULT, "knee", "left");
    rg_complete_in_t in = {"M17.12", NULL, NULL, NULL};
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 60);
    day_check_in(t, booking, 0);
    assert_int_equal(rg_day_complete(ctx, booking, &in), RG_OK);
    store_test_done(ctx);
    return booking;
}

static int64_t patient_of(store_test_t *t, int64_t booking)
{
    return store_test_value(
        t, apr_psprintf(t->pool, "SELECT patient_id FROM booking WHERE id = %d", (int)booking));
}

static rg_outcome_t recalls_of(rg_recall_t **all, int *count, bool *stopped, const rg_ctx_t *ctx,
                               int64_t booking)
{
    rg_booking_t *b;
    assert_int_equal(rg_booking_get(&b, ctx, booking), RG_OK);
    return rg_recalls_of_booking(all, count, stopped, ctx, b);
}

static rg_recall_t *recall_of(store_test_t *t, rg_ctx_t *ctx, int64_t booking)
{
    rg_recall_t *all;
    int count;
    bool stopped;
    (void)t;
    ctx->who = (rg_principal_t){.roles = RG_ROLE_PATIENT, .booking_id = booking};
    assert_int_equal(recalls_of(&all, &count, &stopped, ctx, booking), RG_OK);
    assert_false(stopped);
    assert_int_equal(count, 1);
    return &all[0];
}

static const char *status(store_test_t *t, const char *uid)
{
    return store_test_text(
        t, apr_psprintf(t->pool, "SELECT CONCAT(status, closed_why) FROM recall WHERE uid = '%s'",
                        uid));
}

static rg_outcome_t attempt(store_test_t *t, const char *uid, const char *outcome,
                            const char *settled)
{
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 90);
    rg_attempt_in_t in = {outcome, "rang twice", settled};
    rg_outcome_t rc = rg_recall_attempt(ctx, uid, &in);
    store_test_done(ctx);
    return rc;
}

/* --- made ------------------------------------------------------------------------------------- */

static void completion_makes_them(void **state)
{
    store_test_t *t = *state;
    int64_t booking = day_booking(t, DAY_BMAC, "knee", "left");
    const char *label = day_ready(t, booking, "left");
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 100);
    rg_inject_in_t inject = {label, DAY_BORN, "knee", "left", NULL, &day_act, "", "", "", ""};
    rg_complete_in_t in = {"M17.12", NULL, NULL, NULL};
    assert_int_equal(rg_day_inject(ctx, booking, &inject), RG_OK);
    assert_int_equal(day_count(t, "recall WHERE booking_id = %d", (int)booking), 0);
    assert_int_equal(rg_day_complete(ctx, booking, &in), RG_OK);
    assert_int_equal(day_count(t, "recall WHERE booking_id = %d AND status = 'open'", (int)booking),
                     3);
    assert_int_equal(day_count(t,
                               "recall WHERE booking_id = %d AND seq = 2 AND due_from ="
                               " '2027-01-12' AND due_until = '2027-01-26'",
                               (int)booking),
                     1);
    assert_int_equal(day_count(t,
                               "recall WHERE booking_id = %d AND kind = 'maintenance' AND due_from"
                               " = '2027-12-01'",
                               (int)booking),
                     1);
    /* Completed once is planned once. */
    assert_int_equal(rg_day_complete(ctx, booking, &in), RG_CONFLICT);
    store_test_done(ctx);
    ctx = day_ctx(t, DAY_DOCTOR, 101);
    assert_int_equal(rg_day_diagnose(ctx, booking, &in), RG_OK);
    assert_int_equal(day_count(t, "recall WHERE booking_id = %d", (int)booking), 3);
    store_test_done(ctx);
}

static void without_an_injection_there_is_nothing_to_follow(void **state)
{
    store_test_t *t = *state;
    int64_t booking = day_booking(t, DAY_BMAC, "knee", "left");
    const char *label = day_ready(t, booking, "left");
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 100);
    rg_complete_in_t in = {"M17.12", NULL, NULL, NULL};
    assert_int_equal(rg_day_dispose(ctx, booking, label, "dropped"), RG_OK);
    assert_int_equal(rg_day_complete(ctx, booking, &in), RG_OK);
    assert_int_equal(day_count(t, "recall WHERE booking_id = %d", (int)booking), 0);
    store_test_done(ctx);
}

/* --- due, and told once ----------------------------------------------------------------------- */

static void due_ones_are_told_once(void **state)
{
    store_test_t *t = *state;
    int64_t booking = consulted(t, 0);
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);
    int told;
    assert_int_equal(rg_recall_sweep(&told, ctx, 100), RG_OK);
    assert_int_equal(
        day_count(t, "message WHERE kind = 'recall' AND booking_id = %d", (int)booking), 0);
    ctx->now += apr_time_from_sec(15 * 86400);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rg_recall_sweep(&told, ctx, 100), RG_OK);
        assert_int_equal(
            day_count(t, "message WHERE kind = 'recall' AND booking_id = %d", (int)booking), 1);
    }
    rg_message_t *m;
    int count;
    assert_int_equal(rg_messages_of_booking(&m, &count, ctx, booking), RG_OK);
    assert_int_equal(m[count - 1].kind, RG_MESSAGE_RECALL);
    assert_int_equal(rg_date_compare(rg_zone_local(m[count - 1].zone, m[count - 1].starts_at).date,
                                     (rg_date_t){2026, 12, 15}),
                     0);
    store_test_done(ctx);
}

/* In the evening it is still the day of the clinic that counts. */
static void counted_from_the_clinics_day(void **state)
{
    store_test_t *t = *state;
    int64_t booking = day_booking(t, DAY_CONSULT, "knee", "left");
    rg_complete_in_t in = {"M17.12", NULL, NULL, NULL};
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 11 * 60); /* 21:00 in New York */
    day_check_in(t, booking, 0);
    assert_int_equal(rg_day_complete(ctx, booking, &in), RG_OK);
    assert_int_equal(
        day_count(t, "recall WHERE booking_id = %d AND due_from = '2026-12-15'", (int)booking), 1);
    store_test_done(ctx);
}

static void list_for_the_desk(void **state)
{
    store_test_t *t = *state;
    int64_t booking = consulted(t, 0);
    rg_recalls_in_t in = {.view = RG_RECALLS_LATER, .page = 1};
    rg_recalls_t *l;
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);
    assert_int_equal(rg_recalls_list(&l, ctx, &in), RG_OK);
    int later = l->counts[RG_RECALLS_LATER];
    int due = l->counts[RG_RECALLS_DUE];
    assert_true(later >= 1);
    assert_int_equal(l->count, later);
    ctx->now += apr_time_from_sec(14 * 86400);
    in.view = RG_RECALLS_DUE;
    assert_int_equal(rg_recalls_list(&l, ctx, &in), RG_OK);
    assert_true(l->counts[RG_RECALLS_DUE] > due);
    for (int i = 1; i < l->count; i++) {
        assert_true(rg_date_compare(l->recalls[i - 1].due_from, l->recalls[i].due_from) <= 0);
    }
    ctx->who.roles = RG_ROLE_BILLING;
    assert_int_equal(rg_recalls_list(&l, ctx, &in), RG_FORBIDDEN);
    store_test_done(ctx);
    (void)booking;
}

/* --- attempts --------------------------------------------------------------------------------- */

static void attempts_and_outcomes(void **state)
{
    static const struct {
        const char *outcome;
        const char *settled;
        const char *after;
    } tries[] = {{"no-answer", NULL, "attempted"},
                 {"left-message", NULL, "attempted"},
                 {"spoke", NULL, "attempted"},
                 {"spoke", "yes", "done"},
                 {"declined", NULL, "closeddeclined"}};
    store_test_t *t = *state;
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);
        const char *uid = recall_of(t, ctx, consulted(t, 0))->uid;
        assert_int_equal(attempt(t, uid, "no-answer", NULL), RG_OK);
        assert_int_equal(attempt(t, uid, tries[i].outcome, tries[i].settled), RG_OK);
        assert_string_equal(status(t, uid), tries[i].after);
        assert_int_equal(attempt(t, uid, "spoke", NULL),
                         strcmp(tries[i].after, "attempted") == 0 ? RG_OK : RG_PRECONDITION);
        assert_int_equal(attempt(t, uid, "maybe", NULL), RG_INVALID);
        store_test_done(ctx);
    }
    assert_int_not_equal(mysql_query(t->sql, "UPDATE recall_attempt SET note = ''"), 0);
}

/* --- answered by a visit ---------------------------------------------------------------------- */

static void a_visit_answers(void **state)
{
    store_test_t *t = *state;
    int64_t first = consulted(t, 0);
    int64_t patient = patient_of(t, first);
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);
    const char *uid = recall_of(t, ctx, first)->uid;
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE recall SET due_from = '2026-12-01', due_until"
                                    " = '2026-12-20' WHERE uid = '%s'",
                                    uid));
    int64_t second = day_booking_of(t, patient, DAY_CONSULT, "knee", "left");
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE booking SET status = 'held', hold_expires_at ="
                                    " 9999999999 WHERE id = %d",
                                    (int)second));
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE booking SET status = 'booked',"
                                    " hold_expires_at = NULL WHERE id = %d",
                                    (int)second));
    assert_string_equal(status(t, uid), "booked");
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE booking SET status = 'cancelled' WHERE id ="
                                    " %d",
                                    (int)second));
    assert_string_equal(status(t, uid), "open");
    assert_int_equal(attempt(t, uid, "no-answer", NULL), RG_OK);
    store_test_exec(t, apr_psprintf(t->pool, "UPDATE booking SET status = 'booked' WHERE id = %d",
                                    (int)second));
    store_test_exec(t, apr_psprintf(t->pool, "UPDATE booking SET status = 'no-show' WHERE id = %d",
                                    (int)second));
    assert_string_equal(status(t, uid), "attempted");
    store_test_exec(t, apr_psprintf(t->pool, "UPDATE booking SET status = 'booked' WHERE id = %d",
                                    (int)second));
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE booking SET status = 'completed' WHERE id ="
                                    " %d",
                                    (int)second));
    assert_string_equal(status(t, uid), "done");
    store_test_done(ctx);
}

/* --- stopped ---------------------------------------------------------------------------------- */

static void opt_out_stops_all(void **state)
{
    store_test_t *t = *state;
    int64_t first = consulted(t, 0);
    int64_t patient = patient_of(t, first);
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);
    const char *uid = recall_of(t, ctx, first)->uid;
    rg_recall_t *all;
    int count;
    int told;
    bool stopped;
    assert_int_equal(rg_recall_opt_out_mine(ctx, first + 1), RG_NOT_FOUND); /* not theirs */
    ctx->now += apr_time_from_sec(20 * 86400);
    assert_int_equal(rg_recall_sweep(&told, ctx, 100), RG_OK);
    assert_int_equal(rg_recall_opt_out_mine(ctx, first), RG_OK);
    assert_int_equal(rg_recall_opt_out_mine(ctx, first), RG_OK);
    assert_string_equal(status(t, uid), "closedopted-out");
    assert_int_equal(day_count(t,
                               "message WHERE kind = 'recall' AND patient_id = %d AND status ="
                               " 'withdrawn'",
                               (int)patient),
                     1);
    int64_t second = consulted(t, patient);
    assert_int_equal(
        day_count(t, "recall WHERE booking_id = %d AND closed_why = 'opted-out'", (int)second), 1);
    assert_int_equal(rg_recall_sweep(&told, ctx, 100), RG_OK);
    assert_int_equal(
        day_count(t, "message WHERE kind = 'recall' AND patient_id = %d", (int)patient), 1);
    assert_int_equal(recalls_of(&all, &count, &stopped, ctx, first), RG_OK);
    assert_true(stopped);
    assert_int_equal(count, 0);
    store_test_done(ctx);
}

/* One that slipped in beside the opting out is neither shown nor told. */
static void an_opted_out_patient_is_left_alone(void **state)
{
    store_test_t *t = *state;
    int64_t booking = consulted(t, 0);
    int64_t patient = patient_of(t, booking);
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);
    const char *uid = recall_of(t, ctx, booking)->uid;
    store_test_exec(t, apr_psprintf(t->pool, "INSERT INTO recall_opt_out VALUES (%d, 1, 'test')",
                                    (int)patient));
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE recall SET status = 'open', closed_why = ''"
                                    " WHERE uid = '%s'",
                                    uid));
    ctx = day_ctx(t, DAY_DESK, 0);
    ctx->now += apr_time_from_sec(20 * 86400);
    int told;
    rg_recalls_in_t in = {.view = RG_RECALLS_DUE, .page = 1};
    rg_recalls_t *l;
    assert_int_equal(rg_recall_sweep(&told, ctx, 100), RG_OK);
    assert_int_equal(
        day_count(t, "message WHERE kind = 'recall' AND booking_id = %d", (int)booking), 0);
    assert_int_equal(rg_recalls_list(&l, ctx, &in), RG_OK);
    for (int i = 0; i < l->count; i++) {
        assert_string_not_equal(l->recalls[i].uid, uid);
    }
    store_test_done(ctx);
}

/* --- and again -------------------------------------------------------------------------------- */

static rg_outcome_t again(store_test_t *t, unsigned roles, int64_t patient, const char *why)
{
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 30 * 1440);
    const char *uid = store_test_text(
        t, apr_psprintf(t->pool, "SELECT uid FROM patient WHERE id = %d", (int)patient));
    ctx->who.roles = roles;
    rg_outcome_t rc = rg_recall_opt_in(ctx, uid, why);
    store_test_done(ctx);
    return rc;
}

static const char *of_booking(store_test_t *t, int64_t booking)
{
    return store_test_text(t, apr_psprintf(t->pool,
                                           "SELECT CONCAT(status, closed_why) FROM recall WHERE"
                                           " booking_id = %d",
                                           (int)booking));
}

static int64_t opt_ins(store_test_t *t, int64_t patient)
{
    return day_count(t, "audit_event WHERE action = 'recall.opt-in' AND entity_id = %d",
                     (int)patient);
}

/* What was stopped and what was planned in the meantime is open, the message is queued, once. */
static void reminders_again(void **state)
{
    store_test_t *t = *state;
    int64_t first = consulted(t, 0);
    int64_t patient = patient_of(t, first);
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 20 * 1440);
    const char *uid = recall_of(t, ctx, first)->uid;
    int told;
    assert_int_equal(attempt(t, uid, "no-answer", NULL), RG_OK);
    store_test_exec(
        t, apr_psprintf(t->pool, "UPDATE recall SET status = 'open' WHERE uid = '%s'", uid));
    assert_int_equal(rg_recall_sweep(&told, ctx, 100), RG_OK);
    assert_int_equal(rg_recall_opt_out_mine(ctx, first), RG_OK);
    int64_t second = consulted(t, patient);
    assert_string_equal(of_booking(t, second), "closedopted-out");
    assert_int_equal(again(t, RG_ROLE_BILLING, patient, "mistake"), RG_FORBIDDEN);
    assert_int_equal(again(t, RG_ROLE_FRONT_DESK, patient, "whim"), RG_INVALID);
    assert_int_equal(again(t, RG_ROLE_FRONT_DESK, patient, NULL), RG_INVALID);
    assert_string_equal(of_booking(t, first), "closedopted-out");
    assert_int_equal(again(t, RG_ROLE_FRONT_DESK, patient, "mistake"), RG_OK);
    assert_string_equal(of_booking(t, first), "attempted");
    assert_string_equal(of_booking(t, second), "open");
    assert_int_equal(day_count(t,
                               "message WHERE kind = 'recall' AND patient_id = %d AND status ="
                               " 'queued'",
                               (int)patient),
                     1);
    assert_int_equal(opt_ins(t, patient), 1);
    /* Again does nothing; the patient may do it, too, but nobody else. */
    assert_int_equal(again(t, RG_ROLE_FRONT_DESK, patient, "asked"), RG_OK);
    assert_int_equal(opt_ins(t, patient), 1);
    assert_int_equal(rg_recall_opt_out_mine(ctx, first), RG_OK);
    assert_int_equal(rg_recall_opt_in_mine(ctx, first + 1), RG_NOT_FOUND);
    assert_int_equal(rg_recall_opt_in_mine(ctx, first), RG_OK);
    assert_string_equal(of_booking(t, first), "attempted");
    assert_int_equal(opt_ins(t, patient), 2);
    store_test_done(ctx);
}

static void what_was_over_long_ago_stays_closed(void **state)
{
    store_test_t *t = *state;
    int64_t booking = consulted(t, 0);
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);
    (void)recall_of(t, ctx, booking); /* whose session it is now */
    assert_int_equal(rg_recall_opt_out_mine(ctx, booking), RG_OK);
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE recall SET due_from = '2026-10-01', due_until ="
                                    " '2026-10-31' WHERE booking_id = %d",
                                    (int)booking));
    assert_int_equal(rg_recall_opt_in_mine(ctx, booking), RG_OK);
    assert_string_equal(of_booking(t, booking), "closedopted-out");
    assert_int_equal(rg_recall_opt_out_mine(ctx, booking), RG_OK);
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE recall SET due_until = '2026-11-01' WHERE"
                                    " booking_id = %d",
                                    (int)booking));
    assert_int_equal(rg_recall_opt_in_mine(ctx, booking), RG_OK);
    assert_string_equal(of_booking(t, booking), "open");
    store_test_done(ctx);
}

/* --- which visit it is ------------------------------------------------------------------------ */

static void set_status(store_test_t *t, int64_t booking, const char *to)
{
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE booking SET status = '%s', hold_expires_at ="
                                    " IF('%s' = 'held', 9999999999, NULL) WHERE id = %d",
                                    to, to, (int)booking));
}

/* A visit of the patient at 15:00Z of a day of December 2026, held. */
static int64_t held_on(store_test_t *t, int64_t patient, int day)
{
    int64_t id = day_booking_of(t, patient, DAY_CONSULT, "knee", "left");
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE booking SET starts_at = starts_at + 86400 * %d,"
                                    " ends_at = ends_at + 86400 * %d WHERE id = %d",
                                    day - 1, day - 1, (int)id));
    set_status(t, id, "held");
    return id;
}

static int64_t answer_of(store_test_t *t, const char *uid)
{
    return store_test_value(
        t, apr_psprintf(t->pool,
                        "SELECT COALESCE(answer_booking_id, 0) FROM recall WHERE uid = '%s'", uid));
}

/* Somebody says so, and there is a visit: that one. Without one it would stay booked for ever. */
static void booked_means_a_visit(void **state)
{
    store_test_t *t = *state;
    int64_t first = consulted(t, 0);
    int64_t patient = patient_of(t, first);
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);
    const char *uid = recall_of(t, ctx, first)->uid;
    assert_int_equal(attempt(t, uid, "booked", NULL), RG_INVALID);
    assert_string_equal(status(t, uid), "open");
    assert_int_equal(day_count(t,
                               "recall_attempt a JOIN recall r ON r.id = a.recall_id WHERE"
                               " r.uid = '%s'",
                               uid),
                     0);
    /* Booked long before it is due: nothing tells by itself that it is for this. */
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE recall SET due_from = '2027-06-01', due_until ="
                                    " '2027-06-30' WHERE uid = '%s'",
                                    uid));
    int64_t visit = held_on(t, patient, 9);
    set_status(t, visit, "booked");
    assert_string_equal(status(t, uid), "open");
    assert_int_equal(attempt(t, uid, "booked", NULL), RG_OK);
    assert_string_equal(status(t, uid), "booked");
    assert_int_equal(answer_of(t, uid), visit);
    set_status(t, visit, "cancelled");
    assert_string_equal(status(t, uid), "attempted");
    assert_int_equal(answer_of(t, uid), 0);
    store_test_done(ctx);
}

static const char *patient_uid(store_test_t *t, int64_t patient)
{
    return store_test_text(
        t, apr_psprintf(t->pool, "SELECT uid FROM patient WHERE id = %d", (int)patient));
}

static rg_outcome_t hold_for(store_test_t *t, int64_t patient, const char *recall, int day,
                             int64_t *booking)
{
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);
    rg_hold_t out = {0};
    rg_desk_hold_in_t in = {
        .wish = {"consultation", ctx->now + apr_time_from_sec(86400 * (apr_time_t)day), 0},
        .patient_uid = patient > 0 ? patient_uid(t, patient) : NULL,
        .recall_uid = recall};
    rg_outcome_t rc = rg_desk_hold(&out, ctx, &in);
    *booking = rc == RG_OK ? out.booking->id : 0;
    store_test_done(ctx);
    return rc;
}

/* Not due for long, and yet this visit is for it. A hold that runs out leaves it as it was. */
static void a_hold_of_the_desk_answers_its_recall(void **state)
{
    store_test_t *t = *state;
    int64_t first = consulted(t, 0);
    int64_t patient = patient_of(t, first);
    int64_t stranger = patient_of(t, consulted(t, 0));
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);
    const char *uid = recall_of(t, ctx, first)->uid;
    int64_t booking;
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE recall SET due_from = '2027-06-01', due_until ="
                                    " '2027-06-30' WHERE uid = '%s'",
                                    uid));
    assert_int_equal(hold_for(t, stranger, uid, 6, &booking), RG_NOT_FOUND);
    assert_int_equal(hold_for(t, 0, uid, 6, &booking), RG_NOT_FOUND);
    assert_int_equal(hold_for(t, patient, "nonsense", 6, &booking), RG_NOT_FOUND);
    assert_int_equal(hold_for(t, patient, uid, 6, &booking), RG_OK);
    assert_string_equal(status(t, uid), "open");
    set_status(t, booking, "expired");
    assert_string_equal(status(t, uid), "open");
    assert_int_equal(answer_of(t, uid), 0);
    assert_int_equal(hold_for(t, patient, uid, 7, &booking), RG_OK);
    set_status(t, booking, "booked");
    assert_string_equal(status(t, uid), "booked");
    set_status(t, booking, "no-show");
    assert_string_equal(status(t, uid), "open");
    assert_int_equal(hold_for(t, patient, uid, 8, &booking), RG_OK);
    set_status(t, booking, "booked");
    set_status(t, booking, "completed");
    assert_string_equal(status(t, uid), "done");
    store_test_done(ctx);
}

/* The next visit was booked before this one was completed: nobody is called about what is booked
 * already. */
static void a_visit_booked_before_follows_up(void **state)
{
    store_test_t *t = *state;
    int64_t first = day_booking(t, DAY_CONSULT, "knee", "left");
    int64_t patient = patient_of(t, first);
    int64_t next = held_on(t, patient, 15);
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 60);
    rg_complete_in_t in = {"M17.12", NULL, NULL, NULL};
    int told;
    set_status(t, next, "booked");
    day_check_in(t, first, 0);
    assert_int_equal(rg_day_complete(ctx, first, &in), RG_OK);
    assert_string_equal(of_booking(t, first), "booked");
    ctx->now += apr_time_from_sec(30 * 86400);
    assert_int_equal(rg_recall_sweep(&told, ctx, 100), RG_OK);
    assert_int_equal(
        day_count(t, "message WHERE kind = 'recall' AND patient_id = %d", (int)patient), 0);
    set_status(t, next, "cancelled");
    assert_string_equal(of_booking(t, first), "open");
    assert_int_equal(rg_recall_sweep(&told, ctx, 100), RG_OK);
    /* What is to be written is not sent while another visit answers it. */
    int64_t other = held_on(t, patient, 16);
    set_status(t, other, "booked");
    assert_int_equal(day_count(t,
                               "message WHERE kind = 'recall' AND patient_id = %d AND status ="
                               " 'withdrawn'",
                               (int)patient),
                     1);
    set_status(t, other, "cancelled");
    assert_int_equal(day_count(t,
                               "message WHERE kind = 'recall' AND patient_id = %d AND status ="
                               " 'queued'",
                               (int)patient),
                     1);
    store_test_done(ctx);
}

/* --- many ------------------------------------------------------------------------------------- */

enum { MANY = 2000 };

/* Ten of two thousand are overdue although they begin last; each is on one page exactly. */
static void overdue_ones_first_through_all_pages(void **state)
{
    store_test_t *t = *state;
    int64_t booking = consulted(t, 0);
    store_test_exec(t, "UPDATE recall SET status = 'done', closed_why = ''");
    store_test_exec(
        t, apr_psprintf(t->pool,
                        "INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at,"
                        " patient_id, price_minor, currency, created_at)"
                        " SELECT LPAD(CONCAT('many', seq), 26, '0'), 3, 1, 'completed',"
                        " 1700000100, 1700001900, patient_id, 1, 'USD', 0 FROM booking,"
                        " seq_1_to_%d WHERE id = %d",
                        MANY, (int)booking));
    store_test_exec(t, "INSERT INTO recall (uid, booking_id, seq, patient_id, kind, reason, title,"
                       " due_from, due_until, created_at) SELECT b.uid, b.id, 1, b.patient_id,"
                       " 'follow-up', 'call', 'Call', IF(b.id MOD 200 = 0, '2026-11-20',"
                       " '2026-11-01'), IF(b.id MOD 200 = 0, '2026-11-25', '2026-12-31'), 0 FROM"
                       " booking b WHERE b.uid LIKE '%many%'");
    store_test_exec(t, "INSERT INTO recall_attempt (recall_id, at, staff_id, outcome)"
                       " SELECT id, 1, 102, 'no-answer' FROM recall WHERE uid LIKE '%many%'");
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);
    int seen = 0;
    for (int page = 1; page <= MANY / RG_RECALLS_PAGE; page++) {
        rg_recalls_in_t in = {RG_RECALLS_DUE, page, "consultation", "harbor"};
        rg_recalls_t *l;
        assert_int_equal(rg_recalls_list(&l, ctx, &in), RG_OK);
        assert_int_equal(l->counts[RG_RECALLS_DUE], MANY);
        assert_int_equal(l->pages, MANY / RG_RECALLS_PAGE);
        assert_int_equal(l->page, page);
        assert_int_equal(l->count, RG_RECALLS_PAGE);
        for (int i = 0; i < l->count; i++, seen++) {
            bool late = rg_date_compare(l->recalls[i].due_until, l->today) < 0;
            assert_int_equal(late, seen < 10);
            assert_int_equal(l->recalls[i].attempt_count, 1);
            store_test_exec(t, apr_psprintf(t->pool,
                                            "UPDATE booking SET hold_extended = hold_extended + 1"
                                            " WHERE uid = '%s'",
                                            l->recalls[i].uid));
        }
    }
    assert_int_equal(day_count(t, "booking WHERE uid LIKE '%%many%%' AND hold_extended = 1"), MANY);
    rg_recalls_in_t others = {RG_RECALLS_DUE, 1, "bmac-knee", NULL};
    rg_recalls_t *l;
    assert_int_equal(rg_recalls_list(&l, ctx, &others), RG_OK);
    assert_int_equal(l->counts[RG_RECALLS_DUE], 0);
    others.service_code = "no-such";
    assert_int_equal(rg_recalls_list(&l, ctx, &others), RG_NOT_FOUND);
    others = (rg_recalls_in_t){RG_RECALLS_DUE, 1, NULL, "atlantis"};
    assert_int_equal(rg_recalls_list(&l, ctx, &others), RG_NOT_FOUND);
    store_test_exec(t, "DELETE FROM recall_attempt");
    store_test_exec(t, "DELETE FROM recall WHERE uid LIKE '%many%'");
    store_test_done(ctx);
}

/* --- as data ---------------------------------------------------------------------------------- */

static rg_outcome_t write_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    static const rg_service_recall_t two[] = {{1, "follow-up", 7, 9, "call", "Call"},
                                              {2, "maintenance", 400, 500, "again", "Again"}};
    static const rg_service_recall_t bad = {1, "follow-up", 9, 7, "call", "Call"};
    rg_service_recall_t *read;
    int count;
    rg_outcome_t rc = rg_service_recalls_write(db, ctx, DAY_PRP, baton ? &bad : two, baton ? 1 : 2);
    if (rc != RG_OK) {
        return rc;
    }
    rc = rg_service_recalls_read(db, ctx, &read, &count, DAY_PRP);
    assert_int_equal(count, 2);
    assert_string_equal(read[1].reason, "again");
    assert_int_equal(read[0].after_max_days, 9);
    return rc;
}

static void plans_are_read_and_replaced(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);
    assert_int_equal(rg_store_transact(ctx, write_work, NULL), RG_OK);
    assert_int_equal(rg_store_transact(ctx, write_work, t), RG_PRECONDITION);
    assert_int_equal(day_count(t, "service_recall WHERE service_id = %d", DAY_PRP), 2);
    store_test_done(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(completion_makes_them),
        cmocka_unit_test(without_an_injection_there_is_nothing_to_follow),
        cmocka_unit_test(due_ones_are_told_once),
        cmocka_unit_test(counted_from_the_clinics_day),
        cmocka_unit_test(list_for_the_desk),
        cmocka_unit_test(attempts_and_outcomes),
        cmocka_unit_test(a_visit_answers),
        cmocka_unit_test(opt_out_stops_all),
        cmocka_unit_test(reminders_again),
        cmocka_unit_test(what_was_over_long_ago_stays_closed),
        cmocka_unit_test(booked_means_a_visit),
        cmocka_unit_test(a_hold_of_the_desk_answers_its_recall),
        cmocka_unit_test(a_visit_booked_before_follows_up),
        cmocka_unit_test(overdue_ones_first_through_all_pages),
        cmocka_unit_test(an_opted_out_patient_is_left_alone),
        cmocka_unit_test(plans_are_read_and_replaced),
    };
    return cmocka_run_group_tests(tests, day_setup, store_test_teardown);
}
