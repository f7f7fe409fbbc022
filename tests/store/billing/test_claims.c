/* SPDX-License-Identifier: Apache-2.0 */
/* Claims against the database: one a booking, refused with reasons while anything is missing or
 * does not agree, valid against HL7's schema, and never changed afterwards. */
#include "billing_test.h"

#include <apr_file_info.h>
#include "regen/clinic/billing.h"
#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/core/xml.h"
#include "regen/model/money.h"
#include "regen/render/fhir.h"
#include "regen/render/x12.h"

#define SCHEMA "../shared/data/fhir/xsd/fhir-single.xsd"

static const rg_claim_render_t RENDER = {rg_fhir_claim_xml, rg_fhir_claim_json, rg_x12_claim};

static rg_outcome_t claim_by(const rg_ctx_t *ctx, int n, const char **uid)
{
    return rg_claim_make(uid, ctx, apr_psprintf(ctx->pool, "1%025d", n), &RENDER);
}

static rg_claim_doc_t *must_claim(const rg_ctx_t *ctx, int n)
{
    rg_claim_doc_t *doc;
    const char *uid;
    rg_outcome_t rc = claim_by(ctx, n, &uid);
    for (int i = 0; i < ctx->problems->list->nelts; i++)
        print_message("%s\n", APR_ARRAY_IDX(ctx->problems->list, i, rg_problem_t).text);
    assert_int_equal(rc, RG_OK);
    assert_int_equal(rg_claim_get(&doc, ctx, uid), RG_OK);
    return doc;
}

/* --- one a booking ---------------------------------------------------------------------------- */

typedef struct {
    store_test_t *t;
    int ok, refused;
} rush_t;

static void rush(void *baton, int number)
{
    rush_t *r = baton;
    for (int n = 1; n <= 9; n += 2) {
        rg_ctx_t *ctx = billing_ctx(r->t);
        const char *uid;
        rg_outcome_t rc = claim_by(ctx, n, &uid);
        __atomic_add_fetch(&r->ok, rc == RG_OK, __ATOMIC_SEQ_CST);
        __atomic_add_fetch(&r->refused, rc == RG_PRECONDITION, __ATOMIC_SEQ_CST);
        store_test_done(ctx);
    }
    (void)number;
}

static void one_claim_per_booking(void **state)
{
    store_test_t *t = *state;
    rush_t r = {.t = t};
    billing_complete(t, 1, 10);
    store_test_threads(8, rush, &r);
    assert_int_equal(r.ok, 5);
    assert_int_equal(r.refused, 35);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM claim"), 5);
    assert_int_equal(store_test_value(t, "SELECT MAX(claim_no) = 'C000000005' FROM claim"), 1);
    billing_assert_sound(t);
}

static void repeated_request(void **state)
{
    store_test_t *t = *state;
    const char *first = "";
    const char *second = "";
    billing_complete(t, 101, 101);
    for (int i = 0; i < 2; i++) {
        rg_ctx_t *ctx = billing_ctx(t);
        rg_idem_t idem = {.key = {3}, .request = {1}};
        const char *uid;
        ctx->idem = &idem;
        assert_int_equal(claim_by(ctx, 101, &uid), RG_OK);
        assert_int_equal(idem.replayed, i == 1);
        *(i ? &second : &first) = apr_pstrdup(t->pool, uid);
        store_test_done(ctx);
    }
    assert_string_equal(first, second);
    rg_ctx_t *ctx = billing_ctx(t);
    const char *uid;
    assert_int_equal(claim_by(ctx, 101, &uid), RG_PRECONDITION);
    assert_int_equal(ctx->problems->list->nelts, 1);
    assert_non_null(strstr(rg_problem_for(ctx->problems, NULL), "already"));
    store_test_done(ctx);
}

/* --- what it says ----------------------------------------------------------------------------- */

static void claim_says_what_was_done(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx(t);
    billing_complete(t, 201, 201);
    store_test_exec(
        t, "INSERT INTO booking_diagnosis (booking_id, seq, code) VALUES (201, 2, 'M25.561')");
    store_test_exec(t,
                    "UPDATE charge_item SET on_claim = 0 WHERE booking_id = 201 AND line_no = 1");
    rg_claim_doc_t *d = must_claim(ctx, 201);
    assert_int_equal(d->row.total.minor, BILLING_TOTAL - 150000);
    assert_int_equal(d->line_count, 2);
    assert_int_equal(d->diagnosis_count, 2);
    assert_string_equal(d->diagnoses[0].code, "M17.11");
    assert_string_equal(d->lines[1].modifiers[0], "RT");
    assert_int_equal(d->lines[1].pointers[1], 2);
    assert_int_equal(d->lines[0].net.minor, 80001);
    assert_string_equal(d->booking_uid, billing_uid(t, 201));
    assert_string_equal(d->row.payer_name, "Granite Mutual Health");
    assert_int_equal(d->row.service_date.day, 30);
    static const char *const said[] = {
        "<total><value value=\"3100.00\"/><currency value=\"USD\"/></total>",
        "<unitPrice><value value=\"266.67\"/>",
        "<net><value value=\"800.01\"/>",
        "<value value=\"1234567893\"/>", /* Dr. Rivera */
        "<value value=\"1000000038\"/>", /* the clinic */
        "<value value=\"912345678\"/>",
        "<subscriberId value=\"GM201\"/>",
        "<code value=\"M17.11\"/>",
        "<code value=\"RT\"/>",
        "<code value=\"11\"/>",
        "<servicedDate value=\"2026-11-30\"/>",
        "<created value=\"2026-12-01T15:00:00Z\"/>"};
    for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
        if (!strstr(d->xml, said[i]))
            fail_msg("the claim does not say %s", said[i]);
    }
    assert_non_null(strstr(d->json, "\"total\":{\"value\":3100.00,\"currency\":\"USD\"}"));
    assert_null(strstr(d->xml, "BMAC-HARVEST"));
    billing_assert_sound(t);
    store_test_done(ctx);
}

/* --- refusals --------------------------------------------------------------------------------- */

typedef struct {
    const char *break_it, *mend_it, *field, *words;
} fault_t;

/* Booking 301 is sound; each line makes one thing wrong, and mends it. */
static const fault_t FAULTS[] = {
    {"UPDATE resource SET npi = '1234567892' WHERE id = 1",
     "UPDATE resource SET npi = '1234567893' WHERE id = 1", "Claim.careTeam",
     "Dr. Elena Rivera's NPI"},
    {"UPDATE resource SET npi = NULL WHERE id = 1",
     "UPDATE resource SET npi = '1234567893' WHERE id = 1", "Claim.careTeam",
     "missing or has a wrong check digit"},
    {"UPDATE organization SET npi = '1000000083'", "UPDATE organization SET npi = '1000000038'",
     "Claim.provider", "NPI has a wrong check digit"},
    {"UPDATE organization SET tin = '91234567'", "UPDATE organization SET tin = '912345678'",
     "Claim.provider", "tax number"},
    {"UPDATE organization SET postal_code = '03801'",
     "UPDATE organization SET postal_code = '03801-4410'", "Claim.provider", "all 9 digits"},
    {"UPDATE organization SET id = 2, taxonomy = ''",
     "UPDATE organization SET id = 1, taxonomy = '261QM1300X'", "Claim.provider", "taxonomy"},
    {"UPDATE booking_diagnosis SET code = 'M17.12' WHERE booking_id = 301",
     "UPDATE booking_diagnosis SET code = 'M17.11' WHERE booking_id = 301", "Claim.diagnosis[0]",
     "for the left side, but the right side was treated"},
    {"UPDATE booking_diagnosis SET code = 'M70.61' WHERE booking_id = 301",
     "UPDATE booking_diagnosis SET code = 'M17.11' WHERE booking_id = 301", "Claim.diagnosis[0]",
     "for the hip, but the knee was treated"},
    {"UPDATE icd10cm SET billable = 0 WHERE code = 'M17.11'",
     "UPDATE icd10cm SET billable = 1 WHERE code = 'M17.11'", "Claim.diagnosis[0]", "category"},
    {"DELETE FROM booking_diagnosis WHERE booking_id = 301",
     "INSERT INTO booking_diagnosis (booking_id, seq, code) VALUES (301, 1, 'M17.11')",
     "Claim.diagnosis", "At least one diagnosis"},
    {"UPDATE booking SET coverage_id = NULL WHERE id = 301",
     "UPDATE booking SET coverage_id = 301 WHERE id = 301", "Claim.insurance", "self-pay"},
    {"UPDATE payer SET active = 0 WHERE id = 1", "UPDATE payer SET active = 1 WHERE id = 1",
     "Claim.insurer", "no longer active"},
    {"UPDATE payer SET payer_id = '' WHERE id = 1",
     "UPDATE payer SET payer_id = '60054' WHERE id = 1", "Claim.insurer", "no payer ID"},
    {"UPDATE coverage SET member_id = '' WHERE id = 301",
     "UPDATE coverage SET member_id = 'GM301' WHERE id = 301", "Claim.insurance",
     "member ID is missing"},
    {"UPDATE coverage SET payer_id = 3 WHERE id = 301",
     "UPDATE coverage SET payer_id = 1 WHERE id = 301", "Claim.insurance", "not a Medicare number"},
    {"UPDATE coverage SET relationship = 'spouse' WHERE id = 301",
     "UPDATE coverage SET relationship = 'self' WHERE id = 301", "Claim.insurance",
     "subscriber's name"},
    {"UPDATE patient SET city = '' WHERE id = 301",
     "UPDATE patient SET city = 'Dover' WHERE id = 301", "Claim.patient",
     "street, city, state and ZIP"},
    {"UPDATE patient SET birth_date = '2026-12-01' WHERE id = 301",
     "UPDATE patient SET birth_date = '1962-12-10' WHERE id = 301", "Claim.patient",
     "after the treatment"},
    {"UPDATE booking SET status = 'in-progress' WHERE id = 301",
     "UPDATE booking SET status = 'completed' WHERE id = 301", NULL, "not completed"},
    {"UPDATE charge_item SET practitioner_id = NULL WHERE booking_id = 301",
     "UPDATE charge_item SET practitioner_id = 1 WHERE booking_id = 301", "Claim.careTeam",
     "No practitioner is recorded"},
    {"UPDATE charge_item SET modifier = 'LT' WHERE booking_id = 301 AND line_no = 3",
     "UPDATE charge_item SET modifier = 'RT' WHERE booking_id = 301 AND line_no = 3",
     "Claim.item[2]", "a different side"},
    {"UPDATE charge_item SET modifier = 'QQ' WHERE booking_id = 301 AND line_no = 3",
     "UPDATE charge_item SET modifier = 'RT' WHERE booking_id = 301 AND line_no = 3",
     "Claim.item[2]", "QQ is not known"},
    {"UPDATE charge_item SET unit_minor = 0, total_minor = 0 WHERE booking_id = 301 AND line_no = "
     "1",
     "UPDATE charge_item SET unit_minor = 150000, total_minor = 150000 WHERE booking_id = 301 AND "
     "line_no = 1",
     "Claim.item[0]", "more than zero"},
    {"UPDATE charge_item SET currency = 'EUR' WHERE booking_id = 301 AND line_no = 2",
     "UPDATE charge_item SET currency = 'USD' WHERE booking_id = 301", "Claim.item[1]",
     "a different currency"},
    {"UPDATE charge_item SET on_claim = 0 WHERE booking_id = 301",
     "UPDATE charge_item SET on_claim = 1 WHERE booking_id = 301", "Claim.item",
     "no charges to claim"},
    {"UPDATE charge_item SET service_date = '2026-12-02' WHERE booking_id = 301",
     "UPDATE charge_item SET service_date = '2026-11-30' WHERE booking_id = 301",
     "Claim.billablePeriod", "in the future"},
    {"UPDATE charge_item SET service_date = '2026-06-03' WHERE booking_id = 301",
     "UPDATE charge_item SET service_date = '2026-11-30' WHERE booking_id = 301", "Claim.created",
     "only 180 days"},
    {"UPDATE site SET place_of_service = '28'", "UPDATE site SET place_of_service = '11'",
     "Claim.item", "place of service"},
    {"UPDATE charge_item SET code = 'BMAC-HARVEST', modifier = '' WHERE booking_id = 301 AND "
     "line_no = 3",
     "UPDATE charge_item SET code = 'BMAC-KNEE', modifier = 'RT' WHERE booking_id = 301 AND "
     "line_no = 3",
     "Claim.item[2]", "This repeats line 1"},
};

static void refused(store_test_t *t, const fault_t *f)
{
    rg_ctx_t *ctx = billing_ctx(t);
    rg_ctx_t *look = billing_ctx(t);
    const char *uid;
    rg_claim_t *claim;
    store_test_exec(t, f->break_it);
    assert_int_equal(rg_claim_preview(&claim, look, billing_uid(t, 301)), RG_OK);
    assert_int_equal(claim_by(ctx, 301, &uid), RG_PRECONDITION);
    const char *why = rg_problem_for(ctx->problems, f->field);
    if (!why || !strstr(why, f->words))
        fail_msg("%s: said \"%s\"", f->break_it, why ? why : "nothing");
    assert_int_equal(look->problems->list->nelts,
                     ctx->problems->list->nelts); /* the page said so before */
    store_test_exec(t, f->mend_it);
    store_test_done(look);
    store_test_done(ctx);
}

static void refused_with_reasons(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx(t);
    /* Charges that changed, as older versions let them. */
    store_test_exec(t, "DROP TRIGGER charge_item_keeps_its_amount");
    billing_complete(t, 301, 301);
    int64_t claims = store_test_value(t, "SELECT COUNT(*) FROM claim");
    int64_t counter = store_test_value(t, "SELECT last FROM counter WHERE name = 'claim'");
    for (size_t i = 0; i < sizeof(FAULTS) / sizeof(*FAULTS); i++)
        refused(t, &FAULTS[i]);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM claim"), claims);
    assert_int_equal(store_test_value(t, "SELECT last FROM counter WHERE name = 'claim'"), counter);
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) FROM claim_line l LEFT JOIN claim c ON c.id ="
                            " l.claim_id WHERE c.id IS NULL"),
        0);
    must_claim(ctx, 301); /* and everything was fixed */
    billing_assert_sound(t);
    store_test_done(ctx);
}

/* A clinic that never said who it is gets reasons, not a missing page. */
static void no_organization(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx(t);
    const char *uid;
    rg_claim_t *claim;
    billing_complete(t, 351, 351);
    store_test_exec(t, "CREATE TEMPORARY TABLE kept AS SELECT * FROM organization");
    store_test_exec(t, "DELETE FROM organization");
    assert_int_equal(rg_claim_preview(&claim, ctx, billing_uid(t, 351)), RG_OK);
    assert_non_null(rg_problem_for(ctx->problems, "Claim.provider"));
    assert_int_equal(rg_billing_invoice(&uid, ctx, billing_uid(t, 351)), RG_PRECONDITION);
    store_test_exec(t, "INSERT INTO organization SELECT * FROM kept");
    store_test_exec(t, "DROP TEMPORARY TABLE kept");
    ctx->problems->list->nelts = 0;
    must_claim(ctx, 351);
    store_test_done(ctx);
}

static void not_for_everyone(void **state)
{
    store_test_t *t = *state;
    static const struct {
        unsigned roles;
        const char *scopes;
        rg_outcome_t read;
        rg_outcome_t make;
    } who[] = {
        {RG_ROLE_NONE, NULL, RG_FORBIDDEN, RG_FORBIDDEN},
        {RG_ROLE_PATIENT, NULL, RG_FORBIDDEN, RG_FORBIDDEN},
        {RG_ROLE_FRONT_DESK | RG_ROLE_CLINICIAN, NULL, RG_FORBIDDEN, RG_FORBIDDEN},
        {RG_ROLE_FRONT_DESK, "system/Claim.read", RG_FORBIDDEN, RG_FORBIDDEN},
        {RG_ROLE_MACHINE, "", RG_FORBIDDEN, RG_FORBIDDEN},
        {RG_ROLE_MACHINE, "system/Claim.reader system/Claim.rea", RG_FORBIDDEN, RG_FORBIDDEN},
        {RG_ROLE_MACHINE, "a system/Claim.rs b", RG_OK, RG_FORBIDDEN},
        {RG_ROLE_MACHINE, "system/Claim.read", RG_OK, RG_FORBIDDEN},
        {RG_ROLE_ADMIN, NULL, RG_OK, RG_PRECONDITION},
        {RG_ROLE_BILLING, NULL, RG_OK, RG_PRECONDITION}};
    rg_ctx_t *ctx = billing_ctx(t);
    rg_claim_doc_t *doc;
    const char *uid;
    billing_complete(t, 401, 401);
    const char *claim = must_claim(ctx, 401)->row.uid;
    for (size_t i = 0; i < sizeof(who) / sizeof(*who); i++) {
        ctx->who = (rg_principal_t){.roles = who[i].roles, .scopes = who[i].scopes};
        assert_int_equal(rg_claim_get(&doc, ctx, claim), who[i].read);
        assert_int_equal(claim_by(ctx, 401, &uid), who[i].make);
    }
    assert_int_equal(rg_claim_get(&doc, ctx, billing_uid(t, 401)), RG_NOT_FOUND);
    assert_int_equal(rg_claim_get(&doc, ctx, "../1"), RG_NOT_FOUND);
    assert_int_equal(claim_by(ctx, 99999, &uid), RG_NOT_FOUND);
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) > 3 FROM audit_event WHERE action = 'claim.read'"), 1);
    store_test_done(ctx);
}

/* --- HL7's schema ----------------------------------------------------------------------------- */

/* What a mistake of ours would look like: right in everything the scrub rules see. */
static rg_outcome_t wrong_xml(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                              const rg_policy_t *policy)
{
    rg_buf_t *right = rg_buf_make(p, 1 << 18);
    rg_outcome_t rc = rg_fhir_claim_xml(right, p, c, policy);
    char *use = strstr(right->data, "<use value=\"claim\"");
    use[strlen("<use value=\"")] = 'k';
    rg_buf_add(out, right->data, right->len);
    return rc;
}

static rg_outcome_t no_xml(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                           const rg_policy_t *policy)
{
    (void)out, (void)p, (void)c, (void)policy;
    return RG_INVALID;
}

static void schema_has_the_last_word(void **state)
{
    static const rg_claim_render_t wrong = {wrong_xml, rg_fhir_claim_json, rg_x12_claim},
                                   none = {no_xml, rg_fhir_claim_json, rg_x12_claim};
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx(t);
    apr_finfo_t info;
    const char *why = "";
    const char *uid;
    rg_policy_t policy = t->policy;
    billing_complete(t, 501, 505);
    int64_t claims = store_test_value(t, "SELECT COUNT(*) FROM claim");
    assert_int_equal(rg_claim_make(&uid, ctx, billing_uid(t, 505), &none), RG_PRECONDITION);
    assert_non_null(strstr(rg_problem_for(ctx->problems, "Claim"), "Nothing was saved"));
    if (apr_stat(&info, SCHEMA, APR_FINFO_TYPE, ctx->pool) != APR_SUCCESS) {
        store_test_done(ctx);
        print_message("skipped: %s is not there\n", SCHEMA);
        skip();
    }
    policy.fhir_schema = rg_schema_load(ctx->pool, SCHEMA, &why);
    assert_non_null(policy.fhir_schema);
    ctx->policy = &policy;
    ctx->problems->list->nelts = 0;
    store_test_log_clear();
    assert_int_equal(rg_claim_make(&uid, ctx, billing_uid(t, 501), &wrong), RG_PRECONDITION);
    assert_int_equal(store_test_log_count("RG06003"), 1);
    assert_int_equal(store_test_log_count("klaim"),
                     0); /* what it quotes is for the person, not for the log */
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM claim"), claims);
    billing_assert_sound(t); /* nothing half, and the number is not lost */
    ctx->problems->list->nelts = 0;
    must_claim(ctx, 501);
    must_claim(ctx, 503);
    store_test_done(ctx);
}

/* --- never changed ---------------------------------------------------------------------------- */

static void emitted_never_changes(void **state)
{
    static const char *const tries[] = {
        "UPDATE claim SET xml = 'x'", "UPDATE claim SET total_minor = 1",
        "DELETE FROM claim",          "UPDATE claim_line SET net_minor = 1, unit_minor = 1",
        "DELETE FROM claim_line",     "UPDATE claim_diagnosis SET code = 'M17.12'",
        "DELETE FROM claim_diagnosis"};
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx(t);
    billing_complete(t, 601, 601);
    must_claim(ctx, 601);
    for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
        assert_int_not_equal(mysql_query(t->sql, tries[i]), 0);
        assert_int_equal(mysql_errno(t->sql), 1644);
    }
    store_test_done(ctx);
}

/* --- many ------------------------------------------------------------------------------------- */

static void many_at_once(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx(t);
    const char *uids[6];
    rg_batch_t batch;
    billing_complete(t, 701, 710);
    store_test_exec(t, "DELETE FROM booking_diagnosis WHERE booking_id = 703");
    for (int i = 0; i < 5; i++)
        uids[i] = billing_uid(t, 701 + 2 * i);
    uids[5] = billing_uid(t, 702); /* pays alone */
    assert_int_equal(rg_claim_make_all(&batch, ctx, uids, 6, &RENDER), RG_OK);
    assert_int_equal(batch.done, 4);
    assert_int_equal(batch.left, 2);
    assert_int_equal(rg_claim_make_all(&batch, ctx, uids, 6, &RENDER), RG_OK);
    assert_int_equal(batch.done, 0);
    assert_int_equal(batch.left, 2);
    assert_false(rg_problems_any(ctx->problems));
    billing_assert_sound(t);
    store_test_done(ctx);
}

typedef struct {
    int count, stop_after;
    rg_date_t last;
    int64_t total;
} walk_t;

static rg_outcome_t look_at(void *baton, const rg_claim_doc_t *doc)
{
    walk_t *w = baton;
    assert_true(w->count == 0 || rg_date_compare(w->last, doc->row.service_date) <= 0);
    assert_int_equal(strlen(doc->xml), doc->xml_len);
    assert_non_null(strstr(doc->xml, doc->row.claim_no));
    w->last = doc->row.service_date;
    w->total += doc->row.total.minor;
    return ++w->count == w->stop_after ? RG_GONE : RG_OK;
}

static void one_after_the_other(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx_as(t, RG_ROLE_ADMIN);
    walk_t all = {.count = 0};
    walk_t some = {.stop_after = 2};
    walk_t none = {.count = 0};
    billing_complete(t, 801, 809);
    store_test_exec(t, "UPDATE charge_item SET service_date = '2026-11-28' WHERE booking_id = 805");
    store_test_exec(t, "UPDATE charge_item SET service_date = '2026-11-29' WHERE booking_id = 803");
    for (int n = 801; n <= 809; n += 2)
        must_claim(ctx, n);
    assert_int_equal(
        rg_claim_each(ctx, (rg_date_t){2026, 11, 28}, (rg_date_t){2026, 11, 29}, look_at, &all),
        RG_OK);
    assert_int_equal(all.count, 2);
    assert_int_equal(all.total, 2 * BILLING_TOTAL);
    all = (walk_t){.count = 0};
    assert_int_equal(
        rg_claim_each(ctx, (rg_date_t){2000, 1, 1}, (rg_date_t){2100, 1, 1}, look_at, &all), RG_OK);
    assert_int_equal(all.count, store_test_value(t, "SELECT COUNT(*) FROM claim"));
    assert_int_equal(all.total, store_test_value(t, "SELECT SUM(total_minor) FROM claim"));
    assert_int_equal(
        rg_claim_each(ctx, (rg_date_t){2000, 1, 1}, (rg_date_t){2100, 1, 1}, look_at, &some),
        RG_GONE);
    assert_int_equal(some.count, 2);
    assert_int_equal(
        rg_claim_each(ctx, (rg_date_t){2000, 1, 1}, (rg_date_t){2000, 1, 2}, look_at, &none),
        RG_OK);
    assert_int_equal(none.count, 0);
    ctx->who.roles = RG_ROLE_BILLING;
    assert_int_equal(
        rg_claim_each(ctx, (rg_date_t){2000, 1, 1}, (rg_date_t){2000, 1, 2}, look_at, &none),
        RG_FORBIDDEN);
    store_test_done(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_claim_per_booking),
        cmocka_unit_test(repeated_request),
        cmocka_unit_test(claim_says_what_was_done),
        cmocka_unit_test(refused_with_reasons),
        cmocka_unit_test(no_organization),
        cmocka_unit_test(not_for_everyone),
        cmocka_unit_test(schema_has_the_last_word),
        cmocka_unit_test(emitted_never_changes),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(one_after_the_other),
    };
    rg_xml_init();
    return cmocka_run_group_tests(tests, billing_setup, store_test_teardown);
}
