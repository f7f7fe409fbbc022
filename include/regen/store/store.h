/* SPDX-License-Identifier: Apache-2.0 */
/* The database: connection pool, reads, transactions. Use-cases borrow a connection for one of them
 * and return it before anything is rendered. */
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
    apr_interval_time_t idle_check; /* ping a connection that was idle for longer */
} rg_store_conf_t;

/* --- pool.c ----------------------------------------------------------------------------------- */

/* Once per process before threads: Connector/C's own initialization (it touches signals). */
bool rg_store_init(void);
/* Never connects: the database may be down. Everything is closed when P is destroyed. CONF is
 * referenced, not copied. */
rg_outcome_t rg_store_open(rg_store_t **out, apr_pool_t *p, const rg_store_conf_t *conf);
/* What a use-case caches of one database between requests. It belongs to the store, because virtual
 * hosts of one process may serve several clinics. */
typedef struct {
    void *(*make)(apr_pool_t *p); /* P is for it alone, and is destroyed after DROP */
    void (*drop)(void *memory);   /* the store closes; NULL: nothing to do */
} rg_memory_t;
/* The same object at each call, made at the first; never NULL. KIND is referenced, not copied; at
 * most RG_MEMORIES kinds. Its owner must lock its contents. */
#define RG_MEMORIES 4
void *rg_store_memory(rg_store_t *store, const rg_memory_t *kind);

typedef struct {
    int slots, open, busy; /* maximum of connections; open ones; borrowed ones */
    bool down;             /* the last try to connect failed */
    bool schema_ok;        /* rg_store_schema_check said yes once */
    uint64_t statements;   /* sent since it was opened */
} rg_store_stats_t;
rg_store_stats_t rg_store_stats(rg_store_t *store);

/* --- tx.c: the two ways to the database ------------------------------------------------------- */

/* Returns RG_OK to commit (transact) or finish (read); anything else rolls back and is returned to
 * the caller. May run more than once: it must change nothing but the database and *BATON's
 * results. */
typedef rg_outcome_t (*rg_work_fn)(rg_db_t *db, const rg_ctx_t *ctx, void *baton);

/* Borrows a connection for reads in autocommit. RG_UNAVAILABLE if none is free in time. A
 * connection lost before the first answer is replaced once. */
rg_outcome_t rg_store_read(const rg_ctx_t *ctx, rg_work_fn work, void *baton);
/* One READ COMMITTED transaction, run again (bounded, with jitter) after a deadlock or lock timeout
 * (1213, 1205) and after a connection lost before COMMIT was sent. When it is lost while COMMIT is
 * in flight the outcome is RG_UNAVAILABLE. Remembers nothing of the request: for what a request
 * writes by the way. */
rg_outcome_t rg_store_transact(const rg_ctx_t *ctx, rg_work_fn work, void *baton);
/* The same for the one transaction that is what the request is for. The row of ctx->idem (NULL: the
 * request cannot arrive twice) is inserted first and its result written before COMMIT; a repeated
 * key answers RG_OK with idem->replayed and runs nothing; the same key with a different request is
 * RG_CONFLICT with idem->other. After RG_UNAVAILABLE the caller's retry finds out. */
rg_outcome_t rg_store_once(const rg_ctx_t *ctx, rg_work_fn work, void *baton);
/* What the request's answer is made from when it arrives again (idem->result says more), said in
 * its transaction; nothing elsewhere, so that work may be part of either. */
void rg_once_result(rg_db_t *db, const char *result);
/* The same, said before rg_store_once by who knows it then: one statement less. */
void rg_once_known(const rg_ctx_t *ctx, const char *result);
/* Whether ctx->idem (NULL: no) names a request that was done before; sets idem->other, too.
 * rg_store_once decides. */
rg_outcome_t rg_store_repeats(bool *out, rg_db_t *db, const rg_ctx_t *ctx);

/* Time that a transaction freed, for the waitlist. Code that frees time notes it; clinic/transact.c
 * takes the note and serves the waitlist before COMMIT. A note that is never taken is logged,
 * because the waitlist was not served. Each attempt of a transaction starts without one. */
typedef struct {
    bool any;
    bool definitions;       /* hours or closures changed: free time is known after COMMIT */
    apr_time_t from, until; /* all of it is in between; both 0: anywhere */
} rg_freed_t;
/* FROM and UNTIL 0: not known, anywhere. */
void rg_freed_note(rg_db_t *db, apr_time_t from, apr_time_t until);
void rg_freed_by_definitions(rg_db_t *db);
rg_freed_t rg_freed_take(rg_db_t *db);

/* A part of a transaction that may fail alone: anything but RG_OK from WORK undoes what it wrote,
 * and the transaction continues. RG_UNAVAILABLE must be returned (the whole transaction is run
 * again). */
rg_outcome_t rg_store_attempt(rg_db_t *db, const rg_ctx_t *ctx, rg_work_fn work, void *baton);

/* The most prepared statements that a connection keeps. */
#define RG_STATEMENTS_KEPT 128

/* --- audit.c ---------------------------------------------------------------------------------- */

/* One audit event in the caller's transaction; DETAIL holds ids and codes only. */
rg_outcome_t rg_audit_add(rg_db_t *db, const rg_ctx_t *ctx, const char *action, const char *entity,
                          int64_t entity_id, const char *detail);

/* --- counter.c -------------------------------------------------------------------------------- */

/* Next number of a gapless counter, in the caller's transaction; created if absent. */
rg_outcome_t rg_counter_next(rg_db_t *db, const rg_ctx_t *ctx, const char *name, int64_t *out);

#endif
