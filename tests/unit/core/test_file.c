/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a folder that another account may write to: nothing is read that the folder's owner
 * could not read. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "core_test.h"
#include "regen/core/file.h"

enum { MOST = 1024 * 1024 };

static const char *folder(apr_pool_t *p)
{
    const char *temp;
    assert_int_equal(apr_temp_dir_get(&temp, p), APR_SUCCESS);
    char *dir = apr_pstrcat(p, temp, "/regen-file-XXXXXX", NULL);
    assert_non_null(mkdtemp(dir));
    return dir;
}

static const char *in(apr_pool_t *p, const char *dir, const char *name)
{
    return apr_pstrcat(p, dir, "/", name, NULL);
}

static void put(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static const char *what(apr_pool_t *p, const char *dir, const char *name, size_t most)
{
    const char *data = NULL;
    size_t n = 0;
    const char *why = rg_file_in_folder(&data, &n, p, dir, name, most);
    assert_true(why || (data && strlen(data) == n));
    return why ? why : data;
}

static void gone(apr_pool_t *p, const char *dir, const char *const *names)
{
    for (; *names; names++) {
        assert_int_equal(unlink(in(p, dir, *names)), 0);
    }
    assert_int_equal(rmdir(dir), 0);
}

static void reads_what_is_there(void **state)
{
    static const char *const names[] = {"page", "none", NULL};
    apr_pool_t *p = *state;
    const char *dir = folder(p);
    put(in(p, dir, "page"), "hello", 0644);
    put(in(p, dir, "none"), "", 0644);
    assert_string_equal(what(p, dir, "page", MOST), "hello");
    assert_string_equal(what(p, dir, "page", 5), "hello");
    assert_string_equal(what(p, dir, "none", MOST), "");
    assert_non_null(strstr(what(p, dir, "page", 4), "larger"));
    assert_string_equal(what(p, dir, "missing", MOST), "cannot be read");
    assert_string_equal(what(p, apr_pstrcat(p, dir, "-no", NULL), "page", MOST), "cannot be read");
    gone(p, dir, names);
}

static void nothing_outside(void **state)
{
    static const char *const names[] = {"page", "near", "far", "loop", "up", NULL};
    static const char *const none[] = {"key", NULL};
    apr_pool_t *p = *state;
    const char *dir = folder(p);
    const char *other = apr_pstrcat(p, dir, "-other", NULL);
    assert_int_equal(mkdir(other, 0755), 0);
    put(in(p, other, "key"), "secret", 0644);
    put(in(p, dir, "page"), "hello", 0644);
    assert_int_equal(symlink("page", in(p, dir, "near")), 0);
    assert_int_equal(symlink(in(p, other, "key"), in(p, dir, "far")), 0);
    assert_int_equal(symlink("loop", in(p, dir, "loop")), 0);
    assert_int_equal(symlink("..", in(p, dir, "up")), 0);
    assert_string_equal(what(p, dir, "near", MOST), "hello");
    assert_string_equal(what(p, dir, "far", MOST), "is a link that leads out of the folder");
    assert_string_equal(what(p, dir, "loop", MOST), "cannot be read");
    const char *around = apr_pstrcat(p, "up/", strrchr(other, '/') + 1, "/key", NULL);
    assert_non_null(strstr(what(p, dir, around, MOST), "out of the folder"));
    assert_non_null(strstr(what(p, dir, "../key", MOST), "cannot"));
    gone(p, dir, names);
    gone(p, other, none);
}

/* A pipe would keep httpd waiting for ever. */
static void files_only(void **state)
{
    static const char *const names[] = {"pipe", NULL};
    apr_pool_t *p = *state;
    const char *dir = folder(p);
    assert_int_equal(mkfifo(in(p, dir, "pipe"), 0644), 0);
    assert_int_equal(mkdir(in(p, dir, "sub"), 0755), 0);
    assert_string_equal(what(p, dir, "pipe", MOST), "cannot be read");
    assert_string_equal(what(p, dir, "sub", MOST), "cannot be read");
    assert_int_equal(rmdir(in(p, dir, "sub")), 0);
    gone(p, dir, names);
}

static void only_what_its_owner_may_read(void **state)
{
    static const char *const names[] = {"page", NULL};
    apr_pool_t *p = *state;
    if (geteuid() != 0) {
        print_message("skipped: only root can give a file away\n");
        skip();
    }
    const char *dir = folder(p);
    put(in(p, dir, "page"), "hello", 0600);
    assert_string_equal(what(p, dir, "page", MOST), "hello");
    assert_int_equal(chown(in(p, dir, "page"), 65534, 65534), 0);
    assert_non_null(strstr(what(p, dir, "page", MOST), "belongs to a different owner"));
    assert_int_equal(chmod(in(p, dir, "page"), 0604), 0);
    assert_string_equal(what(p, dir, "page", MOST), "hello");
    gone(p, dir, names);
}

/* Who owns a folder of the folder puts a hard link there to what the owner of both may not show. */
static void only_what_the_nearer_owner_may_read(void **state)
{
    static const char *const none[] = {NULL};
    apr_pool_t *p = *state;
    if (geteuid() != 0) {
        print_message("skipped: only root can give a folder away\n");
        skip();
    }
    const char *dir = folder(p);
    assert_int_equal(mkdir(in(p, dir, "sub"), 0755), 0);
    put(in(p, dir, "sub/page"), "hello", 0600);
    assert_string_equal(what(p, dir, "sub/page", MOST), "hello");
    assert_int_equal(chown(in(p, dir, "sub"), 65534, 65534), 0);
    assert_non_null(strstr(what(p, dir, "sub/page", MOST), "belongs to a different owner"));
    assert_int_equal(chmod(in(p, dir, "sub/page"), 0604), 0);
    assert_string_equal(what(p, dir, "sub/page", MOST), "hello");
    assert_int_equal(unlink(in(p, dir, "sub/page")), 0);
    assert_int_equal(rmdir(in(p, dir, "sub")), 0);
    gone(p, dir, none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(reads_what_is_there), pool_test(nothing_outside), pool_test(files_only),
        pool_test(only_what_its_owner_may_read), pool_test(only_what_the_nearer_owner_may_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
