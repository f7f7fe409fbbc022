/* SPDX-License-Identifier: Apache-2.0 */
/* The only place where freed time is handed over. */
#ifndef REGEN_CLINIC_TRANSACT_H
#define REGEN_CLINIC_TRANSACT_H

#include "regen/core/ctx.h"
#include "regen/store/store.h"
#include "regen/core/outcome.h"

/* rg_store_transact for work that may free time: work, then the waitlist, then COMMIT, so that
 * freed time is offered to the waitlist before anybody else sees it. A change never fails because
 * of the waitlist: if many transactions compete for it, a later attempt serves the waitlist in a
 * separate transaction after COMMIT, as does a change of definitions. */
rg_outcome_t rg_transact(const rg_ctx_t *ctx, rg_work_fn work, void *baton);
/* The same as rg_store_once. */
rg_outcome_t rg_transact_once(const rg_ctx_t *ctx, rg_work_fn work, void *baton);

#endif
