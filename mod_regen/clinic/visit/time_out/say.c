/* SPDX-License-Identifier: Apache-2.0 */
/* A time-out by itself: before its step, or stopped. One that was stopped is a record, too, and
 * nothing follows it but a new one. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/time_out.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#include <string.h>

typedef struct {
    const char *label, *target, *body_site, *side;
} said_in_t;

/* Before an injection of one of several targets: which. */
static rg_outcome_t target_before(const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const said_in_t *in = step->in;
    rg_target_t named;

    if (step->said.stopped >= 0) {
        rg_day_target_of_stop(ctx, step, in->target, in->body_site, in->side);
        return RG_OK;
    }
    bool read = rg_day_target_read(ctx, &named, in->target, in->body_site, in->side);
    if (rg_targets_count(step->care.further) > 1 && !read) {
        rg_problem_add(ctx->problems, "target",
                       "Choose below which of the targets is injected now.");
        return RG_INVALID;
    }
    return rg_day_target(ctx, step, named.body_site, named.side);
}

/* The label is read aloud: what was scanned is the unit, or it is the booking's only one. */
static rg_outcome_t unit_before(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const said_in_t *in = step->in;
    const char *typed = rg_text_tidy(ctx->pool, in->label ? in->label : "");
    rg_outcome_t rc = target_before(ctx, step);

    if (rc != RG_OK || step->said.stopped >= 0) {
        return rc; /* that the label does not agree is a reason to stop */
    }
    if (!rg_day_wants(step->care.kinds, RG_EVENT_HARVEST)) {
        return RG_OK;
    }
    if (*typed == '\0' && step->care.units.ready < 2) {
        rc = rg_unit_of_booking(db, ctx, &step->unit, step->booking_id);
        typed = rc == RG_OK ? step->unit->label : typed;
    }
    return rc == RG_OK          ? rg_day_unit_to_inject(db, ctx, step, typed)
           : rc == RG_NOT_FOUND ? RG_OK
                                : rc;
}

static rg_outcome_t say_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_day_step_t *step = baton;
    bool stopped = step->said.stopped >= 0;
    const rg_doer_t *doer = NULL;
    rg_outcome_t rc = rg_day_find(db, ctx, step);

    rc = rc == RG_OK && !stopped ? rg_day_said_whole(ctx, step) : rc;
    rc = rc == RG_OK && !stopped ? rg_day_agreed_to(db, ctx, step) : rc;
    rc = rc == RG_OK ? rg_day_takes_part(db, ctx, step, stopped, &doer) : rc;
    rc = rc == RG_OK ? rg_day_said_write(db, ctx, step, doer) : rc;
    if (rc == RG_OK) {
        rg_once_result(db, step->care.uid);
    }
    return rc;
}

static rg_outcome_t say(const rg_ctx_t *ctx, rg_day_step_t *step)
{
    step->verb = "time-out";
    rg_outcome_t rc = rg_store_once(ctx, say_work, step);

    if (rc != RG_OK) {
        rg_day_remember(ctx, step);
    }
    return rc;
}

rg_outcome_t rg_day_stop(const rg_ctx_t *ctx, rg_day_step_t *step)
{
    rg_outcome_t rc = say(ctx, step);

    if (rc != RG_OK) {
        return rc;
    }
    rg_problem_add(ctx->problems, "time_out", "%s",
                   rg_day_stop_words(ctx, (rg_said_t)step->said.stopped, ""));
    return RG_PRECONDITION;
}

rg_outcome_t rg_day_time_out(const rg_ctx_t *ctx, int64_t booking_id, const rg_say_in_t *in)
{
    int event = rg_event_parse(in->before);
    said_in_t said = {in->label, in->target, in->body_site, in->side};
    bool stop = in->who->said && in->who->said->stopped && *in->who->said->stopped != '\0';
    rg_day_step_t step = {.booking_id = booking_id,
                          .event = (rg_event_t)event,
                          .in = &said,
                          .when = stop ? in->stop_when : in->when,
                          .when_field = stop ? "stop_when" : "when",
                          .who = in->who,
                          .again = in->again && strcmp(in->again, "yes") == 0};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_CARE);

    if (rc != RG_OK) {
        return rc;
    }
    if (event < 0 || rg_said_asked((rg_event_t)event, false) == 0) {
        return RG_NOT_FOUND;
    }
    rc = rg_day_said_read(ctx, &step);
    step.before = event == RG_EVENT_INJECT ? unit_before : NULL;
    return rc == RG_OK ? say(ctx, &step) : rc;
}
