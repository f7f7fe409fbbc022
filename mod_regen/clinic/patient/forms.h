/* SPDX-License-Identifier: Apache-2.0 */
/* What consent.c, consent_sign.c and consent_kept.c share: the forms of one booking with everything
 * that was signed for it. Private to them. */
#ifndef RG_CLINIC_FORMS_H
#define RG_CLINIC_FORMS_H
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/consent.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/patient.h"
#include "regen/store/store.h"

typedef struct {
    int64_t booking_id;
    rg_booking_t *booking;
    rg_patient_t *patient; /* NULL: not yet known */
    rg_service_t *service;
    rg_site_t *site;
    int form_count;
    rg_required_form_t *forms;
    int signed_count;
    rg_consent_t *consents; /* newest first */
} rg_forms_t;

/* The forms and signatures of the booking that is already read. */
rg_outcome_t rg_forms_read(rg_db_t *db, const rg_ctx_t *ctx, rg_forms_t *w);
/* Booking and patient too; LOCK: until the end of the transaction. */
rg_outcome_t rg_forms_of_booking(rg_db_t *db, const rg_ctx_t *ctx, rg_forms_t *w, bool lock);
/* NULL: the service requires no form with that code. */
const rg_required_form_t *rg_form_required(const rg_forms_t *w, const char *code);
/* The newest signature of R that is valid at NOW, whether or not a clinician still has to confirm
 * it; NULL: none. */
const rg_consent_t *rg_form_signed(const rg_forms_t *w, const rg_required_form_t *r,
                                   apr_time_t now);
/* Why C is not valid at NOW; NULL: it is. */
const char *rg_consent_why_not(const rg_forms_t *w, apr_pool_t *p, const rg_consent_t *c,
                               apr_time_t now);
/* RG_OK once the form can be shown: the patient and the joint are known. */
rg_outcome_t rg_form_ready(const rg_forms_t *w, const rg_ctx_t *ctx,
                           const rg_required_form_t *form);
/* The exact text of a form for this booking; NULL: too long. */
const char *rg_form_text(const rg_forms_t *w, const rg_ctx_t *ctx, const rg_form_version_t *f);

#endif
