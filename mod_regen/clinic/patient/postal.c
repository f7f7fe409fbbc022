/* SPDX-License-Identifier: Apache-2.0 */
/* States, ZIP codes and countries as people write them. Compared by keys (rg_fold_name), so case,
 * dots and spaces are ignored. */
#include "postal.h"
#include "regen/core/text.h"

#include <string.h>
#include <strings.h>

#include <apr_strings.h>

/* As the postal service has them, and what else people call them; names as keys. */
static const struct {
    const char *code, *key;
} STATES[] = {{"AL", "alabama"},
              {"AK", "alaska"},
              {"AZ", "arizona"},
              {"AR", "arkansas"},
              {"CA", "california"},
              {"CO", "colorado"},
              {"CT", "connecticut"},
              {"DE", "delaware"},
              {"DC", "districtofcolumbia"},
              {"FL", "florida"},
              {"GA", "georgia"},
              {"HI", "hawaii"},
              {"ID", "idaho"},
              {"IL", "illinois"},
              {"IN", "indiana"},
              {"IA", "iowa"},
              {"KS", "kansas"},
              {"KY", "kentucky"},
              {"LA", "louisiana"},
              {"ME", "maine"},
              {"MD", "maryland"},
              {"MA", "massachusetts"},
              {"MI", "michigan"},
              {"MN", "minnesota"},
              {"MS", "mississippi"},
              {"MO", "missouri"},
              {"MT", "montana"},
              {"NE", "nebraska"},
              {"NV", "nevada"},
              {"NH", "newhampshire"},
              {"NJ", "newjersey"},
              {"NM", "newmexico"},
              {"NY", "newyork"},
              {"NC", "northcarolina"},
              {"ND", "northdakota"},
              {"OH", "ohio"},
              {"OK", "oklahoma"},
              {"OR", "oregon"},
              {"PA", "pennsylvania"},
              {"RI", "rhodeisland"},
              {"SC", "southcarolina"},
              {"SD", "southdakota"},
              {"TN", "tennessee"},
              {"TX", "texas"},
              {"UT", "utah"},
              {"VT", "vermont"},
              {"VA", "virginia"},
              {"WA", "washington"},
              {"WV", "westvirginia"},
              {"WI", "wisconsin"},
              {"WY", "wyoming"},
              {"AS", "americansamoa"},
              {"GU", "guam"},
              {"MP", "northernmarianaislands"},
              {"PR", "puertorico"},
              {"VI", "usvirginislands"},
              {"AA", "armedforcesamericas"},
              {"AE", "armedforceseurope"},
              {"AP", "armedforcespacific"},
              {"FM", "micronesia"},
              {"FM", "federatedstatesofmicronesia"},
              {"MH", "marshallislands"},
              {"MH", "republicofthemarshallislands"},
              {"PW", "palau"},
              {"PW", "republicofpalau"},
              {"MP", "cnmi"},
              {"MP", "northernmarianas"},
              {"MP", "saipan"},
              {"VI", "virginislands"},
              {"VI", "usvi"},
              {"VI", "unitedstatesvirginislands"},
              {"DC", "washingtondc"},
              {"DC", "washingtondistrictofcolumbia"},
              {"DC", "distofcolumbia"},
              {"WA", "washingtonstate"},
              {"NY", "newyorkstate"},
              {"MA", "mass"},
              {"CT", "conn"},
              {"CA", "calif"},
              {"PA", "penn"},
              {"PA", "penna"},
              {"FL", "fla"},
              {"TX", "tex"},
              {"MN", "minn"},
              {"MI", "mich"},
              {"WI", "wis"},
              {"WI", "wisc"},
              {"IL", "ill"},
              {"IN", "ind"},
              {"TN", "tenn"},
              {"WA", "wash"},
              {"OR", "ore"},
              {"CO", "colo"},
              {"AZ", "ariz"},
              {"OK", "okla"},
              {"NE", "nebr"},
              {"KS", "kans"},
              {"AL", "ala"},
              {"MS", "miss"},
              {"DE", "del"},
              {"NV", "nev"},
              {"MT", "mont"},
              {"WY", "wyo"},
              {"WV", "wvirginia"},
              {"NC", "ncarolina"},
              {"SC", "scarolina"},
              {"ND", "ndakota"},
              {"SD", "sdakota"},
              {"NH", "nhampshire"},
              {"NJ", "njersey"}};

const char *rg_state_read(apr_pool_t *p, const char *typed)
{
    const char *key = rg_fold_name(p, typed);
    for (size_t i = 0; i < sizeof(STATES) / sizeof(STATES[0]); i++) {
        if (strcmp(key, STATES[i].key) == 0 || strcasecmp(key, STATES[i].code) == 0) {
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
        const char *code;
        const char *key;
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
    return rg_fold_country(key);
}
