/* SPDX-License-Identifier: Apache-2.0 */
/* Public ids of records: random, so that they can neither be guessed nor counted. Use-cases make
 * them, routes check them before asking the database. And the short booking number, which people
 * can tell on the phone. */
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/text.h"

#include <string.h>

#include <apr_strings.h>

static const char crockford[] = "0123456789abcdefghjkmnpqrstvwxyz";
enum { UID_BYTES = 16, UID_DIGITS = 26 };

const char *rg_uid_make(const rg_ctx_t *ctx)
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

/* --- the number of a booking ------------------------------------------------------------------ */

/* No two of them look or sound alike on a bad line: no 0 and O, no 1 and I, one of M and N, one of
 * B, D, E, P, T, V, Z, none of F and S. The order is that of 0028_numbers.sql, which numbered what
 * was booked before. */
static const char speakable[] = "KL23456789MQRWXY";

const char *rg_number_make(const rg_ctx_t *ctx)
{
    unsigned char random[RG_NUMBER_DIGITS];
    char *number = apr_palloc(ctx->pool, RG_NUMBER_DIGITS + 1);
    ctx->random(random, sizeof(random));
    for (int i = 0; i < RG_NUMBER_DIGITS; i++) {
        number[i] = speakable[random[i] & 15];
    }
    number[RG_NUMBER_DIGITS] = '\0';
    return number;
}

const char *rg_number_read(apr_pool_t *p, const char *typed)
{
    char *number = apr_pstrdup(p, rg_fold_name(p, typed));
    for (char *c = number; *c != '\0'; c++) {
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    }
    return strlen(number) == RG_NUMBER_DIGITS && strspn(number, speakable) == RG_NUMBER_DIGITS
               ? number
               : NULL;
}

const char *rg_number_people(apr_pool_t *p, const char *number)
{
    if (!number || strlen(number) != RG_NUMBER_DIGITS) {
        return NULL;
    }
    return apr_psprintf(p, "%.3s %.3s %.3s", number, number + 3, number + 6);
}
