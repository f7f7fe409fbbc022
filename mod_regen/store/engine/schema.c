/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the database still has the schema this build was made for: every transaction, and every
 * read of definitions, sees it. A process that runs during a migration must not write by outdated
 * rules. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

#include <apr_atomic.h>

#define SAY_AFTER RG_MINUTE

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
rg_outcome_t rg_schema_seen(rg_db_t *db, const rg_ctx_t *ctx, int version)
{
    db->schema_seen = true;
    if (version == RG_SCHEMA_VERSION || !apr_atomic_read32(&db->store->schema_ok)) {
        return RG_OK;
    }
    apr_atomic_set32(&db->store->schema_ok, 0);
    if (rg_schema_may_say(db->store)) {
        rg_log(ctx, RG_LOG_ERR,
               RGNO(01051) "The database was changed to schema version %d while this build, which "
                           "needs %d, was running: this build stops using it.",
               version, RG_SCHEMA_VERSION);
    }
    return RG_UNAVAILABLE;
}

rg_outcome_t rg_schema_still(rg_db_t *db, const rg_ctx_t *ctx)
{
    RG_SQL(NOW, "SELECT COALESCE(MAX(version), 0) FROM schema_migration");
    int64_t version;
    if (db->schema_seen || !apr_atomic_read32(&db->store->schema_ok)) {
        return RG_OK;
    }
    RG_TRY(rg_sql_number(db, ctx, &version, NOW, RG_IN_NONE));
    return rg_schema_seen(db, ctx, (int)version);
}
