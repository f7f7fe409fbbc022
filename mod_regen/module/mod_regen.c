/* SPDX-License-Identifier: Apache-2.0 */
/* The module's one symbol, its life and its content handler. What runs when:
 *
 *   1  setters         every start, graceful restart and configtest, in the parent (directive.c)
 *   2  check_config    the same; makes each server's clinic: routes, templates, files, schema
 * (check.c) 3  post_config     the throttle's memory, without which a server runs, too: a failure
 * there would end a running server 4  child_init
 * per child: libraries, log bridge, connection pools. Nothing here may fail the child: what cannot
 * be made is told in the log, and requests answer 503 5  requests        mount.c claims the URL,
 * auth.c knows who, web/ answers 6  child exit      pchild's cleanups close the connections
 *
 * The module is unloaded and loaded again between passes, so no file keeps state in statics that 1
 * or 2 set. */
#include "config.h"

#include <ap_mpm.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/mail.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/xml.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

APLOG_USE_MODULE(regen);

/* The store logs what is wrong, at most once a minute. */
static rg_outcome_t database_ready(const rg_ctx_t *ctx)
{
    int found = 0;
    return rg_store_schema_check(ctx, &found);
}

/* Threads that may ask the database at once; a pool larger than that would never be used. */
static int connections(const regen_server_t *c)
{
    int threads = 0;
    if (ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads) == APR_SUCCESS && threads <= 1 &&
        c->db_max > 3) {
        return 3; /* prefork: the request's, the sweep's, and that of who sends letters */
    }
    return (int)c->db_max;
}

static void open_clinic_store(apr_pool_t *p, server_rec *s, regen_server_t *c)
{
    rg_store_conf_t *conf = apr_pcalloc(p, sizeof(*conf));
    *conf = (rg_store_conf_t){.socket = c->db_socket,
                              .host = c->db_host,
                              .port = (int)c->db_port,
                              .user = c->db_user,
                              .password = c->db_password,
                              .database = c->db_name,
                              .tls_ca = c->db_tls_ca,
                              .max = connections(c),
                              .acquire_timeout = c->db_acquire_timeout,
                              .connect_timeout = c->db_connect_timeout,
                              .io_timeout = c->db_io_timeout,
                              .idle_check = 30 * RG_SECOND};
    if (rg_store_open(&c->app->store, p, conf) != RG_OK) {
        c->app->store = NULL;
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s,
                     RGNO(03101) "No connection pool could be made; this process answers 503.");
    }
    c->app->ready = database_ready;
    c->app->login_gate = regen_gate_make(p, (int)c->logins_at_once);
}

static void child_init(apr_pool_t *p, server_rec *s)
{
    server_rec *one;
    regen_bridge_install();
    rg_xml_init();
    if (!rg_crypto_init() || !rg_store_init()) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s,
                     RGNO(03102) "libsodium or the library for the database cannot be used; this "
                                 "process answers 503.");
        return;
    }
    regen_post_init(s);
    regen_meter_init(p, s);
    for (one = s; one; one = one->next) {
        regen_server_t *c = regen_server_conf(one);
        const regen_server_t *mate = c->app ? regen_pool_mate(s, one) : NULL;
        if (c->app) {
            c->app->throttle = regen_throttle_shared();
        }
        if (mate) {
            c->app->store = mate->app->store;
            c->app->login_gate = mate->app->login_gate;
            c->app->ready = database_ready;
        }
        else if (c->app) {
            open_clinic_store(p, one, c);
        }
    }
}

static int handler(request_rec *r)
{
    const regen_where_t *where = regen_where(r);
    const regen_server_t *c = regen_server_conf(r->server);
    if (!r->handler || strcmp(r->handler, "regen") != 0) {
        return DECLINED;
    }
    if (!where || !c->app) {
        ap_log_rerror(
            APLOG_MARK, APLOG_ERR, 0, r,
            RGNO(03103) "SetHandler regen without RegenEngine On in the same <Location>.");
        return HTTP_NOT_FOUND;
    }
    return regen_dispatch(r, c->app, where);
}

static void register_hooks(apr_pool_t *p)
{
    static const char *const before_watchdog[] = {"mod_watchdog.c", NULL};
    ap_hook_check_config(regen_check_config, NULL, NULL, APR_HOOK_MIDDLE);
    /* The watchdog's thread starts in its own child_init and uses what ours made. */
    ap_hook_child_init(child_init, NULL, before_watchdog, APR_HOOK_MIDDLE);
    ap_hook_handler(handler, NULL, NULL, APR_HOOK_MIDDLE);
    regen_mount_hooks();
    regen_auth_hooks(p);
    regen_sweep_hooks();
    regen_post_hooks();
    regen_status_hooks();
    regen_throttle_hooks();
    regen_meter_hooks();
    regen_metrics_hooks();
}

/* A virtual host without directives of its own shares the main server's struct here; check_config
 * gives each server a resolved copy and never writes into what was merged. */
module AP_MODULE_DECLARE_DATA regen_module = {
    STANDARD20_MODULE_STUFF, regen_dir_create, regen_dir_merge, regen_server_create,
    regen_server_merge,      regen_commands,   register_hooks,  AP_MODULE_FLAG_NONE};
