/* SPDX-License-Identifier: Apache-2.0 */
/* What the search and the assignment share: the prepared chain (when can which resource serve which
 * need), and the feasible starts of every step for one assignment of bind words. */
#ifndef RG_CLINIC_CHAIN_H
#define RG_CLINIC_CHAIN_H

#include "mod_regen/clinic/schedule/search.h"
#include "mod_regen/clinic/schedule/bits.h"

#define RG_CHAIN_NEEDS_MAX 8

/* Needs of a step with the same bind word are one here. */
typedef struct {
    int bind;     /* -1: any of the pool */
    int quantity; /* 1 when bound */
    int pool_count;
    int *pool;
    rg_bits_t *fits; /* by index in the pool: starts of the step at which it could serve */
} rg_chain_need_t;

typedef struct {
    const rg_search_step_t *from;
    int need_count;
    rg_chain_need_t needs[RG_CHAIN_NEEDS_MAX];
    int fused[RG_CHAIN_NEEDS_MAX]; /* by need of FROM: index into needs */
    int who[RG_CHAIN_NEEDS_MAX];   /* by need: the resource that `alone` was computed for */
    bool known;                    /* whether it ever was */
    rg_bits_t alone;               /* starts for the step by itself */
    rg_bits_t starts;              /* starts from which the remainder of the chain can follow */
} rg_chain_step_t;

typedef struct {
    apr_pool_t *pool;
    int n;
    int step_count;
    rg_chain_step_t *steps;
    int bind_count;
    int *choice_count; /* by bind word */
    int **choices;     /* by bind word: resources that can serve all its needs, best first */
    int *place;        /* by bind word: which choice it is now */
    int scratch_count;
    rg_bits_t *scratch; /* for counting */
    const rg_search_t *from;
} rg_chain_t;

/* LOAD (may be NULL) puts those with the least in front of all pools. NULL when some need can never
 * be met. */
rg_chain_t *rg_chain_make(apr_pool_t *p, const rg_search_t *s, const int64_t *load);
/* The first assignment of bind words is set by make; this goes to the next. False after the
 * last. */
bool rg_chain_turn(rg_chain_t *c);
/* Fills `starts` of every step for the assignment that is set. False when there are none. */
bool rg_chain_solve(rg_chain_t *c);
/* The index in s->midnights of the local day of GRANULE. */
int rg_search_day(const rg_search_t *s, int granule);
/* Starts for the step by itself, for the assignment that is set. Not to be mixed with solve on one
 * chain. */
const rg_bits_t *rg_chain_alone(rg_chain_t *c, int step);
/* The resource of a bound need in the current assignment. */
int rg_chain_who(const rg_chain_t *c, const rg_chain_need_t *need);
/* The earliest the step after STEP can start when STEP starts at AT, by its least gap. */
int64_t rg_chain_earliest(const rg_chain_t *c, int step, int at);
/* Place of RESOURCE in the need's pool, or -1. */
int rg_chain_place(const rg_chain_need_t *need, int resource);

#endif
