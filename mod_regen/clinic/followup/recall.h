/* SPDX-License-Identifier: Apache-2.0 */
/* What visit/visit.c knows of recall.c. Private to the clinic room. */
#ifndef RG_CLINIC_RECALL_H
#define RG_CLINIC_RECALL_H
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

/* What the service plans after CARE's booking, from the day of its end AT; in the transaction that
 * completes it. */
rg_outcome_t rg_recalls_make(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care,
                             apr_time_t at);

#endif
