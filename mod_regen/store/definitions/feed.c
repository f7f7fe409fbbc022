/* SPDX-License-Identifier: Apache-2.0 */
/* Private calendar feeds by the hash of their token, and what is taken of a feed's resource. Called
 * by clinic/definitions/feed.c. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/feed.h"
#include "regen/model/place.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

static const char PUT[] = "INSERT INTO calendar_feed (token_hash, resource_id, name, created_at)"
                          " SELECT ?, id, ?, ? FROM resource WHERE code = ?";
static const char ROWS[] =
    "SELECT f.id, f.name, r.code, f.created_at, f.revoked_at FROM calendar_feed f"
    " JOIN resource r ON r.id = f.resource_id ORDER BY f.id";
static const char END[] = "UPDATE calendar_feed SET revoked_at = ? WHERE id = ? AND revoked_at = 0";
static const char FIND[] =
    "SELECT r.id, r.uid, r.name, r.kind, s.name FROM calendar_feed f"
    " JOIN resource r ON r.id = f.resource_id JOIN site s ON s.id = r.site_id"
    " WHERE f.token_hash = ? AND f.revoked_at = 0";

rg_outcome_t rg_feed_put(rg_db_t *db, rg_ctx_t *ctx, int64_t *id, const unsigned char hash[32],
                         const char *resource_code, const char *name)
{
    int64_t added = 0;
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, PUT,
                    RG_IN(RG_B(hash, 32), RG_S(name), RG_T(ctx->now), RG_S(resource_code)), &added);
    *id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc == RG_OK && added == 0 ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_feed_rows(rg_db_t *db, rg_ctx_t *ctx, apr_array_header_t *out)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, ROWS, RG_IN_NONE);
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_feed_row_t *f = apr_array_push(out);
        f->id = rg_cur_i64(c, 0);
        f->name = rg_cur_str(c, 1);
        f->resource_code = rg_cur_str(c, 2);
        f->created_at = rg_cur_time(c, 3);
        f->revoked_at = rg_cur_time(c, 4);
    }
    return rg_cur_end(c);
}

rg_outcome_t rg_feed_end(rg_db_t *db, rg_ctx_t *ctx, int64_t id)
{
    int64_t ended = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, END, RG_IN(RG_T(ctx->now), RG_I(id)), &ended);
    return rc == RG_OK && ended == 0 ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_feed_find(rg_db_t *db, rg_ctx_t *ctx, rg_feed_t **out, const unsigned char hash[32])
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, FIND, RG_IN(RG_B(hash, 32)));
    if (rc != RG_OK) {
        return rc;
    }
    bool found = rg_cur_next(c);
    if (found) {
        rg_feed_t *f = apr_pcalloc(ctx->pool, sizeof(*f));
        f->resource.id = rg_cur_i64(c, 0);
        f->resource.uid = rg_cur_str(c, 1);
        f->resource.name = rg_cur_str(c, 2);
        f->resource.kind = (rg_resource_kind_t)rg_resource_kind_parse(rg_cur_str(c, 3));
        f->site_name = rg_cur_str(c, 4);
        *out = f;
    }
    return rg_row_end(c, found);
}

/* A booking that was never booked was only a hold. */
static const char ENTRIES[] =
    "SELECT b.uid, b.status, b.version, b.changed_at, r.step_no, r.busy_from, r.busy_until,"
    " (SELECT MIN(x.name) FROM booking_resource o JOIN resource x ON x.id = o.resource_id"
    " WHERE o.booking_id = b.id AND o.step_no = r.step_no AND x.kind = 'room')"
    " FROM booking_resource r JOIN booking b ON b.id = r.booking_id"
    " WHERE r.resource_id = ? AND r.busy_from >= ? AND r.busy_from < ? AND b.booked_at IS NOT NULL"
    " AND (b.status IN ('booked', 'arrived', 'in-progress', 'completed')"
    " OR (b.status IN ('cancelled', 'no-show') AND b.changed_at >= ?))"
    " ORDER BY b.id, r.busy_from, r.step_no LIMIT ?";

rg_outcome_t rg_feed_entries(rg_db_t *db, rg_ctx_t *ctx, apr_array_header_t *out,
                             int64_t resource_id, apr_time_t from, apr_time_t until,
                             apr_time_t since, int limit)
{
    rg_cur_t *c;
    rg_outcome_t rc =
        rg_sql_query(db, ctx, &c, ENTRIES,
                     RG_IN(RG_I(resource_id), RG_T(from), RG_T(until), RG_T(since), RG_I(limit)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_feed_entry_t *e = apr_array_push(out);
        e->booking_uid = rg_cur_str(c, 0);
        e->status = (rg_booking_status_t)rg_booking_status_parse(rg_cur_str(c, 1));
        e->version = (int)rg_cur_i64(c, 2);
        e->changed_at = rg_cur_time(c, 3);
        e->step_no = (int)rg_cur_i64(c, 4);
        e->from = rg_cur_time(c, 5);
        e->until = rg_cur_time(c, 6);
        e->room = rg_cur_str(c, 7);
    }
    return rg_cur_end(c);
}
