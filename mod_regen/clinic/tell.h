/* SPDX-License-Identifier: Apache-2.0 */
/* A refusal that patients and staff both meet, in the words of each. Private to this room. */
#ifndef RG_CLINIC_TELL_H
#define RG_CLINIC_TELL_H
#include "regen/core/outcome.h"

/* Adds to PS, for whoever has ROLES, what TO_STAFF says to staff and TO_PATIENT to everybody else
 * (patients, and programs, which pass it on to theirs). Nobody at the clinic is told to call it:
 * TO_STAFF says what they can do themselves. Both take the same arguments. */
void rg_tell(rg_problems_t *ps, unsigned roles, const char *field, const char *to_patient,
             const char *to_staff, ...) __attribute__((format(printf, 4, 6), format(printf, 5, 6)));

#endif
