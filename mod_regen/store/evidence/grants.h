/* SPDX-License-Identifier: Apache-2.0 */
/* What grants.c tells rights.c. Private to the room. */
#ifndef RG_STORE_GRANTS_H
#define RG_STORE_GRANTS_H

#include <stdbool.h>

#include <apr_pools.h>

/* Whether the module needs PRIVILEGE on the table or view; it reads all of them. */
bool rg_grants_need(const char *table, const char *privilege);
/* The database's name for `name`.*, where _ and % would stand for other letters. */
const char *rg_grants_pattern(apr_pool_t *p, const char *database);

#endif
