/* SPDX-License-Identifier: Apache-2.0 */
/* A file of SQL statements, split; private to the store room (migrate.c) and its tests. */
#ifndef RG_STORE_SCRIPT_H
#define RG_STORE_SCRIPT_H
#include "regen/core/outcome.h"

typedef struct {
    const char *text; /* without the closing semicolon */
    size_t len;
    int line;   /* its first line, from 1 */
    size_t end; /* bytes of the file up to and with it */
} rg_script_stmt_t;

typedef struct {
    const char *bytes;
    size_t size;
    int count;
    rg_script_stmt_t *stmts;
} rg_script_t;

/* A statement ends with a semicolon at the end of a line that is followed by an empty line or the
 * end of the file; comment lines (two dashes) and empty lines before it are skipped. RG_INVALID
 * with *WHY for an unfinished one or a NUL byte. */
rg_outcome_t rg_script_split(rg_script_t *out, apr_pool_t *p, const char *bytes, size_t n,
                             const char **why);
/* Reads at most 64 MiB. */
rg_outcome_t rg_script_read(rg_script_t *out, apr_pool_t *p, const char *path, const char **why);

#endif
