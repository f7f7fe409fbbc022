/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl migrate, status, load: the schema and the data every clinic starts with. */
#include "regenctl.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/store/evidence.h"
#include "regen/store/schema.h"
#include "regen/store/server.h"

#include <string.h>

#include <apr_strings.h>

static void say_schema_line(void *baton, const char *line)
{
    (void)baton;
    ctl_say("%s", line);
}

/* Done only when the database now is what this build works with: the folder could be an older or
 * newer one. */
static int migrate(ctl_t *ctl)
{
    int found = 0;
    rg_outcome_t rc = rg_store_migrate(ctl->ctx, ctl->args[0], say_schema_line, NULL);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "The migration is not complete");
    }
    rc = rg_store_schema_check(ctl->ctx, &found);
    if (rc != RG_OK) {
        ctl_error("The files end at version %d, but this build needs version %d.", found,
                  RG_SCHEMA_VERSION);
        return CTL_FAILED;
    }
    return CTL_DONE;
}

static int status(ctl_t *ctl)
{
    int found = -1;
    rg_outcome_t rc = rg_store_schema_check(ctl->ctx, &found);
    if (rc != RG_OK && found < 0) {
        return ctl_result(ctl, rc, "status");
    }
    ctl_say("The database has schema version %d, and this build needs version %d.", found,
            RG_SCHEMA_VERSION);
    return rc == RG_OK ? CTL_DONE : CTL_FAILED;
}

static int load(ctl_t *ctl)
{
    for (int i = 0; i < ctl->count; i++) {
        rg_outcome_t rc = rg_store_load(ctl->ctx, ctl->args[i], ctl_option(ctl, "force") != NULL);
        if (rc != RG_OK) {
            return ctl_result(ctl, rc, "Not loaded");
        }
        ctl_say("%s is loaded.", ctl->args[i]);
    }
    return CTL_DONE;
}

static int grants(ctl_t *ctl)
{
    rg_outcome_t rc =
        rg_store_grants(ctl->ctx, ctl->conf.db.database, ctl->args[0], say_schema_line, NULL);
    if (rc == RG_INVALID) {
        ctl_error("Name the account as name@host, for instance regen@localhost.");
        return CTL_USAGE;
    }
    return ctl_result(ctl, rc, "grants");
}

static void say_excess(void *baton, const char *revoke, bool here)
{
    int *faults = baton;
    (void)here;
    (*faults)++;
    ctl_say("The module's account may do more than the module needs: %s", revoke);
}

/* The server shows an account its own rights, so this logs in as it. */
rg_outcome_t ctl_check_rights(ctl_t *ctl, int *faults)
{
    const char *why = NULL;
    const char *account = ctl->conf.module_account;
    const char *file = ctl->conf.module_password_file;
    const char *at = account ? strrchr(account, '@') : NULL;
    rg_store_conf_t conf = ctl->conf.db;
    if (!at || !file) {
        ctl_say("The rights of the module's account are not compared: that needs module-account "
                "and module-password-file in the settings.");
        return RG_OK;
    }
    conf.user = apr_pstrmemdup(ctl->pool, account, (size_t)(at - account));
    conf.password = ctl_read_secret(ctl->pool, file, NULL, &why);
    if (!why && rg_server_try(ctl->ctx, &conf) != RG_OK) {
        why = "it cannot log in from here";
    }
    if (why) {
        ctl_say("The rights of %s are not compared: %s.", account, why);
        return RG_OK;
    }
    rg_ctx_t *module = ctl_context(ctl, apr_pmemdup(ctl->pool, &conf, sizeof(conf)), RG_MINUTE);
    return module ? rg_store_rights(module, conf.database, say_excess, faults) : RG_INTERNAL;
}

static const apr_getopt_option_t LOAD[] = {
    {"force", 'F', 0, "also change staff, roles or tokens in a database in use"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_schema_commands[] = {
    {"migrate", "DIR", "applies the numbered files of DIR that are missing; can be run again", 1, 1,
     NULL, migrate, false},
    {"status", "", "the schema version of the database", 0, 0, NULL, status, false},
    {"grants", "ACCOUNT",
     "prints the statements that give the module's account (name@host) what it needs and nothing "
     "else;\n      for the administrator of the server, after every migrate",
     1, 1, NULL, grants, false},
    {"load", "FILE... [--force]",
     "loads files of statements that can be repeated, each file in one transaction", 1, -1, LOAD,
     load, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
