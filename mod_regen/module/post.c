/* SPDX-License-Identifier: Apache-2.0 */
/* Sends letters, on a thread of mod_watchdog that is not the sweep's, so that a mail server that
 * hangs holds up nothing else. In one child of this machine at a time; other machines send, too:
 * each letter is leased in the database. A child that ends gives up what it has not handed over,
 * and waits seconds for the answer to what it has. */
#include "config.h"
#include "regen/clinic/followup.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/mail.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/render/message.h"

#include <ap_mpm.h>
#include <apr_optional.h>
#include <http_log.h>
#include <mod_watchdog.h>
#include <mpm_common.h>

APLOG_USE_MODULE(regen);

/* Of one run; the next one follows at once after the interval. */
#define LETTERS_ONCE 100

/* A server that is down is asked again after 2, 4, 8 … seconds, up to this. */
#define WAIT_MOST (5 * RG_MINUTE)

/* child_stopping tells: MPMs set their state later, or not at all in a child. */
static volatile int ending;

static bool is_ending(void *baton)
{
    (void)baton;
    return ending != 0;
}

static void tell_end(const rg_ctx_t *ctx, regen_post_t *mine, const rg_outbox_ran_t *ran)
{
    if (ran->sent + ran->failed + ran->closed > 0) {
        rg_log(ctx, RG_LOG_INFO,
               RGNO(03140) "%d letters sent, %d to be tried again, %d failed, %d not needed "
                           "anymore.",
               ran->sent, ran->later, ran->failed, ran->closed);
    }
    if (ran->down && !mine->down) {
        rg_log(ctx, RG_LOG_WARNING,
               RGNO(03141) "Letters cannot be sent: %s%s%s. They wait, and are tried again.",
               rg_mail_code_name(ran->why), *ran->answer != '\0' ? ": " : "", ran->answer);
    }
    if (!ran->down && mine->down && ran->sent > 0) {
        rg_log(ctx, RG_LOG_INFO, RGNO(03142) "Letters can be sent again.");
    }
    mine->down = ran->down || (mine->down && ran->sent == 0);
}

static void wait_after(regen_post_t *mine, bool down, apr_time_t now)
{
    mine->times = down ? mine->times + 1 : 0;
    apr_interval_time_t wait = 2 * RG_SECOND;
    int i;
    for (i = 1; i < mine->times && wait < WAIT_MOST; i++) {
        wait *= 2;
    }
    mine->wait_until = down ? now + (wait < WAIT_MOST ? wait : WAIT_MOST) : 0;
}

/* The first clinic of the server: its address is in the links. */
static const rg_policy_t *policy_of(const regen_server_t *c)
{
    return c->mounts->nelts > 0 ? APR_ARRAY_IDX(c->mounts, 0, regen_mount_t).where->policy
                                : c->app->policy;
}

static void send_letters(apr_pool_t *p, const regen_server_t *c)
{
    rg_ctx_t *ctx = regen_background_ctx(p, c->app);
    rg_outbox_ran_t ran;
    rg_outbox_run_t how = {.mail = c->mail,
                           .detail = (rg_mail_detail_t)c->mail_detail,
                           .rate_count = (int)(c->mail_rate / REGEN_TRY),
                           .rate_time = c->mail_rate % REGEN_TRY * RG_SECOND,
                           .give_up = c->mail_give_up,
                           .compose = rg_letter_compose,
                           .compose_baton = (void *)c->app->templates,
                           .stop = is_ending,
                           .clock = apr_time_now,
                           .limit = LETTERS_ONCE};
    if (!c->app->store || ctx->now < c->post->wait_until || c->app->ready(ctx) != RG_OK) {
        return;
    }
    ctx->policy = policy_of(c);
    rg_outcome_t rc = rg_outbox_send(&ran, ctx, &how);
    tell_end(ctx, c->post, &ran);
    wait_after(c->post, ran.down || rc != RG_OK, apr_time_now());
}

static apr_status_t on_letters(int state, void *data, apr_pool_t *pool)
{
    apr_pool_t *p;
    if (state != AP_WATCHDOG_STATE_RUNNING || ending != 0 ||
        apr_pool_create(&p, pool) != APR_SUCCESS) {
        return APR_SUCCESS;
    }
    send_letters(p, regen_server_conf(data));
    apr_pool_destroy(p);
    return APR_SUCCESS;
}

static int register_post(apr_pool_t *p, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *first)
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
        const regen_server_t *mate = c->app ? regen_pool_mate(first, s) : NULL;
        if (!c->app || !c->mail || (mate && mate->mail)) {
            continue;
        }
        /* Not worth ending a server for: letters wait, and regenctl can send them. */
        if ((!w && get(&w, "_regen_mail_", 0, 1, p) != APR_SUCCESS) ||
            on(w, c->mail_interval, s, on_letters) != APR_SUCCESS) {
            ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                         RGNO(03143) "Sending letters cannot be scheduled.");
        }
    }
    return OK;
}

static void on_stopping(apr_pool_t *pchild, int graceful)
{
    (void)pchild;
    (void)graceful;
    ending = 1;
}

void regen_post_hooks(void)
{
    /* As the sweep: before mod_watchdog looks which watchdogs have callbacks. */
    static const char *const after[] = {"mod_watchdog.c", NULL};
    ap_hook_post_config(register_post, NULL, after, APR_HOOK_MIDDLE);
    ap_hook_child_stopping(on_stopping, NULL, NULL, APR_HOOK_REALLY_FIRST);
}
