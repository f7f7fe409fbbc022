/* SPDX-License-Identifier: Apache-2.0 */
/* Staff log in and out. One message for every refusal: it never tells whether a login exists or is
 * locked. */
#include "platform.h"

#include <apr_strings.h>
#include <string.h>

#define MINUTE (60 * APR_USEC_PER_SEC)

/* Only a path of our own, without tricks: "/clinic/staff?date=…", never "//elsewhere". NULL:
 * none. */
static const char *way_back(const regen_req_t *q, const char *to)
{
    size_t n = strlen(q->base);
    size_t len = to != NULL ? strlen(to) : 0;
    if (len == 0 || len > 1024 || strncmp(to, q->base, n) != 0 || to[n] != '/') {
        return NULL;
    }
    if (strspn(to, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/?=&%+") !=
            len ||
        strstr(to, "//") != NULL || strstr(to, "/.") != NULL) {
        return NULL;
    }
    return to + n;
}

static int login_page(regen_req_t *q, rg_outcome_t outcome, const char *to, const char *login)
{
    rg_val_t *view = rg_val_object(q->r->pool);
    const char *back = way_back(q, to);
    rg_val_str(view, "title", "Staff login");
    rg_val_str(view, "to", back != NULL ? to : NULL);
    rg_val_str(view, "login", login);
    rg_val_bool(view, "logged_out", regen_param(q, "out") != NULL);
    return regen_page(q, outcome, "login.html", view);
}

int regen_h_login_alias(regen_req_t *q)
{
    return regen_redirect(q, "/login");
}

int regen_h_login_page(regen_req_t *q)
{
    return login_page(q, RG_OK, regen_param(q, "to"), NULL);
}

static rg_outcome_t try_login(regen_req_t *q, const char **token)
{
    const char *password = rg_form_get(q->form, "password");
    regen_gate_t *gate = q->own->app->login_gate;
    rg_outcome_t rc;
    if (!regen_gate_enter(gate, q->own->app->login_wait)) {
        return RG_UNAVAILABLE;
    }
    rc = rg_login(token, q->ctx, regen_field(q, "login"), password != NULL ? password : "");
    regen_gate_leave(gate);
    return rc;
}

int regen_h_login(regen_req_t *q)
{
    const char *to = rg_form_get(q->form, "to");
    const char *back = way_back(q, to);
    const char *token = NULL;
    rg_outcome_t rc = try_login(q, &token);
    if (rc == RG_UNAVAILABLE || rc == RG_INTERNAL) {
        return regen_fail(q, rc);
    }
    if (rc != RG_OK) {
        rg_problem_add(
            q->ctx->problems, "login",
            "This login and password do not belong together, or the login is locked after "
            "several wrong tries. Check both, or wait %d minutes.",
            (int)((q->ctx->policy->login_lock + MINUTE - 1) / MINUTE));
        return login_page(q, RG_INVALID, to, regen_field(q, "login"));
    }
    if (q->own->staff.session != NULL) {
        rg_logout(q->ctx, q->own->staff.session);
    }
    regen_cookie_set(q, REGEN_STAFF_AREA, token);
    return regen_redirect(q, "%s", back != NULL ? back : "/staff");
}

int regen_h_logout(regen_req_t *q)
{
    rg_outcome_t rc = RG_OK;
    if (q->own->staff.session != NULL) {
        rc = rg_logout(q->ctx, q->own->staff.session);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    regen_cookie_set(q, REGEN_STAFF_AREA, NULL);
    return regen_redirect(q, "/login?out=1");
}
