/* SPDX-License-Identifier: Apache-2.0 */
/* Local time, dates and instants; days as people write them. */
#ifndef REGEN_CORE_TIME_H
#define REGEN_CORE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_pools.h>
#include <apr_time.h>

/* --- lengths of time: no other file says how long a minute or a day is ------------------------ */

#define RG_SECOND APR_USEC_PER_SEC
#define RG_MINUTE (60 * RG_SECOND)
#define RG_HOUR   (60 * RG_MINUTE)
#define RG_DAY    (24 * RG_HOUR) /* of 24 hours; a local day may be longer or shorter */
enum { RG_MINUTE_SEC = 60, RG_HOUR_SEC = 3600, RG_DAY_SEC = 86400, RG_DAY_MINUTES = 1440 };
/* 2200-01-01 UTC: later than any time stored or requested. */
#define RG_NEVER apr_time_from_sec(INT64_C(7258118400))

/* --- tz.c: the only file that knows local time ------------------------------------------------ */

typedef struct rg_zone_t rg_zone_t;
typedef struct {
    int year, month, day; /* month and day from 1 */
} rg_date_t;
typedef struct {
    rg_date_t date;
    int minute; /* of the local day, 0 .. RG_DAY_MINUTES - 1 */
} rg_local_t;

/* NULL for an unknown name. Read from the system's zone data once per process and then cached; new
 * zone data takes effect in new processes. Exact for the years 1900..2199 (but not for
 * Europe/Dublin after 2037, whose rule GLib 2.74 misreads). */
rg_zone_t *rg_zone_open(apr_pool_t *p, const char *name);
/* Whether zone data can be read now. False if this process has no more file descriptors: then a
 * name is unknown only temporarily. */
bool rg_zone_readable(void);
const char *rg_zone_name(const rg_zone_t *z);
rg_local_t rg_zone_local(const rg_zone_t *z, apr_time_t t);
/* "-05:00", "EST" at T. */
const char *rg_zone_offset(apr_pool_t *p, const rg_zone_t *z, apr_time_t t);
const char *rg_zone_abbrev(apr_pool_t *p, const rg_zone_t *z, apr_time_t t);
/* UTC of a local time. A time in the missing hour gives the instant of the change; in the repeated
 * hour, the first. MINUTE may be RG_DAY_MINUTES: midnight of the next day. Allocates nothing. */
apr_time_t rg_zone_utc(const rg_zone_t *z, rg_date_t date, int minute);
/* UTC ranges [from, until) covered by local minutes [a, b) of one local day; a change within makes
 * up to two ranges so that nothing of the missing hour is covered and the repeated hour is covered
 * twice. Ranges that touch are joined: a change in the middle of [a, b) gives one range. Returns
 * how many (0..2), in order. */
int rg_zone_span(const rg_zone_t *z, rg_date_t date, int a, int b, apr_time_t from[2],
                 apr_time_t until[2]);

/* Strict YYYY-MM-DD, a real day, years 1900..2199. */
bool rg_date_parse(rg_date_t *out, const char *iso);
/* Strict hh:mm, 00:00 to 24:00, as minutes of the local day. */
bool rg_minute_parse(int *out, const char *clock);
const char *rg_date_iso(apr_pool_t *p, rg_date_t d);
const char *rg_date_long(apr_pool_t *p, rg_date_t d); /* "Tuesday 1 December 2026" */
const char *rg_date_us(apr_pool_t *p, rg_date_t d);   /* "December 1, 2026" */
int rg_date_weekday(rg_date_t d);                     /* ISO: Monday 1 … Sunday 7 */
rg_date_t rg_date_add(rg_date_t d, int days);
int rg_date_days(rg_date_t d); /* days since 1970-01-01 */
rg_date_t rg_date_from_days(int64_t days);
int rg_date_compare(rg_date_t a, rg_date_t b);
const char *rg_time_instant(apr_pool_t *p, apr_time_t t); /* "2026-12-01T14:40:00Z" */
/* RFC 3339 in capitals with Z or offset, whole seconds (a fraction of zeros, as browsers write it,
 * is one), years 1900..2199. */
bool rg_time_parse(apr_time_t *out, const char *instant);
/* "2026-12-01T09:40:00-05:00", what FHIR's dateTime and instant carry. */
const char *rg_time_local_instant(apr_pool_t *p, const rg_zone_t *z, apr_time_t t);
/* "Tuesday 1 December 2026, 9:40 am (New York time)" and "9:40 am". In the hour that is repeated
 * when clocks go back, both say which of the two it is: "1:30 am EDT", "1:45 am UTC+10:30". */
const char *rg_time_people(apr_pool_t *p, const rg_zone_t *z, apr_time_t t);
const char *rg_time_clock(apr_pool_t *p, const rg_zone_t *z, apr_time_t t);

/* --- text/business_day.c ---------------------------------------------------------------------- */

/* Days that a clinic is closed, both ends with them. */
typedef struct {
    rg_date_t first, last;
} rg_closed_days_t;
/* A holiday of the United States (5 U.S.C. 6103), or the weekday on which it is observed. */
bool rg_date_federal_holiday(rg_date_t d);
/* Neither on a weekend nor on such a holiday, nor on one of CLOSED. */
bool rg_date_business(rg_date_t d, const rg_closed_days_t *closed, int count);
/* Until when a good-faith estimate is to be given for a SERVICE that was scheduled on a day (45 CFR
 * 149.610(b)(1)(vi)): at least ten business days ahead within three, at least three ahead within
 * one. False: it is nearer, and none has to be unless somebody asks. */
bool rg_estimate_due(rg_date_t *due, rg_date_t scheduled, rg_date_t service,
                     const rg_closed_days_t *closed, int count);
/* Of one that was changed: the last business day before the service; false: there is none any
 * more. */
bool rg_estimate_due_changed(rg_date_t *due, rg_date_t changed, rg_date_t service,
                             const rg_closed_days_t *closed, int count);
/* Of one that was asked for: three business days later. */
rg_date_t rg_estimate_due_asked(rg_date_t asked, const rg_closed_days_t *closed, int count);

/* --- text/day_words.c: days as people write them ---------------------------------------------- */

typedef enum {
    RG_DAY_READ,
    RG_DAY_NONE,      /* nothing was typed */
    RG_DAY_UNKNOWN,   /* not a valid date, or not understood */
    RG_DAY_EITHER,    /* may be month and day, or day and month: both in the date's order */
    RG_DAY_SHORT_YEAR /* a two-digit year of either century */
} rg_day_read_t;

/* A date in the past in one string: "Dec 10, 1962", "10 December 1962", "12/10/1962", "1962-12-10",
 * "12-10-62", English or Spanish names of months. If numbers are ambiguous the month comes first,
 * as in the United States, but with dots the result is RG_DAY_EITHER. *OUT is set for RG_DAY_READ,
 * and for RG_DAY_EITHER to the reading with the month first. TODAY decides the century of a
 * two-digit year. */
rg_day_read_t rg_day_read(rg_date_t *out, apr_pool_t *p, const char *typed, rg_date_t today);
/* The same in three fields, the month by name or number; a whole date in one of them is accepted if
 * the others are empty. */
rg_day_read_t rg_day_read_parts(rg_date_t *out, apr_pool_t *p, const char *month, const char *day,
                                const char *year, rg_date_t today);

#endif
