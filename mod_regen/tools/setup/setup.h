/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of regenctl setup share: the plan, and its steps. Each step looks first, does only
 * what is missing, and says one line; so a run that was killed is followed by one that goes on. */
#ifndef REGENCTL_SETUP_H
#define REGENCTL_SETUP_H

#include "mod_regen/tools/regenctl.h"
#include "regen/store/server.h"

typedef struct {
    ctl_t *ctl;
    bool dry;            /* only say what would be done */
    bool resets;         /* accounts that exist get the passwords in their files */
    bool asks;           /* somebody sits at a terminal */
    const char *file;    /* of the settings to write */
    bool has_file;       /* it was there */
    apr_table_t *values; /* by name: settings, and what only setup needs */
    ctl_conf_t conf;     /* the settings among them */
    rg_store_conf_t admin, owner, module;
    const char *owner_account; /* name@host, with the host of the module's account */
    rg_ctx_t *server;          /* the store of the server's administrator */
    rg_server_t found;
} setup_t;

/* One line: "done", "kept" or, in a dry run, "to do". */
void setup_say(const setup_t *s, const char *state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Whether the step is to be done now; in a dry run it is said instead. */
bool setup_goes(const setup_t *s, const char *what);
/* The value by name; never NULL for a name that setup knows a default of. */
const char *setup_value(const setup_t *s, const char *name);

/* --- answers.c ------------------------------------------------------------------------------- */

/* Everything that can be known before anything is done: options, the file of answers, the settings
 * that exist, defaults, and what somebody types. An exit code. */
int setup_answers(setup_t *s);
/* The lines of the settings file. */
const char *setup_settings_text(const setup_t *s);
/* What somebody types; FALLBACK for an empty line. NULL: nothing, and no fallback. */
const char *setup_ask(const setup_t *s, const char *question, const char *fallback);

/* --- files.c --------------------------------------------------------------------------------- */

/* The folder, the installation's secret, both passwords and the settings; exit codes. */
int setup_folder(setup_t *s);
int setup_secret(setup_t *s);
int setup_words(setup_t *s);
int setup_settings(setup_t *s);

/* --- server.c -------------------------------------------------------------------------------- */

/* Opens the administrator's connection and looks at the server. */
int setup_look(setup_t *s);
int setup_database(setup_t *s);
int setup_accounts(setup_t *s);
int setup_schema(setup_t *s);
int setup_rights(setup_t *s);
/* The first administrator of the clinic. */
int setup_login(setup_t *s);

#endif
