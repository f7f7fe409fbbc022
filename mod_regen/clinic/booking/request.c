/* SPDX-License-Identifier: Apache-2.0 */
/* One requested time for a whole chain: whether it is allowed, the offer of that day, the
 * assignment, and the nearest other times if it is taken. */
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/schedule/local_days.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/input.h"
#include "mod_regen/clinic/schedule/part.h"
#include "mod_regen/clinic/schedule/search.h"
#include "regen/core/policy.h"
#include "mod_regen/clinic/definitions/current.h"
#include "mod_regen/clinic/schedule/lookup.h"

#include <apr_strings.h>

enum { SEATS_MOST = 65535 };

/* --- a time that is not offered at all -------------------------------------------------------- */

static rg_outcome_t refuse(const rg_ctx_t *ctx, const char *text)
{
    rg_problem_add(ctx->problems, "start", "%s", text);
    return RG_INVALID;
}

/* Whether RULE is met or may be overridden; an override is recorded. */
static bool is_rule_kept(rg_wish_t *w, const rg_start_t *start, rg_rule_t rule)
{
    unsigned broken = start->broken & (1u << rule);
    w->broken |= w->over & broken;
    return (broken & ~w->over) == 0;
}

static rg_outcome_t check_start(const rg_ctx_t *ctx, const rg_service_t *s, rg_wish_t *w)
{
    bool later = w->rest && w->rest->first > 0;
    rg_start_t start = rg_start_look(s, w->zone, w->in->start, ctx->now, later);
    w->broken = 0;
    if (start.past) {
        return refuse(ctx, "This time is in the past. Choose a later one.");
    }
    if (start.far) {
        return refuse(ctx, apr_psprintf(ctx->pool, "Times can be booked at most %d years ahead.",
                                        RG_YEARS_AHEAD));
    }
    if (!is_rule_kept(w, &start, RG_RULE_NOTICE)) {
        return refuse(ctx,
                      apr_psprintf(ctx->pool, "The earliest time that can be booked now is %s.",
                                   rg_time_people(ctx->pool, w->zone, start.from)));
    }
    if (!is_rule_kept(w, &start, RG_RULE_HORIZON)) {
        return refuse(ctx, apr_psprintf(ctx->pool, "Times can be booked until %s.",
                                        rg_date_long(ctx->pool, start.last)));
    }
    if (rg_start_never(&start) || !is_rule_kept(w, &start, RG_RULE_GRID)) {
        return refuse(ctx, "Choose one of the offered times.");
    }
    return RG_OK;
}

/* What is booked already keeps to its order if it has one; of a course that began, the later visits
 * may be after its last day. */
static rg_outcome_t check_order(const rg_ctx_t *ctx, const rg_service_t *s, const rg_wish_t *w)
{
    bool later = w->rest && w->rest->first > 0;
    bool bound = w->on || w->moving == 0;
    return bound ? rg_order_admits(ctx, s, w->zone, w->on, later ? 0 : w->in->start) : RG_OK;
}

/* --- from plan to booking --------------------------------------------------------------------- */

static apr_time_t time_in_window(const rg_offer_t *o, int64_t at)
{
    return rg_granule_time(o->from + at);
}

static void build_steps(rg_booking_t *b, const rg_ctx_t *ctx, const rg_offer_t *o,
                        const rg_plan_t *plan)
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
            .starts_at = time_in_window(o, plan->at[i]),
            .ends_at = time_in_window(o, (int64_t)plan->at[i] + o->search.steps[i].length)};
    }
    b->day = rg_offer_day(o, plan->at[0]);
    b->starts_at = b->steps[0].starts_at;
    b->ends_at = b->steps[b->step_count - 1].ends_at;
}

static void build_resources(rg_booking_t *b, const rg_ctx_t *ctx, const rg_offer_t *o,
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
            .busy_from = time_in_window(o, start - need->setup),
            .busy_until = time_in_window(o, start + step->length + need->turnover)};
    }
}

static void build_appointments(rg_booking_t *b, const rg_ctx_t *ctx)
{
    b->appointment_count = 0;
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
            *a = (rg_appointment_t){rg_uid_make(ctx), step->visit_no, step->starts_at, 0, 0, false};
        }
        a->ends_at = step->ends_at;
    }
}

static int day_limit(const rg_wish_t *w)
{
    bool crowded = (w->broken & (1u << RG_RULE_MAX_PER_DAY)) != 0;
    return crowded ? SEATS_MOST : w->offer->service->max_per_day;
}

void rg_wish_lay_out(rg_booking_t *b, const rg_ctx_t *ctx, const rg_wish_t *w,
                     const rg_plan_t *plan)
{
    build_steps(b, ctx, w->offer, plan);
    b->day_limit = day_limit(w);
    build_resources(b, ctx, w->offer, plan);
    build_appointments(b, ctx);
}

rg_booking_t *rg_wish_reshape(const rg_ctx_t *ctx, const rg_wish_t *w, const rg_plan_t *plan)
{
    rg_replan_option_t way;
    rg_rest_lay_out(&way, ctx, w->rest, w->offer, &w->search, plan);
    rg_booking_t *b = rg_rest_reshape(w->rest, ctx, &way);
    if (w->rest->first == 0) {
        b->day = rg_offer_day(w->offer, plan->at[0]);
        b->day_limit = day_limit(w);
    }
    return b;
}

/* --- the transaction -------------------------------------------------------------------------- */

/* Least booked that day first. */
static const int64_t *loads_of_wish(const rg_ctx_t *ctx, const rg_offer_t *o, apr_time_t from,
                                    apr_time_t until)
{
    int64_t *load = apr_palloc(ctx->pool, sizeof(*load) * (size_t)(o->count + 1));
    for (int i = 0; i < o->count; i++) {
        load[i] = rg_bits_count(&o->taken[i], rg_granule_of(from) - o->from,
                                rg_granule_of(until) - o->from);
    }
    return load;
}

/* The whole requested day: fairness counts the occupied time on it. */
static void day_of_wish(const rg_wish_t *w, apr_time_t *from, apr_time_t *until)
{
    rg_date_t day = rg_zone_local(w->zone, w->in->start).date;
    *from = rg_zone_utc(w->zone, day, 0);
    *until = rg_zone_utc(w->zone, rg_date_add(day, 1), 0);
}

/* A part is a part of what the service is now. */
static rg_outcome_t check_part_fits(const rg_ctx_t *ctx, const rg_service_t *s, const rg_wish_t *w)
{
    if (!w->rest) {
        return RG_OK;
    }
    if (!rg_rest_fits(w->rest, s)) {
        rg_problem_add(ctx->problems, NULL,
                       "This treatment has changed since it was booked, so its visits cannot be "
                       "rescheduled one by one.");
        return RG_PRECONDITION;
    }
    int visit = w->rest->booking->steps[w->rest->first].visit_no;
    return rg_rest_visit(w->rest, s, visit) ? RG_OK : RG_NOT_FOUND;
}

/* Existing bookings of a withdrawn service can still be moved. */
static rg_outcome_t offer_of_wish(rg_offer_t **out, const rg_ctx_t *ctx, const rg_clinic_t *k,
                                  void *baton)
{
    rg_wish_t *w = baton;
    apr_time_t from;
    apr_time_t until;
    const rg_clinic_service_t *s = rg_clinic_service_by_code(k, w->in->service_code);
    const rg_site_t *site = s ? rg_clinic_site(k, s->service.site_id) : NULL;
    if (!s || (!rg_clinic_offers(ctx, s) && w->moving == 0 &&
               !(w->for_waitlist && s->active && rg_clinic_priced(s)))) {
        return rg_clinic_missing(k, RG_NOT_FOUND);
    }
    w->zone = site->zone;
    rg_outcome_t rc = check_part_fits(ctx, &s->service, w);
    rc = rc == RG_OK ? check_order(ctx, &s->service, w) : rc;
    rc = rc == RG_OK ? check_start(ctx, &s->service, w) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    day_of_wish(w, &from, &until);
    rc = rg_offer_make(out, ctx, k, s, w->on ? rg_targets_count(w->on->further) : 1,
                       w->in->practitioner_id, from, until);
    if (rc == RG_OK && w->rest) {
        rg_rest_prepare(w->rest, *out, ctx->now);
    }
    if (rc == RG_OK && w->over != 0) {
        rg_offer_waive(*out, ctx->pool, rg_granule_of(w->in->start) - (*out)->from, w->opened);
    }
    return rc;
}

static rg_outcome_t read_offer(rg_db_t *db, const rg_ctx_t *ctx, rg_wish_t *w)
{
    bool expired;
    rg_outcome_t rc = rg_offer_now(&w->offer, &expired, db, ctx, offer_of_wish, w);
    if (rc == RG_OK && expired && !w->for_waitlist && !w->swept) {
        w->expired = true; /* what they still take is for waitlist entries first: see suggest.c */
        return RG_CONFLICT;
    }
    if (rc == RG_OK && expired) {
        rc = rg_booking_expire_all(db, ctx);
        rc = rc == RG_OK ? rg_offer_now(&w->offer, &expired, db, ctx, offer_of_wish, w) : rc;
    }
    if (rc == RG_OK && w->rest) {
        rg_rest_free(w->rest, ctx, w->offer);
    }
    else if (rc == RG_OK) {
        rg_offer_give_back(w->offer, w->own, w->own_count, w->own_start);
    }
    return rc;
}

/* No visit moves unnecessarily: first the requested one alone, then together with later ones. */
static bool plan_least(rg_plan_t *plan, const rg_ctx_t *ctx, rg_wish_t *w, int64_t at,
                       const int64_t *load)
{
    bool found = false;
    for (bool more = true; !found && more;) {
        w->search = rg_rest_search(w->rest, ctx, w->offer, &w->offer->starts);
        found = rg_plan_make(plan, ctx->pool, &w->search, (int)at, load);
        more = !found && rg_rest_widen(w->rest, w->offer->service);
    }
    return found;
}

static bool make_plan(rg_plan_t *plan, const rg_ctx_t *ctx, rg_wish_t *w, int64_t at)
{
    apr_time_t from;
    apr_time_t until;
    day_of_wish(w, &from, &until);
    const int64_t *load = loads_of_wish(ctx, w->offer, from, until);
    return w->rest ? plan_least(plan, ctx, w, at, load)
                   : rg_plan_make(plan, ctx->pool, &w->offer->search, (int)at, load);
}

/* Whether the clinic would have it if nobody had booked anything. */
static bool possible(const rg_ctx_t *ctx, const rg_wish_t *w, int64_t at)
{
    const rg_offer_t *o = w->offer;
    if (!w->rest) {
        return rg_offer_possible(o, ctx->pool, at);
    }
    rg_rest_t part = *w->rest;
    (void)rg_rest_visit(&part, o->service, part.booking->steps[part.first].visit_no);
    rg_bits_t found = rg_rest_starts(&part, ctx, o, &o->wanted, o->open);
    return rg_bits_get(&found, at);
}

static const char *day_words(const rg_ctx_t *ctx, const rg_wish_t *w, apr_time_t t)
{
    return rg_date_long(ctx->pool, rg_zone_local(w->zone, t).date);
}

/* Nobody guesses how far visits may lie apart. */
static rg_outcome_t refuse_part(const rg_ctx_t *ctx, const rg_wish_t *w)
{
    apr_time_t from;
    apr_time_t until;
    rg_rest_between(w->rest, w->offer->service, w->zone, &from, &until);
    if (w->in->start >= from && w->in->start <= until) {
        return refuse(ctx, "The clinic cannot do this at that time.");
    }
    bool days = w->offer->service->steps[w->rest->first].gap_days_max > 0;
    return refuse(ctx, days ? apr_psprintf(ctx->pool, "This visit can be from %s to %s.",
                                           day_words(ctx, w, from), day_words(ctx, w, until))
                            : apr_psprintf(ctx->pool, "This visit can begin between %s and %s.",
                                           rg_time_people(ctx->pool, w->zone, from),
                                           rg_time_people(ctx->pool, w->zone, until)));
}

/* A full day is full only for those who may not override that rule. */
static void open_full_day(rg_wish_t *w, int64_t at)
{
    bool begins = !w->rest || w->rest->first == 0;
    if (begins && (w->over & (1u << RG_RULE_MAX_PER_DAY)) != 0 && rg_offer_full(w->offer, at)) {
        rg_bits_set(&w->offer->starts, at, at + 1);
        w->broken |= 1u << RG_RULE_MAX_PER_DAY;
    }
}

/* First with the hours, and without them only if they are the obstacle. */
static rg_outcome_t plan_somehow(rg_plan_t *plan, rg_db_t *db, const rg_ctx_t *ctx, rg_wish_t *w)
{
    rg_outcome_t rc = read_offer(db, ctx, w);
    if (rc != RG_OK) {
        return rc;
    }
    int64_t at = rg_granule_of(w->in->start) - w->offer->from;
    open_full_day(w, at);
    if (make_plan(plan, ctx, w, at)) {
        return RG_OK;
    }
    if ((w->over & (1u << RG_RULE_OPENING)) != 0 && !w->opened) {
        w->opened = true;
        rc = plan_somehow(plan, db, ctx, w);
        w->broken |= 1u << RG_RULE_OPENING;
        return rc;
    }
    w->full = possible(ctx, w, at);
    if (w->full) {
        return RG_CONFLICT;
    }
    return w->rest && w->rest->first > 0 ? refuse_part(ctx, w)
                                         : refuse(ctx, "The clinic cannot do this at that time.");
}

rg_outcome_t rg_wish_plan(rg_plan_t *plan, rg_db_t *db, const rg_ctx_t *ctx, rg_wish_t *w)
{
    w->beaten = false;
    w->full = false;
    w->expired = false;
    w->opened = false;
    return plan_somehow(plan, db, ctx, w);
}

/* --- a hold, not yet in the database --------------------------------------------------------- */

static const char *source_of(const rg_ctx_t *ctx)
{
    bool machine = rg_is_machine(ctx);
    return rg_source_name(rg_is_staff(ctx) ? RG_SOURCE_STAFF
                          : machine        ? RG_SOURCE_MACHINE
                                           : RG_SOURCE_PATIENT);
}

rg_booking_t *rg_booking_build(const rg_ctx_t *ctx, const rg_wish_t *w, const rg_plan_t *plan)
{
    rg_booking_t *b = apr_pcalloc(ctx->pool, sizeof(*b));
    const rg_service_t *s = w->offer->service;
    b->uid = rg_uid_make(ctx);
    b->service_id = s->id;
    b->site_id = s->site_id;
    b->service_code = s->code;
    b->service_name = s->name;
    b->status = RG_BOOKING_HELD;
    b->version = 1;
    b->hold_expires_at = apr_time_from_sec(apr_time_sec(ctx->now + ctx->policy->hold_time));
    b->self_pay = -1;
    b->body_site = w->on ? w->on->body_site : "";
    b->side = w->on ? w->on->side : RG_SIDE_NONE;
    b->order_id = w->on ? w->on->id : 0;
    b->patient_id = w->on ? w->on->patient.id : 0;
    b->price = s->price;
    b->created_at = apr_time_from_sec(apr_time_sec(ctx->now));
    b->patient_family = "";
    b->patient_given = "";
    b->source = source_of(ctx);
    b->made_by = rg_booking_by(ctx).id;
    rg_wish_lay_out(b, ctx, w, plan);
    return b;
}
