/* SPDX-License-Identifier: Apache-2.0 */
/* A strict JSON reader (jansson). */
#ifndef REGEN_CORE_JSON_H
#define REGEN_CORE_JSON_H

#include <stddef.h>

#include <apr_pools.h>

#include "regen/core/outcome.h"

struct json_t;
/* An object or an array. Rejects duplicate keys, bad UTF-8, trailing data, nesting past jansson's
 * limit, and strings that are not rg_text_clean. Freed with P. */
rg_outcome_t rg_json_parse(struct json_t **out, apr_pool_t *p, const char *bytes, size_t n,
                           rg_problems_t *problems);

#endif
