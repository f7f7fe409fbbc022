/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of the database against those that the migrations make. The server keeps views and
 * checks in words of its own, so no text of a file can be compared with them: the migrations are
 * run once more, in a database that exists for the moment, and what the server says of both is
 * compared. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/evidence/verify.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/evidence.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_hash.h>
#include <apr_strings.h>

#define SCRATCH "regen_verify"

typedef struct {
    const char *name, *text; /* "trigger consent_keeps" and all that the server says of it */
    bool met;
} object_t;

#define OBJECT_ROW(FIRST, COL)                                                                     \
    FIRST(STR, name, "o.name")                                                                     \
    COL(STR, text, "o.words")
RG_ROW(object_row, object_t, OBJECT_ROW);

RG_SQL(OBJECTS,
       "SELECT " RG_COLUMNS(OBJECT_ROW)
       " FROM ("
       "SELECT CONCAT('trigger ', trigger_name) AS name,"
       " CONCAT_WS(' ', action_timing, event_manipulation, event_object_table, action_statement)"
       " AS words"
       " FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
       " UNION ALL "
       "SELECT CONCAT('view ', table_name),"
       " CONCAT(security_type, ' ', REPLACE(view_definition, CONCAT('`', DATABASE(), '`.'), ''))"
       " FROM information_schema.views WHERE table_schema = DATABASE()"
       " UNION ALL "
       "SELECT CONCAT('check ', table_name, '.', constraint_name), check_clause"
       " FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()"
       " UNION ALL "
       "SELECT CONCAT('foreign key ', k.table_name, '.', k.constraint_name),"
       " CONCAT(GROUP_CONCAT(k.column_name ORDER BY k.ordinal_position), ' to ',"
       " MIN(k.referenced_table_name), ' ',"
       " GROUP_CONCAT(k.referenced_column_name ORDER BY k.ordinal_position), ' ',"
       " MIN(r.update_rule), ' ', MIN(r.delete_rule))"
       " FROM information_schema.key_column_usage k"
       " JOIN information_schema.referential_constraints r"
       "  ON r.constraint_schema = k.constraint_schema"
       "  AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name"
       " WHERE k.constraint_schema = DATABASE() AND k.referenced_table_name IS NOT NULL"
       " GROUP BY k.table_name, k.constraint_name"
       " UNION ALL "
       "SELECT CONCAT('key ', table_name, '.', index_name),"
       " CONCAT(MIN(non_unique), ' ',"
       " GROUP_CONCAT(column_name, COALESCE(sub_part, '') ORDER BY seq_in_index))"
       " FROM information_schema.statistics WHERE table_schema = DATABASE()"
       " GROUP BY table_name, index_name"
       " UNION ALL "
       "SELECT CONCAT('column ', c.table_name, '.', c.column_name),"
       " CONCAT_WS(' ', c.column_type, c.is_nullable, c.column_default, c.extra,"
       " c.collation_name, c.generation_expression)"
       " FROM information_schema.columns c"
       " JOIN information_schema.tables t"
       "  ON t.table_schema = c.table_schema AND t.table_name = c.table_name"
       "  AND t.table_type = 'BASE TABLE'"
       " WHERE c.table_schema = DATABASE()"
       " UNION ALL "
       "SELECT CONCAT('routine ', routine_name), routine_definition"
       " FROM information_schema.routines WHERE routine_schema = DATABASE()"
       " UNION ALL "
       "SELECT CONCAT('event ', event_name), event_definition"
       " FROM information_schema.events WHERE event_schema = DATABASE()"
       ") o"
       " ORDER BY o.name");

typedef struct {
    object_t *list;
    int count;
} objects_t;

static rg_outcome_t list_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    objects_t *o = baton;
    return rg_sql_list(db, ctx, &o->list, &o->count, object_row, OBJECTS, RG_IN_NONE);
}

/* --- the second database ---------------------------------------------------------------------- */

RG_SQL(CREATE, "CREATE DATABASE " SCRATCH " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
RG_SQL(DROP, "DROP DATABASE " SCRATCH);

static rg_outcome_t create_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    (void)baton;
    return rg_sql_exec(db, ctx, CREATE, RG_IN_NONE, NULL);
}

static rg_outcome_t drop_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    (void)baton;
    return rg_sql_exec(db, ctx, DROP, RG_IN_NONE, NULL);
}

static void keep_failure(void *baton, const char *line)
{
    const rg_ctx_t *ctx = ((void **)baton)[0];
    const char **last = ((void **)baton)[1];
    *last = apr_pstrdup(ctx->pool, line);
}

static rg_outcome_t list_expected(objects_t *out, rg_verify_t *v, const rg_ctx_t *ctx)
{
    rg_store_conf_t conf = *v->conf;
    rg_ctx_t own = *ctx;
    const char *last = "";
    void *baton[] = {&own, &last};
    apr_pool_t *store_pool;
    conf.database = SCRATCH;
    apr_pool_create(&store_pool, ctx->pool);
    rg_outcome_t rc = rg_store_open(&own.store, store_pool, &conf);
    rc = rc == RG_OK ? rg_store_migrate(&own, v->dir, keep_failure, baton) : rc;
    if (rc != RG_OK) {
        rg_verify_fault(v, "The migrations do not run in %s: %s", SCRATCH, last);
    }
    rc = rc == RG_OK ? rg_store_read(&own, list_work, out) : rc;
    apr_pool_destroy(store_pool);
    return rc;
}

/* --- comparing -------------------------------------------------------------------------------- */

static void compare_objects(rg_verify_t *v, const rg_ctx_t *ctx, const objects_t *is,
                            const objects_t *should)
{
    apr_hash_t *by_name = apr_hash_make(ctx->pool);
    for (int i = 0; i < should->count; i++) {
        apr_hash_set(by_name, should->list[i].name, APR_HASH_KEY_STRING, &should->list[i]);
    }
    for (int i = 0; i < is->count; i++) {
        object_t *o = apr_hash_get(by_name, is->list[i].name, APR_HASH_KEY_STRING);
        if (!o) {
            rg_verify_fault(v, "No migration makes this: %s.", is->list[i].name);
            continue;
        }
        o->met = true;
        if (strcmp(o->text, is->list[i].text) != 0) {
            rg_verify_fault(v, "Not as the migrations make it: %s.", o->name);
        }
    }
    for (int i = 0; i < should->count; i++) {
        if (!should->list[i].met) {
            rg_verify_fault(v, "This is missing: %s.", should->list[i].name);
        }
    }
    v->objects = should->count;
}

rg_outcome_t rg_verify_objects(rg_verify_t *v, const rg_ctx_t *ctx)
{
    objects_t is;
    objects_t should;
    rg_outcome_t rc = rg_store_read(ctx, list_work, &is);
    if (rc != RG_OK) {
        return rc;
    }
    if (rg_store_read(ctx, create_work, NULL) != RG_OK) {
        rg_verify_fault(v,
                        "The database " SCRATCH " cannot be made, so triggers, views and keys are "
                        "not compared. GRANT ALL ON " SCRATCH ".* to this account; if the database "
                        "is left from a run that was stopped, DROP it.");
        return RG_OK;
    }
    rc = list_expected(&should, v, ctx);
    if (rc == RG_OK) {
        compare_objects(v, ctx, &is, &should);
    }
    rg_outcome_t dropped = rg_store_read(ctx, drop_work, NULL);
    return rc == RG_OK ? dropped : rc;
}
