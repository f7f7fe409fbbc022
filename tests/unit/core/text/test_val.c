/* SPDX-License-Identifier: Apache-2.0 */
/* The tree a template reads: what is set is found, what is not is absent, truth is Mustache's. */
#include <stdio.h>

#include "core_test.h"
#include "regen/core/val.h"

static void strings_numbers_and_truth_values_are_found(void **state)
{
    rg_val_t *o = rg_val_object(*state);
    const char *name = "Ada";
    rg_val_str(o, "name", name);
    rg_val_int(o, "least", INT64_MIN);
    rg_val_int(o, "count", 42);
    rg_val_bool(o, "yes", true);
    rg_val_bool(o, "no", false);
    assert_int_equal(rg_val_kind(o), RG_VAL_OBJECT);
    assert_ptr_equal(rg_val_text(rg_val_get(o, "name")), name); /* kept, not copied */
    assert_string_equal(rg_val_text(rg_val_get(o, "least")), "-9223372036854775808");
    assert_string_equal(rg_val_text(rg_val_get(o, "count")), "42");
    assert_int_equal(rg_val_kind(rg_val_get(o, "count")), RG_VAL_STRING);
    assert_int_equal(rg_val_kind(rg_val_get(o, "yes")), RG_VAL_BOOL);
    assert_true(rg_val_true(rg_val_get(o, "yes")));
    assert_false(rg_val_true(rg_val_get(o, "no")));
    assert_null(rg_val_get(o, "nam"));
    assert_null(rg_val_get(o, "names"));
}

static void setting_again_replaces_and_null_leaves_out(void **state)
{
    rg_val_t *o = rg_val_object(*state);
    rg_val_str(o, "a", "1");
    rg_val_str(o, "b", NULL);
    rg_val_str(o, "a", "2");
    assert_string_equal(rg_val_text(rg_val_get(o, "a")), "2");
    assert_null(rg_val_get(o, "b"));
    rg_val_str(o, "a", NULL);
    assert_null(rg_val_get(o, "a"));
    rg_val_str(o, "b", "");
    assert_non_null(rg_val_get(o, "b"));
}

static void truth_is_mustache_truth(void **state)
{
    rg_val_t *list = rg_val_list(*state);
    assert_false(rg_val_true(NULL));
    assert_false(rg_val_true(list));
    assert_true(rg_val_true(rg_val_object(*state)));
    assert_true(rg_val_true(rg_val_string(*state, "")));
    rg_val_push(list, rg_val_string(*state, "x"));
    assert_true(rg_val_true(list));
}

static void only_strings_have_text(void **state)
{
    rg_val_t *o = rg_val_object(*state);
    rg_val_bool(o, "yes", true);
    assert_string_equal(rg_val_text(NULL), "");
    assert_string_equal(rg_val_text(o), "");
    assert_string_equal(rg_val_text(rg_val_list(*state)), "");
    assert_string_equal(rg_val_text(rg_val_get(o, "yes")), "");
    assert_string_equal(rg_val_text(rg_val_string(*state, "s")), "s");
}

static void lists_keep_order_and_bounds(void **state)
{
    rg_val_t *o = rg_val_object(*state);
    rg_val_t *list = rg_val_set_list(o, "rows");
    assert_ptr_equal(rg_val_set_list(o, "rows"), list);
    assert_ptr_equal(rg_val_get(o, "rows"), list);
    for (int i = 0; i < 100; i++) {
        rg_val_int(rg_val_add(list), "i", i);
    }
    rg_val_push(list, NULL); /* nothing is not an item */
    assert_int_equal(rg_val_count(list), 100);
    for (int i = 0; i < 100; i++) {
        char want[16];
        snprintf(want, sizeof(want), "%d", i);
        assert_string_equal(rg_val_text(rg_val_get(rg_val_at(list, i), "i")), want);
    }
    assert_null(rg_val_at(list, 100));
    assert_null(rg_val_at(list, -1));
}

static void wrong_kinds_are_empty_not_fatal(void **state)
{
    rg_val_t *o = rg_val_object(*state);
    rg_val_t *list = rg_val_list(*state);
    rg_val_t *string = rg_val_string(*state, "s");
    assert_int_equal(rg_val_count(o), 0);
    assert_int_equal(rg_val_count(NULL), 0);
    assert_null(rg_val_at(o, 0));
    assert_null(rg_val_get(list, "a"));
    assert_null(rg_val_get(string, "a"));
    assert_null(rg_val_get(NULL, "a"));
    rg_val_push(o, string);
    rg_val_set(list, "a", string);
    assert_int_equal(rg_val_count(list), 0);
    assert_null(rg_val_get(o, "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(strings_numbers_and_truth_values_are_found),
        pool_test(setting_again_replaces_and_null_leaves_out),
        pool_test(truth_is_mustache_truth),
        pool_test(only_strings_have_text),
        pool_test(lists_keep_order_and_bounds),
        pool_test(wrong_kinds_are_empty_not_fatal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
