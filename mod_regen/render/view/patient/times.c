/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing a time: a month, fourteen days, the times of one, and what narrows them. */
#include "regen/clinic/booking.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"

#include <string.h>

#include <apr_strings.h>

enum { STRIP_DAYS = 14, NOON = 12 * 60 };

static const char *month_words(apr_pool_t *p, rg_date_t first)
{
    const char *day = rg_date_long(p, first); /* "Tuesday 1 December 2026" */
    const char *blank = strchr(day, ' ');
    const char *second = blank ? strchr(blank + 1, ' ') : NULL;
    return second ? second + 1 : day;
}

static rg_date_t first_of(rg_date_t d)
{
    d.day = 1;
    return d;
}

static rg_date_t next_month(rg_date_t d)
{
    return first_of(rg_date_add(first_of(d), 31));
}

/* A link's query keeps earlier choices; PRACTITIONER is digits, PART a word of ours, both checked
 * by the handler. Without KEY: the page as it opens. */
static const char *times_address(apr_pool_t *p, const rg_view_times_t *in, const char *key,
                                 const char *value)
{
    const char *query = key ? apr_pstrcat(p, "&", key, "=", value, NULL) : "";
    if (in->practitioner) {
        query = apr_pstrcat(p, query, "&practitioner=", in->practitioner, NULL);
    }
    if (in->part) {
        query = apr_pstrcat(p, query, "&part=", in->part, NULL);
    }
    if (in->weekday > 0) {
        query = apr_psprintf(p, "%s&on=%d", query, in->weekday);
    }
    if (in->booking_uid) {
        query =
            apr_pstrcat(p, query, in->moving ? "&booking=" : "&instead=", in->booking_uid, NULL);
    }
    if (in->order) {
        query = apr_pstrcat(p, query, "&order=", in->order, NULL);
    }
    if (in->visit > 0) {
        query = apr_psprintf(p, "%s&visit=%d", query, in->visit);
    }
    return *query ? apr_pstrcat(p, "?", query + 1, NULL) : "";
}

/* The page without a day: where the next free time is. */
static const char *soonest(apr_pool_t *p, const rg_view_times_t *in)
{
    return apr_pstrcat(p, in->path, times_address(p, in, NULL, NULL), NULL);
}

static void put_month(rg_val_t *view, const char *key, apr_pool_t *p, const rg_view_times_t *in,
                      rg_date_t month)
{
    rg_val_t *v = rg_val_object(p);
    rg_val_str(v, "words", month_words(p, month));
    rg_val_str(v, "query",
               times_address(p, in, "month", apr_pstrndup(p, rg_date_iso(p, month), 7)));
    rg_val_set(view, key, v);
}

static const rg_view_day_t *shown_day(const rg_view_times_t *in, rg_date_t d)
{
    for (int i = 0; i < in->day_count; i++) {
        const rg_date_t *is = &in->days[i].date;
        if (is->day == d.day && is->month == d.month && is->year == d.year) {
            return &in->days[i];
        }
    }
    return NULL;
}

static const char *how_many(apr_pool_t *p, int count)
{
    return count == 1 ? "1 time" : apr_pstrcat(p, apr_itoa(p, count), " times", NULL);
}

/* Why a day has nothing, in a word for the eye and in words. DAY may be NULL: outside of what was
 * looked at. */
static void put_why_not(rg_val_t *cell, const rg_view_times_t *in, rg_date_t d,
                        const rg_view_day_t *day)
{
    const char *kind = "full";
    const char *shown = "full";
    const char *why = "all times are taken";
    if (rg_date_compare(d, in->today) < 0) {
        kind = "past";
        shown = why = "past";
    }
    else if (day && day->unfit) {
        kind = "unfit";
        shown = "other";
        why = "only times that you did not choose";
    }
    else if (day && day->closed) {
        kind = "closed";
        shown = why = "closed";
    }
    else if (rg_date_compare(d, in->first) < 0) {
        kind = "soon";
        shown = "call";
        why = "too soon to book online";
    }
    else if (rg_date_compare(d, in->first) == 0) { /* the notice ends within it */
        kind = "soon";
        shown = "call";
        why = "nothing left to book online";
    }
    else if (!day || rg_date_compare(d, in->last) > 0) {
        kind = "later";
        shown = "later";
        why = "cannot be booked yet";
    }
    rg_val_str(cell, "kind", kind);
    rg_val_str(cell, "shown", shown);
    rg_val_str(cell, "why", why);
}

static void put_day(rg_val_t *cell, apr_pool_t *p, const rg_view_times_t *in, rg_date_t d)
{
    static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const rg_view_day_t *day = shown_day(in, d);
    rg_val_int(cell, "number", d.day);
    rg_val_str(cell, "weekday", names[rg_date_weekday(d) - 1]);
    rg_val_str(cell, "words", rg_date_long(p, d));
    if (day && day->count > 0) {
        rg_val_bool(cell, "free", true);
        rg_val_int(cell, "number_free", day->count);
        rg_val_str(cell, "count", how_many(p, day->count));
        rg_val_str(cell, "query", times_address(p, in, "day", rg_date_iso(p, d)));
        rg_val_bool(cell, "chosen", rg_date_compare(d, in->chosen) == 0);
    }
    else {
        put_why_not(cell, in, d, day);
    }
}

/* Fourteen days that stay the same while one of them is chosen: the month in blocks from its first
 * day that is shown. The last block reaches into the next month. */
static void put_strip(rg_val_t *view, apr_pool_t *p, const rg_view_times_t *in)
{
    rg_val_t *list = rg_val_set_list(view, "strip");
    rg_date_t from = rg_date_compare(in->month, in->today) < 0 ? in->today : in->month;
    int ahead = in->chosen.year == 0 ? 0 : rg_date_days(in->chosen) - rg_date_days(from);
    rg_date_t d = rg_date_add(from, ahead < 0 ? 0 : ahead / STRIP_DAYS * STRIP_DAYS);
    if (rg_date_compare(d, from) > 0 && rg_date_compare(d, in->first) > 0) {
        rg_date_t back = rg_date_add(d, -STRIP_DAYS);
        back = rg_date_compare(back, in->first) < 0 ? in->first : back;
        rg_val_str(view, "earlier", times_address(p, in, "day", rg_date_iso(p, back)));
    }
    for (int i = 0; i < STRIP_DAYS; i++, d = rg_date_add(d, 1)) {
        if (shown_day(in, d)) {
            put_day(rg_val_add(list), p, in, d);
        }
    }
    if (rg_date_compare(d, in->last) <= 0) {
        rg_val_str(view, "later", times_address(p, in, "day", rg_date_iso(p, d)));
    }
}

/* Weeks from Sunday, as calendars in the US have them, without those that are over; cells before
 * the first and after the last day are empty. */
static void put_weeks(rg_val_t *view, apr_pool_t *p, const rg_view_times_t *in)
{
    rg_val_t *weeks = rg_val_set_list(view, "weeks");
    rg_date_t end = next_month(in->month);
    rg_date_t d = rg_date_add(in->month, -(rg_date_weekday(in->month) % 7));
    while (rg_date_compare(rg_date_add(d, 7), end) < 0 &&
           rg_date_compare(rg_date_add(d, 6), in->first) < 0) {
        d = rg_date_add(d, 7);
    }
    while (rg_date_compare(d, end) < 0) {
        rg_val_t *cells = rg_val_set_list(rg_val_add(weeks), "cells");
        for (int i = 0; i < 7; i++, d = rg_date_add(d, 1)) {
            rg_val_t *cell = rg_val_add(cells);
            if (d.month == in->month.month) {
                put_day(cell, p, in, d);
            }
        }
    }
}

void rg_view_starts(rg_val_t *view, const char *key, apr_pool_t *p, const rg_site_t *site,
                    const apr_time_t *starts, int count, int visit_minutes, apr_time_t firm_before)
{
    rg_val_t *list = rg_val_set_list(view, key);
    for (int i = 0; i < count; i++) {
        rg_val_t *item = rg_val_add(list);
        apr_time_t end = starts[i] + visit_minutes * RG_MINUTE;
        rg_val_int(item, "start", apr_time_sec(starts[i]));
        rg_val_str(item, "instant", rg_time_instant(p, starts[i]));
        rg_val_str(item, "clock", rg_time_clock(p, site->zone, starts[i]));
        rg_val_str(item, "ends", rg_time_clock(p, site->zone, end));
        rg_val_str(item, "day", rg_date_long(p, rg_zone_local(site->zone, starts[i]).date));
        rg_val_bool(item, "firm", starts[i] < firm_before);
    }
}

void rg_view_deadlines(rg_val_t *view, apr_pool_t *p, const rg_zone_t *z, const rg_deadlines_t *d)
{
    rg_view_time(view, "cancel_until", p, z, d->cancel_until);
    rg_view_time(view, "move_until", p, z, d->move_until);
}

/* Until when the first time of the day could be cancelled, or that none can be. */
static void put_day_deadlines(rg_val_t *view, apr_pool_t *p, const rg_view_times_t *in,
                              const rg_view_day_t *day)
{
    rg_val_bool(view, "any_firm", in->open_start != 0 && day->starts[0] < in->firm_before);
    rg_val_bool(view, "all_firm", in->open_start == 0);
    rg_view_time(view, "open_start", p, in->site->zone, in->open_start);
    rg_view_time(view, "open_until", p, in->site->zone, in->cancel_until);
}

/* The chosen day's times in two groups, so that nobody reads thirty buttons in a row. */
static void put_chosen(rg_val_t *view, apr_pool_t *p, const rg_view_times_t *in)
{
    const rg_view_day_t *day = in->chosen.year != 0 ? shown_day(in, in->chosen) : NULL;
    if (in->chosen.year != 0) {
        rg_view_date(view, "chosen", p, in->chosen);
    }
    if (!day || day->count == 0) {
        return;
    }
    put_day_deadlines(view, p, in, day);
    rg_view_preparing(view, p, in->preparing, in->preparing_count);
    int noon = 0;
    while (noon < day->count && rg_zone_local(in->site->zone, day->starts[noon]).minute < NOON) {
        noon++;
    }
    static const char *const names[] = {"Morning", "Afternoon"};
    int from[] = {0, noon, day->count};
    rg_val_bool(view, "parts_any", true);
    rg_val_t *parts = rg_val_set_list(view, "parts");
    for (int i = 0; i < 2; i++) {
        if (from[i] < from[i + 1]) {
            rg_val_t *part = rg_val_add(parts);
            rg_val_str(part, "name", names[i]);
            rg_view_starts(part, "times", p, in->site, day->starts + from[i], from[i + 1] - from[i],
                           in->visit_minutes, in->open_start != 0 ? in->firm_before : 0);
        }
    }
}

/* --- what narrows them ------------------------------------------------------------------------ */

/* A press on what is chosen takes it back. TO is where it leads: the page asked for, with other
 * choices; KEEP: on the day or month that the address asked for. */
static rg_val_t *put_chip(rg_val_t *list, apr_pool_t *p, const rg_view_times_t *to, bool keep,
                          const char *text)
{
    rg_val_t *chip = rg_val_add(list);
    const char *query = times_address(p, to, NULL, NULL);
    if (keep && to->asked_day) {
        query = times_address(p, to, "day", rg_date_iso(p, to->chosen));
    }
    else if (to->asked_month) {
        query = times_address(p, to, "month", apr_pstrndup(p, rg_date_iso(p, to->month), 7));
    }
    rg_val_str(chip, "text", text);
    rg_val_str(chip, "to", apr_pstrcat(p, to->path, query, NULL));
    return chip;
}

/* Nobody chooses from a list of one. */
static void put_practitioner_choice(rg_val_t *view, apr_pool_t *p, const rg_view_times_t *in)
{
    rg_view_times_t to = *in;
    rg_val_bool(view, "has_practitioners", in->practitioner_count > 1);
    rg_val_t *list = rg_val_set_list(view, "practitioners");
    if (in->practitioner_count < 2) {
        return;
    }
    to.practitioner = NULL;
    rg_val_bool(put_chip(list, p, &to, true, "Anybody who is free"), "chosen", !in->practitioner);
    for (int i = 0; i < in->practitioner_count; i++) {
        const rg_resource_t *r = in->practitioners[i];
        to.practitioner = apr_psprintf(p, "%" APR_INT64_T_FMT, r->id);
        bool chosen = in->practitioner && strcmp(in->practitioner, to.practitioner) == 0;
        rg_val_bool(put_chip(list, p, &to, true, r->name), "chosen", chosen);
    }
}

static void put_part_choice(rg_val_t *view, apr_pool_t *p, const rg_view_times_t *in)
{
    static const char *const parts[][2] = {{"morning", "Mornings"}, {"afternoon", "Afternoons"}};
    static const char *const days[] = {"Mondays", "Tuesdays",  "Wednesdays", "Thursdays",
                                       "Fridays", "Saturdays", "Sundays"};
    rg_val_t *list = rg_val_set_list(view, "narrow");
    for (int i = 0; i < 2; i++) {
        rg_view_times_t to = *in;
        bool chosen = in->part && strcmp(in->part, parts[i][0]) == 0;
        to.part = chosen ? NULL : parts[i][0];
        rg_val_bool(put_chip(list, p, &to, true, parts[i][1]), "chosen", chosen);
    }
    for (int i = 1; i <= 7; i++) {
        rg_view_times_t to = *in;
        to.weekday = in->weekday == i ? 0 : i;
        if (in->weekday == i || (in->weekdays & (1U << i)) != 0) {
            rg_val_bool(put_chip(list, p, &to, false, days[i - 1]), "chosen", in->weekday == i);
        }
    }
    if (in->part || in->weekday > 0) {
        rg_view_times_t to = *in;
        to.part = NULL;
        to.weekday = 0;
        rg_val_str(view, "all_times",
                   apr_pstrcat(p, in->path, times_address(p, &to, NULL, NULL), NULL));
    }
}

void rg_view_times(rg_val_t *view, apr_pool_t *p, const rg_view_times_t *in)
{
    rg_date_t before = first_of(rg_date_add(in->month, -1));
    rg_date_t after = next_month(in->month);
    rg_val_set(view, "service", rg_view_service(p, in->service));
    rg_val_str(view, "visit_length", rg_view_minutes(p, in->visit_minutes));
    rg_val_str(view, "month_words", month_words(p, in->month));
    rg_val_str(view, "practitioner", in->practitioner);
    rg_val_str(view, "path", in->path);
    rg_val_str(view, "soonest", soonest(p, in));
    rg_val_str(view, "order", in->order);
    rg_val_bool(view, "moving", in->moving);
    if (in->visit > 0) {
        rg_val_int(view, "visit", in->visit);
    }
    if (in->next_day.year != 0) {
        rg_val_t *next = rg_val_object(p);
        rg_val_str(next, "words", rg_date_long(p, in->next_day));
        rg_val_str(next, "query", times_address(p, in, "day", rg_date_iso(p, in->next_day)));
        rg_val_set(view, "next_day", next);
    }
    put_practitioner_choice(view, p, in);
    put_part_choice(view, p, in);
    if (rg_date_compare(before, first_of(in->first)) >= 0) {
        put_month(view, "previous", p, in, before);
    }
    if (rg_date_compare(after, in->last) <= 0) {
        put_month(view, "next", p, in, after);
    }
    put_weeks(view, p, in);
    put_strip(view, p, in);
    put_chosen(view, p, in);
}
