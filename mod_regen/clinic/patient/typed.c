/* SPDX-License-Identifier: Apache-2.0 */
/* Reads text, names and addresses from a form, with all problems at once. */
#include "typed.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"

#include <string.h>

#include <apr_strings.h>

/* What the columns hold, in characters. */
enum { NAME_MAX_CHARS = 80, EMAIL_MAX = 160 };

static bool is_empty(const char *s)
{
    return !s || !*s;
}

const char *rg_typed_whose(const rg_typed_t *k)
{
    return (k->roles & RG_ROLE_STAFF) != 0 ? "the patient's" : "your";
}

const char *rg_typed_line(const rg_typed_t *k, const char *field, const char *name,
                          const char *typed, size_t max, const char *missing)
{
    const char *s = rg_text_tidy(k->pool, typed);
    if (is_empty(s)) {
        missing = missing ? missing : apr_psprintf(k->pool, "Enter %s %s", rg_typed_whose(k), name);
        rg_problem_add(k->problems, field, "%s", missing);
        return "";
    }
    if (strchr(s, '\n') || !rg_text_clean(s, strlen(s))) {
        rg_problem_add(k->problems, field, "Write the %s on one line in ordinary characters.",
                       name);
        return "";
    }
    if (rg_text_length(s) > max) {
        rg_problem_add(k->problems, field, "Use at most %d characters for the %s.", (int)max, name);
        return "";
    }
    return s;
}

const char *rg_typed_optional(const rg_typed_t *k, const char *field, const char *name,
                              const char *typed, size_t max)
{
    const char *s = rg_text_tidy(k->pool, typed);
    return is_empty(s) ? "" : rg_typed_line(k, field, name, s, max, "");
}

/* People without a second name type "-" or "." into a required field. */
static bool has_letters(apr_pool_t *p, const char *s)
{
    const char *key = rg_fold_name(p, s);
    return *key &&
           !strchr("-.,'_/*", *key); /* a key begins with a sign when there is nothing else */
}

void rg_typed_name(const rg_typed_t *k, const char **given, const char **family,
                   const rg_typed_name_t *t)
{
    *given = rg_typed_optional(k, t->given_field, t->given_name, t->given, NAME_MAX_CHARS);
    *family = rg_typed_optional(k, t->family_field, t->family_name, t->family, NAME_MAX_CHARS);
    if (!has_letters(k->pool, *given)) {
        *given = "";
    }
    if (!has_letters(k->pool, *family)) {
        *family = *given;
        *given = "";
    }
    if (!**family && !rg_problem_for(k->problems, t->family_field) &&
        !rg_problem_for(k->problems, t->given_field)) {
        rg_problem_add(k->problems, t->given_field, "%s", t->missing);
    }
}

const char *rg_typed_email(const rg_typed_t *k, const char *field, const char *typed)
{
    const char *s = rg_typed_line(k, field, "email address", typed, RG_TYPED_MAX, NULL);
    const char *email = *s ? rg_email_read(k->pool, s) : "";
    if (!email) {
        rg_problem_add(k->problems, field, "Enter an email address like name@example.org.");
    }
    else if (strlen(email) > EMAIL_MAX) {
        rg_problem_add(k->problems, field, "Use an email address of at most %d characters.",
                       EMAIL_MAX);
    }
    return email ? email : "";
}

const char *rg_typed_phone(const rg_typed_t *k, const char *field, const char *typed)
{
    const char *s = rg_typed_line(k, field, "phone number", typed, RG_TYPED_MAX, NULL);
    const char *phone = *s ? rg_phone_read(k->pool, s) : "";
    if (!phone) {
        rg_problem_add(k->problems, field,
                       "Enter one phone number like 603-555-0123, or one with + and the country "
                       "code, like +44 20 7946 0123.");
    }
    return phone ? phone : "";
}
