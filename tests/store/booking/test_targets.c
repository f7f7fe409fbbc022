/* SPDX-License-Identifier: Apache-2.0 */
/* Several targets in one chain: both knees take longer than one, from the search to the last move,
 * and no target of a booking is lost or made up on the way. */
#include "booking_test.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "mod_regen/clinic/booking/booking.h"

#include <stdio.h>

#define ONE  "1000000000000000000000000a"
#define BOTH "1000000000000000000000000b"
/* Of each target after the first, in the injection and in the rest. */
enum { MORE_INJECTING = 30, MORE_RESTING = 15, MORE = MORE_INJECTING + MORE_RESTING };

static const char *const orders[] = {
    "INSERT IGNORE INTO staff (id, login, name, resource_id) VALUES (1, 'doc', 'Doctor 1', 1)",
    "INSERT IGNORE INTO staff_role (staff_id, role) VALUES (1, 'clinician')",
    "INSERT IGNORE INTO resource_capability (resource_id, capability) VALUES (1, 'order')",
    "INSERT IGNORE INTO icd10cm (code, title) VALUES ('M17.0', 'Both knees')",
    "UPDATE service SET targets_most = 2 WHERE id = 1",
    "UPDATE service_step SET further_minutes = 30 WHERE service_id = 1 AND kind = 'inject'",
    "UPDATE service_step SET further_minutes = 15 WHERE service_id = 1 AND kind = 'recover'",
    "INSERT INTO treatment_order (id, uid, patient_id, service_id, targets, diagnosis_code,"
    " severity, tried, imaging, weighed, valid_until, signed_at, staff_id) VALUES"
    " (1, '" ONE "', 1, 1, 1, 'M17.0', 'mild', 'x', 'x', 'x', 1830000000, 1, 1),"
    " (2, '" BOTH "', 1, 1, 2, 'M17.0', 'mild', 'x', 'x', 'x', 1830000000, 1, 1),"
    " (3, '1000000000000000000000000c', 1, 1, 2, 'M17.0', 'mild', 'x', 'x', 'x', 1830000000, 1, 1)",
    "INSERT INTO treatment_order_target (order_id, target_no, body_site, laterality) VALUES"
    " (1, 1, 'knee', 'left'), (2, 1, 'knee', 'left'), (2, 2, 'knee', 'right'),"
    " (3, 1, 'knee', 'left'), (3, 2, 'hip', 'right')"};

static int setup(void **state)
{
    booking_setup(state);
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        store_test_exec(*state, orders[i]);
    }
    return 0;
}

static int clean(void **state)
{
    store_test_exec(*state, "DELETE FROM treatment_order_use");
    return booking_clean(state);
}

/* --- what every test does --------------------------------------------------------------------- */

static rg_outcome_t hold_on(store_test_t *t, const char *order, apr_time_t start, int64_t *id)
{
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_hold_in_t in = {"chain", start, 0};
    rg_hold_t out;
    rg_outcome_t rc = rg_booking_hold_on(&out, ctx, &in, order);
    *id = rc == RG_OK ? out.booking->id : 0;
    store_test_done(ctx);
    return rc;
}

static int64_t must_hold_on(store_test_t *t, const char *order, apr_time_t start)
{
    int64_t id;
    assert_int_equal(hold_on(t, order, start, &id), RG_OK);
    return id;
}

static rg_booking_t *get(store_test_t *t, int64_t id)
{
    rg_booking_t *b = NULL;
    assert_int_equal(rg_booking_get(&b, booking_staff(t, 0), id), RG_OK);
    return b;
}

/* 1 for each start of that day. */
static int starts_of_day(store_test_t *t, int day, int targets, int64_t moving, char seen[288])
{
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_find_in_t in = {"chain", {2026, 12, day}, 1, 0, moving, targets};
    rg_availability_t *a;
    assert_int_equal(rg_availability_find(&a, ctx, &in), RG_OK);
    memset(seen, 0, 288);
    for (int i = 0; i < a->days[0].count; i++) {
        seen[(a->days[0].starts[i] - BOOKING_AT(day, 0)) / apr_time_from_sec(300)] = 1;
    }
    int count = a->days[0].count;
    store_test_done(ctx);
    return count;
}

static const char *targets_of(store_test_t *t, int64_t id)
{
    return store_test_text(
        t, apr_psprintf(t->pool,
                        "SELECT GROUP_CONCAT(target_no, body_site, laterality ORDER BY target_no)"
                        " FROM booking_target WHERE booking_id = %d",
                        (int)id));
}

static int minutes_of(const rg_booking_t *b, int step)
{
    return (int)((b->steps[step].ends_at - b->steps[step].starts_at) / apr_time_from_sec(60));
}

static void assert_both(store_test_t *t, int64_t id)
{
    rg_booking_t *b = get(t, id);
    assert_string_equal(b->further, "knee right");
    assert_string_equal(targets_of(t, id), "1kneeleft,2kneeright");
    assert_int_equal(minutes_of(b, 1), 30);
    assert_int_equal(minutes_of(b, 3), 20 + MORE_INJECTING);
    assert_int_equal(minutes_of(b, 4), 30 + MORE_RESTING);
    assert_int_equal(booking_wrongs(t), 0);
}

/* --- the search ------------------------------------------------------------------------------- */

/* In an empty week nothing but the end of the day is nearer; two are answered after one, also from
 * what is cached, and one after two. */
static void two_take_longer(void **state)
{
    store_test_t *t = *state;
    char one[288];
    char two[288];
    for (int turn = 0; turn < 3; turn++) {
        int shorter = starts_of_day(t, 7, 1, 0, one);
        int longer = starts_of_day(t, 7, 2, 0, two);
        assert_true(longer > 0);
        assert_int_equal(shorter - longer, MORE / 15);
        for (int i = 0; i < 288; i++) {
            assert_true(one[i] || !two[i]);
        }
    }
}

/* What is offered for two can be held for two, and what is not cannot. */
static void offered_is_held(void **state)
{
    store_test_t *t = *state;
    char one[288];
    char two[288];
    booking_must_book(t, "chain", BOOKING_AT(7, 600));
    booking_must_book(t, "spin", BOOKING_AT(7, 840));
    starts_of_day(t, 7, 1, 0, one);
    starts_of_day(t, 7, 2, 0, two);
    int refused = 0;
    for (int i = 0; i < 288; i += 3) {
        int64_t id;
        rg_outcome_t rc = hold_on(t, BOTH, BOOKING_AT(7, i * 5), &id);
        assert_int_equal(rc == RG_OK, two[i]);
        refused += rc != RG_OK && one[i];
        if (id != 0) {
            assert_both(t, id);
            assert_int_equal(rg_booking_give_back(booking_staff(t, 0), id, "other-time"), RG_OK);
        }
    }
    assert_true(refused > 0);
}

/* The nearest other times are those of so many targets, too. */
static void nearest_fit_as_well(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_hold_in_t in = {"chain", BOOKING_AT(7, 600), 0};
    rg_hold_t out;
    char two[288];
    booking_must_book(t, "chain", BOOKING_AT(7, 600));
    booking_must_book(t, "chain", BOOKING_AT(7, 645));
    assert_int_equal(rg_booking_hold_on(&out, ctx, &in, BOTH), RG_CONFLICT);
    assert_true(out.nearest_count > 0);
    starts_of_day(t, 7, 2, 0, two);
    for (int i = 0; i < out.nearest_count; i++) {
        int64_t at = (out.nearest[i] - BOOKING_AT(7, 0)) / apr_time_from_sec(300);
        assert_true(at < 0 || at >= 288 || two[at]);
    }
    store_test_done(ctx);
}

/* --- the booking ------------------------------------------------------------------------------ */

static void booked_and_moved_with_all(void **state)
{
    store_test_t *t = *state;
    int64_t id = must_hold_on(t, BOTH, BOOKING_AT(4, 600));
    const char *link;
    char without[288];
    assert_both(t, id);
    store_test_exec(
        t, apr_psprintf(t->pool, "UPDATE booking SET self_pay = 1 WHERE id = %d", (int)id));
    assert_int_equal(rg_booking_confirm(&link, booking_staff(t, 0), id), RG_OK);
    assert_both(t, id);
    int free_for_it = starts_of_day(t, 7, 0, id, without);
    char two[288];
    assert_int_equal(free_for_it, starts_of_day(t, 7, 2, 0, two));
    assert_memory_equal(without, two, sizeof(two));
    rg_move_in_t in = {.start = BOOKING_AT(7, 495)};
    rg_hold_t out;
    assert_int_equal(rg_booking_move_look(&out, booking_staff(t, 0), id, &in), RG_OK);
    assert_int_equal(minutes_of(out.booking, 3), 20 + MORE_INJECTING);
    assert_int_equal(rg_booking_move(&out, booking_staff(t, 0), id, &in), RG_OK);
    assert_both(t, id);
    assert_true(get(t, id)->starts_at == BOOKING_AT(7, 495));
    in.start = BOOKING_AT(7, 510);
    assert_int_equal(rg_booking_visit_move(&out, booking_staff(t, 0), id, 1, &in), RG_OK);
    assert_both(t, id);
}

static void one_stays_one(void **state)
{
    store_test_t *t = *state;
    int64_t id = must_hold_on(t, ONE, BOOKING_AT(4, 600));
    rg_booking_t *b = get(t, id);
    assert_string_equal(b->further, "");
    assert_string_equal(targets_of(t, id), "1kneeleft");
    assert_int_equal(minutes_of(b, 3), 20);
    id = booking_must_book(t, "chain", BOOKING_AT(7, 600));
    assert_string_equal(targets_of(t, id), "1kneeleft");
    id = booking_must_hold(t, "scan", BOOKING_AT(8, 600));
    assert_string_equal(targets_of(t, id), "1none");
}

/* --- by hand ---------------------------------------------------------------------------------- */

static bool refused(store_test_t *t, const char *sql)
{
    bool fails = mysql_query(t->sql, sql) != 0;
    if (!fails && mysql_field_count(t->sql) == 0 && mysql_affected_rows(t->sql) == 0) {
        fail_msg("nothing to do: %s", sql);
    }
    return fails;
}

/* SQL with the booking's id in place of the @. */
static const char *with_id(store_test_t *t, const char *sql, int id)
{
    const char *at = strchr(sql, '@');
    return apr_psprintf(t->pool, "%.*s%d%s", (int)(at - sql), sql, id, at + 1);
}

/* Also as the owner, whose rights the triggers have. */
static void targets_are_not_made_up(void **state)
{
    store_test_t *t = *state;
    int id = (int)must_hold_on(t, BOTH, BOOKING_AT(4, 600));
    int other = (int)booking_must_book(t, "chain", BOOKING_AT(7, 600));
    static const char *const attacks[] = {
        "INSERT INTO booking_target VALUES (@, 3, 'hip', 'left')",
        "INSERT INTO booking_target VALUES (@, 2, 'hip', 'left')",
        "UPDATE booking_target SET laterality = 'none' WHERE booking_id = @ AND target_no = 2",
        "UPDATE booking_target SET laterality = 'right' WHERE booking_id = @ AND target_no = 1",
        "UPDATE booking_target SET target_no = 3 WHERE booking_id = @ AND target_no = 2",
        "DELETE FROM booking_target WHERE booking_id = @",
        "UPDATE booking SET laterality = 'right' WHERE id = @",
        "UPDATE booking SET body_site = 'hip' WHERE id = @",
        "UPDATE booking SET order_id = 1 WHERE id = @",
        "UPDATE booking SET order_id = 3 WHERE id = @"};
    for (int keys = 1; keys >= 0; keys--) {
        store_test_exec(t, apr_psprintf(t->pool, "SET foreign_key_checks = %d", keys));
        for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
            const char *sql = with_id(t, attacks[i], id);
            if (!refused(t, sql)) {
                fail_msg("allowed: %s", sql);
            }
        }
        const char *more = apr_psprintf(
            t->pool, "INSERT INTO booking_target VALUES (%d, 2, 'knee', 'right')", other);
        assert_true(refused(t, more));
        /* No booking without an order comes by a second target through one. */
        assert_true(refused(
            t, apr_psprintf(t->pool, "UPDATE booking SET order_id = 3 WHERE id = %d", other)));
    }
    store_test_exec(t, "SET foreign_key_checks = 1");
    assert_both(t, id);
}

static void orders_name_each_once(void **state)
{
    store_test_t *t = *state;
    static const char *const attacks[] = {"(4, 2, 'knee', 'left')",  "(4, 2, 'knee', 'none')",
                                          "(4, 2, 'elbow', 'left')", "(4, 3, 'hip', 'left')",
                                          "(4, 2, '', 'none')",      "(1, 2, 'hip', 'left')"};
    store_test_exec(t, "INSERT INTO treatment_order (id, uid, patient_id, service_id, targets,"
                       " diagnosis_code, severity, tried, imaging, weighed, valid_until,"
                       " signed_at, staff_id) VALUES (4, '1000000000000000000000000d', 1, 1, 3,"
                       " 'M17.0', 'mild', 'x', 'x', 'x', 1830000000, 1, 1)");
    store_test_exec(t, "INSERT INTO treatment_order_target VALUES (4, 1, 'knee', 'left')");
    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
        assert_true(refused(t, apr_pstrcat(t->pool, "INSERT INTO treatment_order_target VALUES ",
                                           attacks[i], NULL)));
    }
    store_test_exec(t, "INSERT INTO treatment_order_target VALUES (4, 2, 'hip', 'left')");
    /* Three are more than the service has in one treatment: the order stays unfinished. */
    assert_true(refused(t, "INSERT INTO treatment_order_target VALUES (4, 3, 'hip', 'right')"));
    int64_t id;
    assert_int_not_equal(hold_on(t, "1000000000000000000000000d", BOOKING_AT(4, 600), &id), RG_OK);
}

/* Last: without its triggers the table can say anything, and the check finds it. */
static void wrong_targets_are_found(void **state)
{
    store_test_t *t = *state;
    int both = (int)must_hold_on(t, BOTH, BOOKING_AT(4, 600));
    booking_must_book(t, "chain", BOOKING_AT(7, 600));
    assert_int_equal(booking_wrongs(t), 0);
    store_test_exec(t, "DROP TRIGGER booking_target_fits");
    store_test_exec(t, "DROP TRIGGER booking_target_follows");
    static const char *const harms[][2] = {
        {"UPDATE booking_target SET laterality = 'none' WHERE booking_id = @ AND target_no = 1",
         "UPDATE booking_target SET laterality = 'left' WHERE booking_id = @ AND target_no = 1"},
        {"UPDATE booking_target SET body_site = 'hip' WHERE booking_id = @ AND target_no = 2",
         "UPDATE booking_target SET body_site = 'knee' WHERE booking_id = @ AND target_no = 2"},
        {"UPDATE booking_target SET laterality = 'none' WHERE booking_id = @ AND target_no = 2",
         "UPDATE booking_target SET laterality = 'right' WHERE booking_id = @ AND target_no = 2"},
        {"UPDATE booking_target SET target_no = 3 WHERE booking_id = @ AND target_no = 2",
         "UPDATE booking_target SET target_no = 2 WHERE booking_id = @ AND target_no = 3"}};
    for (size_t i = 0; i < sizeof(harms) / sizeof(harms[0]); i++) {
        store_test_exec(t, with_id(t, harms[i][0], both));
        assert_int_equal(booking_wrongs(t), 1);
        store_test_exec(t, with_id(t, harms[i][1], both));
        assert_int_equal(booking_wrongs(t), 0);
    }
    store_test_exec(t, "INSERT INTO booking_target SELECT id, 2, 'hip', 'left' FROM booking"
                       " WHERE order_id IS NULL");
    assert_int_equal(booking_wrongs(t), 1 + 2); /* and two steps are too short for it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(two_take_longer, clean),
        cmocka_unit_test_setup(offered_is_held, clean),
        cmocka_unit_test_setup(nearest_fit_as_well, clean),
        cmocka_unit_test_setup(booked_and_moved_with_all, clean),
        cmocka_unit_test_setup(one_stays_one, clean),
        cmocka_unit_test_setup(targets_are_not_made_up, clean),
        cmocka_unit_test_setup(orders_name_each_once, clean),
        cmocka_unit_test_setup(wrong_targets_are_found, clean),
    };
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
