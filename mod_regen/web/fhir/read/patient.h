/* SPDX-License-Identifier: Apache-2.0 */
/* An incoming Patient resource as if it had been typed. Private to the web room. */
#ifndef REGEN_FHIR_PATIENT_H
#define REGEN_FHIR_PATIENT_H

#include "in.h"
#include "regen/clinic/patient.h"
#include "regen/core/outcome.h"

/* The name, telephone, email and address that R4's use, period and rank make the current ones at
 * NOW. False with problems for a record that is not to be used: inactive, of somebody who died,
 * replaced by another, or with a country that this clinic does not know addresses of. PATIENT has
 * passed regen_fhir_shape. */
bool regen_patient_read(rg_details_in_t *to, rg_problems_t *problems, apr_pool_t *p,
                        const regen_node_t *patient, apr_time_t now);

#endif
