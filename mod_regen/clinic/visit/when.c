/* SPDX-License-Identifier: Apache-2.0 */
/* When something was done: now, or the time that was entered, in local time of the site. Nothing is
 * done in the future, nor before the step before it. */
#include <string.h>

#include <apr_strings.h>

#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/unit.h"
#include "regen/store/visit.h"

#define DAY_LETTERS 10 /* 2026-12-01 */

/* The day on which a time without a day was: the visit's, once that is over. */
static rg_date_t day_meant(const rg_ctx_t *ctx, const rg_care_t *care)
{
    rg_date_t today = rg_zone_local(care->zone, ctx->now).date;
    rg_date_t last = rg_zone_local(care->zone, care->ends_at).date;

    return rg_date_compare(last, today) < 0 ? last : today;
}

/* "2026-12-01T09:40", as browsers send it, with a space instead of the T, or "09:40". */
static bool local_read(apr_time_t *at, const rg_ctx_t *ctx, const rg_care_t *care,
                       const char *typed)
{
    rg_date_t day = day_meant(ctx, care);
    const char *clock = typed;
    int minute = 0;

    if (strlen(typed) > DAY_LETTERS && (typed[DAY_LETTERS] == 'T' || typed[DAY_LETTERS] == ' ')) {
        if (!rg_date_parse(&day, apr_pstrmemdup(ctx->pool, typed, DAY_LETTERS))) {
            return false;
        }
        clock = typed + DAY_LETTERS + 1;
    }
    if (!rg_minute_parse(&minute, clock)) {
        return false;
    }
    *at = rg_zone_utc(care->zone, day, minute);
    return true;
}

static rg_outcome_t say_when(const rg_ctx_t *ctx, const char *field, const char *text)
{
    rg_problem_add(ctx->problems, field, "%s", text);
    return RG_INVALID;
}

/* After the last day of the visit nobody means "now" without saying so. */
static rg_outcome_t mean_now(const rg_ctx_t *ctx, const rg_care_t *care, const char *field,
                             apr_time_t *at)
{
    rg_date_t day = day_meant(ctx, care);

    *at = ctx->now;
    if (rg_date_compare(day, rg_zone_local(care->zone, ctx->now).date) == 0) {
        return RG_OK;
    }
    return say_when(ctx, field,
                    apr_psprintf(ctx->pool,
                                 "This visit was on %s. Enter the day and time when it was done.",
                                 rg_date_long(ctx->pool, day)));
}

/* A minute is read as the moment in it that is possible. */
static apr_time_t within_minute(const rg_ctx_t *ctx, apr_time_t since, apr_time_t at)
{
    if (ctx->now >= at && ctx->now - at < RG_MINUTE) {
        return ctx->now;
    }
    return since > at && since - at < RG_MINUTE ? since : at;
}

rg_outcome_t rg_day_when(apr_time_t *at, const rg_ctx_t *ctx, const rg_care_t *care,
                         const char *field, const char *typed)
{
    const char *said = rg_text_tidy(ctx->pool, typed ? typed : "");

    if (*said == '\0') {
        rg_outcome_t rc = mean_now(ctx, care, field, at);
        if (rc != RG_OK) {
            return rc;
        }
    }
    else if (!local_read(at, ctx, care, said)) {
        return say_when(ctx, field,
                        "Enter day and time, such as 2026-12-01 09:40, or leave it empty for now.");
    }
    *at = *said == '\0' ? *at : within_minute(ctx, care->last_at, *at);
    if (*at > ctx->now) {
        return say_when(
            ctx, field,
            "This time has not come yet. Enter when it was done, or leave it empty for now.");
    }
    if (apr_time_sec(*at) < apr_time_sec(care->last_at)) {
        return say_when(
            ctx, field,
            apr_psprintf(ctx->pool,
                         "The step before was done on %s. Enter a time that is not before it.",
                         rg_time_people(ctx->pool, care->zone, care->last_at)));
    }
    return RG_OK;
}

rg_outcome_t rg_day_after_unit(const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const rg_unit_t *u = step->unit;

    if (!u || (step->event != RG_EVENT_PROCESS && step->event != RG_EVENT_INJECT)) {
        return RG_OK;
    }
    bool ready = u->processed_at > u->harvested_at;
    apr_time_t since = ready ? u->processed_at : u->harvested_at;
    step->at = within_minute(ctx, since, step->at);
    if (apr_time_sec(since) <= apr_time_sec(step->at)) {
        return RG_OK;
    }
    return say_when(ctx, step->when_field ? step->when_field : "when",
                    apr_psprintf(ctx->pool,
                                 "Unit %s was %s on %s. Enter a time that is not before it.",
                                 u->label, ready ? "ready" : "harvested",
                                 rg_time_people(ctx->pool, step->care.zone, since)));
}
