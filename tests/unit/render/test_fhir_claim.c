/* SPDX-License-Identifier: Apache-2.0 */
/* A claim's two representations: HL7's schema accepts the XML, and the JSON says the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <apr_file_info.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <jansson.h>
#include "regen/core/buf.h"
#include "regen/core/json.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/xml.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/unit.h"
#include "regen/render/fhir.h"

#define SCHEMA "../shared/data/fhir/xsd/fhir-single.xsd"

static apr_pool_t *pool;
static const rg_policy_t policy = {.code_system = "https://clinic.example/codes",
                                   .names = "https://clinic.example/fhir"};

static rg_diagnosis_t dx[] = {
    {.code = "M17.11",
     .title = "Unilateral primary osteoarthritis, right knee",
     .body_site = "knee"},
    {.code = "M25.561", .title = "Pain in right knee", .body_site = "knee"},
};
static rg_claim_line_t lines[] = {
    {.sequence = 1,
     .code_system = "",
     .code = "BMAC-HARVEST",
     .description = "Harvest <& \"quoted\">",
     .quantity = 1,
     .unit = {150000, "USD"},
     .net = {150000, "USD"},
     .service_date = {2026, 11, 30},
     .body_site = "knee",
     .side = RG_SIDE_RIGHT,
     .pointers = {1, 2}},
    {.sequence = 2,
     .code_system = "urn:other",
     .code = "BMAC-KNEE",
     .description = "Injection",
     .modifiers = {"RT", "GY"},
     .quantity = 3,
     .unit = {5, "USD"},
     .net = {15, "USD"},
     .service_date = {2026, 12, 1},
     .body_site = "knee",
     .side = RG_SIDE_RIGHT,
     .pointers = {1}},
};

static rg_claim_t claim(void)
{
    return (rg_claim_t){
        .uid = "0123456789abcdefghjkmnpqrs",
        .claim_no = "C000000007",
        .created_at = apr_time_from_sec(1796050800),
        .patient = {.family = "Ó Briain",
                    .given = "Zoë",
                    .birth_date = {1960, 1, 2},
                    .gender = "female",
                    .phone = "603-555-0199",
                    .address = {"1 <Main> St", "Dover", "NH", "03820", "US"}},
        .coverage = {.id = 1,
                     .member_id = "X1",
                     .group_no = "G7",
                     .plan_name = "",
                     .relationship = "spouse",
                     .subscriber_family = "Byron",
                     .subscriber_given = "George",
                     .subscriber_birth_date = {1955, 5, 5},
                     .payer = {.name = "Granite & Co", .payer_id = "60054", .kind = "commercial"}},
        .billing = {.name = "Clinic",
                    .npi = "1000000038",
                    .tin = "912345678",
                    .taxonomy = "261QM1300X",
                    .phone = "",
                    .address = {"12 Harbor St", "Portsmouth", "NH", "038014410", "US"}},
        .rendering = {.id = 1,
                      .name = "Dr. R",
                      .family = "R",
                      .given = "E",
                      .npi = "1234567893",
                      .taxonomy = "208100000X"},
        .facility = {.name = "Harbor",
                     .place_of_service = "11",
                     .address = {"12 Harbor St", "Portsmouth", "NH", "03801", "US"}},
        .body_site = "knee",
        .side = RG_SIDE_RIGHT,
        .diagnosis_count = 2,
        .diagnoses = dx,
        .line_count = 2,
        .lines = lines,
        .total = {150015, "USD"},
        .service_from = {2026, 11, 30},
        .service_to = {2026, 12, 1}};
}

static rg_buf_t *xml_of(const rg_claim_t *c)
{
    rg_buf_t *out = rg_buf_make(pool, 1 << 18);
    assert_int_equal(rg_fhir_claim_xml(out, pool, c, &policy), RG_OK);
    return out;
}

static void schema_accepts(void **state)
{
    (void)state;
    apr_finfo_t info;
    const char *why = "";
    rg_claim_t c = claim();
    if (apr_stat(&info, SCHEMA, APR_FINFO_TYPE, pool) != APR_SUCCESS) {
        print_message("skipped: %s is not there\n", SCHEMA);
        skip();
    }
    rg_schema_t *schema = rg_schema_load(pool, SCHEMA, &why);
    assert_non_null(schema);
    rg_problems_t *ps = rg_problems_make(pool);
    rg_buf_t *xml = xml_of(&c);
    assert_int_equal(rg_schema_validate(schema, xml->data, xml->len, ps), RG_OK);
    c.coverage.relationship = "self"; /* no subscriber of its own, no group */
    c.coverage.group_no = "";
    c.side = RG_SIDE_NONE;
    xml = xml_of(&c);
    assert_int_equal(rg_schema_validate(schema, xml->data, xml->len, ps), RG_OK);
    /* and it would notice */
    char *broken = apr_pstrmemdup(pool, xml->data, xml->len);
    char *use = strstr(broken, "<use value=\"claim\"");
    assert_non_null(use);
    use[strlen("<use value=\"")] = 'k';
    assert_int_equal(rg_schema_validate(schema, broken, xml->len, ps), RG_INVALID);
}

static json_t *json_of(const rg_claim_t *c)
{
    rg_buf_t *out = rg_buf_make(pool, 1 << 18);
    json_t *root = NULL;
    assert_int_equal(rg_fhir_claim_json(out, pool, c, &policy), RG_OK);
    assert_non_null(strstr(out->data, "\"value\":1500.15")); /* the digits survive */
    assert_int_equal(rg_json_parse(&root, pool, out->data, out->len, NULL), RG_OK);
    return root;
}

static const char *text_at(json_t *o, const char *a, int i, const char *b)
{
    return json_string_value(json_object_get(json_array_get(json_object_get(o, a), (size_t)i), b));
}

static void json_says_the_same(void **state)
{
    (void)state;
    rg_claim_t c = claim();
    json_t *j = json_of(&c);
    json_t *item = json_array_get(json_object_get(j, "item"), 1);
    assert_string_equal(json_string_value(json_object_get(j, "resourceType")), "Claim");
    assert_string_equal(text_at(j, "identifier", 0, "value"), "C000000007");
    assert_string_equal(text_at(j, "identifier", 0, "system"),
                        "https://clinic.example/fhir/sid/claim-number");
    assert_string_equal(
        text_at(json_object_get(json_array_get(json_object_get(j, "item"), 0), "productOrService"),
                "coding", 0, "system"),
        "https://clinic.example/codes");
    assert_int_equal(json_array_size(json_object_get(j, "contained")), 7);
    assert_int_equal(json_array_size(json_object_get(j, "diagnosis")), 2);
    assert_string_equal(json_string_value(json_object_get(item, "servicedDate")), "2026-12-01");
    assert_int_equal(json_array_size(json_object_get(item, "modifier")), 2);
    assert_int_equal(
        json_integer_value(json_array_get(json_object_get(item, "diagnosisSequence"), 0)), 1);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(item, "bodySite"), "text")),
        "right knee");
    assert_string_equal(text_at(json_object_get(item, "productOrService"), "coding", 0, "system"),
                        "urn:other");
}

/* Every "#id" that is referred to is contained, and every contained resource is referred to (FHIR's
 * dom-3). */
static void references_resolve(void **state)
{
    static const char *const ids[] = {"patient",  "subscriber", "payer",   "coverage",
                                      "provider", "rendering",  "facility"};
    (void)state;
    rg_claim_t c = claim();
    const char *xml = xml_of(&c)->data;
    for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
        assert_non_null(strstr(xml, apr_psprintf(pool, "<id value=\"%s\"", ids[i])));
        assert_non_null(strstr(xml, apr_psprintf(pool, "<reference value=\"#%s\"", ids[i])));
    }
}

static void what_people_typed_is_escaped(void **state)
{
    (void)state;
    rg_claim_t c = claim();
    const char *xml = xml_of(&c)->data;
    assert_non_null(strstr(xml, "1 &lt;Main&gt; St"));
    assert_non_null(strstr(xml, "Granite &amp; Co"));
    assert_null(strstr(xml, "<Main>"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema_accepts),
        cmocka_unit_test(json_says_the_same),
        cmocka_unit_test(references_resolve),
        cmocka_unit_test(what_people_typed_is_escaped),
    };
    apr_initialize();
    apr_pool_create(&pool, NULL);
    rg_xml_init();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}
