/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions of services from a JSON file; README.md documents it. Also of a clinic: who bills,
 * sites, payers. */
#ifndef REGENCTL_SERVICE_READ_H
#define REGENCTL_SERVICE_READ_H
#include "regen/core/outcome.h"
#include "regen/model/clinic_def.h"
#include "regen/model/definition.h"

/* RG_INVALID with every key that is unknown or missing and every value of a wrong type or out of
 * its limits, each by its path. Only clean text gets through. */
rg_outcome_t ctl_services_read(rg_service_def_t **out, int *count, apr_pool_t *p, const char *bytes,
                               size_t n, rg_problems_t *problems);
/* What has the code of something STORED begins with its values. */
rg_outcome_t ctl_clinic_read(rg_clinic_def_t *out, const rg_clinic_def_t *stored, apr_pool_t *p,
                             const char *bytes, size_t n, rg_problems_t *problems);

#endif
