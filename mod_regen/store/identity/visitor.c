/* SPDX-License-Identifier: Apache-2.0 */
/* Visitors' browsers: a session by the hash of its token, and which bookings and waitlist entries
 * it may open. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

#include <stdlib.h>

rg_outcome_t rg_visitor_put(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id,
                            const unsigned char hash[32], apr_time_t expires)
{
    RG_SQL(PUT,
           "INSERT INTO visitor_session (token_hash, created_at, expires_at)"
           " VALUES (?, ?, ?)");
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, PUT, RG_IN(RG_B(hash, 32), RG_T(ctx->now), RG_T(expires)), NULL);
    *id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

rg_outcome_t rg_visitor_drop(rg_db_t *db, const rg_ctx_t *ctx, int64_t id)
{
    RG_SQL(DROP, "DELETE FROM visitor_session WHERE id = ?");
    return rg_sql_exec(db, ctx, DROP, RG_IN(RG_I(id)), NULL);
}

/* --- what it may open ------------------------------------------------------------------------- */

static rg_outcome_t live_until(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, apr_time_t expires)
{
    RG_SQL(LATER,
           "UPDATE visitor_session"
           " SET expires_at = ?"
           " WHERE id = ? AND expires_at < ?");
    if (expires == 0) {
        return RG_OK;
    }
    return rg_sql_exec(db, ctx, LATER, RG_IN(RG_T(expires), RG_I(id), RG_T(expires)), NULL);
}

/* A session that ended in the meantime (somebody left in another tab) opens nothing anymore. */
static rg_outcome_t session_ended(rg_db_t *db, rg_outcome_t rc)
{
    return rc == RG_PRECONDITION && rg_sql_error(db) == RG_SQL_FK ? RG_UNAUTHENTICATED : rc;
}

rg_outcome_t rg_visitor_add_booking(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                                    int64_t booking_id, bool opened, apr_time_t expires)
{
    RG_SQL(ADD,
           "INSERT INTO visitor_booking (session_id, booking_id, opened)"
           " VALUES (?, ?, ?)"
           " ON DUPLICATE KEY UPDATE opened = GREATEST(opened, VALUES(opened))");
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(id), RG_I(booking_id), RG_I(opened)), NULL);
    return rc == RG_OK ? live_until(db, ctx, id, expires) : session_ended(db, rc);
}

rg_outcome_t rg_visitor_add_place(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int64_t waiter_id,
                                  apr_time_t expires)
{
    RG_SQL(ADD,
           "INSERT INTO visitor_place (session_id, waitlist_id)"
           " VALUES (?, ?)"
           " ON DUPLICATE KEY UPDATE waitlist_id = waitlist_id");
    rg_outcome_t rc = rg_sql_exec(db, ctx, ADD, RG_IN(RG_I(id), RG_I(waiter_id)), NULL);
    return rc == RG_OK ? live_until(db, ctx, id, expires) : session_ended(db, rc);
}

/* --- the session and all of it --------------------------------------------------------------- */

/* The session's own row, its bookings and its places in one statement: rows of three kinds. Of a
 * place there are uid, the service's name and, as "opened", whether it is open. UNION ALL promises
 * no order, so that is made here. */
enum { A_SESSION = 1, A_BOOKING = 2, A_PLACE = 3 };

typedef struct {
    int what;
    rg_visitor_booking_t b;
} seen_t;

#define SEEN_ROW(FIRST, COL, what_, id_, uid_, service_id_, code_, name_, status_, starts_, hold_, \
                 booked_, opened_, zone_)                                                          \
    FIRST(INT, what, what_)                                                                        \
    COL(I64, b.id, id_)                                                                            \
    COL(STR, b.uid, uid_)                                                                          \
    COL(I64, b.service_id, service_id_)                                                            \
    COL(STR, b.service_code, code_)                                                                \
    COL(STR, b.service_name, name_)                                                                \
    COL(ENUM, b.status, status_, rg_booking_status_parse)                                          \
    COL(TIME, b.starts_at, starts_)                                                                \
    COL(TIME, b.hold_expires_at, hold_)                                                            \
    COL(BOOL, b.was_booked, booked_)                                                               \
    COL(BOOL, b.opened, opened_)                                                                   \
    COL(MADE, b.zone, zone_, zone_or_none)
#define SESSION_SEEN(FIRST, COL)                                                                   \
    SEEN_ROW(FIRST, COL, "1", "s.id", "''", "0", "''", "''", "''", "0", "0", "0", "0", "''")
#define BOOKING_SEEN(FIRST, COL)                                                                   \
    SEEN_ROW(FIRST, COL, "2", "b.id", "b.uid", "b.service_id", "x.code", "x.name", "b.status",     \
             "b.starts_at", "b.hold_expires_at", "b.booked_at IS NOT NULL", "v.opened",            \
             "l.time_zone")
#define PLACE_SEEN(FIRST, COL)                                                                     \
    SEEN_ROW(FIRST, COL, "3", "w.id", "w.uid", "0", "''", "x.name", "''", "0", "0", "0",           \
             "w.status IN ('waiting', 'offered')", "''")

static rg_zone_t *zone_or_none(apr_pool_t *p, const char *name)
{
    return *name ? rg_zone_open(p, name) : NULL;
}

RG_ROW(seen_row, seen_t, SESSION_SEEN);

#define SEEN_BY(who)                                                                               \
    RG_SQL_PART("SELECT " RG_COLUMNS(SESSION_SEEN) \
                " FROM visitor_session s" \
                " WHERE " who " AND s.expires_at > ?" \
                " UNION ALL" \
                " (SELECT " RG_COLUMNS(BOOKING_SEEN) \
                " FROM visitor_session s" \
                " JOIN visitor_booking v ON v.session_id = s.id" \
                " JOIN booking b ON b.id = v.booking_id" \
                " JOIN service x ON x.id = b.service_id" \
                " JOIN site l ON l.id = b.site_id" \
                " WHERE " who " AND s.expires_at > ?" \
                " ORDER BY v.booking_id DESC" \
                " LIMIT ?)" \
                " UNION ALL" \
                " (SELECT " RG_COLUMNS(PLACE_SEEN) \
                " FROM visitor_session s" \
                " JOIN visitor_place v ON v.session_id = s.id" \
                " JOIN waitlist w ON w.id = v.waitlist_id" \
                " JOIN service x ON x.id = w.service_id" \
                " WHERE " who " AND s.expires_at > ?" \
                " ORDER BY v.waitlist_id DESC" \
                " LIMIT ?)")
RG_SQL(BY_HASH, SEEN_BY("s.token_hash = ?"));
RG_SQL(BY_ID, SEEN_BY("s.id = ?"));

static int newest_first(const void *x, const void *y)
{
    const seen_t *p = x;
    const seen_t *q = y;
    if (p->what != q->what) {
        return p->what < q->what ? -1 : 1;
    }
    return p->b.id > q->b.id ? -1 : p->b.id < q->b.id;
}

/* A site that cannot be used now does not take its bookings from the list. */
static void see_now(const rg_ctx_t *ctx, rg_visitor_booking_t *b)
{
    if (!b->zone) {
        b->zone = rg_zone_open(ctx->pool, "UTC");
    }
    if (b->status == RG_BOOKING_HELD && b->hold_expires_at <= ctx->now) {
        b->status = RG_BOOKING_EXPIRED;
    }
}

static void add(rg_visitor_list_t *out, const rg_ctx_t *ctx, const seen_t *seen)
{
    const rg_visitor_booking_t *b = &seen->b;
    switch (seen->what) {
    case A_SESSION: out->session_id = b->id; break;
    case A_BOOKING:
        out->bookings[out->booking_count] = *b;
        see_now(ctx, &out->bookings[out->booking_count++]);
        break;
    default:
        out->places[out->place_count++] = (rg_visitor_place_t){
            .id = b->id, .uid = b->uid, .service_name = b->service_name, .open = b->opened};
    }
}

static rg_outcome_t see(rg_db_t *db, const rg_ctx_t *ctx, rg_visitor_list_t *out, const char *sql,
                        rg_bind_t key)
{
    const rg_bind_t now = RG_T(ctx->now);
    const rg_bind_t most = RG_I(RG_VISITOR_MAX);
    const rg_bind_t in[] = {key, now, key, now, most, key, now, most};
    seen_t *rows;
    int count;
    *out = (rg_visitor_list_t){0};
    RG_TRY(rg_sql_list(db, ctx, &rows, &count, seen_row, sql, in, sizeof(in) / sizeof(*in)));
    if (count > 1) {
        qsort(rows, (size_t)count, sizeof(*rows), newest_first);
    }
    out->bookings = apr_palloc(ctx->pool, sizeof(*out->bookings) * (size_t)(count + 1));
    out->places = apr_palloc(ctx->pool, sizeof(*out->places) * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        add(out, ctx, &rows[i]);
    }
    return out->session_id > 0 ? RG_OK : RG_NOT_FOUND;
}

rg_outcome_t rg_visitor_find(rg_db_t *db, const rg_ctx_t *ctx, rg_visitor_list_t *out,
                             const unsigned char hash[32])
{
    return see(db, ctx, out, BY_HASH, RG_B(hash, 32));
}

rg_outcome_t rg_visitor_read(rg_db_t *db, const rg_ctx_t *ctx, rg_visitor_list_t *out, int64_t id)
{
    return see(db, ctx, out, BY_ID, RG_I(id));
}

/* --- the private link ------------------------------------------------------------------------- */

rg_outcome_t rg_booking_link_tries(rg_db_t *db, const rg_ctx_t *ctx, int *wrong, int64_t booking_id)
{
    RG_SQL(TRIES, "SELECT wrong FROM booking_link WHERE booking_id = ?");
    int64_t n;
    rg_outcome_t rc = rg_sql_number(db, ctx, &n, TRIES, RG_IN(RG_I(booking_id)));
    *wrong = (int)n;
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

rg_outcome_t rg_booking_link_wrong(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id)
{
    RG_SQL(WRONG,
           "INSERT INTO booking_link (booking_id, wrong)"
           " VALUES (?, 1)"
           " ON DUPLICATE KEY UPDATE wrong = wrong + 1");
    return rg_sql_exec(db, ctx, WRONG, RG_IN(RG_I(booking_id)), NULL);
}

rg_outcome_t rg_booking_link_right(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id)
{
    RG_SQL(RIGHT, "UPDATE booking_link SET wrong = 0 WHERE booking_id = ?");
    return rg_sql_exec(db, ctx, RIGHT, RG_IN(RG_I(booking_id)), NULL);
}

/* --- and no more ------------------------------------------------------------------------------ */

rg_outcome_t rg_visitor_shut_booking(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id)
{
    RG_SQL(SHUT, "DELETE FROM visitor_booking WHERE booking_id = ?");
    return rg_sql_exec(db, ctx, SHUT, RG_IN(RG_I(booking_id)), NULL);
}

rg_outcome_t rg_visitor_shut_place(rg_db_t *db, const rg_ctx_t *ctx, int64_t waiter_id)
{
    RG_SQL(SHUT, "DELETE FROM visitor_place WHERE waitlist_id = ?");
    return rg_sql_exec(db, ctx, SHUT, RG_IN(RG_I(waiter_id)), NULL);
}
