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

/* Numbers of cards are not kept: any run of digits in it, with blanks and hyphens between them. */
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
            if (digits >= CARD_LEAST && digits <= CARD_MOST && luhn_fits(run, digits)) {
                return true;
            }
            digits = 0;
        }
        if (*s == '\0') {
            return false;
        }
    }
}
