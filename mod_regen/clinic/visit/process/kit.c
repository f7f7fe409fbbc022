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

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <apr_strings.h>

/* What is known by its number needs no expiry; what is not becomes a lot. Of several, those that
 * are recalled stand back; but nobody gets round a recall by another expiry typed here. */
static rg_outcome_t typed_lot(rg_db_t *db, const rg_ctx_t *ctx, const rg_kit_in_t *in,
                              rg_supply_lot_t **out)
{
    int count = 0;
    int good = 0;
    rg_supply_lot_t *list = NULL;
    const char *number = rg_text_tidy(ctx->pool, in->kit_lot ? in->kit_lot : "");
    const char *expires = rg_text_tidy(ctx->pool, in->expires ? in->expires : "");
    const rg_supply_in_t typed = {RG_SUPPLY_KIT, number, expires, "", "kit"};
    rg_supply_lot_t *l = apr_pcalloc(ctx->pool, sizeof(*l));
    rg_outcome_t rc = *number == '\0' ? RG_OK : rg_supply_named(db, ctx, number, &count, &list);

    while (rc == RG_OK && list && good < count && !list[good].recalled) {
        good++;
    }
    if (rc != RG_OK || (list && count > 0 && good <= 1 && *expires == '\0')) {
        *out = list;
        return rc;
    }
    if (!rg_supply_read(ctx, l, &typed, "kit_lot", "kit_expires")) {
        return RG_INVALID;
    }
    for (int i = 0; list && i < count; i++) {
        if (rg_date_compare(list[i].expires, l->expires) == 0) {
            *out = &list[i];
            return RG_OK;
        }
    }
    if (list && count > 0) {
        rg_problem_add(ctx->problems, "kit_expires",
                       "Lot %s is on file with the expiry %s. Read both again; if the file is "
                       "wrong, recall that lot under Supplies and enter it there as printed.",
                       number, rg_date_us(ctx->pool, list[0].expires));
        return RG_INVALID;
    }
    *out = l;
    rc = rg_supply_add(db, ctx, l);
    return rc == RG_OK ? rg_audit_add(db, ctx, "supply.add", "supply_lot", l->id, "") : rc;
}

static bool says_another(const rg_ctx_t *ctx, const rg_kit_in_t *in, const rg_supply_lot_t *l)
{
    const char *number = rg_text_tidy(ctx->pool, in->kit_lot ? in->kit_lot : "");
    const char *expires = rg_text_tidy(ctx->pool, in->expires ? in->expires : "");
    rg_date_t day;

    return (*number != '\0' && strcasecmp(number, l->lot) != 0) ||
           (*expires != '\0' &&
            (!rg_date_parse(&day, expires) || rg_date_compare(day, l->expires) != 0));
}

static rg_outcome_t find_lot(rg_db_t *db, const rg_ctx_t *ctx, const rg_kit_in_t *in,
                             rg_supply_lot_t **out)
{
    int64_t id = 0;
    rg_supply_lot_t *l = NULL;

    if (!in->lot || *in->lot == '\0') {
        return typed_lot(db, ctx, in, out);
    }
    rg_outcome_t rc =
        rg_text_i64(&id, in->lot, 1, INT64_MAX) ? rg_supply_get(db, ctx, &l, id) : RG_NOT_FOUND;
    if (rc == RG_NOT_FOUND || (rc == RG_OK && (!l || !l->kit))) {
        rg_problem_add(ctx->problems, "kit", "Choose the lot of the kit.");
        return RG_INVALID;
    }
    if (rc == RG_OK && says_another(ctx, in, l)) {
        rg_problem_add(ctx->problems, "kit",
                       "One lot is chosen here, and another one is entered below. Choose one or "
                       "type the other.");
        return RG_INVALID;
    }
    *out = l;
    return rc;
}

/* A reason that was typed for a lot in order is none. */
rg_outcome_t rg_day_kit(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                        const rg_kit_in_t *in, rg_processing_t *x)
{
    rg_supply_lot_t *l = NULL;
    rg_outcome_t rc = find_lot(db, ctx, in, &l);

    if (rc != RG_OK || !l) {
        return rc == RG_OK ? RG_INTERNAL : rc;
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

rg_outcome_t rg_day_kit_recalled(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                                 const char **why)
{
    rg_supply_lot_t *l = NULL;
    rg_outcome_t rc = rg_supply_of_unit(db, ctx, &l, step->unit->id);

    if (rc != RG_OK && rc != RG_NOT_FOUND) {
        return rc;
    }
    if (!l || !l->recalled) {
        *why = "";
        return RG_OK;
    }
    if (**why == '\0') {
        return rg_day_refuse(
            ctx, step, "recalled-lot", RG_PRECONDITION, "lot_why",
            apr_psprintf(ctx->pool,
                         "Stop: the kit of this unit is of lot %s, which is recalled since %s "
                         "(%s). Dispose of the unit, or a clinician says why it is used all the "
                         "same.",
                         l->lot, rg_time_people(ctx->pool, step->care.zone, l->why_at), l->why));
    }
    return rg_audit_add(
        db, ctx, "day.lot-override", "booking", step->booking_id,
        apr_psprintf(ctx->pool, "inject recalled-lot %" APR_INT64_T_FMT, (apr_int64_t)l->id));
}
