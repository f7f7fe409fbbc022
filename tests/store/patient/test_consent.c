/* SPDX-License-Identifier: Apache-2.0 */
/* Details and consent against the database: stored completely or not at all, never for another
 * patient's booking, and a signature is valid exactly by the schema's own rule. */
#include "booking_test.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/booking.h"
#include "regen/model/consent.h"

#include <stdio.h>

/* As the page does it: the booking with its forms, then the text of one. */
static rg_outcome_t consent_text(const char **text, unsigned char hash[32], const rg_ctx_t *ctx,
                                 int64_t id, const char *form)
{
    rg_case_t c;
    rg_outcome_t rc = rg_case_get(&c, ctx, id, RG_CASE_PEOPLE | RG_CASE_FORMS);
    for (int i = 0; rc == RG_OK && i < c.consents->count; i++) {
        if (strcmp(c.consents->forms[i].form.form_code, form) == 0) {
            return rg_consent_text(text, hash, ctx, &c, &c.consents->forms[i]);
        }
    }
    return rc == RG_OK ? RG_NOT_FOUND : rc;
}

static const char *const clinic[] = {
    "INSERT INTO payer (id, code, name, payer_id, kind) VALUES (1, 'granite', 'Granite', '1', "
    "'commercial')",
    "INSERT INTO staff (id, login, name) VALUES (1, 'desk', 'Desk')",
    "INSERT INTO form (id, code, name) VALUES (1, 'marrow', 'Marrow'), (2, 'privacy', 'Privacy')",
    "INSERT INTO form_version (id, form_id, version, title, body, sha256, material, validity_days, "
    "published_at) VALUES"
    " (1, 1, 1, 'Consent to marrow', '## Risks\nSome.', UNHEX(SHA2('x', 256)), 1, 180, 0),"
    " (2, 2, 1, 'Privacy', '## Use\nLittle.', UNHEX(SHA2('y', 256)), 1, 180, 0)"};

static int setup(void **state)
{
    booking_setup(state);
    for (size_t i = 0; i < sizeof(clinic) / sizeof(clinic[0]); i++) {
        store_test_exec(*state, clinic[i]);
    }
    store_test_exec(*state, "DROP TRIGGER form_version_stays");
    return 0;
}

static int clean(void **state)
{
    store_test_t *t = *state;
    booking_clean(state);
    store_test_exec(t, "DELETE FROM coverage");
    store_test_exec(t, "DELETE FROM patient WHERE id > 1");
    store_test_exec(t, "DELETE FROM form_version WHERE version > 1");
    store_test_exec(t, "INSERT INTO service_form VALUES (1, 1, 1), (1, 2, 2)");
    return 0;
}

static rg_details_in_t ann(void)
{
    return (rg_details_in_t){.family = "Wälker",
                             .given = "Ann",
                             .birth_date = "3/27/1985",
                             .gender = "female",
                             .email = "ann@example.org",
                             .phone = "603-555-0123",
                             .address_line = "1 Main Street",
                             .city = "Dover",
                             .state = "NH",
                             .postal_code = "03820",
                             .body_site = "knee",
                             .side = "right",
                             .pay = "self"};
}

static rg_outcome_t save(store_test_t *t, int64_t booking, const rg_details_in_t *in)
{
    rg_ctx_t *ctx = booking_patient(t, 1, booking);
    rg_outcome_t rc = rg_details_save(ctx, booking, in);
    store_test_done(ctx);
    return rc;
}

static int64_t held(store_test_t *t)
{
    return booking_must_hold(t, "chain", BOOKING_AT(2, 600));
}

static int64_t known(store_test_t *t)
{
    rg_details_in_t in = ann();
    int64_t id = held(t);
    assert_int_equal(save(t, id, &in), RG_OK);
    return id;
}

/* --- details ---------------------------------------------------------------------------------- */

static void details_are_stored(void **state)
{
    store_test_t *t = *state;
    int64_t id = known(t);
    rg_ctx_t *ctx = booking_patient(t, 2, id);
    rg_details_t *d;
    assert_int_equal(rg_details_get(&d, ctx, id), RG_OK);
    assert_string_equal(d->patient->family, "Wälker");
    assert_int_equal(d->patient->birth_date.day, 27);
    assert_string_equal(d->patient->address.postal_code, "03820");
    assert_null(d->coverage);
    assert_int_equal(d->payer_count, 1);
    rg_booking_t *b;
    assert_int_equal(rg_booking_get(&b, ctx, id), RG_OK);
    assert_string_equal(b->body_site, "knee");
    assert_int_equal(b->side, RG_SIDE_RIGHT);
    assert_int_equal(b->self_pay, 1);
    store_test_done(ctx);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE action = "
                                         "'details.save' AND detail LIKE 'patient:%'"),
                     1);
    assert_int_equal(
        store_test_value(
            t,
            "SELECT COUNT(*) FROM audit_event WHERE detail LIKE '%lker%' OR detail LIKE '%1985%'"),
        0);
}

static void saving_again_changes_the_same_patient(void **state)
{
    store_test_t *t = *state;
    int64_t id = known(t);
    rg_details_in_t in = ann();
    in.given = "Anna";
    in.pay = "insurance";
    in.payer_code = "granite";
    in.member_id = "abc 1";
    in.relationship = "self";
    assert_int_equal(save(t, id, &in), RG_OK);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM patient WHERE id > 1"), 1);
    assert_string_equal(store_test_text(t, "SELECT given FROM patient WHERE id > 1"), "Anna");
    assert_string_equal(store_test_text(t, "SELECT member_id FROM coverage"), "ABC1");
    assert_int_equal(store_test_value(t, "SELECT self_pay FROM booking"), 0);
    in.member_id = "abc 2";
    assert_int_equal(save(t, id, &in), RG_OK);
    assert_string_equal(store_test_text(t, "SELECT GROUP_CONCAT(member_id) FROM coverage"), "ABC2");
    in.pay = "self";
    assert_int_equal(save(t, id, &in), RG_OK);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM coverage"), 0);
    assert_int_equal(store_test_value(t, "SELECT self_pay FROM booking"), 1);
}

static void wrong_input_stores_nothing(void **state)
{
    store_test_t *t = *state;
    int64_t id = held(t);
    rg_details_in_t in = ann();
    in.postal_code = "x";
    rg_ctx_t *ctx = booking_patient(t, 1, id);
    assert_int_equal(rg_details_save(ctx, id, &in), RG_INVALID);
    assert_non_null(rg_problem_for(ctx->problems, "postal_code"));
    store_test_done(ctx);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM patient WHERE id > 1"), 0);
    assert_int_equal(
        store_test_value(
            t, "SELECT COUNT(*) FROM booking WHERE patient_id IS NOT NULL OR body_site <> ''"),
        0);
}

/* Nobody learns whether somebody with that name is known: a second person is a second record. */
static void people_are_never_looked_up(void **state)
{
    store_test_t *t = *state;
    rg_details_in_t in = ann();
    int64_t second = (known(t), booking_must_hold(t, "chain", BOOKING_AT(3, 840)));
    assert_int_equal(save(t, second, &in), RG_OK);
    assert_int_equal(store_test_value(t, "SELECT COUNT(DISTINCT patient_id) FROM booking"), 2);
}

static void somebody_elses_is_not_found(void **state)
{
    store_test_t *t = *state;
    int64_t id = known(t);
    rg_details_in_t in = ann();
    rg_details_t *d;
    rg_consents_t *c;
    rg_ctx_t *ctx = booking_patient(t, 1, id + 1);
    assert_int_equal(rg_details_save(ctx, id, &in), RG_NOT_FOUND);
    assert_int_equal(rg_details_get(&d, ctx, id), RG_NOT_FOUND);
    assert_int_equal(rg_consents_get(&c, ctx, id), RG_NOT_FOUND);
    ctx->who = (rg_principal_t){0};
    assert_int_equal(rg_details_get(&d, ctx, id), RG_NOT_FOUND);
    store_test_done(ctx);
}

/* Whoever typed while the hold ran out need not type again. */
static void an_expired_hold_keeps_what_was_typed(void **state)
{
    store_test_t *t = *state;
    int64_t id = held(t);
    rg_details_in_t in = ann();
    rg_ctx_t *ctx = booking_patient(t, 16, id);
    in.city = "";
    assert_int_equal(rg_details_save(ctx, id, &in), RG_INVALID);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM patient WHERE id > 1"), 0);
    in.city = ann().city;
    assert_int_equal(rg_details_save(ctx, id, &in), RG_GONE);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM patient WHERE id > 1"), 1);
    store_test_exec(t, "UPDATE booking SET status = 'expired', hold_expires_at = NULL");
    in.given = "Anna";
    assert_int_equal(rg_details_save(ctx, id, &in), RG_GONE);
    assert_string_equal(store_test_text(t, "SELECT given FROM patient WHERE id > 1"), "Anna");
    store_test_done(ctx);
}

static void details_are_closed_once_booked_or_given_back(void **state)
{
    store_test_t *t = *state;
    int64_t id = known(t);
    rg_details_in_t in = ann();
    in.given = "Anna";
    store_test_exec(t, "UPDATE booking SET status = 'booked', hold_expires_at = NULL");
    assert_int_equal(save(t, id, &in), RG_PRECONDITION);
    store_test_exec(t, "UPDATE booking SET status = 'cancelled'");
    assert_int_equal(save(t, id, &in), RG_GONE);
    assert_string_equal(store_test_text(t, "SELECT given FROM patient WHERE id > 1"), "Ann");
}

static void a_repeat_has_the_effect_of_one(void **state)
{
    store_test_t *t = *state;
    int64_t id = held(t);
    rg_details_in_t in = ann();
    for (int i = 0; i < 2; i++) {
        rg_ctx_t *ctx = booking_patient(t, 1, id);
        rg_idem_t idem = {.key = "key"};
        ctx->idem = &idem;
        assert_int_equal(rg_details_save(ctx, id, &in), RG_OK);
        assert_int_equal(idem.replayed, i == 1);
        store_test_done(ctx);
    }
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM patient WHERE id > 1"), 1);
    assert_int_equal(store_test_value(t, "SELECT version FROM booking"), 2);
}

static void details_go_along_to_another_time(void **state)
{
    store_test_t *t = *state;
    int64_t old = known(t);
    rg_details_in_t in = ann();
    in.pay = "insurance";
    in.payer_code = "granite";
    in.member_id = "m1";
    in.relationship = "self";
    assert_int_equal(save(t, old, &in), RG_OK);
    int64_t fresh = booking_must_hold(t, "chain", BOOKING_AT(3, 840));
    int64_t other = booking_must_hold(t, "scan", BOOKING_AT(4, 840));
    rg_ctx_t *ctx =
        booking_patient(t, 30, old); /* the old hold is over by now: all the more reason */
    assert_int_equal(rg_details_carry(ctx, old, other), RG_NOT_FOUND);
    assert_int_equal(rg_details_carry(ctx, fresh, old), RG_NOT_FOUND);
    assert_int_equal(rg_details_carry(ctx, old, fresh), RG_OK);
    assert_int_equal(rg_details_carry(ctx, old, fresh), RG_NOT_FOUND);
    store_test_done(ctx);
    ctx = booking_patient(t, 2, fresh);
    rg_details_t *d;
    assert_int_equal(rg_details_get(&d, ctx, fresh), RG_OK);
    assert_string_equal(d->patient->given, "Ann");
    assert_string_equal(d->coverage->member_id, "M1");
    in.pay = "self"; /* must not touch the old booking's coverage */
    assert_int_equal(rg_details_save(ctx, fresh, &in), RG_OK);
    store_test_done(ctx);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM coverage"), 1);
    in.given = "Bea"; /* nor its patient, on either side */
    assert_int_equal(save(t, fresh, &in), RG_OK);
    in.given = "Cat";
    assert_int_equal(save(t, old, &in), RG_OK);
    assert_string_equal(store_test_text(t, "SELECT GROUP_CONCAT(p.given ORDER BY b.id) FROM booking"
                                           " b JOIN patient p ON p.id = b.patient_id"),
                        "Cat,Bea");
}

/* --- consent ---------------------------------------------------------------------------------- */

static const char *shown(const rg_ctx_t *ctx, int64_t id, const char *form, const char **hex)
{
    unsigned char hash[32];
    const char *text;
    assert_int_equal(consent_text(&text, hash, ctx, id, form), RG_OK);
    *hex = rg_text_hex(ctx->pool, hash, sizeof(hash));
    return text;
}

static rg_outcome_t sign_as(store_test_t *t, int minutes, int64_t id, const char *form,
                            const char *name, const char *agree)
{
    rg_ctx_t *ctx = booking_patient(t, minutes, id);
    rg_sign_in_t in = {.form_code = form, .signer_name = name, .agree = agree};
    shown(ctx, id, form, &in.text_sha256);
    rg_outcome_t rc = rg_consent_sign(ctx, id, &in);
    store_test_done(ctx);
    return rc;
}

static void sign_both(store_test_t *t, int minutes, int64_t id)
{
    assert_int_equal(sign_as(t, minutes, id, "marrow", "ann  WÄLKER", "yes"), RG_OK);
    assert_int_equal(sign_as(t, minutes, id, "privacy", "Ann Wälker", "yes"), RG_OK);
}

/* Whether the schema lets a step start at that time. */
static bool trigger_agrees(store_test_t *t, int64_t id, int minutes)
{
    char sql[200];
    snprintf(sql, sizeof(sql),
             "INSERT INTO step_event (booking_id, kind, at, staff_id) VALUES (%lld, 'check-in', "
             "%lld, 1)",
             (long long)id, (long long)(BOOKING_NOW + minutes * 60));
    store_test_exec(t, "START TRANSACTION");
    bool ok = mysql_query(t->sql, sql) == 0;
    store_test_exec(t, "ROLLBACK");
    return ok;
}

/* The words of the marrow form, NULL when it is in order; the schema must think the same. */
static const char *state_of(store_test_t *t, int64_t id, int minutes)
{
    static char why[200];
    rg_ctx_t *ctx = booking_staff(t, minutes);
    rg_consents_t *all;
    assert_int_equal(rg_consents_get(&all, ctx, id), RG_OK);
    assert_int_equal(all->count, 2);
    assert_string_equal(all->forms[0].form.form_code, "marrow");
    bool complete = all->forms[0].consent && all->forms[1].consent;
    assert_int_equal(all->complete, complete);
    assert_int_equal(trigger_agrees(t, id, minutes), complete);
    assert_true(!all->forms[0].why == !!all->forms[0].consent);
    snprintf(why, sizeof(why), "%s", all->forms[0].why ? all->forms[0].why : "");
    bool fine = !all->forms[0].why;
    store_test_done(ctx);
    return fine ? NULL : why;
}

static void a_signature_is_kept_as_shown(void **state)
{
    store_test_t *t = *state;
    int64_t id = known(t);
    assert_string_equal(state_of(t, id, 2), "Not signed yet");
    rg_ctx_t *ctx = booking_patient(t, 2, id);
    const char *hex;
    const char *text = shown(ctx, id, "marrow", &hex);
    assert_non_null(strstr(text, "Patient: Ann Wälker\n"));
    assert_non_null(strstr(text, "Born: 27 March 1985\n"));
    assert_non_null(strstr(text, "Treatment: Chain\n"));
    assert_non_null(strstr(text, "Where: right knee\n"));
    assert_non_null(strstr(text, "Form: Consent to marrow, version 1\n"));
    assert_non_null(strstr(text, "\n## Risks\nSome."));
    sign_both(t, 3, id);
    assert_null(state_of(t, id, 4));
    assert_string_equal(store_test_text(t, "SELECT text FROM consent ORDER BY id LIMIT 1"), text);
    assert_string_equal(
        store_test_text(t, "SELECT LOWER(HEX(text_sha256)) FROM consent ORDER BY id LIMIT 1"), hex);
    assert_int_equal(
        store_test_value(
            t, "SELECT COUNT(*) FROM consent WHERE text_sha256 <> UNHEX(SHA2(text, 256))"),
        0);
    assert_string_equal(store_test_text(t, "SELECT signer_name FROM consent ORDER BY id LIMIT 1"),
                        "ann WÄLKER");
    assert_int_equal(
        store_test_value(
            t, "SELECT COUNT(*) FROM consent WHERE expires_at - signed_at <> 180 * 86400"),
        0);
    assert_int_not_equal(mysql_query(t->sql, "UPDATE consent SET signer_name = 'x'"), 0);
    rg_consent_t *copy;
    assert_int_equal(
        rg_consent_get(&copy, ctx,
                       store_test_text(t, "SELECT uid FROM consent ORDER BY id LIMIT 1")),
        RG_OK);
    assert_string_equal(copy->text, text);
    ctx->who.booking_id++;
    assert_int_equal(rg_consent_get(&copy, ctx, copy->uid), RG_NOT_FOUND);
    store_test_done(ctx);
}

static void signing_needs_name_act_and_text(void **state)
{
    store_test_t *t = *state;
    int64_t id = known(t);
    assert_int_equal(sign_as(t, 2, id, "marrow", "Ann Welker", "yes"), RG_INVALID);
    assert_int_equal(sign_as(t, 2, id, "marrow", "Ann", "yes"), RG_INVALID);
    assert_int_equal(sign_as(t, 2, id, "marrow", "", "yes"), RG_INVALID);
    assert_int_equal(sign_as(t, 2, id, "marrow", "Ann Wälker", ""), RG_INVALID);
    assert_int_equal(sign_as(t, 2, id, "marrow", "Ann Wälker", "no"), RG_INVALID);
    rg_ctx_t *ctx = booking_patient(t, 2, id);
    rg_sign_in_t in = {.form_code = "marrow", .signer_name = "Ann Wälker", .agree = "yes"};
    assert_int_equal(rg_consent_sign(ctx, id, &in), RG_CONFLICT);
    in.text_sha256 = "00";
    assert_int_equal(rg_consent_sign(ctx, id, &in), RG_CONFLICT);
    shown(ctx, id, "privacy", &in.text_sha256);
    assert_int_equal(rg_consent_sign(ctx, id, &in), RG_CONFLICT);
    in.form_code = "other";
    assert_int_equal(rg_consent_sign(ctx, id, &in), RG_NOT_FOUND);
    store_test_done(ctx);
    ctx = booking_staff(t, 2); /* nobody signs for a patient */
    in.form_code = "marrow";
    shown(ctx, id, "marrow", &in.text_sha256);
    assert_int_equal(rg_consent_sign(ctx, id, &in), RG_NOT_FOUND);
    store_test_done(ctx);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM consent"), 0);
    sign_both(t, 3, id);
    sign_both(t, 4, id); /* once more does nothing */
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM consent"), 2);
}

static void nothing_to_sign_for_nobody(void **state)
{
    store_test_t *t = *state;
    int64_t id = held(t);
    rg_ctx_t *ctx = booking_patient(t, 1, id);
    unsigned char hash[32];
    const char *text;
    assert_int_equal(consent_text(&text, hash, ctx, id, "marrow"), RG_PRECONDITION);
    store_test_done(ctx);
    ctx = booking_patient(t, 16, id);
    assert_int_equal(consent_text(&text, hash, ctx, id, "marrow"), RG_GONE);
    store_test_done(ctx);
}

static void another_side_is_another_consent(void **state)
{
    store_test_t *t = *state;
    rg_details_in_t in = ann();
    int64_t id = known(t);
    sign_both(t, 2, id);
    in.side = "left";
    assert_int_equal(save(t, id, &in), RG_OK);
    assert_string_equal(state_of(t, id, 3),
                        "It was signed for the right knee, and this booking is for the left knee");
    in.side = "right";
    in.body_site = "hip";
    assert_int_equal(save(t, id, &in), RG_OK);
    assert_string_equal(state_of(t, id, 3),
                        "It was signed for the right knee, and this booking is for the right hip");
    sign_both(t, 4, id);
    assert_null(state_of(t, id, 5));
    in.body_site = "knee"; /* what was signed before counts again */
    assert_int_equal(save(t, id, &in), RG_OK);
    assert_null(state_of(t, id, 5));
}

/* Each writing of the name is signed for itself, and what was signed stays whose it was. */
static void another_name_is_another_consent(void **state)
{
    store_test_t *t = *state;
    static const char AGAIN[] =
        "It was signed with a different name or date of birth, so please sign it again";
    int64_t id = known(t);
    int64_t patient = store_test_value(t, "SELECT patient_id FROM booking");
    sign_both(t, 2, id);
    for (int i = 0; i < 3; i++) {
        rg_details_in_t in = ann();
        in.birth_date = i == 0 ? "3/28/1985" : in.birth_date;
        in.given = i == 1 ? "Anna" : in.given;
        assert_int_equal(save(t, id, &in), RG_OK);
        assert_string_equal(state_of(t, id, 3), AGAIN);
        assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM consent_in_force"), 0);
    }
    assert_int_equal(store_test_value(t, "SELECT COUNT(DISTINCT patient_id) FROM consent"), 1);
    assert_int_equal(store_test_value(t, "SELECT MAX(patient_id) FROM consent"), patient);
    assert_int_not_equal(store_test_value(t, "SELECT patient_id FROM booking"), patient);
    assert_string_equal(store_test_text(t, "SELECT p.given FROM consent c JOIN patient p ON p.id ="
                                           " c.patient_id LIMIT 1"),
                        "Ann");
    sign_both(t, 4, id);
    assert_null(state_of(t, id, 5));
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM consent"), 4);
}

static void another_address_is_no_other_person(void **state)
{
    store_test_t *t = *state;
    rg_details_in_t in = ann();
    int64_t id = known(t);
    sign_both(t, 2, id);
    in.city = "Keene";
    assert_int_equal(save(t, id, &in), RG_OK);
    assert_null(state_of(t, id, 3));
    assert_string_equal(store_test_text(t, "SELECT city FROM patient WHERE id > 1"), "Keene");
}

static void a_consent_ends_by_age_withdrawal_and_new_text(void **state)
{
    store_test_t *t = *state;
    int64_t id = known(t);
    sign_both(t, 2, id);
    store_test_exec(t, "UPDATE booking SET status = 'booked', hold_expires_at = NULL");
    assert_null(state_of(t, id, 180 * 1440));
    assert_string_equal(state_of(t, id, 180 * 1440 + 3), "The signature has expired");
    store_test_exec(
        t,
        "INSERT INTO form_version (form_id, version, title, body, sha256, material, published_at) "
        "VALUES (1, 2, 'Consent to marrow', 'b', UNHEX(SHA2('b', 256)), 0, 0)");
    assert_null(state_of(t, id, 5)); /* a slip of the pen corrected */
    store_test_exec(
        t,
        "INSERT INTO form_version (form_id, version, title, body, sha256, material, published_at) "
        "VALUES (1, 3, 'Consent to marrow', 'c', UNHEX(SHA2('c', 256)), 1, 0)");
    assert_string_equal(state_of(t, id, 5), "The form has changed since it was signed");
    sign_both(t, 6, id);
    assert_null(state_of(t, id, 7));
}

static rg_outcome_t withdraw(store_test_t *t, const rg_ctx_t *ctx)
{
    return rg_consent_withdraw(
        ctx, &(rg_withdraw_in_t){.consent_uid = store_test_text(
                                     t, "SELECT uid FROM consent WHERE form_version_id = 1")});
}

static void a_withdrawn_consent_is_none(void **state)
{
    store_test_t *t = *state;
    int64_t id = known(t);
    sign_both(t, 2, id);
    int64_t version = store_test_value(t, "SELECT version FROM booking");
    rg_ctx_t *ctx = booking_patient(t, 3, id + 1);
    assert_int_equal(withdraw(t, ctx), RG_NOT_FOUND);
    assert_int_equal(rg_consent_withdraw(ctx, &(rg_withdraw_in_t){.consent_uid = "nonsense"}),
                     RG_NOT_FOUND);
    store_test_done(ctx);
    ctx = booking_patient(t, 3, id);
    assert_int_equal(withdraw(t, ctx), RG_OK);
    assert_int_equal(withdraw(t, ctx), RG_CONFLICT);
    store_test_done(ctx);
    assert_string_equal(state_of(t, id, 4), "The consent was withdrawn");
    assert_int_equal(store_test_value(t, "SELECT version FROM booking"), version + 1);
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) FROM consent_withdrawal WHERE staff_id IS NULL"), 1);
    sign_both(t, 5, id);
    assert_null(state_of(t, id, 6));
}

/* What was told at the desk: by whom it was heard, how, and in which words. */
static void staff_record_what_they_are_told(void **state)
{
    store_test_t *t = *state;
    int64_t id = known(t);
    sign_both(t, 2, id);
    rg_withdraw_in_t in = {
        .consent_uid = store_test_text(t, "SELECT uid FROM consent WHERE form_version_id = 1")};
    rg_ctx_t *ctx = booking_staff(t, 3);
    assert_int_equal(rg_consent_withdraw(ctx, &in), RG_INVALID);
    assert_non_null(rg_problem_for(ctx->problems, "channel"));
    assert_non_null(rg_problem_for(ctx->problems, "reason"));
    assert_non_null(rg_problem_for(ctx->problems, "confirmed"));
    store_test_done(ctx);
    in.channel = "phone";
    in.reason = "Wants to wait";
    in.confirmed = "yes";
    ctx = booking_staff(t, 3);
    ctx->who.roles = RG_ROLE_BILLING;
    assert_int_equal(rg_consent_withdraw(ctx, &in), RG_NOT_FOUND);
    store_test_done(ctx);
    ctx = booking_staff(t, 3);
    in.channel = "online"; /* that is the patient's own */
    assert_int_equal(rg_consent_withdraw(ctx, &in), RG_INVALID);
    store_test_done(ctx);
    ctx = booking_staff(t, 3);
    in.channel = "phone";
    in.booking_uid = "another";
    assert_int_equal(rg_consent_withdraw(ctx, &in), RG_NOT_FOUND);
    in.booking_uid = NULL;
    assert_int_equal(rg_consent_withdraw(ctx, &in), RG_OK);
    store_test_done(ctx);
    assert_string_equal(state_of(t, id, 4), "The consent was withdrawn");
    assert_string_equal(store_test_text(t,
                                        "SELECT CONCAT(channel, ' ', staff_id, ' ', reason) FROM "
                                        "consent_withdrawal"),
                        "phone 1 Wants to wait");
    assert_int_not_equal(mysql_query(t->sql, "UPDATE consent_withdrawal SET reason = 'x'"), 0);
    assert_int_not_equal(mysql_query(t->sql, "UPDATE consent_withdrawal SET staff_id = NULL, "
                                             "channel = 'online'"),
                         0);
    sign_both(t, 5, id);
    assert_null(state_of(t, id, 6));
}

/* Whoever is first: what is in force afterwards is what the later of the two said. */
typedef struct {
    store_test_t *t;
    int64_t booking;
    const char *uid;
    rg_outcome_t outcome[2];
} tug_t;

static void tug(void *baton, int n)
{
    tug_t *g = baton;
    rg_ctx_t *ctx = booking_patient(g->t, 4, g->booking);
    if (n == 0) {
        g->outcome[n] = rg_consent_withdraw(ctx, &(rg_withdraw_in_t){.consent_uid = g->uid});
    }
    else {
        rg_sign_in_t in = {.form_code = "marrow", .signer_name = "Ann Wälker", .agree = "yes"};
        shown(ctx, g->booking, "marrow", &in.text_sha256);
        g->outcome[n] = rg_consent_sign(ctx, g->booking, &in);
    }
    store_test_done(ctx);
}

static void signing_comes_before_or_after_a_withdrawal(void **state)
{
    store_test_t *t = *state;
    int64_t id = known(t);
    sign_both(t, 2, id);
    for (int round = 0; round < 8; round++) {
        tug_t g = {.t = t, .booking = id};
        int64_t before = store_test_value(t, "SELECT COUNT(*) FROM consent");
        g.uid = store_test_text(t, "SELECT c.uid FROM consent c JOIN consent_in_force f ON "
                                   "f.consent_id = c.id WHERE c.form_version_id = 1");
        store_test_threads(2, tug, &g);
        assert_int_equal(g.outcome[0], RG_OK);
        assert_int_equal(g.outcome[1], RG_OK);
        bool after = store_test_value(t, "SELECT COUNT(*) FROM consent") > before;
        assert_true(!state_of(t, id, 5) == after); /* signed after it, or had nothing to sign */
        sign_both(t, 6, id);
    }
}

/* Evidence that was changed behind the application's back is shown to nobody. */
static void an_altered_text_is_no_consent(void **state)
{
    store_test_t *t = *state;
    int64_t id = known(t);
    sign_both(t, 2, id);
    const char *uid = store_test_text(t, "SELECT uid FROM consent WHERE form_version_id = 1");
    const char *booking = store_test_text(t, "SELECT uid FROM booking");
    rg_consent_look_t *look;
    rg_consent_t *copy;
    rg_ctx_t *ctx = booking_staff(t, 3);
    assert_int_equal(rg_consent_look(&look, ctx, booking, uid), RG_OK);
    assert_null(look->why);
    assert_int_equal(rg_consent_look(&look, ctx, uid, uid), RG_NOT_FOUND);
    store_test_done(ctx);
    store_test_exec(t, "DROP TRIGGER consent_keeps");
    store_test_exec(t, "UPDATE consent SET text = CONCAT(text, '.')");
    store_test_exec(t, "CREATE TRIGGER consent_keeps BEFORE UPDATE ON consent FOR EACH ROW SIGNAL "
                       "SQLSTATE '45000'");
    ctx = booking_staff(t, 3);
    assert_int_equal(rg_consent_look(&look, ctx, booking, uid), RG_PRECONDITION);
    store_test_done(ctx);
    ctx = booking_patient(t, 3, id);
    assert_int_equal(rg_consent_get(&copy, ctx, uid), RG_PRECONDITION);
    store_test_done(ctx);
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE action = 'consent.altered'"),
        1);
}

int main(void)
{
#define one(f) cmocka_unit_test_setup(f, clean)
    const struct CMUnitTest tests[] = {one(details_are_stored),
                                       one(saving_again_changes_the_same_patient),
                                       one(wrong_input_stores_nothing),
                                       one(people_are_never_looked_up),
                                       one(somebody_elses_is_not_found),
                                       one(an_expired_hold_keeps_what_was_typed),
                                       one(details_are_closed_once_booked_or_given_back),
                                       one(a_repeat_has_the_effect_of_one),
                                       one(details_go_along_to_another_time),
                                       one(a_signature_is_kept_as_shown),
                                       one(signing_needs_name_act_and_text),
                                       one(nothing_to_sign_for_nobody),
                                       one(another_side_is_another_consent),
                                       one(another_name_is_another_consent),
                                       one(another_address_is_no_other_person),
                                       one(a_consent_ends_by_age_withdrawal_and_new_text),
                                       one(a_withdrawn_consent_is_none),
                                       one(staff_record_what_they_are_told),
                                       one(signing_comes_before_or_after_a_withdrawal),
                                       one(an_altered_text_is_no_consent)};
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
