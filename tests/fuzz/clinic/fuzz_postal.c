/* SPDX-License-Identifier: Apache-2.0 */
/* Any clean text as a state, a ZIP code and a country. Beyond not crashing: what is taken is a code of
 * its form, and the code is taken for itself; the case and the blanks around it do not matter. */
#include "target.h"

#include "mod_regen/clinic/patient/postal.h"
#include "regen/core/text.h"

static void must_be_code(const char *code)
{
    must(strlen(code) == 2 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2);
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    if (size > 400 || !rg_text_clean(text, size)) {
        return;
    }
    const char *padded = apr_pstrcat(p, " ", text, "\t", NULL);
    const char *state = rg_state_read(p, text);
    const char *zip = rg_zip_read(p, text);
    const char *country = rg_country_read(p, text);
    if (state) {
        must_be_code(state);
        must_be_same(rg_state_read(p, state), state);
        must_be_same(rg_state_read(p, padded), state);
    }
    if (zip) {
        must(strspn(zip, "0123456789") == 5 && (strlen(zip) == 5 || strlen(zip) == 10));
        must_be_same(rg_zip_read(p, zip), zip);
        must_be_same(rg_zip_read(p, padded), zip);
    }
    if (country) {
        must_be_code(country);
        must_be_same(rg_country_read(p, country), country);
        must_be_same(rg_country_read(p, padded), country);
    }
}
