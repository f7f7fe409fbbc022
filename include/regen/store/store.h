/* SPDX-License-Identifier: Apache-2.0 */
/* The database: a pool of connections, a read, a transaction. Use-cases borrow a connection for
 * one of them and give it back before anything is rendered. */
#ifndef REGEN_STORE_STORE_H
#define REGEN_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

typedef struct rg_store_t rg_store_t; /* a pool of connection slots; one per process */
typedef struct rg_db_t rg_db_t;       /* one borrowed connection; used by one thread at a time */

typedef struct {
    const char *socket; /* path, or NULL for TCP */
    const char *host;   /* TCP: TLS with verification unless loopback */
    int port;
    const char *user, *password, *database;
    const char *tls_ca; /* PEM file; NULL: the system's */
    int max;            /* connections per process */
    apr_interval_time_t acquire_timeout, connect_timeout, io_timeout;
    apr_interval_time_t idle_check; /* ping a connection that was idle longer */
} rg_store_conf_t;

/* --- pool.c ----------------------------------------------------------------------------------- */

/* Once per process before threads: Connector/C's own initialisation (it touches signals). */
bool rg_store_init(void);
/* Never connects: the database may be down. Everything is closed when P goes. CONF is kept by
 * pointer. */
rg_outcome_t rg_store_open(rg_store_t **out, apr_pool_t *p, const rg_store_conf_t *conf);
/* What a use-case remembers of one database from request to request. It belongs to the store,
 * because virtual hosts of one process may serve several clinics. */
typedef struct {
    void *(*make)(apr_pool_t *p); /* P is for it alone, and ends after DROP */
    void (*drop)(void *memory);   /* the store closes; NULL: nothing to do */
} rg_memory_t;
/* The same at each call, made at the first; never NULL. KIND is kept by pointer; at most
 * RG_MEMORIES kinds. Guarding what is in it is its maker's business. */
#define RG_MEMORIES 4
void *rg_store_memory(rg_store_t *store, const rg_memory_t *kind);

/* --- pool_stats.c ----------------------------------------------------------------------------- */

typedef struct {
    int slots, open, busy; /* most connections; those that are open; those that are lent now */
    bool down;             /* the last try to connect failed */
    bool schema_ok;        /* rg_store_schema_check said yes once */
} rg_store_stats_t;
rg_store_stats_t rg_store_stats(rg_store_t *store);

/* --- tx.c: the two ways to the database ------------------------------------------------------- */

/* Returns RG_OK to commit (transact) or finish (read); anything else rolls back and is handed to
 * the caller. May run more than once: it must not change anything but the database and *BATON's
 * results. */
typedef rg_outcome_t (*rg_work_fn)(rg_db_t *db, rg_ctx_t *ctx, void *baton);

/* Borrows a connection for reads in autocommit. RG_UNAVAILABLE when none is to be had in time. A
 * connection lost before the first answer is replaced once. */
rg_outcome_t rg_store_read(rg_ctx_t *ctx, rg_work_fn work, void *baton);
/* One READ COMMITTED transaction, run again (bounded, with jitter) after a deadlock or lock timeout
 * (1213, 1205) and after a connection lost before COMMIT was sent. With ctx->idem set, its row is
 * inserted first and its result written before COMMIT; a repeated key answers RG_OK with
 * idem->replayed and runs nothing; the same key with another request is RG_CONFLICT with
 * idem->other. When the connection is lost while COMMIT is in flight the outcome is RG_UNAVAILABLE;
 * with an idempotency key the caller's retry finds out. */
rg_outcome_t rg_store_transact(rg_ctx_t *ctx, rg_work_fn work, void *baton);
/* Whether ctx->idem (NULL: no) names a request that was done before; sets idem->other, too.
 * rg_store_transact decides. */
rg_outcome_t rg_store_repeats(bool *out, rg_db_t *db, rg_ctx_t *ctx);

/* Time that a transaction gave back, for who waits. Whoever gives some back notes it; who ends the
 * transaction takes the note before COMMIT (clinic/transact.c). A note that nobody takes is logged:
 * somebody would wait in vain. Each attempt of a transaction begins without one. */
typedef struct {
    bool any;
    bool definitions;       /* hours or closures changed: what is free is known after COMMIT */
    apr_time_t from, until; /* all of it lies between; both 0: look at all there is */
} rg_freed_t;
/* FROM and UNTIL 0: not known, anywhere. */
void rg_freed_note(rg_db_t *db, apr_time_t from, apr_time_t until);
void rg_freed_by_definitions(rg_db_t *db);
rg_freed_t rg_freed_take(rg_db_t *db);

/* Part of a transaction that may fail by itself: anything but RG_OK from WORK undoes what it wrote,
 * and the transaction goes on. RG_UNAVAILABLE is handed up (the whole transaction is to be run
 * again). */
rg_outcome_t rg_store_attempt(rg_db_t *db, rg_ctx_t *ctx, rg_work_fn work, void *baton);

/* Prepared statements that a connection keeps at most. */
#define RG_STATEMENTS_KEPT 128

/* --- audit.c ---------------------------------------------------------------------------------- */

/* One audit event in the caller's transaction; DETAIL holds ids and codes only. */
rg_outcome_t rg_audit_add(rg_db_t *db, rg_ctx_t *ctx, const char *action, const char *entity,
                          int64_t entity_id, const char *detail);

/* --- counter.c -------------------------------------------------------------------------------- */

/* Next number of a gapless counter, in the caller's transaction; made when absent. */
rg_outcome_t rg_counter_next(rg_db_t *db, rg_ctx_t *ctx, const char *name, int64_t *out);

#endif
