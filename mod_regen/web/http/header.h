/* SPDX-License-Identifier: Apache-2.0 */
/* Values of request headers, as text. Pure: fuzz targets include header.c directly. Private to the
 * web room. */
#ifndef REGEN_HEADER_H
#define REGEN_HEADER_H

#include <stdbool.h>

#include <apr_pools.h>

#define REGEN_TOKEN_BYTES 32
#define REGEN_TOKEN_CHARS 43

/* The value of cookie NAME when HEADER (NULL: none came) has it exactly once and it is TOKEN or
 * TOKEN.TOKEN. */
const char *regen_cookie_find(apr_pool_t *p, const char *header, const char *name);
/* Whether this can be a request's key: 16 to 64 letters, digits, - or _. NULL is none. */
bool regen_key_like(const char *s);
/* What stands behind "Bearer " in an Authorization header (NULL: none came); NULL for any other. */
const char *regen_bearer(const char *header);
/* Whether a Prefer header (RFC 7240; NULL: none came) says NAME=VALUE. Of one name that comes twice
 * the first counts. */
bool regen_prefers(const char *header, const char *name, const char *value);

#endif
