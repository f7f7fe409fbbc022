/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of the day twice: the same form again, many forms at once, a consent that is withdrawn
 * in the meantime. */
#include "day_test.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/unit.h"

static void a_repeated_form_has_one_effect(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    rg_harvest_in_t in = {.volume_ml = "60",
                          .side_confirmed = "left",
                          .who = &day_act,
                          .taken_from = "left-posterior-iliac-crest"};
    char first[24] = "";

    day_check_in(t, b, 0);
    for (int i = 0; i < 3; i++) {
        rg_idem_t idem = {.key = {1, 2, 3}, .request = {4}};
        rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 15 + i);
        rg_unit_t *unit = NULL;

        ctx->idem = &idem;
        assert_int_equal(rg_day_harvest(&unit, ctx, b, &in), RG_OK);
        assert_int_equal(idem.replayed, i > 0);
        assert_non_null(unit);
        if (i == 0) {
            apr_cpystrn(first, unit->label, sizeof(first));
        }
        assert_string_equal(unit->label, first);
        store_test_done(ctx);
    }
    assert_int_equal(day_count(t, "unit WHERE booking_id = %d", (int)b), 1);
    assert_int_equal(day_count(t, "charge_item WHERE booking_id = %d", (int)b), 1);
    assert_int_equal(
        day_count(t, "audit_event WHERE action = 'day.harvest' AND entity_id = %d", (int)b), 1);
}

static void the_same_key_for_another_form_is_refused(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");

    for (unsigned char i = 0; i < 2; i++) {
        rg_idem_t idem = {.key = {5, 5}, .request = {i}};
        rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);

        ctx->idem = &idem;
        assert_int_equal(rg_day_check_in(ctx, b, &(rg_check_in_t){DAY_BORN, NULL, NULL, NULL}),
                         i == 0 ? RG_OK : RG_CONFLICT);
        store_test_done(ctx);
    }
}

#define CLIENTS 8

typedef struct {
    store_test_t *t;
    int64_t booking;
    rg_outcome_t outcome[CLIENTS];
} race_t;

static void race_check_in(void *baton, int n)
{
    race_t *r = baton;
    rg_ctx_t *ctx = day_ctx(r->t, DAY_DESK, 0);

    r->outcome[n] = rg_day_check_in(ctx, r->booking, &(rg_check_in_t){DAY_BORN, NULL, NULL, NULL});
    store_test_done(ctx);
}

static void race_complete(void *baton, int n)
{
    race_t *r = baton;

    r->outcome[n] = day_complete(r->t, r->booking, "M17.11");
}

static void assert_one_won(const race_t *r)
{
    int won = 0;

    for (int i = 0; i < CLIENTS; i++) {
        won += r->outcome[i] == RG_OK;
        assert_true(r->outcome[i] == RG_OK || r->outcome[i] == RG_CONFLICT);
    }
    assert_int_equal(won, 1);
}

static void many_at_once_have_one_effect(void **state)
{
    race_t r = {.t = *state};

    r.booking = day_booking(r.t, DAY_BMAC, "knee", "right");
    store_test_threads(CLIENTS, race_check_in, &r);
    assert_one_won(&r);
    r.booking = day_injected(r.t, DAY_BMAC, "knee", "right");
    store_test_threads(CLIENTS, race_complete, &r);
    assert_one_won(&r);
    assert_int_equal(day_charged(r.t, r.booking), 460000);
}

/* A withdrawal as rg_consent_withdraw writes it: whoever is first, no step comes after it. */
typedef struct {
    race_t race;
    rg_outcome_t withdrawn;
} tug_t;

static void race_withdraw(void *baton, int n)
{
    tug_t *tug = baton;
    store_test_t *t = tug->race.t;
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);

    if (n == 0) {
        MYSQL *m = store_test_connect(t);
        const char *sql =
            apr_psprintf(ctx->pool,
                         "BEGIN NOT ATOMIC START TRANSACTION; UPDATE booking SET version = version"
                         " + 1 WHERE id = %d; INSERT INTO consent_withdrawal (consent_id, at)"
                         " SELECT MIN(id), 0 FROM consent WHERE booking_id = %d; COMMIT; END",
                         (int)tug->race.booking, (int)tug->race.booking);

        tug->withdrawn = mysql_query(m, sql) == 0 ? RG_OK : RG_INTERNAL;
        mysql_close(m);
    }
    else {
        tug->race.outcome[n] =
            rg_day_check_in(ctx, tug->race.booking, &(rg_check_in_t){DAY_BORN, NULL, NULL, NULL});
    }
    store_test_done(ctx);
}

static void a_withdrawal_comes_before_or_after(void **state)
{
    for (int round = 0; round < 8; round++) {
        tug_t tug = {.race = {.t = *state}};

        tug.race.booking = day_booking(tug.race.t, DAY_BMAC, "knee", "right");
        store_test_threads(2, race_withdraw, &tug);
        assert_int_equal(tug.withdrawn, RG_OK);
        bool in = tug.race.outcome[1] == RG_OK;
        assert_true(in || tug.race.outcome[1] == RG_PRECONDITION);
        assert_string_equal(day_status(tug.race.t, tug.race.booking), in ? "arrived" : "booked");
        assert_int_equal(
            day_count(tug.race.t, "step_event WHERE booking_id = %d", (int)tug.race.booking),
            in ? 1 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeated_form_has_one_effect),
        cmocka_unit_test(the_same_key_for_another_form_is_refused),
        cmocka_unit_test(many_at_once_have_one_effect),
        cmocka_unit_test(a_withdrawal_comes_before_or_after),
    };

    return cmocka_run_group_tests_name("day_race", tests, day_setup, store_test_teardown);
}
