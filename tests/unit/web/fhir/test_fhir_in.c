/* SPDX-License-Identifier: Apache-2.0 */
/* FHIR documents that arrive: both formats give the same tree; ids of proposals read back. */
#include "core_test.h"

#include <string.h>

#include "mod_regen/web/fhir/read/in.c"
#include "mod_regen/web/fhir/read/proposal.c"
#include "regen/core/buf.h"
#include "regen/core/json.h"
#include "regen/core/outcome.h"
#include "regen/core/xml.h"

static const char XML[] =
    "<Parameters xmlns='http://hl7.org/fhir'><parameter><name value='patient-resource'/><resource>"
    "<Patient><extension url='http://x'><valueString value='e'/></extension><name>"
    "<given value='Ada'/><given value='King'/></name><active value='true'/></Patient></resource>"
    "</parameter><parameter><name value='n'/><valueInteger value='7'/></parameter></Parameters>";
static const char JSON[] =
    "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"patient-resource\",\"resource\":"
    "{\"resourceType\":\"Patient\",\"extension\":[{\"url\":\"http://x\",\"valueString\":\"e\"}],"
    "\"name\":[{\"given\":[\"Ada\",\"King\"]}],\"active\":true}},{\"name\":\"n\",\"valueInteger\":"
    "7}]}";

static const regen_node_t *of_xml(apr_pool_t *p, const char *text)
{
    struct _xmlDoc *doc;
    return rg_xml_parse(&doc, p, text, strlen(text), NULL) == RG_OK ? regen_node_of_xml(p, doc)
                                                                    : NULL;
}

static const regen_node_t *of_json(apr_pool_t *p, const char *text)
{
    struct json_t *json;
    return rg_json_parse(&json, p, text, strlen(text), NULL) == RG_OK ? regen_node_of_json(p, json)
                                                                      : NULL;
}

static void same(const regen_node_t *a, const regen_node_t *b)
{
    while (a && b) {
        assert_string_equal(a->name, b->name);
        assert_int_equal(a->value != NULL, b->value != NULL);
        assert_int_equal(a->type != NULL, b->type != NULL);
        if (a->value) {
            assert_string_equal(a->value, b->value);
        }
        if (a->type) {
            assert_string_equal(a->type, b->type);
        }
        same(a->child, b->child);
        a = a->next;
        b = b->next;
    }
    assert_null(a);
    assert_null(b);
}

static void test_formats_agree(void **state)
{
    const regen_node_t *xml = of_xml(*state, XML);
    const regen_node_t *json = of_json(*state, JSON);
    assert_non_null(xml);
    assert_non_null(json);
    same(xml, json);
}

static void test_looking(void **state)
{
    const regen_node_t *n = of_json(*state, JSON);
    const regen_node_t *first = regen_node_child(n, "parameter");
    assert_string_equal(regen_node_text(first, "resource/name/given"), "Ada");
    assert_string_equal(regen_node_child(first, "resource")->type, "Patient");
    assert_string_equal(regen_node_text(regen_node_again(first), "valueInteger"), "7");
    assert_null(regen_node_again(regen_node_again(first)));
    assert_null(regen_node_text(n, "parameter/nothing/at/all"));
    assert_null(regen_node_text(NULL, "a"));
    assert_null(regen_node_child(NULL, "a"));
}

static void test_what_is_no_resource(void **state)
{
    apr_pool_t *p = *state;
    rg_buf_t *deep = rg_buf_make(p, 4096);
    assert_null(of_xml(p, "<Parameters/>"));
    assert_null(of_xml(p, "<parameters xmlns='http://hl7.org/fhir'/>"));
    assert_null(of_xml(p, "<Parameters xmlns='http://other'/>"));
    assert_null(of_json(p, "[]"));
    assert_null(of_json(p, "{}"));
    assert_null(of_json(p, "{\"resourceType\":7}"));
    rg_buf_puts(deep, "{\"resourceType\":\"Parameters\",\"a\":");
    for (int i = 0; i < 40; i++) {
        rg_buf_puts(deep, "[");
    }
    for (int i = 0; i < 40; i++) {
        rg_buf_puts(deep, "]");
    }
    rg_buf_puts(deep, "}");
    assert_null(of_json(p, deep->data));
}

static void test_proposals(void **state)
{
    apr_pool_t *p = *state;
    static const char service[] = "7zzzzzzzzzzzzzzzzzzzzzzzzz";
    static const char *const who[] = {"", "00000000000000000000000201"};
    for (int i = 0; i < 2; i++) {
        for (int visit = 0; visit <= 16; visit += 8) {
            regen_proposal_id_t id = {service, apr_time_from_sec(4102444800), visit, who[i]};
            regen_proposal_id_t back;
            const char *text = regen_proposal_make(p, &id);
            assert_true(strlen(text) <= 64);
            assert_true(regen_proposal_read(&back, p, text));
            assert_string_equal(back.service_uid, service);
            assert_string_equal(back.practitioner_uid, who[i]);
            assert_true(back.start == id.start);
            assert_int_equal(back.visit_no, visit);
        }
    }
    static const char *const bad[] = {"",
                                      "p",
                                      "p00000000000000000000000301",
                                      "p00000000000000000000000301-",
                                      "p00000000000000000000000301-1",
                                      "p00000000000000000000000301-1-",
                                      "p00000000000000000000000301-1-1-",
                                      "p00000000000000000000000301-1-1-x",
                                      "p00000000000000000000000301-1-1x",
                                      "p00000000000000000000000301-00-1",
                                      "p00000000000000000000000301-12345678-1",
                                      "p0000000000000000000000030l-1-1",
                                      "q00000000000000000000000301-1-1"};
    regen_proposal_id_t id;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(regen_proposal_read(&id, p, bad[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {pool_test(test_formats_agree), pool_test(test_looking),
                                       pool_test(test_what_is_no_resource),
                                       pool_test(test_proposals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
