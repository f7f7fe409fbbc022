/* SPDX-License-Identifier: Apache-2.0 */
/* Each role has one name, in both directions. */
#include "core_test.h"
#include "regen/core/ctx.h"

static void roles_have_names_both_ways(void **state)
{
    (void)state;
    static const struct {
        unsigned role;
        const char *name;
    } all[] = {
        {RG_ROLE_PATIENT, "patient"}, {RG_ROLE_FRONT_DESK, "front-desk"},
        {RG_ROLE_BILLING, "billing"}, {RG_ROLE_CLINICIAN, "clinician"},
        {RG_ROLE_ADMIN, "admin"},     {RG_ROLE_MACHINE, "machine"},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        assert_int_equal(rg_role_parse(all[i].name), all[i].role);
        assert_string_equal(rg_role_name(all[i].role), all[i].name);
    }
}

static void what_is_no_role_is_nothing(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",      "none",   "several", "Front-Desk",
                                        "front", "admin ", NULL};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(rg_role_parse(wrong[i]), 0);
    }
    assert_string_equal(rg_role_name(0), "none");
    assert_string_equal(rg_role_name(RG_ROLE_ADMIN | RG_ROLE_BILLING), "several");
}

static void staff_are_not_patients_nor_machines(void **state)
{
    (void)state;
    assert_int_equal(RG_ROLE_STAFF & (RG_ROLE_PATIENT | RG_ROLE_MACHINE), 0);
    assert_true(RG_ROLE_STAFF & rg_role_parse("front-desk"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_have_names_both_ways),
        cmocka_unit_test(what_is_no_role_is_nothing),
        cmocka_unit_test(staff_are_not_patients_nor_machines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
