/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a Cookie header. Beyond not crashing: what is found is a token or two, stands in the
 * header once under exactly that name, is found with other cookies around it, and is not trusted as
 * soon as somebody plants a second one. */
#include "target.h"

#include "mod_regen/web/http/header.c"

static const char *const NAMES[] = {"regen_p", "__Host-regen_p", "regen_s"};

static void is_token(const char *s, size_t n)
{
    must(n == REGEN_TOKEN_CHARS && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                             "0123456789-_") >= n);
}

static void of_name(apr_pool_t *p, const char *header, const char *name)
{
    const char *found = regen_cookie_find(p, header, name);
    if (!found) {
        return;
    }
    is_token(found, strcspn(found, "."));
    if (strchr(found, '.')) {
        is_token(strchr(found, '.') + 1, strlen(strchr(found, '.') + 1));
    }
    const char *pair = apr_pstrcat(p, name, "=", found, NULL);
    must(strstr(header, pair) != NULL);
    must_be_same(regen_cookie_find(p, apr_pstrcat(p, "a=b; ", header, "; c", NULL), name), found);
    must(!regen_cookie_find(p, apr_pstrcat(p, header, "; ", pair, NULL), name));
    must(!regen_cookie_find(p, apr_pstrcat(p, name, "=; ", header, NULL), name));
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    (void)size;
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(*NAMES); i++) {
        of_name(p, text, NAMES[i]);
    }
}
