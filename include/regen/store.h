/* SPDX-License-Identifier: Apache-2.0 */
/* The store room: SQL. The only room that includes <mysql.h>. Use-cases borrow a connection for one read or one transaction
 * and give it back before anything is rendered. */
#ifndef REGEN_STORE_H
#define REGEN_STORE_H

#include "regen/core.h"
#include "regen/model.h"

typedef struct rg_store_t rg_store_t; /* a pool of connection slots; one per process */
typedef struct rg_db_t rg_db_t;       /* one borrowed connection; used by one thread at a time */

typedef struct {
    const char *socket;          /* path, or NULL for TCP */
    const char *host;            /* TCP: TLS with verification unless loopback */
    int port;
    const char *user, *password, *database;
    const char *tls_ca;          /* PEM file; NULL: the system's */
    int max;                     /* connections per process */
    apr_interval_time_t acquire_timeout, connect_timeout, io_timeout;
    apr_interval_time_t idle_check; /* ping a connection that was idle longer */
} rg_store_conf_t;

/* --- pool.c ------------------------------------------------------------------------------------------------------- */

/* Once per process before threads: Connector/C's own initialisation (it touches signals). */
bool rg_store_init(void);
/* Never connects: the database may be down. Everything is closed when P goes. CONF is kept by pointer. */
rg_outcome_t rg_store_open(rg_store_t **out, apr_pool_t *p, const rg_store_conf_t *conf);

/* --- tx.c: the two ways to the database ---------------------------------------------------------------------------- */

/* Returns RG_OK to commit (transact) or finish (read); anything else rolls back and is handed to the caller. May run more than once:
 * it must not change anything but the database and *BATON's results. */
typedef rg_outcome_t (*rg_work_fn)(rg_db_t *db, rg_ctx_t *ctx, void *baton);

/* Borrows a connection for reads in autocommit. RG_UNAVAILABLE when none is to be had in time. A connection lost before the
 * first answer is replaced once. */
rg_outcome_t rg_store_read(rg_ctx_t *ctx, rg_work_fn work, void *baton);
/* One READ COMMITTED transaction, run again (bounded, with jitter) after a deadlock or lock timeout (1213, 1205) and after a
 * connection lost before COMMIT was sent. With ctx->idem set, its row is inserted first and its result written before COMMIT; a
 * repeated key answers RG_OK with idem->replayed and runs nothing; the same key with another body is RG_CONFLICT.
 * When the connection is lost while COMMIT is in flight the outcome is RG_UNAVAILABLE; with an idempotency key the caller's retry finds out. */
rg_outcome_t rg_store_transact(rg_ctx_t *ctx, rg_work_fn work, void *baton);

/* Schema version this build was made for, and whether the database has it: RG_OK, or RG_UNAVAILABLE with *found set (0: none).
 * Cached per process once it matched. */
#define RG_SCHEMA_VERSION 5
rg_outcome_t rg_store_schema_check(rg_ctx_t *ctx, int *found);

/* --- migrate.c (regenctl) ------------------------------------------------------------------------------------------- */

/* Applies the numbered files of DIR that are missing, statement by statement, each noted with the file's checksum once it ran;
 * resumes after a kill; refuses a file that changed after it was applied. One line per step to SAY. */
rg_outcome_t rg_store_migrate(rg_ctx_t *ctx, const char *dir, void (*say)(void *baton, const char *line), void *baton);
/* Runs a file of re-runnable statements in one transaction (the sample clinic). */
rg_outcome_t rg_store_load(rg_ctx_t *ctx, const char *file);

/* --- audit.c -------------------------------------------------------------------------------------------------------- */

/* One audit event in the caller's transaction; DETAIL holds ids and codes only. */
rg_outcome_t rg_audit_add(rg_db_t *db, rg_ctx_t *ctx, const char *action, const char *entity, int64_t entity_id, const char *detail);

/* --- counter.c ------------------------------------------------------------------------------------------------------- */

/* Next number of a gapless counter, in the caller's transaction; made when absent. */
rg_outcome_t rg_counter_next(rg_db_t *db, rg_ctx_t *ctx, const char *name, int64_t *out);

/* --- service_sql.c: the catalogue [owner: booking slice] -------------------------------------------------------------- */

/* --- calendar_sql.c, booking_sql.c [owner: booking slice] -------------------------------------------------------------- */

/* --- people_sql.c: patients, coverages, payers [owner: patient slice] -------------------------------------------------- */

/* --- consent_sql.c [owner: patient slice] -------------------------------------------------------------------------------- */

/* --- staff_sql.c, session_sql.c, token_sql.c [owner: web platform slice] --------------------------------------------------- */

/* --- care_sql.c: units, step events, diagnoses, the day [owner: staff slice] ------------------------------------------------ */

/* --- money_sql.c, claim_sql.c [owner: billing slice] --------------------------------------------------------------------------- */

#endif
