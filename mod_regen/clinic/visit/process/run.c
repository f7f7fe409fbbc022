/* SPDX-License-Identifier: Apache-2.0 */
/* A run of a device: how long it took, and that one patient's units are in it at a time. The schema
 * decides (sql/0052_runs.sql); the checks here are for good messages. */
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#include <apr_strings.h>

/* "12 to 18 minutes", "at least 12 minutes", "at most 18 minutes". */
static const char *limit_words(const rg_ctx_t *ctx, const rg_care_t *care)
{
    int least = care->spin_min_minutes;
    int most = care->spin_max_minutes;

    if (least > 0 && most > 0) {
        return apr_psprintf(ctx->pool, "%d to %d minutes", least, most);
    }
    return apr_psprintf(ctx->pool, least > 0 ? "at least %d minutes" : "at most %d minutes",
                        least > 0 ? least : most);
}

/* A reason that was typed for a run within the limits is none. */
static rg_outcome_t check_limits(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                                 const char *why, rg_processing_t *x)
{
    const rg_care_t *care = &step->care;
    bool outside = x->minutes < care->spin_min_minutes ||
                   (care->spin_max_minutes > 0 && x->minutes > care->spin_max_minutes);

    x->run_why = outside ? why : "";
    if (!outside) {
        return RG_OK;
    }
    if (*why == '\0') {
        return rg_day_refuse(
            ctx, step, "run-minutes", RG_PRECONDITION, "minutes",
            apr_psprintf(ctx->pool,
                         "This product runs %s, and %d were entered. Correct the "
                         "minutes, or enter below why the run was %s.",
                         limit_words(ctx, care), x->minutes,
                         x->minutes < care->spin_min_minutes ? "shorter" : "longer"));
    }
    return rg_audit_add(db, ctx, "day.run-override", "booking", step->booking_id,
                        apr_psprintf(ctx->pool, "run-minutes %d", x->minutes));
}

rg_outcome_t rg_day_run_check(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                              const rg_run_in_t *in, rg_processing_t *x)
{
    const char *typed = rg_text_tidy(ctx->pool, in->minutes ? in->minutes : "");
    int64_t minutes = 0;

    if (x->device_id == 0) {
        return RG_OK;
    }
    if (!rg_text_i64(&minutes, typed, 0, RG_RUN_MINUTES_MOST)) {
        rg_problem_add(ctx->problems, "minutes",
                       "Enter how long the device ran, in whole minutes, at most %d.",
                       RG_RUN_MINUTES_MOST);
        return RG_INVALID;
    }
    x->minutes = (int)minutes;
    if (x->at - minutes * RG_MINUTE + RG_MINUTE < step->unit->harvested_at) {
        rg_problem_add(ctx->problems, "minutes",
                       "A run of %d minutes that ended at %s began before the harvest at %s. "
                       "Correct the minutes, or the time when the processing was done.",
                       x->minutes, rg_time_clock(ctx->pool, step->care.zone, x->at),
                       rg_time_clock(ctx->pool, step->care.zone, step->unit->harvested_at));
        return RG_INVALID;
    }
    return check_limits(db, ctx, step, in->why, x);
}

static rg_outcome_t refuse_busy(const rg_ctx_t *ctx, rg_day_step_t *step, apr_time_t from,
                                apr_time_t until)
{
    return rg_day_refuse(
        ctx, step, "device-busy", RG_PRECONDITION, "device_code",
        apr_psprintf(ctx->pool,
                     "Stop: on record, this device ran with another patient’s unit from %s to %s. "
                     "One patient’s units are in a chamber at a time. Correct the device, the "
                     "minutes or the time when it was done. If these are right and the other "
                     "record is wrong, a clinician enters below why the device was used.",
                     rg_time_clock(ctx->pool, step->care.zone, from),
                     rg_time_clock(ctx->pool, step->care.zone, until)));
}

/* What is on record of somebody else may be wrong, and must not keep what was done from being
 * recorded. */
rg_outcome_t rg_day_run_add(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step, const char *why,
                            rg_processing_t *x)
{
    apr_time_t from;
    apr_time_t until;
    rg_outcome_t rc = rg_unit_processing_add(db, ctx, step->unit->id, x);

    if (rc != RG_PRECONDITION || x->device_id == 0 ||
        rg_unit_run_beside(db, ctx, x, step->care.patient_id, &from, &until) != RG_OK) {
        return rc;
    }
    if (*why == '\0') {
        return refuse_busy(ctx, step, from, until);
    }
    x->device_why = why;
    rc = rg_unit_processing_add(db, ctx, step->unit->id, x);
    return rc == RG_OK ? rg_audit_add(db, ctx, "day.device-override", "booking", step->booking_id,
                                      "device-busy")
                       : rc;
}
