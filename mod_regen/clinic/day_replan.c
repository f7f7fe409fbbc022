/* SPDX-License-Identifier: Apache-2.0 */
/* A visit that runs late: the steps that have not begun are searched for anew from now on, as the chain of their
 * own that they are, and moved as one. What was done stays where it was. Called by web/desk_replan.c. */
#include "mod_regen/clinic/booking.h"
#include "mod_regen/clinic/day_int.h"
#include "mod_regen/clinic/desk_int.h"
#include "mod_regen/clinic/layout.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

enum { TRIES = 8 };

typedef struct {
    const char *uid;
    const rg_replan_in_t *in; /* NULL: only looking */
    rg_replan_t *out;
    rg_offer_t *offer;
    rg_care_t care;
    rg_event_t next;
    int first, count; /* of the service's steps: those that have not begun, of this visit */
    bool holds_over, beaten;
} replan_t;

static rg_outcome_t forbid(rg_ctx_t *ctx, const char *text)
{
    rg_problem_add(ctx->problems, NULL, "%s", text);
    return RG_PRECONDITION;
}

/* --- what is left ---------------------------------------------------------------------------------- */

static bool same_steps(const rg_booking_t *b, const rg_service_t *s)
{
    bool same = b->step_count == s->step_count;
    for (int i = 0; same && i < s->step_count; i++) {
        same = b->steps[i].step_no == s->steps[i].step_no && b->steps[i].kind == s->steps[i].kind;
    }
    return same;
}

static rg_outcome_t settle_steps(replan_t *r, rg_ctx_t *ctx, const rg_service_t *s)
{
    const rg_booking_t *b = r->out->booking;
    int next = rg_day_next(b->status, r->care.kinds, r->care.done, r->out->unit);
    bool began = b->status == RG_BOOKING_ARRIVED || b->status == RG_BOOKING_IN_PROGRESS;
    r->first = next < 0 ? -1 : rg_day_step_of(s, (rg_event_t)next);
    if (!began || r->first < 0) {
        return forbid(ctx, "Only a visit that began and still has steps before it can be planned "
                           "anew.");
    }
    if (!same_steps(b, s)) {
        return forbid(ctx, "This treatment was defined anew since it was booked. Its steps cannot "
                           "be moved one by one.");
    }
    r->next = (rg_event_t)next;
    r->count = 0;
    while (r->first + r->count < s->step_count &&
           s->steps[r->first + r->count].visit_no == s->steps[r->first].visit_no) {
        r->count++;
    }
    r->out->next = rg_event_name(r->next);
    r->out->latest = rg_day_latest(s, r->out->unit, r->next);
    return RG_OK;
}

/* --- the chain of what is left ------------------------------------------------------------------------ */

/* From this very granule until the step must have begun. */
static rg_bits_t *starts_in_time(const replan_t *r, rg_ctx_t *ctx)
{
    const rg_offer_t *o = r->offer;
    rg_bits_t *b = apr_palloc(ctx->pool, sizeof(*b));
    int64_t last = r->out->latest == 0 ? o->from + o->n : rg_granule_of(r->out->latest);
    *b = rg_bits_make(ctx->pool, o->n);
    rg_bits_set(b, rg_granule_of(ctx->now) - o->from, last + 1 - o->from);
    return b;
}

/* The injection must begin while the unit may be used, whenever the steps before it do. */
static rg_bits_t *while_usable(const replan_t *r, rg_ctx_t *ctx, const rg_bits_t *also)
{
    const rg_offer_t *o = r->offer;
    rg_bits_t *b = apr_palloc(ctx->pool, sizeof(*b));
    *b = rg_bits_make(ctx->pool, o->n);
    rg_bits_set(b, 0, rg_granule_of(r->out->unit->expires_at - 1) - o->from);
    if (also) {
        rg_bits_and(b, also);
    }
    return b;
}

static int64_t who_served(const rg_booking_t *b, int step_no, int need_no)
{
    for (int i = 0; i < b->resource_count; i++) {
        if (b->resources[i].step_no == step_no && b->resources[i].need_no == need_no) {
            return b->resources[i].resource_id;
        }
    }
    return 0;
}

/* Whom a bind word meant in the steps that were done; 0: nobody yet. */
static int64_t who_is_bound(const replan_t *r, const char *word)
{
    const rg_service_t *s = r->offer->service;
    for (int i = 0; i < r->first; i++) {
        for (int k = 0; k < s->steps[i].need_count; k++) {
            const rg_need_t *need = &s->steps[i].needs[k];
            if (strcmp(need->bind, word) == 0) {
                return who_served(r->out->booking, s->steps[i].step_no, need->need_no);
            }
        }
    }
    return 0;
}

static int candidate(const rg_offer_t *o, int64_t id)
{
    for (int i = 0; i < o->count; i++) {
        if (o->ids[i] == id) {
            return i;
        }
    }
    return -1;
}

/* The pool of a need, narrowed to who served its word before; OTHERS lets that go. */
static void keep_bound(const replan_t *r, rg_ctx_t *ctx, rg_search_need_t *need, const char *word,
                       bool others)
{
    int64_t who = others || !word[0] ? 0 : who_is_bound(r, word);
    int *only = apr_palloc(ctx->pool, sizeof(*only));
    *only = who == 0 ? -1 : candidate(r->offer, who);
    if (*only >= 0) {
        need->pool = only;
        need->pool_count = 1;
    }
}

static rg_search_t chain_left(const replan_t *r, rg_ctx_t *ctx, bool others)
{
    const rg_service_t *s = r->offer->service;
    rg_search_t search = r->offer->search;
    rg_search_step_t *steps = apr_palloc(ctx->pool, sizeof(*steps) * (size_t)(r->count + 1));
    for (int i = 0; i < r->count; i++) {
        const rg_step_t *step = &s->steps[r->first + i];
        size_t size = sizeof(rg_search_need_t) * (size_t)(step->need_count + 1);
        rg_search_need_t *needs = apr_pcalloc(ctx->pool, size);
        steps[i] = r->offer->search.steps[r->first + i];
        for (int k = 0; k < step->need_count; k++) {
            needs[k] = steps[i].needs[k];
            keep_bound(r, ctx, &needs[k], step->needs[k].bind, others);
        }
        steps[i].needs = needs;
        if (i == 0) {
            steps[i].only = starts_in_time(r, ctx);
        }
        if (step->kind == RG_STEP_INJECT && r->out->unit) {
            steps[i].only = while_usable(r, ctx, steps[i].only);
        }
    }
    search.steps = steps;
    search.step_count = r->count;
    return search;
}

/* --- a way to do it --------------------------------------------------------------------------------------- */

static void lay_out(rg_replan_option_t *to, rg_ctx_t *ctx, const replan_t *r, const rg_search_t *s,
                    const rg_plan_t *plan)
{
    const rg_offer_t *o = r->offer;
    to->start = rg_granule_time(o->from + plan->at[0]);
    to->step_count = r->count;
    to->steps = apr_palloc(ctx->pool, sizeof(*to->steps) * (size_t)r->count);
    for (int i = 0; i < r->count; i++) {
        to->steps[i] = r->out->booking->steps[r->first + i];
        to->steps[i].starts_at = rg_granule_time(o->from + plan->at[i]);
        to->steps[i].ends_at = rg_granule_time(o->from + plan->at[i] + s->steps[i].length);
    }
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

/* Who is planned already is taken again where that can be: nobody is called away without need. */
static const int64_t *loads(const replan_t *r, rg_ctx_t *ctx)
{
    const rg_booking_t *b = r->out->booking;
    int64_t *load = apr_pcalloc(ctx->pool, sizeof(*load) * (size_t)(r->offer->count + 1));
    for (int i = 0; i < r->offer->count; i++) {
        load[i] = 1;
        for (int k = 0; k < b->resource_count; k++) {
            load[i] = b->resources[k].resource_id == r->offer->ids[i] ? 0 : load[i];
        }
    }
    return load;
}

/* The earliest way, or at START (0: any). False when there is none. */
static bool find_way(rg_replan_option_t *to, rg_ctx_t *ctx, const replan_t *r, bool others,
                     apr_time_t start)
{
    rg_search_t s = chain_left(r, ctx, others);
    rg_plan_t plan;
    rg_bits_t found = rg_search_starts(ctx->pool, &s);
    int at = start == 0 ? rg_bits_next(&found, 0) : (int)(rg_granule_of(start) - r->offer->from);
    if (at < 0 || !rg_bits_get(&found, at) ||
        !rg_plan_make(&plan, ctx->pool, &s, at, loads(r, ctx))) {
        return false;
    }
    to->others = others;
    lay_out(to, ctx, r, &s, &plan);
    return true;
}

/* With others only where that is sooner, or the only way. */
static void find_ways(const replan_t *r, rg_ctx_t *ctx)
{
    rg_replan_t *out = r->out;
    rg_replan_option_t others;
    out->option_count = find_way(&out->options[0], ctx, r, false, 0) ? 1 : 0;
    bool sooner = find_way(&others, ctx, r, true, 0) &&
                  (out->option_count == 0 || others.start < out->options[0].start);
    if (sooner) {
        out->options[out->option_count++] = others;
    }
}

/* --- reading -------------------------------------------------------------------------------------------------- */

static rg_outcome_t make_offer(rg_offer_t **out, rg_ctx_t *ctx, const rg_clinic_t *k, void *baton)
{
    replan_t *r = baton;
    const rg_clinic_service_t *s = rg_clinic_service(k, r->out->booking->service_id);
    const rg_clinic_service_t *other = s ? rg_clinic_service(k, s->service.fallback_service_id) : 0;
    const rg_site_t *site = s ? rg_clinic_site(k, s->service.site_id) : NULL;
    if (!site || !site->zone) {
        return RG_PRECONDITION;
    }
    r->out->service = (rg_service_t *)&s->service;
    r->out->site = (rg_site_t *)site;
    r->out->fallback = other && other->active ? (rg_service_t *)&other->service : NULL;
    rg_date_t day = rg_zone_local(site->zone, ctx->now).date;
    return rg_offer_make(out, ctx, k, s, 0, rg_zone_utc(site->zone, day, 0),
                         rg_zone_utc(site->zone, rg_date_add(day, 1), 0));
}

static rg_outcome_t read_booking(replan_t *r, rg_db_t *db, rg_ctx_t *ctx)
{
    rg_replan_t *out = r->out;
    rg_outcome_t rc = rg_booking_row_by_uid(db, ctx, &out->booking, r->uid);
    if (rc == RG_OK && r->in) {
        rc = rg_booking_row(db, ctx, &out->booking, out->booking->id, true);
    }
    rc = rc == RG_OK ? rg_booking_parts(db, ctx, out->booking) : rc;
    rc = rc == RG_OK ? rg_care_get(db, ctx, &r->care, out->booking->id) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    out->unit = NULL;
    rc = rg_unit_of_booking(db, ctx, &out->unit, out->booking->id);
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

/* Booking, definitions and what is taken, with all that is the booking's own free for it. */
static rg_outcome_t look(replan_t *r, rg_db_t *db, rg_ctx_t *ctx)
{
    int count;
    rg_outcome_t rc = read_booking(r, db, ctx);
    rc = rc == RG_OK ? rg_offer_now(&r->offer, &r->holds_over, db, ctx, make_offer, r) : rc;
    rc = rc == RG_OK ? settle_steps(r, ctx, r->out->service) : rc;
    if (rc == RG_OK) {
        rg_span_t *own = rg_booking_spans(ctx->pool, r->out->booking, &count);
        rg_offer_give_back(r->offer, own, count, 0);
    }
    return rc;
}

static void settle_planned(replan_t *r)
{
    rg_booking_t *b = r->out->booking;
    rg_replan_option_t *p = &r->out->planned;
    int k = 0;
    while (k < b->resource_count && b->resources[k].step_no < b->steps[r->first].step_no) {
        k++;
    }
    p->start = b->steps[r->first].starts_at;
    p->step_count = r->count;
    p->steps = b->steps + r->first;
    p->resources = b->resources + k;
    p->resource_count = b->resource_count - k;
}

static rg_outcome_t look_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    replan_t *r = baton;
    rg_outcome_t rc = look(r, db, ctx);
    if (rc == RG_OK) {
        settle_planned(r);
        find_ways(r, ctx);
    }
    return rc;
}

rg_outcome_t rg_day_replan_look(rg_replan_t **out, rg_ctx_t *ctx, const char *booking_uid)
{
    replan_t r = {.uid = booking_uid, .out = apr_pcalloc(ctx->pool, sizeof(rg_replan_t))};
    rg_outcome_t rc = rg_desk_may(ctx);
    int swept;
    rc = rc == RG_OK && !rg_uid_valid(booking_uid) ? RG_NOT_FOUND : rc;
    rc = rc == RG_OK ? rg_store_read(ctx, look_work, &r) : rc;
    if (rc == RG_OK && r.holds_over) {
        (void)rg_booking_sweep(&swept, ctx, 200);
        rc = rg_store_read(ctx, look_work, &r);
    }
    r.out->now = ctx->now;
    *out = r.out;
    return rc;
}

/* --- doing it ----------------------------------------------------------------------------------------------------- */

/* The booking with what was done as it was, and the rest as it shall be. */
static rg_booking_t *reshape(const replan_t *r, rg_ctx_t *ctx, const rg_replan_option_t *way)
{
    const rg_booking_t *old = r->out->booking;
    rg_booking_t *b = apr_pmemdup(ctx->pool, old, sizeof(*b));
    int done = old->steps[r->first].step_no;
    int last = old->steps[r->first + r->count - 1].step_no;
    b->version = old->version + 1;
    b->steps = apr_pmemdup(ctx->pool, old->steps, sizeof(*b->steps) * (size_t)b->step_count);
    memcpy(b->steps + r->first, way->steps, sizeof(*b->steps) * (size_t)r->count);
    b->resources = apr_palloc(
        ctx->pool, sizeof(*b->resources) * (size_t)(old->resource_count + way->resource_count + 1));
    b->resource_count = 0;
    for (int i = 0; i < old->resource_count; i++) {
        if (old->resources[i].step_no < done || old->resources[i].step_no > last) {
            b->resources[b->resource_count++] = old->resources[i];
        }
    }
    for (int i = 0; i < way->resource_count; i++) {
        b->resources[b->resource_count++] = way->resources[i];
    }
    b->appointments = apr_pmemdup(ctx->pool, old->appointments,
                                  sizeof(*b->appointments) * (size_t)b->appointment_count);
    for (int i = 0; i < b->appointment_count; i++) {
        if (b->appointments[i].visit_no == way->steps[0].visit_no) {
            b->appointments[i].ends_at = way->steps[way->step_count - 1].ends_at;
            b->appointments[i].sequence++;
        }
    }
    b->ends_at = b->steps[b->step_count - 1].ends_at;
    return b;
}

static rg_outcome_t take(rg_db_t *db, rg_ctx_t *ctx, replan_t *r, const rg_replan_option_t *way)
{
    int old_count;
    int count;
    rg_booking_t *b = reshape(r, ctx, way);
    rg_span_t *old = rg_booking_spans(ctx->pool, r->out->booking, &old_count);
    rg_span_t *spans = rg_booking_spans(ctx->pool, b, &count);
    rg_outcome_t rc = rg_booking_reshape(db, ctx, b, old, old_count, spans, count);
    r->beaten = rc == RG_CONFLICT;
    if (rc == RG_OK && ctx->idem) {
        ctx->idem->result = b->uid;
    }
    return rc == RG_OK ? rg_booking_audit(db, ctx, "day.replan", b->id,
                                          apr_psprintf(ctx->pool, "%s to:%" APR_TIME_T_FMT "%s",
                                                       r->out->next, apr_time_sec(way->start),
                                                       way->others ? " others" : ""))
                       : rc;
}

static rg_outcome_t replan_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    replan_t *r = baton;
    rg_replan_option_t way;
    r->beaten = false;
    rg_outcome_t rc = look(r, db, ctx);
    if (rc == RG_OK && r->holds_over) {
        rc = rg_booking_expire_all(db, ctx);
        rc = rc == RG_OK ? look(r, db, ctx) : rc;
    }
    if (rc != RG_OK) {
        return rc;
    }
    if (r->in->version != r->out->booking->version ||
        !find_way(&way, ctx, r, r->in->others, r->in->start)) {
        rg_problem_add(ctx->problems, NULL,
                       "It cannot be done like that any more. Below is what is possible now.");
        return RG_CONFLICT;
    }
    return take(db, ctx, r, &way);
}

typedef struct {
    int64_t id;
    rg_booking_t *booking;
} whose_t;

static rg_outcome_t uid_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    whose_t *u = baton;
    return rg_booking_row(db, ctx, &u->booking, u->id, false);
}

rg_outcome_t rg_day_replan(rg_ctx_t *ctx, int64_t booking_id, const rg_replan_in_t *in)
{
    replan_t r = {.in = in, .out = apr_pcalloc(ctx->pool, sizeof(rg_replan_t))};
    whose_t u = {booking_id, NULL};
    rg_outcome_t rc = rg_desk_may(ctx);
    rc = rc == RG_OK ? rg_store_read(ctx, uid_work, &u) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    r.uid = u.booking->uid;
    rc = rg_store_transact(ctx, replan_work, &r);
    for (int i = 1; rc == RG_CONFLICT && r.beaten && i < TRIES; i++) {
        rc = rg_store_transact(ctx, replan_work, &r);
    }
    return rc;
}
