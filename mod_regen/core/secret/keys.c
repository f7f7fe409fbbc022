/* SPDX-License-Identifier: Apache-2.0 */
/* The installation's secret: a file of keys, one per line; the first signs and all verify. Read by
 * the module during configuration, created and rotated by regenctl. */
#include "regen/core/crypto.h"
#include "regen/core/keys.h"
#include "regen/core/text.h"

#include <string.h>
#include <unistd.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include <sodium.h>

enum { LINE_CHARS = 43, FILE_MOST = 4096 };

#define OPEN_TO_OTHERS                                                                             \
    (APR_FPROT_GREAD | APR_FPROT_GWRITE | APR_FPROT_WREAD | APR_FPROT_WWRITE |                     \
     APR_FPROT_GEXECUTE | APR_FPROT_WEXECUTE)

/* --- what is derived -------------------------------------------------------------------------- */

const rg_key_t *rg_keys_find(const rg_keys_t *keys, uint32_t id)
{
    for (int i = 0; keys && i < keys->count; i++) {
        if (keys->key[i].id == id) {
            return &keys->key[i];
        }
    }
    return NULL;
}

void rg_key_derive(unsigned char out[32], const rg_key_t *key, const char *purpose,
                   const void *data, size_t n)
{
    unsigned char own[32];
    rg_crypto_mac(own, key->bytes, purpose, strlen(purpose));
    rg_crypto_mac(out, own, data, n);
    sodium_memzero(own, sizeof(own));
}

/* Says which key it was, and nothing about the key. Never 0. */
static void name_key(rg_key_t *key)
{
    unsigned char mac[32];
    rg_key_derive(mac, key, "id", "", 0);
    memcpy(&key->id, mac, sizeof(key->id));
    key->id |= 1;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool random_looking(const unsigned char *b)
{
    for (int i = 1; i < RG_KEY_BYTES; i++) {
        if (b[i] != b[0]) {
            return true;
        }
    }
    return false;
}

static const char *read_line(rg_keys_t *keys, apr_pool_t *p, const char *path, char *line, int at)
{
    size_t n = strlen(line);
    n -= n > 0 && line[n - 1] == '\r';
    line[n] = '\0';
    if (n == 0 || line[0] == '#') {
        return NULL;
    }
    if (keys->count == RG_KEYS_MOST) {
        return apr_psprintf(p, "%s has more than %d keys: remove the oldest ones, at its end", path,
                            RG_KEYS_MOST);
    }
    rg_key_t *key = &keys->key[keys->count];
    if (n != LINE_CHARS || !rg_text_unbase64url(key->bytes, sizeof(key->bytes), line) ||
        !random_looking(key->bytes)) {
        return apr_psprintf(p,
                            "line %d of %s is not a key: a key has %d characters, as `regenctl "
                            "secret make` writes it",
                            at, path, LINE_CHARS);
    }
    name_key(key);
    keys->count++;
    return NULL;
}

static const char *read_key_lines(rg_keys_t *keys, apr_pool_t *p, const char *path, char *text)
{
    const char *why = NULL;
    for (int at = 1; text && !why; at++) {
        char *end = strchr(text, '\n');
        if (end) {
            *end = '\0';
        }
        why = read_line(keys, p, path, text, at);
        text = end ? end + 1 : NULL;
    }
    if (!why && keys->count == 0) {
        why = apr_psprintf(p, "%s has no key: make one with `regenctl secret make`", path);
    }
    return why;
}

/* Readable only by its owner, who is the current user or root. */
static const char *guarded(apr_pool_t *p, apr_file_t *f, const char *path)
{
    apr_finfo_t info;
    apr_status_t rv =
        apr_file_info_get(&info, APR_FINFO_TYPE | APR_FINFO_PROT | APR_FINFO_OWNER, f);
    if (rv != APR_SUCCESS || info.filetype != APR_REG) {
        return apr_psprintf(p, "%s is not a file", path);
    }
    if ((info.protection & OPEN_TO_OTHERS) != 0) {
        return apr_psprintf(p,
                            "%s may be read or written by others than its owner: use a separate "
                            "file with mode 600 for the secret",
                            path);
    }
    if (info.user != 0 && info.user != geteuid()) {
        return apr_psprintf(p, "%s belongs to another account: chown %s %s", path,
                            geteuid() == 0 ? "root" : "it to yours,", path);
    }
    return NULL;
}

static const char *read_text(char *text, apr_pool_t *p, const char *path, apr_file_t *f)
{
    apr_size_t n = FILE_MOST;
    const char *why = guarded(p, f, path);
    apr_status_t rv = why ? APR_EGENERAL : apr_file_read_full(f, text, FILE_MOST, &n);
    if (why) {
        return why;
    }
    if ((rv != APR_SUCCESS && rv != APR_EOF) || n == FILE_MOST || memchr(text, '\0', n)) {
        return apr_psprintf(p, "%s is not a file of keys as `regenctl secret make` writes it",
                            path);
    }
    text[n] = '\0';
    return NULL;
}

const char *rg_keys_read(rg_keys_t **out, apr_pool_t *p, const char *path)
{
    char text[FILE_MOST + 1];
    char reason[120];
    apr_file_t *f;
    rg_keys_t *keys = apr_pcalloc(p, sizeof(*keys));
    *out = NULL;
    apr_status_t rv = apr_file_open(&f, path, APR_READ, APR_OS_DEFAULT, p);
    if (rv != APR_SUCCESS) {
        return apr_psprintf(p, "%s: %s; `regenctl secret make %s` makes one", path,
                            apr_strerror(rv, reason, sizeof(reason)), path);
    }
    const char *why = read_text(text, p, path, f);
    apr_file_close(f);
    why = why ? why : read_key_lines(keys, p, path, text);
    sodium_memzero(text, sizeof(text));
    *out = why ? NULL : keys;
    return why;
}

/* --- writing ---------------------------------------------------------------------------------- */

static const char *failed(apr_pool_t *p, const char *path, apr_status_t rv)
{
    char reason[120];
    return apr_psprintf(p, "%s: %s", path, apr_strerror(rv, reason, sizeof(reason)));
}

/* Beside PATH, whole and on the disk, before it gets its name. */
static const char *write_new(apr_pool_t *p, const char *path, const rg_keys_t *keys)
{
    apr_file_t *f;
    apr_status_t rv = apr_file_open(&f, path, APR_WRITE | APR_CREATE | APR_EXCL,
                                    APR_FPROT_UREAD | APR_FPROT_UWRITE, p);
    if (rv != APR_SUCCESS) {
        return failed(p, path, rv);
    }
    for (int i = 0; rv == APR_SUCCESS && i < keys->count; i++) {
        const char *line = rg_text_base64url(p, keys->key[i].bytes, RG_KEY_BYTES);
        rv = apr_file_printf(f, "%s\n", line) == LINE_CHARS + 1 ? APR_SUCCESS : APR_ENOSPC;
    }
    rv = rv == APR_SUCCESS ? apr_file_sync(f) : rv;
    apr_file_close(f);
    return rv == APR_SUCCESS ? NULL : failed(p, path, rv);
}

static void new_key(rg_key_t *key)
{
    rg_crypto_random(key->bytes, sizeof(key->bytes));
    name_key(key);
}

const char *rg_keys_make(apr_pool_t *p, const char *path)
{
    rg_keys_t keys = {.count = 1};
    const char *fresh = apr_pstrcat(p, path, ".new", NULL);
    new_key(&keys.key[0]);
    const char *why = write_new(p, fresh, &keys);
    if (why) {
        return why;
    }
    apr_status_t rv = link(fresh, path) == 0 ? APR_SUCCESS : APR_FROM_OS_ERROR(errno);
    (void)apr_file_remove(fresh, p);
    return rv == APR_SUCCESS ? NULL : failed(p, path, rv);
}

const char *rg_keys_rotate(int *kept, apr_pool_t *p, const char *path, int earlier)
{
    rg_keys_t *old;
    rg_keys_t keys = {.count = 1};
    const char *fresh = apr_pstrcat(p, path, ".new", NULL);
    const char *why = rg_keys_read(&old, p, path);
    if (!old) {
        return why;
    }
    new_key(&keys.key[0]);
    for (int i = 0; i < old->count && i < earlier && keys.count < RG_KEYS_MOST; i++) {
        keys.key[keys.count++] = old->key[i];
    }
    *kept = keys.count - 1;
    why = write_new(p, fresh, &keys);
    if (why) {
        return why;
    }
    apr_status_t rv = apr_file_rename(fresh, path, p);
    return rv == APR_SUCCESS ? NULL : failed(p, path, rv);
}
