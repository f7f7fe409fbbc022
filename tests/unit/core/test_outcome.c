/* SPDX-License-Identifier: Apache-2.0 */
/* Outcomes have stable, distinct names; problems are kept in order and found by field. */
#include "core_test.h"
#include "regen/core/outcome.h"

static void names_are_stable_and_distinct(void **state)
{
    (void)state;
    assert_string_equal(rg_outcome_name(RG_OK), "ok");
    assert_string_equal(rg_outcome_name(RG_NOT_FOUND), "not-found");
    assert_string_equal(rg_outcome_name(RG_TOO_LARGE), "too-large");
    assert_string_equal(rg_outcome_name(RG_INTERNAL), "internal");
    for (int i = 0; i < RG_OUTCOME_COUNT; i++) {
        assert_non_null(rg_outcome_name((rg_outcome_t)i));
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(rg_outcome_name((rg_outcome_t)i),
                                    rg_outcome_name((rg_outcome_t)j));
        }
    }
}

static void a_new_list_is_empty(void **state)
{
    rg_problems_t *ps = rg_problems_make(*state);
    assert_false(rg_problems_any(ps));
    assert_null(rg_problem_for(ps, "email"));
    assert_null(rg_problem_for(ps, NULL));
}

static void problems_are_found_by_field_first_one_first(void **state)
{
    rg_problems_t *ps = rg_problems_make(*state);
    char field[] = "email";
    char word[] = "name@example.org";
    rg_problem_add(ps, field, "Write it like %s.", word);
    rg_problem_add(ps, "email", "A second one.");
    rg_problem_add(ps, NULL, "Choose at most %d times within %lld days.", 3, 31LL);
    rg_problem_add(ps, "phone", "100%% wrong.");
    field[0] = word[0] = 'X'; /* the list keeps copies */
    assert_true(rg_problems_any(ps));
    assert_int_equal(ps->list->nelts, 4);
    assert_string_equal(rg_problem_for(ps, "email"), "Write it like name@example.org.");
    assert_string_equal(rg_problem_for(ps, NULL), "Choose at most 3 times within 31 days.");
    assert_string_equal(rg_problem_for(ps, "phone"), "100% wrong.");
    assert_null(rg_problem_for(ps, "emai"));
    assert_null(rg_problem_for(ps, ""));
}

static void no_list_is_fine(void **state)
{
    (void)state;
    rg_problem_add(NULL, "a", "b");
    assert_false(rg_problems_any(NULL));
    assert_null(rg_problem_for(NULL, "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_stable_and_distinct),
        pool_test(a_new_list_is_empty),
        pool_test(problems_are_found_by_field_first_one_first),
        cmocka_unit_test(no_list_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
