/* SPDX-License-Identifier: Apache-2.0 */
/* Two ways to do the same, in turns, each run a process of its own with its own memory peak. Part of
 * the programs that go through many rows. */
#ifndef BENCH_BESIDE_H
#define BENCH_BESIDE_H

#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base.h"

enum { ROUNDS = 5, ROUNDS_MANY = 3 };

/* What one run did. */
typedef struct {
    double seconds;
    long kib; /* peak of resident memory */
    uint64_t bytes, sum;
} run_t;
typedef void (*work_fn)(run_t *r, int rows);

typedef struct {
    double ratio, mib, bare_mib, each; /* each: seconds a row */
} side_t;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Before the runs begin, which open their own. */
static void close_store(void)
{
    apr_pool_destroy(store_pool);
    store_pool = NULL;
}

static run_t in_a_child(work_fn work, int rows)
{
    int ends[2];
    int status;
    run_t r = {0, 0, 0, 0};
    struct rusage used;
    if (pipe(ends) != 0)
        stop("pipe", "failed");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        work(&r, rows);
        _exit(write(ends[1], &r, sizeof(r)) == (ssize_t)sizeof(r) ? 0 : 1);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], &r, sizeof(r));
    close(ends[0]);
    if (wait4(child, &status, 0, &used) != child || status != 0 || got != (ssize_t)sizeof(r))
        stop("a run", "failed");
    r.kib = used.ru_maxrss;
    return r;
}

static side_t side_by_side(const char *what, work_fn ours, work_fn bare, int rows, int rounds)
{
    double ratio[ROUNDS];
    double mib[ROUNDS];
    double bare_mib[ROUNDS];
    double each[ROUNDS];
    for (int i = 0; i < rounds; i++) {
        run_t b = in_a_child(bare, rows);
        run_t o = in_a_child(ours, rows);
        if (o.bytes != b.bytes)
            stop(what, "the bare loop had more or less");
        ratio[i] = o.seconds / b.seconds;
        each[i] = o.seconds / rows;
        mib[i] = (double)o.kib / 1024;
        bare_mib[i] = (double)b.kib / 1024;
    }
    side_t s = {median(ratio, rounds), median(mib, rounds), median(bare_mib, rounds),
                median(each, rounds)};
    printf("%-44s %5.2f x bare   resident %5.1f MiB (bare %5.1f)\n", what, s.ratio, s.mib,
           s.bare_mib);
    return s;
}

static void larger_beside_smaller(const side_t *large, const side_t *small, const char *row)
{
    printf("%-44s %5.2f x memory, %.2f x time %s\n", "the larger beside the smaller",
           large->mib / small->mib, large->each / small->each, row);
}

#endif
