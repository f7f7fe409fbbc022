/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this process can serve requests now: its definitions are usable, and writes succeed. */
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/schema.h"

rg_outcome_t rg_ready(const rg_ctx_t *ctx)
{
    rg_catalogue_t *all;
    rg_outcome_t rc = rg_catalogue_list(&all, ctx);
    return rc == RG_OK ? rg_store_try_write(ctx) : rc;
}
