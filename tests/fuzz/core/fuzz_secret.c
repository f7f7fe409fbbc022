/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the file of the installation's secret. Beyond not crashing: what is refused says so
 * with the file's name and nothing of what is in it; every line that is taken is a whole key, the
 * keys written out are read the same, and comments between them change nothing. */
#include "target.h"
#include "regen/core/crypto.h"
#include "regen/core/keys.h"
#include "regen/core/text.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int fd = -1;
static const char *path;

/* A file that is nowhere on a disk and its owner's only, as the reader wants it. */
void fuzz_begin(apr_pool_t *forever)
{
    fd = memfd_create("secret", MFD_CLOEXEC);
    must(rg_crypto_init() && fd >= 0 && fchmod(fd, 0600) == 0);
    path = apr_psprintf(forever, "/proc/self/fd/%d", fd);
}

static const char *read_back(rg_keys_t **keys, apr_pool_t *p, const char *text, size_t n)
{
    must(ftruncate(fd, 0) == 0 && pwrite(fd, text, n, 0) == (ssize_t)n);
    return rg_keys_read(keys, p, path);
}

static void same(const rg_keys_t *a, const rg_keys_t *b)
{
    must(a && b && a->count == b->count);
    for (int i = 0; i < a->count; i++) {
        must(memcmp(a->key[i].bytes, b->key[i].bytes, RG_KEY_BYTES) == 0);
        must(a->key[i].id == b->key[i].id && a->key[i].id != 0);
        must(rg_keys_find(a, a->key[i].id) != NULL);
    }
}

/* All of TEXT that is no comment and no line's end are these keys. */
static void nothing_else(apr_pool_t *p, const char *text, const rg_keys_t *keys)
{
    int at = 0;
    for (; *text != '\0'; text += strcspn(text, "\n"), text += *text == '\n') {
        size_t n = strcspn(text, "\n");
        n -= n > 0 && text[n - 1] == '\r';
        if (n > 0 && text[0] != '#') {
            must(at < keys->count);
            const char *key = rg_text_base64url(p, keys->key[at++].bytes, RG_KEY_BYTES);
            must(strlen(key) == n && memcmp(key, text, n) == 0);
        }
    }
    must(at == keys->count);
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    rg_keys_t *keys = NULL;
    rg_keys_t *again = NULL;
    const char *why = read_back(&keys, p, text, size);
    const char *out = "";
    const char *spaced = "# made by hand\r\n";
    must(!why == !!keys);
    if (!keys) {
        must(strstr(why, path) && rg_text_clean(why, strlen(why)));
        return;
    }
    must(keys->count >= 1 && keys->count <= RG_KEYS_MOST && strlen(text) == size);
    nothing_else(p, text, keys);
    for (int i = 0; i < keys->count; i++) {
        const char *line = rg_text_base64url(p, keys->key[i].bytes, RG_KEY_BYTES);
        out = apr_pstrcat(p, out, line, "\n", NULL);
        spaced = apr_pstrcat(p, spaced, "\n# ", line, "\r\n\r\n", line, "\r\n", NULL);
    }
    must(!read_back(&again, p, out, strlen(out)));
    same(keys, again);
    must(!read_back(&again, p, spaced, strlen(spaced)));
    same(keys, again);
}
