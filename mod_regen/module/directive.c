/* SPDX-License-Identifier: Apache-2.0 */
/* The command table and the typed setters behind it. A setter's message follows httpd's own "Syntax
 * error on line N of FILE", so it says what would be right and does not repeat the place. */
#include "config.h"
#include "regen/core/keys.h"
#include "regen/core/mail.h"
#include "regen/core/text.h"
#include "regen/core/time.h"

#include <apr_fnmatch.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_uri.h>

#define X(kind_, member_, name_, standard_, low_, high_, help_)                                    \
    {.kind = REGEN_KIND_##kind_,                                                                   \
     .row = REGEN_ROW_##member_,                                                                   \
     .offset = offsetof(regen_server_t, member_),                                                  \
     .low = (low_),                                                                                \
     .high = (high_)},
static const regen_directive_t rows[] = {REGEN_SERVER_DIRECTIVES(X)};
#undef X

static const char *must(const cmd_parms *cmd, const char *what)
{
    return apr_psprintf(cmd->pool, "%s %s.", cmd->cmd->name, what);
}

/* --- readers: put the value at AT, or say what would be right --------------------------------- */

static const char *read_text(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    if (arg[0] == '\0' || (d->high > 0 && (apr_int64_t)strlen(arg) > d->high) ||
        !rg_text_clean(arg, strlen(arg))) {
        return must(cmd, apr_psprintf(cmd->pool,
                                      "must be a word of 1 to %d characters, or several in "
                                      "quotation marks",
                                      d->high > 0 ? (int)d->high : 255));
    }
    *(const char **)at = arg;
    return NULL;
}

static const char *read_host(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    const char *s;
    (void)d;
    for (s = arg; *s != '\0'; s++) {
        if (!apr_isalnum(*s) && !strchr(".-:_", *s)) {
            break;
        }
    }
    if (arg[0] == '\0' || *s != '\0') {
        return must(cmd, "must be a host name or an address, such as db.example.org or 10.0.0.7");
    }
    s = strchr(arg, ':');
    if (s && !strchr(s + 1, ':')) {
        return must(cmd, "must be a host name or an address without a port; set the port with "
                         "RegenDatabasePort");
    }
    *(const char **)at = arg;
    return NULL;
}

static const char *must_be_path(const cmd_parms *cmd)
{
    return must(cmd, "must be a path, absolute or below ServerRoot");
}

/* NULL: ARG is none. */
static const char *full_path(const cmd_parms *cmd, const char *arg)
{
    return arg[0] != '\0' ? ap_server_root_relative(cmd->pool, arg) : NULL;
}

/* The database may start later than httpd, so only the name is checked. 107 is what a socket's
 * address can hold. */
static const char *read_path(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    const char *path = full_path(cmd, arg);
    (void)d;
    if (!path) {
        return must_be_path(cmd);
    }
    if (strlen(path) > 107) {
        return must(cmd, "must be a path of at most 107 characters");
    }
    *(const char **)at = path;
    return NULL;
}

static const char *read_existing(cmd_parms *cmd, const char *arg, void *at, apr_filetype_e type)
{
    const char *what = type == APR_DIR ? "a folder" : "a file";
    const char *path = full_path(cmd, arg);
    apr_finfo_t info;
    apr_file_t *f;
    if (!path) {
        return must_be_path(cmd);
    }
    if (apr_stat(&info, path, APR_FINFO_TYPE, cmd->temp_pool) != APR_SUCCESS ||
        info.filetype != type) {
        return must(cmd, apr_psprintf(cmd->pool, "must be %s that exists; %s is not", what, path));
    }
    if (type == APR_REG) {
        if (apr_file_open(&f, path, APR_READ, APR_OS_DEFAULT, cmd->temp_pool) != APR_SUCCESS) {
            return must(cmd, apr_psprintf(cmd->pool, "must be readable; %s is not", path));
        }
        apr_file_close(f);
    }
    *(const char **)at = path;
    return NULL;
}

static const char *read_existing_file(cmd_parms *cmd, const regen_directive_t *d, const char *arg,
                                      void *at)
{
    (void)d;
    return read_existing(cmd, arg, at, APR_REG);
}

/* Connector/C finds it wrong only when it connects. */
static const char *read_pem(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    const char *err = read_existing_file(cmd, d, arg, at);
    const char *why = !err ? rg_pem_wrong(cmd->temp_pool, *(const char **)at) : NULL;
    return why ? must(cmd, apr_psprintf(cmd->pool, "must be a PEM file of certificates; %s %s",
                                        *(const char **)at, why))
               : err;
}

static const char *read_dir(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    (void)d;
    return read_existing(cmd, arg, at, APR_DIR);
}

const char *regen_secret_read(const char **why, apr_pool_t *p, const char *path)
{
    char line[258];
    apr_finfo_t info;
    apr_file_t *f;
    apr_status_t rv = apr_file_open(&f, path, APR_READ, APR_OS_DEFAULT, p);
    if (rv != APR_SUCCESS) {
        *why = apr_psprintf(p, "must name a file that can be read; %s: %s", path,
                            apr_strerror(rv, line, sizeof(line)));
        return NULL;
    }
    rv = apr_file_info_get(&info, APR_FINFO_TYPE | APR_FINFO_PROT, f);
    if (rv != APR_SUCCESS || info.filetype != APR_REG ||
        (info.protection & (APR_FPROT_WREAD | APR_FPROT_WWRITE)) != 0) {
        apr_file_close(f);
        *why = apr_psprintf(p,
                            "must name a separate file with mode 600 for the password: others than "
                            "the owner may read or write %s",
                            path);
        return NULL;
    }
    rv = apr_file_gets(line, sizeof(line), f);
    apr_file_close(f);
    apr_size_t n = rv == APR_SUCCESS ? strcspn(line, "\r\n") : 0;
    if (n == 0 || n > 256) {
        *why = apr_psprintf(
            p, "must name a file whose first line is 1 to 256 characters; %s is not", path);
        return NULL;
    }
    line[n] = '\0';
    *why = rg_secret_line_wrong(line);
    if (*why) {
        *why = apr_psprintf(p, "names %s, whose first line %s", path, *why);
        return NULL;
    }
    return apr_pstrmemdup(p, line, n);
}

static const char *read_secret(cmd_parms *cmd, const regen_directive_t *d, const char *arg,
                               void *at)
{
    const char *path = full_path(cmd, arg);
    const char *why;
    (void)d;
    if (!path) {
        return must_be_path(cmd);
    }
    if (!regen_secret_read(&why, cmd->temp_pool, path)) {
        return must(cmd, why);
    }
    *(const char **)at = path;
    return NULL;
}

static const char *read_keys(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    const char *path = full_path(cmd, arg);
    rg_keys_t *keys;
    (void)d;
    if (!path) {
        return must_be_path(cmd);
    }
    const char *why = rg_keys_read(&keys, cmd->temp_pool, path);
    if (why) {
        return apr_psprintf(cmd->pool, "%s: %s.", cmd->cmd->name, why);
    }
    *(const char **)at = path;
    return NULL;
}

static const char *read_url(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    apr_uri_t u;
    size_t n = strlen(arg);
    (void)d;
    if (n == 0 || n > 200 || arg[n - 1] == '/' || apr_uri_parse(cmd->temp_pool, arg, &u) != 0 ||
        !u.scheme || !u.hostname || u.hostname[0] == '\0' || u.query || u.fragment || u.user ||
        (strcmp(u.scheme, "http") != 0 && strcmp(u.scheme, "https") != 0)) {
        return must(cmd, "must be an absolute address without a slash at the end, such as "
                         "https://clinic.example/clinic/fhir");
    }
    *(const char **)at = arg;
    return NULL;
}

static const char *read_uri(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    const char *colon = strchr(arg, ':');
    const char *s;
    (void)d;
    for (s = arg; *s != '\0'; s++) {
        if (!apr_isgraph(*s) || strchr("<>\"{}|\\^`", *s)) {
            break;
        }
    }
    if (!colon || colon == arg || colon[1] == '\0' || !apr_isalpha(arg[0]) || *s != '\0' ||
        strlen(arg) > 120) {
        return must(cmd, "must be an absolute URI of at most 120 characters, such as "
                         "https://clinic.example/codes");
    }
    *(const char **)at = arg;
    return NULL;
}

static const char *read_num(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    int64_t n;
    if (!rg_text_i64(&n, arg, d->low, d->high)) {
        return must(cmd, apr_psprintf(cmd->pool,
                                      "must be a whole number from %" APR_INT64_T_FMT
                                      " to %" APR_INT64_T_FMT,
                                      d->low, d->high));
    }
    *(apr_int64_t *)at = n;
    return NULL;
}

static const char *time_words(apr_pool_t *p, apr_int64_t t)
{
    if (t % RG_HOUR == 0) {
        return apr_psprintf(p, "%dh", (int)(t / RG_HOUR));
    }
    if (t % RG_MINUTE == 0) {
        return apr_psprintf(p, "%dmin", (int)(t / RG_MINUTE));
    }
    return t % RG_SECOND == 0 ? apr_psprintf(p, "%ds", (int)(t / RG_SECOND))
                              : apr_psprintf(p, "%dms", (int)(t / 1000));
}

/* httpd's reader accepts anything that begins like a unit: "15minuts", "1hour" and "9mixx", too. */
static bool time_parse(apr_interval_time_t *out, const char *arg)
{
    static const char *const units[] = {"", "ms", "s", "mi", "min", "h"};
    const char *unit = arg + strspn(arg, "0123456789");
    size_t i;
    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(unit, units[i]) == 0) {
            return unit != arg && ap_timeout_parameter_parse(arg, out, "s") == APR_SUCCESS;
        }
    }
    return false;
}

static const char *read_time(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    apr_interval_time_t t = 0;
    if (!time_parse(&t, arg) || t < d->low || t > d->high) {
        return must(
            cmd, apr_psprintf(cmd->pool, "must be a time from %s to %s, such as 90s, 15min or 2h",
                              time_words(cmd->pool, d->low), time_words(cmd->pool, d->high)));
    }
    *(apr_int64_t *)at = t;
    return NULL;
}

static const char *read_flag(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    (void)d;
    if (ap_cstr_casecmp(arg, "on") != 0 && ap_cstr_casecmp(arg, "off") != 0) {
        return must(cmd, "must be one of On, Off");
    }
    *(apr_int64_t *)at = ap_cstr_casecmp(arg, "on") == 0;
    return NULL;
}

/* "20/15min", or Off. LOW and HIGH bound the number; the time is from a second to a day. */
static const char *read_rate(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    const char *slash = strchr(arg, '/');
    apr_interval_time_t t = 0;
    int64_t n;
    if (ap_cstr_casecmp(arg, "off") == 0) {
        *(apr_int64_t *)at = 0;
        return NULL;
    }
    if (!slash ||
        !rg_text_i64(&n, apr_pstrmemdup(cmd->pool, arg, (apr_size_t)(slash - arg)), d->low,
                     d->high) ||
        !time_parse(&t, slash + 1) || t < RG_SECOND || t > RG_DAY) {
        return must(cmd,
                    apr_psprintf(cmd->pool,
                                 "must be a number from %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT
                                 ", a slash and a time from 1s to 24h, such as 20/15min, or "
                                 "Off",
                                 d->low, d->high));
    }
    *(apr_int64_t *)at = n * REGEN_TRY + t / RG_SECOND;
    return NULL;
}

/* --- letters ---------------------------------------------------------------------------------- */

static const char *read_way(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    const char *word = ap_cstr_casecmp(arg, "off") == 0 ? "" : arg;
    (void)d;
    if (rg_way_parse(word) < 0 || (arg[0] == '\0')) {
        return must(cmd, "must be one of Off, maildir, smtp, command");
    }
    *(const char **)at = word;
    return NULL;
}

static const char *read_box(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    const char *name;
    const char *address;
    (void)d;
    if (strlen(arg) > 300 || !rg_mail_mailbox(&name, &address, cmd->temp_pool, arg)) {
        return must(cmd, "must be an email address, such as letters@clinic.example or \"Harbor "
                         "Clinic <letters@clinic.example>\"");
    }
    *(const char **)at = arg;
    return NULL;
}

static const char *read_argv(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    const char *const *argv;
    const char *why = rg_mail_argv(&argv, cmd->temp_pool, arg);
    (void)d;
    if (why) {
        return must(cmd, apr_pstrdup(cmd->pool, why));
    }
    *(const char **)at = arg;
    return NULL;
}

/* WORD is the number of a word of the list WORDS, -1 for none. */
static const char *take_word(cmd_parms *cmd, int word, const char *words, void *at)
{
    if (word < 0) {
        return must(cmd, apr_pstrcat(cmd->pool, "must be one of ", words, NULL));
    }
    *(apr_int64_t *)at = word;
    return NULL;
}

static const char *read_detail(cmd_parms *cmd, const regen_directive_t *d, const char *arg,
                               void *at)
{
    (void)d;
    return take_word(cmd, rg_mail_detail_parse(arg), "none, service, full", at);
}

static const char *read_size(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    (void)d;
    return take_word(cmd, rg_label_size_parse(arg), "large, small", at);
}

static const char *read_code(cmd_parms *cmd, const regen_directive_t *d, const char *arg, void *at)
{
    (void)d;
    return take_word(cmd, rg_label_code_parse(arg), "qr, datamatrix, code128", at);
}

/* --- the setters themselves ------------------------------------------------------------------- */

typedef const char *(*read_fn)(cmd_parms *cmd, const regen_directive_t *d, const char *arg,
                               void *at);
static const read_fn readers[] = {[REGEN_KIND_TEXT] = read_text,
                                  [REGEN_KIND_PATH] = read_path,
                                  [REGEN_KIND_FILE] = read_existing_file,
                                  [REGEN_KIND_PEM] = read_pem,
                                  [REGEN_KIND_DIR] = read_dir,
                                  [REGEN_KIND_SECRET] = read_secret,
                                  [REGEN_KIND_KEYS] = read_keys,
                                  [REGEN_KIND_HOST] = read_host,
                                  [REGEN_KIND_URL] = read_url,
                                  [REGEN_KIND_URI] = read_uri,
                                  [REGEN_KIND_NUM] = read_num,
                                  [REGEN_KIND_TIME] = read_time,
                                  [REGEN_KIND_FLAG] = read_flag,
                                  [REGEN_KIND_RATE] = read_rate,
                                  [REGEN_KIND_WAY] = read_way,
                                  [REGEN_KIND_BOX] = read_box,
                                  [REGEN_KIND_ARGV] = read_argv,
                                  [REGEN_KIND_DETAIL] = read_detail,
                                  [REGEN_KIND_SIZE] = read_size,
                                  [REGEN_KIND_CODE] = read_code};

static regen_place_t place_of(const cmd_parms *cmd)
{
    return (regen_place_t){.file = cmd->directive->filename, .line = cmd->directive->line_num};
}

static const char *set_server(cmd_parms *cmd, void *dir, const char *arg)
{
    const regen_directive_t *d = cmd->info;
    regen_server_t *c = regen_server_conf(cmd->server);
    const char *err = ap_check_cmd_context(cmd, NOT_IN_DIR_CONTEXT);
    (void)dir;
    if (!err) {
        err = readers[d->kind](cmd, d, arg, (char *)c + d->offset);
    }
    if (!err) {
        c->at[d->row] = place_of(cmd);
    }
    return err;
}

/* The path of the <Location> is the address of the clinic, so it must be plain. WHAT begins the
 * message. */
static const char *mount_path(cmd_parms *cmd, const char *what, const char **out)
{
    const ap_directive_t *in = cmd->directive->parent;
    apr_size_t n = cmd->path ? strlen(cmd->path) : 0;
    if (!in || ap_cstr_casecmp(in->directive, "<Location") != 0 || n == 0 || cmd->path[0] != '/' ||
        in->args[strspn(in->args, " \t")] == '~') {
        return must(cmd,
                    apr_pstrcat(cmd->pool, what,
                                "must stand in a <Location>, such as <Location /clinic>", NULL));
    }
    if (regen_path_wrong(cmd->path)) {
        return must(cmd, apr_pstrcat(cmd->pool, what, "must stand in a <Location> ",
                                     regen_path_wrong(cmd->path), NULL));
    }
    *out = apr_pstrmemdup(cmd->pool, cmd->path, cmd->path[n - 1] == '/' ? n - 1 : n);
    return NULL;
}

static const char *set_engine(cmd_parms *cmd, void *dir, const char *arg)
{
    regen_dir_t *d = dir;
    apr_int64_t on = 0;
    const char *err = ap_check_cmd_context(cmd, NOT_IN_LIMIT | NOT_IN_DIRECTORY | NOT_IN_FILES);
    if (!err) {
        err = read_flag(cmd, NULL, arg, &on);
    }
    if (!err && on) {
        err = mount_path(cmd, "On ", &d->mount);
    }
    if (err) {
        return err;
    }
    d->engine = (int)on;
    if (on) {
        regen_mount_t *m = apr_array_push(regen_server_conf(cmd->server)->mounts);
        m->path = d->mount;
        m->at = place_of(cmd);
    }
    return NULL;
}

/* In a <Location> it applies to the clinic there, in a server to all its clinics. */
static const char *set_public_base(cmd_parms *cmd, void *dir, const char *arg)
{
    regen_base_t b = {.at = place_of(cmd)};
    const char *err = ap_check_cmd_context(cmd, NOT_IN_LIMIT | NOT_IN_DIRECTORY | NOT_IN_FILES);
    (void)dir;
    if (!err && cmd->path) {
        err = mount_path(cmd, "", &b.path);
    }
    if (err) {
        return err;
    }
    const char *why = regen_base_read(&b.base, cmd->pool, arg);
    if (why) {
        return must(cmd, why);
    }
    APR_ARRAY_PUSH(regen_server_conf(cmd->server)->bases, regen_base_t) = b;
    return NULL;
}

#define X(kind, member, name, standard, low, high, help)                                           \
    AP_INIT_TAKE1(name, set_server, (void *)&rows[REGEN_ROW_##member], RSRC_CONF, help),
const command_rec regen_commands[] = {
    REGEN_SERVER_DIRECTIVES(X) AP_INIT_TAKE1("RegenEngine", set_engine, NULL, ACCESS_CONF,
                                             "whether the clinic answers in this <Location>"),
    AP_INIT_TAKE1("RegenPublicBase", set_public_base, NULL, RSRC_CONF | ACCESS_CONF,
                  "the public address of the clinic in this <Location>: scheme, host and path"),
    {.name = NULL}};
#undef X
