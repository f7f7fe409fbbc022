/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the waitlist and of booking share. */
#ifndef RG_CLINIC_WAITLIST_H
#define RG_CLINIC_WAITLIST_H

#include "mod_regen/clinic/booking/booking.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/ctx.h"
#include "regen/model/waitlist.h"
#include "regen/store/store.h"
#include "regen/core/outcome.h"

/* serve.c. Offers free time to waitlist entries in order of joining, within the caller's
 * transaction, after time was freed and before COMMIT; called by clinic/transact.c. At most LIMIT
 * offers; *OFFERED (may be NULL) counts them. It never makes the caller's own change fail: what
 * cannot be offered is left to the sweep. Only RG_UNAVAILABLE is returned, as everywhere: the
 * transaction is run again. */
rg_outcome_t rg_waitlist_serve(rg_db_t *db, const rg_ctx_t *ctx, const rg_freed_t *freed, int limit,
                               int *offered);

/* check.c. Everything that is wrong at once, by field; W gets what is stored. RG_INVALID,
 * RG_NOT_FOUND. */
rg_outcome_t rg_waitlist_check(rg_waiter_t *w, const rg_ctx_t *ctx, const rg_join_in_t *in);

#endif
