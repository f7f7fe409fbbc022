/* SPDX-License-Identifier: Apache-2.0 */
/* A door for so many at a time: checking a password takes 64 MiB and a tenth of a second by design,
 * so a crowd at the login page must queue instead of taking the machine down. */
#include "app.h"

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>

struct regen_gate_t {
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *left;
    int free;
};

regen_gate_t *regen_gate_make(apr_pool_t *p, int limit)
{
    regen_gate_t *g = apr_pcalloc(p, sizeof(*g));
    g->free = limit;
    if (apr_thread_mutex_create(&g->mutex, APR_THREAD_MUTEX_DEFAULT, p) != APR_SUCCESS ||
        apr_thread_cond_create(&g->left, p) != APR_SUCCESS) {
        return NULL;
    }
    return g;
}

bool regen_gate_enter(regen_gate_t *g, apr_interval_time_t patience)
{
    apr_time_t until = apr_time_now() + patience;
    bool in = false;
    if (g == NULL || apr_thread_mutex_lock(g->mutex) != APR_SUCCESS) {
        return false;
    }
    while (g->free == 0) {
        apr_interval_time_t rest = until - apr_time_now();
        if (rest <= 0 || apr_thread_cond_timedwait(g->left, g->mutex, rest) != APR_SUCCESS) {
            break;
        }
    }
    if (g->free > 0) {
        g->free--;
        in = true;
    }
    apr_thread_mutex_unlock(g->mutex);
    return in;
}

void regen_gate_leave(regen_gate_t *g)
{
    if (apr_thread_mutex_lock(g->mutex) == APR_SUCCESS) {
        g->free++;
        apr_thread_cond_signal(g->left);
        apr_thread_mutex_unlock(g->mutex);
    }
}
