/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGEN_CLINIC_CURRENT_H
#define REGEN_CLINIC_CURRENT_H

#include "mod_regen/clinic/schedule/input.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

/* Checks the request against the definitions and makes the offer. Pure, because it is repeated if
 * the definitions turn out to be outdated. */
typedef rg_outcome_t (*rg_offer_fn)(rg_offer_t **out, const rg_ctx_t *ctx, const rg_clinic_t *k,
                                    void *baton);
/* An offer by the current definitions, with the currently occupied time: one statement while the
 * cached definitions are valid. *EXPIRED: there are expired holds that still occupy time. What MAKE
 * refuses is refused by current definitions, too. */
rg_outcome_t rg_offer_now(rg_offer_t **out, bool *expired, rg_db_t *db, const rg_ctx_t *ctx,
                          rg_offer_fn make, void *baton);

#endif
