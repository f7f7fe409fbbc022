/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a value of a FHIR search. Beyond not crashing: a list's values have no empty one, what
 * a date names has a beginning before its end and narrows, never widens, an id of a reference is one
 * of FHIR, and a text starts with, contains and is itself. */
#include "target.h"

#include "mod_regen/web/fhir/read/param.c"
#include "regen/core/text.h"

#define BASE "https://clinic.example/fhir"

static void one_value(apr_pool_t *p, const char *text)
{
    regen_span_t span = {0, 0};
    if (regen_fhir_instant(&span, p, text, NULL)) {
        must(span.from < span.until);
    }
    span = (regen_span_t){0, INT64_MAX};
    must(regen_fhir_narrow(&span, p, text, NULL) || (span.from == 0 && span.until == INT64_MAX));
    must(span.from >= 0);
    const char *ref = regen_fhir_reference(text, BASE, "Patient");
    must(!ref || (strlen(ref) > 0 && strlen(ref) <= 64 && !strchr(ref, '/')));
    (void)regen_fhir_token_fits(text, "http://hl7.org/fhir/sid/us-npi", "1");
    must(regen_fhir_string_fits(p, text, text, REGEN_EXACT));
    int how = regen_fhir_modifier(text);
    must(how < 0 || strcmp(regen_fhir_how_name((regen_fhir_how_t)how), text + 1) == 0);
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    const apr_array_header_t *list = regen_fhir_values(p, text);
    one_value(p, text);
    if (rg_text_clean(text, size)) {
        must(regen_fhir_string_fits(p, text, text, REGEN_STARTS) || *rg_fold_name(p, text) == '\0');
        must(regen_fhir_string_fits(p, text, text, REGEN_CONTAINS) ||
             *rg_fold_name(p, text) == '\0');
    }
    for (int i = 0; i < list->nelts; i++) {
        const char *value = APR_ARRAY_IDX(list, i, const char *);
        must(value[0] != '\0');
        one_value(p, value);
    }
}
