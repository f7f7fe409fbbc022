/* SPDX-License-Identifier: Apache-2.0 */
/* Late harvest: the board shows it while it can be fixed, only possible times are offered, the
 * remaining steps move as one, and beyond the limit the unit is refused. The clock is set, there is
 * no waiting. */
#include "booking_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/unit.h"

enum { BEGIN = 540 }; /* the chain's visit: 9:00 on 2 December */

/* "next": harvest and process, and the injection twenty to twenty-two hours later. */
static const char *const next_day[] = {
    "INSERT INTO staff (id, login, name) VALUES (1, 'desk', 'Desk'), (2, 'doc', 'D')",
    "INSERT INTO service (id, uid, site_id, code, name, summary, start_grid, notice_minutes,"
    " horizon_days, cancel_notice_minutes, needs_body_site, price_minor, display_order, active,"
    " unit_hold_minutes) VALUES (9, '00000000000000000000000039', 1, 'next', 'Next day', '', 30, 0,"
    " 90, 1440, 1, 100, 9, 1, 2880)",
    "INSERT INTO service_step (service_id, step_no, kind, name, minutes, gap_min, gap_max, "
    "visit_no,"
    " patient_present) VALUES (9, 1, 'check-in', 'Arrive', 15, 0, 0, 1, 1),"
    " (9, 2, 'harvest', 'Harvest', 30, 0, 15, 1, 1), (9, 3, 'process', 'Process', 20, 0, 15, 1, 0),"
    " (9, 4, 'inject', 'Inject', 20, 1200, 1320, 2, 1)",
    "INSERT INTO service_need (service_id, step_no, need_no, capability, quantity, setup_minutes,"
    " turnover_minutes, bind) VALUES (9, 1, 1, 'nurse', 1, 0, 0, ''),"
    " (9, 2, 1, 'doctor', 1, 0, 0, 'doc'), (9, 3, 1, 'centrifuge', 1, 0, 10, ''),"
    " (9, 4, 1, 'doctor', 1, 0, 0, 'doc')",
    "INSERT INTO service_product (service_id, product_no, name, material) VALUES (9, 1, "
    "'Concentrate', 'bone-marrow')",
    "INSERT INTO service_body_site (service_id, body_site) VALUES (9, 'knee')"};

static int setup(void **state)
{
    booking_setup(state);
    for (size_t i = 0; i < sizeof(next_day) / sizeof(next_day[0]); i++) {
        store_test_exec(*state, next_day[i]);
    }
    booking_prices(*state);
    return 0;
}

static int clean(void **state)
{
    static const char *const tables[] = {"unit_end",      "unit_ready",        "unit_source",
                                         "unit_parent",   "unit_manipulation", "collection",
                                         "unit_disposal", "injection",         "unit_processing",
                                         "unit",          "step_event",        "charge_item"};
    store_test_t *t = *state;
    store_test_exec(t, "SET FOREIGN_KEY_CHECKS = 0");
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        store_test_exec(t, apr_pstrcat(t->pool, "TRUNCATE TABLE ", tables[i], NULL));
    }
    store_test_exec(t, "DELETE FROM closure WHERE id >= 90");
    store_test_exec(t, "DELETE FROM occupancy");
    int rc = booking_clean(state);
    store_test_exec(t, "SET FOREIGN_KEY_CHECKS = 1");
    return rc;
}

/* A clinician at MINUTE of 2 December. */
static rg_ctx_t *at(store_test_t *t, int minute)
{
    rg_ctx_t *ctx = booking_ctx(t, 0);
    ctx->now = BOOKING_AT(2, minute);
    ctx->who.roles = RG_ROLE_CLINICIAN | RG_ROLE_FRONT_DESK;
    ctx->who.staff_id = 2;
    return ctx;
}

static int64_t booked(store_test_t *t, const char *service, int minute)
{
    int64_t id = booking_must_hold(t, service, BOOKING_AT(2, minute));
    rg_ctx_t *ctx = booking_patient(t, 0, id);
    const char *link;
    booking_fill(t, id);
    assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_OK);
    store_test_done(ctx);
    return id;
}

static void check_in(store_test_t *t, int64_t id, int minute)
{
    rg_ctx_t *ctx = at(t, minute);
    rg_check_in_t in = {"1961-02-03", "", NULL, NULL};
    assert_int_equal(rg_day_check_in(ctx, id, &in), RG_OK);
    store_test_done(ctx);
}

static const char *harvest(store_test_t *t, int64_t id, const char *side, int minute)
{
    rg_ctx_t *ctx = at(t, minute);
    rg_harvest_in_t in = {.volume_ml = "60",
                          .side_confirmed = side,
                          .who = &store_test_act,
                          .taken_from = "left-posterior-iliac-crest"};
    rg_unit_t *unit;
    assert_int_equal(rg_day_harvest(&unit, ctx, id, &in), RG_OK);
    const char *label = apr_pstrdup(t->pool, unit->label);
    store_test_done(ctx);
    return label;
}

/* Checked in at 9:00, harvested until MINUTE. */
static const char *begun(store_test_t *t, int64_t id, int minute)
{
    check_in(t, id, BEGIN);
    return harvest(t, id, "left", minute);
}

static const char *uid_of(store_test_t *t, int64_t id)
{
    return store_test_text(t,
                           apr_psprintf(t->pool, "SELECT uid FROM booking WHERE id = %d", (int)id));
}

static rg_replan_t *look(rg_ctx_t *ctx, store_test_t *t, int64_t id)
{
    rg_replan_t *out;
    ctx->problems = rg_problems_make(ctx->pool);
    assert_int_equal(rg_day_replan_look(&out, ctx, uid_of(t, id)), RG_OK);
    return out;
}

/* --- the board -------------------------------------------------------------------------------- */

static const rg_attention_t *limit_on_board(const rg_ctx_t *ctx)
{
    rg_board_t *b;
    assert_int_equal(rg_day_board(&b, ctx, NULL, (rg_date_t){0, 0, 0}), RG_OK);
    for (int i = 0; i < b->attention_count; i++) {
        if (b->attention[i].kind == RG_ATTENTION_LIMIT) {
            return &b->attention[i];
        }
    }
    return NULL;
}

/* Harvest 9:15 to 9:45 as planned; processing is planned for 9:45 and must begin within 15
 * minutes. */
static void the_board_says_so_while_it_can_be_mended(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "chain", BEGIN);
    begun(t, id, 585);
    static const int calm[] = {586, 589, 601, 640};
    for (size_t i = 0; i < 4; i++) {
        rg_ctx_t *ctx = at(t, calm[i]);
        assert_null(limit_on_board(ctx));
        store_test_done(ctx);
    }
    for (int minute = 590; minute <= 600; minute += 5) {
        rg_ctx_t *ctx = at(t, minute);
        const rg_attention_t *a = limit_on_board(ctx);
        assert_non_null(a);
        assert_int_equal(a->minutes, 600 - minute);
        store_test_done(ctx);
    }
}

/* The harvest ended so early that the plan itself would come too late. */
static void the_board_says_so_before_the_plan_is_missed(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "chain", BEGIN);
    begun(t, id, 560);
    rg_ctx_t *ctx = at(t, 561);
    const rg_attention_t *a = limit_on_board(ctx);
    assert_non_null(a);
    assert_int_equal(a->minutes, 14);
    store_test_done(ctx);
}

/* --- what is possible ------------------------------------------------------------------------- */

static void what_is_left_is_offered_from_now_on(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "chain", BEGIN);
    begun(t, id, 605); /* twenty minutes late */
    rg_ctx_t *ctx = at(t, 607);
    rg_replan_t *r = look(ctx, t, id);
    assert_string_equal(r->next, "process");
    assert_true(r->latest == BOOKING_AT(2, 620));
    assert_int_equal(r->option_count, 1);
    assert_false(r->options[0].others);
    assert_int_equal(r->options[0].step_count, 3);
    assert_true(r->options[0].start == BOOKING_AT(2, 605));
    assert_true(r->planned.start == BOOKING_AT(2, 585));
    store_test_done(ctx);
}

static rg_outcome_t replan(store_test_t *t, int64_t id, int minute, const rg_replan_option_t *way,
                           int version)
{
    rg_ctx_t *ctx = at(t, minute);
    rg_replan_in_t in = {way->start, way->others, way->last_visit, version};
    rg_outcome_t rc = rg_day_replan(ctx, id, &in);
    store_test_done(ctx);
    return rc;
}

static void what_is_left_moves_as_one(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "chain", BEGIN);
    begun(t, id, 605);
    rg_ctx_t *ctx = at(t, 607);
    rg_replan_t *r = look(ctx, t, id);
    assert_int_equal(replan(t, id, 607, &r->options[0], r->booking->version), RG_OK);
    rg_booking_t *b;
    assert_int_equal(rg_booking_get(&b, ctx, id), RG_OK);
    assert_true(b->steps[1].starts_at == BOOKING_AT(2, 555)); /* what was done stays */
    assert_true(b->steps[2].starts_at == BOOKING_AT(2, 605));
    assert_true(b->steps[3].starts_at == r->options[0].steps[1].starts_at);
    assert_true(b->ends_at == b->steps[4].ends_at);
    assert_true(b->appointments[0].ends_at == b->ends_at);
    assert_int_equal(b->appointments[0].sequence, 1);
    assert_int_equal(b->version, r->booking->version + 1);
    assert_int_equal(booking_wrongs(t), 0);
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE action = 'day.replan'"), 1);
    /* What was seen before is old now. */
    assert_int_equal(replan(t, id, 607, &r->options[0], r->booking->version), RG_CONFLICT);
    store_test_done(ctx);
}

/* The same doctor is taken by somebody else by then: another one can do it, and only another
 * one. */
static void another_doctor_where_the_same_one_cannot(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "chain", BEGIN);
    int64_t doctor = store_test_value(
        t, apr_psprintf(t->pool,
                        "SELECT resource_id FROM booking_resource WHERE booking_id = %d"
                        " AND step_no = 2 AND need_no = 1",
                        (int)id));
    begun(t, id, 605);
    store_test_exec(t,
                    apr_psprintf(t->pool,
                                 "INSERT INTO closure (id, site_id, resource_id, first_day,"
                                 " last_day, start_minute, end_minute, kind, reason) VALUES (90,"
                                 " 1, %d, '2026-12-02', '2026-12-02', 620, 1020, 'absence', 'x')",
                                 (int)doctor));
    rg_ctx_t *ctx = at(t, 607);
    rg_replan_t *r = look(ctx, t, id);
    assert_int_equal(r->option_count, 1);
    assert_true(r->options[0].others);
    for (int i = 0; i < r->options[0].resource_count; i++) {
        assert_true(r->options[0].resources[i].resource_id != doctor);
    }
    /* The way with the same people does not become one by being asked for. */
    rg_replan_option_t same = r->options[0];
    same.others = false;
    assert_int_equal(replan(t, id, 607, &same, r->booking->version), RG_CONFLICT);
    assert_int_equal(replan(t, id, 607, &r->options[0], r->booking->version), RG_OK);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_exec(t, "DELETE FROM closure WHERE id = 90");
    store_test_done(ctx);
}

/* Never what somebody else has, and never beyond the gap: an hour after the processing at most. */
static void taken_time_and_the_limit_stay(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "chain", BEGIN);
    begun(t, id, 605);
    store_test_exec(t, "INSERT INTO closure (id, site_id, resource_id, first_day, last_day,"
                       " start_minute, end_minute, kind, reason) VALUES (91, 1, 9, '2026-12-02',"
                       " '2026-12-02', 610, 705, 'other', 'x'), (92, 1, 10, '2026-12-02',"
                       " '2026-12-02', 610, 705, 'other', 'y')");
    rg_ctx_t *ctx = at(t, 607);
    assert_int_equal(look(ctx, t, id)->option_count, 0);
    /* Until 11:20 only: the injection must begin by 11:40 at the latest, and can. */
    store_test_exec(t, "UPDATE closure SET end_minute = 680 WHERE id = 91");
    rg_replan_t *r = look(ctx, t, id);
    assert_int_equal(r->option_count, 1);
    assert_true(r->options[0].steps[1].starts_at >= BOOKING_AT(2, 680));
    assert_true(r->options[0].steps[1].starts_at <=
                r->options[0].steps[0].ends_at + apr_time_from_sec(3600));
    store_test_exec(t, "DELETE FROM closure WHERE id IN (91, 92)");
    store_test_done(ctx);
}

/* Two who are late want the last ultrasound for the same time: one gets it, the other hears
 * that. */
static void two_who_are_late_do_not_get_the_same_time(void **state)
{
    store_test_t *t = *state;
    int64_t a = booked(t, "chain", BEGIN);
    begun(t, a, 605);
    rg_ctx_t *ctx = at(t, 607);
    rg_replan_t *r = look(ctx, t, a);
    apr_time_t wish = r->options[0].steps[1].starts_at;
    int minute = (int)((wish - BOOKING_AT(2, 0)) / apr_time_from_sec(60));
    for (int device = 9; device <= 10; device++) {
        store_test_exec(
            t, apr_psprintf(t->pool,
                            "INSERT INTO occupancy (resource_id, granule, booking_id) VALUES (%d,"
                            " %" APR_INT64_T_FMT " DIV 300, 999999)",
                            device, (apr_int64_t)apr_time_sec(BOOKING_AT(2, minute + 5))));
    }
    /* The read model does not know of them: what was seen is refused by the key. */
    assert_int_equal(replan(t, a, 607, &r->options[0], r->booking->version), RG_CONFLICT);
    assert_int_equal(
        store_test_value(t, apr_psprintf(t->pool,
                                         "SELECT COUNT(*) FROM booking_step WHERE booking_id = %d"
                                         " AND step_no = 3 AND starts_at = %" APR_INT64_T_FMT,
                                         (int)a, (apr_int64_t)apr_time_sec(BOOKING_AT(2, 585)))),
        1);
    store_test_exec(t, "DELETE FROM occupancy WHERE booking_id = 999999");
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(ctx);
}

/* --- the visit after it ----------------------------------------------------------------------- */

static int64_t sequence(store_test_t *t, int64_t id, int visit)
{
    return store_test_value(t, apr_psprintf(t->pool,
                                            "SELECT sequence FROM appointment WHERE booking_id = %d"
                                            " AND visit_no = %d",
                                            (int)id, visit));
}

/* Ten minutes late: the injection at eight the next day is still within twenty-two hours. */
static void a_later_visit_stays_where_it_can(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "next", BEGIN);
    begun(t, id, 595);
    rg_ctx_t *ctx = at(t, 597);
    rg_replan_t *r = look(ctx, t, id);
    assert_int_equal(r->option_count, 1);
    assert_int_equal(r->options[0].last_visit, 1);
    assert_int_equal(r->options[0].step_count, 1);
    assert_int_equal(replan(t, id, 597, &r->options[0], r->booking->version), RG_OK);
    rg_booking_t *b;
    assert_int_equal(rg_booking_get(&b, ctx, id), RG_OK);
    assert_true(b->steps[3].starts_at == BOOKING_AT(3, 480));
    assert_int_equal(sequence(t, id, 2), 0);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM message WHERE kind = 'change'"), 0);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(ctx);
}

/* Two hours late: at eight the next day not even twenty hours would have gone by. */
static void a_later_visit_moves_where_it_must_and_is_seen_to(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "next", BEGIN);
    int64_t taken = booking_taken(t);
    begun(t, id, 720);
    rg_ctx_t *ctx = at(t, 722);
    rg_replan_t *r = look(ctx, t, id);
    assert_int_equal(r->option_count, 1);
    rg_replan_option_t way = r->options[0];
    assert_int_equal(way.last_visit, 2);
    assert_int_equal(way.step_count, 2);
    assert_true(way.start == BOOKING_AT(2, 720));
    assert_true(way.steps[1].starts_at == BOOKING_AT(3, 510));
    assert_int_equal(r->planned.step_count, 1);
    /* Nobody moves a visit that was not shown. */
    way.last_visit = 1;
    assert_int_equal(replan(t, id, 722, &way, r->booking->version), RG_CONFLICT);
    assert_int_equal(replan(t, id, 722, &r->options[0], r->booking->version), RG_OK);
    rg_booking_t *b;
    assert_int_equal(rg_booking_get(&b, ctx, id), RG_OK);
    assert_true(b->steps[3].starts_at == BOOKING_AT(3, 510));
    assert_true(b->ends_at == BOOKING_AT(3, 530));
    assert_int_equal(sequence(t, id, 1), 1);
    assert_int_equal(sequence(t, id, 2), 1);
    assert_int_equal(store_test_value(t, "SELECT old_starts_at FROM message WHERE kind = 'change'"),
                     apr_time_sec(BOOKING_AT(3, 480)));
    assert_int_equal(booking_taken(t), taken);
    assert_int_equal(booking_wrongs(t), 0);
    store_test_done(ctx);
}

/* Where the later visit can be nowhere, there is no way, whoever would serve today. */
static void no_way_leaves_a_later_visit_too_near(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "next", BEGIN);
    begun(t, id, 720);
    store_test_exec(t, "INSERT INTO closure (id, site_id, resource_id, first_day, last_day,"
                       " start_minute, end_minute, kind, reason) VALUES (93, 1, NULL, '2026-12-03',"
                       " '2026-12-03', 500, 1020, 'holiday', 'x')");
    rg_ctx_t *ctx = at(t, 722);
    assert_int_equal(look(ctx, t, id)->option_count, 0);
    store_test_exec(t, "DELETE FROM closure WHERE id = 93");
    store_test_done(ctx);
}

/* The next day's visit is not brought forward to today, and on its day it is planned again as late
 * as it may be. */
static void the_next_visit_waits_for_its_gap(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "next", BEGIN);
    const char *label = begun(t, id, 585);
    rg_ctx_t *ctx = at(t, 605);
    rg_process_in_t spin = {label, "spin-1", "LOT", "8",  NULL,         &store_test_act,
                            NULL,  "20",     NULL,  NULL, "2127-12-31", NULL};
    assert_int_equal(rg_day_process(ctx, id, &spin), RG_OK);
    store_test_done(ctx);
    ctx = at(t, 620);
    assert_int_equal(look(ctx, t, id)->option_count, 0);
    store_test_done(ctx);
    ctx = at(t, 1440 + 485);
    rg_replan_t *r = look(ctx, t, id);
    assert_int_equal(r->option_count, 1);
    assert_true(r->options[0].start == BOOKING_AT(3, 485));
    store_test_done(ctx);
    ctx = at(t, 1440 + 490); /* 22 hours are over */
    assert_int_equal(look(ctx, t, id)->option_count, 0);
    store_test_done(ctx);
}

/* --- the unit's own time ---------------------------------------------------------------------- */

static void the_units_time_is_a_limit_too(void **state)
{
    store_test_t *t = *state;
    store_test_exec(t, "UPDATE service SET unit_hold_minutes = 60 WHERE code = 'chain'");
    int64_t id = booked(t, "chain", BEGIN);
    begun(t, id, 585); /* to be used until 10:45 */
    rg_ctx_t *ctx = at(t, 590);
    rg_replan_t *r = look(ctx, t, id);
    /* Processing takes 20 and 5 are the least gap: but within 15 minutes of the harvest anyway. */
    assert_true(r->latest == BOOKING_AT(2, 600));
    for (int i = 0; i < r->option_count; i++) {
        assert_true(r->options[i].steps[1].starts_at < BOOKING_AT(2, 645));
    }
    store_test_exec(t, "UPDATE unit SET expires_at = harvested_at + 30 * 60");
    r = look(ctx, t, id);
    assert_true(r->latest == BOOKING_AT(2, 585)); /* 30 less 5, 20 and 5 */
    assert_int_equal(r->option_count, 0);
    store_test_exec(t, "UPDATE service SET unit_hold_minutes = 240 WHERE code = 'chain'");
    store_test_done(ctx);
}

/* The step that is next could begin in time, but what the injection needs comes too late for the
 * unit. */
static void nothing_is_offered_that_the_unit_does_not_live_to_see(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "chain", BEGIN);
    begun(t, id, 585);
    rg_ctx_t *ctx = at(t, 590);
    store_test_exec(t, "INSERT INTO closure (id, site_id, resource_id, first_day, last_day,"
                       " start_minute, end_minute, reason) VALUES"
                       " (90, 1, 9, '2026-12-02', '2026-12-02', 600, 645, 'lent'),"
                       " (91, 1, 10, '2026-12-02', '2026-12-02', 600, 645, 'lent')");
    rg_replan_t *r = look(ctx, t, id);
    assert_true(r->option_count > 0);
    store_test_exec(t, "UPDATE unit SET expires_at = harvested_at + 50 * 60");
    r = look(ctx, t, id);
    assert_true(r->latest > BOOKING_AT(2, 590));
    assert_int_equal(r->option_count, 0);
    store_test_done(ctx);
}

/* For both knees, each of which takes half an hour. */
static const char *const for_both[] = {
    "INSERT INTO staff (id, login, name, resource_id) VALUES (3, 'orders', 'O', 1)",
    "INSERT INTO staff_role (staff_id, role) VALUES (3, 'clinician')",
    "INSERT IGNORE INTO resource_capability (resource_id, capability) VALUES (1, 'order')",
    "INSERT IGNORE INTO icd10cm (code, title) VALUES ('M17.0', 'Both knees')",
    "UPDATE service SET targets_most = 2 WHERE code = 'chain'",
    "UPDATE service_step SET further_minutes = 30 WHERE service_id = 1 AND kind = 'inject'",
    "INSERT INTO treatment_order (id, uid, patient_id, service_id, targets, diagnosis_code,"
    " severity, tried, imaging, weighed, valid_until, signed_at, staff_id) VALUES"
    " (1, '1000000000000000000000000a', 1, 1, 2, 'M17.0', 'mild', 'x', 'x', 'x', 1830000000, 1, 3)",
    "INSERT INTO treatment_order_target (order_id, target_no, body_site, laterality) VALUES"
    " (1, 1, 'knee', 'left'), (1, 2, 'knee', 'right')"};

static int64_t booked_for_both(store_test_t *t)
{
    for (size_t i = 0; i < sizeof(for_both) / sizeof(for_both[0]); i++) {
        store_test_exec(t, for_both[i]);
    }
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_hold_in_t in = {"chain", BOOKING_AT(2, BEGIN), 0};
    rg_hold_t out;
    const char *link;
    assert_int_equal(rg_booking_hold_on(&out, ctx, &in, "1000000000000000000000000a"), RG_OK);
    int64_t id = out.booking->id;
    store_test_exec(
        t, apr_psprintf(t->pool, "UPDATE booking SET self_pay = 1 WHERE id = %d", (int)id));
    assert_int_equal(rg_booking_confirm(&link, ctx, id), RG_OK);
    store_test_done(ctx);
    return id;
}

/* Not only the first of them is injected while the unit is good. */
static void the_last_target_is_injected_in_time_too(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked_for_both(t);
    check_in(t, id, BEGIN);
    harvest(t, id, "all", 585);
    rg_ctx_t *ctx = at(t, 590);
    store_test_exec(t, "INSERT INTO closure (id, site_id, resource_id, first_day, last_day,"
                       " start_minute, end_minute, reason) VALUES"
                       " (90, 1, 9, '2026-12-02', '2026-12-02', 600, 645, 'lent'),"
                       " (91, 1, 10, '2026-12-02', '2026-12-02', 600, 645, 'lent')");
    rg_replan_t *r = look(ctx, t, id);
    assert_int_equal(r->option_count, 1);
    apr_time_t start = r->options[0].steps[1].starts_at;
    assert_true(start >= BOOKING_AT(2, 645));
    int fits = (int)apr_time_sec(start - BOOKING_AT(2, 585)) + 30 * 60;
    static const struct {
        int more, options;
    } turns[] = {{600, 1}, {0, 0}, {-25 * 60, 0}};
    for (size_t i = 0; i < 3; i++) {
        store_test_exec(t, apr_psprintf(t->pool, "UPDATE unit SET expires_at = harvested_at + %d",
                                        fits + turns[i].more));
        r = look(ctx, t, id);
        assert_true(r->latest > BOOKING_AT(2, 590) || i == 2);
        assert_int_equal(r->option_count, turns[i].options);
    }
    store_test_done(ctx);
}

/* At the limit nothing helps: the unit is too old, the injection is refused, and the board says to
 * dispose of it. */
static void at_the_limit_the_injection_is_refused(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "chain", BEGIN);
    const char *label = begun(t, id, 585);
    rg_ctx_t *ctx = at(t, 610);
    rg_process_in_t spin = {label, "spin-1", "LOT", "8",  NULL,         &store_test_act,
                            NULL,  "20",     NULL,  NULL, "2127-12-31", NULL};
    assert_int_equal(rg_day_process(ctx, id, &spin), RG_OK);
    store_test_done(ctx);
    rg_inject_in_t in = {label,           "1961-02-03", "knee", "left", NULL,
                         &store_test_act, "",           "",     "",     ""};
    ctx = at(t, 585 + 240);
    rg_board_t *b;
    assert_int_equal(rg_day_inject(ctx, id, &in), RG_GONE);
    assert_int_equal(rg_day_board(&b, ctx, NULL, (rg_date_t){0, 0, 0}), RG_OK);
    assert_int_equal(b->attention[0].kind, RG_ATTENTION_UNIT_EXPIRED);
    assert_int_equal(look(ctx, t, id)->option_count, 0);
    store_test_done(ctx);
    ctx = at(t, 585 + 239);
    assert_int_equal(rg_day_inject(ctx, id, &in), RG_OK);
    store_test_done(ctx);
}

/* --- who, and when not ------------------------------------------------------------------------ */

static void only_what_began_and_only_by_the_desk(void **state)
{
    store_test_t *t = *state;
    int64_t id = booked(t, "chain", BEGIN);
    rg_ctx_t *ctx = at(t, 545);
    rg_replan_t *out;
    rg_replan_in_t in = {BOOKING_AT(2, 545), false, 0, 0};
    assert_int_equal(rg_day_replan_look(&out, ctx, uid_of(t, id)), RG_PRECONDITION);
    assert_int_equal(rg_day_replan(ctx, id, &in), RG_PRECONDITION);
    assert_int_equal(rg_day_replan_look(&out, ctx, "nonsense"), RG_NOT_FOUND);
    check_in(t, id, 545);
    assert_int_equal(look(ctx, t, id)->option_count, 1); /* the harvest itself may be late */
    ctx->who.roles = RG_ROLE_BILLING;
    assert_int_equal(rg_day_replan_look(&out, ctx, uid_of(t, id)), RG_FORBIDDEN);
    assert_int_equal(rg_day_replan(ctx, id, &in), RG_FORBIDDEN);
    store_test_done(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_board_says_so_while_it_can_be_mended, clean),
        cmocka_unit_test_setup(the_board_says_so_before_the_plan_is_missed, clean),
        cmocka_unit_test_setup(what_is_left_is_offered_from_now_on, clean),
        cmocka_unit_test_setup(what_is_left_moves_as_one, clean),
        cmocka_unit_test_setup(another_doctor_where_the_same_one_cannot, clean),
        cmocka_unit_test_setup(taken_time_and_the_limit_stay, clean),
        cmocka_unit_test_setup(two_who_are_late_do_not_get_the_same_time, clean),
        cmocka_unit_test_setup(a_later_visit_stays_where_it_can, clean),
        cmocka_unit_test_setup(a_later_visit_moves_where_it_must_and_is_seen_to, clean),
        cmocka_unit_test_setup(no_way_leaves_a_later_visit_too_near, clean),
        cmocka_unit_test_setup(the_next_visit_waits_for_its_gap, clean),
        cmocka_unit_test_setup(the_units_time_is_a_limit_too, clean),
        cmocka_unit_test_setup(nothing_is_offered_that_the_unit_does_not_live_to_see, clean),
        cmocka_unit_test_setup(the_last_target_is_injected_in_time_too, clean),
        cmocka_unit_test_setup(at_the_limit_the_injection_is_refused, clean),
        cmocka_unit_test_setup(only_what_began_and_only_by_the_desk, clean),
    };
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
