/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as Idempotency-Key, as Authorization and as a private link's token. Beyond not crashing:
 * what is taken has its length and letters, one more letter of another kind is refused, and a token
 * has one spelling: none that differs has the same hash. */
#include "target.h"

#include "mod_regen/clinic/identity/secret.h"
#include "mod_regen/web/http/header.c"

static void of_link(apr_pool_t *p, const char *text)
{
    unsigned char hash[32];
    unsigned char again[32];
    if (!rg_secret_hash(hash, text)) {
        return;
    }
    char *other = apr_pstrdup(p, text);
    must(strlen(text) == REGEN_TOKEN_CHARS);
    must(rg_secret_hash(again, other) && memcmp(hash, again, sizeof(hash)) == 0);
    for (size_t i = 0; i < REGEN_TOKEN_CHARS; i++) {
        other[i] = text[i] == 'A' ? 'B' : 'A';
        must(!rg_secret_hash(again, other) || memcmp(hash, again, sizeof(hash)) != 0);
        other[i] = text[i];
    }
    must(!rg_secret_hash(again, apr_pstrcat(p, text, "=", NULL)));
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    const char *bearer = regen_bearer(text);
    (void)size;
    if (regen_key_like(text)) {
        must(strlen(text) >= 16 && strlen(text) <= 64 && !strpbrk(text, "|: \t\r\n\"'<>&%"));
        must(!regen_key_like(apr_pstrcat(p, text, "|", NULL)));
    }
    must(!bearer || (bearer > text && *bearer != ' ' && bearer <= text + strlen(text)));
    of_link(p, text);
    if (bearer) {
        of_link(p, bearer);
    }
}
