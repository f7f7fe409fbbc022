/* SPDX-License-Identifier: Apache-2.0 */
/* Offers free time to waitlist entries: in order of joining, each the first matching time, as a
 * held booking that nobody else can take; an entry that let a time pass is offered it again only
 * after all others. Runs inside the transaction that freed the time, and in the sweep. If two run
 * at once, on one node or on two, the keys of occupancy and waitlist_offer let one succeed; the
 * other continues with the remaining time. */
#include "mod_regen/clinic/schedule/local_days.h"
#include "mod_regen/clinic/waitlist/waitlist.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/model/service.h"
#include "regen/model/waitlist.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/definitions.h"
#include "regen/store/followup.h"
#include "regen/store/order.h"
#include "regen/store/store.h"
#include "regen/store/waitlist.h"
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/input.h"
#include "mod_regen/clinic/schedule/search.h"
#include "mod_regen/clinic/definitions/current.h"
#include "mod_regen/clinic/schedule/lookup.h"
#include "mod_regen/clinic/schedule/part.h"

#include <stdlib.h>

#include <apr_strings.h>

enum { WAITERS = 200, STARTS_TRIED = 4, SEARCHES = 64 };

/* One free start as the wishes see it. */
typedef struct {
    apr_time_t start;
    rg_date_t date;
    unsigned bit;
} chance_t;

/* The free starts of one service for so many targets with one practitioner; computed when first
 * needed, and again after an offer took some of them. */
typedef struct {
    int64_t service_id, practitioner_id;
    int targets;
    bool fresh;
    const rg_freed_t *freed;
    apr_time_t horizon; /* nobody waits beyond */
    rg_offer_t *offer;
    int count;
    chance_t *chances;
} search_t;

typedef struct {
    rg_db_t *db;
    const rg_ctx_t *ctx; /* the system's own */
    const rg_freed_t *freed;
    rg_waiter_t *waiters;
    int waiter_count;
    int search_count;
    search_t searches[SEARCHES];
    int limit, offered;
    bool put_back;    /* somebody fits what they let pass before: others come first */
    bool second_turn; /* nobody else wanted it */
} fill_t;

/* --- what is free ----------------------------------------------------------------------------- */

/* How long before freed time a chain may begin that uses some of it. */
static apr_time_t reach_before(const rg_service_t *s, int targets)
{
    int64_t reach = 0;
    for (int i = 0; i < s->step_count; i++) {
        const rg_step_t *step = &s->steps[i];
        int64_t days =
            step->gap_days_max > 0 ? (int64_t)(step->gap_days_max + 1) * RG_DAY_MINUTES : 0;
        reach += rg_step_minutes(step, targets) + (i > 0 ? (days > 0 ? days : step->gap_max) : 0);
    }
    return reach * RG_MINUTE + RG_DAY / 4;
}

static rg_outcome_t offer_to_serve(rg_offer_t **out, const rg_ctx_t *ctx, const rg_clinic_t *k,
                                   void *baton)
{
    search_t *s = baton;
    const rg_clinic_service_t *service = rg_clinic_service(k, s->service_id);
    apr_time_t from = ctx->now;
    apr_time_t until = s->horizon;
    if (!service || !service->active || !rg_clinic_priced(service)) {
        return RG_NOT_FOUND;
    }
    if (s->freed->until != 0) {
        apr_time_t first = s->freed->from - reach_before(&service->service, s->targets);
        from = first > from ? first : from;
        until = s->freed->until + RG_DAY / 4;
    }
    if (until <= from) {
        return RG_NOT_FOUND;
    }
    return rg_offer_make(out, ctx, k, service, s->targets, s->practitioner_id, from, until);
}

static void note_chances(search_t *s, const rg_ctx_t *ctx)
{
    rg_bits_t found = rg_search_starts(ctx->pool, &s->offer->search);
    const rg_zone_t *zone = s->offer->site->zone;
    s->count = 0;
    s->chances = apr_palloc(ctx->pool,
                            sizeof(*s->chances) * (size_t)(rg_bits_count(&found, 0, found.n) + 1));
    for (int at = rg_bits_next(&found, 0); at >= 0; at = rg_bits_next(&found, (int64_t)at + 1)) {
        chance_t *c = &s->chances[s->count++];
        c->start = rg_granule_time(s->offer->from + at);
        rg_local_t local = rg_zone_local(zone, c->start);
        c->date = local.date;
        c->bit =
            1u << (RG_DAY_PARTS * (rg_date_weekday(local.date) - 1) + rg_day_part(local.minute));
    }
}

static rg_outcome_t search_now(search_t *s, fill_t *f)
{
    bool expired;
    rg_outcome_t rc = rg_offer_now(&s->offer, &expired, f->db, f->ctx, offer_to_serve, s);
    s->fresh = true;
    s->count = 0;
    if (rc == RG_OK) {
        note_chances(s, f->ctx);
    }
    return rc == RG_UNAVAILABLE ? rc : RG_OK; /* what cannot be offered offers nothing */
}

/* If there are too many different searches, the oldest one is dropped; it is repeated when needed
 * again, so that every entry is served. */
static search_t *search_of(fill_t *f, const rg_waiter_t *w)
{
    int kept = f->search_count < SEARCHES ? f->search_count : SEARCHES;
    for (int i = 0; i < kept; i++) {
        search_t *s = &f->searches[i];
        if (s->service_id == w->service_id && s->practitioner_id == w->practitioner_id &&
            s->targets == w->targets) {
            return s;
        }
    }
    search_t *s = &f->searches[f->search_count++ % SEARCHES];
    *s = (search_t){.service_id = w->service_id,
                    .practitioner_id = w->practitioner_id,
                    .targets = w->targets,
                    .freed = f->freed};
    for (int i = 0; i < f->waiter_count; i++) {
        apr_time_t end = (rg_date_days(f->waiters[i].last_day) + 2) * RG_DAY;
        s->horizon = end > s->horizon ? end : s->horizon;
    }
    return s;
}

/* --- an offer --------------------------------------------------------------------------------- */

typedef struct {
    const rg_waiter_t *waiter;
    rg_hold_in_t in;
} offer_t;

static rg_outcome_t send_offer(rg_db_t *db, const rg_ctx_t *ctx, const rg_waiter_t *w,
                               const rg_booking_t *b)
{
    rg_message_fact_t fact = {.kind = RG_MESSAGE_WAITLIST_OFFER, .about_id = b->id};
    rg_outcome_t rc = rg_message_add(db, ctx, &fact);
    return rc == RG_OK ? rg_audit_add(db, ctx, "waitlist.offer", "waitlist", w->id,
                                      apr_psprintf(ctx->pool, "booking:%" APR_INT64_T_FMT, b->id))
                       : rc;
}

/* An offer never lasts beyond the start of its time. */
static apr_time_t kept_until(const rg_ctx_t *ctx, apr_time_t start)
{
    apr_time_t until = ctx->now + ctx->policy->offer_time;
    return apr_time_from_sec(apr_time_sec(until < start ? until : start));
}

static rg_outcome_t offer_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const offer_t *o = baton;
    rg_wish_t wish = {.in = &o->in, .for_waitlist = true};
    rg_order_t *on = NULL;
    rg_plan_t plan;
    int count;
    rg_outcome_t rc =
        o->waiter->order_id > 0 ? rg_order_by_id(db, ctx, &on, o->waiter->order_id) : RG_OK;
    wish.on = on;
    rc = rc == RG_OK ? rg_wish_plan(&plan, db, ctx, &wish) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    rg_booking_t *b = rg_booking_build(ctx, &wish, &plan);
    b->source = rg_source_name(RG_SOURCE_WAITLIST);
    b->made_by = o->waiter->id;
    b->hold_expires_at = kept_until(ctx, b->starts_at);
    rg_span_t *spans = rg_booking_spans(ctx->pool, b, &count);
    rc = rg_booking_insert(db, ctx, b, spans, count);
    if (rc == RG_OK) {
        rc = rg_waiter_offer(db, ctx, o->waiter->id, b);
    }
    return rc == RG_OK ? send_offer(db, ctx, o->waiter, b) : rc;
}

static bool offered_before(const apr_time_t *offered, int count, apr_time_t start)
{
    for (int i = 0; i < count; i++) {
        if (offered[i] == start) {
            return true;
        }
    }
    return false;
}

/* A quarter of an hour later in the same gap, or another time of the one seat of a day, is what was
 * let pass. */
static bool let_pass(const search_t *s, const apr_time_t *offered, int count, const chance_t *c)
{
    const rg_service_t *service = s->offer->service;
    apr_time_t length = rg_first_visit_minutes(service) * RG_MINUTE;
    for (int i = 0; i < count; i++) {
        rg_date_t day = rg_zone_local(s->offer->site->zone, offered[i]).date;
        apr_time_t apart = offered[i] < c->start ? c->start - offered[i] : offered[i] - c->start;
        if (apart < length || (service->max_per_day > 0 && rg_date_compare(day, c->date) == 0)) {
            return true;
        }
    }
    return false;
}

static bool fits(const rg_waiter_t *w, const chance_t *c)
{
    return (w->times & c->bit) != 0 && rg_date_compare(c->date, w->first_day) >= 0 &&
           rg_date_compare(c->date, w->last_day) <= 0 &&
           (w->order_id == 0 || c->start < w->order_until);
}

/* Others may be quicker: the next time that fits is tried, but not for ever. */
static rg_outcome_t offer_first(fill_t *f, search_t *s, const rg_waiter_t *w)
{
    apr_time_t *before;
    int count;
    int tried = 0;
    rg_outcome_t rc = rg_waiter_offered(f->db, f->ctx, &before, &count, w->id);
    for (int i = 0; rc == RG_OK && i < s->count && tried < STARTS_TRIED; i++) {
        const chance_t *c = &s->chances[i];
        if (!fits(w, c) || offered_before(before, count, c->start)) {
            continue;
        }
        if (!f->second_turn && let_pass(s, before, count, c)) {
            f->put_back = true;
            continue;
        }
        offer_t o = {w, {s->offer->service->code, c->start, w->practitioner_id}};
        rc = rg_store_attempt(f->db, f->ctx, offer_work, &o);
        if (rc == RG_OK) {
            f->offered++;
            return RG_OK;
        }
        tried++;
        rc = rc == RG_UNAVAILABLE ? rc : RG_OK;
    }
    return rc;
}

/* --- everybody in turn ------------------------------------------------------------------------ */

static void look_again(fill_t *f)
{
    for (int i = 0; i < SEARCHES; i++) {
        f->searches[i].fresh = false;
    }
}

static rg_outcome_t serve_one(fill_t *f, const rg_waiter_t *w)
{
    search_t *s = search_of(f, w);
    int before = f->offered;
    rg_outcome_t rc = RG_OK;
    if (!s->fresh) {
        rc = search_now(s, f);
    }
    if (rc == RG_OK && s->count > 0) {
        rc = offer_first(f, s, w);
    }
    if (f->offered > before) {
        look_again(f);
    }
    return rc;
}

static rg_outcome_t serve_all(fill_t *f)
{
    rg_waiter_t *last = NULL;
    rg_outcome_t rc;
    do {
        rc = rg_waiters_waiting(f->db, f->ctx, &f->waiters, &f->waiter_count, last, WAITERS);
        f->search_count = 0; /* horizons are those of these waiters */
        for (int i = 0; rc == RG_OK && i < f->waiter_count && f->offered < f->limit; i++) {
            last = &f->waiters[i];
            rc = serve_one(f, last);
        }
    } while (rc == RG_OK && f->waiter_count == WAITERS && f->offered < f->limit);
    return rc;
}

static rg_outcome_t serve_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    fill_t *f = baton;
    f->db = db;
    f->ctx = ctx;
    f->offered = 0;
    rg_outcome_t rc = serve_all(f);
    if (rc == RG_OK && f->put_back) {
        f->second_turn = true;
        rc = serve_all(f);
    }
    return rc;
}

rg_outcome_t rg_waitlist_serve(rg_db_t *db, const rg_ctx_t *ctx, const rg_freed_t *freed, int limit,
                               int *offered)
{
    static const rg_freed_t all;
    rg_ctx_t own = rg_system_ctx(ctx);
    bool any = false;
    own.problems = NULL;
    own.client_ip = NULL;
    if (ctx->policy->offer_time <= 0) {
        return RG_OK; /* a tool without a configured offer time */
    }
    rg_outcome_t rc = rg_waiters_any(db, &own, &any);
    if (rc == RG_OK && any) {
        fill_t *f = apr_pcalloc(ctx->pool, sizeof(*f));
        f->freed = freed ? freed : &all;
        f->limit = limit;
        rc = serve_work(db, &own, f);
        (void)rg_freed_take(db); /* holds that expired in the meantime: these searches saw it */
        if (offered) {
            *offered = f->offered;
        }
    }
    if (rc != RG_OK && rc != RG_UNAVAILABLE) {
        rg_log(ctx, RG_LOG_ERR, RGNO(02200) "The waitlist was not served: %s.",
               rg_outcome_name(rc));
        rc = RG_OK;
    }
    return rc;
}
