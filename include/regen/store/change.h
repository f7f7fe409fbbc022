/* SPDX-License-Identifier: Apache-2.0 */
/* What a person's page shows beside visits, and changes of a person (sql/0049). */
#ifndef REGEN_STORE_CHANGE_H
#define REGEN_STORE_CHANGE_H

#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/change.h"
#include "regen/model/patient.h"
#include "regen/store/store.h"

/* Of record ID and those that it stands for. Five statements. */
rg_outcome_t rg_person_facts(rg_db_t *db, const rg_ctx_t *ctx, rg_person_facts_t *out, int64_t id);
rg_outcome_t rg_needs_read(rg_db_t *db, const rg_ctx_t *ctx, rg_needs_t *out, int64_t id);
/* One field of record ID from WAS to NOW, by ctx->who and SECOND_ID (0: nobody). RG_PRECONDITION
 * when the schema refuses it. */
rg_outcome_t rg_change_insert(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                              const rg_change_t *change, int64_t second_id);
/* The row as it is after its changes were said. */
rg_outcome_t rg_needs_update(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, const rg_needs_t *needs);

#endif
