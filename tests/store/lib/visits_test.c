/* SPDX-License-Identifier: Apache-2.0 */
/* See visits_test.h. */
#include "visits_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/unit.h"

static const char *const courses[] = {
    "INSERT INTO service (id, uid, site_id, code, name, summary, start_grid, notice_minutes,"
    " horizon_days, cancel_notice_minutes, needs_body_site, price_minor, display_order, active,"
    " unit_hold_minutes) VALUES (7, '00000000000000000000000037', 1, 'course', 'Course', '', 30, "
    "60,"
    " 90, 1440, 1, 460000, 7, 1, 7200), (8, '00000000000000000000000038', 1, 'late', 'Late', '',"
    " 30, 0, 90, 1440, 0, 100, 8, 1, 240)",
    "INSERT INTO service_step (service_id, step_no, kind, name, minutes, gap_min, gap_max,"
    " gap_days_min, gap_days_max, visit_no, patient_present) VALUES"
    " (7, 1, 'consult', 'Prepare', 30, 0, 0, NULL, NULL, 1, 1),"
    " (7, 2, 'harvest', 'Harvest', 30, 0, 0, 2, 5, 2, 1),"
    " (7, 3, 'process', 'Process', 20, 0, 15, NULL, NULL, 2, 0),"
    " (7, 4, 'inject', 'Inject', 20, 0, 0, 1, 3, 3, 1),"
    " (7, 5, 'consult', 'Look', 30, 0, 0, 2, 4, 4, 1),"
    " (8, 1, 'consult', 'Talk', 30, 0, 0, NULL, NULL, 1, 1),"
    " (8, 2, 'consult', 'Scan', 30, 0, 0, 1, 9, 2, 1)",
    "INSERT INTO service_need (service_id, step_no, need_no, capability, quantity, setup_minutes,"
    " turnover_minutes, bind) VALUES (7, 1, 1, 'doctor', 1, 0, 0, 'doc'),"
    " (7, 2, 1, 'doctor', 1, 0, 0, 'doc'), (7, 2, 2, 'room', 1, 5, 15, ''),"
    " (7, 3, 1, 'centrifuge', 1, 0, 10, ''), (7, 4, 1, 'doctor', 1, 0, 0, 'doc'),"
    " (7, 4, 2, 'room', 1, 0, 10, ''), (7, 5, 1, 'nurse', 1, 0, 0, ''),"
    " (8, 1, 1, 'nurse', 1, 0, 0, ''), (8, 2, 1, 'carm', 1, 0, 0, '')",
    "INSERT INTO service_product (service_id, product_no, name, material) VALUES (7, 1, "
    "'Concentrate', 'bone-marrow')",
    "INSERT INTO service_body_site (service_id, body_site) VALUES (7, 'knee')",
    "INSERT INTO staff (id, login, name) VALUES (1, 'desk', 'Desk'), (2, 'doc', 'Doctor')"};

int visits_setup(void **state)
{
    return booking_setup(state) || visits_add(state);
}

int visits_add(void **state)
{
    for (size_t i = 0; i < sizeof(courses) / sizeof(courses[0]); i++) {
        store_test_exec(*state, courses[i]);
    }
    booking_prices(*state);
    return 0;
}

int visits_clean(void **state)
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
    store_test_exec(t, "UPDATE service SET move_notice_minutes = 1440, max_per_day = 0,"
                       " unit_hold_minutes = 7200 WHERE id = 7");
    int rc = booking_clean(state);
    store_test_exec(t, "SET FOREIGN_KEY_CHECKS = 1");
    return rc;
}

rg_booking_t *visits_get(store_test_t *t, int64_t id)
{
    rg_ctx_t *ctx = booking_staff(t, 0);
    rg_booking_t *b = NULL;
    ctx->pool = t->pool;
    assert_int_equal(rg_booking_get(&b, ctx, id), RG_OK);
    return b;
}

rg_outcome_t visits_move(rg_ctx_t *ctx, int64_t id, int visit, apr_time_t start)
{
    rg_move_in_t in = {.start = start};
    rg_hold_t out;
    ctx->problems = rg_problems_make(ctx->pool);
    rg_outcome_t rc = rg_booking_visit_move(&out, ctx, id, visit, &in);
    assert_int_equal(out.booking != NULL, rc == RG_OK);
    return rc;
}

rg_outcome_t visits_staff_moves(store_test_t *t, int64_t id, int visit, apr_time_t start)
{
    rg_ctx_t *ctx = booking_staff(t, 2);
    rg_outcome_t rc = visits_move(ctx, id, visit, start);
    store_test_done(ctx);
    return rc;
}

rg_ctx_t *visits_doctor(store_test_t *t, int day, int minute)
{
    rg_ctx_t *ctx = booking_ctx(t, 0);
    ctx->now = BOOKING_AT(day, minute);
    ctx->who.roles = RG_ROLE_CLINICIAN | RG_ROLE_FRONT_DESK;
    ctx->who.staff_id = 2;
    return ctx;
}

void visits_harvest(store_test_t *t, int64_t id, int day, int minute)
{
    rg_ctx_t *ctx = visits_doctor(t, day, minute);
    rg_check_in_t in = {"1961-02-03", "patient-came", NULL, NULL};
    rg_harvest_in_t harvest = {.volume_ml = "60",
                               .side_confirmed = "left",
                               .who = &store_test_act,
                               .taken_from = "left-posterior-iliac-crest"};
    rg_unit_t *unit;
    /* The first visit of a course is where a patient is checked in, on its day. */
    ctx->now = visits_get(t, id)->starts_at;
    assert_int_equal(rg_day_check_in(ctx, id, &in), RG_OK);
    ctx->now = BOOKING_AT(day, minute);
    assert_int_equal(rg_day_harvest(&unit, ctx, id, &harvest), RG_OK);
    store_test_done(ctx);
}
