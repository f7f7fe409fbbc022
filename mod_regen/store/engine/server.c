/* SPDX-License-Identifier: Apache-2.0 */
/* A server before there is a clinic in it: database and accounts, as its administrator makes them.
 * Names stand in statements as they are, so only letters that need no quoting are taken. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/evidence.h"
#include "regen/store/server.h"

#include <string.h>

#include <apr_sha1.h>
#include <apr_strings.h>

/* --- names ------------------------------------------------------------------------------------ */

static bool name_fits(const rg_ctx_t *ctx, const char *database)
{
    size_t n = strlen(database);
    if (n > 0 && n <= 64 &&
        strspn(database, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == n) {
        return true;
    }
    rg_problem_add(ctx->problems, "database", "Use 1 to 64 letters, digits and underscores.");
    return false;
}

/* "regen@localhost" as 'regen'@'localhost'; NULL with a problem. */
static const char *account_quoted(const rg_ctx_t *ctx, const char *account)
{
    const char *quoted = rg_store_account(ctx->pool, account);
    if (!quoted) {
        rg_problem_add(ctx->problems, "account", "%s is not an account like regen@localhost.",
                       account);
    }
    return quoted;
}

/* --- statements ------------------------------------------------------------------------------- */

static rg_outcome_t run_line(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const char *sql = baton;
    rg_outcome_t rc = rg_conn_run(db, ctx, sql, strlen(sql));
    if (rc != RG_OK) {
        rg_problem_add(ctx->problems, NULL, "The server refused: %s.", rg_conn_message(db));
    }
    return rc;
}

static rg_outcome_t run_as_admin(const rg_ctx_t *ctx, const char *sql)
{
    return rg_store_read(ctx, run_line, apr_pstrdup(ctx->pool, sql));
}

/* A statement whose names the server puts in: a failed one is logged with its words, and those of
 * an account are not for a log. */
typedef struct {
    const char *sql; /* of @regen_name and @regen_word */
    const char *name, *word;
} naming_t;

static rg_outcome_t naming_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    RG_SQL(NAMES, "SET @regen_name = ?, @regen_word = ?");
    const naming_t *n = baton;
    RG_TRY(rg_sql_exec(db, ctx, NAMES, RG_IN(RG_S(n->name), RG_S(n->word)), NULL));
    return run_line(db, ctx, apr_pstrdup(ctx->pool, n->sql));
}

static rg_outcome_t run_named(const rg_ctx_t *ctx, const char *sql, const char *name,
                              const char *word)
{
    naming_t n = {sql, name, word};
    return rg_store_read(ctx, naming_work, &n);
}

rg_outcome_t rg_server_database(const rg_ctx_t *ctx, const char *database)
{
    RG_SQL(CREATE,
           "EXECUTE IMMEDIATE CONCAT('CREATE DATABASE IF NOT EXISTS `', @regen_name,"
           " '` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci')");
    return name_fits(ctx, database) ? run_named(ctx, CREATE, database, "") : RG_INVALID;
}

enum { HASH_CHARS = 1 + 2 * APR_SHA1_DIGESTSIZE };

/* What mysql_native_password keeps: the clear password never leaves this process. */
static const char *password_hashed(apr_pool_t *p, const char *password)
{
    unsigned char once[APR_SHA1_DIGESTSIZE];
    unsigned char twice[APR_SHA1_DIGESTSIZE];
    apr_sha1_ctx_t sha;
    char *out = apr_pcalloc(p, HASH_CHARS + 1);
    apr_sha1_init(&sha);
    apr_sha1_update_binary(&sha, (const unsigned char *)password, (unsigned)strlen(password));
    apr_sha1_final(once, &sha);
    apr_sha1_init(&sha);
    apr_sha1_update_binary(&sha, once, sizeof(once));
    apr_sha1_final(twice, &sha);
    out[0] = '*';
    for (size_t i = 0; i < sizeof(twice); i++) {
        apr_snprintf(out + 1 + 2 * i, 3, "%02X", twice[i]);
    }
    return out;
}

rg_outcome_t rg_server_account(const rg_ctx_t *ctx, const char *account, const char *password)
{
    RG_SQL(CREATE,
           "EXECUTE IMMEDIATE CONCAT('CREATE USER ', @regen_name,"
           " ' IDENTIFIED VIA mysql_native_password USING ', QUOTE(@regen_word))");
    const char *quoted = account_quoted(ctx, account);
    return quoted ? run_named(ctx, CREATE, quoted, password_hashed(ctx->pool, password))
                  : RG_INVALID;
}

rg_outcome_t rg_server_password(const rg_ctx_t *ctx, const char *account, const char *password)
{
    RG_SQL(ALTER,
           "EXECUTE IMMEDIATE CONCAT('ALTER USER ', @regen_name,"
           " ' IDENTIFIED VIA mysql_native_password USING ', QUOTE(@regen_word))");
    const char *quoted = account_quoted(ctx, account);
    return quoted ? run_named(ctx, ALTER, quoted, password_hashed(ctx->pool, password))
                  : RG_INVALID;
}

/* In GRANT an underscore stands for any letter, unless it is escaped. */
rg_outcome_t rg_server_owner(const rg_ctx_t *ctx, const char *database, const char *account)
{
    RG_SQL(ALL, "EXECUTE IMMEDIATE CONCAT('GRANT ALL PRIVILEGES ON `',"
                " REPLACE(@regen_word, '_', CONCAT(CHAR(92), '_')), '`.* TO ', @regen_name)");
    const char *quoted = account_quoted(ctx, account);
    if (!quoted || !name_fits(ctx, database)) {
        return RG_INVALID;
    }
    rg_outcome_t rc = run_named(ctx, ALL, quoted, database);
    return rc == RG_OK ? run_named(ctx, ALL, quoted, "regen_verify") : rc;
}

rg_outcome_t rg_server_trust(const rg_ctx_t *ctx, bool on)
{
    return run_as_admin(ctx, on ? "SET GLOBAL log_bin_trust_function_creators = 1"
                                : "SET GLOBAL log_bin_trust_function_creators = 0");
}

rg_outcome_t rg_server_grant(const rg_ctx_t *ctx, const char *line)
{
    return run_as_admin(ctx, line);
}

/* --- looking ---------------------------------------------------------------------------------- */

#define SERVER_ROW(FIRST, COL)                                                                     \
    FIRST(STR, version, "VERSION()")                                                               \
    COL(BOOL, new_enough,                                                                          \
        "VERSION() LIKE '%MariaDB%' AND (CAST(SUBSTRING_INDEX(VERSION(), '.', 1) AS INT) > 10"     \
        " OR (VERSION() LIKE '10.%'"                                                               \
        " AND CAST(SUBSTRING_INDEX(SUBSTRING_INDEX(VERSION(), '.', 2), '.', -1) AS INT) >= 6))")   \
    COL(BOOL, guards_triggers, "@@log_bin = 1 AND @@log_bin_trust_function_creators = 0")          \
    COL(BOOL, trusts, "@@log_bin = 1 AND @@log_bin_trust_function_creators = 1")                   \
    COL(BOOL, has_database,                                                                        \
        "EXISTS (SELECT 1 FROM information_schema.schemata WHERE schema_name = ?)")                \
    COL(BOOL, others,                                                                              \
        "EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = ?)"                  \
        " AND NOT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = ?"          \
        " AND table_name = 'schema_migration')")                                                   \
    COL(BOOL, has_owner, "EXISTS (SELECT 1 FROM mysql.user WHERE CONCAT(User, '@', Host) = ?)")    \
    COL(BOOL, has_module, "EXISTS (SELECT 1 FROM mysql.user WHERE CONCAT(User, '@', Host) = ?)")
RG_ROW(server_row, rg_server_t, SERVER_ROW);
RG_SQL(LOOK, "SELECT " RG_COLUMNS(SERVER_ROW));

typedef struct {
    rg_server_t *out;
    const char *database, *owner, *module;
} look_at_t;

/* A database that is half made has no log yet. */
static rg_outcome_t look_for_events(rg_db_t *db, const rg_ctx_t *ctx, const look_at_t *l)
{
    RG_SQL(LOG, "SELECT COUNT(*) FROM information_schema.tables"
                " WHERE table_schema = ? AND table_name = 'audit_event'");
    RG_SQL(ASK, "EXECUTE IMMEDIATE CONCAT('SELECT EXISTS (SELECT 1 FROM `', @regen_name,"
                " '`.audit_event) INTO @regen_used')");
    RG_SQL(USED, "SELECT @regen_used");
    naming_t n = {ASK, l->database, ""};
    int64_t some = 0;
    RG_TRY(rg_sql_number(db, ctx, &some, LOG, RG_IN(RG_S(l->database))));
    if (some > 0) {
        RG_TRY(naming_work(db, ctx, &n));
        RG_TRY(rg_sql_number(db, ctx, &some, USED, RG_IN_NONE));
    }
    l->out->has_events = some > 0;
    return RG_OK;
}

static rg_outcome_t look_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    look_at_t *l = baton;
    rg_outcome_t rc = rg_sql_one(db, ctx, l->out, server_row, LOOK,
                                 RG_IN(RG_S(l->database), RG_S(l->database), RG_S(l->database),
                                       RG_S(l->owner), RG_S(l->module)));
    if (rc == RG_INTERNAL) {
        rg_problem_add(ctx->problems, NULL, "This account does not administer the server: %s",
                       rg_conn_message(db));
    }
    return rc == RG_OK ? look_for_events(db, ctx, l) : rc;
}

rg_outcome_t rg_server_look(rg_server_t *out, const rg_ctx_t *ctx, const char *database,
                            const char *owner, const char *module)
{
    look_at_t l = {out, database, owner, module};
    bool right = name_fits(ctx, database);
    right = account_quoted(ctx, owner) && account_quoted(ctx, module) && right;
    return right ? rg_store_read(ctx, look_work, &l) : RG_INVALID;
}

static rg_outcome_t nothing_more(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    (void)db, (void)ctx, (void)baton;
    return RG_OK;
}

rg_outcome_t rg_server_try(const rg_ctx_t *ctx, const rg_store_conf_t *conf)
{
    rg_ctx_t own = *ctx;
    apr_pool_t *p;
    apr_pool_create(&p, ctx->pool);
    rg_outcome_t rc = rg_store_open(&own.store, p, conf);
    rc = rc == RG_OK ? rg_store_read(&own, nothing_more, NULL) : rc;
    apr_pool_destroy(p);
    return rc;
}
