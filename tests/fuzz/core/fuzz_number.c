/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a number, a sum of money, a token, and as the identifiers that have a form of their
 * own. Beyond not crashing: what is taken is within its bounds and is written again as it was (but
 * for zeros in front), and one digit that is changed makes another check digit. */
#include "target.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/money.h"
#include "regen/core/net.h"
#include "regen/core/text.h"

/* Zeros in front say nothing. */
static const char *unpadded(apr_pool_t *p, const char *text)
{
    const char *digits = text + (*text == '-');
    while (digits[0] == '0' && digits[1] != '\0') {
        digits++;
    }
    return *text == '-' && *digits != '0' ? apr_pstrcat(p, "-", digits, NULL) : digits;
}

static void of_number(apr_pool_t *p, const char *text)
{
    int64_t n = 0;
    if (rg_text_i64(&n, text, -1000, INT64_MAX)) {
        must(n >= -1000);
        must_be_same(apr_psprintf(p, "%" APR_INT64_T_FMT, (apr_int64_t)n), unpadded(p, text));
        int64_t same = 0;
        must(rg_text_i64(&same, text, n, n) && same == n);
        must(n == INT64_MAX || !rg_text_i64(&same, text, n + 1, INT64_MAX));
    }
}

static void of_money(apr_pool_t *p, const char *text)
{
    static const char *const CURRENCIES[] = {"USD", "JPY", "KWD"};
    for (size_t i = 0; i < sizeof(CURRENCIES) / sizeof(*CURRENCIES); i++) {
        rg_money_t m;
        rg_money_t again;
        if (!rg_money_parse(&m, text, CURRENCIES[i])) {
            continue;
        }
        const char *said = rg_money_decimal(p, m);
        must(said && rg_money_parse(&again, said, CURRENCIES[i]));
        must(again.minor == m.minor && strcmp(again.currency, CURRENCIES[i]) == 0);
        must(rg_money_display(p, m) != NULL);
        rg_money_t sum = m;
        must(!rg_money_add(&sum, m) || (sum.minor / 2 == m.minor && sum.minor % 2 == 0));
        must(!rg_money_times(&sum, m, 3) || (sum.minor / 3 == m.minor && sum.minor % 3 == 0));
    }
}

static void of_token(apr_pool_t *p, const char *text)
{
    unsigned char bytes[32];
    if (rg_text_unbase64url(bytes, sizeof(bytes), text)) {
        must_be_same(rg_text_base64url(p, bytes, sizeof(bytes)), text);
    }
}

/* Luhn notices every single digit that is wrong. */
static void of_npi(apr_pool_t *p, const char *text)
{
    char *other = apr_pstrdup(p, text);
    for (int i = 1; rg_npi_valid(text) && i < 10; i++) {
        other[i] = other[i] == '9' ? '0' : (char)(other[i] + 1);
        must(!rg_npi_valid(other));
        other[i] = text[i];
    }
}

static void of_others(apr_pool_t *p, const char *text)
{
    const char *client = rg_net_client(p, text);
    must_be_same(rg_net_client(p, client), client);
    must(!rg_tin_valid(text) || strspn(text, "0123456789") == 9);
    must(!rg_taxonomy_valid(text) || strlen(text) == 10);
    must(!rg_mbi_valid(text) || (strlen(text) == 11 && text[0] != '0'));
    must(!rg_uid_valid(text) || strlen(text) == 26);
    must(!rg_email_plausible(text) || (strlen(text) <= 254 && strchr(text, '@')));
    must(rg_role_parse(text) == 0 || strcmp(rg_role_name(rg_role_parse(text)), text) == 0);
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    (void)size;
    of_number(p, text);
    of_money(p, text);
    of_token(p, text);
    of_npi(p, text);
    of_others(p, text);
}
