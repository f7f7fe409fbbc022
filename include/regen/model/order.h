/* SPDX-License-Identifier: Apache-2.0 */
/* Treatment orders: a clinician's decision that one patient may have one service at one or more
 * targets. */
#ifndef REGEN_MODEL_ORDER_H
#define REGEN_MODEL_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"

/* The words of treatment_order.severity. */
#define RG_SEVERITIES(X)                                                                           \
    X(RG_SEVERITY_MILD, "mild")                                                                    \
    X(RG_SEVERITY_MODERATE, "moderate")                                                            \
    X(RG_SEVERITY_SEVERE, "severe")
RG_WORDS(rg_severity, RG_SEVERITY_COUNT, RG_SEVERITIES);

/* What an order is at one time. */
#define RG_ORDER_STATES(X)                                                                         \
    /* it can be booked */                                                                         \
    X(RG_ORDER_OPEN, "open")                                                                       \
    /* a booking on it is held, booked or under way */                                             \
    X(RG_ORDER_BOOKED, "booked")                                                                   \
    /* the treatment was done */                                                                   \
    X(RG_ORDER_DONE, "done")                                                                       \
    X(RG_ORDER_EXPIRED, "expired")                                                                 \
    X(RG_ORDER_REVOKED, "revoked")
RG_WORDS(rg_order_state, RG_ORDER_STATE_COUNT, RG_ORDER_STATES);

#define RG_ORDER_TEXT_MOST   500 /* of each text */
#define RG_ORDER_REASON_MOST 200
#define RG_ORDER_DAYS        180 /* valid, unless the clinician says otherwise */
#define RG_ORDER_DAYS_MOST   366
#define RG_ORDERS_PAGE       50
#define RG_ORDERS_OF_PATIENT 100 /* most that one patient's page lists */
/* Of a practitioner who may sign one. */
#define RG_ORDER_CAPABILITY "order"

typedef struct {
    int64_t id;
    const char *uid;
    const char *number; /* as rg_number_make; opens it with the date of birth */
    rg_patient_t patient;
    int64_t service_id, site_id;
    const char *service_code, *service_name, *service_uid;
    const char *body_site; /* "": the service asks for none */
    rg_side_t side;
    const char *further; /* targets after this one: rg_targets_of */
    const char *diagnosis_code, *diagnosis_title;
    rg_severity_t severity;
    const char *tried, *imaging, *weighed, *note;
    apr_time_t valid_until; /* the first visit begins before: the end of a local day */
    apr_time_t signed_at;
    const char *staff_name, *practitioner_uid, *practitioner_name;
    apr_time_t revoked_at; /* 0: it is not */
    const char *revoked_by, *revoke_reason;
    int64_t booking_id; /* the one it carries now; 0: none */
    const char *booking_uid;
    rg_booking_status_t booking_status;
    apr_time_t booking_starts, booking_hold_expires;
} rg_order_t;

/* core/order.c. Pure. A hold that is over does not count. */
rg_order_state_t rg_order_state(const rg_order_t *o, apr_time_t now);
/* Whether a booking uses it up at NOW. */
bool rg_order_taken(const rg_order_t *o, apr_time_t now);

#endif
