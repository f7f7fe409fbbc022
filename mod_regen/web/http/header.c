/* SPDX-License-Identifier: Apache-2.0 */
/* Values of request headers: cookies, Idempotency-Key, Authorization, Prefer. */
#include "header.h"
#include "regen/core/text.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include <strings.h>

static bool token_like(const char *s, size_t n)
{
    unsigned char bytes[REGEN_TOKEN_BYTES];
    char copy[REGEN_TOKEN_CHARS + 1];
    if (n != REGEN_TOKEN_CHARS) {
        return false;
    }
    memcpy(copy, s, n);
    copy[n] = '\0';
    return rg_text_unbase64url(bytes, sizeof(bytes), copy);
}

static bool value_like(const char *s, size_t n)
{
    if (n == 2 * REGEN_TOKEN_CHARS + 1 && s[REGEN_TOKEN_CHARS] == '.') {
        return token_like(s, REGEN_TOKEN_CHARS) &&
               token_like(s + REGEN_TOKEN_CHARS + 1, REGEN_TOKEN_CHARS);
    }
    return token_like(s, n);
}

const char *regen_cookie_find(apr_pool_t *p, const char *header, const char *name)
{
    const char *found = NULL;
    const char *s = header;
    size_t len = strlen(name);
    while (s && *s != '\0') {
        s += strspn(s, "; \t");
        size_t n = strcspn(s, ";");
        if (n > len && s[len] == '=' && strncmp(s, name, len) == 0) {
            /* Twice: somebody planted one beside ours. Trust neither. */
            if (found || !value_like(s + len + 1, n - len - 1)) {
                return NULL;
            }
            found = apr_pstrmemdup(p, s + len + 1, n - len - 1);
        }
        s += n;
    }
    return found;
}

bool regen_key_like(const char *s)
{
    size_t n = s ? strlen(s) : 0;
    return n >= 16 && n <= 64 &&
           strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

const char *regen_bearer(const char *header)
{
    static const char scheme[] = "Bearer ";
    size_t n = sizeof(scheme) - 1;
    if (!header || strncasecmp(header, scheme, n) != 0) {
        return NULL;
    }
    return header + n + strspn(header + n, " ");
}

/* The next of ENDS that is not in quotes, or the end of the text. */
static const char *until(const char *s, const char *ends)
{
    bool quoted = false;
    while (*s != '\0' && (quoted || !strchr(ends, *s))) {
        quoted = quoted != (*s == '"');
        s += quoted && s[0] == '\\' && s[1] != '\0' ? 2 : 1;
    }
    return s;
}

/* Whether this is WORD, with spaces around or, when it may be QUOTED, with quotes. */
static bool is_header_word(const char *s, const char *end, const char *word, bool quoted)
{
    size_t n = strlen(word);
    while (s < end && apr_isspace(*s)) {
        s++;
    }
    while (end > s && apr_isspace(end[-1])) {
        end--;
    }
    if (quoted && end - s >= 2 && s[0] == '"' && end[-1] == '"') {
        s++;
        end--;
    }
    return (size_t)(end - s) == n && strncasecmp(s, word, n) == 0;
}

bool regen_prefers(const char *header, const char *name, const char *value)
{
    for (const char *s = header; s && *s != '\0';) {
        const char *equals = until(s, "=;,");
        if (is_header_word(s, equals, name, false)) {
            return *equals == '=' &&
                   is_header_word(equals + 1, until(equals + 1, ";,"), value, true);
        }
        s = until(s, ",");
        s += *s == ',';
    }
    return false;
}
