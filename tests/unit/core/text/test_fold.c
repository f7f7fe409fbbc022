/* SPDX-License-Identifier: Apache-2.0 */
/* The same text as people see it. What Unicode says is compared with another implementation in
 * test_fold_twin.c; this file tests its purpose. */
#include "core_test.h"
#include "regen/core/text.h"

#include <apr_strings.h>

static void the_edge_composes_and_drops_what_nobody_sees(void **state)
{
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"Jose\u0301", "José"},
        {"O\u2019Brien", "O\u2019Brien"}, /* the sign that was typed stays */
        {"\u202eAnn\u202c", "Ann"},
        {"\u2066Ann\u2069\u200f", "Ann"},
        {"Zoe\u200b\u0308", "Zoë"}, /* nothing stands between a letter and its mark */
        {"Mar\u00adgaret\ufeff", "Margaret"},
        {"\u3164", ""},
        {"\ufff9Ann\ufffa", "Ann"},
        {"\u1112\u1161\u11ab", "\ud55c"},
        {"\u674e\u5c0f\u9f8d", "\u674e\u5c0f\u9f8d"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(rg_text_plain(*state, cases[i].in), cases[i].out);
        assert_string_equal(rg_text_tidy(*state, cases[i].in), cases[i].out);
    }
    assert_null(rg_text_plain(*state, NULL));
    assert_string_equal(rg_text_tidy(*state, "\u3000Ann\u2003 \u202fLee\u2028"), "Ann Lee");
}

static void one_key_for_many_spellings(void **state)
{
    static const char *const cases[][2] = {
        {"Ann O\u2019Brien", "ann o'brien"},
        {"ANN  O\u02bcBRIEN ", "ann o'brien"},
        {"Ann O\u00b4Brien", "ann o'brien"},
        {"Kal\u0101kaua", "kalakaua"},
        {"Doe\u2010Lee", "doe-lee"},
        {"Doe\u2011Lee", "doe-lee"},
        {"Doe \u2013 Lee", "doe - lee"},
        {"STRASSE", "strasse"},
        {"Straße", "strasse"},
        {"\ufb01ona", "fiona"},
        {"\u0141ukasz \u017bak", "lukasz zak"},
        {"\u00d8rsted", "orsted"},
        {"\uff21\uff4e\uff4e", "ann"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(rg_fold_text(*state, cases[i][0]), cases[i][1]);
    }
    assert_string_equal(rg_fold_text(*state, NULL), "");
    assert_string_equal(rg_fold_name(*state, "O'Neil-St. John"), "oneilstjohn");
    assert_string_equal(rg_fold_name(*state, "-"), "-");
}

static void a_key_fits_its_column(void **state)
{
    char *long_name = apr_palloc(*state, 3 * 200 + 1);
    for (int i = 0; i < 200; i++) {
        memcpy(long_name + (size_t)3 * (size_t)i, "\uac01", 3); /* three jamo each */
    }
    long_name[600] = '\0';
    assert_int_equal(rg_text_length(rg_fold_name(*state, long_name)), RG_FOLD_MOST);
}

static void names_that_are_one(void **state)
{
    static const char *const same[][2] = {
        {"José María Doe", " josé  maría doe "},
        {"Ľubica Ňuňez", "ľubica ňuňez"},
        {"ΑΝΝΑ", "αννα"},
        {"Ёлка Юрьева", "ёлка юрьева"},
        {"De La Cruz", "dela cruz"},
        {"A\u00a0B", "a b"},
        {"李 小龍", "李小龍"},
        {"José", "Jose"},
        {"O\u2019Neil", "ONeil"},
        {"Ka\u02bbiulani", "Ka'iulani"},
        {"Ka\u02bbiulani", "Kaiulani"},
        {"Anne\u2011Marie", "Anne-Marie"},
        {"Rene\u0301", "Ren\u00e9"},
        {"\u202eAnn", "Ann"},
    };
    static const char *const other[][2] = {
        {"Ann Doe", "Ann Do"},
        {"Ann Do", "Ann Doe"},
        {"", "Ann"},
        {"ẖ", "ẗ"},
        {"×", "÷"},
        {"\u304b", "\u304c"},
        {"\u0930\u0935\u093f", "\u0930\u0935\u0940"}, /* vowels of Devanagari */
        {"-", "."},
    };
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        assert_true(rg_fold_same(*state, same[i][0], same[i][1]));
    }
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        assert_false(rg_fold_same(*state, other[i][0], other[i][1]));
    }
}

static void case_is_folded_and_accents_stay(void **state)
{
    assert_string_equal(rg_fold_case(*state, "REN\u00c9"), "ren\u00e9");
    assert_string_equal(rg_fold_case(*state, "Rene\u0301"), "ren\u00e9");
    assert_string_equal(rg_fold_case(*state, "Rene\u200b"), "rene");
    assert_string_equal(rg_fold_case(*state, NULL), "");
}

static void countries_by_name(void **state)
{
    int count;
    const rg_country_t *all = rg_countries(&count);
    assert_in_range(count, 245, 255);
    assert_string_equal(all[0].name, "Afghanistan");
    assert_string_equal(all[1].code, "AX"); /* sorted as if it had no ring */
    for (int i = 0; i < count; i++) {
        assert_string_equal(rg_country_name(all[i].code), all[i].name);
        assert_string_equal(rg_fold_country(rg_fold_name(*state, all[i].name)), all[i].code);
    }
    assert_string_equal(rg_country_name("ZZ"), "ZZ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(the_edge_composes_and_drops_what_nobody_sees),
        pool_test(one_key_for_many_spellings),
        pool_test(a_key_fits_its_column),
        pool_test(names_that_are_one),
        pool_test(case_is_folded_and_accents_stay),
        pool_test(countries_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
