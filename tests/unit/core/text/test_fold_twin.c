/* SPDX-License-Identifier: Apache-2.0 */
/* core/text/fold.c against Python's unicodedata (fold_twin.py): every code point that both know, and
 * random texts. Besides: the edge done twice is the edge done once, and a key is its own key. */
#include <stdlib.h>

#include "core_test.h"
#include "regen/core/text.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#define RANDOM_TEXTS "20000"

static apr_file_t *start_twin(apr_proc_t *proc, apr_pool_t *p, const char *seed)
{
    const char *root = getenv("REGEN_TEST_ROOT");
    const char *python = getenv("PYTHON");
    apr_procattr_t *attr = NULL;
    const char *argv[] = {
        python ? python : "/usr/bin/python3",
        apr_pstrcat(p, root ? root : ".", "/tests/unit/core/text/fold_twin.py", NULL), seed,
        RANDOM_TEXTS, NULL};
    apr_procattr_create(&attr, p);
    apr_procattr_io_set(attr, APR_NO_PIPE, APR_FULL_BLOCK, APR_NO_PIPE);
    apr_procattr_cmdtype_set(attr, APR_PROGRAM_ENV);
    apr_procattr_error_check_set(attr, 1);
    return apr_proc_create(proc, argv[0], argv, NULL, attr, p) == APR_SUCCESS ? proc->out : NULL;
}

static int digit(char c)
{
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

/* The next word of *LINE, out of hex; "-" is the empty text. */
static const char *word(apr_pool_t *p, char **line)
{
    const char *hex = *line;
    size_t n = strcspn(hex, " \n");
    char *out = apr_pcalloc(p, n / 2 + 1);
    *line += n + (hex[n] != '\0');
    for (size_t i = 0; i + 1 < n; i += 2) {
        out[i / 2] = (char)(digit(hex[i]) * 16 + digit(hex[i + 1]));
    }
    return out;
}

static const char *hex(apr_pool_t *p, const char *s)
{
    return rg_text_hex(p, (const unsigned char *)s, strlen(s));
}

static void same(apr_pool_t *p, const char *what, const char *in, const char *got, const char *want)
{
    if (strcmp(got, want) != 0) {
        fail_msg("%s of %s: %s, but %s", what, hex(p, in), hex(p, got), hex(p, want));
    }
}

static void check(apr_pool_t *p, char *line)
{
    const char *in = word(p, &line);
    const char *plain = rg_text_plain(p, in);
    const char *key = rg_fold_text(p, in);
    const char *name = rg_fold_name(p, in);
    same(p, "plain", in, plain, word(p, &line));
    same(p, "key", in, key, word(p, &line));
    same(p, "name", in, name, word(p, &line));
    same(p, "plain twice", in, rg_text_plain(p, plain), plain);
    same(p, "key of plain", in, rg_fold_text(p, plain), key);
    same(p, "key twice", in, rg_fold_text(p, key), key);
    assert_true(rg_text_clean(plain, strlen(plain)));
    assert_true(rg_text_length(name) <= RG_FOLD_MOST);
}

static void test_twin(void **state)
{
    apr_proc_t proc;
    const char *seed = getenv("REGEN_SEED");
    apr_file_t *out = start_twin(&proc, *state, seed ? seed : "1");
    apr_pool_t *scratch = NULL;
    char *line = apr_palloc(*state, 65536);
    int checked = 0;
    if (!out) {
        print_message("skipped: no Python to compare with\n");
        skip();
    }
    apr_pool_create(&scratch, *state);
    while (apr_file_gets(line, 65536, out) == APR_SUCCESS) {
        check(scratch, line);
        apr_pool_clear(scratch);
        checked++;
    }
    apr_file_close(out);
    int code = -1;
    apr_exit_why_e why;
    apr_proc_wait(&proc, &code, &why, APR_WAIT);
    assert_int_equal(code, 0);
    assert_true(checked > 250000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {pool_test(test_twin)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
