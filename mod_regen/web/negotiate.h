/* SPDX-License-Identifier: Apache-2.0 */
/* Which of two representations. Private to the web room. */
#ifndef REGEN_NEGOTIATE_H
#define REGEN_NEGOTIATE_H

#include <stdbool.h>

/* FHIR: XML or JSON by _format (NULL: not sent) and Accept (NULL: not sent). The better q wins; XML
 * when both are as welcome. False: neither is wanted. */
bool regen_negotiate(bool *json, const char *accept, const char *format);

#endif
