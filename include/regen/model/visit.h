/* SPDX-License-Identifier: Apache-2.0 */
/* One visit of a booking in FHIR's words; occupied time. */
#ifndef REGEN_MODEL_VISIT_H
#define REGEN_MODEL_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/service.h"

/* The status of each visit of a booking in FHIR's words. PROPOSED is not stored: a search
 * result. */
#define RG_VISIT_STATUSES(X)                                                                       \
    X(RG_VISIT_PROPOSED, "proposed")                                                               \
    X(RG_VISIT_PENDING, "pending")                                                                 \
    X(RG_VISIT_BOOKED, "booked")                                                                   \
    X(RG_VISIT_ARRIVED, "arrived")                                                                 \
    X(RG_VISIT_CHECKED_IN, "checked-in")                                                           \
    X(RG_VISIT_FULFILLED, "fulfilled")                                                             \
    X(RG_VISIT_CANCELLED, "cancelled")                                                             \
    X(RG_VISIT_NO_SHOW, "noshow")
RG_WORDS(rg_visit_status, RG_VISIT_STATUS_COUNT, RG_VISIT_STATUSES);

/* One visit of one booking. */
typedef struct {
    int64_t id, booking_id, service_id;
    const char *uid, *booking_uid;
    int visit_no;
    rg_visit_status_t status;
    bool expired; /* cancelled because a hold expired */
    int version;  /* of the booking */
    apr_time_t created_at, changed_at, starts_at, ends_at;
    apr_time_t hold_expires_at; /* 0 unless held */
    const char *body_site;
    rg_side_t side;
    const char *further;      /* targets after this one: rg_targets_of; NULL: none */
    const char *order_uid;    /* of the treatment order that it is booked on; "" or NULL: none */
    rg_booking_note_t note;   /* all NULL of a proposal */
    apr_time_t cancel_before; /* a deadline that a move carried along; 0: none */
    apr_time_t cancel_until;  /* set by rg_visit_ahead for a booked first visit; 0: none */
    int preparing_count;
    const rg_prepare_day_t *preparing; /* likewise */
    int resource_count;
    int64_t *resources; /* ids, ascending */
    rg_person_t person;
} rg_visit_t;

/* Occupied time of a resource by one step of one booking. */
typedef struct {
    int64_t resource_id;
    apr_time_t from, until;
    bool held; /* not booked yet */
    int version;
    apr_time_t changed_at;
} rg_busy_t;

#endif
