/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing texts as people do (ICU). Invisible characters are removed on input; for comparing and
 * searching, a text becomes a key that many spellings share. */
#include "regen/core/text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <apr_strings.h>

#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/uloc.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

/* UTF-16 of ICU, LEN units. LEN is -1 after something failed, and stays so. */
typedef struct {
    apr_pool_t *pool;
    UChar *at;
    int32_t len;
} wide_t;

enum {
    MOST_BYTES = 16 * 1024 * 1024, /* no input is longer; lengths stay within 32 bits */
    GROWTH = 18                    /* UTF-16 units that one may become: U+FDFA decomposed */
};

static bool is_ascii(const char *s)
{
    while (*s && (unsigned char)*s < 0x80) {
        s++;
    }
    return *s == '\0';
}

static wide_t widen(apr_pool_t *p, const char *s)
{
    size_t n = strlen(s);
    wide_t w = {p, NULL, -1};
    UErrorCode status = U_ZERO_ERROR;
    if (n > MOST_BYTES) {
        return w;
    }
    w.at = apr_palloc(p, (n + 1) * sizeof(*w.at));
    u_strFromUTF8(w.at, (int32_t)n + 1, &w.len, s, (int32_t)n, &status);
    w.len = U_SUCCESS(status) ? w.len : -1;
    return w;
}

/* NULL when something failed on the way. */
static const char *to_utf8(const wide_t *w)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t n = 0;
    if (w->len < 0) {
        return NULL;
    }
    char *out = apr_palloc(w->pool, (size_t)w->len * 3 + 1);
    u_strToUTF8(out, w->len * 3 + 1, &n, w->at, w->len, &status);
    return U_SUCCESS(status) ? out : NULL;
}

/* Writes the result for FROM to TO, of ROOM units; returns the number of units needed. */
typedef int32_t (*step_t)(UChar *to, int32_t room, const wide_t *from, UErrorCode *status);

/* The second call has the room that the first one needed. */
static void change_text(wide_t *w, step_t step)
{
    int32_t room = w->len + w->len / 2 + GROWTH;
    UErrorCode status = U_BUFFER_OVERFLOW_ERROR;
    for (int tries = 0; w->len >= 0 && tries < 2 && status == U_BUFFER_OVERFLOW_ERROR; tries++) {
        UChar *to = apr_palloc(w->pool, ((size_t)room + 1) * sizeof(*to));
        status = U_ZERO_ERROR;
        room = step(to, room, w, &status);
        if (U_SUCCESS(status)) {
            w->at = to;
            w->len = room;
        }
    }
    w->len = U_SUCCESS(status) ? w->len : -1;
}

static int32_t composed(UChar *to, int32_t room, const wide_t *from, UErrorCode *status)
{
    const UNormalizer2 *n = unorm2_getNFCInstance(status);
    return unorm2_normalize(n, from->at, from->len, to, room, status);
}

static int32_t decomposed(UChar *to, int32_t room, const wide_t *from, UErrorCode *status)
{
    const UNormalizer2 *n = unorm2_getNFKDInstance(status);
    return unorm2_normalize(n, from->at, from->len, to, room, status);
}

static int32_t fold_case(UChar *to, int32_t room, const wide_t *from, UErrorCode *status)
{
    return u_strFoldCase(to, room, from->at, from->len, U_FOLD_CASE_DEFAULT, status);
}

/* --- the edge --------------------------------------------------------------------------------- */

/* Formatting that shows nothing, turns the direction of what follows, or annotates. */
static bool is_unseen(UChar32 c)
{
    return u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
           u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL) || (c >= 0xfff9 && c <= 0xfffb);
}

/* Keeps each code point for which WANTED says so, changed to what *C is then. */
static void filter_letters(wide_t *w, bool (*wanted)(UChar32 *c))
{
    int32_t from = 0;
    int32_t to = 0;
    while (from < w->len) {
        UChar32 c;
        U16_NEXT(w->at, from, w->len, c);
        if (wanted(&c)) { /* what it is changed to is never longer */
            U16_APPEND_UNSAFE(w->at, to, c);
        }
    }
    w->len = w->len < 0 ? -1 : to;
}

static bool is_seen(UChar32 *c)
{
    return !is_unseen(*c);
}

const char *rg_text_plain(apr_pool_t *p, const char *s)
{
    if (!s || is_ascii(s)) {
        return s;
    }
    wide_t w = widen(p, s);
    filter_letters(&w, is_seen);
    change_text(&w, composed);
    const char *out = to_utf8(&w);
    return out ? out : "";
}

const char *rg_fold_case(apr_pool_t *p, const char *s)
{
    wide_t w = widen(p, s ? s : "");
    filter_letters(&w, is_seen);
    change_text(&w, composed);
    change_text(&w, fold_case);
    change_text(&w, composed);
    const char *out = to_utf8(&w);
    return out ? out : "";
}

/* --- the key ---------------------------------------------------------------------------------- */

/* What keyboards and phones write for an apostrophe, and letters of languages that write their
 * glottal stop like one. Some would decompose to a blank and a mark, so this comes first. */
static bool is_apostrophe(UChar32 c)
{
    static const UChar32 all[] = {0x60,   0xb4,   0x2b9,  0x2bb,  0x2bc,  0x2bd,  0x2be,  0x2bf,
                                  0x2c8,  0x2ca,  0x2cb,  0x55a,  0x5f3,  0x7f4,  0x7f5,  0x1fbd,
                                  0x1fbf, 0x1fef, 0x1ffd, 0x1ffe, 0x2018, 0x2019, 0x201b, 0x2032,
                                  0x2035, 0xa78b, 0xa78c, 0xff07, 0xff40};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (all[i] == c) {
            return true;
        }
    }
    return false;
}

static bool is_dash(UChar32 c)
{
    return u_charType(c) == U_DASH_PUNCTUATION || c == 0x2d7 || c == 0x2043 || c == 0x2053 ||
           c == 0x207b || c == 0x208b || c == 0x2212;
}

static bool one_sign(UChar32 *c)
{
    if (is_apostrophe(*c)) {
        *c = '\'';
    }
    else if (is_dash(*c)) {
        *c = '-';
    }
    else if (u_isUWhiteSpace(*c)) {
        *c = ' ';
    }
    return !is_unseen(*c);
}

/* Letters with a stroke, which Unicode does not take apart, after folding. */
static UChar32 without_stroke(UChar32 c)
{
    static const struct {
        UChar32 with;
        UChar32 without;
    } all[] = {{0x111, 'd'}, {0x127, 'h'}, {0x131, 'i'}, {0x142, 'l'},
               {0xf8, 'o'},  {0x167, 't'}, {0x237, 'j'}, {0x180, 'b'}};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (all[i].with == c) {
            return all[i].without;
        }
    }
    return c;
}

/* Accents, points of Hebrew and Arabic, enclosing circles. Not the signs that are the vowels of a
 * script or make another letter (nukta, the voicing of kana, virama; Thai to Tibetan): without them
 * two names would be one. Told by the class of combining. */
static bool is_accent(UChar32 c)
{
    unsigned char k = u_getCombiningClass(c);
    return k == 1 || (k >= 10 && k <= 36) || k >= 200 || u_charType(c) == U_ENCLOSING_MARK;
}

static bool bare(UChar32 *c)
{
    int32_t digit = u_charDigitValue(*c);
    *c = digit >= 0 && u_charType(*c) == U_DECIMAL_DIGIT_NUMBER ? '0' + digit : without_stroke(*c);
    return !is_accent(*c);
}

/* One blank for several, none at the ends. */
static void squeeze(wide_t *w)
{
    int32_t to = 0;
    for (int32_t i = 0; i < w->len; i++) {
        bool blank = w->at[i] == ' ';
        if (!blank || (to > 0 && w->at[to - 1] != ' ')) {
            w->at[to++] = w->at[i];
        }
    }
    to -= to > 0 && w->at[to - 1] == ' ';
    w->len = w->len < 0 ? -1 : to;
}

static wide_t fold(apr_pool_t *p, const char *s)
{
    wide_t w = widen(p, s ? s : "");
    filter_letters(&w, one_sign);
    change_text(&w, decomposed);
    change_text(&w, fold_case);
    change_text(&w, decomposed); /* a folded letter may be one that has parts */
    change_text(&w, fold_case);
    change_text(&w, decomposed);
    filter_letters(&w, one_sign);
    filter_letters(&w, bare);
    squeeze(&w);
    return w;
}

const char *rg_fold_text(apr_pool_t *p, const char *s)
{
    wide_t w = fold(p, s);
    const char *out = to_utf8(&w);
    return out ? out : "";
}

static bool is_of_name(UChar32 *c)
{
    return !u_ispunct(*c) && *c != ' ' && *c != '`' && *c != '\'';
}

static wide_t copy_wide(const wide_t *w)
{
    wide_t c = {w->pool, NULL, w->len};
    if (w->len >= 0) {
        c.at = apr_pmemdup(w->pool, w->at, (size_t)w->len * sizeof(UChar));
    }
    return c;
}

/* Letters only; a name of punctuation only is unchanged. */
static wide_t fold_name(apr_pool_t *p, const char *s)
{
    wide_t whole = fold(p, s);
    wide_t w = copy_wide(&whole);
    filter_letters(&w, is_of_name);
    return w.len == 0 ? whole : w;
}

const char *rg_fold_name(apr_pool_t *p, const char *s)
{
    wide_t w = fold_name(p, s);
    int32_t end = 0;
    if (w.len > RG_FOLD_MOST) { /* columns hold no more */
        U16_FWD_N(w.at, end, w.len, RG_FOLD_MOST);
        w.len = end;
    }
    const char *out = to_utf8(&w);
    return out ? out : "";
}

bool rg_fold_same(apr_pool_t *p, const char *a, const char *b)
{
    wide_t x = fold_name(p, a);
    wide_t y = fold_name(p, b);
    return x.len >= 0 && x.len == y.len && memcmp(x.at, y.at, (size_t)x.len * sizeof(UChar)) == 0;
}

/* --- domains ---------------------------------------------------------------------------------- */

const char *rg_fold_domain(apr_pool_t *p, const char *s)
{
    enum { ROOM = 256 }; /* no domain is longer */
    UErrorCode status = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    char *out = apr_palloc(p, ROOM);
    UIDNA *idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI, &status);
    int32_t n = uidna_nameToASCII_UTF8(idna, s, -1, out, ROOM - 1, &info, &status);
    uidna_close(idna);
    if (U_FAILURE(status) || info.errors != 0 || n <= 0 || n >= ROOM - 1) {
        return NULL;
    }
    out[n] = '\0';
    return out;
}

/* --- countries -------------------------------------------------------------------------------- */

enum { COUNTRY_COUNT = 320, COUNTRY_KEY = 64 };

/* Computed on first use: ICU is slow to name them all, and the names do not change. */
static struct {
    char key[COUNTRY_KEY], name[COUNTRY_KEY];
} texts[COUNTRY_COUNT];
typedef struct {
    rg_country_t country; /* the code is ICU's own */
    const char *key;
} keyed_t;
static keyed_t countries[COUNTRY_COUNT];
static rg_country_t in_order[COUNTRY_COUNT];
static int country_count;
static pthread_once_t countries_once = PTHREAD_ONCE_INIT;

/* ICU's list has a few that are reserved at ISO for parts of a country. */
static bool is_part(const char *code)
{
    static const char *const parts[] = {"AC", "CP", "DG", "EA", "IC", "TA"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strcmp(parts[i], code) == 0) {
            return true;
        }
    }
    return false;
}

static void name_country(apr_pool_t *p, const char *code)
{
    UErrorCode status = U_ZERO_ERROR;
    wide_t name = {p, apr_palloc(p, 120 * sizeof(UChar)), 0};
    name.len =
        uloc_getDisplayCountry(apr_pstrcat(p, "und_", code, NULL), "en", name.at, 120, &status);
    const char *text = U_SUCCESS(status) ? to_utf8(&name) : NULL;
    int i = country_count++;
    apr_cpystrn(texts[i].name, text ? text : code, COUNTRY_KEY);
    apr_cpystrn(texts[i].key, text ? rg_fold_name(p, text) : "", COUNTRY_KEY);
    countries[i].country = (rg_country_t){code, texts[i].name};
    countries[i].key = texts[i].key;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const keyed_t *)a)->key, ((const keyed_t *)b)->key);
}

static void name_countries(void)
{
    apr_pool_t *p;
    if (apr_pool_create(&p, NULL) != APR_SUCCESS) {
        return;
    }
    for (const char *const *code = uloc_getISOCountries(); *code && country_count < COUNTRY_COUNT;
         code++) {
        if (!is_part(*code)) {
            name_country(p, *code);
        }
    }
    qsort(countries, (size_t)country_count, sizeof(countries[0]), by_key);
    for (int i = 0; i < country_count; i++) {
        in_order[i] = countries[i].country;
    }
    apr_pool_destroy(p);
}

const char *rg_fold_country(const char *key)
{
    pthread_once(&countries_once, name_countries);
    for (int i = 0; *key && i < country_count; i++) {
        if (strcasecmp(countries[i].country.code, key) == 0 || strcmp(countries[i].key, key) == 0) {
            return countries[i].country.code;
        }
    }
    return NULL;
}

const rg_country_t *rg_countries(int *count)
{
    pthread_once(&countries_once, name_countries);
    *count = country_count;
    return in_order;
}

const char *rg_country_name(const char *code)
{
    int count;
    const rg_country_t *all = rg_countries(&count);
    for (int i = 0; i < count; i++) {
        if (strcmp(all[i].code, code) == 0) {
            return all[i].name;
        }
    }
    return code;
}
