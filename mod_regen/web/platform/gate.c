/* SPDX-License-Identifier: Apache-2.0 */
/* Limits concurrent logins: checking a password takes 64 MiB and a tenth of a second by design, so
 * a crowd at the login page must queue instead of overloading the machine. One slot is reserved for
 * known devices, and they go first in the queue: a crowd of strangers must not keep the staff out
 * either. */
#include "gate.h"

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>

struct regen_gate_t {
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *left;
    int free, kept;    /* places; how many of them are not for strangers */
    int known_waiting; /* go before all strangers */
};

regen_gate_t *regen_gate_make(apr_pool_t *p, int limit)
{
    regen_gate_t *g = apr_pcalloc(p, sizeof(*g));
    g->free = limit;
    g->kept = limit > 1 ? 1 : 0;
    if (apr_thread_mutex_create(&g->mutex, APR_THREAD_MUTEX_DEFAULT, p) != APR_SUCCESS ||
        apr_thread_cond_create(&g->left, p) != APR_SUCCESS) {
        return NULL;
    }
    return g;
}

static bool has_gate_room(const regen_gate_t *g, bool known)
{
    return known ? g->free > 0 : g->free > g->kept && g->known_waiting == 0;
}

bool regen_gate_enter(regen_gate_t *g, apr_interval_time_t patience, bool known)
{
    apr_time_t until = apr_time_now() + patience;
    bool in = false;
    if (!g || apr_thread_mutex_lock(g->mutex) != APR_SUCCESS) {
        return false;
    }
    g->known_waiting += known ? 1 : 0;
    while (!has_gate_room(g, known)) {
        apr_interval_time_t rest = until - apr_time_now();
        if (rest <= 0 || apr_thread_cond_timedwait(g->left, g->mutex, rest) != APR_SUCCESS) {
            break;
        }
    }
    if (has_gate_room(g, known)) {
        g->free--;
        in = true;
    }
    g->known_waiting -= known ? 1 : 0;
    apr_thread_mutex_unlock(g->mutex);
    return in;
}

void regen_gate_leave(regen_gate_t *g)
{
    if (apr_thread_mutex_lock(g->mutex) == APR_SUCCESS) {
        g->free++;
        apr_thread_cond_broadcast(g->left);
        apr_thread_mutex_unlock(g->mutex);
    }
}
