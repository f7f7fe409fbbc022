/* SPDX-License-Identifier: Apache-2.0 */
/* Who did a step: the practitioner named on the form; without a name the login's own one if they
 * may do it, else the one it is booked with. Only who had the capability at that time has done
 * it. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#include <string.h>

#include <apr_strings.h>

typedef struct {
    int count;
    rg_doer_t *list;
} people_t;

static const char *asked_of(const people_t *all)
{
    return all->count == 0 ? "" : all->list[0].asked;
}

/* "Dr. Elena Rivera, Ada Okafor, NP or Dr. Marcus Chen": at most so many names. */
#define NAMED_MOST 6

static const char *able_words(const rg_ctx_t *ctx, const people_t *all)
{
    const char *words = "";
    int named = 0;

    for (int i = 0; i < all->count && named < NAMED_MOST; i++) {
        if (all->list[i].capability_id != 0 && all->list[i].active) {
            words = apr_pstrcat(ctx->pool, words, named > 0 ? "; " : "", all->list[i].name, NULL);
            named++;
        }
    }
    return named == 0 ? "nobody; an administrator enters it under People, rooms, devices" : words;
}

static rg_outcome_t refuse_doer(const rg_ctx_t *ctx, rg_day_step_t *step, const people_t *all,
                                const char *name)
{
    return rg_day_refuse(
        ctx, step, "not-capable", RG_PRECONDITION, "done_by",
        apr_psprintf(ctx->pool,
                     "%s could not do this step at that time: it asks for “%s”. Who may: %s. Name "
                     "the person who did it.",
                     name, asked_of(all), able_words(ctx, all)));
}

static const rg_doer_t *doer_of(const people_t *all, const char *code)
{
    for (int i = 0; i < all->count; i++) {
        if (strcmp(all->list[i].code, code) == 0) {
            return &all->list[i];
        }
    }
    return NULL;
}

const rg_doer_t *rg_day_likely_doer(const rg_doer_t *list, int count, int64_t own)
{
    const rg_doer_t *booked = NULL;

    for (int i = 0; i < count; i++) {
        if (list[i].capability_id != 0 && list[i].id == own) {
            return &list[i];
        }
        booked = !booked && list[i].capability_id != 0 && list[i].booked ? &list[i] : booked;
    }
    return booked;
}

/* Where nothing is asked, whoever is named, or the login's own practitioner. */
static rg_outcome_t choose(const rg_ctx_t *ctx, rg_day_step_t *step, const people_t *all,
                           const rg_doer_t **out)
{
    const char *typed =
        rg_text_tidy(ctx->pool, step->who && step->who->done_by ? step->who->done_by : "");
    bool asked = *asked_of(all) != '\0';

    *out = *typed == '\0' ? rg_day_likely_doer(all->list, all->count, ctx->who.resource_id)
                          : doer_of(all, typed);
    if (*out) {
        return asked && (*out)->capability_id == 0 ? refuse_doer(ctx, step, all, (*out)->name)
                                                   : RG_OK;
    }
    if (*typed == '\0' && !asked) {
        return RG_OK;
    }
    rg_problem_add(ctx->problems, "done_by", "Choose who did this step. Who may: %s.",
                   able_words(ctx, all));
    return RG_INVALID;
}

/* --- the second person ------------------------------------------------------------------------ */

static rg_outcome_t refuse_second(const rg_ctx_t *ctx, rg_day_step_t *step, const char *code,
                                  const char *text)
{
    return rg_day_refuse(ctx, step, code, RG_PRECONDITION, "second_login", text);
}

/* Two people: also if one of them has two logins. */
static rg_outcome_t check_colleague(const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const rg_second_t *second =
        step->who && step->who->second.staff_id > 0 ? &step->who->second : NULL;

    if (!second) {
        return RG_OK;
    }
    if (second->staff_id == ctx->who.staff_id ||
        (second->resource_id != 0 && second->resource_id == ctx->who.resource_id)) {
        return refuse_second(ctx, step, "same-person",
                             "The second person is somebody else than the one who is logged in.");
    }
    rg_ctx_t theirs = *ctx;
    theirs.who = (rg_principal_t){.staff_id = second->staff_id, .roles = second->roles};
    if (!rg_may(&theirs, RG_DEED_CARE)) {
        return refuse_second(ctx, step, "second-role", "The second person is a clinician.");
    }
    return RG_OK;
}

static rg_outcome_t check_confirmed(const rg_ctx_t *ctx, rg_day_step_t *step)
{
    bool asked = (step->event == RG_EVENT_HARVEST && step->care.second_harvest) ||
                 (step->event == RG_EVENT_INJECT && step->care.second_inject);

    if (asked && (!step->who || step->who->second.staff_id == 0)) {
        return refuse_second(ctx, step, "no-second",
                             "A second person has to confirm this step, with their own login and "
                             "password.");
    }
    return check_colleague(ctx, step);
}

/* --- both ------------------------------------------------------------------------------------- */

static bool has_doer(const rg_day_step_t *step, const people_t *all)
{
    switch (step->event) {
    case RG_EVENT_HARVEST:
    case RG_EVENT_PROCESS:
    case RG_EVENT_INJECT: return true;
    case RG_EVENT_COMPLETE: return *asked_of(all) != '\0';
    case RG_EVENT_CHECK_IN: break;
    }
    return false;
}

rg_outcome_t rg_day_doer(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const rg_doer_t *doer = NULL;
    people_t all = {0, NULL};

    if (step->event == RG_EVENT_CHECK_IN) {
        return RG_OK;
    }
    rg_outcome_t rc =
        rg_act_people(db, ctx, step->booking_id, (int)step->event, step->at, &all.count, &all.list);
    if (rc != RG_OK || !has_doer(step, &all)) {
        return rc;
    }
    rc = choose(ctx, step, &all, &doer);
    rc = rc == RG_OK ? check_confirmed(ctx, step) : rc;
    rc = rc == RG_OK ? rg_day_said(db, ctx, step, doer) : rc;
    rc = rc == RG_OK ? rg_act_add(db, ctx, step->booking_id, step->event, step->at, doer,
                                  step->who ? step->who->second.staff_id : 0)
                     : rc;
    return rc == RG_PRECONDITION && !step->refusal && doer
               ? refuse_doer(ctx, step, &all, doer->name)
               : rc;
}

/* What is named for a stop is taken as it is: nothing is done after it. */
rg_outcome_t rg_day_takes_part(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step, bool stopped,
                               const rg_doer_t **out)
{
    people_t all = {0, NULL};
    rg_outcome_t rc =
        rg_act_people(db, ctx, step->booking_id, (int)step->event, step->at, &all.count, &all.list);
    const char *typed = step->who && step->who->done_by ? step->who->done_by : "";

    *out = NULL;
    if (rc != RG_OK) {
        return rc;
    }
    if (stopped) {
        const rg_doer_t *named = doer_of(&all, rg_text_tidy(ctx->pool, typed));
        *out = named ? named : rg_day_likely_doer(all.list, all.count, ctx->who.resource_id);
        return RG_OK;
    }
    rc = choose(ctx, step, &all, out);
    return rc == RG_OK ? check_colleague(ctx, step) : rc;
}
