/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the waitlist and those of booking know of each other. */
#ifndef RG_CLINIC_WAITLIST_H
#define RG_CLINIC_WAITLIST_H

#include "mod_regen/clinic/booking/booking.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/ctx.h"
#include "regen/model/waitlist.h"
#include "regen/store/store.h"
#include "regen/core/outcome.h"

/* serve.c. Gives what is free to who waits, first come first, within the caller's transaction,
 * after time was given back and before COMMIT: clinic/transact.c does. At most LIMIT offers;
 * *OFFERED (may be NULL) counts. Never the reason why the caller's own change fails: what cannot
 * be offered is left to the sweep. Only RG_UNAVAILABLE is handed up, as everywhere: the
 * transaction is to be run again. */
rg_outcome_t rg_waitlist_serve(rg_db_t *db, rg_ctx_t *ctx, const rg_freed_t *freed, int limit,
                               int *offered);

/* check.c. Everything that is wrong at once, by field; W gets what is stored. RG_INVALID,
 * RG_NOT_FOUND. */
rg_outcome_t rg_waitlist_check(rg_waiter_t *w, rg_ctx_t *ctx, const rg_join_in_t *in);

#endif
