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

#endif
