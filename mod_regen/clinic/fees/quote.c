/* SPDX-License-Identifier: Apache-2.0 */
/* What a booking costs. Triggers freeze it in the transaction that books. */
#include "regen/clinic/fees.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/fees.h"
#include "regen/store/fees.h"
#include "regen/store/store.h"

typedef struct {
    const rg_booking_t *booking;
    rg_quote_t *out;
} ask_t;

static rg_outcome_t quote_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const ask_t *a = baton;
    return rg_quote_read(db, ctx, a->booking->id, a->booking->status != RG_BOOKING_HELD, a->out);
}

rg_outcome_t rg_quote_get(rg_quote_t *out, const rg_ctx_t *ctx, const rg_booking_t *b)
{
    ask_t a = {b, out};
    return rg_store_read(ctx, quote_work, &a);
}
