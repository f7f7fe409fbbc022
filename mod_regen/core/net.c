/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of clients, for counting. */
#include "regen/core/net.h"

#include <arpa/inet.h>
#include <string.h>

#include <apr_strings.h>

enum { HALF = 8, V4_AT = 12 };

const char *rg_net_client(apr_pool_t *p, const char *ip)
{
    static const unsigned char mapped[V4_AT] = {[10] = 0xff, [11] = 0xff};
    struct in6_addr a;
    char text[INET6_ADDRSTRLEN];
    const char *made;
    if (inet_pton(AF_INET6, ip, &a) != 1) {
        return ip;
    }
    if (memcmp(a.s6_addr, mapped, sizeof(mapped)) == 0) {
        made = inet_ntop(AF_INET, &a.s6_addr[V4_AT], text, sizeof(text));
    }
    else {
        memset(&a.s6_addr[HALF], 0, HALF);
        made = inet_ntop(AF_INET6, &a, text, sizeof(text));
    }
    return made ? apr_pstrdup(p, made) : ip;
}
