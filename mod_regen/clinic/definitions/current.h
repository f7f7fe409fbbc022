/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGEN_CLINIC_CURRENT_H
#define REGEN_CLINIC_CURRENT_H

#include "mod_regen/clinic/schedule/input.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

/* Checks what was asked for against the definitions and makes the offer. Pure, because it is done
 * again when the definitions turn out to be old. */
typedef rg_outcome_t (*rg_offer_fn)(rg_offer_t **out, rg_ctx_t *ctx, const rg_clinic_t *k,
                                    void *baton);
/* An offer by the definitions as they are now, with what is taken now: one statement while the
 * definitions we keep are still true. *EXPIRED: holds are over that still take time. What MAKE
 * refuses is refused by true definitions, too. */
rg_outcome_t rg_offer_now(rg_offer_t **out, bool *expired, rg_db_t *db, rg_ctx_t *ctx,
                          rg_offer_fn make, void *baton);

#endif
