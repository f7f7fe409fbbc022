/* SPDX-License-Identifier: Apache-2.0 */
/* Reminders written in one transaction, each by itself. Private to this folder. */
#ifndef RG_FOLLOWUP_EACH_H
#define RG_FOLLOWUP_EACH_H

#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/followup.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"

typedef struct {
    int told, failed;
    rg_message_kind_t kind; /* of the first that failed, and what it is about */
    int64_t about_id;
} rg_told_t;

/* TURN as of rg_message_add_turn; -1: rg_message_add. A row that cannot be written is counted and
 * stops no other; RG_UNAVAILABLE: the whole transaction is tried again. */
rg_outcome_t rg_tell_each(rg_told_t *told, rg_db_t *db, const rg_ctx_t *ctx,
                          const rg_message_fact_t *fact, int64_t turn);
/* After the transaction: one line in the log, if any failed. */
void rg_told_log(const rg_told_t *told, const rg_ctx_t *ctx);

#endif
