/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as If-Match. Beyond not crashing: a version that is taken stands in the header as an
 * entity tag and no newer one does, what is refused asks for nothing, and one tag more of an older
 * version changes nothing. */
#include "target.h"

#include "mod_regen/web/http/negotiate.c"

static const char *tag(apr_pool_t *p, int version)
{
    return apr_psprintf(p, "\"%d\"", version);
}

static void known(apr_pool_t *p, const char *text, int version)
{
    int again = 0;
    must(version > 0 && strstr(text, tag(p, version)));
    must(regen_if_match(&again, apr_pstrcat(p, text, ", W/\"1\"", NULL)) && again == version);
    must(regen_if_match(&again, apr_pstrcat(p, tag(p, version), " ,", text, NULL)));
    must(again == version);
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    int version = -1;
    (void)size;
    bool taken = regen_if_match(&version, text);
    if (!taken) {
        return;
    }
    if (version == 0) {
        const char *star = text + strspn(text, " \t");
        must(*star == '*' && star[1 + strspn(star + 1, " \t")] == '\0');
    }
    else if (version == REGEN_NO_VERSION) {
        must(strchr(text, '"') != NULL);
    }
    else {
        known(p, text, version);
    }
}
