/* SPDX-License-Identifier: Apache-2.0 */
/* Text that people typed, and comparing texts as people do (ICU). */
#ifndef REGEN_CORE_TEXT_H
#define REGEN_CORE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr_pools.h>

#include "regen/core/buf.h"

/* --- text/text.c: bytes that people typed ----------------------------------------------------- */

/* Well-formed UTF-8 that XML can carry: no NUL, no C0/C1 controls nor DEL except TAB, LF, CR, no
 * U+FFFE, no U+FFFF. */
bool rg_text_clean(const char *s, size_t n);
/* Code points in well-formed UTF-8. */
size_t rg_text_length(const char *s);
/* rg_text_plain, trimmed, inner runs of spaces of any width folded to one, CRLF and CR to LF. NULL
 * gives NULL. */
const char *rg_text_tidy(apr_pool_t *p, const char *s);
/* Same bytes with < > & " ' as entities; the only HTML escaping there is. */
void rg_text_escape_html(rg_buf_t *out, const char *s, size_t n);
const char *rg_text_hex(apr_pool_t *p, const unsigned char *b, size_t n);
/* No padding. */
const char *rg_text_base64url(apr_pool_t *p, const unsigned char *b, size_t n);
/* Strict: false on a wrong alphabet, padding, stray bits, or a length other than N bytes. */
bool rg_text_unbase64url(unsigned char *out, size_t n, const char *s);
/* The whole string is a decimal number within [lo, hi]; no spaces, no plus sign. OUT is unchanged
 * if false. */
bool rg_text_i64(int64_t *out, const char *s, int64_t lo, int64_t hi);
/* Whether a number of a card seems to be in it: 13 to 19 digits, with blanks and hyphens between
 * them, that pass the check of card numbers (Luhn). Such a number is never kept. */
bool rg_text_like_a_card(const char *s);
/* In X12's basic character set (A to Z, 0 to 9, blank and !"&'()+,-./;?=): letters of other scripts
 * as Latin ones, everything else a blank. "": nothing is left. core/text/basic.c */
const char *rg_text_basic(apr_pool_t *p, const char *s);
/* libc's printf into P. Not apr_pvsprintf: APR prints %lld, %zu and %jd wrongly. */
const char *rg_text_vformat(apr_pool_t *p, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* --- text/fold.c: when two texts are the same to people --------------------------------------- */

/* Normalizes clean text where it enters: composed (NFC), without invisible (default-ignorable) code
 * points and without controls of the writing direction. S itself if nothing changes; NULL gives
 * NULL. */
const char *rg_text_plain(apr_pool_t *p, const char *s);
/* The same with case folded, accents kept: logins. NULL counts as "". */
const char *rg_fold_case(apr_pool_t *p, const char *s);
enum { RG_FOLD_MOST = 120 }; /* code points of a name's key, which columns hold */
/* The key of a text: case folded, accents removed, one kind of apostrophe, hyphen and space, digits
 * of all scripts as 0 to 9. Accents are those of Latin, Greek, Cyrillic, Hebrew and Arabic letters;
 * marks that are vowels or letters of other scripts stay. NULL counts as "". */
const char *rg_fold_text(apr_pool_t *p, const char *s);
/* The key of a name, for searching and comparing: rg_fold_text without spaces and punctuation, so
 * that "oneil" finds O'Neil; a name of punctuation only is unchanged. At most RG_FOLD_MOST code
 * points. */
const char *rg_fold_name(apr_pool_t *p, const char *s);
/* Whether two names are the same: their keys are equal. */
bool rg_fold_same(apr_pool_t *p, const char *a, const char *b);
/* A domain in ASCII and lower case as in DNS ("xn--mnchen-3ya.example"); NULL if it cannot be
 * one. */
const char *rg_fold_domain(apr_pool_t *p, const char *s);
/* ISO 3166's two letters of the country whose code or English name has this key (rg_fold_name). */
const char *rg_fold_country(const char *key);
typedef struct {
    const char *code, *name; /* ISO 3166's two letters, in English */
} rg_country_t;
/* All countries, by name; *COUNT of them. Valid until the process ends. */
const rg_country_t *rg_countries(int *count);
/* The English name of two letters; the letters when there is none. */
const char *rg_country_name(const char *code);

#endif
