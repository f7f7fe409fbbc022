/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers whose form can be checked: checked where they are typed, and again by the claim
 * scrubber before anything is sent. */
#include "regen/core/ident.h"
#include "regen/core/outcome.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_alnum(char c)
{
    return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool has_digits(const char *s, size_t n)
{
    return s && strlen(s) == n && strspn(s, "0123456789") == n;
}

bool rg_npi_valid(const char *s)
{
    if (!has_digits(s, 10) || (s[0] != '1' && s[0] != '2')) {
        return false;
    }
    int sum = 24; /* what the prefix 80840 adds */
    for (int i = 0; i < 10; i++) {
        int digit = s[i] - '0';
        int weighted = i % 2 == 0 ? 2 * digit : digit;
        sum += weighted > 9 ? weighted - 9 : weighted;
    }
    return sum % 10 == 0;
}

bool rg_tin_valid(const char *s)
{
    return has_digits(s, 9) && strspn(s, (const char[]){s[0], '\0'}) < 9;
}

bool rg_taxonomy_valid(const char *s)
{
    if (!s || strlen(s) != 10 || s[9] != 'X') {
        return false;
    }
    for (; *s; s++) {
        if (!is_digit(*s) && !is_upper(*s)) {
            return false;
        }
    }
    return true;
}

bool rg_icd10cm_valid(const char *s)
{
    size_t n = s ? strlen(s) : 0;
    if (n < 3 || n == 4 || n > 8 || !is_upper(s[0]) || !is_digit(s[1]) ||
        !(is_digit(s[2]) || s[2] == 'A' || s[2] == 'B') || (n > 3 && s[3] != '.')) {
        return false;
    }
    for (size_t i = 4; i < n; i++) {
        if (!is_digit(s[i]) && !is_upper(s[i])) {
            return false;
        }
    }
    return true;
}

bool rg_place_of_service_valid(const char *s)
{
    static const char valid[] =
        "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 31 32 33 "
        "34 41 42 49 50 51 52 53 54 55 56 57 58 60 61 62 65 66 71 72 81 99";
    return has_digits(s, 2) && strstr(valid, s);
}

/* The letters S, L, O, I, B and Z are never used: they look like digits. */
static bool mbi_letter(char c)
{
    return is_upper(c) && !strchr("SLOIBZ", c);
}

static bool mbi_fits(char c, char kind)
{
    switch (kind) {
    case 'C': return c >= '1' && c <= '9';
    case 'N': return is_digit(c);
    case 'A': return mbi_letter(c);
    default: /* either */ return is_digit(c) || mbi_letter(c);
    }
}

bool rg_mbi_valid(const char *s)
{
    static const char kinds[] = "CA?NA?NAANN";
    if (!s || strlen(s) != sizeof(kinds) - 1) {
        return false;
    }
    for (int i = 0; kinds[i]; i++) {
        if (!mbi_fits(s[i], kinds[i])) {
            return false;
        }
    }
    return true;
}

/* The part before the @: an atom with dots between its letters (RFC 5321 without quoting). */
static bool local_part(const char *s, size_t n)
{
    if (n == 0 || n > 64 || s[0] == '.' || s[n - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!is_alnum(s[i]) && (s[i] == '\0' || !strchr(".!#$%&'*+-/=?^_`{|}~", s[i]))) {
            return false;
        }
        if (s[i] == '.' && s[i + 1] == '.') {
            return false;
        }
    }
    return true;
}

/* Labels of letters, digits and inner hyphens, at least two of them, the last not a number. */
static bool domain_part(const char *s)
{
    int labels = 0;
    for (;;) {
        size_t n = strcspn(s, ".");
        if (n == 0 || n > 63 || s[0] == '-' || s[n - 1] == '-') {
            return false;
        }
        for (size_t i = 0; i < n; i++) {
            if (!is_alnum(s[i]) && s[i] != '-') {
                return false;
            }
        }
        labels++;
        if (!s[n]) {
            return labels > 1 && strspn(s, "0123456789") < n;
        }
        s += n + 1;
    }
}

bool rg_email_plausible(const char *s)
{
    if (!s || strlen(s) > 254) {
        return false;
    }
    const char *at = strchr(s, '@');
    return at && local_part(s, (size_t)(at - s)) && domain_part(at + 1);
}

/* --- diagnoses -------------------------------------------------------------------------------- */

enum { ICD10_MAX = 8 };

const char *rg_icd10_read(apr_pool_t *p, const char *word, size_t n)
{
    char code[ICD10_MAX + 1];
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        if (word[i] == '.' && len == 3) {
            continue;
        }
        if (!apr_isalnum(word[i]) || len == ICD10_MAX - 1) {
            return NULL;
        }
        code[len++] = (char)apr_toupper(word[i]);
    }
    if (len < 3 || !apr_isalpha(code[0])) {
        return NULL;
    }
    return len == 3 ? apr_pstrmemdup(p, code, len)
                    : apr_psprintf(p, "%.3s.%.*s", code, (int)(len - 3), code + 3);
}

/* --- modifiers -------------------------------------------------------------------------------- */

/* HCPCS Level II and numeric modifiers the clinic may meet (domain table 2b). */
static bool modifier_known(const char *m)
{
    static const char *const known[] = {"LT", "RT", "50", "59", "XE", "XS", "XP", "XU", "25",
                                        "76", "77", "Q0", "Q1", "GA", "GX", "GY", "GZ"};
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (strcmp(known[i], m) == 0) {
            return true;
        }
    }
    return false;
}

static bool modifier_among(const char *const modifiers[4], const char *m)
{
    for (int i = 0; i < 4 && modifiers[i]; i++) {
        if (strcmp(modifiers[i], m) == 0) {
            return true;
        }
    }
    return false;
}

static void check_pairs(const char *const modifiers[4], const char *where, rg_problems_t *problems)
{
    static const char *const never[][2] = {
        {"50", "LT"}, {"50", "RT"}, {"GA", "GZ"}, {"GY", "GZ"}, {"LT", "RT"}};
    for (size_t k = 0; k < sizeof(never) / sizeof(*never); k++) {
        if (modifier_among(modifiers, never[k][0]) && modifier_among(modifiers, never[k][1])) {
            rg_problem_add(problems, where, "Modifiers %s and %s cannot be used together.",
                           never[k][0], never[k][1]);
        }
    }
}

void rg_modifiers_check(const char *const modifiers[4], bool one_unit, const char *where,
                        rg_problems_t *problems)
{
    for (int k = 0; k < 4 && modifiers[k]; k++) {
        if (!modifier_known(modifiers[k])) {
            rg_problem_add(problems, where, "Modifier %s is not known.", modifiers[k]);
        }
        for (int j = 0; j < k; j++) {
            if (strcmp(modifiers[j], modifiers[k]) == 0) {
                rg_problem_add(problems, where, "Modifier %s is listed twice.", modifiers[k]);
            }
        }
    }
    check_pairs(modifiers, where, problems);
    if (modifier_among(modifiers, "50") && !one_unit) { /* bilateral is one line with one unit */
        rg_problem_add(problems, where, "With modifier 50 the quantity must be 1.");
    }
}
