/* SPDX-License-Identifier: Apache-2.0 */
/* The kit of a processing: a lot of the clinic's supplies, chosen or typed; in order on that day,
 * or a clinician says why it was used all the same. */
#include "mod_regen/clinic/definitions/supply.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/supply.h"
#include "regen/store/store.h"
#include "regen/store/supply.h"

#include <apr_strings.h>

/* What is known by its number needs no expiry; what is not becomes a lot. */
static rg_outcome_t typed_lot(rg_db_t *db, const rg_ctx_t *ctx, const rg_kit_in_t *in,
                              rg_supply_lot_t **out)
{
    int count = 0;
    const char *number = rg_text_tidy(ctx->pool, in->kit_lot ? in->kit_lot : "");
    const char *expires = in->expires ? in->expires : "";
    const rg_supply_in_t typed = {RG_SUPPLY_KIT, number, expires, ""};
    rg_supply_lot_t *l = apr_pcalloc(ctx->pool, sizeof(*l));
    rg_outcome_t rc = *number == '\0' ? RG_OK : rg_supply_named(db, ctx, number, &count, out);

    if (rc != RG_OK || (count == 1 && *expires == '\0')) {
        return rc;
    }
    if (!rg_supply_read(ctx, l, &typed, "kit_lot", "kit_expires")) {
        return RG_INVALID;
    }
    for (int i = 0; i < count; i++) {
        if (rg_date_compare((*out)[i].expires, l->expires) == 0) {
            *out = &(*out)[i];
            return RG_OK;
        }
    }
    if (count > 0) {
        rg_problem_add(ctx->problems, "kit_expires",
                       "Lot %s is on file with the expiry %s. Read both again; if the file is "
                       "wrong, recall that lot under Supplies.",
                       number, rg_date_us(ctx->pool, (*out)[0].expires));
        return RG_INVALID;
    }
    *out = l;
    rc = rg_supply_add(db, ctx, l);
    return rc == RG_OK ? rg_audit_add(db, ctx, "supply.add", "supply_lot", l->id, "") : rc;
}

static rg_outcome_t find_lot(rg_db_t *db, const rg_ctx_t *ctx, const rg_kit_in_t *in,
                             rg_supply_lot_t **out)
{
    int64_t id = 0;

    if (!in->lot || *in->lot == '\0') {
        return typed_lot(db, ctx, in, out);
    }
    rg_outcome_t rc =
        rg_text_i64(&id, in->lot, 1, INT64_MAX) ? rg_supply_get(db, ctx, out, id) : RG_NOT_FOUND;
    if (rc == RG_NOT_FOUND) {
        rg_problem_add(ctx->problems, "kit", "Choose the lot of the kit.");
        return RG_INVALID;
    }
    return rc;
}

/* A reason that was typed for a lot in order is none. */
rg_outcome_t rg_day_kit(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                        const rg_kit_in_t *in, rg_processing_t *x)
{
    rg_supply_lot_t *l = NULL;
    rg_outcome_t rc = find_lot(db, ctx, in, &l);

    if (rc != RG_OK) {
        return rc;
    }
    bool expired = rg_date_compare(l->expires, rg_zone_local(step->care.zone, step->at).date) < 0;
    x->lot_id = l->id;
    x->kit_lot = l->lot;
    x->lot_why = expired || l->recalled ? in->why : "";
    if (!expired && !l->recalled) {
        return RG_OK;
    }
    if (*in->why == '\0') {
        const char *what = l->recalled ? apr_psprintf(ctx->pool, "was recalled (%s)", l->why)
                                       : apr_psprintf(ctx->pool, "expired on %s",
                                                      rg_date_us(ctx->pool, l->expires));
        return rg_day_refuse(
            ctx, step, l->recalled ? "recalled-lot" : "expired-lot", RG_PRECONDITION,
            in->lot && *in->lot != '\0' ? "kit" : "kit_lot",
            apr_psprintf(ctx->pool,
                         "Lot %s %s. Choose the lot that was used. If it was this one, a "
                         "clinician enters below why it was used all the same.",
                         l->lot, what));
    }
    return rg_audit_add(db, ctx, "day.lot-override", "booking", step->booking_id,
                        apr_psprintf(ctx->pool, "%s %" APR_INT64_T_FMT,
                                     l->recalled ? "recalled-lot" : "expired-lot",
                                     (apr_int64_t)l->id));
}
