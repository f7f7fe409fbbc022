/* SPDX-License-Identifier: Apache-2.0 */
/* Fee schedules as files, shared by the files of this wing. */
#ifndef RG_CLINIC_FEES_FEES_H
#define RG_CLINIC_FEES_FEES_H

#include <stddef.h>

#include <apr_pools.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/fees.h"
#include "regen/store/definitions.h"

/* Reads the lines of a file, with the codes of their services; problems name lines. RG_INVALID. */
rg_outcome_t rg_fee_file_read(rg_fee_entry_t **out, int *count, const rg_ctx_t *ctx,
                              const char *bytes, size_t n);
/* Fills in the services of ENTRIES, read from a file with its lines in their order, and reports
 * what is wrong with them in SCHEDULE, where OLD was in force before. RG_INVALID. */
rg_outcome_t rg_fee_entries_check(const rg_ctx_t *ctx, const rg_clinic_t *k,
                                  const rg_fee_schedule_t *schedule, rg_fee_entry_t *entries,
                                  int count, const rg_fee_entry_t *old, int old_count);

#endif
