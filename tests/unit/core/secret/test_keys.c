/* SPDX-License-Identifier: Apache-2.0 */
/* The file of the installation's keys: made once, rotated with overlap, refused when others may
 * open it. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "core_test.h"
#include "regen/core/crypto.h"
#include "regen/core/keys.h"

/* A name in a fresh folder of its own. */
static const char *name(apr_pool_t *p)
{
    const char *temp;
    assert_int_equal(apr_temp_dir_get(&temp, p), APR_SUCCESS);
    char *dir = apr_pstrcat(p, temp, "/regen-keys-XXXXXX", NULL);
    assert_true(rg_crypto_init());
    assert_non_null(mkdtemp(dir));
    return apr_pstrcat(p, dir, "/secret", NULL);
}

static void gone(apr_pool_t *p, const char *path)
{
    apr_file_remove(path, p);
    apr_dir_remove(apr_pstrmemdup(p, path, strlen(path) - strlen("/secret")), p);
}

static rg_keys_t *must_read(apr_pool_t *p, const char *path)
{
    rg_keys_t *keys;
    assert_null(rg_keys_read(&keys, p, path));
    return keys;
}

static void made_once(void **state)
{
    apr_pool_t *p = *state;
    const char *path = name(p);
    struct stat st;
    assert_null(rg_keys_make(p, path));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    rg_keys_t *keys = must_read(p, path);
    assert_int_equal(keys->count, 1);
    assert_true(keys->key[0].id != 0);
    assert_non_null(rg_keys_make(p, path));
    assert_memory_equal(must_read(p, path)->key[0].bytes, keys->key[0].bytes, RG_KEY_BYTES);
    gone(p, path);
}

static void rotated_with_overlap(void **state)
{
    apr_pool_t *p = *state;
    const char *path = name(p);
    int kept;
    assert_null(rg_keys_make(p, path));
    rg_key_t first = must_read(p, path)->key[0];
    for (int i = 1; i <= 5; i++) {
        assert_null(rg_keys_rotate(&kept, p, path, 3));
        assert_int_equal(kept, i < 3 ? i : 3);
        rg_keys_t *keys = must_read(p, path);
        assert_int_equal(keys->count, kept + 1);
        assert_memory_not_equal(keys->key[0].bytes, keys->key[1].bytes, RG_KEY_BYTES);
        const rg_key_t *old = rg_keys_find(keys, first.id);
        assert_int_equal(old != NULL, i <= 3);
        assert_true(!old || memcmp(old->bytes, first.bytes, RG_KEY_BYTES) == 0);
    }
    assert_null(rg_keys_rotate(&kept, p, path, 0));
    assert_int_equal(must_read(p, path)->count, 1);
    gone(p, path);
}

static void derived_of_all_three(void **state)
{
    const rg_key_t a = {.bytes = {1}};
    const rg_key_t b = {.bytes = {2}};
    unsigned char one[32];
    unsigned char other[32];
    (void)state;
    assert_true(rg_crypto_init());
    rg_key_derive(one, &a, "link", "data", 4);
    rg_key_derive(other, &a, "link", "data", 4);
    assert_memory_equal(one, other, 32);
    rg_key_derive(other, &b, "link", "data", 4);
    assert_memory_not_equal(one, other, 32);
    rg_key_derive(other, &a, "csrf", "data", 4);
    assert_memory_not_equal(one, other, 32);
    rg_key_derive(other, &a, "link", "date", 4);
    assert_memory_not_equal(one, other, 32);
}

static void nobody_elses(void **state)
{
    apr_pool_t *p = *state;
    const char *path = name(p);
    rg_keys_t *keys;
    assert_non_null(strstr(rg_keys_read(&keys, p, path), "regenctl secret make"));
    assert_null(rg_keys_make(p, path));
    assert_int_equal(chmod(path, 0640), 0);
    assert_non_null(strstr(rg_keys_read(&keys, p, path), "mode 600"));
    assert_null(keys);
    assert_int_equal(chmod(path, 0400), 0);
    assert_null(rg_keys_read(&keys, p, path));
    gone(p, path);
}

static const char *write_text(apr_pool_t *p, const char *text)
{
    const char *path = name(p);
    apr_file_t *f;
    assert_int_equal(apr_file_open(&f, path, APR_WRITE | APR_CREATE, APR_FPROT_UREAD, p),
                     APR_SUCCESS);
    assert_int_equal(apr_file_puts(text, f), APR_SUCCESS);
    apr_file_close(f);
    return path;
}

static void every_line_is_a_key_or_told(void **state)
{
    static const char KEY[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    static const struct {
        const char *before;
        const char *after;
        int count; /* 0: refused */
    } files[] = {{"", "", 1},
                 {"# ours\r\n\r\n", "\r\n", 1},
                 {"", "\n# the last\n", 1},
                 {"", " \n", 0},
                 {"", "=\n", 0},
                 {"x", "\n", 0},
                 /* a return within is no line's end: what stands behind it would not count */
                 {"", "\rAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\r", 0},
                 {"", "\n\rjunk\n", 0}};
    apr_pool_t *p = *state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        const char *path =
            write_text(p, apr_pstrcat(p, files[i].before, KEY, files[i].after, NULL));
        rg_keys_t *keys;
        const char *why = rg_keys_read(&keys, p, path);
        assert_int_equal(!why ? keys->count : 0, files[i].count);
        assert_true(!why || !strstr(why, KEY));
        gone(p, path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(made_once),
        pool_test(rotated_with_overlap),
        pool_test(derived_of_all_three),
        pool_test(nobody_elses),
        pool_test(every_line_is_a_key_or_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
