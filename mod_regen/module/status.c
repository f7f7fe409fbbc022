/* SPDX-License-Identifier: Apache-2.0 */
/* A section in server-status: what this child process knows of its clinics. Words and numbers only,
 * nothing of any patient. */
#include "config.h"

#include <http_main.h>
#include <http_protocol.h>
#include <mod_status.h>

static void one(request_rec *r, const server_rec *s, const regen_server_t *c, int flags)
{
    const char *name = ap_escape_html(r->pool, s->server_hostname != NULL ? s->server_hostname : "-");
    const char *state = c->app->store != NULL ? "pool" : "no pool";
    if ((flags & AP_STATUS_SHORT) != 0) {
        ap_rputs(apr_psprintf(r->pool, "RegenClinic: %s %s max=%d\n", name, state, (int)c->db_max),
                 r);
        return;
    }
    ap_rputs(apr_psprintf(r->pool, "<dt>%s: %s, at most %d connections</dt>\n", name, state,
                          (int)c->db_max),
             r);
}

static int on_status(request_rec *r, int flags)
{
    const server_rec *s;
    if ((flags & AP_STATUS_SHORT) == 0) {
        ap_rputs("<hr>\n<h2>mod_regen</h2>\n<dl>\n", r);
    }
    for (s = ap_server_conf; s != NULL; s = s->next) {
        const regen_server_t *c = regen_server_conf(s);
        if (c->app != NULL) {
            one(r, s, c, flags);
        }
    }
    if ((flags & AP_STATUS_SHORT) == 0) {
        ap_rputs("</dl>\n", r);
    }
    return OK;
}

void regen_status_hooks(void)
{
    APR_OPTIONAL_HOOK(ap, status_hook, on_status, NULL, NULL, APR_HOOK_MIDDLE);
}
