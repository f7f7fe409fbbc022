/* SPDX-License-Identifier: Apache-2.0 */
/* Local time: the only file that knows it. A zone is read once per process from GLib into a sorted
 * table of periods of constant offset, and every question is answered from that table: exact at
 * gaps and repeats by construction, quick, and without a lock or an allocation. */
#include "regen/core/time.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>

#include <glib.h>

typedef int64_t seconds_t;

/* From `start` (UTC) until the next period's start, local time is UTC + `offset`. */
typedef struct {
    seconds_t start;
    int offset;
    char abbrev[12];
} period_t;

struct rg_zone_t {
    char *name;
    int count;
    period_t *periods; /* the first one starts at the beginning of time */
};

enum { FARTHEST = 26 * RG_HOUR_SEC };
/* 1899-12-30 and 2200-01-03: the years a date may have, and a margin for any offset. */
static const seconds_t FIRST = -2209161600LL;
static const seconds_t LAST = 7258291200LL;

/* --- reading a zone ------------------------------------------------------------------------- */

/* GLib says which period an instant is in, but not where the period ends: that is found by
 * bisection between two instants in different periods. */
static void find_periods(GArray *periods, GTimeZone *tz, seconds_t lo, int lo_index, seconds_t hi,
                         int hi_index)
{
    if (lo_index == hi_index) {
        return;
    }
    if (hi - lo > 1) {
        seconds_t middle = lo + (hi - lo) / 2;
        int index = g_time_zone_find_interval(tz, G_TIME_TYPE_UNIVERSAL, middle);
        find_periods(periods, tz, lo, lo_index, middle, index);
        find_periods(periods, tz, middle, index, hi, hi_index);
        return;
    }
    period_t period = {.start = hi, .offset = g_time_zone_get_offset(tz, hi_index)};
    g_strlcpy(period.abbrev, g_time_zone_get_abbreviation(tz, hi_index), sizeof(period.abbrev));
    g_array_append_val(periods, period);
}

/* Names of the zone database only: GLib would also take offsets, rules and paths. */
static bool plausible_name(const char *name)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    return name && g_ascii_isalpha(name[0]) && name[1] && strspn(name, letters) == strlen(name) &&
           strlen(name) < 64;
}

static rg_zone_t *read_zone(const char *name)
{
    GTimeZone *tz = plausible_name(name) ? g_time_zone_new_identifier(name) : NULL;
    if (!tz) {
        return NULL;
    }
    int first = g_time_zone_find_interval(tz, G_TIME_TYPE_UNIVERSAL, FIRST);
    int last = g_time_zone_find_interval(tz, G_TIME_TYPE_UNIVERSAL, LAST);
    GArray *periods = g_array_new(FALSE, FALSE, sizeof(period_t));
    period_t begin = {.start = INT64_MIN, .offset = g_time_zone_get_offset(tz, first)};
    g_strlcpy(begin.abbrev, g_time_zone_get_abbreviation(tz, first), sizeof(begin.abbrev));
    g_array_append_val(periods, begin);
    find_periods(periods, tz, FIRST, first, LAST, last);
    g_time_zone_unref(tz);

    rg_zone_t *z = g_new0(rg_zone_t, 1);
    z->name = g_strdup(name);
    z->count = (int)periods->len;
    z->periods = (period_t *)(void *)g_array_free(periods, FALSE);
    return z;
}

/* Zones stay until the process ends: there are few, every request needs one, and reading one takes
 * milliseconds. libc's lock, not GLib's: ThreadSanitizer does not see what GLib does. */
static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *cache;

rg_zone_t *rg_zone_open(apr_pool_t *p, const char *name)
{
    (void)p;
    if (!name) {
        return NULL;
    }
    pthread_mutex_lock(&cache_lock);
    if (!cache) {
        cache = g_hash_table_new(g_str_hash, g_str_equal);
    }
    rg_zone_t *z = g_hash_table_lookup(cache, name);
    if (!z) {
        z = read_zone(name);
        if (z) {
            g_hash_table_insert(cache, z->name, z);
        }
    }
    pthread_mutex_unlock(&cache_lock);
    return z;
}

/* GLib does not report the reason. */
bool rg_zone_readable(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno != EMFILE && errno != ENFILE && errno != ENOMEM;
    }
    close(fd);
    return true;
}

const char *rg_zone_name(const rg_zone_t *z)
{
    return z->name;
}

/* --- UTC to local ---------------------------------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static seconds_t to_seconds(apr_time_t t)
{
    return floor_div(t, RG_SECOND);
}

/* Index of the period that holds T. */
static int period_at(const rg_zone_t *z, seconds_t t)
{
    int lo = 0;
    int hi = z->count;
    while (hi - lo > 1) {
        int middle = lo + (hi - lo) / 2;
        if (z->periods[middle].start <= t) {
            lo = middle;
        }
        else {
            hi = middle;
        }
    }
    return lo;
}

static int offset_at(const rg_zone_t *z, seconds_t t)
{
    return z->periods[period_at(z, t)].offset;
}

/* A proleptic Gregorian day from its number: years are counted from March, so that the leap day is
 * their last and every month's first day follows from one formula. */
rg_date_t rg_date_from_days(int64_t days)
{
    int64_t since = days + 719468; /* 0000-03-01 */
    int64_t era = floor_div(since, 146097);
    int of_era = (int)(since - era * 146097);
    int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * year + year / 4 - year / 100);
    int month = (5 * of_year + 2) / 153; /* 0 is March */
    rg_date_t date;
    date.day = of_year - (153 * month + 2) / 5 + 1;
    date.month = month < 10 ? month + 3 : month - 9;
    date.year = (int)(year + era * 400) + (date.month <= 2);
    return date;
}

static rg_local_t local_from(seconds_t local)
{
    int64_t days = floor_div(local, RG_DAY_SEC);
    rg_local_t l = {.date = rg_date_from_days(days),
                    .minute = (int)((local - days * RG_DAY_SEC) / RG_MINUTE_SEC)};
    return l;
}

rg_local_t rg_zone_local(const rg_zone_t *z, apr_time_t t)
{
    seconds_t utc = to_seconds(t);
    return local_from(utc + offset_at(z, utc));
}

/* Offsets of long ago have seconds, which no format here can carry. */
static int whole_minutes(int offset)
{
    return offset - offset % RG_MINUTE_SEC;
}

static const char *offset_text(apr_pool_t *p, int offset)
{
    int minutes = (offset < 0 ? -offset : offset) / RG_MINUTE_SEC;
    return apr_psprintf(p, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

const char *rg_zone_offset(apr_pool_t *p, const rg_zone_t *z, apr_time_t t)
{
    return offset_text(p, whole_minutes(offset_at(z, to_seconds(t))));
}

const char *rg_zone_abbrev(apr_pool_t *p, const rg_zone_t *z, apr_time_t t)
{
    return apr_pstrdup(p, z->periods[period_at(z, to_seconds(t))].abbrev);
}

/* --- local to UTC ---------------------------------------------------------------------------- */

static seconds_t period_end(const rg_zone_t *z, int i)
{
    return i + 1 < z->count ? z->periods[i + 1].start : INT64_MAX;
}

/* Seconds since 1970 that a clock would show that ran on local time without ever being changed. */
static seconds_t local_seconds(rg_date_t date, int minute)
{
    return (seconds_t)rg_date_days(date) * RG_DAY_SEC + (seconds_t)minute * RG_MINUTE_SEC;
}

/* A local time occurs in a period when, taken back by the period's offset, it falls inside. Looking
 * through the periods in order finds the first occurrence; when it falls behind one period's end
 * and before the next one's start, it never occurs, and the change between the two is the
 * answer. */
apr_time_t rg_zone_utc(const rg_zone_t *z, rg_date_t date, int minute)
{
    seconds_t local = local_seconds(date, minute);
    int i = period_at(z, local - FARTHEST);
    seconds_t utc = local - z->periods[i].offset;
    while (utc >= period_end(z, i)) {
        i++;
        utc = local - z->periods[i].offset;
    }
    return apr_time_from_sec(utc < z->periods[i].start ? z->periods[i].start : utc);
}

int rg_zone_span(const rg_zone_t *z, rg_date_t date, int a, int b, apr_time_t from[2],
                 apr_time_t until[2])
{
    seconds_t first = local_seconds(date, a);
    seconds_t behind = local_seconds(date, b);
    int n = 0;
    for (int i = period_at(z, first - FARTHEST);
         i < z->count && z->periods[i].start < behind + FARTHEST; i++) {
        seconds_t lo = MAX(first - z->periods[i].offset, z->periods[i].start);
        seconds_t hi = MIN(behind - z->periods[i].offset, period_end(z, i));
        if (lo >= hi) {
            continue;
        }
        if (n > 0 && until[n - 1] == apr_time_from_sec(lo)) {
            until[n - 1] = apr_time_from_sec(hi);
        }
        else if (n < 2) {
            from[n] = apr_time_from_sec(lo);
            until[n] = apr_time_from_sec(hi);
            n++;
        }
    }
    return n;
}

/* --- writing local times ---------------------------------------------------------------------- */

/* N as DIGITS digits (0: as many as it has, at most two); what is behind them. A page of a month
 * writes hundreds of numbers, and a formatter takes hundreds of instructions for each. */
static char *put_digits(char *at, int n, int digits)
{
    digits = digits > 0 ? digits : n < 10 ? 1 : 2;
    for (int i = digits - 1; i >= 0; i--, n /= 10) {
        at[i] = (char)('0' + n % 10);
    }
    return at + digits;
}

static char *put_word(char *at, const char *word)
{
    size_t n = strlen(word);
    memcpy(at, word, n);
    return at + n;
}

/* "2026-12-01"; a year that is none, as before the first one, is 0. */
static char *put_date(char *at, rg_date_t d)
{
    at = put_digits(at, d.year > 0 && d.year < 10000 ? d.year : 0, 4);
    *at++ = '-';
    at = put_digits(at, d.month, 2);
    *at++ = '-';
    return put_digits(at, d.day, 2);
}

static const char *clock_of_minute(apr_pool_t *p, int minute)
{
    int hour = minute / 60;
    char *out = apr_palloc(p, sizeof("12:59 pm"));
    char *at = put_digits(out, hour % 12 ? hour % 12 : 12, 0);
    *at++ = ':';
    at = put_word(put_digits(at, minute % 60, 2), hour < 12 ? " am" : " pm");
    *at = '\0';
    return out;
}

/* The period whose clock shows at T what it shows in the other one, too, when clocks go back
 * between the two; -1: none. */
static int twice_with(const rg_zone_t *z, int i, seconds_t t)
{
    const period_t *here = &z->periods[i];
    if (i > 0 && t - here->start < here[-1].offset - here->offset) {
        return i - 1;
    }
    if (i + 1 < z->count && here[1].start - t <= here->offset - here[1].offset) {
        return i + 1;
    }
    return -1;
}

/* " EDT" or " UTC+10:30" for a time that the clock shows twice: which of both; else "". */
static const char *which_text(apr_pool_t *p, const rg_zone_t *z, seconds_t t)
{
    int i = period_at(z, t);
    int other = twice_with(z, i, t);
    if (other < 0) {
        return "";
    }
    const char *name = z->periods[i].abbrev;
    bool telling = name[0] >= 'A' && strcmp(name, z->periods[other].abbrev) != 0;
    return telling
               ? apr_pstrcat(p, " ", name, NULL)
               : apr_pstrcat(p, " UTC", offset_text(p, whole_minutes(z->periods[i].offset)), NULL);
}

const char *rg_time_clock(apr_pool_t *p, const rg_zone_t *z, apr_time_t t)
{
    const char *clock = clock_of_minute(p, rg_zone_local(z, t).minute);
    const char *which = which_text(p, z, to_seconds(t));
    return *which ? apr_pstrcat(p, clock, which, NULL) : clock;
}

/* "New York time" for America/New_York; a name without a city is used unchanged. */
static const char *place_text(apr_pool_t *p, const char *name)
{
    const char *slash = strrchr(name, '/');
    if (!slash || strncmp(name, "Etc/", 4) == 0) {
        return slash ? slash + 1 : name;
    }
    char *place = apr_pstrdup(p, slash + 1);
    for (char *c = place; *c; c++) {
        if (*c == '_') {
            *c = ' ';
        }
    }
    return apr_pstrcat(p, place, " time", NULL);
}

const char *rg_time_people(apr_pool_t *p, const rg_zone_t *z, apr_time_t t)
{
    rg_local_t l = rg_zone_local(z, t);
    return apr_pstrcat(p, rg_date_long(p, l.date), ", ", rg_time_clock(p, z, t), " (",
                       place_text(p, z->name), ")", NULL);
}

static const char *instant_text(apr_pool_t *p, seconds_t local, const char *zone)
{
    rg_local_t l = local_from(local);
    char *out = apr_palloc(p, sizeof("2026-12-01T00:00:00") + strlen(zone));
    char *at = put_date(out, l.date);
    *at++ = 'T';
    at = put_digits(at, l.minute / 60, 2);
    *at++ = ':';
    at = put_digits(at, l.minute % 60, 2);
    *at++ = ':';
    at = put_digits(at, (int)(local - floor_div(local, RG_MINUTE_SEC) * RG_MINUTE_SEC), 2);
    *put_word(at, zone) = '\0';
    return out;
}

const char *rg_time_instant(apr_pool_t *p, apr_time_t t)
{
    return instant_text(p, to_seconds(t), "Z");
}

const char *rg_time_local_instant(apr_pool_t *p, const rg_zone_t *z, apr_time_t t)
{
    seconds_t utc = to_seconds(t);
    int offset = whole_minutes(offset_at(z, utc));
    return instant_text(p, utc + offset, offset_text(p, offset));
}

/* --- dates ------------------------------------------------------------------------------------ */

int rg_date_days(rg_date_t d)
{
    int64_t year = d.year - (d.month <= 2);
    int64_t era = floor_div(year, 400);
    int of_era = (int)(year - era * 400);
    int month = d.month > 2 ? d.month - 3 : d.month + 9;
    int of_year = (153 * month + 2) / 5 + d.day - 1;
    return (int)(era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468);
}

rg_date_t rg_date_add(rg_date_t d, int days)
{
    return rg_date_from_days((int64_t)rg_date_days(d) + days);
}

/* 1970-01-01 was a Thursday. */
int rg_date_weekday(rg_date_t d)
{
    int64_t days = rg_date_days(d) + 3LL;
    return (int)(days - floor_div(days, 7) * 7) + 1;
}

int rg_date_compare(rg_date_t a, rg_date_t b)
{
    int x = rg_date_days(a);
    int y = rg_date_days(b);
    return (x > y) - (x < y);
}

const char *rg_date_iso(apr_pool_t *p, rg_date_t d)
{
    char *out = apr_palloc(p, sizeof("2026-12-01"));
    *put_date(out, d) = '\0';
    return out;
}

static const char *const MONTHS[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

const char *rg_date_long(apr_pool_t *p, rg_date_t d)
{
    static const char *const days[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday"};
    char *out = apr_palloc(p, sizeof("Wednesday 30 September 2026"));
    char *at = put_word(out, days[rg_date_weekday(d) - 1]);
    *at++ = ' ';
    at = put_digits(at, d.day, 0);
    *at++ = ' ';
    at = put_word(at, MONTHS[d.month - 1]);
    *at++ = ' ';
    *put_digits(at, d.year, 4) = '\0';
    return out;
}

const char *rg_date_us(apr_pool_t *p, rg_date_t d)
{
    return apr_psprintf(p, "%s %d, %d", MONTHS[d.month - 1], d.day, d.year);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Exactly N digits at *S within [LO, HI], then NEXT (unless 0); steps behind both. */
static bool take(const char **s, int n, int lo, int hi, char next, int *out)
{
    int value = 0;
    for (int i = 0; i < n; i++, (*s)++) {
        if (**s < '0' || **s > '9') {
            return false;
        }
        value = value * 10 + (**s - '0');
    }
    if (value < lo || value > hi || (next && **s != next)) {
        return false;
    }
    *s += next != 0;
    *out = value;
    return true;
}

static bool take_date(const char **s, rg_date_t *d)
{
    return take(s, 4, 1900, 2199, '-', &d->year) && take(s, 2, 1, 12, '-', &d->month) &&
           take(s, 2, 1, 31, 0, &d->day) && rg_date_from_days(rg_date_days(*d)).day == d->day;
}

bool rg_date_parse(rg_date_t *out, const char *iso)
{
    rg_date_t d = {0, 0, 0};
    if (!iso || !take_date(&iso, &d) || *iso) {
        return false;
    }
    *out = d;
    return true;
}

bool rg_minute_parse(int *out, const char *clock)
{
    int hour = 0;
    int minute = 0;
    if (!clock || !take(&clock, 2, 0, 24, ':', &hour) || !take(&clock, 2, 0, 59, 0, &minute) ||
        *clock || (hour == 24 && minute > 0)) {
        return false;
    }
    *out = hour * 60 + minute;
    return true;
}

/* "Z" or "+hh:mm", the last thing in the string. */
static bool take_offset(const char **s, int *seconds)
{
    char sign = **s;
    *s += sign != '\0';
    if (sign == 'Z') {
        *seconds = 0;
        return **s == '\0';
    }
    int hours = 0;
    int minutes = 0;
    if ((sign != '+' && sign != '-') || !take(s, 2, 0, 14, ':', &hours) ||
        !take(s, 2, 0, 59, 0, &minutes)) {
        return false;
    }
    *seconds = (hours * 60 + minutes) * (sign == '-' ? -RG_MINUTE_SEC : RG_MINUTE_SEC);
    return **s == '\0';
}

/* Browsers write whole seconds as "00.000". */
static bool skip_zero_fraction(const char **s)
{
    if (**s != '.') {
        return true;
    }
    size_t zeros = strspn(*s + 1, "0");
    *s += 1 + zeros;
    return zeros > 0;
}

bool rg_time_parse(apr_time_t *out, const char *instant)
{
    rg_date_t d = {0, 0, 0};
    int hour = 0;
    int minute = 0;
    int second = 0;
    int offset = 0;
    if (!instant || !take_date(&instant, &d) || *instant != 'T') {
        return false;
    }
    instant++;
    if (!take(&instant, 2, 0, 23, ':', &hour) || !take(&instant, 2, 0, 59, ':', &minute) ||
        !take(&instant, 2, 0, 59, 0, &second) || !skip_zero_fraction(&instant) ||
        !take_offset(&instant, &offset)) {
        return false;
    }
    apr_time_t t = local_seconds(d, hour * 60 + minute) + second - offset;
    /* An offset may lead into years in which it could not be written again. */
    if (t < local_seconds((rg_date_t){1900, 1, 1}, 0) ||
        t >= local_seconds((rg_date_t){2200, 1, 1}, 0)) {
        return false;
    }
    *out = apr_time_from_sec(t);
    return true;
}
