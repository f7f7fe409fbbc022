/* SPDX-License-Identifier: Apache-2.0 */
/* Questionnaires and their versions. */
#ifndef REGEN_STORE_QUESTIONNAIRE_H
#define REGEN_STORE_QUESTIONNAIRE_H

#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/questionnaire.h"
#include "regen/store/store.h"

/* --- version.c -------------------------------------------------------------------------------- */

/* The version of a code; VERSION 0: the newest. RG_NOT_FOUND. */
rg_outcome_t rg_quest_version(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_version_t **out,
                              const char *code, int version);
/* All newest versions by code, without their text. */
rg_outcome_t rg_quest_versions(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_version_t **out,
                               int *count);
/* Adds V as the next version of its code, and sets its ids and number. RG_CONFLICT: somebody else
 * published one at the same time. */
rg_outcome_t rg_quest_version_add(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_version_t *v);
/* A version by its id. RG_NOT_FOUND. */
rg_outcome_t rg_quest_version_by_id(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_version_t **out,
                                    int64_t id);

/* --- asked.c ---------------------------------------------------------------------------------- */

/* What the patient of a booking is asked, with what became of it. */
rg_outcome_t rg_quest_asked_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                               rg_quest_asked_t **out, int *count);
/* RG_NOT_FOUND unless it is of that booking. */
rg_outcome_t rg_quest_asked_get(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_asked_t **out,
                                int64_t booking_id, int64_t request_id);
/* Answers that a clinician must look at: what waits for a decision first, also of visits that went
 * on without or are over, then what is stopped of visits to come; at most RG_QUEST_REVIEWS_MOST
 * + 1. */
rg_outcome_t rg_quest_to_review(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_asked_t **out,
                                int *count);
rg_outcome_t rg_quest_response_get(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_response_t **out,
                                   int64_t id);
/* Adds it as the last response of its request, sets its ids, and forgets the draft of WRITER.
 * RG_CONFLICT: another one was added at the same time; RG_PRECONDITION: the booking is over, or has
 * begun. */
rg_outcome_t rg_quest_response_add(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_response_t *r,
                                   int64_t writer);
/* RG_NOT_FOUND. */
rg_outcome_t rg_quest_draft_get(rg_db_t *db, const rg_ctx_t *ctx, rg_quest_draft_t *out,
                                int64_t request_id, int64_t writer);
/* saved_at is now. */
rg_outcome_t rg_quest_draft_put(rg_db_t *db, const rg_ctx_t *ctx, const rg_quest_draft_t *draft);
/* A decision about the last response of A, or about there being none. RG_PRECONDITION or
 * RG_CONFLICT: it is not the last one any more, or not theirs to decide. */
rg_outcome_t rg_quest_decision_add(rg_db_t *db, const rg_ctx_t *ctx, const rg_quest_asked_t *a,
                                   rg_quest_decision_t decision, const char *note);

#endif
