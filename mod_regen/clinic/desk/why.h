/* SPDX-License-Identifier: Apache-2.0 */
/* Why a chain cannot start at a certain granule: pure, over the same structures as the search, with
 * the same result. */
#ifndef RG_CLINIC_EXPLAIN_H
#define RG_CLINIC_EXPLAIN_H

#include "mod_regen/clinic/schedule/search.h"
#include "mod_regen/clinic/schedule/bits.h"

typedef enum {
    RG_BLOCK_FEW,     /* too few can serve the need at all, whenever it is */
    RG_BLOCK_SAME,    /* RESOURCE, who serves other needs with the same bind word, cannot serve this
                       * step;    RESOURCE -1: no resource can serve all needs with the word */
    RG_BLOCK_GAP,     /* the step must start in [from, until): what follows is about then */
    RG_BLOCK_GRID,    /* … and no start on the grid lies there */
    RG_BLOCK_CLOSED,  /* RESOURCE is closed in [from, until) */
    RG_BLOCK_TAKEN,   /* RESOURCE is occupied in [from, until) */
    RG_BLOCK_TOGETHER /* every need alone could be served, all of the step together not */
} rg_block_kind_t;

typedef struct {
    rg_block_kind_t kind;
    int step, need; /* indexes; need -1: the step as a whole */
    int resource;   /* index of the candidate, or -1 */
    int from, until;
    int wanted_from, wanted_until; /* RG_BLOCK_CLOSED: of that, what some start would need; [0, n)
                                      is all there is */
} rg_block_t;

/* The obstacles of a chain that starts at START, by step; *COUNT is 0 exactly if the search offers
 * it. Limits on the starts of the first step are not checked here. OPEN is s->free without occupied
 * time, by candidate. Every alternative is covered by some obstacle. */
rg_block_t *rg_explain_chain(int *count, apr_pool_t *p, const rg_search_t *s, const rg_bits_t *open,
                             int start);

#endif
