/* SPDX-License-Identifier: Apache-2.0 */
/* What may arrive as FHIR: R4's primitives as R4 writes them, one value where one is meant, and places
 * that are said in one way. */
#include "core_test.h"

#include <string.h>

#include "mod_regen/web/fhir/read/args.c"
#include "mod_regen/web/fhir/read/in.c"
#include "mod_regen/web/fhir/read/place.c"
#include "mod_regen/web/fhir/read/primitive.c"
#include "mod_regen/web/fhir/read/shape.c"
#include "regen/core/form.h"
#include "regen/core/json.h"
#include "regen/core/outcome.h"
#include "regen/core/xml.h"
#include "regen/model/booking.h"

#define SYSTEM "https://x.example/codes/body-site"

/* --- primitives ------------------------------------------------------------------------------- */

static const struct {
    const char *type, *right[8], *wrong[24];
} written[] = {
    {"date",
     {"1970-03-04", "1970-03", "1970", "0001-01-01", "9999-12-31", NULL},
     {"03/04/1970",
      "19700304",
      "March 4, 1970",
      "1970-3-4",
      "1970-03-4",
      "0000-01-01",
      "1970-13-01",
      "1970-00-01",
      "1970-01-32",
      "1970-01-00",
      "1970-03-04T00:00:00Z",
      " 1970-03-04",
      "1970-03-04 ",
      "1970-",
      "1970-03-",
      "197",
      "",
      "\xd9\xa1\xd9\xa9\xd9\xa7\xd9\xa0-03-04",
      "-1970",
      NULL}},
    {"dateTime",
     {"1970", "1970-03", "1970-03-04", "1970-03-04T09:00:00Z", "1970-03-04T23:59:60.123-05:00",
      "1970-03-04T09:00:00+14:00", NULL},
     {"1970-03-04T09:00:00", "1970-03-04T09:00Z", "1970-03T09:00:00Z", "1970-03-04T24:00:00Z",
      "1970-03-04T09:00:00+14:30", "1970-03-04T09:00:00+15:00", "1970-03-04T09:00:00.Z",
      "1970-03-04T09:00:00 05:00", "1970-03-04t09:00:00Z", "1970-03-04T09:60:00Z", NULL}},
    {"instant",
     {"2026-12-01T09:00:00-05:00", "2026-12-01T09:00:00.5Z", NULL},
     {"2026-12-01", "2026-12-01T09:00:00", "2026-12", "", NULL}},
    {"time", {"09:00:00", "23:59:60.9", NULL}, {"9:00:00", "09:00", "24:00:00", "09:00:00Z", NULL}},
    {"boolean", {"true", "false", NULL}, {"True", "1", "0", "yes", "", " true", NULL}},
    {"integer",
     {"0", "-1", "+1", "2147483647", "-2147483648", NULL},
     {"00", "01", "-0", "+0", "+-0", "--1", "1.0", "1e2", "2147483648", "-2147483649", "", "-",
      " 1", NULL}},
    {"unsignedInt", {"0", "7", NULL}, {"-0", "-1", "+1", "07", "2147483648", "", NULL}},
    {"positiveInt",
     {"1", "+7", "2147483647", NULL},
     {"0", "-1", "01", "+0", "2147483648", "", NULL}},
    {"decimal",
     {"0", "-1.50", "1e10", "0.0", "12E-3", NULL},
     {"01", ".5", "1.", "+1", "1e", "", NULL}},
    {"code", {"left", "a b", "x", NULL}, {" left", "left ", "a  b", "", " ", "a\tb ", NULL}},
    {"id", {"a", "A-1.b", NULL}, {"", "a b", "a_b", "a/b", NULL}},
    {"uri", {"http://x.example", "urn:oid:1.2", NULL}, {"", "a b", " a", "a\n", NULL}},
    {"oid",
     {"urn:oid:1.2.3", "urn:oid:2.0", NULL},
     {"1.2.3", "urn:oid:3.1", "urn:oid:1", "urn:oid:1.02", "urn:oid:1..2", NULL}},
    {"uuid",
     {"urn:uuid:c757873d-ec9a-4326-a141-556f43239520", NULL},
     {"c757873d-ec9a-4326-a141-556f43239520", "urn:uuid:C757873D-ec9a-4326-a141-556f43239520",
      "urn:uuid:c757873d", NULL}},
    {"base64Binary", {"QUJD", "QQ ==", NULL}, {"QUJ", "QU-D", "", " ", NULL}},
    {"string", {"x", " ", NULL}, {"", NULL}}};

static void test_primitives(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
        assert_non_null(regen_fhir_primitive(written[i].type));
        for (int k = 0; written[i].right[k]; k++) {
            if (!regen_fhir_primitive_fits(written[i].type, written[i].right[k])) {
                fail_msg("%s refuses \"%s\"", written[i].type, written[i].right[k]);
            }
        }
        for (int k = 0; written[i].wrong[k]; k++) {
            if (regen_fhir_primitive_fits(written[i].type, written[i].wrong[k])) {
                fail_msg("%s takes \"%s\"", written[i].type, written[i].wrong[k]);
            }
        }
    }
    char longest[66] = {0};
    memset(longest, 'a', 64);
    assert_true(regen_fhir_primitive_fits("id", longest));
    longest[64] = 'a';
    assert_false(regen_fhir_primitive_fits("id", longest));
    assert_null(regen_fhir_primitive("Coding"));
    assert_false(regen_fhir_primitive_fits("nothing", "x"));
}

/* --- shapes ----------------------------------------------------------------------------------- */

static const regen_node_t *of_json(apr_pool_t *p, const char *text)
{
    struct json_t *json;
    assert_int_equal(rg_json_parse(&json, p, text, strlen(text), NULL), RG_OK);
    return regen_node_of_json(p, json);
}

static const regen_node_t *of_xml(apr_pool_t *p, const char *text)
{
    struct _xmlDoc *doc;
    assert_int_equal(rg_xml_parse(&doc, p, text, strlen(text), NULL), RG_OK);
    return regen_node_of_xml(p, doc);
}

/* NULL: it is taken; else the path of the first problem. */
static const char *first_wrong(apr_pool_t *p, const regen_node_t *tree)
{
    rg_problems_t *problems = rg_problems_make(p);
    bool fine = regen_fhir_shape(problems, NULL, p, tree);
    assert_int_equal(fine, problems->list->nelts == 0);
    return fine ? NULL : APR_ARRAY_IDX(problems->list, 0, rg_problem_t).field;
}

static const struct {
    const char *wrong, *body;
} bodies[] = {
    {NULL, "{'parameter':[{'name':'a','valueString':'x'}]}"},
    {NULL, "{'parameter':[{'name':'a','valueDateTime':'2026-12-01','_valueDateTime':{'id':'q'}}]}"},
    {"Parameters.parameter[0].valueCode",
     "{'parameter':[{'name':'a','valueString':'left','valueCode':'right'}]}"},
    {"Parameters.parameter[0].valueString", "{'parameter':[{'name':'a','valueString':['x','y']}]}"},
    {"Parameters.parameter[0].valueString", "{'parameter':[{'name':'a','valueString':{'a':'b'}}]}"},
    {"Parameters.parameter[0].valueCoding", "{'parameter':[{'name':'a','valueCoding':'left'}]}"},
    {"Parameters.parameter[0].valueQuantity", "{'parameter':[{'name':'a','valueQuantity':3}]}"},
    {"Parameters.parameter[0].valueFoo", "{'parameter':[{'name':'a','valueFoo':'x'}]}"},
    {"Parameters.parameter[0].valuestring", "{'parameter':[{'name':'a','valuestring':'x'}]}"},
    {"Parameters.parameter[0].value", "{'parameter':[{'name':'a','value':'x'}]}"},
    {"Parameters.parameter[0].valueDate", "{'parameter':[{'name':'a','valueDate':'3/4/1970'}]}"},
    {"Parameters.parameter[0].part", "{'parameter':[{'name':'a','part':[{'name':'b'}]}]}"},
    {"Parameters.id", "{'id':'a b','parameter':[{'name':'a','valueString':'x'}]}"}};

static void test_one_value(void **state)
{
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        char *text = apr_pstrcat(*state, "{'resourceType':'Parameters',", bodies[i].body + 1, NULL);
        for (char *c = text; *c; c++) {
            *c = *c == '\'' ? '"' : *c;
        }
        const char *wrong = first_wrong(*state, of_json(*state, text));
        assert_int_equal(!wrong, !bodies[i].wrong);
        if (wrong) {
            assert_string_equal(wrong, bodies[i].wrong);
        }
    }
}

static void test_one_kind_of_a_choice(void **state)
{
    assert_string_equal(first_wrong(*state, of_json(*state, "{\"resourceType\":\"Patient\","
                                                            "\"deceasedBoolean\":false,"
                                                            "\"deceasedDateTime\":\"2020\"}")),
                        "Patient.deceasedDateTime");
    assert_string_equal(first_wrong(*state, of_json(*state, "{\"resourceType\":\"Patient\","
                                                            "\"deceasedString\":\"no\"}")),
                        "Patient.deceasedString");
}

#define X_PARAMETERS(inside)                                                                       \
    "<Parameters xmlns='http://hl7.org/fhir'><parameter><name value='a'/>" inside                  \
    "</parameter></Parameters>"

static void test_text_in_xml(void **state)
{
    apr_pool_t *p = *state;
    static const char *const text[] = {
        X_PARAMETERS("<valueString value='left'>right</valueString>"),
        X_PARAMETERS("<valueString value='left'/>right"),
        X_PARAMETERS("<valueString value='left'><![CDATA[right]]></valueString>"),
        X_PARAMETERS("<resource><Patient><active value='true'/></Patient>Olga</resource>"),
        X_PARAMETERS("<resource><Patient><text>Olga</text></Patient></resource>"),
        X_PARAMETERS("<extension url='http://x'>right</extension><valueString value='left'/>")};
    for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
        assert_true(regen_node_has_text(of_xml(p, text[i])));
    }
    assert_false(regen_node_has_text(of_xml(
        p, X_PARAMETERS("<!-- x --><resource>\n<Patient> <text><status value='generated'/>"
                        "<div xmlns='http://www.w3.org/1999/xhtml'>Ada</div></text> </Patient>\n"
                        "</resource>"))));
    /* What wraps a resource has one. */
    assert_null(of_xml(p, X_PARAMETERS("<resource><Patient><active value='true'/></Patient>"
                                       "<birthDate value='1970-01-01'/></resource>")));
}

/* --- places ----------------------------------------------------------------------------------- */

static rg_outcome_t place_of(regen_place_t *out, apr_pool_t *p, const char *parameters,
                             const char *reason)
{
    rg_problems_t *problems = rg_problems_make(p);
    const rg_form_t query = {apr_array_make(p, 1, sizeof(rg_pair_t))};
    const char *text =
        apr_pstrcat(p, "{\"resourceType\":\"Parameters\",\"parameter\":[", parameters, "]}", NULL);
    const char *sent =
        apr_pstrcat(p, "{\"resourceType\":\"Appointment\",\"reasonCode\":[", reason, "]}", NULL);
    const regen_asked_t asked = {p, problems, &query, true, of_json(p, text)};
    const regen_place_in_t in = {p, problems, SYSTEM};
    regen_args_t args;
    rg_outcome_t rc = regen_args_read(&args, &asked, regen_book_args, NULL);
    if (rc == RG_OK) {
        rc = regen_place_read(out, &in, &args, *reason ? of_json(p, sent) : NULL);
    }
    if (rc == RG_OK) {
        rc = regen_place_words(out, &in, "knee", RG_SIDE_LEFT);
    }
    assert_int_equal(rc == RG_OK, problems->list->nelts == 0);
    return rc;
}

#define P_SITE(value)  "{\"name\":\"body-site\"," value "}"
#define P_SIDE(value)  "{\"name\":\"side\"," value "}"
#define CODING(inside) "\"valueCodeableConcept\":{\"coding\":[" inside "]}"

static void test_places_that_agree(void **state)
{
    static const char *const said[][2] = {
        {P_SITE("\"valueString\":\"knee\""), ""},
        {P_SITE("\"valueCode\":\"knee\""),
         "{\"coding\":[{\"code\":\"knee\"}],\"text\":\"LEFT knee\"}"},
        {P_SITE(CODING("{\"system\":\"" SYSTEM "\",\"code\":\"knee\"}")), ""},
        {P_SIDE("\"valueCoding\":{\"code\":\"left\",\"display\":\"Left\"}"),
         "{\"coding\":[{\"code\":\"knee\",\"display\":\"Knee\"}]}"}};
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        regen_place_t place;
        assert_int_equal(place_of(&place, *state, said[i][0], said[i][1]), RG_OK);
        assert_string_equal(place.body_site, "knee");
    }
}

static void test_places_that_do_not(void **state)
{
    static const char *const said[][2] = {
        {P_SITE("\"valueString\":\"knee\""), "{\"coding\":[{\"code\":\"hip\"}]}"},
        {P_SITE("\"valueString\":\"knee\""), "{\"text\":\"right hip\"}"},
        {P_SITE("\"valueString\":\"knee\""), "{\"coding\":[{\"code\":\"knee\"}],\"text\":\"hip\"}"},
        {P_SITE("\"valueString\":\"knee\""),
         "{\"coding\":[{\"code\":\"knee\"}],\"text\":\"right knee\"}"},
        {P_SITE("\"valueString\":\"knee\""),
         "{\"coding\":[{\"code\":\"knee\"}]},{\"coding\":[{\"code\":\"knee\"}]}"},
        {P_SIDE("\"valueString\":\"left\""),
         "{\"coding\":[{\"code\":\"knee\"},{\"code\":\"hip\"}]}"},
        {P_SIDE("\"valueString\":\"left\""),
         "{\"coding\":[{\"code\":\"knee\",\"system\":\"http://snomed.info/sct\"}]}"},
        {P_SITE(CODING("{\"code\":\"knee\"},{\"code\":\"hip\"}")), ""},
        {P_SITE(CODING("{\"system\":\"http://snomed.info/sct\",\"code\":\"knee\"}")), ""},
        {P_SIDE(CODING("{\"code\":\"left\"},{\"code\":\"right\"}")), ""},
        {P_SIDE(CODING("{\"system\":\"" SYSTEM "\",\"code\":\"left\"}")), ""},
        {P_SIDE("\"valueReference\":{\"reference\":\"left\"}"), ""},
        {P_SIDE("\"valueIdentifier\":{\"value\":\"left\"}"), ""},
        {P_SIDE("\"valueString\":\"left\",\"valueCode\":\"right\""), ""}};
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        regen_place_t place;
        assert_int_equal(place_of(&place, *state, said[i][0], said[i][1]), RG_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(test_primitives),           pool_test(test_one_value),
        pool_test(test_one_kind_of_a_choice), pool_test(test_text_in_xml),
        pool_test(test_places_that_agree),    pool_test(test_places_that_do_not)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
