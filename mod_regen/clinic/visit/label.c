/* SPDX-License-Identifier: Apache-2.0 */
/* The label that is printed on a unit and scanned at every hand-over. Pure; called by
 * clinic/visit/unit.c and tests. */
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include "regen/clinic/visit.h"

static const char ALPHABET[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
#define BASE      36
#define LABEL_MIN 9
#define LABEL_MAX 20

static int value_of(char c)
{
    const char *at = c == '\0' ? NULL : strchr(ALPHABET, c);

    return !at ? -1 : (int)(at - ALPHABET);
}

/* ISO 7064 MOD 37,36 over N characters of the alphabet: finds every single wrong character and
 * nearly every swap. */
static char check_character(const char *s, size_t n)
{
    int p = BASE;

    for (size_t i = 0; i < n; i++) {
        p = (p + value_of(s[i])) % BASE;
        p = (p == 0 ? BASE : p) * 2 % (BASE + 1);
    }
    return ALPHABET[(BASE + 1 - p) % BASE];
}

const char *rg_unit_label_make(apr_pool_t *p, int64_t number)
{
    const char *body = apr_psprintf(p, "U%07" APR_INT64_T_FMT, (apr_int64_t)number);

    return apr_psprintf(p, "%s%c", body, check_character(body, strlen(body)));
}

static bool sound(const char *label, size_t n)
{
    if (n < LABEL_MIN || n > LABEL_MAX || label[0] != 'U') {
        return false;
    }
    for (size_t i = 1; i < n - 1; i++) {
        if (!apr_isdigit(label[i])) {
            return false;
        }
    }
    return label[n - 1] == check_character(label, n - 1);
}

const char *rg_unit_label_read(apr_pool_t *p, const char *typed)
{
    char label[LABEL_MAX + 1];
    size_t n = 0;

    for (const char *c = typed ? typed : ""; *c != '\0'; c++) {
        if (apr_isspace(*c) || *c == '-') {
            continue;
        }
        if (n == LABEL_MAX) {
            return NULL;
        }
        label[n++] = (char)apr_toupper(*c);
    }
    label[n] = '\0';
    return sound(label, n) ? apr_pstrmemdup(p, label, n) : NULL;
}
