/* SPDX-License-Identifier: Apache-2.0 */
/* Waitlist entries. */
#ifndef REGEN_MODEL_WAITLIST_H
#define REGEN_MODEL_WAITLIST_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/time.h"
#include "regen/core/words.h"

/* The words of waitlist.status. */
#define RG_WAITER_STATUSES(X)                                                                      \
    X(RG_WAITER_WAITING, "waiting")                                                                \
    X(RG_WAITER_OFFERED, "offered")                                                                \
    X(RG_WAITER_TAKEN, "taken")                                                                    \
    X(RG_WAITER_CLOSED, "closed")
RG_WORDS(rg_waiter_status, RG_WAITER_STATUS_COUNT, RG_WAITER_STATUSES);

/* The words of waitlist.closed_why. */
#define RG_WAITER_WHYS(X)                                                                          \
    X(RG_WAITER_WHY_NONE, "")                                                                      \
    X(RG_WAITER_WHY_EXPIRED, "expired")                                                            \
    X(RG_WAITER_WHY_WITHDRAWN, "withdrawn")                                                        \
    X(RG_WAITER_WHY_REMOVED, "removed")                                                            \
    X(RG_WAITER_WHY_UNANSWERED, "unanswered")
RG_WORDS(rg_waiter_why, RG_WAITER_WHY_COUNT, RG_WAITER_WHYS);

/* The part of the local day somebody on the phone can come in. */
#define RG_DAY_HALVES(X)                                                                           \
    X(RG_PART_ANY, "any")                                                                          \
    X(RG_PART_MORNING, "morning")                                                                  \
    X(RG_PART_AFTERNOON, "afternoon")                                                              \
    X(RG_PART_EVENING, "evening")
RG_WORDS(rg_part, RG_PART_COUNT, RG_DAY_HALVES);

/* Times of day at which the patient can come: bit 4 * (ISO weekday - 1) + part. */
#define RG_DAY_PARTS 4
int rg_day_part(
    int minute); /* of a local minute: 0 before 10:00, 1 before 12:00, 2 before 15:00, 3 later */

/* A waitlist entry, and the time held for it. */
typedef struct {
    int64_t id;
    const char *uid;
    int64_t service_id, practitioner_id; /* 0: any */
    int targets;                         /* of that order; at least 1 */
    int64_t order_id;                    /* the treatment order that offers are made on; 0: none */
    apr_time_t order_until;              /* its last instant */
    const char *practitioner_name;       /* "": any */
    rg_date_t first_day, last_day;
    unsigned times; /* bits as above */
    const char *family, *given, *email, *phone;
    const char *source; /* rg_source_name */
    const char *client; /* address that a new entry is counted for; NULL: none, and when read */
    rg_waiter_status_t status;
    const char *closed_why; /* rg_waiter_why_name */
    bool behind;            /* an earlier entry of the same person takes precedence */
    int missed;
    apr_time_t created_at;
    int64_t offer_booking_id; /* the open or taken one; 0: none */
    const char *offer_booking_uid;
    apr_time_t offer_starts_at, offer_ends_at;
    apr_time_t offer_until; /* 0 unless it is held */
} rg_waiter_t;
/* Lists of the front desk are counted and paged up to this number: counting years of messages would
 * read them all. */
#define RG_LIST_MOST 5000

#endif
