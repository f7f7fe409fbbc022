/* SPDX-License-Identifier: Apache-2.0 */
/* Buffers grow, stay NUL terminated, and never pass their cap. */
#include "core_test.h"
#include "regen/core/buf.h"

static void a_new_buffer_is_an_empty_string(void **state)
{
    rg_buf_t *b = rg_buf_make(*state, 100);
    assert_string_equal(b->data, "");
    assert_int_equal(b->len, 0);
    assert_false(b->overflow);
}

static void it_grows_over_many_sizes(void **state)
{
    rg_buf_t *b = rg_buf_make(*state, 1 << 20);
    for (int i = 0; i < 100000; i++) {
        char c = (char)('a' + i % 26);
        rg_buf_add(b, &c, 1);
        assert_int_equal(b->data[b->len], '\0');
    }
    assert_int_equal(b->len, 100000);
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(b->data[i], 'a' + i % 26);
    }
    assert_false(b->overflow);
}

static void all_ways_of_appending_append(void **state)
{
    rg_buf_t *b = rg_buf_make(*state, 1000);
    rg_buf_puts(b, "one ");
    rg_buf_add(b, "two\0three", 9);
    rg_buf_add(b, NULL, 0);
    rg_buf_printf(b, " %d %s %lld %zu", 4, "five", 6LL, (size_t)7);
    static const char want[] = "one two\0three 4 five 6 7";
    assert_int_equal(b->len, sizeof(want) - 1);
    assert_memory_equal(b->data, want, sizeof(want));
}

static void a_long_format_is_printed_whole(void **state)
{
    rg_buf_t *b = rg_buf_make(*state, 100000);
    rg_buf_puts(b, "x");
    rg_buf_printf(b, "%20000d", 1);
    assert_int_equal(b->len, 20001);
    assert_int_equal(b->data[20000], '1');
    assert_int_equal(b->data[20001], '\0');
}

static void the_cap_is_exact(void **state)
{
    rg_buf_t *b = rg_buf_make(*state, 5);
    rg_buf_puts(b, "12345");
    assert_false(b->overflow);
    assert_string_equal(b->data, "12345");
    rg_buf_add(b, "6", 1);
    assert_true(b->overflow);
    assert_string_equal(b->data, "12345");
}

static void after_overflow_nothing_is_appended(void **state)
{
    rg_buf_t *b = rg_buf_make(*state, 1000);
    rg_buf_puts(b, "start");
    rg_buf_printf(b, "%2000d", 1);
    assert_true(b->overflow);
    assert_string_equal(b->data, "start");
    rg_buf_puts(b, "x");
    rg_buf_printf(b, "%d", 1);
    assert_string_equal(b->data, "start");
    assert_int_equal(b->len, 5);
}

static void caps_at_the_ends_of_the_range_work(void **state)
{
    rg_buf_t *none = rg_buf_make(*state, 0);
    rg_buf_puts(none, "");
    assert_false(none->overflow);
    rg_buf_puts(none, "x");
    assert_true(none->overflow);
    assert_string_equal(none->data, "");
    rg_buf_t *all = rg_buf_make(*state, SIZE_MAX);
    rg_buf_puts(all, "x");
    assert_false(all->overflow);
    assert_string_equal(all->data, "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(a_new_buffer_is_an_empty_string),
        pool_test(it_grows_over_many_sizes),
        pool_test(all_ways_of_appending_append),
        pool_test(a_long_format_is_printed_whole),
        pool_test(the_cap_is_exact),
        pool_test(after_overflow_nothing_is_appended),
        pool_test(caps_at_the_ends_of_the_range_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
