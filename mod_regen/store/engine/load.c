/* SPDX-License-Identifier: Apache-2.0 */
/* A file of rows, loaded in one transaction: the sample clinic. It changes no table definitions
 * and, in a database in use, no logins. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/engine/script.h"
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <apr_strings.h>

typedef struct {
    const char *file;
    rg_script_t script;
    bool force;
} rg_load_t;

/* What makes and drops tables ends the transaction, so half of a file could stay. */
static bool only_rows(const rg_ctx_t *ctx, const rg_load_t *l)
{
    static const char *const words[] = {"INSERT", "UPDATE", "DELETE", "REPLACE",
                                        "SELECT", "WITH",   "SET",    "BEGIN NOT ATOMIC"};
    for (int i = 0; i < l->script.count; i++) {
        const rg_script_stmt_t *s = &l->script.stmts[i];
        bool fine = false;
        for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
            size_t n = strlen(words[k]);
            fine = fine || (s->len > n && strncasecmp(s->text, words[k], n) == 0 &&
                            !isalnum((unsigned char)s->text[n]));
        }
        if (!fine) {
            rg_problem_add(ctx->problems, NULL,
                           "%s: statement %d of %d, line %d: only statements that change rows can "
                           "be loaded (INSERT, UPDATE, DELETE and the like); put changes of tables "
                           "into a numbered file.",
                           l->file, i + 1, l->script.count, s->line);
            return false;
        }
    }
    return true;
}

/* A hash of all logins and tokens: a file must not change them in a database in use. "" if there
 * are none. */
typedef struct {
    const char *hash; /* "": nobody may */
} who_t;

#define WHO_ROW(FIRST, COL)                                                                        \
    FIRST(STR, hash,                                                                               \
          "IF((SELECT COUNT(*) FROM staff) + (SELECT COUNT(*) FROM api_token) = 0, '',"            \
          " SHA2(CONCAT_WS('/',"                                                                   \
          " (SELECT GROUP_CONCAT(CONCAT_WS('|', id, login, password_hash, active, resource_id)"    \
          "   ORDER BY id) FROM staff),"                                                           \
          " (SELECT GROUP_CONCAT(staff_id, role ORDER BY staff_id, role) FROM staff_role),"        \
          " (SELECT GROUP_CONCAT(CONCAT_WS('|', id, HEX(token_hash), scopes, expires_at,"          \
          " revoked_at) ORDER BY id) FROM api_token)), 256))")
RG_ROW(who_row, who_t, WHO_ROW);

static rg_outcome_t who_may(rg_db_t *db, const rg_ctx_t *ctx, const char **out)
{
    RG_SQL(WHO, "SELECT " RG_COLUMNS(WHO_ROW));
    who_t who = {""};
    rg_outcome_t rc = rg_sql_one(db, ctx, &who, who_row, WHO, RG_IN_NONE);
    *out = who.hash;
    return rc;
}

static rg_outcome_t same_people(rg_db_t *db, const rg_ctx_t *ctx, const rg_load_t *l,
                                const char *before)
{
    const char *after;
    rg_outcome_t rc = who_may(db, ctx, &after);
    if (rc != RG_OK || l->force || before[0] == '\0' || strcmp(before, after) == 0) {
        return rc;
    }
    rg_problem_add(ctx->problems, NULL,
                   "%s would change staff, roles or tokens in a database in use. Use regenctl "
                   "staff and regenctl token for that, or add --force.",
                   l->file);
    return RG_INVALID;
}

static rg_outcome_t check_zones(rg_db_t *db, const rg_ctx_t *ctx, const rg_load_t *l)
{
    rg_site_zone_t *sites;
    int count;
    bool all = true;
    RG_TRY(rg_row_zones(db, ctx, &sites, &count));
    for (int i = 0; i < count; i++) {
        if (!rg_zone_open(ctx->pool, sites[i].time_zone)) {
            all = false;
            rg_problem_add(ctx->problems, NULL,
                           "%s: site %s: this system does not know the time zone \"%s\".", l->file,
                           sites[i].code, sites[i].time_zone);
        }
    }
    return all ? RG_OK : RG_INVALID;
}

static rg_outcome_t load(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const rg_load_t *l = baton;
    const char *before;
    rg_outcome_t rc = who_may(db, ctx, &before);
    if (rc != RG_OK) {
        return rc;
    }
    for (int i = 0; i < l->script.count; i++) {
        const rg_script_stmt_t *s = &l->script.stmts[i];
        const char *sql = apr_pstrmemdup(ctx->pool, s->text, s->len);
        rc = rg_conn_run(db, ctx, sql, s->len);
        if (rc != RG_OK) {
            rg_problem_add(ctx->problems, NULL, "%s: statement %d of %d, line %d: %s", l->file,
                           i + 1, l->script.count, s->line, rg_conn_message(db));
            return rc;
        }
    }
    rc = same_people(db, ctx, l, before);
    return rc == RG_OK ? check_zones(db, ctx, l) : rc;
}

rg_outcome_t rg_store_load(const rg_ctx_t *ctx, const char *file, bool force)
{
    rg_load_t l = {.file = file, .force = force};
    const char *why = "";
    rg_outcome_t rc = rg_script_read(&l.script, ctx->pool, file, &why);
    if (rc != RG_OK) {
        rg_problem_add(ctx->problems, NULL, "%s: %s", file, why);
        return rc;
    }
    return only_rows(ctx, &l) ? rg_store_transact(ctx, load, &l) : RG_INVALID;
}
