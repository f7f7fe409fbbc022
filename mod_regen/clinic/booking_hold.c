/* SPDX-License-Identifier: Apache-2.0 */
/* Holding a chain: planned and taken in one transaction. The key of occupancy decides between two
 * who want the same; whoever comes second plans again with what is left, and in the end hears which
 * other times are near. */
#include "mod_regen/clinic/booking.h"

#include <apr_strings.h>

typedef struct {
    rg_wish_t wish;
    const rg_hold_extra_t *extra;
    rg_booking_t *booking;
} hold_t;

static const char *source_of(const rg_ctx_t *ctx)
{
    bool machine = (ctx->who.roles & RG_ROLE_MACHINE) != 0;
    return (ctx->who.roles & RG_ROLE_STAFF) != 0 ? "staff" : machine ? "machine" : "patient";
}

rg_booking_t *rg_booking_build(rg_ctx_t *ctx, const rg_wish_t *w, const rg_plan_t *plan)
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
    b->body_site = "";
    b->price = s->price;
    b->created_at = apr_time_from_sec(apr_time_sec(ctx->now));
    b->patient_family = "";
    b->patient_given = "";
    b->source = source_of(ctx);
    rg_wish_lay_out(b, ctx, w, plan);
    return b;
}

static rg_outcome_t take(rg_db_t *db, rg_ctx_t *ctx, hold_t *h)
{
    rg_booking_t *b = h->booking;
    int count;
    rg_span_t *spans = rg_booking_spans(ctx->pool, b, &count);
    rg_outcome_t rc = rg_booking_insert(db, ctx, b, spans, count);
    h->wish.beaten = rc == RG_CONFLICT;
    if (rc == RG_OK) {
        rc = rg_booking_audit(db, ctx, "booking.hold", b->id,
                              apr_pstrcat(ctx->pool, "service:", b->service_code, NULL));
    }
    if (rc == RG_OK && h->wish.broken != 0) {
        rc = rg_booking_note_over(db, ctx, b->id, h->wish.broken, h->extra->reason);
    }
    if (rc == RG_OK && ctx->idem) {
        ctx->idem->result = b->uid;
    }
    return rc;
}

static rg_outcome_t hold_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    hold_t *h = baton;
    rg_plan_t plan;
    rg_outcome_t rc = rg_wish_plan(&plan, db, ctx, &h->wish);
    if (rc != RG_OK) {
        return rc;
    }
    h->booking = rg_booking_build(ctx, &h->wish, &plan);
    h->booking->patient_id = h->extra ? h->extra->patient_id : 0;
    return take(db, ctx, h);
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

rg_outcome_t rg_booking_answer_again(rg_hold_t *out, rg_ctx_t *ctx)
{
    again_t a = {ctx->idem->result, NULL};
    rg_outcome_t rc = rg_store_read(ctx, again_work, &a);
    out->booking = a.booking;
    return rc;
}

rg_outcome_t rg_booking_hold(rg_hold_t *out, rg_ctx_t *ctx, const rg_hold_in_t *in)
{
    return rg_booking_hold_as(out, ctx, in, NULL);
}

rg_outcome_t rg_booking_hold_as(rg_hold_t *out, rg_ctx_t *ctx, const rg_hold_in_t *in,
                                const rg_hold_extra_t *extra)
{
    hold_t h = {.wish = {.in = in, .over = extra ? extra->over : 0}, .extra = extra};
    rg_outcome_t rc = rg_wish_transact(ctx, hold_work, &h, &h.wish);
    *out = (rg_hold_t){0};
    if (rc == RG_OK && ctx->idem && ctx->idem->replayed) {
        return rg_booking_answer_again(out, ctx);
    }
    if (rc == RG_OK) {
        out->booking = h.booking;
    }
    if (rc == RG_CONFLICT && (h.wish.full || h.wish.beaten)) {
        rg_wish_suggest(out, ctx, &h.wish);
    }
    return rc;
}
