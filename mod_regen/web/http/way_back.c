/* SPDX-License-Identifier: Apache-2.0 */
/* The return address given to the login page, which may come from anybody. */
#include "way_back.h"

#include <stdbool.h>
#include <string.h>

/* Browsers read %2e as a dot, and go up. */
static bool dots(const char *to)
{
    return strstr(to, "/.") || strstr(to, "/%2e") || strstr(to, "/%2E");
}

const char *regen_way_back(const char *base, const char *to)
{
    size_t n = strlen(base);
    size_t len = to ? strlen(to) : 0;
    if (len == 0 || len > 1024 || strncmp(to, base, n) != 0 || to[n] != '/') {
        return NULL;
    }
    if (strspn(to, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/?=&%+") !=
            len ||
        strstr(to, "//") || dots(to)) {
        return NULL;
    }
    return to + n;
}
