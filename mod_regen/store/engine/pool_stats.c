/* SPDX-License-Identifier: Apache-2.0 */
/* The state of this process's pool, for server-status. */
#include "mod_regen/store/engine/store_int.h"
#include "regen/store/store.h"

rg_store_stats_t rg_store_stats(rg_store_t *store)
{
    rg_store_stats_t s = {.slots = store->slot_count, .schema_ok = store->schema_ok != 0};
    int idle = 0;
    apr_thread_mutex_lock(store->mutex);
    for (const rg_db_t *db = store->free; db; db = db->next) {
        idle++;
        s.open += db->mysql ? 1 : 0;
    }
    s.down = store->down;
    apr_thread_mutex_unlock(store->mutex);
    s.busy = s.slots - idle;
    s.open += s.busy;
    return s;
}
