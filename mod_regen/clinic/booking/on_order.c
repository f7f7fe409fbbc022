/* SPDX-License-Identifier: Apache-2.0 */
/* Treatment orders at the door: whether a booking may be made, moved or confirmed on one. The
 * schema keeps the same rules (0047); this says them well. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/order.h"
#include "regen/model/service.h"
#include "regen/store/order.h"
#include "regen/store/store.h"

/* Staff and API clients are told what to get, patients whom to see. */
rg_outcome_t rg_order_refuse(const rg_ctx_t *ctx, const char *patient, const char *staff)
{
    bool ours = rg_is_machine(ctx) || rg_is_staff(ctx);
    rg_problem_add(ctx->problems, "order", "%s", ours ? staff : patient);
    return RG_PRECONDITION;
}

static rg_outcome_t say_revoked(const rg_ctx_t *ctx)
{
    return rg_order_refuse(ctx,
                           "The clinic has revoked the order for this treatment, so it cannot be "
                           "booked on it. Please call the clinic.",
                           "The order for this treatment was revoked. A clinician must sign a new "
                           "one.");
}

rg_outcome_t rg_order_say_taken(const rg_ctx_t *ctx)
{
    return rg_order_refuse(
        ctx,
        "There is a booking on this order already. Open that booking to reschedule "
        "or cancel it, or call the clinic.",
        "There is a booking on this order already. Reschedule or cancel that one, "
        "or have another order signed.");
}

/* The days of an order end with a local day. */
static rg_outcome_t say_after(const rg_ctx_t *ctx, const rg_zone_t *zone, const rg_order_t *on)
{
    const char *last =
        rg_date_long(ctx->pool, rg_zone_local(zone, on->valid_until - RG_MINUTE).date);
    if (on->valid_until <= ctx->now) {
        rg_problem_add(ctx->problems, "order",
                       "The order for this treatment was valid until %s. A clinician must sign a "
                       "new one.",
                       last);
        return RG_PRECONDITION;
    }
    rg_problem_add(ctx->problems, "start",
                   "The order for this treatment is valid until %s. Choose a time up to that day, "
                   "or ask for a new order.",
                   last);
    return RG_INVALID;
}

rg_outcome_t rg_order_admits(const rg_ctx_t *ctx, const rg_service_t *s, const rg_zone_t *zone,
                             const rg_order_t *on, apr_time_t start)
{
    if (!on) {
        return !rg_service_needs_order(s)
                   ? RG_OK
                   : rg_order_refuse(
                         ctx,
                         "A clinician of this clinic must order this treatment before it "
                         "can be booked. Book a consultation first. If you have an order, "
                         "open it with its number and your date of birth.",
                         "This treatment is booked on a treatment order. Choose the "
                         "patient's order, or have a clinician sign one.");
    }
    if (on->service_id != s->id) {
        return rg_order_refuse(ctx, "This order is for another treatment.",
                               "This order is for another treatment.");
    }
    if (on->revoked_at != 0) {
        return say_revoked(ctx);
    }
    return start != 0 && start >= on->valid_until ? say_after(ctx, zone, on) : RG_OK;
}

rg_outcome_t rg_order_confirms(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b,
                               const rg_service_t *s)
{
    rg_order_t *on = NULL;
    rg_outcome_t rc = b->order_id > 0 ? rg_order_by_id(db, ctx, &on, b->order_id) : RG_OK;
    return rc == RG_OK ? rg_order_admits(ctx, s, NULL, on, 0) : rc;
}

rg_outcome_t rg_order_lost(rg_db_t *db, const rg_ctx_t *ctx, const rg_order_t *on)
{
    rg_order_t *now;
    rg_outcome_t rc = rg_order_by_id(db, ctx, &now, on->id);
    if (rc != RG_OK) {
        return rc;
    }
    return now->revoked_at != 0 ? say_revoked(ctx) : rg_order_say_taken(ctx);
}

/* --- by its id, for a caller ------------------------------------------------------------------ */

typedef struct {
    const char *uid;
    rg_order_t *order;
} named_t;

/* A browser its own; staff every one; API clients every one if they see what others made. */
static rg_outcome_t named_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    named_t *n = baton;
    if (rg_is_patient(ctx)) {
        return rg_order_of_visitor(db, ctx, &n->order, ctx->who.visitor_id, n->uid);
    }
    bool may = rg_may(ctx, RG_DEED_BOOK) || (rg_is_machine(ctx) && ctx->who.others);
    return may ? rg_order_by_uid(db, ctx, &n->order, n->uid) : RG_NOT_FOUND;
}

rg_outcome_t rg_order_named(rg_order_t **out, const rg_ctx_t *ctx, const char *uid)
{
    named_t n = {.uid = uid};
    *out = NULL;
    rg_outcome_t rc = uid && rg_uid_valid(uid) ? rg_store_read(ctx, named_work, &n) : RG_NOT_FOUND;
    if (rc == RG_NOT_FOUND) {
        rg_problem_add(ctx->problems, "order", "There is no such order here.");
    }
    *out = rc == RG_OK ? n.order : NULL;
    return rc;
}
