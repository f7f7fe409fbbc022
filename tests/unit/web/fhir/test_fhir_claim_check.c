/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody else's Claim: what does not hold together in it is found where it is, and it is read as far
 * as it tells. One sound claim, one change a case. */
#include "core_test.h"

#include <string.h>

#include "mod_regen/web/fhir/claim/check.c"
#include "mod_regen/web/fhir/claim/read.c"
#include "mod_regen/web/fhir/read/in.c"
#include "regen/clinic/billing.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/xml.h"
#include "regen/model/money.h"

#define CODED(system, code) "<coding><system value='" system "'/><code value='" code "'/></coding>"

static const char SOUND[] =
    "<Claim xmlns='http://hl7.org/fhir'><contained><Patient><id value='p'/><birthDate "
    "value='1960-01-02'/></Patient></contained><contained><Practitioner><id value='d'/><identifier>"
    "<system value='http://hl7.org/fhir/sid/us-npi'/><value value='1234567893'/></identifier>"
    "<identifier><system value='urn:oid:2.16.840.1.113883.4.4'/><value value='912345678'/>"
    "</identifier></Practitioner></contained><type>" CODED(
        "http://terminology.hl7.org/CodeSystem/claim-type",
        "professional") "</type><patient><reference value='#p'/></patient>"
                        "<billablePeriod><start value='2026-11-01'/><end "
                        "value='2026-11-30T10:00:00Z'/>"
                        "</billablePeriod><careTeam><sequence value='3'/><provider><reference "
                        "value='#d'/></provider>"
                        "<qualification>" CODED("http://nucc.org/provider-taxonomy",
                                                "208100000X") "</qualification>"
                                                              "</careTeam><diagnosis><sequence "
                                                              "value='7'/"
                                                              "><diagnosisCodeableConcept>" CODED(
                                                                  "http://hl7.org/fhir/sid/"
                                                                  "icd-10-cm",
                                                                  "M17.11") "</"
                                                                            "diagnosisCodeableConce"
                                                                            "pt></"
                                                                            "diagnosis><diagnosis><"
                                                                            "sequence value='8'/>"
                                                                            "<diagnosisReference><"
                                                                            "reference "
                                                                            "value='Condition/1'/"
                                                                            "></"
                                                                            "diagnosisReference></"
                                                                            "diagnosis>"
                                                                            "<insurance><sequence "
                                                                            "value='1'/><focal "
                                                                            "value='true'/"
                                                                            "><coverage><"
                                                                            "identifier><system "
                                                                            "value='http://hl7.org/"
                                                                            "fhir/sid/us-mbi'/"
                                                                            "><value "
                                                                            "value='1EG4TE5MK73'/"
                                                                            "></identifier></"
                                                                            "coverage>"
                                                                            "</"
                                                                            "insurance><insurance><"
                                                                            "sequence "
                                                                            "value='2'/><focal "
                                                                            "value='false'/></"
                                                                            "insurance>"
                                                                            "<item><sequence "
                                                                            "value='1'/"
                                                                            "><careTeamSequence "
                                                                            "value='3'/"
                                                                            "><diagnosisSequence "
                                                                            "value='7'/>"
                                                                            "<diagnosisSequence "
                                                                            "value='8'/"
                                                                            "><"
                                                                            "productOrService"
                                                                            ">" CODED("urn:x", "A") "</productOrService><modifier>" CODED(
                                                                                HCPCS,
                                                                                "RT") "</modifier>"
                                                                                      "<servicedDat"
                                                                                      "e "
                                                                                      "value='2026-"
                                                                                      "11-15'/"
                                                                                      "><"
                                                                                      "locationCode"
                                                                                      "ableConcept"
                                                                                      ">" CODED(
                                                                                          "https://"
                                                                                          "www.cms."
                                                                                          "gov/"
                                                                                          "Medicare"
                                                                                          "/Coding/"
                                                                                          "place-"
                                                                                          "of-"
                                                                                          "service-"
                                                                                          "codes/"
                                                                                          "Place_"
                                                                                          "of_"
                                                                                          "Service_"
                                                                                          "Code_"
                                                                                          "Set",
                                                                                          "11") "</"
                                                                                                "lo"
                                                                                                "ca"
                                                                                                "ti"
                                                                                                "on"
                                                                                                "Co"
                                                                                                "de"
                                                                                                "ab"
                                                                                                "le"
                                                                                                "Co"
                                                                                                "nc"
                                                                                                "ep"
                                                                                                "t>"
                                                                                                "<q"
                                                                                                "ua"
                                                                                                "nt"
                                                                                                "it"
                                                                                                "y>"
                                                                                                "<v"
                                                                                                "al"
                                                                                                "ue"
                                                                                                " v"
                                                                                                "al"
                                                                                                "ue"
                                                                                                "='"
                                                                                                "1."
                                                                                                "5'"
                                                                                                "/>"
                                                                                                "</"
                                                                                                "qu"
                                                                                                "an"
                                                                                                "ti"
                                                                                                "ty"
                                                                                                "><"
                                                                                                "un"
                                                                                                "it"
                                                                                                "Pr"
                                                                                                "ic"
                                                                                                "e>"
                                                                                                "<v"
                                                                                                "al"
                                                                                                "ue"
                                                                                                " "
                                                                                                "va"
                                                                                                "lu"
                                                                                                "e="
                                                                                                "'1"
                                                                                                "00"
                                                                                                ".1"
                                                                                                "25"
                                                                                                "'/"
                                                                                                "><"
                                                                                                "cu"
                                                                                                "rr"
                                                                                                "en"
                                                                                                "cy"
                                                                                                " v"
                                                                                                "al"
                                                                                                "ue"
                                                                                                "='"
                                                                                                "US"
                                                                                                "D'"
                                                                                                "/>"
                                                                                                "</"
                                                                                                "un"
                                                                                                "it"
                                                                                                "Pr"
                                                                                                "ic"
                                                                                                "e>"
                                                                                                "<f"
                                                                                                "ac"
                                                                                                "to"
                                                                                                "r "
                                                                                                "va"
                                                                                                "lu"
                                                                                                "e="
                                                                                                "'0"
                                                                                                ".9"
                                                                                                "'/"
                                                                                                "><"
                                                                                                "ne"
                                                                                                "t>"
                                                                                                "<v"
                                                                                                "al"
                                                                                                "ue"
                                                                                                " "
                                                                                                "va"
                                                                                                "lu"
                                                                                                "e="
                                                                                                "'1"
                                                                                                "35"
                                                                                                ".1"
                                                                                                "7'"
                                                                                                "/>"
                                                                                                "<c"
                                                                                                "ur"
                                                                                                "re"
                                                                                                "nc"
                                                                                                "y "
                                                                                                "va"
                                                                                                "lu"
                                                                                                "e="
                                                                                                "'U"
                                                                                                "SD"
                                                                                                "'/"
                                                                                                "><"
                                                                                                "/n"
                                                                                                "et"
                                                                                                "><"
                                                                                                "/i"
                                                                                                "te"
                                                                                                "m>"
                                                                                                "<i"
                                                                                                "te"
                                                                                                "m>"
                                                                                                "<s"
                                                                                                "eq"
                                                                                                "ue"
                                                                                                "nc"
                                                                                                "e "
                                                                                                "va"
                                                                                                "lu"
                                                                                                "e="
                                                                                                "'2"
                                                                                                "'/"
                                                                                                ">"
                                                                                                "<s"
                                                                                                "er"
                                                                                                "vi"
                                                                                                "ce"
                                                                                                "dP"
                                                                                                "er"
                                                                                                "io"
                                                                                                "d>"
                                                                                                "<s"
                                                                                                "ta"
                                                                                                "rt"
                                                                                                " v"
                                                                                                "al"
                                                                                                "ue"
                                                                                                "='"
                                                                                                "20"
                                                                                                "26"
                                                                                                "-1"
                                                                                                "1-"
                                                                                                "16"
                                                                                                "T0"
                                                                                                "9:"
                                                                                                "00"
                                                                                                ":0"
                                                                                                "0-"
                                                                                                "05"
                                                                                                ":0"
                                                                                                "0'"
                                                                                                "/>"
                                                                                                "</"
                                                                                                "se"
                                                                                                "rv"
                                                                                                "ic"
                                                                                                "ed"
                                                                                                "Pe"
                                                                                                "ri"
                                                                                                "od"
                                                                                                "><"
                                                                                                "ne"
                                                                                                "t>"
                                                                                                "<v"
                                                                                                "al"
                                                                                                "ue"
                                                                                                " "
                                                                                                "va"
                                                                                                "lu"
                                                                                                "e="
                                                                                                "'-"
                                                                                                "5'"
                                                                                                "/>"
                                                                                                "</"
                                                                                                "ne"
                                                                                                "t>"
                                                                                                "</"
                                                                                                "it"
                                                                                                "em"
                                                                                                "><"
                                                                                                "to"
                                                                                                "ta"
                                                                                                "l>"
                                                                                                "<v"
                                                                                                "al"
                                                                                                "ue"
                                                                                                " v"
                                                                                                "al"
                                                                                                "ue"
                                                                                                "='"
                                                                                                "13"
                                                                                                "0."
                                                                                                "17"
                                                                                                "'/"
                                                                                                "><"
                                                                                                "cu"
                                                                                                "rr"
                                                                                                "en"
                                                                                                "cy"
                                                                                                " v"
                                                                                                "al"
                                                                                                "ue"
                                                                                                "='"
                                                                                                "US"
                                                                                                "D'"
                                                                                                "/>"
                                                                                                "</"
                                                                                                "to"
                                                                                                "ta"
                                                                                                "l>"
                                                                                                "</"
                                                                                                "Cl"
                                                                                                "ai"
                                                                                                "m"
                                                                                                ">";

/* The sound claim with NEW instead of the first OLD. */
static const regen_node_t *claim(apr_pool_t *p, const char *old, const char *new)
{
    struct _xmlDoc *doc = NULL;
    const char *at = strstr(SOUND, old);
    assert_non_null(at);
    const char *text = apr_pstrcat(p, apr_pstrmemdup(p, SOUND, (apr_size_t)(at - SOUND)), new,
                                   at + strlen(old), NULL);
    assert_int_equal(rg_xml_parse(&doc, p, text, strlen(text), NULL), RG_OK);
    return regen_node_of_xml(p, doc);
}

static void agrees_with_itself(void **state)
{
    rg_problems_t *ps = rg_problems_make(*state);
    regen_claim_check(claim(*state, "<Claim", "<Claim"), *state, ps);
    assert_int_equal(ps->list->nelts, 0);
}

static const struct {
    const char *old, *new, *path, *words;
} wrong[] = {
    {"<diagnosisSequence value='7'", "<diagnosisSequence value='1'",
     "Claim.item[0].diagnosisSequence", "no diagnosis"},
    {"<careTeamSequence value='3'", "<careTeamSequence value='1'", "Claim.item[0].careTeamSequence",
     "no careTeam"},
    {"<careTeamSequence value='3'/>",
     "<careTeamSequence value='3'/><procedureSequence "
     "value='1'/>",
     "Claim.item[0].procedureSequence", "no procedure"},
    {"<careTeamSequence value='3'/>",
     "<careTeamSequence value='3'/><informationSequence "
     "value='1'/>",
     "Claim.item[0].informationSequence", "no supportingInfo"},
    {"<sequence value='8'/>", "<sequence value='7'/>", "Claim.diagnosis[1].sequence", "twice"},
    {"<item><sequence value='2'/>", "<item><sequence value='1'/>", "Claim.item[1].sequence",
     "twice"},
    {"<reference value='#p'/>", "<reference value='#q'/>", "Claim.patient.reference", "contained"},
    {"<focal value='false'/>", "<focal value='true'/>", "Claim.insurance", "Exactly one"},
    {"<focal value='true'/>", "<focal value='false'/>", "Claim.insurance", "Exactly one"},
    {"1234567893", "1234567892", "Claim.contained.identifier.value", "NPI"},
    {"912345678", "91234567", "Claim.contained.identifier.value", "9 digits"},
    {"1EG4TE5MK73", "1EG4TE5MK7", "Claim.insurance.coverage.identifier.value", "Medicare"},
    {"208100000X", "2081000000", "Claim.careTeam.qualification.coding.code", "taxonomy"},
    {"<code value='11'/>", "<code value='28'/>", "Claim.item.locationCodeableConcept.coding.code",
     "place of service"}};

static void each_mistake_is_told_where_it_is(void **state)
{
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        rg_problems_t *ps = rg_problems_make(*state);
        regen_claim_check(claim(*state, wrong[i].old, wrong[i].new), *state, ps);
        bool twice_gone = strstr(wrong[i].new, "sequence value='7'/>") != NULL;
        assert_int_equal(ps->list->nelts, twice_gone ? 2 : 1); /* and nothing has the old one */
        const rg_problem_t *one = &APR_ARRAY_IDX(ps->list, 0, rg_problem_t);
        assert_string_equal(one->field, wrong[i].path);
        assert_non_null(strstr(one->text, wrong[i].words));
    }
}

static void is_read_as_far_as_it_tells(void **state)
{
    rg_claim_t c;
    bool professional;
    rg_problems_t *ps = rg_problems_make(*state);
    regen_claim_read(&c, &professional, claim(*state, "<Claim", "<Claim"), *state, ps);
    assert_int_equal(ps->list->nelts, 0);
    assert_true(professional);
    assert_string_equal(rg_date_iso(*state, c.patient.birth_date), "1960-01-02");
    assert_string_equal(rg_date_iso(*state, c.service_to), "2026-11-30");
    assert_int_equal(c.diagnosis_count, 2);
    assert_string_equal(c.diagnoses[0].code, "M17.11");
    assert_string_equal(c.diagnoses[1].code, "");
    assert_int_equal(c.line_count, 2);
    assert_string_equal(c.lines[0].code, "A");
    assert_string_equal(c.lines[0].modifiers[0], "RT");
    assert_null(c.lines[0].modifiers[1]);
    assert_int_equal(c.lines[0].exact->price, 100125000);
    assert_int_equal(c.lines[0].exact->quantity, 1500000);
    assert_int_equal(c.lines[0].exact->factor, 900000);
    assert_string_equal(rg_date_iso(*state, c.lines[1].service_date), "2026-11-16");
    assert_int_equal(c.lines[1].exact->net, -5000000);
    assert_false(c.lines[1].exact->has_price);
    assert_string_equal(c.lines[1].net.currency, "");
    assert_int_equal(*c.exact_total, 130170000);
    rg_claim_scrub_foreign(&c, professional, (rg_date_t){2026, 11, 30}, ps);
    assert_int_equal(ps->list->nelts, 0);
}

/* What the reading makes of it, judged. */
static const struct {
    const char *old, *new, *path, *words;
} judged[] = {
    {"value='130.17'", "value='130.18'", "Claim.total", "sum"},
    {"value='130.17'", "value='1e3'", "Claim.total", "cannot be read"},
    {"value='100.125'", "value='100.1250001'", "Claim.item[0].unitPrice", "cannot be read"},
    {"value='1.5'", "value='123456789012'", "Claim.item[0].quantity", "cannot be read"},
    {"factor value='0.9'", "factor value='0.8'", "Claim.item[0]", "price times"},
    {"value='USD'/></net>", "value='EUR'/></net>", "Claim.item[0]", "a different currency"},
    {"M17.11", "M1711", "Claim.diagnosis[0]", "ICD-10-CM"},
    {"M17.11", "abcdefghijklmno\303\251xyz", "Claim.diagnosis[0]", "abcdefghijklmno... does not"},
    {"servicedDate value='2026-11-15'", "servicedDate value='2026-12-15'", "Claim.item[0]",
     "outside the dates"},
    {"end value='2026-11-30T10:00:00Z'", "end value='2026-12-30T10:00:00Z'", "Claim.billablePeriod",
     "future"},
    {"1960-01-02", "2026-11-02", "Claim.patient", "after the treatment"},
    {"<code value='RT'/>", "<code value='ZZ'/>", "Claim.item[0]", "ZZ is not known"}};

static void what_was_read_is_judged(void **state)
{
    for (size_t i = 0; i < sizeof(judged) / sizeof(judged[0]); i++) {
        rg_claim_t c;
        bool professional;
        rg_problems_t *ps = rg_problems_make(*state);
        regen_claim_read(&c, &professional, claim(*state, judged[i].old, judged[i].new), *state,
                         ps);
        rg_claim_scrub_foreign(&c, professional, (rg_date_t){2026, 11, 30}, ps);
        assert_int_equal(ps->list->nelts, 1);
        const rg_problem_t *one = &APR_ARRAY_IDX(ps->list, 0, rg_problem_t);
        assert_string_equal(one->field, judged[i].path);
        assert_non_null(strstr(one->text, judged[i].words));
    }
}

/* Said elsewhere, or in other codes: nothing of it is judged. */
static const char *const untold[][2] = {
    {"http://terminology.hl7.org/CodeSystem/claim-type", "urn:x"},
    {"<reference value='#p'/>", "<reference value='Patient/1'/>"},
    {"http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-10"},
    {"<start value='2026-11-01'/>", "<start value='2026-11'/>"},
    {"<unitPrice><value value='100.125'/><currency value='USD'/></unitPrice>", ""},
    {"<factor value='0.9'/>", "<factor value='1000.5'/>"},
    {"<total><value value='130.17'/>", "<total>"}};

static void what_is_not_there_is_not_judged(void **state)
{
    for (size_t i = 0; i < sizeof(untold) / sizeof(untold[0]); i++) {
        rg_claim_t c;
        bool professional;
        rg_problems_t *ps = rg_problems_make(*state);
        const regen_node_t *n = claim(*state, untold[i][0], untold[i][1]);
        regen_claim_check(n, *state, ps);
        regen_claim_read(&c, &professional, n, *state, ps);
        rg_claim_scrub_foreign(&c, professional, (rg_date_t){2026, 11, 30}, ps);
        assert_int_equal(ps->list->nelts, 0);
        assert_int_equal(professional, i != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(agrees_with_itself),
        pool_test(each_mistake_is_told_where_it_is),
        pool_test(is_read_as_far_as_it_tells),
        pool_test(what_was_read_is_judged),
        pool_test(what_is_not_there_is_not_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
