/* SPDX-License-Identifier: Apache-2.0 */
/* Free times of a service over days: one statement, and the search unless the answer is cached and
 * nothing has changed since. The cost depends on the window, never on the number of bookings. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/booking/cache.h"
#include "mod_regen/clinic/schedule/local_days.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/input.h"
#include "mod_regen/clinic/schedule/part.h"
#include "mod_regen/clinic/schedule/search.h"
#include "mod_regen/clinic/definitions/current.h"
#include "mod_regen/clinic/schedule/lookup.h"

#include <string.h>

enum { SWEEP_AT_ONCE = 200, SWEEPS = 8 };

typedef struct {
    const char *service_code;
    int64_t practitioner;
    int64_t moving; /* booking whose own time counts as free; 0: none */
    int visit;      /* of it alone; 0: all */
    rg_rest_t rest; /* with VISIT */
    int targets;
    rg_booking_t *moved; /* the booking MOVING, as read */
    rg_date_t from;      /* year 0: today */
    int days;
    bool near;      /* the window was not requested by a person: use it unchanged */
    bool may_sweep; /* stop when holds are over, so that they can be swept */
    bool holds_over;
    bool again;           /* found before, and still true */
    rg_offer_t *offer;    /* NULL when stopped */
    apr_time_t own_start; /* of the booking that moves */
    rg_date_t first, last_bookable;
    rg_bits_t found;
    uint64_t closed[RG_SHELF_DAYS]; /* days of the first 128; later ones are not looked at */
} find_t;

/* --- the window ------------------------------------------------------------------------------- */

static rg_outcome_t check_days_asked(const find_t *f, const rg_ctx_t *ctx, rg_date_t today)
{
    int most = ctx->policy->search_days;
    if (f->days < 1 || f->days > most) {
        rg_problem_add(ctx->problems, "days", "Ask for 1 to %d days at a time.", most);
        return RG_INVALID;
    }
    if (rg_date_compare(rg_date_add(f->first, f->days - 1), today) < 0) {
        rg_problem_add(ctx->problems, "from",
                       "These days are in the past. Choose today or a later day.");
        return RG_INVALID;
    }
    if (rg_date_compare(f->first, f->last_bookable) > 0) {
        rg_problem_add(ctx->problems, "from", "Times can be booked until %s.",
                       rg_date_long(ctx->pool, f->last_bookable));
        return RG_INVALID;
    }
    return RG_OK;
}

/* The gap to the visit before is its horizon; if that has passed, there is nothing. */
static void set_part(find_t *f, const rg_service_t *s, const rg_zone_t *zone, rg_date_t today)
{
    apr_time_t from;
    apr_time_t until;
    if (f->rest.first > 0) {
        rg_rest_between(&f->rest, s, zone, &from, &until);
        rg_date_t last = rg_zone_local(zone, until).date;
        f->last_bookable = rg_date_compare(last, today) < 0 ? today : last;
    }
}

static rg_outcome_t set_window(find_t *f, const rg_ctx_t *ctx, const rg_clinic_service_t *s,
                               const rg_site_t *site)
{
    rg_date_t today = rg_zone_local(site->zone, ctx->now).date;
    f->last_bookable = rg_window_last_day(&s->service, today);
    f->first = f->from.year == 0 ? today : f->from;
    if (f->visit > 0) {
        set_part(f, &s->service, site->zone, today);
    }
    return f->near ? RG_OK : check_days_asked(f, ctx, today);
}

/* --- reading and searching -------------------------------------------------------------------- */

static rg_outcome_t check_visit_asked(find_t *f, const rg_ctx_t *ctx, const rg_service_t *s)
{
    if (f->visit == 0) {
        return RG_OK;
    }
    if (s->id != f->rest.booking->service_id || !rg_rest_fits(&f->rest, s)) {
        rg_problem_add(ctx->problems, NULL,
                       "This treatment has changed since it was booked, so its visits cannot be "
                       "rescheduled one by one.");
        return RG_PRECONDITION;
    }
    return rg_rest_visit(&f->rest, s, f->visit) ? RG_OK : RG_NOT_FOUND;
}

static rg_outcome_t offer_of_question(rg_offer_t **out, const rg_ctx_t *ctx, const rg_clinic_t *k,
                                      void *baton)
{
    find_t *f = baton;
    const rg_clinic_service_t *s = rg_clinic_service_by_code(k, f->service_code);
    if (!s || (!rg_clinic_offers(ctx, s) && f->moving == 0)) {
        return rg_clinic_missing(k, RG_NOT_FOUND);
    }
    const rg_site_t *site = rg_clinic_site(k, s->service.site_id);
    rg_outcome_t rc = check_visit_asked(f, ctx, &s->service);
    rc = rc == RG_OK ? set_window(f, ctx, s, site) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    rc = rg_offer_make(out, ctx, k, s, f->targets, f->practitioner,
                       rg_zone_utc(site->zone, f->first, 0),
                       rg_zone_utc(site->zone, rg_date_add(f->first, f->days), 0));
    if (rc == RG_OK) {
        rg_offer_any_time(*out); /* keep_in_time adds the remaining limits */
    }
    return rc;
}

/* When moving, the booking's own time counts as free. */
static rg_outcome_t free_own_time(const rg_ctx_t *ctx, find_t *f)
{
    const rg_booking_t *b = f->moved;
    int count;
    bool staff = rg_is_staff(ctx);
    rg_outcome_t rc = RG_OK;
    if (b->service_id != f->offer->service->id) {
        rc = RG_NOT_FOUND;
    }
    if (rc == RG_OK && (b->status == RG_BOOKING_HELD || b->status == RG_BOOKING_BOOKED)) {
        const rg_span_t *own = rg_booking_spans(ctx->pool, b, &count);
        rg_offer_give_back(f->offer, own, count, b->starts_at);
        bool elsewhere = staff && !rg_offer_open_for(f->offer, own, count);
        f->own_start = elsewhere ? 0 : b->starts_at;
    }
    return rc;
}

/* The same for a visit of it: what stays was read before the window was made. */
static void give_part_back(const rg_ctx_t *ctx, find_t *f)
{
    int count;
    bool staff = rg_is_staff(ctx);
    const rg_span_t *own = rg_rest_spans(&f->rest, ctx, &count);
    bool elsewhere = staff && !rg_offer_open_for(f->offer, own, count);
    rg_rest_free(&f->rest, ctx, f->offer);
    rg_rest_keep_practitioners(&f->rest, ctx, f->offer);
    f->own_start = elsewhere ? 0 : rg_rest_visit_start(f->rest.booking, f->visit);
}

/* What is moved has as many targets as it was booked for. */
static rg_outcome_t read_moving(rg_db_t *db, const rg_ctx_t *ctx, find_t *f)
{
    rg_outcome_t rc = rg_booking_row(db, ctx, &f->moved, f->moving, false);
    rc = rc == RG_OK ? rg_booking_parts(db, ctx, f->moved) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    f->targets = rg_targets_count(f->moved->further);
    return f->visit > 0 ? rg_rest_read(&f->rest, db, ctx, f->moved) : RG_OK;
}

/* Its current time is not offered, unless a different practitioner is requested, or staff look for
 * other resources because one was closed. */
static void hide_own_start(find_t *f)
{
    if (f->own_start != 0 && f->practitioner == 0) {
        int64_t at = rg_granule_of(f->own_start) - f->offer->from;
        rg_bits_clear(&f->found, at, at + 1);
    }
}

/* --- found before ----------------------------------------------------------------------------- */

/* The question, when it is one that any caller gets the same answer to. Definitions that are old by
 * now give at worst a question that nobody has an answer to, or one that is not true anymore. */
static bool common_question(rg_shelf_ask_t *ask, find_t *f, const rg_ctx_t *ctx,
                            const rg_clinic_t *k, rg_offer_t *o)
{
    const rg_clinic_service_t *s = rg_clinic_service_by_code(k, f->service_code);
    rg_ctx_t silent = rg_silent_ctx(ctx);
    if (f->moving != 0 || f->near || !s || !rg_clinic_offers(ctx, s)) {
        return false;
    }
    *o = (rg_offer_t){.clinic = k, .service = rg_service_sized(ctx->pool, &s->service, f->targets)};
    o->site = rg_clinic_site(k, s->service.site_id);
    if (set_window(f, &silent, s, o->site) != RG_OK) {
        return false;
    }
    *ask = (rg_shelf_ask_t){s->service.id, f->practitioner, rg_date_days(f->first), f->days,
                            f->targets};
    return true;
}

static void name_practitioners(rg_offer_t *o, apr_pool_t *p, const rg_shelf_t *kept)
{
    o->practitioners = apr_palloc(p, sizeof(*o->practitioners) * RG_SHELF_PRACTITIONERS);
    for (int i = 0; i < kept->practitioner_count; i++) {
        const rg_clinic_resource_t *r = rg_clinic_resource(o->clinic, kept->practitioners[i]);
        if (r) {
            o->practitioners[o->practitioner_count++] = &r->resource;
        }
    }
}

/* One statement tells whether the cached answer is still valid. */
static rg_outcome_t find_again(rg_db_t *db, const rg_ctx_t *ctx, find_t *f)
{
    const rg_clinic_t *k;
    rg_shelf_ask_t ask;
    rg_shelf_t kept;
    rg_look_t now;
    rg_offer_t *o = apr_pcalloc(ctx->pool, sizeof(*o));
    rg_outcome_t rc = rg_clinic_kept(&k, db, ctx);
    if (rc != RG_OK || !common_question(&ask, f, ctx, k, o) || !rg_shelf_find(&kept, ctx, &ask)) {
        return rc;
    }
    rc = rg_calendar_look(db, ctx, &now);
    f->again = rc == RG_OK && !now.expired_holds && now.clinic_version == k->version &&
               now.clinic_version == kept.look.clinic_version && now.changes == kept.look.changes;
    if (f->again) {
        o->from = kept.from;
        o->n = kept.found.n;
        name_practitioners(o, ctx->pool, &kept);
        f->offer = o;
        f->found = kept.found;
        memcpy(f->closed, kept.closed, sizeof(f->closed));
    }
    return rc;
}

/* The practitioners to choose from, or the chosen one, have no hours between these granules. */
static bool nobody_works(const find_t *f, int64_t from, int64_t until)
{
    const rg_offer_t *o = f->offer;
    if (o->practitioner_count == 0) {
        return false; /* none is chosen for this service: whose hours they are is not known */
    }
    for (int i = 0; i < o->count; i++) {
        bool asked = f->practitioner == 0 || o->ids[i] == f->practitioner;
        for (int k = 0; asked && k < o->practitioner_count; k++) {
            if (o->practitioners[k]->id == o->ids[i] &&
                rg_bits_count(&o->open[i], from, until) > 0) {
                return false;
            }
        }
    }
    return true;
}

static void mark_closed(find_t *f)
{
    const rg_offer_t *o = f->offer;
    for (int d = 0; d < f->days && d < RG_SHELF_DAYS * 64; d++) {
        rg_date_t day = rg_date_add(f->first, d);
        int64_t from = rg_granule_of(rg_zone_utc(o->site->zone, day, 0)) - o->from;
        int64_t until = rg_granule_of(rg_zone_utc(o->site->zone, rg_date_add(day, 1), 0)) - o->from;
        if (nobody_works(f, from, until)) {
            f->closed[d / 64] |= UINT64_C(1) << (d % 64);
        }
    }
}

/* Only the requested days: the window of the search is wider. */
static void answer_days(find_t *f, const rg_ctx_t *ctx)
{
    rg_offer_t *o = f->offer;
    const rg_zone_t *zone = o->site->zone;
    rg_shelf_ask_t ask = {o->service->id, f->practitioner, rg_date_days(f->first), f->days,
                          f->targets};
    rg_shelf_t kept = {.look = o->look, .from = rg_granule_of(rg_zone_utc(zone, f->first, 0))};
    int64_t end = rg_granule_of(rg_zone_utc(zone, rg_date_add(f->first, f->days), 0)) + 1;
    if (f->moving != 0 || f->near || o->look.expired_holds ||
        o->practitioner_count > RG_SHELF_PRACTITIONERS) {
        return;
    }
    rg_bits_t all = rg_bits_make(ctx->pool, o->n);
    rg_bits_copy(&all, &f->found);
    rg_bits_ahead(&all, kept.from - o->from);
    kept.found = rg_bits_make(ctx->pool, (int)(end - kept.from));
    all.n = kept.found.n;
    all.words = kept.found.words;
    rg_bits_copy(&kept.found, &all);
    for (int i = 0; i < o->practitioner_count; i++) {
        kept.practitioners[kept.practitioner_count++] = o->practitioners[i]->id;
    }
    memcpy(kept.closed, f->closed, sizeof(kept.closed));
    rg_shelf_put(ctx, &ask, &kept);
}

/* --- found now -------------------------------------------------------------------------------- */

static rg_outcome_t find_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    find_t *f = baton;
    f->again = false;
    rg_outcome_t rc = find_again(db, ctx, f);
    if (rc != RG_OK || f->again) {
        return rc;
    }
    rc = f->moving != 0 ? read_moving(db, ctx, f) : RG_OK;
    rc = rc == RG_OK ? rg_offer_now(&f->offer, &f->holds_over, db, ctx, offer_of_question, f) : rc;
    if (rc == RG_OK && f->visit > 0) {
        give_part_back(ctx, f);
        return rc;
    }
    return rc == RG_OK && f->moving != 0 ? free_own_time(ctx, f) : rc;
}

static void search_starts(find_t *f, const rg_ctx_t *ctx)
{
    const rg_offer_t *o = f->offer;
    if (!f->again && !f->near) {
        mark_closed(f);
    }
    if (f->visit > 0) {
        f->found = rg_rest_starts(&f->rest, ctx, o, &o->starts, o->free);
    }
    else if (!f->again) {
        f->found = rg_search_starts(ctx->pool, &o->search);
        answer_days(f, ctx);
    }
    if (f->visit > 0 && f->rest.first > 0) {
        rg_offer_keep_notice(&f->found, o->from, o->service, ctx->now);
    }
    else {
        rg_offer_keep_in_time(&f->found, o->from, o->service, o->site->zone, ctx->now);
    }
    hide_own_start(f);
}

/* Expired holds block nobody: they are swept away first. When that cannot be done, the search
 * still is: it may hide a time then, but never offers a wrong one. */
static rg_outcome_t find(find_t *f, const rg_ctx_t *ctx)
{
    find_t ask = *f;
    ask.may_sweep = true;
    rg_outcome_t rc = rg_store_read(ctx, find_work, &ask);
    for (int i = 0; rc == RG_OK && ask.holds_over && ask.may_sweep; i++) {
        int swept = 0;
        rg_outcome_t swept_rc = rg_booking_sweep(&swept, ctx, SWEEP_AT_ONCE);
        ask = *f;
        ask.may_sweep = swept_rc == RG_OK && i < SWEEPS;
        rc = rg_store_read(ctx, find_work, &ask);
    }
    *f = ask;
    if (rc == RG_OK) {
        search_starts(f, ctx);
    }
    return rc;
}

/* --- the answer ------------------------------------------------------------------------------- */

/* Days are split where local midnights lie. */
static void split_days(rg_availability_t *a, const find_t *f, apr_pool_t *p)
{
    const rg_offer_t *o = f->offer;
    apr_time_t *all =
        apr_palloc(p, sizeof(*all) * (size_t)(rg_bits_count(&f->found, 0, f->found.n) + 1));
    int at = rg_bits_next(&f->found, 0);
    a->day_count = f->days;
    a->days = apr_pcalloc(p, sizeof(*a->days) * (size_t)f->days);
    for (int i = 0; i < f->days; i++) {
        rg_free_day_t *day = &a->days[i];
        day->date = rg_date_add(f->first, i);
        day->starts = all;
        day->closed = i < RG_SHELF_DAYS * 64 && (f->closed[i / 64] >> (i % 64) & 1) != 0;
        apr_time_t end = rg_zone_utc(o->site->zone, rg_date_add(day->date, 1), 0);
        for (; at >= 0 && rg_granule_time(o->from + at) < end;
             at = rg_bits_next(&f->found, (int64_t)at + 1)) {
            *all++ = rg_granule_time(o->from + at);
            day->count++;
        }
        if (a->next_free == 0 && day->count > 0) {
            a->next_free = day->starts[0];
        }
    }
}

rg_outcome_t rg_availability_find(rg_availability_t **out, const rg_ctx_t *ctx,
                                  const rg_find_in_t *in)
{
    return rg_availability_of_visit(out, ctx, in, 0);
}

rg_outcome_t rg_availability_of_visit(rg_availability_t **out, const rg_ctx_t *ctx,
                                      const rg_find_in_t *in, int visit)
{
    find_t f = {.service_code = in->service_code,
                .practitioner = in->practitioner_id,
                .moving = in->moving,
                .visit = in->moving != 0 ? visit : 0,
                .from = in->from,
                .days = in->days,
                .targets = in->targets > 1 ? in->targets : 1};
    if (in->moving != 0 && !rg_booking_mine(ctx, in->moving, false)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = find(&f, ctx);
    if (rc != RG_OK) {
        return rc;
    }
    rg_availability_t *a = apr_pcalloc(ctx->pool, sizeof(*a));
    const rg_offer_t *o = f.offer;
    apr_time_t earliest = rg_window_from(o->service, o->site->zone, ctx->now);
    a->service = (rg_service_t *)o->service;
    a->site = o->site;
    a->first_bookable = rg_zone_local(o->site->zone, earliest).date;
    a->last_bookable = f.last_bookable;
    a->visit_minutes = f.visit > 0 ? rg_rest_minutes(&f.rest) : rg_first_visit_minutes(o->service);
    a->practitioner_count = o->practitioner_count;
    a->practitioners = o->practitioners;
    split_days(a, &f, ctx->pool);
    *out = a;
    return RG_OK;
}

rg_outcome_t rg_availability_near(apr_time_t **starts, int *count, const rg_ctx_t *ctx,
                                  const rg_wish_t *wish, int days)
{
    find_t f = {.service_code = wish->in->service_code,
                .practitioner = wish->in->practitioner_id,
                .moving = wish->moving,
                .visit = wish->rest ? wish->rest->booking->steps[wish->rest->first].visit_no : 0,
                .from = rg_date_add(rg_zone_local(wish->zone, wish->in->start).date, -days),
                .days = 2 * days + 1,
                .targets = wish->on ? rg_targets_count(wish->on->further) : 1,
                .near = true};
    rg_outcome_t rc = find(&f, ctx);
    *count = 0;
    if (rc != RG_OK) {
        return rc;
    }
    *starts = apr_palloc(ctx->pool,
                         sizeof(**starts) * (size_t)(rg_bits_count(&f.found, 0, f.found.n) + 1));
    for (int at = rg_bits_next(&f.found, 0); at >= 0;
         at = rg_bits_next(&f.found, (int64_t)at + 1)) {
        (*starts)[(*count)++] = rg_granule_time(f.offer->from + at);
    }
    return RG_OK;
}
