/* SPDX-License-Identifier: Apache-2.0 */
/* SMART scopes of API clients: which are valid, and what each allows. */
#include "mod_regen/clinic/identity/scope.h"
#include "regen/clinic/identity.h"

#include <apr_lib.h>
#include <string.h>

#define SCOPES_MAX 255

/* Not SMART's, but ours: also what others made. */
#define ALL "regen/all"

static bool is_scope_word(const char *s, size_t n, const char *word)
{
    return n == strlen(word) && strncmp(s, word, n) == 0;
}

static bool has_word(const char *scopes, const char *word)
{
    while (scopes && *scopes != '\0') {
        size_t n = strcspn(scopes, " ");
        if (is_scope_word(scopes, n, word)) {
            return true;
        }
        scopes += n + strspn(scopes + n, " ");
    }
    return false;
}

bool rg_scopes_all(const char *scopes)
{
    return has_word(scopes, ALL);
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
    return n > 0 && strspn(s, "cruds") >= n && memchr(s, letter, n);
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
    while (scopes && *scopes != '\0') {
        size_t n = strcspn(scopes, " ");
        if (scope_fits(scopes, n, type, letter)) {
            return true;
        }
        scopes += n + strspn(scopes + n, " ");
    }
    return false;
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
    if (n < 10 || strncmp(s, "system/", 7) != 0 || !dot || dot == type) {
        return false;
    }
    if (!(dot == type + 1 && *type == '*')) {
        for (; type < dot; type++) {
            if (!apr_isalpha(*type)) {
                return false;
            }
        }
    }
    size_t rest = n - (size_t)(dot + 1 - s);
    return (rest == 1 && dot[1] == '*') || (rest == 4 && strncmp(dot + 1, "read", 4) == 0) ||
           (rest == 5 && strncmp(dot + 1, "write", 5) == 0) ||
           (rest > 0 && rest <= 5 && strspn(dot + 1, "cruds") >= rest);
}

bool rg_scopes_valid(const char *s)
{
    size_t len = s ? strlen(s) : 0;
    if (len == 0 || len > SCOPES_MAX) {
        return false;
    }
    while (*s != '\0') {
        size_t n = strcspn(s, " ");
        bool known = scope_valid(s, n) || is_scope_word(s, n, ALL);
        if (!known || (s[n] == ' ' && s[n + 1] == '\0')) {
            return false;
        }
        s += n + (s[n] == ' ' ? 1 : 0);
    }
    return true;
}
