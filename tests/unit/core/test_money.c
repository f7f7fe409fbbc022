/* SPDX-License-Identifier: Apache-2.0 */
/* Money: exact in, exact out, nothing wraps around. */
#include "core_test.h"
#include "regen/core/money.h"

static rg_money_t money(int64_t minor, const char *currency)
{
    rg_money_t m = {.minor = minor};
    memcpy(m.currency, currency, 4);
    return m;
}

static void exponents_are_iso_4217s(void **state)
{
    (void)state;
    assert_int_equal(rg_money_exponent("USD"), 2);
    assert_int_equal(rg_money_exponent("AED"), 2); /* first and last of each list */
    assert_int_equal(rg_money_exponent("ZWG"), 2);
    assert_int_equal(rg_money_exponent("JPY"), 0);
    assert_int_equal(rg_money_exponent("BIF"), 0);
    assert_int_equal(rg_money_exponent("XPF"), 0);
    assert_int_equal(rg_money_exponent("BHD"), 3);
    assert_int_equal(rg_money_exponent("TND"), 3);
    static const char *const wrong[] = {"",    "U",   "US",  "USDX", "usd", "XXX",
                                        "XAU", "SD ", " AF", "D A",  NULL};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(rg_money_exponent(wrong[i]), -1);
    }
}

static void decimals_carry_the_currencys_digits(void **state)
{
    static const struct {
        int64_t minor;
        const char *currency;
        const char *decimal;
        const char *display;
    } cases[] = {
        {1250, "USD", "12.50", "$12.50"},
        {0, "USD", "0.00", "$0.00"},
        {5, "USD", "0.05", "$0.05"},
        {-5, "USD", "-0.05", "-$0.05"},
        {99999, "USD", "999.99", "$999.99"},
        {100000, "USD", "1000.00", "$1,000.00"},
        {125000, "EUR", "1250.00", "1,250.00 EUR"},
        {-123456789, "EUR", "-1234567.89", "-1,234,567.89 EUR"},
        {1234567, "JPY", "1234567", "1,234,567 JPY"},
        {0, "JPY", "0", "0 JPY"},
        {1, "BHD", "0.001", "0.001 BHD"},
        {1000000, "BHD", "1000.000", "1,000.000 BHD"},
        {INT64_MAX, "USD", "92233720368547758.07", "$92,233,720,368,547,758.07"},
        {INT64_MIN, "USD", "-92233720368547758.08", "-$92,233,720,368,547,758.08"},
        {INT64_MIN, "JPY", "-9223372036854775808", "-9,223,372,036,854,775,808 JPY"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rg_money_t m = money(cases[i].minor, cases[i].currency);
        rg_money_t back = {0};
        assert_string_equal(rg_money_decimal(*state, m), cases[i].decimal);
        assert_string_equal(rg_money_display(*state, m), cases[i].display);
        assert_true(rg_money_parse(&back, cases[i].decimal, cases[i].currency));
        assert_true(back.minor == m.minor);
        assert_string_equal(back.currency, m.currency);
    }
}

static void unknown_currencies_are_never_shown(void **state)
{
    assert_null(rg_money_decimal(*state, money(100, "XXX")));
    assert_null(rg_money_display(*state, money(100, "XXX")));
    rg_money_t zeroed = {0};
    assert_null(rg_money_decimal(*state, zeroed));
}

static void fewer_digits_are_filled_up(void **state)
{
    (void)state;
    rg_money_t m = {0};
    assert_true(rg_money_parse(&m, "12", "USD"));
    assert_int_equal(m.minor, 1200);
    assert_true(rg_money_parse(&m, "12.5", "USD"));
    assert_int_equal(m.minor, 1250);
    assert_true(rg_money_parse(&m, "0.1", "BHD"));
    assert_int_equal(m.minor, 100);
    assert_true(rg_money_parse(&m, "-0.00", "USD"));
    assert_int_equal(m.minor, 0);
}

static void what_is_no_decimal_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "-",
                                        ".",
                                        "5.",
                                        ".5",
                                        "-.5",
                                        "+5",
                                        "--5",
                                        "05",
                                        "00.10",
                                        "1,000",
                                        "1 000",
                                        " 5",
                                        "5 ",
                                        "5\n",
                                        "1e3",
                                        "0x10",
                                        "12.505",
                                        "12.500",
                                        "1.2.3",
                                        "$5",
                                        "5 USD",
                                        "\xd9\xa1",
                                        "92233720368547758.08",
                                        "-92233720368547758.09",
                                        "9223372036854775807",
                                        "99999999999999999999999999",
                                        NULL};
    rg_money_t m = money(77, "EUR");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(rg_money_parse(&m, wrong[i], "USD"));
    }
    assert_false(rg_money_parse(&m, "1.5", "JPY"));
    assert_false(rg_money_parse(&m, "1.0", "JPY"));
    assert_false(rg_money_parse(&m, "1", "XXX"));
    assert_false(rg_money_parse(&m, "1", NULL));
    assert_int_equal(m.minor, 77);
    assert_string_equal(m.currency, "EUR");
}

static void sums_are_checked(void **state)
{
    (void)state;
    rg_money_t sum = money(INT64_MAX - 10, "USD");
    assert_true(rg_money_add(&sum, money(10, "USD")));
    assert_true(sum.minor == INT64_MAX);
    assert_false(rg_money_add(&sum, money(1, "USD")));
    assert_true(sum.minor == INT64_MAX);
    assert_false(rg_money_add(&sum, money(-1, "EUR")));
    assert_true(sum.minor == INT64_MAX);
    assert_true(rg_money_add(&sum, money(-INT64_MAX, "USD")));
    assert_int_equal(sum.minor, 0);
}

static void products_are_checked(void **state)
{
    (void)state;
    rg_money_t out = money(1, "EUR");
    assert_true(rg_money_times(&out, money(1250, "USD"), 3));
    assert_int_equal(out.minor, 3750);
    assert_string_equal(out.currency, "USD");
    assert_true(rg_money_times(&out, money(1250, "USD"), -1));
    assert_int_equal(out.minor, -1250);
    assert_false(rg_money_times(&out, money(INT64_MAX / 2, "USD"), 3));
    assert_false(rg_money_times(&out, money(INT64_MIN, "USD"), -1));
    assert_int_equal(out.minor, -1250);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponents_are_iso_4217s),
        pool_test(decimals_carry_the_currencys_digits),
        pool_test(unknown_currencies_are_never_shown),
        cmocka_unit_test(fewer_digits_are_filled_up),
        cmocka_unit_test(what_is_no_decimal_is_refused),
        cmocka_unit_test(sums_are_checked),
        cmocka_unit_test(products_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
