/* SPDX-License-Identifier: Apache-2.0 */
/* Phone numbers and email addresses as people type and paste them. */
#include "regen/core/ident.h"
#include "regen/core/text.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

enum { DIGITS_LEAST = 7, DIGITS_MOST = 15, KEY_MOST = 20, EXTENSION_MOST = 6, SHOWN_MOST = 26 };

/* --- reading a number ------------------------------------------------------------------------- */

typedef struct {
    bool plus;      /* the country's code comes first */
    char shown[64]; /* digits, one blank between groups */
    char digits[KEY_MOST + 1];
    int count; /* of digits */
    char extension[EXTENSION_MOST + 1];
} number_t;

/* Letters at S, if they are one of WORDS; 0 otherwise. */
static size_t word_at(const char *s, const char *const *words)
{
    size_t n = 0;
    while (apr_isalpha(s[n])) {
        n++;
    }
    for (; n > 0 && *words; words++) {
        if (strlen(*words) == n && strncmp(s, *words, n) == 0) {
            return n;
        }
    }
    return 0;
}

static const char *const KINDS[] = {"tel",  "telephone", "phone", "ph",   "p",      "t",
                                    "cell", "c",         "m",     "mob",  "mobile", "home",
                                    "h",    "work",      "w",     "fax",  "office", "callto",
                                    "sms",  "number",    "no",    "call", NULL};
static const char *const EXTENSIONS[] = {"x", "ext", "extn", "extension", NULL};

/* "tel:", "Cell: ", "(mobile)". */
static const char *skip_kind(const char *s)
{
    s += strspn(s, " ();,-");
    size_t n = word_at(s, KINDS);
    s += n;
    return n > 0 ? s + strspn(s, " .:)") : s;
}

/* Adds the digit C; false if there are too many. */
static bool add_digit(number_t *n, size_t *end, bool gap, char c)
{
    if (n->count == KEY_MOST) {
        return false;
    }
    if (gap && *end > 0) {
        n->shown[(*end)++] = ' ';
    }
    n->shown[(*end)++] = c;
    n->digits[n->count++] = c;
    return true;
}

/* The digits and separators; returns the end, NULL if too long. In "+44 (0)20 …" the 0 is not
 * dialed from abroad. */
static const char *read_phone_digits(number_t *n, const char *s)
{
    size_t end = 0;
    bool gap = false;
    n->plus = *s == '+';
    for (s += n->plus; *s; s++) {
        if (n->plus && n->count > 0 && strncmp(s, "(0)", 3) == 0) {
            s += 2;
            gap = true;
        }
        else if (apr_isdigit(*s)) {
            if (!add_digit(n, &end, gap, *s)) {
                return NULL;
            }
            gap = false;
        }
        else if (strchr(" ().-/", *s)) {
            gap = true;
        }
        else {
            break;
        }
    }
    return s;
}

/* "x 12", ";ext=12", "#12", ",12"; nothing is fine, too. */
static const char *read_extension(number_t *n, const char *s)
{
    bool sign = *s == '#' || *s == ',';
    const char *at = s + (*s == ';' || *s == ',') + strspn(s + (*s == ';' || *s == ','), " ");
    size_t word = word_at(at, EXTENSIONS);
    at += word + (word == 0 && *at == '#');
    if (word == 0 && !sign && at == s) {
        return s;
    }
    at += strspn(at, " .:=#");
    size_t digits = strspn(at, "0123456789");
    if (digits == 0) {
        return word == 0 ? s : NULL;
    }
    if (digits > EXTENSION_MOST) {
        return NULL;
    }
    memcpy(n->extension, at, digits);
    return at + digits;
}

/* Takes the COUNT digits of a prefix away. */
static void drop_prefix(number_t *n, int count)
{
    char *s = n->shown;
    memmove(n->digits, n->digits + count, (size_t)(n->count - count) + 1);
    n->count -= count;
    while (count > 0 && *s) {
        count -= *s++ != ' ';
    }
    s += strspn(s, " ");
    memmove(n->shown, s, strlen(s) + 1);
    n->plus = true;
}

/* How other countries are dialled: from here, and from most of the world. */
static void drop_dialling(number_t *n)
{
    if (!n->plus && n->count >= 11 && strncmp(n->digits, "011", 3) == 0) {
        drop_prefix(n, 3);
    }
    else if (!n->plus && n->count >= 11 && strncmp(n->digits, "00", 2) == 0) {
        drop_prefix(n, 2);
    }
}

static const char *read_all(number_t *n, apr_pool_t *p, const char *typed)
{
    const char *s = skip_kind(rg_fold_text(p, typed));
    *n = (number_t){0};
    s = read_phone_digits(n, s + strspn(s, "(") * (strncmp(s, "(+", 2) == 0));
    s = s ? read_extension(n, s) : NULL;
    if (s) {
        s = skip_kind(s);
        drop_dialling(n);
    }
    return s;
}

static bool read_number(number_t *n, apr_pool_t *p, const char *typed)
{
    const char *rest = read_all(n, p, typed);
    return rest && !rest[strspn(rest, " .)")] && n->count >= DIGITS_LEAST &&
           n->count <= DIGITS_MOST;
}

/* The ten digits of a number of North America: area and exchange begin with 2 to 9. */
static const char *north_american(const number_t *n)
{
    bool eleven = n->count == 11 && n->digits[0] == '1';
    const char *ten = n->digits + (eleven ? 1 : 0);
    bool fits = eleven || (n->count == 10 && !n->plus);
    return fits && ten[0] >= '2' && ten[3] >= '2' ? ten : NULL;
}

/* --- writing it ------------------------------------------------------------------------------- */

static const char *grouped(apr_pool_t *p, const number_t *n)
{
    const char *ten = north_american(n);
    if (ten) {
        return apr_psprintf(p, "%.3s-%.3s-%s", ten, ten + 3, ten + 6);
    }
    if (n->count == 7 && !n->plus) {
        return apr_psprintf(p, "%.3s-%s", n->digits, n->digits + 3);
    }
    const char *shown = strlen(n->shown) > SHOWN_MOST ? n->digits : n->shown;
    return apr_pstrcat(p, n->plus ? "+" : "", shown, NULL);
}

const char *rg_phone_read(apr_pool_t *p, const char *typed)
{
    number_t n;
    if (!read_number(&n, p, typed)) {
        return NULL;
    }
    const char *main_part = grouped(p, &n);
    return n.extension[0] ? apr_pstrcat(p, main_part, " ext. ", n.extension, NULL) : main_part;
}

const char *rg_phone_key(apr_pool_t *p, const char *phone)
{
    number_t n;
    (void)read_all(&n, p, phone);
    const char *ten = north_american(&n);
    return ten ? apr_pstrcat(p, "1", ten, NULL) : apr_pstrdup(p, n.digits);
}

/* --- email ------------------------------------------------------------------------------------ */

/* The part between the last "<" and the next ">", as address books paste it. */
static const char *inside_brackets(apr_pool_t *p, const char *s)
{
    const char *open = strrchr(s, '<');
    const char *close = open ? strchr(open, '>') : NULL;
    return close ? apr_pstrmemdup(p, open + 1, (size_t)(close - open - 1)) : s;
}

/* Without "mailto:", anything after a question mark there, and surrounding punctuation. */
static const char *bare_address(apr_pool_t *p, const char *s)
{
    s += strspn(s, " <\"("); /* not "'", which may begin an address */
    if (strncasecmp(s, "mailto:", 7) == 0) {
        s += 7;
        s = apr_pstrmemdup(p, s, strcspn(s, "?"));
        s += strspn(s, " ");
    }
    size_t n = strlen(s);
    while (n > 0 && strchr(" .,;:>\")", s[n - 1])) {
        n--;
    }
    return apr_pstrmemdup(p, s, n);
}

static size_t without_end_blanks(const char *s, size_t n)
{
    while (n > 0 && s[n - 1] == ' ') {
        n--;
    }
    return n;
}

/* Where the "@" is, also the wide one of Japanese keyboards, and its length in *N. */
static const char *at_sign(const char *s, size_t *n)
{
    const char *at = strchr(s, '@');
    const char *wide = at ? NULL : strstr(s, "\xef\xbc\xa0");
    *n = at ? 1 : 3;
    return at ? at : wide;
}

const char *rg_email_read(apr_pool_t *p, const char *typed)
{
    size_t sign = 0;
    const char *s = rg_text_tidy(p, typed ? typed : "");
    s = bare_address(p, inside_brackets(p, s));
    const char *at = at_sign(s, &sign);
    if (!at) {
        return NULL;
    }
    const char *domain = rg_fold_domain(p, at + sign + strspn(at + sign, " "));
    size_t n = without_end_blanks(s, (size_t)(at - s));
    if (!domain) {
        return NULL;
    }
    s = apr_pstrcat(p, apr_pstrmemdup(p, s, n), "@", domain, NULL);
    return rg_email_plausible(s) ? s : NULL;
}
