/* SPDX-License-Identifier: Apache-2.0 */
/* Staff log in and out. One message for every refusal, which never reveals whether a login exists
 * or is locked. */
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
#include "regen/core/time.h"
#include "regen/core/val.h"

#include <apr_strings.h>

static int login_page(regen_req_t *q, rg_outcome_t outcome, const char *to, const char *login)
{
    rg_val_t *view = rg_val_object(q->r->pool);
    const char *back = regen_way_back(q->base, to);
    rg_val_str(view, "title", "Staff login");
    rg_val_str(view, "to", back ? to : NULL);
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

/* The key of a login's count: the device if this person logged in on it before, otherwise the
 * address. */
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
    if (q->own->device) {
        rc = rg_login_knows(&a->known, q->ctx, a->login, q->own->device);
    }
    a->address = regen_throttle_client(q);
    a->pair = apr_pstrcat(q->r->pool, a->known ? q->own->device : a->address, "|", folded, NULL);
    return rc;
}

/* Counted before the password is checked, so that concurrent requests cannot bypass it. */
static apr_interval_time_t count(regen_req_t *q, const attempt_t *a)
{
    apr_interval_time_t wait = regen_throttle_take(q, REGEN_LIMIT_ONE, a->pair);
    return wait > 0 || a->known ? wait : regen_throttle_take(q, REGEN_LIMIT_LOGIN, a->address);
}

/* A correct password resets the count of wrong ones; a request that was not checked takes back only
 * itself, otherwise a crowd at the gate would reset the count of its own guesses. */
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
    if (!regen_gate_enter(gate, q->own->app->login_wait, a->known)) {
        return RG_UNAVAILABLE;
    }
    rg_outcome_t rc = rg_login(out, q->ctx, &in);
    regen_gate_leave(gate);
    return rc;
}

static int minutes(apr_interval_time_t t)
{
    return (int)((t + RG_MINUTE - 1) / RG_MINUTE);
}

static int too_many_tries(regen_req_t *q, apr_interval_time_t wait, const char *login)
{
    ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, q->r,
                  RGNO(03041) "Login refused: too many failed attempts.");
    regen_throttle_retry(q, wait);
    rg_problem_add(q->ctx->problems, "login",
                   "There were several failed attempts from here. Wait %d minutes and try again, "
                   "or ask an administrator for help.",
                   minutes(wait));
    return login_page(q, RG_TOO_MANY, rg_form_get(q->form, "to"), login);
}

/* Lines for fail2ban and its like: the address, which httpd puts in front, and never what was
 * typed. */
static void log_wrong(regen_req_t *q, int64_t locked)
{
    if (locked > 0) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, q->r,
                      RGNO(03042) "Too many wrong passwords: the login of staff %" APR_INT64_T_FMT
                                  " is locked for %d minutes on new devices.",
                      (apr_int64_t)locked, minutes(q->ctx->policy->login_lock));
    }
    ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, q->r,
                  RGNO(03040) "Login refused: login and password do not match.");
}

static int refused(regen_req_t *q, const char *login, int64_t locked)
{
    log_wrong(q, locked);
    rg_problem_add(q->ctx->problems, "login",
                   "The login or password is wrong, or the login is locked after too many failed "
                   "attempts. Check both, or wait %d minutes.",
                   minutes(q->ctx->policy->login_lock));
    return login_page(q, RG_INVALID, rg_form_get(q->form, "to"), login);
}

static int let_in(regen_req_t *q, const rg_login_t *in)
{
    q->ctx->who = in->who;
    const char *back = regen_way_back(q->base, rg_form_get(q->form, "to"));
    const char *home = (in->who.roles & RG_ROLE_DESK) != 0 ? "/staff" : "/billing";
    if (q->own->staff.session) {
        rg_logout(q->ctx, q->own->staff.session);
    }
    regen_cookie_set(q, REGEN_STAFF_AREA, in->token);
    if (in->device) {
        regen_device_send(q, in->device);
    }
    return regen_redirect(q, "%s", back ? back : home);
}

static int h_login(regen_req_t *q)
{
    attempt_t a = {.login = regen_field(q, "login")};
    rg_login_t in;
    rg_outcome_t rc = look_at_device(q, &a);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    apr_interval_time_t wait = count(q, &a);
    if (wait > 0) {
        return too_many_tries(q, wait, a.login);
    }
    rc = try_login(q, &a, &in);
    if (rc == RG_OK || rc == RG_UNAVAILABLE || rc == RG_INTERNAL) {
        honest(q, &a, rc == RG_OK);
    }
    if (rc == RG_UNAVAILABLE || rc == RG_INTERNAL) {
        return regen_fail(q, rc);
    }
    return rc == RG_OK ? let_in(q, &in) : refused(q, a.login, in.locked_staff);
}

/* --- a second person, with their own password ------------------------------------------------- */

static rg_outcome_t tell_second(regen_req_t *q, rg_outcome_t rc)
{
    if (rc == RG_CONFLICT) {
        rg_problem_add(q->ctx->problems, "second_login",
                       "The second person must be somebody else than you.");
        return RG_INVALID;
    }
    /* Not RG03040, which sysadmins count by address: a colleague mistyped here. */
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, q->r,
                  RGNO(03043) "A second person is not confirmed: login and password do not match.");
    rg_problem_add(q->ctx->problems, "second_login",
                   "The second person's login or password is wrong.");
    return RG_INVALID;
}

static rg_outcome_t ask_second(rg_second_t *out, regen_req_t *q, const attempt_t *a)
{
    regen_gate_t *gate = q->own->app->login_gate;
    if (!regen_gate_enter(gate, q->own->app->login_wait, true)) {
        return RG_UNAVAILABLE;
    }
    rg_outcome_t rc =
        rg_second_person(out, q->ctx, a->login, rg_form_get(q->form, "second_password"));
    regen_gate_leave(gate);
    return rc;
}

rg_outcome_t regen_second(rg_second_t *out, regen_req_t *q)
{
    /* Counted by who asks, not by the address: nobody outside can use up these tries. */
    apr_pool_t *p = q->r->pool;
    attempt_t a = {
        .login = regen_field(q, "second_login"),
        .address = apr_psprintf(p, "second|%" APR_INT64_T_FMT, (apr_int64_t)q->ctx->who.staff_id)};
    *out = (rg_second_t){0};
    if (*a.login == '\0') {
        return RG_OK;
    }
    a.pair = apr_pstrcat(p, a.address, "|", rg_fold_case(p, a.login), NULL);
    apr_interval_time_t wait = count(q, &a);
    if (wait > 0) {
        regen_throttle_retry(q, wait);
        rg_problem_add(q->ctx->problems, "second_login",
                       "You gave a wrong password for a second person several times. Wait %d "
                       "minutes and try again, or ask somebody else.",
                       minutes(wait));
        return RG_TOO_MANY;
    }
    rg_outcome_t rc = ask_second(out, q, &a);
    bool fine = rc == RG_OK || rc == RG_CONFLICT;
    if (fine || rc == RG_UNAVAILABLE || rc == RG_INTERNAL) {
        honest(q, &a, fine);
    }
    return rc == RG_OK || rc == RG_UNAVAILABLE || rc == RG_INTERNAL ? rc : tell_second(q, rc);
}

static int h_logout(regen_req_t *q)
{
    rg_outcome_t rc = RG_OK;
    if (q->own->staff.session) {
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
