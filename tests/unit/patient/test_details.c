/* SPDX-License-Identifier: Apache-2.0 */
/* What a patient may type about themselves: every field, right and wrong, and what is stored. */
#include "core_test.h"

#include <apr_strings.h>

#include "mod_regen/clinic/patient/people.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/service.h"

static const char *const tendon_sites[] = {"elbow", "shoulder", "lumbar-spine"};
static rg_payer_t payers[] = {
    {.id = 1, .code = "granite", .name = "Granite", .kind = "commercial", .active = true},
    {.id = 3, .code = "medicare", .name = "Medicare", .kind = "medicare", .active = true},
    {.id = 4, .code = "gone", .name = "Gone", .kind = "commercial", .active = false}};
static rg_service_t service = {
    .needs_body_site = true, .body_site_count = 3, .body_sites = (const char **)tendon_sites};
static rg_details_rules_t rules = {
    .service = &service, .today = {2026, 11, 22}, .payers = payers, .payer_count = 3};

/* A form that is in order; each test spoils one thing. */
static rg_details_in_t good(void)
{
    return (rg_details_in_t){.family = "Doe-O'Neil",
                             .given = "José María",
                             .birth_date = "3/27/1985",
                             .gender = "male",
                             .email = "jose@example.org",
                             .phone = "603-555-0123",
                             .address_line = "1 Main Street",
                             .city = "Dover",
                             .state = "nh",
                             .postal_code = "038201234",
                             .body_site = "elbow",
                             .side = "left",
                             .pay = "self"};
}

static rg_details_in_t insured(void)
{
    rg_details_in_t in = good();
    in.pay = "insurance";
    in.payer_code = "granite";
    in.member_id = "abc 123-456";
    in.relationship = "self";
    return in;
}

static rg_details_checked_t out;
static rg_problems_t *problems;

static bool check(apr_pool_t *p, const rg_details_in_t *in)
{
    problems = rg_problems_make(p);
    bool ok = rg_details_check(&out, p, problems, in, &rules);
    assert_int_equal(ok, !rg_problems_any(problems));
    return ok;
}

/* This field alone is complained about, in words that hold PART. */
static void refuses(apr_pool_t *p, const rg_details_in_t *in, const char *field, const char *part)
{
    assert_false(check(p, in));
    assert_int_equal(problems->list->nelts, 1);
    const char *text = rg_problem_for(problems, field);
    if (!text || !strstr(text, part)) {
        fail_msg("%s: got \"%s\", wanted \"%s\"", field, text ? text : "(nothing)", part);
    }
}

static void test_good_is_stored_tidily(void **state)
{
    rg_details_in_t in = good();
    in.family = "  Doe-O'Neil \t";
    assert_true(check(*state, &in));
    assert_string_equal(out.patient.family, "Doe-O'Neil");
    assert_string_equal(out.patient.given, "José María");
    assert_int_equal(out.patient.birth_date.year, 1985);
    assert_int_equal(out.patient.birth_date.month, 3);
    assert_int_equal(out.patient.birth_date.day, 27);
    assert_string_equal(out.patient.address.state, "NH");
    assert_string_equal(out.patient.address.postal_code, "03820-1234");
    assert_string_equal(out.patient.address.country, "US");
    assert_true(out.self_pay);
    assert_string_equal(out.body_site, "elbow");
    assert_int_equal(out.side, RG_SIDE_LEFT);
}

/* An empty form is told about everything at once; what only a claim needs is asked with one. */
static void test_empty(void **state)
{
    static const char *const fields[] = {"given",     "birth_date", "email", "phone",
                                         "body_site", "side",       "pay"};
    static const char *const claim[] = {"payer_code",   "member_id", "relationship", "gender",
                                        "address_line", "city",      "state",        "postal_code"};
    rg_details_in_t in = {0};
    assert_false(check(*state, &in));
    assert_int_equal(problems->list->nelts, 7);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        assert_non_null(rg_problem_for(problems, fields[i]));
    }
    memset(&in, 0, sizeof(in));
    in.pay = "insurance";
    assert_false(check(*state, &in));
    assert_int_equal(problems->list->nelts, 6 + 8);
    for (size_t i = 0; i < sizeof(claim) / sizeof(claim[0]); i++) {
        assert_non_null(rg_problem_for(problems, claim[i]));
    }
    assert_null(rg_problem_for(problems, "subscriber_family"));
}

/* Who pays themselves says neither sex nor address; half an address is still a mistake, and an API
 * client sends all of it. */
static void test_without_a_claim(void **state)
{
    rg_details_in_t in = good();
    in.gender = "";
    in.address_line = in.city = in.state = in.postal_code = "";
    assert_true(check(*state, &in));
    assert_string_equal(out.patient.gender, "unknown");
    assert_string_equal(out.patient.address.line, "");
    assert_string_equal(out.patient.address.state, "");
    assert_string_equal(out.patient.address.country, "US");
    rules.place_later = true;
    assert_false(check(*state, &in));
    assert_non_null(rg_problem_for(problems, "address_line"));
    rules.place_later = false;
    in.city = "Dover";
    assert_false(check(*state, &in));
    assert_non_null(rg_problem_for(problems, "address_line"));
    assert_non_null(rg_problem_for(problems, "postal_code"));
}

static char *repeat(apr_pool_t *p, const char *s, int n)
{
    char *all = "";
    for (int i = 0; i < n; i++) {
        all = apr_pstrcat(p, all, s, NULL);
    }
    return all;
}

static void test_names(void **state)
{
    rg_details_in_t in = good();
    in.family = repeat(*state, "é", 80); /* characters, not bytes */
    assert_true(check(*state, &in));
    in.family = repeat(*state, "é", 81);
    refuses(*state, &in, "family", "80");
    in.family = "a\nb";
    refuses(*state, &in, "family", "one line");
    in = good();
    in.given = " \xc2\xa0 ";
    assert_true(check(*state, &in)); /* one name is enough */
    assert_string_equal(out.patient.given, "");
    in.family = "-";
    refuses(*state, &in, "given", "only one name");
}

static void test_birth_date(void **state)
{
    static const char *const right[] = {"1985-03-27", "03/27/1985", "3/27/1985",
                                        "2/29/2004",  "11/22/2008", "11/22/1906"};
    static const struct {
        const char *typed;
        const char *part;
    } wrong[] = {{"2/30/1985", "calendar"}, {"1985", "calendar"},      {"3/27/1985x", "calendar"},
                 {"2/29/2003", "calendar"}, {"11/23/2026", "past"},    {"11/23/2008", "18"},
                 {"1905-11-22", "120"},     {"1/1/10000", "calendar"}, {"1.2.1985", "January"},
                 {"1/2/25", "four digits"}};
    rg_details_in_t in = good();
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        in.birth_date = right[i];
        assert_true(check(*state, &in));
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        in.birth_date = wrong[i].typed;
        assert_false(check(*state, &in));
        assert_non_null(strstr(rg_problem_for(problems, "birth_date"), wrong[i].part));
    }
}

static void test_contact(void **state)
{
    rg_details_in_t in = good();
    in.email = "jose@example";
    refuses(*state, &in, "email", "name@example.org");
    in = good();
    in.phone = "call me";
    refuses(*state, &in, "phone", "603-555-0123");
    in = good();
    in.gender = "F";
    refuses(*state, &in, "gender", "Choose");
    in = good();
    in.state = "ZZ";
    refuses(*state, &in, "state", "New Hampshire");
    in.state = "N";
    refuses(*state, &in, "state", "New Hampshire");
    in.state = " new  HAMPSHIRE ";
    assert_true(check(*state, &in));
    assert_string_equal(out.patient.address.state, "NH");
    in = good();
    in.postal_code = "3801";
    refuses(*state, &in, "postal_code", "5 or 9");
    in.postal_code = "03801-44";
    refuses(*state, &in, "postal_code", "5 or 9");
    in.postal_code = "03801-44109";
    refuses(*state, &in, "postal_code", "5 or 9");
    in.postal_code = "03801-4410";
    assert_true(check(*state, &in));
    in.postal_code = "03801";
    assert_true(check(*state, &in));
}

static void test_place(void **state)
{
    rg_details_in_t in = good();
    in.body_site = "knee"; /* not one of this service's */
    refuses(*state, &in, "body_site", "Choose");
    in = good();
    in.side = "";
    refuses(*state, &in, "side", "left or right");
    in.side = "bilateral";
    refuses(*state, &in, "side", "left or right");
    in.side = "none";
    refuses(*state, &in, "side", "left or right");
    in = good();
    in.body_site = "lumbar-spine"; /* the middle of the body has no side */
    assert_true(check(*state, &in));
    assert_int_equal(out.side, RG_SIDE_NONE);
    service.needs_body_site = false;
    in.body_site = NULL;
    in.side = NULL;
    assert_true(check(*state, &in));
    assert_string_equal(out.body_site, "");
    service.needs_body_site = true;
}

static void test_insurance(void **state)
{
    rg_details_in_t in = insured();
    assert_true(check(*state, &in));
    assert_false(out.self_pay);
    assert_string_equal(out.coverage.member_id, "ABC123456");
    assert_int_equal(out.coverage.payer.id, 1);
    assert_string_equal(out.coverage.subscriber_family, "");
    in.payer_code = "gone";
    refuses(*state, &in, "payer_code", "Choose your insurance");
    in.payer_code = "nobody";
    refuses(*state, &in, "payer_code", "Choose your insurance");
    in = insured();
    in.member_id = "12;34";
    refuses(*state, &in, "member_id", "letters and digits");
    in.member_id = "--";
    refuses(*state, &in, "member_id", "letters and digits");
    in = insured();
    in.relationship = "cousin";
    refuses(*state, &in, "relationship", "whose");
    in = insured();
    in.pay = "barter";
    refuses(*state, &in, "pay", "who pays");
}

static void test_subscriber(void **state)
{
    rg_details_in_t in = insured();
    in.relationship = "spouse";
    assert_false(check(*state, &in));
    assert_int_equal(problems->list->nelts, 2);
    in.subscriber_family = "Doe";
    in.subscriber_given = "Ann";
    in.subscriber_birth_date = "1/2/2015"; /* a subscriber need not be of age for our sake */
    assert_true(check(*state, &in));
    assert_string_equal(out.coverage.subscriber_given, "Ann");
    assert_int_equal(out.coverage.subscriber_birth_date.year, 2015);
}

static void test_medicare(void **state)
{
    rg_details_in_t in = insured();
    in.payer_code = "medicare";
    refuses(*state, &in, "member_id", "Medicare card");
    in.member_id = "1eg4-te5-mk73";
    assert_true(check(*state, &in));
    assert_string_equal(out.coverage.member_id, "1EG4TE5MK73");
    in.relationship = "spouse";
    in.subscriber_family = "Doe";
    in.subscriber_given = "Ann";
    in.subscriber_birth_date = "1/2/1960";
    refuses(*state, &in, "relationship", "Medicare");
}

static void test_may(void **state)
{
    (void)state;
    rg_ctx_t ctx = {.who = {.roles = RG_ROLE_PATIENT, .booking_id = 7}};
    assert_true(rg_people_may(&ctx, 7));
    assert_false(rg_people_may(&ctx, 8));
    ctx.who = (rg_principal_t){0};
    assert_false(rg_people_may(&ctx, 0));
    ctx.who.roles = RG_ROLE_BILLING;
    assert_true(rg_people_may(&ctx, 8));
    ctx.who.roles = RG_ROLE_MACHINE;
    assert_false(rg_people_may(&ctx, 8));
}

/* Staff hear of the patient, and what they can do; nobody tells them to call the clinic. */
static void test_staff_hear_of_the_patient(void **state)
{
    rg_details_in_t in = good();
    rules.roles = RG_ROLE_FRONT_DESK;
    in.email = "";
    refuses(*state, &in, "email", "Enter the patient's email address");
    in = good();
    in.birth_date = "3/27/2015";
    refuses(*state, &in, "birth_date", "Patients under 18 cannot be booked here");
    assert_null(strstr(rg_problem_for(problems, "birth_date"), "call"));
    rules.roles = 0;
    refuses(*state, &in, "birth_date", "Please call the clinic");
}

int main(void)
{
    const struct CMUnitTest tests[] = {pool_test(test_good_is_stored_tidily),
                                       pool_test(test_empty),
                                       pool_test(test_without_a_claim),
                                       pool_test(test_names),
                                       pool_test(test_birth_date),
                                       pool_test(test_contact),
                                       pool_test(test_place),
                                       pool_test(test_insurance),
                                       pool_test(test_subscriber),
                                       pool_test(test_medicare),
                                       cmocka_unit_test(test_may),
                                       pool_test(test_staff_hear_of_the_patient)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
