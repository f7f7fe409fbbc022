/* SPDX-License-Identifier: Apache-2.0 */
/* Who is there, and when it is closed.
 *
 * One function is one business transaction. Each takes the context first after its results,
 * checks the caller's right to the record itself (a patient's session reaches its own booking
 * only; anything else answers RG_NOT_FOUND), adds to ctx->problems what a person can mend, and
 * writes an audit event in the same transaction for every change. Results live in ctx->pool. */
#ifndef REGEN_CLINIC_SCHEDULE_H
#define REGEN_CLINIC_SCHEDULE_H

#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/model/visit.h"

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

/* When somebody or something is there by its weekly hours, in local days that follow each other. */
typedef struct {
    int resource, day; /* places in the board; day 0 is its first */
    apr_time_t from, until;
} rg_open_t;
/* … and when it is closed all the same: that part of a closure which lies in one day. */
typedef struct {
    int resource, day;
    apr_time_t from, until;
    int64_t closure_id;
    bool whole_site, whole_day;
    const char *kind, *reason; /* for staff: REASON is what somebody typed */
} rg_shut_t;
typedef struct {
    int open_count;
    rg_open_t *opens; /* by day, resource and time */
    int shut_count;
    rg_shut_t *shuts; /* likewise; closures may overlap each other */
} rg_presence_t;

/* Until when the patient may do it alone: last instants; 0: not, or not any more. */
typedef struct {
    apr_time_t cancel_until, move_until;
} rg_deadlines_t;

/* --- deadlines.c: until when a patient may change a visit alone. Pure ------------------------- */

/* Of a held or booked booking, as seen at NOW; nothing of any other. */
rg_deadlines_t rg_deadlines(const rg_booking_t *b, const rg_service_t *s, apr_time_t now);
/* The last instants themselves, passed or not: to move what begins at START, to cancel B. The
 * latter is the earlier of what the service says for the start and what a move carried along. */
apr_time_t rg_move_last(apr_time_t start, const rg_service_t *s);
apr_time_t rg_cancel_last(const rg_booking_t *b, const rg_service_t *s);
/* cancel_before of a booking that its patient moves at NOW: a deadline that passed stays passed. A
 * move by staff carries none, because then the clinic chose the time. */
apr_time_t rg_cancel_carried(const rg_booking_t *b, const rg_service_t *s, apr_time_t now);
apr_time_t rg_cancel_last_of_start(apr_time_t start, const rg_service_t *s);
/* What is to be done or stopped for a visit that begins at START, with its local days; S's order.
 * *COUNT of them. */
rg_prepare_day_t *rg_preparing(int *count, apr_pool_t *p, const rg_service_t *s,
                               const rg_zone_t *zone, apr_time_t start, apr_time_t now);
/* Cancellation and preparation of V, where it is the first visit of what is booked: the same at any
 * time of asking, so that who sends a resource back as it came has changed nothing. */
void rg_visit_ahead(rg_visit_t *v, apr_pool_t *p, const rg_service_t *s, const rg_zone_t *zone);
/* Local days that must lie between today and a start, because S refuses what would be too late; 0:
 * none. */
int rg_preparing_days(const rg_service_t *s);
/* Begin of the first day that is still to come on which something begins for START; 0: none. For
 * messages. */
apr_time_t rg_preparing_first(const rg_service_t *s, const rg_zone_t *zone, apr_time_t start,
                              apr_time_t now);
/* Of the times that can be chosen at NOW, those before this one cannot be cancelled online; where B
 * (NULL: a new booking) moves there after its own deadline, none can. */
apr_time_t rg_cancel_firm_before(const rg_booking_t *b, const rg_service_t *s, apr_time_t now);

#endif
