/* SPDX-License-Identifier: Apache-2.0 */
/* Bearer tokens of machines: made and revoked by regenctl, resolved for every FHIR request. */
#include "mod_regen/clinic/secret.h"

#include "regen/clinic.h"
#include "regen/store.h"

#include <apr_lib.h>
#include <string.h>

#define NAME_MAX_CHARS 80
#define SCOPES_MAX     255
#define DAYS_MAX       3650
#define DAY            (86400 * APR_USEC_PER_SEC)

typedef struct {
    unsigned char hash[32];
    const char *name, *scopes;
    apr_time_t expires;
    rg_principal_t who;
    int64_t id;
} rg_token_work_t;

/* Not SMART's, but ours: also what others made. */
#define ALL "regen/all"

static bool is_word(const char *s, size_t n, const char *word)
{
    return n == strlen(word) && strncmp(s, word, n) == 0;
}

static bool has_word(const char *scopes, const char *word)
{
    while (scopes != NULL && *scopes != '\0') {
        size_t n = strcspn(scopes, " ");
        if (is_word(scopes, n, word)) {
            return true;
        }
        scopes += n + strspn(scopes + n, " ");
    }
    return false;
}

static rg_outcome_t find(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    rg_token_work_t *w = baton;
    return rg_token_find(db, ctx, &w->who, w->hash);
}

rg_outcome_t rg_token_resolve(rg_principal_t *who, rg_ctx_t *ctx, const char *bearer)
{
    rg_token_work_t w = {0};
    rg_outcome_t rc;
    if (!rg_secret_hash(w.hash, bearer)) {
        return RG_UNAUTHENTICATED;
    }
    rc = rg_store_read(ctx, find, &w);
    if (rc == RG_OK) {
        *who = w.who;
        who->others = has_word(who->scopes, ALL);
    }
    return rc == RG_NOT_FOUND ? RG_UNAUTHENTICATED : rc;
}

/* v1's words as v2's letters. */
static bool rights_hold(const char *s, size_t n, char letter)
{
    if (n == 1 && *s == '*') {
        return true;
    }
    if (n == 4 && strncmp(s, "read", 4) == 0) {
        return letter == 'r' || letter == 's';
    }
    if (n == 5 && strncmp(s, "write", 5) == 0) {
        return letter == 'c' || letter == 'u' || letter == 'd';
    }
    return n > 0 && strspn(s, "cruds") >= n && memchr(s, letter, n) != NULL;
}

static bool scope_fits(const char *scope, size_t n, const char *type, char letter)
{
    size_t len = strlen(type);
    const char *end = scope + n;
    const char *s = scope + 7;
    if (n < 9 || strncmp(scope, "system/", 7) != 0) {
        return false;
    }
    if (*s == '*' && s[1] == '.') {
        s += 2;
    }
    else if ((size_t)(end - s) > len && strncmp(s, type, len) == 0 && s[len] == '.') {
        s += len + 1;
    }
    else {
        return false;
    }
    return rights_hold(s, (size_t)(end - s), letter);
}

bool rg_scope_permits(const char *scopes, const char *type, char letter)
{
    while (scopes != NULL && *scopes != '\0') {
        size_t n = strcspn(scopes, " ");
        if (scope_fits(scopes, n, type, letter)) {
            return true;
        }
        scopes += n + strspn(scopes + n, " ");
    }
    return false;
}

rg_outcome_t rg_machine_may(const rg_ctx_t *ctx, const char *type, char letter)
{
    bool machine = (ctx->who.roles & RG_ROLE_MACHINE) != 0;
    return machine && rg_scope_permits(ctx->who.scopes, type, letter) ? RG_OK : RG_FORBIDDEN;
}

bool rg_scope_allows(const char *scopes, const char *type, bool write)
{
    return rg_scope_permits(scopes, type, write ? 'c' : 'r');
}

/* One SMART scope: system/Claim.read, system/Claim.rs, a star for the type or for what may be
 * done. */
static bool scope_valid(const char *s, size_t n)
{
    const char *dot = memchr(s, '.', n);
    const char *type = s + 7;
    size_t rest;
    if (n < 10 || strncmp(s, "system/", 7) != 0 || dot == NULL || dot == type) {
        return false;
    }
    if (!(dot == type + 1 && *type == '*')) {
        for (; type < dot; type++) {
            if (!apr_isalpha(*type)) {
                return false;
            }
        }
    }
    rest = n - (size_t)(dot + 1 - s);
    return (rest == 1 && dot[1] == '*') || (rest == 4 && strncmp(dot + 1, "read", 4) == 0) ||
           (rest == 5 && strncmp(dot + 1, "write", 5) == 0) ||
           (rest > 0 && rest <= 5 && strspn(dot + 1, "cruds") >= rest);
}

static bool scopes_valid(const char *s)
{
    size_t len = s != NULL ? strlen(s) : 0;
    if (len == 0 || len > SCOPES_MAX) {
        return false;
    }
    while (*s != '\0') {
        size_t n = strcspn(s, " ");
        bool known = scope_valid(s, n) || is_word(s, n, ALL);
        if (!known || (s[n] == ' ' && s[n + 1] == '\0')) {
            return false;
        }
        s += n + (s[n] == ' ' ? 1 : 0);
    }
    return true;
}

static bool in_valid(rg_ctx_t *ctx, const char *name, const char *scopes, int days)
{
    size_t n = name != NULL ? strlen(name) : 0;
    bool name_ok = n > 0 && rg_text_clean(name, n) && rg_text_length(name) <= NAME_MAX_CHARS;
    bool scopes_ok = scopes_valid(scopes);
    bool days_ok = days >= 0 && days <= DAYS_MAX;
    if (!name_ok) {
        rg_problem_add(ctx->problems, "name", "The name must have 1 to %d characters.",
                       NAME_MAX_CHARS);
    }
    if (!scopes_ok) {
        rg_problem_add(ctx->problems, "scopes",
                       "Scopes must be SMART scopes separated by blanks, such as "
                       "system/Claim.read or system/*.rs; regen/all adds what others made.");
    }
    if (!days_ok) {
        rg_problem_add(ctx->problems, "days", "Days must be 0 (for ever) to %d.", DAYS_MAX);
    }
    return name_ok && scopes_ok && days_ok;
}

static rg_outcome_t create(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    rg_token_work_t *w = baton;
    rg_outcome_t rc = rg_token_named(db, ctx, w->name, &w->id);
    if (rc != RG_NOT_FOUND) {
        return rc == RG_OK ? RG_CONFLICT : rc;
    }
    rc = rg_token_put(db, ctx, w->hash, w->name, w->scopes, w->expires, &w->id);
    return rc == RG_OK ? rg_audit_add(db, ctx, "token-create", "api_token", w->id, w->scopes) : rc;
}

rg_outcome_t rg_token_create(const char **bearer, rg_ctx_t *ctx, const char *name,
                             const char *scopes, int days)
{
    rg_token_work_t w = {.name = name, .scopes = scopes};
    const char *fresh;
    rg_outcome_t rc;
    *bearer = NULL;
    if (!in_valid(ctx, name, scopes, days)) {
        return RG_INVALID;
    }
    w.expires = days > 0 ? ctx->now + days * DAY : 0;
    fresh = rg_secret_make(ctx, w.hash);
    rc = rg_store_transact(ctx, create, &w);
    if (rc == RG_OK) {
        *bearer = fresh;
    }
    else if (rc == RG_CONFLICT) {
        rg_problem_add(ctx->problems, "name", "There is a token of that name: revoke it first.");
    }
    return rc;
}

static rg_outcome_t end_named(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    rg_token_work_t *w = baton;
    rg_outcome_t rc = rg_token_named(db, ctx, w->name, &w->id);
    if (rc == RG_OK) {
        rc = rg_token_end(db, ctx, w->id);
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "token-revoke", "api_token", w->id, NULL) : rc;
}

rg_outcome_t rg_token_revoke(rg_ctx_t *ctx, const char *name)
{
    rg_token_work_t w = {.name = name};
    return name != NULL ? rg_store_transact(ctx, end_named, &w) : RG_NOT_FOUND;
}
