/* SPDX-License-Identifier: Apache-2.0 */
/* Paths against patterns, for platform/route.c and secret.c. Pure and without httpd: unit tests
 * include this file directly. */
#include "match.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

int regen_path_split(char *path, const char *segments[REGEN_SEGMENTS])
{
    int n = 0;
    char *s = path;
    if (*s != '/') {
        return -1;
    }
    while (*s == '/') {
        *s++ = '\0';
        if (*s == '\0') {
            return n; /* "/staff/" is "/staff" */
        }
        if (n == REGEN_SEGMENTS) {
            return -1;
        }
        segments[n++] = s;
        while (apr_isalnum(*s) || (*s != '\0' && strchr("-_.$", *s))) {
            s++;
        }
        if (s == segments[n - 1] || segments[n - 1][0] == '.' || s - segments[n - 1] > 128) {
            return -1;
        }
    }
    return *s == '\0' ? n : -1;
}

bool regen_pattern_matches(const char *pattern, const char *const *segments, int count,
                           bool star[REGEN_SEGMENTS])
{
    const char *s = pattern;
    int i;
    for (i = 0; i < count; i++) {
        if (*s++ != '/') {
            return false;
        }
        size_t n = strcspn(s, "/");
        star[i] = n == 1 && *s == '*';
        if (!star[i] && (strlen(segments[i]) != n || strncmp(s, segments[i], n) != 0)) {
            return false;
        }
        s += n;
    }
    return *s == '\0' || strcmp(s, "/") == 0;
}

int regen_pattern_weight(const bool star[REGEN_SEGMENTS], int count)
{
    int n = 0;
    int i;
    for (i = 0; i < count; i++) {
        n += star[i] ? 0 : 1 << (REGEN_SEGMENTS - i);
    }
    return n;
}

const char *regen_pattern_mask(apr_pool_t *p, const char *pattern, const char *path)
{
    size_t n = strcspn(pattern, "*");
    bool any = pattern[n] == '*' && strncmp(path, pattern, n) == 0 && path[n] != '\0';
    return any ? apr_pstrcat(p, apr_pstrmemdup(p, path, n), "-", NULL) : NULL;
}

const char *regen_token_mask(apr_pool_t *p, const char *path, size_t least)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *out = apr_palloc(p, strlen(path) + 1);
    char *to = out;
    bool any = false;
    while (*path != '\0') {
        size_t run = strspn(path, letters);
        bool token = run >= least;
        size_t n = run > 0 ? run : 1;
        memcpy(to, token ? "-" : path, token ? 1 : n);
        to += token ? 1 : n;
        path += n;
        any = any || token;
    }
    *to = '\0';
    return any ? out : NULL;
}
