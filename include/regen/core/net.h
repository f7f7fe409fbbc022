/* SPDX-License-Identifier: Apache-2.0 */
/* Network addresses. */
#ifndef REGEN_CORE_NET_H
#define REGEN_CORE_NET_H

#include <apr_pools.h>

/* Who is one client where clients are counted: an IPv4 address itself, also as IPv6 writes it, of
 * another IPv6 address its /64, which one household has. What is no address is returned as it
 * is. */
const char *rg_net_client(apr_pool_t *p, const char *ip);

#endif
