/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl setup: from a database server without a clinic to one that httpd can open, without SQL.
 * The steps are in files.c and server.c; this file knows their order. */
#include "mod_regen/tools/setup/setup.h"

#include <stdarg.h>
#include <unistd.h>

#include <apr_strings.h>
#include "regen/core/text.h"

void setup_say(const setup_t *s, const char *state, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    ctl_say("%-6s %s", state, rg_text_vformat(s->ctl->pool, fmt, ap));
    va_end(ap);
}

bool setup_goes(const setup_t *s, const char *what)
{
    if (s->dry) {
        setup_say(s, "to do", "%s", what);
    }
    return !s->dry;
}

/* --- what is left to do by hand --------------------------------------------------------------- */

static void tell_address(const setup_t *s)
{
    const ctl_conf_t *conf = &s->conf;
    if (conf->db.socket) {
        ctl_say("    RegenDatabaseSocket %s", conf->db.socket);
        return;
    }
    ctl_say("    RegenDatabaseHost %s", conf->db.host);
    if (conf->db.port) {
        ctl_say("    RegenDatabasePort %d", conf->db.port);
    }
    if (conf->db.tls_ca) {
        ctl_say("    RegenDatabaseTLSCA %s", conf->db.tls_ca);
    }
}

static void tell_directives(const setup_t *s)
{
    const ctl_conf_t *conf = &s->conf;
    const char *share = setup_value(s, "share");
    ctl_say("\nInto the <VirtualHost> of %s:\n", conf->public_base);
    ctl_say("    <IfModule regen_module>");
    tell_address(s);
    ctl_say("    RegenDatabaseUser %s", s->module.user);
    ctl_say("    RegenDatabaseName %s", conf->db.database);
    ctl_say("    RegenDatabasePasswordFile %s", conf->module_password_file);
    ctl_say("    RegenSecretFile %s", conf->secret_file);
    ctl_say("    RegenTemplates %s/templates", share);
    ctl_say("    RegenStatic %s/static", share);
    ctl_say("    <Location \"%s\">", setup_value(s, "path"));
    ctl_say("        RegenEngine On");
    ctl_say("        RegenPublicBase %s", conf->public_base);
    ctl_say("        Require all granted");
    ctl_say("    </Location>");
    ctl_say("    </IfModule>\n");
    ctl_say("Then enter the sites of the clinic (`regenctl clinic import FILE`: without one, pages "
            "answer 503),\nenable the module (Debian: `a2enmod regen`), `apachectl configtest`, "
            "`apachectl graceful`, and log in at\n%s/login.",
            conf->public_base);
    if (s->found.trusts) {
        ctl_say("\nlog_bin_trust_function_creators is 1 on this server: every account with the "
                "right TRIGGER\nmay make triggers. A setup that was killed leaves it so. If nobody "
                "wants it:\nSET GLOBAL log_bin_trust_function_creators = 0.");
    }
    if (s->found.guards_triggers) {
        ctl_say("\nThis server keeps a binary log: `regenctl audit verify DIR` and `migrate` "
                "need\nlog_bin_trust_function_creators = 1 in its configuration; setup, "
                "run again, migrates without it.");
    }
}

/* --- the order -------------------------------------------------------------------------------- */

static int (*const STEPS[])(setup_t *s) = {
    setup_look,     setup_folder,   setup_secret, setup_words,  setup_settings,
    setup_database, setup_accounts, setup_schema, setup_rights, setup_login,
};

static int run_setup(ctl_t *ctl)
{
    setup_t s = {.ctl = ctl,
                 .dry = ctl_option(ctl, "dry-run") != NULL,
                 .resets = ctl_option(ctl, "reset-password") != NULL,
                 .asks = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO),
                 .values = apr_table_make(ctl->pool, 24)};
    int code = setup_answers(&s);
    for (size_t i = 0; code == CTL_DONE && i < sizeof(STEPS) / sizeof(*STEPS); i++) {
        code = STEPS[i](&s);
    }
    if (code == CTL_DONE) {
        tell_directives(&s);
    }
    else if (code != CTL_USAGE) {
        ctl_error("The setup is not complete. Run it again: it goes on where it was.");
    }
    return code;
}

enum {
    SCHEMA = 256,
    SHARE,
    ACCOUNT,
    DB_ADMIN,
    DB_ADMIN_WORD,
    LOGIN,
    NAME,
    LOGIN_WORD,
    RESET,
    DRY,
};

static const apr_getopt_option_t SETUP[] = {
    {"file", 'f', 1, "the settings file to write (" CTL_SETTINGS ")"},
    {"socket", 's', 1, "of the database"},
    {"host", 'H', 1, "of the database"},
    {"port", 'P', 1, "of the database"},
    {"tls-ca", 'c', 1, "PEM file of the authority that signed the server's certificate"},
    {"user", 'u', 1, "the account that makes tables (regen_owner)"},
    {"database", 'd', 1, "its name (regen)"},
    {"public-base", 'B', 1, "public address of the pages"},
    {"module-account", ACCOUNT, 1, "the account of httpd (regen@localhost)"},
    {"db-admin", DB_ADMIN, 1, "who administers the database server (root)"},
    {"db-admin-password-file", DB_ADMIN_WORD, 1, "file whose first line is that password"},
    {"share", SHARE, 1, "folder of the schema, templates and static files"},
    {"schema", SCHEMA, 1, "folder of the schema's files (SHARE/sql)"},
    {"login", LOGIN, 1, "of the first administrator (admin)"},
    {"name", NAME, 1, "of the first administrator (Administrator)"},
    {"login-password-file", LOGIN_WORD, 1, "file whose first line is that password"},
    {"reset-password", RESET, 0, "accounts that exist get the passwords in their files"},
    {"dry-run", DRY, 0, "only say what would be done"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_setup_commands[] = {
    {"setup", "[ANSWERS] [--public-base URL] [--dry-run]",
     "makes database, accounts, rights, schema, secrets, settings and the first login; asks for "
     "what it\n      is not told, keeps what is there, and can be run again after anything stopped "
     "it",
     0, 1, SETUP, run_setup, true},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
