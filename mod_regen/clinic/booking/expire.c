/* SPDX-License-Identifier: Apache-2.0 */
/* An expired hold is released by the first transaction that meets it. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "regen/store/booking.h"
#include "regen/store/store.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

rg_outcome_t rg_booking_expire_some(rg_db_t *db, const rg_ctx_t *ctx, int limit, int *seen,
                                    int *done)
{
    int64_t ids[RG_EXPIRE_BATCH];
    rg_outcome_t rc = rg_booking_expired_ids(db, ctx, ids, seen,
                                             limit < RG_EXPIRE_BATCH ? limit : RG_EXPIRE_BATCH);
    *done = 0;
    for (int i = 0; rc == RG_OK && i < *seen; i++) {
        bool did;
        rc = rg_booking_expire(db, ctx, ids[i], &did);
        if (rc == RG_OK && did) {
            (*done)++;
            rg_freed_note(db, 0, 0);
            rc = rg_booking_audit(db, ctx, "booking.expire", ids[i], NULL);
        }
    }
    return rc;
}

rg_outcome_t rg_booking_expire_all(rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_ctx_t own = rg_system_ctx(ctx);
    rg_outcome_t rc;
    int seen;
    int done;
    do {
        rc = rg_booking_expire_some(db, &own, RG_EXPIRE_BATCH, &seen, &done);
    } while (rc == RG_OK && seen == RG_EXPIRE_BATCH);
    return rc;
}
