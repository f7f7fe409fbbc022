/* SPDX-License-Identifier: Apache-2.0 */
/* What a running server counts, in memory that all of its processes share. Numbers only: no names,
 * no ids. Every one is changed by itself, so a process that dies in here leaves no lock behind. */
#ifndef REGEN_CORE_METER_H
#define REGEN_CORE_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr_time.h>

/* How many of each the memory has room for. */
typedef struct {
    int clinics, routes, tasks, children;
} rg_meter_shape_t;

typedef struct rg_meter_t rg_meter_t;
/* Bytes of memory; it must be aligned to 64. */
size_t rg_meter_size(const rg_meter_shape_t *shape);
/* All of it 0. Ids below count from 0; a call about one beyond the shape does nothing, and so does
 * each with METER NULL. */
rg_meter_t *rg_meter_lay_out(void *memory, const rg_meter_shape_t *shape);

/* --- requests ------------------------------------------------------------------------------- */

/* Upper bounds of the histogram, in microseconds; one more bucket has what took longer. */
#define RG_METER_BOUNDS                                                                            \
    1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,      \
        10000000
enum { RG_METER_BUCKETS = sizeof((int[]){RG_METER_BOUNDS}) / sizeof(int) + 1 };

/* Statuses that we answer with; anything else is counted as the last one, 0. */
#define RG_METER_STATUSES                                                                          \
    200, 201, 204, 302, 303, 304, 400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 422, \
        429, 500, 503, 0
enum { RG_METER_STATUS_COUNT = sizeof((int[]){RG_METER_STATUSES}) / sizeof(int) };

typedef struct {
    uint64_t status[RG_METER_STATUS_COUNT];
    uint64_t bucket[RG_METER_BUCKETS]; /* not cumulative */
    uint64_t usec;                     /* of all together */
} rg_meter_route_t;

/* The last route is for requests that were none of a route. */
void rg_meter_request(rg_meter_t *meter, int clinic, int route, int status, apr_time_t took);
rg_meter_route_t rg_meter_route(const rg_meter_t *meter, int clinic, int route);
/* The status of the Nth counter, and the bound of the Nth bucket; 0 of the last one. */
int rg_meter_status_of(int n);
apr_time_t rg_meter_bound_of(int n);

/* --- work in the background ----------------------------------------------------------------- */

typedef struct {
    uint64_t runs, failed, done; /* done: rows, letters, whatever it does */
    apr_time_t ended, took;      /* of the last run; ended 0: there was none */
} rg_meter_task_t;

void rg_meter_task_ran(rg_meter_t *meter, int clinic, int task, apr_time_t ended, apr_time_t took,
                       int done, bool ok);
rg_meter_task_t rg_meter_task(const rg_meter_t *meter, int clinic, int task);

/* --- the database --------------------------------------------------------------------------- */

/* A place for the process PID: a free one, or one of a process that is not ALIVE anymore. -1: there
 * is none, and the process is not counted. */
int rg_meter_enter(rg_meter_t *meter, int pid, bool (*alive)(int pid));
void rg_meter_leave(rg_meter_t *meter, int child, int pid);
/* The connections that it has now, and statements since it said so last. */
void rg_meter_pool(rg_meter_t *meter, int child, int clinic, int open, int busy,
                   uint64_t statements);

typedef struct {
    int children;   /* processes that are ALIVE */
    int open, busy; /* of all of them */
    uint64_t statements;
} rg_meter_pools_t;
rg_meter_pools_t rg_meter_pools(const rg_meter_t *meter, int clinic, bool (*alive)(int pid));

#endif
