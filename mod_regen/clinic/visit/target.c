/* SPDX-License-Identifier: Apache-2.0 */
/* Treatments of several targets: which one is meant, that none is injected twice unnoticed, and
 * that none is forgotten at the end. The triggers of sql/0061_targets.sql keep the same rules. */
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/booking.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#include <string.h>

#include <apr_strings.h>

#define WHY_MOST 200 /* target_left.reason */

static rg_targets_t targets_of(const rg_ctx_t *ctx, const rg_care_t *care)
{
    return rg_targets_of(ctx->pool, care->body_site, care->side, care->further);
}

/* "right knee". */
static const char *target_words(const rg_ctx_t *ctx, const rg_target_t *t)
{
    char *words = apr_pstrdup(ctx->pool, t->body_site);

    for (char *c = words; *c != '\0'; c++) {
        *c = *c == '-' ? ' ' : *c;
    }
    return t->side == RG_SIDE_NONE
               ? words
               : apr_pstrcat(ctx->pool, rg_side_name(t->side), " ", words, NULL);
}

/* "left knee and right hip", of those in SET (1u << number). */
static const char *targets_in_words(const rg_ctx_t *ctx, const rg_targets_t *t, unsigned set)
{
    const char *words = "";

    for (int i = 0; i < t->count; i++) {
        if ((set >> (i + 1)) & 1u) {
            bool last = (set >> (i + 2)) == 0;

            words = apr_pstrcat(ctx->pool, words,
                                *words == '\0' ? ""
                                : last         ? " and "
                                               : ", ",
                                target_words(ctx, &t->at[i]), NULL);
        }
    }
    return words;
}

static unsigned all_of(const rg_targets_t *t)
{
    return ((1u << t->count) - 1) << 1;
}

rg_outcome_t rg_day_target(const rg_ctx_t *ctx, rg_day_step_t *step, const char *body_site,
                           rg_side_t side)
{
    const rg_targets_t t = targets_of(ctx, &step->care);
    int no = rg_target_no(&t, body_site, side);

    step->target = (rg_target_t){NULL, RG_SIDE_NONE};
    if (t.count == 1) {
        return RG_OK;
    }
    if (no > 0) {
        step->target = t.at[no - 1];
        return RG_OK;
    }
    bool at = *body_site != '\0' && rg_targets_at(&t, body_site);
    return rg_day_refuse(ctx, step, at ? "wrong-side" : "wrong-body-site", RG_PRECONDITION,
                         at ? "side" : "body_site",
                         apr_psprintf(ctx->pool,
                                      "Stop: the %s were booked and consented to. Nothing was "
                                      "recorded.",
                                      targets_in_words(ctx, &t, all_of(&t))));
}

void rg_day_target_of_stop(const rg_ctx_t *ctx, rg_day_step_t *step, const char *body_site,
                           const char *side)
{
    const rg_targets_t t = targets_of(ctx, &step->care);
    int typed = rg_side_parse(side ? side : "");
    int no = typed < 0 ? 0 : rg_target_no(&t, body_site ? body_site : "", (rg_side_t)typed);

    for (int i = 1; no == 0 && i <= t.count; i++) {
        no = ((step->care.injected >> i) & 1u) == 0 ? i : 0;
    }
    step->target = t.count == 1 ? (rg_target_t){NULL, RG_SIDE_NONE} : t.at[no > 0 ? no - 1 : 0];
}

rg_outcome_t rg_day_target_again(const rg_ctx_t *ctx, rg_day_step_t *step, const char **why)
{
    const rg_care_t *care = &step->care;
    const rg_targets_t t = targets_of(ctx, care);
    int no =
        step->target.body_site ? rg_target_no(&t, step->target.body_site, step->target.side) : 0;
    bool injected = ((care->injected >> no) & 1u) != 0;

    if (no == 0 || (!injected && !((care->left_out >> no) & 1u))) {
        *why = "";
        return RG_OK;
    }
    if (**why != '\0') {
        return RG_OK;
    }
    return rg_day_refuse(
        ctx, step, "target-again", RG_PRECONDITION, "target_why",
        apr_psprintf(ctx->pool,
                     injected ? "Stop: the %s was injected already. Nothing was recorded. If it is "
                                "injected once more, enter why."
                              : "The %s was left, with a reason. Enter why it is injected after "
                                "all.",
                     target_words(ctx, &step->target)));
}

rg_outcome_t rg_day_targets_left(rg_db_t *db, const rg_ctx_t *ctx, const rg_day_step_t *step,
                                 const char *why)
{
    const rg_care_t *care = &step->care;
    const rg_targets_t t = targets_of(ctx, care);
    unsigned left = all_of(&t) & ~care->injected & ~care->left_out;
    const char *reason = rg_text_tidy(ctx->pool, why ? why : "");
    rg_outcome_t rc = RG_OK;

    if (t.count == 1 || left == 0 || !rg_day_wants(care->kinds, RG_EVENT_INJECT)) {
        return RG_OK;
    }
    if (*reason == '\0' || rg_text_length(reason) > WHY_MOST) {
        rg_problem_add(ctx->problems, "left_why",
                       "Not injected yet: %s. Inject it first, or enter why it is not, in at most "
                       "%d characters.",
                       targets_in_words(ctx, &t, left), WHY_MOST);
        return RG_PRECONDITION;
    }
    for (int i = 1; rc == RG_OK && i <= t.count; i++) {
        if ((left >> i) & 1u) {
            rc = rg_target_leave(db, ctx, step->booking_id, i, reason, step->at);
        }
    }
    return rc;
}
