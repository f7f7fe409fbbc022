/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that people see: no gaps, no duplicates. The row is updated in the transaction that uses
 * the number; it stays locked until that commits, and a rollback returns the number. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

/* One round trip; LAST_INSERT_ID carries the number back. */
RG_SQL(NEXT,
       "INSERT INTO counter (name, last)"
       " VALUES (?, LAST_INSERT_ID(1))"
       " ON DUPLICATE KEY UPDATE last = LAST_INSERT_ID(last + 1)");

rg_outcome_t rg_counter_next(rg_db_t *db, const rg_ctx_t *ctx, const char *name, int64_t *out)
{
    rg_outcome_t rc = rg_sql_exec(db, ctx, NEXT, RG_IN(RG_S(name)), NULL);
    if (rc == RG_OK) {
        *out = rg_sql_insert_id(db);
    }
    return rc;
}
