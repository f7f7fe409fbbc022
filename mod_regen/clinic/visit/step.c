/* SPDX-License-Identifier: Apache-2.0 */
/* The frame every step of the day runs in: who may, lock, order, consents, stamp, status, charges,
 * audit. One transaction a step; called by clinic/visit/visit.c and clinic/visit/unit.c. */
#include <apr_strings.h>

#include "mod_regen/clinic/visit/visit_int.h"
#include "mod_regen/clinic/patient/people.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

rg_outcome_t rg_day_refuse(rg_ctx_t *ctx, rg_day_step_t *step, const char *code,
                           rg_outcome_t outcome, const char *field, const char *text)
{
    rg_problem_add(ctx->problems, field, "%s", text);
    step->refusal = code;
    return outcome;
}

/* --- refusals that outlive the rollback ------------------------------------------------------- */

static const char *verb(const rg_day_step_t *step)
{
    return step->verb != NULL ? step->verb : rg_event_name(step->event);
}

static rg_outcome_t refusal_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    const rg_day_step_t *step = baton;
    const char *detail = apr_psprintf(ctx->pool, "%s %s", verb(step), step->refusal);

    if (step->unit != NULL) {
        detail = apr_psprintf(ctx->pool, "%s unit:%" APR_INT64_T_FMT, detail,
                              (apr_int64_t)step->unit->id);
    }
    return rg_audit_add(db, ctx, "day.refused", "booking", step->booking_id, detail);
}

/* Without the request's key: a refusal must not answer a later, better attempt with the same form.
 */
void rg_day_remember(rg_ctx_t *ctx, rg_day_step_t *step)
{
    rg_idem_t *idem = ctx->idem;
    rg_outcome_t rc;

    if (step->refusal == NULL) {
        return;
    }
    ctx->idem = NULL;
    rc = rg_store_transact(ctx, refusal_work, step);
    ctx->idem = idem;
    rg_log(ctx, RG_LOG_INFO, RGNO(05000) "booking %lld: %s refused: %s",
           (long long)step->booking_id, verb(step), step->refusal);
    if (rc != RG_OK) {
        rg_log(ctx, RG_LOG_ERR, RGNO(05001) "booking %lld: the refusal could not be audited: %s",
               (long long)step->booking_id, rg_outcome_name(rc));
    }
}

/* --- checks ----------------------------------------------------------------------------------- */

bool rg_day_birth_read(rg_ctx_t *ctx, rg_date_t *out, const char *typed)
{
    return rg_birth_date_read(out, ctx, typed, NULL);
}

rg_outcome_t rg_day_same_birth(rg_ctx_t *ctx, rg_day_step_t *step, rg_date_t said)
{
    if (rg_date_compare(said, step->care.birth_date) == 0) {
        return RG_OK;
    }
    return rg_day_refuse(
        ctx, step, "wrong-birth-date", RG_PRECONDITION, "birth_date",
        apr_pstrcat(ctx->pool, rg_date_us(ctx->pool, said),
                    " is not the date of birth on file. Make sure that this is the "
                    "right person before you go on.",
                    NULL));
}

static rg_outcome_t say(rg_ctx_t *ctx, rg_outcome_t outcome, const char *text)
{
    rg_problem_add(ctx->problems, NULL, "%s", text);
    return outcome;
}

/* Why nothing can be done with this booking today at all. */
static const char *closed_words(rg_booking_status_t status)
{
    switch (status) {
    case RG_BOOKING_HELD: return "The patient has not finished this booking yet.";
    case RG_BOOKING_EXPIRED: return "This booking was never finished and has expired.";
    case RG_BOOKING_CANCELLED: return "This booking was canceled.";
    case RG_BOOKING_NO_SHOW: return "This booking is a no-show.";
    case RG_BOOKING_COMPLETED: return "This treatment is completed already.";
    case RG_BOOKING_BOOKED:
    case RG_BOOKING_ARRIVED:
    case RG_BOOKING_IN_PROGRESS: break;
    }
    return NULL;
}

static rg_outcome_t check_order(rg_ctx_t *ctx, const rg_day_step_t *step)
{
    const rg_care_t *care = &step->care;
    int next = rg_day_next(care->status, care->kinds, care->done, step->unit);
    const char *closed = closed_words(care->status);

    if ((care->done >> step->event) & 1u) {
        return say(
            ctx, RG_CONFLICT,
            apr_psprintf(ctx->pool, "Somebody recorded %s already.", rg_day_words(step->event)));
    }
    if (closed != NULL) {
        return say(ctx, RG_PRECONDITION, closed);
    }
    if (!rg_day_wants(care->kinds, step->event)) {
        return say(ctx, RG_PRECONDITION, "This treatment has no such step.");
    }
    if (next == (int)step->event) {
        return RG_OK;
    }
    return say(ctx, RG_PRECONDITION,
               next < 0
                   ? "There is nothing more to do."
                   : apr_psprintf(ctx->pool, "First comes %s.", rg_day_words((rg_event_t)next)));
}

/* Nothing is done to a side that nobody named. What began before the service asked for one goes on;
 * the schema still lets no unit be made without it. */
static rg_outcome_t check_place(rg_ctx_t *ctx, const rg_day_step_t *step)
{
    if (!step->care.needs_place || step->care.done != 0 || *step->care.body_site != '\0') {
        return RG_OK;
    }
    return say(
        ctx, RG_PRECONDITION,
        "The part of the body to be treated is not on file yet. Ask the patient, and enter it "
        "on this page.");
}

static rg_outcome_t check_consents(rg_db_t *db, rg_ctx_t *ctx, const rg_day_step_t *step)
{
    int count = 0;
    const char **names = NULL;
    rg_outcome_t rc;

    if (step->event == RG_EVENT_COMPLETE) {
        return RG_OK;
    }
    rc = rg_care_consents_missing(db, ctx, step->booking_id, ctx->now, &count, &names);
    for (int i = 0; rc == RG_OK && i < count; i++) {
        rg_problem_add(ctx->problems, NULL,
                       "The consent “%s” is missing or no longer valid. The patient must sign "
                       "it before this step.",
                       names[i]);
    }
    return rc == RG_OK && count > 0 ? RG_PRECONDITION : rc;
}

/* --- effects ---------------------------------------------------------------------------------- */

/* The schema saw what the checks above did not: somebody was quicker, or a consent went. */
static rg_outcome_t stamp(rg_db_t *db, rg_ctx_t *ctx, const rg_day_step_t *step)
{
    rg_outcome_t rc = rg_care_event_add(db, ctx, step->booking_id, step->event);

    if (rc == RG_CONFLICT) {
        return say(
            ctx, rc,
            apr_psprintf(ctx->pool, "Somebody recorded %s already.", rg_day_words(step->event)));
    }
    return rc == RG_PRECONDITION ? say(ctx, rc, "A consent is missing.") : rc;
}

static rg_booking_status_t status_after(const rg_day_step_t *step)
{
    if (step->event == RG_EVENT_CHECK_IN) {
        return RG_BOOKING_ARRIVED;
    }
    return step->event == RG_EVENT_COMPLETE ? RG_BOOKING_COMPLETED : RG_BOOKING_IN_PROGRESS;
}

static rg_outcome_t move(rg_db_t *db, rg_ctx_t *ctx, const rg_day_step_t *step)
{
    rg_booking_status_t to = status_after(step);

    return to == step->care.status ? RG_OK
                                   : rg_care_move(db, ctx, step->booking_id, step->care.status, to);
}

/* At the end everything is charged that has no stamp of its own (rest, consultation); nothing more
 * when the treatment ended without its injection. */
static unsigned kinds_to_charge(const rg_day_step_t *step)
{
    const rg_care_t *care = &step->care;
    bool ended_early =
        rg_day_wants(care->kinds, RG_EVENT_INJECT) && !((care->done >> RG_EVENT_INJECT) & 1u);

    if (step->event == RG_EVENT_COMPLETE) {
        return ended_early ? 0 : ~0u >> 16;
    }
    return 1u << rg_step_kind_parse(rg_event_name(step->event));
}

static rg_outcome_t note(rg_db_t *db, rg_ctx_t *ctx, const rg_day_step_t *step)
{
    const char *action = apr_pstrcat(ctx->pool, "day.", rg_event_name(step->event), NULL);

    if (ctx->idem != NULL) {
        ctx->idem->result = step->unit != NULL ? step->unit->label : step->care.uid;
    }
    return rg_audit_add(db, ctx, action, "booking", step->booking_id,
                        step->unit != NULL ? step->unit->label : "");
}

static rg_outcome_t find_unit(rg_db_t *db, rg_ctx_t *ctx, rg_day_step_t *step)
{
    rg_outcome_t rc;

    if (step->unit != NULL || !rg_day_wants(step->care.kinds, RG_EVENT_HARVEST)) {
        return RG_OK;
    }
    rc = rg_unit_of_booking(db, ctx, &step->unit, step->booking_id);
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

static rg_outcome_t step_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    rg_day_step_t *step = baton;
    rg_outcome_t rc;

    step->unit = NULL;
    step->refusal = NULL;
    rc = rg_care_lock(db, ctx, &step->care, step->booking_id);
    rc = rc == RG_OK && step->before != NULL ? step->before(db, ctx, step) : rc;
    rc = rc == RG_OK ? find_unit(db, ctx, step) : rc;
    rc = rc == RG_OK ? check_order(ctx, step) : rc;
    rc = rc == RG_OK ? check_place(ctx, step) : rc;
    rc = rc == RG_OK ? check_consents(db, ctx, step) : rc;
    rc = rc == RG_OK && step->act != NULL ? step->act(db, ctx, step) : rc;
    rc = rc == RG_OK ? stamp(db, ctx, step) : rc;
    rc = rc == RG_OK ? move(db, ctx, step) : rc;
    rc = rc == RG_OK ? rg_day_charge(db, ctx, &step->care, kinds_to_charge(step)) : rc;
    return rc == RG_OK ? note(db, ctx, step) : rc;
}

rg_outcome_t rg_day_run(rg_ctx_t *ctx, rg_day_step_t *step)
{
    rg_outcome_t rc = rg_store_transact(ctx, step_work, step);

    if (rc != RG_OK) {
        rg_day_remember(ctx, step);
    }
    return rc;
}
