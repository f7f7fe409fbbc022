/* SPDX-License-Identifier: Apache-2.0 */
/* A unit goes only into its own patient: by the use-cases, by direct SQL, and with many clients at
 * once. */
#include "day_test.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/unit.h"

/* --- labels ----------------------------------------------------------------------------------- */

static void labels_carry_a_check_character(void **state)
{
    store_test_t *t = *state;
    const char *label = rg_unit_label_make(t->pool, 42);

    assert_int_equal(strlen(label), 9);
    assert_memory_equal(label, "U0000042", 8);
    assert_string_equal(rg_unit_label_read(t->pool, label), label);
    assert_null(rg_unit_label_read(t->pool, "U0000042"));
    assert_null(rg_unit_label_read(t->pool, NULL));
    assert_null(rg_unit_label_read(t->pool, ""));
    assert_null(rg_unit_label_read(t->pool, "U00000420000000000000000000000"));
    assert_null(rg_unit_label_read(t->pool, "U000004\xc3\xa9"));
}

static void labels_are_read_as_people_type_them(void **state)
{
    store_test_t *t = *state;
    const char *label = rg_unit_label_make(t->pool, 1234567);
    const char *spaced =
        apr_psprintf(t->pool, " u%.3s-%.4s %c", label + 1, label + 4, label[8] | 0x20);

    assert_string_equal(rg_unit_label_read(t->pool, spaced), label);
}

static bool wrong_digit_is_noticed(apr_pool_t *p, const char *label, size_t i)
{
    char *wrong = apr_pstrdup(p, label);

    for (char c = '0'; c <= '9'; c++) {
        wrong[i] = c;
        if (c != label[i] && rg_unit_label_read(p, wrong)) {
            return false;
        }
    }
    return true;
}

/* ISO 7064 MOD 37,36 promises every wrong character, and nearly every swap of neighbors. */
static void labels_notice_a_wrong_or_swapped_character(void **state)
{
    store_test_t *t = *state;
    int swaps = 0;
    int missed = 0;

    for (int n = 1; n < 9000000; n += 19997) {
        const char *label = rg_unit_label_make(t->pool, n);

        for (size_t i = 1; i < 8; i++) {
            char *swapped = apr_pstrdup(t->pool, label);

            assert_true(wrong_digit_is_noticed(t->pool, label, i));
            swapped[i] = label[i + 1];
            swapped[i + 1] = label[i];
            if (i < 7 && label[i] != label[i + 1]) {
                swaps++;
                missed += rg_unit_label_read(t->pool, swapped) != NULL;
            }
        }
    }
    assert_true(swaps > 500);
    assert_true(missed * 20 < swaps);
}

/* The published example of MOD 37,36: a Global Release Identifier ends with M. The label's check
 * character is the same sum over other characters, so it is compared with a second writing of it.
 */
static char second_opinion(const char *s)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    int p = 36;

    for (; *s != '\0'; s++) {
        int sum = p + (int)(strchr(alphabet, *s) - alphabet);

        sum = sum > 36 ? sum - 36 : sum;
        p = 2 * sum;
        p = p > 36 ? p - 37 : p;
    }
    return alphabet[p == 1 ? 0 : 37 - p];
}

static void labels_follow_the_standard(void **state)
{
    store_test_t *t = *state;

    assert_int_equal(second_opinion("A12425GABC1234002"), 'M');
    for (int n = 1; n < 5000; n++) {
        const char *label = rg_unit_label_make(t->pool, n);

        assert_int_equal(label[8], second_opinion(apr_pstrmemdup(t->pool, label, 8)));
    }
}

/* --- the way of one unit ---------------------------------------------------------------------- */

static rg_outcome_t inject(store_test_t *t, rg_ctx_t **out, int64_t booking, const char *label,
                           const char *site, const char *side, int minutes)
{
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, minutes);
    rg_inject_in_t in = {label, DAY_BORN, site, side, NULL, &day_act, "", "", "", ""};

    *out = ctx;
    return rg_day_inject(ctx, booking, &in);
}

static void a_unit_goes_from_harvest_to_injection(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "right");
    const char *label = day_ready(t, b, "right");
    rg_ctx_t *ctx;

    assert_int_equal(inject(t, &ctx, b, label, "knee", "right", 80), RG_OK);
    store_test_done(ctx);
    assert_int_equal(day_count(t,
                               "unit u JOIN unit_processing x ON x.unit_id = u.id JOIN injection i"
                               " ON i.unit_id = u.id WHERE u.booking_id = %d AND u.label = '%s'"
                               " AND u.material = 'bone-marrow' AND u.volume_ml = 60"
                               " AND u.harvested_at = 1796137200 + 900"
                               " AND u.expires_at = u.harvested_at + 240 * 60 AND u.staff_id = 101"
                               " AND x.kit_lot = 'LOT-7' AND x.volume_ml = 8 AND x.resource_id = 12"
                               " AND x.at = 1796137200 + 2700 AND i.injected_at = 1796137200 + 4800"
                               " AND i.laterality = 'right' AND i.body_site = 'knee'",
                               (int)b, label),
                     1);
    assert_string_equal(
        store_test_text(t,
                        apr_psprintf(t->pool, "SELECT status FROM booking WHERE id = %d", (int)b)),
        "in-progress");
}

/* --- refusals, and that they are remembered --------------------------------------------------- */

static void assert_refused(store_test_t *t, int64_t booking, const char *code)
{
    assert_int_equal(day_count(t,
                               "audit_event WHERE action = 'day.refused' AND entity = 'booking'"
                               " AND entity_id = %d AND detail LIKE 'inject %s%%' AND actor ="
                               " 'staff:101'",
                               (int)booking, code),
                     1);
    assert_int_equal(day_count(t, "injection WHERE booking_id = %d", (int)booking), 0);
    assert_int_equal(
        day_count(t, "step_event WHERE booking_id = %d AND kind = 'inject'", (int)booking), 0);
    assert_int_equal(
        day_count(t, "charge_item WHERE booking_id = %d AND step_kind = 'inject'", (int)booking),
        0);
}

static void another_patients_unit_is_refused(void **state)
{
    store_test_t *t = *state;
    int64_t mine = day_booking(t, DAY_BMAC, "knee", "left");
    int64_t theirs = day_booking(t, DAY_BMAC, "knee", "left");
    rg_ctx_t *ctx;
    const char *label = day_ready(t, theirs, "left");

    day_ready(t, mine, "left");
    assert_int_equal(inject(t, &ctx, mine, label, "knee", "left", 60), RG_PRECONDITION);
    day_assert_says(ctx, "label", "this unit belongs to another patient");
    store_test_done(ctx);
    assert_refused(t, mine, "wrong-patient unit:");
    assert_int_equal(day_count(t, "injection WHERE booking_id = %d", (int)theirs), 0);
}

/* The refusal must not be taken for an answer when the same form comes again. */
static void a_refusal_leaves_the_key_unused(void **state)
{
    store_test_t *t = *state;
    int64_t mine = day_booking(t, DAY_BMAC, "knee", "left");
    int64_t theirs = day_booking(t, DAY_BMAC, "knee", "left");
    const char *wrong = day_ready(t, theirs, "left");
    rg_idem_t idem = {.key = {7}, .request = {9}};

    day_ready(t, mine, "left");
    for (int i = 1; i <= 2; i++) {
        rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 60);
        rg_inject_in_t in = {wrong, DAY_BORN, "knee", "left", NULL, &day_act, "", "", "", ""};

        ctx->idem = &idem;
        assert_int_equal(rg_day_inject(ctx, mine, &in), RG_PRECONDITION);
        assert_ptr_equal(ctx->idem, &idem);
        assert_false(idem.replayed);
        store_test_done(ctx);
        assert_int_equal(
            day_count(t, "audit_event WHERE action = 'day.refused' AND entity_id = %d", (int)mine),
            i);
    }
}

static void an_earlier_treatments_unit_is_refused(void **state)
{
    store_test_t *t = *state;
    int64_t first = day_booking(t, DAY_BMAC, "knee", "left");
    int64_t patient = store_test_value(
        t, apr_psprintf(t->pool, "SELECT patient_id FROM booking WHERE id = %d", (int)first));
    int64_t second = day_booking_of(t, patient, DAY_BMAC, "knee", "left");
    const char *label = day_ready(t, first, "left");
    rg_ctx_t *ctx;

    day_ready(t, second, "left");
    assert_int_equal(inject(t, &ctx, second, label, "knee", "left", 60), RG_PRECONDITION);
    day_assert_says(ctx, "label", "another treatment");
    store_test_done(ctx);
    assert_refused(t, second, "wrong-booking unit:");
}

static void an_unknown_label_is_refused(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    rg_ctx_t *ctx;

    day_ready(t, b, "left");
    assert_int_equal(inject(t, &ctx, b, rg_unit_label_make(t->pool, 9999999), "knee", "left", 60),
                     RG_PRECONDITION);
    store_test_done(ctx);
    assert_refused(t, b, "unknown-label");
    assert_int_equal(inject(t, &ctx, b, "U0000001?", "knee", "left", 60), RG_INVALID);
    store_test_done(ctx);
}

static void the_wrong_side_is_refused(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    const char *label = day_ready(t, b, "left");
    rg_ctx_t *ctx;

    assert_int_equal(inject(t, &ctx, b, label, "knee", "right", 60), RG_PRECONDITION);
    day_assert_says(ctx, "side", "the left side was booked");
    store_test_done(ctx);
    assert_refused(t, b, "wrong-side unit:");
    assert_int_equal(inject(t, &ctx, b, label, "knee", "none", 60), RG_PRECONDITION);
    store_test_done(ctx);
    assert_int_equal(inject(t, &ctx, b, label, "knee", "bilateral", 60), RG_INVALID);
    store_test_done(ctx);
    assert_int_equal(inject(t, &ctx, b, label, "knee", "", 60), RG_INVALID);
    store_test_done(ctx);
}

static void the_wrong_joint_is_refused(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_PRP, "elbow", "left");
    const char *label = day_ready(t, b, "left");
    rg_ctx_t *ctx;

    assert_int_equal(inject(t, &ctx, b, label, "shoulder", "left", 60), RG_PRECONDITION);
    day_assert_says(ctx, "body_site", "the elbow was booked");
    store_test_done(ctx);
    assert_refused(t, b, "wrong-body-site unit:");
    assert_int_equal(inject(t, &ctx, b, label, "", "left", 60), RG_PRECONDITION);
    store_test_done(ctx);
}

static void the_wrong_person_is_refused(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    rg_inject_in_t in = {
        day_ready(t, b, "left"), "1961-03-15", "knee", "left", NULL, &day_act, "", "", "", ""};
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 60);

    assert_int_equal(rg_day_inject(ctx, b, &in), RG_PRECONDITION);
    day_assert_says(ctx, "birth_date", "not the date of birth on file");
    store_test_done(ctx);
    assert_refused(t, b, "wrong-birth-date unit:");
    ctx = day_ctx(t, DAY_DOCTOR, 60);
    in.birth_date = "3.4.1961";
    assert_int_equal(rg_day_inject(ctx, b, &in), RG_INVALID);
    store_test_done(ctx);
}

static void an_expired_unit_is_refused(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    const char *label = day_ready(t, b, "left"); /* harvested at +15, good until +255 */
    rg_ctx_t *ctx;

    assert_int_equal(inject(t, &ctx, b, label, "knee", "left", 255), RG_GONE);
    day_assert_says(ctx, "label", "has expired");
    store_test_done(ctx);
    assert_refused(t, b, "expired unit:");
    assert_int_equal(inject(t, &ctx, b, label, "knee", "left", 254), RG_OK);
    store_test_done(ctx);
}

static void an_expired_unit_is_not_processed(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    rg_process_in_t in = {NULL, "centrifuge-1", "LOT-7", "8",  NULL,         &day_act,
                          NULL, "20",           NULL,    NULL, "2127-12-31", NULL};
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 300);

    day_check_in(t, b, 0);
    in.label = day_harvest(t, b, "left", 15);
    assert_int_equal(rg_day_process(ctx, b, &in), RG_GONE);
    store_test_done(ctx);
    assert_int_equal(day_count(t,
                               "unit_processing x JOIN unit u ON u.id = x.unit_id WHERE"
                               " u.booking_id = %d",
                               (int)b),
                     0);
}

static void an_unprocessed_unit_is_refused(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    rg_ctx_t *ctx;

    day_check_in(t, b, 0);
    const char *label = day_harvest(t, b, "left", 15);
    assert_int_equal(inject(t, &ctx, b, label, "knee", "left", 60), RG_PRECONDITION);
    day_assert_says(ctx, "label", "not been processed");
    store_test_done(ctx);
    assert_refused(t, b, "unprocessed unit:");
}

static void harvest_for_the_wrong_side_makes_no_unit(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    int64_t last = store_test_value(t, "SELECT COALESCE(MAX(last), 0) FROM counter WHERE name ="
                                       " 'unit'");
    rg_harvest_in_t in = {.volume_ml = "60",
                          .side_confirmed = "right",
                          .who = &day_act,
                          .taken_from = "left-posterior-iliac-crest"};
    rg_unit_t *unit = NULL;
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 15);

    day_check_in(t, b, 0);
    assert_int_equal(rg_day_harvest(&unit, ctx, b, &in), RG_PRECONDITION);
    day_assert_says(ctx, "side_confirmed", "the left side");
    store_test_done(ctx);
    assert_null(unit);
    assert_int_equal(day_count(t, "unit WHERE booking_id = %d", (int)b), 0);
    assert_int_equal(
        store_test_value(t, "SELECT COALESCE(MAX(last), 0) FROM counter WHERE name = 'unit'"),
        last);
}

static void what_is_typed_is_checked_all_at_once(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    rg_harvest_in_t harvest = {.volume_ml = "0",
                               .side_confirmed = "up",
                               .who = &day_act,
                               .taken_from = "left-posterior-iliac-crest"};
    rg_process_in_t process = {"U12", "",   "",   "8.5", NULL,         &day_act,
                               NULL,  "20", NULL, NULL,  "2127-12-31", NULL};
    rg_unit_t *unit = NULL;
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 15);

    assert_int_equal(rg_day_harvest(&unit, ctx, b, &harvest), RG_INVALID);
    day_assert_says(ctx, "volume_ml", "whole milliliters");
    day_assert_says(ctx, "side_confirmed", "side");
    store_test_done(ctx);
    ctx = day_ctx(t, DAY_DOCTOR, 15);
    assert_int_equal(rg_day_process(ctx, b, &process), RG_INVALID);
    day_assert_says(ctx, "label", "not a label of this clinic");
    day_assert_says(ctx, "kit_lot", "lot number");
    day_assert_says(ctx, "volume_ml", "whole milliliters");
    store_test_done(ctx);
}

static void processing_wants_a_centrifuge_and_a_smaller_volume(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    rg_process_in_t in = {NULL, "ultrasound-1", "LOT-7", "8",  NULL,         &day_act,
                          NULL, "20",           NULL,    NULL, "2127-12-31", NULL};
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 45);

    day_check_in(t, b, 0);
    in.label = day_harvest(t, b, "left", 15);
    assert_int_equal(rg_day_process(ctx, b, &in), RG_INVALID);
    day_assert_says(ctx, "device_code", "device");
    store_test_done(ctx);
    ctx = day_ctx(t, DAY_DOCTOR, 45);
    in.device_code = "centrifuge-2";
    in.volume_ml = "61";
    assert_int_equal(rg_day_process(ctx, b, &in), RG_INVALID);
    day_assert_says(ctx, "volume_ml", "60 ml");
    store_test_done(ctx);
}

static void close_centrifuge(store_test_t *t, const char *code, const char *minutes)
{
    store_test_exec(t, apr_psprintf(t->pool,
                                    "INSERT INTO closure (site_id, resource_id, first_day,"
                                    " last_day, start_minute, end_minute, kind, reason) SELECT"
                                    " site_id, id, '2020-01-01', '2090-01-01', %s, 'calibration',"
                                    " 'Out for calibration' FROM resource WHERE code = '%s'",
                                    minutes, code));
}

/* care.md section 8: a centrifuge closed for calibration was offered, and what it made was used. */
static void a_closed_centrifuge_makes_nothing(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    rg_process_in_t in = {NULL, "centrifuge-1", "LOT-7", "8",  NULL,         &day_act,
                          NULL, "20",           NULL,    NULL, "2127-12-31", NULL};
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 45);
    rg_chart_t *chart = NULL;

    day_check_in(t, b, 0);
    in.label = day_harvest(t, b, "left", 15);
    close_centrifuge(t, "centrifuge-1", "0, 1440");
    close_centrifuge(t, "centrifuge-2", "0, 5"); /* at midnight */
    assert_int_equal(rg_day_process(ctx, b, &in), RG_PRECONDITION);
    day_assert_says(ctx, "device_code", "closed at this time (Out for calibration)");
    assert_int_equal(day_count(t,
                               "audit_event WHERE detail LIKE 'process closed-device%%' AND"
                               " entity_id = %d",
                               (int)b),
                     1);
    store_test_done(ctx);
    ctx = day_ctx(t, DAY_DOCTOR, 45);
    assert_int_equal(
        rg_day_chart(&chart, ctx,
                     store_test_text(
                         t, apr_psprintf(t->pool, "SELECT uid FROM booking WHERE id = %d", (int)b)),
                     NULL),
        RG_OK);
    for (int i = 0; i < chart->device_count; i++) {
        bool first = strcmp(chart->devices[i].resource.code, "centrifuge-1") == 0;
        assert_int_equal(first, chart->devices[i].closed != NULL);
    }
    in.device_code = "centrifuge-2";
    assert_int_equal(rg_day_process(ctx, b, &in), RG_OK);
    store_test_done(ctx);
    store_test_exec(t, "DELETE FROM closure WHERE reason = 'Out for calibration'");
}

/* --- disposal --------------------------------------------------------------------------------- */

static rg_outcome_t dispose(store_test_t *t, int64_t booking, const char *label, const char *reason)
{
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 100);
    rg_outcome_t rc = rg_day_dispose(ctx, booking, label, reason);

    store_test_done(ctx);
    return rc;
}

static void a_disposed_unit_ends_the_treatment_without_injection(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    const char *label = day_ready(t, b, "left");
    rg_complete_in_t in = {"M17.12", NULL, NULL, NULL};
    rg_ctx_t *ctx;

    assert_int_equal(dispose(t, b, label, "  "), RG_INVALID);
    assert_int_equal(dispose(t, b, label, "It clotted"), RG_OK);
    assert_int_equal(dispose(t, b, label, "Again"), RG_GONE);
    assert_int_equal(inject(t, &ctx, b, label, "knee", "left", 110), RG_GONE);
    day_assert_says(ctx, "label", "disposed of");
    store_test_done(ctx);
    ctx = day_ctx(t, DAY_DOCTOR, 120);
    assert_int_equal(rg_day_complete(ctx, b, &in), RG_OK);
    store_test_done(ctx);
    /* What was done is owed, what was not is not: harvest 1500.00 and processing 800.00. */
    assert_int_equal(store_test_value(t, apr_psprintf(t->pool,
                                                      "SELECT SUM(total_minor) FROM charge_item"
                                                      " WHERE booking_id = %d",
                                                      (int)b)),
                     230000);
}

static void a_used_unit_cannot_be_disposed_of(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    const char *label = day_ready(t, b, "left");
    rg_ctx_t *ctx;

    assert_int_equal(inject(t, &ctx, b, label, "knee", "left", 80), RG_OK);
    store_test_done(ctx);
    assert_int_equal(dispose(t, b, label, "Oops"), RG_GONE);
    assert_int_equal(inject(t, &ctx, b, label, "knee", "left", 81), RG_GONE);
    store_test_done(ctx);
}

static void another_patients_unit_cannot_be_disposed_of(void **state)
{
    store_test_t *t = *state;
    int64_t mine = day_booking(t, DAY_BMAC, "knee", "left");
    const char *theirs = day_ready(t, day_booking(t, DAY_BMAC, "knee", "left"), "left");

    assert_int_equal(dispose(t, mine, theirs, "Not mine"), RG_PRECONDITION);
    assert_int_equal(day_count(t,
                               "unit_disposal d JOIN unit u ON u.id = d.unit_id WHERE u.label ="
                               " '%s'",
                               theirs),
                     0);
}

/* --- the keys: direct SQL, without any of our code -------------------------------------------- */

static unsigned raw(store_test_t *t, const char *sql)
{
    return mysql_query(t->sql, sql) == 0 ? 0 : mysql_errno(t->sql);
}

/* Somebody who may do it did it then, as SQL of the module's own account would say, without a
 * time-out. */
static void raw_act(store_test_t *t, int64_t booking, const char *kind, const char *at)
{
    store_test_exec(t, "UPDATE service SET timeout_harvest = 0, timeout_inject = 0");
    store_test_exec(
        t, apr_psprintf(t->pool,
                        "INSERT IGNORE INTO act (booking_id, kind, at, recorded_at, staff_id,"
                        " second_id, done_by, capability, capability_id) SELECT b.id, '%s', %s, %s,"
                        " 101, 5, d.resource_id, d.capability, d.capability_id FROM booking b JOIN"
                        " step_doer d ON d.service_id = b.service_id AND d.kind = '%s' WHERE"
                        " b.id = %d ORDER BY d.resource_id LIMIT 1",
                        kind, at, at, kind, (int)booking));
}

static unsigned raw_inject(store_test_t *t, const char *label, int64_t booking, const char *set)
{
    return raw(t, apr_psprintf(t->pool,
                               "INSERT INTO injection (unit_id, booking_id, patient_id, body_site,"
                               " laterality, expires_at, injected_at, staff_id) SELECT u.id, b.id,"
                               " b.patient_id, b.body_site, %s, 101 FROM unit u, booking b WHERE"
                               " u.label = '%s' AND b.id = %d",
                               set, label, (int)booking));
}

#define AS_BOOKED "b.laterality, u.expires_at, u.expires_at - 60"
#define FK_FAILS  1452
#define CK_FAILS  4025
#define DUPLICATE 1062
#define SIGNALLED 1644

static void the_keys_refuse_another_patients_unit(void **state)
{
    store_test_t *t = *state;
    int64_t mine = day_booking(t, DAY_BMAC, "knee", "left");
    int64_t theirs = day_booking(t, DAY_BMAC, "knee", "left");
    const char *label = day_ready(t, theirs, "left");

    day_ready(t, mine, "left");
    assert_int_equal(raw_inject(t, label, mine, AS_BOOKED), SIGNALLED);
    /* … also when the row lies about whose it is. */
    assert_int_equal(
        raw(t, apr_psprintf(t->pool,
                            "INSERT INTO injection (unit_id, booking_id, patient_id, body_site,"
                            " laterality, expires_at, injected_at, staff_id) SELECT u.id,"
                            " u.booking_id, b.patient_id, u.body_site, u.laterality, u.expires_at,"
                            " u.expires_at - 60, 101 FROM unit u, booking b WHERE u.label = '%s'"
                            " AND b.id = %d",
                            label, (int)mine)),
        SIGNALLED);
    assert_int_equal(raw(t, apr_psprintf(t->pool,
                                         "UPDATE unit SET patient_id = (SELECT patient_id FROM"
                                         " booking WHERE id = %d) WHERE label = '%s'",
                                         (int)mine, label)),
                     FK_FAILS);
}

/* A unit of the booking, as SQL with the module's account would write it. */
static int raw_unit(store_test_t *t, int64_t booking, const char *service, const char *product)
{
    static int n = 0;
    return raw(t, apr_psprintf(t->pool,
                               "INSERT INTO unit (label, booking_id, patient_id, service_id,"
                               " product_no, material, body_site, laterality, volume_ml,"
                               " harvested_at, expires_at, staff_id, collection_id) SELECT"
                               " 'RAW%d', b.id, b.patient_id, %s, %s, b.body_site, b.laterality,"
                               " 60, c.at, c.at + 60, 101, c.id FROM booking b JOIN collection c"
                               " ON c.booking_id = b.id WHERE b.id = %d",
                               ++n, service, product, (int)booking));
}

static void only_the_products_material_is_a_unit(void **state)
{
    static const char *const others[] = {"1, 'blood'", "1, 'adipose'", "2, 'bone-marrow'",
                                         "NULL, 'blood'", "NULL, 'bone-marrow'"};
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");

    raw_act(t, b, "harvest", "(SELECT MAX(c.signed_at) FROM consent c WHERE c.booking_id = b.id)");
    assert_int_equal(
        raw(t, apr_psprintf(t->pool,
                            "INSERT INTO collection (booking_id, patient_id, material, taken_from,"
                            " volume_ml, at, recorded_at, staff_id) SELECT b.id, b.patient_id,"
                            " 'bone-marrow', 'left-tibia', 60, a.at, a.at, 101 FROM booking b"
                            " JOIN act a ON a.booking_id = b.id WHERE b.id = %d",
                            (int)b)),
        0);
    for (int keys = 1; keys >= 0; keys--) {
        raw(t, apr_psprintf(t->pool, "SET foreign_key_checks = %d", keys));
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
            assert_int_equal(raw_unit(t, b, "b.service_id", others[i]), SIGNALLED);
        }
        /* … nor another service's. */
        assert_int_equal(raw_unit(t, b, "2", "1, 'blood'"), SIGNALLED);
        assert_int_equal(raw_unit(t, b, "NULL", "1, 'bone-marrow'"), SIGNALLED);
    }
    raw(t, "SET foreign_key_checks = 1");
    assert_int_equal(raw_unit(t, b, "b.service_id", "1, 'bone-marrow'"), 0);
    assert_int_equal(raw(t, "UPDATE unit SET material = 'blood'"), FK_FAILS);
    assert_int_equal(raw(t, "UPDATE service_product SET material = 'blood' WHERE service_id = 1"),
                     SIGNALLED);
    assert_int_equal(
        raw(t, apr_psprintf(t->pool, "UPDATE booking SET service_id = 2 WHERE id = %d", (int)b)),
        SIGNALLED);
}

static void without_a_product_nothing_is_harvested(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");
    rg_harvest_in_t in = {.volume_ml = "60",
                          .side_confirmed = "left",
                          .who = &day_act,
                          .taken_from = "left-posterior-iliac-crest"};
    rg_unit_t *unit = NULL;

    day_check_in(t, b, 0);
    store_test_exec(t, "CREATE TABLE product_spare AS SELECT * FROM service_product");
    store_test_exec(t, "SET foreign_key_checks = 0");
    store_test_exec(t, "TRUNCATE TABLE service_product"); /* no trigger fires */
    rg_ctx_t *ctx = day_ctx(t, DAY_DOCTOR, 15);
    assert_int_equal(rg_day_harvest(&unit, ctx, b, &in), RG_PRECONDITION);
    day_assert_says(ctx, NULL, "does not say what is harvested");
    assert_int_equal(
        day_count(t, "audit_event WHERE detail = 'harvest no-product' AND entity_id = %d", (int)b),
        1);
    store_test_done(ctx);
    store_test_exec(t, "INSERT INTO service_product SELECT * FROM product_spare");
    store_test_exec(t, "DROP TABLE product_spare");
    store_test_exec(t, "SET foreign_key_checks = 1");
    day_harvest(t, b, "left", 15);
}

static void made_by_hand_without_a_device(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");

    day_check_in(t, b, 0);
    const char *label = day_harvest(t, b, "left", 15);
    assert_int_equal(raw(t, apr_psprintf(t->pool,
                                         "INSERT INTO unit_processing (unit_id, resource_id,"
                                         " kit_lot, volume_ml, at, staff_id) SELECT id, NULL,"
                                         " 'K', 5, 1, 101 FROM unit WHERE label = '%s'",
                                         label)),
                     SIGNALLED);
}

static void the_keys_refuse_another_side_and_old_or_raw_units(void **state)
{
    store_test_t *t = *state;
    int64_t b = day_booking(t, DAY_BMAC, "knee", "left");

    day_check_in(t, b, 0);
    const char *label = day_harvest(t, b, "left", 15);
    assert_int_equal(raw_inject(t, label, b, AS_BOOKED), SIGNALLED); /* not processed */
    day_process(t, b, label, 45);
    assert_int_equal(raw_inject(t, label, b, "'right', u.expires_at, u.expires_at - 60"),
                     SIGNALLED);
    assert_int_equal(raw_inject(t, label, b, "b.laterality, u.expires_at, u.expires_at"),
                     SIGNALLED);
    assert_int_equal(
        raw_inject(t, label, b, "b.laterality, u.expires_at + 9999, u.expires_at + 60"), SIGNALLED);
    assert_int_equal(raw_inject(t, label, b, AS_BOOKED), SIGNALLED); /* nobody gave it */
    raw_act(t, b, "inject", "(SELECT MAX(u.expires_at) - 60 FROM unit u)");
    assert_int_equal(raw_inject(t, label, b, AS_BOOKED), 0);
    assert_int_equal(raw_inject(t, label, b, AS_BOOKED), SIGNALLED);
}

/* --- many at once ----------------------------------------------------------------------------- */

#define CLIENTS 8

typedef struct {
    store_test_t *t;
    int64_t booking[CLIENTS];
    const char *label;
    rg_outcome_t outcome[CLIENTS];
    char made[CLIENTS][24];
} race_t;

static void race_inject(void *baton, int n)
{
    race_t *r = baton;
    rg_ctx_t *ctx = day_ctx(r->t, DAY_DOCTOR, 80);
    rg_inject_in_t in = {r->label, DAY_BORN, "knee", "left", NULL, &day_act, "", "", "", ""};

    r->outcome[n] = rg_day_inject(ctx, r->booking[0], &in);
    store_test_done(ctx);
}

static void one_unit_is_injected_once(void **state)
{
    for (int round = 0; round < 5; round++) {
        race_t r = {.t = *state};
        int won = 0;

        r.booking[0] = day_booking(r.t, DAY_BMAC, "knee", "left");
        r.label = day_ready(r.t, r.booking[0], "left");
        store_test_threads(CLIENTS, race_inject, &r);
        for (int i = 0; i < CLIENTS; i++) {
            won += r.outcome[i] == RG_OK;
            assert_true(r.outcome[i] == RG_OK || r.outcome[i] == RG_GONE ||
                        r.outcome[i] == RG_CONFLICT);
        }
        assert_int_equal(won, 1);
        assert_int_equal(day_count(r.t, "injection WHERE booking_id = %d", (int)r.booking[0]), 1);
        assert_int_equal(day_count(r.t,
                                   "charge_item WHERE booking_id = %d AND step_kind = 'inject'",
                                   (int)r.booking[0]),
                         1);
    }
}

static void race_harvest(void *baton, int n)
{
    race_t *r = baton;
    rg_ctx_t *ctx = day_ctx(r->t, DAY_DOCTOR, 15);
    /* Every other one is refused inside the transaction: its number must go to somebody else. */
    rg_harvest_in_t in = {.volume_ml = "60",
                          .side_confirmed = n % 2 == 0 ? "left" : "right",
                          .who = &day_act,
                          .taken_from = "left-posterior-iliac-crest"};
    rg_unit_t *unit = NULL;

    r->outcome[n] = rg_day_harvest(&unit, ctx, r->booking[n], &in);
    apr_cpystrn(r->made[n], unit ? unit->label : "", sizeof(r->made[n]));
    store_test_done(ctx);
}

static void labels_have_no_gaps(void **state)
{
    race_t r = {.t = *state};
    static const char last_unit[] =
        "SELECT COALESCE(MAX(last), 0) FROM counter WHERE name = 'unit'";

    for (int i = 0; i < CLIENTS; i++) {
        r.booking[i] = day_booking(r.t, DAY_BMAC, "knee", "left");
        day_check_in(r.t, r.booking[i], 0);
    }
    int64_t before = store_test_value(r.t, last_unit);
    store_test_threads(CLIENTS, race_harvest, &r);
    assert_int_equal(store_test_value(r.t, last_unit), before + CLIENTS / 2);
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(r.outcome[i], i % 2 == 0 ? RG_OK : RG_PRECONDITION);
    }
    for (int64_t n = before + 1; n <= before + CLIENTS / 2; n++) {
        assert_int_equal(
            day_count(r.t, "unit WHERE label = '%s'", rg_unit_label_make(r.t->pool, n)), 1);
    }
}

typedef struct {
    race_t race;
    rg_outcome_t injected, disposed;
} fight_t;

static void race_use_or_dispose(void *baton, int n)
{
    fight_t *f = baton;
    rg_ctx_t *ctx = day_ctx(f->race.t, DAY_DOCTOR, 80);

    if (n == 0) {
        rg_inject_in_t in = {f->race.label, DAY_BORN, "knee", "left", NULL,
                             &day_act,      "",       "",     "",     ""};

        f->injected = rg_day_inject(ctx, f->race.booking[0], &in);
    }
    else {
        f->disposed = rg_day_dispose(ctx, f->race.booking[0], f->race.label, "Fell down");
    }
    store_test_done(ctx);
}

static void a_unit_is_used_or_disposed_of_never_both(void **state)
{
    for (int round = 0; round < 6; round++) {
        fight_t f = {.race = {.t = *state}};

        f.race.booking[0] = day_booking(f.race.t, DAY_BMAC, "knee", "left");
        f.race.label = day_ready(f.race.t, f.race.booking[0], "left");
        store_test_threads(2, race_use_or_dispose, &f);
        assert_true((f.injected == RG_OK && f.disposed == RG_GONE) ||
                    (f.injected == RG_GONE && f.disposed == RG_OK));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_carry_a_check_character),
        cmocka_unit_test(labels_are_read_as_people_type_them),
        cmocka_unit_test(labels_notice_a_wrong_or_swapped_character),
        cmocka_unit_test(labels_follow_the_standard),
        cmocka_unit_test(a_unit_goes_from_harvest_to_injection),
        cmocka_unit_test(another_patients_unit_is_refused),
        cmocka_unit_test(a_refusal_leaves_the_key_unused),
        cmocka_unit_test(an_earlier_treatments_unit_is_refused),
        cmocka_unit_test(an_unknown_label_is_refused),
        cmocka_unit_test(the_wrong_side_is_refused),
        cmocka_unit_test(the_wrong_joint_is_refused),
        cmocka_unit_test(the_wrong_person_is_refused),
        cmocka_unit_test(an_expired_unit_is_refused),
        cmocka_unit_test(an_expired_unit_is_not_processed),
        cmocka_unit_test(an_unprocessed_unit_is_refused),
        cmocka_unit_test(harvest_for_the_wrong_side_makes_no_unit),
        cmocka_unit_test(what_is_typed_is_checked_all_at_once),
        cmocka_unit_test(processing_wants_a_centrifuge_and_a_smaller_volume),
        cmocka_unit_test(a_closed_centrifuge_makes_nothing),
        cmocka_unit_test(a_disposed_unit_ends_the_treatment_without_injection),
        cmocka_unit_test(a_used_unit_cannot_be_disposed_of),
        cmocka_unit_test(another_patients_unit_cannot_be_disposed_of),
        cmocka_unit_test(the_keys_refuse_another_patients_unit),
        cmocka_unit_test(the_keys_refuse_another_side_and_old_or_raw_units),
        cmocka_unit_test(only_the_products_material_is_a_unit),
        cmocka_unit_test(without_a_product_nothing_is_harvested),
        cmocka_unit_test(made_by_hand_without_a_device),
        cmocka_unit_test(one_unit_is_injected_once),
        cmocka_unit_test(labels_have_no_gaps),
        cmocka_unit_test(a_unit_is_used_or_disposed_of_never_both),
    };

    return cmocka_run_group_tests_name("units", tests, day_setup, store_test_teardown);
}
