/* SPDX-License-Identifier: Apache-2.0 */
/* Units that are made from units: one is split into several, several are pooled, or both. All of
 * what they were goes into the new ones, each with a label of its own. */
#include <string.h>

#include <apr_strings.h>

#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#define VOLUME_MAX_ML 2000

typedef struct {
    int from_count;
    const char *from[RG_DIVIDE_MOST]; /* labels */
    int count;
    int volumes[RG_DIVIDE_MOST]; /* ml of each new unit */
    rg_unit_t *parents[RG_DIVIDE_MOST];
} divide_t;

/* --- what was entered ------------------------------------------------------------------------- */

static void take_label(const rg_ctx_t *ctx, divide_t *d, const char *typed)
{
    const char *label = rg_unit_label_read(ctx->pool, typed);

    for (int i = 0; label && i < d->from_count; i++) {
        if (strcmp(d->from[i], label) == 0) {
            return;
        }
    }
    if (!label || d->from_count == RG_DIVIDE_MOST) {
        rg_problem_add(ctx->problems, "from", "Choose up to %d units of this visit.",
                       RG_DIVIDE_MOST);
        return;
    }
    d->from[d->from_count++] = label;
}

static void take_volume(const rg_ctx_t *ctx, divide_t *d, const char *word)
{
    int64_t ml = 0;

    if (!rg_text_i64(&ml, word, 1, VOLUME_MAX_ML)) {
        rg_problem_add(ctx->problems, "volumes",
                       "“%.20s” is not a volume in whole milliliters, from 1 to %d.", word,
                       VOLUME_MAX_ML);
    }
    else if (d->count == RG_DIVIDE_MOST) {
        rg_problem_add(ctx->problems, "volumes", "Make at most %d units at a time.",
                       RG_DIVIDE_MOST);
    }
    else {
        d->volumes[d->count++] = (int)ml;
    }
}

static void divide_read(const rg_ctx_t *ctx, divide_t *d, const rg_divide_in_t *in)
{
    static const char between[] = " ,;+/";
    char *rest = NULL;
    char *typed = apr_pstrdup(ctx->pool, rg_text_tidy(ctx->pool, in->volumes ? in->volumes : ""));

    for (int i = 0; i < in->count && !rg_problems_any(ctx->problems); i++) {
        take_label(ctx, d, in->labels[i]);
    }
    if (in->count == 0) {
        rg_problem_add(ctx->problems, "from", "Choose the units that the new ones are made from.");
    }
    for (char *word = apr_strtok(typed, between, &rest); word && !rg_problems_any(ctx->problems);
         word = apr_strtok(NULL, between, &rest)) {
        take_volume(ctx, d, word);
    }
    if (d->count == 0 && !rg_problems_any(ctx->problems)) {
        rg_problem_add(ctx->problems, "volumes",
                       "Enter the volume of each new unit in whole milliliters: “4, 4” makes two.");
    }
    if (d->count == 1 && d->from_count == 1 && !rg_problems_any(ctx->problems)) {
        rg_problem_add(ctx->problems, "volumes",
                       "To split a unit, enter a volume for each new one: “4, 4”. To pool units, "
                       "choose at least two.");
    }
}

/* --- whether they go together ----------------------------------------------------------------- */

static rg_outcome_t refuse_from(const rg_ctx_t *ctx, const char *field, const char *text)
{
    rg_problem_add(ctx->problems, field, "%s", text);
    return RG_PRECONDITION;
}

static rg_outcome_t find_parent(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step, divide_t *d,
                                int i)
{
    rg_outcome_t rc = rg_day_find_labelled(db, ctx, step, d->from[i]);

    rc = rc == RG_OK ? rg_day_usable(ctx, step) : rc;
    d->parents[i] = step->unit;
    return rc == RG_OK ? rg_day_after_unit(ctx, step) : rc;
}

static rg_outcome_t check_alike(const rg_ctx_t *ctx, const divide_t *d)
{
    const rg_unit_t *first = d->parents[0];

    for (int i = 1; i < d->from_count; i++) {
        const rg_unit_t *u = d->parents[i];

        if (u->product_no != first->product_no || u->service_id != first->service_id ||
            strcmp(u->material, first->material) != 0 || u->side != first->side ||
            strcmp(u->body_site, first->body_site) != 0) {
            return refuse_from(ctx, "from",
                               "Only units of one product, for one joint and side, are pooled.");
        }
        if ((u->processed_at == 0) != (first->processed_at == 0)) {
            return refuse_from(ctx, "from",
                               "One of these units is processed and another one is not. Process it "
                               "first.");
        }
    }
    return RG_OK;
}

static rg_outcome_t check_volumes(const rg_ctx_t *ctx, const divide_t *d)
{
    int there = 0;
    int made = 0;

    for (int i = 0; i < d->from_count; i++) {
        there += d->parents[i]->left_ml;
    }
    for (int i = 0; i < d->count; i++) {
        made += d->volumes[i];
    }
    return made <= there
               ? RG_OK
               : refuse_from(ctx, "volumes",
                             apr_psprintf(ctx->pool, "That is %d ml, but only %d ml are in %s.",
                                          made, there,
                                          d->from_count == 1 ? "the unit" : "these units"));
}

static rg_outcome_t find_parents(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    divide_t *d = (divide_t *)(uintptr_t)step->in;
    rg_outcome_t rc =
        step->care.status == RG_BOOKING_IN_PROGRESS
            ? RG_OK
            : refuse_from(ctx, NULL, "Units are split and pooled while the treatment goes on.");

    for (int i = 0; rc == RG_OK && i < d->from_count; i++) {
        rc = find_parent(db, ctx, step, d, i);
    }
    rc = rc == RG_OK ? check_alike(ctx, d) : rc;
    return rc == RG_OK ? check_volumes(ctx, d) : rc;
}

/* --- writing ---------------------------------------------------------------------------------- */

static rg_outcome_t make_unit(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                              int64_t manipulation_id, int i)
{
    const divide_t *d = step->in;
    rg_unit_t u = *d->parents[0];
    int64_t number = 0;
    rg_outcome_t rc = rg_counter_next(db, ctx, "unit", &number);

    if (rc != RG_OK) {
        return rc;
    }
    for (int k = 1; k < d->from_count; k++) {
        const rg_unit_t *p = d->parents[k];

        u.expires_at = p->expires_at < u.expires_at ? p->expires_at : u.expires_at;
        u.harvested_at = p->harvested_at < u.harvested_at ? p->harvested_at : u.harvested_at;
    }
    u.label = rg_unit_label_make(ctx->pool, number);
    u.collection_id = 0;
    u.manipulation_id = manipulation_id;
    u.volume_ml = d->volumes[i];
    rc = rg_unit_add(db, ctx, &u);
    return rc == RG_OK ? rg_audit_add(db, ctx, "unit.make", "unit", u.id, u.label) : rc;
}

static rg_outcome_t divide_act(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const divide_t *d = step->in;
    int64_t id = 0;
    rg_outcome_t rc = rg_unit_manipulation_add(db, ctx, step->booking_id, step->at, &id);

    for (int i = 0; rc == RG_OK && i < d->from_count; i++) {
        rc = rg_unit_parent_add(db, ctx, step->booking_id, id, d->parents[i]->id);
    }
    for (int i = 0; rc == RG_OK && i < d->count; i++) {
        rc = make_unit(db, ctx, step, id, i);
    }
    return rc == RG_PRECONDITION || rc == RG_CONFLICT
               ? refuse_from(
                     ctx, "from",
                     "Something was done with these units since this page was opened. Check "
                     "the chart again.")
               : rc;
}

rg_outcome_t rg_day_divide(const rg_ctx_t *ctx, int64_t booking_id, const rg_divide_in_t *in)
{
    divide_t d = {.count = 0};
    rg_day_step_t step = {.booking_id = booking_id,
                          .event = RG_EVENT_PROCESS,
                          .verb = "divide",
                          .unstamped = true,
                          .when = in->when,
                          .when_field = "divide_when",
                          .who = in->who,
                          .before = find_parents,
                          .act = divide_act,
                          .in = &d};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_CARE);

    if (rc != RG_OK) {
        return rc;
    }
    divide_read(ctx, &d, in);
    return rg_problems_any(ctx->problems) ? RG_INVALID : rg_day_run(ctx, &step);
}
