/* SPDX-License-Identifier: Apache-2.0 */
/* One connection: opened with all harmful defaults of Connector/C turned off, closed, pinged, and
 * used for the statements that cannot be prepared. */
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

/* One round trip at connect. Whatever a keeper sets for the whole server must not change what a
 * statement means here: not how many rows it gives, not whether keys and checks hold, not whether
 * COMMIT begins another transaction, not which engine makes a table. No limit of the server's on a
 * statement's time: one that is stopped may answer with no rows and no error (MariaDB 10.11,
 * prepared joins), which must not pass for the truth. The read timeout bounds it instead. */
#define SESSION(lock_wait)                                                                         \
    "SET autocommit = 1, time_zone = '+00:00', "                                                   \
    "sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,"       \
    "NO_ENGINE_SUBSTITUTION', "                                                                    \
    "tx_isolation = 'READ-COMMITTED', tx_read_only = 0, completion_type = 'NO_CHAIN', "            \
    "sql_select_limit = 18446744073709551615, sql_big_selects = 1, sql_safe_updates = 0, "         \
    "sql_auto_is_null = 0, foreign_key_checks = 1, unique_checks = 1, "                            \
    "check_constraint_checks = 1, group_concat_max_len = 1048576, max_sort_length = 1024, "        \
    "default_storage_engine = 'InnoDB', lc_time_names = 'en_US', "                                 \
    "max_statement_time = 0, innodb_lock_wait_timeout = " lock_wait

/* A lock is waited for shorter than the read timeout of IO seconds, so that a busy row is a retry
 * and not a lost connection. */
static const char *session(unsigned io)
{
    return io > 5 ? SESSION("5") : io > 2 ? SESSION("2") : SESSION("1");
}

static unsigned seconds(apr_interval_time_t t, unsigned fallback)
{
    if (t <= 0) {
        return fallback;
    }
    apr_time_t s = (t + RG_SECOND - 1) / RG_SECOND;
    return s > RG_DAY_SEC ? RG_DAY_SEC : (unsigned)s;
}

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           strncmp(host, "127.", 4) == 0;
}

static void set_tls(MYSQL *m, const rg_store_conf_t *conf)
{
    const my_bool yes = 1;
    mysql_optionsv(m, MYSQL_OPT_SSL_ENFORCE, &yes);
    mysql_optionsv(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
    if (conf->tls_ca) {
        mysql_optionsv(m, MYSQL_OPT_SSL_CA, conf->tls_ca);
    }
}

static void set_options(MYSQL *m, const rg_store_conf_t *conf)
{
    const my_bool no = 0;
    const unsigned off = 0;
    const unsigned tcp = MYSQL_PROTOCOL_TCP;
    unsigned connect = seconds(conf->connect_timeout, 5);
    unsigned io = seconds(conf->io_timeout, 10);
    mysql_optionsv(m, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
    mysql_optionsv(m, MYSQL_OPT_READ_TIMEOUT, &io);
    mysql_optionsv(m, MYSQL_OPT_WRITE_TIMEOUT, &io);
    mysql_optionsv(m, MYSQL_OPT_LOCAL_INFILE, &off);
    mysql_optionsv(m, MYSQL_OPT_RECONNECT, &no);
    mysql_optionsv(m, MYSQL_REPORT_DATA_TRUNCATION, &no);
    mysql_optionsv(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_optionsv(m, MYSQL_INIT_COMMAND, session(io));
    if (!conf->socket) {
        mysql_optionsv(m, MYSQL_OPT_PROTOCOL, &tcp);
        if (conf->host && !is_loopback(conf->host)) {
            set_tls(m, conf);
        }
    }
}

/* --- a node of a cluster ---------------------------------------------------------------------- */

/* The value of a variable or status that is shown, or "" when the server does not know it. */
static bool variable_shown(MYSQL *m, char out[16], const char *sql)
{
    out[0] = '\0';
    if (mysql_real_query(m, sql, strlen(sql)) != 0) {
        return false;
    }
    MYSQL_RES *rows = mysql_store_result(m);
    if (!rows) {
        return false;
    }
    MYSQL_ROW row = mysql_fetch_row(rows);
    apr_cpystrn(out, row && row[1] ? row[1] : "", 16);
    mysql_free_result(rows);
    return true;
}

/* A Galera node accepts connections long before it can answer, and long after. And what was
 * committed at one node a moment ago cannot be read at the next one yet, unless the session waits
 * for it: a held time must be visible wherever the next request goes. Reads and the start of
 * transactions wait (1); there are no writes without a transaction. */
static bool join_cluster(rg_db_t *db, MYSQL *m, char *why, size_t size)
{
    static const char WAIT[] = "SET SESSION wsrep_sync_wait = 1";
    char on[16];
    char ready[16];
    if (!variable_shown(m, on, "SHOW VARIABLES LIKE 'wsrep_on'")) {
        return false;
    }
    db->cluster = strcmp(on, "ON") == 0;
    if (!db->cluster) {
        return true;
    }
    if (!variable_shown(m, ready, "SHOW STATUS LIKE 'wsrep_ready'")) {
        return false;
    }
    if (strcmp(ready, "ON") != 0) {
        apr_cpystrn(why, "The node is not connected to its cluster.", size);
        return false;
    }
    return mysql_real_query(m, WAIT, sizeof(WAIT) - 1) == 0;
}

bool rg_conn_open(rg_db_t *db, char *why, size_t size)
{
    why[0] = '\0';
    const rg_store_conf_t *conf = db->store->conf;
    MYSQL *m = mysql_init(NULL);
    if (!m) {
        apr_cpystrn(why, "out of memory", size);
        return false;
    }
    set_options(m, conf);
    const char *host = conf->socket ? NULL : conf->host ? conf->host : "127.0.0.1";
    if (!mysql_real_connect(m, host, conf->user, conf->password, conf->database,
                            conf->port > 0 ? (unsigned)conf->port : 3306, conf->socket,
                            CLIENT_FOUND_ROWS) ||
        !join_cluster(db, m, why, size)) {
        db->errnum = mysql_errno(m);
        if (!why[0]) {
            apr_snprintf(why, size, "error %u: %s", db->errnum, mysql_error(m));
        }
        mysql_close(m);
        return false;
    }
    db->mysql = m;
    db->broken = false;
    db->error = RG_SQL_NONE;
    db->used_at = apr_time_now();
    return true;
}

void rg_conn_close(rg_db_t *db)
{
    rg_cur_close_all(db);
    rg_stmt_drop_all(db);
    rg_chain_forget(db);
    if (db->mysql) {
        mysql_close(db->mysql);
        db->mysql = NULL;
    }
}

bool rg_conn_ping(rg_db_t *db)
{
    return mysql_ping(db->mysql) == 0;
}

static rg_outcome_t failed(rg_db_t *db, const rg_ctx_t *ctx, const char *sql)
{
    return rg_error_note(db, ctx, mysql_errno(db->mysql), mysql_sqlstate(db->mysql), sql);
}

rg_outcome_t rg_conn_run(rg_db_t *db, const rg_ctx_t *ctx, const char *sql, size_t n)
{
    db->error = RG_SQL_NONE;
    rg_count_statement(db);
    if (mysql_real_query(db->mysql, sql, n) != 0) {
        return failed(db, ctx, sql);
    }
    if (mysql_field_count(db->mysql) > 0) {
        MYSQL_RES *rows = mysql_store_result(db->mysql);
        if (!rows) {
            return failed(db, ctx, sql);
        }
        mysql_free_result(rows);
    }
    db->answers++;
    return RG_OK;
}

const char *rg_conn_message(rg_db_t *db)
{
    if (!db->mysql || db->errnum == 0) {
        return "no connection";
    }
    return apr_psprintf(db->pool, "error %u (%s): %s", db->errnum, mysql_sqlstate(db->mysql),
                        mysql_error(db->mysql));
}
