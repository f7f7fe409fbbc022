/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the database still has the schema this build was made for: every transaction, and every
 * read of definitions, sees it. What runs on while somebody migrates must not write by rules that
 * are gone. */
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

#include <apr_atomic.h>

#define SAY_AFTER (60 * APR_USEC_PER_SEC)

/* Once a minute: every request asks. */
bool rg_schema_may_say(rg_store_t *store)
{
    apr_time_t now = apr_time_now();
    apr_thread_mutex_lock(store->mutex);
    bool say = now - store->schema_said_at >= SAY_AFTER;
    if (say) {
        store->schema_said_at = now;
    }
    apr_thread_mutex_unlock(store->mutex);
    return say;
}

/* --- whether it still has it ------------------------------------------------------------------ */

/* A part of the next file is enough to stop. */
static rg_outcome_t judge(rg_db_t *db, rg_ctx_t *ctx, int version)
{
    db->schema_seen = true;
    if (version == RG_SCHEMA_VERSION || !apr_atomic_read32(&db->store->schema_ok)) {
        return RG_OK;
    }
    apr_atomic_set32(&db->store->schema_ok, 0);
    if (rg_schema_may_say(db->store)) {
        rg_log(ctx, RG_LOG_ERR,
               RGNO(01051) "the database was changed to schema version %d while this build, which "
                           "needs %d, was running: it stops here",
               version, RG_SCHEMA_VERSION);
    }
    return RG_UNAVAILABLE;
}

rg_outcome_t rg_schema_seen(rg_cur_t *c, int col)
{
    return judge(c->db, c->ctx, (int)rg_cur_i64(c, col));
}

rg_outcome_t rg_schema_still(rg_db_t *db, rg_ctx_t *ctx)
{
    static const char NOW[] = "SELECT COALESCE(MAX(version), 0) FROM schema_migration";
    rg_cur_t *c;
    if (db->schema_seen || !apr_atomic_read32(&db->store->schema_ok)) {
        return RG_OK;
    }
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, NOW, RG_IN_NONE);
    if (rc != RG_OK) {
        return rc;
    }
    rg_outcome_t schema = rg_cur_next(c) ? rg_schema_seen(c, 0) : RG_OK;
    rc = rg_cur_end(c);
    return rc == RG_OK ? schema : rc;
}
