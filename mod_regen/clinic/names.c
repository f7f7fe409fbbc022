/* SPDX-License-Identifier: Apache-2.0 */
/* Small questions about people: whose record it is, whether two names are one, whether a place on
 * the body has two sides. Used by details.c and consent.c. */
#include "people.h"

#include <string.h>

bool rg_people_may(const rg_ctx_t *ctx, int64_t booking_id)
{
    bool own = (ctx->who.roles & RG_ROLE_PATIENT) && ctx->who.booking_id == booking_id;
    return booking_id > 0 && (own || (ctx->who.roles & RG_ROLE_STAFF));
}

bool rg_body_site_sided(const char *body_site)
{
    static const char *const middle[] = {
        "spine",      "cervical-spine", "thoracic-spine", "lumbar-spine", "neck",    "back",
        "lower-back", "sacrum",         "coccyx",         "pelvis",       "sternum", NULL};
    for (int i = 0; middle[i]; i++) {
        if (strcmp(middle[i], body_site) == 0) {
            return false;
        }
    }
    return true;
}

/* The code point at *S, which is well-formed; steps behind it. 0 at the end. */
static unsigned next_point(const char **s)
{
    const unsigned char *u = (const unsigned char *)*s;
    if (*u == 0) {
        return 0;
    }
    int more = *u >= 0xf0 ? 3 : *u >= 0xe0 ? 2 : *u >= 0xc0 ? 1 : 0;
    unsigned point = more == 0 ? *u : *u & (0x3fu >> more);
    for (int i = 1; i <= more && u[i]; i++) {
        point = point << 6 | (u[i] & 0x3fu);
    }
    *s += 1 + more;
    return point;
}

/* Lower case of the scripts that have one and that names are written in: Latin, Greek, Cyrillic.
 * Fixed here rather than asked from the locale, so that a signature is judged the same way on
 * every server. */
static unsigned lower(unsigned c)
{
    bool latin1 = c >= 0xc0 && c <= 0xde && c != 0xd7;
    bool greek = c >= 0x391 && c <= 0x3a9;
    bool cyrillic = c >= 0x410 && c <= 0x42f;
    if ((c >= 'A' && c <= 'Z') || latin1 || greek || cyrillic) {
        return c + 0x20;
    }
    if (c >= 0x400 && c <= 0x40f) {
        return c + 0x50;
    }
    if (c == 0x178) {
        return 0xff;
    }
    /* Pairs: even is upper from U+0100 on, odd is upper between U+0139 and U+017D. */
    bool odd = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e);
    bool even = (c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177) ||
                (c >= 0x1e00 && c <= 0x1e95) || (c >= 0x1ea0 && c <= 0x1eff);
    return (odd && c % 2 == 1) || (even && c % 2 == 0) ? c + 1 : c;
}

/* The next one that is not a blank. */
static unsigned next_letter(const char **s)
{
    unsigned c = next_point(s);
    while (c == ' ' || c == '\t' || c == '\n' || c == 0xa0) {
        c = next_point(s);
    }
    return lower(c);
}

bool rg_name_same(const char *a, const char *b)
{
    unsigned x;
    do {
        x = next_letter(&a);
        if (x != next_letter(&b)) {
            return false;
        }
    } while (x != 0);
    return true;
}
