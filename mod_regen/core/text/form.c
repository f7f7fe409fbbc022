/* SPDX-License-Identifier: Apache-2.0 */
/* application/x-www-form-urlencoded, for bodies and query strings. Names and values are cut apart
 * before they are decoded, so that an escaped '=' or '&' never separates anything, and whatever is
 * not clean text is refused instead of repaired. */
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"

#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte escaped at S ("%41"), of N bytes left; -1 when that is no escape. */
static int escaped_byte(const char *s, size_t n)
{
    if (n < 3 || hex_digit(s[1]) < 0 || hex_digit(s[2]) < 0) {
        return -1;
    }
    return hex_digit(s[1]) * 16 + hex_digit(s[2]);
}

/* Turns CRLF and CR into LF in place; returns the new length. */
static size_t unify_line_ends(char *s, size_t n)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        bool cr = s[i] == '\r';
        i += cr && i + 1 < n && s[i + 1] == '\n';
        s[len++] = (char)(cr ? '\n' : s[i]);
    }
    return len;
}

/* NULL when the piece cannot be decoded to clean text. */
static const char *decode(apr_pool_t *p, const char *s, size_t n)
{
    char *out = apr_palloc(p, n + 1);
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        int byte = s[i] == '+' ? ' ' : (unsigned char)s[i];
        if (s[i] == '%') {
            byte = escaped_byte(s + i, n - i);
            i += 2;
        }
        if (byte < 0) {
            return NULL;
        }
        out[len++] = (char)byte;
    }
    if (!rg_text_clean(out, len)) {
        return NULL;
    }
    out[unify_line_ends(out, len)] = '\0';
    return rg_text_plain(p, out);
}

/* One "name=value" of N bytes. */
static bool parse_pair(rg_pair_t *pair, apr_pool_t *p, const char *piece, size_t n)
{
    const char *equals = memchr(piece, '=', n);
    size_t name_len = equals ? (size_t)(equals - piece) : n;
    size_t skipped = equals ? name_len + 1 : n;
    pair->name = decode(p, piece, name_len);
    pair->value = decode(p, piece + skipped, n - skipped);
    return pair->name && pair->value && !strpbrk(pair->name, "\t\n");
}

rg_outcome_t rg_form_parse(rg_form_t **out, apr_pool_t *p, const char *bytes, size_t n,
                           int max_pairs)
{
    rg_form_t *form = apr_palloc(p, sizeof(*form));
    form->pairs = apr_array_make(p, 16, sizeof(rg_pair_t));
    while (n > 0) {
        const char *ampersand = memchr(bytes, '&', n);
        size_t len = ampersand ? (size_t)(ampersand - bytes) : n;
        if (len > 0) {
            if (form->pairs->nelts >= max_pairs) {
                return RG_TOO_LARGE;
            }
            if (!parse_pair(apr_array_push(form->pairs), p, bytes, len)) {
                return RG_INVALID;
            }
        }
        size_t step = ampersand ? len + 1 : len;
        bytes += step;
        n -= step;
    }
    *out = form;
    return RG_OK;
}

const char *rg_form_get(const rg_form_t *f, const char *name)
{
    for (int i = 0; i < f->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(f->pairs, i, rg_pair_t);
        if (strcmp(pair->name, name) == 0) {
            return pair->value;
        }
    }
    return NULL;
}
