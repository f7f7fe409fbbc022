/* SPDX-License-Identifier: Apache-2.0 */
/* What the files about definitions of services know of each other: service.c (use-cases),
 * service_rules.c (rules), service_trial.c (whether it can ever be booked, and why not). */
#ifndef RG_CLINIC_SERVICE_H
#define RG_CLINIC_SERVICE_H

#include "mod_regen/clinic/definitions/catalogue.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/definition.h"
#include "regen/model/place.h"
#include "regen/store/definitions.h"

/* One definition on trial: among the others as they would be after it was stored. */
typedef struct {
    rg_ctx_t *ctx;
    const rg_clinic_t *clinic;
    const rg_service_def_t *def;
    const rg_site_t *site; /* NULL: unknown */
    const char *prefix;    /* of problem fields: "services[2]." or "" */
    const rg_form_code_t *forms;
    int form_count;
} rg_trial_t;

/* A problem at this path of the definition, or at the whole of it (NULL). */
void rg_trial_problem(const rg_trial_t *t, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Everything that can be said without a calendar, at once. Who can do what is only asked of
 * services that are active. */
void rg_service_check(const rg_trial_t *t);
/* For a definition that passed: RG_INVALID with the reason when no start is ever offered from now
 * to the horizon, though nobody booked anything. */
rg_outcome_t rg_service_check_bookable(const rg_trial_t *t);

#endif
