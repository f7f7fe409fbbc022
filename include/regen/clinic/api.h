/* SPDX-License-Identifier: Apache-2.0 */
/* What API clients read and book.
 *
 * One function is one business transaction. Each takes the context first after its results,
 * checks the caller's right to the record itself (a patient's session reaches its own booking
 * only; anything else answers RG_NOT_FOUND), adds to ctx->problems what a person can mend, and
 * writes an audit event in the same transaction for every change. Results live in ctx->pool. */
#ifndef REGEN_CLINIC_API_H
#define REGEN_CLINIC_API_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/clinic/booking.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/visit.h"

/* The clinic's definitions as machines read them: everything, also what is no longer active. */
typedef struct {
    const rg_resource_t *resource;
    const rg_site_t *site;
} rg_directory_resource_t;
/* A stretch in which a site or a resource is closed; why is for staff only. */
typedef struct {
    apr_time_t from, until;
} rg_closed_span_t;
typedef struct {
    const rg_service_t *service;
    const rg_site_t *site;
    bool active;
    int closed_count; /* when all of its site is closed, as rg_directory_closed tells it */
    const rg_closed_span_t *closed;
} rg_directory_service_t;
typedef struct {
    int64_t site_id, resource_id; /* resource 0: the whole site */
    int first_day, last_day;      /* rg_date_days of the site's local days */
    int start, end;               /* minutes of each of these days */
} rg_directory_closure_t;
typedef struct {
    uint64_t version;
    apr_time_t changed_at; /* when any definition last changed; 0: not known */
    const char *names;     /* under which identifiers are named; NULL: none are kept yet */
    int site_count;
    const rg_site_t *sites;
    int resource_count;
    rg_directory_resource_t *resources; /* ascending id */
    int service_count;
    rg_directory_service_t *services;
    int closure_count;
    rg_directory_closure_t *closures; /* by id */
} rg_directory_t;

/* --- directory.c ------------------------------------------------------------------------------ */

/* The definitions; public. Shared as catalogue values are: never change them. One statement. */
rg_outcome_t rg_directory_get(rg_directory_t **out, rg_ctx_t *ctx);
const rg_directory_service_t *rg_directory_service(const rg_directory_t *d, int64_t id);
const rg_directory_resource_t *rg_directory_resource(const rg_directory_t *d, int64_t id);
/* NULL when there is none of that uid. */
const rg_directory_service_t *rg_directory_service_of(const rg_directory_t *d, const char *uid);
const rg_directory_resource_t *rg_directory_resource_of(const rg_directory_t *d, const char *uid);
/* Whether this practitioner has a part in the service, or this service uses this resource. */
bool rg_directory_serves(const rg_directory_resource_t *r, const rg_directory_service_t *s);
/* The same for steps that a patient comes for: injection and consultation. */
bool rg_directory_treats(const rg_directory_resource_t *r, const rg_directory_service_t *s);
/* Minutes of a service's first visit, at the shortest. */
int rg_directory_minutes(const rg_service_t *s);
int rg_directory_visits(const rg_service_t *s); /* how many visits it has */

/* --- directory_closed.c ----------------------------------------------------------------------- */

/* api/directory_closed.c: when SITE is closed, and with RESOURCE_ID (0: none) when that is, from
 * what is not over at FROM on: stretches that touch or overlap are joined, ascending; hours of
 * many days for two years to come. No statement. */
void rg_directory_closed(rg_closed_span_t **out, int *count, const rg_ctx_t *ctx,
                         const rg_directory_t *d, const rg_site_t *site, int64_t resource_id,
                         apr_time_t from);

/* --- directory.c ------------------------------------------------------------------------------ */

/* One page of visits. WHAT is narrowed as in store.h; *MORE tells whether there is another page. A
 * machine with system/Appointment.s; audited with how many were shown. */
typedef struct {
    const char *uids[RG_VISIT_UIDS];                 /* [0] NULL: any */
    const char *booking_uid, *patient_uid;           /* "": any */
    const char *statuses, *services, *sites, *rooms; /* lists with commas */
    const char *with[RG_VISIT_WITH]; /* lists of resources, one of each takes part */
    apr_time_t from, until;          /* of the start */
    apr_time_t changed_from, changed_until;
    bool by_change;
    int64_t after_key, after_id;
    int limit;
} rg_visits_in_t;
/* No limits, and no end of time. */
rg_visits_in_t rg_visits_any(int limit);
rg_outcome_t rg_visits_search(rg_visit_t **out, int *count, bool *more, rg_ctx_t *ctx,
                              const rg_visits_in_t *in);
/* How many there are on all pages. The same scope; audited. */
rg_outcome_t rg_visits_total(int64_t *out, rg_ctx_t *ctx, const rg_visits_in_t *in);
/* One visit: system/Appointment.r or .u. */
rg_outcome_t rg_visit_get(rg_visit_t **out, rg_ctx_t *ctx, const char *uid);
/* Every visit of a booking in order, for whoever just changed it: no scope is asked. */
rg_outcome_t rg_visits_of_booking(rg_visit_t **out, int *count, rg_ctx_t *ctx,
                                  const char *booking_uid);

typedef struct {
    const char *uids[RG_VISIT_UIDS];
    rg_word_t family, given, name; /* NAME fits either */
    const char *email, *phone;     /* "": any */
    rg_date_t born_from, born_to;
    apr_time_t changed_from, changed_until;
    int64_t after_id;
    int limit;
} rg_people_in_t;
rg_people_in_t rg_people_any(int limit);
/* system/Patient.s, and .r for one. */
rg_outcome_t rg_people_search(rg_person_t **out, int *count, bool *more, rg_ctx_t *ctx,
                              const rg_people_in_t *in);
rg_outcome_t rg_people_total(int64_t *out, rg_ctx_t *ctx, const rg_people_in_t *in);
rg_outcome_t rg_person_get(rg_person_t **out, rg_ctx_t *ctx, const char *uid);

/* Times a resource is taken, beginning in [from, until); at most LIMIT, *MORE as above. */
rg_outcome_t rg_busy_search(rg_busy_t **out, int *count, bool *more, rg_ctx_t *ctx,
                            int64_t resource_id, apr_time_t from, apr_time_t until, int limit);

/* Changes whenever what is free may have: definitions or any booking. For validators. */
rg_outcome_t rg_directory_mark(const char **mark, rg_ctx_t *ctx);

/* --- machine.c: booking by machines, as IHE ITI Scheduling has it ----------------------------- */

/* Machines book what the public may book, within the notice that patients have, and may book before
 * the consents are signed: no step begins without them. New bookings need system/Appointment.c,
 * changes .u; RG_FORBIDDEN without. */

typedef struct {
    const char *service_code;
    int64_t practitioner_id; /* 0: any */
    apr_time_t from, until;  /* of the start; at most policy->search_days are looked at */
    apr_time_t at_least;     /* earlier starts are only counted; 0: none */
    int limit;
} rg_propose_in_t;
/* One way to do the whole chain: concrete visits with who would serve. Nothing is taken. */
typedef struct {
    apr_time_t start;
    int visit_count;
    rg_visit_t *visits; /* status proposed, no uid */
} rg_proposal_t;
/* The first LIMIT starts in the window, ascending; *TOTAL counts all of it. No starts is RG_OK. One
 * statement. RG_NOT_FOUND for a service that is not offered, RG_INVALID for a practitioner who has
 * no part in it. */
rg_outcome_t rg_machine_propose(rg_proposal_t **out, int *count, int *total, rg_ctx_t *ctx,
                                const rg_propose_in_t *in);
/* As rg_booking_hold; PATIENT_UID ("": nobody yet) must be of somebody known (system/Patient.r). */
rg_outcome_t rg_machine_hold(rg_hold_t *out, rg_ctx_t *ctx, const rg_hold_in_t *in,
                             const char *patient_uid);

typedef struct {
    const char *booking_uid; /* a hold; NULL: WISH is held first */
    rg_hold_in_t wish;       /* unless BOOKING_UID */
    const char *patient_uid; /* "": what DETAILS say is a new patient */
    rg_details_in_t details; /* of a known patient only what is about the treatment */
    rg_booking_note_t note;
} rg_machine_book_in_t;
typedef struct {
    const char *booking_uid;
    const char *link;   /* of the patient, to sign and to change; the same at a repetition */
    bool place_missing; /* part of the body and side are still to be said */
    int forms_missing;  /* consents that are still to be signed */
    rg_hold_t hold;     /* on RG_CONFLICT: other times */
} rg_machine_booked_t;
/* Holds (unless it is), stores who and what, confirms. Repeated with the same key it goes on where
 * it was. What it held itself it gives back when it fails. */
rg_outcome_t rg_machine_book(rg_machine_booked_t *out, rg_ctx_t *ctx,
                             const rg_machine_book_in_t *in);
/* Whether this request was done before, by its key: what it says need not fit what is there now. */
rg_outcome_t rg_machine_repeats(bool *out, rg_ctx_t *ctx);

/* --- machine_same.c --------------------------------------------------------------------------- */

/* What a program repeats of a booking beside a change of it: who is described (no uid, no place)
 * and who pays. NULL: not said. */
typedef struct {
    const char *booking_uid;
    const rg_details_in_t *person;
    const char *payer_code, *member_id, *group_no;
} rg_machine_said_t;
/* RG_INVALID, with a problem at "whom", "payer_code", "member_id" or "group_no", for what would not
 * be stored as what is stored. Without system/Patient.r nothing agrees, because the answer would
 * tell what is stored. */
rg_outcome_t rg_machine_same(rg_ctx_t *ctx, const rg_machine_said_t *in);

/* --- machine.c: booking by machines, as IHE ITI Scheduling has it ----------------------------- */

/* Another time for the whole chain (VISIT 0) or one visit of it: rg_booking_visit_move. VERSION 0:
 * whatever it is. */
rg_outcome_t rg_machine_move(rg_hold_t *out, rg_ctx_t *ctx, const char *booking_uid, int visit,
                             const rg_move_in_t *in);
/* Gives a hold back or cancels. RG_CONFLICT when VERSION (0: any) is not the booking's any more. */
rg_outcome_t rg_machine_cancel(rg_ctx_t *ctx, const char *booking_uid, int version,
                               const char *reason, const rg_booking_note_t *note);
/* Who asks for the start that a visit has: whether it still has it is asked under the lock of this
 * transaction. *STAYS false: it begins at another time by now, and nothing was done. Else what is
 * said of it is kept. RG_CONFLICT at "version" for another version (0: any). */
typedef struct {
    const char *booking_uid, *visit_uid;
    apr_time_t start;
    int version;
    const rg_booking_note_t *note; /* NULL: nothing is said */
} rg_machine_stay_in_t;
rg_outcome_t rg_machine_stay(bool *stays, rg_ctx_t *ctx, const rg_machine_stay_in_t *in);

#endif
