/* SPDX-License-Identifier: Apache-2.0 */
/* A visit that runs late: the remaining steps are searched for again from now on as a separate
 * chain, and moved as one; later visits move with them only if the gap to them would not be met.
 * Completed steps stay. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "mod_regen/clinic/schedule/local_days.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/definitions.h"
#include "regen/store/followup.h"
#include "regen/store/patient.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/input.h"
#include "mod_regen/clinic/schedule/part.h"
#include "mod_regen/clinic/schedule/search.h"
#include "mod_regen/clinic/transact.h"
#include "mod_regen/clinic/definitions/current.h"
#include "mod_regen/clinic/schedule/lookup.h"

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
    rg_rest_t rest; /* those that have not begun, of this visit */
    bool holds_over, beaten;
} replan_t;

static rg_outcome_t forbid_replan(const rg_ctx_t *ctx, const char *text)
{
    rg_problem_add(ctx->problems, NULL, "%s", text);
    return RG_PRECONDITION;
}

/* --- what is left ----------------------------------------------------------------------------- */

static rg_outcome_t settle_steps(replan_t *r, const rg_ctx_t *ctx, const rg_service_t *s)
{
    const rg_booking_t *b = r->out->booking;
    int next = rg_day_next(b->status, r->care.kinds, r->care.done, &r->care.units);
    bool began = b->status == RG_BOOKING_ARRIVED || b->status == RG_BOOKING_IN_PROGRESS;
    int first = next < 0 ? -1 : rg_step_of_event(s, (rg_event_t)next);
    r->rest = rg_rest_of(b, r->care.done, r->out->unit);
    if (!began || first < 0) {
        return forbid_replan(
            ctx, "Only a visit that has begun and has remaining steps can be rescheduled here.");
    }
    if (!rg_rest_fits(&r->rest, s)) {
        return forbid_replan(ctx,
                             "This treatment has changed since it was booked. Its steps cannot be "
                             "rescheduled one by one.");
    }
    r->next = (rg_event_t)next;
    r->rest.first = first;
    r->rest.count = 0;
    (void)rg_rest_widen(&r->rest, s);
    r->out->next = rg_event_name(r->next);
    r->out->latest = rg_day_latest(s, rg_targets_count(b->further), r->out->unit, r->next);
    return RG_OK;
}

/* --- the chain of what is left ---------------------------------------------------------------- */

/* From this very granule until the step must have begun, and today: another day is a visit that
 * moves. */
static rg_bits_t *starts_in_time(const replan_t *r, const rg_ctx_t *ctx)
{
    const rg_offer_t *o = r->offer;
    const rg_zone_t *zone = o->site->zone;
    rg_bits_t *b = apr_palloc(ctx->pool, sizeof(*b));
    rg_date_t today = rg_zone_local(zone, ctx->now).date;
    int64_t end = rg_granule_of(rg_zone_utc(zone, rg_date_add(today, 1), 0));
    int64_t last = r->out->latest == 0 ? end : rg_granule_of(r->out->latest) + 1;
    *b = rg_bits_make(ctx->pool, o->n);
    rg_bits_set(b, rg_granule_of(ctx->now) - o->from, (last < end ? last : end) - o->from);
    return b;
}

/* --- a way to do it --------------------------------------------------------------------------- */

/* The planned resources are used again if possible, so that nobody is called away unnecessarily. */
static const int64_t *loads_of_plan(const replan_t *r, const rg_ctx_t *ctx)
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

/* Where the part can begin, and how; at START (0: the earliest). */
static bool plan_option(rg_replan_option_t *to, const rg_ctx_t *ctx, const replan_t *r,
                        const rg_rest_t *part, apr_time_t start)
{
    rg_search_t s = rg_rest_search(part, ctx, r->offer, starts_in_time(r, ctx));
    rg_plan_t plan;
    rg_bits_t found = rg_search_starts(ctx->pool, &s);
    int at = start == 0 ? rg_bits_next(&found, 0) : (int)(rg_granule_of(start) - r->offer->from);
    if (at < 0 || !rg_bits_get(&found, at) ||
        !rg_plan_make(&plan, ctx->pool, &s, at, loads_of_plan(r, ctx))) {
        return false;
    }
    rg_rest_lay_out(to, ctx, part, r->offer, &s, &plan);
    return true;
}

/* With as few later visits as possible, or exactly until LAST_VISIT (0: any). False if it is
 * impossible. */
static bool find_way(rg_replan_option_t *to, const rg_ctx_t *ctx, const replan_t *r, bool others,
                     const rg_replan_in_t *in)
{
    rg_rest_t part = r->rest;
    bool found = false;
    part.others = others;
    for (bool more = true; !found && more;) {
        bool meant = !in || in->last_visit == 0 || in->last_visit == rg_rest_last_visit(&part);
        found = meant && plan_option(to, ctx, r, &part, in ? in->start : 0);
        more = !found && rg_rest_widen(&part, r->out->service);
    }
    return found;
}

/* With other resources only if that is sooner, lets later visits stay, or is the only way. */
static void find_ways(const replan_t *r, const rg_ctx_t *ctx)
{
    rg_replan_t *out = r->out;
    rg_replan_option_t others;
    out->option_count = find_way(&out->options[0], ctx, r, false, NULL) ? 1 : 0;
    bool better = find_way(&others, ctx, r, true, NULL) &&
                  (out->option_count == 0 || others.start < out->options[0].start ||
                   others.last_visit < out->options[0].last_visit);
    if (better) {
        out->options[out->option_count++] = others;
    }
}

/* --- reading ---------------------------------------------------------------------------------- */

static rg_outcome_t offer_to_replan(rg_offer_t **out, const rg_ctx_t *ctx, const rg_clinic_t *k,
                                    void *baton)
{
    replan_t *r = baton;
    const rg_clinic_service_t *s = rg_clinic_service(k, r->out->booking->service_id);
    const rg_clinic_service_t *other = s ? rg_clinic_service(k, s->service.fallback_service_id) : 0;
    const rg_site_t *site = s ? rg_clinic_site(k, s->service.site_id) : NULL;
    if (!site) {
        return rg_clinic_missing(k, RG_INTERNAL);
    }
    r->out->service = (rg_service_t *)&s->service;
    r->out->site = (rg_site_t *)site;
    r->out->fallback =
        other && other->active && rg_clinic_priced(other) ? (rg_service_t *)&other->service : NULL;
    rg_date_t day = rg_zone_local(site->zone, ctx->now).date;
    return rg_offer_make(out, ctx, k, s, rg_targets_count(r->out->booking->further), 0,
                         rg_zone_utc(site->zone, day, 0),
                         rg_zone_utc(site->zone, rg_date_add(day, 1), 0));
}

static rg_outcome_t read_planned_booking(replan_t *r, rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_replan_t *out = r->out;
    rg_outcome_t rc = rg_booking_row_by_uid(db, ctx, &out->booking, r->uid);
    if (rc == RG_OK && r->in) {
        rc = rg_booking_row(db, ctx, &out->booking, out->booking->id, true);
    }
    rc = rc == RG_OK ? rg_booking_parts(db, ctx, out->booking) : rc;
    rc = rc == RG_OK ? rg_care_get(db, ctx, &r->care, out->booking->id) : rc;
    if (rc == RG_OK) {
        rc = rg_patient_read(db, ctx, &out->patient, out->booking->patient_id);
    }
    if (rc != RG_OK) {
        return rc;
    }
    out->unit = NULL;
    rc = rg_unit_of_booking(db, ctx, &out->unit, out->booking->id);
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

/* Booking, definitions and occupied time; the booking's own time counts as free. */
static rg_outcome_t read_plan(replan_t *r, rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_outcome_t rc = read_planned_booking(r, db, ctx);
    rc = rc == RG_OK ? rg_offer_now(&r->offer, &r->holds_over, db, ctx, offer_to_replan, r) : rc;
    rc = rc == RG_OK ? settle_steps(r, ctx, r->out->service) : rc;
    if (rc == RG_OK) {
        int count;
        rg_span_t *own = rg_booking_spans(ctx->pool, r->out->booking, &count);
        rg_offer_give_back(r->offer, own, count, 0);
    }
    return rc;
}

static void settle_planned(replan_t *r)
{
    rg_booking_t *b = r->out->booking;
    rg_replan_option_t *p = &r->out->planned;
    const rg_booking_step_t *first = &b->steps[r->rest.first];
    const rg_booking_step_t *last = first + r->rest.count - 1;
    int from = 0;
    while (from < b->resource_count && b->resources[from].step_no < first->step_no) {
        from++;
    }
    int until = from;
    while (until < b->resource_count && b->resources[until].step_no <= last->step_no) {
        until++;
    }
    p->start = first->starts_at;
    p->last_visit = first->visit_no;
    p->step_count = r->rest.count;
    p->steps = b->steps + r->rest.first;
    p->resources = b->resources + from;
    p->resource_count = until - from;
}

static rg_outcome_t look_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    replan_t *r = baton;
    rg_outcome_t rc = read_plan(r, db, ctx);
    if (rc == RG_OK) {
        settle_planned(r);
        find_ways(r, ctx);
    }
    return rc;
}

rg_outcome_t rg_day_replan_look(rg_replan_t **out, const rg_ctx_t *ctx, const char *booking_uid)
{
    replan_t r = {.uid = booking_uid, .out = apr_pcalloc(ctx->pool, sizeof(rg_replan_t))};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
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

/* --- doing it --------------------------------------------------------------------------------- */

/* The patient is here and knows about today; only a later visit with a new time needs a message,
 * and its old time is offered to the waitlist. */
static rg_outcome_t send_change(rg_db_t *db, const rg_ctx_t *ctx, const replan_t *r,
                                const rg_replan_option_t *way)
{
    const rg_booking_t *old = r->out->booking;
    apr_time_t was = rg_rest_visit_start(old, way->steps[0].visit_no + 1);
    rg_message_fact_t fact = {.kind = RG_MESSAGE_CHANGE, .about_id = old->id, .old_starts_at = was};
    return way->last_visit > way->steps[0].visit_no ? rg_message_add(db, ctx, &fact) : RG_OK;
}

static rg_outcome_t take(rg_db_t *db, const rg_ctx_t *ctx, replan_t *r,
                         const rg_replan_option_t *way)
{
    int old_count;
    int count;
    rg_booking_t *b = rg_rest_reshape(&r->rest, ctx, way);
    rg_span_t *old = rg_booking_spans(ctx->pool, r->out->booking, &old_count);
    rg_span_t *spans = rg_booking_spans(ctx->pool, b, &count);
    rg_owner_t by = rg_booking_by(ctx);
    rg_outcome_t rc = rg_booking_shift(db, ctx, &by, b, old, old_count, spans, count);
    r->beaten = rc == RG_CONFLICT;
    rg_freed_note(db, r->out->booking->starts_at, r->out->booking->ends_at);
    if (rc == RG_OK) {
        rg_once_result(db, b->uid);
    }
    rc = rc == RG_OK ? rg_person_moves(db, ctx, b, NULL, true) : rc;
    rc = rc == RG_OK ? send_change(db, ctx, r, way) : rc;
    const char *until = way->last_visit > way->steps[0].visit_no
                            ? apr_psprintf(ctx->pool, " until-visit:%d", way->last_visit)
                            : "";
    return rc == RG_OK ? rg_booking_audit(db, ctx, "day.replan", b->id,
                                          apr_psprintf(ctx->pool, "%s to:%" APR_TIME_T_FMT "%s%s",
                                                       r->out->next, apr_time_sec(way->start),
                                                       way->others ? " others" : "", until))
                       : rc;
}

static rg_outcome_t replan_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    replan_t *r = baton;
    rg_replan_option_t way;
    r->beaten = false;
    rg_outcome_t rc = read_plan(r, db, ctx);
    if (rc == RG_OK && r->holds_over) {
        rc = rg_booking_expire_all(db, ctx);
        rc = rc == RG_OK ? read_plan(r, db, ctx) : rc;
    }
    if (rc != RG_OK) {
        return rc;
    }
    if (r->in->version != r->out->booking->version ||
        !find_way(&way, ctx, r, r->in->others, r->in)) {
        rg_problem_add(
            ctx->problems, NULL,
            "These times are no longer possible. Choose from the current options below.");
        return RG_CONFLICT;
    }
    return take(db, ctx, r, &way);
}

typedef struct {
    int64_t id;
    rg_booking_t *booking;
} whose_t;

static rg_outcome_t uid_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    whose_t *u = baton;
    return rg_booking_row(db, ctx, &u->booking, u->id, false);
}

rg_outcome_t rg_day_replan(const rg_ctx_t *ctx, int64_t booking_id, const rg_replan_in_t *in)
{
    replan_t r = {.in = in, .out = apr_pcalloc(ctx->pool, sizeof(rg_replan_t))};
    whose_t u = {booking_id, NULL};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    rc = rc == RG_OK ? rg_store_read(ctx, uid_work, &u) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    r.uid = u.booking->uid;
    rc = rg_transact_once(ctx, replan_work, &r);
    for (int i = 1; rc == RG_CONFLICT && r.beaten && i < TRIES; i++) {
        rc = rg_transact_once(ctx, replan_work, &r);
    }
    return rc;
}
