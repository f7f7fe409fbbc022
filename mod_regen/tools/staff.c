/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl staff: logins, roles and passwords. */
#include "regenctl.h"

#include <string.h>

#include <apr_strings.h>
#include "regen/clinic/identity.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/staff.h"

/* "billing,admin" -> bits; 0 with a word to the user when one is unknown. */
static unsigned parse_roles(ctl_t *ctl, const char *list)
{
    unsigned roles = 0;
    while (*list) {
        size_t n = strcspn(list, ",");
        const char *name = apr_pstrmemdup(ctl->pool, list, n);
        unsigned role = rg_role_parse(name) & RG_ROLE_STAFF;
        if (!role) {
            ctl_error("%s is not a role. Use front-desk, clinician, billing or admin.", name);
            return 0;
        }
        roles |= role;
        list += n + (list[n] == ',');
    }
    return roles;
}

static int add(ctl_t *ctl)
{
    const char *list = ctl_option(ctl, "role");
    unsigned roles = list ? parse_roles(ctl, list) : 0;
    if (!roles) {
        ctl_error("--role must name at least one role.");
        return CTL_USAGE;
    }
    int64_t id = 0;
    rg_outcome_t rc = rg_staff_add(&id, ctl->ctx, ctl->args[0], ctl->args[1], roles,
                                   ctl_option(ctl, "practitioner"));
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nobody was added");
    }
    ctl_say("Staff %lld is added. Set a password with `regenctl staff password %s`.", (long long)id,
            ctl->args[0]);
    return CTL_DONE;
}

static int practitioner(ctl_t *ctl)
{
    rg_outcome_t rc = rg_staff_practitioner(ctl->ctx, ctl->args[0], ctl->args[1]);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was changed");
    }
    ctl_say("%s: practitioner %s", ctl->args[0], ctl->args[1]);
    return CTL_DONE;
}

static int password(ctl_t *ctl)
{
    const char *why = NULL;
    const char *word =
        ctl_read_secret(ctl->pool, ctl_option(ctl, "password-file"), "New password: ", &why);
    if (!word) {
        ctl_error("%s", why);
        return CTL_USAGE;
    }
    rg_outcome_t rc = rg_staff_set_password(ctl->ctx, ctl->args[0], word);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "The password was not changed");
    }
    ctl_say("The password of %s is changed.", ctl->args[0]);
    return CTL_DONE;
}

static const char *staff_state(const rg_staff_t *s, apr_time_t now)
{
    if (!s->active) {
        return "disabled";
    }
    return s->locked_until > now ? "locked" : "active";
}

static const char *role_names(apr_pool_t *p, unsigned roles)
{
    const char *text = "";
    for (unsigned role = 1; role <= RG_ROLE_ADMIN; role <<= 1) {
        if (roles & role) {
            text = apr_pstrcat(p, text, *text ? "," : "", rg_role_name(role), NULL);
        }
    }
    return *text ? text : "-";
}

static int list_staff(ctl_t *ctl)
{
    rg_staff_row_t *rows = NULL;
    int count = 0;
    rg_outcome_t rc = rg_staff_list(&rows, &count, ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "list");
    }
    for (int i = 0; i < count; i++) {
        const rg_staff_t *s = &rows[i].staff;
        ctl_say("%-24s %-9s %-40s %s", s->login, staff_state(s, ctl->ctx->now),
                role_names(ctl->pool, s->roles), s->name);
    }
    return CTL_DONE;
}

static int change_staff(ctl_t *ctl, const char *deed, const char *words)
{
    rg_outcome_t rc = rg_staff_do(ctl->ctx, ctl->args[0], deed);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was changed");
    }
    ctl_say("%s: %s", ctl->args[0], words);
    return CTL_DONE;
}

static int unlock(ctl_t *ctl)
{
    return change_staff(ctl, "unlock", "not locked any more");
}

static int end_sessions(ctl_t *ctl)
{
    return change_staff(ctl, "end-sessions", "logged out everywhere");
}

static int disable(ctl_t *ctl)
{
    return change_staff(ctl, "disable", "disabled, and logged out everywhere");
}

static int enable(ctl_t *ctl)
{
    return change_staff(ctl, "enable", "enabled");
}

static const apr_getopt_option_t ADD[] = {
    {"role", 'r', 1, "front-desk, clinician, billing or admin; separate several by commas"},
    {"practitioner", 'p', 1, "this person's code as a practitioner"},
    {NULL, 0, 0, NULL},
};

static const apr_getopt_option_t PASSWORD[] = {
    {"password-file", 'p', 1, "file whose first line is the new password"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_staff_commands[] = {
    {"staff add", "LOGIN NAME --role ROLE[,ROLE] [--practitioner CODE]",
     "adds a person, without a password yet", 2, 2, ADD, add, false},
    {"staff practitioner", "LOGIN CODE",
     "says which practitioner a login is: their code as a person, or none", 2, 2, NULL,
     practitioner, false},
    {"staff password", "LOGIN [--password-file FILE]",
     "sets the password, read from standard input or from the file", 1, 1, PASSWORD, password,
     false},
    {"staff list", "", "lists login, state, roles and name of all staff", 0, 0, NULL, list_staff,
     false},
    {"staff unlock", "LOGIN", "ends a lock after wrong passwords", 1, 1, NULL, unlock, false},
    {"staff disable", "LOGIN", "disables a login at once; records of what the person did are kept",
     1, 1, NULL, disable, false},
    {"staff enable", "LOGIN", "enables a login again", 1, 1, NULL, enable, false},
    {"staff end-sessions", "LOGIN", "logs the person out everywhere", 1, 1, NULL, end_sessions,
     false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
