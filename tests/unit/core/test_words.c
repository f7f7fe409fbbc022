/* SPDX-License-Identifier: Apache-2.0 */
/* An enum and its words are one list: in both directions, and nothing for other words. */
#include "core_test.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/model/service.h"

#define COLORS(X) X(RED, "red") X(PALE_BLUE, "pale-blue") X(NO_COLOR, "")
RG_WORDS(color, COLOR_COUNT, COLORS);
RG_WORDS_MADE(color, COLORS);

static void there_and_back(void **state)
{
    (void)state;
    assert_int_equal(COLOR_COUNT, 3);
    for (int i = 0; i < COLOR_COUNT; i++) {
        assert_int_equal(color_parse(color_name((color_t)i)), i);
    }
    assert_string_equal(color_name(PALE_BLUE), "pale-blue");
    assert_string_equal(RG_WORDS_TEXT(COLORS), "red pale-blue ");
}

static void what_is_none_of_them(void **state)
{
    (void)state;
    static const char *const wrong[] = {NULL, "Red", "red ", "pale", "pale-blue-"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(color_parse(wrong[i]), -1);
    }
    assert_string_equal(color_name((color_t)COLOR_COUNT), "");
    assert_string_equal(color_name((color_t)-1), "");
    assert_int_equal(rg_booking_status_parse(""), -1);
    assert_string_equal(rg_recall_why_name(RG_RECALL_WHY_NONE), "");
}

/* Bits and bulk rows are made of these numbers. */
static void numbers_stay(void **state)
{
    (void)state;
    assert_int_equal(RG_STEP_CHECK_IN, 0);
    assert_int_equal(RG_STEP_CONSULT, 5);
    assert_int_equal(RG_RULE_SAME_PERSON, 7);
    assert_int_equal(RG_SIDE_RIGHT, 2);
    assert_string_equal(rg_step_kind_name(RG_STEP_CONSULT), "consult");
}

int main(void)
{
    const struct CMUnitTest tests[] = {pool_test(there_and_back), pool_test(what_is_none_of_them),
                                       pool_test(numbers_stay)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
