/* SPDX-License-Identifier: Apache-2.0 */
/* Public ids of records: random, so that they can neither be guessed nor counted. Use-cases make
 * them, routes check them before asking the database. */
#include "regen/core.h"

#include <string.h>

static const char crockford[] = "0123456789abcdefghjkmnpqrstvwxyz";
enum { UID_BYTES = 16, UID_DIGITS = 26 };

const char *rg_uid_make(rg_ctx_t *ctx)
{
    unsigned char random[UID_BYTES];
    ctx->random(random, sizeof(random));
    char *uid = apr_palloc(ctx->pool, UID_DIGITS + 1);
    /* 26 digits are 130 bits: two zero bits lead, so the first digit is at most 7. */
    unsigned bits = 0;
    unsigned count = 2;
    for (int i = 0, next = 0; i < UID_DIGITS; i++) {
        if (count < 5) {
            bits = ((bits << 8) | random[next++]) & 0xffff;
            count += 8;
        }
        count -= 5;
        uid[i] = crockford[(bits >> count) & 31];
    }
    uid[UID_DIGITS] = '\0';
    return uid;
}

bool rg_uid_valid(const char *s)
{
    return s && strlen(s) == UID_DIGITS && strspn(s, crockford) == UID_DIGITS && s[0] <= '7';
}
