/* SPDX-License-Identifier: Apache-2.0 */
/* Moving a chain, or one visit of it with as many of the later ones as must follow: the new time is
 * planned as if the old one were free, then taken, and the old one released, all in one
 * transaction. A failed move changes nothing. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/waitlist/waitlist.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/model/service.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/definitions.h"
#include "regen/store/followup.h"
#include "regen/store/order.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/input.h"
#include "mod_regen/clinic/schedule/part.h"
#include "mod_regen/clinic/schedule/search.h"
#include "mod_regen/clinic/schedule/lookup.h"
#include "regen/clinic/schedule.h"

#include <string.h>

#include <apr_strings.h>

typedef struct {
    int64_t id;
    const rg_move_in_t *in;
    const rg_hold_extra_t *extra;
    rg_hold_in_t wished;
    rg_wish_t wish;
    int visit;             /* 0: the whole booking */
    rg_rest_t rest;        /* with VISIT: the part that moves */
    rg_booking_t *booking; /* as it is after the move */
} move_t;

/* --- may it move at all ----------------------------------------------------------------------- */

static rg_outcome_t forbid_move(const rg_ctx_t *ctx, const char *text)
{
    rg_problem_add(ctx->problems, NULL, "%s", text);
    return RG_PRECONDITION;
}

/* What moves begins then, as it is now. */
static apr_time_t start_of_moved(const move_t *m, const rg_booking_t *b)
{
    return m->visit > 0 ? rg_rest_visit_start(b, m->visit) : b->starts_at;
}

/* What the clinic does itself whenever it likes, a patient may do in time only. */
static rg_outcome_t patient_may(rg_db_t *db, const rg_ctx_t *ctx, const move_t *m,
                                const rg_booking_t *b)
{
    const rg_clinic_t *k;
    rg_outcome_t rc = rg_clinic_get_version(&k, db, ctx, b->definitions);
    if (rc != RG_OK) {
        return rc;
    }
    const rg_clinic_service_t *s = rg_clinic_service(k, b->service_id);
    if (!s) {
        return rg_clinic_missing(k, RG_INTERNAL);
    }
    if (s->service.staff_only) {
        return forbid_move(ctx, "Only the clinic can reschedule this treatment. Please call us.");
    }
    return ctx->now > rg_move_last(start_of_moved(m, b), &s->service)
               ? forbid_move(ctx, "It is too late to reschedule online. Please call the clinic.")
               : RG_OK;
}

static rg_outcome_t may_move(rg_db_t *db, const rg_ctx_t *ctx, const move_t *m,
                             const rg_booking_t *b)
{
    bool later = m->visit > m->rest.begun; /* of a course that began, visits that have not */
    switch (b->status) {
    case RG_BOOKING_HELD:
    case RG_BOOKING_EXPIRED:
    case RG_BOOKING_CANCELLED: return rg_booking_must_be_held(ctx, b);
    case RG_BOOKING_BOOKED: return rg_is_staff(ctx) ? RG_OK : patient_may(db, ctx, m, b);
    case RG_BOOKING_ARRIVED:
    case RG_BOOKING_IN_PROGRESS:
        if (later) {
            return rg_is_staff(ctx) ? RG_OK : patient_may(db, ctx, m, b);
        }
        return forbid_move(ctx, "The visit has begun or is over, so it cannot be rescheduled.");
    default:
        return forbid_move(ctx, "The visit has begun or is over, so it cannot be rescheduled.");
    }
}

static rg_outcome_t no_news(const rg_ctx_t *ctx)
{
    rg_problem_add(ctx->problems, "start", "This is your current time. Choose another one.");
    return RG_INVALID;
}

/* The current time is a move only if a different practitioner is requested, or for staff if a
 * resource was closed and another one is available. */
static rg_outcome_t must_be_news(const rg_ctx_t *ctx, const rg_booking_t *b, const move_t *m)
{
    const rg_move_in_t *in = m->in;
    bool same = in->start == start_of_moved(m, b) && in->practitioner_id == 0;
    rg_outcome_t rc = rg_booking_must_be_as_seen(ctx, b, in->version);
    return rc == RG_OK && same && !rg_is_staff(ctx) ? no_news(ctx) : rc;
}

/* Whether it asks for what it has: the same start, and nothing of it was closed in the meantime. */
static bool has_it(const move_t *m, const rg_ctx_t *ctx, const rg_booking_t *old)
{
    int count = m->wish.own_count;
    const rg_span_t *own = m->visit > 0 ? rg_rest_spans(&m->rest, ctx, &count) : m->wish.own;
    return m->in->start == start_of_moved(m, old) && m->in->practitioner_id == 0 &&
           rg_offer_open_for(m->wish.offer, own, count);
}

/* --- the new booking -------------------------------------------------------------------------- */

/* A visit stays the same appointment, so that calendars change their entry instead of adding
 * one. */
static void keep_appointments(rg_booking_t *b, const rg_booking_t *old)
{
    for (int i = 0; i < b->appointment_count; i++) {
        rg_appointment_t *a = &b->appointments[i];
        for (int k = 0; k < old->appointment_count; k++) {
            const rg_appointment_t *was = &old->appointments[k];
            if (was->visit_no == a->visit_no) {
                a->uid = was->uid;
                a->sequence = was->sequence + 1;
            }
        }
    }
}

static rg_booking_t *build_moved(const rg_ctx_t *ctx, const rg_booking_t *old, const rg_wish_t *w,
                                 const rg_plan_t *plan)
{
    if (w->rest) {
        return rg_wish_reshape(ctx, w, plan);
    }
    rg_booking_t *b = apr_pmemdup(ctx->pool, old, sizeof(*b));
    rg_wish_lay_out(b, ctx, w, plan);
    keep_appointments(b, old);
    b->version = old->version + 1;
    return b;
}

static rg_outcome_t note_move(rg_db_t *db, const rg_ctx_t *ctx, const move_t *m,
                              const rg_booking_t *old)
{
    const rg_booking_t *b = m->booking;
    const char *detail =
        apr_psprintf(ctx->pool, "from:%" APR_TIME_T_FMT " to:%" APR_TIME_T_FMT,
                     apr_time_sec(start_of_moved(m, old)), apr_time_sec(start_of_moved(m, b)));
    if (m->visit > 0) {
        detail = apr_psprintf(ctx->pool, "visit:%d-%d %s", m->visit, rg_rest_last_visit(&m->rest),
                              detail);
    }
    rg_once_result(db, b->uid);
    return rg_booking_audit(db, ctx, "booking.move", b->id, detail);
}

/* Whether the patient must come at a different time; the resources may have changed without
 * that. */
static bool has_other_times(const rg_booking_t *old, const rg_booking_t *b)
{
    if (old->appointment_count != b->appointment_count) {
        return true;
    }
    for (int i = 0; i < b->appointment_count; i++) {
        if (old->appointments[i].starts_at != b->appointments[i].starts_at) {
            return true;
        }
    }
    return false;
}

/* The patient is notified, and the old time is offered to the waitlist. */
static rg_outcome_t follow_up(rg_db_t *db, const rg_ctx_t *ctx, move_t *m, const rg_booking_t *old)
{
    const rg_service_t *s = m->wish.offer->service;
    const rg_booking_t *b = m->booking;
    rg_message_fact_t fact = {.kind = RG_MESSAGE_CHANGE,
                              .about_id = old->id,
                              .old_starts_at = start_of_moved(m, old),
                              .prepare_at =
                                  rg_preparing_first(s, m->wish.zone, b->starts_at, ctx->now),
                              .until_at = rg_deadlines(b, s, ctx->now).cancel_until};
    rg_freed_note(db, start_of_moved(m, old), old->ends_at);
    bool news = old->status != RG_BOOKING_HELD && has_other_times(old, m->booking);
    return news ? rg_message_add(db, ctx, &fact) : RG_OK;
}

static rg_outcome_t take(rg_db_t *db, const rg_ctx_t *ctx, move_t *m, const rg_booking_t *old)
{
    int count;
    rg_span_t *spans = rg_booking_spans(ctx->pool, m->booking, &count);
    rg_owner_t by = rg_booking_by(ctx);
    rg_outcome_t rc =
        rg_booking_shift(db, ctx, &by, m->booking, m->wish.own, m->wish.own_count, spans, count);
    m->wish.beaten = rc == RG_CONFLICT;
    if (rc == RG_OK) {
        rc = rg_person_moves(db, ctx, m->booking, m->extra, false);
    }
    if (rc == RG_OK && m->wish.broken != 0) {
        rc = rg_booking_note_over(db, ctx, m->id, m->wish.broken, m->extra->reason);
    }
    if (rc == RG_OK) {
        rc = note_move(db, ctx, m, old);
    }
    return rc == RG_OK ? follow_up(db, ctx, m, old) : rc;
}

/* What a patient could not anymore, the front desk does with a reason. */
static rg_outcome_t late_with_reason(rg_db_t *db, const rg_ctx_t *ctx, const move_t *m,
                                     const rg_booking_t *b, bool *late)
{
    const rg_clinic_t *k;
    *late = false;
    if (!m->extra || b->status == RG_BOOKING_HELD) {
        return RG_OK;
    }
    rg_outcome_t rc = rg_clinic_get_version(&k, db, ctx, b->definitions);
    const rg_clinic_service_t *s = rc == RG_OK ? rg_clinic_service(k, b->service_id) : NULL;
    *late = s && ctx->now > rg_move_last(start_of_moved(m, b), &s->service);
    if (*late && !m->extra->reason) {
        rg_problem_add(ctx->problems, "reason",
                       "The patient could no longer reschedule this online. Enter a reason to "
                       "reschedule it anyway.");
        return RG_INVALID;
    }
    return rc;
}

/* --- the transaction -------------------------------------------------------------------------- */

/* Which visit, and what was done of the course: for the checks that follow. */
static rg_outcome_t read_moving_part(rg_db_t *db, const rg_ctx_t *ctx, move_t *m,
                                     const rg_booking_t *b)
{
    rg_outcome_t rc = rg_rest_read(&m->rest, db, ctx, b);
    int last = b->steps[b->step_count - 1].visit_no;
    if (rc == RG_OK && (m->visit > last || start_of_moved(m, b) == 0)) {
        rg_problem_add(ctx->problems, "visit", "This booking has only %d visit%s.", last,
                       last == 1 ? "" : "s");
        return RG_INVALID;
    }
    while (rc == RG_OK && b->steps[m->rest.first].visit_no != m->visit) {
        m->rest.first++;
    }
    m->wish.rest = &m->rest;
    return rc;
}

static rg_outcome_t open_row(rg_booking_t **out, rg_db_t *db, const rg_ctx_t *ctx, move_t *m)
{
    rg_outcome_t rc = rg_booking_open(out, db, ctx, m->id);
    if (rc == RG_OK && m->visit > 0) {
        rc = rg_booking_parts(db, ctx, *out);
        rc = rc == RG_OK ? read_moving_part(db, ctx, m, *out) : rc;
    }
    if (rc == RG_OK) {
        rc = may_move(db, ctx, m, *out);
    }
    if (rc == RG_OK) {
        rc = must_be_news(ctx, *out, m);
    }
    return rc == RG_OK && m->visit == 0 ? rg_booking_parts(db, ctx, *out) : rc;
}

static rg_outcome_t plan_it(rg_booking_t **out, rg_db_t *db, const rg_ctx_t *ctx, move_t *m)
{
    rg_booking_t *old;
    rg_plan_t plan;
    m->wish = (rg_wish_t){
        .in = &m->wished, .moving = m->id, .over = m->extra ? rg_over_time(m->extra->over) : 0};
    rg_order_t *on = NULL;
    bool late;
    rg_outcome_t rc = open_row(&old, db, ctx, m);
    if (rc == RG_OK) {
        rc = late_with_reason(db, ctx, m, old, &late);
    }
    if (rc != RG_OK) {
        return rc;
    }
    m->wished = (rg_hold_in_t){old->service_code, m->in->start, m->in->practitioner_id};
    m->wish.own = rg_booking_spans(ctx->pool, old, &m->wish.own_count);
    m->wish.own_start = old->starts_at;
    rc = old->order_id > 0 ? rg_order_by_id(db, ctx, &on, old->order_id) : RG_OK;
    m->wish.on = on;
    rc = rc == RG_OK ? rg_wish_plan(&plan, db, ctx, &m->wish) : rc;
    if (rc == RG_OK && has_it(m, ctx, old)) {
        rc = no_news(ctx);
    }
    if (rc != RG_OK) {
        return rc;
    }
    m->wish.broken |= late ? 1u << RG_RULE_MOVE_NOTICE : 0;
    m->booking = build_moved(ctx, old, &m->wish, &plan);
    m->booking->cancel_before =
        rg_is_staff(ctx) ? 0 : rg_cancel_carried(old, m->wish.offer->service, ctx->now);
    *out = old;
    return RG_OK;
}

static rg_outcome_t look_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_booking_t *old;
    return plan_it(&old, db, ctx, baton);
}

static rg_outcome_t move_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_booking_t *old;
    const move_t *m = baton;
    rg_outcome_t rc = plan_it(&old, db, ctx, baton);
    if (rc == RG_OK) {
        rc = take(db, ctx, baton, old);
    }
    return rc == RG_OK && m->in->note ? rg_booking_note(db, ctx, old->id, m->in->note, false) : rc;
}

/* --- which visits may ------------------------------------------------------------------------- */

typedef struct {
    int64_t id;
    rg_visit_move_t *visits;
    int count;
} visits_t;

static rg_outcome_t visits_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    visits_t *v = baton;
    rg_booking_t *b = NULL;
    rg_rest_t rest;
    const rg_clinic_t *k;
    rg_outcome_t rc = rg_booking_row(db, ctx, &b, v->id, false);
    rc = rc == RG_OK ? rg_booking_parts(db, ctx, b) : rc;
    rc = rc == RG_OK ? rg_rest_read(&rest, db, ctx, b) : rc;
    rc = rc == RG_OK ? rg_clinic_get_version(&k, db, ctx, b->definitions) : rc;
    const rg_clinic_service_t *s = rc == RG_OK ? rg_clinic_service(k, b->service_id) : NULL;
    bool open = b && s && rg_rest_fits(&rest, &s->service) &&
                (b->status == RG_BOOKING_BOOKED || b->status == RG_BOOKING_ARRIVED ||
                 b->status == RG_BOOKING_IN_PROGRESS);
    v->count = 0;
    if (rc != RG_OK || !open || b->appointment_count < 2) {
        return rc;
    }
    v->visits = apr_palloc(ctx->pool, sizeof(*v->visits) * (size_t)b->appointment_count);
    for (int i = 0; i < b->appointment_count; i++) {
        const rg_appointment_t *a = &b->appointments[i];
        apr_time_t last = s->service.staff_only ? 0 : rg_move_last(a->starts_at, &s->service);
        if (a->visit_no > rest.begun && !a->off) {
            v->visits[v->count++] =
                (rg_visit_move_t){a->visit_no, a->starts_at, last >= ctx->now ? last : 0};
        }
    }
    return rc;
}

rg_outcome_t rg_booking_visits(rg_visit_move_t **out, int *count, const rg_ctx_t *ctx,
                               int64_t booking_id)
{
    visits_t v = {.id = booking_id};
    rg_outcome_t rc = rg_booking_mine(ctx, booking_id, false) ? rg_store_read(ctx, visits_work, &v)
                                                              : RG_NOT_FOUND;
    *out = v.visits;
    *count = rc == RG_OK ? v.count : 0;
    return rc;
}

/* --- the use-case ----------------------------------------------------------------------------- */

static rg_outcome_t run_move(rg_hold_t *out, const rg_ctx_t *ctx, move_t *asked, rg_work_fn work)
{
    move_t m = *asked;
    *out = (rg_hold_t){0};
    if (!rg_booking_changes(ctx, m.id)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_wish_transact(ctx, work, &m, &m.wish);
    if (rc == RG_OK && rg_replayed(ctx)) {
        return rg_booking_answer_again(out, ctx);
    }
    if (rc == RG_OK) {
        out->booking = m.booking;
    }
    if (rc == RG_CONFLICT && (m.wish.full || m.wish.beaten)) {
        rg_wish_suggest(out, ctx, &m.wish);
    }
    return rc;
}

rg_outcome_t rg_booking_move(rg_hold_t *out, const rg_ctx_t *ctx, int64_t booking_id,
                             const rg_move_in_t *in)
{
    return rg_booking_visit_move(out, ctx, booking_id, 0, in);
}

rg_outcome_t rg_booking_move_look(rg_hold_t *out, const rg_ctx_t *ctx, int64_t booking_id,
                                  const rg_move_in_t *in)
{
    return rg_booking_visit_move_look(out, ctx, booking_id, 0, in);
}

rg_outcome_t rg_booking_visit_move(rg_hold_t *out, const rg_ctx_t *ctx, int64_t booking_id,
                                   int visit, const rg_move_in_t *in)
{
    move_t m = {.id = booking_id, .visit = visit, .in = in};
    return run_move(out, ctx, &m, move_work);
}

rg_outcome_t rg_booking_visit_move_look(rg_hold_t *out, const rg_ctx_t *ctx, int64_t booking_id,
                                        int visit, const rg_move_in_t *in)
{
    move_t m = {.id = booking_id, .visit = visit, .in = in};
    return run_move(out, ctx, &m, look_work);
}

rg_outcome_t rg_booking_move_as(rg_hold_t *out, const rg_ctx_t *ctx, int64_t booking_id,
                                const rg_move_in_t *in, const rg_hold_extra_t *extra)
{
    move_t m = {.id = booking_id, .visit = extra->visit, .in = in, .extra = extra};
    return run_move(out, ctx, &m, move_work);
}
