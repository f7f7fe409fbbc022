/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals of a step, which outlive the rollback of what was tried. */
#include <apr_strings.h>

#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

rg_outcome_t rg_day_refuse(const rg_ctx_t *ctx, rg_day_step_t *step, const char *code,
                           rg_outcome_t outcome, const char *field, const char *text)
{
    rg_problem_add(ctx->problems, field, "%s", text);
    step->refusal = code;
    return outcome;
}

static const char *verb(const rg_day_step_t *step)
{
    return step->verb ? step->verb : rg_event_name(step->event);
}

static rg_outcome_t refusal_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const rg_day_step_t *step = baton;
    const char *detail = apr_psprintf(ctx->pool, "%s %s", verb(step), step->refusal);

    if (step->unit) {
        detail = apr_psprintf(ctx->pool, "%s unit:%" APR_INT64_T_FMT, detail,
                              (apr_int64_t)step->unit->id);
    }
    return rg_audit_add(db, ctx, "day.refused", "booking", step->booking_id, detail);
}

/* Without the request's key: a refusal must not answer a later, better attempt with the same form.
 */
void rg_day_remember(const rg_ctx_t *ctx, rg_day_step_t *step)
{
    if (!step->refusal) {
        return;
    }
    rg_outcome_t rc = rg_store_transact(ctx, refusal_work, step);
    rg_log(ctx, RG_LOG_INFO, RGNO(05000) "Booking %lld: %s refused: %s",
           (long long)step->booking_id, verb(step), step->refusal);
    if (rc != RG_OK) {
        rg_log(ctx, RG_LOG_ERR, RGNO(05001) "Booking %lld: the refusal could not be audited: %s.",
               (long long)step->booking_id, rg_outcome_name(rc));
    }
}
