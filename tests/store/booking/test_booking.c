/* SPDX-License-Identifier: Apache-2.0 */
/* Booking from hold to cancellation, one client at a time: every offered time can be booked and no
 * other, holds expire, the rules of each change, and ownership. */
#include "booking_test.h"
#include "regen/clinic/booking.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"

#include <stdio.h>

/* --- offers ----------------------------------------------------------------------------------- */

static rg_availability_t *find(const rg_ctx_t *ctx, const char *service, rg_date_t from, int days)
{
    rg_find_in_t in = {service, from, days, 0, 0, 0};
    rg_availability_t *a = NULL;
    assert_int_equal(rg_availability_find(&a, ctx, &in), RG_OK);
    return a;
}

static bool offered(const rg_availability_t *a, apr_time_t start)
{
    for (int i = 0; i < a->day_count; i++) {
        for (int k = 0; k < a->days[i].count; k++) {
            if (a->days[i].starts[k] == start) {
                return true;
            }
        }
    }
    return false;
}

static const rg_date_t wednesday = {2026, 12, 2};

static void empty_clinic_offers_all_day(void **state)
{
    rg_ctx_t *ctx = booking_ctx(*state, 0);
    rg_availability_t *a = find(ctx, "scan", (rg_date_t){0, 0, 0}, 5);
    assert_int_equal(a->day_count, 5);
    assert_int_equal(rg_date_compare(a->days[0].date, (rg_date_t){2026, 12, 1}), 0);
    /* From 10:30 (10:00 is now) to 16:30; then 8:00 to 16:30; the C-arm is away 10:00 to 11:00. */
    assert_int_equal(a->days[0].count, 13);
    assert_int_equal(a->days[1].count, 18);
    assert_int_equal(a->days[2].count, 16);
    assert_int_equal(a->days[4].count, 0);
    assert_true(a->next_free == BOOKING_AT(1, 630));
    assert_int_equal(a->visit_minutes, 30);
    assert_int_equal(rg_date_compare(a->last_bookable, (rg_date_t){2027, 3, 1}), 0);
    store_test_done(ctx);
}

static void chain_has_its_shortest_length(void **state)
{
    rg_ctx_t *ctx = booking_ctx(*state, 0);
    rg_availability_t *a = find(ctx, "chain", wednesday, 1);
    assert_int_equal(a->visit_minutes, 15 + 30 + 20 + 5 + 20 + 30);
    /* The bay must be cleaned by 17:00: 15:00 is over at 17:00 without cleaning, 14:45 fits. */
    assert_true(offered(a, BOOKING_AT(2, 480)));
    assert_true(offered(a, BOOKING_AT(2, 885)));
    assert_false(offered(a, BOOKING_AT(2, 900)));
    store_test_done(ctx);
}

static uint64_t seed = 99;

static int pick(int n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((seed >> 33) % (uint64_t)n);
}

static void book_at_random(store_test_t *t, int tries)
{
    static const char *const services[] = {"chain", "scan", "spin", "days", "pair"};
    for (int i = 0; i < tries; i++) {
        int64_t id;
        booking_hold(t, services[pick(5)], BOOKING_AT(2 + pick(3), 480 + 30 * pick(18)), &id);
    }
}

/* Whether the search offers it must be whether it can be held, for every time of the day. */
static void compare_day(store_test_t *t, const char *service, int day, int grid)
{
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_availability_t *a = find(ctx, service, (rg_date_t){2026, 12, day}, 1);
    for (int minute = 420; minute < 1080; minute += grid) {
        int64_t id;
        rg_outcome_t rc = booking_hold(t, service, BOOKING_AT(day, minute), &id);
        bool expected = offered(a, BOOKING_AT(day, minute));
        if ((rc == RG_OK) != expected) {
            fail_msg("%s, %d December, minute %d: %s", service, day, minute, rg_outcome_name(rc));
        }
        if (rc == RG_OK) {
            rg_ctx_t *holder = booking_patient(t, 0, id);
            assert_int_equal(rg_booking_cancel(holder, id, "test"), RG_OK);
            store_test_done(holder);
        }
    }
    store_test_done(ctx);
}

static void offered_means_bookable(void **state)
{
    store_test_t *t = *state;
    for (int round = 0; round < 3; round++) {
        book_at_random(t, 12);
        compare_day(t, "chain", 2, 15);
        compare_day(t, "days", 3, 30);
        compare_day(t, "pair", 4, 30);
    }
    assert_int_equal(booking_wrongs(t), 0);
}

static void windows_outside_are_refused(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_availability_t *a;
    const rg_find_in_t past = {"scan", {2026, 11, 1}, 5, 0, 0, 0};
    const rg_find_in_t late = {"scan", {2027, 3, 2}, 5, 0, 0, 0};
    const rg_find_in_t none = {"scan", {0, 0, 0}, 0, 0, 0, 0};
    const rg_find_in_t many = {"scan", {0, 0, 0}, 63, 0, 0, 0};
    const rg_find_in_t unknown = {"nothing", {0, 0, 0}, 5, 0, 0, 0};
    const rg_find_in_t closed = {"closed", {0, 0, 0}, 5, 0, 0, 0};
    const rg_find_in_t wrong = {"scan", {0, 0, 0}, 5, 3, 0, 0};
    assert_int_equal(rg_availability_find(&a, ctx, &past), RG_INVALID);
    assert_int_equal(rg_availability_find(&a, ctx, &late), RG_INVALID);
    assert_non_null(rg_problem_for(ctx->problems, "from"));
    assert_int_equal(rg_availability_find(&a, ctx, &none), RG_INVALID);
    assert_int_equal(rg_availability_find(&a, ctx, &many), RG_INVALID);
    assert_int_equal(rg_availability_find(&a, ctx, &unknown), RG_NOT_FOUND);
    assert_int_equal(rg_availability_find(&a, ctx, &closed), RG_NOT_FOUND);
    assert_int_equal(rg_availability_find(&a, ctx, &wrong), RG_INVALID);
    /* The last bookable day is in, the one after it is cut off. */
    a = find(ctx, "scan", (rg_date_t){2027, 3, 1}, 2);
    assert_true(a->days[0].count > 0);
    assert_int_equal(a->days[1].count, 0);
    store_test_done(ctx);
}

static void wished_practitioner_serves(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    for (int64_t doctor = 1; doctor <= 2; doctor++) {
        rg_hold_in_t in = {"chain", BOOKING_AT(2, 480 + 60 * (int)doctor), doctor};
        rg_hold_t out;
        assert_int_equal(rg_booking_hold(&out, ctx, &in), RG_OK);
        for (int i = 0; i < out.booking->resource_count; i++) {
            const rg_booking_resource_t *r = &out.booking->resources[i];
            if ((r->step_no == 2 || r->step_no == 4) && r->need_no == 1) {
                assert_int_equal(r->resource_id, doctor);
            }
        }
    }
    store_test_done(ctx);
}

/* --- what a hold is --------------------------------------------------------------------------- */

static void hold_is_whole(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_hold_in_t in = {"chain", BOOKING_AT(2, 600), 0};
    rg_hold_t out;
    assert_int_equal(rg_booking_hold(&out, ctx, &in), RG_OK);
    const rg_booking_t *b = out.booking;
    rg_booking_t *stored;
    rg_ctx_t *staff = booking_staff(t, 0);
    assert_int_equal(rg_booking_get(&stored, staff, b->id), RG_OK);
    assert_string_equal(stored->uid, b->uid);
    assert_int_equal(stored->status, RG_BOOKING_HELD);
    assert_true(stored->starts_at == in.start && b->starts_at == in.start);
    assert_true(stored->ends_at == b->ends_at);
    assert_true(stored->hold_expires_at == ctx->now + t->policy.hold_time);
    assert_int_equal(stored->price.minor, 460000);
    assert_string_equal(stored->service_code, "chain");
    assert_int_equal(stored->self_pay, -1);
    assert_int_equal(stored->step_count, 5);
    assert_int_equal(stored->resource_count, 10);
    assert_int_equal(stored->appointment_count, 1);
    assert_true(stored->appointments[0].starts_at == b->starts_at);
    assert_true(stored->appointments[0].ends_at == b->ends_at);
    assert_int_equal(b->resource_count, 10);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE action ="
                                         " 'booking.hold' AND entity = 'booking'") > 0,
                     1);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(staff);
    store_test_done(ctx);
}

static void two_visits_are_two_appointments(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_hold(t, "days", BOOKING_AT(4, 960));
    rg_ctx_t *staff = booking_staff(t, 0);
    rg_booking_t *b;
    assert_int_equal(rg_booking_get(&b, staff, id), RG_OK);
    assert_int_equal(b->appointment_count, 2);
    /* Friday 16:00 to 16:30; 20 to 72 hours later is Monday at the earliest: 8:00, on the grid. */
    assert_true(b->appointments[1].starts_at == BOOKING_AT(7, 480));
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(staff);
}

static void fair_choice(void **state)
{
    store_test_t *t = *state;
    int64_t first = booking_must_hold(t, "spin", BOOKING_AT(2, 480));
    int64_t second = booking_must_hold(t, "spin", BOOKING_AT(2, 600));
    const char *sql = "SELECT COUNT(DISTINCT resource_id) FROM booking_resource";
    (void)first;
    (void)second;
    assert_int_equal(store_test_value(t, sql), 2);
}

static rg_outcome_t refused(rg_ctx_t *ctx, const char *service, apr_time_t start)
{
    rg_hold_in_t in = {service, start, 0};
    rg_hold_t out;
    ctx->problems = rg_problems_make(ctx->pool);
    rg_outcome_t rc = rg_booking_hold(&out, ctx, &in);
    assert_null(out.booking);
    if (rc == RG_INVALID) {
        assert_non_null(rg_problem_for(ctx->problems, "start"));
    }
    return rc;
}

static void times_that_are_not_offered(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    assert_int_equal(refused(ctx, "scan", BOOKING_AT(1, 570)), RG_INVALID);  /* over */
    assert_int_equal(refused(ctx, "scan", BOOKING_AT(1, 600)), RG_INVALID);  /* now */
    assert_int_equal(refused(ctx, "chain", BOOKING_AT(1, 645)), RG_INVALID); /* notice */
    assert_int_equal(refused(ctx, "scan", BOOKING_AT(2, 605)), RG_INVALID);  /* grid */
    assert_int_equal(refused(ctx, "scan", BOOKING_AT(2, 600) + 1), RG_INVALID);
    assert_int_equal(refused(ctx, "scan", BOOKING_AT(2, 450)), RG_INVALID);  /* closed */
    assert_int_equal(refused(ctx, "scan", BOOKING_AT(2, 1020)), RG_INVALID); /* closed */
    assert_int_equal(refused(ctx, "scan", BOOKING_AT(3, 630)), RG_INVALID);  /* calibration */
    assert_int_equal(refused(ctx, "scan", BOOKING_AT(5, 600)), RG_INVALID);  /* Saturday */
    assert_int_equal(refused(ctx, "scan", BOOKING_AT(25, 600)), RG_INVALID); /* holiday */
    assert_int_equal(refused(ctx, "scan", BOOKING_AT(92, 600)), RG_INVALID); /* horizon */
    assert_int_equal(refused(ctx, "nothing", BOOKING_AT(2, 600)), RG_NOT_FOUND);
    assert_int_equal(refused(ctx, "closed", BOOKING_AT(2, 600)), RG_NOT_FOUND);
    assert_int_equal(booking_taken(t), 0);
    store_test_done(ctx);
}

static void taken_time_names_others(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_hold_in_t in = {"scan", BOOKING_AT(2, 600), 0};
    rg_hold_t out;
    booking_must_hold(t, "scan", in.start);
    booking_must_hold(t, "scan", BOOKING_AT(2, 630));
    assert_int_equal(rg_booking_hold(&out, ctx, &in), RG_CONFLICT);
    assert_null(out.booking);
    assert_int_equal(out.nearest_count, 6);
    assert_true(out.nearest[0] == BOOKING_AT(2, 480));
    assert_true(out.nearest[3] == BOOKING_AT(2, 570));
    assert_true(out.nearest[4] == BOOKING_AT(2, 660));
    assert_true(out.nearest[5] == BOOKING_AT(2, 690));
    assert_false(rg_problems_any(ctx->problems));
    store_test_done(ctx);
}

/* --- holds end -------------------------------------------------------------------------------- */

static void expired_hold_blocks_nobody(void **state)
{
    store_test_t *t = *state;
    int64_t first = booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    int64_t id;
    assert_int_equal(booking_hold(t, "scan", BOOKING_AT(2, 600), &id), RG_CONFLICT);
    rg_ctx_t *just_before = booking_ctx(t, 9);
    rg_ctx_t *later = booking_ctx(t, 10);
    assert_false(offered(find(just_before, "scan", wednesday, 1), BOOKING_AT(2, 600)));
    rg_hold_in_t in = {"scan", BOOKING_AT(2, 600), 0};
    rg_hold_t out;
    assert_int_equal(rg_booking_hold(&out, later, &in), RG_OK);
    assert_int_equal(store_test_value(t, apr_psprintf(t->pool,
                                                      "SELECT status = 'expired' FROM booking"
                                                      " WHERE id = %d",
                                                      (int)first)),
                     1);
    assert_int_equal(booking_taken(t), 6);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(just_before);
    store_test_done(later);
}

static void search_sweeps(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_hold(t, "chain", BOOKING_AT(2, 600));
    rg_ctx_t *later = booking_patient(t, 11, id);
    rg_booking_t *b;
    assert_int_equal(rg_booking_get(&b, later, id), RG_OK);
    assert_int_equal(b->status, RG_BOOKING_EXPIRED);
    assert_int_equal(b->hold_expires_at, 0);
    assert_true(booking_taken(t) > 0);
    assert_true(offered(find(later, "chain", wednesday, 1), BOOKING_AT(2, 600)));
    assert_int_equal(booking_taken(t), 0);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE action ="
                                         " 'booking.expire' AND actor = 'system'") > 0,
                     1);
    assert_int_equal(rg_booking_cancel(later, id, NULL), RG_GONE);
    assert_int_equal(rg_booking_extend(later, id), RG_GONE);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(later);
}

static void sweep_is_bounded(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *later = booking_ctx(t, 15);
    int swept;
    for (int i = 0; i < 25; i++) {
        booking_must_hold(t, "spin", BOOKING_AT(2 + i / 18, 480 + 30 * (i % 18)));
    }
    assert_int_equal(rg_booking_sweep(&swept, later, 22), RG_OK);
    assert_int_equal(swept, 22);
    assert_int_equal(rg_booking_sweep(&swept, later, 100), RG_OK);
    assert_int_equal(swept, 3);
    assert_int_equal(rg_booking_sweep(&swept, later, 100), RG_OK);
    assert_int_equal(swept, 0);
    assert_int_equal(booking_taken(t), 0);
    store_test_done(later);
}

static void extended_once(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    rg_ctx_t *ctx = booking_patient(t, 9, id);
    rg_ctx_t *later = booking_patient(t, 15, id);
    rg_ctx_t *over = booking_patient(t, 20, id);
    rg_booking_t *b;
    assert_int_equal(rg_booking_extend(ctx, id), RG_OK);
    assert_int_equal(rg_booking_extend(ctx, id), RG_PRECONDITION);
    assert_int_equal(rg_booking_get(&b, later, id), RG_OK);
    assert_int_equal(b->status, RG_BOOKING_HELD);
    assert_true(b->hold_expires_at == booking_ctx(t, 20)->now);
    assert_int_equal(rg_booking_extend(over, id), RG_GONE);
    store_test_done(ctx);
    store_test_done(later);
    store_test_done(over);
}

/* --- confirm ---------------------------------------------------------------------------------- */

static void add_form(store_test_t *t)
{
    store_test_exec(t, "INSERT IGNORE INTO form (id, code, name) VALUES (1, 'consent', 'Consent')");
    store_test_exec(t, "INSERT IGNORE INTO form_version (id, form_id, version, title, body, sha256,"
                       " published_at) VALUES (1, 1, 1, 'Consent', 'x', REPEAT('x', 32), 0)");
    store_test_exec(t, "INSERT INTO service_form (service_id, form_id) VALUES (1, 1)");
}

static void confirm_asks_for_everything(void **state)
{
    store_test_t *t = *state;
    const char *link = "x";
    add_form(t);
    int64_t id = booking_must_hold(t, "chain", BOOKING_AT(2, 600));
    rg_ctx_t *ctx = booking_patient(t, 1, id);
    assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_PRECONDITION);
    assert_null(link);
    assert_non_null(rg_problem_for(ctx->problems, "details"));
    booking_fill(t, id);
    ctx->problems = rg_problems_make(ctx->pool);
    /* What is not signed yet is signed later: no step begins without it. */
    assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_OK);
    assert_int_equal(strlen(link), 43);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(ctx);
}

static void link_opens_the_booking(void **state)
{
    store_test_t *t = *state;
    const char *link;
    int64_t found = 0;
    int64_t id = booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    rg_ctx_t *ctx = booking_patient(t, 1, id);
    rg_ctx_t *other = booking_ctx(t, 2);
    booking_fill(t, id);
    assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_OK);
    assert_int_equal(rg_booking_by_link(&found, other, link), RG_OK);
    assert_int_equal(found, id);
    char *forged = apr_pstrdup(t->pool, link);
    forged[5] = forged[5] == 'A' ? 'B' : 'A';
    assert_int_equal(rg_booking_by_link(&found, other, forged), RG_NOT_FOUND);
    assert_int_equal(rg_booking_by_link(&found, other, ""), RG_NOT_FOUND);
    assert_int_equal(rg_booking_by_link(&found, other, NULL), RG_NOT_FOUND);
    assert_int_equal(
        store_test_value(t, apr_psprintf(t->pool,
                                         "SELECT COUNT(*) FROM booking WHERE HEX(link_hash) LIKE"
                                         " '%%%s%%' OR link_hash LIKE '%%%.20s%%'",
                                         link, link)),
        0);
    assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_PRECONDITION);
    rg_booking_t *b;
    assert_int_equal(rg_booking_get(&b, ctx, id), RG_OK);
    assert_int_equal(b->status, RG_BOOKING_BOOKED);
    assert_string_equal(b->patient_family, "Walker");
    assert_int_equal(b->patient_birth_date.year, 1961);
    assert_true(b->booked_at == ctx->now);
    store_test_done(ctx);
    store_test_done(other);
}

/* The same number twice, then others. */
static unsigned drawn;

static void dice(void *buf, size_t n)
{
    rg_crypto_random(buf, n);
    if (n == RG_NUMBER_DIGITS && drawn++ < 2) {
        memset(buf, 3, n);
    }
}

static const char *number_of(store_test_t *t, const rg_ctx_t *ctx, int64_t id)
{
    rg_booking_t *b;
    assert_int_equal(rg_booking_get(&b, ctx, id), RG_OK);
    return apr_pstrdup(t->pool, b->number);
}

static void numbers_differ(void **state)
{
    store_test_t *t = *state;
    const char *link;
    const char *number[2];
    drawn = 0;
    for (int i = 0; i < 2; i++) {
        int64_t id = booking_must_hold(t, "scan", BOOKING_AT(4 + 3 * i, 600));
        rg_ctx_t *ctx = booking_patient(t, 1, id);
        booking_fill(t, id);
        ctx->random = dice;
        assert_string_equal(number_of(t, ctx, id), "");
        assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_OK);
        number[i] = number_of(t, ctx, id);
        store_test_done(ctx);
    }
    assert_string_equal(number[0], "333333333");
    assert_int_equal(strlen(number[1]), RG_NUMBER_DIGITS);
    assert_string_not_equal(number[1], number[0]);
    assert_true(drawn > 2);
}

static void confirm_too_late(void **state)
{
    store_test_t *t = *state;
    const char *link;
    int64_t id = booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    rg_ctx_t *ctx = booking_patient(t, 10, id);
    booking_fill(t, id);
    assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_GONE);
    assert_null(link);
    store_test_done(ctx);
}

/* --- cancel and no-show ----------------------------------------------------------------------- */

static void cancel_frees_the_whole_chain(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "chain", BOOKING_AT(4, 600));
    int64_t other = booking_must_book(t, "scan", BOOKING_AT(4, 480));
    rg_ctx_t *ctx = booking_patient(t, 2, id);
    assert_true(booking_taken(t) > 40);
    assert_int_equal(rg_booking_cancel(ctx, id, "patient-request"), RG_OK);
    assert_int_equal(booking_taken(t), 6);
    assert_int_equal(rg_booking_cancel(ctx, id, NULL), RG_PRECONDITION);
    assert_int_equal(rg_booking_cancel(ctx, other, NULL), RG_NOT_FOUND);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE action ="
                                         " 'booking.cancel' AND detail = 'patient-request'") > 0,
                     1);
    assert_int_equal(store_test_value(t, "SELECT MAX(sequence) FROM appointment"), 1);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(ctx);
}

/* Typed words never reach the trail. */
static void reasons_are_codes(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_hold(t, "scan", BOOKING_AT(4, 600));
    rg_ctx_t *ctx = booking_patient(t, 1, id);
    assert_int_equal(rg_booking_cancel(ctx, id, "Ann's knee hurts"), RG_OK);
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE detail LIKE '%knee%'"), 0);
    store_test_done(ctx);
}

static void patients_keep_notice(void **state)
{
    store_test_t *t = *state;
    /* Friday 8:00; 24 hours of notice end on Thursday 8:00, 46 hours from now. */
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(4, 480));
    rg_ctx_t *late = booking_patient(t, 70 * 60 - 24 * 60 + 1, id);
    rg_ctx_t *staff = booking_staff(t, 70 * 60 - 1);
    assert_int_equal(rg_booking_cancel(late, id, NULL), RG_PRECONDITION);
    assert_true(rg_problems_any(late->problems));
    assert_true(booking_taken(t) > 0);
    assert_int_equal(rg_booking_cancel(staff, id, "clinic"), RG_OK);
    int64_t again = booking_must_book(t, "scan", BOOKING_AT(4, 480));
    rg_ctx_t *in_time = booking_patient(t, 70 * 60 - 24 * 60, again);
    assert_int_equal(rg_booking_cancel(in_time, again, NULL), RG_OK);
    assert_int_equal(booking_taken(t), 0);
    store_test_done(late);
    store_test_done(staff);
    store_test_done(in_time);
}

static void begun_visits_stay(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(4, 480));
    rg_ctx_t *staff = booking_staff(t, 1);
    store_test_exec(t, "UPDATE booking SET status = 'arrived' WHERE status = 'booked'");
    assert_int_equal(rg_booking_cancel(staff, id, "clinic"), RG_PRECONDITION);
    assert_int_equal(rg_booking_no_show(staff, id), RG_PRECONDITION);
    assert_int_equal(booking_taken(t), 6);
    store_test_done(staff);
}

static void no_show_gives_time_back(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_book(t, "scan", BOOKING_AT(2, 480));
    rg_ctx_t *early = booking_staff(t, 60);
    rg_ctx_t *patient = booking_patient(t, 24 * 60, id);
    rg_ctx_t *biller = booking_staff(t, 24 * 60);
    rg_ctx_t *staff = booking_staff(t, 24 * 60);
    biller->who.roles = RG_ROLE_BILLING;
    assert_int_equal(rg_booking_no_show(early, id), RG_PRECONDITION);
    assert_int_equal(rg_booking_no_show(patient, id), RG_NOT_FOUND);
    assert_int_equal(rg_booking_no_show(biller, id), RG_FORBIDDEN);
    assert_int_equal(rg_booking_no_show(staff, id), RG_OK);
    assert_int_equal(booking_taken(t), 0);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(early);
    store_test_done(patient);
    store_test_done(biller);
    store_test_done(staff);
}

/* --- whose ------------------------------------------------------------------------------------ */

static void not_yours_is_not_there(void **state)
{
    store_test_t *t = *state;
    int64_t mine = booking_must_hold(t, "scan", BOOKING_AT(2, 480));
    int64_t yours = booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    rg_ctx_t *me = booking_patient(t, 1, mine);
    rg_ctx_t *nobody = booking_ctx(t, 1);
    rg_ctx_t *machine = booking_ctx(t, 1);
    rg_booking_t *b;
    const char *link;
    machine->who.roles = RG_ROLE_MACHINE;
    assert_int_equal(rg_booking_get(&b, me, mine), RG_OK);
    const char *uid = b->uid;
    assert_int_equal(rg_booking_get(&b, me, yours), RG_NOT_FOUND);
    assert_int_equal(rg_booking_cancel(me, yours, NULL), RG_NOT_FOUND);
    assert_int_equal(rg_booking_extend(me, yours), RG_NOT_FOUND);
    assert_int_equal(rg_booking_confirm(&link, me, yours), RG_NOT_FOUND);
    assert_int_equal(rg_booking_get(&b, nobody, mine), RG_NOT_FOUND);
    assert_int_equal(rg_booking_cancel(nobody, mine, NULL), RG_NOT_FOUND);
    assert_int_equal(rg_booking_get_by_uid(&b, nobody, uid), RG_NOT_FOUND);
    assert_int_equal(rg_booking_get_by_uid(&b, me, uid), RG_NOT_FOUND);
    assert_int_equal(rg_booking_get_by_uid(&b, machine, uid), RG_NOT_FOUND);
    machine->who.others = true;
    assert_int_equal(rg_booking_get_by_uid(&b, machine, uid), RG_OK);
    assert_int_equal(b->id, mine);
    assert_int_equal(rg_booking_cancel(machine, mine, NULL), RG_NOT_FOUND);
    assert_int_equal(rg_booking_get_by_uid(&b, machine, "no"), RG_NOT_FOUND);
    assert_int_equal(rg_booking_get(&b, machine, 999999), RG_NOT_FOUND);
    store_test_done(me);
    store_test_done(nobody);
    store_test_done(machine);
}

/* --- requests that arrive twice --------------------------------------------------------------- */

static void second_request_has_no_effect(void **state)
{
    store_test_t *t = *state;
    rg_hold_in_t in = {"spin", BOOKING_AT(2, 600), 0};
    const char *first = NULL;
    for (int i = 0; i < 3; i++) {
        rg_ctx_t *ctx = booking_ctx(t, i);
        rg_idem_t idem = {.key = {7}, .request = {8}};
        rg_hold_t out;
        ctx->idem = &idem;
        assert_int_equal(rg_booking_hold(&out, ctx, &in), RG_OK);
        assert_non_null(out.booking);
        assert_int_equal(idem.replayed, i > 0);
        if (i == 0) {
            first = apr_pstrdup(t->pool, out.booking->uid);
        }
        assert_string_equal(out.booking->uid, first);
        assert_int_equal(out.booking->step_count, 1);
        store_test_done(ctx);
    }
    assert_int_equal(booking_taken(t), 6);
    rg_ctx_t *ctx = booking_ctx(t, 0);
    rg_idem_t other = {.key = {7}, .request = {9}};
    rg_hold_t out;
    ctx->idem = &other;
    assert_int_equal(rg_booking_hold(&out, ctx, &in), RG_CONFLICT);
    assert_int_equal(out.nearest_count, 0);
    store_test_done(ctx);
}

/* Who pressed twice sees only the second answer: it must hold the same link. */
static void second_confirm_gives_the_link_again(void **state)
{
    store_test_t *t = *state;
    int64_t id = booking_must_hold(t, "scan", BOOKING_AT(2, 600));
    int64_t found = 0;
    const char *links[2];
    booking_fill(t, id);
    for (int i = 0; i < 2; i++) {
        rg_ctx_t *ctx = booking_patient(t, 1 + i, id);
        rg_idem_t idem = {.key = {3}, .request = {4}, .seed = {5}};
        const char *link;
        ctx->idem = &idem;
        assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_OK);
        assert_int_equal(idem.replayed, i > 0);
        links[i] = apr_pstrdup(t->pool, link);
        store_test_done(ctx);
    }
    assert_string_equal(links[0], links[1]);
    rg_ctx_t *ctx = booking_ctx(t, 2);
    assert_int_equal(rg_booking_by_link(&found, ctx, links[1]), RG_OK);
    assert_int_equal(found, id);
    store_test_done(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(empty_clinic_offers_all_day, booking_clean),
        cmocka_unit_test_setup(chain_has_its_shortest_length, booking_clean),
        cmocka_unit_test_setup(offered_means_bookable, booking_clean),
        cmocka_unit_test_setup(windows_outside_are_refused, booking_clean),
        cmocka_unit_test_setup(wished_practitioner_serves, booking_clean),
        cmocka_unit_test_setup(hold_is_whole, booking_clean),
        cmocka_unit_test_setup(two_visits_are_two_appointments, booking_clean),
        cmocka_unit_test_setup(fair_choice, booking_clean),
        cmocka_unit_test_setup(times_that_are_not_offered, booking_clean),
        cmocka_unit_test_setup(taken_time_names_others, booking_clean),
        cmocka_unit_test_setup(expired_hold_blocks_nobody, booking_clean),
        cmocka_unit_test_setup(search_sweeps, booking_clean),
        cmocka_unit_test_setup(sweep_is_bounded, booking_clean),
        cmocka_unit_test_setup(extended_once, booking_clean),
        cmocka_unit_test_setup(confirm_asks_for_everything, booking_clean),
        cmocka_unit_test_setup(link_opens_the_booking, booking_clean),
        cmocka_unit_test_setup(numbers_differ, booking_clean),
        cmocka_unit_test_setup(confirm_too_late, booking_clean),
        cmocka_unit_test_setup(cancel_frees_the_whole_chain, booking_clean),
        cmocka_unit_test_setup(reasons_are_codes, booking_clean),
        cmocka_unit_test_setup(patients_keep_notice, booking_clean),
        cmocka_unit_test_setup(begun_visits_stay, booking_clean),
        cmocka_unit_test_setup(no_show_gives_time_back, booking_clean),
        cmocka_unit_test_setup(not_yours_is_not_there, booking_clean),
        cmocka_unit_test_setup(second_request_has_no_effect, booking_clean),
        cmocka_unit_test_setup(second_confirm_gives_the_link_again, booking_clean),
    };
    return cmocka_run_group_tests(tests, booking_setup, store_test_teardown);
}
