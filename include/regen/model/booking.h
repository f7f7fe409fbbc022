/* SPDX-License-Identifier: Apache-2.0 */
/* One reservation. */
#ifndef REGEN_MODEL_BOOKING_H
#define REGEN_MODEL_BOOKING_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/money.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/service.h"

#define RG_VISIT_UIDS 8 /* ids that one search may name */
#define RG_VISIT_WITH 4 /* practitioners that one search may name, each by a list */

typedef enum {
    RG_SIDE_NONE,
    RG_SIDE_LEFT,
    RG_SIDE_RIGHT,
    RG_SIDE_BILATERAL
} rg_side_t; /* bilateral: only in codes */
typedef enum {
    RG_BOOKING_HELD,
    RG_BOOKING_BOOKED,
    RG_BOOKING_ARRIVED,
    RG_BOOKING_IN_PROGRESS,
    RG_BOOKING_COMPLETED,
    RG_BOOKING_EXPIRED,
    RG_BOOKING_CANCELLED,
    RG_BOOKING_NO_SHOW
} rg_booking_status_t;

/* model.c: the SQL ENUM's words and back; parse gives -1 for an unknown word. */
const char *rg_side_name(rg_side_t s);
int rg_side_parse(const char *s);
const char *rg_booking_status_name(rg_booking_status_t s);
int rg_booking_status_parse(const char *s);

typedef struct {
    int step_no, need_no;
    int64_t resource_id;
    const char *resource_name;
    rg_resource_kind_t resource_kind;
    apr_time_t busy_from, busy_until; /* with setup and turnover */
} rg_booking_resource_t;

typedef struct {
    int step_no;
    rg_step_kind_t kind;
    const char *name;
    int visit_no;
    apr_time_t starts_at, ends_at;
} rg_booking_step_t;

typedef struct {
    const char *uid;
    int visit_no;
    apr_time_t starts_at, ends_at;
    int sequence;
    bool off; /* cancelled by itself, after the course had begun */
} rg_appointment_t;

/* One reservation, without the steps (lists of bookings) or with them. */
typedef struct {
    int64_t id;
    const char *uid;
    const char *number; /* rg_number_make, as long as it has a private link; "": none */
    int64_t service_id, site_id, patient_id, coverage_id; /* 0: not yet, or self-pay */
    const char *service_code, *service_name;
    rg_booking_status_t status;
    int version;
    apr_time_t starts_at, ends_at;
    apr_time_t hold_expires_at; /* 0 unless held */
    const char *hold_client; /* whom a new hold is counted to; NULL: nobody, and where it is read */
    int hold_extended;       /* how many times */
    bool hold_extends;       /* once more is possible; set by rg_booking_get */
    int self_pay;            /* -1 until chosen */
    const char *body_site;   /* "" until chosen */
    rg_side_t side;
    rg_money_t price;
    apr_time_t created_at, booked_at, changed_at;
    apr_time_t cancel_before; /* a deadline that a move carried along; 0: none */
    const char *source;       /* who made it: "patient", "staff", "machine", "waitlist" */
    int64_t made_by; /* staff, token or place on the waitlist; 0: a patient, or not known */
    rg_date_t day;   /* only where it is planned: local day it begins on, and how many */
    int day_limit;   /* bookings of its service that day may begin with; 0: no limit */
    const char *patient_family, *patient_given; /* "" until known */
    rg_date_t patient_birth_date;
    int step_count;
    rg_booking_step_t *steps; /* NULL in lists */
    int resource_count;
    rg_booking_resource_t *resources;
    int appointment_count;
    rg_appointment_t *appointments;
} rg_booking_t;

/* A visit of somebody who is at another one then: what it may be called by whoever may know of
 * it. */
typedef struct {
    int64_t booking_id, site_id;
    const char *booking_uid, *uid; /* of the visit: an Appointment */
    const char *service_name;
    const char *family, *given;
    apr_time_t starts_at, ends_at;
    const char *source; /* with MADE_BY: who made the booking */
    int64_t made_by;
    bool opened;   /* the session that asks may open it */
    bool question; /* nobody has said of the two that both are right */
} rg_other_visit_t;
#define RG_OTHERS_MOST 20

/* A rule that somebody broke for a booking. */
typedef struct {
    const char *rule; /* rg_rule_name */
    const char *reason;
    const char *staff_name; /* "": nobody of the staff */
    apr_time_t at;
} rg_override_t;

/* Why a resource that a booking takes is not there for it any more. The words of
 * resource_kept.kind. */
typedef enum {
    RG_CONFLICT_CLOSED,
    RG_CONFLICT_HOURS,
    RG_CONFLICT_INACTIVE,
    RG_CONFLICT_CAPABILITY
} rg_conflict_kind_t;
const char *rg_conflict_kind_name(rg_conflict_kind_t k); /* "closed", "hours", … */
int rg_conflict_kind_parse(const char *s);

/* What staff may break with a reason; the words of booking_override.rule. A resource that is taken
 * and a consent that is missing are none of these. */
typedef enum {
    RG_RULE_NOTICE,
    RG_RULE_HORIZON,
    RG_RULE_GRID,
    RG_RULE_OPENING, /* weekly hours; a closure stays closed */
    RG_RULE_MAX_PER_DAY,
    RG_RULE_CANCEL_NOTICE, /* noted where staff do what a patient could not any more */
    RG_RULE_MOVE_NOTICE,
    RG_RULE_SAME_PERSON /* two visits of one person at once */
} rg_rule_t;
#define RG_RULE_COUNT (RG_RULE_SAME_PERSON + 1)
const char *rg_rule_name(rg_rule_t r);
int rg_rule_parse(const char *s); /* -1: unknown */

/* What a program says of a booking in words. NULL or "": nothing. At most so many characters. */
#define RG_COMMENT_MOST     500
#define RG_CANCEL_TEXT_MOST 255
typedef struct {
    const char *comment, *cancel_system, *cancel_code, *cancel_text;
} rg_booking_note_t;

#endif
