/* SPDX-License-Identifier: Apache-2.0 */
/* The treatment order of a hold: read in its transaction, and made free if the caller's own browser
 * holds another time on it. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/order.h"
#include "regen/store/order.h"
#include "regen/store/store.h"

/* Choosing another time gives the first one back, in the transaction that takes the other. */
static rg_outcome_t release_own(rg_db_t *db, const rg_ctx_t *ctx, const rg_order_t *o)
{
    rg_ctx_t own = rg_silent_ctx(ctx);
    own.who.booking_id = o->booking_id;
    rg_outcome_t rc = rg_booking_give_back_in(db, &own, o->booking_id, "other-time");
    return rc == RG_PRECONDITION || rc == RG_GONE || rc == RG_NOT_FOUND ? rg_order_say_taken(ctx)
                                                                        : rc;
}

rg_outcome_t rg_order_to_hold(const rg_order_t **on, rg_db_t *db, const rg_ctx_t *ctx,
                              const rg_hold_extra_t *extra)
{
    rg_order_t *o;
    rg_outcome_t rc = rg_order_by_id(db, ctx, &o, extra->order_id);
    if (rc != RG_OK) {
        return rc;
    }
    *on = o;
    if (extra->patient_id != 0 && extra->patient_id != o->patient.id) {
        return rg_order_refuse(ctx, "This order is for another patient.",
                               "This order is for another patient.");
    }
    if (o->booking_id == 0) {
        return RG_OK;
    }
    if (!rg_order_taken(o, ctx->now)) {
        return rg_booking_expire_all(db, ctx);
    }
    return o->booking_status == RG_BOOKING_HELD && rg_is_patient(ctx) ? release_own(db, ctx, o)
                                                                      : rg_order_say_taken(ctx);
}
