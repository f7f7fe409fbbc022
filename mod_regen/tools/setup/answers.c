/* SPDX-License-Identifier: Apache-2.0 */
/* What setup is told: options go over the file of answers, both over defaults. The settings that
 * exist already are the truth: a different answer is refused, because half a clinic would be made
 * elsewhere. */
#include "mod_regen/tools/setup/setup.h"
#include "regen/core/buf.h"

#include <stdio.h>
#include <string.h>

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_uri.h>

#define LINE_SIZE 1024

/* What is written to the settings file, in this order. */
static const char *const SETTINGS[] = {
    "socket",      "host",          "port",        "tls-ca",         "user",
    "database",    "password-file", "secret-file", "module-account", "module-password-file",
    "public-base",
};
/* What only setup needs. */
static const char *const OWN[] = {"db-admin", "db-admin-password-file", "share", "schema", "login",
                                  "name",     "login-password-file"};

#define COUNT_OF(list) (sizeof(list) / sizeof(*(list)))

static bool is_known_name(const char *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], name) == 0) {
            return true;
        }
    }
    return false;
}

const char *setup_value(const setup_t *s, const char *name)
{
    return apr_table_get(s->values, name);
}

static void set_default(setup_t *s, const char *name, const char *value)
{
    if (!setup_value(s, name)) {
        apr_table_set(s->values, name, value);
    }
}

/* --- files of `name value` lines -------------------------------------------------------------- */

/* NULL, or what is wrong with the line. */
static const char *take_pair(apr_table_t *to, apr_pool_t *p, char *line)
{
    char *rest = NULL;
    char *name = apr_strtok(line, " \t\r\n", &rest);
    if (!name || name[0] == '#') {
        return NULL;
    }
    while (apr_isspace(*rest)) {
        rest++;
    }
    size_t n = strlen(rest);
    while (n > 0 && apr_isspace(rest[n - 1])) {
        rest[--n] = '\0';
    }
    if (n == 0) {
        return apr_pstrcat(p, name, " has no value", NULL);
    }
    apr_table_set(to, name, rest);
    return NULL;
}

static const char *read_pairs(apr_table_t *to, apr_pool_t *p, const char *path)
{
    char line[LINE_SIZE];
    char reason[120];
    const char *why = NULL;
    apr_file_t *f;
    apr_status_t rv = apr_file_open(&f, path, APR_READ | APR_BUFFERED, 0, p);
    if (rv != APR_SUCCESS) {
        return apr_psprintf(p, "%s: %s", path, apr_strerror(rv, reason, sizeof(reason)));
    }
    for (int n = 1; !why && apr_file_gets(line, sizeof(line), f) == APR_SUCCESS; n++) {
        why = strlen(line) == sizeof(line) - 1 ? "The line is too long." : take_pair(to, p, line);
        why = why ? apr_psprintf(p, "%s:%d: %s", path, n, why) : NULL;
    }
    apr_file_close(f);
    return why;
}

/* --- from where a value comes ----------------------------------------------------------------- */

static int take_one(void *baton, const char *name, const char *value)
{
    setup_t *s = baton;
    if (strcmp(name, "file") != 0 && strcmp(name, "dry-run") != 0 &&
        strcmp(name, "reset-password") != 0) {
        apr_table_set(s->values, name, value);
    }
    return 1;
}

static const char *take_file(setup_t *s)
{
    apr_table_t *pairs = apr_table_make(s->ctl->pool, 8);
    const char *why = s->ctl->count > 0 ? read_pairs(pairs, s->ctl->pool, s->ctl->args[0]) : NULL;
    const apr_array_header_t *all = apr_table_elts(pairs);
    for (int i = 0; !why && i < all->nelts; i++) {
        const apr_table_entry_t *e = &APR_ARRAY_IDX(all, i, apr_table_entry_t);
        if (!is_known_name(SETTINGS, COUNT_OF(SETTINGS), e->key) &&
            !is_known_name(OWN, COUNT_OF(OWN), e->key)) {
            why = apr_psprintf(s->ctl->pool, "%s: there is no answer called %s", s->ctl->args[0],
                               e->key);
        }
        apr_table_set(s->values, e->key, e->val);
    }
    return why;
}

static const char *take_existing(setup_t *s)
{
    apr_finfo_t info;
    apr_table_t *pairs = apr_table_make(s->ctl->pool, 16);
    if (apr_stat(&info, s->file, APR_FINFO_TYPE, s->ctl->pool) != APR_SUCCESS) {
        return NULL;
    }
    s->has_file = true;
    const char *why = read_pairs(pairs, s->ctl->pool, s->file);
    const apr_array_header_t *all = apr_table_elts(pairs);
    for (int i = 0; !why && i < all->nelts; i++) {
        const apr_table_entry_t *e = &APR_ARRAY_IDX(all, i, apr_table_entry_t);
        const char *told = setup_value(s, e->key);
        if (told && strcmp(told, e->val) != 0) {
            why = apr_psprintf(s->ctl->pool,
                               "%s says %s %s, and you say %s. Change that file, or name another "
                               "one with --file.",
                               s->file, e->key, e->val, told);
        }
        apr_table_set(s->values, e->key, e->val);
    }
    return why;
}

/* --- defaults, and what somebody types -------------------------------------------------------- */

const char *setup_ask(const setup_t *s, const char *question, const char *fallback)
{
    char line[LINE_SIZE];
    printf("%s%s%s%s: ", question, fallback ? " [" : "", fallback ? fallback : "",
           fallback ? "]" : "");
    fflush(stdout);
    if (!fgets(line, sizeof(line), stdin)) {
        return fallback;
    }
    line[strcspn(line, "\r\n")] = '\0';
    return line[0] ? apr_pstrdup(s->ctl->pool, line) : fallback;
}

static const struct {
    const char *name, *question, *fallback;
} QUESTIONS[] = {
    {"socket", "Socket of the database server", "/run/mysqld/mysqld.sock"},
    {"database", "Name of the database", "regen"},
    {"public-base", "Public address of the pages, as https://clinic.example/clinic", NULL},
};

static void ask_all(setup_t *s)
{
    for (size_t i = 0; i < COUNT_OF(QUESTIONS); i++) {
        bool network = strcmp(QUESTIONS[i].name, "socket") == 0 && setup_value(s, "host");
        if (network || setup_value(s, QUESTIONS[i].name)) {
            continue;
        }
        const char *value = s->asks ? setup_ask(s, QUESTIONS[i].question, QUESTIONS[i].fallback)
                                    : QUESTIONS[i].fallback;
        if (value) {
            apr_table_set(s->values, QUESTIONS[i].name, value);
        }
    }
}

static const char *file_beside(const setup_t *s, const char *name)
{
    return apr_pstrcat(s->ctl->pool, setup_value(s, "folder"), "/", name, NULL);
}

static void set_defaults(setup_t *s)
{
    apr_pool_t *p = s->ctl->pool;
    const char *slash = strrchr(s->file, '/');
    apr_table_set(s->values, "folder",
                  !slash             ? "."
                  : slash == s->file ? "/"
                                     : apr_pstrmemdup(p, s->file, (size_t)(slash - s->file)));
    set_default(s, "user", "regen_owner");
    if (!setup_value(s, "host")) {
        set_default(s, "module-account", "regen@localhost");
    }
    set_default(s, "password-file", file_beside(s, "owner-password"));
    set_default(s, "module-password-file", file_beside(s, "module-password"));
    set_default(s, "secret-file", file_beside(s, "secret"));
    set_default(s, "db-admin", "root");
    set_default(s, "share", "/usr/share/mod_regen");
    set_default(s, "schema", apr_pstrcat(p, setup_value(s, "share"), "/sql", NULL));
}

/* --- what follows from them ------------------------------------------------------------------- */

static const char *path_of_base(setup_t *s)
{
    apr_uri_t uri;
    const char *base = setup_value(s, "public-base");
    if (!base) {
        return "--public-base is missing: the public address of the pages, as "
               "https://clinic.example/clinic.";
    }
    if (apr_uri_parse(s->ctl->pool, base, &uri) != APR_SUCCESS || !uri.scheme || !uri.hostname ||
        !uri.path || uri.path[0] != '/' || uri.path[1] == '\0' || base[strlen(base) - 1] == '/' ||
        uri.query || uri.fragment || strpbrk(base, "\"\\<> ") ||
        (strcmp(uri.scheme, "https") != 0 && strcmp(uri.scheme, "http") != 0)) {
        return "--public-base is an address with a path and without a slash at its end, as "
               "https://clinic.example/clinic.";
    }
    apr_table_set(s->values, "path", uri.path);
    return NULL;
}

static const char *fill_conf(setup_t *s)
{
    const char *why = NULL;
    for (size_t i = 0; !why && i < COUNT_OF(SETTINGS); i++) {
        const char *value = setup_value(s, SETTINGS[i]);
        why = value ? ctl_settings_set(&s->conf, s->ctl->pool, SETTINGS[i], value) : NULL;
    }
    return why;
}

static const char *name_accounts(setup_t *s)
{
    apr_pool_t *p = s->ctl->pool;
    const char *module = s->conf.module_account;
    const char *at = module ? strrchr(module, '@') : NULL;
    if (!module) {
        return "--module-account is missing: the account of httpd and the host it comes from, as "
               "regen@10.0.0.7.";
    }
    if (!at || at == module || at[1] == '\0') {
        return "--module-account is an account with its host, as regen@localhost.";
    }
    s->owner = s->module = s->admin = s->conf.db;
    s->module.user = apr_pstrmemdup(p, module, (size_t)(at - module));
    s->owner_account = apr_pstrcat(p, s->conf.db.user, at, NULL);
    s->admin.user = setup_value(s, "db-admin");
    s->admin.database = NULL;
    if (strcmp(s->module.user, s->conf.db.user) == 0) {
        return "The module must not be the account that makes tables: it may change no rule.";
    }
    const char *why = NULL;
    const char *file = setup_value(s, "db-admin-password-file");
    s->admin.password = file ? ctl_read_secret(p, file, NULL, &why) : NULL;
    return why;
}

/* httpd and later runs start elsewhere. */
static const char *absolute_path(apr_pool_t *p, const char *path)
{
    char *whole = NULL;
    return apr_filepath_merge(&whole, NULL, path, 0, p) == APR_SUCCESS ? whole : path;
}

const char *setup_settings_text(const setup_t *s)
{
    rg_buf_t *text = rg_buf_make(s->ctl->pool, COUNT_OF(SETTINGS) * LINE_SIZE);
    rg_buf_puts(text, "# Written by `regenctl setup`, which keeps what stands here.\n");
    for (size_t i = 0; i < COUNT_OF(SETTINGS); i++) {
        const char *value = setup_value(s, SETTINGS[i]);
        if (value) {
            rg_buf_printf(text, "%-20s %s\n", SETTINGS[i], value);
        }
    }
    return text->data;
}

int setup_answers(setup_t *s)
{
    const char *file = ctl_option(s->ctl, "file");
    file = file ? file : apr_table_get(s->ctl->given, "file");
    s->file = absolute_path(s->ctl->pool, file ? file : CTL_SETTINGS);
    s->conf = s->ctl->conf;
    const char *why = take_file(s);
    apr_table_do(take_one, s, s->ctl->given, NULL);
    apr_table_do(take_one, s, s->ctl->options, NULL);
    why = why ? why : take_existing(s);
    if (!why) {
        ask_all(s);
        set_defaults(s);
    }
    why = why ? why : path_of_base(s);
    why = why ? why : fill_conf(s);
    why = why ? why : name_accounts(s);
    if (why) {
        ctl_error("%s", why);
        return CTL_USAGE;
    }
    return CTL_DONE;
}
