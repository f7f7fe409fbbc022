/* SPDX-License-Identifier: Apache-2.0 */
/* What staff.c and session.c share. */
#ifndef RG_STAFF_INT_H
#define RG_STAFF_INT_H

#include <apr_pools.h>

/* "billing,admin", as GROUP_CONCAT gives it, to rg_role_t bits. */
unsigned rg_staff_roles(apr_pool_t *p, const char *names);

#endif
