/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a path that is to be logged, against patterns of links. Beyond not crashing: a mask
 * says nothing but what the pattern says itself, what a secret route would answer is masked, and so
 * is whatever else begins like it; no other path is touched. */
#include "target.h"

#include "mod_regen/web/http/match.c"

static const char *const SECRET[] = {"/b/*", "/w/*", "/feeds/*", "/a/*/b/*"};

static void of_pattern(apr_pool_t *p, const char *pattern, const char *path)
{
    const char *mask = regen_pattern_mask(p, pattern, path);
    const char *segments[REGEN_SEGMENTS];
    bool star[REGEN_SEGMENTS] = {false};
    size_t n = strcspn(pattern, "*");
    int count = regen_path_split(apr_pstrdup(p, path), segments);
    bool routed = count > 0 && regen_pattern_matches(pattern, segments, count, star);
    must(mask || !routed);
    must((mask != NULL) == (strncmp(path, pattern, n) == 0 && strlen(path) > n));
    if (mask) {
        must_be_same(mask, apr_pstrcat(p, apr_pstrmemdup(p, pattern, n), "-", NULL));
        must_be_same(regen_pattern_mask(p, pattern, mask), mask);
    }
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    (void)size;
    for (size_t i = 0; i < sizeof(SECRET) / sizeof(*SECRET); i++) {
        const char *path = apr_pstrmemdup(p, SECRET[i], strcspn(SECRET[i], "*"));
        of_pattern(p, SECRET[i], text);
        of_pattern(p, SECRET[i], apr_pstrcat(p, path, text, NULL));
    }
    must(!regen_pattern_mask(p, "/staff", text));
    const char *mask = regen_token_mask(p, text, 43);
    must(!mask || (strlen(mask) < strlen(text) && !regen_token_mask(p, mask, 43)));
}
