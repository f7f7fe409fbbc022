/* SPDX-License-Identifier: Apache-2.0 */
/* Splits a file into statements by its layout alone: no SQL is parsed, so triggers with semicolons
 * inside need no DELIMITER. The rule is at the top of sql/0001_clinic.sql. */
#include "mod_regen/store/engine/script.h"
#include "regen/core/outcome.h"

#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#define SIZE_MAX_FILE (64 * 1024 * 1024)

typedef struct {
    const char *at, *end;
    int line;
} rg_lines_t;

/* The next line without its end of line and trailing blanks; false at the end. */
static bool next_line(rg_lines_t *in, const char **from, size_t *n)
{
    if (in->at >= in->end) {
        return false;
    }
    const char *stop = memchr(in->at, '\n', (size_t)(in->end - in->at));
    *from = in->at;
    in->at = stop ? stop + 1 : in->end;
    *n = (size_t)((stop ? stop : in->end) - *from);
    while (*n > 0 && strchr(" \t\r", (*from)[*n - 1])) {
        (*n)--;
    }
    in->line++;
    return true;
}

static bool next_is_empty(rg_lines_t in)
{
    const char *from;
    size_t n;
    return !next_line(&in, &from, &n) || n == 0;
}

/* Reads on from the first line of a statement to its end. */
static bool finish_statement(rg_script_stmt_t *s, rg_lines_t *in, const char *bytes,
                             const char *from, size_t n)
{
    s->text = from;
    s->line = in->line;
    do {
        if (n > 0 && from[n - 1] == ';' && next_is_empty(*in)) {
            s->len = (size_t)(from + n - 1 - s->text);
            s->end = (size_t)(from + n - bytes);
            return true;
        }
    } while (next_line(in, &from, &n));
    return false;
}

rg_outcome_t rg_script_split(rg_script_t *out, apr_pool_t *p, const char *bytes, size_t n,
                             const char **why)
{
    apr_array_header_t *all = apr_array_make(p, 32, sizeof(rg_script_stmt_t));
    rg_lines_t in = {bytes, bytes + n, 0};
    const char *from;
    size_t len;
    if (memchr(bytes, '\0', n)) {
        *why = "there is a NUL byte in it";
        return RG_INVALID;
    }
    while (next_line(&in, &from, &len)) {
        if (len == 0 || (len >= 2 && from[0] == '-' && from[1] == '-')) {
            continue;
        }
        rg_script_stmt_t *s = apr_array_push(all);
        if (!finish_statement(s, &in, bytes, from, len)) {
            *why = apr_psprintf(p,
                                "the statement of line %d does not end: a semicolon and an empty "
                                "line (or the end of the file) must follow",
                                s->line);
            return RG_INVALID;
        }
    }
    *out = (rg_script_t){bytes, n, all->nelts, (rg_script_stmt_t *)all->elts};
    return RG_OK;
}

static apr_status_t read_script(char **bytes, size_t *n, apr_pool_t *p, const char *path)
{
    apr_file_t *f;
    apr_finfo_t info;
    apr_status_t rv = apr_file_open(&f, path, APR_READ | APR_BINARY, 0, p);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = apr_file_info_get(&info, APR_FINFO_SIZE, f);
    if (rv == APR_SUCCESS && info.size > SIZE_MAX_FILE) {
        rv = APR_ENOSPC;
    }
    if (rv == APR_SUCCESS) {
        *n = (size_t)info.size;
        *bytes = apr_palloc(p, *n + 1);
        (*bytes)[*n] = '\0';
        rv = *n == 0 ? APR_SUCCESS : apr_file_read_full(f, *bytes, *n, NULL);
    }
    apr_file_close(f);
    return rv;
}

rg_outcome_t rg_script_read(rg_script_t *out, apr_pool_t *p, const char *path, const char **why)
{
    char *bytes = NULL;
    size_t n = 0;
    apr_status_t rv = read_script(&bytes, &n, p, path);
    if (rv != APR_SUCCESS) {
        char reason[120];
        *why = apr_pstrdup(p, apr_strerror(rv, reason, sizeof(reason)));
        return RG_NOT_FOUND;
    }
    return rg_script_split(out, p, bytes, n, why);
}
