/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a screening stands against a step of the day: the rule of trigger step_event_is_screened,
 * in words. */
#include "mod_regen/clinic/questionnaire/sheet.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/questionnaire.h"
#include "regen/model/unit.h"
#include "regen/store/questionnaire.h"
#include "regen/store/store.h"

static bool is_against(const rg_quest_asked_t *a, rg_event_t event)
{
    return event == RG_EVENT_CHECK_IN ? a->refuse && !rg_quest_in_order(a)
                                      : a->state == RG_QUEST_STATE_STOP;
}

rg_outcome_t rg_quest_gate(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_event_t event)
{
    rg_quest_asked_t *list = NULL;
    int count = 0;
    bool refused = false;

    if (event != RG_EVENT_CHECK_IN && event != RG_EVENT_HARVEST && event != RG_EVENT_INJECT) {
        return RG_OK;
    }
    RG_TRY(rg_quest_asked_of(db, ctx, booking_id, &list, &count));
    for (int i = 0; i < count; i++) {
        const rg_quest_asked_t *a = &list[i];
        if (!is_against(a, event)) {
            continue;
        }
        refused = true;
        rg_problem_add(ctx->problems, NULL, "“%s”: %s. %s", a->title, rg_quest_state_says(a->state),
                       a->state == RG_QUEST_STATE_MISSING
                           ? "Answer it with the patient, or let the visit go on without and say "
                             "why, under Questions."
                           : "A clinician reads the answers and decides, under Questions.");
    }
    return refused ? RG_PRECONDITION : RG_OK;
}
