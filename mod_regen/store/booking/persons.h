/* SPDX-License-Identifier: Apache-2.0 */
/* person_time rebuilt from what is booked, for regenctl. Private to the store room. */
#ifndef RG_STORE_PERSONS_H
#define RG_STORE_PERSONS_H

#include "mod_regen/store/engine/sql.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

/* Removes rows that no live booking needs; *ROWS counts. In a transaction. */
rg_outcome_t rg_persons_drop_wrong(rg_db_t *db, const rg_ctx_t *ctx, int64_t *rows);
/* Takes the persons' time of the next live bookings after *AFTER (0: from the first on) that lack
 * it, as a question beside another visit where there is one; *COUNT bookings were looked at, *ROWS
 * grows by the rows made. One bite: 500 bookings, in a transaction. */
rg_outcome_t rg_persons_fill(rg_db_t *db, const rg_ctx_t *ctx, int64_t *after, int *count,
                             int64_t *rows);
/* The same as rg_names_fill is called. */
rg_outcome_t rg_persons_bite(rg_db_t *db, const rg_ctx_t *ctx, bool all, int64_t *after,
                             int *count);
/* How many bookings are questions. */
rg_outcome_t rg_persons_questions(rg_db_t *db, const rg_ctx_t *ctx, int64_t *count);

#endif
