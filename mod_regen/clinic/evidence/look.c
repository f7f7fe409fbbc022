/* SPDX-License-Identifier: Apache-2.0 */
/* One audit event for a page that showed somebody's record, or a list of people. */
#include "regen/clinic/evidence.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/audit.h"
#include "regen/store/evidence.h"
#include "regen/store/store.h"

static rg_outcome_t look_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const rg_record_look_t *look = baton;
    int64_t patient_id = 0;
    if (look->kind == RG_LOOK_LIST) {
        return rg_audit_add(db, ctx, "look", "list", 0, look->page);
    }
    rg_outcome_t rc = rg_look_whose(db, ctx, &patient_id, look);
    return rc == RG_OK ? rg_audit_add(db, ctx, "look", "patient", patient_id, look->page) : rc;
}

rg_outcome_t rg_look_add(const rg_ctx_t *ctx, const rg_record_look_t *look)
{
    rg_record_look_t own = *look;
    rg_outcome_t rc = rg_store_transact(ctx, look_work, &own);
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}
