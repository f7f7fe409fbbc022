/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing stays booked unnoticed in a closed room: every read compares bookings with the current
 * definitions, so it does not matter who closed what, or whether a booking was made at the same
 * moment. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/definitions/conflict.h"

#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/schedule/local_days.h"
#include "mod_regen/clinic/definitions/service.h"
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/booking.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/lookup.h"

#include <string.h>

#include <apr_strings.h>

/* --- one span --------------------------------------------------------------------------------- */

static bool decided(const rg_standing_t *s, const rg_taken_t *t, rg_conflict_kind_t kind,
                    int64_t closure_id)
{
    for (int i = 0; i < s->kept_count; i++) {
        const rg_kept_t *k = &s->kept[i];
        bool about = kind == RG_CONFLICT_CLOSED
                         ? k->closure_id == closure_id
                         : k->resource_id == t->resource_id && k->kind == kind;
        if (about && k->booking_id == t->booking_id && k->starts_at == t->starts_at) {
            return true;
        }
    }
    return false;
}

static bool closed_on(const rg_closure_t *c, const rg_zone_t *zone, rg_date_t day,
                      const rg_taken_t *t)
{
    apr_time_t from[2];
    apr_time_t until[2];
    int parts = rg_zone_span(zone, day, c->start, c->end, from, until);
    for (int i = 0; i < parts; i++) {
        if (from[i] < t->busy_until && until[i] > t->busy_from) {
            return true;
        }
    }
    return false;
}

static bool meets(const rg_closure_t *c, const rg_zone_t *zone, const rg_taken_t *t)
{
    rg_date_t day = rg_zone_local(zone, t->busy_from).date;
    rg_date_t last = rg_zone_local(zone, t->busy_until - 1).date;
    for (; rg_date_compare(day, last) <= 0; day = rg_date_add(day, 1)) {
        int number = rg_date_days(day);
        if (number >= c->first_day && number <= c->last_day && closed_on(c, zone, day, t)) {
            return true;
        }
    }
    return false;
}

/* The index of an undecided closure over the span, or -1. */
static int closure_over(const rg_clinic_t *k, const rg_clinic_resource_t *r, const rg_zone_t *zone,
                        const rg_standing_t *s, const rg_taken_t *t)
{
    for (int i = 0; i < k->closure_count; i++) {
        const rg_closure_t *c = &k->closures[i];
        bool mine =
            c->site_id == r->site_id && (c->resource_id == 0 || c->resource_id == r->resource.id);
        if (mine && meets(c, zone, t) && !decided(s, t, RG_CONFLICT_CLOSED, k->closure_ids[i])) {
            return i;
        }
    }
    return -1;
}

/* Within its weekly hours, whatever is closed. */
static bool within_hours(apr_pool_t *p, const rg_clinic_t *k, const rg_clinic_resource_t *r,
                         const rg_zone_t *zone, const rg_taken_t *t)
{
    rg_clinic_t open = *k;
    int64_t from = rg_granule_of(t->busy_from);
    int n = (int)(rg_granule_of(t->busy_until) - from);
    open.closure_count = 0;
    if (n <= 0) {
        return true;
    }
    rg_bits_t b = rg_layout_open(p, &open, r, zone, from, n);
    return rg_bits_count(&b, 0, n) == n;
}

/* Bookings keep their own steps: the capabilities of the service apply to a booking only if its
 * step is unchanged. */
static bool still_can(const rg_clinic_t *k, const rg_clinic_resource_t *r, const rg_taken_t *t)
{
    const rg_clinic_service_t *s = rg_clinic_service(k, t->service_id);
    const rg_step_t *step = s && t->step_no >= 1 && t->step_no <= s->service.step_count
                                ? &s->service.steps[t->step_no - 1]
                                : NULL;
    if (!step || step->kind != t->step_kind || t->need_no > step->need_count) {
        return true;
    }
    return rg_need_can(r, &step->needs[t->need_no - 1]);
}

static bool conflict_of(rg_conflict_t *out, apr_pool_t *p, const rg_clinic_t *k,
                        const rg_standing_t *s, const rg_taken_t *t)
{
    const rg_clinic_resource_t *r = rg_clinic_resource(k, t->resource_id);
    const rg_site_t *site = r ? rg_clinic_site(k, r->site_id) : NULL;
    if (!site) {
        return false;
    }
    *out = (rg_conflict_t){.resource_id = t->resource_id,
                           .booking_id = t->booking_id,
                           .resource_name = r->resource.name,
                           .busy_from = t->busy_from,
                           .busy_until = t->busy_until};
    int closure = closure_over(k, r, site->zone, s, t);
    if (closure >= 0) {
        out->kind = RG_CONFLICT_CLOSED;
        out->closure_id = k->closure_ids[closure];
        return true;
    }
    if (!r->resource.active && !decided(s, t, RG_CONFLICT_INACTIVE, 0)) {
        out->kind = RG_CONFLICT_INACTIVE;
        return true;
    }
    out->kind = RG_CONFLICT_HOURS;
    if (!t->outside_meant && !decided(s, t, RG_CONFLICT_HOURS, 0) &&
        !within_hours(p, k, r, site->zone, t)) {
        return true;
    }
    out->kind = RG_CONFLICT_CAPABILITY;
    return !decided(s, t, RG_CONFLICT_CAPABILITY, 0) && !still_can(k, r, t);
}

/* --- many ------------------------------------------------------------------------------------- */

/* Steps of one booking that fall under the same closure, or lose the same resource, are one
 * matter. */
static bool is_told_already(const apr_array_header_t *list, const rg_conflict_t *c)
{
    for (int i = list->nelts - 1; i >= 0; i--) {
        const rg_conflict_t *o = &APR_ARRAY_IDX(list, i, rg_conflict_t);
        if (o->booking_id != c->booking_id) {
            return false;
        }
        if (o->kind == c->kind && o->closure_id == c->closure_id &&
            (c->kind == RG_CONFLICT_CLOSED || o->resource_id == c->resource_id)) {
            return true;
        }
    }
    return false;
}

void rg_conflicts_find(apr_array_header_t *out, apr_pool_t *p, const rg_clinic_t *k,
                       const rg_standing_t *s)
{
    for (int i = 0; i < s->taken_count; i++) {
        rg_conflict_t c;
        if (conflict_of(&c, p, k, s, &s->taken[i]) && !is_told_already(out, &c)) {
            APR_ARRAY_PUSH(out, rg_conflict_t) = c;
        }
    }
}

rg_outcome_t rg_standing_read(rg_standing_t *out, rg_db_t *db, const rg_ctx_t *ctx,
                              const rg_taken_ask_t *ask)
{
    rg_outcome_t rc = rg_taken_read(db, ctx, &out->taken, &out->taken_count, ask);
    return rc == RG_OK ? rg_kept_read(db, ctx, &out->kept, &out->kept_count) : rc;
}

rg_outcome_t rg_conflicts_fill(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *list)
{
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < list->nelts; i++) {
        rg_conflict_t *c = &APR_ARRAY_IDX(list, i, rg_conflict_t);
        const rg_conflict_t *last = i > 0 ? c - 1 : NULL;
        rg_booking_t *b = NULL;
        if (last && last->booking_id == c->booking_id) {
            c->booking = last->booking;
            continue;
        }
        rc = rg_booking_row(db, ctx, &b, c->booking_id, false);
        c->booking = b;
    }
    return rc;
}

/* --- the use-cases ---------------------------------------------------------------------------- */

static rg_outcome_t conflicts_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    apr_array_header_t *list = baton;
    const rg_taken_ask_t everywhere = {.site_id = 0};
    const rg_clinic_t *k;
    rg_standing_t standing;
    apr_array_clear(list);
    rg_outcome_t rc = rg_clinic_get(&k, db, ctx);
    if (rc == RG_OK) {
        rc = rg_standing_read(&standing, db, ctx, &everywhere);
    }
    if (rc != RG_OK) {
        return rc;
    }
    rg_conflicts_find(list, ctx->pool, k, &standing);
    return rg_conflicts_fill(db, ctx, list);
}

rg_outcome_t rg_closure_conflicts(rg_conflict_t **out, int *count, const rg_ctx_t *ctx)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 8, sizeof(rg_conflict_t));
    if (!rg_may(ctx, RG_DEED_SEE_DAY)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_store_read(ctx, conflicts_work, list);
    *out = (rg_conflict_t *)(void *)list->elts;
    *count = list->nelts;
    return rc;
}

const char *rg_reason_read(const rg_ctx_t *ctx, const char *field, const char *typed)
{
    const char *reason = typed ? rg_text_tidy(ctx->pool, typed) : "";
    if (reason[0] && rg_text_clean(reason, strlen(reason)) && rg_text_length(reason) <= 120) {
        return reason;
    }
    rg_problem_add(ctx->problems, field, "Enter a reason of at most 120 characters.");
    return NULL;
}

static rg_outcome_t keep_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_kept_t *kept = baton;
    rg_booking_t *b;
    rg_outcome_t rc = rg_booking_row(db, ctx, &b, kept->booking_id, true);
    if (rc == RG_OK && apr_time_sec(b->starts_at) != apr_time_sec(kept->starts_at)) {
        rg_problem_add(ctx->problems, NULL,
                       "This booking was rescheduled in the meantime. Check it again.");
        rc = RG_CONFLICT;
    }
    if (rc != RG_OK) {
        return rc;
    }
    kept->booking_version = b->version;
    rc = rg_kept_put(db, ctx, kept);
    return rc == RG_OK ? rg_audit_add(db, ctx, "booking.keep", "booking", b->id,
                                      rg_conflict_kind_name(kept->kind))
                       : rc;
}

rg_outcome_t rg_conflict_keep(const rg_ctx_t *ctx, const rg_keep_in_t *in)
{
    rg_kept_t kept = {.closure_id = in->kind == RG_CONFLICT_CLOSED ? in->closure_id : 0,
                      .resource_id = in->resource_id,
                      .kind = in->kind,
                      .booking_id = in->booking_id,
                      .starts_at = in->starts_at};
    if (!rg_may(ctx, RG_DEED_DEFINE)) {
        return RG_FORBIDDEN;
    }
    kept.reason = rg_reason_read(ctx, in->field, in->reason);
    if (!kept.reason) {
        return RG_INVALID;
    }
    rg_outcome_t rc = rg_store_once(ctx, keep_work, &kept);
    return rc == RG_PRECONDITION ? RG_NOT_FOUND : rc; /* the closure went in the meantime */
}
