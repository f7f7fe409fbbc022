/* SPDX-License-Identifier: Apache-2.0 */
/* Every scrub rule refuses its own mistake and nothing else: one sound claim, one change a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include "regen/clinic/billing.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/unit.h"

#include <apr_general.h>

static apr_pool_t *pool;
static rg_zone_t *zone;
static rg_diagnosis_t dx[13];
static rg_claim_line_t lines[2];

#define NOW ((apr_time_t)1796050800 * APR_USEC_PER_SEC) /* 2026-11-30 15:00 UTC */

static rg_claim_t sound(void)
{
    memset(dx, 0, sizeof(dx));
    memset(lines, 0, sizeof(lines));
    dx[0] = (rg_diagnosis_t){.code = "M17.11",
                             .title = "",
                             .body_site = "knee",
                             .side = RG_SIDE_RIGHT,
                             .billable = true};
    dx[1] = (rg_diagnosis_t){.code = "M25.561",
                             .title = "",
                             .body_site = "knee",
                             .side = RG_SIDE_RIGHT,
                             .billable = true};
    lines[0] = (rg_claim_line_t){.sequence = 1,
                                 .code_system = "",
                                 .code = "A",
                                 .description = "a",
                                 .quantity = 2,
                                 .unit = {15000, "USD"},
                                 .net = {30000, "USD"},
                                 .service_date = {2026, 11, 30},
                                 .body_site = "knee",
                                 .side = RG_SIDE_RIGHT,
                                 .pointers = {1, 2}};
    lines[1] = (rg_claim_line_t){.sequence = 2,
                                 .code_system = "",
                                 .code = "B",
                                 .description = "b",
                                 .modifiers = {"RT"},
                                 .quantity = 1,
                                 .unit = {1, "USD"},
                                 .net = {1, "USD"},
                                 .service_date = {2026, 11, 30},
                                 .body_site = "knee",
                                 .side = RG_SIDE_RIGHT,
                                 .pointers = {1}};
    return (rg_claim_t){
        .uid = "u",
        .claim_no = "C1",
        .patient = {.family = "Lovelace",
                    .given = "Ada",
                    .birth_date = {1960, 1, 2},
                    .gender = "female",
                    .address = {"1 Main St", "Dover", "NH", "03820", "US"}},
        .coverage = {.id = 1,
                     .member_id = "X1",
                     .group_no = "",
                     .plan_name = "",
                     .relationship = "self",
                     .subscriber_family = "",
                     .subscriber_given = "",
                     .payer = {.name = "Payer",
                               .payer_id = "60054",
                               .kind = "commercial",
                               .timely_days = 90,
                               .active = true}},
        .billing = {.name = "Clinic",
                    .npi = "1000000038",
                    .tin = "912345678",
                    .taxonomy = "261QM1300X",
                    .address = {"12 Harbor St", "Portsmouth", "NH", "03801-4410", "US"}},
        .rendering = {.id = 1, .name = "Dr. R", .npi = "1234567893", .taxonomy = "208100000X"},
        .facility = {.place_of_service = "11"},
        .body_site = "knee",
        .side = RG_SIDE_RIGHT,
        .diagnosis_count = 2,
        .diagnoses = dx,
        .line_count = 2,
        .lines = lines,
        .total = {30001, "USD"},
        .service_from = {2026, 11, 30},
        .service_to = {2026, 11, 30}};
}

static rg_problems_t *scrub(const rg_claim_t *c)
{
    rg_problems_t *ps = rg_problems_make(pool);
    rg_claim_scrub(c, NOW, zone, ps);
    return ps;
}

/* Exactly one problem, on FIELD, whose words hold WORDS. */
static void refused(const rg_claim_t *c, const char *field, const char *words)
{
    rg_problems_t *ps = scrub(c);
    assert_int_equal(ps->list->nelts, 1);
    const rg_problem_t *p = &APR_ARRAY_IDX(ps->list, 0, rg_problem_t);
    assert_string_equal(p->field, field);
    assert_non_null(strstr(p->text, words));
}

static void sound_claim_passes(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    assert_false(rg_problems_any(scrub(&c)));
    c.coverage.payer.kind = "medicare";
    c.coverage.member_id = "1EG4TE5MK73";
    assert_false(rg_problems_any(scrub(&c)));
}

static void providers(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    c.billing.npi = "1000000039";
    refused(&c, "Claim.provider", "NPI");
    c = sound();
    c.billing.tin = "111111111";
    refused(&c, "Claim.provider", "9 digits");
    c = sound();
    c.rendering.npi = "1234567890";
    refused(&c, "Claim.careTeam", "NPI");
    c = sound();
    c.rendering.id = 0;
    refused(&c, "Claim.careTeam", "practitioner");
    c = sound();
    c.rendering.taxonomy = "208";
    refused(&c, "Claim.careTeam", "taxonomy");
}

static void coverage(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    c.coverage.payer.active = false;
    refused(&c, "Claim.insurer", "active");
    c = sound();
    c.coverage.member_id = "";
    refused(&c, "Claim.insurance", "member ID");
    c = sound();
    c.coverage.payer.kind = "medicare";
    refused(&c, "Claim.insurance", "Medicare number");
    c = sound();
    c.coverage.relationship = "spouse";
    c.coverage.subscriber_family = "Byron";
    c.coverage.subscriber_given = "George";
    refused(&c, "Claim.insurance", "date of birth");
}

static void addresses_and_dates(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    c.billing.address.postal_code = "03801";
    refused(&c, "Claim.provider", "9 digits");
    c = sound();
    c.patient.address.city = "";
    refused(&c, "Claim.patient", "address");
    c = sound();
    c.patient.birth_date = (rg_date_t){2026, 12, 1};
    refused(&c, "Claim.patient", "after the treatment");
    c = sound();
    c.service_to = (rg_date_t){2026, 12, 1};
    refused(&c, "Claim.billablePeriod", "future");
    c = sound();
    c.service_from = (rg_date_t){2026, 9, 1}; /* 90 days before */
    assert_false(rg_problems_any(scrub(&c)));
    c.service_from = (rg_date_t){2026, 8, 31};
    refused(&c, "Claim.created", "too late");
}

static void diagnoses(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    dx[1].billable = false;
    refused(&c, "Claim.diagnosis[1]", "category");
    c = sound();
    dx[1].code = "M17.11";
    refused(&c, "Claim.diagnosis[1]", "twice");
    c = sound();
    dx[0].side = RG_SIDE_LEFT;
    refused(&c, "Claim.diagnosis[0]", "left side");
    c = sound();
    dx[0].side = RG_SIDE_BILATERAL;
    assert_false(rg_problems_any(scrub(&c)));
    c = sound();
    dx[0].body_site = "hip";
    refused(&c, "Claim.diagnosis[0]", "the knee was treated");
    c = sound();
    dx[1].body_site = "hip"; /* a second complaint elsewhere, on any side, is nobody's mistake */
    dx[1].side = RG_SIDE_LEFT;
    assert_false(rg_problems_any(scrub(&c)));
    c = sound();
    dx[1].code = "M25561";
    refused(&c, "Claim.diagnosis[1]", "like an ICD-10-CM code");
}

static void no_diagnosis(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    c.diagnosis_count = 0;
    rg_problems_t *ps = scrub(&c);
    assert_non_null(rg_problem_for(ps, "Claim.diagnosis"));
    assert_non_null(rg_problem_for(
        ps, "Claim.item[0].diagnosisSequence")); /* points at one that is not there */
    memset(lines[0].pointers, 0, sizeof(lines[0].pointers));
    memset(lines[1].pointers, 0, sizeof(lines[1].pointers));
    refused(&c, "Claim.diagnosis", "At least one"); /* one reason is enough */
}

static void amounts(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    c.total.minor++;
    refused(&c, "Claim.total", "sum");
    c = sound();
    lines[0].net.minor--;
    c.total.minor--;
    refused(&c, "Claim.item[0]", "price times");
    c = sound();
    lines[1].unit.minor = lines[1].net.minor = 0;
    c.total.minor--;
    refused(&c, "Claim.item[1]", "more than zero");
    c = sound();
    lines[1].code = "";
    refused(&c, "Claim.item[1]", "no service code");
    c = sound();
    memcpy(lines[1].net.currency, "EUR", 4);
    c.total.minor--;
    assert_non_null(strstr(rg_problem_for(scrub(&c), "Claim.item[1]"), "currency"));
}

static void modifiers_and_pointers(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    lines[1].modifiers[0] = "LT";
    refused(&c, "Claim.item[1]", "a different side");
    c = sound();
    lines[1].modifiers[1] = "RT";
    refused(&c, "Claim.item[1]", "twice");
    c = sound();
    lines[1].modifiers[1] = "ZZ";
    refused(&c, "Claim.item[1]", "not known");
    c = sound();
    lines[1].modifiers[1] = "50";
    refused(&c, "Claim.item[1]", "cannot be used together");
    c = sound();
    lines[1].pointers[0] = 3;
    refused(&c, "Claim.item[1].diagnosisSequence", "diagnosis 3");
    c = sound();
    lines[1].pointers[0] = 0;
    refused(&c, "Claim.item[1].diagnosisSequence", "points to no diagnosis");
    c = sound();
    lines[0].pointers[1] = 1;
    refused(&c, "Claim.item[0].diagnosisSequence", "diagnosis 1 twice");
    c = sound();
    lines[0].modifiers[0] = "50";
    refused(&c, "Claim.item[0]", "must be 1");
}

/* The same service twice is a slip unless something tells the lines apart. */
static void same_line_twice(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    lines[0].code = "B";
    assert_false(rg_problems_any(scrub(&c))); /* RT on one of them only */
    lines[0].modifiers[0] = "RT";
    refused(&c, "Claim.item[1]", "This repeats line 1");
    lines[0].modifiers[0] = "76";
    lines[0].modifiers[1] = "RT";
    assert_false(rg_problems_any(scrub(&c)));
    lines[0].modifiers[0] = "RT";
    lines[0].modifiers[1] = NULL;
    lines[0].code_system = "urn:other";
    assert_false(rg_problems_any(scrub(&c)));
    lines[0].code_system = "";
    lines[0].service_date = c.service_from = (rg_date_t){2026, 11, 29};
    assert_false(rg_problems_any(scrub(&c)));
}

static void line_days(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    lines[1].service_date = (rg_date_t){2026, 11, 29};
    refused(&c, "Claim.item[1]", "outside the dates");
    c.service_from = (rg_date_t){2026, 11, 29};
    assert_false(rg_problems_any(scrub(&c)));
    lines[1].service_date = (rg_date_t){0, 0, 0};
    refused(&c, "Claim.item[1]", "date of service is missing");
}

static void of_several_targets_each_line_has_its_own(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    c.further = "knee left,hip left";
    c.ordered = 3;
    lines[0].side = RG_SIDE_NONE; /* of the visit */
    lines[0].body_site = "";
    dx[1].side = RG_SIDE_LEFT;
    dx[1].code = "M17.12";
    assert_false(rg_problems_any(scrub(&c)));
    lines[1].pointers[1] = 2;
    refused(&c, "Claim.item[1].diagnosisSequence", "M17.12 is for the left side");
    lines[1].pointers[1] = 0;
    lines[1].modifiers[0] = "LT";
    refused(&c, "Claim.item[1]", "a different side");
    lines[1].modifiers[0] = "50";
    refused(&c, "Claim.item[1]", "a different side");
    lines[1].side = RG_SIDE_BILATERAL;
    assert_false(rg_problems_any(scrub(&c)));
    dx[0].body_site = "elbow";
    refused(&c, "Claim.diagnosis[0]", "the elbow, which was not treated");
    dx[0].body_site = "hip";
    refused(&c, "Claim.diagnosis[0]", "the other side was treated");
}

/* Of two knees that were ordered the right one was injected. */
static void one_of_several_is_one(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    c.ordered = 2;
    assert_false(rg_problems_any(scrub(&c)));
    dx[1].side = RG_SIDE_LEFT;
    refused(&c, "Claim.diagnosis[1]", "the right side was treated");
    c = sound();
    c.ordered = 2;
    lines[1].modifiers[0] = "50";
    refused(&c, "Claim.item[1]", "a different side");
    c.ordered = 1; /* what a schedule always has is the clinic's */
    assert_false(rg_problems_any(scrub(&c)));
}

static void of_several_targets_a_side_is_said(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    c.ordered = 2;
    c.further = "knee left";
    lines[1].sided = true;
    lines[1].modifiers[0] = NULL;
    lines[1].side = RG_SIDE_NONE;
    lines[1].body_site = "";
    refused(&c, "Claim.item[1]", "must say the side");
    lines[1].modifiers[0] = "50";
    assert_false(rg_problems_any(scrub(&c)));
    lines[1].modifiers[0] = NULL;
    lines[1].sided = false;
    assert_false(rg_problems_any(scrub(&c)));
    lines[1].sided = true;
    c.body_site = "lumbar-spine"; /* there is no side to say */
    c.side = RG_SIDE_NONE;
    c.further = "thoracic-spine none";
    dx[0].body_site = dx[1].body_site = "";
    dx[0].side = dx[1].side = RG_SIDE_NONE;
    lines[0].body_site = "";
    assert_false(rg_problems_any(scrub(&c)));
}

static void of_several_targets_one_person_injected(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    c.ordered = 2;
    lines[1].target_no = 2;
    lines[1].practitioner_id = 1;
    assert_false(rg_problems_any(scrub(&c)));
    lines[1].practitioner_id = 2;
    refused(&c, "Claim.careTeam", "Bill it by hand");
    c.ordered = 1;
    assert_false(rg_problems_any(scrub(&c)));
}

/* A consultation has no side: a sided diagnosis of that joint is nobody's mistake. */
static void no_side_booked(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    c.side = RG_SIDE_NONE;
    lines[0].side = lines[1].side = RG_SIDE_NONE;
    lines[1].modifiers[0] = NULL;
    assert_false(rg_problems_any(scrub(&c)));
    lines[1].modifiers[0] = "RT";
    refused(&c, "Claim.item[1]", "a different side");
}

static void place(void **state)
{
    (void)state;
    rg_claim_t c = sound();
    c.facility.place_of_service = "28";
    refused(&c, "Claim.item", "place of service");
    c.facility.place_of_service = "1 ";
    refused(&c, "Claim.item", "place of service");
}

/* --- somebody else's ---------------------------------------------------------------------------- */

#define MILLION INT64_C(1000000)

static rg_claim_exact_t amounts_of[2];
static int64_t total_of;

/* The sound claim as a document tells it: amounts in decimals, and who bills and pays elsewhere. */
static rg_claim_t foreign(void)
{
    (void)sound(); /* its lines and diagnoses */
    rg_claim_t told = {.body_site = "",
                       .diagnosis_count = 2,
                       .diagnoses = dx,
                       .line_count = 2,
                       .lines = lines,
                       .total = {0, "USD"},
                       .exact_total = &total_of};
    total_of = 300010000;
    for (int i = 0; i < 2; i++) {
        dx[i].body_site = "";
        dx[i].side = RG_SIDE_NONE;
        lines[i].exact = &amounts_of[i];
        memset(lines[i].pointers, 0, sizeof(lines[i].pointers));
    }
    amounts_of[0] =
        (rg_claim_exact_t){true, true, 300 * MILLION, 150 * MILLION, 2 * MILLION, MILLION};
    amounts_of[1] = (rg_claim_exact_t){true, true, 10000, 10000, MILLION, MILLION};
    return told;
}

static rg_problems_t *scrub_foreign(const rg_claim_t *c, bool professional)
{
    rg_problems_t *ps = rg_problems_make(pool);
    rg_claim_scrub_foreign(c, professional, (rg_date_t){2026, 12, 1}, ps);
    return ps;
}

static void passes_foreign(const rg_claim_t *c, bool professional)
{
    assert_false(rg_problems_any(scrub_foreign(c, professional)));
}

static void refused_foreign(const rg_claim_t *c, const char *at, const char *words)
{
    rg_problems_t *ps = scrub_foreign(c, true);
    assert_int_equal(ps->list->nelts, 1);
    assert_string_equal(APR_ARRAY_IDX(ps->list, 0, rg_problem_t).field, at);
    assert_non_null(strstr(APR_ARRAY_IDX(ps->list, 0, rg_problem_t).text, words));
}

static void foreign_amounts(void **state)
{
    (void)state;
    rg_claim_t c = foreign();
    passes_foreign(&c, true);
    passes_foreign(&c, false);
    total_of++;
    refused_foreign(&c, "Claim.total", "sum");
    c.exact_total = NULL;
    passes_foreign(&c, true);
    c = foreign();
    amounts_of[0].net--; /* what is rounded is off by half a cent */
    total_of--;
    passes_foreign(&c, true);
    amounts_of[0].net -= 6000;
    total_of -= 6000;
    refused_foreign(&c, "Claim.item[0]", "price times");
    amounts_of[0].has_price = false;
    passes_foreign(&c, true);
    amounts_of[0].has_net = false; /* and so there is no sum */
    total_of = 1;
    passes_foreign(&c, true);
    c = foreign();
    amounts_of[0].quantity = MILLION + MILLION / 2;
    amounts_of[0].factor = MILLION / 2;
    amounts_of[0].net = 112500000;
    total_of = 112510000;
    passes_foreign(&c, true);
    memcpy(lines[1].net.currency, "EUR", 4);
    refused_foreign(&c, "Claim.item[1]", "a different currency");
    *lines[1].net.currency = '\0';
    passes_foreign(&c, true);
    memcpy(c.total.currency, "EUR", 4);
    refused_foreign(&c, "Claim.item[0]", "a different currency");
}

static void foreign_days(void **state)
{
    (void)state;
    rg_claim_t c = foreign();
    lines[1].service_date = (rg_date_t){2026, 12, 1};
    passes_foreign(&c, true);
    lines[1].service_date = (rg_date_t){2026, 12, 2};
    refused_foreign(&c, "Claim.item[1]", "in the future");
    lines[1].service_date = (rg_date_t){0, 0, 0};
    passes_foreign(&c, true);
    c.service_from = (rg_date_t){2026, 11, 29};
    c.service_to = (rg_date_t){2026, 11, 30};
    passes_foreign(&c, true);
    lines[1].service_date = (rg_date_t){2026, 11, 28};
    refused_foreign(&c, "Claim.item[1]", "outside the dates");
    lines[1].service_date = (rg_date_t){2026, 11, 29};
    c.service_to = (rg_date_t){2026, 12, 9};
    refused_foreign(&c, "Claim.billablePeriod", "in the future");
    c.service_to = (rg_date_t){2026, 11, 30};
    c.patient.birth_date = (rg_date_t){2026, 11, 30};
    refused_foreign(&c, "Claim.patient", "after the treatment");
    c.patient.birth_date = (rg_date_t){1960, 1, 2};
    passes_foreign(&c, true);
}

static void foreign_codes(void **state)
{
    (void)state;
    rg_claim_t c = foreign();
    dx[1].code = "M17.11";
    refused_foreign(&c, "Claim.diagnosis[1]", "listed twice");
    dx[1].code = "1711";
    refused_foreign(&c, "Claim.diagnosis[1]", "like an ICD-10-CM code");
    dx[0].code = dx[1].code = ""; /* of another system */
    passes_foreign(&c, true);
    c = foreign();
    lines[1].modifiers[0] = "ZZ";
    refused_foreign(&c, "Claim.item[1]", "not known");
    passes_foreign(&c, false);
    lines[1].modifiers[0] = "RT"; /* which side was treated is not said */
    lines[1].modifiers[1] = "LT";
    refused_foreign(&c, "Claim.item[1]", "cannot be used together");
    lines[1].modifiers[1] = NULL;
    lines[0].modifiers[0] = "50";
    refused_foreign(&c, "Claim.item[0]", "must be 1");
    lines[0].modifiers[0] = "RT";
    lines[0].code = "B";
    refused_foreign(&c, "Claim.item[1]", "repeats line");
    lines[0].code = lines[1].code = "";
    passes_foreign(&c, true);
    c.diagnosis_count = 0;
    c.line_count = 0;
    passes_foreign(&c, true);
}

/* What a CMS-1500 can hold binds no other claim, and what is too much is told and read on. */
static void foreign_limits(void **state)
{
    (void)state;
    rg_claim_t c = foreign();
    rg_diagnosis_t many[13];
    rg_claim_line_t more[51];
    for (int i = 0; i < 13; i++) {
        many[i] = dx[0];
        many[i].code = "";
    }
    for (int i = 0; i < 51; i++) {
        more[i] = lines[1];
        more[i].code = "";
    }
    c.diagnoses = many;
    c.diagnosis_count = 12;
    c.lines = more;
    c.line_count = 50;
    c.exact_total = NULL;
    passes_foreign(&c, true);
    c.diagnosis_count = 13;
    refused_foreign(&c, "Claim.diagnosis", "at most 12 diagnoses");
    passes_foreign(&c, false);
    c.diagnosis_count = 12;
    c.line_count = 51;
    refused_foreign(&c, "Claim.item", "at most 50 lines");
    passes_foreign(&c, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_claim_passes),
        cmocka_unit_test(providers),
        cmocka_unit_test(coverage),
        cmocka_unit_test(addresses_and_dates),
        cmocka_unit_test(diagnoses),
        cmocka_unit_test(no_diagnosis),
        cmocka_unit_test(amounts),
        cmocka_unit_test(modifiers_and_pointers),
        cmocka_unit_test(place),
        cmocka_unit_test(same_line_twice),
        cmocka_unit_test(line_days),
        cmocka_unit_test(no_side_booked),
        cmocka_unit_test(one_of_several_is_one),
        cmocka_unit_test(of_several_targets_one_person_injected),
        cmocka_unit_test(of_several_targets_a_side_is_said),
        cmocka_unit_test(of_several_targets_each_line_has_its_own),
        cmocka_unit_test(foreign_amounts),
        cmocka_unit_test(foreign_days),
        cmocka_unit_test(foreign_codes),
        cmocka_unit_test(foreign_limits),
    };
    apr_initialize();
    apr_pool_create(&pool, NULL);
    zone = rg_zone_open(pool, "America/New_York");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}
