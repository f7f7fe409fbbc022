/* SPDX-License-Identifier: Apache-2.0 */
/* check_config: checks across directives, and everything that is read from files. A failure here
 * fails configtest and `-k graceful` without affecting a running server, which is why it is all
 * here and nothing is in post_config. Logs are not open yet: APLOG_STARTUP goes to stderr. */
#include "config.h"
#include "regen/core/keys.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/throttle.h"
#include "regen/core/time.h"
#include "regen/core/xml.h"
#include "regen/render/template.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <string.h>

APLOG_USE_MODULE(regen);

typedef struct {
    apr_pool_t *p; /* lives until the next restart */
    server_rec *s;
    regen_server_t *c;  /* resolved */
    apr_hash_t *loaded; /* templates by folder, shared by servers */
    int mounts;         /* of all servers */
} check_t;

static int complain(const check_t *k, regen_place_t at, const char *text)
{
    if (at.file) {
        ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_ERR, 0, k->s,
                     RGNO(03110) "Syntax error on line %d of %s: %s", at.line, at.file, text);
    }
    else {
        ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_ERR, 0, k->s, RGNO(03111) "%s", text);
    }
    return HTTP_INTERNAL_SERVER_ERROR;
}

/* The place to report: the mount, or else the first directive about the database. */
static regen_place_t reason(const check_t *k)
{
    if (k->c->mounts->nelts > 0) {
        return APR_ARRAY_IDX(k->c->mounts, 0, regen_mount_t).at;
    }
    return k->c->at[k->c->db_socket ? REGEN_ROW_db_socket : REGEN_ROW_db_host];
}

static int check_database(const check_t *k)
{
    const regen_server_t *c = k->c;
    if (!c->db_socket && !c->db_host) {
        return complain(k, reason(k),
                        "RegenEngine On needs a database: set RegenDatabaseSocket or "
                        "RegenDatabaseHost in the server configuration.");
    }
    if (c->db_socket && c->db_host) {
        return complain(
            k, c->at[REGEN_ROW_db_host],
            "RegenDatabaseHost and RegenDatabaseSocket exclude each other: use only one.");
    }
    if (!c->db_password_file) {
        return complain(k, reason(k),
                        "RegenDatabasePasswordFile is missing: name a file with mode 600 whose "
                        "first line is the password of the database account.");
    }
    if (c->db_tls_ca && !c->db_host) {
        return complain(k, c->at[REGEN_ROW_db_tls_ca],
                        "RegenDatabaseTLSCA is only for RegenDatabaseHost: a socket needs no TLS.");
    }
    return OK;
}

static int check_secret(const check_t *k)
{
    return k->c->secret_file
               ? OK
               : complain(k, reason(k),
                          "RegenSecretFile is missing: make the installation's secret as root with "
                          "`regenctl secret make /etc/apache2/regen.secret`, and name that file.");
}

static int check_durations(const check_t *k)
{
    const regen_server_t *c = k->c;
    if (c->session_idle > c->session_max) {
        regen_row_t row =
            c->at[REGEN_ROW_session_idle].file ? REGEN_ROW_session_idle : REGEN_ROW_session_max;
        return complain(k, c->at[row], "RegenSessionIdle must not be longer than RegenSessionMax.");
    }
    if (c->hold_time > c->patient_session) {
        regen_row_t row =
            c->at[REGEN_ROW_hold_time].file ? REGEN_ROW_hold_time : REGEN_ROW_patient_session;
        return complain(k, c->at[row],
                        "RegenPatientSession must not be shorter than RegenHoldTime.");
    }
    return OK;
}

static int check_mounts(const check_t *k)
{
    const apr_array_header_t *all = k->c->mounts;
    int i;
    int j;
    for (i = 0; i < all->nelts; i++) {
        const regen_mount_t *a = &APR_ARRAY_IDX(all, i, regen_mount_t);
        for (j = 0; j < all->nelts; j++) {
            const regen_mount_t *b = &APR_ARRAY_IDX(all, j, regen_mount_t);
            size_t n = strlen(a->path);
            if (i != j && strncmp(a->path, b->path, n) == 0 && b->path[n] == '/') {
                return complain(k, b->at,
                                apr_psprintf(k->p,
                                             "RegenEngine On for %s is inside %s/ of line %d: one "
                                             "clinic cannot be inside another.",
                                             b->path, a->path, a->at.line));
            }
        }
    }
    return OK;
}

/* --- the public base -------------------------------------------------------------------------- */

static const char *base_of(const check_t *k, const regen_mount_t *m)
{
    const regen_base_t *said = regen_base_said(k->c, m->path);
    return said ? said->base : regen_base_of_server(k->p, k->s, m->path);
}

/* "", or which of several servers is meant. */
static const char *of_host(const check_t *k)
{
    const server_rec *s = k->s;
    return s->is_virtual && s->defn_name
               ? apr_psprintf(k->p, " in the virtual host of line %u of %s", s->defn_line_number,
                              s->defn_name)
               : "";
}

static int ask_for_base(const check_t *k, const regen_mount_t *m)
{
    const char *name = k->s->server_hostname ? k->s->server_hostname : "clinic.example";
    return complain(
        k, m->at,
        apr_psprintf(k->p,
                     "RegenPublicBase is missing for %s%s. Its public address is written into "
                     "private links, calendars and FHIR, and is never guessed. Set it in that "
                     "<Location> or in the virtual host, for example: RegenPublicBase https://%s%s",
                     m->path[0] != '\0' ? m->path : "/", of_host(k), name, m->path));
}

/* Not where the same <Location> of the main server is met again in a virtual host. */
static int check_base(const check_t *k, const regen_mount_t *m)
{
    const regen_base_t *said = regen_base_said(k->c, m->path);
    const char *base = base_of(k, m);
    int i;
    if (!base) {
        return ask_for_base(k, m);
    }
    for (i = 0; &APR_ARRAY_IDX(k->c->mounts, i, regen_mount_t) != m; i++) {
        const regen_mount_t *other = &APR_ARRAY_IDX(k->c->mounts, i, regen_mount_t);
        const char *theirs = base_of(k, other);
        if (strcmp(other->path, m->path) != 0 && theirs && strcmp(theirs, base) == 0) {
            return complain(
                k, said ? said->at : m->at,
                apr_psprintf(
                    k->p,
                    "RegenPublicBase %s would apply to both %s and %s: set one in each <Location>.",
                    base, m->path, other->path));
        }
    }
    return OK;
}

static bool has_mount(const regen_server_t *c, const char *path)
{
    int i;
    for (i = 0; i < c->mounts->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(c->mounts, i, regen_mount_t).path, path) == 0) {
            return true;
        }
    }
    return false;
}

/* A proxy may show a <Location> under another path; without one, no page is found there. */
static void tell_other_path(const check_t *k, const regen_base_t *b)
{
    const regen_server_t *c = k->c;
    const char *path = regen_base_path(b->base);
    int i;
    for (i = 0; i < c->mounts->nelts; i++) {
        const regen_mount_t *m = &APR_ARRAY_IDX(c->mounts, i, regen_mount_t);
        if (regen_base_said(c, m->path) == b && strcmp(path, m->path) != 0) {
            ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_WARNING, 0, k->s,
                         RGNO(03115) "Line %d of %s: the path of RegenPublicBase %s is not that of "
                                     "<Location %s>. Browsers must see the clinic under %s, which "
                                     "requires a proxy in front.",
                         b->at.line, b->at.file, b->base, m->path[0] != '\0' ? m->path : "/",
                         path[0] != '\0' ? path : "/");
        }
    }
}

static int check_bases(const check_t *k)
{
    const regen_server_t *c = k->c;
    int rc = OK;
    int i;
    for (i = 0; rc == OK && i < c->mounts->nelts; i++) {
        rc = check_base(k, &APR_ARRAY_IDX(c->mounts, i, regen_mount_t));
    }
    for (i = 0; rc == OK && i < c->bases->nelts; i++) {
        const regen_base_t *b = &APR_ARRAY_IDX(c->bases, i, regen_base_t);
        if (b->path && !has_mount(c, b->path)) {
            rc = complain(k, b->at,
                          "RegenPublicBase is in a <Location> in which RegenEngine is not On.");
        }
        else if (!b->inherited) {
            tell_other_path(k, b);
        }
        if (rc == OK && !b->inherited && regen_base_is_open(b->base)) {
            ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_WARNING, 0, k->s,
                         RGNO(03113) "Line %d of %s: RegenPublicBase %s is not https. What "
                                     "patients type, and their links, can be read in transit.",
                         b->at.line, b->at.file, b->base);
        }
    }
    return rc;
}

/* --- what is read from files ------------------------------------------------------------------ */

static const char *missing_template(const rg_templates_t *set)
{
    const char *const *name;
    for (name = regen_templates_used; *name; name++) {
        if (!rg_templates_has(set, *name)) {
            return *name;
        }
    }
    return NULL;
}

static int load_templates(const check_t *k)
{
    const char *dir = k->c->templates_dir;
    rg_templates_t *set = dir ? apr_hash_get(k->loaded, dir, APR_HASH_KEY_STRING) : NULL;
    const char *why = NULL;
    if (!dir) {
        return complain(k, reason(k),
                        "RegenTemplates is missing: name the folder of the page templates.");
    }
    if (!set && rg_templates_load(&set, k->p, dir, &why) != RG_OK) {
        return complain(k, k->c->at[REGEN_ROW_templates_dir],
                        apr_psprintf(k->p, "RegenTemplates: %s.", why));
    }
    why = missing_template(set);
    if (why) {
        return complain(k, k->c->at[REGEN_ROW_templates_dir],
                        apr_psprintf(k->p, "RegenTemplates: %s has no %s.", dir, why));
    }
    apr_hash_set(k->loaded, dir, APR_HASH_KEY_STRING, set);
    k->c->app->templates = set;
    return OK;
}

static int load_statics(const check_t *k)
{
    const char *why = NULL;
    if (!k->c->static_dir) {
        return OK;
    }
    k->c->app->statics = regen_statics_load(&k->c->app->statics_tag, &why, k->p, k->c->static_dir);
    if (!k->c->app->statics) {
        return complain(k, k->c->at[REGEN_ROW_static_dir],
                        apr_psprintf(k->p, "RegenStatic: %s.", why));
    }
    return OK;
}

static int load_secret(const check_t *k)
{
    const char *why = NULL;
    k->c->db_password = regen_secret_read(&why, k->p, k->c->db_password_file);
    if (!k->c->db_password) {
        return complain(k, k->c->at[REGEN_ROW_db_password_file],
                        apr_psprintf(k->p, "RegenDatabasePasswordFile %s.", why));
    }
    return OK;
}

static int load_mail(const check_t *k)
{
    const char *why;
    regen_row_t row;
    k->c->mail = regen_mail_conf(&why, &row, k->p, k->c);
    k->c->post = apr_pcalloc(k->p, sizeof(*k->c->post));
    return why ? complain(k, k->c->at[row], why) : OK;
}

static int load_keys(const check_t *k, rg_policy_t *policy)
{
    rg_keys_t *keys;
    const char *why = rg_keys_read(&keys, k->p, k->c->secret_file);
    policy->keys = keys;
    return !why ? OK
                : complain(k, k->c->at[REGEN_ROW_secret_file],
                           apr_psprintf(k->p, "RegenSecretFile: %s.", why));
}

/* --- values ----------------------------------------------------------------------------------- */

static rg_policy_t *policy_make(const check_t *k)
{
    const regen_server_t *c = k->c;
    rg_policy_t *y = apr_pcalloc(k->p, sizeof(*y));
    y->hold_time = c->hold_time;
    y->label_size = (rg_label_size_t)c->label_size;
    y->label_code = (rg_label_code_t)c->label_code;
    y->holds_per_client = (int)c->holds_per_client;
    y->desk_adjusts = c->desk_adjusts;
    y->billing_adjusts = c->billing_adjusts;
    y->cash_difference = c->cash_difference;
    y->places_per_client = (int)c->places_per_client;
    y->offer_time = c->offer_time;
    y->session_idle = c->session_idle;
    y->session_max = c->session_max;
    y->patient_session_max = c->patient_session;
    y->link_lifetime = c->link_days * RG_DAY;
    y->forms_reminder = c->forms_days * RG_DAY;
    y->hold_extensions = (int)c->hold_extensions;
    y->login_failures = (int)c->login_failures_all;
    y->login_lock = c->login_lock;
    y->search_days = (int)c->search_days;
    y->sends_letters = c->mail_transport && c->mail_transport[0] != '\0';
    return y;
}

/* After the app's policy is complete. */
static void make_places(const check_t *k)
{
    const regen_server_t *c = k->c;
    const regen_routes_t *routes = regen_routes_make(k->p);
    int i;
    for (i = 0; i < c->mounts->nelts; i++) {
        regen_mount_t *m = &APR_ARRAY_IDX(c->mounts, i, regen_mount_t);
        rg_policy_t *y = apr_pmemdup(k->p, c->app->policy, sizeof(*y));
        regen_where_t *w = apr_pcalloc(k->p, sizeof(*w));
        w->mount = m->path;
        w->base = base_of(k, m);
        w->path = regen_base_path(w->base);
        w->origin = apr_pstrmemdup(k->p, w->base, (apr_size_t)(w->path - w->base));
        w->policy = y;
        w->routes = routes;
        y->public_base = w->base;
        y->fhir_base = c->fhir_base ? c->fhir_base : apr_pstrcat(k->p, w->base, "/fhir", NULL);
        y->names = y->fhir_base;
        y->code_system = c->code_system;
        m->where = w;
    }
}

/* Read here and shared with the children, which costs a fifth of a second once instead of once a
 * child. The schema goes with pconf, before the module and libxml2 are unloaded. */
static int load_schema(const check_t *k, rg_policy_t *policy)
{
    const char *why = NULL;
    if (!k->c->fhir_schema) {
        return OK;
    }
    policy->fhir_schema = rg_schema_load(k->p, k->c->fhir_schema, &why);
    if (!policy->fhir_schema) {
        return complain(k, k->c->at[REGEN_ROW_fhir_schema],
                        apr_psprintf(k->p, "RegenFHIRSchema: %s.", why));
    }
    return OK;
}

/* "https://name" or "http://name:port", as browsers send it: without a path. */
static bool is_origin(const char *s, size_t n)
{
    size_t scheme = strncmp(s, "https://", 8) == 0 ? 8 : strncmp(s, "http://", 7) == 0 ? 7 : 0;
    return scheme > 0 && n > scheme &&
           strspn(s + scheme, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]") >= n - scheme;
}

static int check_origins(const check_t *k)
{
    const char *s = k->c->fhir_origins;
    if (!s || strcmp(s, "*") == 0) {
        return OK;
    }
    while (*s != '\0') {
        size_t n = strcspn(s, " ");
        if (n == 0 || !is_origin(s, n)) {
            return complain(k, k->c->at[REGEN_ROW_fhir_origins],
                            "RegenFHIROrigins must be * or origins such as https://portal.example, "
                            "in lowercase and without a path.");
        }
        s += n + strspn(s + n, " ");
    }
    return OK;
}

static rg_rate_t rate_of(apr_int64_t packed)
{
    return (rg_rate_t){.count = (int)(packed / REGEN_TRY), .seconds = (int)(packed % REGEN_TRY)};
}

static void set_rates(regen_app_t *app, const regen_server_t *c)
{
    app->rates[REGEN_LIMIT_SEARCH] = rate_of(c->search_rate);
    app->rates[REGEN_LIMIT_LINK] = rate_of(c->link_rate);
    app->rates[REGEN_LIMIT_JOIN] = rate_of(c->join_rate);
    app->rates[REGEN_LIMIT_LOGIN] = rate_of(c->login_rate);
    app->rates[REGEN_LIMIT_PEOPLE] = rate_of(c->people_rate);
    app->rates[REGEN_LIMIT_ONE] =
        (rg_rate_t){.count = (int)c->login_failures, .seconds = (int)apr_time_sec(c->login_lock)};
}

static int make_app(const check_t *k)
{
    rg_policy_t *policy = policy_make(k);
    regen_app_t *app = apr_pcalloc(k->p, sizeof(*app));
    app->policy = policy;
    app->clinic_name = k->c->clinic_name;
    app->clinic_phone = k->c->clinic_phone;
    app->cookie_secure = k->c->cookie_secure != 0;
    app->bulk_publish = k->c->bulk_publish != 0;
    app->fhir_origins = k->c->fhir_origins;
    app->max_body = (apr_size_t)k->c->max_body;
    app->login_wait = k->c->db_acquire_timeout;
    set_rates(app, k->c);
    k->c->app = app;
    k->c->told_on = apr_pcalloc(k->p, sizeof(*k->c->told_on));
    int rc = load_secret(k);
    if (rc == OK) {
        rc = load_keys(k, policy);
    }
    if (rc == OK) {
        rc = load_mail(k);
    }
    if (rc == OK) {
        rc = load_templates(k);
    }
    if (rc == OK) {
        rc = load_statics(k);
    }
    if (rc == OK) {
        rc = load_schema(k, policy);
    }
    if (rc == OK) {
        make_places(k);
    }
    return rc;
}

/* Settings that nothing reads are a clinic that was forgotten to be switched on, or spelled into
 * another virtual host. AuthType Regen needs the database only. */
static void tell_unused(const check_t *k, const regen_server_t *said)
{
    int row;
    for (row = 0; row < REGEN_ROW_COUNT; row++) {
        if (said->at[row].file) {
            ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_WARNING, 0, k->s,
                         RGNO(03112) "Line %d of %s: there are Regen settings, but no RegenEngine "
                                     "On in a <Location> of this server.",
                         said->at[row].line, said->at[row].file);
            return;
        }
    }
}

static int check_server(check_t *k)
{
    const regen_server_t *said = regen_server_conf(k->s);
    if (said->mounts->nelts == 0 && k->mounts == 0) {
        tell_unused(k, said);
    }
    if (said->mounts->nelts == 0 && !said->db_socket && !said->db_host) {
        return OK;
    }
    k->c = regen_server_resolve(k->p, said);
    int rc = check_database(k);
    if (rc == OK) {
        rc = check_secret(k);
    }
    if (rc == OK) {
        rc = check_origins(k);
    }
    if (rc == OK) {
        rc = check_durations(k);
    }
    if (rc == OK) {
        rc = check_mounts(k);
    }
    if (rc == OK) {
        rc = check_bases(k);
    }
    if (rc == OK) {
        rc = make_app(k);
    }
    if (rc == OK) {
        ap_set_module_config(k->s->module_config, &regen_module, k->c);
    }
    return rc;
}

/* The same <Location> over one database under two addresses is allowed, but usually a mistake:
 * links lead to only one of them. */
static void compare_bases(const server_rec *s, const regen_server_t *a, const regen_server_t *b)
{
    int i;
    int j;
    for (i = 0; i < a->mounts->nelts; i++) {
        const regen_mount_t *one = &APR_ARRAY_IDX(a->mounts, i, regen_mount_t);
        for (j = 0; j < b->mounts->nelts; j++) {
            const regen_mount_t *two = &APR_ARRAY_IDX(b->mounts, j, regen_mount_t);
            if (strcmp(one->path, two->path) == 0 &&
                strcmp(one->where->base, two->where->base) != 0) {
                ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_WARNING, 0, s,
                             RGNO(03114) "One database has two public bases for %s: %s, and %s in "
                                         "the virtual host of line %u of %s.",
                             one->path[0] != '\0' ? one->path : "/", one->where->base,
                             two->where->base, s->defn_line_number,
                             s->defn_name ? s->defn_name : "-");
                return;
            }
        }
    }
}

static void compare_servers(const server_rec *first)
{
    const server_rec *a;
    const server_rec *b;
    for (b = first; b; b = b->next) {
        for (a = first; a != b; a = a->next) {
            const regen_server_t *one = regen_server_conf(a);
            const regen_server_t *two = regen_server_conf(b);
            if (one->app && two->app && regen_same_database(one, two)) {
                compare_bases(b, one, two);
            }
        }
    }
}

/* A <Location> of the main server is inherited: the clinic stands in front of whatever else a
 * virtual host has there. That may be meant, and is told because it seldom is. */
static void tell_everywhere(const server_rec *s)
{
    const server_rec *host = s ? s->next : NULL;
    if (host && regen_server_conf(s)->mounts->nelts > 0) {
        const regen_mount_t *m = &APR_ARRAY_IDX(regen_server_conf(s)->mounts, 0, regen_mount_t);
        ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_WARNING, 0, s,
                     RGNO(03119) "Line %d of %s: RegenEngine On outside of a <VirtualHost> opens "
                                 "the clinic at %s of every virtual host, also of that in line %u "
                                 "of %s.",
                     m->at.line, m->at.file, m->path[0] != '\0' ? m->path : "/",
                     host->defn_line_number, host->defn_name ? host->defn_name : "-");
    }
}

int regen_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    check_t k = {.p = pconf, .loaded = apr_hash_make(ptemp)};
    int rc = OK;
    const server_rec *each;
    (void)plog;
    for (each = s; each; each = each->next) {
        k.mounts += regen_server_conf(each)->mounts->nelts;
    }
    for (k.s = s; k.s && rc == OK; k.s = k.s->next) {
        rc = check_server(&k);
    }
    if (rc == OK) {
        compare_servers(s);
        tell_everywhere(s);
    }
    return rc;
}
