/* SPDX-License-Identifier: Apache-2.0 */
/* What API clients read and book.
 *
 * Each function is one business transaction. It takes the context first after its results, checks
 * that the caller may access the record (a patient's session only its own booking; anything else is
 * RG_NOT_FOUND), adds problems that a person can fix to ctx->problems, and writes an audit event
 * for every change in the same transaction. Results are allocated in ctx->pool. */
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
#include "regen/model/order.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/visit.h"

/* The clinic's definitions for API clients: everything, including what is no longer active. */
typedef struct {
    const rg_resource_t *resource;
    const rg_site_t *site;
} rg_directory_resource_t;
/* A period in which a site or a resource is closed; the reason is for staff only. */
typedef struct {
    apr_time_t from, until;
} rg_closed_span_t;
typedef struct {
    const rg_service_t *service;
    const rg_site_t *site;
    bool active;
    int closed_count; /* closures of its whole site, as from rg_directory_closed */
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

/* The definitions; public. Shared like catalogue values: never change them. One statement. */
rg_outcome_t rg_directory_get(rg_directory_t **out, const rg_ctx_t *ctx);
const rg_directory_service_t *rg_directory_service(const rg_directory_t *d, int64_t id);
const rg_directory_resource_t *rg_directory_resource(const rg_directory_t *d, int64_t id);
/* NULL when there is none of that uid. */
const rg_directory_service_t *rg_directory_service_of(const rg_directory_t *d, const char *uid);
const rg_directory_resource_t *rg_directory_resource_of(const rg_directory_t *d, const char *uid);
/* Whether this practitioner takes part in the service, or the service uses this resource. */
bool rg_directory_serves(const rg_directory_resource_t *r, const rg_directory_service_t *s);
/* The same for the steps that a patient chooses a practitioner for: injection and consultation. */
bool rg_directory_treats(const rg_directory_resource_t *r, const rg_directory_service_t *s);

/* --- directory_closed.c ----------------------------------------------------------------------- */

/* api/directory_closed.c: the periods in which SITE and, with RESOURCE_ID (0: none), that resource
 * are closed, without those that end before FROM. Adjacent and overlapping periods are joined, in
 * ascending order; closures of hours on many days for two years ahead. No statement. */
void rg_directory_closed(rg_closed_span_t **out, int *count, const rg_ctx_t *ctx,
                         const rg_directory_t *d, const rg_site_t *site, int64_t resource_id,
                         apr_time_t from);

/* --- directory.c ------------------------------------------------------------------------------ */

/* One page of visits. WHAT is restricted as in store.h; *MORE says whether there is another page.
 * For API clients with system/Appointment.s; audited with the number shown. */
typedef struct {
    const char *uids[RG_VISIT_UIDS];                 /* [0] NULL: any */
    const char *booking_uid, *patient_uid;           /* "": any */
    const char *statuses, *services, *sites, *rooms; /* lists with commas */
    const char *with[RG_VISIT_WITH]; /* lists of resources: one of each list must take part */
    apr_time_t from, until;          /* of the start */
    apr_time_t changed_from, changed_until;
    bool by_change;
    int64_t after_key, after_id;
    int limit;
} rg_visits_in_t;
/* No limits, and no end. */
rg_visits_in_t rg_visits_any(int limit);
rg_outcome_t rg_visits_search(rg_visit_t **out, int *count, bool *more, const rg_ctx_t *ctx,
                              const rg_visits_in_t *in);
/* The number on all pages. The same scope; audited. */
rg_outcome_t rg_visits_total(int64_t *out, const rg_ctx_t *ctx, const rg_visits_in_t *in);
/* One visit: system/Appointment.r or .u. */
rg_outcome_t rg_visit_get(rg_visit_t **out, const rg_ctx_t *ctx, const char *uid);
/* All visits of a booking in order, for the caller that just changed it: no scope is checked. */
rg_outcome_t rg_visits_of_booking(rg_visit_t **out, int *count, const rg_ctx_t *ctx,
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
rg_outcome_t rg_people_search(rg_person_t **out, int *count, bool *more, const rg_ctx_t *ctx,
                              const rg_people_in_t *in);
rg_outcome_t rg_people_total(int64_t *out, const rg_ctx_t *ctx, const rg_people_in_t *in);
rg_outcome_t rg_person_get(rg_person_t **out, const rg_ctx_t *ctx, const char *uid);

/* --- orders.c --------------------------------------------------------------------------------- */

typedef struct {
    const char *uids[RG_VISIT_UIDS]; /* [0] NULL: any */
    const char *patient_uid;         /* "": any */
    const char *statuses;            /* words of FHIR's request-status with commas; "": any */
    apr_time_t from, until;          /* when signed: [from, until) */
    int64_t after_id;
    int limit;
} rg_orders_in_t;
rg_orders_in_t rg_orders_any(int limit);
/* system/ServiceRequest.s, and .r for one; audited. Without regen/all: those that the token's own
 * bookings are on. */
rg_outcome_t rg_orders_search(rg_order_t **out, int *count, bool *more, const rg_ctx_t *ctx,
                              const rg_orders_in_t *in);
rg_outcome_t rg_orders_total(int64_t *out, const rg_ctx_t *ctx, const rg_orders_in_t *in);
rg_outcome_t rg_order_get(rg_order_t **out, const rg_ctx_t *ctx, const char *uid);

/* --- directory.c ------------------------------------------------------------------------------ */

/* Occupied times of a resource that begin in [from, until); at most LIMIT, *MORE as above. */
rg_outcome_t rg_busy_search(rg_busy_t **out, int *count, bool *more, const rg_ctx_t *ctx,
                            int64_t resource_id, apr_time_t from, apr_time_t until, int limit);

/* Changes whenever free time may have changed: definitions or any booking. For HTTP validators. */
rg_outcome_t rg_directory_mark(const char **mark, const rg_ctx_t *ctx);

/* --- machine.c: booking by machines, as IHE ITI Scheduling has it ----------------------------- */

/* API clients book public services, with the same notice as patients, and may book before the
 * consents are signed: no step can begin without them. New bookings need system/Appointment.c,
 * changes .u; RG_FORBIDDEN without. */

typedef struct {
    const char *service_code;
    int64_t practitioner_id; /* 0: any */
    apr_time_t from, until;  /* of the start; at most policy->search_days are searched */
    apr_time_t at_least;     /* earlier starts are only counted; 0: none */
    int limit;
    int targets; /* to be treated; 0: one */
} rg_propose_in_t;
/* One possible time for the whole chain: concrete visits with their resources. Nothing is
 * occupied. */
typedef struct {
    apr_time_t start;
    int visit_count;
    rg_visit_t *visits; /* status proposed, no uid */
} rg_proposal_t;
/* The first LIMIT starts in the window, ascending; *TOTAL counts all of it. No starts is RG_OK. One
 * statement. RG_NOT_FOUND for a service that is not offered, RG_INVALID for a practitioner who does
 * not take part in it. */
rg_outcome_t rg_machine_propose(rg_proposal_t **out, int *count, int *total, const rg_ctx_t *ctx,
                                const rg_propose_in_t *in);
typedef struct {
    const char *patient_uid; /* "": nobody yet; a known patient (system/Patient.r) */
    const char *order_uid;   /* the treatment order that it is made on; NULL or "": none */
} rg_machine_whom_t;
/* As rg_booking_hold. RG_INVALID at "patient" or "order" for one that the client does not see. */
rg_outcome_t rg_machine_hold(rg_hold_t *out, const rg_ctx_t *ctx, const rg_hold_in_t *in,
                             const rg_machine_whom_t *whom);

typedef struct {
    const char *booking_uid; /* a hold; NULL: WISH is held first */
    rg_hold_in_t wish;       /* unless BOOKING_UID */
    rg_machine_whom_t whom;  /* nobody: DETAILS describe a new patient */
    rg_details_in_t details; /* for a known patient only what is about the treatment */
    rg_booking_note_t note;
} rg_machine_book_in_t;
typedef struct {
    const char *booking_uid;
    const char *link;   /* the patient's private link; the same when repeated */
    bool place_missing; /* part of the body and side are not known yet */
    int forms_missing;  /* consents that are not signed yet */
    rg_hold_t hold;     /* on RG_CONFLICT: other times */
} rg_machine_booked_t;
/* Holds (unless already held), stores the details, confirms. Repeated with the same key, it
 * continues where it stopped. If it fails, it releases a hold that it made itself. */
rg_outcome_t rg_machine_book(rg_machine_booked_t *out, const rg_ctx_t *ctx,
                             const rg_machine_book_in_t *in);
/* Whether this request was done before, by its key: it need not fit the current data. */
rg_outcome_t rg_machine_repeats(bool *out, const rg_ctx_t *ctx);

/* --- machine_same.c --------------------------------------------------------------------------- */

/* What an API client repeats of a booking while it changes it: the described patient (no uid, no
 * part of the body) and the payment. NULL: not given. */
typedef struct {
    const char *booking_uid;
    const rg_details_in_t *person;
    const char *payer_code, *member_id, *group_no;
} rg_machine_said_t;
/* RG_INVALID, with a problem at "whom", "payer_code", "member_id" or "group_no", for values that
 * differ from the stored ones. Without system/Patient.r nothing counts as equal, because the answer
 * would reveal what is stored. */
rg_outcome_t rg_machine_same(const rg_ctx_t *ctx, const rg_machine_said_t *in);

/* --- machine.c: booking by machines, as IHE ITI Scheduling has it ----------------------------- */

/* Moves the whole chain (VISIT 0) or one visit of it: rg_booking_visit_move. VERSION 0: any
 * version. */
rg_outcome_t rg_machine_move(rg_hold_t *out, const rg_ctx_t *ctx, const char *booking_uid,
                             int visit, const rg_move_in_t *in);
/* Releases a hold or cancels. RG_CONFLICT if VERSION (0: any) is no longer the booking's. */
rg_outcome_t rg_machine_cancel(const rg_ctx_t *ctx, const char *booking_uid, int version,
                               const char *reason, const rg_booking_note_t *note);
/* For a "move" to the time that the visit already has: checked under the lock of this transaction.
 * *STAYS false: it begins at a different time by now, and nothing was done. Otherwise the comment
 * is stored. RG_CONFLICT at "version" for a different version (0: any). */
typedef struct {
    const char *booking_uid, *visit_uid;
    apr_time_t start;
    int version;
    const rg_booking_note_t *note; /* NULL: no comment */
} rg_machine_stay_in_t;
rg_outcome_t rg_machine_stay(bool *stays, const rg_ctx_t *ctx, const rg_machine_stay_in_t *in);

#endif
