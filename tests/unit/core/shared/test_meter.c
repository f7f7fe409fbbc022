/* SPDX-License-Identifier: Apache-2.0 */
/* Counters: each in its place, at the edges, by many threads, of processes that are gone. */
#include "core_test.h"
#include "regen/core/meter.h"

#include <apr_thread_proc.h>

static const rg_meter_shape_t SHAPE = {.clinics = 2, .routes = 3, .tasks = 2, .children = 3};
enum { FENCE = 64 };

/* What lies behind the memory stays as it was. */
typedef struct {
    rg_meter_t *m;
    unsigned char *behind;
} fenced_t;

static fenced_t fenced(apr_pool_t *p)
{
    char *memory = apr_pcalloc(p, rg_meter_size(&SHAPE) + 128 + FENCE);
    memory += 64 - (uintptr_t)memory % 64;
    fenced_t f = {.behind = (unsigned char *)memory + rg_meter_size(&SHAPE)};
    memset(f.behind, 0xa5, FENCE);
    f.m = rg_meter_lay_out(memory, &SHAPE);
    return f;
}

static void assert_fence(const fenced_t *f)
{
    for (int i = 0; i < FENCE; i++) {
        assert_int_equal(f->behind[i], 0xa5);
    }
}

static bool all_live(int pid)
{
    return pid > 0;
}

static bool only_seven(int pid)
{
    return pid == 7;
}

static uint64_t sum(const uint64_t *of, int count)
{
    uint64_t all = 0;
    for (int i = 0; i < count; i++) {
        all += of[i];
    }
    return all;
}

static void each_in_its_place(void **state)
{
    fenced_t f = fenced(*state);
    for (int clinic = 0; clinic < SHAPE.clinics; clinic++) {
        for (int route = 0; route < SHAPE.routes; route++) {
            for (int n = 0; n <= clinic * SHAPE.routes + route; n++) {
                rg_meter_request(f.m, clinic, route, 200, 1);
            }
        }
        for (int task = 0; task < SHAPE.tasks; task++) {
            rg_meter_task_ran(f.m, clinic, task, 1000 + task, 10, 10 * clinic + task, task == 0);
        }
    }
    for (int clinic = 0; clinic < SHAPE.clinics; clinic++) {
        for (int route = 0; route < SHAPE.routes; route++) {
            rg_meter_route_t r = rg_meter_route(f.m, clinic, route);
            uint64_t times = (uint64_t)(clinic * SHAPE.routes + route + 1);
            assert_int_equal(r.status[0], times);
            assert_int_equal(sum(r.status, RG_METER_STATUS_COUNT), times);
            assert_int_equal(r.bucket[0], times);
            assert_int_equal(r.usec, times);
        }
        for (int task = 0; task < SHAPE.tasks; task++) {
            rg_meter_task_t t = rg_meter_task(f.m, clinic, task);
            assert_int_equal(t.runs, 1);
            assert_int_equal(t.failed, task);
            assert_int_equal(t.done, 10 * clinic + task);
            assert_int_equal(t.ended, 1000 + task);
            assert_int_equal(t.took, 10);
        }
    }
    assert_fence(&f);
}

static void bounds_belong_to_what_they_bound(void **state)
{
    fenced_t f = fenced(*state);
    for (int b = 0; b < RG_METER_BUCKETS - 1; b++) {
        assert_true(b == 0 || rg_meter_bound_of(b) > rg_meter_bound_of(b - 1));
        rg_meter_request(f.m, 0, 0, 200, rg_meter_bound_of(b));
        assert_int_equal(rg_meter_route(f.m, 0, 0).bucket[b], 1 + (b > 0));
        rg_meter_request(f.m, 0, 0, 200, rg_meter_bound_of(b) + 1);
    }
    rg_meter_route_t r = rg_meter_route(f.m, 0, 0);
    assert_int_equal(r.bucket[RG_METER_BUCKETS - 1], 1);
    assert_int_equal(rg_meter_bound_of(RG_METER_BUCKETS - 1), 0);
    /* A clock that was set back takes nothing away. */
    rg_meter_request(f.m, 0, 1, 200, -5);
    assert_int_equal(rg_meter_route(f.m, 0, 1).usec, 0);
    assert_int_equal(rg_meter_route(f.m, 0, 1).bucket[0], 1);
}

static void unknown_statuses_are_counted_together(void **state)
{
    fenced_t f = fenced(*state);
    static const int odd[] = {0, 100, 206, 418, 502, 999, -1};
    for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
        rg_meter_request(f.m, 1, 2, odd[i], 1);
    }
    rg_meter_request(f.m, 1, 2, 503, 1);
    rg_meter_route_t r = rg_meter_route(f.m, 1, 2);
    assert_int_equal(rg_meter_status_of(RG_METER_STATUS_COUNT - 1), 0);
    assert_int_equal(r.status[RG_METER_STATUS_COUNT - 1], sizeof(odd) / sizeof(*odd));
    assert_int_equal(rg_meter_status_of(RG_METER_STATUS_COUNT - 2), 503);
    assert_int_equal(r.status[RG_METER_STATUS_COUNT - 2], 1);
}

static void beyond_the_shape_is_nothing(void **state)
{
    fenced_t f = fenced(*state);
    static const int wrong[] = {-1, 2, 3, 1000000};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        rg_meter_request(f.m, wrong[i], 0, 200, 1);
        rg_meter_task_ran(f.m, 0, wrong[i], 1, 1, 1, true);
        rg_meter_pool(f.m, 0, wrong[i], 1, 1, 1);
        rg_meter_leave(f.m, wrong[i] + 1, 0);
    }
    rg_meter_request(f.m, 0, 3, 200, 1);
    rg_meter_pool(f.m, 3, 0, 9, 9, 5); /* a process without a place: its statements count */
    assert_int_equal(rg_meter_pools(f.m, 0, all_live).statements, 5);
    assert_int_equal(rg_meter_pools(f.m, 0, all_live).open, 0);
    rg_meter_request(NULL, 0, 0, 200, 1);
    assert_int_equal(rg_meter_enter(NULL, 7, all_live), -1);
    assert_int_equal(rg_meter_route(NULL, 0, 0).usec, 0);
    assert_fence(&f);
}

static void processes_come_and_go(void **state)
{
    fenced_t f = fenced(*state);
    int seven = rg_meter_enter(f.m, 7, all_live);
    int eight = rg_meter_enter(f.m, 8, all_live);
    int nine = rg_meter_enter(f.m, 9, all_live);
    assert_true(seven >= 0 && eight >= 0 && nine >= 0 && seven != eight && eight != nine);
    assert_int_equal(rg_meter_enter(f.m, 10, all_live), -1);
    rg_meter_pool(f.m, seven, 0, 4, 1, 100);
    rg_meter_pool(f.m, eight, 0, 2, 2, 10);
    rg_meter_pool(f.m, eight, 1, 1, 0, 1);
    rg_meter_pools_t both = rg_meter_pools(f.m, 0, all_live);
    assert_int_equal(both.open, 6);
    assert_int_equal(both.busy, 3);
    assert_int_equal(both.statements, 110);
    assert_int_equal(both.children, 3);
    assert_int_equal(rg_meter_pools(f.m, 0, only_seven).children, 1);
    /* 8 was killed: what it had open is gone, what it did is not; its place is for the next. */
    assert_int_equal(rg_meter_pools(f.m, 0, only_seven).open, 4);
    assert_int_equal(rg_meter_pools(f.m, 0, only_seven).statements, 110);
    assert_int_equal(rg_meter_enter(f.m, 10, only_seven), eight);
    assert_int_equal(rg_meter_pools(f.m, 0, all_live).open, 4);
    assert_int_equal(rg_meter_pools(f.m, 1, all_live).open, 0);
    /* Who is late leaves nobody else's place. */
    rg_meter_leave(f.m, eight, 8);
    rg_meter_pool(f.m, eight, 0, 3, 0, 0);
    assert_int_equal(rg_meter_pools(f.m, 0, all_live).open, 7);
    rg_meter_leave(f.m, seven, 7);
    assert_int_equal(rg_meter_pools(f.m, 0, all_live).open, 3);
    assert_fence(&f);
}

typedef struct {
    rg_meter_t *m;
    int pid, place;
} worker_t;

static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *data)
{
    worker_t *w = data;
    (void)thread;
    w->place = rg_meter_enter(w->m, w->pid, all_live);
    for (int i = 0; i < 5000; i++) {
        rg_meter_request(w->m, 1, 1, 409, 3);
    }
    return NULL;
}

static void threads_lose_nothing(void **state)
{
    fenced_t f = fenced(*state);
    worker_t workers[8];
    apr_thread_t *threads[8];
    int places = 0;
    for (int i = 0; i < 8; i++) {
        workers[i] = (worker_t){.m = f.m, .pid = 100 + i};
        assert_int_equal(apr_thread_create(&threads[i], NULL, work, &workers[i], *state), 0);
    }
    for (int i = 0; i < 8; i++) {
        apr_status_t rv;
        apr_thread_join(&rv, threads[i]);
        places += workers[i].place >= 0 ? 1 << workers[i].place : 0;
    }
    assert_int_equal(places, 7); /* three got one each, five none */
    rg_meter_route_t r = rg_meter_route(f.m, 1, 1);
    assert_int_equal(sum(r.status, RG_METER_STATUS_COUNT), 40000);
    assert_int_equal(r.usec, 120000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(each_in_its_place),
        pool_test(bounds_belong_to_what_they_bound),
        pool_test(unknown_statuses_are_counted_together),
        pool_test(beyond_the_shape_is_nothing),
        pool_test(processes_come_and_go),
        pool_test(threads_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
