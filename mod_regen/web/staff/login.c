/* SPDX-License-Identifier: Apache-2.0 */
/* Staff log in and out. One message for every refusal: it never tells whether a login exists or is
 * locked. */
#include "mod_regen/web/platform/platform.h"
#include "mod_regen/web/http/way_back.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/identity.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/core/val.h"

#include <apr_strings.h>

#define MINUTE (60 * APR_USEC_PER_SEC)

static int login_page(regen_req_t *q, rg_outcome_t outcome, const char *to, const char *login)
{
    rg_val_t *view = rg_val_object(q->r->pool);
    const char *back = regen_way_back(q->base, to);
    rg_val_str(view, "title", "Staff login");
    rg_val_str(view, "to", back != NULL ? to : NULL);
    rg_val_str(view, "login", login);
    rg_val_bool(view, "logged_out", regen_param(q, "out") != NULL);
    return regen_page(q, outcome, "staff/login.html", view);
}

static int h_login_alias(regen_req_t *q)
{
    return regen_redirect(q, "/login");
}

static int h_login_page(regen_req_t *q)
{
    return login_page(q, RG_OK, regen_param(q, "to"), NULL);
}

/* One login as it is counted: by the device when this person logged in there before, by the address
 * otherwise. */
typedef struct {
    const char *login;
    const char *address;
    const char *pair; /* where it comes from and the login */
    bool known;
} attempt_t;

static rg_outcome_t look_at_device(regen_req_t *q, attempt_t *a)
{
    rg_outcome_t rc = RG_OK;
    const char *folded = rg_fold_case(q->r->pool, a->login);
    if (q->own->device != NULL) {
        rc = rg_login_knows(&a->known, q->ctx, a->login, q->own->device);
    }
    a->address = regen_throttle_client(q);
    a->pair = apr_pstrcat(q->r->pool, a->known ? q->own->device : a->address, "|", folded, NULL);
    return rc;
}

/* Counted before the password is looked at, so that many at once do not get around it. */
static apr_interval_time_t count(regen_req_t *q, const attempt_t *a)
{
    apr_interval_time_t wait = regen_throttle_take(q, REGEN_LIMIT_ONE, a->pair);
    return wait > 0 || a->known ? wait : regen_throttle_take(q, REGEN_LIMIT_LOGIN, a->address);
}

/* A right password forgives the wrong ones before it; one that was not looked at takes back itself
 * alone, or a crowd at the gate would forgive its own guesses. */
static void honest(regen_req_t *q, const attempt_t *a, bool right)
{
    regen_throttle_give_back(q, REGEN_LIMIT_ONE, a->pair, right ? 0 : 1);
    if (!a->known) {
        regen_throttle_give_back(q, REGEN_LIMIT_LOGIN, a->address, 1);
    }
}

static rg_outcome_t try_login(regen_req_t *q, const attempt_t *a, rg_login_t *out)
{
    rg_login_in_t in = {
        .login = a->login, .password = rg_form_get(q->form, "password"), .device = q->own->device};
    regen_gate_t *gate = q->own->app->login_gate;
    rg_outcome_t rc;
    if (!regen_gate_enter(gate, q->own->app->login_wait, a->known)) {
        return RG_UNAVAILABLE;
    }
    rc = rg_login(out, q->ctx, &in);
    regen_gate_leave(gate);
    return rc;
}

static int minutes(apr_interval_time_t t)
{
    return (int)((t + MINUTE - 1) / MINUTE);
}

static int too_many(regen_req_t *q, apr_interval_time_t wait, const char *login)
{
    ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, q->r, RGNO(03041) "login refused: too many tries");
    regen_throttle_retry(q, wait);
    rg_problem_add(
        q->ctx->problems, "login",
        "There were several wrong tries from here. Wait %d minutes and try again, or ask "
        "an administrator for help.",
        minutes(wait));
    return login_page(q, RG_TOO_MANY, rg_form_get(q->form, "to"), login);
}

/* Lines for fail2ban and its like: the address, which httpd puts in front, and never what was
 * typed. */
static int refused(regen_req_t *q, const char *login, int64_t locked)
{
    if (locked > 0) {
        ap_log_rerror(
            APLOG_MARK, APLOG_WARNING, 0, q->r,
            RGNO(03042) "this was one wrong password too many: the login of staff %" APR_INT64_T_FMT
                        " is locked for %d minutes on new devices",
            (apr_int64_t)locked, minutes(q->ctx->policy->login_lock));
    }
    ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, q->r,
                  RGNO(03040) "login refused: login and password do not belong together");
    rg_problem_add(q->ctx->problems, "login",
                   "This login or password is wrong, or the login is locked after many wrong "
                   "tries. Check both, or wait %d minutes.",
                   minutes(q->ctx->policy->login_lock));
    return login_page(q, RG_INVALID, rg_form_get(q->form, "to"), login);
}

static int enter(regen_req_t *q, const rg_login_t *in)
{
    const char *back = regen_way_back(q->base, rg_form_get(q->form, "to"));
    const char *home = (q->ctx->who.roles & RG_ROLE_DESK) != 0 ? "/staff" : "/billing";
    if (q->own->staff.session != NULL) {
        rg_logout(q->ctx, q->own->staff.session);
    }
    regen_cookie_set(q, REGEN_STAFF_AREA, in->token);
    if (in->device != NULL) {
        regen_device_send(q, in->device);
    }
    return regen_redirect(q, "%s", back != NULL ? back : home);
}

static int h_login(regen_req_t *q)
{
    attempt_t a = {.login = regen_field(q, "login")};
    apr_interval_time_t wait;
    rg_login_t in;
    rg_outcome_t rc = look_at_device(q, &a);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    wait = count(q, &a);
    if (wait > 0) {
        return too_many(q, wait, a.login);
    }
    rc = try_login(q, &a, &in);
    if (rc == RG_OK || rc == RG_UNAVAILABLE || rc == RG_INTERNAL) {
        honest(q, &a, rc == RG_OK);
    }
    if (rc == RG_UNAVAILABLE || rc == RG_INTERNAL) {
        return regen_fail(q, rc);
    }
    return rc == RG_OK ? enter(q, &in) : refused(q, a.login, in.locked_staff);
}

static int h_logout(regen_req_t *q)
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

const regen_route_t regen_routes_login[] = {
    {"GET", "/login", 0, 0, 0, 0, h_login_page},
    /* Outside /staff, so that a sysadmin may put a Require line around that. */
    {"GET", "/staff/login", 0, 0, 0, REGEN_NO_DB, h_login_alias},
    {"POST", "/login", 0, 8 * KIB, REGEN_FORM, REGEN_NO_IDEM, h_login},
    {"POST", "/logout", RG_ROLE_STAFF, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA | REGEN_NO_IDEM,
     h_logout},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
