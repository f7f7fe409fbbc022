/* SPDX-License-Identifier: Apache-2.0 */
/* Password strength: long but common passwords are weak, names of the owner are weak, and very long
 * ones are checked quickly. */
#include <apr_strings.h>
#include <apr_time.h>

#include "core_test.h"
#include "regen/core/crypto.h"

/* What clinic/identity/login.c asks for. */
enum { ENOUGH = 33 };

static const char *const NOBODY[] = {NULL};

static void what_is_common_is_weak(void **state)
{
    static const char *const weak[] = {"",           "a",          "password1234", "aaaaaaaaaaaa",
                                       "qwertyuiop", "12/10/1962", "abcdefghijkl", "P@ssw0rd"};
    (void)state;
    for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
        int bits = rg_password_bits(weak[i], NOBODY);
        assert_true(bits >= 0 && bits < ENOUGH);
    }
    assert_true(rg_password_bits("vK7w-quilt-harbor-mosaic", NOBODY) > ENOUGH);
    assert_true(rg_password_bits("8sJ!x02mQzRw", NOBODY) > ENOUGH);
}

static void who_it_is_counts(void **state)
{
    static const char *const hints[] = {"quenneville", "Isolde Quenneville", NULL};
    (void)state;
    int alone = rg_password_bits("quenneville7", NOBODY);
    assert_true(rg_password_bits("quenneville7", hints) < alone);
    assert_true(rg_password_bits("quenneville7", hints) < ENOUGH);
    assert_int_equal(rg_password_bits("8sJ!x02mQzRw", hints),
                     rg_password_bits("8sJ!x02mQzRw", NOBODY));
}

static void more_hints_than_are_read(void **state)
{
    static const char *const hints[] = {"a1", "b2", "c3", "d4",     "e5", "f6",
                                        "g7", "h8", "i9", "last10", NULL};
    (void)state;
    assert_true(rg_password_bits("last10", hints) >= 0);
}

static void length_ends_somewhere(void **state)
{
    apr_pool_t *p = *state;
    char *longest = apr_palloc(p, 100001);
    memset(longest, 0, 100001);
    for (int i = 0; i < 100000; i++) {
        longest[i] = (char)('!' + (i * 37) % 90);
    }
    apr_time_t begin = apr_time_now();
    int bits = rg_password_bits(longest, NOBODY);
    assert_true(apr_time_now() - begin < 5 * APR_USEC_PER_SEC);
    longest[64] = '\0';
    assert_int_equal(rg_password_bits(longest, NOBODY), bits);
    assert_true(bits > ENOUGH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_common_is_weak), cmocka_unit_test(who_it_is_counts),
        cmocka_unit_test(more_hints_than_are_read), pool_test(length_ends_somewhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
