/* SPDX-License-Identifier: Apache-2.0 */
/* Closures: stored together with the decision about each affected booking, or not at all. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/conflict.h"
#include "mod_regen/clinic/schedule/local_days.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/input.h"
#include "mod_regen/clinic/schedule/search.h"
#include "mod_regen/clinic/transact.h"
#include "mod_regen/clinic/definitions/current.h"
#include "mod_regen/clinic/schedule/lookup.h"
#include "mod_regen/clinic/schedule/part.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

enum { DAYS_MOST = 1100, NEAREST = 6, NEAR_DAYS = 21, NEAREST_FOR = 40 };

typedef struct {
    const rg_closure_in_t *in;
    const rg_decision_t *decisions;
    int decision_count;
    rg_closure_row_t row;
    const rg_site_t *site;
    int64_t resource_id;
    rg_clinic_t after;        /* with this closure alone, or among the others */
    apr_array_header_t *hits; /* of rg_conflict_t */
    bool undecided;
    rg_closed_t out;
} close_t;

/* --- what was typed --------------------------------------------------------------------------- */

/* Nothing typed means USUAL. */
static bool clock_read(int *minute, const char *typed, int usual)
{
    *minute = usual;
    return typed[0] == '\0' || rg_minute_parse(minute, typed);
}

static void read_place(close_t *c, const rg_ctx_t *ctx, const rg_clinic_t *k)
{
    c->site = rg_clinic_site_by_code(k, c->in->site);
    if (!c->site) {
        rg_problem_add(ctx->problems, "site", "Choose a site.");
    }
    for (int i = 0; i < k->resource_count; i++) {
        const rg_clinic_resource_t *r = &k->resources[i];
        if (c->site && r->site_id == c->site->id &&
            strcmp(r->resource.code, c->in->resource) == 0) {
            c->resource_id = r->resource.id;
        }
    }
    if (c->in->resource[0] && c->resource_id == 0) {
        rg_problem_add(ctx->problems, "resource", "Choose a person, room or device of this site.");
    }
}

static void read_closed_days(close_t *c, const rg_ctx_t *ctx)
{
    const char *last = c->in->last_day[0] ? c->in->last_day : c->in->first_day;
    rg_closure_row_t *row = &c->row;
    if (!rg_date_parse(&row->first_day, c->in->first_day)) {
        rg_problem_add(ctx->problems, "first_day", "Enter the first day.");
        return;
    }
    if (!rg_date_parse(&row->last_day, last) ||
        rg_date_compare(row->last_day, row->first_day) < 0) {
        rg_problem_add(ctx->problems, "last_day",
                       "Enter a last day that is not before the first day.");
        return;
    }
    if (rg_date_days(row->last_day) - rg_date_days(row->first_day) > DAYS_MOST) {
        rg_problem_add(ctx->problems, "last_day", "A closure can last at most three years.");
    }
    if (c->site &&
        rg_date_compare(row->last_day, rg_zone_local(c->site->zone, ctx->now).date) < 0) {
        rg_problem_add(ctx->problems, "last_day", "These days are in the past.");
    }
}

static void read_rest(close_t *c, const rg_ctx_t *ctx)
{
    if (rg_closure_kind_parse(c->in->kind) < 0) {
        rg_problem_add(ctx->problems, "kind", "Choose a reason for the closure.");
    }
    if (!clock_read(&c->row.start, c->in->start, 0)) {
        rg_problem_add(ctx->problems, "start",
                       "Enter a time like 08:30, or leave it empty for whole days.");
    }
    if (!clock_read(&c->row.end, c->in->end, RG_DAY_MINUTES) ||
        (c->row.start >= c->row.end && c->row.start > 0)) {
        rg_problem_add(ctx->problems, "end",
                       "Enter a time after the start time, or leave it empty.");
    }
    c->row.kind = c->in->kind;
    c->row.reason = rg_reason_read(ctx, "reason", c->in->reason);
}

/* --- what it hits ----------------------------------------------------------------------------- */

/* The clinic as it would be. ALONE: with this closure and no other, to see what it alone hits. */
static void clinic_when_closed(close_t *c, const rg_ctx_t *ctx, const rg_clinic_t *k, bool alone)
{
    int count = alone ? 0 : k->closure_count;
    rg_closure_t *closures = apr_palloc(ctx->pool, sizeof(*closures) * (size_t)(count + 1));
    int64_t *ids = apr_palloc(ctx->pool, sizeof(*ids) * (size_t)(count + 1));
    if (count > 0) {
        memcpy(closures, k->closures, sizeof(*closures) * (size_t)count);
        memcpy(ids, k->closure_ids, sizeof(*ids) * (size_t)count);
    }
    closures[count] = (rg_closure_t){
        c->site->id,  c->resource_id, rg_date_days(c->row.first_day), rg_date_days(c->row.last_day),
        c->row.start, c->row.end};
    ids[count] = -1;
    c->after = *k;
    c->after.closures = closures;
    c->after.closure_ids = ids;
    c->after.closure_count = count + 1;
}

/* One per booking, whatever other conflicts it has: only this closure is decided. */
static rg_outcome_t find_closure_hits(close_t *c, rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_standing_t standing = {.kept = NULL}; /* no decision exists before the closure */
    rg_taken_ask_t ask = {.site_id = c->site->id, .resource_id = c->resource_id};
    rg_outcome_t rc = rg_taken_read(db, ctx, &standing.taken, &standing.taken_count, &ask);
    c->hits = apr_array_make(ctx->pool, 8, sizeof(rg_conflict_t));
    if (rc != RG_OK) {
        return rc;
    }
    apr_array_header_t *all = apr_array_make(ctx->pool, 8, sizeof(rg_conflict_t));
    rg_conflicts_find(all, ctx->pool, &c->after, &standing);
    for (int i = 0; i < all->nelts; i++) {
        rg_conflict_t *one = &APR_ARRAY_IDX(all, i, rg_conflict_t);
        if (one->kind == RG_CONFLICT_CLOSED) {
            APR_ARRAY_PUSH(c->hits, rg_conflict_t) = *one;
        }
    }
    return rg_conflicts_fill(db, ctx, c->hits);
}

/* No decision was sent for this booking. */
static const rg_decision_t NONE = {.what = RG_DECIDE_NOTHING};

static const rg_decision_t *decision_for(const close_t *c, const rg_conflict_t *hit)
{
    for (int i = 0; i < c->decision_count; i++) {
        const rg_decision_t *d = &c->decisions[i];
        if (d->booking_id == hit->booking_id &&
            apr_time_sec(d->starts_at) == apr_time_sec(hit->booking->starts_at)) {
            return d;
        }
    }
    return &NONE;
}

static bool is_begun(const rg_booking_t *b)
{
    return b->status != RG_BOOKING_HELD && b->status != RG_BOOKING_BOOKED;
}

static const char *decide_field(const rg_ctx_t *ctx, const rg_conflict_t *hit, const char *prefix)
{
    return apr_psprintf(ctx->pool, "%s-%" APR_INT64_T_FMT, prefix, hit->booking_id);
}

static void check_decision(close_t *c, const rg_ctx_t *ctx, const rg_conflict_t *hit)
{
    const rg_decision_t *d = decision_for(c, hit);
    const char *field = decide_field(ctx, hit, "decide");
    if (d->what == RG_DECIDE_NOTHING) {
        /* Not asked yet, so this is not a mistake. */
        if (c->decision_count > 0) {
            rg_problem_add(ctx->problems, field,
                           "Choose what to do with this booking: keep, cancel or reschedule.");
        }
        c->undecided = true;
    }
    else if (d->what == RG_DECIDE_KEEP) {
        c->undecided =
            !rg_reason_read(ctx, decide_field(ctx, hit, "reason"), d->reason) || c->undecided;
    }
    else if (is_begun(hit->booking)) {
        rg_problem_add(ctx->problems, field, "This visit has begun, so it can only be kept.");
        c->undecided = true;
    }
    else if (d->what == RG_DECIDE_MOVE && d->move_to == 0) {
        rg_problem_add(ctx->problems, field, "Choose the new time.");
        c->undecided = true;
    }
}

/* --- storing ---------------------------------------------------------------------------------- */

static rg_outcome_t keep_booked(close_t *c, rg_db_t *db, const rg_ctx_t *ctx,
                                const rg_conflict_t *hit, const rg_decision_t *d)
{
    rg_kept_t kept = {.closure_id = c->row.id,
                      .kind = RG_CONFLICT_CLOSED,
                      .booking_id = hit->booking_id,
                      .booking_version = hit->booking->version,
                      .starts_at = hit->booking->starts_at,
                      .reason = rg_text_tidy(ctx->pool, d->reason)};
    rg_outcome_t rc = rg_kept_put(db, ctx, &kept);
    c->out.kept++;
    return rc == RG_OK ? rg_booking_audit(db, ctx, "booking.keep", hit->booking_id, "closed") : rc;
}

static rg_outcome_t carry_out(close_t *c, rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < c->hits->nelts; i++) {
        const rg_conflict_t *hit = &APR_ARRAY_IDX(c->hits, i, rg_conflict_t);
        const rg_decision_t *d = decision_for(c, hit);
        if (d->what == RG_DECIDE_KEEP) {
            rc = keep_booked(c, db, ctx, hit, d);
        }
        else if (d->what == RG_DECIDE_CANCEL) {
            rc = rg_booking_cancel_in(db, ctx, hit->booking_id, hit->booking->version,
                                      "clinic-closed");
            c->out.cancelled++;
        }
    }
    return rc;
}

static rg_outcome_t store(close_t *c, rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_outcome_t rc = rg_closure_insert(db, ctx, &c->row, c->site->id, c->resource_id);
    if (rc == RG_CONFLICT) {
        rg_problem_add(ctx->problems, "reason", "This closure already exists.");
        return RG_INVALID;
    }
    if (rc == RG_OK) {
        rc = carry_out(c, db, ctx);
    }
    c->out.id = rc == RG_OK ? c->row.id : 0;
    return rc == RG_OK ? rg_audit_add(db, ctx, "closure.add", "closure", c->row.id, c->row.kind)
                       : rc;
}

static rg_outcome_t add_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    close_t *c = baton;
    const rg_clinic_t *k;
    c->undecided = false;
    c->out = (rg_closed_t){0};
    rg_outcome_t rc = rg_clinic_lock(db, ctx);
    if (rc == RG_OK) {
        rc = rg_clinic_get(&k, db, ctx);
    }
    if (rc != RG_OK) {
        return rc;
    }
    read_place(c, ctx, k);
    read_closed_days(c, ctx);
    read_rest(c, ctx);
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    clinic_when_closed(c, ctx, k, true);
    rc = find_closure_hits(c, db, ctx);
    for (int i = 0; rc == RG_OK && i < c->hits->nelts; i++) {
        check_decision(c, ctx, &APR_ARRAY_IDX(c->hits, i, rg_conflict_t));
    }
    if (rc == RG_OK && c->undecided) {
        return RG_PRECONDITION;
    }
    return rc == RG_OK ? store(c, db, ctx) : rc;
}

/* --- other times ------------------------------------------------------------------------------ */

typedef struct {
    close_t *close;
    rg_conflict_t *hit;
} near_t;

static rg_outcome_t near_offer(rg_offer_t **out, const rg_ctx_t *ctx, const rg_clinic_t *k,
                               void *baton)
{
    near_t *n = baton;
    const rg_booking_t *b = n->hit->booking;
    const rg_site_t *site = rg_clinic_site(k, b->site_id);
    const rg_clinic_service_t *s = rg_clinic_service(k, b->service_id);
    if (!site || !s) {
        return RG_NOT_FOUND;
    }
    clinic_when_closed(n->close, ctx, k, false);
    rg_clinic_t *after = apr_pmemdup(ctx->pool, &n->close->after, sizeof(*after));
    rg_date_t day = rg_zone_local(site->zone, b->starts_at).date;
    return rg_offer_make(out, ctx, after, s, rg_targets_count(b->further), 0,
                         rg_zone_utc(site->zone, rg_date_add(day, -NEAR_DAYS), 0),
                         rg_zone_utc(site->zone, rg_date_add(day, NEAR_DAYS + 1), 0));
}

/* The time it has is the nearest of all, where another room, device or person can serve it then. */
static void choose_near(rg_conflict_t *hit, const rg_ctx_t *ctx, const rg_offer_t *o)
{
    rg_bits_t found = rg_search_starts(ctx->pool, &o->search);
    int count = rg_bits_count(&found, 0, found.n);
    apr_time_t *starts = apr_palloc(ctx->pool, sizeof(*starts) * (size_t)(count + 1));
    count = 0;
    for (int at = rg_bits_next(&found, 0); at >= 0; at = rg_bits_next(&found, (int64_t)at + 1)) {
        starts[count++] = rg_granule_time(o->from + at);
    }
    hit->nearest = rg_times_nearest(starts, &count, hit->booking->starts_at, NEAREST);
    hit->nearest_count = count;
}

static rg_outcome_t near_one(rg_db_t *db, const rg_ctx_t *ctx, near_t *n)
{
    rg_offer_t *offer;
    rg_booking_t *b;
    bool expired;
    int count;
    rg_outcome_t rc = rg_offer_now(&offer, &expired, db, ctx, near_offer, n);
    if (rc == RG_OK) {
        rc = rg_booking_row(db, ctx, &b, n->hit->booking_id, false);
    }
    if (rc == RG_OK) {
        rc = rg_booking_parts(db, ctx, b);
    }
    if (rc != RG_OK) {
        return rc;
    }
    const rg_span_t *own = rg_booking_spans(ctx->pool, b, &count);
    rg_offer_give_back(offer, own, count, b->starts_at);
    choose_near(n->hit, ctx, offer);
    return RG_OK;
}

static rg_outcome_t near_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    close_t *c = baton;
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < c->hits->nelts && i < NEAREST_FOR; i++) {
        near_t n = {c, &APR_ARRAY_IDX(c->hits, i, rg_conflict_t)};
        if (!is_begun(n.hit->booking)) {
            rc = near_one(db, ctx, &n);
        }
    }
    return rc;
}

/* What cannot be asked now leaves the page without other times; the remainder of it is true. */
static void add_nearest(close_t *c, const rg_ctx_t *ctx)
{
    rg_ctx_t silent = rg_silent_ctx(ctx);
    rg_outcome_t rc = rg_store_read(&silent, near_work, c);
    if (rc != RG_OK) {
        rg_log(ctx, RG_LOG_INFO, RGNO(02150) "No other times can be offered for a closure: %s.",
               rg_outcome_name(rc));
    }
}

/* --- moves ------------------------------------------------------------------------------------ */

/* Each in its own transaction, after the closure: the search then keeps clear of it by itself. The
 * form's key was used up by the closure, and each booking's start guards against doing it twice. */
static void move_all(close_t *c, const rg_ctx_t *ctx)
{
    for (int i = 0; i < c->hits->nelts; i++) {
        const rg_conflict_t *hit = &APR_ARRAY_IDX(c->hits, i, rg_conflict_t);
        const rg_decision_t *d = decision_for(c, hit);
        if (d->what == RG_DECIDE_MOVE) {
            rg_ctx_t own = *ctx;
            rg_hold_t moved;
            rg_move_in_t in = {.start = d->move_to, .version = hit->booking->version};
            own.idem = NULL;
            own.problems = rg_problems_make(ctx->pool);
            rg_outcome_t rc = rg_booking_move(&moved, &own, hit->booking_id, &in);
            c->out.moved += rc == RG_OK;
            c->out.left += rc != RG_OK;
        }
    }
}

rg_outcome_t rg_closure_add(rg_closed_t *out, const rg_ctx_t *ctx, const rg_closure_in_t *in,
                            const rg_decision_t *decisions, int count)
{
    close_t c = {.in = in, .decisions = decisions, .decision_count = count};
    *out = (rg_closed_t){0};
    if (!rg_may(ctx, RG_DEED_DEFINE)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_transact_once(ctx, add_work, &c);
    if (rc == RG_OK && !rg_replayed(ctx)) {
        move_all(&c, ctx);
    }
    if (rc == RG_PRECONDITION && c.hits) {
        add_nearest(&c, ctx);
    }
    *out = c.out;
    if (c.hits) {
        out->conflict_count = c.hits->nelts;
        out->conflicts = (rg_conflict_t *)(void *)c.hits->elts;
    }
    return rc;
}

/* --- lists and removal ------------------------------------------------------------------------ */

static rg_outcome_t remove_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    int64_t id = *(int64_t *)baton;
    rg_outcome_t rc = rg_clinic_lock(db, ctx);
    if (rc == RG_OK) {
        rc = rg_closure_delete(db, ctx, id);
        rg_freed_by_definitions(db);
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "closure.remove", "closure", id, NULL) : rc;
}

rg_outcome_t rg_closure_remove(const rg_ctx_t *ctx, int64_t id)
{
    return rg_may(ctx, RG_DEED_DEFINE) ? rg_transact_once(ctx, remove_work, &id) : RG_FORBIDDEN;
}

static rg_outcome_t list_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_closures_t *out = baton;
    const rg_clinic_t *k;
    rg_outcome_t rc = rg_clinic_get(&k, db, ctx);
    if (rc != RG_OK || k->site_count == 0) {
        return rc == RG_OK ? RG_PRECONDITION : rc;
    }
    int64_t *sites = apr_palloc(ctx->pool, sizeof(*sites) * (size_t)(k->resource_count + 1));
    out->sites = k->sites;
    out->site_count = k->site_count;
    out->resources =
        apr_palloc(ctx->pool, sizeof(*out->resources) * (size_t)(k->resource_count + 1));
    out->resource_count = k->resource_count;
    for (int i = 0; i < k->resource_count; i++) {
        out->resources[i] = &k->resources[i].resource;
        sites[i] = k->resources[i].site_id;
    }
    out->resource_sites = sites;
    /* A day back, because sites lie in different zones. */
    rg_date_t today = rg_zone_local(k->sites[0].zone, ctx->now).date;
    return rg_closure_rows(db, ctx, &out->rows, &out->count, rg_date_add(today, -1));
}

rg_outcome_t rg_closures_get(rg_closures_t *out, const rg_ctx_t *ctx)
{
    *out = (rg_closures_t){0};
    return rg_may(ctx, RG_DEED_DEFINE) ? rg_store_read(ctx, list_work, out) : RG_FORBIDDEN;
}
