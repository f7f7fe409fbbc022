/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a value of a FHIR search, and as where a page begins.
 * Beyond not crashing: a list's values have no empty one, what a date names has a beginning before
 * its end, an id of a reference is one of FHIR, and a page that is read is written as it was. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "mod_regen/web/fhir_param.c"

#define BASE "https://clinic.example/fhir"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize() != APR_SUCCESS;
}

static void want(bool good)
{
    if (!good) {
        abort();
    }
}

static void one_value(apr_pool_t *p, const char *text)
{
    regen_span_t span = {0, 0};
    int64_t key, id;
    if (regen_fhir_instant(&span, p, text, NULL)) {
        want(span.from < span.until);
    }
    span = (regen_span_t){0, INT64_MAX};
    (void)regen_fhir_narrow(&span, p, text, NULL);
    const char *ref = regen_fhir_reference(text, BASE, "Patient");
    want(ref == NULL || (strlen(ref) > 0 && strlen(ref) <= 64 && strchr(ref, '/') == NULL));
    (void)regen_fhir_token_fits(text, "http://hl7.org/fhir/sid/us-npi", "1");
    if (regen_fhir_page_read(&key, &id, text)) {
        want(key >= 0 && id >= 0 && strcmp(regen_fhir_page_make(p, key, id), text) == 0);
    }
    int how = regen_fhir_modifier(text);
    want(how < 0 || strcmp(regen_fhir_modifier_word((regen_fhir_how_t)how), text + 1) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = NULL;
    apr_pool_create(&p, NULL);
    const char *text = apr_pstrmemdup(p, (const char *)data, size);
    const apr_array_header_t *list = regen_fhir_values(p, text);
    one_value(p, text);
    for (int i = 0; i < list->nelts; i++) {
        const char *value = APR_ARRAY_IDX(list, i, const char *);
        want(value[0] != '\0');
        one_value(p, value);
    }
    apr_pool_destroy(p);
    return 0;
}
