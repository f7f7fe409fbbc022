/* SPDX-License-Identifier: Apache-2.0 */
/* Days as people write them. The text is split into numbers and words; their form and position
 * decide which is the day, the month and the year. */
#include "regen/core/text.h"
#include "regen/core/time.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

typedef struct {
    int value, digits; /* digits 0: a month's name, VALUE its number */
} part_t;

typedef struct {
    part_t part[4];
    int count;
    bool dots; /* between numbers */
} parts_t;

/* --- words ------------------------------------------------------------------------------------ */

static const char *const MONTHS[][2] = {
    {"january", "enero"},   {"february", "febrero"},   {"march", "marzo"},
    {"april", "abril"},     {"may", "mayo"},           {"june", "junio"},
    {"july", "julio"},      {"august", "agosto"},      {"september", "septiembre"},
    {"october", "octubre"}, {"november", "noviembre"}, {"december", "diciembre"},
};

/* Weekdays, and words around dates. */
static const char *const IDLE[] = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "of", "the",
    "de",     "del",     "born",      "st",       "nd",     "rd",       "th",     "on", NULL};

static bool begins_word(const char *whole, const char *s, size_t n, size_t least)
{
    return n >= least && n <= strlen(whole) && strncmp(whole, s, n) == 0;
}

/* 1 to 12 for a name or its first three letters or more; 0. */
static int month_named(const char *s, size_t n)
{
    for (int m = 0; m < 12; m++) {
        if (begins_word(MONTHS[m][0], s, n, 3) || begins_word(MONTHS[m][1], s, n, 3)) {
            return m + 1;
        }
    }
    return 0;
}

static bool is_idle(const char *s, size_t n)
{
    for (const char *const *w = IDLE; *w; w++) {
        size_t least = strlen(*w) > 4 ? 3 : strlen(*w); /* "Mon", "Thurs" */
        if (begins_word(*w, s, n, least)) {
            return true;
        }
    }
    return false;
}

static bool push_part(parts_t *all, int value, int digits)
{
    if (all->count == 4) {
        return false;
    }
    all->part[all->count++] = (part_t){value, digits};
    return true;
}

static bool push_word(parts_t *all, const char *s, size_t n)
{
    int month = month_named(s, n);
    return month > 0 ? push_part(all, month, 0) : is_idle(s, n);
}

static bool push_number(parts_t *all, const char *s, size_t n)
{
    int64_t value = 0;
    for (size_t i = 0; i < n && n <= 8; i++) {
        value = value * 10 + (s[i] - '0');
    }
    return n <= 8 && push_part(all, (int)value, (int)n);
}

/* Cuts S, which is folded; false when something in it is not of a date. */
static bool cut(parts_t *all, const char *s)
{
    *all = (parts_t){.count = 0};
    while (*s) {
        size_t n = strspn(s, "0123456789");
        bool fine = true;
        if (n > 0) {
            all->dots = all->dots || (s[n] == '.' && apr_isdigit(s[n + 1]));
            fine = push_number(all, s, n);
        }
        else if (apr_isalpha(*s)) {
            n = strspn(s, "abcdefghijklmnopqrstuvwxyz");
            fine = n > 0 && push_word(all, s, n);
        }
        else {
            n = 1;
            fine = strchr(" ,./-'", *s) != NULL;
        }
        if (!fine) {
            return false;
        }
        s += n;
    }
    return true;
}

/* --- what they mean --------------------------------------------------------------------------- */

/* The century of a two-digit year is known only if one of the two is in the future. */
static rg_day_read_t set_year(rg_date_t *d, part_t year, rg_date_t today)
{
    d->year = year.value;
    if (year.digits == 4) {
        return RG_DAY_READ;
    }
    if (year.digits != 2) {
        return RG_DAY_UNKNOWN;
    }
    d->year += 1900;
    return 2000 + year.value > today.year ? RG_DAY_READ : RG_DAY_SHORT_YEAR;
}

static rg_day_read_t real(rg_date_t *out, apr_pool_t *p, part_t year, int month, int day,
                          rg_date_t today)
{
    rg_date_t d = {0, month, day};
    rg_day_read_t rc = set_year(&d, year, today);
    const char *iso = apr_psprintf(p, "%04d-%02d-%02d", d.year, month, day);
    if (rc == RG_DAY_UNKNOWN || month > 99 || day > 99 || !rg_date_parse(&d, iso)) {
        return RG_DAY_UNKNOWN;
    }
    *out = d;
    return rc;
}

/* "Dec 10, 1962", "10 December 1962", "1962 Dec 10": the year has four digits, or is the last. */
static rg_day_read_t with_name(rg_date_t *out, apr_pool_t *p, const parts_t *all, rg_date_t today)
{
    part_t number[2];
    int month = 0;
    int count = 0;
    for (int i = 0; i < 3; i++) {
        if (all->part[i].digits == 0) {
            month = all->part[i].value;
        }
        else if (count < 2) {
            number[count++] = all->part[i];
        }
    }
    if (count != 2) {
        return RG_DAY_UNKNOWN;
    }
    bool first = number[0].digits == 4;
    return real(out, p, number[first ? 0 : 1], month, number[first ? 1 : 0].value, today);
}

static rg_day_read_t numbers(rg_date_t *out, apr_pool_t *p, const parts_t *all, rg_date_t today)
{
    part_t a = all->part[0];
    part_t b = all->part[1];
    part_t c = all->part[2];
    if (a.digits == 4) {
        return real(out, p, a, b.value, c.value, today);
    }
    if (a.value > 12) { /* no month: the day comes first */
        return real(out, p, c, b.value, a.value, today);
    }
    rg_day_read_t rc = real(out, p, c, a.value, b.value, today);
    bool either = all->dots && a.value != b.value && b.value <= 12;
    return rc == RG_DAY_READ && either ? RG_DAY_EITHER : rc;
}

/* "19621210", "12101962", "121062". */
static rg_day_read_t in_one(rg_date_t *out, apr_pool_t *p, part_t all, rg_date_t today)
{
    int v = all.value;
    parts_t cut_up = {.count = 3};
    if (all.digits == 8 && v >= 19000000 && v < 21000000) {
        cut_up.part[0] = (part_t){v / 10000, 4};
        cut_up.part[1] = (part_t){v / 100 % 100, 2};
        cut_up.part[2] = (part_t){v % 100, 2};
    }
    else if (all.digits == 8 || all.digits == 6) {
        int rest = all.digits == 8 ? 10000 : 100;
        cut_up.part[0] = (part_t){v / rest / 100, 2};
        cut_up.part[1] = (part_t){v / rest % 100, 2};
        cut_up.part[2] = (part_t){v % rest, all.digits - 4};
    }
    else {
        return RG_DAY_UNKNOWN;
    }
    return numbers(out, p, &cut_up, today);
}

rg_day_read_t rg_day_read(rg_date_t *out, apr_pool_t *p, const char *typed, rg_date_t today)
{
    parts_t all;
    const char *s = rg_fold_text(p, typed);
    if (*s == '\0') {
        return RG_DAY_NONE;
    }
    if (!cut(&all, s)) {
        return RG_DAY_UNKNOWN;
    }
    if (all.count == 1 && all.part[0].digits > 0) {
        return in_one(out, p, all.part[0], today);
    }
    if (all.count != 3) {
        return RG_DAY_UNKNOWN;
    }
    bool named = all.part[0].digits == 0 || all.part[1].digits == 0 || all.part[2].digits == 0;
    return named ? with_name(out, p, &all, today) : numbers(out, p, &all, today);
}

rg_day_read_t rg_day_read_parts(rg_date_t *out, apr_pool_t *p, const char *month, const char *day,
                                const char *year, rg_date_t today)
{
    const char *typed[] = {month ? month : "", day ? day : "", year ? year : ""};
    const char *joined = "";
    for (int i = 0; i < 3; i++) {
        const char *s = rg_text_tidy(p, typed[i]);
        joined = *s ? apr_pstrcat(p, joined, *joined ? "/" : "", s, NULL) : joined;
    }
    return rg_day_read(out, p, joined, today);
}
