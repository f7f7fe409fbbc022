/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with a mandatory cap: bodies, pages and documents are built in it. A piece
 * that does not fit is left out completely, with everything after it, so that nothing is ever sent
 * with a gap in the middle. */
#include "regen/core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_SIZE = 256 };

rg_buf_t *rg_buf_make(apr_pool_t *p, size_t cap)
{
    rg_buf_t *b = apr_pcalloc(p, sizeof(*b));
    b->pool = p;
    b->cap = cap < SIZE_MAX / 2 ? cap : SIZE_MAX / 2;
    b->size = b->cap < FIRST_SIZE ? b->cap + 1 : FIRST_SIZE;
    b->data = apr_palloc(p, b->size);
    b->data[0] = '\0';
    return b;
}

/* Room for N more bytes and the NUL. The old block stays in the pool: doubling keeps that below the
 * final size. */
static bool make_bytes(rg_buf_t *b, size_t n)
{
    if (b->overflow || n > b->cap - b->len) {
        b->overflow = true;
        return false;
    }
    if (n < b->size - b->len) {
        return true;
    }
    size_t size = b->size;
    while (size - b->len <= n) {
        size *= 2;
    }
    size = size < b->cap + 1 ? size : b->cap + 1;
    char *data = apr_palloc(b->pool, size);
    memcpy(data, b->data, b->len + 1);
    b->data = data;
    b->size = size;
    return true;
}

void rg_buf_add(rg_buf_t *b, const char *bytes, size_t n)
{
    if (n == 0 || !make_bytes(b, n)) {
        return;
    }
    memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void rg_buf_puts(rg_buf_t *b, const char *s)
{
    rg_buf_add(b, s, strlen(s));
}

/* libc's vsnprintf, not APR's formatter, which prints %lld and %zu wrongly: the compiler checks
 * libc's formats. */
void rg_buf_printf(rg_buf_t *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n <= 0 || !make_bytes(b, (size_t)n)) {
        return;
    }
    va_start(ap, fmt);
    vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
}
