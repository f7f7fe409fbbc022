/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of setup on the database server: as its administrator until the accounts are there,
 * then as the account that makes tables. */
#include "mod_regen/tools/setup/setup.h"
#include "regen/clinic/identity.h"
#include "regen/core/time.h"
#include "regen/model/staff.h"
#include "regen/store/evidence.h"

#include <string.h>

#include <apr_strings.h>

enum { TRIES = 3 };

/* --- looking ---------------------------------------------------------------------------------- */

static int refuse_server(const setup_t *s)
{
    const rg_server_t *f = &s->found;
    if (!f->new_enough) {
        ctl_error("The server is %s. MariaDB 10.6 or later is needed.", f->version);
        return CTL_FAILED;
    }
    if (f->others) {
        ctl_error("The database %s has tables of something else. Choose another name with "
                  "--database.",
                  s->conf.db.database);
        return CTL_FAILED;
    }
    return CTL_DONE;
}

int setup_look(setup_t *s)
{
    s->server = ctl_context(s->ctl, &s->admin, RG_HOUR);
    if (!s->server) {
        return CTL_FAILED;
    }
    s->ctl->ctx = s->server;
    rg_outcome_t rc = rg_server_look(&s->found, s->server, s->conf.db.database, s->owner_account,
                                     s->conf.module_account);
    if (rc == RG_UNAVAILABLE) {
        ctl_error("Setup logs in as %s, who administers the server: run it as root, or name the "
                  "administrator with --db-admin and --db-admin-password-file. Does the server "
                  "run?",
                  s->admin.user);
    }
    if (rc != RG_OK) {
        return ctl_result(s->ctl, rc, "The server could not be looked at");
    }
    return refuse_server(s);
}

/* --- database and accounts -------------------------------------------------------------------- */

int setup_database(setup_t *s)
{
    const char *name = s->conf.db.database;
    if (s->found.has_database) {
        setup_say(s, "kept", "the database %s", name);
        return CTL_DONE;
    }
    if (!setup_goes(s, apr_psprintf(s->ctl->pool, "create the database %s", name))) {
        return CTL_DONE;
    }
    rg_outcome_t rc = rg_server_database(s->server, name);
    if (rc == RG_OK) {
        setup_say(s, "done", "the database %s", name);
    }
    return ctl_result(s->ctl, rc, "The database was not created");
}

static rg_outcome_t log_in_once(const setup_t *s, rg_store_conf_t conf)
{
    conf.database = NULL;
    conf.max = 1;
    conf.acquire_timeout = conf.connect_timeout = 10 * RG_SECOND;
    conf.io_timeout = RG_MINUTE;
    return rg_server_try(s->server, &conf);
}

/* An account that exists keeps its password, unless it is to be another one: it may be somebody
 * else's. */
static int try_account(const setup_t *s, const rg_store_conf_t *conf, const char *account,
                       const char *file)
{
    rg_outcome_t rc = log_in_once(s, *conf);
    if (rc != RG_OK && s->resets) {
        if (!setup_goes(s, apr_psprintf(s->ctl->pool, "give the account %s the password in %s",
                                        account, file))) {
            return CTL_DONE;
        }
        rc = rg_server_password(s->server, account, conf->password);
        if (rc != RG_OK) {
            return ctl_result(s->ctl, rc, "The password was not changed");
        }
        setup_say(s, "done",
                  "the password of the account %s is the one in %s: restart what "
                  "uses it",
                  account, file);
        rc = log_in_once(s, *conf);
    }
    if (rc != RG_OK) {
        ctl_error("The account %s cannot log in with the password in %s. If it is this clinic's, "
                  "put its password there, or run setup with --reset-password: the account gets "
                  "the one in the file. If not, choose another name (--user, --module-account).",
                  account, file);
    }
    return rc == RG_OK ? CTL_DONE : CTL_FAILED;
}

static int make_account(const setup_t *s, const rg_store_conf_t *conf, const char *account,
                        const char *file, bool exists)
{
    if (!exists) {
        if (!setup_goes(s, apr_psprintf(s->ctl->pool, "create the account %s", account))) {
            return CTL_DONE;
        }
        rg_outcome_t rc = rg_server_account(s->server, account, conf->password);
        if (rc != RG_OK) {
            return ctl_result(s->ctl, rc, "The account was not created");
        }
        setup_say(s, "done", "the account %s", account);
    }
    else {
        setup_say(s, "kept", "the account %s", account);
    }
    return conf->password ? try_account(s, conf, account, file) : CTL_DONE;
}

int setup_accounts(setup_t *s)
{
    const ctl_conf_t *conf = &s->conf;
    int code =
        make_account(s, &s->owner, s->owner_account, conf->password_file, s->found.has_owner);
    if (code == CTL_DONE && !s->dry) {
        rg_outcome_t rc = rg_server_owner(s->server, conf->db.database, s->owner_account);
        code = ctl_result(s->ctl, rc, "The account got no rights");
    }
    return code == CTL_DONE ? make_account(s, &s->module, conf->module_account,
                                           conf->module_password_file, s->found.has_module)
                            : code;
}

/* --- the schema ------------------------------------------------------------------------------- */

/* A line for each file, and what went wrong. */
static void say_file(void *baton, const char *line)
{
    if (!strstr(line, ": statement ") || !strstr(line, ": done.")) {
        setup_say(baton, "schema", "%s", line);
    }
}

static int migrate_now(setup_t *s)
{
    int found = 0;
    rg_outcome_t rc = rg_store_migrate(s->ctl->ctx, setup_value(s, "schema"), say_file, s);
    if (rc != RG_OK) {
        return ctl_result(s->ctl, rc, "The schema is not complete");
    }
    rc = rg_store_schema_check(s->ctl->ctx, &found);
    if (rc != RG_OK) {
        ctl_error("The files in %s end at version %d, but this build needs version %d.",
                  setup_value(s, "schema"), found, RG_SCHEMA_VERSION);
    }
    return rc == RG_OK ? CTL_DONE : CTL_FAILED;
}

/* With a binary log the server lets only its administrator make triggers (error 1419). They must
 * belong to the account that makes the tables, so the server is told to trust it for the moment. */
int setup_schema(setup_t *s)
{
    bool guarded = s->found.guards_triggers;
    if (!setup_goes(s,
                    apr_psprintf(s->ctl->pool, "apply the files in %s%s", setup_value(s, "schema"),
                                 guarded ? ", with log_bin_trust_function_creators = 1 until "
                                           "they are applied"
                                         : ""))) {
        return CTL_DONE;
    }
    s->ctl->ctx = ctl_context(s->ctl, &s->owner, RG_HOUR);
    if (!s->ctl->ctx) {
        return CTL_FAILED;
    }
    if (guarded && rg_server_trust(s->server, true) != RG_OK) {
        ctl_problems(s->server->problems);
        return CTL_FAILED;
    }
    int code = migrate_now(s);
    if (guarded && rg_server_trust(s->server, false) != RG_OK) {
        ctl_problems(s->server->problems);
        ctl_error("The setting log_bin_trust_function_creators stays 1 until the server restarts.");
    }
    return code;
}

/* --- the module's rights ---------------------------------------------------------------------- */

typedef struct {
    const setup_t *s;
    rg_outcome_t rc;
    bool tells;
    int count;
} granting_t;

static void run_grant(void *baton, const char *line)
{
    granting_t *g = baton;
    g->rc = g->rc == RG_OK ? rg_server_grant(g->s->server, line) : g->rc;
}

/* What was given by hand or by an older setup in this database goes. What is about more than this
 * database may be wanted by somebody, and is told. */
static void take_excess(void *baton, const char *revoke, bool here)
{
    granting_t *g = baton;
    if (g->tells) {
        if (g->count++ == 0) {
            ctl_error("%s may do more than the module needs, and so could change evidence. Let "
                      "the administrator of the server run what follows, or choose another "
                      "account with --module-account.",
                      g->s->conf.module_account);
        }
        ctl_error("%s", revoke);
    }
    else if (here) {
        run_grant(g, revoke);
    }
}

/* Asked as the account itself, whose rights these are. */
static int look_rights(setup_t *s)
{
    granting_t taking = {.s = s};
    granting_t telling = {.s = s, .tells = true};
    const char *database = s->conf.db.database;
    rg_ctx_t *module = ctl_context(s->ctl, &s->module, RG_HOUR);
    if (!module) {
        return CTL_FAILED;
    }
    rg_outcome_t rc = rg_store_rights(module, database, take_excess, &taking);
    rc = rc == RG_OK ? taking.rc : rc;
    rc = rc == RG_OK ? rg_store_rights(module, database, take_excess, &telling) : rc;
    if (rc == RG_OK && telling.count > 0) {
        return CTL_FAILED;
    }
    if (rc != RG_OK) {
        ctl_problems(s->server->problems);
    }
    return ctl_result(s->ctl, rc, "The rights could not be looked at");
}

int setup_rights(setup_t *s)
{
    granting_t g = {.s = s};
    const char *account = s->conf.module_account;
    if (!setup_goes(s, apr_psprintf(s->ctl->pool, "give %s its rights", account))) {
        return CTL_DONE;
    }
    rg_outcome_t rc = rg_store_grants(s->server, s->conf.db.database, account, run_grant, &g);
    rc = rc == RG_OK ? g.rc : rc;
    if (rc != RG_OK) {
        ctl_problems(s->server->problems);
        ctl_error("The rights are not complete: %s.", rg_outcome_name(rc));
        return rc == RG_UNAVAILABLE ? CTL_UNAVAILABLE : CTL_FAILED;
    }
    int code = look_rights(s);
    if (code == CTL_DONE) {
        setup_say(s, "done", "the rights of %s: it reads, and adds to evidence without changing it",
                  account);
    }
    return code;
}

/* --- the first login -------------------------------------------------------------------------- */

/* An administrator who can log in with a password; else the one that a killed run began, else
 * any. */
static const rg_staff_t *find_admin(const rg_staff_row_t *rows, int count, const char *begun)
{
    const rg_staff_t *best = NULL;
    for (int i = 0; i < count; i++) {
        const rg_staff_t *one = &rows[i].staff;
        if (!one->active || !(one->roles & RG_ROLE_ADMIN)) {
            continue;
        }
        if (one->password_hash[0]) {
            return one;
        }
        best = !best || strcmp(one->login, begun) == 0 ? one : best;
    }
    return best;
}

static int put_first_password(setup_t *s, const char *login)
{
    const char *file = setup_value(s, "login-password-file");
    rg_outcome_t rc = RG_INVALID;
    for (int i = 0; i < (s->asks && !file ? TRIES : 1) && rc == RG_INVALID; i++) {
        const char *why = NULL;
        const char *prompt = apr_psprintf(s->ctl->pool, "Password of the login %s: ", login);
        const char *word = ctl_read_secret(s->ctl->pool, file, prompt, &why);
        if (!word) {
            ctl_error("%s. The login %s has no password yet: type one, or name its file with "
                      "--login-password-file.",
                      why, login);
            return CTL_FAILED;
        }
        s->ctl->ctx->problems = rg_problems_make(s->ctl->pool);
        rc = rg_staff_set_password(s->ctl->ctx, login, word);
        if (rc == RG_INVALID) {
            ctl_problems(s->ctl->ctx->problems);
            s->ctl->ctx->problems = rg_problems_make(s->ctl->pool);
        }
    }
    return ctl_result(s->ctl, rc, "The password was not set");
}

static const char *choose_value(setup_t *s, const char *name, const char *question,
                                const char *fallback)
{
    const char *value = setup_value(s, name);
    if (!value && s->asks) {
        value = setup_ask(s, question, fallback);
    }
    value = value ? value : fallback;
    apr_table_set(s->values, name, value);
    return setup_value(s, name);
}

static int make_login(setup_t *s, bool begun)
{
    const char *login = choose_value(s, "login", "Login of the first administrator", "admin");
    int64_t id = 0;
    if (!begun) {
        const char *name = choose_value(s, "name", "Their name", "Administrator");
        rg_outcome_t rc = rg_staff_add(&id, s->ctl->ctx, login, name, RG_ROLE_ADMIN, NULL);
        if (rc != RG_OK) {
            return ctl_result(s->ctl, rc, "Nobody was added");
        }
        setup_say(s, "done", "the login %s, without a password yet", login);
    }
    int code = put_first_password(s, login);
    if (code == CTL_DONE) {
        setup_say(s, "done", "the password of the login %s", login);
    }
    return code;
}

int setup_login(setup_t *s)
{
    rg_staff_row_t *rows = NULL;
    int count = 0;
    const char *login = setup_value(s, "login");
    if (!setup_goes(s, "add the first administrator, if there is none")) {
        return CTL_DONE;
    }
    rg_outcome_t rc = rg_staff_list(&rows, &count, s->ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(s->ctl, rc, "The logins could not be read");
    }
    login = login ? login : "admin";
    const rg_staff_t *admin = find_admin(rows, count, login);
    bool begun = admin && !admin->password_hash[0] && strcmp(admin->login, login) == 0;
    if (admin && !begun) {
        setup_say(s, "kept", "the login %s, an administrator%s", admin->login,
                  admin->password_hash[0] ? "" : " without a password: regenctl staff password");
        return CTL_DONE;
    }
    return make_login(s, begun);
}
