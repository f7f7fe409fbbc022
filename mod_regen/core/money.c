/* SPDX-License-Identifier: Apache-2.0 */
/* Money without floating point: minor units and an ISO 4217 code. Billing adds, render prints, web
 * and the remittance reader parse. */
#include "regen/core/money.h"

#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

/* ISO 4217, active codes (and BGN, ANG, withdrawn in 2026 and 2025: old invoices keep theirs), by
 * digits after the point. Funds, metals and test codes are not money that a clinic accepts. */
static const char two_digits[] =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD "
    "MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP "
    "PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
    "TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ";
static const char no_digits[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF ";
static const char three_digits[] = "BHD IQD JOD KWD LYD OMR TND ";

enum { DECIMAL_SIZE = 32, GROUP = 3 };

static bool listed(const char *codes, const char *currency)
{
    for (; *codes; codes += 4) {
        if (memcmp(codes, currency, 3) == 0) {
            return true;
        }
    }
    return false;
}

int rg_money_exponent(const char *currency)
{
    if (!currency || strlen(currency) != 3) {
        return -1;
    }
    if (listed(two_digits, currency)) {
        return 2;
    }
    if (listed(no_digits, currency)) {
        return 0;
    }
    return listed(three_digits, currency) ? 3 : -1;
}

/* Writes backwards from the end of OUT; SEPARATOR (or 0) goes between groups of three digits. */
static char *format_minor(char out[DECIMAL_SIZE], int64_t minor, int exponent, char separator)
{
    uint64_t rest = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;
    char *at = out + DECIMAL_SIZE - 1;
    *at = '\0';
    for (int i = 0; i < exponent; i++, rest /= 10) {
        *--at = (char)('0' + rest % 10);
    }
    if (exponent > 0) {
        *--at = '.';
    }
    for (int i = 0; i == 0 || rest > 0; i++, rest /= 10) {
        if (separator && i > 0 && i % GROUP == 0) {
            *--at = separator;
        }
        *--at = (char)('0' + rest % 10);
    }
    return at;
}

const char *rg_money_decimal(apr_pool_t *p, rg_money_t m)
{
    int exponent = rg_money_exponent(m.currency);
    if (exponent < 0) {
        return NULL;
    }
    char out[DECIMAL_SIZE];
    const char *digits = format_minor(out, m.minor, exponent, 0);
    return apr_pstrcat(p, m.minor < 0 ? "-" : "", digits, NULL);
}

const char *rg_money_display(apr_pool_t *p, rg_money_t m)
{
    int exponent = rg_money_exponent(m.currency);
    if (exponent < 0) {
        return NULL;
    }
    char out[DECIMAL_SIZE];
    const char *digits = format_minor(out, m.minor, exponent, ',');
    const char *sign = m.minor < 0 ? "-" : "";
    if (strcmp(m.currency, "USD") == 0) {
        return apr_pstrcat(p, sign, "$", digits, NULL);
    }
    return apr_pstrcat(p, sign, digits, " ", m.currency, NULL);
}

/* Appends a decimal digit to *NEGATED, which counts below zero because INT64_MIN has no opposite.
 */
static bool push_digit(int64_t *negated, int digit)
{
    return !__builtin_mul_overflow(*negated, 10, negated) &&
           !__builtin_sub_overflow(*negated, digit, negated);
}

/* Reads digits at *S into *NEGATED; returns how many, or -1 on overflow. */
static int read_amount_digits(const char **s, int64_t *negated)
{
    int n = 0;
    for (; **s >= '0' && **s <= '9'; (*s)++, n++) {
        if (!push_digit(negated, **s - '0')) {
            return -1;
        }
    }
    return n;
}

/* The digits of an unsigned decimal as negated minor units. */
static bool parse_magnitude(int64_t *negated, const char *s, int exponent)
{
    bool leading_zero = s[0] == '0' && s[1] >= '0' && s[1] <= '9';
    if (leading_zero || read_amount_digits(&s, negated) <= 0) {
        return false;
    }
    int decimals = 0;
    if (*s == '.') {
        s++;
        decimals = read_amount_digits(&s, negated);
        if (decimals <= 0) {
            return false;
        }
    }
    if (*s || decimals > exponent) {
        return false;
    }
    for (; decimals < exponent; decimals++) {
        if (!push_digit(negated, 0)) {
            return false;
        }
    }
    return true;
}

bool rg_money_parse(rg_money_t *out, const char *decimal, const char *currency)
{
    int exponent = rg_money_exponent(currency);
    if (exponent < 0 || !decimal) {
        return false;
    }
    bool negative = *decimal == '-';
    int64_t minor = 0;
    if (!parse_magnitude(&minor, decimal + negative, exponent)) {
        return false;
    }
    if (!negative && __builtin_sub_overflow(0, minor, &minor)) {
        return false;
    }
    out->minor = minor;
    memcpy(out->currency, currency, sizeof(out->currency));
    return true;
}

bool rg_money_add(rg_money_t *sum, rg_money_t b)
{
    int64_t minor = 0;
    if (strcmp(sum->currency, b.currency) != 0 ||
        __builtin_add_overflow(sum->minor, b.minor, &minor)) {
        return false;
    }
    sum->minor = minor;
    return true;
}

bool rg_money_times(rg_money_t *out, rg_money_t unit, int64_t quantity)
{
    int64_t minor = 0;
    if (__builtin_mul_overflow(unit.minor, quantity, &minor)) {
        return false;
    }
    *out = unit;
    out->minor = minor;
    return true;
}
