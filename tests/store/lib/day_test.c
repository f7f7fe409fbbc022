/* SPDX-License-Identifier: Apache-2.0 */
/* See day_test.h. */
#include "day_test.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/unit.h"
#include "regen/store/schema.h"

#define START 1796137200 /* store_test_ctx's now */

/* All of a time-out. */
static const rg_time_out_in_t said = {.answers = {"yes", "yes", "yes", "yes", "yes", "yes"}};

/* The sample's nurse confirms. */
const rg_act_in_t day_act = {
    .said = &said,
    .second = {
        .staff_id = 5, .resource_id = 4, .roles = RG_ROLE_CLINICIAN, .name = "Nils Lindqvist, RN"}};

int day_setup(void **state)
{
    static const char *const files[] = {"clinic.sql", "icd10cm.sql", "forms.sql"};

    store_test_setup(state);
    store_test_t *t = *state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        rg_ctx_t *ctx = store_test_ctx(t);

        assert_int_equal(
            rg_store_load(ctx, apr_psprintf(t->pool, "%s/sample/%s", t->sql_dir, files[i]), false),
            RG_OK);
        store_test_done(ctx);
    }
    /* Not about treatment orders. */
    store_test_exec(t, "UPDATE service SET booked_by = 'anyone'");
    store_test_exec(t, "UPDATE resource SET chambers = 99"); /* all visits are at one time */
    store_test_exec(
        t, "INSERT INTO staff (id, login, name, resource_id) VALUES"
           " (101, 'test-doctor', 'Elena Rivera', 1), (102, 'test-desk', 'Dana Desk', NULL),"
           " (103, 'test-bills', 'Bill Ing', NULL)");
    return 0;
}

rg_ctx_t *day_ctx(store_test_t *t, int staff, int minutes)
{
    static const unsigned roles[] = {0, RG_ROLE_CLINICIAN, RG_ROLE_FRONT_DESK, RG_ROLE_BILLING};
    rg_ctx_t *ctx = store_test_ctx(t);

    ctx->now += apr_time_from_sec(minutes * 60);
    ctx->who.staff_id = staff;
    ctx->who.roles = roles[staff - 100];
    ctx->who.resource_id = staff == DAY_DOCTOR ? 1 : 0;
    return ctx;
}

/* --- bookings --------------------------------------------------------------------------------- */

static const char *uid(store_test_t *t, int64_t n)
{
    return apr_psprintf(t->pool, "%026" APR_INT64_T_FMT, (apr_int64_t)(900000 + n));
}

static int64_t new_patient(store_test_t *t)
{
    int64_t n = store_test_value(t, "SELECT COALESCE(MAX(id), 0) + 1 FROM patient");

    store_test_exec(
        t, apr_psprintf(t->pool,
                        "INSERT INTO patient (id, uid, family, given, birth_date, gender, email,"
                        " phone, address_line, city, state, postal_code, created_at) VALUES (%d,"
                        " '%s', 'Walker', 'Ann', '" DAY_BORN "', 'female', 'a@example.org',"
                        " '603-555-0199', '1 Elm', 'Portsmouth', 'NH', '03801', 0)",
                        (int)n, uid(t, n)));
    return n;
}

/* The first resource that can do it serves every need: what is tested here is not who is chosen. */
static void add_steps(store_test_t *t, int64_t booking, int service)
{
    store_test_exec(
        t, apr_psprintf(
               t->pool,
               "INSERT INTO booking_step (booking_id, step_no, kind, name, visit_no, starts_at,"
               " ends_at) SELECT %d, s.step_no, s.kind, s.name, s.visit_no, %d + 60 * (SELECT"
               " COALESCE(SUM(b.minutes), 0) FROM service_step b WHERE b.service_id = s.service_id"
               " AND b.step_no < s.step_no), %d + 60 * (SELECT SUM(b.minutes) FROM service_step b"
               " WHERE b.service_id = s.service_id AND b.step_no <= s.step_no) FROM service_step s"
               " WHERE s.service_id = %d",
               (int)booking, START, START, service));
    store_test_exec(
        t, apr_psprintf(
               t->pool,
               "INSERT INTO booking_resource (booking_id, step_no, need_no, resource_id, busy_from,"
               " busy_until) SELECT b.booking_id, b.step_no, n.need_no, (SELECT MIN(c.resource_id)"
               " FROM resource_capability c WHERE c.capability = n.capability), b.starts_at,"
               " b.ends_at FROM booking_step b JOIN service_need n ON n.service_id = %d AND"
               " n.step_no = b.step_no WHERE b.booking_id = %d",
               service, (int)booking));
}

static void sign(store_test_t *t, int64_t booking)
{
    store_test_exec(
        t,
        apr_psprintf(t->pool,
                     "INSERT INTO consent (uid, booking_id, patient_id, form_version_id, body_site,"
                     " laterality, text, text_sha256, signer_name, signed_at, expires_at)"
                     " SELECT LPAD(CONCAT(b.id, 'c', v.id), 26, '0'), b.id, b.patient_id, v.id,"
                     " b.body_site, b.laterality, 'text', UNHEX(SHA2('text', 256)), 'Ann Walker',"
                     " %d - 86400, %d + 86400 * 90 FROM booking b JOIN service_form f ON"
                     " f.service_id = b.service_id JOIN form_version v ON v.form_id = f.form_id"
                     " WHERE b.id = %d",
                     START, START, (int)booking));
}

int64_t day_booking_of(store_test_t *t, int64_t patient, int service, const char *body_site,
                       const char *side)
{
    int64_t n = store_test_value(t, "SELECT COALESCE(MAX(id), 0) + 1 FROM booking");

    store_test_exec(
        t, apr_psprintf(t->pool,
                        "INSERT INTO booking (id, uid, service_id, site_id, status, starts_at,"
                        " ends_at, patient_id, self_pay, body_site, laterality, price_minor,"
                        " currency, created_at, booked_at) SELECT %d, '%s', v.id, 1, 'booked', %d,"
                        " %d + 60 * SUM(s.minutes), %d, 1, '%s', '%s', v.price_minor, v.currency,"
                        " 0, 0 FROM service v JOIN service_step s ON s.service_id = v.id"
                        " WHERE v.id = %d",
                        (int)n, uid(t, n), START, START, (int)patient, body_site, side, service));
    add_steps(t, n, service);
    sign(t, n);
    return n;
}

int64_t day_booking(store_test_t *t, int service, const char *body_site, const char *side)
{
    return day_booking_of(t, new_patient(t), service, body_site, side);
}

const char *day_uid(store_test_t *t, int64_t booking)
{
    return uid(t, booking);
}

/* --- steps that must go well ------------------------------------------------------------------ */

void day_check_in(store_test_t *t, int64_t booking, int minutes)
{
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, minutes);

    assert_int_equal(rg_day_check_in(ctx, booking, &(rg_check_in_t){DAY_BORN, NULL, NULL, NULL}),
                     RG_OK);
    store_test_done(ctx);
}

const char *day_harvest(store_test_t *t, int64_t booking, const char *side, int minutes)
{
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, minutes);
    bool blood = day_count(t, "booking WHERE service_id = 2 AND id = %d", (int)booking) == 1;
    rg_harvest_in_t in = {.volume_ml = "60",
                          .side_confirmed = side,
                          .who = &day_act,
                          .taken_from = blood ? "left-arm-vein" : "left-posterior-iliac-crest"};
    rg_unit_t *unit = NULL;

    assert_int_equal(rg_day_harvest(&unit, ctx, booking, &in), RG_OK);
    assert_non_null(unit);
    const char *label = apr_pstrdup(t->pool, unit->label);
    store_test_done(ctx);
    return label;
}

void day_process(store_test_t *t, int64_t booking, const char *label, int minutes)
{
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, minutes);
    rg_process_in_t in = {label, "centrifuge-1", "LOT-7", "8",  NULL,         &day_act,
                          NULL,  "20",           NULL,    NULL, "2127-12-31", NULL};

    assert_int_equal(rg_day_process(ctx, booking, &in), RG_OK);
    store_test_done(ctx);
}

const char *day_ready(store_test_t *t, int64_t booking, const char *side)
{
    day_check_in(t, booking, 0);
    const char *label = day_harvest(t, booking, side, 15);
    day_process(t, booking, label, 45);
    return label;
}

rg_outcome_t day_inject(store_test_t *t, int64_t booking, const char *label, const char *site,
                        const char *side, int minutes)
{
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, minutes);
    rg_inject_in_t in = {label, DAY_BORN, site, side, NULL, &day_act, "", "", "", ""};
    rg_outcome_t rc = rg_day_inject(ctx, booking, &in);

    store_test_done(ctx);
    return rc;
}

rg_outcome_t day_complete(store_test_t *t, int64_t booking, const char *diagnoses)
{
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 115);
    rg_complete_in_t in = {diagnoses, NULL, NULL, NULL};
    rg_outcome_t rc = rg_day_complete(ctx, booking, &in);

    store_test_done(ctx);
    return rc;
}

int64_t day_injected(store_test_t *t, int service, const char *site, const char *side)
{
    int64_t b = day_booking(t, service, site, side);

    assert_int_equal(day_inject(t, b, day_ready(t, b, side), site, side, 70), RG_OK);
    return b;
}

void day_withdraw(store_test_t *t, int64_t booking)
{
    store_test_exec(t,
                    apr_psprintf(t->pool,
                                 "INSERT INTO consent_withdrawal (consent_id, at) SELECT MIN(id),"
                                 " 0 FROM consent WHERE booking_id = %d",
                                 (int)booking));
}

/* --- looking ---------------------------------------------------------------------------------- */

int64_t day_count(store_test_t *t, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    const char *what = apr_pvsprintf(t->pool, fmt, ap);
    va_end(ap);
    return store_test_value(t, apr_pstrcat(t->pool, "SELECT COUNT(*) FROM ", what, NULL));
}

void day_assert_says(const rg_ctx_t *ctx, const char *field, const char *words)
{
    const char *text = rg_problem_for(ctx->problems, field);

    if (!text || !strstr(text, words)) {
        fail_msg("expected “%s” at %s, got “%s”", words, field ? field : "the page",
                 !text ? "nothing" : text);
    }
}

const char *day_status(store_test_t *t, int64_t booking)
{
    return store_test_text(
        t, apr_psprintf(t->pool, "SELECT status FROM booking WHERE id = %d", (int)booking));
}

int64_t day_charged(store_test_t *t, int64_t booking)
{
    return store_test_value(t, apr_psprintf(t->pool,
                                            "SELECT COALESCE(SUM(total_minor), 0) FROM charge_item"
                                            " WHERE booking_id = %d",
                                            (int)booking));
}
