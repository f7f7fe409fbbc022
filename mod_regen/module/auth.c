/* SPDX-License-Identifier: Apache-2.0 */
/* Staff for httpd's own authentication: `AuthType Regen` turns a staff session into r->user, and
 * `Require regen-role billing` asks the staff table, whoever authenticated the user. Both work in
 * any <Location> of a server with a clinic, /server-status for instance. The use-cases decide which
 * record somebody may see. */
#include "config.h"

#include <ap_provider.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_auth.h>
#include <string.h>

#include "mod_regen.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"

APLOG_USE_MODULE(regen);

static const regen_app_t *app_of(const request_rec *r)
{
    return regen_server_conf(r->server)->app;
}

/* Where to log in for this URL: its own clinic, or the first of the server. */
static const regen_where_t *nearest(const request_rec *r)
{
    const regen_where_t *here = regen_where(r);
    const apr_array_header_t *all = regen_server_conf(r->server)->mounts;
    return here || all->nelts == 0 ? here : APR_ARRAY_IDX(all, 0, regen_mount_t).where;
}

static int answer(request_rec *r, rg_outcome_t rc)
{
    const regen_where_t *where = nearest(r);
    const char *login = where ? regen_login_path(r, where) : NULL;
    if (rc == RG_UNAUTHENTICATED && login) {
        apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
        apr_table_setn(r->headers_out, "Location", login);
        return HTTP_SEE_OTHER;
    }
    if (rc == RG_UNAVAILABLE) {
        apr_table_setn(r->err_headers_out, "Retry-After", "30");
        return HTTP_SERVICE_UNAVAILABLE;
    }
    return rc == RG_INTERNAL ? HTTP_INTERNAL_SERVER_ERROR : HTTP_UNAUTHORIZED;
}

static int check_authn(request_rec *r)
{
    const char *type = ap_auth_type(r);
    const regen_app_t *app = app_of(r);
    if (!type || ap_cstr_casecmp(type, "Regen") != 0) {
        return DECLINED;
    }
    if (!app) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      RGNO(03120) "AuthType Regen is used in a server without RegenDatabaseSocket "
                                  "or RegenDatabaseHost.");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    r->ap_auth_type = apr_pstrdup(r->pool, "Regen");
    rg_outcome_t rc = regen_staff_principal(r, app);
    if (rc != RG_OK) {
        return answer(r, rc);
    }
    r->user = apr_psprintf(r->pool, "staff:%" APR_INT64_T_FMT, regen_ctx(r, app)->who.staff_id);
    return OK;
}

/* --- Require regen-role ----------------------------------------------------------------------- */

static const char *parse_required_roles(const char *words, apr_pool_t *p, unsigned *roles)
{
    const char *s = words + strspn(words, " \t");
    *roles = 0;
    while (*s != '\0') {
        size_t n = strcspn(s, " \t");
        const char *word = apr_pstrmemdup(p, s, n);
        unsigned role = rg_role_parse(word) & RG_ROLE_STAFF;
        if (role == 0) {
            return apr_psprintf(
                p, "Require regen-role: %s must be one of front-desk, clinician, billing, admin.",
                word);
        }
        *roles |= role;
        s += n + strspn(s + n, " \t");
    }
    return *roles == 0
               ? "Require regen-role needs at least one of front-desk, clinician, billing, admin."
               : NULL;
}

static const char *parse_require(cmd_parms *cmd, const char *line, const void **parsed)
{
    unsigned *roles = apr_palloc(cmd->pool, sizeof(*roles));
    const char *err = parse_required_roles(line, cmd->pool, roles);
    *parsed = roles;
    return err;
}

static authz_status check_role(request_rec *r, const char *line, const void *parsed)
{
    const unsigned *roles = parsed;
    const regen_app_t *app = app_of(r);
    (void)line;
    if (!r->user) {
        return AUTHZ_DENIED_NO_USER;
    }
    if (!app) {
        return AUTHZ_GENERAL_ERROR;
    }
    rg_outcome_t rc = regen_staff_principal(r, app);
    if (rc == RG_UNAVAILABLE || rc == RG_INTERNAL) {
        return AUTHZ_GENERAL_ERROR;
    }
    return rc == RG_OK && (regen_ctx(r, app)->who.roles & *roles) != 0 ? AUTHZ_GRANTED
                                                                       : AUTHZ_DENIED;
}

static const authz_provider role_provider = {check_role, parse_require};

static int has_role(request_rec *r, const char *words)
{
    const regen_app_t *app = app_of(r);
    unsigned roles;
    if (!app || parse_required_roles(words, r->pool, &roles) ||
        regen_staff_principal(r, app) != RG_OK) {
        return 0;
    }
    return (regen_ctx(r, app)->who.roles & roles) != 0;
}

void regen_auth_hooks(apr_pool_t *p)
{
    ap_hook_check_authn(check_authn, NULL, NULL, APR_HOOK_MIDDLE, AP_AUTH_INTERNAL_PER_CONF);
    ap_register_auth_provider(p, AUTHZ_PROVIDER_GROUP, "regen-role", AUTHZ_PROVIDER_VERSION,
                              &role_provider, AP_AUTH_INTERNAL_PER_CONF);
    apr_dynamic_fn_register("regen_has_role", (apr_opt_fn_t *)has_role);
}
