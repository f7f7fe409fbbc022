/* SPDX-License-Identifier: Apache-2.0 */
/* FHIR's two representations by _format and Accept (RFC 9110, 12.5.1). Pure: unit tests include
 * this file directly. */
#include "negotiate.h"

#include <apr_lib.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *const xml_names[] = {"xml", "text/xml", "application/xml",
                                        "application/fhir+xml", NULL};
static const char *const json_names[] = {"json", "text/json", "application/json",
                                         "application/fhir+json", NULL};

static bool is_one_of(const char *const *names, const char *s, size_t n)
{
    for (; *names; names++) {
        if (strlen(*names) == n && strncasecmp(*names, s, n) == 0) {
            return true;
        }
    }
    return false;
}

/* Thousandths of a q parameter in the parameters [s, end); 1000 without one. */
static int quality(const char *s, const char *end)
{
    int scale = 100;
    while (s < end && !(s[0] == ';' && strspn(s + 1, " \t") + 3 <= (size_t)(end - s) &&
                        strncasecmp(s + 1 + strspn(s + 1, " \t"), "q=", 2) == 0)) {
        s++;
    }
    if (s >= end) {
        return 1000;
    }
    s += 3 + strspn(s + 1, " \t");
    int q = s < end && *s == '1' ? 1000 : 0;
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
    if (is_one_of(names + 1, s, n)) {
        return 3;
    }
    if (n == 13 && strncasecmp(s, "application/*", n) == 0) {
        return 2;
    }
    return n == 3 && strncmp(s, "*/*", 3) == 0 ? 1 : 0;
}

/* How much one format is wanted: by its quality, then by how exactly it is named, then by who is
 * named first. */
typedef struct {
    int quality, fit, place;
} wish_t;

static wish_t wish(const char *const *names, const char *accept)
{
    wish_t best = {0, 0, 0};
    int place = 0;
    for (const char *s = accept; *s != '\0'; place++) {
        const char *end = s + strcspn(s, ",");
        s += strspn(s, " \t");
        size_t n = strcspn(s, ";, \t");
        wish_t one = {quality(s + n, end), fits(names, s, n), place};
        if (one.fit > best.fit ||
            (one.fit == best.fit && one.fit > 0 && one.quality > best.quality)) {
            best = one;
        }
        s = *end == ',' ? end + 1 : end;
    }
    return best;
}

static bool is_preferred(wish_t a, wish_t b)
{
    if (a.quality != b.quality) {
        return a.quality > b.quality;
    }
    return a.fit != b.fit ? a.fit > b.fit : a.place < b.place;
}

/* The media type of _format. A plus that nobody escaped arrives as a blank. */
static bool format_of(bool *json, const char *format)
{
    char name[32] = "";
    size_t n = strcspn(format, ";");
    if (n >= sizeof(name)) {
        return false;
    }
    memcpy(name, format, n);
    char *blank = strchr(name, ' ');
    if (blank) {
        *blank = '+';
    }
    *json = is_one_of(json_names, name, n);
    return *json || is_one_of(xml_names, name, n);
}

bool regen_negotiate(bool *json, const char *accept, const char *format)
{
    *json = false;
    if (format) {
        return format_of(json, format);
    }
    if (!accept || accept[strspn(accept, " \t")] == '\0') {
        return true;
    }
    wish_t x = wish(xml_names, accept);
    wish_t j = wish(json_names, accept);
    *json = j.quality > 0 && is_preferred(j, x);
    return x.quality > 0 || j.quality > 0;
}

/* --- If-Match --------------------------------------------------------------------------------- */

/* One entity tag at *S, which moves past it; its opaque part and length. */
static bool read_entity_tag(const char **s, const char **tag, size_t *n)
{
    *s += strncmp(*s, "W/", 2) == 0 ? 2 : 0;
    if (**s != '"') {
        return false;
    }
    *tag = *s + 1;
    *n = strcspn(*tag, "\"");
    *s = *tag + *n;
    return *(*s)++ == '"';
}

/* The number N digits say; 0 for anything else. */
static int version_in_tag(const char *tag, size_t n)
{
    int version = 0;
    if (n == 0 || n > 9 || strspn(tag, "0123456789") < n || *tag == '0') {
        return 0;
    }
    for (; n > 0; n--) {
        version = version * 10 + (*tag++ - '0');
    }
    return version;
}

bool regen_if_match(int *version, const char *header)
{
    const char *s = header + strspn(header, " \t");
    int newest = 0;
    *version = 0;
    if (*s == '*') {
        return s[1 + strspn(s + 1, " \t")] == '\0';
    }
    while (*s != '\0') {
        const char *tag;
        size_t n;
        if (!read_entity_tag(&s, &tag, &n)) {
            return false;
        }
        int one = version_in_tag(tag, n);
        newest = one > newest ? one : newest;
        s += strspn(s, " \t");
        if (*s != ',' && *s != '\0') {
            return false;
        }
        s += strspn(s, ", \t");
    }
    *version = newest > 0 ? newest : REGEN_NO_VERSION;
    return newest > 0 || strchr(header, '"');
}
