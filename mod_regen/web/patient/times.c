/* SPDX-License-Identifier: Apache-2.0 */
/* A month of free times of one service, and holding one of them. Public; holding a time creates a
 * session. */
#include "mod_regen/web/patient/order.h"
#include "patient.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/order.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"
#include "regen/clinic/schedule.h"

#include <string.h>

#include <apr_strings.h>

enum { NOON = 12 * 60, STRIP_MORE = 13 };

/* What the address asks for, of what. */
typedef struct {
    rg_service_t *service;
    rg_site_t *site;
    const regen_visit_t *moving; /* NULL: a new booking */
    int visit;                   /* of it alone, which begins at VISIT_NOW; 0: all */
    apr_time_t visit_now;
    rg_date_t month; /* year 0: where the next free time is */
    rg_date_t day;   /* year 0: the first one with times */
    bool asked_month;
    const char *practitioner; /* NULL: any */
    int64_t practitioner_id;
    const char *part;        /* "morning" or "afternoon" alone; NULL: both */
    int weekday;             /* alone, 1 Monday … 7 Sunday; 0: all */
    unsigned weekdays;       /* that have times, before they were narrowed: bits 1 … 7 */
    apr_time_t start;        /* a link into this very time; 0: none */
    const char *instead;     /* uid of the held booking that the new one replaces; NULL: none */
    const rg_order_t *order; /* the treatment order to book on; NULL: none */
} wish_t;

bool regen_read_practitioner(int64_t *id, regen_req_t *q, const char *s)
{
    *id = 0;
    if (!s || !*s || rg_text_i64(id, s, 1, REGEN_ID_MAX)) {
        return true;
    }
    rg_problem_add(q->ctx->problems, "practitioner", "There is no such practitioner.");
    return false;
}

static bool read_narrow(wish_t *w, regen_req_t *q)
{
    const char *on = regen_param(q, "on");
    const char *part = regen_param(q, "part");
    int64_t day = 0;
    bool either = !part || !*part || strcmp(part, "morning") == 0 || strcmp(part, "afternoon") == 0;
    if (!either || (on && *on && !rg_text_i64(&day, on, 1, 7))) {
        rg_problem_add(q->ctx->problems, NULL,
                       "The address asks for times that we do not know. Choose again.");
        return false;
    }
    w->part = part && *part ? part : NULL;
    w->weekday = (int)day;
    return true;
}

/* A missing parameter is fine, a wrong one is not. */
static bool read_times(wish_t *w, regen_req_t *q)
{
    const char *month = regen_param(q, "month");
    const char *day = regen_param(q, "day");
    w->practitioner = regen_param(q, "practitioner");
    if (!regen_read_practitioner(&w->practitioner_id, q, w->practitioner) || !read_narrow(w, q)) {
        return false;
    }
    w->practitioner = w->practitioner_id ? w->practitioner : NULL;
    if (day && !rg_date_parse(&w->day, day)) {
        rg_problem_add(q->ctx->problems, NULL,
                       "The day in the address is not valid: it must look like 2026-12-01.");
        return false;
    }
    if (month && !rg_date_parse(&w->month, apr_pstrcat(q->ctx->pool, month, "-01", NULL))) {
        rg_problem_add(q->ctx->problems, NULL,
                       "The month in the address is not valid: it must look like 2026-12.");
        return false;
    }
    w->asked_month = w->day.year != 0 || w->month.year != 0;
    if (w->day.year != 0) {
        w->month = (rg_date_t){w->day.year, w->day.month, 1};
    }
    return true;
}

/* A deep link names a time; others are shown around it. A past time is only reported as gone. */
static bool read_link(wish_t *w, regen_req_t *q)
{
    const char *start = regen_param(q, "start");
    if (!start) {
        return true;
    }
    if (!regen_read_start(&w->start, start)) {
        rg_problem_add(q->ctx->problems, NULL,
                       "The time in the address is not valid. Choose one of the free times below.");
        return false;
    }
    if (w->start > q->ctx->now && w->day.year == 0) {
        w->day = rg_zone_local(w->site->zone, w->start).date;
        w->month = (rg_date_t){w->day.year, w->day.month, 1};
        w->asked_month = true;
    }
    return true;
}

static int days_left(rg_date_t from)
{
    rg_date_t end = rg_date_add((rg_date_t){from.year, from.month, 1}, 31);
    end.day = 1;
    return rg_date_days(end) - rg_date_days(from);
}

/* Times after the last day of the order are no offer. */
static void keep_to_order(rg_availability_t *a, const wish_t *w)
{
    if (!w->order) {
        return;
    }
    apr_time_t until = w->order->valid_until;
    rg_date_t last = rg_zone_local(a->site->zone, until - RG_MINUTE).date;
    for (int i = 0; i < a->day_count; i++) {
        while (a->days[i].count > 0 && a->days[i].starts[a->days[i].count - 1] >= until) {
            a->days[i].count--;
        }
    }
    a->next_free = a->next_free < until ? a->next_free : 0;
    a->last_bookable = rg_date_compare(last, a->last_bookable) < 0 ? last : a->last_bookable;
}

/* Of a day's times those of its part. */
static void keep_part(rg_free_day_t *day, const wish_t *w, const rg_zone_t *zone)
{
    apr_time_t noon = rg_zone_utc(zone, day->date, NOON);
    if (w->part && *w->part == 'a') {
        while (day->count > 0 && day->starts[0] < noon) {
            day->starts++;
            day->count--;
        }
    }
    while (w->part && *w->part == 'm' && day->count > 0 && day->starts[day->count - 1] >= noon) {
        day->count--;
    }
}

/* What the address narrows is left out; *W learns which weekdays have anything. */
static void narrow(rg_availability_t *a, wish_t *w)
{
    a->next_free = 0;
    for (int i = 0; i < a->day_count; i++) {
        rg_free_day_t *day = &a->days[i];
        int weekday = rg_date_weekday(day->date);
        day->unfit = day->count > 0;
        w->weekdays |= day->count > 0 ? 1U << weekday : 0;
        day->count = w->weekday == 0 || w->weekday == weekday ? day->count : 0;
        keep_part(day, w, a->site->zone);
        day->unfit = day->unfit && day->count == 0;
        if (a->next_free == 0 && day->count > 0) {
            a->next_free = day->starts[0];
        }
    }
}

/* The month from today on, when it is the current one, and days after it for the strip: as many
 * whichever of its days is looked at, so that the answer is one in the cache. */
static rg_outcome_t find_month(rg_availability_t **out, regen_req_t *q, const rg_find_in_t *base,
                               wish_t *w, rg_date_t today)
{
    rg_find_in_t in = *base;
    rg_date_t month = w->month;
    bool current = month.year == today.year && month.month == today.month;
    in.from = current ? today : month;
    int days = days_left(in.from) + STRIP_MORE;
    in.days = days < q->ctx->policy->search_days ? days : q->ctx->policy->search_days;
    rg_outcome_t rc = rg_availability_of_visit(out, q->ctx, &in, w->visit);
    if (rc == RG_OK) {
        keep_to_order(*out, w);
        narrow(*out, w);
    }
    return rc;
}

/* The month and the day of the next free time from FROM on, however far; *FIRST has year 0 where
 * there is none. *OUT is what was found if it holds that whole month, else NULL. */
static rg_outcome_t next_month_with_times(rg_availability_t **out, rg_date_t *month,
                                          rg_date_t *first, regen_req_t *q,
                                          const rg_find_in_t *base, wish_t *w, rg_date_t from)
{
    rg_find_in_t in = *base;
    rg_date_t today = rg_zone_local(w->site->zone, q->ctx->now).date;
    rg_date_t last = rg_window_last_day(w->service, today);
    in.from = rg_date_compare(from, today) > 0 ? from : today;
    *month = (rg_date_t){from.year, from.month, 1};
    *first = (rg_date_t){0, 0, 0};
    *out = NULL;
    while (rg_date_compare(in.from, last) <= 0) {
        rg_availability_t *found;
        int rest = rg_date_days(last) - rg_date_days(in.from) + 1;
        in.days = rest < q->ctx->policy->search_days ? rest : q->ctx->policy->search_days;
        rg_outcome_t rc = rg_availability_of_visit(&found, q->ctx, &in, w->visit);
        if (rc != RG_OK) {
            return rc;
        }
        keep_to_order(found, w);
        narrow(found, w);
        last = found->last_bookable; /* of a later visit: by its gap */
        if (found->next_free != 0) {
            rg_date_t day = rg_zone_local(found->site->zone, found->next_free).date;
            *month = (rg_date_t){day.year, day.month, 1};
            *first = day;
            rg_date_t end = rg_date_add(*month, days_left(*month) - 1);
            bool whole = rg_date_compare(end, rg_date_add(in.from, in.days - 1)) <= 0 &&
                         rg_date_compare(in.from, today) == 0;
            *out = whole ? found : NULL;
            return RG_OK;
        }
        in.from = rg_date_add(in.from, in.days);
    }
    return RG_OK;
}

/* In MONTH, which is the first that A has. */
static rg_date_t first_day_with_times(const rg_availability_t *a, rg_date_t month)
{
    for (int i = 0; i < a->day_count; i++) {
        if (a->days[i].count > 0 && a->days[i].date.month == month.month) {
            return a->days[i].date;
        }
    }
    return (rg_date_t){0, 0, 0};
}

static rg_val_t *times_page(regen_req_t *q, const wish_t *w)
{
    if (w->moving) {
        rg_val_t *moving = regen_visit_view(q, w->moving, "Choose a new time", w->service->name);
        rg_view_time(moving, "visit_now", q->ctx->pool, w->site->zone, w->visit_now);
        return moving;
    }
    rg_val_t *view = rg_view_page(q->ctx->pool, "Choose a time", w->site);
    rg_val_bool(view, "public", true);
    rg_val_str(view, "step", w->service->name);
    return view;
}

static apr_time_t firm_before(const regen_req_t *q, const wish_t *w)
{
    const rg_booking_t *moving = w->moving ? w->moving->booking : NULL;
    return rg_cancel_firm_before(moving, w->service, q->ctx->now);
}

/* The chosen day's first time that could still be cancelled, and until when. */
static void put_open_start(rg_view_times_t *in, const rg_availability_t *a, rg_date_t chosen)
{
    for (int d = 0; d < a->day_count; d++) {
        for (int i = 0; rg_date_compare(a->days[d].date, chosen) == 0 && i < a->days[d].count;
             i++) {
            if (a->days[d].starts[i] >= in->firm_before) {
                in->open_start = a->days[d].starts[i];
                in->cancel_until = rg_cancel_last_of_start(in->open_start, a->service);
                return;
            }
        }
    }
}

/* The time of a deep link as one button, or the word that it is gone. */
static void put_linked(rg_val_t *view, regen_req_t *q, const rg_availability_t *a, const wish_t *w)
{
    bool there = false;
    for (int d = 0; d < a->day_count; d++) {
        for (int i = 0; i < a->days[d].count; i++) {
            there = there || a->days[d].starts[i] == w->start;
        }
    }
    if (there) {
        rg_view_starts(view, "linked", q->ctx->pool, w->site, &w->start, 1, a->visit_minutes,
                       firm_before(q, w));
    }
    else if (w->start != 0) {
        rg_view_time(view, "link_gone", q->ctx->pool, w->site->zone, w->start);
    }
}

/* The hold that is released when another time is chosen here. */
static void put_instead(rg_val_t *view, regen_req_t *q, wish_t *w)
{
    const rg_visitor_booking_t *b;
    const char *uid = regen_param(q, "instead");
    if (w->moving || !uid || !regen_visitor_known(q) || regen_visitor_choose(&b, q, uid) != RG_OK ||
        b->was_booked) {
        return;
    }
    w->instead = b->uid;
    rg_val_str(view, "instead", b->uid);
    if (b->status == RG_BOOKING_HELD) {
        rg_view_time(view, "gives_back", q->ctx->pool, b->zone, b->starts_at);
    }
}

static rg_val_t *times_view(regen_req_t *q, const rg_availability_t *a, wish_t *w,
                            rg_date_t next_day)
{
    apr_pool_t *p = q->ctx->pool;
    rg_val_t *view = times_page(q, w);
    put_instead(view, q, w);
    rg_view_day_t *days = apr_palloc(p, sizeof(*days) * (size_t)(a->day_count + 1));
    rg_date_t chosen = w->day.year != 0 ? w->day : first_day_with_times(a, w->month);
    for (int i = 0; i < a->day_count; i++) {
        const rg_free_day_t *day = &a->days[i];
        days[i] = (rg_view_day_t){.date = day->date,
                                  .count = day->count,
                                  .closed = day->closed,
                                  .unfit = day->unfit,
                                  .starts = day->starts};
    }
    rg_view_times_t in = {.service = a->service,
                          .site = a->site,
                          .month = w->month,
                          .chosen = chosen,
                          .first = a->first_bookable,
                          .last = a->last_bookable,
                          .day_count = a->day_count,
                          .days = days,
                          .visit_minutes = a->visit_minutes,
                          .firm_before = firm_before(q, w),
                          .today = rg_zone_local(a->site->zone, q->ctx->now).date,
                          .part = w->part,
                          .weekday = w->weekday,
                          .weekdays = w->weekdays,
                          .practitioner = w->practitioner,
                          .practitioner_count = a->practitioner_count,
                          .practitioners = a->practitioners,
                          .path = w->moving
                                      ? "/booking/move"
                                      : apr_psprintf(p, "/services/%s/times", w->service->code),
                          .asked_month = w->asked_month,
                          .asked_day = w->day.year != 0,
                          .next_day = next_day,
                          .moving = w->moving != NULL,
                          .booking_uid = w->moving ? w->moving->booking->uid : w->instead,
                          .order = w->order ? w->order->uid : NULL,
                          .visit = w->visit};
    put_open_start(&in, a, chosen);
    if (w->visit <= 1 && chosen.year != 0) {
        in.preparing = rg_preparing(&in.preparing_count, p, a->service, a->site->zone,
                                    rg_zone_utc(a->site->zone, chosen, NOON), q->ctx->now);
    }
    rg_view_times(view, p, &in);
    put_linked(view, q, a, w);
    return view;
}

/* An address from long ago, a bookmark or a mail, leads to where times are now. */
static void forget_the_past(wish_t *w, rg_date_t today)
{
    if (w->day.year != 0 && rg_date_compare(w->day, today) < 0) {
        w->day = (rg_date_t){0, 0, 0};
    }
    if (w->day.year == 0 &&
        rg_date_compare(w->month, (rg_date_t){today.year, today.month, 1}) < 0) {
        w->month = w->day;
        w->asked_month = false;
    }
}

static int day_count_of(const rg_availability_t *a, rg_date_t day)
{
    for (int i = 0; i < a->day_count; i++) {
        if (rg_date_compare(a->days[i].date, day) == 0) {
            return a->days[i].count;
        }
    }
    return 0;
}

/* If the requested day or month has no times: the first later day that has. */
static rg_outcome_t find_next_day(rg_date_t *next, regen_req_t *q, const rg_find_in_t *base,
                                  wish_t *w, const rg_availability_t *found)
{
    rg_availability_t *later = NULL;
    rg_date_t month;
    rg_date_t from = w->day.year != 0 ? rg_date_add(w->day, 1) : w->month;
    bool some =
        day_count_of(found, w->day.year != 0 ? w->day : first_day_with_times(found, w->month)) > 0;
    *next = (rg_date_t){0, 0, 0};
    if (some || w->month.year == 0) {
        return RG_OK;
    }
    return next_month_with_times(&later, &month, next, q, base, w, from);
}

static int show(regen_req_t *q, wish_t *w)
{
    rg_date_t next_day;
    rg_availability_t *found = NULL;
    rg_outcome_t rc = RG_OK;
    rg_find_in_t base = {.service_code = w->service->code,
                         .practitioner_id = w->practitioner_id,
                         .moving = w->moving ? w->moving->booking->id : 0,
                         .targets = w->order ? rg_targets_count(w->order->further) : 1};
    rg_date_t today = rg_zone_local(w->site->zone, q->ctx->now).date;
    forget_the_past(w, today);
    if (w->month.year == 0) {
        rc = next_month_with_times(&found, &w->month, &next_day, q, &base, w, today);
    }
    if (rc == RG_OK && !found) {
        rc = find_month(&found, q, &base, w, today);
    }
    if (rc == RG_OK) { /* as it is now, whatever we saw before */
        w->service = found->service;
        w->site = found->site;
    }
    rc = rc == RG_OK ? find_next_day(&next_day, q, &base, w, found) : rc;
    return rc == RG_OK
               ? regen_page(q, RG_OK, "patient/times.html", times_view(q, found, w, next_day))
               : regen_fail(q, rc);
}

int regen_times_for_moving(regen_req_t *q, const regen_visit_t *v, int visit, apr_time_t at)
{
    wish_t w = {
        .service = v->service, .site = v->site, .moving = v, .visit = visit, .visit_now = at};
    return read_times(&w, q) ? show(q, &w) : regen_fail(q, RG_INVALID);
}

static int h_times(regen_req_t *q)
{
    wish_t w = {0};
    rg_outcome_t rc = rg_catalogue_glance(&w.service, &w.site, q->ctx, q->args[0]);
    if (rc == RG_OK && (!read_times(&w, q) || !read_link(&w, q))) {
        rc = RG_INVALID;
    }
    w.order = rc == RG_OK ? regen_order_wished(q, w.service) : NULL;
    if (rc == RG_OK && !w.order && rg_service_needs_order(w.service)) {
        return regen_order_needed(q, RG_OK, w.service, w.site);
    }
    return rc == RG_OK ? show(q, &w) : regen_fail(q, rc);
}

/* --- holding ---------------------------------------------------------------------------------- */

/* The instant as the page's buttons have it (unix seconds) or as RFC 3339 writes it. */
bool regen_read_start(apr_time_t *out, const char *s)
{
    int64_t seconds;
    if (rg_text_i64(&seconds, s, 0, REGEN_TIME_MAX)) {
        *out = apr_time_from_sec(seconds);
        return true;
    }
    return rg_time_parse(out, s);
}

/* 409 with what is free near the wish. */
static int answer_taken_hold(regen_req_t *q, const rg_hold_in_t *in, const rg_hold_t *hold)
{
    apr_pool_t *p = q->ctx->pool;
    rg_service_t *service;
    rg_site_t *site;
    rg_outcome_t rc = rg_catalogue_service(&service, &site, q->ctx, in->service_code);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_page(p, "That time was just taken", site);
    rg_val_str(view, "step", service->name);
    rg_val_set(view, "service", rg_view_service(p, service));
    rg_view_time(view, "wish", p, site->zone, in->start);
    rg_view_starts(view, "nearest", p, site, hold->nearest, hold->nearest_count,
                   rg_first_visit_minutes(service),
                   rg_cancel_firm_before(NULL, service, q->ctx->now));
    rg_val_bool(view, "has_nearest", hold->nearest_count > 0);
    rg_val_str(view, "practitioner", in->practitioner_id ? regen_field(q, "practitioner") : NULL);
    rg_val_str(view, "instead", *regen_field(q, "instead") ? regen_field(q, "instead") : NULL);
    rg_val_str(view, "order", *regen_field(q, "order") ? regen_field(q, "order") : NULL);
    return regen_page(q, RG_CONFLICT, "patient/taken.html", view);
}

static bool read_hold(rg_hold_in_t *in, regen_req_t *q)
{
    in->service_code = regen_field(q, "service");
    if (!regen_read_start(&in->start, regen_field(q, "start"))) {
        rg_problem_add(q->ctx->problems, "start", "Choose one of the offered times.");
    }
    (void)regen_read_practitioner(&in->practitioner_id, q, regen_field(q, "practitioner"));
    return !rg_problems_any(q->ctx->problems);
}

/* The booking of this browser that the new one replaces, or whose details it starts with: the one
 * named in the form, otherwise an unbooked one of the same treatment. */
static const rg_visitor_booking_t *booked_before(regen_req_t *q, const rg_booking_t *fresh)
{
    const char *uid = regen_field(q, "instead");
    const rg_visitor_list_t *l = regen_visitor_list(q);
    for (int i = 0; l && i < l->booking_count; i++) {
        const rg_visitor_booking_t *b = &l->bookings[i];
        bool fits =
            *uid ? strcmp(b->uid, uid) == 0 : b->service_id == fresh->service_id && !b->was_booked;
        if (fits && b->opened && b->id != fresh->id) {
            return b;
        }
    }
    return NULL;
}

/* Details are copied; a time is released only if the page said so. A booking that changed in the
 * meantime is left alone, and no failure here affects the new hold. */
static void take_over(regen_req_t *q, const rg_booking_t *fresh)
{
    const rg_visitor_booking_t *old = booked_before(q, fresh);
    if (!old) {
        return;
    }
    rg_ctx_t ctx = *q->ctx;
    ctx.idem = NULL;
    ctx.problems = NULL;
    ctx.who.booking_id = old->id;
    (void)rg_details_carry(&ctx, old->id, fresh->id);
    if (*regen_field(q, "instead")) {
        (void)rg_booking_give_back(&ctx, old->id, "other-time");
    }
}

/* It was never there, or does not count anymore. */
static int no_order(regen_req_t *q, rg_outcome_t outcome, const char *service_code)
{
    rg_service_t *service;
    rg_site_t *site;
    rg_outcome_t rc = rg_catalogue_service(&service, &site, q->ctx, service_code);
    return rc == RG_OK ? regen_order_needed(q, outcome, service, site) : regen_fail(q, rc);
}

static int h_hold(regen_req_t *q)
{
    rg_hold_in_t in;
    rg_hold_t hold = {0};
    const char *uid;
    if (!read_hold(&in, q)) {
        return regen_fail(q, RG_INVALID);
    }
    regen_visitor_begin(q);
    bool known = !q->ctx->visitor_new; /* a new browser has nothing to carry along */
    const char *order = regen_field(q, "order");
    rg_outcome_t rc = *order ? rg_booking_hold_on(&hold, q->ctx, &in, order)
                             : rg_booking_hold(&hold, q->ctx, &in);
    if (rg_problem_for(q->ctx->problems, "order")) {
        return no_order(q, rc, in.service_code);
    }
    if (rc == RG_CONFLICT && !regen_sent_before(q)) {
        return answer_taken_hold(q, &in, &hold);
    }
    if (rc == RG_OK && rg_replayed(q->ctx)) {
        rc = rg_visitor_admit(&hold.who, &uid, q->ctx, hold.booking->id);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    q->ctx->who = hold.who;
    regen_visitor_keep(q);
    if (known) {
        take_over(q, hold.booking);
    }
    q->this_booking = hold.booking->uid;
    return regen_to_booking(q, "/details");
}

const regen_route_t regen_routes_patient_times[] = {
    {"GET", "/services/*/times", 0, 0, 0, REGEN_LIMITED(REGEN_LIMIT_SEARCH), h_times},
    {"POST", "/holds", 0, 4 * KIB, REGEN_FORM, REGEN_PERSONAL, h_hold},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
