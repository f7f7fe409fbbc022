/* SPDX-License-Identifier: Apache-2.0 */
/* What the files about definitions of services share: service.c (use-cases), service_rules.c
 * (rules), service_trial.c (whether it can ever be booked, and why not). */
#ifndef RG_CLINIC_SERVICE_H
#define RG_CLINIC_SERVICE_H

#include <stdbool.h>

#include "mod_regen/clinic/definitions/catalogue.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/definition.h"
#include "regen/model/place.h"
#include "regen/model/questionnaire.h"
#include "regen/store/definitions.h"

/* One definition on trial: among the others as they would be after it was stored. */
typedef struct {
    const rg_ctx_t *ctx;
    const rg_clinic_t *clinic;
    const rg_service_def_t *def;
    const rg_site_t *site; /* NULL: unknown */
    const char *prefix;    /* of problem fields: "services[2]." or "" */
    const rg_form_code_t *forms;
    int form_count;
    const rg_quest_version_t *quests; /* the newest versions */
    int quest_count;
} rg_trial_t;

/* trial.c: a problem at this path of the definition, or at the whole of it (NULL). */
void rg_trial_problem(const rg_trial_t *t, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* All problems that can be found without a calendar, at once. Capabilities are checked only for
 * active services. */
void rg_service_check(const rg_trial_t *t);
/* screening.c: that its questionnaires are published, each named once. */
void rg_screenings_check(const rg_trial_t *t);
/* product.c: whether the service has the product that its harvest, if it has one, needs, and may be
 * made. */
void rg_product_check(const rg_trial_t *t, bool harvests);
/* Patients booked and consented to what WAS is made of, and units are on record as made of it: then
 * only name and trial number change. A service from before products gets its first at any time. */
void rg_product_check_kept(const rg_trial_t *t, const rg_service_t *was,
                           const rg_service_use_t *use);
/* For a definition that passed: RG_INVALID with the reason when no start is ever offered from now
 * to the horizon, though nobody booked anything. */
rg_outcome_t rg_service_check_bookable(const rg_trial_t *t);

#endif
