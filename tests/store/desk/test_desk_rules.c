/* SPDX-License-Identifier: Apache-2.0 */
/* Why a time is not offered, and rules that staff override with a reason: consistent with the
 * search and the hold, recorded with the booking, and never for an occupied resource, a closure or
 * the past. */
#include "booking_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/desk.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"

static rg_explained_t *explain(rg_ctx_t *ctx, const char *service, apr_time_t start, int64_t who)
{
    rg_explained_t *out;
    rg_explain_in_t in = {service, start, who, 0};
    ctx->problems = rg_problems_make(ctx->pool);
    assert_int_equal(rg_desk_explain(&out, ctx, &in), RG_OK);
    assert_int_equal(out->offered, out->count == 0);
    return out;
}

static const rg_reason_t *find(const rg_explained_t *x, rg_why_t kind, const char *resource)
{
    for (int i = 0; i < x->count; i++) {
        if (x->reasons[i].kind == kind &&
            (!resource || strcmp(x->reasons[i].resource, resource) == 0)) {
            return &x->reasons[i];
        }
    }
    return NULL;
}

static bool rule_named(const rg_explained_t *x, rg_rule_t rule)
{
    for (int i = 0; i < x->count; i++) {
        if (x->reasons[i].kind == RG_WHY_RULE && x->reasons[i].rule == rule) {
            return (x->over & (1u << rule)) != 0;
        }
    }
    return false;
}

/* --- of one opinion --------------------------------------------------------------------------- */

static bool offers(const rg_availability_t *a, apr_time_t start)
{
    for (int d = 0; d < a->day_count; d++) {
        for (int i = 0; i < a->days[d].count; i++) {
            if (a->days[d].starts[i] == start) {
                return true;
            }
        }
    }
    return false;
}

/* Every five minutes of a full day, of a day with a closure and of today. */
static void of_one_opinion_with_the_search(void **state)
{
    store_test_t *t = *state;
    static const char *const services[] = {"chain", "scan", "pair", "days"};
    static const int days[] = {1, 2, 3};
    int yes = 0;
    for (int i = 0; i < 5; i++) {
        int64_t id;
        (void)booking_hold(t, "chain", BOOKING_AT(2, 480 + 75 * i), &id);
        (void)booking_hold(t, "days", BOOKING_AT(3, 480 + 60 * i), &id);
    }
    for (size_t s = 0; s < 4; s++) {
        for (size_t d = 0; d < 3; d++) {
            rg_ctx_t *ctx = booking_staff(t, 0);
            rg_availability_t *a;
            rg_find_in_t in = {.service_code = services[s], .from = {2026, 12, days[d]}, .days = 1};
            assert_int_equal(rg_availability_find(&a, ctx, &in), RG_OK);
            for (int minute = 465; minute < 1035; minute += 5) {
                apr_time_t start = BOOKING_AT(days[d], minute);
                rg_explained_t *x = explain(ctx, services[s], start, 0);
                if (x->offered != offers(a, start)) {
                    fail_msg("%s on day %d at %d: %d reasons", services[s], days[d], minute,
                             x->count);
                }
                yes += x->offered;
            }
            store_test_done(ctx);
        }
    }
    assert_true(yes > 40);
}

/* --- in the clinic's own words ---------------------------------------------------------------- */

static void says_which_booking_takes_whom(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    rg_ctx_t *ctx = booking_staff(t, 0);
    booking_fill(t, id);
    rg_explained_t *x = explain(ctx, "scan", BOOKING_AT(2, 600), 0);
    const rg_reason_t *r = find(x, RG_WHY_TAKEN, "C-arm");
    assert_int_equal(x->count, 1);
    assert_non_null(r);
    assert_string_equal(r->family, "Walker");
    assert_string_equal(r->step, "Scan");
    assert_string_equal(r->capability, "carm");
    assert_true(r->from == BOOKING_AT(2, 600) && r->until == BOOKING_AT(2, 630));
    assert_false(x->can_override);
    /* A hold that is over is in nobody's way. */
    store_test_exec(t, "UPDATE booking SET hold_expires_at = 1796137200 - 60");
    assert_true(explain(ctx, "scan", BOOKING_AT(2, 600), 0)->offered);
    store_test_done(ctx);
}

static void says_which_closure_it_is(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_explained_t *x = explain(ctx, "scan", BOOKING_AT(3, 630), 0);
    assert_string_equal(find(x, RG_WHY_CLOSURE, "C-arm")->reason, "calibration");
    assert_false(x->can_override);
    x = explain(ctx, "scan", BOOKING_AT(2, 1020), 0);
    assert_non_null(find(x, RG_WHY_CLOSED, "C-arm"));
    assert_null(find(x, RG_WHY_CLOSURE, NULL));
    assert_true(x->can_override);
    assert_int_equal(x->over, 1u << RG_RULE_OPENING);
    store_test_done(ctx);
}

/* The Saturday after a holiday is no holiday; and who is away says since when and until when. */
static void says_no_closure_of_another_day(void **state)
{
    rg_ctx_t *ctx = booking_staff(*state, 0);
    rg_explained_t *x = explain(ctx, "scan", BOOKING_AT(25, 600), 0);
    assert_string_equal(find(x, RG_WHY_CLOSURE, "C-arm")->reason, "holiday");
    assert_null(find(x, RG_WHY_CLOSED, NULL));
    assert_false(x->can_override);
    x = explain(ctx, "scan", BOOKING_AT(26, 600), 0);
    assert_null(find(x, RG_WHY_CLOSURE, NULL));
    const rg_reason_t *r = find(x, RG_WHY_CLOSED, "C-arm");
    assert_non_null(r);
    assert_true(r->from == BOOKING_AT(24, 1020) && r->until == BOOKING_AT(28, 480));
    assert_true(x->can_override);
    /* Only its first half is in the calibration, the rest is free. */
    x = explain(ctx, "scan", BOOKING_AT(3, 645), 0);
    assert_non_null(find(x, RG_WHY_CLOSURE, "C-arm"));
    assert_null(find(x, RG_WHY_CLOSED, NULL));
    store_test_done(ctx);
}

static void says_which_rule_it_is(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_staff(t, 0);
    assert_true(rule_named(explain(ctx, "chain", BOOKING_AT(1, 645), 0), RG_RULE_NOTICE));
    assert_true(rule_named(explain(ctx, "scan", BOOKING_AT(2, 605), 0), RG_RULE_GRID));
    assert_true(rule_named(explain(ctx, "scan", BOOKING_AT(92, 600), 0), RG_RULE_HORIZON));
    rg_explained_t *x = explain(ctx, "scan", BOOKING_AT(1, 570), 0);
    assert_non_null(find(x, RG_WHY_PAST, NULL));
    assert_false(x->can_override);
    x = explain(ctx, "scan", BOOKING_AT(2, 600) + 1, 0);
    assert_true(rule_named(x, RG_RULE_GRID));
    assert_false(x->can_override); /* nothing begins between two granules */
    x = explain(ctx, "scan", BOOKING_AT(2, 600) + 11 * 52 * 7 * RG_DAY, 0);
    assert_true(rule_named(x, RG_RULE_HORIZON));
    assert_false(x->can_override); /* and nothing eleven years ahead, whatever the reason */
    store_test_done(ctx);
}

static void says_whom_it_hangs_on(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_explain_in_t stranger = {"scan", BOOKING_AT(2, 600), 3, 0};
    rg_explain_in_t unknown = {"nothing", BOOKING_AT(2, 600), 0, 0};
    store_test_exec(t, "INSERT INTO closure (id, site_id, resource_id, first_day, last_day, kind,"
                       " reason) VALUES (50, 1, 2, '2026-12-02', '2026-12-02', 'absence', 'ill')");
    rg_explained_t *x = explain(ctx, "pair", BOOKING_AT(2, 600), 0);
    assert_string_equal(find(x, RG_WHY_CLOSURE, "Doctor 2")->reason, "ill");
    assert_true(explain(ctx, "chain", BOOKING_AT(2, 600), 1)->offered);
    assert_non_null(find(explain(ctx, "chain", BOOKING_AT(2, 600), 2), RG_WHY_CLOSURE, "Doctor 2"));
    store_test_exec(t, "DELETE FROM closure WHERE id = 50");
    assert_int_equal(rg_desk_explain(&x, ctx, &stranger), RG_INVALID);
    assert_int_equal(rg_desk_explain(&x, ctx, &unknown), RG_NOT_FOUND);
    ctx->who.roles = RG_ROLE_BILLING;
    assert_int_equal(rg_desk_explain(&x, ctx, &unknown), RG_FORBIDDEN);
    store_test_done(ctx);
}

/* --- broken with a reason --------------------------------------------------------------------- */

static rg_outcome_t hold_over(store_test_t *t, const char *service, apr_time_t start, unsigned over,
                              const char *reason)
{
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_desk_hold_in_t in = {.wish = {service, start, 0}, .over = over, .reason = reason};
    rg_hold_t hold;
    rg_outcome_t rc = rg_desk_hold(&hold, ctx, &in);
    store_test_done(ctx);
    return rc;
}

static const char *kept(store_test_t *t)
{
    return store_test_text(t, "SELECT COALESCE(GROUP_CONCAT(CONCAT(rule, '/', reason, '/', actor)"
                              " ORDER BY rule), '') FROM booking_override");
}

#define RULE(r) (1u << RG_RULE_##r)

static void a_rule_is_broken_with_a_reason_or_not_at_all(void **state)
{
    store_test_t *t = *state;
    apr_time_t soon = BOOKING_AT(1, 645); /* within the chain's notice of an hour */
    assert_int_equal(hold_over(t, "chain", soon, 0, NULL), RG_INVALID);
    assert_int_equal(hold_over(t, "chain", soon, RULE(NOTICE), NULL), RG_INVALID);
    assert_int_equal(hold_over(t, "chain", soon, RULE(NOTICE), "  x "), RG_INVALID);
    assert_int_equal(hold_over(t, "chain", soon, RULE(GRID), "wrong rule"), RG_INVALID);
    assert_int_equal(booking_taken(t), 0);
    assert_int_equal(hold_over(t, "chain", soon, RULE(NOTICE), "is in the house"), RG_OK);
    assert_string_equal(kept(t), "notice/is in the house/staff:1");
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE action = 'booking.override'"
                            " AND detail = 'rules:notice'"),
        1);
    assert_int_equal(booking_wrongs(t), 0);
}

/* Whatever is asked for, only what was in the way is broken and written down. */
static void no_more_is_broken_than_is_needed(void **state)
{
    store_test_t *t = *state;
    unsigned all = (1u << RG_RULE_COUNT) - 1;
    assert_int_equal(hold_over(t, "scan", BOOKING_AT(2, 600), all, "just in case"), RG_OK);
    assert_string_equal(kept(t), "");
    assert_int_equal(hold_over(t, "scan", BOOKING_AT(2, 635), all, "between two"), RG_OK);
    assert_string_equal(kept(t), "grid/between two/staff:1");
    store_test_exec(t, "DELETE FROM booking_override");
    assert_int_equal(hold_over(t, "scan", BOOKING_AT(95, 600), all, "planned"), RG_OK);
    assert_string_equal(kept(t), "horizon/planned/staff:1");
    store_test_exec(t, "DELETE FROM booking_override");
    assert_int_equal(hold_over(t, "scan", BOOKING_AT(2, 1020), all, "stays on"), RG_OK);
    assert_string_equal(kept(t), "opening/stays on/staff:1");
    assert_int_equal(booking_wrongs(t), 0);
}

static void taken_closed_and_over_stay_so(void **state)
{
    store_test_t *t = *state;
    unsigned all = (1u << RG_RULE_COUNT) - 1;
    booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    int64_t taken = booking_taken(t);
    assert_int_equal(hold_over(t, "scan", BOOKING_AT(2, 600), all, "anyway"), RG_CONFLICT);
    assert_int_equal(hold_over(t, "scan", BOOKING_AT(2, 615), all, "anyway"), RG_CONFLICT);
    assert_int_equal(hold_over(t, "scan", BOOKING_AT(3, 630), all, "anyway"), RG_INVALID);
    assert_int_equal(hold_over(t, "scan", BOOKING_AT(25, 600), all, "anyway"), RG_INVALID);
    assert_int_equal(hold_over(t, "scan", BOOKING_AT(1, 570), all, "anyway"), RG_INVALID);
    assert_int_equal(hold_over(t, "scan", BOOKING_AT(2, 700) + 60000000, all, "anyway"),
                     RG_INVALID);
    assert_int_equal(booking_taken(t), taken);
    assert_string_equal(kept(t), "");
}

static void a_full_day_takes_one_more(void **state)
{
    store_test_t *t = *state;
    store_test_exec(t, "UPDATE service SET max_per_day = 2 WHERE code = 'scan'");
    booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    booking_must_hold(t, "scan", BOOKING_AT(2, 660));
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_explained_t *x = explain(ctx, "scan", BOOKING_AT(2, 720), 0);
    assert_int_equal(x->count, 1);
    assert_true(rule_named(x, RG_RULE_MAX_PER_DAY) && x->can_override);
    assert_int_equal(hold_over(t, "scan", BOOKING_AT(2, 720), 0, NULL), RG_CONFLICT);
    assert_int_equal(hold_over(t, "scan", BOOKING_AT(2, 720), RULE(GRID), "wrong one"),
                     RG_CONFLICT);
    assert_int_equal(hold_over(t, "scan", BOOKING_AT(2, 720), x->over, "one more"), RG_OK);
    assert_string_equal(kept(t), "max-per-day/one more/staff:1");
    assert_true(explain(ctx, "scan", BOOKING_AT(4, 720), 0)->offered);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_exec(t, "UPDATE service SET max_per_day = 0 WHERE code = 'scan'");
    store_test_done(ctx);
}

/* What explain says could be broken, can; what it says cannot, cannot. */
static void explain_and_hold_agree_on_what_can_be_broken(void **state)
{
    store_test_t *t = *state;
    int could = 0;
    for (int i = 0; i < 4; i++) {
        int64_t id;
        (void)booking_hold(t, "chain", BOOKING_AT(2, 510 + 90 * i), &id);
    }
    for (int minute = 420; minute < 1100; minute += 25) {
        rg_ctx_t *ctx = booking_staff(t, 0);
        rg_explained_t *x = explain(ctx, "chain", BOOKING_AT(2, minute), 0);
        bool can = x->offered || x->can_override;
        could += x->can_override;
        rg_outcome_t rc = hold_over(t, "chain", BOOKING_AT(2, minute), x->over, "as explained");
        assert_int_equal(rc == RG_OK, can);
        if (rc == RG_OK) {
            store_test_exec(t, "UPDATE booking SET hold_expires_at = 1 ORDER BY id DESC LIMIT 1");
            rg_ctx_t *sweep = booking_ctx(t, 0);
            int swept;
            assert_int_equal(rg_booking_sweep(&swept, sweep, 10), RG_OK);
            store_test_done(sweep);
        }
        store_test_done(ctx);
    }
    assert_true(could > 5);
    assert_int_equal(booking_wrongs(t), 0);
}

/* --- moving and cancelling late --------------------------------------------------------------- */

static int64_t booked(store_test_t *t, const char *service, apr_time_t start)
{
    int64_t id = booking_must_hold(t, service, start);
    rg_ctx_t *ctx = booking_patient(t, 0, id);
    const char *link;
    booking_fill(t, id);
    assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_OK);
    store_test_done(ctx);
    return id;
}

static void a_late_move_wants_a_reason(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "scan", BOOKING_AT(1, 900)); /* today: within the day of notice */
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_hold_t out;
    rg_desk_move_in_t in = {.to = {BOOKING_AT(2, 605), 0, 0}};
    assert_int_equal(rg_desk_move(&out, ctx, id, &in), RG_INVALID);
    assert_non_null(rg_problem_for(ctx->problems, "reason"));
    in.reason = "patient is ill";
    assert_int_equal(rg_desk_move(&out, ctx, id, &in), RG_INVALID); /* off the grid still */
    in.over = RULE(GRID);
    assert_int_equal(rg_desk_move(&out, ctx, id, &in), RG_OK);
    assert_true(out.booking->starts_at == BOOKING_AT(2, 605));
    assert_string_equal(kept(t), "grid/patient is ill/staff:1,move-notice/patient is ill/staff:1");
    /* In time nobody asks why. */
    in = (rg_desk_move_in_t){.to = {BOOKING_AT(4, 600), 0, 0}};
    int64_t early = booked(t, "scan", BOOKING_AT(4, 900));
    assert_int_equal(rg_desk_move(&out, ctx, early, &in), RG_OK);
    assert_int_equal(booking_wrongs(t), 0);
    ctx->who.roles = RG_ROLE_PATIENT;
    ctx->who.booking_id = early;
    assert_int_equal(rg_desk_move(&out, ctx, early, &in), RG_FORBIDDEN);
    store_test_done(ctx);
}

static void a_late_cancellation_is_noted(void **state)
{
    store_test_t *t = *state;
    int64_t late = booked(t, "scan", BOOKING_AT(1, 900));
    int64_t early = booked(t, "scan", BOOKING_AT(4, 900));
    rg_ctx_t *ctx = booking_staff(t, 0);
    assert_int_equal(rg_booking_cancel(ctx, early, "patient"), RG_OK);
    assert_string_equal(kept(t), "");
    assert_int_equal(rg_booking_cancel(ctx, late, "medical"), RG_OK);
    assert_string_equal(kept(t), "cancel-notice/medical/staff:1");
    store_test_done(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(of_one_opinion_with_the_search, booking_clean),
        cmocka_unit_test_setup(says_which_booking_takes_whom, booking_clean),
        cmocka_unit_test_setup(says_which_closure_it_is, booking_clean),
        cmocka_unit_test_setup(says_no_closure_of_another_day, booking_clean),
        cmocka_unit_test_setup(says_which_rule_it_is, booking_clean),
        cmocka_unit_test_setup(says_whom_it_hangs_on, booking_clean),
        cmocka_unit_test_setup(a_rule_is_broken_with_a_reason_or_not_at_all, booking_clean),
        cmocka_unit_test_setup(no_more_is_broken_than_is_needed, booking_clean),
        cmocka_unit_test_setup(taken_closed_and_over_stay_so, booking_clean),
        cmocka_unit_test_setup(a_full_day_takes_one_more, booking_clean),
        cmocka_unit_test_setup(explain_and_hold_agree_on_what_can_be_broken, booking_clean),
        cmocka_unit_test_setup(a_late_move_wants_a_reason, booking_clean),
        cmocka_unit_test_setup(a_late_cancellation_is_noted, booking_clean),
    };
    return cmocka_run_group_tests(tests, booking_setup, store_test_teardown);
}
