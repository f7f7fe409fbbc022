/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a Prefer header. Beyond not crashing: what it is said to prefer stands in it, the
 * first of several counts, whatever is quoted says nothing, case means nothing, and a preference of
 * another name before it changes nothing. */
#include "target.h"

#include "mod_regen/web/http/header.c"

static bool strict(const char *header)
{
    return regen_prefers(header, "handling", "strict");
}

static bool lenient(const char *header)
{
    return regen_prefers(header, "handling", "lenient");
}

static char *turned(apr_pool_t *p, const char *text)
{
    char *t = apr_pstrdup(p, text);
    for (char *s = t; *s != '\0'; s++) {
        *s = apr_isupper(*s) ? apr_tolower(*s) : apr_toupper(*s);
    }
    return t;
}

/* TEXT as what stands between quotes. */
static const char *quoted(apr_pool_t *p, const char *text)
{
    char *out = apr_palloc(p, 2 * strlen(text) + 3);
    char *to = out;
    *to++ = '"';
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            *to++ = '\\';
        }
        *to++ = *text;
    }
    *to++ = '"';
    *to = '\0';
    return out;
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    static const char *const before[] = {"wait=1, ", "respond-async,", ",, ", "x=\"a,b;\\\"\" ;y,"};
    const char *hidden = apr_pstrcat(p, "x=", quoted(p, text), NULL);
    bool is = strict(text);
    bool other = lenient(text);
    (void)size;
    must(!is || !other);
    must(!is || (strcasestr(text, "handling") && strcasestr(text, "strict")));
    must(strict(turned(p, text)) == is);
    for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
        must(strict(apr_pstrcat(p, before[i], text, NULL)) == is);
    }
    must(strict(apr_pstrcat(p, "handling=strict,", text, NULL)));
    must(!strict(apr_pstrcat(p, "handling=lenient,", text, NULL)));
    must(!strict(hidden));
    must(strict(apr_pstrcat(p, hidden, ", handling=\"strict\"; y", NULL)));
    must(!is || strict(apr_pstrcat(p, text, ", handling=lenient", NULL)));
}
