/* SPDX-License-Identifier: Apache-2.0 */
/* Removes what has expired: holds, sessions, request keys; offers free time to the waitlist; makes
 * anchors of the audit log.
 * Runs on mod_watchdog's thread in one child of this machine at a time; other machines may sweep
 * too, which does no harm. Booking does not depend on it: an expired hold is released by the first
 * transaction that meets it. */
#include "config.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/followup.h"
#include "regen/clinic/identity.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/store/evidence.h"

#include <apr_optional.h>
#include <apr_strings.h>
#include <http_log.h>
#include <mod_watchdog.h>

APLOG_USE_MODULE(regen);

#define SWEEP_LIMIT 500

rg_ctx_t *regen_background_ctx(apr_pool_t *p, const regen_app_t *app)
{
    rg_ctx_t *ctx = apr_pcalloc(p, sizeof(*ctx));
    ctx->pool = p;
    ctx->now = apr_time_now();
    ctx->random = rg_crypto_random;
    ctx->store = app->store;
    ctx->policy = app->policy;
    ctx->problems = rg_problems_make(p);
    return ctx;
}

/* Once a day and process: where the clinics of this database are, for regenctl, and for the first
 * claim how its identifiers are named. */
static void tell_bases(const rg_ctx_t *ctx, const server_rec *mine)
{
    const regen_server_t *c = regen_server_conf(mine);
    rg_ctx_t own = *ctx;
    apr_uint32_t today = (apr_uint32_t)(ctx->now / RG_DAY);
    const server_rec *s;
    int i;
    if (*c->told_on == today) {
        return;
    }
    *c->told_on = today;
    for (s = mine; s; s = s->next) {
        const regen_server_t *other = regen_server_conf(s);
        for (i = 0; regen_same_database(c, other) && i < other->mounts->nelts; i++) {
            own.policy = APR_ARRAY_IDX(other->mounts, i, regen_mount_t).where->policy;
            if (rg_address_tell(&own) != RG_OK) {
                *c->told_on = 0;
            }
        }
    }
}

/* One that fails stops no other: reminders do not wait for holds, nor anchors for reminders. */
static void note_task(const rg_ctx_t *ctx, regen_task_t task, rg_outcome_t rc)
{
    if (rc == RG_UNAVAILABLE) {
        rg_log(ctx, RG_LOG_INFO,
               RGNO(03130) "The sweep of %s did not finish; it will be tried again.",
               regen_task_name(task));
    }
    else if (rc != RG_OK) {
        rg_log(ctx, RG_LOG_ERR, RGNO(03133) "The sweep of %s failed (%s); it is tried again.",
               regen_task_name(task), rg_outcome_name(rc));
    }
}

static rg_outcome_t sweep_forms(int *done, const rg_ctx_t *ctx, int limit)
{
    (void)limit; /* each has its own */
    return rg_forms_sweep(done, ctx);
}

static rg_outcome_t sweep_visits(int *done, const rg_ctx_t *ctx, int limit)
{
    (void)limit;
    return rg_visit_sweep(done, ctx);
}

static rg_outcome_t sweep_anchors(int *done, const rg_ctx_t *ctx, int limit)
{
    bool anchored = false;
    (void)limit;
    rg_outcome_t rc = rg_store_anchor(&anchored, ctx, RG_ANCHOR_EVERY);
    *done = anchored;
    return rc;
}

/* In this order; letters have a thread of their own. */
static rg_outcome_t (*const sweeps[])(int *done, const rg_ctx_t *ctx, int limit) = {
    [REGEN_TASK_HOLDS] = rg_booking_sweep,   [REGEN_TASK_SESSIONS] = rg_login_sweep,
    [REGEN_TASK_OFFERS] = rg_waitlist_sweep, [REGEN_TASK_RECALLS] = rg_recall_sweep,
    [REGEN_TASK_FORMS] = sweep_forms,        [REGEN_TASK_VISITS] = sweep_visits,
    [REGEN_TASK_ANCHORS] = sweep_anchors,
};
enum { SWEEPS = sizeof(sweeps) / sizeof(*sweeps) };

static void sweep_all(apr_pool_t *p, const server_rec *s)
{
    const regen_server_t *c = regen_server_conf(s);
    rg_ctx_t *ctx = regen_background_ctx(p, c->app);
    int done[SWEEPS] = {0};
    if (!c->app->store || c->app->ready(ctx) != RG_OK) {
        return;
    }
    tell_bases(ctx, s);
    for (int i = 0; i < SWEEPS; i++) {
        apr_time_t began = apr_time_now();
        rg_outcome_t rc = sweeps[i](&done[i], ctx, SWEEP_LIMIT);
        note_task(ctx, (regen_task_t)i, rc);
        regen_meter_ran(c, (regen_task_t)i, began, done[i], rc);
    }
    if (done[REGEN_TASK_HOLDS] + done[REGEN_TASK_SESSIONS] > 0) {
        rg_log(ctx, RG_LOG_DEBUG,
               RGNO(03131) "The sweep removed %d expired holds and %d sessions and keys.",
               done[REGEN_TASK_HOLDS], done[REGEN_TASK_SESSIONS]);
    }
    int reminders = done[REGEN_TASK_FORMS] + done[REGEN_TASK_VISITS];
    if (done[REGEN_TASK_OFFERS] + done[REGEN_TASK_RECALLS] + reminders > 0) {
        rg_log(ctx, RG_LOG_DEBUG,
               RGNO(02201) "The sweep made %d waitlist offers and wrote %d recalls and %d "
                           "reminders of forms and visits.",
               done[REGEN_TASK_OFFERS], done[REGEN_TASK_RECALLS], reminders);
    }
}

/* The pool is the watchdog's own and lives as long as it does, hence the sub-pool. */
static apr_status_t on_watchdog(int state, void *data, apr_pool_t *pool)
{
    server_rec *s = data;
    apr_pool_t *p;
    if (state != AP_WATCHDOG_STATE_RUNNING || apr_pool_create(&p, pool) != APR_SUCCESS) {
        return APR_SUCCESS;
    }
    sweep_all(p, s);
    apr_pool_destroy(p);
    return APR_SUCCESS;
}

static int register_sweep(apr_pool_t *p, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *first)
{
    APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) *get =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) *on =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    ap_watchdog_t *w = NULL;
    server_rec *s;
    (void)plog;
    (void)ptemp;
    for (s = first; s && get && on; s = s->next) {
        const regen_server_t *c = regen_server_conf(s);
        if (!c->app || regen_pool_mate(first, s)) {
            continue;
        }
        /* Not worth ending a server for: see the top of this file. */
        if ((!w && get(&w, "_regen_", 0, 1, p) != APR_SUCCESS) ||
            on(w, c->sweep_interval, s, on_watchdog) != APR_SUCCESS) {
            ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                         RGNO(03132) "The sweep cannot be scheduled.");
        }
    }
    return OK;
}

void regen_sweep_hooks(void)
{
    /* Before mod_watchdog's own post_config looks which watchdogs have callbacks. */
    static const char *const after[] = {"mod_watchdog.c", NULL};
    ap_hook_post_config(register_sweep, NULL, after, APR_HOOK_MIDDLE);
}
