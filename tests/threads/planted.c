/* SPDX-License-Identifier: Apache-2.0 */
/* Races that ThreadSanitizer must detect, otherwise its other results prove nothing: `planted own`
 * races here, `planted library` inside libregen.a (so the archive is checked, too), `planted
 * orderly` does the same work under a lock. */
#include <stdio.h>
#include <string.h>

#include <apr_pools.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>
#include "regen/core/buf.h"

typedef enum { OWN, LIBRARY, ORDERLY } way_t;

typedef struct {
    way_t way;
    apr_thread_mutex_t *lock;
    int there, shared;
    rg_buf_t *buf;
} work_t;

static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *data)
{
    work_t *w = data;
    /* Both begin together, and relaxed: locks inside APR would put the work of one after the other's
     * by chance, and an order of any kind hides the race. */
    __atomic_fetch_add(&w->there, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&w->there, __ATOMIC_RELAXED) < 2) {
        apr_thread_yield();
    }
    for (int i = 0; i < 1000; i++) {
        if (w->way == ORDERLY) {
            apr_thread_mutex_lock(w->lock);
        }
        if (w->way != LIBRARY) {
            w->shared++;
        }
        if (w->way != OWN) {
            rg_buf_add(w->buf, "x", 1);
        }
        if (w->way == ORDERLY) {
            apr_thread_mutex_unlock(w->lock);
        }
    }
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

int main(int argc, const char *const *argv)
{
    static const char *const ways[] = {"own", "library", "orderly"};
    work_t w = {.shared = 0};
    apr_pool_t *p;
    apr_thread_t *threads[2];
    apr_status_t rv;
    int way = 0;
    while (way < 3 && (argc < 2 || strcmp(argv[1], ways[way]) != 0)) {
        way++;
    }
    if (way == 3 || apr_initialize() != APR_SUCCESS) {
        fprintf(stderr, "usage: planted own|library|orderly\n");
        return 2;
    }
    w.way = (way_t)way;
    apr_pool_create(&p, NULL);
    apr_thread_mutex_create(&w.lock, APR_THREAD_MUTEX_DEFAULT, p);
    /* Grown before: two threads may not take memory from one pool. */
    w.buf = rg_buf_make(p, 4096);
    rg_buf_printf(w.buf, "%4000s", "");
    w.buf->len = 0;
    for (int i = 0; i < 2; i++) {
        if (apr_thread_create(&threads[i], NULL, work, &w, p) != APR_SUCCESS) {
            return 2;
        }
    }
    for (int i = 0; i < 2; i++) {
        apr_thread_join(&rv, threads[i]);
    }
    printf("%d %d\n", w.shared, (int)w.buf->len);
    return 0;
}
