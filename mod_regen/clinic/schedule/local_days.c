/* SPDX-License-Identifier: Apache-2.0 */
/* Weekly hours and dated closures, written in local time, become bits of UTC. Only core/tz knows
 * how a local minute lies in UTC, so days with a clock change need no code here. */
#include "mod_regen/clinic/schedule/local_days.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/store/definitions.h"
#include "mod_regen/clinic/schedule/bits.h"

int64_t rg_granule_of(apr_time_t t)
{
    int64_t seconds = apr_time_sec(t);
    return seconds / RG_GRANULE_SEC - (seconds % RG_GRANULE_SEC < 0);
}

apr_time_t rg_granule_time(int64_t granule)
{
    return granule * RG_GRANULE;
}

/* The first granule that starts at T or later. */
static int64_t granule_after(apr_time_t t)
{
    return rg_granule_of(t + RG_GRANULE - 1);
}

/* Local days that the window touches, with one to spare on both sides. */
static rg_date_t first_day(const rg_zone_t *zone, int64_t from)
{
    return rg_date_add(rg_zone_local(zone, rg_granule_time(from)).date, -1);
}

static rg_date_t last_day(const rg_zone_t *zone, int64_t from, int n)
{
    return rg_date_add(rg_zone_local(zone, rg_granule_time(from + n)).date, 1);
}

/* --- openings --------------------------------------------------------------------------------- */

static void open_day(rg_bits_t *b, const rg_clinic_resource_t *r, const rg_zone_t *zone,
                     rg_date_t day, int64_t base)
{
    int number = rg_date_days(day);
    int weekday = rg_date_weekday(day);
    for (int i = 0; i < r->opening_count; i++) {
        const rg_opening_t *o = &r->openings[i];
        if (o->weekday != weekday || number < o->first_day || number > o->last_day) {
            continue;
        }
        apr_time_t from[2];
        apr_time_t until[2];
        int parts = rg_zone_span(zone, day, o->start, o->end, from, until);
        for (int k = 0; k < parts; k++) {
            rg_bits_set(b, granule_after(from[k]) - base, rg_granule_of(until[k]) - base);
        }
    }
}

/* A closure covers every granule it overlaps. */
static void close_day(rg_bits_t *b, const rg_closure_t *c, const rg_zone_t *zone, rg_date_t day,
                      int64_t base)
{
    apr_time_t from[2];
    apr_time_t until[2];
    int parts = rg_zone_span(zone, day, c->start, c->end, from, until);
    for (int k = 0; k < parts; k++) {
        rg_bits_clear(b, rg_granule_of(from[k]) - base, granule_after(until[k]) - base);
    }
}

rg_bits_t rg_layout_open(apr_pool_t *p, const rg_clinic_t *k, const rg_clinic_resource_t *r,
                         const rg_zone_t *zone, int64_t from, int n)
{
    rg_bits_t b = rg_bits_make(p, n);
    rg_date_t first = first_day(zone, from);
    int number = rg_date_days(first);
    int days = rg_date_days(last_day(zone, from, n)) - number + 1;
    for (int i = 0; i < days; i++) {
        open_day(&b, r, zone, rg_date_add(first, i), from);
    }
    for (int i = 0; i < k->closure_count; i++) {
        const rg_closure_t *c = &k->closures[i];
        bool mine =
            c->site_id == r->site_id && (c->resource_id == 0 || c->resource_id == r->resource.id);
        int lo = c->first_day > number ? c->first_day : number;
        int hi = c->last_day < number + days - 1 ? c->last_day : number + days - 1;
        for (int day = lo; mine && day <= hi; day++) {
            close_day(&b, c, zone, rg_date_add(first, day - number), from);
        }
    }
    return b;
}

/* --- local days ------------------------------------------------------------------------------- */

/* When DAY begins for good, or where it would have. */
static apr_time_t day_begins(const rg_zone_t *zone, rg_date_t day)
{
    apr_time_t from[2];
    apr_time_t until[2];
    int parts = rg_zone_span(zone, day, 0, RG_DAY_MINUTES, from, until);
    return parts > 0 ? from[parts - 1] : rg_zone_utc(zone, day, 0);
}

int *rg_layout_midnights(apr_pool_t *p, const rg_zone_t *zone, int64_t from, int n, int *count)
{
    rg_date_t first = first_day(zone, from);
    *count = rg_date_days(last_day(zone, from, n)) - rg_date_days(first) + 1;
    int *midnights = apr_palloc(p, sizeof(*midnights) * (size_t)(*count + 1));
    for (int i = 0; i <= *count; i++) {
        midnights[i] = (int)(granule_after(day_begins(zone, rg_date_add(first, i))) - from);
    }
    return midnights;
}

/* --- the grid of starts ----------------------------------------------------------------------- */

/* A day of 24 hours without a change: all that most days are. */
static bool plain_day(const rg_zone_t *zone, rg_date_t day, int64_t *start)
{
    apr_time_t from[2];
    apr_time_t until[2];
    int parts = rg_zone_span(zone, day, 0, RG_DAY_MINUTES, from, until);
    *start = rg_granule_of(from[0]);
    return parts == 1 && until[0] - from[0] == RG_DAY && from[0] == rg_granule_time(*start);
}

static void grid_plain(rg_bits_t *b, int64_t start, int grid)
{
    for (int minute = 0; minute < RG_DAY_MINUTES; minute += grid) {
        int64_t at = start + minute / RG_GRANULE_MINUTES;
        rg_bits_set(b, at, at + 1);
    }
}

/* Minute by minute of the grid: those in the missing hour never come, those in the repeated one
 * come twice. */
static void grid_day(rg_bits_t *b, const rg_zone_t *zone, rg_date_t day, int grid, int64_t base)
{
    apr_time_t from[2];
    apr_time_t until[2];
    for (int minute = 0; minute < RG_DAY_MINUTES; minute += grid) {
        int parts = rg_zone_span(zone, day, minute, minute + 1, from, until);
        for (int k = 0; k < parts; k++) {
            int64_t at = rg_granule_of(from[k]);
            if (rg_granule_time(at) == from[k]) {
                rg_bits_set(b, at - base, at - base + 1);
            }
        }
    }
}

rg_bits_t rg_layout_grid(apr_pool_t *p, const rg_zone_t *zone, int grid, int64_t from, int n)
{
    rg_bits_t b = rg_bits_make(p, n);
    rg_date_t last = last_day(zone, from, n);
    for (rg_date_t day = first_day(zone, from); rg_date_compare(day, last) <= 0;
         day = rg_date_add(day, 1)) {
        int64_t start;
        if (plain_day(zone, day, &start)) {
            grid_plain(&b, start - from, grid);
        }
        else {
            grid_day(&b, zone, day, grid, from);
        }
    }
    return b;
}

rg_date_t rg_day_everywhere(apr_time_t now)
{
    return rg_date_from_days((now - RG_DAY / 2) / RG_DAY);
}
