/* SPDX-License-Identifier: Apache-2.0 */
/* Files supplied by a sysadmin: mistakes that would otherwise show only while connecting are
 * reported at once. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "core_test.h"
#include "regen/core/file.h"
#include "regen/core/keys.h"

static const char END[] = "-----END CERTIFICATE-----\n";

/* What is said of a file with these bytes. */
static const char *wrong(apr_pool_t *p, const char *bytes, size_t n)
{
    const char *temp;
    assert_int_equal(apr_temp_dir_get(&temp, p), APR_SUCCESS);
    char *path = apr_pstrcat(p, temp, "/regen-pem-XXXXXX", NULL);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
    const char *why = rg_pem_wrong(p, path);
    assert_int_equal(unlink(path), 0);
    return why;
}

static const char *of_text(apr_pool_t *p, const char *text)
{
    return wrong(p, text, strlen(text));
}

/* A certificate that signed nothing. */
static const char *certificate(apr_pool_t *p)
{
    const char *root = getenv("REGEN_TEST_ROOT");
    const char *text = NULL;
    size_t n = 0;
    const char *dir = apr_pstrcat(p, root ? root : ".", "/tests/http/platform", NULL);
    assert_null(rg_file_in_folder(&text, &n, p, dir, "authority.pem", 65536));
    return text;
}

static void certificates_are_taken(void **state)
{
    apr_pool_t *p = *state;
    const char *one = certificate(p);
    assert_null(of_text(p, one));
    assert_null(of_text(p, apr_pstrcat(p, "# ours\n\n", one, "and another:\n", one, NULL)));
    char *crlf = apr_palloc(p, 2 * strlen(one) + 1);
    char *to = crlf;
    for (const char *s = one; *s != '\0'; s++) {
        if (*s == '\n') {
            *to++ = '\r';
        }
        *to++ = *s;
    }
    *to = '\0';
    assert_null(of_text(p, crlf));
}

static void anything_else_is_told(void **state)
{
    apr_pool_t *p = *state;
    const char *one = certificate(p);
    char *flipped = apr_pstrdup(p, one);
    const char *body = strchr(one, '\n') + 1;
    assert_non_null(of_text(p, ""));
    assert_string_equal(of_text(p, "hello\n"), "has no certificate");
    assert_string_equal(of_text(p, "-----BEGIN PRIVATE KEY-----\nAAAA\n"), "has no certificate");
    assert_string_equal(rg_pem_wrong(p, "/nowhere/ca.pem"), "cannot be read");
    assert_non_null(rg_pem_wrong(p, "/"));
    flipped[body - one + 2] = '!';
    const char *damaged[] = {
        flipped,
        apr_pstrmemdup(p, one, strlen(one) - strlen(END)),
        apr_pstrcat(p, apr_pstrmemdup(p, one, strlen(one) - strlen(END) - 10), "\n", END, NULL),
        apr_pstrcat(p, one, "-----BEGIN CERTIFICATE-----\nAAAA\n", END, NULL),
        apr_pstrcat(p, one, "-----BEGIN CERTIFICATE-----\n", NULL),
        apr_pstrcat(p, "-----BEGIN CERTIFICATE-----\n", END, NULL)};
    for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
        assert_string_equal(of_text(p, damaged[i]), "has a certificate that is damaged");
    }
}

/* Nothing behind a NUL would have been looked at. */
static void text_is_read_to_its_end(void **state)
{
    apr_pool_t *p = *state;
    const char *one = certificate(p);
    const char *bad = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    size_t n = strlen(one);
    size_t m = strlen(bad);
    char *both = apr_pcalloc(p, n + 1 + m);
    memcpy(both, one, n);
    memcpy(both + n + 1, bad, m);
    assert_non_null(wrong(p, both, n + 1 + m));
}

static void lines_of_passwords(void **state)
{
    (void)state;
    assert_null(rg_secret_line_wrong("correct horse"));
    assert_null(rg_secret_line_wrong("p\xc3\xa4ssw\xc3\xb6rd"));
    assert_null(rg_secret_line_wrong(""));
    assert_non_null(strstr(rg_secret_line_wrong("\xef\xbb\xbfpassword"), "byte order mark"));
    assert_non_null(strstr(rg_secret_line_wrong(" password"), "space"));
    assert_non_null(strstr(rg_secret_line_wrong("password\t"), "space"));
    assert_non_null(strstr(rg_secret_line_wrong(" "), "space"));
    assert_non_null(strstr(rg_secret_line_wrong("pass\x01word"), "control"));
    assert_non_null(strstr(rg_secret_line_wrong("pass\xffword"), "UTF-8"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(certificates_are_taken), pool_test(anything_else_is_told),
        pool_test(text_is_read_to_its_end), cmocka_unit_test(lines_of_passwords)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
