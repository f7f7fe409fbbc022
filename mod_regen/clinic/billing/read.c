/* SPDX-License-Identifier: Apache-2.0 */
/* Who may read what is a FHIR Claim. */
#include "mod_regen/clinic/billing/read.h"
#include "mod_regen/clinic/access.h"
#include "regen/clinic/identity.h"
#include "regen/core/ctx.h"

bool rg_may_read_claims(const rg_ctx_t *ctx)
{
    bool machine = rg_is_machine(ctx);
    return rg_may(ctx, RG_DEED_BILL) ||
           (machine && rg_scope_allows(ctx->who.scopes, "Claim", false));
}
