/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses of what this server defines itself. Private to the web room. */
#ifndef REGEN_FHIR_OWN_H
#define REGEN_FHIR_OWN_H

#include "fhir.h"

/* The canonical address of O's definition below BASE. */
const char *regen_own_operation(apr_pool_t *p, const char *base, const regen_fhir_operation_t *o);
/* Words that name the address of each extension. */
const char *regen_own_extensions(apr_pool_t *p, const char *base);

#endif
