/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the address where a login leads back to. Beyond not crashing: it is the end of what
 * was asked, a page below the base wherever a browser resolves it, without anything that ends a
 * header line; and a plain page below the base is taken. */
#include "target.h"

#include <apr_lib.h>
#include <apr_uri.h>

#include "mod_regen/web/http/way_back.c"

static const char *const BASES[] = {"/clinic", "/a/b", ""};

/* A segment of N bytes that a browser takes for "." or "..". */
static bool is_dots(const char *s, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; count++) {
        size_t len = s[i] == '.' ? 1 : n - i >= 3 && strncasecmp(s + i, "%2e", 3) == 0 ? 3 : 0;
        if (len == 0) {
            return false;
        }
        i += len;
    }
    return count == 1 || count == 2;
}

static void stays(apr_pool_t *p, const char *base, const char *to)
{
    apr_uri_t u;
    must(apr_uri_parse(p, apr_pstrcat(p, "https://clinic.example", to, NULL), &u) == APR_SUCCESS);
    must_be_same(u.hostname, "clinic.example");
    must(!u.user && !u.port_str && !u.fragment && u.path);
    must(strncmp(u.path, base, strlen(base)) == 0 && u.path[strlen(base)] == '/');
    for (const char *s = u.path; s; s = strchr(s, '/')) {
        s++;
        must(!is_dots(s, strcspn(s, "/")));
    }
    must(strncmp(to, "//", 2) != 0 && !strchr(to, '\\'));
}

static bool plain(const char *base, const char *to)
{
    size_t n = strlen(base);
    size_t len = strlen(to);
    if (len > 200 || strncmp(to, base, n) != 0 || to[n] != '/' || strstr(to, "//")) {
        return false;
    }
    for (const char *s = to + n; *s != '\0'; s++) {
        if (!apr_isalnum(*s) && *s != '/' && *s != '-') {
            return false;
        }
    }
    return true;
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    (void)size;
    for (size_t i = 0; i < sizeof(BASES) / sizeof(*BASES); i++) {
        const char *back = regen_way_back(BASES[i], text);
        must(back || !plain(BASES[i], text));
        if (!back) {
            continue;
        }
        must_be_same(apr_pstrcat(p, BASES[i], back, NULL), text);
        for (const char *s = back; *s != '\0'; s++) {
            must(*s > ' ' && *s < 0x7f);
        }
        stays(p, BASES[i], text);
        must(!regen_way_back(BASES[i], apr_pstrcat(p, text, "\r\nX: y", NULL)));
        must(!regen_way_back(BASES[i], apr_pstrcat(p, "/", text, NULL)));
    }
}
