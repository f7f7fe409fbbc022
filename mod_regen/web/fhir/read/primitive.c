/* SPDX-License-Identifier: Apache-2.0 */
/* R4's primitive types and how each is written. Unlike people, programs must use one form:
 * 03/04/1970 has two meanings, and nobody is there to ask. Pure: unit tests include this file
 * directly. */
#include "primitive.h"
#include "regen/core/text.h"

#include <apr_lib.h>
#include <string.h>

#define LETTERS    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS     "0123456789"
#define HEX_DIGITS "0123456789abcdef"

/* --- pieces, each moves *S past what it read -------------------------------------------------- */

/* N digits; -1 when they are not there. */
static int skip_number(const char **s, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++, (*s)++) {
        if (**s < '0' || **s > '9') {
            return -1;
        }
        value = value * 10 + (**s - '0');
    }
    return value;
}

static bool skip_char(const char **s, char c)
{
    bool there = **s == c;
    *s += there;
    return there;
}

static bool skip_in_range(const char **s, int least, int most)
{
    int n = skip_number(s, 2);
    return n >= least && n <= most;
}

static bool skip_digits(const char **s)
{
    size_t n = strspn(*s, DIGITS);
    *s += n;
    return n > 0;
}

/* A year, a month or a day: 1, 2 or 3 parts; 0 when it is none. */
static int skip_date(const char **s)
{
    if (skip_number(s, 4) < 1) {
        return 0;
    }
    if (!skip_char(s, '-')) {
        return 1;
    }
    if (!skip_in_range(s, 1, 12)) {
        return 0;
    }
    if (!skip_char(s, '-')) {
        return 2;
    }
    return skip_in_range(s, 1, 31) ? 3 : 0;
}

static bool skip_time(const char **s)
{
    bool fine = skip_in_range(s, 0, 23) && skip_char(s, ':') && skip_in_range(s, 0, 59) &&
                skip_char(s, ':') && skip_in_range(s, 0, 60);
    return fine && (!skip_char(s, '.') || skip_digits(s));
}

static bool skip_zone(const char **s)
{
    if (skip_char(s, 'Z')) {
        return true;
    }
    if (!skip_char(s, '+') && !skip_char(s, '-')) {
        return false;
    }
    int hours = skip_number(s, 2);
    bool fine = hours >= 0 && hours <= 14 && skip_char(s, ':');
    return fine && skip_in_range(s, 0, hours == 14 ? 0 : 59);
}

static bool skip_group(const char **s, size_t n)
{
    bool fine = strspn(*s, HEX_DIGITS) >= n;
    *s += fine ? n : 0;
    return fine;
}

/* --- whole values ----------------------------------------------------------------------------- */

static bool is_bool(const char *s)
{
    return strcmp(s, "true") == 0 || strcmp(s, "false") == 0;
}

/* No zeros in front, and none with a sign. */
static bool is_whole(const char *s, int64_t least, int64_t most)
{
    bool minus = *s == '-';
    int64_t n = 0;
    s += minus || *s == '+';
    if (!apr_isdigit(*s) || (*s == '0' && s[1] != '\0') ||
        !rg_text_i64(&n, s, 0, (int64_t)INT32_MAX + 1)) {
        return false;
    }
    return (minus ? -n : n) >= least && (minus ? -n : n) <= most;
}

static bool is_integer(const char *s)
{
    bool signed_zero = (*s == '-' || *s == '+') && s[1] == '0';
    return !signed_zero && is_whole(s, INT32_MIN, INT32_MAX);
}

static bool is_unsigned(const char *s)
{
    return apr_isdigit(*s) && is_whole(s, 0, INT32_MAX);
}

static bool is_positive(const char *s)
{
    return *s != '-' && is_whole(s, 1, INT32_MAX);
}

static bool is_decimal(const char *s)
{
    (void)skip_char(&s, '-');
    bool fine = skip_char(&s, '0') || skip_digits(&s);
    fine = fine && (!skip_char(&s, '.') || skip_digits(&s));
    if (fine && (*s == 'e' || *s == 'E')) {
        s++;
        s += *s == '+' || *s == '-';
        fine = skip_digits(&s);
    }
    return fine && *s == '\0';
}

static bool is_text(const char *s)
{
    return *s != '\0';
}

static bool is_fhir_uri(const char *s)
{
    const char *at = s;
    while (*at != '\0' && !apr_isspace(*at)) {
        at++;
    }
    return at > s && *at == '\0';
}

/* Words with single spaces between them. */
static bool is_code(const char *s)
{
    bool word = false;
    for (; *s != '\0'; s++) {
        bool blank = apr_isspace(*s);
        if (blank && !word) {
            return false;
        }
        word = !blank;
    }
    return word;
}

static bool is_id(const char *s)
{
    size_t n = strlen(s);
    return n >= 1 && n <= 64 && strspn(s, LETTERS DIGITS "-.") == n;
}

static bool is_oid(const char *s)
{
    static const char urn[] = "urn:oid:";
    size_t n = sizeof(urn) - 1;
    if (strncmp(s, urn, n) != 0 || s[n] < '0' || s[n] > '2') {
        return false;
    }
    s += n + 1;
    int parts = 0;
    for (; *s == '.'; parts++) {
        s++;
        if (!skip_char(&s, '0') && !skip_digits(&s)) {
            return false;
        }
    }
    return parts > 0 && *s == '\0';
}

static bool is_uuid(const char *s)
{
    static const char urn[] = "urn:uuid:";
    size_t n = sizeof(urn) - 1;
    if (strncmp(s, urn, n) != 0) {
        return false;
    }
    s += n;
    return skip_group(&s, 8) && skip_char(&s, '-') && skip_group(&s, 4) && skip_char(&s, '-') &&
           skip_group(&s, 4) && skip_char(&s, '-') && skip_group(&s, 4) && skip_char(&s, '-') &&
           skip_group(&s, 12) && *s == '\0';
}

static bool is_base64(const char *s)
{
    size_t n = 0;
    for (; *s != '\0'; s++) {
        if (!apr_isspace(*s) && !strchr(LETTERS DIGITS "+/=", *s)) {
            return false;
        }
        n += !apr_isspace(*s);
    }
    return n > 0 && n % 4 == 0;
}

static bool is_date(const char *s)
{
    return skip_date(&s) > 0 && *s == '\0';
}

static bool is_instant(const char *s)
{
    return skip_date(&s) == 3 && skip_char(&s, 'T') && skip_time(&s) && skip_zone(&s) && *s == '\0';
}

static bool is_date_time(const char *s)
{
    return is_date(s) || is_instant(s);
}

static bool is_time(const char *s)
{
    return skip_time(&s) && *s == '\0';
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct {
    const char *type;
    bool (*fits)(const char *value);
    const char *like;
} primitives[] = {
    {"base64Binary", is_base64, "bytes as base64"},
    {"boolean", is_bool, "true or false"},
    {"canonical", is_fhir_uri, "an address without blanks"},
    {"code", is_code, "a code: no blanks around it, and single ones inside"},
    {"date", is_date, "a date like 1970-03-04, 1970-03 or 1970"},
    {"dateTime", is_date_time, "a date like 1970-03-04, or a time like 2026-12-01T09:00:00-05:00"},
    {"decimal", is_decimal, "a number like 12.50"},
    {"id", is_id, "an id: 1 to 64 letters, digits, hyphens and dots"},
    {"instant", is_instant, "a time like 2026-12-01T09:00:00-05:00"},
    {"integer", is_integer, "a whole number like 12 or -3"},
    {"markdown", is_text, "a text that is not empty"},
    {"oid", is_oid, "an OID like urn:oid:1.2.3"},
    {"positiveInt", is_positive, "a whole number from 1 on"},
    {"string", is_text, "a text that is not empty"},
    {"time", is_time, "a time of day like 09:00:00"},
    {"unsignedInt", is_unsigned, "a whole number from 0 on"},
    {"uri", is_fhir_uri, "an address without blanks"},
    {"url", is_fhir_uri, "an address without blanks"},
    {"uuid", is_uuid, "a UUID like urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}};

static int primitive_named(const char *type)
{
    int count = (int)(sizeof(primitives) / sizeof(primitives[0]));
    for (int i = 0; i < count; i++) {
        if (strcmp(primitives[i].type, type) == 0) {
            return i;
        }
    }
    return -1;
}

const char *regen_fhir_primitive(const char *type)
{
    int i = primitive_named(type);
    return i >= 0 ? primitives[i].like : NULL;
}

bool regen_fhir_primitive_fits(const char *type, const char *value)
{
    int i = primitive_named(type);
    return i >= 0 && primitives[i].fits(value);
}
