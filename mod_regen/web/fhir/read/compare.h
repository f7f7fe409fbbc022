/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a resource that a client sent back is unchanged. Private to the web room. */
#ifndef REGEN_FHIR_COMPARE_H
#define REGEN_FHIR_COMPARE_H

#include "in.h"
#include "regen/core/outcome.h"

typedef struct {
    apr_pool_t *p;
    rg_problems_t *problems; /* one for each element that differs, by its path */
    const char *base;        /* of this server: "BASE/Patient/1" is "Patient/1" */
    const char *except;      /* names of elements that may differ: " status start " */
    const char *words;       /* what is said about each */
} regen_compare_t;

/* True when everything THEIRS says, OURS says, too: what is left out was not changed. Instants are
 * compared as times, references as what they name; labels (display, text beside a code), ids,
 * extensions, meta and the narrative do not count. */
bool regen_fhir_same(const regen_compare_t *k, const regen_node_t *ours,
                     const regen_node_t *theirs);
/* The same of one element, whose parents are OURS and a resource that arrived. */
bool regen_fhir_covers(const regen_compare_t *k, const regen_node_t *ours, const regen_node_t *one);

#endif
