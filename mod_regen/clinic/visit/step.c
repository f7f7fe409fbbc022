/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of every step of the day: role, lock, order, consents, stamp, status, charges, audit.
 * One transaction per step. */
#include <apr_strings.h>

#include "mod_regen/clinic/questionnaire/sheet.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "mod_regen/clinic/patient/people.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

/* --- checks ----------------------------------------------------------------------------------- */

bool rg_day_birth_read(const rg_ctx_t *ctx, rg_date_t *out, const char *typed)
{
    return rg_birth_date_read(out, ctx, typed, NULL);
}

rg_outcome_t rg_day_same_birth(const rg_ctx_t *ctx, rg_day_step_t *step, rg_date_t said)
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

static rg_outcome_t say_and_return(const rg_ctx_t *ctx, rg_outcome_t outcome, const char *text)
{
    rg_problem_add(ctx->problems, NULL, "%s", text);
    return outcome;
}

/* Why nothing can be done with this booking today at all. */
static const char *why_nothing_today(rg_booking_status_t status)
{
    switch (status) {
    case RG_BOOKING_HELD: return "The patient has not finished this booking yet.";
    case RG_BOOKING_EXPIRED: return "This booking was not completed and has expired.";
    case RG_BOOKING_CANCELLED: return "This booking was canceled.";
    case RG_BOOKING_NO_SHOW: return "This booking is a no-show.";
    case RG_BOOKING_COMPLETED: return "This treatment is already completed.";
    case RG_BOOKING_BOOKED:
    case RG_BOOKING_ARRIVED:
    case RG_BOOKING_IN_PROGRESS: break;
    }
    return NULL;
}

static bool was_done(const rg_day_step_t *step)
{
    return ((step->care.done >> step->event) & 1u) != 0;
}

/* What is done to units is done again: another harvest, if one is meant; the unit that was named,
 * which BEFORE found open. */
static bool may_again(const rg_day_step_t *step)
{
    if (step->care.status != RG_BOOKING_IN_PROGRESS) {
        return false;
    }
    switch (step->event) {
    case RG_EVENT_HARVEST: return step->again;
    case RG_EVENT_PROCESS: return step->unit && step->unit->processed_at == 0;
    case RG_EVENT_INJECT:
        return step->unit && step->unit->processed_at != 0 && step->unit->ended_at == 0;
    case RG_EVENT_CHECK_IN:
    case RG_EVENT_COMPLETE: break;
    }
    return false;
}

static rg_outcome_t check_step_order(const rg_ctx_t *ctx, const rg_day_step_t *step)
{
    const rg_care_t *care = &step->care;
    int next = rg_day_next(care->status, care->kinds, care->done, &care->units);
    const char *closed = why_nothing_today(care->status);

    if (was_done(step) && !may_again(step)) {
        return say_and_return(ctx, RG_CONFLICT,
                              apr_psprintf(ctx->pool, "Somebody has already recorded %s.",
                                           rg_day_words(step->event)));
    }
    if (closed) {
        return say_and_return(ctx, RG_PRECONDITION, closed);
    }
    if (!rg_day_wants(care->kinds, step->event)) {
        return say_and_return(ctx, RG_PRECONDITION, "This treatment has no such step.");
    }
    if (next == (int)step->event || was_done(step)) {
        return RG_OK;
    }
    if (step->event == RG_EVENT_COMPLETE && care->units.raw + care->units.ready > 0 &&
        ((care->done >> RG_EVENT_INJECT) & 1u)) {
        return say_and_return(ctx, RG_PRECONDITION,
                              "A unit is still open. Inject it or dispose of it, then complete the "
                              "treatment.");
    }
    return say_and_return(
        ctx, RG_PRECONDITION,
        next < 0 ? "All steps of this treatment are recorded."
                 : apr_psprintf(ctx->pool, "First record %s.", rg_day_words((rg_event_t)next)));
}

/* No step without a known side. Visits that began before the service required one continue; the
 * schema still allows no unit without it. */
static rg_outcome_t check_place_said(const rg_ctx_t *ctx, const rg_day_step_t *step)
{
    if (!step->care.needs_place || step->care.done != 0 || *step->care.body_site != '\0') {
        return RG_OK;
    }
    return say_and_return(
        ctx, RG_PRECONDITION,
        "The part of the body to be treated is not on file yet. Ask the patient, and enter it "
        "on this page.");
}

/* What is recorded stays; the visit can be ended early, or go on under a new order. */
static rg_outcome_t check_order_stands(const rg_ctx_t *ctx, const rg_day_step_t *step)
{
    return !step->care.order_revoked || step->event == RG_EVENT_COMPLETE
               ? RG_OK
               : say_and_return(ctx, RG_PRECONDITION,
                                "The order for this treatment was revoked, so no step of it can "
                                "be recorded. Cancel or end the visit, or have a clinician sign a "
                                "new order.");
}

static rg_outcome_t check_consents(rg_db_t *db, const rg_ctx_t *ctx, const rg_day_step_t *step)
{
    int count = 0;
    const char **names = NULL;

    if (step->event == RG_EVENT_COMPLETE) {
        return RG_OK;
    }
    rg_outcome_t rc = rg_care_consents_missing(db, ctx, step->booking_id, step->at, &count, &names);
    for (int i = 0; rc == RG_OK && i < count; i++) {
        rg_problem_add(ctx->problems, NULL,
                       "The consent “%s” is missing or no longer valid, or a clinician has not "
                       "confirmed it yet. It must be signed, and confirmed if the form asks for "
                       "it, before this step.",
                       names[i]);
    }
    return rc == RG_OK && count > 0 ? RG_PRECONDITION : rc;
}

/* --- effects ---------------------------------------------------------------------------------- */

/* The schema saw what the checks above did not: somebody was quicker, or a consent went. */
static rg_outcome_t stamp(rg_db_t *db, const rg_ctx_t *ctx, const rg_day_step_t *step)
{
    if (was_done(step) || step->unstamped) {
        return RG_OK; /* the first one has the stamp, each has its act */
    }
    rg_outcome_t rc = rg_care_event_add(db, ctx, step->booking_id, step->event, step->at,
                                        step->late_why ? step->late_why : "");

    if (rc == RG_CONFLICT) {
        return say_and_return(ctx, rc,
                              apr_psprintf(ctx->pool, "Somebody has already recorded %s.",
                                           rg_day_words(step->event)));
    }
    return rc == RG_PRECONDITION ? say_and_return(ctx, rc, "A consent is missing.") : rc;
}

static rg_booking_status_t status_after(const rg_day_step_t *step)
{
    if (step->event == RG_EVENT_CHECK_IN) {
        return RG_BOOKING_ARRIVED;
    }
    return step->event == RG_EVENT_COMPLETE ? RG_BOOKING_COMPLETED : RG_BOOKING_IN_PROGRESS;
}

static rg_outcome_t move(rg_db_t *db, const rg_ctx_t *ctx, const rg_day_step_t *step)
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
        return ended_early ? 0 : (1u << RG_STEP_RECOVER) | (1u << RG_STEP_CONSULT);
    }
    if (was_done(step) || step->unstamped) {
        return 0;
    }
    return 1u << rg_step_kind_parse(rg_event_name(step->event));
}

static rg_outcome_t note_step(rg_db_t *db, const rg_ctx_t *ctx, const rg_day_step_t *step)
{
    const char *action = apr_pstrcat(
        ctx->pool, "day.", step->unstamped ? step->verb : rg_event_name(step->event), NULL);

    rg_once_result(db, step->unit ? step->unit->label : step->care.uid);
    return rg_audit_add(db, ctx, action, "booking", step->booking_id,
                        step->unit ? step->unit->label : "");
}

static rg_outcome_t find_unit(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    if (step->unit || !rg_day_wants(step->care.kinds, RG_EVENT_HARVEST)) {
        return RG_OK;
    }
    rg_outcome_t rc = rg_unit_of_booking(db, ctx, &step->unit, step->booking_id);
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

/* What is done again is done after the first time, whatever else was done in between: the second
 * unit of two may be processed after the first one was injected, and be entered later still. */
static apr_time_t not_before(const rg_day_step_t *step)
{
    const rg_care_t *care = &step->care;
    apr_time_t first = 0;

    if (!was_done(step) && !step->unstamped) {
        return step->event == RG_EVENT_COMPLETE && care->acted_at > care->last_at ? care->acted_at
                                                                                  : care->last_at;
    }
    switch (step->event) {
    case RG_EVENT_HARVEST: first = care->first_harvest_at; break;
    case RG_EVENT_PROCESS: first = care->first_process_at; break;
    case RG_EVENT_INJECT: first = care->first_inject_at; break;
    case RG_EVENT_CHECK_IN:
    case RG_EVENT_COMPLETE: return care->last_at;
    }
    return first > care->check_in_at ? first : care->check_in_at;
}

/* A booking that is over or not booked says so itself. */
static rg_outcome_t step_when(const rg_ctx_t *ctx, rg_day_step_t *step)
{
    step->at = ctx->now;
    step->care.last_at = not_before(step);
    return why_nothing_today(step->care.status)
               ? RG_OK
               : rg_day_when(&step->at, ctx, &step->care,
                             step->when_field ? step->when_field : "when", step->when);
}

rg_outcome_t rg_day_find(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    step->unit = NULL;
    step->refusal = NULL;
    rg_outcome_t rc = rg_care_lock(db, ctx, &step->care, step->booking_id);
    rc = rc == RG_OK ? step_when(ctx, step) : rc;
    rc = rc == RG_OK && step->before ? step->before(db, ctx, step) : rc;
    rc = rc == RG_OK ? find_unit(db, ctx, step) : rc;
    rc = rc == RG_OK ? rg_day_after_unit(ctx, step) : rc;
    rc = rc == RG_OK && !step->unstamped ? check_step_order(ctx, step) : rc;
    return rc == RG_OK ? check_place_said(ctx, step) : rc;
}

rg_outcome_t rg_day_agreed_to(rg_db_t *db, const rg_ctx_t *ctx, const rg_day_step_t *step)
{
    rg_outcome_t rc = check_order_stands(ctx, step);
    rc = rc == RG_OK ? rg_quest_gate(db, ctx, step->booking_id, step->event) : rc;
    return rc == RG_OK ? check_consents(db, ctx, step) : rc;
}

static rg_outcome_t step_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_day_step_t *step = baton;

    rg_outcome_t rc = rg_day_find(db, ctx, step);
    rc = rc == RG_OK ? rg_day_agreed_to(db, ctx, step) : rc;
    rc = rc == RG_OK ? rg_day_doer(db, ctx, step) : rc;
    rc = rc == RG_OK && step->act ? step->act(db, ctx, step) : rc;
    rc = rc == RG_OK ? stamp(db, ctx, step) : rc;
    rc = rc == RG_OK ? move(db, ctx, step) : rc;
    rc = rc == RG_OK ? rg_day_charge(db, ctx, &step->care, kinds_to_charge(step), step->at) : rc;
    rc = rc == RG_OK && step->event == RG_EVENT_COMPLETE
             ? rg_day_charge_targets(db, ctx, &step->care)
             : rc;
    return rc == RG_OK ? note_step(db, ctx, step) : rc;
}

rg_outcome_t rg_day_run(const rg_ctx_t *ctx, rg_day_step_t *step)
{
    rg_outcome_t rc = rg_store_once(ctx, step_work, step);

    if (rc != RG_OK) {
        rg_day_remember(ctx, step);
    }
    return rc;
}
