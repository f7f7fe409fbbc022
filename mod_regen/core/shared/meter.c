/* SPDX-License-Identifier: Apache-2.0 */
/* Counters in shared memory: one array of 64-bit words behind the shape, cut into rows by it. */
#include "regen/core/meter.h"

#include <stdatomic.h>
#include <string.h>

typedef _Atomic uint64_t word_t;

struct rg_meter_t {
    rg_meter_shape_t shape;
    _Alignas(64) word_t words[];
};

/* Words of a route's row, a task's, and of what one process says of one clinic. */
enum {
    STATUS_AT = 0,
    BUCKET_AT = STATUS_AT + RG_METER_STATUS_COUNT,
    USEC_AT = BUCKET_AT + RG_METER_BUCKETS,
    ROUTE_WORDS
};
enum { RUNS_AT, FAILED_AT, DONE_AT, ENDED_AT, TOOK_AT, TASK_WORDS };
enum { OPEN_AT, BUSY_AT, POOL_WORDS };

static const int statuses[] = {RG_METER_STATUSES};
static const int bounds[] = {RG_METER_BOUNDS};

/* --- where things are ----------------------------------------------------------------------- */

static size_t routes_at(void)
{
    return 0;
}

static size_t tasks_at(const rg_meter_shape_t *s)
{
    return routes_at() + (size_t)s->clinics * (size_t)s->routes * ROUTE_WORDS;
}

static size_t statements_at(const rg_meter_shape_t *s)
{
    return tasks_at(s) + (size_t)s->clinics * (size_t)s->tasks * TASK_WORDS;
}

static size_t pids_at(const rg_meter_shape_t *s)
{
    return statements_at(s) + (size_t)s->clinics;
}

static size_t pools_at(const rg_meter_shape_t *s)
{
    return pids_at(s) + (size_t)s->children;
}

static size_t words_in(const rg_meter_shape_t *s)
{
    return pools_at(s) + (size_t)s->children * (size_t)s->clinics * POOL_WORDS;
}

size_t rg_meter_size(const rg_meter_shape_t *shape)
{
    return sizeof(rg_meter_t) + words_in(shape) * sizeof(word_t);
}

rg_meter_t *rg_meter_lay_out(void *memory, const rg_meter_shape_t *shape)
{
    rg_meter_t *m = memory;
    memset(memory, 0, rg_meter_size(shape));
    m->shape = *shape;
    return m;
}

static bool within(int i, int count)
{
    return i >= 0 && i < count;
}

static void add(word_t *w, uint64_t n)
{
    atomic_fetch_add_explicit(w, n, memory_order_relaxed);
}

static void put(word_t *w, uint64_t n)
{
    atomic_store_explicit(w, n, memory_order_relaxed);
}

static uint64_t get(const word_t *w)
{
    return atomic_load_explicit(w, memory_order_relaxed);
}

/* --- requests ------------------------------------------------------------------------------- */

/* The place of a route's words; they are there only if both ids are within the shape. */
static size_t route_row(const rg_meter_shape_t *s, int clinic, int route)
{
    return routes_at() + ((size_t)clinic * (size_t)s->routes + (size_t)route) * ROUTE_WORDS;
}

void rg_meter_request(rg_meter_t *meter, int clinic, int route, int status, apr_time_t took)
{
    int s = 0;
    int b = 0;
    if (!meter || !within(clinic, meter->shape.clinics) || !within(route, meter->shape.routes)) {
        return;
    }
    word_t *row = meter->words + route_row(&meter->shape, clinic, route);
    while (s < RG_METER_STATUS_COUNT - 1 && statuses[s] != status) {
        s++;
    }
    took = took < 0 ? 0 : took; /* the clock was set back */
    while (b < RG_METER_BUCKETS - 1 && took > bounds[b]) {
        b++;
    }
    add(row + STATUS_AT + s, 1);
    add(row + BUCKET_AT + b, 1);
    add(row + USEC_AT, (uint64_t)took);
}

rg_meter_route_t rg_meter_route(const rg_meter_t *meter, int clinic, int route)
{
    rg_meter_route_t out = {.usec = 0};
    if (!meter || !within(clinic, meter->shape.clinics) || !within(route, meter->shape.routes)) {
        return out;
    }
    const word_t *row = meter->words + route_row(&meter->shape, clinic, route);
    for (int i = 0; i < RG_METER_STATUS_COUNT; i++) {
        out.status[i] = get(row + STATUS_AT + i);
    }
    for (int i = 0; i < RG_METER_BUCKETS; i++) {
        out.bucket[i] = get(row + BUCKET_AT + i);
    }
    out.usec = get(row + USEC_AT);
    return out;
}

int rg_meter_status_of(int n)
{
    return within(n, RG_METER_STATUS_COUNT) ? statuses[n] : 0;
}

apr_time_t rg_meter_bound_of(int n)
{
    return within(n, RG_METER_BUCKETS - 1) ? bounds[n] : 0;
}

/* --- work in the background ----------------------------------------------------------------- */

static size_t task_row(const rg_meter_shape_t *s, int clinic, int task)
{
    return tasks_at(s) + ((size_t)clinic * (size_t)s->tasks + (size_t)task) * TASK_WORDS;
}

void rg_meter_task_ran(rg_meter_t *meter, int clinic, int task, apr_time_t ended, apr_time_t took,
                       int done, bool ok)
{
    if (!meter || !within(clinic, meter->shape.clinics) || !within(task, meter->shape.tasks)) {
        return;
    }
    word_t *row = meter->words + task_row(&meter->shape, clinic, task);
    add(row + RUNS_AT, 1);
    add(row + FAILED_AT, ok ? 0 : 1);
    add(row + DONE_AT, done > 0 ? (uint64_t)done : 0);
    put(row + ENDED_AT, (uint64_t)ended);
    put(row + TOOK_AT, took > 0 ? (uint64_t)took : 0);
}

rg_meter_task_t rg_meter_task(const rg_meter_t *meter, int clinic, int task)
{
    if (!meter || !within(clinic, meter->shape.clinics) || !within(task, meter->shape.tasks)) {
        return (rg_meter_task_t){.ended = 0};
    }
    const word_t *row = meter->words + task_row(&meter->shape, clinic, task);
    return (rg_meter_task_t){.runs = get(row + RUNS_AT),
                             .failed = get(row + FAILED_AT),
                             .done = get(row + DONE_AT),
                             .ended = (apr_time_t)get(row + ENDED_AT),
                             .took = (apr_time_t)get(row + TOOK_AT)};
}

/* --- the database --------------------------------------------------------------------------- */

static word_t *pool_row(rg_meter_t *m, int child, int clinic)
{
    return m->words + pools_at(&m->shape) +
           ((size_t)child * (size_t)m->shape.clinics + (size_t)clinic) * POOL_WORDS;
}

static void forget_pools(rg_meter_t *m, int child)
{
    for (int clinic = 0; clinic < m->shape.clinics; clinic++) {
        word_t *row = pool_row(m, child, clinic);
        put(row + OPEN_AT, 0);
        put(row + BUSY_AT, 0);
    }
}

int rg_meter_enter(rg_meter_t *meter, int pid, bool (*alive)(int pid))
{
    if (!meter || pid <= 0) {
        return -1;
    }
    word_t *pids = meter->words + pids_at(&meter->shape);
    for (int i = 0; i < meter->shape.children; i++) {
        uint64_t is = get(pids + i);
        if ((is == 0 || is == (uint64_t)pid || !alive((int)is)) &&
            atomic_compare_exchange_strong(pids + i, &is, (uint64_t)pid)) {
            forget_pools(meter, i);
            return i;
        }
    }
    return -1;
}

void rg_meter_leave(rg_meter_t *meter, int child, int pid)
{
    if (!meter || !within(child, meter->shape.children)) {
        return;
    }
    uint64_t is = (uint64_t)pid;
    word_t *at = meter->words + pids_at(&meter->shape) + child;
    if (get(at) == is) {
        forget_pools(meter, child);
        atomic_compare_exchange_strong(at, &is, 0);
    }
}

void rg_meter_pool(rg_meter_t *meter, int child, int clinic, int open, int busy,
                   uint64_t statements)
{
    if (!meter || !within(clinic, meter->shape.clinics)) {
        return;
    }
    add(meter->words + statements_at(&meter->shape) + clinic, statements);
    if (within(child, meter->shape.children)) {
        word_t *row = pool_row(meter, child, clinic);
        put(row + OPEN_AT, (uint64_t)open);
        put(row + BUSY_AT, (uint64_t)busy);
    }
}

rg_meter_pools_t rg_meter_pools(const rg_meter_t *meter, int clinic, bool (*alive)(int pid))
{
    rg_meter_pools_t out = {.open = 0};
    if (!meter || !within(clinic, meter->shape.clinics)) {
        return out;
    }
    const rg_meter_shape_t *s = &meter->shape;
    const word_t *pids = meter->words + pids_at(s);
    for (int i = 0; i < s->children; i++) {
        uint64_t pid = get(pids + i);
        if (pid != 0 && alive((int)pid)) {
            const word_t *row = meter->words + pools_at(s) +
                                ((size_t)i * (size_t)s->clinics + (size_t)clinic) * POOL_WORDS;
            out.children++;
            out.open += (int)get(row + OPEN_AT);
            out.busy += (int)get(row + BUSY_AT);
        }
    }
    out.statements = get(meter->words + statements_at(s) + clinic);
    return out;
}
