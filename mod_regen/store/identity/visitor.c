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
    static const char PUT[] =
        "INSERT INTO visitor_session (token_hash, created_at, expires_at) VALUES (?, ?, ?)";
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, PUT, RG_IN(RG_B(hash, 32), RG_T(ctx->now), RG_T(expires)), NULL);
    *id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

rg_outcome_t rg_visitor_find(rg_db_t *db, rg_ctx_t *ctx, int64_t *id, const unsigned char hash[32])
{
    static const char FIND[] =
        "SELECT id FROM visitor_session WHERE token_hash = ? AND expires_at > ?";
    return rg_sql_number(db, ctx, id, FIND, RG_IN(RG_B(hash, 32), RG_T(ctx->now)));
}

rg_outcome_t rg_visitor_drop(rg_db_t *db, rg_ctx_t *ctx, int64_t id)
{
    static const char DROP[] = "DELETE FROM visitor_session WHERE id = ?";
    return rg_sql_exec(db, ctx, DROP, RG_IN(RG_I(id)), NULL);
}

/* --- what it may open ------------------------------------------------------------------------- */

static rg_outcome_t live_until(rg_db_t *db, rg_ctx_t *ctx, int64_t id, apr_time_t expires)
{
    static const char LATER[] =
        "UPDATE visitor_session SET expires_at = ? WHERE id = ? AND expires_at < ?";
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
    static const char ADD[] =
        "INSERT INTO visitor_booking (session_id, booking_id, opened) VALUES (?, ?, ?)"
        " ON DUPLICATE KEY UPDATE opened = GREATEST(opened, VALUES(opened))";
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(id), RG_I(booking_id), RG_I(opened)), NULL);
    return rc == RG_OK ? live_until(db, ctx, id, expires) : ended(db, rc);
}

rg_outcome_t rg_visitor_add_place(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int64_t waiter_id,
                                  apr_time_t expires)
{
    static const char ADD[] = "INSERT INTO visitor_place (session_id, waitlist_id) VALUES (?, ?)"
                              " ON DUPLICATE KEY UPDATE waitlist_id = waitlist_id";
    rg_outcome_t rc = rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(id), RG_I(waiter_id)), NULL);
    return rc == RG_OK ? live_until(db, ctx, id, expires) : ended(db, rc);
}

static void fill_booking(rg_cur_t *c, rg_ctx_t *ctx, rg_visitor_booking_t *b)
{
    *b = (rg_visitor_booking_t){.id = rg_cur_i64(c, 0),
                                .uid = rg_cur_str(c, 1),
                                .service_id = rg_cur_i64(c, 2),
                                .service_code = rg_cur_str(c, 3),
                                .service_name = rg_cur_str(c, 4),
                                .status =
                                    (rg_booking_status_t)rg_booking_status_parse(rg_cur_str(c, 5)),
                                .starts_at = rg_cur_time(c, 6),
                                .hold_expires_at = rg_cur_time(c, 7),
                                .was_booked = rg_cur_i64(c, 8) != 0,
                                .opened = rg_cur_i64(c, 9) != 0,
                                .zone = rg_zone_open(ctx->pool, rg_cur_str(c, 10))};
    if (!b->zone) { /* its site cannot be used now; the list can */
        b->zone = rg_zone_open(ctx->pool, "UTC");
    }
    if (b->status == RG_BOOKING_HELD && b->hold_expires_at <= ctx->now) {
        b->status = RG_BOOKING_EXPIRED;
    }
}

rg_outcome_t rg_visitor_bookings(rg_db_t *db, rg_ctx_t *ctx, rg_visitor_booking_t **out, int *count,
                                 int64_t id)
{
    static const char ALL[] =
        "SELECT b.id, b.uid, b.service_id, s.code, s.name, b.status, b.starts_at,"
        " b.hold_expires_at, b.booked_at IS NOT NULL, v.opened, l.time_zone FROM visitor_booking v"
        " JOIN booking b ON b.id = v.booking_id JOIN service s ON s.id = b.service_id"
        " JOIN site l ON l.id = b.site_id WHERE v.session_id = ? ORDER BY v.booking_id DESC"
        " LIMIT ?";
    rg_cur_t *c;
    *count = 0;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, ALL, RG_IN(RG_I(id), RG_I(RG_VISITOR_MAX)));
    if (rc != RG_OK) {
        return rc;
    }
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(rg_visitor_booking_t));
    while (rg_cur_next(c)) {
        fill_booking(c, ctx, apr_array_push(list));
    }
    *out = (rg_visitor_booking_t *)list->elts;
    *count = list->nelts;
    return rg_cur_end(c);
}

rg_outcome_t rg_visitor_places(rg_db_t *db, rg_ctx_t *ctx, rg_visitor_place_t **out, int *count,
                               int64_t id)
{
    static const char ALL[] =
        "SELECT w.id, w.uid, s.name, w.status IN ('waiting', 'offered') FROM visitor_place v"
        " JOIN waitlist w ON w.id = v.waitlist_id JOIN service s ON s.id = w.service_id"
        " WHERE v.session_id = ? ORDER BY v.waitlist_id DESC LIMIT ?";
    rg_cur_t *c;
    *count = 0;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, ALL, RG_IN(RG_I(id), RG_I(RG_VISITOR_MAX)));
    if (rc != RG_OK) {
        return rc;
    }
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(rg_visitor_place_t));
    while (rg_cur_next(c)) {
        rg_visitor_place_t *w = apr_array_push(list);
        w->id = rg_cur_i64(c, 0);
        w->uid = rg_cur_str(c, 1);
        w->service_name = rg_cur_str(c, 2);
        w->open = rg_cur_i64(c, 3) != 0;
    }
    *out = (rg_visitor_place_t *)list->elts;
    *count = list->nelts;
    return rg_cur_end(c);
}

/* --- the private link ------------------------------------------------------------------------- */

rg_outcome_t rg_booking_link_tries(rg_db_t *db, rg_ctx_t *ctx, int *wrong, int64_t booking_id)
{
    static const char TRIES[] = "SELECT wrong FROM booking_link WHERE booking_id = ?";
    int64_t n;
    rg_outcome_t rc = rg_sql_number(db, ctx, &n, TRIES, RG_IN(RG_I(booking_id)));
    *wrong = (int)n;
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

rg_outcome_t rg_booking_link_wrong(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id)
{
    static const char WRONG[] = "INSERT INTO booking_link (booking_id, wrong) VALUES (?, 1)"
                                " ON DUPLICATE KEY UPDATE wrong = wrong + 1";
    return rg_sql_exec(db, ctx, WRONG, RG_IN(RG_I(booking_id)), NULL);
}

rg_outcome_t rg_booking_link_right(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id)
{
    static const char RIGHT[] = "UPDATE booking_link SET wrong = 0 WHERE booking_id = ?";
    return rg_sql_exec(db, ctx, RIGHT, RG_IN(RG_I(booking_id)), NULL);
}

/* --- and no more ------------------------------------------------------------------------------ */

rg_outcome_t rg_visitor_shut_booking(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id)
{
    static const char SHUT[] = "DELETE FROM visitor_booking WHERE booking_id = ?";
    return rg_sql_exec(db, ctx, SHUT, RG_IN(RG_I(booking_id)), NULL);
}

rg_outcome_t rg_visitor_shut_place(rg_db_t *db, rg_ctx_t *ctx, int64_t waiter_id)
{
    static const char SHUT[] = "DELETE FROM visitor_place WHERE waitlist_id = ?";
    return rg_sql_exec(db, ctx, SHUT, RG_IN(RG_I(waiter_id)), NULL);
}
