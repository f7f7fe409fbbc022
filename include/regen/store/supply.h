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
#include "regen/store/store.h"

/* The last to expire first; at most RG_SUPPLY_LIST_MOST. */
rg_outcome_t rg_supply_lots(rg_db_t *db, const rg_ctx_t *ctx, int *count, rg_supply_lot_t **out);
/* Those in order on DAY, by item, the first to expire first; at most RG_SUPPLY_LIST_MOST. */
rg_outcome_t rg_supply_usable(rg_db_t *db, const rg_ctx_t *ctx, rg_date_t day, int *count,
                              rg_supply_lot_t **out);
/* RG_NOT_FOUND. */
rg_outcome_t rg_supply_get(rg_db_t *db, const rg_ctx_t *ctx, rg_supply_lot_t **out, int64_t id);
/* The lots with this number, of whatever item. */
rg_outcome_t rg_supply_named(rg_db_t *db, const rg_ctx_t *ctx, const char *lot, int *count,
                             rg_supply_lot_t **out);
/* Sets its id. RG_CONFLICT: the item has this lot already. */
rg_outcome_t rg_supply_add(rg_db_t *db, const rg_ctx_t *ctx, rg_supply_lot_t *l);
/* Recalls it, or takes that back. RG_PRECONDITION or RG_CONFLICT: it is so already. */
rg_outcome_t rg_supply_recall_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t lot_id, bool recalled,
                                  const char *reason);
/* The treatments in which it was used, newest first; at most RG_SUPPLY_LIST_MOST. */
rg_outcome_t rg_supply_uses(rg_db_t *db, const rg_ctx_t *ctx, int64_t lot_id, int *count,
                            rg_supply_use_t **out);

#endif
