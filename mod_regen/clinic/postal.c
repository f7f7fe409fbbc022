/* SPDX-License-Identifier: Apache-2.0 */
/* States, ZIP codes and countries as people write them. Compared by keys (rg_fold_name), so case,
 * dots and blanks do not count. Used by details_check.c. */
#include "postal.h"

#include <string.h>

#include <apr_strings.h>

/* As the postal service has them, and what else people call them. */
static const struct {
    const char *code, *name;
} STATES[] = {{"AL", "Alabama"},
              {"AK", "Alaska"},
              {"AZ", "Arizona"},
              {"AR", "Arkansas"},
              {"CA", "California"},
              {"CO", "Colorado"},
              {"CT", "Connecticut"},
              {"DE", "Delaware"},
              {"DC", "District of Columbia"},
              {"FL", "Florida"},
              {"GA", "Georgia"},
              {"HI", "Hawaii"},
              {"ID", "Idaho"},
              {"IL", "Illinois"},
              {"IN", "Indiana"},
              {"IA", "Iowa"},
              {"KS", "Kansas"},
              {"KY", "Kentucky"},
              {"LA", "Louisiana"},
              {"ME", "Maine"},
              {"MD", "Maryland"},
              {"MA", "Massachusetts"},
              {"MI", "Michigan"},
              {"MN", "Minnesota"},
              {"MS", "Mississippi"},
              {"MO", "Missouri"},
              {"MT", "Montana"},
              {"NE", "Nebraska"},
              {"NV", "Nevada"},
              {"NH", "New Hampshire"},
              {"NJ", "New Jersey"},
              {"NM", "New Mexico"},
              {"NY", "New York"},
              {"NC", "North Carolina"},
              {"ND", "North Dakota"},
              {"OH", "Ohio"},
              {"OK", "Oklahoma"},
              {"OR", "Oregon"},
              {"PA", "Pennsylvania"},
              {"RI", "Rhode Island"},
              {"SC", "South Carolina"},
              {"SD", "South Dakota"},
              {"TN", "Tennessee"},
              {"TX", "Texas"},
              {"UT", "Utah"},
              {"VT", "Vermont"},
              {"VA", "Virginia"},
              {"WA", "Washington"},
              {"WV", "West Virginia"},
              {"WI", "Wisconsin"},
              {"WY", "Wyoming"},
              {"AS", "American Samoa"},
              {"GU", "Guam"},
              {"MP", "Northern Mariana Islands"},
              {"PR", "Puerto Rico"},
              {"VI", "US Virgin Islands"},
              {"AA", "Armed Forces Americas"},
              {"AE", "Armed Forces Europe"},
              {"AP", "Armed Forces Pacific"},
              {"FM", "Micronesia"},
              {"FM", "Federated States of Micronesia"},
              {"MH", "Marshall Islands"},
              {"MH", "Republic of the Marshall Islands"},
              {"PW", "Palau"},
              {"PW", "Republic of Palau"},
              {"MP", "CNMI"},
              {"MP", "Northern Marianas"},
              {"MP", "Saipan"},
              {"VI", "Virgin Islands"},
              {"VI", "USVI"},
              {"VI", "U.S. Virgin Islands"},
              {"VI", "United States Virgin Islands"},
              {"DC", "Washington DC"},
              {"DC", "Washington, District of Columbia"},
              {"DC", "Dist. of Columbia"},
              {"WA", "Washington State"},
              {"NY", "New York State"},
              {"MA", "Mass"},
              {"CT", "Conn"},
              {"CA", "Calif"},
              {"PA", "Penn"},
              {"PA", "Penna"},
              {"FL", "Fla"},
              {"TX", "Tex"},
              {"MN", "Minn"},
              {"MI", "Mich"},
              {"WI", "Wis"},
              {"WI", "Wisc"},
              {"IL", "Ill"},
              {"IN", "Ind"},
              {"TN", "Tenn"},
              {"WA", "Wash"},
              {"OR", "Ore"},
              {"CO", "Colo"},
              {"AZ", "Ariz"},
              {"OK", "Okla"},
              {"NE", "Nebr"},
              {"KS", "Kans"},
              {"AL", "Ala"},
              {"MS", "Miss"},
              {"DE", "Del"},
              {"NV", "Nev"},
              {"MT", "Mont"},
              {"WY", "Wyo"},
              {"WV", "W. Virginia"},
              {"NC", "N. Carolina"},
              {"SC", "S. Carolina"},
              {"ND", "N. Dakota"},
              {"SD", "S. Dakota"},
              {"NH", "N. Hampshire"},
              {"NJ", "N. Jersey"},
              {"PR", "Puerto Rico"}};

const char *rg_state_read(apr_pool_t *p, const char *typed)
{
    const char *key = rg_fold_name(p, typed);
    for (size_t i = 0; i < sizeof(STATES) / sizeof(STATES[0]); i++) {
        if (strcmp(key, rg_fold_name(p, STATES[i].code)) == 0 ||
            strcmp(key, rg_fold_name(p, STATES[i].name)) == 0) {
            return STATES[i].code;
        }
    }
    return NULL;
}

const char *rg_zip_read(apr_pool_t *p, const char *typed)
{
    char digits[10] = "";
    size_t n = 0;
    const char *s = rg_fold_text(p, typed);
    for (; *s; s++) {
        bool digit = *s >= '0' && *s <= '9';
        bool between = n == 5 && strchr(" -.+/", *s);
        if ((!digit && !between) || (digit && n == 9)) {
            return NULL;
        }
        if (digit) {
            digits[n++] = *s;
        }
    }
    if (n != 5 && n != 9) {
        return NULL;
    }
    return n == 5 ? apr_pstrdup(p, digits) : apr_psprintf(p, "%.5s-%s", digits, digits + 5);
}

const char *rg_country_read(apr_pool_t *p, const char *typed)
{
    static const struct {
        const char *code, *key;
    } also[] = {{"US", "usa"},
                {"US", "unitedstatesofamerica"},
                {"US", "america"},
                {"US", "eeuu"},
                {"US", "estadosunidos"},
                {"GB", "uk"},
                {"GB", "england"},
                {"GB", "scotland"},
                {"GB", "wales"},
                {"GB", "greatbritain"},
                {"GB", "northernireland"},
                {"KR", "korea"},
                {"KR", "republicofkorea"},
                {"NL", "holland"},
                {"CZ", "czechrepublic"},
                {"TR", "turkey"},
                {"CI", "ivorycoast"},
                {"MX", "mexico"}};
    const char *key = rg_fold_name(p, typed);
    if (*key == '\0') {
        return "US";
    }
    for (size_t i = 0; i < sizeof(also) / sizeof(also[0]); i++) {
        if (strcmp(also[i].key, key) == 0) {
            return also[i].code;
        }
    }
    return rg_fold_country(p, key);
}
