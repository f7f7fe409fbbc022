/* SPDX-License-Identifier: Apache-2.0 */
/* Files supplied by a sysadmin whose mistakes would otherwise show only while connecting: the line
 * of a password, certificates in PEM. */
#include "regen/core/keys.h"
#include "regen/core/text.h"

#include <stdlib.h>
#include <string.h>

#include <apr_file_io.h>

#include <sodium.h>

enum { PEM_MAX = 4 * 1024 * 1024 };

const char *rg_secret_line_wrong(const char *line)
{
    size_t n = strlen(line);
    if (strncmp(line, "\xEF\xBB\xBF", 3) == 0) {
        return "begins with a byte order mark; save the file without one";
    }
    if (n > 0 && (strchr(" \t", line[0]) || strchr(" \t", line[n - 1]))) {
        return "begins or ends with a space";
    }
    return rg_text_clean(line, n) ? NULL : "is not UTF-8, or has control characters";
}

static const char *read_key_file(char **out, apr_pool_t *p, const char *path)
{
    apr_file_t *f;
    apr_finfo_t info;
    if (apr_file_open(&f, path, APR_READ | APR_BINARY, APR_OS_DEFAULT, p) != APR_SUCCESS) {
        return "cannot be read";
    }
    apr_status_t rv = apr_file_info_get(&info, APR_FINFO_SIZE, f);
    apr_size_t n = rv == APR_SUCCESS && info.size < PEM_MAX ? (apr_size_t)info.size : 0;
    *out = apr_pcalloc(p, n + 1);
    rv = n > 0 ? apr_file_read_full(f, *out, n, NULL) : APR_EOF;
    apr_file_close(f);
    if (rv != APR_SUCCESS) {
        return "is empty, too large or cannot be read";
    }
    return memchr(*out, '\0', n) ? "is not text" : NULL;
}

/* A certificate is one DER sequence that fills its bytes. */
static bool is_certificate(const char *text, size_t n, apr_pool_t *p)
{
    unsigned char *der = apr_palloc(p, n + 1);
    size_t len = 0;
    if (sodium_base642bin(der, n, text, n, "\r\n\t ", &len, NULL, sodium_base64_VARIANT_ORIGINAL) !=
            0 ||
        len < 64 || der[0] != 0x30 || der[1] != 0x82) {
        return false;
    }
    return (size_t)der[2] * 256 + der[3] + 4 == len;
}

const char *rg_pem_wrong(apr_pool_t *p, const char *path)
{
    static const char BEGIN[] = "-----BEGIN CERTIFICATE-----";
    static const char END[] = "-----END CERTIFICATE-----";
    char *text = NULL;
    const char *why = read_key_file(&text, p, path);
    int count = 0;
    const char *at = why ? NULL : strstr(text, BEGIN);
    for (; !why && at; at = strstr(at, BEGIN)) {
        const char *end = strstr(at += sizeof(BEGIN) - 1, END);
        if (!end || !is_certificate(at, (size_t)(end - at), p)) {
            why = "has a certificate that is damaged";
        }
        count++;
    }
    return why ? why : count == 0 ? "has no certificate" : NULL;
}
