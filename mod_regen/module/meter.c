/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of the counters: made by the parent for each configuration, shared by its children.
 * After a restart they begin at 0 again, which who reads counters expects; children of the
 * configuration before go on in the old memory, which nobody reads. */
#include "config.h"
#include "regen/core/log.h"
#include "regen/core/meter.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

#include <ap_mpm.h>
#include <apr_shm.h>
#include <errno.h>
#include <http_core.h>
#include <http_log.h>
#include <http_main.h>
#include <http_protocol.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

APLOG_USE_MODULE(regen);

enum { LINE = 64 /* alignment of rg_meter_t */, CHILDREN_MOST = 4096 };

RG_WORDS_MADE(regen_task, REGEN_TASKS);

static rg_meter_t *shared;
static int my_place = -1;

rg_meter_t *regen_meter_shared(void)
{
    return shared;
}

bool regen_meter_alive(int pid)
{
    return kill((pid_t)pid, 0) == 0 || errno == EPERM;
}

/* --- the parent ------------------------------------------------------------------------------- */

const regen_routes_t *regen_meter_routes(const regen_server_t *c)
{
    return c->mounts->nelts > 0 ? APR_ARRAY_IDX(c->mounts, 0, regen_mount_t).where->routes : NULL;
}

static rg_meter_shape_t shape_of(server_rec *first)
{
    rg_meter_shape_t shape = {.tasks = REGEN_TASK_COUNT};
    int most = 0;
    for (server_rec *s = first; s; s = s->next) {
        regen_server_t *c = regen_server_conf(s);
        if (c->app) {
            const regen_routes_t *routes = regen_meter_routes(c);
            c->meter_clinic = shape.clinics++;
            shape.routes = routes ? 1 + regen_routes_count(routes) : shape.routes;
        }
    }
    (void)ap_mpm_query(AP_MPMQ_HARD_LIMIT_DAEMONS, &most);
    /* Twice: at a graceful restart the old ones are still there. */
    shape.children = most > 0 && most < CHILDREN_MOST / 2 ? 2 * most : CHILDREN_MOST;
    return shape;
}

static int meter_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    rg_meter_shape_t shape;
    apr_shm_t *shm;
    (void)plog;
    (void)ptemp;
    shared = NULL;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    shape = shape_of(s);
    if (shape.clinics == 0) {
        return OK;
    }
    if (apr_shm_create(&shm, rg_meter_size(&shape) + LINE, NULL, pconf) != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     RGNO(03160) "No shared memory: there are no metrics.");
        return OK;
    }
    uintptr_t base = (uintptr_t)apr_shm_baseaddr_get(shm);
    shared = rg_meter_lay_out((void *)((base + LINE - 1) / LINE * LINE), &shape);
    return OK;
}

/* --- a child ---------------------------------------------------------------------------------- */

static _Atomic uint64_t *told; /* by this process, for each clinic: statements of its pool */

static apr_status_t leave_meter(void *data)
{
    (void)data;
    /* An answer that nobody took is logged when the process ends: the pools are gone then. */
    told = NULL;
    rg_meter_leave(shared, my_place, (int)getpid());
    return APR_SUCCESS;
}

void regen_meter_init(apr_pool_t *pchild, const server_rec *first)
{
    int clinics = 0;
    for (const server_rec *s = first; s; s = s->next) {
        clinics += regen_server_conf(s)->app ? 1 : 0;
    }
    told = apr_pcalloc(pchild, sizeof(*told) * (size_t)(clinics + 1));
    my_place = rg_meter_enter(shared, (int)getpid(), regen_meter_alive);
    apr_pool_pre_cleanup_register(pchild, NULL, leave_meter);
}

/* Virtual hosts of one database share a pool, which is the first one's. */
static void note_pool(const server_rec *s, const regen_server_t *c)
{
    const regen_server_t *owner = regen_pool_mate(ap_server_conf, s);
    rg_store_stats_t now = rg_store_stats(c->app->store);
    int clinic = (owner ? owner : c)->meter_clinic;
    uint64_t before = atomic_load(&told[clinic]);
    while (before < now.statements &&
           !atomic_compare_exchange_weak(&told[clinic], &before, now.statements)) {
    }
    rg_meter_pool(shared, my_place, clinic, now.open, now.busy,
                  now.statements > before ? now.statements - before : 0);
}

void regen_meter_ran(const regen_server_t *c, regen_task_t task, apr_time_t began, int done,
                     rg_outcome_t rc)
{
    apr_time_t now = apr_time_now();
    rg_meter_task_ran(shared, c->meter_clinic, (int)task, now, now - began, done, rc == RG_OK);
}

static int on_logged(request_rec *r)
{
    const regen_server_t *c = regen_server_conf(r->server);
    const regen_where_t *where = regen_where(r);
    if (!shared || !c->app || !where || !regen_claimed(r) ||
        (r->handler && strcmp(r->handler, "regen") != 0)) {
        return DECLINED;
    }
    rg_meter_request(shared, c->meter_clinic, regen_routes_answered(where->routes, r), r->status,
                     apr_time_now() - r->request_time);
    if (c->app->store && told) {
        note_pool(r->server, c);
    }
    return DECLINED;
}

void regen_meter_hooks(void)
{
    ap_hook_post_config(meter_post_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_log_transaction(on_logged, NULL, NULL, APR_HOOK_LAST);
}
