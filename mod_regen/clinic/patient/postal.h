/* SPDX-License-Identifier: Apache-2.0 */
/* What people write for a state, a ZIP code and a country. Pure. Private to details_check.c and its
 * tests. */
#ifndef RG_CLINIC_POSTAL_H
#define RG_CLINIC_POSTAL_H

#include <apr_pools.h>

/* The code of a state, the district, a territory, a state in free association or the armed forces,
 * by code, name or an abbreviation of old, in any case. NULL for none of them. */
const char *rg_state_read(apr_pool_t *p, const char *typed);
/* "03820" or "03820-4410", however the nine digits are separated. NULL for anything else. */
const char *rg_zip_read(apr_pool_t *p, const char *typed);
/* ISO 3166's two letters for a code or an English name; "US" if empty. NULL if there is no such
 * country. */
const char *rg_country_read(apr_pool_t *p, const char *typed);

#endif
