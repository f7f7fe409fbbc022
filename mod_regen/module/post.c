/* SPDX-License-Identifier: Apache-2.0 */
/* Sends letters, on a thread of mod_watchdog that is not the sweep's, so that a mail server that
 * hangs holds up nothing else. In one child of this machine at a time; other machines send, too:
 * each letter is leased in the database. A child that ends gives up what it has not handed over,
 * and waits for the answer to what it has: httpd ends a child's threads with it. */
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
#include <apr_atomic.h>
#include <apr_optional.h>
#include <http_log.h>
#include <http_main.h>
#include <mod_watchdog.h>
#include <mpm_common.h>
#include <signal.h>

APLOG_USE_MODULE(regen);

/* Of one run; the next one follows at once after the interval. */
#define LETTERS_ONCE 100

/* A server that is down is asked again after 2, 4, 8 … seconds, up to this. */
#define WAIT_MOST (5 * RG_MINUTE)

/* child_stopping tells: MPMs set their state later, or not at all in a child. */
static apr_uint32_t ending;
/* The thread is at it. */
static apr_uint32_t sending;

/* How long a child that ends waits: at a graceful end for the letter that was handed over and for
 * its note, else as long as httpd lets a child without a warning. */
#define LAST_NOTE (30 * RG_SECOND)
#define LAST_WORD (2 * RG_SECOND)

static bool is_ending(void *baton)
{
    (void)baton;
    return apr_atomic_read32(&ending) != 0;
}

static bool no_mail_library;

/* Pages do without: letters wait, and regenctl on another machine can send them. */
void regen_post_init(server_rec *s)
{
    no_mail_library = !rg_post_init();
    if (no_mail_library) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s,
                     RGNO(03144) "The library libcurl cannot be used; this process sends no "
                                 "letters by a mail server.");
    }
}

const char *regen_post_state(const regen_server_t *c)
{
    if (!c->mail) {
        return "off";
    }
    return no_mail_library && c->mail->way == RG_WAY_SMTP ? "libcurl cannot be used"
                                                          : rg_way_name(c->mail->way);
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
    apr_time_t began = apr_time_now();
    rg_outcome_t rc = rg_outbox_send(&ran, ctx, &how);
    regen_meter_ran(c, REGEN_TASK_LETTERS, began, ran.sent,
                    ran.down && rc == RG_OK ? RG_UNAVAILABLE : rc);
    tell_end(ctx, c->post, &ran);
    wait_after(c->post, ran.down || rc != RG_OK, apr_time_now());
}

static apr_status_t on_letters(int state, void *data, apr_pool_t *pool)
{
    apr_pool_t *p;
    if (state != AP_WATCHDOG_STATE_RUNNING || apr_pool_create(&p, pool) != APR_SUCCESS) {
        return APR_SUCCESS;
    }
    apr_atomic_set32(&sending, 1);
    if (!is_ending(NULL)) {
        send_letters(p, regen_server_conf(data));
    }
    apr_pool_destroy(p);
    apr_atomic_set32(&sending, 0);
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

static apr_interval_time_t longest_letter(void)
{
    apr_interval_time_t longest = 0;
    const server_rec *s;
    for (s = ap_server_conf; s; s = s->next) {
        const regen_server_t *c = regen_server_conf(s);
        if (c->mail && c->mail->timeout > longest) {
            longest = c->mail->timeout;
        }
    }
    return longest;
}

/* prefork does not say it, but then a child that is to end at once does so in its handler of
 * SIGTERM, where that signal is blocked. */
static bool ends_gracefully(int graceful)
{
    int threaded = AP_MPMQ_NOT_SUPPORTED;
    sigset_t blocked;
    (void)ap_mpm_query(AP_MPMQ_IS_THREADED, &threaded);
    if (graceful || threaded != AP_MPMQ_NOT_SUPPORTED) {
        return graceful != 0;
    }
    return pthread_sigmask(SIG_BLOCK, NULL, &blocked) == 0 && sigismember(&blocked, SIGTERM) == 0;
}

/* Before the pools of the child go. */
static void on_stopping(apr_pool_t *pchild, int graceful)
{
    apr_time_t until =
        apr_time_now() + (ends_gracefully(graceful) ? longest_letter() + LAST_NOTE : LAST_WORD);
    (void)pchild;
    apr_atomic_set32(&ending, 1);
    while (apr_atomic_read32(&sending) != 0 && apr_time_now() < until) {
        apr_sleep(RG_SECOND / 20);
    }
}

void regen_post_hooks(void)
{
    /* As the sweep: before mod_watchdog looks which watchdogs have callbacks. */
    static const char *const after[] = {"mod_watchdog.c", NULL};
    ap_hook_post_config(register_post, NULL, after, APR_HOOK_MIDDLE);
    ap_hook_child_stopping(on_stopping, NULL, NULL, APR_HOOK_REALLY_FIRST);
}
