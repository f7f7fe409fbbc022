/* SPDX-License-Identifier: Apache-2.0 */
/* Closures, resources written whole, what bookings take from now on, and what was decided about
 * those that stand in a closed room. */
#include "mod_regen/store/engine/sql.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

#include <inttypes.h>
#include <stdio.h>

/* Longest a resource may have been taken and still be taken now. */
#define LONGEST_STEP_SEC (3 * 86400)

/* --- what is taken ---------------------------------------------------------------------------- */

static const char TAKEN[] =
    "SELECT t.booking_id, b.service_id, t.resource_id, b.version, t.step_no, t.need_no, s.kind,"
    " b.starts_at, t.busy_from, t.busy_until, EXISTS (SELECT 1 FROM booking_override o"
    " WHERE o.booking_id = b.id AND o.rule = 'opening')"
    " FROM booking_resource t FORCE INDEX (resource_busy) STRAIGHT_JOIN resource r"
    " ON r.id = t.resource_id STRAIGHT_JOIN booking b ON b.id = t.booking_id"
    " STRAIGHT_JOIN booking_step s ON s.booking_id = t.booking_id AND s.step_no = t.step_no"
    " WHERE t.busy_from > ? AND t.busy_from < ? AND (? = 0 OR r.site_id = ?) AND (? = 0 OR r.id = "
    "?) AND t.busy_until > ?"
    " AND (b.status IN ('booked', 'arrived', 'in-progress')"
    " OR (b.status = 'held' AND b.hold_expires_at > ?))"
    " ORDER BY b.starts_at, b.id, t.step_no, t.need_no, t.resource_id";

static void taken_row(rg_taken_t *t, rg_cur_t *c)
{
    t->booking_id = rg_cur_i64(c, 0);
    t->service_id = rg_cur_i64(c, 1);
    t->resource_id = rg_cur_i64(c, 2);
    t->booking_version = (int)rg_cur_i64(c, 3);
    t->step_no = (int)rg_cur_i64(c, 4);
    t->need_no = (int)rg_cur_i64(c, 5);
    t->step_kind = (rg_step_kind_t)rg_step_kind_parse(rg_cur_str(c, 6));
    t->starts_at = rg_cur_time(c, 7);
    t->busy_from = rg_cur_time(c, 8);
    t->busy_until = rg_cur_time(c, 9);
    t->outside_meant = rg_cur_i64(c, 10) != 0;
}

rg_outcome_t rg_taken_read(rg_db_t *db, rg_ctx_t *ctx, rg_taken_t **out, int *count,
                           const rg_taken_ask_t *ask)
{
    rg_cur_t *c;
    int64_t now = apr_time_sec(ctx->now);
    int64_t from = apr_time_sec(ask->from) > now ? apr_time_sec(ask->from) : now;
    int64_t until = ask->until != 0 ? apr_time_sec(ask->until) : INT64_MAX;
    rg_outcome_t rc = rg_sql_query(
        db, ctx, &c, TAKEN,
        RG_IN(RG_I(from - LONGEST_STEP_SEC), RG_I(until), RG_I(ask->site_id), RG_I(ask->site_id),
              RG_I(ask->resource_id), RG_I(ask->resource_id), RG_I(from), RG_I(now)));
    if (rc != RG_OK) {
        return rc;
    }
    apr_array_header_t *list = apr_array_make(ctx->pool, 64, sizeof(rg_taken_t));
    while (rg_cur_next(c)) {
        taken_row(apr_array_push(list), c);
    }
    *out = (rg_taken_t *)(void *)list->elts;
    *count = list->nelts;
    return rg_cur_end(c);
}

/* --- decisions -------------------------------------------------------------------------------- */

static const char KEPT[] =
    "SELECT k.closure_id, 0, 'closed', k.booking_id, k.booking_version, k.starts_at"
    " FROM closure_kept k JOIN booking b ON b.id = k.booking_id WHERE b.ends_at > ?"
    " UNION ALL SELECT 0, k.resource_id, k.kind, k.booking_id, k.booking_version, k.starts_at"
    " FROM resource_kept k JOIN booking b ON b.id = k.booking_id WHERE b.ends_at > ?";

rg_outcome_t rg_kept_read(rg_db_t *db, rg_ctx_t *ctx, rg_kept_t **out, int *count)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, KEPT, RG_IN(RG_T(ctx->now), RG_T(ctx->now)));
    if (rc != RG_OK) {
        return rc;
    }
    apr_array_header_t *list = apr_array_make(ctx->pool, 16, sizeof(rg_kept_t));
    while (rg_cur_next(c)) {
        rg_kept_t *k = apr_array_push(list);
        k->closure_id = rg_cur_i64(c, 0);
        k->resource_id = rg_cur_i64(c, 1);
        k->kind = (rg_conflict_kind_t)rg_conflict_kind_parse(rg_cur_str(c, 2));
        k->booking_id = rg_cur_i64(c, 3);
        k->booking_version = (int)rg_cur_i64(c, 4);
        k->starts_at = rg_cur_time(c, 5);
        k->reason = "";
    }
    *out = (rg_kept_t *)(void *)list->elts;
    *count = list->nelts;
    return rg_cur_end(c);
}

static const char KEEP_CLOSURE[] =
    "INSERT INTO closure_kept (closure_id, booking_id, booking_version, starts_at, reason, actor,"
    " decided_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE"
    " booking_version = VALUES(booking_version), starts_at = VALUES(starts_at),"
    " reason = VALUES(reason), actor = VALUES(actor), decided_at = VALUES(decided_at)";
static const char KEEP_RESOURCE[] =
    "INSERT INTO resource_kept (resource_id, booking_id, kind, booking_version, starts_at, reason,"
    " actor, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE"
    " booking_version = VALUES(booking_version), starts_at = VALUES(starts_at),"
    " reason = VALUES(reason), actor = VALUES(actor), decided_at = VALUES(decided_at)";

rg_outcome_t rg_kept_put(rg_db_t *db, rg_ctx_t *ctx, const rg_kept_t *k)
{
    char actor[40];
    snprintf(actor, sizeof(actor), "staff:%" PRId64, ctx->who.staff_id);
    if (k->closure_id != 0) {
        return rg_sql_exec(db, ctx, KEEP_CLOSURE,
                           RG_IN(RG_I(k->closure_id), RG_I(k->booking_id), RG_I(k->booking_version),
                                 RG_T(k->starts_at), RG_S(k->reason), RG_S(actor), RG_T(ctx->now)),
                           NULL);
    }
    return rg_sql_exec(db, ctx, KEEP_RESOURCE,
                       RG_IN(RG_I(k->resource_id), RG_I(k->booking_id),
                             RG_S(rg_conflict_kind_name(k->kind)), RG_I(k->booking_version),
                             RG_T(k->starts_at), RG_S(k->reason), RG_S(actor), RG_T(ctx->now)),
                       NULL);
}

/* --- closures --------------------------------------------------------------------------------- */

static const char CLOSE[] =
    "INSERT INTO closure (site_id, resource_id, first_day, last_day, start_minute, end_minute, "
    "kind,"
    " reason) SELECT ?, ?, ?, ?, ?, ?, ?, ? FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM closure c"
    " WHERE c.site_id = ? AND c.resource_id <=> ? AND c.first_day = ? AND c.last_day = ?"
    " AND c.start_minute = ? AND c.end_minute = ? AND c.reason = ?)";
static const char OPEN_AGAIN[] = "DELETE FROM closure WHERE id = ?";

/* NULL is no value to a unique key, so closures of a whole site are compared here. */
rg_outcome_t rg_closure_insert(rg_db_t *db, rg_ctx_t *ctx, rg_closure_row_t *row, int64_t site_id,
                               int64_t resource_id)
{
    const char *first = rg_date_iso(ctx->pool, row->first_day);
    const char *last = rg_date_iso(ctx->pool, row->last_day);
    int64_t added = 0;
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, CLOSE,
                    RG_IN(RG_I(site_id), RG_I_OR_NIL(resource_id), RG_S(first), RG_S(last),
                          RG_I(row->start), RG_I(row->end), RG_S(row->kind), RG_S(row->reason),
                          RG_I(site_id), RG_I_OR_NIL(resource_id), RG_S(first), RG_S(last),
                          RG_I(row->start), RG_I(row->end), RG_S(row->reason)),
                    &added);
    row->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc == RG_OK && added == 0 ? RG_CONFLICT : rc;
}

rg_outcome_t rg_closure_delete(rg_db_t *db, rg_ctx_t *ctx, int64_t id)
{
    int64_t gone = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, OPEN_AGAIN, RG_IN(RG_I(id)), &gone);
    return rc == RG_OK && gone == 0 ? RG_NOT_FOUND : rc;
}

static const char ROWS[] =
    "SELECT c.id, s.code, s.name, r.code, r.name, c.first_day, c.last_day, c.start_minute,"
    " c.end_minute, c.kind, c.reason FROM closure c JOIN site s ON s.id = c.site_id"
    " LEFT JOIN resource r ON r.id = c.resource_id WHERE c.last_day >= ?"
    " ORDER BY c.first_day, c.start_minute, c.id";

rg_outcome_t rg_closure_rows(rg_db_t *db, rg_ctx_t *ctx, rg_closure_row_t **out, int *count,
                             rg_date_t day)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, ROWS, RG_IN(RG_S(rg_date_iso(ctx->pool, day))));
    if (rc != RG_OK) {
        return rc;
    }
    apr_array_header_t *list = apr_array_make(ctx->pool, 32, sizeof(rg_closure_row_t));
    while (rg_cur_next(c)) {
        rg_closure_row_t *row = apr_array_push(list);
        row->id = rg_cur_i64(c, 0);
        row->site = rg_cur_str(c, 1);
        row->site_name = rg_cur_str(c, 2);
        row->resource = rg_cur_str(c, 3);
        row->resource_name = rg_cur_str(c, 4);
        row->first_day = rg_cur_date(c, 5);
        row->last_day = rg_cur_date(c, 6);
        row->start = (int)rg_cur_i64(c, 7);
        row->end = (int)rg_cur_i64(c, 8);
        row->kind = rg_cur_str(c, 9);
        row->reason = rg_cur_str(c, 10);
    }
    *out = (rg_closure_row_t *)(void *)list->elts;
    *count = list->nelts;
    return rg_cur_end(c);
}

/* --- resources -------------------------------------------------------------------------------- */

static const char RESOURCE_ADD[] =
    "INSERT INTO resource (uid, site_id, kind, code, name) VALUES (?, ?, ?, ?, ?)";
static const char RESOURCE_SET[] =
    "UPDATE resource SET name = ?, family = ?, given = ?, npi = ?, taxonomy = ?, serial = ?,"
    " active = ? WHERE id = ?";
static const char NO_CAPABILITIES[] = "DELETE FROM resource_capability WHERE resource_id = ?";
static const char CAPABILITY_ADD[] =
    "INSERT INTO resource_capability (resource_id, capability) VALUES (?, ?)";
static const char NO_OPENINGS[] = "DELETE FROM opening WHERE resource_id = ?";
static const char OPENING_ADD[] =
    "INSERT INTO opening (resource_id, weekday, start_minute, end_minute, valid_from, valid_to)"
    " VALUES (?, ?, ?, ?, DATE '1970-01-01' + INTERVAL ? DAY, DATE '1970-01-01' + INTERVAL ? DAY)";

static rg_outcome_t put_resource_row(rg_db_t *db, rg_ctx_t *ctx, rg_clinic_resource_t *r)
{
    rg_resource_t *x = &r->resource;
    rg_outcome_t rc = RG_OK;
    if (x->id == 0) {
        x->uid = rg_uid_make(ctx);
        rc = rg_sql_exec(db, ctx, RESOURCE_ADD,
                         RG_IN(RG_S(x->uid), RG_I(r->site_id), RG_S(rg_resource_kind_name(x->kind)),
                               RG_S(x->code), RG_S(x->name)),
                         NULL);
        x->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    }
    if (rc != RG_OK) {
        return rc;
    }
    return rg_sql_exec(db, ctx, RESOURCE_SET,
                       RG_IN(RG_S(x->name), RG_S(x->family), RG_S(x->given),
                             RG_S(x->npi[0] ? x->npi : NULL),
                             RG_S(x->taxonomy[0] ? x->taxonomy : NULL), RG_S(x->serial),
                             RG_I(x->active), RG_I(x->id)),
                       NULL);
}

static rg_outcome_t put_capabilities(rg_db_t *db, rg_ctx_t *ctx, const rg_clinic_resource_t *r)
{
    rg_outcome_t rc = rg_sql_exec(db, ctx, NO_CAPABILITIES, RG_IN(RG_I(r->resource.id)), NULL);
    for (int i = 0; rc == RG_OK && i < r->capability_count; i++) {
        rc = rg_sql_exec(db, ctx, CAPABILITY_ADD,
                         RG_IN(RG_I(r->resource.id), RG_S(r->capabilities[i])), NULL);
    }
    return rc;
}

static rg_outcome_t put_openings(rg_db_t *db, rg_ctx_t *ctx, const rg_clinic_resource_t *r)
{
    rg_outcome_t rc = rg_sql_exec(db, ctx, NO_OPENINGS, RG_IN(RG_I(r->resource.id)), NULL);
    for (int i = 0; rc == RG_OK && i < r->opening_count; i++) {
        const rg_opening_t *o = &r->openings[i];
        rc = rg_sql_exec(db, ctx, OPENING_ADD,
                         RG_IN(RG_I(r->resource.id), RG_I(o->weekday), RG_I(o->start), RG_I(o->end),
                               RG_I(o->first_day), RG_I(o->last_day)),
                         NULL);
    }
    return rc;
}

rg_outcome_t rg_resource_put(rg_db_t *db, rg_ctx_t *ctx, rg_clinic_resource_t *r)
{
    rg_outcome_t rc = put_resource_row(db, ctx, r);
    if (rc == RG_OK) {
        rc = put_capabilities(db, ctx, r);
    }
    return rc == RG_OK ? put_openings(db, ctx, r) : rc;
}
