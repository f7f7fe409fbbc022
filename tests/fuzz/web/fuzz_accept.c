/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as Accept and _format. Beyond not crashing: JSON is chosen only when something is, a
 * format that is named alone wins whatever its case, and what is not wanted (q=0) is not given. */
#include "target.h"

#include "mod_regen/web/http/negotiate.c"

static void of_format(apr_pool_t *p, const char *text)
{
    bool json = false;
    bool again = false;
    bool taken = regen_negotiate(&json, NULL, text);
    must(taken || !json);
    /* A format goes before whatever Accept says. */
    must(regen_negotiate(&again, "application/fhir+json;q=0", text) == taken && again == json);
    char *loud = apr_pstrdup(p, text);
    for (char *s = loud; *s; s++) {
        *s = apr_toupper(*s);
    }
    must(regen_negotiate(&again, NULL, loud) == taken && again == json);
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    bool json = false;
    bool again = false;
    (void)size;
    bool taken = regen_negotiate(&json, text, NULL);
    must(taken || !json);
    of_format(p, text);
    if (strlen(text) > 0 && !strchr(text, ',') && !strchr(text, ';') &&
        strspn(text, " \t") < strlen(text)) {
        char *refused = apr_pstrcat(p, text, ";q=0", NULL);
        must(!regen_negotiate(&again, refused, NULL));
    }
}
