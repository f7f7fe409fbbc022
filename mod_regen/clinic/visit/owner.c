/* SPDX-License-Identifier: Apache-2.0 */
/* Whose unit it is, and whether it may be used. The keys of the schema enforce it; the checks here
 * are for good messages. */
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

const char *rg_day_label_read(const rg_ctx_t *ctx, const char *typed)
{
    const char *label = rg_unit_label_read(ctx->pool, typed);

    if (!label) {
        rg_problem_add(
            ctx->problems, "label",
            !typed || *typed == '\0'
                ? "Scan or enter the label of the unit."
                : "This is not a label of this clinic. Check each character and enter it again.");
    }
    return label;
}

static rg_outcome_t check_owner(const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const rg_unit_t *u = step->unit;

    if (u->patient_id != step->care.patient_id) {
        return rg_day_refuse(ctx, step, "wrong-patient", RG_PRECONDITION, "label",
                             "Stop: this unit belongs to another patient. Nothing was recorded.");
    }
    if (u->booking_id != step->care.id) {
        return rg_day_refuse(
            ctx, step, "wrong-booking", RG_PRECONDITION, "label",
            "Stop: this unit belongs to another treatment of this patient. Nothing was recorded.");
    }
    return RG_OK;
}

const char *rg_unit_gone(const rg_unit_t *u)
{
    if (u->injected_at != 0) {
        return "This unit was already injected.";
    }
    if (u->disposed_at != 0) {
        return "This unit was disposed of. It must not be used.";
    }
    if (u->ended_at != 0) {
        return u->ended == RG_UNIT_DIVIDED
                   ? "Other units were made from this one. Use the label of the new container."
                   : "That this unit was made was taken back. It must not be used.";
    }
    return NULL;
}

rg_outcome_t rg_day_usable(const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const rg_unit_t *u = step->unit;
    const char *gone = rg_unit_gone(u);

    if (gone) {
        return rg_day_refuse(
            ctx, step,
            u->ended == RG_UNIT_INJECTED ? "used" : rg_unit_end_name((rg_unit_end_t)u->ended),
            RG_GONE, "label", gone);
    }
    if (apr_time_sec(u->expires_at) <= apr_time_sec(step->at)) {
        return rg_day_refuse(ctx, step, "expired", RG_GONE, "label",
                             "This unit has expired and must not be used. Dispose of it.");
    }
    return RG_OK;
}

rg_outcome_t rg_day_find_labelled(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                                  const char *label)
{
    rg_outcome_t rc = rg_unit_by_label(db, ctx, &step->unit, label);

    if (rc == RG_NOT_FOUND) {
        return rg_day_refuse(ctx, step, "unknown-label", RG_PRECONDITION, "label",
                             "No unit of this clinic has this label.");
    }
    return rc == RG_OK ? check_owner(ctx, step) : rc;
}

rg_outcome_t rg_day_unit_to_inject(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                                   const char *typed)
{
    const char *label = rg_day_label_read(ctx, typed);
    rg_outcome_t rc = label ? rg_day_find_labelled(db, ctx, step, label) : RG_INVALID;

    rc = rc == RG_OK ? rg_day_usable(ctx, step) : rc;
    if (rc == RG_OK && step->unit->processed_at == 0) {
        rc = rg_day_refuse(ctx, step, "unprocessed", RG_PRECONDITION, "label",
                           "This unit has not been processed yet.");
    }
    return rc;
}
