/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this wing share about one request. */
#ifndef RG_CLINIC_QUEST_SHEET_H
#define RG_CLINIC_QUEST_SHEET_H

#include <stdbool.h>

#include "regen/clinic/questionnaire.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"

/* The caller's request, for reading or for answering (in->page > 0). */
rg_outcome_t rg_quest_sheet_in(rg_quest_sheet_t *s, rg_db_t *db, const rg_ctx_t *ctx,
                               const rg_quest_in_t *in);
/* Sets page, from and until; the last page if there are fewer. */
void rg_quest_turn(rg_quest_sheet_t *s, int page);
/* The page of this item. */
int rg_quest_page_of(const rg_questionnaire_t *q, int item);
/* Takes what does not fit the sheet's questions out of TYPED, which was typed for those of VERSION
 * (NULL: for none that are known). True: the sheet's questions are others. */
bool rg_quest_fit(const rg_ctx_t *ctx, const rg_quest_sheet_t *s, const rg_quest_version_t *version,
                  rg_quest_typed_t *typed);
/* Whether the page that S is at asks anything as things stand. */
bool rg_quest_page_asks(const rg_quest_sheet_t *s);

/* --- gate.c ----------------------------------------------------------------------------------- */

/* That no screening stands against this step of a booking; RG_PRECONDITION with what to do. */
rg_outcome_t rg_quest_gate(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_event_t event);

#endif
