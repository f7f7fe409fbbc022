/* SPDX-License-Identifier: Apache-2.0 */
/* Why a time is not offered, in the clinic's own words: the rules of the service, then the
 * obstacles found by desk/why.c, with the names of resources, bookings and closures. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/desk/why.h"
#include "mod_regen/clinic/schedule/local_days.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/desk.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"
#include "regen/store/desk.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/input.h"
#include "mod_regen/clinic/definitions/current.h"
#include "mod_regen/clinic/schedule/lookup.h"

enum { SWEEP_AT_ONCE = 200, EDGE_GRANULES = 14 * RG_DAY_GRANULES };

typedef struct {
    const rg_explain_in_t *in;
    rg_explained_t *out;
    rg_offer_t *offer;
    bool holds_over;
    int at; /* granule of the window */
    int block_count;
    rg_block_t *blocks;
    bool opened_helps; /* without hours nothing would prevent it */
    int taker_count, closed_count;
    rg_taker_t *takers;
    rg_desk_closure_t *closed;
    apr_array_header_t *reasons; /* rg_reason_t */
} why_t;

static rg_reason_t *add(why_t *w, rg_why_t kind)
{
    rg_reason_t *r = apr_array_push(w->reasons);
    *r = (rg_reason_t){.kind = kind,
                       .step = "",
                       .capability = "",
                       .resource = "",
                       .reason = "",
                       .booking_uid = "",
                       .family = "",
                       .given = ""};
    return r;
}

/* --- the rules of the service ----------------------------------------------------------------- */

static void break_rule(why_t *w, rg_rule_t rule)
{
    add(w, RG_WHY_RULE)->rule = rule;
    w->out->over |= 1u << rule;
}

static void look_at_rules(why_t *w, const rg_start_t *start)
{
    if (start->past) {
        add(w, RG_WHY_PAST);
    }
    for (int rule = 0; rule < RG_RULE_COUNT; rule++) {
        if ((start->broken & (1u << rule)) != 0) {
            break_rule(w, (rg_rule_t)rule);
        }
    }
    if (rg_offer_full(w->offer, w->at)) {
        break_rule(w, RG_RULE_MAX_PER_DAY);
    }
}

/* --- who and what is in the way --------------------------------------------------------------- */

/* Where K closes R within [from, until) first: its hours that day. */
static bool closure_touches(const rg_desk_closure_t *k, const rg_clinic_resource_t *r,
                            const rg_zone_t *zone, apr_time_t from, apr_time_t until,
                            apr_time_t *since, apr_time_t *till)
{
    rg_date_t day = rg_date_add(rg_zone_local(zone, from).date, -1);
    rg_date_t last = rg_date_add(rg_zone_local(zone, until).date, 1);
    if (k->when.resource_id != 0 && k->when.resource_id != r->resource.id) {
        return false;
    }
    for (; rg_date_compare(day, last) <= 0; day = rg_date_add(day, 1)) {
        int number = rg_date_days(day);
        apr_time_t a[2];
        apr_time_t b[2];
        int parts = number < k->when.first_day || number > k->when.last_day
                        ? 0
                        : rg_zone_span(zone, day, k->when.start, k->when.end, a, b);
        for (int i = 0; i < parts; i++) {
            if (a[i] < until && b[i] > from) {
                *since = a[i];
                *till = b[i];
                return true;
            }
        }
    }
    return false;
}

/* Whether closures alone keep R away all of [at, until). */
static bool closures_cover(const why_t *w, const rg_clinic_resource_t *r, apr_time_t at,
                           apr_time_t until)
{
    apr_time_t granule = RG_GRANULE;
    while (at < until) {
        apr_time_t till = at;
        for (int i = 0; i < w->closed_count; i++) {
            apr_time_t since;
            apr_time_t end;
            if (closure_touches(&w->closed[i], r, w->offer->site->zone, at, at + granule, &since,
                                &end) &&
                end > till) {
                till = end;
            }
        }
        if (till == at) {
            return false;
        }
        at = till;
    }
    return true;
}

/* The window of the search may end in the night or in the holidays; the start and end of R's
 * absence are looked up beyond it. Far out in either direction they are left out. */
static void find_edges(const why_t *w, const rg_ctx_t *ctx, rg_reason_t *reason,
                       const rg_clinic_resource_t *r, const rg_block_t *b)
{
    const rg_offer_t *o = w->offer;
    int n = o->n + 2 * EDGE_GRANULES;
    rg_bits_t open =
        rg_layout_open(ctx->pool, o->clinic, r, o->site->zone, o->from - EDGE_GRANULES, n);
    int from = b->wanted_from + EDGE_GRANULES;
    int until = from;
    while (from > 0 && !rg_bits_get(&open, from - 1)) {
        from--;
    }
    while (until < n && !rg_bits_get(&open, until)) {
        until++;
    }
    bool known = from > 0 && from < until && until < n;
    reason->from = known ? rg_granule_time(o->from - EDGE_GRANULES + from) : 0;
    reason->until = known ? rg_granule_time(o->from - EDGE_GRANULES + until) : 0;
}

static void name_closed(why_t *w, const rg_ctx_t *ctx, const rg_reason_t *like,
                        const rg_clinic_resource_t *r, const rg_block_t *b)
{
    apr_time_t from = rg_granule_time(w->offer->from + b->wanted_from);
    apr_time_t until = rg_granule_time(w->offer->from + b->wanted_until);
    for (int i = 0; i < w->closed_count; i++) {
        const rg_desk_closure_t *k = &w->closed[i];
        bool whole = k->when.start == 0 && k->when.end == RG_DAY_MINUTES;
        apr_time_t since;
        apr_time_t till;
        if (closure_touches(k, r, w->offer->site->zone, from, until, &since, &till)) {
            rg_reason_t *to = add(w, RG_WHY_CLOSURE);
            *to = *like;
            to->kind = RG_WHY_CLOSURE;
            to->reason = k->reason;
            to->from = whole ? 0 : since;
            to->until = whole ? 0 : till;
        }
    }
    if (!closures_cover(w, r, from, until)) {
        rg_reason_t *to = add(w, RG_WHY_CLOSED);
        *to = *like;
        find_edges(w, ctx, to, r, b);
    }
}

static void name_taken(why_t *w, const rg_reason_t *like, const rg_clinic_resource_t *r)
{
    bool found = false;
    for (int i = 0; i < w->taker_count; i++) {
        const rg_taker_t *t = &w->takers[i];
        if (t->resource_id == r->resource.id && t->from < like->until && t->until > like->from) {
            rg_reason_t *to = add(w, RG_WHY_TAKEN);
            *to = *like;
            to->from = t->from;
            to->until = t->until;
            to->booking_uid = t->booking_uid;
            to->family = t->family;
            to->given = t->given;
            to->status = t->status;
            found = true;
        }
    }
    if (!found) {
        *add(w, RG_WHY_TAKEN) = *like;
    }
}

static apr_time_t time_of_granule(const why_t *w, int granule)
{
    return rg_granule_time(w->offer->from + granule);
}

static void name_block(why_t *w, const rg_ctx_t *ctx, const rg_block_t *b)
{
    static const rg_why_t kinds[] = {RG_WHY_NOBODY, RG_WHY_SAME,  RG_WHY_GAP,     RG_WHY_GRID,
                                     RG_WHY_CLOSED, RG_WHY_TAKEN, RG_WHY_TOGETHER};
    const rg_step_t *step = &w->offer->service->steps[b->step];
    const rg_clinic_resource_t *r = b->resource < 0 ? NULL : w->offer->candidates[b->resource];
    rg_reason_t like = {.kind = kinds[b->kind],
                        .step = step->name,
                        .capability = b->need < 0 ? "" : step->needs[b->need].capability,
                        .resource = r ? r->resource.name : "",
                        .from = b->until > b->from ? time_of_granule(w, b->from) : 0,
                        .until = b->until > b->from ? time_of_granule(w, b->until) : 0,
                        .reason = "",
                        .booking_uid = "",
                        .family = "",
                        .given = ""};
    if (b->kind == RG_BLOCK_CLOSED) {
        name_closed(w, ctx, &like, r, b);
    }
    else if (b->kind == RG_BLOCK_TAKEN) {
        name_taken(w, &like, r);
    }
    else {
        like.kind = b->kind == RG_BLOCK_SAME && !r ? RG_WHY_NOT_ALL : like.kind;
        *add(w, like.kind) = like;
    }
}

/* One statement for each kind of obstacle, over its time. */
static rg_outcome_t read_blockers(why_t *w, rg_db_t *db, const rg_ctx_t *ctx)
{
    int from = w->offer->n;
    int until = 0;
    for (int i = 0; i < w->block_count; i++) {
        const rg_block_t *b = &w->blocks[i];
        bool named = b->kind == RG_BLOCK_CLOSED || b->kind == RG_BLOCK_TAKEN;
        from = named && b->from < from ? b->from : from;
        until = named && b->until > until ? b->until : until;
    }
    if (from >= until) {
        return RG_OK;
    }
    apr_time_t begin = time_of_granule(w, from);
    apr_time_t end = time_of_granule(w, until);
    const rg_site_t *site = w->offer->site;
    rg_outcome_t rc = rg_desk_takers(db, ctx, site->id, begin, end, &w->takers, &w->taker_count);
    return rc == RG_OK ? rg_desk_closures(db, ctx, site->id,
                                          rg_date_days(rg_zone_local(site->zone, begin).date) - 1,
                                          rg_date_days(rg_zone_local(site->zone, end).date) + 1,
                                          &w->closed, &w->closed_count)
                       : rc;
}

/* --- the transaction -------------------------------------------------------------------------- */

static rg_outcome_t offer_to_explain(rg_offer_t **out, const rg_ctx_t *ctx, const rg_clinic_t *k,
                                     void *baton)
{
    const why_t *w = baton;
    const rg_clinic_service_t *s = rg_clinic_service_by_code(k, w->in->service_code);
    const rg_site_t *site = s ? rg_clinic_site(k, s->service.site_id) : NULL;
    if (!site || !rg_clinic_offers(ctx, s)) {
        return rg_clinic_missing(k, RG_NOT_FOUND);
    }
    rg_date_t day = rg_zone_local(site->zone, w->in->start).date;
    return rg_offer_make(out, ctx, k, s, w->in->targets, w->in->practitioner_id,
                         rg_zone_utc(site->zone, day, 0),
                         rg_zone_utc(site->zone, rg_date_add(day, 1), 0));
}

static void look_at_chain(why_t *w, const rg_ctx_t *ctx)
{
    rg_offer_t *o = w->offer;
    w->blocks = rg_explain_chain(&w->block_count, ctx->pool, &o->search, o->open, w->at);
}

static rg_outcome_t why_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    why_t *w = baton;
    rg_outcome_t rc = rg_offer_now(&w->offer, &w->holds_over, db, ctx, offer_to_explain, w);
    if (rc != RG_OK) {
        return rc;
    }
    w->at = (int)(rg_granule_of(w->in->start) - w->offer->from);
    look_at_chain(w, ctx);
    return read_blockers(w, db, ctx);
}

/* Occupied time stays occupied; a person who is only off might come. */
static void try_opened(why_t *w, const rg_ctx_t *ctx)
{
    int left;
    rg_offer_t *o = w->offer;
    rg_offer_waive(o, ctx->pool, w->at, true);
    (void)rg_explain_chain(&left, ctx->pool, &o->search, o->open, w->at);
    w->opened_helps = left == 0;
}

static void conclude(why_t *w, const rg_ctx_t *ctx)
{
    rg_explained_t *x = w->out;
    rg_start_t start =
        rg_start_look(w->offer->service, w->offer->site->zone, w->in->start, ctx->now, false);
    look_at_rules(w, &start);
    for (int i = 0; i < w->block_count; i++) {
        name_block(w, ctx, &w->blocks[i]);
    }
    if (w->block_count > 0) {
        try_opened(w, ctx);
        x->over |= w->opened_helps ? 1u << RG_RULE_OPENING : 0;
    }
    x->service = (rg_service_t *)w->offer->service;
    x->site = w->offer->site;
    x->start = w->in->start;
    x->now = ctx->now;
    x->count = w->reasons->nelts;
    x->reasons = (rg_reason_t *)(void *)w->reasons->elts;
    x->offered = x->count == 0;
    x->can_override =
        x->count > 0 && !rg_start_never(&start) && (w->block_count == 0 || w->opened_helps);
}

rg_outcome_t rg_desk_explain(rg_explained_t **out, const rg_ctx_t *ctx, const rg_explain_in_t *in)
{
    why_t w = {.in = in, .out = apr_pcalloc(ctx->pool, sizeof(rg_explained_t))};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    rc = rc == RG_OK ? rg_store_read(ctx, why_work, &w) : rc;
    if (rc == RG_OK && w.holds_over) {
        /* An expired hold is not an obstacle. */
        int swept = 0;
        (void)rg_booking_sweep(&swept, ctx, SWEEP_AT_ONCE);
        rc = rg_store_read(ctx, why_work, &w);
    }
    if (rc != RG_OK) {
        return rc;
    }
    w.reasons = apr_array_make(ctx->pool, 16, sizeof(rg_reason_t));
    conclude(&w, ctx);
    *out = w.out;
    return RG_OK;
}
