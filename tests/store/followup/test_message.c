/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox: one message for each fact, written with it or not at all, with the facts at the time
 * of writing. */
#include "booking_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/followup.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/followup.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"

static int64_t messages(store_test_t *t, const char *kind)
{
    return store_test_value(
        t, apr_psprintf(t->pool, "SELECT COUNT(*) FROM message WHERE kind = '%s'", kind));
}

/* Each estimate is a letter, too; tests/http/billing/test_estimates_given.py has those. */
static int without_estimates(void **state)
{
    int rc = booking_setup(state);
    store_test_exec(*state, "DROP TRIGGER estimate_is_told");
    return rc;
}

static rg_outcome_t cancel(store_test_t *t, int64_t id)
{
    rg_ctx_t *ctx = booking_staff(t, 2);
    rg_outcome_t rc = rg_booking_cancel(ctx, id, "clinic");
    store_test_done(ctx);
    return rc;
}

static void confirmation_and_cancellation(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "days", BOOKING_AT(2, 600));
    rg_ctx_t *ctx = booking_patient(t, 5, id);
    rg_message_t *m;
    int count;
    assert_int_equal(cancel(t, id), RG_OK);
    assert_int_equal(rg_messages_of_booking(&m, &count, ctx, id), RG_OK);
    assert_int_equal(count, 2);
    assert_int_equal(m[0].kind, RG_MESSAGE_CONFIRMATION);
    assert_int_equal(m[1].kind, RG_MESSAGE_CANCELLATION);
    assert_int_equal(m[0].status, RG_OUTBOX_QUEUED);
    assert_string_equal(m[0].to_name, "Ann Walker");
    assert_string_equal(m[0].to_email, "a@example.org");
    assert_true(m[0].starts_at == BOOKING_AT(2, 600));
    assert_int_equal(m[0].visit_count, 2);
    assert_true(m[0].visits[0] == BOOKING_AT(2, 600) && m[0].visits[1] > BOOKING_AT(3, 0));
    assert_string_equal(m[0].site_name, "Main");
    assert_string_equal(m[0].site_address, "1 A, B, 03801");
    assert_string_equal(rg_zone_name(m[0].zone), "America/New_York");
    store_test_done(ctx);
    ctx = booking_patient(t, 5, id + 1);
    assert_int_equal(rg_messages_of_booking(&m, &count, ctx, id), RG_NOT_FOUND);
    store_test_done(ctx);
}

/* A time given back before it was booked is nothing to write about. */
static void holds_tell_nothing(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    rg_ctx_t *ctx = booking_patient(t, 0, id);
    booking_fill(t, id);
    assert_int_equal(rg_booking_give_back(ctx, id, "given-back"), RG_OK);
    store_test_done(ctx);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM message"), 0);
}

/* What was refused is not told. */
static void refused_cancel_tells_nothing(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(1, 780));
    rg_ctx_t *ctx = booking_patient(t, 2, id);
    assert_int_equal(rg_booking_cancel(ctx, id, "patient"), RG_PRECONDITION);
    store_test_done(ctx);
    assert_int_equal(messages(t, "cancellation"), 0);
}

/* Facts stay what they were when the clinic or the patient changes. */
static void facts_are_copies(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(2, 600));
    rg_ctx_t *ctx = booking_staff(t, 3);
    rg_message_t *m;
    int count;
    store_test_exec(t, "UPDATE site SET name = 'Moved', time_zone = 'Europe/London' WHERE id = 1");
    store_test_exec(t, "UPDATE patient SET email = 'new@example.org' WHERE id = 1");
    assert_int_equal(rg_messages_of_booking(&m, &count, ctx, id), RG_OK);
    assert_int_equal(count, 1);
    assert_string_equal(m[0].site_name, "Main");
    assert_string_equal(rg_zone_name(m[0].zone), "America/New_York");
    assert_string_equal(m[0].to_email, "a@example.org");
    store_test_exec(t,
                    "UPDATE site SET name = 'Main', time_zone = 'America/New_York' WHERE id = 1");
    store_test_exec(t, "UPDATE patient SET email = 'a@example.org' WHERE id = 1");
    store_test_done(ctx);
    assert_int_not_equal(mysql_query(t->sql, "UPDATE message SET starts_at = starts_at + 300"), 0);
    store_test_exec(t, "UPDATE message SET status = 'sent', sent_at = 5");
}

/* --- changed again and again ------------------------------------------------------------------------------ */

static rg_outcome_t move(store_test_t *t, int64_t id, apr_time_t start, rg_idem_t *idem)
{
    rg_ctx_t *ctx = booking_staff(t, 2);
    rg_move_in_t in = {.start = start};
    rg_hold_t out;
    ctx->idem = idem;
    rg_outcome_t rc = rg_booking_move(&out, ctx, id, &in);
    store_test_done(ctx);
    return rc;
}

/* Moved twice, each time asked for again, and cancelled twice: four facts, in order, each with its own time. */
static void every_change_is_told_once(void **state)
{
    static const rg_message_kind_t kinds[] = {RG_MESSAGE_CONFIRMATION, RG_MESSAGE_CHANGE,
                                              RG_MESSAGE_CHANGE, RG_MESSAGE_CANCELLATION};
    store_test_t *t = *state;
    const apr_time_t at[] = {BOOKING_AT(2, 600), BOOKING_AT(2, 660), BOOKING_AT(4, 600)};
    int64_t id = booking_must_book(t, "scan", at[0]);
    rg_ctx_t *ctx = booking_staff(t, 3);
    rg_message_t *m;
    int count;
    for (int i = 1; i <= 2; i++) {
        for (int times = 0; times < 2; times++) {
            rg_idem_t idem = {.key = {(unsigned char)(40 + i)}, .request = {2}, .seed = {3}};
            assert_int_equal(move(t, id, at[i], &idem), RG_OK);
            assert_int_equal(idem.replayed, times > 0);
        }
        assert_int_equal(move(t, id, at[i], NULL), RG_INVALID); /* it is there already */
    }
    assert_int_equal(cancel(t, id), RG_OK);
    assert_int_equal(cancel(t, id), RG_PRECONDITION);
    assert_int_equal(move(t, id, at[0], NULL), RG_PRECONDITION);
    assert_int_equal(rg_messages_of_booking(&m, &count, ctx, id), RG_OK);
    assert_int_equal(count, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(m[i].kind, kinds[i]);
        assert_true(m[i].starts_at == at[i < 3 ? i : 2]);
        assert_true(m[i].visits[0] == m[i].starts_at && m[i].visit_count == 1);
        assert_true(m[i].old_starts_at == (kinds[i] == RG_MESSAGE_CHANGE ? at[i - 1] : 0));
        assert_string_equal(m[i].site_name, "Main");
    }
    store_test_done(ctx);
}

/* Nobody is told of a time that was never booked, whoever notices that it is over. */
static void an_expired_hold_tells_nothing(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    rg_ctx_t *ctx = booking_patient(t, 600, id);
    const char *link;
    int swept;
    booking_fill(t, id);
    assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_GONE);
    assert_int_equal(rg_booking_sweep(&swept, ctx, 10), RG_OK);
    assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_GONE);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM message"), 0);
    store_test_done(ctx);
}

/* --- told twice ---------------------------------------------------------------------------------------- */

typedef struct {
    rg_message_fact_t fact;
    int times;
    rg_outcome_t end;
} tell_t;

static rg_outcome_t tell_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    tell_t *w = baton;
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < w->times; i++) {
        rc = rg_message_add(db, ctx, &w->fact);
    }
    return rc == RG_OK ? w->end : rc;
}

static void one_fact_one_message(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(2, 600));
    rg_ctx_t *ctx = booking_ctx(t, 0);
    tell_t w = {
        {.kind = RG_MESSAGE_CHANGE, .about_id = id, .old_starts_at = BOOKING_AT(2, 480)}, 3, RG_OK};
    assert_int_equal(rg_store_transact(ctx, tell_work, &w), RG_OK);
    assert_int_equal(rg_store_transact(ctx, tell_work, &w), RG_OK);
    assert_int_equal(messages(t, "change"), 1);
    assert_int_equal(store_test_value(t, "SELECT old_starts_at FROM message WHERE kind = 'change'"),
                     apr_time_sec(BOOKING_AT(2, 480)));
    store_test_exec(t, "UPDATE booking SET version = version + 1");
    assert_int_equal(rg_store_transact(ctx, tell_work, &w), RG_OK);
    assert_int_equal(messages(t, "change"), 2);
    /* Rolled back with what it tells of. */
    store_test_exec(t, "UPDATE booking SET version = version + 1");
    w.end = RG_PRECONDITION;
    assert_int_equal(rg_store_transact(ctx, tell_work, &w), RG_PRECONDITION);
    assert_int_equal(messages(t, "change"), 2);
    store_test_done(ctx);
}

typedef struct {
    store_test_t *t;
    int64_t id;
} rush_t;

static void cancel_client(void *baton, int number)
{
    rush_t *r = baton;
    (void)number;
    (void)cancel(r->t, r->id);
}

static void many_cancel_one_message(void **state)
{
    store_test_t *t = *state;
    for (int i = 0; i < 8; i++) {
        rush_t r = {t, booking_must_book(t, "scan", BOOKING_AT(2, 480 + 30 * i))};
        store_test_threads(8, cancel_client, &r);
        assert_int_equal(messages(t, "cancellation"), i + 1);
    }
}

/* --- the outbox ------------------------------------------------------------------------------------------ */

static void outbox_for_staff(void **state)
{
    store_test_t *t = *state;
    rg_outbox_in_t in = {RG_OUTBOX_QUEUED, -1, 1};
    rg_outbox_t *o;
    rg_ctx_t *ctx = booking_staff(t, 3);
    int64_t first = booking_must_book(t, "scan", BOOKING_AT(2, 600));
    booking_must_book(t, "scan", BOOKING_AT(2, 660));
    assert_int_equal(cancel(t, first), RG_OK);
    assert_int_equal(rg_outbox(&o, ctx, &in), RG_OK);
    assert_int_equal(o->counts[RG_OUTBOX_QUEUED], 3);
    assert_int_equal(o->count, 3);
    assert_int_equal(o->messages[0].kind, RG_MESSAGE_CANCELLATION);
    in.kind = RG_MESSAGE_CONFIRMATION;
    assert_int_equal(rg_outbox(&o, ctx, &in), RG_OK);
    assert_int_equal(o->counts[RG_OUTBOX_QUEUED], 2);
    assert_int_equal(o->count, 2);
    in.page = 9;
    assert_int_equal(rg_outbox(&o, ctx, &in), RG_OK);
    assert_int_equal(o->page, 1);
    ctx->who.roles = RG_ROLE_BILLING;
    assert_int_equal(rg_outbox(&o, ctx, &in), RG_FORBIDDEN);
    store_test_done(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(confirmation_and_cancellation, booking_clean),
        cmocka_unit_test_setup(holds_tell_nothing, booking_clean),
        cmocka_unit_test_setup(refused_cancel_tells_nothing, booking_clean),
        cmocka_unit_test_setup(facts_are_copies, booking_clean),
        cmocka_unit_test_setup(every_change_is_told_once, booking_clean),
        cmocka_unit_test_setup(an_expired_hold_tells_nothing, booking_clean),
        cmocka_unit_test_setup(one_fact_one_message, booking_clean),
        cmocka_unit_test_setup(many_cancel_one_message, booking_clean),
        cmocka_unit_test_setup(outbox_for_staff, booking_clean),
    };
    return cmocka_run_group_tests(tests, without_estimates, store_test_teardown);
}
