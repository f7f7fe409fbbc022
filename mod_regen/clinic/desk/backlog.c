/* SPDX-License-Identifier: Apache-2.0 */
/* What waits in the whole clinic, counted. */
#include "regen/clinic/desk.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/backlog.h"
#include "regen/store/desk.h"
#include "regen/store/store.h"

static rg_outcome_t read_backlog(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_backlog_t *out = baton;
    rg_backlog_t *rows;
    int count;
    RG_TRY(rg_backlog_rows(db, ctx, &rows, &count));
    for (int i = 0; i < RG_BACKLOG_COUNT; i++) {
        out[i] = (rg_backlog_t){.kind = (rg_backlog_kind_t)i};
    }
    for (int i = 0; i < count; i++) {
        if ((unsigned)rows[i].kind < RG_BACKLOG_COUNT) {
            out[rows[i].kind] = rows[i];
        }
    }
    return RG_OK;
}

rg_outcome_t rg_backlog_read(rg_backlog_t out[RG_BACKLOG_COUNT], const rg_ctx_t *ctx)
{
    return rg_store_read(ctx, read_backlog, out);
}
