/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl service: export and import of services as a file. */
#include "regenctl.h"

#include <stdio.h>

#include "regen/clinic/definitions.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/model/definition.h"
#include "regen/render/message.h"
#include "service_read.h"

#define FILE_MAX_BYTES (4 * 1024 * 1024)

/* --- export ----------------------------------------------------------------------------------- */

static int print(ctl_t *ctl, const rg_service_def_t *defs, int count)
{
    rg_buf_t *out = rg_buf_make(ctl->pool, FILE_MAX_BYTES);
    if (rg_services_json(out, defs, count) != RG_OK) {
        ctl_error("The definitions are too large for one file. Export the services one by one.");
        return CTL_FAILED;
    }
    return fwrite(out->data, 1, out->len, stdout) == out->len ? CTL_DONE : CTL_FAILED;
}

static int export_services(ctl_t *ctl)
{
    bool all = ctl_option(ctl, "all") != NULL;
    rg_service_def_t *defs;
    int count = 1;
    if (all != (ctl->count == 0)) {
        ctl_error("Name one service, or use --all.");
        return CTL_USAGE;
    }
    rg_outcome_t rc = all ? rg_service_defs(&defs, &count, ctl->ctx)
                          : rg_service_def_get(&defs, ctl->ctx, ctl->args[0]);
    return rc == RG_OK ? print(ctl, defs, count) : ctl_result(ctl, rc, "Nothing was exported");
}

/* --- import ----------------------------------------------------------------------------------- */

static int import_services(ctl_t *ctl)
{
    rg_service_def_t *defs = NULL;
    rg_service_saved_t saved;
    int count = 0;
    const rg_buf_t *bytes = ctl_read_file(ctl->pool, ctl->args[0], FILE_MAX_BYTES);
    if (!bytes) {
        return CTL_USAGE;
    }
    rg_outcome_t rc =
        ctl_services_read(&defs, &count, ctl->pool, bytes->data, bytes->len, ctl->ctx->problems);
    if (rc == RG_OK) {
        rg_service_save_in_t in = {.count = count, .defs = defs, .is_file = true};
        rc = rg_service_save(&saved, ctl->ctx, &in);
    }
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was imported");
    }
    ctl_say("%d services added, %d changed, %d unchanged.", saved.added, saved.changed, saved.same);
    return CTL_DONE;
}

static const apr_getopt_option_t EXPORT[] = {
    {"all", 'a', 0, "every service"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_service_commands[] = {
    {"service export", "CODE or --all", "prints services as JSON, with all their parts", 0, 1,
     EXPORT, export_services, false},
    {"service import", "FILE",
     "stores the services of such a file, all or none; reports every mistake with its path", 1, 1,
     NULL, import_services, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
