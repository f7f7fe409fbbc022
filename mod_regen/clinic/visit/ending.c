/* SPDX-License-Identifier: Apache-2.0 */
/* A visit that ends early: why, what becomes of the unit, and what is free again. What was done
 * stays recorded and charged; nothing more is charged, and no diagnosis is demanded. */
#include <string.h>

#include <apr_strings.h>

#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/transact.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

typedef struct {
    rg_day_step_t step; /* the frame of steps does not fit, its checks do */
    rg_ending_t reason;
    const char *note;
    bool dispose; /* the open units were disposed of */
} ending_t;

static rg_outcome_t say_no(const rg_ctx_t *ctx, const char *field, const char *text)
{
    rg_problem_add(ctx->problems, field, "%s", text);
    return RG_PRECONDITION;
}

static rg_outcome_t check_begun(const rg_ctx_t *ctx, const rg_care_t *care)
{
    switch (care->status) {
    case RG_BOOKING_ARRIVED:
    case RG_BOOKING_IN_PROGRESS: break;
    case RG_BOOKING_BOOKED:
        return say_no(ctx, NULL,
                      "Nobody is checked in for this visit. Mark it as a no-show, or cancel it.");
    case RG_BOOKING_COMPLETED: return say_no(ctx, NULL, "This visit is over already.");
    case RG_BOOKING_HELD:
    case RG_BOOKING_EXPIRED:
    case RG_BOOKING_CANCELLED:
    case RG_BOOKING_NO_SHOW: return say_no(ctx, NULL, "This visit has not begun.");
    }
    return ((care->done >> RG_EVENT_INJECT) & 1u) == 0
               ? RG_OK
               : say_no(ctx, NULL, "The injection is recorded. Complete the treatment instead.");
}

/* The front desk sends home whom it checked in; once material is involved, a clinician decides. */
static rg_outcome_t check_who(const rg_ctx_t *ctx, const rg_care_t *care)
{
    return care->status == RG_BOOKING_IN_PROGRESS ? rg_must(ctx, RG_DEED_CARE) : RG_OK;
}

static rg_outcome_t dispose_unit(rg_db_t *db, const rg_ctx_t *ctx, const ending_t *e,
                                 const rg_unit_t *u)
{
    if (u->ended_at != 0) {
        return RG_OK;
    }
    if (!e->dispose) {
        return say_no(ctx, "dispose",
                      apr_psprintf(ctx->pool,
                                   "Unit %s is still open. Check this box once it is disposed of.",
                                   u->label));
    }
    rg_outcome_t rc = rg_unit_disposal_add(
        db, ctx, u->id, apr_pstrcat(ctx->pool, "Ended early: ", rg_ending_name(e->reason), NULL),
        e->step.at);
    return rc == RG_OK ? rg_audit_add(db, ctx, "unit.dispose", "unit", u->id, u->label) : rc;
}

static rg_outcome_t dispose_units(rg_db_t *db, const rg_ctx_t *ctx, const ending_t *e)
{
    int count = 0;
    rg_unit_t *units = NULL;
    rg_outcome_t rc = rg_units_of_booking(db, ctx, e->step.booking_id, &count, &units);

    for (int i = 0; rc == RG_OK && i < count; i++) {
        rc = dispose_unit(db, ctx, e, &units[i]);
    }
    return rc;
}

static unsigned kinds_done(unsigned done)
{
    unsigned kinds = 0;

    for (int i = RG_EVENT_CHECK_IN; i < RG_EVENT_COMPLETE; i++) {
        bool is_done = ((done >> i) & 1u) != 0;
        kinds |= is_done ? 1u << rg_step_kind_parse(rg_event_name((rg_event_t)i)) : 0;
    }
    return kinds;
}

static rg_outcome_t end_write(rg_db_t *db, const rg_ctx_t *ctx, ending_t *e)
{
    const rg_care_t *care = &e->step.care;
    rg_outcome_t rc = rg_care_end(db, ctx, care->id, e->step.at, e->reason, e->note);

    rc = rc == RG_OK ? rg_booking_end_rest(db, ctx, care->id, kinds_done(care->done)) : rc;
    rc = rc == RG_OK ? rg_care_move(db, ctx, care->id, care->status, RG_BOOKING_COMPLETED) : rc;
    rg_once_result(db, care->uid);
    return rc == RG_OK
               ? rg_audit_add(db, ctx, "day.end", "booking", care->id, rg_ending_name(e->reason))
               : rc;
}

static rg_outcome_t end_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    ending_t *e = baton;
    rg_day_step_t *step = &e->step;

    step->unit = NULL;
    rg_outcome_t rc = rg_care_lock(db, ctx, &step->care, step->booking_id);
    rc = rc == RG_OK ? check_begun(ctx, &step->care) : rc;
    rc = rc == RG_OK ? check_who(ctx, &step->care) : rc;
    if (rc == RG_OK && step->care.acted_at > step->care.last_at) {
        step->care.last_at = step->care.acted_at;
    }
    rc = rc == RG_OK ? rg_day_when(&step->at, ctx, &step->care, "end_when", step->when) : rc;
    rc = rc == RG_OK ? dispose_units(db, ctx, e) : rc;
    return rc == RG_OK ? end_write(db, ctx, e) : rc;
}

static void ending_read(const rg_ctx_t *ctx, ending_t *e, const rg_end_in_t *in)
{
    int reason = rg_ending_parse(in->reason);

    e->reason = (rg_ending_t)reason;
    e->note = rg_text_tidy(ctx->pool, in->note ? in->note : "");
    e->dispose = in->dispose && strcmp(in->dispose, "yes") == 0;
    if (reason < 0) {
        rg_problem_add(ctx->problems, "why", "Choose why the visit ends early.");
    }
    if (reason == RG_ENDING_OTHER && *e->note == '\0') {
        rg_problem_add(ctx->problems, "end_note", "Enter the reason.");
    }
    if (rg_text_length(e->note) > RG_ENDING_NOTE_MOST) {
        rg_problem_add(ctx->problems, "end_note", "Use at most %d characters.",
                       RG_ENDING_NOTE_MOST);
    }
}

rg_outcome_t rg_day_end(const rg_ctx_t *ctx, int64_t booking_id, const rg_end_in_t *in)
{
    ending_t e = {.step = {.booking_id = booking_id, .verb = "end", .when = in->when}};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_CHECK_IN);

    if (rc != RG_OK) {
        return rc;
    }
    ending_read(ctx, &e, in);
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    return rg_transact_once(ctx, end_work, &e);
}
