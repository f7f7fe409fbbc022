/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in the clinic's definitions and their relations. Pure. */
#ifndef REGEN_CLINIC_LOOKUP_H
#define REGEN_CLINIC_LOOKUP_H

#include "regen/model/unit.h"
#include "regen/store/definitions.h"
#include "regen/store/visit.h"
#include "regen/core/outcome.h"
#include "regen/model/place.h"
#include "regen/model/service.h"

/* What was not found in K: OTHERWISE, or RG_UNAVAILABLE while some of the clinic's definitions
 * cannot be used and it may be among them. */
rg_outcome_t rg_clinic_missing(const rg_clinic_t *k, rg_outcome_t otherwise);

/* NULL if there is none. A result always has a site, and the site a time zone. */
const rg_clinic_service_t *rg_clinic_service_by_code(const rg_clinic_t *k, const char *code);
const rg_clinic_service_t *rg_clinic_service(const rg_clinic_t *k, int64_t id);
rg_site_t *rg_clinic_site(const rg_clinic_t *k, int64_t id);
rg_site_t *rg_clinic_site_by_code(const rg_clinic_t *k, const char *code);
/* The site with this code, for NULL or "" the first; NULL if there is none. */
const rg_site_t *rg_clinic_site_asked(const rg_clinic_t *k, const char *code);
const rg_clinic_resource_t *rg_clinic_resource(const rg_clinic_t *k, int64_t id);
bool rg_clinic_can(const rg_clinic_resource_t *r, const char *capability);
/* Whether R may serve the need, were it free: by its capability, or by one that does instead. */
bool rg_need_can(const rg_clinic_resource_t *r, const rg_need_t *n);
/* Whether R may serve some need of a step of these KINDS (1u << rg_step_kind_t). */
bool rg_service_uses(const rg_service_t *s, const rg_clinic_resource_t *r, unsigned kinds);
#define RG_STEPS_ANY (~0u)

/* The index of E's step among the service's, or -1. */
int rg_step_of_event(const rg_service_t *s, rg_event_t e);

#endif
