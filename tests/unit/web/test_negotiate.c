/* SPDX-License-Identifier: Apache-2.0 */
/* XML or JSON (mod_regen/web/http/negotiate.c, taken as it is: it knows no httpd). */
#include "core_test.h"

#include "mod_regen/web/http/negotiate.c"

typedef struct {
    const char *accept, *format;
    int want; /* 0 neither, 1 XML, 2 JSON */
} negotiate_case_t;

static const negotiate_case_t cases[] = {
    {NULL, NULL, 1},
    {"", NULL, 1},
    {"*/*", NULL, 1},
    {"application/*", NULL, 1},
    /* axios, Firefox, ties by place */
    {"application/json, text/plain, */*", NULL, 2},
    {"application/xml, text/plain, */*", NULL, 1},
    {"*/*, application/fhir+json", NULL, 2},
    {"application/*, text/xml", NULL, 1},
    {"application/fhir+json, application/fhir+xml", NULL, 2},
    {"application/fhir+xml, application/fhir+json", NULL, 1},
    {"application/fhir+json;q=0.9, application/fhir+xml;q=0.9", NULL, 2},
    {"text/json,text/xml", NULL, 2},
    {"application/fhir+json;q=0.5, */*;q=0.5", NULL, 2},
    {"application/fhir+json;q=0.5, */*", NULL, 1},
    {"application/fhir+json", NULL, 2},
    {"application/fhir+xml", NULL, 1},
    {"application/json", NULL, 2},
    {"text/json", NULL, 2},
    {"APPLICATION/FHIR+JSON", NULL, 2},
    {"application/fhir+json;fhirVersion=4.0", NULL, 2},
    {"text/html", NULL, 0},
    {"text/*", NULL, 0},
    {"xml", NULL, 0},
    {"json", NULL, 0},
    {"application/fhir+xmlx", NULL, 0},
    {"text/html, application/fhir+json", NULL, 2},
    {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", NULL, 1},
    {"application/fhir+xml;q=0.5, application/fhir+json;q=0.9", NULL, 2},
    {"application/fhir+xml;q=0.9, application/fhir+json;q=0.90", NULL, 1},
    {"application/fhir+json;q=0.90, application/fhir+xml;q=0.9", NULL, 2},
    {"application/fhir+xml; q=0.1,application/fhir+json ; q=0.11", NULL, 2},
    {"application/fhir+xml;q=0, */*", NULL, 2},
    {"application/fhir+xml;q=0", NULL, 0},
    {"*/*;q=0", NULL, 0},
    {"*/*;q=0.0001, application/fhir+json;q=0.001", NULL, 2},
    {"application/fhir+json;q=", NULL, 0},
    {"application/fhir+json;q=1.000", NULL, 2},
    {",,,", NULL, 0},
    {";q=1", NULL, 0},
    {"text/html", "json", 2},
    {"application/fhir+json", "xml", 1},
    {NULL, "application/fhir+json", 2},
    {NULL, "application/fhir xml", 1}, /* a plus that nobody escaped */
    {NULL, "application/fhir json", 2},
    {NULL, "application/fhir json;fhirVersion=4.0", 2},
    {NULL, "application/ json", 0},
    {NULL, "text/html, application/fhir+json", 0},
    {NULL, "application/fhir+json, application/fhir+xml", 0},
    {NULL, "text/xml;charset=utf-8", 1},
    {"*/*", "html", 0},
    {"*/*", "", 0},
};

static void chooses(void **state)
{
    size_t i;
    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool json = false;
        bool any = regen_negotiate(&json, cases[i].accept, cases[i].format);
        int got = any ? (json ? 2 : 1) : 0;
        if (got != cases[i].want) {
            fail_msg("Accept '%s' _format '%s' gave %d, not %d", cases[i].accept, cases[i].format,
                     got, cases[i].want);
        }
    }
}

static void matches(void **state)
{
    static const struct {
        const char *header;
        bool good;
        int version;
    } tags[] = {
        {"*", true, 0},
        {" * ", true, 0},
        {"W/\"3\"", true, 3},
        {"\"3\"", true, 3},
        {"W/\"3\", W/\"4\"", true, 4},
        {"\"7\",\"2\" , W/\"x,y\"", true, 7},
        {"W/\"3\",", true, 3},
        {"W/\"x\"", true, REGEN_NO_VERSION},
        {"W/\"\"", true, REGEN_NO_VERSION},
        {"W/\"03\"", true, REGEN_NO_VERSION},
        {"W/\"0\"", true, REGEN_NO_VERSION},
        {"W/\"-1\", \"99999999999\"", true, REGEN_NO_VERSION},
        {"W/\"999999999\"", true, 999999999},
        {"", false, 0},
        {"3", false, 0},
        {"W/3", false, 0},
        {"W/\"3", false, 0},
        {"W/\"3\" W/\"4\"", false, 0},
        {"w/\"3\"", false, 0},
        {"*, W/\"3\"", false, 0},
        {"W/\"3\", *", false, 0},
        {",", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        int version = -1;
        bool good = regen_if_match(&version, tags[i].header);
        if (good != tags[i].good || (good && version != tags[i].version)) {
            fail_msg("If-Match '%s' gave %d, %d", tags[i].header, good, version);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(chooses), cmocka_unit_test(matches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
