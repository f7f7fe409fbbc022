/* SPDX-License-Identifier: Apache-2.0 */
/* A part of a chain as a separate chain: limited by the gaps to the steps that stay before and
 * after it and by the unit's time, and bound to the resources of those steps. Completed steps count
 * with their real times, not as planned. */
#include "mod_regen/clinic/schedule/part.h"

#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "mod_regen/clinic/schedule/local_days.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/input.h"
#include "mod_regen/clinic/schedule/search.h"
#include "mod_regen/clinic/schedule/lookup.h"

#include <string.h>

#include <apr_strings.h>

/* --- what was done ---------------------------------------------------------------------------- */

/* Not every service has a check-in step; arrival begins the first visit. */
static int last_begun(const rg_booking_t *b, unsigned done)
{
    bool came = b->status == RG_BOOKING_ARRIVED || b->status == RG_BOOKING_IN_PROGRESS;
    int last = came && b->step_count > 0 ? b->steps[0].visit_no : 0;
    for (int e = RG_EVENT_CHECK_IN; e < RG_EVENT_COMPLETE; e++) {
        int i = 0;
        const char *word = rg_event_name((rg_event_t)e);
        while (i < b->step_count && strcmp(rg_step_kind_name(b->steps[i].kind), word) != 0) {
            i++;
        }
        bool is_done = ((done >> e) & 1u) != 0 && i < b->step_count;
        last = is_done && b->steps[i].visit_no > last ? b->steps[i].visit_no : last;
    }
    return last;
}

rg_rest_t rg_rest_of(const rg_booking_t *b, unsigned done, const rg_unit_t *unit)
{
    return (rg_rest_t){.booking = b, .unit = unit, .begun = last_begun(b, done)};
}

rg_outcome_t rg_rest_read(rg_rest_t *out, rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b)
{
    rg_care_t care = {0};
    rg_unit_t *unit = NULL;
    rg_outcome_t rc = rg_care_get(db, ctx, &care, b->id);
    rc = rc == RG_OK ? rg_unit_of_booking(db, ctx, &unit, b->id) : rc;
    *out = rg_rest_of(b, care.done, unit);
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

apr_time_t rg_rest_visit_start(const rg_booking_t *b, int visit_no)
{
    for (int i = 0; i < b->step_count; i++) {
        if (b->steps[i].visit_no == visit_no) {
            return b->steps[i].starts_at;
        }
    }
    return 0;
}

/* --- which part ------------------------------------------------------------------------------- */

bool rg_rest_fits(const rg_rest_t *r, const rg_service_t *s)
{
    const rg_booking_t *b = r->booking;
    bool same = b->step_count == s->step_count;
    for (int i = 0; same && i < s->step_count; i++) {
        same = b->steps[i].step_no == s->steps[i].step_no && b->steps[i].kind == s->steps[i].kind &&
               b->steps[i].visit_no == s->steps[i].visit_no;
    }
    return same;
}

/* Visits that were cancelled are no part of anything, and nothing is held to them. */
static bool is_off(const rg_booking_t *b, int visit_no)
{
    for (int i = 0; i < b->appointment_count; i++) {
        if (b->appointments[i].visit_no == visit_no) {
            return b->appointments[i].off;
        }
    }
    return false;
}

bool rg_rest_visit(rg_rest_t *r, const rg_service_t *s, int visit_no)
{
    r->first = 0;
    while (r->first < s->step_count && s->steps[r->first].visit_no != visit_no) {
        r->first++;
    }
    r->count = 0;
    return rg_rest_widen(r, s);
}

bool rg_rest_widen(rg_rest_t *r, const rg_service_t *s)
{
    int end = r->first + r->count;
    if (end >= s->step_count) {
        return false;
    }
    int visit = s->steps[end].visit_no;
    if (is_off(r->booking, visit)) {
        return false;
    }
    while (end < s->step_count && s->steps[end].visit_no == visit) {
        end++;
    }
    r->count = end - r->first;
    return true;
}

int rg_rest_minutes(const rg_rest_t *r)
{
    const rg_booking_step_t *steps = r->booking->steps;
    int last = r->first;
    while (last + 1 < r->booking->step_count &&
           steps[last + 1].visit_no == steps[r->first].visit_no) {
        last++;
    }
    return (int)((steps[last].ends_at - steps[r->first].starts_at) / RG_MINUTE);
}

int rg_rest_last_visit(const rg_rest_t *r)
{
    return r->booking->steps[r->first + r->count - 1].visit_no;
}

static bool begins_visit(const rg_rest_t *r)
{
    const rg_booking_step_t *steps = r->booking->steps;
    return r->first > 0 && steps[r->first].visit_no != steps[r->first - 1].visit_no;
}

/* --- the gap before --------------------------------------------------------------------------- */

/* When the only step of its kind that is ever stamped was done; 0: it was not. */
static apr_time_t stamp_of(const rg_rest_t *r, const rg_service_t *s, int i)
{
    const rg_unit_t *u = r->unit;
    if (!u) {
        return 0;
    }
    if (i == rg_step_of_event(s, RG_EVENT_HARVEST)) {
        return u->harvested_at;
    }
    if (i == rg_step_of_event(s, RG_EVENT_PROCESS)) {
        return u->processed_at;
    }
    return i == rg_step_of_event(s, RG_EVENT_INJECT) ? u->injected_at : 0;
}

/* The visit before: as planned, unless something of it was done; then from that stamp on, with what
 * still had to follow. */
static apr_time_t ended_before(const rg_rest_t *r, const rg_service_t *s)
{
    int after = 0;
    int targets = rg_targets_count(r->booking->further);
    int visit = s->steps[r->first - 1].visit_no;
    for (int i = r->first - 1; i >= 0 && s->steps[i].visit_no == visit; i--) {
        apr_time_t stamp = stamp_of(r, s, i);
        if (stamp != 0) {
            return stamp + after * RG_MINUTE;
        }
        after += rg_step_minutes(&s->steps[i], targets) + s->steps[i].gap_min;
    }
    return r->booking->steps[r->first - 1].ends_at;
}

/* The local day on which something that ends at T ends. */
static rg_date_t last_day_of(const rg_zone_t *zone, apr_time_t t)
{
    return rg_zone_local(zone, t - 1).date;
}

void rg_rest_between(const rg_rest_t *r, const rg_service_t *s, const rg_zone_t *zone,
                     apr_time_t *from, apr_time_t *until)
{
    const rg_step_t *step = &s->steps[r->first];
    apr_time_t end = ended_before(r, s);
    if (step->gap_days_max == 0) {
        *from = end + step->gap_min * RG_MINUTE;
        *until = end + step->gap_max * RG_MINUTE;
        return;
    }
    rg_date_t day = last_day_of(zone, end);
    *from = rg_zone_utc(zone, rg_date_add(day, step->gap_days_min), 0);
    *until = rg_zone_utc(zone, rg_date_add(day, step->gap_days_max + 1), 0) - RG_GRANULE;
}

static void keep_after_before(const rg_rest_t *r, const rg_offer_t *o, rg_bits_t *starts)
{
    apr_time_t from;
    apr_time_t until;
    rg_rest_between(r, o->service, o->site->zone, &from, &until);
    apr_time_t whole = RG_GRANULE - 1;
    rg_bits_clear(starts, 0, rg_granule_of(from + whole) - o->from);
    rg_bits_clear(starts, rg_granule_of(until) + 1 - o->from, o->n);
}

/* --- the gap after ---------------------------------------------------------------------------- */

/* Local days are those of the window where it has them, as the search counts them. */
static int day_in_window(const rg_offer_t *o, apr_time_t t)
{
    int64_t at = rg_granule_of(t) - o->from;
    bool inside = at >= 0 && at < o->n;
    return rg_date_days(inside ? rg_offer_day(o, at) : rg_zone_local(o->site->zone, t).date);
}

/* Keeps the starts of the last step after whose end the visit that stays is neither too near nor
 * too far. */
static void keep_before_after(const rg_rest_t *r, const rg_offer_t *o, rg_bits_t *starts,
                              const rg_ctx_t *ctx)
{
    int next = r->first + r->count;
    const rg_search_step_t *gap = &o->search.steps[next];
    int length = o->search.steps[next - 1].length;
    apr_time_t begins = r->booking->steps[next].starts_at;
    rg_bits_t fine = rg_bits_make(ctx->pool, o->n);
    if (gap->days_max == 0) {
        int64_t at = rg_granule_of(begins) - o->from - length;
        rg_bits_set(&fine, at - gap->gap_max, at - gap->gap_min + 1);
    }
    else {
        int day = day_in_window(o, begins) - o->first_day;
        int from = day - gap->days_max;
        int until = day - gap->days_min + 1;
        from = from < 0 ? 0 : from;
        until = until > o->search.day_count ? o->search.day_count : until;
        if (from < until) {
            rg_bits_set(&fine, o->search.midnights[from], o->search.midnights[until]);
            rg_bits_ahead(&fine, length - 1);
        }
    }
    rg_bits_and(starts, &fine);
}

/* --- who is bound ----------------------------------------------------------------------------- */

static bool stays(const rg_rest_t *r, int step)
{
    return step < r->first || step >= r->first + r->count;
}

static int64_t who_serves(const rg_booking_t *b, int step_no, int need_no)
{
    for (int i = 0; i < b->resource_count; i++) {
        if (b->resources[i].step_no == step_no && b->resources[i].need_no == need_no) {
            return b->resources[i].resource_id;
        }
    }
    return 0;
}

/* The resource of a bind word in the steps that stay; 0: none yet. */
static int64_t who_is_bound(const rg_rest_t *r, const rg_service_t *s, const char *word)
{
    for (int i = 0; i < s->step_count; i++) {
        for (int k = 0; stays(r, i) && k < s->steps[i].need_count; k++) {
            const rg_need_t *need = &s->steps[i].needs[k];
            int64_t who = strcmp(need->bind, word) == 0
                              ? who_serves(r->booking, s->steps[i].step_no, need->need_no)
                              : 0;
            if (who != 0) {
                return who;
            }
        }
    }
    return 0;
}

static bool has_resource(const rg_offer_t *o, const rg_search_need_t *need, int64_t id, int *place)
{
    for (int i = 0; i < need->pool_count; i++) {
        if (o->ids[need->pool[i]] == id) {
            *place = need->pool[i];
            return true;
        }
    }
    return false;
}

/* The pool of a need, restricted to the resource of its word in the steps that stay; empty if that
 * one can no longer serve. */
static void narrow_to_bound(const rg_rest_t *r, const rg_ctx_t *ctx, const rg_offer_t *o,
                            rg_search_need_t *need, const char *word)
{
    int64_t who = r->others || !word[0] ? 0 : who_is_bound(r, o->service, word);
    if (who != 0) {
        int *only = apr_palloc(ctx->pool, sizeof(*only));
        need->pool_count = has_resource(o, need, who, only) ? 1 : 0;
        need->pool = only;
    }
}

/* --- the chain -------------------------------------------------------------------------------- */

static bool unit_waits(const rg_rest_t *r)
{
    return r->unit && r->unit->ended_at == 0;
}

static rg_bits_t *bits_without(const rg_ctx_t *ctx, const rg_offer_t *o, const rg_bits_t *only)
{
    rg_bits_t *b = apr_palloc(ctx->pool, sizeof(*b));
    *b = rg_bits_make(ctx->pool, o->n);
    if (only) {
        rg_bits_copy(b, only);
    }
    else {
        rg_bits_set(b, 0, o->n);
    }
    return b;
}

/* From when on an injection no longer ends before its unit does: the last of several targets is
 * injected in time, too. */
static apr_time_t too_late_to_inject(const rg_rest_t *r, const rg_offer_t *o, int i)
{
    const rg_clinic_service_t *s = rg_clinic_service(o->clinic, o->service->id); /* not yet sized */
    int targets = rg_targets_count(r->booking->further);
    int further = s && i < s->service.step_count ? s->service.steps[i].further_minutes : 0;
    return r->unit->expires_at - 1 - (targets - 1) * further * RG_MINUTE;
}

/* Where step I of the service may start, as far as what stays and the unit say so. */
static const rg_bits_t *starts_of_step(const rg_rest_t *r, const rg_ctx_t *ctx, const rg_offer_t *o,
                                       int i, const rg_bits_t *only)
{
    bool last = i == r->first + r->count - 1 && i + 1 < o->service->step_count &&
                !is_off(r->booking, o->service->steps[i + 1].visit_no);
    bool inject = o->service->steps[i].kind == RG_STEP_INJECT && unit_waits(r);
    bool opens = i == r->first && begins_visit(r);
    if (!last && !inject && !opens) {
        return only;
    }
    rg_bits_t *b = bits_without(ctx, o, only);
    if (opens) {
        keep_after_before(r, o, b);
    }
    if (last) {
        keep_before_after(r, o, b, ctx);
    }
    if (inject) {
        rg_bits_clear(b, rg_granule_of(too_late_to_inject(r, o, i)) - o->from, o->n);
    }
    return b;
}

rg_search_t rg_rest_search(const rg_rest_t *r, const rg_ctx_t *ctx, const rg_offer_t *o,
                           const rg_bits_t *starts)
{
    rg_search_t search = o->search;
    rg_search_step_t *steps = apr_palloc(ctx->pool, sizeof(*steps) * (size_t)(r->count + 1));
    for (int i = 0; i < r->count; i++) {
        const rg_step_t *step = &o->service->steps[r->first + i];
        size_t size = sizeof(rg_search_need_t) * (size_t)(step->need_count + 1);
        rg_search_need_t *needs = apr_pcalloc(ctx->pool, size);
        steps[i] = o->search.steps[r->first + i];
        for (int k = 0; k < step->need_count; k++) {
            needs[k] = steps[i].needs[k];
            narrow_to_bound(r, ctx, o, &needs[k], step->needs[k].bind);
        }
        steps[i].needs = needs;
        steps[i].only = starts_of_step(r, ctx, o, r->first + i, i == 0 ? starts : steps[i].only);
    }
    search.steps = steps;
    search.step_count = r->count;
    return search;
}

rg_bits_t rg_rest_starts(const rg_rest_t *r, const rg_ctx_t *ctx, const rg_offer_t *o,
                         const rg_bits_t *starts, const rg_bits_t *free)
{
    rg_rest_t part = *r;
    rg_bits_t all = rg_bits_make(ctx->pool, o->n);
    do {
        rg_search_t s = rg_rest_search(&part, ctx, o, starts);
        s.free = free;
        rg_bits_t found = rg_search_starts(ctx->pool, &s);
        rg_bits_or(&all, &found);
    } while (rg_rest_widen(&part, o->service));
    return all;
}

/* --- the offer -------------------------------------------------------------------------------- */

void rg_rest_prepare(const rg_rest_t *r, rg_offer_t *o, apr_time_t now)
{
    if (r->first > 0) {
        rg_offer_any_time(o);
        rg_offer_keep_notice(&o->wanted, o->from, o->service, now);
    }
}

void rg_rest_free(const rg_rest_t *r, const rg_ctx_t *ctx, rg_offer_t *o)
{
    int count;
    const rg_span_t *own = rg_booking_spans(ctx->pool, r->booking, &count);
    rg_offer_give_back(o, own, count, r->first > 0 ? 0 : r->booking->starts_at);
    if (r->first > 0) {
        rg_bits_copy(&o->starts, &o->wanted);
    }
}

static bool treats_in(const rg_search_t *s, const rg_offer_t *o, const rg_rest_t *r, int64_t id)
{
    for (int i = 0; i < s->step_count; i++) {
        rg_step_kind_t kind = o->service->steps[r->first + i].kind;
        bool treats = kind == RG_STEP_HARVEST || kind == RG_STEP_INJECT || kind == RG_STEP_CONSULT;
        for (int k = 0; treats && k < s->steps[i].need_count; k++) {
            int place;
            if (has_resource(o, &s->steps[i].needs[k], id, &place)) {
                return true;
            }
        }
    }
    return false;
}

void rg_rest_keep_practitioners(const rg_rest_t *r, const rg_ctx_t *ctx, rg_offer_t *o)
{
    rg_search_t s = rg_rest_search(r, ctx, o, NULL);
    int kept = 0;
    for (int i = 0; i < o->practitioner_count; i++) {
        if (treats_in(&s, o, r, o->practitioners[i]->id)) {
            o->practitioners[kept++] = o->practitioners[i];
        }
    }
    o->practitioner_count = kept;
}

/* --- from plan to booking --------------------------------------------------------------------- */

static void lay_out_resources(rg_replan_option_t *to, const rg_ctx_t *ctx, const rg_rest_t *r,
                              const rg_offer_t *o, const rg_search_t *s, const rg_plan_t *plan)
{
    to->resource_count = plan->pick_count;
    to->resources = apr_palloc(ctx->pool, sizeof(*to->resources) * (size_t)(plan->pick_count + 1));
    for (int i = 0; i < plan->pick_count; i++) {
        const rg_pick_t *pick = &plan->picks[i];
        const rg_search_need_t *need = &s->steps[pick->step].needs[pick->need];
        const rg_step_t *step = &o->service->steps[r->first + pick->step];
        const rg_resource_t *who = &o->candidates[pick->resource]->resource;
        int64_t start = o->from + plan->at[pick->step];
        to->resources[i] = (rg_booking_resource_t){
            .step_no = step->step_no,
            .need_no = step->needs[pick->need].need_no,
            .resource_id = who->id,
            .resource_name = who->name,
            .resource_kind = who->kind,
            .busy_from = rg_granule_time(start - need->setup),
            .busy_until = rg_granule_time(start + s->steps[pick->step].length + need->turnover)};
    }
}

void rg_rest_lay_out(rg_replan_option_t *to, const rg_ctx_t *ctx, const rg_rest_t *r,
                     const rg_offer_t *o, const rg_search_t *s, const rg_plan_t *plan)
{
    to->others = r->others;
    to->last_visit = rg_rest_last_visit(r);
    to->start = rg_granule_time(o->from + plan->at[0]);
    to->step_count = r->count;
    to->steps = apr_palloc(ctx->pool, sizeof(*to->steps) * (size_t)r->count);
    for (int i = 0; i < r->count; i++) {
        to->steps[i] = r->booking->steps[r->first + i];
        to->steps[i].starts_at = rg_granule_time(o->from + plan->at[i]);
        to->steps[i].ends_at = rg_granule_time(o->from + plan->at[i] + s->steps[i].length);
    }
    lay_out_resources(to, ctx, r, o, s, plan);
}

static void time_visit(rg_appointment_t *a, const rg_booking_t *b)
{
    rg_appointment_t was = *a;
    a->starts_at = 0;
    for (int i = 0; i < b->step_count; i++) {
        if (b->steps[i].visit_no == a->visit_no) {
            a->starts_at = a->starts_at == 0 ? b->steps[i].starts_at : a->starts_at;
            a->ends_at = b->steps[i].ends_at;
        }
    }
    a->sequence += a->starts_at != was.starts_at || a->ends_at != was.ends_at;
}

static bool step_stays(const rg_replan_option_t *way, int step_no)
{
    return step_no < way->steps[0].step_no || step_no > way->steps[way->step_count - 1].step_no;
}

rg_booking_t *rg_rest_reshape(const rg_rest_t *r, const rg_ctx_t *ctx,
                              const rg_replan_option_t *way)
{
    const rg_booking_t *old = r->booking;
    rg_booking_t *b = apr_pmemdup(ctx->pool, old, sizeof(*b));
    size_t most = (size_t)(old->resource_count + way->resource_count + 1);
    b->version = old->version + 1;
    b->steps = apr_pmemdup(ctx->pool, old->steps, sizeof(*b->steps) * (size_t)b->step_count);
    memcpy(b->steps + r->first, way->steps, sizeof(*b->steps) * (size_t)way->step_count);
    b->resources = apr_palloc(ctx->pool, sizeof(*b->resources) * most);
    b->resource_count = 0;
    for (int i = 0; i < old->resource_count; i++) {
        if (step_stays(way, old->resources[i].step_no)) {
            b->resources[b->resource_count++] = old->resources[i];
        }
    }
    for (int i = 0; i < way->resource_count; i++) {
        b->resources[b->resource_count++] = way->resources[i];
    }
    b->appointments = apr_pmemdup(ctx->pool, old->appointments,
                                  sizeof(*b->appointments) * (size_t)b->appointment_count);
    for (int i = 0; i < b->appointment_count; i++) {
        time_visit(&b->appointments[i], b);
    }
    b->starts_at = b->steps[0].starts_at;
    b->ends_at = b->steps[b->step_count - 1].ends_at;
    return b;
}

rg_span_t *rg_rest_spans(const rg_rest_t *r, const rg_ctx_t *ctx, int *count)
{
    rg_booking_t part = *r->booking;
    int from = part.steps[r->first].step_no;
    int until = part.steps[r->first + r->count - 1].step_no;
    part.resources =
        apr_palloc(ctx->pool, sizeof(*part.resources) * (size_t)(r->booking->resource_count + 1));
    part.resource_count = 0;
    for (int i = 0; i < r->booking->resource_count; i++) {
        const rg_booking_resource_t *taken = &r->booking->resources[i];
        if (taken->step_no >= from && taken->step_no <= until) {
            part.resources[part.resource_count++] = *taken;
        }
    }
    return rg_booking_spans(ctx->pool, &part, count);
}

rg_span_t *rg_booking_spans(apr_pool_t *p, const rg_booking_t *b, int *count)
{
    rg_span_t *spans = apr_palloc(p, sizeof(*spans) * (size_t)(b->resource_count + 1));
    for (int i = 0; i < b->resource_count; i++) {
        spans[i] =
            (rg_span_t){b->resources[i].resource_id, rg_granule_of(b->resources[i].busy_from),
                        rg_granule_of(b->resources[i].busy_until)};
    }
    *count = rg_spans_merge(spans, b->resource_count);
    return spans;
}
