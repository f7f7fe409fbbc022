/* SPDX-License-Identifier: Apache-2.0 */
/* What a treatment order is at one time. */
#include "regen/model/order.h"
#include "regen/model/booking.h"

bool rg_order_taken(const rg_order_t *o, apr_time_t now)
{
    bool over = o->booking_status == RG_BOOKING_HELD && o->booking_hold_expires <= now;
    return o->booking_id > 0 && !over;
}

rg_order_state_t rg_order_state(const rg_order_t *o, apr_time_t now)
{
    bool taken = rg_order_taken(o, now);
    if (taken && o->booking_status == RG_BOOKING_COMPLETED) {
        return RG_ORDER_DONE;
    }
    if (o->revoked_at != 0) {
        return RG_ORDER_REVOKED;
    }
    if (taken) {
        return RG_ORDER_BOOKED;
    }
    return o->valid_until <= now ? RG_ORDER_EXPIRED : RG_ORDER_OPEN;
}
