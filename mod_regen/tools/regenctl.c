/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl: the command line of the clinic, on the same archive as the module. This file knows
 * the settings, the commands' names and the exit codes; what a command does is in the file of its
 * group. */
#include "regenctl.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/keys.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

static const ctl_command_t *const GROUPS[] = {
    ctl_schema_commands,        ctl_staff_commands,   ctl_token_commands,   ctl_booking_commands,
    ctl_claims_commands,        ctl_service_commands, ctl_feed_commands,    ctl_secret_commands,
    ctl_address_commands,       ctl_audit_commands,   ctl_patient_commands, ctl_outbox_commands,
    ctl_questionnaire_commands, ctl_fees_commands,    ctl_setup_commands,   ctl_clinic_commands,
    ctl_form_commands};
#define GROUP_COUNT ((int)(sizeof(GROUPS) / sizeof(*GROUPS)))

/* The names of settings are those of the file; only -f, -v and -h are the command line's own. */
static const apr_getopt_option_t GLOBAL[] = {
    {"file", 'f', 1, "settings file, one `name value` a line (" CTL_SETTINGS ")"},
    {"socket", 's', 1, "of the database"},
    {"host", 'H', 1, "of the database; TLS unless it is this machine"},
    {"port", 'P', 1, "of the database"},
    {"user", 'u', 1, "of the database"},
    {"database", 'd', 1, "its name"},
    {"password-file", 'p', 1, "file whose first line is the password"},
    {"secret-file", 'S', 1, "the installation's secret, as in RegenSecretFile: signs audit events"},
    {"tls-ca", 'c', 1, "PEM file of the authority that signed the server's certificate"},
    {"public-base", 'B', 1,
     "public address of the pages, as in RegenPublicBase (default: as httpd last reported)"},
    {"fhir-base", 'b', 1, "public address of the FHIR API (default: public-base and /fhir)"},
    {"children", 'n', 1, "child processes of the httpd that uses this database (6)"},
    {"connections", 'm', 1, "its RegenDatabaseMax (8)"},
    {"verbose", 'v', 0, "print more details"},
    {"help", 'h', 0, "show this help"},
    {NULL, 0, 0, NULL},
};

/* --- words to people ------------------------------------------------------------------------ */

void ctl_say(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout);
}

void ctl_error(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("regenctl: ", stderr);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

void ctl_problems(const rg_problems_t *problems)
{
    const apr_array_header_t *list = problems->list;
    for (int i = 0; i < list->nelts; i++) {
        const rg_problem_t *problem = &APR_ARRAY_IDX(list, i, rg_problem_t);
        ctl_error("%s%s%s", problem->field ? problem->field : "", problem->field ? ": " : "",
                  problem->text);
    }
}

int ctl_result(ctl_t *ctl, rg_outcome_t rc, const char *what)
{
    if (rc == RG_OK) {
        return CTL_DONE;
    }
    ctl_problems(ctl->ctx->problems);
    ctl_error("%s: %s.", what, rg_outcome_name(rc));
    return rc == RG_UNAVAILABLE ? CTL_UNAVAILABLE : CTL_FAILED;
}

static void log_to_stderr(void *baton, rg_log_level_t level, const char *file, int line,
                          const char *text)
{
    (void)baton;
    (void)level;
    (void)file;
    (void)line;
    fprintf(stderr, "regenctl: %s\n", text);
}

static bool verbose;

static bool is_level_wanted(void *baton, rg_log_level_t level)
{
    (void)baton;
    return level <= (verbose ? RG_LOG_DEBUG : RG_LOG_WARNING);
}

/* --- help ----------------------------------------------------------------------------------- */

static void tell_usage(FILE *to, const ctl_command_t *c)
{
    fprintf(to, "  %s%s%s\n      %s\n", c->words, c->usage[0] ? " " : "", c->usage, c->help);
}

static bool begins_with(const ctl_command_t *c, const char *word)
{
    size_t len = strlen(word);
    return strncmp(c->words, word, len) == 0 && (c->words[len] == ' ' || c->words[len] == '\0');
}

/* The commands whose name begins with WORD; how many. */
static int tell_group(FILE *to, const char *word)
{
    int count = 0;
    for (int g = 0; g < GROUP_COUNT; g++) {
        for (const ctl_command_t *c = GROUPS[g]; c->words; c++) {
            if (begins_with(c, word)) {
                tell_usage(to, c);
                count++;
            }
        }
    }
    return count;
}

static int help(ctl_t *ctl)
{
    (void)ctl;
    ctl_say("usage: regenctl [options] command [arguments]\n");
    for (int g = 0; g < GROUP_COUNT; g++) {
        for (const ctl_command_t *c = GROUPS[g]; c->words; c++) {
            tell_usage(stdout, c);
        }
    }
    ctl_say("  version\n  help\n\noptions:");
    for (const apr_getopt_option_t *o = GLOBAL; o->name; o++) {
        ctl_say("  -%c, --%-14s %s", o->optch, o->name, o->description);
    }
    ctl_say("\nexit codes: 0 done, 1 failed, 2 wrong command line or settings, 3 the database does "
            "not answer");
    return CTL_DONE;
}

static int version(ctl_t *ctl)
{
    (void)ctl;
    ctl_say("regenctl for schema version %d", RG_SCHEMA_VERSION);
    return CTL_DONE;
}

static const ctl_command_t OWN[] = {
    {"help", "", "show this help", 0, 0, NULL, help, true},
    {"version", "", "the schema version this build is made for", 0, 0, NULL, version, true},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};

/* --- finding the command -------------------------------------------------------------------- */

/* The number of words at AT that form the command's name; 0: a different command. */
static int matches(const ctl_command_t *c, int count, const char *const *at)
{
    const char *rest = c->words;
    int n = 0;
    while (n < count) {
        size_t len = strcspn(rest, " ");
        if (strlen(at[n]) != len || strncmp(at[n], rest, len) != 0) {
            return 0;
        }
        n++;
        if (rest[len] == '\0') {
            return n;
        }
        rest += len + 1;
    }
    return 0;
}

static const ctl_command_t *find(int *used, int count, const char *const *at)
{
    for (int g = -1; g < GROUP_COUNT; g++) {
        for (const ctl_command_t *c = g < 0 ? OWN : GROUPS[g]; c->words; c++) {
            *used = matches(c, count, at);
            if (*used > 0) {
                return c;
            }
        }
    }
    return NULL;
}

static const char *name_of(const apr_getopt_option_t *options, int ch)
{
    while (options->optch != ch) {
        options++;
    }
    return options->name;
}

static const apr_getopt_option_t NO_OPTIONS[] = {{NULL, 0, 0, NULL}};

/* What follows the command's words. APR wants argv[0] to be a name. */
static int parse_rest(ctl_t *ctl, const ctl_command_t *c, int argc, const char *const *argv)
{
    const apr_getopt_option_t *options = c->options ? c->options : NO_OPTIONS;
    apr_getopt_t *os;
    const char *value;
    int ch;
    apr_getopt_init(&os, ctl->pool, argc, argv);
    os->interleave = 1;
    apr_status_t rv = apr_getopt_long(os, options, &ch, &value);
    while (rv == APR_SUCCESS) {
        apr_table_set(ctl->options, name_of(options, ch), value ? value : "");
        rv = apr_getopt_long(os, options, &ch, &value);
    }
    ctl->count = argc - os->ind;
    ctl->args = os->argv + os->ind;
    if (rv != APR_EOF || ctl->count < c->least || (c->most >= 0 && ctl->count > c->most)) {
        ctl_error("usage: regenctl %s%s%s", c->words, c->usage[0] ? " " : "", c->usage);
        return CTL_USAGE;
    }
    return CTL_DONE;
}

const char *ctl_option(const ctl_t *ctl, const char *name)
{
    return apr_table_get(ctl->options, name);
}

/* --- settings and the store ----------------------------------------------------------------- */

/* Settings by option go over those of the file. The default file may be absent. */
static int read_settings(ctl_t *ctl, const apr_table_t *given)
{
    const char *file = apr_table_get(given, "file");
    bool direct = apr_table_get(given, "socket") || apr_table_get(given, "host");
    const char *wrong = NULL;
    if (file || !direct) {
        wrong = ctl_settings_read(&ctl->conf, ctl->pool, file ? file : CTL_SETTINGS);
    }
    const apr_array_header_t *all = apr_table_elts(given);
    for (int i = 0; !wrong && i < all->nelts; i++) {
        const apr_table_entry_t *e = &APR_ARRAY_IDX(all, i, apr_table_entry_t);
        if (strcmp(e->key, "file") != 0) {
            wrong = ctl_settings_set(&ctl->conf, ctl->pool, e->key, e->val);
        }
    }
    const ctl_conf_t *conf = &ctl->conf;
    if (!wrong && (!conf->db.user || !conf->db.database || (!conf->db.socket && !conf->db.host))) {
        wrong = "socket (or host), user and database must be set.";
    }
    if (!wrong && conf->password_file) {
        ctl->conf.db.password = ctl_read_secret(ctl->pool, conf->password_file, NULL, &wrong);
    }
    if (wrong) {
        ctl_error("%s", wrong);
    }
    return wrong ? CTL_USAGE : CTL_DONE;
}

/* Whatever is audited needs it; what only reads does not. */
bool ctl_secret_ready(ctl_t *ctl)
{
    rg_keys_t *keys = NULL;
    const char *why =
        ctl->conf.secret_file ? rg_keys_read(&keys, ctl->pool, ctl->conf.secret_file) : NULL;
    if (why) {
        ctl_error("secret-file: %s.", why);
    }
    ctl->policy->keys = keys;
    return !why;
}

/* A migration may take its time. A sender of letters may not: whoever asks it to end waits for the
 * statement that is under way. */
static apr_interval_time_t answer_time(const ctl_command_t *c)
{
    return strcmp(c->words, "outbox run") == 0 ? 10 * RG_SECOND : RG_HOUR;
}

rg_ctx_t *ctl_context(ctl_t *ctl, rg_store_conf_t *db, apr_interval_time_t answer)
{
    rg_ctx_t *ctx = apr_pcalloc(ctl->pool, sizeof(*ctx));
    db->max = 2;
    db->acquire_timeout = 5 * RG_SECOND;
    db->connect_timeout = 10 * RG_SECOND;
    db->io_timeout = answer;
    db->idle_check = RG_MINUTE;
    if (!rg_crypto_init() || !rg_store_init() ||
        rg_store_open(&ctx->store, ctl->pool, db) != RG_OK) {
        ctl_error("Out of memory.");
        return NULL;
    }
    ctx->pool = ctl->pool;
    ctx->now = apr_time_now();
    ctx->random = rg_crypto_random;
    ctx->policy = ctl->policy;
    ctx->who.roles = RG_ROLE_ADMIN;
    ctx->who.name = "regenctl";
    ctx->problems = rg_problems_make(ctl->pool);
    return ctx;
}

static int open_store(ctl_t *ctl, const ctl_command_t *c)
{
    rg_ctx_t *ctx = ctl_context(ctl, &ctl->conf.db, answer_time(c));
    if (!ctx) {
        return CTL_FAILED;
    }
    if (!ctl_secret_ready(ctl)) {
        return CTL_USAGE;
    }
    ctl->ctx = ctx;
    return CTL_DONE;
}

/* "staff --help", "staff add -h": whatever else stands there, somebody wants to read. */
static bool asks_for_help(int argc, const char *const *argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

/* Whatever works with rows needs the schema this build was made for; the two that look after the
 * schema do not. */
static int schema_fits(ctl_t *ctl, const ctl_command_t *c)
{
    int found = -1;
    if (strcmp(c->words, "migrate") == 0 || strcmp(c->words, "status") == 0 ||
        rg_store_schema_check(ctl->ctx, &found) == RG_OK) {
        return CTL_DONE;
    }
    return found < 0 ? ctl_result(ctl, RG_UNAVAILABLE, c->words)
                     : CTL_FAILED; /* the log said why */
}

static int run_command(ctl_t *ctl, const apr_table_t *given, int argc, const char *const *argv)
{
    int used = 0;
    const ctl_command_t *c = find(&used, argc, argv);
    ctl->given = given;
    if (asks_for_help(argc, argv) && tell_group(stdout, argv[0]) > 0) {
        return CTL_DONE;
    }
    if (!c) {
        ctl_error("There is no such command. `regenctl help` lists all commands.");
        tell_group(stderr, argv[0]);
        return CTL_USAGE;
    }
    const char **rest = apr_palloc(ctl->pool, sizeof(*rest) * (size_t)(argc - used + 2));
    rest[0] = "regenctl";
    memcpy(rest + 1, argv + used, sizeof(*rest) * (size_t)(argc - used));
    rest[argc - used + 1] = NULL;
    int code = parse_rest(ctl, c, argc - used + 1, rest);
    if (code == CTL_DONE && !c->offline) {
        code = read_settings(ctl, given);
        code = code == CTL_DONE ? open_store(ctl, c) : code;
        code = code == CTL_DONE ? schema_fits(ctl, c) : code;
    }
    return code == CTL_DONE ? c->run(ctl) : code;
}

static int start_tool(apr_pool_t *p, int argc, const char *const *argv)
{
    /* In the pool, not on the stack: the store keeps the settings until the pool goes. */
    ctl_t *ctl = apr_pcalloc(p, sizeof(*ctl));
    ctl->policy = apr_pcalloc(p, sizeof(*ctl->policy));
    ctl->pool = p;
    ctl->conf.sizes = (rg_sizes_t){6, 8};
    ctl->conf.mail = (ctl_mail_t){.connect_timeout = 10, .timeout = 60, .give_up = 48, .rate = 60};
    ctl->options = apr_table_make(p, 4);
    apr_table_t *given = apr_table_make(p, 8);
    apr_getopt_t *os;
    const char *value;
    int ch;
    apr_getopt_init(&os, p, argc, argv);
    apr_status_t rv = apr_getopt_long(os, GLOBAL, &ch, &value);
    while (rv == APR_SUCCESS) {
        if (ch == 'h') {
            return help(ctl);
        }
        verbose = verbose || ch == 'v';
        if (ch != 'v') {
            apr_table_set(given, name_of(GLOBAL, ch), value);
        }
        rv = apr_getopt_long(os, GLOBAL, &ch, &value);
    }
    if (rv != APR_EOF || os->ind >= argc) {
        ctl_error("No command is given. `regenctl help` lists the commands.");
        return CTL_USAGE;
    }
    return run_command(ctl, given, argc - os->ind, argv + os->ind);
}

int main(int argc, const char *const *argv)
{
    apr_pool_t *p;
    if (apr_app_initialize(&argc, &argv, NULL) != APR_SUCCESS ||
        apr_pool_create(&p, NULL) != APR_SUCCESS) {
        return CTL_FAILED;
    }
    rg_log_set(log_to_stderr, is_level_wanted);
    int code = start_tool(p, argc, argv);
    apr_pool_destroy(p);
    apr_terminate();
    /* What was printed did not arrive: then it was not done. */
    return fflush(stdout) == 0 && !ferror(stdout) ? code : CTL_FAILED;
}
