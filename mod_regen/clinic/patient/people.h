/* SPDX-License-Identifier: Apache-2.0 */
/* What details.c, details_check.c and consent.c share. Private to them and to their tests. */
#ifndef RG_CLINIC_PEOPLE_H
#define RG_CLINIC_PEOPLE_H
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/store.h"

/* visitor.c: no number, or the wrong date for it: the same words for all. */
extern const char rg_no_such_number[];

/* A patient's session reaches its own booking, staff reach every one. */
bool rg_people_may(const rg_ctx_t *ctx, int64_t booking_id);

/* Whether it has a left and a right side: false for the middle of the body ("lumbar-spine"). */
bool rg_body_site_sided(const char *body_site);

/* What was typed, checked and brought into the form in which it is stored. */
typedef struct {
    rg_patient_t patient; /* without id and uid */
    bool self_pay;
    rg_coverage_t coverage; /* unless self_pay; payer filled, without id and uid */
    const char *body_site;
    rg_side_t side;
} rg_details_checked_t;

/* What the input is measured against. */
typedef struct {
    const rg_service_t *service;
    rg_date_t today; /* at the site */
    const rg_payer_t *payers;
    int payer_count;
    bool ordered;     /* on a treatment order, which says who and where: only who pays is asked */
    bool place_later; /* part of the body and side may be left to the patient */
    unsigned roles;   /* roles of the person who typed; 0: the patient */
} rg_details_rules_t;

/* Details to be stored with a booking. */
typedef struct {
    int64_t booking_id;
    int64_t known_id; /* the patient that a program named; 0: none */
    rg_booking_t *booking;
    rg_service_t *service;
    rg_site_t *site;
    rg_details_t *details;
    rg_details_checked_t checked;
    bool self_pay; /* as typed: nobody need be chosen from */
    int seen;      /* the version that the page showed; 0: whatever it is */
    bool over;     /* the hold ran out */
} rg_details_work_t;

/* Of a booking that was read with its PATIENT, on the caller's connection: patient and payment;
 * with PAYERS, those to choose from. The caller has checked the access. */
rg_outcome_t rg_details_in(rg_details_t **out, rg_db_t *db, const rg_ctx_t *ctx,
                           const rg_booking_t *b, rg_patient_t *patient, bool payers);
/* Likewise: its forms, and what was signed of them, by PATIENT (NULL: not known). */
rg_outcome_t rg_consents_in(rg_consents_t **out, rg_db_t *db, const rg_ctx_t *ctx, rg_booking_t *b,
                            rg_patient_t *patient);

/* details.c: what was typed, checked by what is true now. The caller asked whether they may. */
rg_outcome_t rg_details_prepare(rg_details_work_t *w, const rg_ctx_t *ctx,
                                const rg_details_in_t *in);
/* Stores it in a transaction, on the current row. An API client never changes the record of a known
 * patient: RG_PRECONDITION if it sends different values. BATON: rg_details_work_t. */
rg_outcome_t rg_details_save_in(rg_db_t *db, const rg_ctx_t *ctx, void *baton);

/* All problems at once, by field. False when there are any. Pure. */
bool rg_details_check(rg_details_checked_t *out, apr_pool_t *p, rg_problems_t *problems,
                      const rg_details_in_t *in, const rg_details_rules_t *rules);

/* details_check.c: a date of birth as typed, in one piece or else in three (NULL: in one), for
 * comparing; false with problems at "birth_date", "birth_day" and "birth_year". */
bool rg_birth_date_read(rg_date_t *out, const rg_ctx_t *ctx, const char *whole,
                        const rg_day_typed_t *parts);

/* details_check.c: the part of the body alone, where it is required now. */
bool rg_place_check(const char **body_site, rg_side_t *side, apr_pool_t *p, rg_problems_t *problems,
                    const rg_details_in_t *in, const rg_service_t *service, unsigned roles);

#endif
