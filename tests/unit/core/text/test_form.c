/* SPDX-License-Identifier: Apache-2.0 */
/* Forms: decoded exactly once, cut before decoding, and refused rather than repaired. */
#include <stdlib.h>

#include "core_test.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"

static rg_form_t *parsed(apr_pool_t *p, const char *s)
{
    rg_form_t *f = NULL;
    assert_int_equal(rg_form_parse(&f, p, s, strlen(s), 100), RG_OK);
    return f;
}

static void pairs_come_in_order(void **state)
{
    rg_form_t *f = parsed(*state, "b=2&a=1&b=3&c=&d&=e");
    static const char *const want[][2] = {{"b", "2"}, {"a", "1"}, {"b", "3"},
                                          {"c", ""},  {"d", ""},  {"", "e"}};
    assert_int_equal(f->pairs->nelts, 6);
    for (int i = 0; i < 6; i++) {
        assert_string_equal(APR_ARRAY_IDX(f->pairs, i, rg_pair_t).name, want[i][0]);
        assert_string_equal(APR_ARRAY_IDX(f->pairs, i, rg_pair_t).value, want[i][1]);
    }
    assert_string_equal(rg_form_get(f, "b"), "2");
    assert_string_equal(rg_form_get(f, "d"), "");
    assert_null(rg_form_get(f, "e"));
    assert_null(rg_form_get(f, "B"));
}

static void escapes_are_decoded_once_after_cutting(void **state)
{
    rg_form_t *f = parsed(*state, "a%3Db=c%26d&x=1+2%2B3%2525&e=%C3%AB%c3%ab&q=a=b");
    assert_int_equal(f->pairs->nelts, 4);
    assert_string_equal(rg_form_get(f, "a=b"), "c&d");
    assert_string_equal(rg_form_get(f, "x"), "1 2+3%25");
    assert_string_equal(rg_form_get(f, "e"), "\xc3\xab\xc3\xab");
    assert_string_equal(rg_form_get(f, "q"), "a=b");
}

static void nothing_is_a_form_without_pairs(void **state)
{
    assert_int_equal(parsed(*state, "")->pairs->nelts, 0);
    assert_int_equal(parsed(*state, "&&")->pairs->nelts, 0);
    assert_int_equal(parsed(*state, "&a=1&&b=2&")->pairs->nelts, 2);
    rg_form_t *f = NULL;
    assert_int_equal(rg_form_parse(&f, *state, NULL, 0, 0), RG_OK);
    assert_int_equal(f->pairs->nelts, 0);
}

static void line_ends_become_lf(void **state)
{
    rg_form_t *f = parsed(*state, "a=one%0D%0Atwo%0Dthree%0Afour%0D&b=%0D%0D%0A&c=x%09y");
    assert_string_equal(rg_form_get(f, "a"), "one\ntwo\nthree\nfour\n");
    assert_string_equal(rg_form_get(f, "b"), "\n\n");
    assert_string_equal(rg_form_get(f, "c"), "x\ty");
}

static void bad_bytes_are_refused(void **state)
{
    static const char *const wrong[] = {
        "a=%",      "a=%4",   "a=%zz",  "a=%4z",       "a=%-1",       "a=% 1",
        "a=%4&b=1", "a%=1",   "a=%00",  "%00=1",       "a=%01",       "a=%7f",
        "a=%ff",    "a=\xff", "a=%C3",  "a=%C3&%AB=1", "a=%ED%A0%80", "a=%C2%85",
        "a\n=1",    "a%0D=1", "a%09=1", "ok=1&b=%x",   "a=%C0%80",    "a=\x01"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        rg_form_t *f = NULL;
        rg_outcome_t o = rg_form_parse(&f, *state, wrong[i], strlen(wrong[i]), 100);
        if (o != RG_INVALID || f) {
            fail_msg("\"%s\" gave %s", wrong[i], rg_outcome_name(o));
        }
    }
    rg_form_t *f = NULL;
    assert_int_equal(rg_form_parse(&f, *state, "a=b\0c", 5, 100), RG_INVALID);
}

static void only_n_bytes_are_read(void **state)
{
    rg_form_t *f = NULL;
    char *exact = malloc(5); /* no NUL behind: the sanitizer watches */
    memcpy(exact, "a=%41", 5);
    assert_int_equal(rg_form_parse(&f, *state, exact, 5, 100), RG_OK);
    assert_string_equal(rg_form_get(f, "a"), "A");
    free(exact);
    f = NULL;
    assert_int_equal(rg_form_parse(&f, *state, "a=%41", 4, 100), RG_INVALID);
}

static void the_number_of_pairs_is_capped(void **state)
{
    rg_form_t *f = NULL;
    assert_int_equal(rg_form_parse(&f, *state, "a=1&b=2&", 8, 2), RG_OK);
    f = NULL;
    assert_int_equal(rg_form_parse(&f, *state, "a=1&b=2&c", 9, 2), RG_TOO_LARGE);
    assert_null(f);
    assert_int_equal(rg_form_parse(&f, *state, "a", 1, 0), RG_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(pairs_come_in_order),
        pool_test(escapes_are_decoded_once_after_cutting),
        pool_test(nothing_is_a_form_without_pairs),
        pool_test(line_ends_become_lf),
        pool_test(bad_bytes_are_refused),
        pool_test(only_n_bytes_are_read),
        pool_test(the_number_of_pairs_is_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
