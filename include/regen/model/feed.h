/* SPDX-License-Identifier: Apache-2.0 */
/* Private iCalendar feeds. */
#ifndef REGEN_MODEL_FEED_H
#define REGEN_MODEL_FEED_H

#include <stdint.h>

#include <apr_time.h>

#include "regen/model/booking.h"
#include "regen/model/place.h"

/* A private iCalendar feed of one resource, without its token. */
typedef struct {
    int64_t id;
    const char *name; /* whose phone or program; "" */
    const char *resource_code;
    apr_time_t created_at, revoked_at; /* 0: never */
} rg_feed_row_t;
/* One period that a booking occupies of the resource, with setup and turnover. */
typedef struct {
    const char *booking_uid;
    rg_booking_status_t status; /* booked to completed; cancelled or no-show: released recently */
    int version;                /* of the booking */
    apr_time_t changed_at;
    int step_no; /* its first step: distinguishes the periods of one booking */
    apr_time_t from, until;
    const char *room; /* where that is; "" */
} rg_feed_entry_t;
typedef struct {
    rg_resource_t resource; /* id, uid, name, kind */
    const char *site_name;
    int count;
    rg_feed_entry_t *entries;
} rg_feed_t;

#endif
