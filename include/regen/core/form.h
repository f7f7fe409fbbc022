/* SPDX-License-Identifier: Apache-2.0 */
/* application/x-www-form-urlencoded, strictly. */
#ifndef REGEN_CORE_FORM_H
#define REGEN_CORE_FORM_H

#include <stddef.h>

#include <apr_pools.h>
#include <apr_tables.h>

#include "regen/core/outcome.h"

typedef struct {
    const char *name, *value;
} rg_pair_t;
typedef struct {
    apr_array_header_t *pairs; /* of rg_pair_t, in order */
} rg_form_t;

/* RG_INVALID on a bad escape, NUL, bad UTF-8 or control characters (in names also TAB, LF, CR);
 * RG_TOO_LARGE past MAX_PAIRS. Values are rg_text_plain and have CRLF and CR as LF. A name without
 * "=" has the value ""; empty pieces ("a=1&&b=2") are ignored. */
rg_outcome_t rg_form_parse(rg_form_t **out, apr_pool_t *p, const char *bytes, size_t n,
                           int max_pairs);
/* First value of that name, or NULL. */
const char *rg_form_get(const rg_form_t *f, const char *name);

#endif
