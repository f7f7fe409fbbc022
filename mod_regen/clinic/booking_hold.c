/* SPDX-License-Identifier: Apache-2.0 */
/* Holding a chain: planned and taken in one transaction. The key of occupancy decides between two
 * who want the same; whoever comes second plans again with what is left, and in the end hears which
 * other times are near. */
#include "mod_regen/clinic/booking.h"
#include "mod_regen/clinic/layout.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

enum { TRIES = 16, NEAREST = 6, NEAR_DAYS = 14 };

typedef struct {
    const rg_hold_in_t *in;
    rg_booking_t *booking;
    const rg_zone_t *zone;
    bool beaten; /* somebody took it between our look and our insert */
    bool full;   /* nothing is left at that time */
} hold_t;

/* --- a time that is not offered at all ---------------------------------------------------------------- */

static rg_outcome_t refuse(rg_ctx_t *ctx, const char *text)
{
    rg_problem_add(ctx->problems, "start", "%s", text);
    return RG_INVALID;
}

static bool on_grid(const rg_service_t *s, const rg_zone_t *zone, apr_time_t start)
{
    return start % apr_time_from_sec(RG_GRANULE_SEC) == 0 &&
           rg_zone_local(zone, start).minute % s->start_grid == 0;
}

static rg_outcome_t check_start(rg_ctx_t *ctx, const rg_service_t *s, const rg_zone_t *zone,
                                apr_time_t start)
{
    rg_date_t last = rg_offer_last_day(s, zone, ctx->now);
    apr_time_t earliest = rg_offer_earliest(s, ctx->now);
    if (start <= ctx->now) {
        return refuse(ctx, "this time is over; choose a later one");
    }
    if (start < earliest) {
        return refuse(ctx, apr_psprintf(ctx->pool, "the earliest time that can be booked now is %s",
                                        rg_time_people(ctx->pool, zone, earliest)));
    }
    if (rg_date_compare(rg_zone_local(zone, start).date, last) > 0) {
        return refuse(ctx, apr_psprintf(ctx->pool, "times can be booked until %s",
                                        rg_date_long(ctx->pool, last)));
    }
    return on_grid(s, zone, start) ? RG_OK
                                   : refuse(ctx, "choose one of the times that are offered");
}

/* Whether the clinic would be open for it if nobody had booked anything. */
static bool ever_possible(rg_ctx_t *ctx, rg_offer_t *o, int64_t at)
{
    rg_search_t empty = o->search;
    empty.free = o->open;
    rg_bits_t found = rg_search_starts(ctx->pool, &empty);
    return rg_bits_get(&found, at);
}

/* --- from plan to booking --------------------------------------------------------------------------------- */

static apr_time_t time_at(const rg_offer_t *o, int64_t at)
{
    return rg_granule_time(o->from + at);
}

static void build_steps(rg_booking_t *b, rg_ctx_t *ctx, const rg_offer_t *o, const rg_plan_t *plan)
{
    b->step_count = o->service->step_count;
    b->steps = apr_palloc(ctx->pool, sizeof(*b->steps) * (size_t)b->step_count);
    for (int i = 0; i < b->step_count; i++) {
        const rg_step_t *step = &o->service->steps[i];
        b->steps[i] = (rg_booking_step_t){
            .step_no = step->step_no,
            .kind = step->kind,
            .name = step->name,
            .visit_no = step->visit_no,
            .starts_at = time_at(o, plan->at[i]),
            .ends_at = time_at(o, (int64_t)plan->at[i] + o->search.steps[i].length)};
    }
    b->starts_at = b->steps[0].starts_at;
    b->ends_at = b->steps[b->step_count - 1].ends_at;
}

static void build_resources(rg_booking_t *b, rg_ctx_t *ctx, const rg_offer_t *o,
                            const rg_plan_t *plan)
{
    b->resource_count = plan->pick_count;
    b->resources = apr_palloc(ctx->pool, sizeof(*b->resources) * (size_t)(plan->pick_count + 1));
    for (int i = 0; i < plan->pick_count; i++) {
        const rg_pick_t *pick = &plan->picks[i];
        const rg_search_step_t *step = &o->search.steps[pick->step];
        const rg_search_need_t *need = &step->needs[pick->need];
        const rg_step_t *defined = &o->service->steps[pick->step];
        const rg_resource_t *r = &o->candidates[pick->resource]->resource;
        int64_t start = plan->at[pick->step];
        b->resources[i] = (rg_booking_resource_t){
            .step_no = defined->step_no,
            .need_no = defined->needs[pick->need].need_no,
            .resource_id = r->id,
            .resource_name = r->name,
            .resource_kind = r->kind,
            .busy_from = time_at(o, start - need->setup),
            .busy_until = time_at(o, start + step->length + need->turnover)};
    }
}

static void build_appointments(rg_booking_t *b, rg_ctx_t *ctx)
{
    b->appointments = apr_palloc(ctx->pool, sizeof(*b->appointments) * (size_t)b->step_count);
    for (int i = 0; i < b->step_count; i++) {
        const rg_booking_step_t *step = &b->steps[i];
        int k = 0;
        while (k < b->appointment_count && b->appointments[k].visit_no != step->visit_no) {
            k++;
        }
        rg_appointment_t *a = &b->appointments[k];
        if (k == b->appointment_count) {
            b->appointment_count++;
            *a = (rg_appointment_t){rg_uid_make(ctx), step->visit_no, step->starts_at, 0, 0};
        }
        a->ends_at = step->ends_at;
    }
}

static rg_booking_t *build(rg_ctx_t *ctx, const rg_offer_t *o, const rg_plan_t *plan)
{
    rg_booking_t *b = apr_pcalloc(ctx->pool, sizeof(*b));
    const rg_service_t *s = o->service;
    b->uid = rg_uid_make(ctx);
    b->service_id = s->id;
    b->site_id = s->site_id;
    b->service_code = s->code;
    b->service_name = s->name;
    b->status = RG_BOOKING_HELD;
    b->version = 1;
    b->hold_expires_at = apr_time_from_sec(apr_time_sec(ctx->now + ctx->policy->hold_time));
    b->self_pay = -1;
    b->body_site = "";
    b->price = s->price;
    b->created_at = apr_time_from_sec(apr_time_sec(ctx->now));
    b->patient_family = "";
    b->patient_given = "";
    build_steps(b, ctx, o, plan);
    build_resources(b, ctx, o, plan);
    build_appointments(b, ctx);
    return b;
}

static rg_outcome_t take(rg_db_t *db, rg_ctx_t *ctx, hold_t *h)
{
    rg_booking_t *b = h->booking;
    rg_span_t *spans = apr_palloc(ctx->pool, sizeof(*spans) * (size_t)(b->resource_count + 1));
    for (int i = 0; i < b->resource_count; i++) {
        spans[i] =
            (rg_span_t){b->resources[i].resource_id, rg_granule_of(b->resources[i].busy_from),
                        rg_granule_of(b->resources[i].busy_until)};
    }
    rg_outcome_t rc =
        rg_booking_insert(db, ctx, b, spans, rg_spans_merge(spans, b->resource_count));
    h->beaten = rc == RG_CONFLICT;
    if (rc == RG_OK) {
        rc = rg_booking_audit(db, ctx, "booking.hold", b->id,
                              apr_pstrcat(ctx->pool, "service:", b->service_code, NULL));
    }
    if (rc == RG_OK && ctx->idem) {
        ctx->idem->result = b->uid;
    }
    return rc;
}

/* --- the transaction ------------------------------------------------------------------------------------------ */

/* Least booked that day first. */
static const int64_t *loads(rg_ctx_t *ctx, const rg_offer_t *o, apr_time_t from, apr_time_t until)
{
    int64_t *load = apr_palloc(ctx->pool, sizeof(*load) * (size_t)(o->count + 1));
    for (int i = 0; i < o->count; i++) {
        load[i] = rg_bits_count(&o->taken[i], rg_granule_of(from) - o->from,
                                rg_granule_of(until) - o->from);
    }
    return load;
}

/* The wished day, whole: fairness counts what is taken on it. */
static void day_of(const hold_t *h, apr_time_t *from, apr_time_t *until)
{
    rg_date_t day = rg_zone_local(h->zone, h->in->start).date;
    *from = rg_zone_utc(h->zone, day, 0);
    *until = rg_zone_utc(h->zone, rg_date_add(day, 1), 0);
}

static rg_outcome_t make_offer(rg_offer_t **out, rg_ctx_t *ctx, const rg_clinic_t *k, void *baton)
{
    hold_t *h = baton;
    apr_time_t from;
    apr_time_t until;
    const rg_clinic_service_t *s = rg_clinic_service_by_code(k, h->in->service_code);
    const rg_site_t *site = s ? rg_clinic_site(k, s->service.site_id) : NULL;
    if (!s || !s->active) {
        return RG_NOT_FOUND;
    }
    if (!site || !site->zone) {
        return RG_PRECONDITION;
    }
    h->zone = site->zone;
    rg_outcome_t rc = check_start(ctx, &s->service, h->zone, h->in->start);
    if (rc != RG_OK) {
        return rc;
    }
    day_of(h, &from, &until);
    return rg_offer_make(out, ctx, k, s, h->in->practitioner_id, from, until);
}

static rg_outcome_t plan_and_take(rg_db_t *db, rg_ctx_t *ctx, hold_t *h, rg_offer_t *o)
{
    rg_plan_t plan;
    apr_time_t from;
    apr_time_t until;
    int64_t at = rg_granule_of(h->in->start) - o->from;
    day_of(h, &from, &until);
    if (!rg_plan_make(&plan, ctx->pool, &o->search, (int)at, loads(ctx, o, from, until))) {
        h->full = ever_possible(ctx, o, at);
        return h->full ? RG_CONFLICT : refuse(ctx, "the clinic cannot do this at that time");
    }
    h->booking = build(ctx, o, &plan);
    return take(db, ctx, h);
}

static rg_outcome_t hold_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    hold_t *h = baton;
    rg_offer_t *o;
    bool expired;
    h->beaten = false;
    h->full = false;
    rg_outcome_t rc = rg_offer_now(&o, &expired, db, ctx, make_offer, h);
    if (rc == RG_OK && expired) {
        rc = rg_booking_expire_all(db, ctx);
        if (rc == RG_OK) {
            rc = rg_offer_now(&o, &expired, db, ctx, make_offer, h);
        }
    }
    return rc == RG_OK ? plan_and_take(db, ctx, h, o) : rc;
}

/* --- other times -------------------------------------------------------------------------------------------------- */

static apr_time_t distance(apr_time_t a, apr_time_t b)
{
    return a > b ? a - b : b - a;
}

/* Of ascending times the nearest lie side by side: the best window of six. */
static void suggest(rg_hold_t *out, rg_ctx_t *ctx, const hold_t *h)
{
    apr_time_t *all;
    int count = 0;
    rg_problems_t *problems = ctx->problems;
    ctx->problems = NULL; /* the person asked for one time, not for these */
    rg_outcome_t rc = rg_availability_near(&all, &count, ctx, h->in, h->zone, NEAR_DAYS);
    ctx->problems = problems;
    if (rc != RG_OK) {
        return;
    }
    int kept = 0;
    for (int i = 0; i < count; i++) {
        if (all[i] != h->in->start) {
            all[kept++] = all[i];
        }
    }
    int from = 0;
    int until = kept;
    while (until - from > NEAREST) {
        if (distance(all[from], h->in->start) > distance(all[until - 1], h->in->start)) {
            from++;
        }
        else {
            until--;
        }
    }
    out->nearest = &all[from];
    out->nearest_count = until - from;
}

/* --- the use-case --------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *uid;
    rg_booking_t *booking;
} again_t;

static rg_outcome_t again_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    again_t *a = baton;
    rg_outcome_t rc = rg_booking_row_by_uid(db, ctx, &a->booking, a->uid);
    return rc == RG_OK ? rg_booking_parts(db, ctx, a->booking) : rc;
}

static rg_outcome_t answer_again(rg_hold_t *out, rg_ctx_t *ctx)
{
    again_t a = {ctx->idem->result, NULL};
    rg_outcome_t rc = rg_store_read(ctx, again_work, &a);
    out->booking = a.booking;
    return rc;
}

rg_outcome_t rg_booking_hold(rg_hold_t *out, rg_ctx_t *ctx, const rg_hold_in_t *in)
{
    hold_t h = {.in = in};
    rg_outcome_t rc = rg_store_transact(ctx, hold_work, &h);
    for (int i = 1; rc == RG_CONFLICT && h.beaten && i < TRIES; i++) {
        rc = rg_store_transact(ctx, hold_work, &h);
    }
    *out = (rg_hold_t){0};
    if (rc == RG_OK && ctx->idem && ctx->idem->replayed) {
        return answer_again(out, ctx);
    }
    if (rc == RG_OK) {
        out->booking = h.booking;
    }
    if (rc == RG_CONFLICT && (h.full || h.beaten)) {
        suggest(out, ctx, &h);
    }
    return rc;
}
