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

/* The side comes first; of several targets none is the charge's. */
static const char *modifiers(const rg_ctx_t *ctx, const rg_fee_line_t *fee, const rg_care_t *care)
{
    rg_side_t side = rg_targets_count(care->further) > 1 ? RG_SIDE_NONE : care->side;
    const char *which = side == RG_SIDE_RIGHT ? "RT" : side == RG_SIDE_LEFT ? "LT" : "";
    if (!fee->side_modifier || !*which) {
        return fee->modifiers;
    }
    return *fee->modifiers ? apr_pstrcat(ctx->pool, which, " ", fee->modifiers, NULL) : which;
}

static rg_outcome_t charge_one(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care,
                               const rg_fee_line_t *fee, int64_t practitioner, apr_time_t at)
{
    rg_charge_t c = {.line_no = fee->line_no, .step_kind = fee->step_kind, .code = fee->code};

    c.code_system = fee->code_system;
    c.modifier = modifiers(ctx, fee, care);
    c.description = fee->description;
    c.quantity = fee->units;
    c.unit = fee->unit;
    c.on_claim = fee->on_claim;
    c.practitioner_id = practitioner != 0 ? practitioner : ctx->who.resource_id;
    if (!rg_money_times(&c.total, fee->unit, fee->units)) {
        rg_log(ctx, RG_LOG_ERR,
               RGNO(05002) "Line %d of service %lld is not charged: its amount is out of range.",
               fee->line_no, (long long)care->service_id);
        return RG_OK; /* the schema has a ceiling; what was done is recorded whatever it costs */
    }
    c.service_date = rg_zone_local(care->zone, at).date;
    return rg_care_charge_add(db, ctx, care->id, &c);
}

rg_outcome_t rg_day_charge(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care, unsigned kinds,
                           apr_time_t at)
{
    int count = 0;
    rg_fee_line_t *fees = NULL;
    int64_t *who = NULL;
    rg_outcome_t rc = RG_OK;

    if (kinds != 0) {
        rc = rg_care_fees(db, ctx, care, kinds, &count, &fees, &who);
    }
    for (int i = 0; rc == RG_OK && i < count; i++) {
        rc = charge_one(db, ctx, care, &fees[i], who[i], at);
    }
    return rc;
}
