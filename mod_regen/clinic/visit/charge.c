/* SPDX-License-Identifier: Apache-2.0 */
/* Charges, created in the transaction of the step they are for, from what was promised: the lines
 * of the booking's quote. */
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/fees.h"
#include "regen/model/money.h"
#include "regen/model/service.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#include <apr_strings.h>

/* Of the visit: the side of its only target. */
static const char *side_modifier(const rg_care_t *care, const rg_fee_due_t *due)
{
    rg_side_t side = due->side;
    if (due->target_no == 0) {
        side = rg_targets_count(care->further) > 1 ? RG_SIDE_NONE : care->side;
    }
    switch (side) {
    case RG_SIDE_RIGHT: return "RT";
    case RG_SIDE_LEFT: return "LT";
    case RG_SIDE_BILATERAL: return "50";
    case RG_SIDE_NONE: break;
    }
    return "";
}

/* The side comes first. */
static const char *modifiers(const rg_ctx_t *ctx, const rg_fee_due_t *due, const rg_care_t *care)
{
    const rg_fee_line_t *fee = &due->line;
    const char *which = fee->side_modifier ? side_modifier(care, due) : "";
    if (!*which) {
        return fee->modifiers;
    }
    return *fee->modifiers ? apr_pstrcat(ctx->pool, which, " ", fee->modifiers, NULL) : which;
}

static rg_outcome_t charge_one(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care,
                               const rg_fee_due_t *due, apr_time_t at)
{
    const rg_fee_line_t *fee = &due->line;
    rg_charge_t c = {.line_no = fee->line_no, .step_kind = fee->step_kind, .code = fee->code};

    c.target_no = due->target_no;
    c.code_system = fee->code_system;
    c.modifier = modifiers(ctx, due, care);
    c.description = fee->description;
    c.quantity = due->target_no == 0 ? fee->units : fee->units / fee->times;
    c.unit = fee->unit;
    c.on_claim = fee->on_claim;
    c.practitioner_id = due->practitioner != 0 ? due->practitioner : ctx->who.resource_id;
    if (!rg_money_times(&c.total, fee->unit, c.quantity)) {
        rg_log(ctx, RG_LOG_ERR,
               RGNO(05002) "Line %d of service %lld is not charged: its amount is out of range.",
               fee->line_no, (long long)care->service_id);
        return RG_OK; /* the schema has a ceiling; what was done is recorded whatever it costs */
    }
    c.service_date = rg_zone_local(care->zone, due->at != 0 ? due->at : at).date;
    return rg_care_charge_add(db, ctx, care->id, &c);
}

static rg_outcome_t charge_all(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care,
                               const rg_fee_due_t *due, int count, apr_time_t at)
{
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < count; i++) {
        rc = charge_one(db, ctx, care, &due[i], at);
    }
    return rc;
}

rg_outcome_t rg_day_charge(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care, unsigned kinds,
                           apr_time_t at)
{
    int count = 0;
    rg_fee_due_t *due = NULL;
    rg_outcome_t rc = kinds != 0 ? rg_care_fees(db, ctx, care, kinds, &count, &due) : RG_OK;
    return rc == RG_OK ? charge_all(db, ctx, care, due, count, at) : rc;
}

/* --- of targets ------------------------------------------------------------------------------- */

static rg_outcome_t drop_charge(rg_db_t *db, const rg_ctx_t *ctx, int64_t id)
{
    rg_outcome_t rc = rg_care_charge_drop(db, ctx, id);
    if (rc == RG_PRECONDITION) {
        rg_problem_add(ctx->problems, NULL,
                       "What was charged for a target that is recorded otherwise now is invoiced, "
                       "or a payer paid for it. Billing takes that back first.");
    }
    return rc;
}

/* DROP: also takes off what fits no more. */
static rg_outcome_t follow_targets(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care,
                                   bool drop)
{
    int count = 0;
    rg_target_charge_t *list = NULL;
    rg_outcome_t rc = rg_care_target_charges(db, ctx, care, &count, &list);
    for (int i = 0; rc == RG_OK && i < count; i++) {
        const rg_target_charge_t *c = &list[i];
        if (c->fits) {
            rc = rg_care_charge_done(db, ctx, c->id, c->practitioner,
                                     rg_zone_local(care->zone, c->at).date);
        }
        else if (drop) {
            rc = drop_charge(db, ctx, c->id);
        }
    }
    return rc;
}

rg_outcome_t rg_day_charges_follow(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care)
{
    return follow_targets(db, ctx, care, false);
}

rg_outcome_t rg_day_charge_targets(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care)
{
    int count = 0;
    rg_fee_due_t *due = NULL;
    RG_TRY(follow_targets(db, ctx, care, true));
    rg_outcome_t rc = rg_care_target_fees(db, ctx, care, &count, &due);
    return rc == RG_OK ? charge_all(db, ctx, care, due, count, ctx->now) : rc;
}
