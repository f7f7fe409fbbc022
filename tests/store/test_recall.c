/* SPDX-License-Identifier: Apache-2.0 */
/* Follow-ups and recalls: made with the completion, due, attempted, answered by a visit, stopped by the
 * patient. */
#include "day_test.h"

static int64_t consulted(store_test_t *t, int64_t patient)
{
    int64_t booking = patient > 0 ? day_booking_of(t, patient, DAY_CONSULT, "knee", "left")
                                  : day_booking(t, DAY_CONSULT, "knee", "left");
    rg_complete_in_t in = {"M17.12"};
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

static rg_recall_t *recall_of(store_test_t *t, rg_ctx_t *ctx, int64_t booking)
{
    rg_recall_t *all;
    int count;
    bool stopped;
    (void)t;
    ctx->who = (rg_principal_t){.roles = RG_ROLE_PATIENT, .booking_id = booking};
    assert_int_equal(rg_recalls_of_booking(&all, &count, &stopped, ctx, booking), RG_OK);
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

/* --- made ------------------------------------------------------------------------------------------------ */

static void completion_makes_them(void **state)
{
    store_test_t *t = *state;
    int64_t booking = day_booking(t, DAY_BMAC, "knee", "left");
    const char *label = day_ready(t, booking, "left");
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 100);
    rg_inject_in_t inject = {label, DAY_BORN, "knee", "left"};
    rg_complete_in_t in = {"M17.12"};
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
    rg_complete_in_t in = {"M17.12"};
    assert_int_equal(rg_day_dispose(ctx, booking, label, "dropped"), RG_OK);
    assert_int_equal(rg_day_complete(ctx, booking, &in), RG_OK);
    assert_int_equal(day_count(t, "recall WHERE booking_id = %d", (int)booking), 0);
    store_test_done(ctx);
}

/* --- due, and told once --------------------------------------------------------------------------------- */

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

static void list_for_the_desk(void **state)
{
    store_test_t *t = *state;
    int64_t booking = consulted(t, 0);
    rg_recalls_in_t in = {RG_RECALLS_LATER, 1};
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

/* --- attempts ---------------------------------------------------------------------------------------------- */

static void attempts_and_outcomes(void **state)
{
    static const struct {
        const char *outcome, *settled, *after;
    } tries[] = {{"no-answer", NULL, "attempted"}, {"left-message", NULL, "attempted"},
                 {"spoke", NULL, "attempted"},     {"spoke", "yes", "done"},
                 {"booked", NULL, "booked"},       {"declined", NULL, "closeddeclined"}};
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

/* --- answered by a visit ------------------------------------------------------------------------------------ */

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

/* --- stopped ------------------------------------------------------------------------------------------------ */

static void opt_out_stops_all_for_ever(void **state)
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
    assert_int_equal(day_count(t, "recall WHERE booking_id = %d", (int)second), 0);
    assert_int_equal(rg_recalls_of_booking(&all, &count, &stopped, ctx, first), RG_OK);
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
    rg_recalls_in_t in = {RG_RECALLS_DUE, 1};
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

/* --- as data ------------------------------------------------------------------------------------------------- */

static rg_outcome_t write_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
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
        cmocka_unit_test(list_for_the_desk),
        cmocka_unit_test(attempts_and_outcomes),
        cmocka_unit_test(a_visit_answers),
        cmocka_unit_test(opt_out_stops_all_for_ever),
        cmocka_unit_test(an_opted_out_patient_is_left_alone),
        cmocka_unit_test(plans_are_read_and_replaced),
    };
    return cmocka_run_group_tests(tests, day_setup, store_test_teardown);
}
