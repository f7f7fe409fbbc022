/* SPDX-License-Identifier: Apache-2.0 */
/* Visitors' browsers: a session by the hash of its token, and which bookings and places on the
 * waitlist it may open. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

rg_outcome_t rg_visitor_put(rg_db_t *db, rg_ctx_t *ctx, int64_t *id, const unsigned char hash[32],
                            apr_time_t expires)
{
    RG_SQL(PUT,
           "INSERT INTO visitor_session (token_hash, created_at, expires_at)"
           " VALUES (?, ?, ?)");
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, PUT, RG_IN(RG_B(hash, 32), RG_T(ctx->now), RG_T(expires)), NULL);
    *id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

rg_outcome_t rg_visitor_find(rg_db_t *db, rg_ctx_t *ctx, int64_t *id, const unsigned char hash[32])
{
    RG_SQL(FIND, "SELECT id FROM visitor_session WHERE token_hash = ? AND expires_at > ?");
    return rg_sql_number(db, ctx, id, FIND, RG_IN(RG_B(hash, 32), RG_T(ctx->now)));
}

rg_outcome_t rg_visitor_drop(rg_db_t *db, rg_ctx_t *ctx, int64_t id)
{
    RG_SQL(DROP, "DELETE FROM visitor_session WHERE id = ?");
    return rg_sql_exec(db, ctx, DROP, RG_IN(RG_I(id)), NULL);
}

/* --- what it may open ------------------------------------------------------------------------- */

static rg_outcome_t live_until(rg_db_t *db, rg_ctx_t *ctx, int64_t id, apr_time_t expires)
{
    RG_SQL(LATER,
           "UPDATE visitor_session"
           " SET expires_at = ?"
           " WHERE id = ? AND expires_at < ?");
    return rg_sql_exec(db, ctx, LATER, RG_IN(RG_T(expires), RG_I(id), RG_T(expires)), NULL);
}

/* A session that ended meanwhile (somebody left in another tab) opens nothing any more. */
static rg_outcome_t ended(rg_db_t *db, rg_outcome_t rc)
{
    return rc == RG_PRECONDITION && rg_sql_error(db) == RG_SQL_FK ? RG_UNAUTHENTICATED : rc;
}

rg_outcome_t rg_visitor_add_booking(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int64_t booking_id,
                                    bool opened, apr_time_t expires)
{
    RG_SQL(ADD,
           "INSERT INTO visitor_booking (session_id, booking_id, opened)"
           " VALUES (?, ?, ?)"
           " ON DUPLICATE KEY UPDATE opened = GREATEST(opened, VALUES(opened))");
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(id), RG_I(booking_id), RG_I(opened)), NULL);
    return rc == RG_OK ? live_until(db, ctx, id, expires) : ended(db, rc);
}

rg_outcome_t rg_visitor_add_place(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int64_t waiter_id,
                                  apr_time_t expires)
{
    RG_SQL(ADD,
           "INSERT INTO visitor_place (session_id, waitlist_id)"
           " VALUES (?, ?)"
           " ON DUPLICATE KEY UPDATE waitlist_id = waitlist_id");
    rg_outcome_t rc = rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(id), RG_I(waiter_id)), NULL);
    return rc == RG_OK ? live_until(db, ctx, id, expires) : ended(db, rc);
}

/* A site that cannot be used now does not take its bookings from the list. */
static void see_now(rg_ctx_t *ctx, rg_visitor_booking_t *b)
{
    if (!b->zone) {
        b->zone = rg_zone_open(ctx->pool, "UTC");
    }
    if (b->status == RG_BOOKING_HELD && b->hold_expires_at <= ctx->now) {
        b->status = RG_BOOKING_EXPIRED;
    }
}

#define BOOKING_ROW(FIRST, COL)                                                                    \
    FIRST(I64, id, "b.id")                                                                         \
    COL(STR, uid, "b.uid")                                                                         \
    COL(I64, service_id, "b.service_id")                                                           \
    COL(STR, service_code, "s.code")                                                               \
    COL(STR, service_name, "s.name")                                                               \
    COL(ENUM, status, "b.status", rg_booking_status_parse)                                         \
    COL(TIME, starts_at, "b.starts_at")                                                            \
    COL(TIME, hold_expires_at, "b.hold_expires_at")                                                \
    COL(BOOL, was_booked, "b.booked_at IS NOT NULL")                                               \
    COL(BOOL, opened, "v.opened")                                                                  \
    COL(MADE, zone, "l.time_zone", rg_zone_open)
RG_ROW(booking_row, rg_visitor_booking_t, BOOKING_ROW);

rg_outcome_t rg_visitor_bookings(rg_db_t *db, rg_ctx_t *ctx, rg_visitor_booking_t **out, int *count,
                                 int64_t id)
{
    RG_SQL(ALL,
           "SELECT " RG_COLUMNS(BOOKING_ROW)
           " FROM visitor_booking v"
           " JOIN booking b ON b.id = v.booking_id"
           " JOIN service s ON s.id = b.service_id"
           " JOIN site l ON l.id = b.site_id"
           " WHERE v.session_id = ?"
           " ORDER BY v.booking_id DESC"
           " LIMIT ?");
    RG_TRY(
        rg_sql_list(db, ctx, out, count, booking_row, ALL, RG_IN(RG_I(id), RG_I(RG_VISITOR_MAX))));
    for (int i = 0; i < *count; i++) {
        see_now(ctx, &(*out)[i]);
    }
    return RG_OK;
}

#define PLACE_ROW(FIRST, COL)                                                                      \
    FIRST(I64, id, "w.id")                                                                         \
    COL(STR, uid, "w.uid")                                                                         \
    COL(STR, service_name, "s.name")                                                               \
    COL(BOOL, open, "w.status IN ('waiting', 'offered')")
RG_ROW(place_row, rg_visitor_place_t, PLACE_ROW);

rg_outcome_t rg_visitor_places(rg_db_t *db, rg_ctx_t *ctx, rg_visitor_place_t **out, int *count,
                               int64_t id)
{
    RG_SQL(ALL,
           "SELECT " RG_COLUMNS(PLACE_ROW)
           " FROM visitor_place v"
           " JOIN waitlist w ON w.id = v.waitlist_id"
           " JOIN service s ON s.id = w.service_id"
           " WHERE v.session_id = ?"
           " ORDER BY v.waitlist_id DESC"
           " LIMIT ?");
    return rg_sql_list(db, ctx, out, count, place_row, ALL, RG_IN(RG_I(id), RG_I(RG_VISITOR_MAX)));
}

/* --- the private link ------------------------------------------------------------------------- */

rg_outcome_t rg_booking_link_tries(rg_db_t *db, rg_ctx_t *ctx, int *wrong, int64_t booking_id)
{
    RG_SQL(TRIES, "SELECT wrong FROM booking_link WHERE booking_id = ?");
    int64_t n;
    rg_outcome_t rc = rg_sql_number(db, ctx, &n, TRIES, RG_IN(RG_I(booking_id)));
    *wrong = (int)n;
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

rg_outcome_t rg_booking_link_wrong(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id)
{
    RG_SQL(WRONG,
           "INSERT INTO booking_link (booking_id, wrong)"
           " VALUES (?, 1)"
           " ON DUPLICATE KEY UPDATE wrong = wrong + 1");
    return rg_sql_exec(db, ctx, WRONG, RG_IN(RG_I(booking_id)), NULL);
}

rg_outcome_t rg_booking_link_right(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id)
{
    RG_SQL(RIGHT, "UPDATE booking_link SET wrong = 0 WHERE booking_id = ?");
    return rg_sql_exec(db, ctx, RIGHT, RG_IN(RG_I(booking_id)), NULL);
}

/* --- and no more ------------------------------------------------------------------------------ */

rg_outcome_t rg_visitor_shut_booking(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id)
{
    RG_SQL(SHUT, "DELETE FROM visitor_booking WHERE booking_id = ?");
    return rg_sql_exec(db, ctx, SHUT, RG_IN(RG_I(booking_id)), NULL);
}

rg_outcome_t rg_visitor_shut_place(rg_db_t *db, rg_ctx_t *ctx, int64_t waiter_id)
{
    RG_SQL(SHUT, "DELETE FROM visitor_place WHERE waitlist_id = ?");
    return rg_sql_exec(db, ctx, SHUT, RG_IN(RG_I(waiter_id)), NULL);
}
