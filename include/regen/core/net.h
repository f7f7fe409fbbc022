/* SPDX-License-Identifier: Apache-2.0 */
/* Network addresses. */
#ifndef REGEN_CORE_NET_H
#define REGEN_CORE_NET_H

#include <apr_pools.h>

/* What counts as one client: an IPv4 address, also if mapped into IPv6; of other IPv6 addresses the
 * /64, which belongs to one household. Anything that is not an address is returned unchanged. */
const char *rg_net_client(apr_pool_t *p, const char *ip);

#endif
