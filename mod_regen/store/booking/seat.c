/* SPDX-License-Identifier: Apache-2.0 */
/* Seats of a day, for services with a limit per day. The key (service, day, seat) enforces the
 * limit: of two requests for the last seat one meets a duplicate key, on any node. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"

enum { SEATS_MOST = 65535 };

typedef struct {
    int64_t seat;
} seat_t;

#define SEAT_ROW(FIRST, COL) FIRST(I64, seat, "seat")
RG_ROW(seat_row, seat_t, SEAT_ROW);
RG_SQL(TAKEN,
       "SELECT " RG_COLUMNS(SEAT_ROW)
       " FROM service_day"
       " WHERE service_id = ? AND day = ?");
RG_SQL(SIT,
       "INSERT INTO service_day (service_id, day, seat, booking_id)"
       " VALUES (?, ?, ?, ?)");

/* TAKEN_SEATS[i]: seat i + 1 was taken when it was read. */

static rg_outcome_t read_seats(rg_db_t *db, const rg_ctx_t *ctx, int64_t service_id,
                               const char *day, bool *taken_seats, int limit)
{
    rg_cur_t *c;
    seat_t row;
    RG_TRY(rg_sql_query(db, ctx, &c, TAKEN, RG_IN(RG_I(service_id), RG_S(day))));
    while (rg_cur_row(c, seat_row, &row)) {
        if (row.seat >= 1 && row.seat <= limit) {
            taken_seats[row.seat - 1] = true;
        }
    }
    return rg_cur_end(c);
}

/* A duplicate rolls back only its own statement, so the next seat can be tried in the same
 * transaction. A concurrent transaction waits for the first one to commit, and then tries the next
 * seat, too. */
rg_outcome_t rg_calendar_seat(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                              int64_t service_id, rg_date_t day, int limit)
{
    if (limit <= 0) {
        return RG_OK;
    }
    const char *iso = rg_date_iso(ctx->pool, day);
    bool *taken = apr_pcalloc(ctx->pool, sizeof(*taken) * (size_t)limit);
    rg_outcome_t rc = read_seats(db, ctx, service_id, iso, taken, limit);
    if (rc != RG_OK) {
        return rc;
    }
    for (int seat = 1; seat <= limit; seat++) {
        if (taken[seat - 1]) {
            continue;
        }
        rc = rg_sql_exec(db, ctx, SIT,
                         RG_IN(RG_I(service_id), RG_S(iso), RG_I(seat), RG_I(booking_id)), NULL);
        if (rc != RG_CONFLICT) {
            return rc;
        }
    }
    return RG_CONFLICT;
}

RG_SQL(STAND_UP, "DELETE FROM service_day WHERE booking_id = ? AND day <> ?");
RG_SQL(SITS, "SELECT seat FROM service_day WHERE booking_id = ?");

rg_outcome_t rg_calendar_seat_shift(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                    int64_t service_id, rg_date_t day, int limit)
{
    bool sits;
    rg_outcome_t rc = rg_sql_exec(db, ctx, STAND_UP,
                                  RG_IN(RG_I(booking_id), RG_S(rg_date_iso(ctx->pool, day))), NULL);
    if (rc != RG_OK || limit <= 0) {
        return rc;
    }
    RG_TRY(rg_sql_any(db, ctx, &sits, SITS, RG_IN(RG_I(booking_id))));
    return sits ? RG_OK : rg_calendar_seat(db, ctx, booking_id, service_id, day, limit);
}

typedef struct {
    int64_t booking_id;
    apr_time_t starts_at;
} standing_t;

#define STANDING_ROW(FIRST, COL)                                                                   \
    FIRST(I64, booking_id, "b.id")                                                                 \
    COL(TIME, starts_at, "b.starts_at")
RG_ROW(standing_row, standing_t, STANDING_ROW);
RG_SQL(STANDING,
       "SELECT " RG_COLUMNS(STANDING_ROW)
       " FROM booking b"
       " WHERE b.service_id = ? AND b.starts_at >= ?"
       " AND b.status IN ('held', 'booked', 'arrived', 'in-progress', 'completed')"
       " AND NOT EXISTS (SELECT 1 FROM service_day d WHERE d.booking_id = b.id)"
       " ORDER BY b.starts_at, b.id");

rg_outcome_t rg_calendar_seats_fill(rg_db_t *db, const rg_ctx_t *ctx, int64_t service_id,
                                    const rg_zone_t *zone, int *filled)
{
    standing_t *rows;
    int count;
    *filled = 0;
    RG_TRY(rg_sql_list(db, ctx, &rows, &count, standing_row, STANDING,
                       RG_IN(RG_I(service_id), RG_T(ctx->now))));
    for (int i = 0; i < count; i++) {
        rg_date_t day = rg_zone_local(zone, rows[i].starts_at).date;
        RG_TRY(rg_calendar_seat(db, ctx, rows[i].booking_id, service_id, day, SEATS_MOST));
        (*filled)++;
    }
    return RG_OK;
}
