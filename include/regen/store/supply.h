/* SPDX-License-Identifier: Apache-2.0 */
/* Lots of supplies. */
#ifndef REGEN_STORE_SUPPLY_H
#define REGEN_STORE_SUPPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/supply.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"

/* Those whose number has FIND in it ("": all), the last to expire first; at most
 * RG_SUPPLY_LIST_MOST + 1. */
rg_outcome_t rg_supply_lots(rg_db_t *db, const rg_ctx_t *ctx, const char *find, int *count,
                            rg_supply_lot_t **out);
/* Kits in order on DAY, by item, the first to expire first; at most RG_SUPPLY_LIST_MOST. */
rg_outcome_t rg_supply_usable(rg_db_t *db, const rg_ctx_t *ctx, rg_date_t day, int *count,
                              rg_supply_lot_t **out);
/* RG_NOT_FOUND. */
rg_outcome_t rg_supply_get(rg_db_t *db, const rg_ctx_t *ctx, rg_supply_lot_t **out, int64_t id);
/* The lots of kits with this number, those that are recalled last. */
rg_outcome_t rg_supply_named(rg_db_t *db, const rg_ctx_t *ctx, const char *lot, int *count,
                             rg_supply_lot_t **out);
/* The lot of this unit's kit, as corrected. Of several with that number one that is recalled, else
 * the last to expire. RG_NOT_FOUND: none is on file. */
rg_outcome_t rg_supply_of_unit(rg_db_t *db, const rg_ctx_t *ctx, rg_supply_lot_t **out,
                               int64_t unit_id);
/* The same of all units of a booking: LOTS[i], of UNITS[i], stays as it was where none is on file.
 * Only its id, number, expiry and recall. */
rg_outcome_t rg_supply_of_units(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                const rg_unit_t *units, int unit_count, rg_supply_lot_t **lots);
/* Sets its id. RG_CONFLICT: the item has this lot with this expiry already. */
rg_outcome_t rg_supply_add(rg_db_t *db, const rg_ctx_t *ctx, rg_supply_lot_t *l);
/* Recalls it, or takes that back. RG_PRECONDITION or RG_CONFLICT: it is so already. */
rg_outcome_t rg_supply_recall_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t lot_id, bool recalled,
                                  const char *reason);
/* The treatments in which it was used, units not injected yet first, then the newest: PAGE (from 1)
 * of RG_SUPPLY_LIST_MOST each, and one more if there is one. */
rg_outcome_t rg_supply_uses(rg_db_t *db, const rg_ctx_t *ctx, int64_t lot_id, int page, int *count,
                            rg_supply_use_t **out);

#endif
