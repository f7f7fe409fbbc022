/* SPDX-License-Identifier: Apache-2.0 */
/* Patient details, consents, the visitor's browser.
 *
 * Each function is one business transaction. It takes the context first after its results, checks
 * that the caller may access the record (a patient's session only its own booking; anything else is
 * RG_NOT_FOUND), adds problems that a person can fix to ctx->problems, and writes an audit event
 * for every change in the same transaction. Results are allocated in ctx->pool. */
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

/* One form the booking's service requires, and whether it is in order. */
typedef struct {
    rg_form_version_t form;        /* current version */
    const rg_consent_t *consent;   /* the valid one, or NULL */
    const char *why;               /* NULL if in order; otherwise what is missing, in words */
    bool again;                    /* it was signed, but the signature is not valid */
    bool awaits;                   /* signed, and a clinician has not confirmed yet */
    const rg_consent_t *withdrawn; /* no valid one, and this one was withdrawn; NULL otherwise */
} rg_consent_state_t;

/* One signature, in force or not. */
typedef struct {
    const rg_consent_t *consent;
    const char *why; /* why it is not valid; NULL: it is */
} rg_consent_kept_t;

typedef struct {
    int count;
    rg_consent_state_t *forms;
    bool complete;
    int kept_count;
    rg_consent_kept_t *kept; /* everything that was signed, newest first */
} rg_consents_t;

/* --- details_check.c -------------------------------------------------------------------------- */

/* patient/details_check.c. The date understood from a date of birth in any form (rg_day_read), to
 * show it; false if none is understood. Pure. */
bool rg_birth_date_said(rg_date_t *out, const rg_ctx_t *ctx, const char *typed);

/* --- visitor.c: a visitor's browser ----------------------------------------------------------- */

/* A day in three fields, as typed: birth_month, birth_day, birth_year. Problems about the month are
 * at "birth_date", those about day and year at their own names. */
typedef struct {
    const char *month, *day, *year;
} rg_day_typed_t;

/* --- details.c: who, what joint, who pays ----------------------------------------------------- */

/* Everything typed in one field: the person, what is treated, who pays (rg_pay_name), the
 * coverage. */
#define RG_DETAILS_FIELDS(X)                                                                       \
    RG_PERSON_FIELDS(X)                                                                            \
    X(body_site, , "")                                                                             \
    X(side, , "")                                                                                  \
    X(pay, , "")                                                                                   \
    X(payer_code, , "")                                                                            \
    RG_COVERAGE_FIELDS(X)
#define RG_DETAILS_MEMBER_(name, member, path) const char *name;
/* As typed; NULL = not sent. A date comes whole (birth_date) or in three fields (born). */
typedef struct {
    RG_DETAILS_FIELDS(RG_DETAILS_MEMBER_)
    const char *birth_date, *subscriber_birth_date;
    rg_day_typed_t born, subscriber_born;
    const char *given_lines; /* the given names one a line, if several were sent separately */
    int version;             /* of the booking, as shown; 0: any */
} rg_details_in_t;

/* Validates everything at once (all problems, by field name as in the struct), then stores patient,
 * coverage, site and side with the held booking. RG_GONE if the hold expired: what was typed is
 * stored anyway, for rg_details_carry. RG_PRECONDITION once it is booked; RG_CONFLICT at "version"
 * if it changed since it was shown. Changing side or site later invalidates earlier consents. It
 * never changes a record that another booking uses or that is older than the hold: different
 * details make a new record, and if the front desk chose the patient, a different name or date of
 * birth is RG_INVALID. Once something is signed, a different name or date of birth is a different
 * patient, and the signatures are not valid for that patient. */
rg_outcome_t rg_details_save(const rg_ctx_t *ctx, int64_t booking_id, const rg_details_in_t *in);
/* details_check.c: name, date of birth, sex and contact alone, with all problems at once. TODAY is
 * the day at the clinic. */
bool rg_person_check(rg_patient_t *out, const rg_ctx_t *ctx, const rg_details_in_t *in,
                     rg_date_t today);
typedef struct {
    rg_patient_t *patient;   /* NULL: not yet known */
    bool known;              /* front desk: on file independently of this hold; not changed */
    rg_coverage_t *coverage; /* NULL: self-pay or not yet */
    int payer_count;
    rg_payer_t *payers; /* to choose from */
} rg_details_t;
rg_outcome_t rg_details_get(rg_details_t **out, const rg_ctx_t *ctx, int64_t booking_id);
/* Part of the body and side of a booking that an API client made without them: entered once, by the
 * patient or the front desk, before the first step. Consents that name a side can be signed only
 * afterwards. RG_INVALID at "body_site" and "side"; RG_PRECONDITION if already entered, or too
 * late. */
rg_outcome_t rg_place_save(const rg_ctx_t *ctx, int64_t booking_id, const rg_details_in_t *in);
/* For a patient who holds another time of the same service instead: copies the details of FROM,
 * which was never booked, to FRESH (held, still without a patient). RG_NOT_FOUND if there is
 * nothing to copy. The caller must make sure that both belong to the same person, by the
 * session. */
rg_outcome_t rg_details_carry(const rg_ctx_t *ctx, int64_t from, int64_t fresh);

/* --- consent.c -------------------------------------------------------------------------------- */

/* Every form the service requires in its current version, with the valid consent for this booking,
 * site and side. */
rg_outcome_t rg_consents_get(rg_consents_t **out, const rg_ctx_t *ctx, int64_t booking_id);
/* --- case.c ----------------------------------------------------------------------------------- */

/* One booking with everything its pages show, read at once. */
typedef struct {
    rg_booking_t *booking; /* as rg_booking_get */
    rg_service_t *service;
    rg_site_t *site;
    rg_details_t *details;   /* NULL unless asked for */
    rg_consents_t *consents; /* likewise */
} rg_case_t;
#define RG_CASE_PEOPLE 1u /* the patient and the payment */
#define RG_CASE_PAYERS 2u /* and the payers to choose from */
#define RG_CASE_FORMS  4u /* and the consents */
#define RG_CASE_BRIEF  8u /* of the day only when each visit is: no steps, no resources */
/* RG_NOT_FOUND for a booking or people that the caller may not see; OUT contains what was read
 * before a failure. */
rg_outcome_t rg_case_get(rg_case_t *out, const rg_ctx_t *ctx, int64_t booking_id, unsigned parts);

/* The exact text that is shown and signed: patient, birth date, treatment, site and side, clinic
 * and its notice, then the version's text. RG_PRECONDITION until the patient is known, RG_GONE once
 * the hold expired. */
rg_outcome_t rg_consent_text(const char **text, unsigned char sha256[32], const rg_ctx_t *ctx,
                             const rg_case_t *c, const rg_consent_state_t *s);
typedef struct {
    const char *form_code;
    const char
        *signer_name; /* as typed; must match the patient's for the patient, and differ otherwise */
    const char *agree; /* "yes": the explicit consent */
    const char
        *text_sha256;   /* hex of what the page showed: RG_CONFLICT when the text changed since */
    const char *signer; /* a word of RG_SIGNERS; NULL or "": the patient */
    const char *entitlement; /* of a representative */
} rg_sign_in_t;
/* Whether the patient of C, read with RG_CASE_PEOPLE, is under 18 today at the site: then a
 * representative signs. */
bool rg_consent_minor(const rg_ctx_t *ctx, const rg_case_t *c);
/* The patient or, in their own name, a representative signs: RG_INVALID by field, RG_CONFLICT when
 * the text is not what was shown. Signing a valid form again does nothing. */
rg_outcome_t rg_consent_sign(const rg_ctx_t *ctx, int64_t booking_id, const rg_sign_in_t *in);

/* --- consent_desk.c --------------------------------------------------------------------------- */

/* The staff session of TOKEN (NULL: httpd logged them in, RG_PRECONDITION) becomes a tablet of that
 * booking for half an hour, once the patient said their date of birth: RG_INVALID at "birth_date"
 * if it is none, RG_PRECONDITION if it is another, which is audited. There is no way back but
 * logging in again. What is signed then is witnessed by whoever handed it over. */
rg_outcome_t rg_tablet_lend(const rg_ctx_t *ctx, const char *token, const char *booking_uid,
                            const char *birth_date);

/* --- consent_kept.c --------------------------------------------------------------------------- */

/* One signature with its text, as a copy. RG_PRECONDITION, logged: the stored text is not the one
 * that was signed. */
rg_outcome_t rg_consent_get(rg_consent_t **out, const rg_ctx_t *ctx, const char *consent_uid);
typedef struct {
    rg_booking_t *booking;
    rg_site_t *site;
    rg_consent_t *consent; /* with its text */
    const char *why;       /* why it is not valid; NULL: it is */
} rg_consent_look_t;
/* The same for staff, also of what is no longer valid. Audited. RG_NOT_FOUND unless it was signed
 * for that booking; RG_PRECONDITION as above. */
rg_outcome_t rg_consent_look(rg_consent_look_t **out, const rg_ctx_t *ctx, const char *booking_uid,
                             const char *consent_uid);
/* Signed in order, and no step begins before a clinician confirms to have explained it. */
bool rg_consent_awaits(const rg_consent_t *c);
/* A clinician confirms that ("yes"), once: RG_INVALID at "explained" without it, RG_CONFLICT when
 * somebody did, RG_PRECONDITION when the form asks for none or is not valid otherwise. */
rg_outcome_t rg_consent_explain(const rg_ctx_t *ctx, const char *booking_uid,
                                const char *consent_uid, const char *explained);
typedef struct {
    const char *booking_uid; /* NULL: whichever it was signed for */
    const char *consent_uid;
    const char *channel, *reason, *confirmed; /* by staff: all three required, confirmed "yes" */
} rg_withdraw_in_t;
/* By the patient, who need not say why, or by a member of the staff to whom the patient or
 * representative told it. From then on no step begins until the form is signed again; the time
 * stays reserved. RG_CONFLICT if it is already withdrawn. */
rg_outcome_t rg_consent_withdraw(const rg_ctx_t *ctx, const rg_withdraw_in_t *in);

/* --- visitor.c: a visitor's browser ----------------------------------------------------------- */

/* *WHO in these is for the caller's ctx->who from then on; it may be that very principal. MINE is
 * what the caller's session may open, as rg_visitor_resolve gave it (NULL: it has no session). */

/* A booking is opened by its link, or accepted from the waitlist: the caller's session may open it,
 * at once as long as it has no details, otherwise after the date of birth. *UID: the booking's;
 * *WHO gets that session, and is unchanged unless RG_OK. */
rg_outcome_t rg_visitor_admit(rg_principal_t *who, const char **uid, const rg_ctx_t *ctx,
                              int64_t booking_id);
rg_outcome_t rg_visitor_admit_place(rg_principal_t *who, const char **uid, const rg_ctx_t *ctx,
                                    int64_t waiter_id);
/* *WHO is the caller with the booking_id of the booking that this request is about: the named one,
 * otherwise the only one that is not over, otherwise the newest. RG_NOT_FOUND for one that is not
 * the session's; RG_CONFLICT: none was named, and there are several; RG_PRECONDITION: the date of
 * birth is still required; RG_UNAUTHENTICATED: the session opens none. Unless RG_OK, booking_id and
 * waiter_id are 0. *OUT may be set in all cases except those without a booking. */
rg_outcome_t rg_visitor_choose(rg_principal_t *who, const rg_visitor_booking_t **out,
                               const rg_ctx_t *ctx, const rg_visitor_list_t *mine, const char *uid);
/* Likewise waiter_id. */
rg_outcome_t rg_visitor_choose_place(rg_principal_t *who, const rg_visitor_place_t **out,
                                     const rg_ctx_t *ctx, const rg_visitor_list_t *mine,
                                     const char *uid);
/* Opens an admitted booking by the patient's date of birth, whole or in three pieces. RG_OK also if
 * it is already open; RG_INVALID at "birth_date"; RG_GONE after RG_LINK_TRIES wrong dates: then the
 * clinic must make a new link. RG_NOT_FOUND: not the session's. *WHO as by rg_visitor_choose. */
rg_outcome_t rg_visitor_open(rg_principal_t *who, const rg_ctx_t *ctx,
                             const rg_visitor_list_t *mine, const char *uid, const char *birth_date,
                             const rg_day_typed_t *born);
/* Opens a booking in a browser that does not know it, by its number, as its private link and the
 * date of birth do: *UID is the booking's; *WHO as by rg_visitor_admit. RG_INVALID with a problem
 * that does not say which of the two is wrong, unless one of them cannot be a number or a date at
 * all. */
rg_outcome_t rg_visitor_open_number(rg_principal_t *who, const char **uid, const rg_ctx_t *ctx,
                                    const char *number, const char *birth_date,
                                    const rg_day_typed_t *born);
/* Neither expired nor released nor cancelled. */
bool rg_visitor_live(const rg_visitor_booking_t *b);
/* Ends the caller's session and releases its holds; bookings stay booked. *GIVEN_BACK counts the
 * holds. */
rg_outcome_t rg_visitor_leave(int *given_back, const rg_ctx_t *ctx);

#endif
