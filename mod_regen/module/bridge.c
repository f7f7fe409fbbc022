/* SPDX-License-Identifier: Apache-2.0 */
/* The library logs through a function passed to it; here this becomes httpd's log, with the
 * module's own LogLevel and, when the baton is a request, with that request's client and id. */
#include "config.h"
#include "regen/core/log.h"

#include <http_log.h>
#include <http_main.h>

APLOG_USE_MODULE(regen);

static int httpd_level(rg_log_level_t level)
{
    return level <= RG_LOG_DEBUG ? (int)level : APLOG_TRACE1;
}

static void log_to_httpd(void *baton, rg_log_level_t level, const char *file, int line,
                         const char *text)
{
    const request_rec *r = baton;
    if (r) {
        ap_log_rerror(file, line, APLOG_MODULE_INDEX, httpd_level(level), 0, r, "%s", text);
    }
    else {
        ap_log_error(file, line, APLOG_MODULE_INDEX, httpd_level(level), 0, ap_server_conf, "%s",
                     text);
    }
}

static bool enabled(void *baton, rg_log_level_t level)
{
    const request_rec *r = baton;
    return r ? APLOG_R_IS_LEVEL(r, httpd_level(level))
             : APLOG_IS_LEVEL(ap_server_conf, httpd_level(level));
}

void regen_bridge_install(void)
{
    rg_log_set(log_to_httpd, enabled);
}
