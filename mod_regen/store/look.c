/* SPDX-License-Identifier: Apache-2.0 */
/* What of the server, the schema and the definitions would fail somebody later. Called by regenctl
 * check, configtest and the readiness of a process; contract in regen/store.h. */
#include "mod_regen/store/sql.h"

#include <stdio.h>
#include <string.h>

enum { LINE = 400 };

typedef struct {
    void (*say)(void *baton, const char *line);
    void *baton;
    int *found;
} look_t;

static void tell(look_t *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void tell(look_t *l, const char *fmt, ...)
{
    char line[LINE];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    (*l->found)++;
    l->say(l->baton, line);
}

static rg_outcome_t look_zones(look_t *l, rg_db_t *db, rg_ctx_t *ctx)
{
    static const char SITES[] = "SELECT code, time_zone FROM site ORDER BY id";
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, SITES, RG_IN_NONE);
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        const char *zone = rg_cur_str(c, 1);
        if (!rg_zone_open(ctx->pool, zone)) {
            tell(l, "site %s: this system has no time zone called \"%s\"", rg_cur_str(c, 0), zone);
        }
    }
    return rg_cur_end(c);
}

/* Columns that are ascii on purpose say so. */
static rg_outcome_t look_characters(look_t *l, rg_db_t *db, rg_ctx_t *ctx)
{
    static const char COLUMNS[] =
        "SELECT table_name, column_name, character_set_name FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND character_set_name NOT IN ('utf8mb4', 'ascii')"
        " ORDER BY 1, 2 LIMIT 20";
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, COLUMNS, RG_IN_NONE);
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        tell(l, "%s.%s is %s and cannot hold every name; it must be utf8mb4", rg_cur_str(c, 0),
             rg_cur_str(c, 1), rg_cur_str(c, 2));
    }
    return rg_cur_end(c);
}

static rg_outcome_t look(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    static rg_outcome_t (*const looks[])(look_t *, rg_db_t *, rg_ctx_t *) = {look_zones,
                                                                             look_characters};
    look_t *l = baton;
    rg_outcome_t rc = RG_OK;
    *l->found = 0;
    for (size_t i = 0; rc == RG_OK && i < sizeof(looks) / sizeof(looks[0]); i++) {
        rc = looks[i](l, db, ctx);
    }
    return rc;
}

rg_outcome_t rg_store_look(rg_ctx_t *ctx, int *found, void (*say)(void *baton, const char *line),
                           void *baton)
{
    look_t l = {say, baton, found};
    return rg_store_read(ctx, look, &l);
}
