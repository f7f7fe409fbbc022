/* SPDX-License-Identifier: Apache-2.0 */
/* Text that people typed: checking, tidying, counting, escaping, and the encodings of tokens. Used
 * at the edge (web) and wherever text leaves (render). */
#include "regen/core/buf.h"
#include "regen/core/text.h"

#include <stdio.h>
#include <string.h>

typedef unsigned char byte_t;

/* Length of the well-formed sequence at S (of N > 0 bytes), its code point in *CP; 0 when it is
 * malformed. Table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing past
 * U+10FFFF. */
static size_t utf8_decode(const byte_t *s, size_t n, uint32_t *cp)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = s[0] < 0x80   ? 1
                 : s[0] < 0xc2 ? 0
                 : s[0] < 0xe0 ? 2
                 : s[0] < 0xf0 ? 3
                 : s[0] < 0xf5 ? 4
                               : 0;
    if (len == 0 || len > n) {
        return 0;
    }
    uint32_t c = len == 1 ? s[0] : s[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
        c = (c << 6) | (s[i] & 0x3fU);
    }
    if (c < least[len] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff) {
        return 0;
    }
    *cp = c;
    return len;
}

/* U+FFFE and U+FFFF are refused because no XML document can carry them: one in a name would void a
 * whole claim. */
static bool is_allowed_char(uint32_t cp)
{
    if (cp < 0x20) {
        return cp == '\t' || cp == '\n' || cp == '\r';
    }
    return !(cp >= 0x7f && cp < 0xa0) && cp != 0xfffe && cp != 0xffff;
}

bool rg_text_clean(const char *s, size_t n)
{
    const byte_t *at = (const byte_t *)s;
    while (n > 0) {
        uint32_t cp = 0;
        size_t len = utf8_decode(at, n, &cp);
        if (len == 0 || !is_allowed_char(cp)) {
            return false;
        }
        at += len;
        n -= len;
    }
    return true;
}

size_t rg_text_length(const char *s)
{
    size_t n = 0;
    for (; *s; s++) {
        n += ((byte_t)*s & 0xc0) != 0x80;
    }
    return n;
}

/* Bytes of the blank at S: space, tab, and the blanks of other widths that phones and office
 * programs paste into names; 0 when there is none. */
static size_t blank_length(const char *s)
{
    static const char *const wide[] = {"\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9",
                                       "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
    if (*s == ' ' || *s == '\t') {
        return 1;
    }
    if (s[0] == '\xc2' && s[1] == '\xa0') {
        return 2;
    }
    if (strncmp(s, "\xe2\x80", 2) == 0 && (byte_t)s[2] >= 0x80 && (byte_t)s[2] <= 0x8a) {
        return 3;
    }
    for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
        if (strncmp(s, wide[i], 3) == 0) {
            return 3;
        }
    }
    return 0;
}

/* Skips blanks at *S; true when there were any. */
static bool skip_blanks(const char **s)
{
    const char *start = *s;
    size_t n = blank_length(*s);
    while (n > 0) {
        *s += n;
        n = blank_length(*s);
    }
    return *s != start;
}

const char *rg_text_tidy(apr_pool_t *p, const char *s)
{
    s = rg_text_plain(p, s);
    if (!s) {
        return NULL;
    }
    char *out = apr_palloc(p, strlen(s) + 1);
    char *end = out;
    while (*s) {
        if (skip_blanks(&s)) {
            *end++ = ' ';
            continue;
        }
        bool cr = *s == '\r';
        s += cr && s[1] == '\n';
        *end++ = (char)(cr ? '\n' : *s);
        s++;
    }
    while (end > out && (end[-1] == ' ' || end[-1] == '\n')) {
        end--;
    }
    *end = '\0';
    return out + strspn(out, " \n");
}

static const char *entity(char c)
{
    switch (c) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

/* All five lie below '?': most bytes of most words are told by that. */
void rg_text_escape_html(rg_buf_t *out, const char *s, size_t n)
{
    size_t plain = 0;
    for (size_t i = 0; i < n; i++) {
        const char *e = (byte_t)s[i] < '?' ? entity(s[i]) : NULL;
        if (e) {
            rg_buf_add(out, s + plain, i - plain);
            rg_buf_puts(out, e);
            plain = i + 1;
        }
    }
    if (plain < n) {
        rg_buf_add(out, s + plain, n - plain);
    }
}

const char *rg_text_hex(apr_pool_t *p, const unsigned char *b, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char *out = apr_palloc(p, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[b[i] >> 4];
        out[2 * i + 1] = digits[b[i] & 15];
    }
    out[2 * n] = '\0';
    return out;
}

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Digits that N bytes make, without padding. */
static size_t base64_length(size_t n)
{
    return n / 3 * 4 + (n % 3 ? n % 3 + 1 : 0);
}

const char *rg_text_base64url(apr_pool_t *p, const unsigned char *b, size_t n)
{
    size_t len = base64_length(n);
    char *out = apr_palloc(p, len + 1);
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0, next = 0; i < len; i++) {
        if (count < 6) {
            bits = (bits << 8) | (next < n ? b[next++] : 0U);
            count += 8;
        }
        count -= 6;
        out[i] = base64url[(bits >> count) & 63];
    }
    out[len] = '\0';
    return out;
}

bool rg_text_unbase64url(unsigned char *out, size_t n, const char *s)
{
    if (!s || strlen(s) != base64_length(n)) {
        return false;
    }
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t done = 0; *s; s++) {
        const char *digit = strchr(base64url, *s);
        if (!digit) {
            return false;
        }
        bits = (bits << 6) | (uint32_t)(digit - base64url);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[done++] = (byte_t)(bits >> count);
        }
    }
    /* The unused bits of the last digit must be zero, or one token would have many spellings. */
    return (bits & ((1U << count) - 1)) == 0;
}

bool rg_text_i64(int64_t *out, const char *s, int64_t lo, int64_t hi)
{
    if (!s) {
        return false;
    }
    bool negative = *s == '-';
    s += negative;
    if (!*s) {
        return false;
    }
    int64_t value = 0; /* kept negative: the range is one larger there */
    for (; *s; s++) {
        if (*s < '0' || *s > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, *s - '0', &value)) {
            return false;
        }
    }
    if (!negative && value == INT64_MIN) {
        return false;
    }
    value = negative ? value : -value;
    if (value < lo || value > hi) {
        return false;
    }
    *out = value;
    return true;
}

const char *rg_text_vformat(apr_pool_t *p, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (n < 0) {
        return "";
    }
    char *text = apr_palloc(p, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, fmt, ap);
    return text;
}
