/* SPDX-License-Identifier: Apache-2.0 */
/* People, coverages, and what a visitor's browser may open. */
#ifndef REGEN_MODEL_PATIENT_H
#define REGEN_MODEL_PATIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/time.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"

/* How a name is searched for; EXACT distinguishes case and accents. */
typedef enum { RG_WORD_STARTS, RG_WORD_CONTAINS, RG_WORD_EXACT } rg_word_how_t;
typedef struct {
    const char *text; /* "": any */
    rg_word_how_t how;
} rg_word_t;

/* FHIR's administrative genders. The words of patient.gender. */
#define RG_GENDERS(X)                                                                              \
    X(RG_GENDER_FEMALE, "female")                                                                  \
    X(RG_GENDER_MALE, "male")                                                                      \
    X(RG_GENDER_OTHER, "other")                                                                    \
    X(RG_GENDER_UNKNOWN, "unknown")
RG_WORDS(rg_gender, RG_GENDER_COUNT, RG_GENDERS);

/* Of the patient to the subscriber. The words of coverage.relationship. */
#define RG_RELATIONSHIPS(X)                                                                        \
    X(RG_RELATIONSHIP_SELF, "self")                                                                \
    X(RG_RELATIONSHIP_SPOUSE, "spouse")                                                            \
    X(RG_RELATIONSHIP_CHILD, "child")                                                              \
    X(RG_RELATIONSHIP_PARENT, "parent")                                                            \
    X(RG_RELATIONSHIP_OTHER, "other")
RG_WORDS(rg_relationship, RG_RELATIONSHIP_COUNT, RG_RELATIONSHIPS);

/* Who pays, as the form asks it. */
#define RG_PAYS(X)                                                                                 \
    X(RG_PAY_SELF, "self")                                                                         \
    X(RG_PAY_INSURANCE, "insurance")
RG_WORDS(rg_pay, RG_PAY_COUNT, RG_PAYS);

/* --- about you -------------------------------------------------------------------------------- */

/* What is typed about a person and kept with them, once: X(name, member, path). NAME is the form's
 * field, the column and the member of rg_details_in_t; MEMBER that of rg_patient_t; PATH FHIR's, in
 * a Patient. From these lists are made the forms and what they show again, what programs send and
 * hear, comparing, and the statements of the store. A new one is a line here, a migration, its rule
 * in clinic/patient/details_check.c, its box in conf/templates/part and its element in
 * web/fhir/read/patient.c and render/fhir. The date of birth is none of them: three fields, one
 * day. */
#define RG_NAME_FIELDS(X)                                                                          \
    X(family, family, "name.family")                                                               \
    X(given, given, "name.given")
#define RG_REACH_FIELDS(X)                                                                         \
    X(email, email, "telecom")                                                                     \
    X(phone, phone, "telecom")                                                                     \
    X(address_line, address.line, "address.line")                                                  \
    X(city, address.city, "address.city")                                                          \
    X(state, address.state, "address.state")                                                       \
    X(postal_code, address.postal_code, "address.postalCode")                                      \
    X(country, address.country, "address.country")
#define RG_CONTACT_FIELDS(X)                                                                       \
    X(gender, gender, "gender")                                                                    \
    RG_REACH_FIELDS(X)
#define RG_PERSON_FIELDS(X) RG_NAME_FIELDS(X) RG_CONTACT_FIELDS(X)

/* Likewise of a coverage, whose members have the names of the fields. The payer is chosen by its
 * code, and the subscriber's date of birth is a day. */
#define RG_COVERAGE_FIELDS(X)                                                                      \
    X(member_id, member_id, "")                                                                    \
    X(group_no, group_no, "")                                                                      \
    X(relationship, relationship, "")                                                              \
    X(subscriber_family, subscriber_family, "")                                                    \
    X(subscriber_given, subscriber_given, "")

/* --- people ----------------------------------------------------------------------------------- */

typedef struct {
    int64_t id;
    const char *uid, *family, *given;
    const char *given_lines; /* the given names one a line, where a program said several; or NULL */
    rg_date_t birth_date;
    const char *gender, *email, *phone;
    rg_address_t address;
} rg_patient_t;

/* Member ids of Medicare have a form of their own. The words of payer.kind. */
#define RG_PAYER_KINDS(X)                                                                          \
    X(RG_PAYER_COMMERCIAL, "commercial")                                                           \
    X(RG_PAYER_MEDICARE, "medicare")                                                               \
    X(RG_PAYER_OTHER, "other")
RG_WORDS(rg_payer_kind, RG_PAYER_KIND_COUNT, RG_PAYER_KINDS);

/* How a payer takes what was done on both sides: a line for each, or one with modifier 50. The
 * words of payer.bilateral. */
#define RG_BILATERALS(X)                                                                           \
    X(RG_BILATERAL_TWO, "two-lines")                                                               \
    X(RG_BILATERAL_ONE, "one-line")
RG_WORDS(rg_bilateral, RG_BILATERAL_COUNT, RG_BILATERALS);

typedef struct {
    int64_t id;
    const char *code, *name, *payer_id, *kind;
    int timely_days;
    rg_bilateral_t bilateral;
    const char *filing, *assignment; /* X12's codes; "": not said */
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
#define RG_LINK_TRIES  10 /* wrong dates of birth after which a private link stops working */
typedef struct {
    int64_t id; /* of the booking */
    const char *uid, *service_code, *service_name;
    int64_t service_id;
    rg_booking_status_t status; /* a hold past its time is expired */
    apr_time_t starts_at, hold_expires_at;
    bool was_booked, opened; /* not opened yet: the date of birth is required */
    rg_zone_t *zone;         /* of its site */
    int others;              /* other live ones; only set for the chosen one */
} rg_visitor_booking_t;
typedef struct {
    int64_t id;
    const char *uid, *service_name;
    bool open; /* neither taken nor closed */
} rg_visitor_place_t;
/* The session of a visitor's browser, with everything that it may open: RG_VISITOR_MAX of each at
 * most. */
typedef struct {
    int64_t session_id;
    int booking_count, place_count;
    rg_visitor_booking_t *bookings; /* newest first */
    rg_visitor_place_t *places;
} rg_visitor_list_t;

/* A patient found by the front desk. */
typedef struct {
    rg_patient_t patient;
    apr_time_t next_visit; /* 0: none is booked */
} rg_patient_hit_t;

/* A patient as shown to API clients. */
typedef struct {
    rg_patient_t patient; /* uid "" if there is none */
    int version;
    apr_time_t changed_at;
    const char *replaced_by; /* uid of the record that stands for this one; "": none */
    const char *replaces;    /* uids of those that it stands for, separated by spaces; "": none */
} rg_person_t;

#endif
