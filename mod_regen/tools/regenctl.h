/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of regenctl share: the table of commands, their arguments, and output. */
#ifndef REGENCTL_H
#define REGENCTL_H

#include <apr_getopt.h>
#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

/* Exit codes; README.md promises them to scripts. */
enum {
    CTL_DONE = 0,
    CTL_FAILED = 1,      /* failed, or a check found problems */
    CTL_USAGE = 2,       /* the command line or the settings are wrong; nothing was tried */
    CTL_UNAVAILABLE = 3, /* the database does not answer; try again */
};

/* How letters leave, as the RegenMail… directives say it; outbox.c reads the words. */
typedef struct {
    const char *templates, *transport, *from, *reply_to, *sender, *folder, *server, *starttls,
        *user, *password_file, *tls_ca, *command, *detail;
    int connect_timeout, timeout, give_up, rate; /* seconds, seconds, hours, letters a minute */
} ctl_mail_t;

/* Where settings are if nobody says otherwise. */
#define CTL_SETTINGS "/etc/regen/regenctl.conf"

/* Settings: from a file, and from options that say the same by name. */
typedef struct {
    rg_store_conf_t db;
    const char *password_file;
    const char *module_account, *module_password_file; /* for setup: the httpd module's */
    const char *secret_file; /* as RegenSecretFile; NULL: nothing that is audited can be done */
    rg_sizes_t sizes;        /* of the httpd that serves this database */
    const char *public_base; /* as RegenPublicBase; NULL: as last reported by httpd */
    const char *fhir_base;   /* NULL: under public_base */
    ctl_mail_t mail;
} ctl_conf_t;

typedef struct {
    apr_pool_t *pool;
    ctl_conf_t conf;
    rg_policy_t *policy;
    rg_ctx_t *ctx; /* with an open store; NULL for commands without a database */
    int count;     /* arguments after the command's words */
    const char *const *args;
    apr_table_t *options;
    const apr_table_t *given; /* options before the command's words, by name */
} ctl_t;

typedef struct {
    const char *words;                  /* "staff add" */
    const char *usage;                  /* "LOGIN NAME --role ROLE[,ROLE]" */
    const char *help;                   /* one line */
    int least, most;                    /* arguments; -1: any number */
    const apr_getopt_option_t *options; /* NULL: none */
    int (*run)(ctl_t *ctl);
    bool offline;
} ctl_command_t;

/* Each file of commands has one, ended by an entry without words. */
extern const ctl_command_t ctl_schema_commands[], ctl_staff_commands[], ctl_token_commands[],
    ctl_booking_commands[], ctl_claims_commands[], ctl_service_commands[], ctl_feed_commands[],
    ctl_secret_commands[], ctl_address_commands[], ctl_audit_commands[], ctl_patient_commands[],
    ctl_outbox_commands[], ctl_questionnaire_commands[], ctl_fees_commands[], ctl_setup_commands[],
    ctl_clinic_commands[], ctl_form_commands[];

/* --- regenctl.c ----------------------------------------------------------------------------- */

/* A context whose store is DB, which is kept; NULL with a word to the user. */
rg_ctx_t *ctl_context(ctl_t *ctl, rg_store_conf_t *db, apr_interval_time_t answer);
/* Reads the installation's secret of the settings, if they name one. False with a word to the
 * user. */
bool ctl_secret_ready(ctl_t *ctl);

/* The option's value, or NULL. */
const char *ctl_option(const ctl_t *ctl, const char *name);

void ctl_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));   /* standard output */
void ctl_error(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* standard error */
/* Says what went wrong (the problems of the context, or the outcome's words) and gives the exit
 * code. */
int ctl_result(ctl_t *ctl, rg_outcome_t rc, const char *what);
/* Each of them, with what it is about. */
void ctl_problems(const rg_problems_t *problems);

/* --- address.c ------------------------------------------------------------------------------ */

/* The public address of the pages, without a slash at the end: as set, or the only one that httpd
 * reported. NULL: not known. */
const char *ctl_public_base(ctl_t *ctl);
const char *ctl_fhir_base(ctl_t *ctl); /* likewise of the API */
/* Prints the address reported by httpd, and counts in *FAULTS if the settings differ. */
rg_outcome_t ctl_check_address(ctl_t *ctl, int *faults);

/* --- schema.c ------------------------------------------------------------------------------- */

/* Prints what the module's account may do beyond `regenctl grants`, counted in *FAULTS. */
rg_outcome_t ctl_check_rights(ctl_t *ctl, int *faults);

/* --- settings.c, input.c -------------------------------------------------------------------- */

/* Reads `name value` lines into CONF; empty lines and lines from # on do not count. NULL, or what
 * is wrong and where. */
const char *ctl_settings_read(ctl_conf_t *conf, apr_pool_t *p, const char *path);
/* One such line, which it cuts in place. NULL, or what is wrong. */
const char *ctl_settings_line(ctl_conf_t *conf, apr_pool_t *p, char *line);
/* One setting by name. NULL, or what is wrong. */
const char *ctl_settings_set(ctl_conf_t *conf, apr_pool_t *p, const char *name, const char *value);
/* The first line of a file (NULL: standard input, without echo when somebody types). NULL with
 * *WHY. */
const char *ctl_read_secret(apr_pool_t *p, const char *path, const char *prompt, const char **why);
/* A whole file of at most MOST bytes; NULL with a word to the user. */
const rg_buf_t *ctl_read_file(apr_pool_t *p, const char *path, size_t most);

#endif
