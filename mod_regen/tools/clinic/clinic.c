/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl clinic: who bills, sites and payers as a file. */
#include "mod_regen/tools/regenctl.h"
#include "mod_regen/tools/service_read.h"
#include "regen/clinic/clinic_def.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/render/message.h"

#include <stdio.h>

#define CLINIC_FILE_MOST (1024 * 1024)

static int export_clinic(ctl_t *ctl)
{
    rg_clinic_def_t def;
    rg_buf_t *out = rg_buf_make(ctl->pool, CLINIC_FILE_MOST);
    rg_outcome_t rc = rg_clinic_def_get(&def, ctl->ctx);
    rc = rc == RG_OK ? rg_clinic_json(out, &def) : rc;
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was exported");
    }
    return fwrite(out->data, 1, out->len, stdout) == out->len ? CTL_DONE : CTL_FAILED;
}

/* The old values stand beside the new ones: entering them again is the way back. */
static void tell_changes(const rg_clinic_saved_t *saved)
{
    for (int i = 0; i < saved->count; i++) {
        const rg_clinic_change_t *c = &saved->changes[i];
        if (c->field) {
            ctl_say("%s: %s \"%s\" -> \"%s\"", c->what, c->field, c->was, c->is);
        }
        else {
            ctl_say("%s: new", c->what);
        }
    }
}

static int run_clinic_file(ctl_t *ctl, bool dry)
{
    rg_clinic_def_t def;
    rg_clinic_def_t stored;
    rg_clinic_saved_t saved;
    const rg_buf_t *bytes = ctl_read_file(ctl->pool, ctl->args[0], CLINIC_FILE_MOST);
    if (!bytes) {
        return CTL_USAGE;
    }
    rg_outcome_t rc = rg_clinic_def_get(&stored, ctl->ctx);
    rc = rc == RG_OK ? ctl_clinic_read(&def, &stored, ctl->pool, bytes->data, bytes->len,
                                       ctl->ctx->problems)
                     : rc;
    rc = rc == RG_OK ? rg_clinic_def_save(&saved, ctl->ctx, &def, dry) : rc;
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, dry ? ctl->args[0] : "Nothing was imported");
    }
    tell_changes(&saved);
    if (saved.count == 0) {
        ctl_say("Everything is so already.");
    }
    else if (dry) {
        ctl_say("Nothing was changed.");
    }
    return CTL_DONE;
}

static int check_clinic(ctl_t *ctl)
{
    return run_clinic_file(ctl, true);
}

static int import_clinic(ctl_t *ctl)
{
    return run_clinic_file(ctl, false);
}

const ctl_command_t ctl_clinic_commands[] = {
    {"clinic export", "", "prints who bills, sites and payers as JSON", 0, 0, NULL, export_clinic,
     false},
    {"clinic check", "FILE", "reports every mistake of such a file, and what it would change", 1, 1,
     NULL, check_clinic, false},
    {"clinic import", "FILE",
     "stores such a file, all or nothing; what it does not name stays, what it changes is told "
     "with\n      the old value",
     1, 1, NULL, import_clinic, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
