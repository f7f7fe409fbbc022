/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the scopes of a token. Beyond not crashing: valid ones fit their column, each permits
 * something or is ours, one more scope takes nothing away, what several permit one of them does, and
 * what is not valid as a whole has not been stored. */
#include "target.h"

#include "mod_regen/clinic/identity/scope.h"
#include "regen/clinic/identity.h"
#include "regen/core/text.h"

static const char *const TYPES[] = {"Claim", "Slot", "Appointment", "Patient", "Bundle"};
static const char LETTERS[] = "cruds";

static unsigned permits(const char *scopes, const char *type)
{
    unsigned mask = 0;
    for (int i = 0; LETTERS[i] != '\0'; i++) {
        mask |= rg_scope_permits(scopes, type, LETTERS[i]) ? 1U << i : 0;
    }
    return mask;
}

static void of_type(apr_pool_t *p, const char *scopes, const char *type)
{
    unsigned whole = permits(scopes, type);
    unsigned parts = 0;
    for (const char *s = scopes; *s != '\0';) {
        size_t n = strcspn(s, " ");
        parts |= permits(apr_pstrmemdup(p, s, n), type);
        s += n + (s[n] == ' ');
    }
    must(whole == parts);
    must((permits(apr_pstrcat(p, scopes, " system/Slot.r", NULL), type) & whole) == whole);
    must(rg_scope_allows(scopes, type, false) == ((whole & 2U) != 0));
    must(whole == 0 || strstr(scopes, "system/*.") ||
         strstr(scopes, apr_pstrcat(p, "system/", type, ".", NULL)));
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    (void)size;
    bool valid = rg_scopes_valid(text);
    must(!valid || (strlen(text) <= 255 && rg_text_clean(text, strlen(text))));
    must(!valid || rg_scopes_valid(apr_pstrcat(p, text, " ", NULL)) == false);
    must(!rg_scopes_all(text) || strstr(text, "regen/all"));
    for (size_t i = 0; i < sizeof(TYPES) / sizeof(*TYPES); i++) {
        of_type(p, text, TYPES[i]);
    }
}
