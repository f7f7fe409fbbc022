/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of the day: order, consents, roles, stamps, money. */
#include "day_test.h"

#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/visit.h"

/* Everything a step may leave behind. */
static int64_t traces(store_test_t *t, int64_t b)
{
    return day_count(t, "step_event WHERE booking_id = %d", (int)b) +
           day_count(t, "unit WHERE booking_id = %d", (int)b) +
           day_count(t, "charge_item WHERE booking_id = %d", (int)b) +
           day_count(t, "booking_diagnosis WHERE booking_id = %d", (int)b);
}

/* --- the order, as values --------------------------------------------------------------------- */

#define KINDS(...) kinds_of((const int[]){__VA_ARGS__, -1})

static unsigned kinds_of(const int *list)
{
    unsigned bits = 0;

    for (; *list >= 0; list++) {
        bits |= 1u << *list;
    }
    return bits;
}

static void the_order_follows_the_steps(void **state)
{
    unsigned chain = KINDS(RG_STEP_CHECK_IN, RG_STEP_HARVEST, RG_STEP_PROCESS, RG_STEP_INJECT);
    unsigned talk = KINDS(RG_STEP_CHECK_IN, RG_STEP_CONSULT);
    unsigned forgot = KINDS(RG_STEP_HARVEST, RG_STEP_INJECT);
    static const rg_unit_count_t none = {0, 0, 0};
    static const rg_unit_count_t gone = {.made = 1};
    static const rg_unit_count_t fresh = {.made = 1, .raw = 1};
    static const rg_unit_count_t both = {.made = 2, .raw = 1, .ready = 1};

    (void)state;
    for (unsigned e = 0; e < RG_EVENT_COUNT; e++) {
        assert_int_equal(rg_day_next(RG_BOOKING_IN_PROGRESS, chain, (1u << e) - 1, &none), e);
    }
    assert_int_equal(rg_day_next(RG_BOOKING_BOOKED, talk, 0, &none), RG_EVENT_CHECK_IN);
    assert_int_equal(rg_day_next(RG_BOOKING_ARRIVED, talk, 1, &none), RG_EVENT_COMPLETE);
    assert_int_equal(rg_day_next(RG_BOOKING_ARRIVED, forgot, 3, &none), RG_EVENT_PROCESS);
    assert_int_equal(rg_day_next(RG_BOOKING_IN_PROGRESS, chain, 3, &gone), RG_EVENT_COMPLETE);
    /* A second harvest is processed when there is nothing to inject, and every unit is injected. */
    assert_int_equal(rg_day_next(RG_BOOKING_IN_PROGRESS, chain, 7, &fresh), RG_EVENT_PROCESS);
    assert_int_equal(rg_day_next(RG_BOOKING_IN_PROGRESS, chain, 7, &both), RG_EVENT_INJECT);
    assert_int_equal(rg_day_next(RG_BOOKING_IN_PROGRESS, chain, 15, &both), RG_EVENT_INJECT);
    assert_int_equal(rg_day_next(RG_BOOKING_IN_PROGRESS, chain, 15, &fresh), RG_EVENT_PROCESS);
    assert_int_equal(rg_day_next(RG_BOOKING_IN_PROGRESS, chain, 15, &gone), RG_EVENT_COMPLETE);
    assert_int_equal(rg_day_next(RG_BOOKING_COMPLETED, chain, 31, &none), -1);
    assert_int_equal(rg_day_next(RG_BOOKING_HELD, chain, 0, &none), -1);
    assert_int_equal(rg_day_next(RG_BOOKING_CANCELLED, chain, 0, &none), -1);
    assert_int_equal(rg_day_next(RG_BOOKING_NO_SHOW, chain, 0, &none), -1);
}

/* --- the whole day ---------------------------------------------------------------------------- */

static void a_treatment_is_stamped_and_charged_to_the_cent(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "right");

    day_check_in(t, b, -5);
    assert_string_equal(day_status(t, b), "arrived");
    assert_int_equal(day_charged(t, b), 0);
    const char *label = day_harvest(t, b, "right", 15);
    assert_string_equal(day_status(t, b), "in-progress");
    assert_int_equal(day_charged(t, b), 150000);
    day_process(t, b, label, 45);
    assert_int_equal(day_charged(t, b), 230000);
    assert_int_equal(day_inject(t, b, label, "knee", "right", 70), RG_OK);
    assert_int_equal(day_charged(t, b), 460000);
    assert_int_equal(day_complete(t, b, "m1711, Z79.01"), RG_OK);
    assert_string_equal(day_status(t, b), "completed");
    assert_int_equal(day_charged(t, b), 460000);
    /* Every step raises the version: that is what two nodes of a cluster would fall out over. */
    assert_int_equal(day_count(t, "booking WHERE id = %d AND version = 6", (int)b), 1);
    assert_string_equal(
        store_test_text(t, apr_psprintf(t->pool,
                                        "SELECT GROUP_CONCAT(CONCAT(kind, '@', (at - 1796137200)"
                                        " DIV 60, '/', staff_id) ORDER BY at) FROM step_event"
                                        " WHERE booking_id = %d",
                                        (int)b)),
        "check-in@-5/102,harvest@15/101,process@45/101,inject@70/101,complete@115/101");
    assert_string_equal(
        store_test_text(t, apr_psprintf(t->pool,
                                        "SELECT GROUP_CONCAT(CONCAT(code, modifier, quantity,"
                                        " unit_minor, currency, on_claim, service_date) ORDER BY"
                                        " line_no) FROM charge_item WHERE booking_id = %d",
                                        (int)b)),
        "BMAC-HARVEST1150000USD12026-12-01,BMAC-PROCESS180000USD12026-12-01,"
        "BMAC-KNEERT1230000USD12026-12-01");
    assert_string_equal(
        store_test_text(t, apr_psprintf(t->pool,
                                        "SELECT GROUP_CONCAT(code ORDER BY seq) FROM"
                                        " booking_diagnosis WHERE booking_id = %d",
                                        (int)b)),
        "M17.11,Z79.01");
    assert_int_equal(day_count(t,
                               "audit_event WHERE entity = 'booking' AND entity_id = %d AND"
                               " action LIKE 'day.%%'",
                               (int)b),
                     7); /* five steps and two time-outs */
}

/* Who rendered it: the practitioner booked on that step, else who acted. */
/* Whoever it is booked with. */
static void charges_name_who_rendered(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    rg_act_in_t chen = day_act;
    rg_act_in_t nurse = day_act;
    rg_harvest_in_t in = {.volume_ml = "60",
                          .side_confirmed = "left",
                          .who = &chen,
                          .taken_from = "left-posterior-iliac-crest"};
    rg_process_in_t spin = {NULL, "centrifuge-1", "LOT-7", "8",  NULL,         &nurse,
                            NULL, "20",           NULL,    NULL, "2127-12-31", NULL};
    rg_unit_t *unit = NULL;
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 15);

    chen.done_by = "dr-chen";
    nurse.done_by = "rn-lindqvist";
    day_check_in(t, b, 0);
    assert_int_equal(rg_day_harvest(&unit, ctx, b, &in), RG_OK);
    spin.label = apr_pstrdup(t->pool, unit->label);
    store_test_done(ctx);
    ctx = day_ctx(t, DAY_DOCTOR, 45);
    assert_int_equal(rg_day_process(ctx, b, &spin), RG_OK);
    store_test_done(ctx);
    assert_int_equal(day_inject(t, b, spin.label, "knee", "left", 70), RG_OK);
    assert_string_equal(
        store_test_text(t, apr_psprintf(t->pool,
                                        "SELECT GROUP_CONCAT(practitioner_id ORDER BY line_no)"
                                        " FROM charge_item WHERE booking_id = %d",
                                        (int)b)),
        "2,4,1");
}

static void several_of_one_fee_are_multiplied(void **state)
{
    store_test_t *t = *state;
    store_test_exec(
        t, "INSERT INTO fee_schedule (id, code, name, site_id) VALUES (9, 'more', 'X', 1)");
    store_test_exec(t,
                    "INSERT INTO fee_schedule_version (id, schedule_id, made_at) VALUES (9, 9, 0)");
    store_test_exec(t, "INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code,"
                       " description, units, unit_minor, currency) VALUES"
                       " (9, 2, 1, 'harvest', 'DRAW', 'Draw', 3, 1999, 'USD')");
    store_test_exec(t, "SET timestamp = 60");
    store_test_exec(t, "INSERT INTO fee_publication (version_id, schedule_id, valid_from, valid_at,"
                       " at) VALUES (9, 9, '2000-01-01', 0, 0)");
    store_test_exec(t, "SET timestamp = DEFAULT");
    int64_t b = day_booking(t, DAY_PRP, "elbow", "left");
    day_check_in(t, b, 0);
    day_harvest(t, b, "left", 15);
    assert_int_equal(day_charged(t, b), 5997);
}

static void a_consultation_has_two_steps(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_CONSULT, "hip", "left");
    rg_harvest_in_t in = {.volume_ml = "60",
                          .side_confirmed = "left",
                          .who = &day_act,
                          .taken_from = "left-posterior-iliac-crest"};
    rg_unit_t *unit = NULL;
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 10);

    day_check_in(t, b, 0);
    assert_int_equal(rg_day_harvest(&unit, ctx, b, &in), RG_PRECONDITION);
    day_assert_says(ctx, NULL, "no such step");
    store_test_done(ctx);
    assert_int_equal(day_inject(t, b, rg_unit_label_make(t->pool, 1), "hip", "left", 20),
                     RG_PRECONDITION);
    assert_int_equal(day_complete(t, b, "M16.12"), RG_OK);
    assert_string_equal(day_status(t, b), "completed");
    assert_int_equal(day_charged(t, b), 22000);
}

static rg_outcome_t diagnose(store_test_t *t, int64_t booking, const char *diagnoses)
{
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 200);
    rg_complete_in_t in = {diagnoses, NULL, NULL, NULL};
    rg_outcome_t rc = rg_day_diagnose(ctx, booking, &in);

    store_test_done(ctx);
    return rc;
}

static const char *diagnoses_of(store_test_t *t, int64_t booking)
{
    return store_test_text(t, apr_psprintf(t->pool,
                                           "SELECT GROUP_CONCAT(code ORDER BY seq) FROM"
                                           " booking_diagnosis WHERE booking_id = %d",
                                           (int)booking));
}

static void diagnoses_are_corrected_until_a_claim_was_made(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_CONSULT, "knee", "left");

    day_check_in(t, b, -5);
    assert_int_equal(diagnose(t, b, "M17.12"), RG_PRECONDITION);
    assert_int_equal(day_complete(t, b, "M17.12, Z79.01"), RG_OK);
    assert_int_equal(diagnose(t, b, "M17.11"), RG_INVALID);
    assert_int_equal(diagnose(t, b, ""), RG_INVALID);
    assert_string_equal(diagnoses_of(t, b), "M17.12,Z79.01");
    assert_int_equal(diagnose(t, b, "M25.562"), RG_OK);
    assert_string_equal(diagnoses_of(t, b), "M25.562");
    store_test_exec(
        t, "INSERT IGNORE INTO payer (id, code, name, payer_id) VALUES (1, 'p', 'P', '1')");
    store_test_exec(
        t, apr_psprintf(
               t->pool,
               "INSERT INTO claim (uid, claim_no, booking_id, patient_id, payer_id, created_at,"
               " created_by, service_date, total_minor, currency, xml, xml_sha256, json)"
               " SELECT uid, 'C1', id, patient_id, 1, 1, 1, '2026-12-01', 1, 'USD', 'x',"
               " UNHEX(SHA2('x', 256)), 'x' FROM booking WHERE id = %d",
               (int)b));
    assert_int_equal(diagnose(t, b, "M17.12"), RG_PRECONDITION);
    assert_string_equal(diagnoses_of(t, b), "M25.562");
}

/* A service may inject what is no unit of the patient's own; site and side are still confirmed. */
static void a_service_without_harvest_needs_no_label(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");

    store_test_exec(t, apr_psprintf(t->pool,
                                    "DELETE FROM booking_resource WHERE booking_id = %d AND step_no"
                                    " IN (2, 3)",
                                    (int)b));
    store_test_exec(
        t, apr_psprintf(t->pool,
                        "DELETE FROM booking_step WHERE booking_id = %d AND step_no IN (2, 3)",
                        (int)b));
    day_check_in(t, b, 0);
    assert_int_equal(day_inject(t, b, "", "knee", "right", 20), RG_PRECONDITION);
    assert_int_equal(day_inject(t, b, "", "knee", "left", 20), RG_OK);
    assert_string_equal(day_status(t, b), "in-progress");
    assert_int_equal(day_complete(t, b, "M17.12"), RG_OK);
}

/* --- check-in --------------------------------------------------------------------------------- */

static rg_outcome_t check_in_early(store_test_t *t, int64_t booking, const char *born, int minutes,
                                   const char *early, const char *field, const char *words)
{
    rg_ctx_t *ctx = day_ctx(t, DAY_DESK, minutes);
    rg_outcome_t rc = rg_day_check_in(ctx, booking, &(rg_check_in_t){born, early, NULL, NULL});

    if (words) {
        day_assert_says(ctx, field, words);
    }
    store_test_done(ctx);
    return rc;
}

static rg_outcome_t check_in(store_test_t *t, int64_t booking, const char *born, int minutes,
                             const char *field, const char *words)
{
    return check_in_early(t, booking, born, minutes, NULL, field, words);
}

static void check_in_is_on_the_day_at_the_site(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");

    /* The visit is at 10:00 in New York; midnight there is 5:00 UTC, ten hours before. */
    assert_int_equal(check_in(t, b, DAY_BORN, -601, "early", "Tuesday 1 December 2026"),
                     RG_PRECONDITION);
    assert_int_equal(check_in(t, b, DAY_BORN, 14 * 60, "when", "was on Tuesday 1 December"),
                     RG_INVALID);
    assert_int_equal(traces(t, b), 0);
    assert_int_equal(check_in(t, b, DAY_BORN, -600, NULL, NULL), RG_OK);
}

static void check_in_before_the_day_needs_a_reason(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");

    assert_int_equal(
        check_in_early(t, b, DAY_BORN, -1200, "bored", "early", "why it is done today"),
        RG_PRECONDITION);
    /* A reason brings nothing back that is past. */
    assert_int_equal(check_in_early(t, b, DAY_BORN, 14 * 60, "patient-came", "when", "was on"),
                     RG_INVALID);
    assert_int_equal(traces(t, b), 0);
    assert_int_equal(check_in_early(t, b, DAY_BORN, -1200, "patient-came", NULL, NULL), RG_OK);
}

static void check_in_asks_who_it_is(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");

    assert_int_equal(check_in(t, b, "1961-03-13", 0, "birth_date", "not the date of birth"),
                     RG_PRECONDITION);
    assert_int_equal(check_in(t, b, "", 0, "birth_date", "Enter the date of birth"), RG_INVALID);
    assert_int_equal(check_in(t, b, "1961-02-30", 0, "birth_date", "in the calendar"), RG_INVALID);
    assert_string_equal(day_status(t, b), "booked");
    assert_int_equal(day_count(t,
                               "audit_event WHERE action = 'day.refused' AND entity_id = %d AND"
                               " detail = 'check-in wrong-birth-date' AND actor = 'staff:102'",
                               (int)b),
                     1);
    assert_int_equal(check_in(t, b, DAY_BORN, 0, NULL, NULL), RG_OK);
    assert_int_equal(check_in(t, b, DAY_BORN, 1, NULL, "already"), RG_CONFLICT);
    assert_int_equal(day_count(t, "step_event WHERE booking_id = %d", (int)b), 1);
}

static void only_booked_visits_are_checked_in(void **state)
{
    static const char *const states[][2] = {
        {"cancelled", "canceled"}, {"no-show", "is a no-show"}, {"completed", "already completed"}};
    store_test_t *t = *state;

    for (size_t i = 0; i < 3; i++) {
        int64_t b = day_booking(t, DAY_BMAC, "knee", "left");

        store_test_exec(t, apr_psprintf(t->pool, "UPDATE booking SET status = '%s' WHERE id = %d",
                                        states[i][0], (int)b));
        assert_int_equal(check_in(t, b, DAY_BORN, 0, NULL, states[i][1]), RG_PRECONDITION);
        assert_string_equal(day_status(t, b), states[i][0]);
    }
    assert_int_equal(check_in(t, 999999, DAY_BORN, 0, NULL, NULL), RG_NOT_FOUND);
}

/* --- order, roles, consents ------------------------------------------------------------------- */

static void steps_out_of_order_leave_nothing(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    rg_harvest_in_t in = {.volume_ml = "60",
                          .side_confirmed = "left",
                          .who = &day_act,
                          .taken_from = "left-posterior-iliac-crest"};
    rg_unit_t *unit = NULL;
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 5);

    assert_int_equal(rg_day_harvest(&unit, ctx, b, &in), RG_PRECONDITION);
    day_assert_says(ctx, NULL, "First record the check-in");
    store_test_done(ctx);
    assert_int_equal(day_complete(t, b, "M17.12"), RG_PRECONDITION);
    assert_int_equal(traces(t, b), 0);
    day_check_in(t, b, 6);
    assert_int_equal(day_complete(t, b, "M17.12"), RG_PRECONDITION);
    day_harvest(t, b, "left", 15);
    assert_int_equal(day_complete(t, b, "M17.12"), RG_PRECONDITION);
    ctx = day_ctx(t, DAY_DOCTOR, 16);
    assert_int_equal(rg_day_harvest(&unit, ctx, b, &in), RG_CONFLICT);
    day_assert_says(ctx, NULL, "already recorded the harvest");
    store_test_done(ctx);
    assert_int_equal(day_count(t, "unit WHERE booking_id = %d", (int)b), 1);
    assert_int_equal(day_count(t, "booking_diagnosis WHERE booking_id = %d", (int)b), 0);
}

static void each_role_does_its_own(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    rg_ctx_t *ctx = day_ctx(t, DAY_BILLING, 0);
    rg_harvest_in_t in = {.volume_ml = "60",
                          .side_confirmed = "left",
                          .who = &day_act,
                          .taken_from = "left-posterior-iliac-crest"};
    rg_complete_in_t end = {"M17.12", NULL, NULL, NULL};
    rg_unit_t *unit = NULL;

    assert_int_equal(rg_day_check_in(ctx, b, &(rg_check_in_t){DAY_BORN, NULL, NULL, NULL}),
                     RG_FORBIDDEN);
    assert_int_equal(rg_day_dispose(ctx, b, "U", "x"), RG_FORBIDDEN);
    store_test_done(ctx);
    day_check_in(t, b, 0);
    ctx = day_ctx(t, DAY_DESK, 5);
    assert_int_equal(rg_day_harvest(&unit, ctx, b, &in), RG_FORBIDDEN);
    assert_int_equal(rg_day_complete(ctx, b, &end), RG_FORBIDDEN);
    store_test_done(ctx);
    ctx = store_test_ctx(t);
    ctx->who.roles = RG_ROLE_CLINICIAN; /* a role without a person cannot sign */
    assert_int_equal(rg_day_harvest(&unit, ctx, b, &in), RG_FORBIDDEN);
    store_test_done(ctx);
}

static void no_step_without_every_consent(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    const char *label = day_ready(t, b, "left");

    day_withdraw(t, b); /* between the page and the needle */
    assert_int_equal(day_inject(t, b, label, "knee", "left", 60), RG_PRECONDITION);
    assert_int_equal(day_count(t, "injection WHERE booking_id = %d", (int)b), 0);
    b = day_booking(t, DAY_BMAC, "knee", "left");
    day_withdraw(t, b);
    assert_int_equal(
        check_in(t, b, DAY_BORN, 0, NULL, "Consent to bone-marrow concentrate” is missing"),
        RG_PRECONDITION);
    assert_int_equal(traces(t, b), 0);
}

static void consents_count_for_side_version_and_time(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");

    /* Another side than was signed for. */
    store_test_exec(
        t, apr_psprintf(t->pool, "UPDATE booking SET laterality = 'right' WHERE id = %d", (int)b));
    assert_int_equal(
        check_in(t, b, DAY_BORN, 0, NULL, "Consent to bone-marrow concentrate” is missing"),
        RG_PRECONDITION);
    /* A newer text that matters. */
    b = day_booking(t, DAY_PRP, "knee", "left");
    store_test_exec(t, "INSERT INTO form_version (form_id, version, title, body, sha256, material,"
                       " published_at) VALUES (2, 2, 'New', 'New', UNHEX(SHA2('New', 256)), 1, 0)");
    assert_int_equal(check_in(t, b, DAY_BORN, 0, NULL, "platelet-rich plasma” is missing"),
                     RG_PRECONDITION);
    /* Signed for the new text, it goes. */
    b = day_booking(t, DAY_PRP, "knee", "left");
    assert_int_equal(check_in(t, b, DAY_BORN, 0, NULL, NULL), RG_OK);
}

/* Without any of our code: the trigger is the last defence. */
static void the_trigger_refuses_steps_without_consent(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    const char *sql = apr_psprintf(t->pool,
                                   "INSERT INTO step_event (booking_id, kind, at, staff_id) VALUES"
                                   " (%d, 'check-in', 1796137200, 101)",
                                   (int)b);

    day_withdraw(t, b);
    assert_int_not_equal(mysql_query(t->sql, sql), 0);
    assert_int_equal(mysql_errno(t->sql), 1644);
}

/* --- completion ------------------------------------------------------------------------------- */

static void assert_diagnoses_refused(store_test_t *t, int64_t b, const char *codes,
                                     const char *words)
{
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 115);
    rg_complete_in_t in = {codes, NULL, NULL, NULL};

    assert_int_equal(rg_day_complete(ctx, b, &in), RG_INVALID);
    day_assert_says(ctx, "diagnoses", words);
    store_test_done(ctx);
    assert_int_equal(day_count(t, "booking_diagnosis WHERE booking_id = %d", (int)b), 0);
    assert_string_equal(day_status(t, b), "in-progress");
}

static void diagnoses_must_be_known_exact_and_of_the_right_place(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_injected(t, DAY_BMAC, "knee", "right");

    store_test_exec(t, "INSERT IGNORE INTO icd10cm (code, billable, title) VALUES ('M17', 0,"
                       " 'Osteoarthritis of knee')");
    assert_diagnoses_refused(t, b, "", "at least one");
    assert_diagnoses_refused(t, b, " , ;", "at least one");
    assert_diagnoses_refused(t, b, "knee", "not in this clinic's list");
    assert_diagnoses_refused(t, b, "17.11", "not an ICD-10-CM code");
    assert_diagnoses_refused(t, b, "M17.11\xc3\xa9", "not an ICD-10-CM code");
    assert_diagnoses_refused(t, b, "M99.99", "not in this clinic's list");
    assert_diagnoses_refused(t, b, "M17", "category");
    assert_diagnoses_refused(t, b, "M17.12", "for the left side, but the right side");
    assert_diagnoses_refused(t, b, "M17.11 M17.12", "for the left side, but the right side");
    assert_diagnoses_refused(t, b, "M16.11", "for the hip, but the knee");
    assert_diagnoses_refused(t, b, "M17.11 m1711", "twice");
    assert_diagnoses_refused(t, b,
                             "M17.11 A00.0 A00.1 A00.9 A01.0 A01.1 A01.2 A01.3 A01.4 A02.0 A02.1"
                             " A02.2 A02.8",
                             "at most 12");
    assert_int_equal(day_complete(t, b, "M17.0"), RG_OK); /* both knees include the right one */
}

static void two_bad_codes_are_told_at_once(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_injected(t, DAY_BMAC, "knee", "right");
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 115);
    rg_complete_in_t in = {"M17.12 M99.99", NULL, NULL, NULL};

    assert_int_equal(rg_day_complete(ctx, b, &in), RG_INVALID);
    assert_int_equal(ctx->problems->list->nelts, 2);
    store_test_done(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_follows_the_steps),
        cmocka_unit_test(a_treatment_is_stamped_and_charged_to_the_cent),
        cmocka_unit_test(charges_name_who_rendered),
        cmocka_unit_test(a_consultation_has_two_steps),
        cmocka_unit_test(a_service_without_harvest_needs_no_label),
        cmocka_unit_test(diagnoses_are_corrected_until_a_claim_was_made),
        cmocka_unit_test(check_in_is_on_the_day_at_the_site),
        cmocka_unit_test(check_in_before_the_day_needs_a_reason),
        cmocka_unit_test(check_in_asks_who_it_is),
        cmocka_unit_test(only_booked_visits_are_checked_in),
        cmocka_unit_test(steps_out_of_order_leave_nothing),
        cmocka_unit_test(each_role_does_its_own),
        cmocka_unit_test(no_step_without_every_consent),
        cmocka_unit_test(consents_count_for_side_version_and_time),
        cmocka_unit_test(the_trigger_refuses_steps_without_consent),
        cmocka_unit_test(diagnoses_must_be_known_exact_and_of_the_right_place),
        cmocka_unit_test(two_bad_codes_are_told_at_once),
        cmocka_unit_test(several_of_one_fee_are_multiplied), /* last: the price stays */
    };

    return cmocka_run_group_tests_name("day", tests, day_setup, store_test_teardown);
}
