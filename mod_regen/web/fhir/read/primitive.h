/* SPDX-License-Identifier: Apache-2.0 */
/* How R4 writes its primitive types. Pure; private to the web room. */
#ifndef REGEN_FHIR_PRIMITIVE_H
#define REGEN_FHIR_PRIMITIVE_H

#include <stdbool.h>

/* What a value of the primitive TYPE ("dateTime") looks like, for people; NULL: R4 has no such
 * primitive. */
const char *regen_fhir_primitive(const char *type);
/* Whether VALUE is one, by the regular expressions of R4 (hl7.org/fhir/R4/datatypes.html) and, of
 * numbers, by their range. False for what is no primitive. A day that no month has passes: whoever
 * reads it as a date refuses it. */
bool regen_fhir_primitive_fits(const char *type, const char *value);

#endif
