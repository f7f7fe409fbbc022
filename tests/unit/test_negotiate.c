/* SPDX-License-Identifier: Apache-2.0 */
/* XML or JSON (mod_regen/web/negotiate.c, taken as it is: it knows no httpd). */
#include "core_test.h"

#include "mod_regen/web/negotiate.c"

typedef struct {
    const char *accept, *format;
    int want; /* 0 neither, 1 XML, 2 JSON */
} negotiate_case_t;

static const negotiate_case_t cases[] = {
    {NULL, NULL, 1},
    {"", NULL, 1},
    {"*/*", NULL, 1},
    {"application/*", NULL, 1},
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
    {NULL, "application/fhir xml", 0},
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(chooses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
