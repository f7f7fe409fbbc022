/* SPDX-License-Identifier: Apache-2.0 */
/* Occupied time: occupancy, the read model of free time, seats. */
#ifndef REGEN_STORE_CALENDAR_H
#define REGEN_STORE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/store/store.h"

/* --- calendar.c ------------------------------------------------------------------------------- */

/* One resource's occupied granules of one UTC day; bit g of the day is bit g % 64 of w[g / 64]. */
typedef struct {
    int64_t resource_id;
    int day; /* unix seconds / RG_DAY_SEC */
    uint64_t w[5];
} rg_day_bits_t;
/* What every search must also know: the version of the definitions, whether holds have expired, and
 * the change count of the calendar. While CHANGES is the same, occupied time and seats are the
 * same: the count increases in the transaction of every change, and both are read from one
 * snapshot. */
typedef struct {
    uint64_t clinic_version;
    bool expired_holds;
    uint64_t changes;
} rg_look_t;
/* That alone: one statement of constant cost. */
rg_outcome_t rg_calendar_look(rg_db_t *db, const rg_ctx_t *ctx, rg_look_t *out);
/* What a search reads: RESOURCES (ascending) on UTC days first..last and, for a service with a
 * daily limit, its seats on local days (SERVICE_ID 0: no limit). */
typedef struct {
    const int64_t *resources;
    int resource_count;
    int first_day, last_day;
    int64_t service_id;
    rg_date_t first_local, last_local;
} rg_calendar_ask_t;
typedef struct {
    int day; /* rg_date_days of the site's local day */
    int taken;
} rg_seats_t;
typedef struct {
    rg_look_t look;
    rg_day_bits_t *days; /* in no order; without days that have no occupancy */
    int day_count;
    rg_seats_t *seats; /* likewise */
    int seat_count;
} rg_calendar_t;
/* All of it in one statement. */
rg_outcome_t rg_calendar_taken(rg_db_t *db, const rg_ctx_t *ctx, rg_calendar_t *out,
                               const rg_calendar_ask_t *ask);

/* A resource is occupied for granules [from, until). */
typedef struct {
    int64_t resource_id;
    int64_t from, until;
} rg_span_t;
/* Sorts by resource and time, joins adjacent and overlapping spans; returns their number. */
int rg_spans_merge(rg_span_t *spans, int count);
/* Occupies the spans for the booking in occupancy and read model. RG_CONFLICT when a granule is
 * taken. SPANS must be merged. */
rg_outcome_t rg_calendar_take(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                              const rg_span_t *spans, int count);
/* Releases OLD (all of the booking's time) and occupies NEW, in this order for the keys but in one
 * pass over the read model: a granule of both never looks free to anybody. RG_CONFLICT when a
 * granule is taken. Both must be merged. */
rg_outcome_t rg_calendar_shift(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                               const rg_span_t *old, int old_count, const rg_span_t *spans,
                               int count);
/* Releases all time of the booking, in occupancy and read model, and its seat. */
rg_outcome_t rg_calendar_free(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id);

/* --- seat.c ----------------------------------------------------------------------------------- */

/* One of LIMIT seats of the local DAY on which a booking of the service begins, taken in the
 * transaction that occupies its time (rg_booking_insert does it, from the booking's day and
 * day_limit). LIMIT 0: no seat is needed. RG_CONFLICT if the day is full. */
rg_outcome_t rg_calendar_seat(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                              int64_t service_id, rg_date_t day, int limit);
/* The same for a booking that moves: its seat of another day is released; a seat of DAY is kept. */
rg_outcome_t rg_calendar_seat_shift(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                    int64_t service_id, rg_date_t day, int limit);
/* Adds seats for live future bookings of the service that have none, because it had no limit when
 * they were made: beyond the limit if necessary. *FILLED counts them. */
rg_outcome_t rg_calendar_seats_fill(rg_db_t *db, const rg_ctx_t *ctx, int64_t service_id,
                                    const rg_zone_t *zone, int *filled);

/* --- calendar.c ------------------------------------------------------------------------------- */

/* Resource and day where read model and occupancy differ (the words are unset), at most LIMIT; some
 * may be corrected already. */
rg_outcome_t rg_calendar_differences(rg_db_t *db, const rg_ctx_t *ctx, rg_day_bits_t **out,
                                     int *count, int limit);
/* Rebuilds one day of one resource from occupancy, in a transaction; *WRONG: it was wrong. */
rg_outcome_t rg_calendar_repair(rg_db_t *db, const rg_ctx_t *ctx, int64_t resource_id, int day,
                                bool *wrong);

#endif
