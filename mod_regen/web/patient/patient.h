/* SPDX-License-Identifier: Apache-2.0 */
/* What the patient_*.c handlers share: the booking behind the session, and the page it is shown
 * on. */
#ifndef REGEN_PATIENT_H
#define REGEN_PATIENT_H

#include "mod_regen/web/platform/web.h"
#include "regen/clinic/patient.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"

typedef rg_case_t regen_visit_t;

/* The session's booking with what it is for, and PARTS (RG_CASE_…; 0: no more). */
rg_outcome_t regen_visit_load(regen_visit_t *out, regen_req_t *q, unsigned parts);
/* The same, only while the hold lasts: RG_GONE after it, RG_PRECONDITION once it is booked. */
rg_outcome_t regen_visit_load_held(regen_visit_t *out, regen_req_t *q, unsigned parts);
/* Answers for an outcome of these two, or of a use-case on V: an expired hold offers to choose
 * again, a booking is shown; anything else is regen_fail. */
int regen_visit_fail(regen_req_t *q, const regen_visit_t *v, rg_outcome_t outcome);
/* What is to be done or left before B, which is V's booking or as it would be. */
void regen_put_preparing(rg_val_t *view, regen_req_t *q, const regen_visit_t *v,
                         const rg_booking_t *b);
/* A page's view with booking, service and held time. STEP may be NULL. */
rg_val_t *regen_visit_view(regen_req_t *q, const regen_visit_t *v, const char *title,
                           const char *step);

/* What the form "about you" needs of a booking. */
#define REGEN_FORM_PARTS (RG_CASE_PEOPLE | RG_CASE_PAYERS | RG_CASE_BRIEF)
/* The form "about you" with what came in this request's form, not stored: somebody pressed another
 * button of its page. */
int regen_details_again(regen_req_t *q, const regen_visit_t *v, rg_outcome_t outcome);

/* consent.c: what part/sign_form.html reads, with what was typed; MINOR: the patient cannot sign.
 * And the form as it was sent, its code in args[0]. */
void regen_sign_put(rg_val_t *view, regen_req_t *q, bool minor);
rg_sign_in_t regen_sign_decode(const regen_req_t *q);

/* Of a booking on a treatment order: whom and where the order says, into VIEW as "ordered". */
void regen_ordered_put(rg_val_t *view, apr_pool_t *p, const rg_booking_t *b,
                       const rg_patient_t *patient);
/* The form "about you" as it was sent: for the use-case, and to be shown again. */
rg_details_in_t regen_details_decode(const regen_req_t *q);
rg_val_t *regen_details_typed(regen_req_t *q);
/* A day in the fields PREFIX and "month", "day", "year". */
rg_day_typed_t regen_day_typed(const regen_req_t *q, const char *prefix);

/* times.c. The month and day pages for a booking, or for one visit of it that begins AT now
 * (0: all), that is to get another time, by what the address asks for. */
int regen_times_for_moving(regen_req_t *q, const regen_visit_t *v, int visit, apr_time_t at);
/* An instant as the page's buttons have it (unix seconds) or as RFC 3339 writes it. */
bool regen_read_start(apr_time_t *out, const char *s);
/* A practitioner's id as an address or form has it: 0 for none; false, with a problem, for what is
 * no id. */
bool regen_read_practitioner(int64_t *id, regen_req_t *q, const char *s);

/* The page for a private link that opens nothing. */
int regen_bad_link(regen_req_t *q);
/* details.c: puts what is known of who was offered this booking into an empty form "about you". */
rg_outcome_t regen_wait_prefill(rg_val_t *in, regen_req_t *q, int64_t booking_id);

/* --- platform/which.c ------------------------------------------------------------------------- */

/* 303 to a page of the booking this is about: "" or "/details", … */
int regen_to_booking(regen_req_t *q, const char *step);
/* … to the waitlist entry. */
int regen_to_place(regen_req_t *q);
/* Whether this browser has a session, also on public pages; sets ctx->who then. */
bool regen_visitor_known(regen_req_t *q);
/* What it may open, as it was when this request began; NULL: nothing. And one of them. */
const rg_visitor_list_t *regen_visitor_list(const regen_req_t *q);
rg_outcome_t regen_visitor_choose(const rg_visitor_booking_t **out, regen_req_t *q,
                                  const char *uid);
/* Creates one if there is none, for a use-case that stores it; sends it to the browser once it is
 * stored. */
void regen_visitor_begin(regen_req_t *q);
void regen_visitor_keep(regen_req_t *q);

/* --- http/flash.c: one short text over a redirect, for this browser alone --------------------- */

/* TEXT is 43 base64url characters (a booking's link), kept in a cookie for 15 minutes; NULL clears
 * it. */
void regen_flash_set(regen_req_t *q, const char *text);
const char *regen_flash_get(regen_req_t *q);

#endif
