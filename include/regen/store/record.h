/* SPDX-License-Identifier: Apache-2.0 */
/* Records of one person (sql/0048): likely duplicates, merges, and taking them apart. */
#ifndef REGEN_STORE_RECORD_H
#define REGEN_STORE_RECORD_H

#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/record.h"
#include "regen/store/store.h"

/* The record itself, merged or not. RG_NOT_FOUND. */
rg_outcome_t rg_face_read(rg_db_t *db, const rg_ctx_t *ctx, rg_face_t **out, const char *uid);
/* Who looks like record ID, the likeliest first; at most LIMIT. */
rg_outcome_t rg_alike_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int limit, rg_alike_t **out,
                         int *count);
/* Each record that looks like an older one, the likeliest first; at most LIMIT. Linear: a record is
 * compared with the oldest one of its kind only. */
rg_outcome_t rg_alike_all(rg_db_t *db, const rg_ctx_t *ctx, int limit, rg_alike_t **out,
                          int *count);
/* The records that ID stands for or stood for, the newest merge first. */
rg_outcome_t rg_merged_read(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, rg_merged_t **out,
                            int *count);
rg_outcome_t rg_merge_facts(rg_db_t *db, const rg_ctx_t *ctx, rg_merge_facts_t *out, int64_t kept,
                            int64_t merged);
/* All three with ctx->who; RG_PRECONDITION when the schema refuses it, RG_CONFLICT when somebody
 * else just did it. */
rg_outcome_t rg_merge_insert(rg_db_t *db, const rg_ctx_t *ctx, int64_t kept, int64_t merged,
                             const char *reason);
rg_outcome_t rg_unmerge_insert(rg_db_t *db, const rg_ctx_t *ctx, int64_t merge_id,
                               const char *reason);
rg_outcome_t rg_distinct_insert(rg_db_t *db, const rg_ctx_t *ctx, int64_t one, int64_t other);

#endif
