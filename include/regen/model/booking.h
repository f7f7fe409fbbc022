/* SPDX-License-Identifier: Apache-2.0 */
/* One reservation. */
#ifndef REGEN_MODEL_BOOKING_H
#define REGEN_MODEL_BOOKING_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/money.h"
#include "regen/core/time.h"
#include "regen/core/words.h"
#include "regen/model/place.h"
#include "regen/model/service.h"

#define RG_VISIT_UIDS 8 /* most ids in one search */
#define RG_VISIT_WITH 4 /* most practitioners in one search, each by a list */

/* The words of icd10cm.laterality. Bilateral is only in codes: some are the words of
 * booking.laterality, unit.laterality, injection.laterality, consent.laterality,
 * treatment_order_target.laterality, time_out.laterality, booking_target.laterality,
 * estimate.laterality. */
#define RG_SIDES(X)                                                                                \
    X(RG_SIDE_NONE, "none")                                                                        \
    X(RG_SIDE_LEFT, "left")                                                                        \
    X(RG_SIDE_RIGHT, "right")                                                                      \
    X(RG_SIDE_BILATERAL, "bilateral")
RG_WORDS(rg_side, RG_SIDE_COUNT, RG_SIDES);

/* What is treated: a part of the body and its side. */
typedef struct {
    const char *body_site; /* "": not said, or the service asks for none */
    rg_side_t side;
} rg_target_t;
typedef struct {
    int count; /* at least 1 */
    rg_target_t at[RG_TARGETS_MOST];
} rg_targets_t;
/* core/target.c. FURTHER: those after the first, as tables have them: "knee right,hip left". */
rg_targets_t rg_targets_of(apr_pool_t *p, const char *body_site, rg_side_t side,
                           const char *further);
const char *rg_targets_further(apr_pool_t *p, const rg_targets_t *t);
/* Of several those that are in INJECTED (1u << number): what was done, not what was ordered. All of
 * them, if it is only one or none is in it. */
rg_targets_t rg_targets_injected(apr_pool_t *p, const char *body_site, rg_side_t side,
                                 const char *further, unsigned injected);
/* How many there are with the first. */
int rg_targets_count(const char *further);
/* Whether one of them is at this part of the body ("": any); on this side, or without one (NONE:
 * any). */
bool rg_targets_at(const rg_targets_t *t, const char *body_site);
bool rg_targets_on(const rg_targets_t *t, const char *body_site, rg_side_t side);
/* The number of that target, from 1; 0: it is none of them. */
int rg_target_no(const rg_targets_t *t, const char *body_site, rg_side_t side);
/* Whether a diagnosis at this part of the body ("": any), on this side, is for that target. */
bool rg_target_has(const rg_target_t *t, const char *body_site, rg_side_t side);
/* One as a value of forms and of corrections: "knee right"; back, and the number of the one that it
 * says (0: none of them). */
const char *rg_target_code(apr_pool_t *p, const rg_target_t *t);
bool rg_target_read(apr_pool_t *p, rg_target_t *out, const char *code);
int rg_target_coded(const rg_targets_t *t, const char *code);

/* The words of booking.status. */
#define RG_BOOKING_STATUSES(X)                                                                     \
    X(RG_BOOKING_HELD, "held")                                                                     \
    X(RG_BOOKING_BOOKED, "booked")                                                                 \
    X(RG_BOOKING_ARRIVED, "arrived")                                                               \
    X(RG_BOOKING_IN_PROGRESS, "in-progress")                                                       \
    X(RG_BOOKING_COMPLETED, "completed")                                                           \
    X(RG_BOOKING_EXPIRED, "expired")                                                               \
    X(RG_BOOKING_CANCELLED, "cancelled")                                                           \
    X(RG_BOOKING_NO_SHOW, "no-show")
RG_WORDS(rg_booking_status, RG_BOOKING_STATUS_COUNT, RG_BOOKING_STATUSES);

/* Who made a booking. Staff and patients join the waitlist: some are the words of waitlist.source.
 * The words of booking.source. */
#define RG_SOURCES(X)                                                                              \
    X(RG_SOURCE_PATIENT, "patient")                                                                \
    X(RG_SOURCE_STAFF, "staff")                                                                    \
    X(RG_SOURCE_MACHINE, "machine")                                                                \
    X(RG_SOURCE_WAITLIST, "waitlist")
RG_WORDS(rg_source, RG_SOURCE_COUNT, RG_SOURCES);

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
    bool off; /* cancelled alone, after the course had begun */
} rg_appointment_t;

/* One reservation, without the steps (lists of bookings) or with them. */
typedef struct {
    int64_t id;
    const char *uid;
    const char *number;          /* rg_number_make, as long as it has a private link; "": none */
    unsigned char link_hash[32]; /* of that link; all zero: none, and in lists */
    int64_t service_id, site_id, patient_id, coverage_id; /* 0: not yet, or self-pay */
    int64_t order_id; /* the treatment order it is made on; 0: none */
    const char *service_code, *service_name;
    rg_booking_status_t status;
    int version;
    apr_time_t starts_at, ends_at;
    apr_time_t hold_expires_at; /* 0 unless held */
    const char *hold_client; /* address that a new hold is counted for; NULL: none, and when read */
    int hold_extended;       /* how many times */
    bool hold_extends;       /* another extension is possible; set by rg_booking_get */
    int self_pay;            /* -1 until chosen */
    const char *body_site;   /* "" until chosen */
    rg_side_t side;
    const char *further; /* targets after this one: rg_targets_of */
    rg_money_t price;
    apr_time_t created_at, booked_at, changed_at;
    apr_time_t cancel_before; /* a deadline that a move carried along; 0: none */
    const char *source;       /* who made it: rg_source_name */
    int64_t made_by;          /* staff, token or waitlist entry; 0: a patient, or not known */
    rg_date_t day;            /* only while planning: local day it begins on, and how many */
    int day_limit;            /* bookings of its service may begin that day; 0: no limit */
    const char *patient_family, *patient_given; /* "" until known */
    rg_date_t patient_birth_date;
    uint64_t definitions; /* the clinic's definitions in force when it was read; 0 in lists */
    int step_count;
    rg_booking_step_t *steps; /* NULL in lists */
    int resource_count;
    rg_booking_resource_t *resources;
    int appointment_count;
    rg_appointment_t *appointments;
} rg_booking_t;

/* A visit of a person who has another one at the same time, as told to those who may know of it. */
typedef struct {
    int64_t booking_id, site_id;
    const char *booking_uid, *uid; /* of the visit: an Appointment */
    const char *service_name;
    const char *family, *given;
    apr_time_t starts_at, ends_at;
    const char *source; /* with MADE_BY: who made the booking */
    int64_t made_by;
    bool opened;   /* the caller's session may open it */
    bool question; /* nobody has confirmed that both are right */
} rg_other_visit_t;
#define RG_OTHERS_MOST 20

/* A rule that was overridden for a booking. */
typedef struct {
    const char *rule; /* rg_rule_name */
    const char *reason;
    const char *staff_name; /* "": not by staff */
    apr_time_t at;
} rg_override_t;

/* Why a resource that a booking takes is not there for it anymore. What is closed is kept
 * elsewhere: some are the words of resource_kept.kind. */
#define RG_CONFLICT_KINDS(X)                                                                       \
    X(RG_CONFLICT_CLOSED, "closed")                                                                \
    X(RG_CONFLICT_HOURS, "hours")                                                                  \
    X(RG_CONFLICT_INACTIVE, "inactive")                                                            \
    X(RG_CONFLICT_CAPABILITY, "capability")
RG_WORDS(rg_conflict_kind, RG_CONFLICT_KIND_COUNT, RG_CONFLICT_KINDS);

/* What becomes of a booking in the way of a closure; NOTHING: it was asked, and nothing was
 * chosen. */
#define RG_DECISIONS(X)                                                                            \
    X(RG_DECIDE_NOTHING, "")                                                                       \
    X(RG_DECIDE_KEEP, "keep")                                                                      \
    X(RG_DECIDE_CANCEL, "cancel")                                                                  \
    X(RG_DECIDE_MOVE, "move")
RG_WORDS(rg_decide, RG_DECIDE_COUNT, RG_DECISIONS);

/* What staff may break with a reason. A resource that is taken and a consent that is missing are
 * none of these. OPENING is about weekly hours: a closure stays closed. The two notices are
 * recorded when staff act after the patient's deadline; SAME_PERSON: two visits of one person at
 * the same time. The words of booking_override.rule. */
#define RG_RULES(X)                                                                                \
    X(RG_RULE_NOTICE, "notice")                                                                    \
    X(RG_RULE_HORIZON, "horizon")                                                                  \
    X(RG_RULE_GRID, "grid")                                                                        \
    X(RG_RULE_OPENING, "opening")                                                                  \
    X(RG_RULE_MAX_PER_DAY, "max-per-day")                                                          \
    X(RG_RULE_CANCEL_NOTICE, "cancel-notice")                                                      \
    X(RG_RULE_MOVE_NOTICE, "move-notice")                                                          \
    X(RG_RULE_SAME_PERSON, "same-person")
RG_WORDS(rg_rule, RG_RULE_COUNT, RG_RULES);

/* A comment from an API client. NULL or "": none. At most this many characters. */
#define RG_COMMENT_MOST     500
#define RG_CANCEL_TEXT_MOST 255
typedef struct {
    const char *comment, *cancel_system, *cancel_code, *cancel_text;
} rg_booking_note_t;

/* --- core/service.c: the rules of a start. Pure ----------------------------------------------- */

/* What stands against a start, whoever and whatever is free then. */
typedef struct {
    bool past;       /* it is over */
    bool far;        /* more than RG_YEARS_AHEAD */
    bool between;    /* begins within a granule */
    unsigned broken; /* rules that staff may break: 1u << rg_rule_t of NOTICE, HORIZON, GRID */
    apr_time_t from; /* the first instant of the window, where NOTICE is broken */
    rg_date_t last;  /* and its last day */
} rg_start_t;

/* A visit of S that begins at START, as asked at NOW, on the clocks of ZONE. LATER: it follows
 * another visit, whose gap is its horizon, and has been prepared for. */
rg_start_t rg_start_look(const rg_service_t *s, const rg_zone_t *zone, apr_time_t start,
                         apr_time_t now, bool later);
/* That no reason helps. */
bool rg_start_never(const rg_start_t *start);

#endif
