/* SPDX-License-Identifier: Apache-2.0 */
/* People, coverages, and what a visitor's browser may open. */
#ifndef REGEN_MODEL_PATIENT_H
#define REGEN_MODEL_PATIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"

/* How a name is searched for; EXACT minds case and accents. */
typedef enum { RG_WORD_STARTS, RG_WORD_CONTAINS, RG_WORD_EXACT } rg_word_how_t;
typedef struct {
    const char *text; /* "": any */
    rg_word_how_t how;
} rg_word_t;

typedef struct {
    int64_t id;
    const char *uid, *family, *given;
    const char *given_lines; /* the given names one a line, where a program said several; or NULL */
    rg_date_t birth_date;
    const char *gender, *email, *phone;
    rg_address_t address;
} rg_patient_t;

typedef struct {
    int64_t id;
    const char *code, *name, *payer_id, *kind;
    int timely_days;
    bool active;
} rg_payer_t;

typedef struct {
    int64_t id;
    const char *uid;
    rg_payer_t payer;
    const char *member_id, *group_no, *plan_name, *relationship;
    const char *subscriber_family, *subscriber_given; /* "" when self */
    rg_date_t subscriber_birth_date;                  /* year 0: none */
} rg_coverage_t;

/* What a visitor's browser may open. */
#define RG_VISITOR_MAX 100
#define RG_LINK_TRIES  10 /* wrong dates of birth, after which a private link is dead */
typedef struct {
    int64_t id; /* of the booking */
    const char *uid, *service_code, *service_name;
    int64_t service_id;
    rg_booking_status_t status; /* a hold past its time is expired */
    apr_time_t starts_at, hold_expires_at;
    bool was_booked, opened; /* not opened: the date of birth is still to be given */
    rg_zone_t *zone;         /* of its site */
    int others;              /* live ones beside it; only of the one that was chosen */
} rg_visitor_booking_t;
typedef struct {
    int64_t id;
    const char *uid, *service_name;
    bool open; /* neither taken nor closed */
} rg_visitor_place_t;

/* A patient the front desk looked for. */
typedef struct {
    rg_patient_t patient;
    apr_time_t next_visit; /* 0: none is booked */
} rg_patient_hit_t;

/* A patient as machines read them. */
typedef struct {
    rg_patient_t patient; /* uid "" when there is none */
    int version;
    apr_time_t changed_at;
} rg_person_t;

#endif
