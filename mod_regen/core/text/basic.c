/* SPDX-License-Identifier: Apache-2.0 */
/* Text in X12's basic character set, by ICU's transliteration. */
#include "regen/core/text.h"

#include <string.h>

#include <apr_strings.h>

#include <unicode/ustring.h>
#include <unicode/utrans.h>

enum { MOST = 4096, GROWTH = 4 }; /* no field is longer; one letter becomes some letters */

static bool is_plain(const char *s)
{
    while (*s && (unsigned char)*s < 0x80) {
        s++;
    }
    return *s == '\0';
}

/* Letters of every script as Latin ones without accents; what has none stays. */
static const char *latin(apr_pool_t *p, const char *s)
{
    static const UChar rules[] = u"Any-Latin; Latin-ASCII";
    UErrorCode status = U_ZERO_ERROR;
    int32_t room = MOST * GROWTH;
    int32_t n = 0;
    UChar *wide = apr_palloc(p, sizeof(*wide) * ((size_t)room + 1));
    u_strFromUTF8(wide, MOST, &n, s, (int32_t)strnlen(s, MOST), &status);
    UTransliterator *t = utrans_openU(rules, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    int32_t limit = n;
    if (U_SUCCESS(status)) {
        utrans_transUChars(t, wide, &n, room, 0, &limit, &status);
    }
    if (t) {
        utrans_close(t);
    }
    char *out = apr_palloc(p, (size_t)room * 3 + 1);
    u_strToUTF8(out, room * 3 + 1, NULL, wide, n, &status);
    return U_SUCCESS(status) ? out : "";
}

const char *rg_text_basic(apr_pool_t *p, const char *s)
{
    static const char signs[] = "!\"&'()+,-./;?=";
    const char *from = is_plain(s) ? s : latin(p, s);
    char *out = apr_palloc(p, strlen(from) + 1);
    char *to = out;
    for (; *from; from++) {
        char c = *from >= 'a' && *from <= 'z' ? (char)(*from - 'a' + 'A') : *from;
        bool fits = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr(signs, c);
        if (fits) {
            *to++ = c;
        }
        else if (to > out && to[-1] != ' ') {
            *to++ = ' ';
        }
    }
    while (to > out && to[-1] == ' ') {
        to--;
    }
    *to = '\0';
    return out;
}
