/* SPDX-License-Identifier: Apache-2.0 */
/* Paths against patterns. Private to the web room. */
#ifndef REGEN_MATCH_H
#define REGEN_MATCH_H

#include <stdbool.h>

#include <apr_pools.h>

#define REGEN_SEGMENTS 8

/* Cuts PATH ("/a/b") in place into segments of the characters that our paths are made of; -1 for
 * anything else. "/" has none. */
int regen_path_split(char *path, const char *segments[REGEN_SEGMENTS]);
/* Whether PATTERN ("/a" and a star, say) is these segments. STAR gets by segment whether a '*' took
 * it. */
bool regen_pattern_matches(const char *pattern, const char *const *segments, int count,
                           bool star[REGEN_SEGMENTS]);
/* More for patterns whose earlier segments are written out: the better of two that match. */
int regen_pattern_weight(const bool star[REGEN_SEGMENTS], int count);
/* PATH with "-" for all that stands where PATTERN has its first star and behind it, whatever it is:
 * a link with a bracket of the mail at its end is refused, but its token still opens. NULL when
 * PATH does not begin as PATTERN does. */
const char *regen_pattern_mask(apr_pool_t *p, const char *pattern, const char *path);
/* PATH with "-" for each run of at least LEAST letters of base64url: a token that came under a
 * wrong address. NULL when there is none. */
const char *regen_token_mask(apr_pool_t *p, const char *path, size_t least);

#endif
