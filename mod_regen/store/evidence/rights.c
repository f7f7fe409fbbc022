/* SPDX-License-Identifier: Apache-2.0 */
/* What the account of a connection has beyond what grants.c gives it: rights from before, over the
 * whole server, or by a role. The server shows an account its own rights, so this asks as the
 * module's. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/evidence/grants.h"
#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/evidence.h"

#include <string.h>

#include <apr_strings.h>

typedef struct {
    const char *who;    /* as a statement names it */
    const char *level;  /* server, database, table, role */
    const char *scope;  /* database, as the right has it: a pattern but for a table; "" */
    const char *object; /* table or role; "" */
    const char *column, *privilege;
    bool passes_on;
} right_t;

#define RIGHT_ROW(FIRST, COL)                                                                      \
    FIRST(STR, who, "IF(r.who = '''PUBLIC''@''''', 'PUBLIC', r.who)")                              \
    COL(STR, level, "r.level")                                                                     \
    COL(STR, scope, "r.scope")                                                                     \
    COL(STR, object, "r.object")                                                                   \
    COL(STR, column, "r.part")                                                                     \
    COL(STR, privilege, "r.privilege")                                                             \
    COL(BOOL, passes_on, "r.passes_on = 'YES'")
RG_ROW(right_row, right_t, RIGHT_ROW);

#define ME           "CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')"
#define MINE(t)      "FROM information_schema." t " WHERE grantee IN (" ME ", '''PUBLIC''@''''')"
#define RIGHTS_ORDER " ORDER BY r.who, r.level, r.scope, r.object, r.part, r.privilege"
RG_SQL(RIGHTS,
       "SELECT " RG_COLUMNS(RIGHT_ROW)
       " FROM (SELECT grantee AS who, 'server' AS level, '' AS scope, '' AS object, '' AS part,"
       " privilege_type AS privilege, is_grantable AS passes_on " MINE("user_privileges")
       " UNION ALL SELECT grantee, 'database', table_schema, '', '', privilege_type, is_grantable "
       MINE("schema_privileges") " AND ? LIKE table_schema"
       " UNION ALL SELECT grantee, 'table', table_schema, table_name, '', privilege_type,"
       " is_grantable " MINE("table_privileges") " AND table_schema = ?"
       " UNION ALL SELECT grantee, 'table', table_schema, table_name, column_name, privilege_type,"
       " is_grantable " MINE("column_privileges") " AND table_schema = ?"
       " UNION ALL SELECT " ME ", 'role', '', role_name, '', '', 'NO'"
       " FROM information_schema.applicable_roles WHERE grantee = CURRENT_USER()) r" RIGHTS_ORDER);

typedef struct {
    const char *database, *pattern;
    right_t *rights;
    int count;
} asking_t;

static bool is_level(const right_t *r, const char *level)
{
    return strcmp(r->level, level) == 0;
}

/* Whether the module needs it; the right to give it to others is never needed. */
static bool is_wanted(const asking_t *a, const right_t *r)
{
    if (is_level(r, "table")) {
        return rg_grants_need(r->object, r->privilege);
    }
    if (is_level(r, "database")) {
        return strcmp(r->privilege, "SELECT") == 0 && strcmp(r->scope, a->pattern) == 0;
    }
    return is_level(r, "server") && strcmp(r->privilege, "USAGE") == 0;
}

static bool is_beside(const right_t *a, const right_t *b)
{
    return strcmp(a->who, b->who) == 0 && strcmp(a->level, b->level) == 0 &&
           strcmp(a->scope, b->scope) == 0 && strcmp(a->object, b->object) == 0;
}

/* Of this database alone: under its own name, also where the _ of it stood for any letter. */
static bool is_here(const asking_t *a, const right_t *r)
{
    return is_level(r, "table") ||
           (is_level(r, "database") &&
            (strcmp(r->scope, a->pattern) == 0 || strcmp(r->scope, a->database) == 0));
}

static const char *place_of(apr_pool_t *p, const right_t *r)
{
    if (is_level(r, "table")) {
        return apr_psprintf(p, "`%s`.`%s`", r->scope, r->object);
    }
    return is_level(r, "database") ? apr_psprintf(p, "`%s`.*", r->scope) : "*.*";
}

/* The statement that takes away what is too much of COUNT rights at one place; NULL: nothing is. */
static const char *take_away(const asking_t *a, apr_pool_t *p, const right_t *r, int count)
{
    const char *list = "";
    bool passes_on = false;
    for (int i = 0; i < count; i++) {
        if (!is_wanted(a, &r[i])) {
            list = apr_pstrcat(p, list, list[0] ? ", " : "", r[i].privilege,
                               r[i].column[0] ? apr_psprintf(p, " (`%s`)", r[i].column) : "", NULL);
        }
        passes_on = passes_on || r[i].passes_on;
    }
    if (is_level(r, "role")) {
        return apr_psprintf(p, "REVOKE `%s` FROM %s;", r->object, r->who);
    }
    if (passes_on) {
        list = apr_pstrcat(p, list, list[0] ? ", " : "", "GRANT OPTION", NULL);
    }
    return list[0] ? apr_psprintf(p, "REVOKE %s ON %s FROM %s;", list, place_of(p, r), r->who)
                   : NULL;
}

static rg_outcome_t rights_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    asking_t *a = baton;
    return rg_sql_list(db, ctx, &a->rights, &a->count, right_row, RIGHTS,
                       RG_IN(RG_S(a->database), RG_S(a->database), RG_S(a->database)));
}

rg_outcome_t rg_store_rights(const rg_ctx_t *ctx, const char *database, rg_excess_fn say,
                             void *baton)
{
    asking_t a = {.database = database, .pattern = rg_grants_pattern(ctx->pool, database)};
    RG_TRY(rg_store_read(ctx, rights_work, &a));
    for (int i = 0; i < a.count;) {
        int n = 1;
        while (i + n < a.count && is_beside(&a.rights[i], &a.rights[i + n])) {
            n++;
        }
        const char *line = take_away(&a, ctx->pool, &a.rights[i], n);
        if (line) {
            say(baton, line, is_here(&a, &a.rights[i]));
        }
        i += n;
    }
    return RG_OK;
}
