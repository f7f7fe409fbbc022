/* SPDX-License-Identifier: Apache-2.0 */
/* Staff log in and get a session. Passwords are checked outside any transaction, because that takes
 * a tenth of a second on purpose. */
#include "regen/clinic/identity.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/staff.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

#include "mod_regen/clinic/identity/secret.h"

#include <string.h>

#define PASSWORD_MIN 12
#define PASSWORD_MAX 256
#define LOGIN_MAX    64
#define LOGIN_TYPED  512 /* bytes, before it is composed */
/* What zxcvbn calls very unguessable: ten billion guesses. */
#define PASSWORD_BITS 33
#define DEVICE_KEPT   (180 * RG_DAY)

typedef struct {
    const char *login;
    const char *name_of_device; /* its cookie, or NULL */
    rg_staff_t *staff;
    bool right, known, locks;
    unsigned char hash[32];   /* of the session's token, or unused */
    unsigned char device[32]; /* of the device's */
    const char *password_hash;
} rg_login_work_t;

/* Also true for other case and other ways to write an accent, as people type; never for other
 * letters, as the database would say. */
static bool same_login(apr_pool_t *p, const char *a, const char *b)
{
    return strcmp(rg_fold_case(p, a), rg_fold_case(p, b)) == 0;
}

static rg_outcome_t find(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_login_work_t *w = baton;
    rg_outcome_t rc = rg_staff_find(db, ctx, &w->staff, w->login);
    if (rc == RG_OK && (!same_login(ctx->pool, w->staff->login, w->login) || !w->staff->active)) {
        w->staff = NULL;
        rc = RG_NOT_FOUND;
    }
    if (rc == RG_OK && rg_secret_hash(w->device, w->name_of_device)) {
        rc = rg_device_find(db, ctx, &w->known, w->staff->id, w->device, ctx->now - DEVICE_KEPT);
    }
    return rc;
}

static rg_outcome_t find_staff(const rg_ctx_t *ctx, rg_login_work_t *w, const char *login)
{
    if (!login || strlen(login) > LOGIN_TYPED || !rg_text_clean(login, strlen(login))) {
        return RG_NOT_FOUND;
    }
    w->login = rg_text_plain(ctx->pool, login);
    if (w->login[0] == '\0' || rg_text_length(w->login) > LOGIN_MAX) {
        return RG_NOT_FOUND;
    }
    return rg_store_read(ctx, find, w);
}

static rg_principal_t staff_principal(const rg_staff_t *s)
{
    return (rg_principal_t){
        .roles = s->roles, .staff_id = s->id, .resource_id = s->resource_id, .name = s->name};
}

static bool locked(const rg_ctx_t *ctx, const rg_login_work_t *w)
{
    return w->staff && w->staff->locked_until > ctx->now && !w->known;
}

/* The same work whether the login exists or not, so that time does not tell. */
static bool password_right(const rg_ctx_t *ctx, const rg_login_work_t *w, const char *password)
{
    const rg_staff_t *s = w->staff;
    if (strlen(password) > PASSWORD_MAX) {
        password = "";
    }
    if (!s || s->password_hash[0] == '\0' || locked(ctx, w)) {
        return !rg_crypto_password_hash(ctx->pool, password) && false;
    }
    return rg_crypto_password_verify(s->password_hash, password);
}

static rg_outcome_t enter_session(rg_db_t *db, const rg_ctx_t *ctx, rg_login_work_t *w)
{
    const rg_staff_t *s = w->staff;
    rg_outcome_t rc = RG_OK;
    if (s->failures > 0 || s->locked_until > 0) {
        rc = rg_staff_cleared(db, ctx, s->id);
    }
    if (rc == RG_OK) {
        rc = rg_session_put(db, ctx, w->hash, s->id, ctx->now + ctx->policy->session_max);
    }
    if (rc == RG_OK) {
        rc = rg_device_put(db, ctx, s->id, w->device);
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "login", "staff", s->id, NULL) : rc;
}

static rg_outcome_t record_login(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_login_work_t *w = baton;
    if (w->right) {
        return enter_session(db, ctx, w);
    }
    /* Attempts by strangers must not lock the login on its owner's devices, and vice versa. */
    rg_outcome_t rc = w->known ? RG_OK
                               : rg_staff_failed(db, ctx, w->staff->id, ctx->policy->login_failures,
                                                 ctx->now + ctx->policy->login_lock, &w->locks);
    return rc == RG_OK ? rg_audit_add(db, ctx, "login-failed", "staff", w->staff->id, NULL) : rc;
}

/* As forms read what is typed (core/text/form.c), whichever way it came: a keyboard may take
 * letters with accents apart. */
static const char *typed_password(const rg_ctx_t *ctx, const char *password)
{
    bool clean = password && rg_text_clean(password, strlen(password));
    return clean ? rg_text_plain(ctx->pool, password) : "";
}

rg_outcome_t rg_login(rg_login_t *out, const rg_ctx_t *ctx, const rg_login_in_t *in)
{
    rg_login_work_t w = {.name_of_device = in->device};
    rg_outcome_t rc = find_staff(ctx, &w, in->login);
    rg_login_t fresh = {0};
    *out = fresh;
    if (rc != RG_OK && rc != RG_NOT_FOUND) {
        return rc;
    }
    w.right = password_right(ctx, &w, typed_password(ctx, in->password));
    if (!w.staff) {
        return RG_UNAUTHENTICATED;
    }
    if (locked(ctx, &w)) {
        return RG_FORBIDDEN;
    }
    fresh.token = rg_secret_make(ctx, w.hash);
    fresh.device = w.known ? NULL : rg_secret_make(ctx, w.device);
    rg_ctx_t own = *ctx; /* the logged-in person is named in the audit trail */
    if (w.right) {
        own.who = fresh.who = staff_principal(w.staff);
    }
    rc = rg_store_transact(&own, record_login, &w);
    if (rc == RG_OK && w.right) {
        *out = fresh;
        return RG_OK;
    }
    out->locked_staff = rc == RG_OK && w.locks ? w.staff->id : 0;
    return rc == RG_OK ? RG_UNAUTHENTICATED : rc;
}

/* --- a second person -------------------------------------------------------------------------- */

static rg_outcome_t record_second(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const rg_login_work_t *w = baton;
    return w->right ? rg_audit_add(db, ctx, "second-person", "staff", w->staff->id, NULL)
                    : record_login(db, ctx, baton);
}

rg_outcome_t rg_second_person(rg_second_t *out, const rg_ctx_t *ctx, const char *login,
                              const char *password)
{
    rg_login_work_t w = {0};
    rg_outcome_t rc = find_staff(ctx, &w, login);
    *out = (rg_second_t){0};
    if (rc != RG_OK && rc != RG_NOT_FOUND) {
        return rc;
    }
    /* A colleague's session vouches for the place, as a known device does: strangers who lock the
     * login elsewhere stop no treatment. */
    w.known = true;
    w.right = password_right(ctx, &w, typed_password(ctx, password));
    if (!w.staff) {
        return RG_UNAUTHENTICATED;
    }
    rc = rg_store_transact(ctx, record_second, &w);
    if (rc != RG_OK || !w.right) {
        return rc == RG_OK ? RG_UNAUTHENTICATED : rc;
    }
    *out = (rg_second_t){.staff_id = w.staff->id,
                         .resource_id = w.staff->resource_id,
                         .roles = w.staff->roles,
                         .name = w.staff->name};
    return w.staff->id == ctx->who.staff_id ? RG_CONFLICT : RG_OK;
}

rg_outcome_t rg_login_knows(bool *known, const rg_ctx_t *ctx, const char *login, const char *device)
{
    rg_login_work_t w = {.name_of_device = device};
    rg_outcome_t rc = find_staff(ctx, &w, login);
    *known = rc == RG_OK && w.known;
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

rg_outcome_t rg_staff_by_login(rg_principal_t *who, const rg_ctx_t *ctx, const char *login)
{
    rg_login_work_t w = {0};
    rg_outcome_t rc = find_staff(ctx, &w, login);
    if (rc == RG_OK) {
        *who = staff_principal(w.staff);
    }
    return rc == RG_NOT_FOUND ? RG_FORBIDDEN : rc;
}

/* --- passwords -------------------------------------------------------------------------------- */

static rg_outcome_t put_password(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_login_work_t *w = baton;
    rg_outcome_t rc = rg_staff_password_put(db, ctx, w->staff->id, w->password_hash);
    if (rc == RG_OK) {
        rc = rg_session_drop_staff(db, ctx, w->staff->id);
    }
    if (rc == RG_OK) {
        rc = rg_device_drop_staff(db, ctx, w->staff->id);
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "password-set", "staff", w->staff->id, NULL) : rc;
}

rg_outcome_t rg_staff_set_password(const rg_ctx_t *ctx, const char *login, const char *password)
{
    rg_login_work_t w = {0};
    size_t n = password ? strlen(password) : 0;
    bool fits = n <= PASSWORD_MAX && rg_text_clean(password ? password : "", n);
    password = fits && n > 0 ? rg_text_plain(ctx->pool, password) : "";
    if (rg_text_length(password) < PASSWORD_MIN) {
        rg_problem_add(ctx->problems, "password", "The password must have %d to %d characters.",
                       PASSWORD_MIN, PASSWORD_MAX);
        return RG_INVALID;
    }
    rg_outcome_t rc = find_staff(ctx, &w, login);
    if (rc != RG_OK) {
        return rc;
    }
    const char *const hints[] = {w.staff->login, w.staff->name, "clinic", "regen", NULL};
    if (rg_password_bits(password, hints) < PASSWORD_BITS) {
        rg_problem_add(ctx->problems, "password",
                       "This password is easy to guess. Use several unrelated words, or more "
                       "characters without a pattern.");
        return RG_INVALID;
    }
    w.password_hash = rg_crypto_password_hash(ctx->pool, password);
    return w.password_hash ? rg_store_transact(ctx, put_password, &w) : RG_INTERNAL;
}
