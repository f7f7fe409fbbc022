/* SPDX-License-Identifier: Apache-2.0 */
/* Private calendar feeds by the hash of their token, and the occupied time of a feed's resource. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/feed.h"
#include "regen/model/place.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

RG_SQL(PUT,
       "INSERT INTO calendar_feed (token_hash, resource_id, name, created_at)"
       " SELECT ?, id, ?, ?"
       " FROM resource"
       " WHERE code = ?");

#define FEED_ROW(FIRST, COL)                                                                       \
    FIRST(I64, id, "f.id")                                                                         \
    COL(STR, name, "f.name")                                                                       \
    COL(STR, resource_code, "r.code")                                                              \
    COL(TIME, created_at, "f.created_at")                                                          \
    COL(TIME, revoked_at, "f.revoked_at")
RG_ROW(feed_row, rg_feed_row_t, FEED_ROW);
RG_SQL(ROWS,
       "SELECT " RG_COLUMNS(FEED_ROW)
       " FROM calendar_feed f"
       " JOIN resource r ON r.id = f.resource_id"
       " ORDER BY f.id");
RG_SQL(END, "UPDATE calendar_feed SET revoked_at = ? WHERE id = ? AND revoked_at = 0");

#define FOUND_ROW(FIRST, COL)                                                                      \
    FIRST(I64, resource.id, "r.id")                                                                \
    COL(STR, resource.uid, "r.uid")                                                                \
    COL(STR, resource.name, "r.name")                                                              \
    COL(ENUM, resource.kind, "r.kind", rg_resource_kind_parse)                                     \
    COL(STR, site_name, "s.name")
RG_ROW(found_row, rg_feed_t, FOUND_ROW);
RG_SQL(FIND,
       "SELECT " RG_COLUMNS(FOUND_ROW)
       " FROM calendar_feed f"
       " JOIN resource r ON r.id = f.resource_id"
       " JOIN site s ON s.id = r.site_id"
       " WHERE f.token_hash = ? AND f.revoked_at = 0");

rg_outcome_t rg_feed_put(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id,
                         const unsigned char hash[32], const char *resource_code, const char *name)
{
    int64_t added = 0;
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, PUT,
                    RG_IN(RG_B(hash, 32), RG_S(name), RG_T(ctx->now), RG_S(resource_code)), &added);
    *id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc == RG_OK && added == 0 ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_feed_rows(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *out)
{
    return rg_sql_push(db, ctx, out, feed_row, ROWS, RG_IN_NONE);
}

rg_outcome_t rg_feed_end(rg_db_t *db, const rg_ctx_t *ctx, int64_t id)
{
    int64_t ended = 0;
    rg_outcome_t rc = rg_sql_exec(db, ctx, END, RG_IN(RG_T(ctx->now), RG_I(id)), &ended);
    return rc == RG_OK && ended == 0 ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_feed_find(rg_db_t *db, const rg_ctx_t *ctx, rg_feed_t **out,
                          const unsigned char hash[32])
{
    return rg_sql_new(db, ctx, out, found_row, FIND, RG_IN(RG_B(hash, 32)));
}

/* A booking that was never booked was only a hold. */
#define ENTRY_ROW(FIRST, COL)                                                                      \
    FIRST(STR, booking_uid, "b.uid")                                                               \
    COL(ENUM, status, "b.status", rg_booking_status_parse)                                         \
    COL(INT, version, "b.version")                                                                 \
    COL(TIME, changed_at, "b.changed_at")                                                          \
    COL(INT, step_no, "r.step_no")                                                                 \
    COL(TIME, from, "r.busy_from")                                                                 \
    COL(TIME, until, "r.busy_until")                                                               \
    COL(STR, room,                                                                                 \
        "(SELECT MIN(x.name) FROM booking_resource o JOIN resource x ON x.id = o.resource_id"      \
        " WHERE o.booking_id = b.id AND o.step_no = r.step_no AND x.kind = 'room')")
RG_ROW(entry_row, rg_feed_entry_t, ENTRY_ROW);
RG_SQL(ENTRIES,
       "SELECT " RG_COLUMNS(ENTRY_ROW)
       " FROM booking_resource r"
       " JOIN booking b ON b.id = r.booking_id"
       " WHERE r.resource_id = ? AND r.busy_from >= ? AND r.busy_from < ?"
       " AND b.booked_at IS NOT NULL AND (b.status IN ('booked', 'arrived', 'in-progress',"
       " 'completed') OR (b.status IN ('cancelled', 'no-show') AND b.changed_at >= ?))"
       " ORDER BY b.id, r.busy_from, r.step_no"
       " LIMIT ?");

rg_outcome_t rg_feed_entries(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *out,
                             int64_t resource_id, apr_time_t from, apr_time_t until,
                             apr_time_t since, int limit)
{
    return rg_sql_push(db, ctx, out, entry_row, ENTRIES,
                       RG_IN(RG_I(resource_id), RG_T(from), RG_T(until), RG_T(since), RG_I(limit)));
}
