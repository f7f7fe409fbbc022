/* SPDX-License-Identifier: Apache-2.0 */
/* Holding a chain: planned and taken in one transaction. The key of occupancy decides between two
 * requests for the same time; the second one plans again with the remaining resources, and if that
 * fails gets the nearest other times. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/net.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/model/booking.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/schedule/search.h"
#include "mod_regen/clinic/identity/visitor.h"
#include "mod_regen/clinic/schedule/part.h"

#include <apr_strings.h>

typedef struct {
    rg_wish_t wish;
    const rg_hold_extra_t *extra;
    const char *uid; /* what the hold is asked for by */
    rg_booking_t *booking;
    rg_principal_t who; /* whose it is: with the session that begins with it */
} hold_t;

static rg_outcome_t take(rg_db_t *db, const rg_ctx_t *ctx, hold_t *h)
{
    rg_booking_t *b = h->booking;
    int count;
    rg_span_t *spans = rg_booking_spans(ctx->pool, b, &count);
    rg_outcome_t rc = rg_booking_insert(db, ctx, b, spans, count);
    h->wish.beaten = rc == RG_CONFLICT;
    if (rc == RG_PRECONDITION && h->wish.on) {
        return rg_order_lost(db, ctx, h->wish.on);
    }
    if (rc == RG_OK) {
        rc = rg_booking_audit(
            db, ctx, "booking.hold", b->id,
            apr_pstrcat(ctx->pool, "service:", b->service_code, b->order_id > 0 ? " order:" : NULL,
                        apr_psprintf(ctx->pool, "%" APR_INT64_T_FMT, b->order_id), NULL));
    }
    if (rc == RG_OK) {
        rc = rg_visitor_owns(db, ctx, b->id);
    }
    if (rc == RG_OK && h->wish.broken != 0) {
        /* Only staff break a rule, and they say why. */
        rc = h->extra ? rg_booking_note_over(db, ctx, b->id, h->wish.broken, h->extra->reason)
                      : RG_INTERNAL;
    }
    if (rc == RG_OK && h->extra && h->extra->recall_id > 0) {
        rc = rg_recall_hold(db, ctx, h->extra->recall_id, b->patient_id, b->id);
    }
    return rc;
}

/* Anonymous visitors; staff and API clients are identified. NULL: not counted. */
static const char *counted_client(const rg_ctx_t *ctx)
{
    bool known = rg_is_staff(ctx) || rg_is_machine(ctx);
    return known || !ctx->client_ip || ctx->policy->holds_per_client <= 0
               ? NULL
               : rg_net_client(ctx->pool, ctx->client_ip);
}

/* Two at once may both be the last one that is allowed: it is a dam, no promise to anybody. */
static rg_outcome_t not_too_many_holds(rg_db_t *db, const rg_ctx_t *ctx, const char *client)
{
    int64_t count = 0;
    rg_outcome_t rc = client ? rg_booking_holds_of(db, ctx, &count, client) : RG_OK;
    return rc == RG_OK && client && count >= ctx->policy->holds_per_client ? RG_TOO_MANY : rc;
}

/* A visitor's first hold begins their session, whose it is then. */
static rg_outcome_t take_as(rg_db_t *db, const rg_ctx_t *ctx, hold_t *h)
{
    rg_ctx_t own = *ctx;
    rg_outcome_t rc = ctx->visitor_new ? rg_visitor_ensure(&own.who, db, ctx) : RG_OK;
    h->who = own.who;
    return rc == RG_OK ? take(db, &own, h) : rc;
}

static rg_outcome_t hold_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    hold_t *h = baton;
    rg_plan_t plan;
    const char *client = counted_client(ctx);
    rg_outcome_t rc = not_too_many_holds(db, ctx, client);
    if (rc == RG_OK && h->extra && h->extra->order_id > 0) {
        rc = rg_order_to_hold(&h->wish.on, db, ctx, h->extra);
    }
    if (rc == RG_OK) {
        rc = rg_wish_plan(&plan, db, ctx, &h->wish);
    }
    if (rc != RG_OK) {
        return rc;
    }
    h->booking = rg_booking_build(ctx, &h->wish, &plan);
    h->booking->uid = h->uid;
    h->booking->hold_client = client;
    if (h->extra && h->extra->patient_id > 0) {
        h->booking->patient_id = h->extra->patient_id;
    }
    return take_as(db, ctx, h);
}

/* --- the use-case ----------------------------------------------------------------------------- */

typedef struct {
    const char *uid;
    rg_booking_t *booking;
} again_t;

static rg_outcome_t again_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    again_t *a = baton;
    rg_outcome_t rc = rg_booking_row_by_uid(db, ctx, &a->booking, a->uid);
    return rc == RG_OK ? rg_booking_parts(db, ctx, a->booking) : rc;
}

rg_outcome_t rg_booking_answer_again(rg_hold_t *out, const rg_ctx_t *ctx)
{
    again_t a = {ctx->idem->result, NULL};
    rg_outcome_t rc = rg_store_read(ctx, again_work, &a);
    out->booking = a.booking;
    return rc;
}

rg_outcome_t rg_booking_hold(rg_hold_t *out, const rg_ctx_t *ctx, const rg_hold_in_t *in)
{
    return rg_booking_hold_as(out, ctx, in, NULL);
}

rg_outcome_t rg_booking_hold_as(rg_hold_t *out, const rg_ctx_t *ctx, const rg_hold_in_t *in,
                                const rg_hold_extra_t *extra)
{
    hold_t h = {.wish = {.in = in, .over = extra ? rg_over_time(extra->over) : 0},
                .extra = extra,
                .uid = rg_uid_make(ctx)};
    rg_once_known(ctx, h.uid);
    rg_outcome_t rc = rg_wish_transact(ctx, hold_work, &h, &h.wish);
    *out = (rg_hold_t){.who = ctx->who};
    if (rc == RG_OK && rg_replayed(ctx)) {
        return rg_booking_answer_again(out, ctx);
    }
    if (rc == RG_OK) {
        out->booking = h.booking;
        out->who = h.who;
    }
    if (rc == RG_CONFLICT && (h.wish.full || h.wish.beaten)) {
        rg_wish_suggest(out, ctx, &h.wish);
    }
    return rc;
}

rg_outcome_t rg_booking_hold_on(rg_hold_t *out, const rg_ctx_t *ctx, const rg_hold_in_t *in,
                                const char *order_uid)
{
    rg_order_t *on;
    rg_outcome_t rc = rg_order_named(&on, ctx, order_uid);
    *out = (rg_hold_t){.who = ctx->who};
    if (rc != RG_OK) {
        return rc;
    }
    const rg_hold_extra_t extra = {.patient_id = on->patient.id, .order_id = on->id};
    return rg_booking_hold_as(out, ctx, in, &extra);
}
