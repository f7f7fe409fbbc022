/* SPDX-License-Identifier: Apache-2.0 */
/* The pool of connection slots of one process. A slot is handed out under a mutex, last used first
 * so that statement caches stay hot; connecting happens outside the mutex, in the thread that needs
 * it. While the database is down one thread at a time tries to connect, and all others fail at
 * once. tx.c borrows and returns slots. */
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/store/store.h"

#include <string.h>

/* How long nobody tries again after a connection could not be made, and how often that is logged.
 * */
#define RETRY_AFTER RG_SECOND
#define SAY_AFTER   RG_MINUTE

bool rg_store_init(void)
{
    return mysql_server_init(0, NULL, NULL) == 0;
}

/* --- opening and closing -------------------------------------------------------------------- */

static apr_status_t close_all(void *data)
{
    rg_store_t *store = data;
    for (int i = 0; i < store->slot_count; i++) {
        rg_conn_close(&store->slots[i]);
    }
    for (int i = 0; i < store->memory_count; i++) {
        if (store->memories[i].kind->drop) {
            store->memories[i].kind->drop(store->memories[i].memory);
        }
        apr_pool_destroy(store->memories[i].pool);
    }
    return APR_SUCCESS;
}

static void put_last(rg_store_t *store, rg_db_t *db)
{
    db->next = NULL;
    if (store->free_last) {
        store->free_last->next = db;
    }
    else {
        store->free = db;
    }
    store->free_last = db;
}

static void put_first(rg_store_t *store, rg_db_t *db)
{
    db->next = store->free;
    store->free = db;
    if (!store->free_last) {
        store->free_last = db;
    }
}

static rg_db_t *take(rg_store_t *store)
{
    rg_db_t *db = store->free;
    store->free = db->next;
    if (!store->free) {
        store->free_last = NULL;
    }
    return db;
}

/* An allocator of its own: a slot is used by one thread after the other, never by two at once,
 * and needs no lock. */
static bool make_slot(rg_store_t *store, rg_db_t *db)
{
    apr_allocator_t *allocator;
    if (apr_allocator_create(&allocator) != APR_SUCCESS) {
        return false;
    }
    apr_allocator_max_free_set(allocator, 256 * 1024);
    if (apr_pool_create_ex(&db->pool, store->pool, NULL, allocator) != APR_SUCCESS) {
        apr_allocator_destroy(allocator);
        return false;
    }
    apr_allocator_owner_set(allocator, db->pool);
    db->store = store;
    put_last(store, db);
    return true;
}

rg_outcome_t rg_store_open(rg_store_t **out, apr_pool_t *p, const rg_store_conf_t *conf)
{
    rg_store_t *store = apr_pcalloc(p, sizeof(*store));
    store->conf = conf;
    store->pool = p;
    if (conf->max < 1 ||
        apr_thread_mutex_create(&store->mutex, APR_THREAD_MUTEX_DEFAULT, p) != APR_SUCCESS ||
        apr_thread_cond_create(&store->freed, p) != APR_SUCCESS) {
        return RG_INTERNAL;
    }
    store->slots = apr_pcalloc(p, (apr_size_t)conf->max * sizeof(*store->slots));
    for (int i = 0; i < conf->max; i++) {
        if (!make_slot(store, &store->slots[i])) {
            return RG_INTERNAL;
        }
        store->slot_count++;
    }
    /* Before the slots' pools go, which hold the statements. */
    apr_pool_pre_cleanup_register(p, store, close_all);
    *out = store;
    return RG_OK;
}

/* --- how it is, for server-status ------------------------------------------------------------- */

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
    s.statements = atomic_load_explicit(&store->statements, memory_order_relaxed);
    return s;
}

/* --- memories ------------------------------------------------------------------------------- */

/* In a pool without a parent: the store's own belongs to the process and is not for threads. */
static void *remember(rg_store_t *store, const rg_memory_t *kind)
{
    int i = 0;
    while (i < store->memory_count && store->memories[i].kind != kind) {
        i++;
    }
    if (i == store->memory_count) {
        apr_pool_create(&store->memories[i].pool, NULL);
        store->memories[i].kind = kind;
        store->memories[i].memory = kind->make(store->memories[i].pool);
        store->memory_count++;
    }
    return store->memories[i].memory;
}

void *rg_store_memory(rg_store_t *store, const rg_memory_t *kind)
{
    apr_thread_mutex_lock(store->mutex);
    void *memory = remember(store, kind);
    apr_thread_mutex_unlock(store->mutex);
    return memory;
}

/* --- connecting ----------------------------------------------------------------------------- */

/* Whether this thread may try now. */
static bool may_connect(rg_store_t *store)
{
    apr_thread_mutex_lock(store->mutex);
    bool may = !store->down || (!store->probing && apr_time_now() >= store->down_until);
    if (may && store->down) {
        store->probing = true;
    }
    apr_thread_mutex_unlock(store->mutex);
    return may;
}

typedef struct {
    bool back, say;
} rg_news_t;

/* Records the result of connecting, and logs changes. */
static rg_news_t note_connect(rg_store_t *store, bool worked)
{
    apr_time_t now = apr_time_now();
    rg_news_t news = {false, false};
    apr_thread_mutex_lock(store->mutex);
    news.back = worked && store->down;
    news.say = !worked && (!store->down || now - store->said_at >= SAY_AFTER);
    store->down = !worked;
    store->probing = false;
    store->down_until = worked ? 0 : now + RETRY_AFTER;
    if (news.say) {
        store->said_at = now;
    }
    apr_thread_mutex_unlock(store->mutex);
    return news;
}

/* A running database may have cut the connection while it was being made (somebody killed its
 * thread): that is no reason to refuse everybody for a second. One that is down, or silent, is not
 * tried twice. */
static bool connect_once_more(rg_db_t *db, char *why, size_t size)
{
    apr_time_t began = apr_time_now();
    bool worked = rg_conn_open(db, why, size);
    unsigned error = db->errnum;
    bool cut = error == 1317 || error == 1927 || error == 2006 || error == 2013;
    bool quick = apr_time_now() - began < db->store->conf->connect_timeout / 2;
    return worked || !cut || !quick ? worked : rg_conn_open(db, why, size);
}

static rg_outcome_t open_slot(rg_db_t *db, const rg_ctx_t *ctx)
{
    char why[512] = "";
    if (!may_connect(db->store)) {
        return RG_UNAVAILABLE;
    }
    bool worked = connect_once_more(db, why, sizeof(why));
    rg_news_t news = note_connect(db->store, worked);
    if (news.say) {
        rg_log(ctx, RG_LOG_ERR, RGNO(01030) "Cannot connect to the database: %s.", why);
    }
    if (news.back) {
        rg_log(ctx, RG_LOG_WARNING, RGNO(01031) "The database answers again.");
    }
    return worked ? RG_OK : RG_UNAVAILABLE;
}

rg_outcome_t rg_pool_reconnect(rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_conn_close(db);
    return open_slot(db, ctx);
}

static rg_outcome_t make_ready(rg_db_t *db, const rg_ctx_t *ctx)
{
    if (db->mysql && apr_time_now() - db->used_at > db->store->conf->idle_check &&
        !rg_conn_ping(db)) {
        rg_log(ctx, RG_LOG_INFO, RGNO(01032) "The database closed an idle connection.");
        rg_conn_close(db);
    }
    return db->mysql ? RG_OK : open_slot(db, ctx);
}

/* --- handing out ---------------------------------------------------------------------------- */

static rg_db_t *wait_for_slot(rg_store_t *store)
{
    apr_time_t until = apr_time_now() + store->conf->acquire_timeout;
    apr_thread_mutex_lock(store->mutex);
    while (!store->free) {
        apr_interval_time_t left = until - apr_time_now();
        if (left <= 0) {
            break;
        }
        apr_thread_cond_timedwait(store->freed, store->mutex, left);
    }
    rg_db_t *db = store->free ? take(store) : NULL;
    apr_thread_mutex_unlock(store->mutex);
    return db;
}

rg_outcome_t rg_pool_acquire(rg_db_t **out, const rg_ctx_t *ctx)
{
    rg_db_t *db = wait_for_slot(ctx->store);
    if (!db) {
        rg_log(ctx, RG_LOG_WARNING, RGNO(01033) "All %d connections were busy for too long.",
               ctx->store->slot_count);
        return RG_UNAVAILABLE;
    }
    db->answers = 0;
    db->error = RG_SQL_NONE;
    rg_outcome_t rc = make_ready(db, ctx);
    if (rc != RG_OK) {
        rg_pool_release(db, ctx);
        return rc;
    }
    *out = db;
    return RG_OK;
}

void rg_pool_release(rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_store_t *store = db->store;
    if (!rg_cur_close_all(db)) {
        rg_log(ctx, RG_LOG_DEBUG, RGNO(01034) "A result was left open.");
    }
    if (db->broken) {
        rg_conn_close(db);
    }
    db->used_at = apr_time_now();
    apr_thread_mutex_lock(store->mutex);
    if (db->mysql) {
        put_first(store, db);
    }
    else {
        put_last(store, db);
    }
    apr_thread_cond_signal(store->freed);
    apr_thread_mutex_unlock(store->mutex);
}
