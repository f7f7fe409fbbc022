/* SPDX-License-Identifier: Apache-2.0 */
/* Checks settings of the server, the schema and the definitions that would cause failures later. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/engine/store_int.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

#include <stdarg.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <apr_atomic.h>

enum { LINE = 400 };

typedef struct {
    void (*say)(void *baton, const char *line);
    void *baton;
    int *found;
    rg_sizes_t sizes;
} look_t;

static void tell_line(look_t *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void tell_line(look_t *l, const char *fmt, ...)
{
    char line[LINE];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    (*l->found)++;
    l->say(l->baton, line);
}

static rg_outcome_t look_zones(look_t *l, rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_site_zone_t *sites;
    int count;
    RG_TRY(rg_row_zones(db, ctx, &sites, &count));
    for (int i = 0; i < count; i++) {
        if (!rg_zone_open(ctx->pool, sites[i].time_zone)) {
            tell_line(l, "Site %s: this system does not know the time zone \"%s\".", sites[i].code,
                      sites[i].time_zone);
        }
    }
    return RG_OK;
}

typedef struct {
    const char *code;
} unmade_t;

#define UNMADE_ROW(FIRST, COL) FIRST(STR, code, "s.code")
RG_ROW(unmade_row, unmade_t, UNMADE_ROW);

/* Services from before products of which no migration could tell what is harvested. */
static rg_outcome_t look_products(look_t *l, rg_db_t *db, const rg_ctx_t *ctx)
{
    RG_SQL(UNMADE,
           "SELECT " RG_COLUMNS(UNMADE_ROW)
           " FROM service s"
           " WHERE s.active = 1"
           " AND EXISTS (SELECT 1 FROM service_step t WHERE t.service_id = s.id"
           " AND t.kind = 'harvest')"
           " AND NOT EXISTS (SELECT 1 FROM service_product m WHERE m.service_id = s.id)"
           " ORDER BY s.code"
           " LIMIT 20");
    unmade_t *found;
    int count;
    RG_TRY(rg_sql_list(db, ctx, &found, &count, unmade_row, UNMADE, RG_IN_NONE));
    for (int i = 0; i < count; i++) {
        tell_line(l,
                  "Service %s does not say what is harvested. Enter its product under Services; "
                  "until then no harvest of it can be recorded.",
                  found[i].code);
    }
    return RG_OK;
}

/* Services that are booked on an order, while nobody may sign one. */
static rg_outcome_t look_signers(look_t *l, rg_db_t *db, const rg_ctx_t *ctx)
{
    RG_SQL(UNSIGNED,
           "SELECT " RG_COLUMNS(UNMADE_ROW)
           " FROM service s"
           " WHERE s.active = 1 AND s.booked_by = 'order'"
           " AND NOT EXISTS (SELECT 1 FROM staff f"
           " JOIN staff_role sr ON sr.staff_id = f.id AND sr.role = 'clinician'"
           " JOIN resource r ON r.id = f.resource_id AND r.kind = 'practitioner' AND r.active = 1"
           " JOIN resource_capability c ON c.resource_id = r.id AND c.capability = 'order'"
           " WHERE f.active = 1)"
           " ORDER BY s.code"
           " LIMIT 20");
    unmade_t *found;
    int count;
    RG_TRY(rg_sql_list(db, ctx, &found, &count, unmade_row, UNSIGNED, RG_IN_NONE));
    for (int i = 0; i < count; i++) {
        tell_line(l,
                  "Service %s is booked on a treatment order, but nobody may sign one: no "
                  "clinician's login is linked to a practitioner with the capability \"order\".",
                  found[i].code);
    }
    return RG_OK;
}

/* Services that would be offered if they had a price. */
static rg_outcome_t look_prices(look_t *l, rg_db_t *db, const rg_ctx_t *ctx)
{
    RG_SQL(UNPRICED,
           "SELECT " RG_COLUMNS(UNMADE_ROW)
           " FROM service s"
           " WHERE s.active = 1"
           " AND NOT EXISTS (SELECT 1 FROM fee_schedule f"
           " JOIN fee_publication p ON p.id = (SELECT q.id FROM fee_publication q"
           " WHERE q.schedule_id = f.id AND q.valid_at <= ?"
           " AND NOT EXISTS (SELECT 1 FROM fee_withdrawal w WHERE w.publication_id = q.id)"
           " ORDER BY q.valid_at DESC, q.id DESC LIMIT 1)"
           " JOIN fee_line x ON x.version_id = p.version_id AND x.service_id = s.id"
           " WHERE f.payer_id IS NULL AND (f.site_id IS NULL OR f.site_id = s.site_id))"
           " ORDER BY s.code"
           " LIMIT 20");
    unmade_t *found;
    int count;
    RG_TRY(rg_sql_list(db, ctx, &found, &count, unmade_row, UNPRICED, RG_IN(RG_T(ctx->now))));
    for (int i = 0; i < count; i++) {
        tell_line(
            l,
            "Service %s is not offered: no fee schedule for self-pay has a line of it that is "
            "in force. Publish one under Fees.",
            found[i].code);
    }
    return RG_OK;
}

/* Services that ask for a second person, while there is no second one: two logins of one
 * practitioner are one person. */
static rg_outcome_t look_seconds(look_t *l, rg_db_t *db, const rg_ctx_t *ctx)
{
    RG_SQL(ALONE,
           "SELECT " RG_COLUMNS(UNMADE_ROW)
           " FROM service s"
           " WHERE s.active = 1 AND (s.second_harvest = 1 OR s.second_inject = 1)"
           " AND (SELECT COUNT(DISTINCT COALESCE(CONCAT('r', f.resource_id), f.id))"
           " FROM staff f"
           " JOIN staff_role sr ON sr.staff_id = f.id AND sr.role IN ('clinician', 'admin')"
           " WHERE f.active = 1 AND f.password_hash <> '') < 2"
           " ORDER BY s.code"
           " LIMIT 20");
    unmade_t *found;
    int count;
    RG_TRY(rg_sql_list(db, ctx, &found, &count, unmade_row, ALONE, RG_IN_NONE));
    for (int i = 0; i < count; i++) {
        tell_line(l,
                  "Service %s asks for a second person, but only one clinician or none can log in. "
                  "Add a login, or turn it off under Services.",
                  found[i].code);
    }
    return RG_OK;
}

typedef struct {
    const char *table, *column, *set;
} characters_t;

#define CHARACTERS_ROW(FIRST, COL)                                                                 \
    FIRST(STR, table, "table_name")                                                                \
    COL(STR, column, "column_name")                                                                \
    COL(STR, set, "character_set_name")
RG_ROW(characters_row, characters_t, CHARACTERS_ROW);

/* Columns that are ascii on purpose say so. */

static rg_outcome_t look_characters(look_t *l, rg_db_t *db, const rg_ctx_t *ctx)
{
    RG_SQL(COLUMNS,
           "SELECT " RG_COLUMNS(CHARACTERS_ROW)
           " FROM information_schema.columns"
           " WHERE table_schema = DATABASE() AND character_set_name NOT IN ('utf8mb4', 'ascii')"
           " ORDER BY 1, 2"
           " LIMIT 20");
    characters_t *found;
    int count;
    RG_TRY(rg_sql_list(db, ctx, &found, &count, characters_row, COLUMNS, RG_IN_NONE));
    for (int i = 0; i < count; i++) {
        tell_line(l, "%s.%s is %s and cannot store every name; it must be utf8mb4.", found[i].table,
                  found[i].column, found[i].set);
    }
    return RG_OK;
}

typedef struct {
    int64_t connections, statements;
    bool clock_is_theirs; /* SET timestamp moves the server's clock for a session */
} limits_t;

#define LIMITS_ROW(FIRST, COL)                                                                     \
    FIRST(I64, connections, "CAST(@@max_connections AS SIGNED)")                                   \
    COL(I64, statements, "CAST(@@max_prepared_stmt_count AS SIGNED)")                              \
    COL(BOOL, clock_is_theirs, "@@secure_timestamp = 'NO'")
RG_ROW(limits_row, limits_t, LIMITS_ROW);

/* Old and new children overlap at a graceful restart. */

static rg_outcome_t look_sizes(look_t *l, rg_db_t *db, const rg_ctx_t *ctx)
{
    RG_SQL(LIMITS, "SELECT " RG_COLUMNS(LIMITS_ROW));
    limits_t most;
    int64_t all = (int64_t)l->sizes.children * l->sizes.connections * 2;
    RG_TRY(rg_sql_one(db, ctx, &most, limits_row, LIMITS, RG_IN_NONE));
    if (all >= most.connections) {
        tell_line(l,
                  "%d children with %d connections each make %" PRId64 " connections at a graceful "
                  "restart, but max_connections is %" PRId64 ".",
                  l->sizes.children, l->sizes.connections, all, most.connections);
    }
    if (all * RG_STATEMENTS_KEPT > most.statements) {
        tell_line(l,
                  "They keep up to %" PRId64
                  " prepared statements, but max_prepared_stmt_count is %" PRId64 ".",
                  all * RG_STATEMENTS_KEPT, most.statements);
    }
    if (most.clock_is_theirs) {
        tell_line(l, "secure_timestamp is NO: whoever has the module's password can record things "
                     "with a time of their choice. Set it to REPLICATION.");
    }
    return RG_OK;
}

static rg_outcome_t look_over(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    static rg_outcome_t (*const looks[])(look_t *, rg_db_t *, const rg_ctx_t *) = {
        look_zones,  look_products, look_signers,   look_seconds,
        look_prices, look_sizes,    look_characters};
    look_t *l = baton;
    rg_outcome_t rc = RG_OK;
    *l->found = 0;
    for (size_t i = 0; rc == RG_OK && i < sizeof(looks) / sizeof(looks[0]); i++) {
        rc = looks[i](l, db, ctx);
    }
    return rc;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* A seat on a day long past, of a booking that does not exist: its trigger increases the calendar's
 * version, as every booking does. A random number, so that two checks at once do not collide. */
static rg_outcome_t write_and_undo(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    RG_SQL(SEAT,
           "INSERT INTO service_day (service_id, day, seat, booking_id)"
           " SELECT MIN(id), '1970-01-01', ?, ?"
           " FROM service"
           " HAVING MIN(id) > 0");
    uint64_t dice = 0;
    (void)baton;
    ctx->random(&dice, sizeof(dice));
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, SEAT, RG_IN(RG_U(dice % 65521 + 1), RG_U(dice | UINT64_C(1) << 63)), NULL);
    return rc == RG_OK || rc == RG_CONFLICT ? RG_GONE : rc;
}

/* RG_GONE means that the work succeeded and must be rolled back. */
rg_outcome_t rg_store_try_write(const rg_ctx_t *ctx)
{
    rg_outcome_t rc = rg_store_transact(ctx, write_and_undo, NULL);
    return rc == RG_GONE ? RG_OK : rc == RG_OK ? RG_INTERNAL : rc;
}

rg_outcome_t rg_store_look(const rg_ctx_t *ctx, const rg_sizes_t *sizes, int *found,
                           void (*say)(void *baton, const char *line), void *baton)
{
    look_t l = {say, baton, found, *sizes};
    rg_outcome_t rc = rg_store_read(ctx, look_over, &l);
    if (rc == RG_OK && rg_store_try_write(ctx) != RG_OK) {
        tell_line(
            &l,
            "Nothing can be written: the database is read-only or full, the account has no rights, "
            "or the account that ran regenctl migrate was removed and its triggers do not work.");
    }
    return rc;
}

/* --- whether it has it ------------------------------------------------------------------------ */

/* The web room asks before every request; after the first match that costs nothing. */
RG_SQL(TABLE,
       "SELECT COUNT(*)"
       " FROM information_schema.tables"
       " WHERE table_schema = DATABASE() AND table_name = 'schema_migration'");

typedef struct {
    int complete, begun;
} rg_version_t;

/* A file that was applied in part is neither the old schema nor the new one. */
#define VERSION_ROW(FIRST, COL)                                                                    \
    FIRST(INT, complete, "COALESCE(MAX(CASE WHEN statement_no = 0 THEN version END), 0)")          \
    COL(INT, begun, "COALESCE(MAX(version), 0)")
RG_ROW(version_row, rg_version_t, VERSION_ROW);
RG_SQL(VERSION, "SELECT " RG_COLUMNS(VERSION_ROW) " FROM schema_migration");

static rg_outcome_t read_server_version(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_version_t *v = baton;
    int64_t there;
    *v = (rg_version_t){0, 0};
    RG_TRY(rg_sql_number(db, ctx, &there, TABLE, RG_IN_NONE));
    return there > 0 ? rg_sql_one(db, ctx, v, version_row, VERSION, RG_IN_NONE) : RG_OK;
}

rg_outcome_t rg_store_schema_check(const rg_ctx_t *ctx, int *found)
{
    rg_version_t v;
    *found = RG_SCHEMA_VERSION;
    if (apr_atomic_read32(&ctx->store->schema_ok)) {
        return RG_OK;
    }
    *found = -1;
    rg_outcome_t rc = rg_store_read(ctx, read_server_version, &v);
    if (rc != RG_OK) {
        return rc;
    }
    *found = v.complete;
    if (v.complete == RG_SCHEMA_VERSION && v.begun == RG_SCHEMA_VERSION) {
        apr_atomic_set32(&ctx->store->schema_ok, 1);
        return RG_OK;
    }
    if (rg_schema_may_say(ctx->store)) {
        rg_log(ctx, RG_LOG_ERR,
               RGNO(01050) "The database has schema version %d%s, but this build needs %d. %s",
               v.complete, v.begun > v.complete ? " and a part of the next" : "", RG_SCHEMA_VERSION,
               v.begun > RG_SCHEMA_VERSION ? "Use a newer build." : "Run regenctl migrate.");
    }
    return RG_UNAVAILABLE;
}
