/* SPDX-License-Identifier: Apache-2.0 */
/* FHIR's search parameters, value by value. Pure and without httpd: unit tests include this file
 * directly. */
#include "param.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/core/words.h"

#include <apr_cstr.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

/* --- lists ------------------------------------------------------------------------------------ */

apr_array_header_t *regen_fhir_values(apr_pool_t *p, const char *s)
{
    apr_array_header_t *out = apr_array_make(p, 2, sizeof(const char *));
    char *copy = apr_palloc(p, strlen(s) + 1);
    char *at = copy;
    char *begin = copy;
    for (; *s != '\0'; s++) {
        if (*s == ',') {
            *at++ = '\0';
            if (*begin != '\0') {
                APR_ARRAY_PUSH(out, const char *) = begin;
            }
            begin = at;
            continue;
        }
        s += *s == '\\' && s[1] != '\0' ? 1 : 0;
        *at++ = *s;
    }
    *at = '\0';
    if (*begin != '\0') {
        APR_ARRAY_PUSH(out, const char *) = begin;
    }
    return out;
}

/* --- dates ------------------------------------------------------------------------------------ */

/* N digits at *S, which moves past them; -1 when they are not there. */
static int digits_at(const char **s, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++, (*s)++) {
        if (!apr_isdigit(**s)) {
            return -1;
        }
        value = value * 10 + (**s - '0');
    }
    return value;
}

static apr_time_t midnight_of(const rg_zone_t *zone, rg_date_t d)
{
    return zone ? rg_zone_utc(zone, d, 0) : (apr_time_t)rg_date_days(d) * RG_DAY;
}

/* A year, a month or a day. */
static bool read_date_span(regen_span_t *out, apr_pool_t *p, const char *s, const rg_zone_t *zone)
{
    size_t n = strlen(s);
    rg_date_t first;
    const char *rest = n == 4 ? "-01-01" : n == 7 ? "-01" : "";
    if ((n != 4 && n != 7 && n != 10) || !rg_date_parse(&first, apr_pstrcat(p, s, rest, NULL))) {
        return false;
    }
    rg_date_t next = rg_date_add(first, n == 4 ? 366 : n == 7 ? 31 : 1);
    next.day = n == 10 ? next.day : 1;
    next.month = n == 4 ? 1 : next.month;
    out->from = midnight_of(zone, first);
    out->until = midnight_of(zone, next);
    return true;
}

/* Z, an offset, or nothing: which is the zone's. Minutes east of UTC, or the zone. */
static bool read_offset(const char *s, int *minutes, bool *local)
{
    int sign = *s == '-' ? -1 : 1;
    *local = *s == '\0';
    *minutes = 0;
    if (*local || strcmp(s, "Z") == 0) {
        return true;
    }
    if (*s != '+' && *s != '-' && *s != ' ') {
        return false;
    }
    s++;
    int hours = digits_at(&s, 2);
    if (hours < 0 || hours > 14 || *s++ != ':') {
        return false;
    }
    *minutes = digits_at(&s, 2);
    if (*minutes < 0 || *minutes > 59 || *s != '\0') {
        return false;
    }
    *minutes = sign * (hours * 60 + *minutes);
    return true;
}

/* Seconds and their fraction; *UNIT is how long the named instant lasts. */
static bool read_seconds(const char **s, apr_time_t *usec, apr_time_t *unit)
{
    apr_time_t scale = RG_SECOND;
    *usec = 0;
    *unit = RG_MINUTE;
    if (**s != ':') {
        return true;
    }
    (*s)++;
    int seconds = digits_at(s, 2);
    if (seconds < 0 || seconds > 59) {
        return false;
    }
    *usec = apr_time_from_sec(seconds);
    if (**s == '.') {
        if (!apr_isdigit((*s)[1])) {
            return false;
        }
        for ((*s)++; apr_isdigit(**s); (*s)++) {
            scale /= 10;
            *usec += scale * (**s - '0');
        }
    }
    *unit = scale > 0 ? scale : 1;
    return true;
}

static bool read_clock(regen_span_t *out, rg_date_t day, const char *s, const rg_zone_t *zone)
{
    apr_time_t usec;
    apr_time_t unit;
    bool local;
    int offset;
    int hour = digits_at(&s, 2);
    int minute = hour >= 0 && hour <= 23 && *s == ':' ? (s++, digits_at(&s, 2)) : -1;
    if (minute < 0 || minute > 59 || !read_seconds(&s, &usec, &unit) ||
        !read_offset(s, &offset, &local)) {
        return false;
    }
    if (local && zone) {
        out->from = rg_zone_utc(zone, day, hour * 60 + minute) + usec;
    }
    else {
        out->from = (apr_time_t)rg_date_days(day) * RG_DAY +
                    (apr_time_t)(hour * 60 + minute - offset) * RG_MINUTE + usec;
    }
    out->until = out->from + unit;
    return true;
}

bool regen_fhir_instant(regen_span_t *out, apr_pool_t *p, const char *s, const rg_zone_t *zone)
{
    rg_date_t day;
    if (strlen(s) > 40) {
        return false;
    }
    if (strlen(s) <= 10) {
        return read_date_span(out, p, s, zone);
    }
    return s[10] == 'T' && rg_date_parse(&day, apr_pstrmemdup(p, s, 10)) &&
           read_clock(out, day, s + 11, zone);
}

static apr_time_t later(apr_time_t a, apr_time_t b)
{
    return a > b ? a : b;
}

static apr_time_t earlier_time(apr_time_t a, apr_time_t b)
{
    return a < b ? a : b;
}

bool regen_fhir_narrow(regen_span_t *within, apr_pool_t *p, const char *s, const rg_zone_t *zone)
{
    bool prefixed = apr_isalpha(s[0]) && apr_isalpha(s[1]);
    const char *how = prefixed ? apr_pstrmemdup(p, s, 2) : "eq";
    regen_span_t named;
    if (!regen_fhir_instant(&named, p, prefixed ? s + 2 : s, zone)) {
        return false;
    }
    if (strcmp(how, "eq") == 0) {
        within->from = later(within->from, named.from);
        within->until = earlier_time(within->until, named.until);
    }
    else if (strcmp(how, "ge") == 0) {
        within->from = later(within->from, named.from);
    }
    else if (strcmp(how, "gt") == 0 || strcmp(how, "sa") == 0) {
        within->from = later(within->from, named.until);
    }
    else if (strcmp(how, "le") == 0) {
        within->until = earlier_time(within->until, named.until);
    }
    else if (strcmp(how, "lt") == 0 || strcmp(how, "eb") == 0) {
        within->until = earlier_time(within->until, named.from);
    }
    else {
        return false;
    }
    return true;
}

/* --- words ------------------------------------------------------------------------------------ */

/* Systems that have two names; IHE's examples use the OIDs. */
static const char *const same_system[][2] = {
    {"http://hl7.org/fhir/sid/us-npi", "urn:oid:2.16.840.1.113883.4.6"},
    {"http://nucc.org/provider-taxonomy", "urn:oid:2.16.840.1.113883.6.101"}};

static bool is_system(const char *system, const char *s, size_t n)
{
    if (strlen(system) == n && strncmp(system, s, n) == 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof(same_system) / sizeof(same_system[0]); i++) {
        const char *other = same_system[i][1];
        if (strcmp(system, same_system[i][0]) == 0 && strlen(other) == n &&
            strncmp(other, s, n) == 0) {
            return true;
        }
    }
    return false;
}

bool regen_fhir_token_fits(const char *value, const char *system, const char *code)
{
    const char *bar = strchr(value, '|');
    size_t n = bar ? (size_t)(bar - value) : 0;
    if (!bar) {
        return strcmp(value, code) == 0;
    }
    if (!is_system(system, value, n)) {
        return false;
    }
    return bar[1] == '\0' ? n > 0 : strcmp(bar + 1, code) == 0;
}

RG_WORDS_MADE(regen_fhir_how, REGEN_FHIR_HOWS);

int regen_fhir_modifier(const char *modifier)
{
    return modifier[0] == ':' && modifier[1] != '\0' ? regen_fhir_how_parse(modifier + 1) : -1;
}

bool regen_fhir_string_fits(apr_pool_t *p, const char *value, const char *text,
                            regen_fhir_how_t how)
{
    if (how == REGEN_EXACT) {
        return strcmp(value, text) == 0;
    }
    const char *wanted = rg_fold_name(p, value);
    const char *found = rg_fold_name(p, text);
    if (*wanted == '\0') {
        return *value == '\0';
    }
    return how == REGEN_CONTAINS ? strstr(found, wanted) != NULL
                                 : strncmp(found, wanted, strlen(wanted)) == 0;
}

const char *regen_fhir_reference(const char *value, const char *base, const char *type)
{
    size_t n = strlen(base);
    if (strncmp(value, base, n) == 0 && value[n] == '/') {
        value += n + 1;
    }
    n = strlen(type);
    if (strncmp(value, type, n) == 0 && value[n] == '/') {
        value += n + 1;
    }
    n = strlen(value);
    return n > 0 && n <= 64 &&
                   strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789-.") == n
               ? value
               : NULL;
}

/* --- pages ------------------------------------------------------------------------------------ */

enum { PAGE_BYTES = 17 };

static void write_i64(unsigned char *to, int64_t n)
{
    for (int i = 7; i >= 0; i--, n /= 256) {
        to[i] = (unsigned char)(n % 256);
    }
}

static int64_t read_i64(const unsigned char *from)
{
    int64_t n = 0;
    for (int i = 0; i < 8; i++) {
        n = n * 256 + from[i];
    }
    return n;
}

const char *regen_fhir_page_make(apr_pool_t *p, int64_t key, int64_t id)
{
    unsigned char bytes[PAGE_BYTES] = {1};
    write_i64(bytes + 1, key);
    write_i64(bytes + 9, id);
    return rg_text_base64url(p, bytes, sizeof(bytes));
}

bool regen_fhir_page_read(int64_t *key, int64_t *id, const char *s)
{
    unsigned char bytes[PAGE_BYTES];
    /* The first byte says how the rest is to be read; the top bit of a number is never set. */
    if (!rg_text_unbase64url(bytes, sizeof(bytes), s) || bytes[0] != 1 || bytes[1] > 0x3f ||
        bytes[9] > 0x3f) {
        return false;
    }
    *key = read_i64(bytes + 1);
    *id = read_i64(bytes + 9);
    return true;
}
