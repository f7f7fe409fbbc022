/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of cards, which are never kept, in what somebody typed. */
#include "regen/core/text.h"

enum { CARD_LEAST = 13, CARD_MOST = 19 };

/* The check of card numbers (Luhn). */
static bool luhn_fits(const char *digits, int count)
{
    int sum = 0;
    for (int i = 0; i < count; i++) {
        int d = (digits[count - 1 - i] - '0') * (i % 2 ? 2 : 1);
        sum += d > 9 ? d - 9 : d;
    }
    return sum % 10 == 0;
}

/* The first six digits from FROM to TO, and how long numbers of that issuer are. Numbers of claims,
 * checks and transfers are as long, and every tenth passes the check. ISO/IEC 7812, as the networks
 * publish their ranges. */
static const struct {
    int from, to, least, most;
} ISSUERS[] = {
    {400000, 499999, 13, 19}, /* Visa */
    {510000, 559999, 16, 16}, /* Mastercard */
    {222100, 272099, 16, 16}, /* Mastercard */
    {340000, 349999, 15, 15}, /* American Express */
    {370000, 379999, 15, 15}, /* American Express */
    {601100, 601199, 16, 19}, /* Discover */
    {644000, 659999, 16, 19}, /* Discover */
    {352800, 358999, 16, 19}, /* JCB */
    {300000, 305999, 14, 19}, /* Diners Club */
    {360000, 369999, 14, 19}, /* Diners Club */
    {380000, 399999, 14, 19}, /* Diners Club */
    {620000, 629999, 16, 19}, /* UnionPay */
};

static bool is_card(const char *digits, int count)
{
    int first = 0;
    if (count < CARD_LEAST || count > CARD_MOST) {
        return false;
    }
    for (int i = 0; i < 6; i++) {
        first = first * 10 + (digits[i] - '0');
    }
    for (size_t i = 0; i < sizeof(ISSUERS) / sizeof(*ISSUERS); i++) {
        if (first >= ISSUERS[i].from && first <= ISSUERS[i].to && count >= ISSUERS[i].least &&
            count <= ISSUERS[i].most) {
            return luhn_fits(digits, count);
        }
    }
    return false;
}

/* Any run of digits in it, with blanks and hyphens between them. */
bool rg_text_like_a_card(const char *text)
{
    char run[CARD_MOST];
    int digits = 0;
    for (const char *s = text;; s++) {
        if (*s >= '0' && *s <= '9') {
            if (digits < CARD_MOST) {
                run[digits] = *s;
            }
            digits++;
        }
        else if (*s != ' ' && *s != '-') {
            if (is_card(run, digits)) {
                return true;
            }
            digits = 0;
        }
        if (*s == '\0') {
            return false;
        }
    }
}
