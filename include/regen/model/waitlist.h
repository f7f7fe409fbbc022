/* SPDX-License-Identifier: Apache-2.0 */
/* Waitlist entries. */
#ifndef REGEN_MODEL_WAITLIST_H
#define REGEN_MODEL_WAITLIST_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/time.h"

/* The words of waitlist.status. */
typedef enum {
    RG_WAITER_WAITING,
    RG_WAITER_OFFERED,
    RG_WAITER_TAKEN,
    RG_WAITER_CLOSED
} rg_waiter_status_t;
#define RG_WAITER_STATUSES (RG_WAITER_CLOSED + 1)
const char *rg_waiter_status_name(rg_waiter_status_t s);
int rg_waiter_status_parse(const char *s);

/* Times of day somebody can come: bit 4 * (ISO weekday - 1) + part. */
#define RG_DAY_PARTS 4
int rg_day_part(
    int minute); /* of a local minute: 0 before 10:00, 1 before 12:00, 2 before 15:00, 3 later */

/* Somebody on the waitlist, and the time that is kept for them. */
typedef struct {
    int64_t id;
    const char *uid;
    int64_t service_id, practitioner_id; /* 0: any */
    const char *practitioner_name;       /* "": any */
    rg_date_t first_day, last_day;
    unsigned times; /* bits as above */
    const char *family, *given, *email, *phone;
    const char *source; /* "patient", "staff" */
    const char *client; /* whom a new place is counted to; NULL: nobody, and where it is read */
    rg_waiter_status_t status;
    const char *closed_why; /* "", "expired", "withdrawn", "removed", "unanswered" */
    bool behind;            /* an earlier place of the same person counts */
    int missed;
    apr_time_t created_at;
    int64_t offer_booking_id; /* the open or taken one; 0: none */
    const char *offer_booking_uid;
    apr_time_t offer_starts_at, offer_ends_at;
    apr_time_t offer_until; /* 0 unless it is held */
} rg_waiter_t;
/* A list of the desk is counted and leafed through up to here: counting years of messages would
 * read them all. */
#define RG_LIST_MOST 5000

#endif
