/* SPDX-License-Identifier: Apache-2.0 */
/* Questionnaires: published as versions, answered by patients, read by clinicians. Results are
 * allocated in ctx->pool; problems that a person can fix are in ctx->problems. */
#ifndef REGEN_CLINIC_QUESTIONNAIRE_H
#define REGEN_CLINIC_QUESTIONNAIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/questionnaire.h"

/* --- publish.c -------------------------------------------------------------------------------- */

/* Publishes a file as the next version of its code, for administrators. *SAME: it is the newest
 * version already, and nothing was done. RG_INVALID with every mistake by linkId. */
rg_outcome_t rg_quest_publish(rg_quest_version_t **out, bool *same, const rg_ctx_t *ctx,
                              const char *bytes, size_t n);
/* The file of a version; VERSION 0: the newest. Its digest is verified. RG_NOT_FOUND. */
rg_outcome_t rg_quest_export(rg_quest_version_t **out, const rg_ctx_t *ctx, const char *code,
                             int version);
/* The newest versions by code, without their text. */
rg_outcome_t rg_quest_list(rg_quest_version_t **out, int *count, const rg_ctx_t *ctx);

#endif
