/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of evidence under the audit log: an event says how many rows a table has up to an id, and
 * their digest. Whoever changes a row after that would have to change a chain, too. */
#ifndef RG_STORE_SEAL_H
#define RG_STORE_SEAL_H

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

/* In the transaction of an anchor: an event for each table that has new rows. */
rg_outcome_t rg_seal_tables(rg_db_t *db, const rg_ctx_t *ctx);
/* Compares all tables with what their events say; BATON is an rg_verify_t. */
rg_outcome_t rg_verify_seals(rg_db_t *db, const rg_ctx_t *ctx, void *baton);

#endif
