/* SPDX-License-Identifier: Apache-2.0 */
/* One visit of a booking in FHIR's words, and time that is taken. */
#ifndef REGEN_MODEL_VISIT_H
#define REGEN_MODEL_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/service.h"

/* The status of a visit in FHIR's words, each visit of a booking by itself. */
typedef enum {
    RG_VISIT_PROPOSED, /* not stored: what a search found */
    RG_VISIT_PENDING,
    RG_VISIT_BOOKED,
    RG_VISIT_ARRIVED,
    RG_VISIT_CHECKED_IN,
    RG_VISIT_FULFILLED,
    RG_VISIT_CANCELLED,
    RG_VISIT_NO_SHOW
} rg_visit_status_t;
#define RG_VISIT_STATUS_COUNT (RG_VISIT_NO_SHOW + 1)
const char *rg_visit_status_name(rg_visit_status_t s); /* "checked-in"; static */
int rg_visit_status_parse(const char *s);              /* -1: unknown */

/* One visit of one booking. */
typedef struct {
    int64_t id, booking_id, service_id;
    const char *uid, *booking_uid;
    int visit_no;
    rg_visit_status_t status;
    bool expired; /* cancelled because a hold ran out */
    int version;  /* of the booking */
    apr_time_t created_at, changed_at, starts_at, ends_at;
    apr_time_t hold_expires_at; /* 0 unless held */
    const char *body_site;
    rg_side_t side;
    rg_booking_note_t note;   /* all NULL of a proposal */
    apr_time_t cancel_before; /* a deadline that a move carried along; 0: none */
    apr_time_t cancel_until;  /* set by rg_visit_ahead of a first visit that is booked; 0: none */
    int preparing_count;
    const rg_prepare_day_t *preparing; /* likewise */
    int resource_count;
    int64_t *resources; /* ids, ascending */
    rg_person_t person;
} rg_visit_t;

/* A resource is taken, as one step of one booking asks for it. */
typedef struct {
    int64_t resource_id;
    apr_time_t from, until;
    bool held; /* not booked yet */
    int version;
    apr_time_t changed_at;
} rg_busy_t;

#endif
