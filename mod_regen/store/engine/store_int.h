/* SPDX-License-Identifier: Apache-2.0 */
/* What pool.c, conn.c, stmt.c, cursor.c and tx.c share. Aggregate files (*_sql.c) never include
 * this: they see sql.h only. */
#ifndef RG_STORE_INT_H
#define RG_STORE_INT_H

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <mysql.h>
#include <stdatomic.h>

#include "mod_regen/store/engine/sql.h"
#include "mod_regen/store/evidence/chain.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

/* A row's value as it came: integers are converted while fetching, everything else stays in the
 * row's memory until somebody asks for it. */
typedef struct {
    int64_t i;
    unsigned long len;
    my_bool null;
    bool is_int;
} rg_col_t;

typedef struct rg_stmt_t rg_stmt_t;

struct rg_cur_t {
    rg_db_t *db;
    const rg_ctx_t *ctx;
    apr_pool_t *pool; /* where strings go */
    rg_stmt_t *stmt;
    rg_cur_t *next; /* open cursors of the connection */
    bool open, stream, failed;
};

/* One prepared statement of one connection. */
struct rg_stmt_t {
    apr_pool_t *pool; /* its own; it lies there */
    unsigned used;    /* when, by the connection's count */
    const char *sql;  /* the literal: its address is the key */
    const char *text; /* a copy, because an address alone may come back with other words */
    size_t len;
    MYSQL_STMT *h;
    int params, columns;
    MYSQL_BIND *in;
    rg_col_t *col;
    rg_cur_t cur;
};

/* Statements kept per connection; beyond that the one that was not used for longest goes. The
 * server counts those of all connections (max_prepared_stmt_count) and keeps each one's plan in
 * memory. */
#define RG_STMT_SLOTS 512

struct rg_db_t {
    rg_store_t *store;
    apr_pool_t *pool;    /* statements; own allocator; cleared with the connection */
    apr_pool_t *scratch; /* for one call */
    MYSQL *mysql;        /* NULL: not connected */
    rg_stmt_t **stmts;   /* open addressing, RG_STMT_SLOTS */
    int stmt_count;
    unsigned stmt_uses;
    rg_cur_t *cursors; /* open ones */
    bool streaming;
    bool broken;      /* to be closed when returned */
    bool doomed;      /* the server gave this transaction up, whatever the caller makes of it */
    bool in_tx;       /* between START TRANSACTION and its end */
    bool cluster;     /* a Galera node */
    bool schema_seen; /* in this transaction */
    rg_freed_t freed; /* likewise */
    rg_chain_t chain; /* of the audit events written on this connection */
    rg_chain_t chain_began; /* as it was when this transaction began */
    rg_idem_t *once; /* whose effect this transaction is; NULL: no request's that is remembered */
    unsigned errnum;
    rg_sql_error_t error;
    int64_t insert_id;
    int answers;      /* statements that worked since it was borrowed */
    apr_time_t since; /* the work that runs on it began */
    apr_time_t used_at;
    rg_db_t *next; /* free list */
};

struct rg_store_t {
    const rg_store_conf_t *conf;
    apr_pool_t *pool;
    apr_thread_mutex_t *mutex; /* guards everything below */
    apr_thread_cond_t *freed;
    rg_db_t *free, *free_last;
    rg_db_t *slots;
    int slot_count;
    bool down, probing;
    apr_time_t down_until, said_at;
    /* Written once or rarely, read without the mutex. */
    volatile apr_uint32_t schema_ok;
    _Atomic uint64_t statements; /* sent */
    apr_time_t schema_said_at;
    struct {
        const rg_memory_t *kind;
        apr_pool_t *pool;
        void *memory;
    } memories[RG_MEMORIES];
    int memory_count;
};

static inline void rg_count_statement(const rg_db_t *db)
{
    atomic_fetch_add_explicit(&db->store->statements, 1, memory_order_relaxed);
}

/* --- conn.c: the only file that opens, closes and talks in plain text ----------------------- */

/* False with db->errnum set; the reason goes to WHY (for the log; no secrets in it). */
bool rg_conn_open(rg_db_t *db, char *why, size_t size);
void rg_conn_close(rg_db_t *db);
bool rg_conn_ping(rg_db_t *db);
/* A statement in plain text; results are thrown away. Only literals and migration files come
 * here. */
rg_outcome_t rg_conn_run(rg_db_t *db, const rg_ctx_t *ctx, const char *sql, size_t n);
/* The server's own message about the last failure, with its number: for regenctl, never for a
 * log. */
const char *rg_conn_message(rg_db_t *db);
#define rg_conn_say(db, ctx, literal) rg_conn_run((db), (ctx), "" literal, sizeof(literal) - 1)

/* --- pool.c --------------------------------------------------------------------------------- */

rg_outcome_t rg_pool_acquire(rg_db_t **out, const rg_ctx_t *ctx);
void rg_pool_release(rg_db_t *db, const rg_ctx_t *ctx);
/* A new connection in the same slot, after one was lost. */
rg_outcome_t rg_pool_reconnect(rg_db_t *db, const rg_ctx_t *ctx);

/* --- stmt.c --------------------------------------------------------------------------------- */

/* From the cache, or prepared now. */
rg_outcome_t rg_stmt_get(rg_stmt_t **out, rg_db_t *db, const rg_ctx_t *ctx, const char *sql);
/* Binds and executes. */
rg_outcome_t rg_stmt_run(rg_stmt_t *s, rg_db_t *db, const rg_ctx_t *ctx, const rg_bind_t *in,
                         int n);
/* Closes all prepared statements of the connection and clears its pool. */
void rg_stmt_drop_all(rg_db_t *db);
/* Ends cursors that were left open; false if there was one. */
bool rg_cur_close_all(rg_db_t *db);

/* --- schema.c ------------------------------------------------------------------------------- */

/* Before COMMIT: as rg_schema_seen, with a statement of its own unless this transaction knows. */
rg_outcome_t rg_schema_still(rg_db_t *db, const rg_ctx_t *ctx);
/* Whether to log now that the schema is wrong: once a minute, because every request asks. */
bool rg_schema_may_say(rg_store_t *store);

/* --- audit.c -------------------------------------------------------------------------------- */

/* The next event begins another chain: the connection is new, or nobody knows how the last one
 * ended. */
void rg_chain_forget(rg_db_t *db);

/* --- error.c -------------------------------------------------------------------------------- */

/* The outcome for the use-case of the last statement's error. */
rg_outcome_t rg_error_outcome(const rg_db_t *db);
/* Notes the error on DB, logs it and says how the call ends. SQL is a literal; it may be NULL. */
rg_outcome_t rg_error_note(rg_db_t *db, const rg_ctx_t *ctx, unsigned errnum, const char *state,
                           const char *sql);

#endif
