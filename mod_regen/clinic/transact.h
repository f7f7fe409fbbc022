/* SPDX-License-Identifier: Apache-2.0 */
/* The one point at which freed time is handed over. */
#ifndef REGEN_CLINIC_TRANSACT_H
#define REGEN_CLINIC_TRANSACT_H

#include "regen/core/ctx.h"
#include "regen/store/store.h"
#include "regen/core/outcome.h"

/* rg_store_transact for work that may give time back: work, then the waitlist, then COMMIT, so that
 * nobody else sees freed time before those who wait for it. The reason why somebody's change fails
 * is never the waitlist: when many change it at once, a later attempt leaves it to a transaction of
 * its own after COMMIT, as does a change of definitions. */
rg_outcome_t rg_transact(rg_ctx_t *ctx, rg_work_fn work, void *baton);

#endif
