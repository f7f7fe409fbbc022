/* SPDX-License-Identifier: Apache-2.0 */
/* The search for free times, and the assignment of resources: pure functions of bit strings. No
 * store, no clock, no time zone; everything is counted in granules from the start of a window.
 *
 * A step starts at s and lasts LENGTH. A need of it takes its resource for [s - setup, s + length +
 * turnover), which must be free and inside the window. The next step starts between GAP_MIN and
 * GAP_MAX after this one's end; or, with DAYS_MAX, between DAYS_MIN and DAYS_MAX local days after
 * the day this one ends on, which is the day of its last granule. The needs of one step are served
 * by different resources, except that needs with the same bind word are served by one and the same,
 * within a step and across steps. Steps of one booking do not conflict with each other: a resource
 * may serve two of them even where its turnover after one reaches into the other. */
#ifndef RG_CLINIC_SEARCH_H
#define RG_CLINIC_SEARCH_H

#include "mod_regen/clinic/schedule/bits.h"

typedef struct {
    int pool_count;
    const int *pool; /* candidates that can serve it: indexes into rg_search_t.free, no repeats */
    int quantity;    /* so many different ones; 1 when bound */
    int setup, turnover;
    int bind; /* number of its bind word, or -1 */
} rg_search_need_t;

typedef struct {
    int length;
    int64_t gap_min, gap_max; /* from the end of the step before; ignored for the first */
    int days_min, days_max;   /* instead of the gap, unless 0; DAYS_MIN >= 1 */
    int need_count;
    const rg_search_need_t *needs;
    const rg_bits_t *only; /* the starts this step may have; NULL: any */
} rg_search_step_t;

typedef struct {
    int n; /* granules in the window */
    int resource_count;
    const rg_bits_t *free; /* by candidate: open and not occupied */
    int bind_count;        /* bind words are numbered 0 .. bind_count - 1 */
    int step_count;
    const rg_search_step_t *steps;
    /* Local days: day i is [midnights[i], midnights[i + 1]), whole even where it reaches beyond the
     * window. Only needed with DAYS_MAX; then every granule of the window has its day. */
    int day_count;
    const int *midnights; /* ascending, DAY_COUNT + 1 of them */
} rg_search_t;

/* Every granule at which the first step of a feasible chain can start; no more, no less. */
rg_bits_t rg_search_starts(apr_pool_t *p, const rg_search_t *s);

typedef struct {
    int step, need; /* indexes */
    int resource;   /* index of the candidate */
} rg_pick_t;

typedef struct {
    int *at; /* start of each step */
    int pick_count;
    rg_pick_t *picks; /* by step, need */
} rg_plan_t;

/* Concrete times and resources for a chain that starts at START: each step as early as can be, of
 * the candidates those with the least LOAD first, ties by index. False exactly when the search does
 * not offer START. */
bool rg_plan_make(rg_plan_t *out, apr_pool_t *p, const rg_search_t *s, int start,
                  const int64_t *load);

#endif
