/* SPDX-License-Identifier: Apache-2.0 */
/* Working hours, closures and deadlines.
 *
 * Each function is one business transaction. It takes the context first after its results, checks
 * that the caller may access the record (a patient's session only its own booking; anything else is
 * RG_NOT_FOUND), adds problems that a person can fix to ctx->problems, and writes an audit event
 * for every change in the same transaction. Results are allocated in ctx->pool. */
#ifndef REGEN_CLINIC_SCHEDULE_H
#define REGEN_CLINIC_SCHEDULE_H

#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/model/visit.h"

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

/* The weekly hours of a resource in consecutive local days. */
typedef struct {
    int resource, day; /* index on the board; day 0 is its first */
    apr_time_t from, until;
} rg_open_t;
/* … and a closure: the part of it that is on one day. */
typedef struct {
    int resource, day;
    apr_time_t from, until;
    int64_t closure_id;
    bool whole_site, whole_day;
    const char *kind, *reason; /* for staff: REASON was typed by somebody */
} rg_shut_t;
typedef struct {
    int open_count;
    rg_open_t *opens; /* by day, resource and time */
    int shut_count;
    rg_shut_t *shuts; /* likewise; closures may overlap each other */
} rg_presence_t;

/* Deadlines for the patient, as last instants; 0: not, or no longer. */
typedef struct {
    apr_time_t cancel_until, move_until;
} rg_deadlines_t;

/* --- deadlines.c: until when a patient may change a visit alone. Pure ------------------------- */

/* Of a held or booked booking, as seen at NOW; nothing of any other. */
rg_deadlines_t rg_deadlines(const rg_booking_t *b, const rg_service_t *s, apr_time_t now);
/* The deadlines, passed or not: to move a visit that begins at START, to cancel B. The latter is
 * the earlier of the service's deadline for the start and a deadline carried along by a move. */
apr_time_t rg_move_last(apr_time_t start, const rg_service_t *s);
apr_time_t rg_cancel_last(const rg_booking_t *b, const rg_service_t *s);
/* cancel_before of a booking that its patient moves at NOW: a passed deadline stays passed. A move
 * by staff carries none, because the clinic chose the time. */
apr_time_t rg_cancel_carried(const rg_booking_t *b, const rg_service_t *s, apr_time_t now);
apr_time_t rg_cancel_last_of_start(apr_time_t start, const rg_service_t *s);
/* The preparations for a visit that begins at START, with local days, in S's order. *COUNT of
 * them. */
rg_prepare_day_t *rg_preparing(int *count, apr_pool_t *p, const rg_service_t *s,
                               const rg_zone_t *zone, apr_time_t start, apr_time_t now);
/* Cancellation deadline and preparation of V, if it is the first visit of a booking. Independent of
 * the current time, so that a client that sends a resource back unchanged has changed nothing. */
void rg_visit_ahead(rg_visit_t *v, apr_pool_t *p, const rg_service_t *s, const rg_zone_t *zone);
/* Start of the first day from now on which a preparation for START begins; 0: none. For
 * messages. */
apr_time_t rg_preparing_first(const rg_service_t *s, const rg_zone_t *zone, apr_time_t start,
                              apr_time_t now);
/* Of the times that can be chosen at NOW, those before this instant cannot be cancelled online; if
 * B (NULL: a new booking) moves after its own deadline, none can. */
apr_time_t rg_cancel_firm_before(const rg_booking_t *b, const rg_service_t *s, apr_time_t now);

#endif
