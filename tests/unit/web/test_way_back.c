/* SPDX-License-Identifier: Apache-2.0 */
/* Where a login may lead back to (mod_regen/web/http/way_back.c): pages below the base, and nowhere
 * else. */
#include "core_test.h"

#include "mod_regen/web/http/way_back.c"

static void back_to_own_pages(void **state)
{
    (void)state;
    assert_string_equal(regen_way_back("/clinic", "/clinic/staff"), "/staff");
    assert_string_equal(regen_way_back("/clinic", "/clinic/"), "/");
    assert_string_equal(regen_way_back("/clinic", "/clinic/staff?date=2026-12-01&q=a%20b"),
                        "/staff?date=2026-12-01&q=a%20b");
    assert_string_equal(regen_way_back("", "/staff"), "/staff");
}

static void nowhere_else(void **state)
{
    static const char *const bad[] = {
        "",
        "/clinic",
        "/clinics/staff",
        "/other/staff",
        "//elsewhere.example/clinic/",
        "/clinic//elsewhere.example",
        "https://elsewhere.example/clinic/",
        "/clinic/../other",
        "/clinic/./../other",
        "/clinic/\\elsewhere.example",
        "/clinic/a\r\nSet-Cookie: x=y",
        "/clinic/a@b",
        "/clinic/a#b",
        "/clinic/\xc3\xa9",
        /* browsers read these as dots, and go up */
        "/clinic/%2e%2e/other",
        "/clinic/%2E%2E/other",
        "/clinic/staff/.%2e/%2E./other",
        "/clinic/%2e",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_null(regen_way_back("/clinic", bad[i]));
    }
    assert_null(regen_way_back("/clinic", NULL));
    assert_null(regen_way_back("", "//elsewhere.example/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(back_to_own_pages),
                                       cmocka_unit_test(nowhere_else)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
