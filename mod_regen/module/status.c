/* SPDX-License-Identifier: Apache-2.0 */
/* A section in server-status: the connection pools of the child process that answered, and how
 * letters leave. No patient data. */
#include "config.h"

#include <http_main.h>
#include <http_protocol.h>
#include <mod_status.h>
#include <unistd.h>
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/render/template.h"
#include "regen/store/store.h"

#define SECTION_MAX (256 * 1024)

static void describe_store(rg_val_t *v, const server_rec *s, const regen_server_t *c)
{
    const regen_app_t *app = c->app;
    const rg_store_stats_t none = {0};
    const rg_store_stats_t now = app->store ? rg_store_stats(app->store) : none;
    const char *state = !app->store ? "no pool" : now.down ? "down" : "up";
    rg_val_str(v, "server", s->server_hostname ? s->server_hostname : "-");
    rg_val_str(v, "state", state);
    rg_val_str(v, "schema", now.schema_ok ? "ok" : "unknown");
    rg_val_int(v, "open", now.open);
    rg_val_int(v, "busy", now.busy);
    rg_val_int(v, "slots", now.slots);
    rg_val_str(v, "letters", regen_post_state(c));
}

/* The view, and any clinic's templates to show it by. */
static const rg_templates_t *collect_clinics(rg_val_t *view)
{
    const rg_templates_t *templates = NULL;
    rg_val_t *clinics = rg_val_set_list(view, "clinics");
    const server_rec *s;
    for (s = ap_server_conf; s; s = s->next) {
        const regen_server_t *c = regen_server_conf(s);
        if (c->app) {
            templates = c->app->templates;
            describe_store(rg_val_add(clinics), s, c);
        }
    }
    rg_val_int(view, "pid", getpid());
    return templates;
}

static int on_status(request_rec *r, int flags)
{
    rg_val_t *view = rg_val_object(r->pool);
    const rg_templates_t *templates = collect_clinics(view);
    rg_buf_t *out = rg_buf_make(r->pool, SECTION_MAX);
    const char *name =
        (flags & AP_STATUS_SHORT) != 0 ? "platform/status.txt" : "platform/status.html";
    if (templates && rg_template_render(templates, name, view, out) == RG_OK) {
        ap_rwrite(out->data, (int)out->len, r);
    }
    return OK;
}

void regen_status_hooks(void)
{
    APR_OPTIONAL_HOOK(ap, status_hook, on_status, NULL, NULL, APR_HOOK_MIDDLE);
}
