/* SPDX-License-Identifier: Apache-2.0 */
/* What regenctl reads: the file of its settings, and secrets from files or standard input, because
 * the command line and the environment are for everybody to see. */
#include "regenctl.h"
#include "regen/core/buf.h"
#include "regen/core/keys.h"

#include <string.h>
#include <unistd.h>

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>

#define LINE_SIZE 1024

static apr_status_t open_file(apr_file_t **f, apr_pool_t *p, const char *path, const char **why)
{
    char reason[120];
    apr_status_t rv = apr_file_open(f, path, APR_READ | APR_BUFFERED, 0, p);
    if (rv != APR_SUCCESS) {
        *why = apr_psprintf(p, "%s: %s", path, apr_strerror(rv, reason, sizeof(reason)));
    }
    return rv;
}

const char *ctl_settings_read(ctl_conf_t *conf, apr_pool_t *p, const char *path)
{
    const char *why = NULL;
    apr_file_t *f;
    char line[LINE_SIZE];
    if (open_file(&f, p, path, &why) != APR_SUCCESS) {
        return why;
    }
    for (int n = 1; !why && apr_file_gets(line, sizeof(line), f) == APR_SUCCESS; n++) {
        why = strlen(line) == sizeof(line) - 1 ? "The line is too long."
                                               : ctl_settings_line(conf, p, line);
        if (why) {
            why = apr_psprintf(p, "%s:%d: %s", path, n, why);
        }
    }
    apr_file_close(f);
    return why;
}

const rg_buf_t *ctl_read_file(apr_pool_t *p, const char *path, size_t most)
{
    rg_buf_t *bytes = rg_buf_make(p, most);
    char part[8192];
    char reason[120];
    apr_file_t *file;
    apr_size_t n = sizeof(part);
    apr_status_t rv = apr_file_open(&file, path, APR_READ | APR_BINARY, APR_OS_DEFAULT, p);
    if (rv == APR_SUCCESS) {
        for (rv = apr_file_read(file, part, &n); rv == APR_SUCCESS && !bytes->overflow;
             n = sizeof(part), rv = apr_file_read(file, part, &n)) {
            rg_buf_add(bytes, part, n);
        }
        apr_file_close(file);
    }
    if (bytes->overflow) {
        ctl_error("%s has more than %d bytes.", path, (int)most);
        return NULL;
    }
    if (rv != APR_EOF) {
        ctl_error("%s: %s", path, apr_strerror(rv, reason, sizeof(reason)));
        return NULL;
    }
    return bytes;
}

/* --- secrets -------------------------------------------------------------------------------- */

static const char *type_secret(apr_pool_t *p, const char *prompt, const char **why)
{
    char buf[LINE_SIZE];
    apr_size_t size = sizeof(buf);
    if (apr_password_get(prompt, buf, &size) != APR_SUCCESS) {
        *why = "Nothing was entered.";
        return NULL;
    }
    return apr_pstrdup(p, buf);
}

static void warn_if_open(apr_file_t *f, const char *path)
{
    apr_finfo_t info;
    if (path && apr_file_info_get(&info, APR_FINFO_PROT, f) == APR_SUCCESS &&
        (info.protection & (APR_WREAD | APR_WWRITE))) {
        ctl_error("Warning: everybody on this machine can read %s.", path);
    }
}

const char *ctl_read_secret(apr_pool_t *p, const char *path, const char *prompt, const char **why)
{
    apr_file_t *f;
    char line[LINE_SIZE];
    if (!path && isatty(STDIN_FILENO)) {
        return type_secret(p, prompt, why);
    }
    apr_status_t rv = path ? open_file(&f, p, path, why) : apr_file_open_stdin(&f, p);
    if (rv != APR_SUCCESS) {
        return NULL;
    }
    warn_if_open(f, path);
    rv = apr_file_gets(line, sizeof(line), f);
    apr_file_close(f);
    size_t n = rv == APR_SUCCESS ? strcspn(line, "\r\n") : 0;
    line[n] = '\0';
    if (n == 0 || n == sizeof(line) - 1) {
        *why = apr_pstrcat(p, path ? path : "standard input",
                           n == 0 ? ": the first line is empty" : ": the first line is too long",
                           NULL);
        return NULL;
    }
    const char *wrong = path ? rg_secret_line_wrong(line) : NULL;
    if (wrong) {
        *why = apr_pstrcat(p, path, ": the first line ", wrong, NULL);
        return NULL;
    }
    return apr_pstrdup(p, line);
}
