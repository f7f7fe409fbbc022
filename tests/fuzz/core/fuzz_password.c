/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a password, the lines behind it as what a guesser would try first. Beyond not
 * crashing: the answer is a number of bits that the length allows and the same each time, hints
 * never make a password harder, and what stands behind the part that is looked at changes
 * nothing. */
#include "target.h"
#include "regen/core/crypto.h"

enum { LOOKED_AT = 64, MOST_HINTS = 20 };

static const char *const NOBODY[] = {NULL};

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    const char *hints[MOST_HINTS + 1] = {NULL};
    int n = 0;
    char *rest = apr_pstrdup(p, text);
    char *password = strsep(&rest, "\n");
    (void)size;
    while (rest && n < MOST_HINTS) {
        hints[n++] = strsep(&rest, "\n");
    }
    int bits = rg_password_bits(password, NOBODY);
    const char *own[] = {password, NULL};
    const char *head = apr_pstrmemdup(p, password, strnlen(password, LOOKED_AT));
    must(bits >= 0 && bits <= 8 * LOOKED_AT && rg_password_bits(password, NOBODY) == bits);
    must(rg_password_bits(head, NOBODY) == bits);
    must(strlen(head) < LOOKED_AT ||
         rg_password_bits(apr_pstrcat(p, head, "tail", NULL), NOBODY) == bits);
    must(rg_password_bits(password, hints) <= bits);
    must(strlen(password) > LOOKED_AT || rg_password_bits(password, own) <= bits);
}
