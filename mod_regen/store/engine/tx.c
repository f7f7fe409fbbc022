/* SPDX-License-Identifier: Apache-2.0 */
/* The two kinds of database access: a read, and a transaction that is run again after conflicts and
 * that records requests which may arrive twice. Every use-case uses one of them. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/store/store.h"

#include <string.h>

#define ATTEMPTS      8
#define ATTEMPTS_LOST 2

/* --- reads ---------------------------------------------------------------------------------- */

/* A connection that was lost because the database took longer than the io timeout: asking again
 * would only make everybody wait as long once more. */
static bool timed_out(const rg_db_t *db)
{
    return apr_time_now() - db->since >= db->store->conf->io_timeout;
}

/* Before the first answer nothing was returned, so a connection that died while idle can be
 * replaced. */
static bool lost_at_once(const rg_db_t *db, rg_outcome_t rc)
{
    return rc == RG_UNAVAILABLE && db->broken && db->answers == 0 && !timed_out(db);
}

rg_outcome_t rg_store_read(const rg_ctx_t *ctx, rg_work_fn work, void *baton)
{
    rg_db_t *db;
    rg_outcome_t rc = rg_pool_acquire(&db, ctx);
    if (rc != RG_OK) {
        return rc;
    }
    db->since = apr_time_now();
    rc = work(db, ctx, baton);
    if (lost_at_once(db, rc)) {
        rc = rg_pool_reconnect(db, ctx);
        if (rc == RG_OK) {
            rc = work(db, ctx, baton);
        }
    }
    rg_pool_release(db, ctx);
    return rc;
}

/* --- requests that may arrive twice --------------------------------------------------------- */

RG_SQL(IDEM_PUT,
       "INSERT INTO idempotency (key_hash, request_hash, result, seed_key, created_at)"
       " VALUES (?, ?, ?, ?, ?)");

typedef struct {
    const char *request, *result;
    size_t request_len;
    uint32_t seed_key;
} idem_row_t;

#define IDEM_ROW(FIRST, COL)                                                                       \
    FIRST(BYTES, request, "request_hash", request_len)                                             \
    COL(STR, result, "result")                                                                     \
    COL(BITS, seed_key, "seed_key")
RG_ROW(idem_row, idem_row_t, IDEM_ROW);
RG_SQL(IDEM_GET, "SELECT " RG_COLUMNS(IDEM_ROW) " FROM idempotency WHERE key_hash = ?");
RG_SQL(IDEM_SET, "UPDATE idempotency SET result = ? WHERE key_hash = ?");

static bool same_request(const rg_idem_t *idem, const idem_row_t *row)
{
    return row->request_len == sizeof(idem->request) &&
           memcmp(row->request, idem->request, sizeof(idem->request)) == 0;
}

/* The key exists. If it is gone when read, the other transaction rolled back in the meantime, so
 * try again. */

static rg_outcome_t replay(rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_idem_t *idem = db->once;
    idem_row_t row;
    rg_outcome_t rc = rg_sql_one(db, ctx, &row, idem_row, IDEM_GET, RG_IN(RG_B(idem->key, 32)));
    if (rc == RG_NOT_FOUND) {
        db->doomed = true;
        return RG_UNAVAILABLE;
    }
    RG_TRY(rc);
    idem->other = !same_request(idem, &row);
    if (idem->other) {
        return RG_CONFLICT;
    }
    idem->replayed = true;
    idem->seed_key = row.seed_key;
    idem->result = row.result;
    return RG_OK;
}

rg_outcome_t rg_store_repeats(bool *out, rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_idem_t *idem = ctx->idem;
    idem_row_t row;
    *out = false;
    if (!idem) {
        return RG_OK;
    }
    rg_outcome_t rc = rg_sql_one(db, ctx, &row, idem_row, IDEM_GET, RG_IN(RG_B(idem->key, 32)));
    if (rc == RG_OK) {
        *out = same_request(idem, &row);
        idem->other = !*out;
    }
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

static rg_outcome_t idem_begin(rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_idem_t *idem = db->once;
    idem->replayed = false;
    idem->other = false;
    idem->result = NULL;
    idem->seed_key = ctx->policy->keys ? ctx->policy->keys->key[0].id : 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, IDEM_PUT,
                                  RG_IN(RG_B(idem->key, 32), RG_B(idem->request, 32),
                                        RG_S(idem->known ? idem->known : ""), RG_I(idem->seed_key),
                                        RG_T(ctx->now)),
                                  NULL);
    return rc == RG_CONFLICT ? replay(db, ctx) : rc;
}

static rg_outcome_t idem_end(rg_db_t *db, const rg_ctx_t *ctx)
{
    const rg_idem_t *idem = db->once;
    if (!idem->result || !idem->result[0]) {
        return RG_OK;
    }
    return rg_sql_exec(db, ctx, IDEM_SET, RG_IN(RG_S(idem->result), RG_B(idem->key, 32)), NULL);
}

void rg_once_result(rg_db_t *db, const char *result)
{
    if (db->once) {
        db->once->result = result;
    }
}

void rg_once_known(const rg_ctx_t *ctx, const char *result)
{
    if (ctx->idem) {
        ctx->idem->known = result;
    }
}

/* --- one attempt ---------------------------------------------------------------------------- */

typedef struct {
    rg_work_fn work;
    void *baton;
    rg_idem_t *once;  /* the request whose effect it is; NULL: none */
    int problems;     /* stored before the first attempt */
    apr_time_t until; /* no further attempt after that: somebody waits for the answer */
    bool commit_sent;
} rg_tx_t;

static void forget_problems(const rg_ctx_t *ctx, const rg_tx_t *tx)
{
    if (ctx->problems && ctx->problems->list->nelts > tx->problems) {
        ctx->problems->list->nelts = tx->problems;
    }
}

static void roll_back(rg_db_t *db, const rg_ctx_t *ctx)
{
    db->in_tx = false;
    db->chain = db->chain_began;
    rg_cur_close_all(db);
    if (!db->broken && rg_conn_say(db, ctx, "ROLLBACK") != RG_OK) {
        db->broken = true; /* closing it rolls back, too */
    }
}

static rg_outcome_t run_work(rg_db_t *db, const rg_ctx_t *ctx, rg_tx_t *tx)
{
    if (!db->once) {
        return tx->work(db, ctx, tx->baton);
    }
    rg_outcome_t rc = idem_begin(db, ctx);
    if (rc != RG_OK || db->once->replayed) {
        return rc;
    }
    rc = tx->work(db, ctx, tx->baton);
    return rc == RG_OK ? idem_end(db, ctx) : rc;
}

static rg_outcome_t attempt(rg_db_t *db, const rg_ctx_t *ctx, rg_tx_t *tx)
{
    tx->commit_sent = false;
    db->doomed = false;
    db->schema_seen = false;
    db->freed = (rg_freed_t){0};
    db->chain_began = db->chain;
    db->once = tx->once;
    db->since = apr_time_now();
    rg_outcome_t rc = rg_conn_say(db, ctx, "START TRANSACTION");
    if (rc != RG_OK) {
        return rc;
    }
    db->in_tx = true;
    rc = run_work(db, ctx, tx);
    if (rc == RG_OK && !db->doomed) {
        rc = rg_schema_still(db, ctx);
    }
    if (rc == RG_OK && db->doomed) {
        rc = RG_UNAVAILABLE; /* a COMMIT now would keep the second half of it */
    }
    if (rc != RG_OK || (db->once && db->once->replayed)) {
        roll_back(db, ctx);
        return rc;
    }
    if (db->freed.any) {
        rg_log(ctx, RG_LOG_ERR, RGNO(01042) "Time was released, but the waitlist was not served.");
    }
    rg_cur_close_all(db);
    db->in_tx = false;
    tx->commit_sent = true;
    rc = rg_conn_say(db, ctx, "COMMIT");
    if (rc != RG_OK) {
        /* Galera reports this at COMMIT if another node was first; then nothing was committed. */
        tx->commit_sent = db->broken;
        roll_back(db, ctx);
    }
    return rc;
}

/* --- again, or not -------------------------------------------------------------------------- */

static void back_off(const rg_ctx_t *ctx, int n)
{
    uint32_t dice = 0;
    ctx->random(&dice, sizeof(dice));
    apr_interval_time_t most = (apr_interval_time_t)(n < 5 ? 4000 << n : 100000);
    apr_sleep(1000 + (apr_interval_time_t)(dice % (uint32_t)most));
}

/* Whether the failed attempt may be run again; *LOST counts connections that broke. */
static bool may_run_again(rg_db_t *db, const rg_ctx_t *ctx, const rg_tx_t *tx, rg_outcome_t rc,
                          int n, int *lost)
{
    if (rc != RG_UNAVAILABLE || n >= ATTEMPTS || tx->commit_sent || apr_time_now() > tx->until) {
        return false;
    }
    if (db->broken) {
        return !timed_out(db) && ++*lost < ATTEMPTS_LOST && rg_pool_reconnect(db, ctx) == RG_OK;
    }
    if (db->doomed) {
        back_off(ctx, n);
        return true;
    }
    return false;
}

static void log_outcome(const rg_db_t *db, const rg_ctx_t *ctx, const rg_tx_t *tx, rg_outcome_t rc,
                        int n)
{
    if (rc != RG_UNAVAILABLE) {
        return;
    }
    if (tx->commit_sent) {
        rg_log(ctx, RG_LOG_ERR, RGNO(01040) "Connection lost at COMMIT: the outcome is unknown.");
    }
    else if (db->doomed && !db->broken) {
        rg_log(ctx, RG_LOG_WARNING,
               RGNO(01041) "Gave up after %d attempts because of conflicting transactions.", n);
    }
}

static rg_outcome_t transact(const rg_ctx_t *ctx, rg_work_fn work, void *baton, rg_idem_t *once)
{
    rg_tx_t tx = {.work = work,
                  .baton = baton,
                  .once = once,
                  .problems = ctx->problems ? ctx->problems->list->nelts : 0,
                  .until = apr_time_now() + ctx->store->conf->io_timeout};
    rg_db_t *db;
    rg_outcome_t rc = rg_pool_acquire(&db, ctx);
    if (rc != RG_OK) {
        return rc;
    }
    int n = 1;
    int lost = 0;
    rc = attempt(db, ctx, &tx);
    while (may_run_again(db, ctx, &tx, rc, n, &lost)) {
        forget_problems(ctx, &tx);
        rc = attempt(db, ctx, &tx);
        n++;
    }
    log_outcome(db, ctx, &tx, rc, n);
    db->once = NULL;
    rg_pool_release(db, ctx);
    return rc;
}

rg_outcome_t rg_store_transact(const rg_ctx_t *ctx, rg_work_fn work, void *baton)
{
    return transact(ctx, work, baton, NULL);
}

rg_outcome_t rg_store_once(const rg_ctx_t *ctx, rg_work_fn work, void *baton)
{
    return transact(ctx, work, baton, ctx->idem);
}

/* --- what it gave back ------------------------------------------------------------------------ */

void rg_freed_note(rg_db_t *db, apr_time_t from, apr_time_t until)
{
    rg_freed_t *f = &db->freed;
    bool anywhere = until == 0 || (f->any && f->until == 0);
    bool first = !f->any;
    f->any = true;
    if (anywhere) {
        f->from = f->until = 0;
        return;
    }
    f->from = first || from < f->from ? from : f->from;
    f->until = until > f->until ? until : f->until;
}

void rg_freed_by_definitions(rg_db_t *db)
{
    rg_freed_note(db, 0, 0);
    db->freed.definitions = true;
}

rg_freed_t rg_freed_take(rg_db_t *db)
{
    rg_freed_t taken = db->freed;
    db->freed = (rg_freed_t){0};
    return taken;
}

/* --- a part of one ---------------------------------------------------------------------------- */

rg_outcome_t rg_store_attempt(rg_db_t *db, const rg_ctx_t *ctx, rg_work_fn work, void *baton)
{
    const rg_chain_t began = db->chain;
    rg_outcome_t rc = rg_conn_say(db, ctx, "SAVEPOINT attempt");
    if (rc != RG_OK) {
        return rc;
    }
    rc = work(db, ctx, baton);
    if (db->broken || db->doomed) {
        return RG_UNAVAILABLE;
    }
    if (rc != RG_OK && rc != RG_UNAVAILABLE) {
        rg_outcome_t back = rg_conn_say(db, ctx, "ROLLBACK TO SAVEPOINT attempt");
        db->chain = began;
        rc = back == RG_OK ? rc : back;
    }
    return rc;
}
