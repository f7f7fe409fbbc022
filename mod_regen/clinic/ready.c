/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this process could serve somebody now: its definitions can be worked with, and what a
 * patient does would be written. */
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/schema.h"

rg_outcome_t rg_ready(rg_ctx_t *ctx)
{
    rg_catalogue_t *all;
    rg_outcome_t rc = rg_catalogue_list(&all, ctx);
    return rc == RG_OK ? rg_store_try_write(ctx) : rc;
}
