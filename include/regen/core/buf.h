/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with a mandatory cap. */
#ifndef REGEN_CORE_BUF_H
#define REGEN_CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include <apr_pools.h>

typedef struct {
    apr_pool_t *pool;
    char *data; /* always NUL terminated */
    size_t len, size, cap;
    bool overflow; /* set once the cap was hit; that append and all further ones are ignored */
} rg_buf_t;

/* CAP counts bytes of content, without the NUL. */
rg_buf_t *rg_buf_make(apr_pool_t *p, size_t cap);
void rg_buf_add(rg_buf_t *b, const char *bytes, size_t n);
void rg_buf_puts(rg_buf_t *b, const char *s);
void rg_buf_printf(rg_buf_t *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
