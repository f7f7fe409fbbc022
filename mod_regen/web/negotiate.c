/* SPDX-License-Identifier: Apache-2.0 */
/* FHIR's two representations by _format and Accept (RFC 9110, 12.5.1). Pure: unit tests take this
 * file as it is. */
#include "negotiate.h"

#include <apr_lib.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *const xml_names[] = {"xml", "text/xml", "application/xml",
                                        "application/fhir+xml", NULL};
static const char *const json_names[] = {"json", "text/json", "application/json",
                                         "application/fhir+json", NULL};

static bool one_of(const char *const *names, const char *s, size_t n)
{
    for (; *names != NULL; names++) {
        if (strlen(*names) == n && strncasecmp(*names, s, n) == 0) {
            return true;
        }
    }
    return false;
}

/* Thousandths of a q parameter in the parameters [s, end); 1000 without one. */
static int quality(const char *s, const char *end)
{
    int q;
    int scale = 100;
    while (s < end && !(s[0] == ';' && strspn(s + 1, " \t") + 3 <= (size_t)(end - s) &&
                        strncasecmp(s + 1 + strspn(s + 1, " \t"), "q=", 2) == 0)) {
        s++;
    }
    if (s >= end) {
        return 1000;
    }
    s += 3 + strspn(s + 1, " \t");
    q = s < end && *s == '1' ? 1000 : 0;
    s++;
    if (s < end && *s == '.') {
        for (s++; s < end && apr_isdigit(*s) && scale > 0; s++, scale /= 10) {
            q += (*s - '0') * scale;
        }
    }
    return q > 1000 ? 1000 : q;
}

/* How much of one media range is said by one item: 3 by name, 2 by "application" and a star, 1 by
 * two stars. */
static int fits(const char *const *names, const char *s, size_t n)
{
    if (one_of(names + 1, s, n)) {
        return 3;
    }
    if (n == 13 && strncasecmp(s, "application/*", n) == 0) {
        return 2;
    }
    return n == 3 && strncmp(s, "*/*", 3) == 0 ? 1 : 0;
}

static int wish(const char *const *names, const char *accept)
{
    int best_fit = 0;
    int q = 0;
    const char *s = accept;
    while (*s != '\0') {
        const char *end = s + strcspn(s, ",");
        size_t n;
        int fit;
        s += strspn(s, " \t");
        n = strcspn(s, ";, \t");
        fit = fits(names, s, n);
        if (fit > best_fit || (fit == best_fit && fit > 0 && quality(s + n, end) > q)) {
            best_fit = fit;
            q = quality(s + n, end);
        }
        s = *end == ',' ? end + 1 : end;
    }
    return q;
}

bool regen_negotiate(bool *json, const char *accept, const char *format)
{
    int x;
    int j;
    *json = false;
    if (format != NULL) {
        size_t n = strcspn(format, ";");
        *json = one_of(json_names, format, n);
        return *json || one_of(xml_names, format, n);
    }
    if (accept == NULL || accept[strspn(accept, " \t")] == '\0') {
        return true;
    }
    x = wish(xml_names, accept);
    j = wish(json_names, accept);
    *json = j > x;
    return x > 0 || j > 0;
}
