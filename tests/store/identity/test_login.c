/* SPDX-License-Identifier: Apache-2.0 */
/* Logins, locks, sessions and tokens against a real database: clinic/identity/login.c, identity/session.c,
 * token.c. */
#include "store_test.h"
#include "regen/clinic/identity.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

#define MINUTE   (60 * APR_USEC_PER_SEC)
#define HOUR     (60 * MINUTE)
#define PASSWORD "correct horse battery"

static int setup(void **state)
{
    if (store_test_setup(state) != 0) {
        return -1;
    }
    store_test_t *t = *state;
    t->policy.session_idle = 20 * MINUTE;
    t->policy.session_max = 10 * HOUR;
    t->policy.patient_session_max = 12 * HOUR;
    t->policy.login_failures = 3;
    t->policy.login_lock = 15 * MINUTE;
    store_test_exec(t, "INSERT INTO staff (id, login, name) VALUES (1, 'ann', 'Ann'),"
                       " (2, 'bob', 'Bob'), (3, 'basic', 'Basic'), (4, 'gone', 'Gone')");
    store_test_exec(t, "UPDATE staff SET active = 0 WHERE id = 4");
    store_test_exec(t, "INSERT INTO staff_role VALUES (1, 'billing'), (1, 'admin'),"
                       " (2, 'front-desk'), (4, 'admin')");
    rg_ctx_t *ctx = store_test_ctx(t);
    assert_int_equal(rg_staff_set_password(ctx, "ann", PASSWORD), RG_OK);
    assert_int_equal(rg_staff_set_password(ctx, "bob", PASSWORD), RG_OK);
    store_test_exec(t, "UPDATE staff SET password_hash = (SELECT password_hash FROM"
                       " (SELECT * FROM staff) s WHERE id = 1) WHERE id = 4");
    store_test_done(ctx);
    return 0;
}

static rg_outcome_t login_on(store_test_t *t, const char *login, const char *password,
                             apr_interval_time_t later, const char **token, const char *device,
                             const char **new_device)
{
    rg_ctx_t *ctx = store_test_ctx(t);
    rg_login_in_t in = {.login = login, .password = password, .device = device};
    rg_login_t fresh;
    ctx->now += later;
    rg_outcome_t rc = rg_login(&fresh, ctx, &in);
    if (rc == RG_OK) {
        assert_int_equal(strlen(fresh.token), 43);
        assert_true(fresh.who.staff_id > 0);
        if (token) {
            *token = apr_pstrdup(t->pool, fresh.token);
        }
        if (new_device) {
            *new_device = fresh.device ? apr_pstrdup(t->pool, fresh.device) : NULL;
        }
    }
    else {
        assert_null(fresh.token);
        assert_null(fresh.device);
        assert_int_equal(fresh.who.staff_id, 0);
        assert_int_equal(fresh.who.roles, 0);
    }
    assert_int_equal(ctx->who.staff_id, 0);
    store_test_done(ctx);
    return rc;
}

static rg_outcome_t login_at(store_test_t *t, const char *login, const char *password,
                             apr_interval_time_t later, const char **token)
{
    return login_on(t, login, password, later, token, NULL, NULL);
}

static rg_outcome_t resolve_at(store_test_t *t, const char *token, apr_interval_time_t later,
                               rg_principal_t *who)
{
    rg_ctx_t *ctx = store_test_ctx(t);
    *who = (rg_principal_t){0};
    ctx->now += later;
    rg_outcome_t rc = rg_session_resolve(who, ctx, token);
    if (who->name) {
        who->name = apr_pstrdup(t->pool, who->name);
    }
    store_test_done(ctx);
    return rc;
}

static void logs_in_and_out(void **state)
{
    store_test_t *t = *state;
    rg_principal_t who;
    const char *token = NULL;
    assert_int_equal(login_at(t, "ann", PASSWORD, 0, &token), RG_OK);
    assert_int_equal(resolve_at(t, token, MINUTE, &who), RG_OK);
    assert_int_equal(who.staff_id, 1);
    assert_int_equal(who.roles, RG_ROLE_BILLING | RG_ROLE_ADMIN);
    assert_string_equal(who.name, "Ann");
    /* Only the hash is stored. */
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM session WHERE HEX(token_hash) ="
                                         " SHA2('x', 256)"),
                     0);
    rg_ctx_t *ctx = store_test_ctx(t);
    assert_int_equal(rg_logout(ctx, token), RG_OK);
    assert_int_equal(rg_logout(ctx, token), RG_OK);
    store_test_done(ctx);
    assert_int_equal(resolve_at(t, token, MINUTE, &who), RG_UNAUTHENTICATED);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE action = 'logout'"
                                         " AND entity = 'staff' AND entity_id = 1"),
                     1);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE action = 'login'"
                                         " AND actor = 'staff:1'"),
                     1);
}

static void refuses_others(void **state)
{
    store_test_t *t = *state;
    rg_principal_t who;
    assert_int_equal(login_at(t, "nobody", PASSWORD, 0, NULL), RG_UNAUTHENTICATED);
    assert_int_equal(login_at(t, "", "", 0, NULL), RG_UNAUTHENTICATED);
    assert_int_equal(login_at(t, "basic", "", 0, NULL), RG_UNAUTHENTICATED);
    assert_int_equal(login_at(t, "gone", PASSWORD, 0, NULL), RG_UNAUTHENTICATED);
    /* The database's collation says yes to this one. */
    assert_int_equal(login_at(t, "\xc3\xa1nn", PASSWORD, 0, NULL), RG_UNAUTHENTICATED);
    assert_int_equal(login_at(t, "ann' OR '1'='1", PASSWORD, 0, NULL), RG_UNAUTHENTICATED);
    assert_int_equal(login_at(t, "ANN", PASSWORD, 0, NULL), RG_OK);
    assert_int_equal(resolve_at(t, "", 0, &who), RG_UNAUTHENTICATED);
    assert_int_equal(resolve_at(t, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 0, &who),
                     RG_UNAUTHENTICATED);
}

static void locks_after_wrong_passwords(void **state)
{
    store_test_t *t = *state;
    assert_int_equal(login_at(t, "bob", "wrong", 0, NULL), RG_UNAUTHENTICATED);
    assert_int_equal(login_at(t, "bob", "wrong", 0, NULL), RG_UNAUTHENTICATED);
    /* Two are forgiven by the right one. */
    assert_int_equal(login_at(t, "bob", PASSWORD, 0, NULL), RG_OK);
    assert_int_equal(login_at(t, "bob", "wrong", 0, NULL), RG_UNAUTHENTICATED);
    assert_int_equal(login_at(t, "bob", "wrong", 0, NULL), RG_UNAUTHENTICATED);
    assert_int_equal(login_at(t, "bob", "wrong", 0, NULL), RG_UNAUTHENTICATED);
    assert_int_equal(login_at(t, "bob", PASSWORD, 0, NULL), RG_FORBIDDEN);
    assert_int_equal(login_at(t, "bob", PASSWORD, 14 * MINUTE, NULL), RG_FORBIDDEN);
    /* Afterwards there are three tries again, not one. */
    assert_int_equal(login_at(t, "bob", "wrong", 16 * MINUTE, NULL), RG_UNAUTHENTICATED);
    assert_int_equal(login_at(t, "bob", PASSWORD, 16 * MINUTE, NULL), RG_OK);
    assert_int_equal(store_test_value(t, "SELECT failures + locked_until FROM staff WHERE id = 2"),
                     0);
}

/* What strangers try elsewhere does not lock a person out where they logged in before. */
static void knows_the_devices_of_its_people(void **state)
{
    store_test_t *t = *state;
    const char *device = NULL;
    const char *again = "";
    const char *other = NULL;
    bool known = false;
    assert_int_equal(login_on(t, "ann", PASSWORD, 0, NULL, NULL, &device), RG_OK);
    assert_non_null(device);
    for (int i = 0; i < 4; i++) {
        (void)login_at(t, "ann", "wrong", 0, NULL);
    }
    assert_int_equal(login_at(t, "ann", PASSWORD, 0, NULL), RG_FORBIDDEN);
    assert_int_equal(login_on(t, "ann", "wrong", 0, NULL, device, NULL), RG_UNAUTHENTICATED);
    assert_int_equal(login_on(t, "ann", PASSWORD, 0, NULL, device, &again), RG_OK);
    assert_null(again);
    /* Not with a device that nobody gave out, nor with somebody else's. */
    assert_int_equal(login_on(t, "bob", PASSWORD, 0, NULL, NULL, &other), RG_OK);
    for (int i = 0; i < 4; i++) {
        (void)login_at(t, "ann", "wrong", 0, NULL);
    }
    assert_int_equal(login_on(t, "ann", PASSWORD, 0, NULL, other, NULL), RG_FORBIDDEN);
    assert_int_equal(
        login_on(t, "ann", PASSWORD, 0, NULL, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", NULL),
        RG_FORBIDDEN);
    /* For half a year, and until the password is set again. */
    rg_ctx_t *ctx = store_test_ctx(t);
    assert_int_equal(rg_login_knows(&known, ctx, "ANN", device), RG_OK);
    assert_true(known);
    ctx->now += 181 * 24 * HOUR;
    assert_int_equal(rg_login_knows(&known, ctx, "ann", device), RG_OK);
    assert_false(known);
    ctx->now -= 181 * 24 * HOUR;
    assert_int_equal(rg_staff_set_password(ctx, "ann", PASSWORD), RG_OK);
    assert_int_equal(rg_login_knows(&known, ctx, "ann", device), RG_OK);
    assert_false(known);
    store_test_done(ctx);
}

static void ends_idle_and_old_sessions(void **state)
{
    store_test_t *t = *state;
    rg_principal_t who;
    const char *token = NULL;
    apr_interval_time_t at;
    assert_int_equal(login_at(t, "ann", PASSWORD, 0, &token), RG_OK);
    assert_int_equal(resolve_at(t, token, 19 * MINUTE, &who), RG_OK);
    assert_int_equal(resolve_at(t, token, 38 * MINUTE, &who), RG_OK);
    assert_int_equal(resolve_at(t, token, 58 * MINUTE, &who), RG_UNAUTHENTICATED);
    assert_int_equal(who.staff_id, 0);
    assert_int_equal(login_at(t, "ann", PASSWORD, 0, &token), RG_OK);
    for (at = 0; at < 10 * HOUR; at += 10 * MINUTE) {
        assert_int_equal(resolve_at(t, token, at, &who), RG_OK);
    }
    assert_int_equal(resolve_at(t, token, 10 * HOUR, &who), RG_UNAUTHENTICATED);
}

static void ends_with_the_person(void **state)
{
    store_test_t *t = *state;
    rg_principal_t who;
    const char *token = NULL;
    rg_ctx_t *ctx = store_test_ctx(t);
    assert_int_equal(login_at(t, "bob", PASSWORD, 0, &token), RG_OK);
    store_test_exec(t, "UPDATE staff SET active = 0 WHERE id = 2");
    assert_int_equal(resolve_at(t, token, 0, &who), RG_UNAUTHENTICATED);
    store_test_exec(t, "UPDATE staff SET active = 1 WHERE id = 2");
    assert_int_equal(resolve_at(t, token, 0, &who), RG_OK);
    assert_int_equal(rg_staff_set_password(ctx, "bob", PASSWORD), RG_OK);
    assert_int_equal(resolve_at(t, token, 0, &who), RG_UNAUTHENTICATED);
    store_test_done(ctx);
}

static void keeps_passwords_decent(void **state)
{
    static const char *const bad[] = {
        "elevenchars",  "password1234",  "aaaaaaaaaaaa",    "123456789012",   "qwertyuiop12",
        "abcabcabcabc", "letmein12345",  "bob bob bob bob", "adminadmin12",   "P@ssw0rd2026",
        "Summer2026!!", "clinicclinic1", "iloveyou1234",    "hellohellohello"};
    rg_ctx_t *ctx = store_test_ctx(*state);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (rg_staff_set_password(ctx, "bob", bad[i]) != RG_INVALID) {
            fail_msg("'%s' was taken as a password", bad[i]);
        }
    }
    assert_non_null(rg_problem_for(ctx->problems, "password"));
    assert_int_equal(rg_staff_set_password(ctx, "bob", "zebra-lamp-42-tin"), RG_OK);
    assert_int_equal(rg_staff_set_password(ctx, "bob", PASSWORD), RG_OK);
    assert_int_equal(rg_staff_set_password(ctx, "nobody", PASSWORD), RG_NOT_FOUND);
    store_test_done(ctx);
}

static void knows_staff_that_httpd_let_in(void **state)
{
    rg_ctx_t *ctx = store_test_ctx(*state);
    rg_principal_t who = {0};
    assert_int_equal(rg_staff_by_login(&who, ctx, "basic"), RG_OK);
    assert_int_equal(who.staff_id, 3);
    assert_int_equal(who.roles, 0);
    assert_int_equal(rg_staff_by_login(&who, ctx, "Ann"), RG_OK);
    assert_int_equal(who.staff_id, 1);
    assert_int_equal(rg_staff_by_login(&who, ctx, "gone"), RG_FORBIDDEN);
    assert_int_equal(rg_staff_by_login(&who, ctx, "\xc3\xa1nn"), RG_FORBIDDEN);
    assert_int_equal(rg_staff_by_login(&who, ctx, "nobody"), RG_FORBIDDEN);
    store_test_done(ctx);
}

static void makes_and_ends_tokens(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = store_test_ctx(t);
    rg_principal_t who = {0};
    const char *bearer;
    const char *other;
    assert_int_equal(rg_token_create(&bearer, ctx, "lab", "system/Claim.read system/*.rs", 2),
                     RG_OK);
    assert_int_equal(rg_token_create(&other, ctx, "lab", "system/Claim.read", 2), RG_CONFLICT);
    assert_int_equal(rg_token_resolve(&who, ctx, bearer), RG_OK);
    assert_int_equal(who.roles, RG_ROLE_MACHINE);
    assert_string_equal(who.scopes, "system/Claim.read system/*.rs");
    assert_true(who.token_id > 0);
    ctx->now += 2 * 24 * HOUR;
    assert_int_equal(rg_token_resolve(&who, ctx, bearer), RG_UNAUTHENTICATED);
    /* Expired is as good as revoked: the name is free. */
    assert_int_equal(rg_token_create(&other, ctx, "lab", "system/Claim.read", 0), RG_OK);
    assert_int_equal(rg_token_resolve(&who, ctx, other), RG_OK);
    assert_int_equal(rg_token_revoke(ctx, "lab"), RG_OK);
    assert_int_equal(rg_token_resolve(&who, ctx, other), RG_UNAUTHENTICATED);
    assert_int_equal(rg_token_revoke(ctx, "lab"), RG_NOT_FOUND);
    assert_int_equal(rg_token_resolve(&who, ctx, "short"), RG_UNAUTHENTICATED);
    store_test_done(ctx);
}

static void refuses_odd_scopes(void **state)
{
    static const char *const bad[] = {"",
                                      "claims:read",
                                      "system/Claim",
                                      "system/.rs",
                                      "system/Claim.reads",
                                      "user/Claim.read",
                                      "system/C1.read",
                                      "system/Claim.read ",
                                      " system/Claim.read",
                                      "system/Claim.xyz",
                                      "system/**.read"};
    rg_ctx_t *ctx = store_test_ctx(*state);
    const char *bearer;
    size_t i;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (rg_token_create(&bearer, ctx, "odd", bad[i], 1) != RG_INVALID) {
            fail_msg("'%s' was taken as a scope", bad[i]);
        }
    }
    assert_int_equal(rg_token_create(&bearer, ctx, "odd", "system/*.*", -1), RG_INVALID);
    assert_int_equal(rg_token_create(&bearer, ctx, "", "system/*.*", 1), RG_INVALID);
    store_test_done(ctx);
}

static void sweeps_what_is_past(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = store_test_ctx(t);
    int gone = 0;
    store_test_exec(t, "DELETE FROM session");
    store_test_exec(t, "DELETE FROM idempotency");
    assert_int_equal(login_at(t, "ann", PASSWORD, -30 * MINUTE, NULL), RG_OK);
    assert_int_equal(login_at(t, "ann", PASSWORD, -5 * MINUTE, NULL), RG_OK);
    store_test_exec(t, "INSERT INTO visitor_session (token_hash, created_at, expires_at) VALUES"
                       " (REPEAT('a', 32), 0, 1), (REPEAT('b', 32), 0, 99999999999)");
    store_test_exec(t, "INSERT INTO idempotency (key_hash, request_hash, result, created_at)"
                       " VALUES (REPEAT('a', 32), REPEAT('a', 32), '', 0),"
                       " (REPEAT('b', 32), REPEAT('a', 32), '', 99999999999)");
    assert_int_equal(rg_login_sweep(&gone, ctx, 1), RG_OK);
    assert_int_equal(gone, 3);
    assert_int_equal(rg_login_sweep(&gone, ctx, 100), RG_OK);
    assert_int_equal(gone, 0);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM session"), 1);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM visitor_session"), 1);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM idempotency"), 1);
    store_test_done(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(logs_in_and_out),
                                       cmocka_unit_test(refuses_others),
                                       cmocka_unit_test(locks_after_wrong_passwords),
                                       cmocka_unit_test(knows_the_devices_of_its_people),
                                       cmocka_unit_test(ends_idle_and_old_sessions),
                                       cmocka_unit_test(ends_with_the_person),
                                       cmocka_unit_test(keeps_passwords_decent),
                                       cmocka_unit_test(knows_staff_that_httpd_let_in),
                                       cmocka_unit_test(makes_and_ends_tokens),
                                       cmocka_unit_test(refuses_odd_scopes),
                                       cmocka_unit_test(sweeps_what_is_past)};
    return cmocka_run_group_tests(tests, setup, store_test_teardown);
}
