/* SPDX-License-Identifier: Apache-2.0 */
/* Seats of a day, for services that may begin only so often on one. The key (service, day, seat)
 * is the limit: of two who want the last seat one meets a duplicate, on any node. */
#include "mod_regen/store/engine/sql.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"

enum { SEATS_MOST = 65535 };

static const char TAKEN[] = "SELECT seat FROM service_day WHERE service_id = ? AND day = ?";
static const char SIT[] =
    "INSERT INTO service_day (service_id, day, seat, booking_id) VALUES (?, ?, ?, ?)";

/* TAKEN_SEATS[i]: seat i + 1 was taken when we looked. */
static rg_outcome_t look(rg_db_t *db, rg_ctx_t *ctx, int64_t service_id, const char *day,
                         bool *taken_seats, int limit)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, TAKEN, RG_IN(RG_I(service_id), RG_S(day)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        int64_t seat = rg_cur_i64(c, 0);
        if (seat >= 1 && seat <= limit) {
            taken_seats[seat - 1] = true;
        }
    }
    return rg_cur_end(c);
}

/* A duplicate takes back its own statement only, so the next seat can be tried in the same
 * transaction. Who comes at the same moment waits for the first to commit, and then tries the next
 * seat, too. */
rg_outcome_t rg_calendar_seat(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int64_t service_id,
                              rg_date_t day, int limit)
{
    if (limit <= 0) {
        return RG_OK;
    }
    const char *iso = rg_date_iso(ctx->pool, day);
    bool *taken = apr_pcalloc(ctx->pool, sizeof(*taken) * (size_t)limit);
    rg_outcome_t rc = look(db, ctx, service_id, iso, taken, limit);
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

static const char STAND_UP[] = "DELETE FROM service_day WHERE booking_id = ? AND day <> ?";
static const char SITS[] = "SELECT seat FROM service_day WHERE booking_id = ?";

rg_outcome_t rg_calendar_seat_shift(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id,
                                    int64_t service_id, rg_date_t day, int limit)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_exec(db, ctx, STAND_UP,
                                  RG_IN(RG_I(booking_id), RG_S(rg_date_iso(ctx->pool, day))), NULL);
    if (rc != RG_OK || limit <= 0) {
        return rc;
    }
    rc = rg_sql_query(db, ctx, &c, SITS, RG_IN(RG_I(booking_id)));
    if (rc != RG_OK) {
        return rc;
    }
    bool sits = rg_cur_next(c);
    rc = rg_cur_end(c);
    return rc == RG_OK && !sits ? rg_calendar_seat(db, ctx, booking_id, service_id, day, limit)
                                : rc;
}

static const char STANDING[] =
    "SELECT b.id, b.starts_at FROM booking b WHERE b.service_id = ? AND b.starts_at >= ?"
    " AND b.status IN ('held', 'booked', 'arrived', 'in-progress', 'completed')"
    " AND NOT EXISTS (SELECT 1 FROM service_day d WHERE d.booking_id = b.id)"
    " ORDER BY b.starts_at, b.id";

rg_outcome_t rg_calendar_seats_fill(rg_db_t *db, rg_ctx_t *ctx, int64_t service_id,
                                    const rg_zone_t *zone, int *filled)
{
    rg_cur_t *c;
    *filled = 0;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, STANDING, RG_IN(RG_I(service_id), RG_T(ctx->now)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rc == RG_OK && rg_cur_next(c)) {
        rg_date_t day = rg_zone_local(zone, rg_cur_time(c, 1)).date;
        rc = rg_calendar_seat(db, ctx, rg_cur_i64(c, 0), service_id, day, SEATS_MOST);
        *filled += rc == RG_OK;
    }
    rg_outcome_t end = rg_cur_end(c);
    return rc == RG_OK ? end : rc;
}
