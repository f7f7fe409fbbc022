/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that staff overrode with a reason: recorded with the booking, in the same transaction. */
#include "mod_regen/clinic/booking/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/store/desk.h"
#include "regen/store/store.h"

#include <apr_strings.h>

rg_outcome_t rg_booking_note_over(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                  unsigned broken, const char *reason)
{
    const char *names = "rules";
    rg_outcome_t rc = RG_OK;
    for (int rule = 0; rc == RG_OK && rule < RG_RULE_COUNT; rule++) {
        if ((broken & (1u << rule)) != 0) {
            const char *name = rg_rule_name((rg_rule_t)rule);
            names = apr_pstrcat(ctx->pool, names, ":", name, NULL);
            rc = rg_override_add(db, ctx, booking_id, (rg_rule_t)rule, reason ? reason : "");
        }
    }
    /* The reason is what somebody typed; it stays in its table. */
    return rc == RG_OK ? rg_booking_audit(db, ctx, "booking.override", booking_id, names) : rc;
}
