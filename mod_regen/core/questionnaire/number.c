/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in thousandths: no floating point. */
#include "regen/model/questionnaire.h"

#include <string.h>

#include <apr_strings.h>

const char *rg_quest_number(apr_pool_t *p, int64_t thousandths)
{
    uint64_t n = thousandths < 0 ? 0 - (uint64_t)thousandths : (uint64_t)thousandths;
    unsigned part = (unsigned)(n % RG_QUEST_UNIT);
    const char *sign = thousandths < 0 ? "-" : "";
    const char *whole =
        apr_psprintf(p, "%s%" APR_UINT64_T_FMT, sign, (apr_uint64_t)(n / RG_QUEST_UNIT));

    if (part == 0) {
        return whole;
    }
    char *places = apr_psprintf(p, "%03u", part);
    for (size_t i = strlen(places); i > 0 && places[i - 1] == '0'; i--) {
        places[i - 1] = '\0';
    }
    return apr_pstrcat(p, whole, ".", places, NULL);
}

bool rg_quest_number_read(int64_t *out, const char *text, int decimals)
{
    bool minus = text[0] == '-';
    const char *s = text + (minus ? 1 : 0);
    size_t digits = strspn(s, "0123456789");
    size_t places = 0;
    int64_t n = 0;

    if (digits == 0 || digits > 10) {
        return false;
    }
    if (s[digits] == '.') { /* a comma would be a thousand to some and a tenth to others */
        places = strspn(s + digits + 1, "0123456789");
        if (places == 0 || places > (size_t)decimals || s[digits + 1 + places] != '\0') {
            return false;
        }
    }
    else if (s[digits] != '\0') {
        return false;
    }
    for (size_t i = 0; i < digits; i++) {
        n = n * 10 + (s[i] - '0');
    }
    for (size_t i = 0; i < RG_QUEST_DECIMALS; i++) {
        n = n * 10 + (i < places ? s[digits + 1 + i] - '0' : 0);
    }
    if (n > RG_QUEST_NUMBER_MOST * RG_QUEST_UNIT) {
        return false;
    }
    *out = minus ? -n : n;
    return true;
}
