/* SPDX-License-Identifier: Apache-2.0 */
/* What was said in a time-out: read, written down, and whether one counts for a step. */
#include <string.h>

#include <apr_strings.h>

#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/time_out.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#define FIELD "time_out"

/* --- what the forms carry --------------------------------------------------------------------- */

static bool is_word(const char *typed, const char *word)
{
    return typed && strcmp(typed, word) == 0;
}

bool rg_time_out_stops(const rg_time_out_in_t *in)
{
    bool stops = in->stopped && *in->stopped != '\0';

    for (int i = 0; i < RG_SAID_COUNT; i++) {
        stops = stops || is_word(in->answers[i], "no");
    }
    return stops;
}

/* Whether what stops it is something that is asked before this step. */
static rg_outcome_t check_stop(const rg_ctx_t *ctx, const rg_day_step_t *step,
                               const rg_time_out_in_t *in)
{
    const rg_day_said_t *said = &step->said;

    if (rg_time_out_stops(in) &&
        (said->stopped < 0 || !((rg_said_asked(step->event, true) >> said->stopped) & 1u))) {
        rg_problem_add(ctx->problems, "stopped", "Choose what does not agree.");
        return RG_INVALID;
    }
    if (said->stopped >= 0 && rg_text_length(said->note) > RG_SAID_NOTE_MOST) {
        rg_problem_add(ctx->problems, "stop_note", "Enter at most %d characters.",
                       RG_SAID_NOTE_MOST);
        return RG_INVALID;
    }
    return RG_OK;
}

rg_outcome_t rg_day_said_read(const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const rg_time_out_in_t *in = step->who ? step->who->said : NULL;
    rg_day_said_t *said = &step->said;

    *said = (rg_day_said_t){.stopped = -1, .note = ""};
    if (!in) {
        return RG_OK;
    }
    for (int i = RG_SAID_COUNT - 1; i >= 0; i--) {
        said->agreed |= is_word(in->answers[i], "yes") ? 1u << i : 0;
        said->stopped = is_word(in->answers[i], "no") ? i : said->stopped;
    }
    if (said->stopped < 0) {
        said->stopped = rg_said_parse(in->stopped);
    }
    if (said->stopped >= 0) {
        said->agreed &= ~(1u << said->stopped);
    }
    said->any = said->agreed != 0 || said->stopped >= 0;
    said->note = rg_text_tidy(ctx->pool, in->note ? in->note : "");
    return check_stop(ctx, step, in);
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool is_asked(const rg_day_step_t *step)
{
    return (step->event == RG_EVENT_HARVEST && step->care.timeout_harvest) ||
           (step->event == RG_EVENT_INJECT && step->care.timeout_inject);
}

static unsigned asked_items(const rg_day_step_t *step)
{
    return rg_said_asked(step->event, step->unit != NULL);
}

rg_outcome_t rg_day_said_whole(const rg_ctx_t *ctx, const rg_day_step_t *step)
{
    unsigned left = asked_items(step) & ~step->said.agreed;

    for (int i = 0; i < RG_SAID_COUNT && left != 0; i++) {
        if ((left >> i) & 1u) {
            rg_problem_add(ctx->problems, FIELD,
                           "Say it aloud with the team and check it off: %s. If it does not agree, "
                           "stop the time-out.",
                           rg_said_wording((rg_said_t)i)->name);
            return RG_INVALID;
        }
    }
    return RG_OK;
}

/* "before the injection: stopped, Site and side". */
static rg_outcome_t note_said(rg_db_t *db, const rg_ctx_t *ctx, const rg_day_step_t *step)
{
    const rg_day_said_t *said = &step->said;
    const char *how = said->stopped < 0
                          ? "agreed"
                          : apr_pstrcat(ctx->pool, "stopped, ",
                                        rg_said_wording((rg_said_t)said->stopped)->name, NULL);

    return rg_audit_add(db, ctx, "day.time-out", "booking", step->booking_id,
                        apr_psprintf(ctx->pool, "before %s: %s", rg_day_words(step->event), how));
}

rg_outcome_t rg_day_said_write(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                               const rg_doer_t *doer)
{
    bool one = step->target.body_site; /* of several */
    const rg_time_out_t t = {
        .event = (int)step->event,
        .body_site = one ? step->target.body_site : step->care.body_site,
        .side = one ? step->target.side : step->care.side,
        .further = step->event == RG_EVENT_HARVEST && step->care.further ? step->care.further : "",
        .agreed = step->said.agreed & asked_items(step),
        .stopped = step->said.stopped,
        .note = step->said.stopped < 0 ? "" : step->said.note,
        .at = step->at,
        .done_by_id = doer ? doer->id : 0};
    bool unit = step->unit && step->event == RG_EVENT_INJECT;
    rg_outcome_t rc = rg_time_out_add(db, ctx, &step->care, &t, unit ? step->unit->id : 0,
                                      step->who ? step->who->second.staff_id : 0);

    if (rc == RG_PRECONDITION) {
        return rg_day_refuse(ctx, step, "time-out-schema", rc, FIELD,
                             "Something was recorded since this page was opened. Check the chart "
                             "and hold the time-out again.");
    }
    return rc == RG_OK ? note_said(db, ctx, step) : rc;
}

/* --- the one that counts ---------------------------------------------------------------------- */

const rg_time_out_t *rg_day_last_said(const rg_time_out_t *list, int count, rg_event_t e)
{
    for (int i = count - 1; i >= 0; i--) {
        if (list[i].event == (int)e) {
            return list[i].taken_back ? NULL : &list[i];
        }
    }
    return NULL;
}

const char *rg_day_said_why(const rg_time_out_t *t, apr_time_t step_at, apr_time_t at,
                            int64_t doer_id)
{
    if (!t) {
        return "no-time-out";
    }
    if (t->stopped >= 0) {
        return "time-out-stopped";
    }
    if (!t->current || t->used || t->at < step_at || t->at > at || at - t->at > RG_TIME_OUT_HOLDS) {
        return "time-out-old";
    }
    return doer_id != 0 && doer_id != t->done_by_id ? "time-out-without" : NULL;
}

const char *rg_day_stop_words(const rg_ctx_t *ctx, rg_said_t item, const char *at)
{
    return apr_psprintf(ctx->pool, "The time-out was stopped%s%s: %s. %s Then hold a new one.",
                        *at == '\0' ? "" : " on ", at, rg_said_wording(item)->name,
                        rg_said_wording(item)->advice);
}

static const char *why_words(const rg_ctx_t *ctx, const rg_day_step_t *step, const char *why,
                             const rg_time_out_t *t, const rg_doer_t *doer)
{
    if (!t) {
        return "Hold the time-out first: say each item aloud with the team, and check off what is "
               "agreed.";
    }
    const char *at = rg_time_people(ctx->pool, step->care.zone, t->at);

    if (strcmp(why, "time-out-elsewhere") == 0) {
        return apr_psprintf(ctx->pool,
                            "The time-out of %s was held for another target. Hold a new one for "
                            "the one that is injected now.",
                            at);
    }
    if (strcmp(why, "time-out-stopped") == 0) {
        return rg_day_stop_words(ctx, (rg_said_t)t->stopped, at);
    }
    if (doer && strcmp(why, "time-out-without") == 0) {
        return apr_psprintf(ctx->pool,
                            "%s did not take part in the time-out of %s. Who does this step takes "
                            "part in it: hold a new one.",
                            doer->name, at);
    }
    return apr_psprintf(ctx->pool,
                        "The time-out of %s does not count for this time: it is held after the "
                        "step before and at most two hours before this one. Hold a new one.",
                        at);
}

static bool was_held_for(const rg_time_out_t *t, const rg_target_t *one)
{
    return t->side == one->side && strcmp(t->body_site, one->body_site) == 0;
}

static rg_outcome_t check_said(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                               const rg_doer_t *doer)
{
    int count = 0;
    rg_time_out_t *list = NULL;
    rg_outcome_t rc = rg_time_outs_of(db, ctx, step->booking_id, &count, &list);
    if (rc != RG_OK) {
        return rc;
    }
    const rg_time_out_t *t = rg_day_last_said(list, count, step->event);
    apr_time_t same =
        step->event == RG_EVENT_HARVEST ? step->care.harvest_at : step->care.inject_at;
    apr_time_t since =
        same != 0 ? same : step->care.step_at; /* of one that is done again, see when.c */
    const char *why = rg_day_said_why(t, since, step->at, doer ? doer->id : 0);
    const rg_target_t *one = step->target.body_site ? &step->target : NULL;

    /* Where none is asked for, one that was held goes with the step all the same. */
    bool goes = is_asked(step) ? !why : t && t->stopped < 0 && !t->used && t->at <= step->at;
    bool elsewhere = t && goes && one && !was_held_for(t, one);

    if (elsewhere) {
        why = "time-out-elsewhere";
    }
    if (!is_asked(step) && !elsewhere && (!t || t->stopped < 0)) {
        return RG_OK;
    }
    return why ? rg_day_refuse(ctx, step, why, RG_PRECONDITION, FIELD,
                               why_words(ctx, step, why, t, doer))
               : RG_OK;
}

rg_outcome_t rg_day_said(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                         const rg_doer_t *doer)
{
    if (asked_items(step) == 0) {
        return RG_OK;
    }
    if (step->said.any) {
        rg_outcome_t rc = rg_day_said_whole(ctx, step);
        return rc == RG_OK ? rg_day_said_write(db, ctx, step, doer) : rc;
    }
    bool one = step->event == RG_EVENT_INJECT && step->target.body_site; /* of several */
    return is_asked(step) || step->care.was_stopped || one ? check_said(db, ctx, step, doer)
                                                           : RG_OK;
}
