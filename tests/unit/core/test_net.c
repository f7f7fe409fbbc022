/* SPDX-License-Identifier: Apache-2.0 */
/* An address is one client, however it is written. */
#include "core_test.h"
#include "regen/core/net.h"

static void one_client_is_one(void **state)
{
    static const char *const pairs[][2] = {
        {"203.0.113.7", "203.0.113.7"},
        {"::ffff:203.0.113.7", "203.0.113.7"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
        {"2001:DB8:1:2::9", "2001:db8:1:2::"},
        {"2001:db8:1:3::9", "2001:db8:1:3::"},
        {"::1", "::"},
        {"2001:db8::1%eth0", "2001:db8::1%eth0"},
        {"unix", "unix"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        assert_string_equal(rg_net_client(*state, pairs[i][0]), pairs[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {pool_test(one_client_is_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
