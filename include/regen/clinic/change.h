/* SPDX-License-Identifier: Apache-2.0 */
/* A person is changed on the person's own page, with a reason; the old values stay readable. */
#ifndef REGEN_CLINIC_CHANGE_H
#define REGEN_CLINIC_CHANGE_H

#include "regen/clinic/identity.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/change.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"

typedef struct {
    const rg_site_t *site;
    rg_patient_t *patient;
    rg_needs_t needs;
} rg_person_page_t;

/* For the form: the record that stands for UID. */
rg_outcome_t rg_person_page(rg_person_page_t **out, const rg_ctx_t *ctx, const char *uid);

typedef struct {
    rg_details_in_t person; /* its version is that of the record, as shown */
    const char *interpreter, *access_needs, *reason;
    rg_second_t second; /* who confirmed, from rg_second_person; staff_id 0: nobody */
} rg_change_in_t;

/* Front desk, clinicians and admins, by name. Every field that differs from what is on file becomes
 * a row of the history. RG_INVALID with the problems; one at "second_login" if the name or the date
 * of birth of somebody in treatment, or who signed, was changed without a second person, who is of
 * these roles, too. RG_CONFLICT at "version" if somebody else changed the record since it was
 * shown. */
rg_outcome_t rg_person_change(const rg_ctx_t *ctx, const char *uid, const rg_change_in_t *in);

#endif
