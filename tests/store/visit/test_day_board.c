/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at the day: the board with what needs attention, and the chart of one booking. */
#include "day_test.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"

static int place_of(const rg_board_t *board, int64_t booking)
{
    for (int i = 0; i < board->booking_count; i++) {
        if (board->bookings[i]->id == booking) {
            return i;
        }
    }
    return -1;
}

static const rg_attention_t *attention_of(const rg_board_t *board, int64_t booking,
                                          rg_attention_kind_t kind)
{
    for (int i = 0; i < board->attention_count; i++) {
        const rg_attention_t *a = &board->attention[i];

        if (board->bookings[a->booking]->id == booking && a->kind == kind) {
            return a;
        }
    }
    return NULL;
}

static rg_board_t *board_at(store_test_t *t, rg_ctx_t **out, int minutes, rg_date_t date)
{
    rg_board_t *board = NULL;

    *out = day_ctx(t, DAY_BILLING, minutes);
    assert_int_equal(rg_day_board(&board, *out, NULL, date), RG_OK);
    return board;
}

static void the_board_shows_the_day_and_what_comes_next(void **state)
{
    store_test_t *t = *state;
    rg_date_t today = {0, 0, 0};
    rg_date_t tomorrow = {2026, 12, 2};
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    rg_ctx_t *ctx;

    day_check_in(t, b, 0);
    rg_board_t *board = board_at(t, &ctx, 5, today);
    int at = place_of(board, b);
    assert_true(at >= 0);
    assert_true(board->today);
    assert_int_equal(board->date.day, 1);
    assert_int_equal(board->resource_count, 13);
    assert_string_equal(board->states[at]->next, "harvest");
    assert_int_equal(board->states[at]->next_due, board->bookings[at]->steps[1].starts_at);
    assert_true(board->states[at]->consent_ok);
    assert_int_equal(board->bookings[at]->step_count, 5);
    assert_int_equal(board->bookings[at]->resource_count, 10);
    assert_string_equal(board->bookings[at]->patient_family, "Walker");
    store_test_done(ctx);
    board = board_at(t, &ctx, 5, tomorrow);
    assert_int_equal(place_of(board, b), -1);
    assert_false(board->today);
    assert_int_equal(board->attention_count, 0);
    store_test_done(ctx);
}

static void the_board_leaves_out_what_is_over(void **state)
{
    store_test_t *t = *state;
    rg_date_t today = {0, 0, 0};
    int64_t cancelled = day_booking(t, DAY_BMAC, "knee", "left");
    int64_t dead = day_booking(t, DAY_BMAC, "knee", "left");
    int64_t alive = day_booking(t, DAY_BMAC, "knee", "left");
    rg_ctx_t *ctx;

    store_test_exec(t,
                    apr_psprintf(t->pool, "UPDATE booking SET status = 'cancelled' WHERE id = %d",
                                 (int)cancelled));
    store_test_exec(t, apr_psprintf(t->pool,
                                    "UPDATE booking SET status = 'held', hold_expires_at ="
                                    " 1796137200 + IF(id = %d, 0, 600) WHERE id IN (%d, %d)",
                                    (int)dead, (int)dead, (int)alive));
    rg_board_t *board = board_at(t, &ctx, 0, today);
    assert_int_equal(place_of(board, cancelled), -1);
    assert_int_equal(place_of(board, dead), -1);
    assert_true(place_of(board, alive) >= 0);
    assert_null(board->states[place_of(board, alive)]->next);
    store_test_done(ctx);
}

static void the_board_says_what_needs_attention(void **state)
{
    store_test_t *t = *state;
    rg_date_t today = {0, 0, 0};
    int64_t late = day_booking(t, DAY_BMAC, "knee", "left");
    int64_t unsigned_ = day_booking(t, DAY_BMAC, "knee", "left");
    int64_t old = day_booking(t, DAY_BMAC, "knee", "left");
    rg_ctx_t *ctx;

    day_withdraw(t, unsigned_);
    day_ready(t, old, "left"); /* harvested at +15: a quarter of its time is left at +195 */
    rg_board_t *board = board_at(t, &ctx, 10, today);
    assert_null(attention_of(board, late, RG_ATTENTION_LATE));
    assert_non_null(attention_of(board, unsigned_, RG_ATTENTION_WITHDRAWN));
    assert_null(attention_of(board, late, RG_ATTENTION_CONSENT));
    store_test_done(ctx);
    board = board_at(t, &ctx, 194, today);
    assert_int_equal(attention_of(board, late, RG_ATTENTION_LATE)->minutes, 194);
    assert_null(attention_of(board, old, RG_ATTENTION_UNIT_EXPIRING));
    store_test_done(ctx);
    board = board_at(t, &ctx, 195, today);
    assert_int_equal(attention_of(board, old, RG_ATTENTION_UNIT_EXPIRING)->minutes, 60);
    store_test_done(ctx);
    /* The next day it is still there, at the very top. */
    board = board_at(t, &ctx, 24 * 60, today);
    assert_int_equal(board->date.day, 2);
    assert_int_equal(board->attention[0].kind, RG_ATTENTION_UNIT_EXPIRED);
    assert_non_null(attention_of(board, old, RG_ATTENTION_UNIT_EXPIRED));
    assert_int_equal(place_of(board, late), -1);
    store_test_done(ctx);
}

static void attention_is_sorted_by_urgency(void **state)
{
    store_test_t *t = *state;
    rg_date_t today = {0, 0, 0};
    rg_ctx_t *ctx;
    rg_board_t *board = board_at(t, &ctx, 220, today);

    assert_true(board->attention_count > 3);
    for (int i = 1; i < board->attention_count; i++) {
        const rg_attention_t *a = &board->attention[i - 1];
        const rg_attention_t *b = &board->attention[i];

        assert_true(a->kind <= b->kind);
        if (a->kind == b->kind) {
            assert_true(a->kind == RG_ATTENTION_UNIT_EXPIRING ? a->minutes <= b->minutes
                                                              : a->minutes >= b->minutes);
        }
    }
    store_test_done(ctx);
}

static void the_board_is_for_staff(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = store_test_ctx(t);
    rg_date_t today = {0, 0, 0};
    rg_board_t *board = NULL;
    rg_chart_t *chart = NULL;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");

    assert_int_equal(rg_day_board(&board, ctx, NULL, today), RG_FORBIDDEN);
    assert_int_equal(rg_day_chart(&chart, ctx, day_uid(t, b), NULL), RG_FORBIDDEN);
    store_test_done(ctx);
}

static void the_chart_tells_everything(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "right");
    rg_chart_t *chart = NULL;
    rg_ctx_t *ctx = day_ctx(t, DAY_BILLING, 60);

    day_check_in(t, b, 0);
    const char *label = day_harvest(t, b, "right", 15);
    assert_int_equal(rg_day_chart(&chart, ctx, day_uid(t, b), NULL), RG_OK);
    assert_string_equal(chart->next, "process");
    assert_int_equal(chart->event_count, 2);
    assert_string_equal(chart->events[1].kind, "harvest");
    assert_string_equal(chart->events[1].staff_name, "Elena Rivera");
    assert_string_equal(chart->unit->label, label);
    assert_string_equal(chart->patient->given, "Ann");
    assert_null(chart->coverage);
    assert_true(chart->consents->complete);
    assert_int_equal(chart->device_count, 2);
    assert_string_equal(chart->devices[0].resource.code, "centrifuge-1");
    assert_true(chart->today);
    assert_int_equal(chart->likely[0].side, RG_SIDE_RIGHT);
    for (int i = 0; i < chart->likely_count; i++) {
        assert_int_not_equal(chart->likely[i].side, RG_SIDE_LEFT);
        assert_string_equal(chart->likely[i].body_site, "knee");
    }
    assert_int_equal(day_count(t,
                               "audit_event WHERE action = 'day.view' AND entity_id = %d AND"
                               " actor = 'staff:103'",
                               (int)b),
                     1);
    assert_int_equal(rg_day_unit(&chart, ctx, label), RG_OK);
    assert_int_equal(chart->booking->id, b);
    assert_int_equal(rg_day_unit(&chart, ctx, rg_unit_label_make(t->pool, 7654321)), RG_NOT_FOUND);
    assert_int_equal(rg_day_unit(&chart, ctx, "nonsense"), RG_NOT_FOUND);
    assert_int_equal(rg_day_chart(&chart, ctx, "00000000000000000000000000", NULL), RG_NOT_FOUND);
    store_test_done(ctx);
}

/* Looking again after a refused form must not use up the form's key. */
static void looking_is_not_the_effect_of_a_form(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "right");
    rg_idem_t idem = {.key = {8, 8, 8}, .request = {8}};
    rg_chart_t *chart = NULL;
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, 0);

    ctx->idem = &idem;
    assert_int_equal(rg_day_check_in(ctx, b, &(rg_check_in_t){"1950-01-01", NULL, NULL, NULL}),
                     RG_PRECONDITION);
    assert_int_equal(rg_day_chart(&chart, ctx, day_uid(t, b), NULL), RG_OK);
    assert_ptr_equal(ctx->idem, &idem);
    store_test_done(ctx);
    ctx = day_ctx(t, DAY_DESK, 0);
    ctx->idem = &idem;
    assert_int_equal(rg_day_check_in(ctx, b, &(rg_check_in_t){DAY_BORN, NULL, NULL, NULL}), RG_OK);
    assert_false(idem.replayed);
    store_test_done(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_board_shows_the_day_and_what_comes_next),
        cmocka_unit_test(the_board_leaves_out_what_is_over),
        cmocka_unit_test(the_board_says_what_needs_attention),
        cmocka_unit_test(attention_is_sorted_by_urgency),
        cmocka_unit_test(the_board_is_for_staff),
        cmocka_unit_test(the_chart_tells_everything),
        cmocka_unit_test(looking_is_not_the_effect_of_a_form),
    };

    return cmocka_run_group_tests_name("day_board", tests, day_setup, store_test_teardown);
}
