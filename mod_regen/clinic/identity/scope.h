/* SPDX-License-Identifier: Apache-2.0 */
/* Scopes of tokens as text. Pure. What a scope allows is in regen/clinic/identity.h. Private to
 * token.c and its tests. */
#ifndef RG_CLINIC_SCOPE_H
#define RG_CLINIC_SCOPE_H

#include <stdbool.h>

/* Whether S is one or more SMART scopes, or ours, each after one blank, at most 255 characters. */
bool rg_scopes_valid(const char *s);
/* Whether they reach what others made (regen/all). */
bool rg_scopes_all(const char *scopes);

#endif
