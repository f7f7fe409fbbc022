/* SPDX-License-Identifier: Apache-2.0 */
/* Brings the schema to the version of the numbered files. Each statement is run and then noted with
 * the checksum of its file up to there, so a killed run continues at the right statement, and a
 * file whose applied part has changed is refused. Everything is checked before anything is run.
 * Called by regenctl. */
#include "mod_regen/store/patient/names.h"
#include "mod_regen/store/booking/persons.h"
#include "mod_regen/store/engine/script.h"
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

#include <stdlib.h>
#include <string.h>

#include <apr_file_info.h>
#include <apr_strings.h>

#define TABLE                                                                                      \
    "CREATE TABLE IF NOT EXISTS schema_migration ("                                                \
    " version INT UNSIGNED NOT NULL COMMENT 'number of the file',"                                 \
    " statement_no INT UNSIGNED NOT NULL COMMENT 'from 1; 0: the whole file was applied',"         \
    " checksum BINARY(32) NOT NULL COMMENT 'SHA-256 of the file, up to and with this statement',"  \
    " file VARCHAR(120) NOT NULL,"                                                                 \
    " applied_at BIGINT NOT NULL,"                                                                 \
    " PRIMARY KEY (version, statement_no)"                                                         \
    ") COMMENT 'written by regenctl migrate only'"

/* The lock is only a convenience at one server: it says "wait" early. Two runs on two nodes of a
 * cluster are kept apart by the key of schema_migration, and every statement can safely be run
 * twice. */
RG_SQL(LOCK, "SELECT GET_LOCK(CONCAT('regen-migrate-', SHA1(DATABASE())), 60)");
RG_SQL(UNLOCK, "SELECT RELEASE_LOCK(CONCAT('regen-migrate-', SHA1(DATABASE())))");

enum { NO_TRIGGERS = 1419 };

typedef struct {
    bool right;
    const char *name;
} charset_t;

/* What tables are made of that do not say it themselves. The server's own default may be latin1. */
#define CHARSET_ROW(FIRST, COL)                                                                    \
    FIRST(BOOL, right,                                                                             \
          "default_character_set_name = 'utf8mb4'"                                                 \
          " AND default_collation_name = 'utf8mb4_unicode_ci'")                                    \
    COL(STR, name, "default_character_set_name")
RG_ROW(charset_row, charset_t, CHARSET_ROW);
RG_SQL(CHARSET,
       "SELECT " RG_COLUMNS(CHARSET_ROW)
       " FROM information_schema.schemata"
       " WHERE schema_name = DATABASE()");
#define SET_CHARSET "ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"

typedef struct {
    int statement_no;
    const char *sum;
    size_t sum_len;
} noted_t;

#define NOTED_ROW(FIRST, COL)                                                                      \
    FIRST(INT, statement_no, "statement_no")                                                       \
    COL(BYTES, sum, "checksum", sum_len)
RG_ROW(noted_row, noted_t, NOTED_ROW);
RG_SQL(NOTED,
       "SELECT " RG_COLUMNS(NOTED_ROW)
       " FROM schema_migration"
       " WHERE version = ?"
       " ORDER BY statement_no");
RG_SQL(NEWEST, "SELECT COALESCE(MAX(version), 0) FROM schema_migration");
RG_SQL(NOTE,
       "INSERT INTO schema_migration (version, statement_no, checksum, file, applied_at)"
       " VALUES (?, ?, ?, ?, ?)");

typedef struct {
    int version;
    const char *name;
    rg_script_t script;
    bool done;
    int applied; /* statements */
} rg_file_t;

typedef struct {
    const char *dir;
    void (*say)(void *baton, const char *line);
    void *baton;
    apr_array_header_t *files; /* of rg_file_t, by version */
    int ran;
} rg_migration_t;

static void say_progress(rg_migration_t *m, const rg_ctx_t *ctx, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void say_progress(rg_migration_t *m, const rg_ctx_t *ctx, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    m->say(m->baton, rg_text_vformat(ctx->pool, fmt, ap));
    va_end(ap);
}

/* --- the files ------------------------------------------------------------------------------ */

/* "0007_words.sql" -> 7; 0 for other files. */
static int version_in_name(const char *name)
{
    for (int i = 0; i < 4; i++) {
        if (!isdigit((unsigned char)name[i])) {
            return 0;
        }
    }
    size_t n = strlen(name);
    bool fits = name[4] == '_' && n > 9 && n < 120 && strcmp(name + n - 4, ".sql") == 0;
    return fits ? (int)strtol(name, NULL, 10) : 0;
}

static int by_version(const void *a, const void *b)
{
    return ((const rg_file_t *)a)->version - ((const rg_file_t *)b)->version;
}

static rg_outcome_t list_migrations(rg_migration_t *m, const rg_ctx_t *ctx)
{
    apr_dir_t *dir;
    apr_finfo_t info;
    m->files = apr_array_make(ctx->pool, 16, sizeof(rg_file_t));
    if (apr_dir_open(&dir, m->dir, ctx->pool) != APR_SUCCESS) {
        say_progress(m, ctx, "%s cannot be read.", m->dir);
        return RG_NOT_FOUND;
    }
    while (apr_dir_read(&info, APR_FINFO_NAME, dir) == APR_SUCCESS) {
        int version = version_in_name(info.name);
        if (version > 0) {
            rg_file_t *f = apr_array_push(m->files);
            *f = (rg_file_t){.version = version, .name = apr_pstrdup(ctx->pool, info.name)};
        }
    }
    apr_dir_close(dir);
    qsort(m->files->elts, (size_t)m->files->nelts, sizeof(rg_file_t), by_version);
    return RG_OK;
}

static rg_outcome_t read_files(rg_migration_t *m, const rg_ctx_t *ctx)
{
    rg_outcome_t rc = list_migrations(m, ctx);
    if (rc == RG_OK && m->files->nelts == 0) {
        say_progress(m, ctx, "%s: no file has a name like 0001_words.sql.", m->dir);
        return RG_INVALID;
    }
    for (int i = 0; rc == RG_OK && i < m->files->nelts; i++) {
        rg_file_t *f = &APR_ARRAY_IDX(m->files, i, rg_file_t);
        const char *why = "";
        if (f->version != i + 1) {
            say_progress(m, ctx, "%s: number %04d was expected here.", f->name, i + 1);
            return RG_INVALID;
        }
        const char *path = apr_pstrcat(ctx->pool, m->dir, "/", f->name, NULL);
        rc = rg_script_read(&f->script, ctx->pool, path, &why);
        if (rc != RG_OK) {
            say_progress(m, ctx, "%s: %s", f->name, why);
        }
    }
    return rc;
}

/* --- what was applied before ---------------------------------------------------------------- */

/* The checksum that belongs to statement NO of F; 0 is the whole file. False when there is no
 * such statement. */
static bool checksum(unsigned char out[32], const rg_file_t *f, int no)
{
    if (no < 0 || no > f->script.count) {
        return false;
    }
    size_t n = no == 0 ? f->script.size : f->script.stmts[no - 1].end;
    rg_crypto_sha256(out, f->script.bytes, n);
    return true;
}

static rg_outcome_t compare_file(rg_migration_t *m, rg_db_t *db, const rg_ctx_t *ctx, rg_file_t *f)
{
    noted_t *rows;
    int count;
    bool same = true;
    bool gap = false;
    RG_TRY(rg_sql_list(db, ctx, &rows, &count, noted_row, NOTED, RG_IN(RG_I(f->version))));
    for (int i = 0; i < count; i++) {
        unsigned char sum[32];
        int no = rows[i].statement_no;
        same = same && checksum(sum, f, no) && rows[i].sum_len == sizeof(sum) &&
               memcmp(sum, rows[i].sum, sizeof(sum)) == 0;
        f->done = f->done || no == 0;
        gap = gap || (no > 0 && no != f->applied + 1);
        f->applied = no > 0 ? no : f->applied;
    }
    if (!same || gap) {
        say_progress(m, ctx, "%s was changed after it was applied%s; nothing was run.", f->name,
                     f->done ? "" : " in part");
        return RG_CONFLICT;
    }
    return RG_OK;
}

static rg_outcome_t newest(int *out, rg_db_t *db, const rg_ctx_t *ctx)
{
    int64_t version;
    RG_TRY(rg_sql_number(db, ctx, &version, NEWEST, RG_IN_NONE));
    *out = (int)version;
    return RG_OK;
}

static rg_outcome_t compare_files(rg_migration_t *m, rg_db_t *db, const rg_ctx_t *ctx)
{
    int last = 0;
    bool open = false;
    rg_outcome_t rc = newest(&last, db, ctx);
    if (rc == RG_OK && last > m->files->nelts) {
        say_progress(m, ctx,
                     "The database is at version %d, but %s ends at %d: use the newer files.", last,
                     m->dir, m->files->nelts);
        return RG_CONFLICT;
    }
    for (int i = 0; rc == RG_OK && i < m->files->nelts; i++) {
        rg_file_t *f = &APR_ARRAY_IDX(m->files, i, rg_file_t);
        rc = compare_file(m, db, ctx, f);
        if (rc == RG_OK && open && (f->done || f->applied > 0)) {
            say_progress(m, ctx, "%s was applied before the previous file was complete.", f->name);
            return RG_CONFLICT;
        }
        open = open || !f->done;
    }
    return rc;
}

/* --- running -------------------------------------------------------------------------------- */

static rg_outcome_t note_statement(rg_migration_t *m, rg_db_t *db, const rg_ctx_t *ctx,
                                   const rg_file_t *f, int no)
{
    unsigned char sum[32];
    checksum(sum, f, no);
    rg_outcome_t rc = rg_sql_exec(db, ctx, NOTE,
                                  RG_IN(RG_I(f->version), RG_I(no), RG_B(sum, sizeof(sum)),
                                        RG_S(f->name), RG_T(apr_time_now())),
                                  NULL);
    if (rc == RG_CONFLICT) {
        say_progress(m, ctx, "%s: somebody else is migrating this database.", f->name);
    }
    else if (rc != RG_OK) {
        say_progress(m, ctx, "%s: statement %d could not be noted: %s", f->name, no,
                     rg_conn_message(db));
    }
    return rc;
}

/* The server's own words for this name a setting and not who may change it. */
static void say_what_to_do(rg_migration_t *m, rg_db_t *db, const rg_ctx_t *ctx)
{
    if (db->errnum == NO_TRIGGERS) {
        say_progress(m, ctx,
                     "The server keeps a binary log, and then only its administrator makes "
                     "triggers. Run `regenctl setup` as root: it allows this account to make them "
                     "until all files are applied. Or set log_bin_trust_function_creators = 1 in "
                     "the server's configuration, restart it, and migrate again.");
    }
}

static rg_outcome_t run_one(rg_migration_t *m, rg_db_t *db, const rg_ctx_t *ctx, const rg_file_t *f,
                            int no)
{
    const rg_script_stmt_t *s = &f->script.stmts[no - 1];
    const char *sql = apr_pstrmemdup(ctx->pool, s->text, s->len);
    rg_outcome_t rc = rg_conn_run(db, ctx, sql, s->len);
    if (rc != RG_OK) {
        say_progress(m, ctx, "%s: statement %d of %d, line %d: FAILED: %s", f->name, no,
                     f->script.count, s->line, rg_conn_message(db));
        say_what_to_do(m, db, ctx);
        return rc;
    }
    rc = note_statement(m, db, ctx, f, no);
    if (rc == RG_OK) {
        m->ran++;
        say_progress(m, ctx, "%s: statement %d of %d, line %d: done.", f->name, no, f->script.count,
                     s->line);
    }
    return rc;
}

typedef rg_outcome_t (*fill_t)(rg_db_t *db, const rg_ctx_t *ctx, bool all, int64_t *after,
                               int *count);

/* One bite in one transaction: a commit for each row would take a disk write each. */
static rg_outcome_t fill_bite(rg_db_t *db, const rg_ctx_t *ctx, fill_t fill, int64_t *after,
                              int *count)
{
    rg_outcome_t rc = rg_conn_say(db, ctx, "START TRANSACTION");
    rc = rc == RG_OK ? fill(db, ctx, false, after, count) : rc;
    return rc == RG_OK ? rg_conn_say(db, ctx, "COMMIT") : rc;
}

static rg_outcome_t fill_all(rg_migration_t *m, rg_db_t *db, const rg_ctx_t *ctx,
                             const rg_file_t *f, fill_t fill, const char *what)
{
    int64_t after = 0;
    int done = 0;
    int some = 0;
    rg_outcome_t rc;
    do {
        rc = fill_bite(db, ctx, fill, &after, &some);
        done += some;
        if (rc == RG_OK && some > 0) {
            say_progress(m, ctx, "%s: %d %s", f->name, done, what);
        }
    } while (rc == RG_OK && some > 0);
    return rc;
}

static rg_outcome_t fill_places(rg_migration_t *m, rg_db_t *db, const rg_ctx_t *ctx,
                                const rg_file_t *f)
{
    return fill_all(m, db, ctx, f, rg_names_fill_places, "waitlist entries got their keys");
}

/* Existing overlaps stay: the earlier booking has the time, the other one is reported here and on
 * the board. */
static rg_outcome_t fill_persons(rg_migration_t *m, rg_db_t *db, const rg_ctx_t *ctx,
                                 const rg_file_t *f)
{
    int64_t twice = 0;
    rg_outcome_t rc = fill_all(m, db, ctx, f, rg_persons_bite, "bookings got their patient's time");
    rc = rc == RG_OK ? rg_persons_questions(db, ctx, &twice) : rc;
    if (rc == RG_OK && twice > 0) {
        say_progress(
            m, ctx,
            "%s: %d bookings are at the same time as another one of the same patient; the board "
            "lists them.",
            f->name, (int)twice);
    }
    return rc;
}

static rg_outcome_t fill_names(rg_migration_t *m, rg_db_t *db, const rg_ctx_t *ctx,
                               const rg_file_t *f)
{
    int waiting = 0;
    rg_outcome_t rc = fill_all(m, db, ctx, f, rg_names_fill, "patients got their keys");
    rc = rc == RG_OK ? rg_names_fill_waitlist(db, ctx, &waiting) : rc;
    if (rc == RG_OK && waiting > 0) {
        say_progress(m, ctx, "%s: %d waitlist entries got their keys.", f->name, waiting);
    }
    return rc;
}

/* What SQL cannot do of a file: run after its statements and before the note that it is complete.
 * Until then the module answers 503. Each can be run again. */
static const struct {
    int version;
    rg_outcome_t (*run)(rg_migration_t *m, rg_db_t *db, const rg_ctx_t *ctx, const rg_file_t *f);
} CODE[] = {{23, fill_names}, {30, fill_places}, {32, fill_persons}};

static rg_outcome_t run_code(rg_migration_t *m, rg_db_t *db, const rg_ctx_t *ctx,
                             const rg_file_t *f)
{
    rg_outcome_t rc = RG_OK;
    for (size_t i = 0; rc == RG_OK && i < sizeof(CODE) / sizeof(CODE[0]); i++) {
        rc = CODE[i].version == f->version ? CODE[i].run(m, db, ctx, f) : RG_OK;
    }
    if (rc != RG_OK) {
        say_progress(m, ctx, "%s: FAILED after its statements: %s", f->name, rg_conn_message(db));
    }
    return rc;
}

static rg_outcome_t run_file(rg_migration_t *m, rg_db_t *db, const rg_ctx_t *ctx,
                             const rg_file_t *f)
{
    rg_outcome_t rc = RG_OK;
    for (int no = f->applied + 1; rc == RG_OK && no <= f->script.count; no++) {
        rc = run_one(m, db, ctx, f, no);
    }
    rc = rc == RG_OK ? run_code(m, db, ctx, f) : rc;
    if (rc == RG_OK) {
        rc = note_statement(m, db, ctx, f, 0);
    }
    if (rc == RG_OK) {
        m->ran++;
        say_progress(m, ctx, "%s: complete", f->name);
    }
    return rc;
}

static rg_outcome_t set_charset(rg_migration_t *m, rg_db_t *db, const rg_ctx_t *ctx)
{
    charset_t is = {false, ""};
    rg_outcome_t rc = rg_sql_one(db, ctx, &is, charset_row, CHARSET, RG_IN_NONE);
    if ((rc != RG_OK && rc != RG_NOT_FOUND) || is.right) {
        return rc;
    }
    rc = rg_conn_say(db, ctx, SET_CHARSET);
    if (rc == RG_OK) {
        say_progress(
            m, ctx,
            "The database was created for %s; new tables are utf8mb4_unicode_ci from now on.",
            is.name);
    }
    else {
        say_progress(m, ctx, "The database's character set cannot be changed: %s",
                     rg_conn_message(db));
    }
    return rc;
}

static rg_outcome_t run_locked(rg_migration_t *m, rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_outcome_t rc = set_charset(m, db, ctx);
    if (rc != RG_OK) {
        return rc;
    }
    rc = rg_conn_say(db, ctx, TABLE);
    if (rc != RG_OK) {
        say_progress(m, ctx, "schema_migration cannot be created: %s", rg_conn_message(db));
        return rc;
    }
    rc = compare_files(m, db, ctx);
    for (int i = 0; rc == RG_OK && i < m->files->nelts; i++) {
        const rg_file_t *f = &APR_ARRAY_IDX(m->files, i, rg_file_t);
        if (!f->done) {
            rc = run_file(m, db, ctx, f);
        }
    }
    if (rc == RG_OK) {
        say_progress(m, ctx, "The schema is at version %d%s.", m->files->nelts,
                     m->ran ? "" : "; there was nothing to do");
    }
    return rc;
}

static rg_outcome_t lock(bool *got, rg_db_t *db, const rg_ctx_t *ctx, const char *sql)
{
    int64_t one;
    RG_TRY(rg_sql_number(db, ctx, &one, sql, RG_IN_NONE));
    *got = one == 1;
    return RG_OK;
}

static rg_outcome_t migrate_locked(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_migration_t *m = baton;
    bool got = false;
    rg_outcome_t rc = lock(&got, db, ctx, LOCK);
    if (rc != RG_OK) {
        say_progress(m, ctx, "The database does not answer: %s.", rg_conn_message(db));
        return rc;
    }
    if (!got) {
        say_progress(m, ctx, "Somebody else is migrating this database.");
        return RG_CONFLICT;
    }
    rc = run_locked(m, db, ctx);
    if (!db->broken) {
        lock(&got, db, ctx, UNLOCK);
    }
    return rc;
}

rg_outcome_t rg_store_migrate(const rg_ctx_t *ctx, const char *dir,
                              void (*say_line)(void *baton, const char *line), void *baton)
{
    rg_migration_t m = {.dir = dir, .say = say_line, .baton = baton};
    RG_TRY(read_files(&m, ctx));
    return rg_store_read(ctx, migrate_locked, &m);
}

/* --- keys of names, made anew ----------------------------------------------------------------- */

typedef struct {
    fill_t fill;
    int64_t after;
    int some;
} bite_t;

static rg_outcome_t names_bite(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    bite_t *b = baton;
    int64_t after = b->after; /* run again, it begins where it began */
    rg_outcome_t rc = b->fill(db, ctx, true, &after, &b->some);
    b->after = rc == RG_OK ? after : b->after;
    return rc;
}

static rg_outcome_t names_waitlist(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    return rg_names_fill_waitlist(db, ctx, baton);
}

static rg_outcome_t names_again(int *count, const rg_ctx_t *ctx, fill_t fill)
{
    bite_t b = {fill, 0, 0};
    rg_outcome_t rc;
    *count = 0;
    do {
        rc = rg_store_transact(ctx, names_bite, &b);
        *count += b.some;
    } while (rc == RG_OK && b.some > 0);
    return rc;
}

rg_outcome_t rg_store_names(int *count, const rg_ctx_t *ctx)
{
    int waiting = 0;
    rg_outcome_t rc = names_again(count, ctx, rg_names_fill);
    rc = rc == RG_OK ? names_again(&waiting, ctx, rg_names_fill_places) : rc;
    return rc == RG_OK ? rg_store_read(ctx, names_waitlist, &waiting) : rc;
}
