/* SPDX-License-Identifier: Apache-2.0 */
/* Values of request headers (mod_regen/web/http/header.c). What is not here, fuzz_cookie.c and
 * fuzz_key.c of tests/fuzz/web say of any bytes. */
#include "core_test.h"

#include "mod_regen/web/http/header.c"

static void prefers_what_is_said(void **state)
{
    static const char *const strict[] = {"handling=strict",
                                         "HANDLING=Strict",
                                         " handling = strict ",
                                         "handling=\"strict\"",
                                         "respond-async, handling=strict",
                                         "return=\"a, b\\\"\";q=1,handling=strict;x=y",
                                         ",,handling=strict",
                                         "handling=strict, handling=lenient"};
    (void)state;
    for (size_t i = 0; i < sizeof(strict) / sizeof(strict[0]); i++) {
        assert_true(regen_prefers(strict[i], "handling", "strict"));
    }
}

static void and_nothing_that_looks_like_it(void **state)
{
    static const char *const other[] = {"",
                                        "handling",
                                        "handling=",
                                        "handling=strictly",
                                        "handling=\"strict",
                                        "x-handling=strict",
                                        "\"handling\"=strict",
                                        "handling;strict",
                                        "wait=1;handling=strict",
                                        "return=\"handling=strict\"",
                                        "return=\"x, handling=strict\"",
                                        "handling=lenient, handling=strict"};
    (void)state;
    assert_false(regen_prefers(NULL, "handling", "strict"));
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        assert_false(regen_prefers(other[i], "handling", "strict"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(prefers_what_is_said),
                                       cmocka_unit_test(and_nothing_that_looks_like_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
