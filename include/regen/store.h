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

/* --- money_sql.c: charges, invoices, queues ------------------------------------------------------- */

rg_outcome_t rg_charges_read(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_charge_t **out, int *count);
/* Fills the payer, invoice and claim fields of an account; RG_NOT_FOUND without such a booking. */
struct rg_account_sql_t {
    const char *payer_name, *invoice_uid, *invoice_label, *claim_uid, *claim_no;
};
rg_outcome_t rg_account_read(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, struct rg_account_sql_t *out);
/* Next number of SERIES in the caller's transaction, which alone holds the series until it ends. */
rg_outcome_t rg_invoice_next(rg_db_t *db, rg_ctx_t *ctx, const char *series, int *number);
/* RG_CONFLICT when the booking has one. Sets inv->id. */
rg_outcome_t rg_invoice_insert(rg_db_t *db, rg_ctx_t *ctx, rg_invoice_t *inv, int64_t patient_id);
/* *BOOKING_ID lets the use-case decide whose it is. */
rg_outcome_t rg_invoice_read(rg_db_t *db, rg_ctx_t *ctx, const char *uid, rg_invoice_t **out);
/* Counts of the three queues, in the order of rg_queue_t. */
rg_outcome_t rg_queue_counts(rg_db_t *db, rg_ctx_t *ctx, int counts[3]);
/* One row of queue number QUEUE; the use-case gets a row at a time and copies what it needs. */
typedef struct {
    const char *booking_uid, *family, *given, *service_name, *payer_name, *claim_uid, *claim_no;
    apr_time_t starts_at;
    rg_money_t total;
} rg_queue_row_t;
rg_outcome_t rg_queue_read(rg_db_t *db, rg_ctx_t *ctx, int queue, int limit, int offset,
                           rg_queue_row_t **out, int *count);

/* --- claim_sql.c: what a claim is made of, and what was emitted --------------------------------------- */

/* Everything a claim for this booking would say, except uid, number and creation. The site's zone is opened. *STATUS is the
 * booking's. RG_NOT_FOUND: no such booking. coverage.id 0: self-pay. */
rg_outcome_t rg_claim_facts(rg_db_t *db, rg_ctx_t *ctx, const char *booking_uid, rg_claim_t *out,
                            rg_booking_status_t *status);
typedef struct { const char *xml, *json; size_t xml_len, json_len; } rg_claim_bytes_t;
/* Inserts claim, diagnoses and lines. RG_CONFLICT when the booking has its original claim. */
rg_outcome_t rg_claim_insert(rg_db_t *db, rg_ctx_t *ctx, const rg_claim_t *c, const rg_claim_bytes_t *bytes,
                             int64_t *id);
typedef struct {
    rg_claim_row_t row;
    const char *booking_uid;
    rg_claim_bytes_t bytes;
    rg_diagnosis_t *diagnoses;
    int diagnosis_count;
    rg_claim_line_t *lines;
    int line_count;
} rg_claim_stored_t;
rg_outcome_t rg_claim_read(rg_db_t *db, rg_ctx_t *ctx, const char *uid, rg_claim_stored_t *out);
/* Streams row and XML; ROW_POOL is cleared after each. */
rg_outcome_t rg_claim_stream(rg_db_t *db, rg_ctx_t *ctx, rg_date_t from, rg_date_t to,
                             rg_outcome_t (*fn)(void *baton, const rg_claim_stored_t *c), void *baton);

#endif
