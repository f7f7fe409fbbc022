/* SPDX-License-Identifier: Apache-2.0 */
/* Which of two representations. Private to the web room. */
#ifndef REGEN_NEGOTIATE_H
#define REGEN_NEGOTIATE_H

#include <limits.h>
#include <stdbool.h>

/* FHIR: XML or JSON by _format (NULL: not sent) and Accept (NULL: not sent). The better q wins,
 * then who is named more exactly, then who is named first; XML when one range means both, or
 * without any wish. False: neither is wanted. */
bool regen_negotiate(bool *json, const char *accept, const char *format);

#define REGEN_NO_VERSION INT_MAX
/* The version that an If-Match header asks for, of one or several entity tags: the newest, because
 * who has that knows the older ones; 0 for a star; REGEN_NO_VERSION when none can be one of ours.
 * False for what is no list of entity tags. */
bool regen_if_match(int *version, const char *header);

#endif
