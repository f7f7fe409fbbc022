/* SPDX-License-Identifier: Apache-2.0 */
/* Who comes, what was signed, the browser they use.
 *
 * One function is one business transaction. Each takes the context first after its results,
 * checks the caller's right to the record itself (a patient's session reaches its own booking
 * only; anything else answers RG_NOT_FOUND), adds to ctx->problems what a person can mend, and
 * writes an audit event in the same transaction for every change. Results live in ctx->pool. */
#ifndef REGEN_CLINIC_PATIENT_H
#define REGEN_CLINIC_PATIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/consent.h"
#include "regen/model/patient.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"

typedef struct {
    int booking_count, place_count;
    rg_visitor_booking_t *bookings; /* newest first */
    rg_visitor_place_t *places;
} rg_visitor_list_t;

/* One form the booking's service requires, and whether it is in order. */
typedef struct {
    rg_form_version_t form;      /* current version */
    const rg_consent_t *consent; /* the one that counts, or NULL */
    const char *why;             /* NULL when in order; else what is missing, in words */
    bool again;                  /* it was signed, and that does not count */
} rg_consent_state_t;

typedef struct {
    int count;
    rg_consent_state_t *forms;
    bool complete;
} rg_consents_t;

/* --- details_check.c -------------------------------------------------------------------------- */

/* patient/details_check.c. The day that is understood of a date of birth in any writing
 * (rg_day_read), for showing it; false when none is. Pure. */
bool rg_birth_date_said(rg_date_t *out, const rg_ctx_t *ctx, const char *typed);

/* --- visitor.c: a visitor's browser ----------------------------------------------------------- */

/* A day in three fields, as typed: birth_month, birth_day, birth_year. Problems about the month
 * stand at "birth_date", those about the others at their own names. */
typedef struct {
    const char *month, *day, *year;
} rg_day_typed_t;

/* --- details.c: who, what joint, who pays ----------------------------------------------------- */

/* As typed; NULL = not sent. Days come whole (birth_date) or in three fields (born). */
typedef struct {
    const char *family, *given, *birth_date, *gender, *email, *phone, *address_line, *city, *state,
        *postal_code, *country;
    const char *given_lines; /* given's names one a line, where several came apart */
    rg_day_typed_t born, subscriber_born;
    const char *body_site, *side;
    const char *pay; /* "self" or "insurance" */
    const char *payer_code, *member_id, *group_no, *relationship, *subscriber_family,
        *subscriber_given, *subscriber_birth_date;
    int version; /* of the booking, as the page showed it; 0: whatever it is */
} rg_details_in_t;

/* Validates everything at once (all problems, by field name as in the struct), then stores patient,
 * coverage, site and side on the held booking. RG_GONE when the hold is over: what was typed is
 * kept all the same, for rg_details_carry. RG_PRECONDITION once it is booked; RG_CONFLICT at
 * "version" when it was changed since that was shown. Changing side or site later makes earlier
 * consents not count. It never writes a record that another booking has or that was there before
 * the hold: whoever is described otherwise gets a new one, and of the desk another name or date of
 * birth for a patient whom it chose is RG_INVALID. Once something is signed, another name or date
 * of birth is another patient, and what was signed does not count. */
rg_outcome_t rg_details_save(rg_ctx_t *ctx, int64_t booking_id, const rg_details_in_t *in);
typedef struct {
    rg_patient_t *patient; /* NULL: not yet known */
    bool known; /* for the desk: it is on file apart from this hold, and stays as it is */
    rg_coverage_t *coverage; /* NULL: self-pay or not yet */
    int payer_count;
    rg_payer_t *payers; /* to choose from */
} rg_details_t;
rg_outcome_t rg_details_get(rg_details_t **out, rg_ctx_t *ctx, int64_t booking_id);
/* Part of the body and side of a booking that a program made without them: by its patient or the
 * desk, once, before the day begins. Consents that name a side are signed after it. RG_INVALID at
 * "body_site" and "side"; RG_PRECONDITION when it was said before or is not to come any more. */
rg_outcome_t rg_place_save(rg_ctx_t *ctx, int64_t booking_id, const rg_details_in_t *in);
/* Who holds another time of the same service instead need not type again: gives FRESH (held, still
 * without a patient) a copy of the details of FROM, which never was booked. RG_NOT_FOUND when there
 * is nothing to carry. The caller answers for both being the same person's: it knows by their
 * session. */
rg_outcome_t rg_details_carry(rg_ctx_t *ctx, int64_t from, int64_t fresh);

/* --- consent.c -------------------------------------------------------------------------------- */

/* Every form the service requires in its current version, with the consent that counts for this
 * booking, site and side. */
rg_outcome_t rg_consents_get(rg_consents_t **out, rg_ctx_t *ctx, int64_t booking_id);
/* --- case.c ----------------------------------------------------------------------------------- */

/* One booking with what its pages show, read at once. */
typedef struct {
    rg_booking_t *booking; /* as rg_booking_get */
    rg_service_t *service;
    rg_site_t *site;
    rg_details_t *details;   /* NULL unless asked for */
    rg_consents_t *consents; /* likewise */
} rg_case_t;
#define RG_CASE_PEOPLE 1u /* who, and who pays */
#define RG_CASE_PAYERS 2u /* and whom they may choose from */
#define RG_CASE_FORMS  4u /* and what was signed */
/* RG_NOT_FOUND for a booking, or for people, that are not the caller's to see; what was read until
 * something failed is in OUT. */
rg_outcome_t rg_case_get(rg_case_t *out, rg_ctx_t *ctx, int64_t booking_id, unsigned parts);

/* The exact text that is shown and signed: patient, birth date, treatment, site and side, clinic
 * and its notice, then the version's text. RG_PRECONDITION until the patient is known, RG_GONE once
 * the hold expired. */
rg_outcome_t rg_consent_text(const char **text, unsigned char sha256[32], rg_ctx_t *ctx,
                             const rg_case_t *c, const rg_consent_state_t *s);
typedef struct {
    const char *form_code;
    const char *signer_name; /* as typed; must match the patient's name for signer_role "patient" */
    const char *agree;       /* "yes": the explicit act */
    const char
        *text_sha256; /* hex of what the page showed: RG_CONFLICT when the text changed since */
} rg_sign_in_t;
/* The patient signs: RG_INVALID by field, RG_CONFLICT when the text is not what was shown. Signing
 * again what is in order does nothing. */
rg_outcome_t rg_consent_sign(rg_ctx_t *ctx, int64_t booking_id, const rg_sign_in_t *in);
rg_outcome_t rg_consent_withdraw(rg_ctx_t *ctx, const char *consent_uid, const char *reason);
/* One signature with its text, for a copy. */
rg_outcome_t rg_consent_get(rg_consent_t **out, rg_ctx_t *ctx, const char *consent_uid);

/* --- visitor.c: a visitor's browser ----------------------------------------------------------- */

/* Somebody came by the booking's link, or took it from the waitlist: the caller's session may open
 * it, at once while nobody's details are in it, else when the date of birth was given. *UID: the
 * booking's. */
rg_outcome_t rg_visitor_admit(const char **uid, rg_ctx_t *ctx, int64_t booking_id);
rg_outcome_t rg_visitor_admit_place(const char **uid, rg_ctx_t *ctx, int64_t waiter_id);
/* Everything that the caller's session may open. */
rg_outcome_t rg_visitor_list(rg_visitor_list_t **out, rg_ctx_t *ctx);
/* Sets ctx->who.booking_id to the booking that this request is about: the one named, else the only
 * one that is not over, else the newest. RG_NOT_FOUND for one that is not the session's;
 * RG_CONFLICT: none was named, and there are several; RG_PRECONDITION: the date of birth is still
 * to be given; RG_UNAUTHENTICATED: the session opens none. *OUT may be set in all cases but those
 * without a booking. */
rg_outcome_t rg_visitor_choose(const rg_visitor_booking_t **out, rg_ctx_t *ctx, const char *uid);
/* Likewise ctx->who.waiter_id. */
rg_outcome_t rg_visitor_choose_place(const rg_visitor_place_t **out, rg_ctx_t *ctx,
                                     const char *uid);
/* Opens a booking that was admitted, by the date of birth of whose it is, whole or in three pieces:
 * RG_OK also when it is open already; RG_INVALID at "birth_date"; RG_GONE after RG_LINK_TRIES wrong
 * ones: the clinic makes another link then. RG_NOT_FOUND: not the session's. */
rg_outcome_t rg_visitor_open(rg_ctx_t *ctx, const char *uid, const char *birth_date,
                             const rg_day_typed_t *born);
/* Opens a booking in a browser that does not know it, as its private link and the date of birth do:
 * *UID is the booking's. RG_INVALID with a problem that does not say which of the two is wrong,
 * unless one of them cannot be a number or a date at all. */
rg_outcome_t rg_visitor_open_number(const char **uid, rg_ctx_t *ctx, const char *number,
                                    const char *birth_date, const rg_day_typed_t *born);
/* Neither expired nor given back nor cancelled. */
bool rg_visitor_live(const rg_visitor_booking_t *b);
/* Ends the caller's session; what it holds is given back with it, what is booked stays so.
 * *GIVEN_BACK counts. */
rg_outcome_t rg_visitor_leave(int *given_back, rg_ctx_t *ctx);

#endif
