/* SPDX-License-Identifier: Apache-2.0 */
/* The names of roles: as in the staff table, the Require line and the audit trail; a policy with
 * the stored names; repeated requests; a context that discards problems. */
#include "regen/core/ctx.h"
#include "regen/core/policy.h"

#include <apr_strings.h>
#include <string.h>

#define ROLE(role, bit, name) {role, name},
static const struct {
    unsigned role;
    const char *name;
} roles[] = {RG_ROLES(ROLE)};
#define ROLE_COUNT (sizeof(roles) / sizeof(roles[0]))

unsigned rg_role_parse(const char *name)
{
    for (size_t i = 0; name && i < ROLE_COUNT; i++) {
        if (strcmp(roles[i].name, name) == 0) {
            return roles[i].role;
        }
    }
    return RG_ROLE_NONE;
}

const char *rg_role_name(unsigned role)
{
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        if (roles[i].role == role) {
            return roles[i].name;
        }
    }
    return role ? "several" : "none";
}

bool rg_replayed(const rg_ctx_t *ctx)
{
    return ctx->idem && ctx->idem->replayed;
}

rg_ctx_t rg_silent_ctx(const rg_ctx_t *ctx)
{
    rg_ctx_t own = *ctx;
    own.problems = NULL;
    return own;
}

const rg_policy_t *rg_policy_named(apr_pool_t *p, const rg_policy_t *y, const char *names)
{
    rg_policy_t *named = apr_pmemdup(p, y, sizeof(*y));
    named->names = names ? names : y->names;
    if (!y->code_system && named->names) {
        named->code_system = apr_pstrcat(p, named->names, "/CodeSystem/services", NULL);
    }
    return named;
}
