/* SPDX-License-Identifier: Apache-2.0 */
/* Targets of a booking as one text and back. */
#include "core_test.h"

#include <string.h>

#include "regen/model/booking.h"

static void there_and_back(void **state)
{
    static const char *const further[] = {"", "knee right", "knee right,hip left",
                                          "hip left,back none,knee right"};
    apr_pool_t *p = *state;

    for (size_t i = 0; i < sizeof(further) / sizeof(further[0]); i++) {
        rg_targets_t t = rg_targets_of(p, "knee", RG_SIDE_LEFT, further[i]);

        assert_int_equal(t.count, i + 1);
        assert_int_equal(rg_targets_count(further[i]), i + 1);
        assert_string_equal(t.at[0].body_site, "knee");
        assert_int_equal(t.at[0].side, RG_SIDE_LEFT);
        assert_string_equal(rg_targets_further(p, &t), further[i]);
        for (int k = 0; k < t.count; k++) {
            const char *code = rg_target_code(p, &t.at[k]);
            rg_target_t one;

            assert_int_equal(rg_target_no(&t, t.at[k].body_site, t.at[k].side), k + 1);
            assert_int_equal(rg_target_coded(&t, code), k + 1);
            assert_true(rg_target_read(p, &one, code));
            assert_string_equal(one.body_site, t.at[k].body_site);
            assert_int_equal(one.side, t.at[k].side);
        }
        assert_int_equal(rg_target_no(&t, "knee", RG_SIDE_NONE), 0);
        assert_int_equal(rg_target_no(&t, "elbow", RG_SIDE_LEFT), 0);
    }
}

static void nothing_is_one(void **state)
{
    rg_targets_t t = rg_targets_of(*state, NULL, RG_SIDE_NONE, NULL);

    assert_int_equal(t.count, 1);
    assert_string_equal(t.at[0].body_site, "");
    assert_int_equal(rg_targets_count(NULL), 1);
    t = rg_targets_of(*state, "knee", RG_SIDE_LEFT, "a left,b left,c left,d left,e left");
    assert_int_equal(t.count, RG_TARGETS_MOST);
}

static void no_code_is_none(void **state)
{
    static const char *const codes[] = {
        "",          " ",         "knee",       "knee ",      " left",
        "knee both", "knee LEFT", "knee left ", "knee  left", "knee bilateral"};
    rg_targets_t t = rg_targets_of(*state, "knee", RG_SIDE_LEFT, "hip right");
    rg_target_t one;

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        assert_false(rg_target_read(*state, &one, codes[i]));
        assert_int_equal(rg_target_coded(&t, codes[i]), 0);
    }
    assert_int_equal(rg_target_coded(&t, "hip left"), 0);
}

static void what_was_injected_counts(void **state)
{
    rg_targets_t t = rg_targets_injected(*state, "knee", RG_SIDE_LEFT, "knee right,hip left", 12);
    assert_int_equal(t.count, 2);
    assert_int_equal(t.at[0].side, RG_SIDE_RIGHT);
    assert_string_equal(t.at[1].body_site, "hip");
    t = rg_targets_injected(*state, "knee", RG_SIDE_LEFT, "knee right,hip left", 4);
    assert_int_equal(t.count, 1);
    assert_string_equal(rg_target_code(*state, &t.at[0]), "knee right");
    t = rg_targets_injected(*state, "knee", RG_SIDE_LEFT, "knee right,hip left", 0);
    assert_int_equal(t.count, 3);
    t = rg_targets_injected(*state, "knee", RG_SIDE_LEFT, NULL, 0);
    assert_int_equal(t.count, 1);
    assert_string_equal(rg_target_code(*state, &t.at[0]), "knee left");
}

static void a_diagnosis_is_for_its_side(void **state)
{
    (void)state;
    const rg_target_t knee = {"knee", RG_SIDE_LEFT};
    const rg_target_t spine = {"lumbar-spine", RG_SIDE_NONE};
    assert_true(rg_target_has(&knee, "knee", RG_SIDE_LEFT));
    assert_true(rg_target_has(&knee, "knee", RG_SIDE_BILATERAL));
    assert_true(rg_target_has(&knee, "knee", RG_SIDE_NONE));
    assert_true(rg_target_has(&knee, "", RG_SIDE_NONE));
    assert_false(rg_target_has(&knee, "knee", RG_SIDE_RIGHT));
    assert_false(rg_target_has(&knee, "hip", RG_SIDE_LEFT));
    assert_true(rg_target_has(&spine, "lumbar-spine", RG_SIDE_LEFT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(there_and_back),
        pool_test(nothing_is_one),
        pool_test(no_code_is_none),
        pool_test(what_was_injected_counts),
        pool_test(a_diagnosis_is_for_its_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
