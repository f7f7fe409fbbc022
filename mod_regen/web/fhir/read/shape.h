/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an incoming document contains only what R4 knows and this server understands. Private to
 * the web room. */
#ifndef REGEN_FHIR_SHAPE_H
#define REGEN_FHIR_SHAPE_H

#include "in.h"
#include "regen/core/outcome.h"

/* Holds RESOURCE (a Parameters, Appointment or Patient, with all in it) against R4: elements that
 * do not exist, come too often, have the wrong kind of value or a code that is not in the element's
 * set, implicitRules and any modifierExtension become problems with their path
 * ("Patient.name[0].famly"), the first twenty. NOTES (NULL: none) gets the elements that are
 * understood and not kept. */
bool regen_fhir_shape(rg_problems_t *problems, rg_problems_t *notes, apr_pool_t *p,
                      const regen_node_t *resource);

#endif
