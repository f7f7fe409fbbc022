/* SPDX-License-Identifier: Apache-2.0 */
/* Blocking a few hours: the front desk writes the same closures as administrators do
 * (booking/closure.c), where nothing is booked. The front desk does not decide about bookings. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/desk.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/store/store.h"

#include <string.h>

/* The right to close, granted for a block; the caller stays the same. */
static rg_ctx_t lent(const rg_ctx_t *ctx)
{
    rg_ctx_t own = *ctx;
    own.who.roles |= RG_ROLE_ADMIN;
    return own;
}

static bool is_block(const rg_closure_row_t *row)
{
    int kind = rg_closure_kind_parse(row->kind);
    return kind != RG_CLOSURE_HOLIDAY && kind != RG_CLOSURE_CALIBRATION &&
           row->resource[0] != '\0' && rg_date_compare(row->first_day, row->last_day) == 0;
}

rg_outcome_t rg_desk_block(rg_closed_t *out, const rg_ctx_t *ctx, const rg_closure_in_t *in)
{
    rg_closure_in_t block = *in;
    rg_ctx_t own = lent(ctx);
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    *out = (rg_closed_t){0};
    if (rc != RG_OK) {
        return rc;
    }
    block.last_day = block.first_day;
    if (!block.resource || !*block.resource) {
        rg_problem_add(ctx->problems, "resource", "Choose a person, room or device.");
        return RG_INVALID;
    }
    return rg_closure_add(out, &own, &block, NULL, 0);
}

rg_outcome_t rg_desk_blocks(rg_closures_t *out, const rg_ctx_t *ctx)
{
    rg_ctx_t own = lent(ctx);
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    rc = rc == RG_OK ? rg_closures_get(out, &own) : rc;
    int kept = 0;
    for (int i = 0; rc == RG_OK && i < out->count; i++) {
        if (is_block(&out->rows[i])) {
            out->rows[kept++] = out->rows[i];
        }
    }
    out->count = rc == RG_OK ? kept : 0;
    return rc;
}

/* A missing block may have been removed by the same request sent twice: then the first answer is
 * repeated. */
static rg_outcome_t not_there(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    (void)db;
    (void)ctx;
    (void)baton;
    return RG_NOT_FOUND;
}

rg_outcome_t rg_desk_unblock(const rg_ctx_t *ctx, int64_t id)
{
    rg_closures_t all;
    rg_ctx_t own = lent(ctx);
    rg_outcome_t rc = rg_desk_blocks(&all, ctx);
    for (int i = 0; rc == RG_OK && i < all.count; i++) {
        if (all.rows[i].id == id) {
            return rg_closure_remove(&own, id);
        }
    }
    return rc == RG_OK ? rg_store_once(ctx, not_there, NULL) : rc;
}
