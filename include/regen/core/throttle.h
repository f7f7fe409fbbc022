/* SPDX-License-Identifier: Apache-2.0 */
/* Rate limits. */
#ifndef REGEN_CORE_THROTTLE_H
#define REGEN_CORE_THROTTLE_H

#include <stddef.h>

#include <apr_time.h>

/* COUNT tries at once, refilled evenly over SECONDS (5 in 60: one more every twelve seconds). COUNT
 * 0: no limit. */
typedef struct {
    int count, seconds;
} rg_rate_t;

/* A table of callers, of fixed size, for any number of threads and processes. */
typedef struct rg_throttle_t rg_throttle_t;
/* Bytes of memory a table takes; the memory must be aligned to 64. */
size_t rg_throttle_size(void);
/* An empty table in MEMORY. KEY is random, and the same for all who share it. */
rg_throttle_t *rg_throttle_lay_out(void *memory, const unsigned char key[16]);
/* The existing table in MEMORY; NULL if it was made by a different build. */
rg_throttle_t *rg_throttle_found(void *memory);
/* Counts one try of WHO (an address, a login, …) for PURPOSE. 0: allowed. Otherwise the time from
 * NOW until the next try is allowed; then nothing was counted. T NULL: no limit. Two callers share
 * an entry by accident about once in ten thousand. */
apr_interval_time_t rg_throttle_take(rg_throttle_t *t, apr_time_t now, const rg_rate_t *rate,
                                     const char *purpose, const char *who);
/* The same answer without counting. */
apr_interval_time_t rg_throttle_wait(rg_throttle_t *t, apr_time_t now, const rg_rate_t *rate,
                                     const char *purpose, const char *who);
/* Gives back TRIES of them (0: all), because they turned out to be legitimate. */
void rg_throttle_give_back(rg_throttle_t *t, apr_time_t now, const rg_rate_t *rate,
                           const char *purpose, const char *who, int tries);

#endif
