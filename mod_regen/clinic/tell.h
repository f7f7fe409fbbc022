/* SPDX-License-Identifier: Apache-2.0 */
/* A refusal that both patients and staff can get, worded for each. Private to this room. */
#ifndef RG_CLINIC_TELL_H
#define RG_CLINIC_TELL_H
#include "regen/core/outcome.h"

/* Adds to PS, depending on ROLES, TO_STAFF for staff or TO_PATIENT for all others (patients, and
 * API clients, which show it to patients). Staff are not told to call the clinic: TO_STAFF says
 * what they can do themselves. Both take the same arguments. */
void rg_tell(rg_problems_t *ps, unsigned roles, const char *field, const char *to_patient,
             const char *to_staff, ...) __attribute__((format(printf, 4, 6), format(printf, 5, 6)));

#endif
