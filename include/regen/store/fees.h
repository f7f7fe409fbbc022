/* SPDX-License-Identifier: Apache-2.0 */
/* Fee schedules and quotes. */
#ifndef REGEN_STORE_FEES_H
#define REGEN_STORE_FEES_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/fees.h"
#include "regen/store/store.h"

/* --- price.c ---------------------------------------------------------------------------------- */

/* What one service costs who pays themselves, and which steps are charged for
 * (1u << rg_step_kind_t). */
typedef struct {
    int64_t service_id;
    rg_money_t total;
    int64_t kinds;
} rg_fee_price_t;

/* Of every service that has a price at ctx->now. *UNTIL: when the next version of any schedule
 * begins. Two statements. */
rg_outcome_t rg_fee_prices(rg_db_t *db, const rg_ctx_t *ctx, rg_fee_price_t **out, int *count,
                           apr_time_t *until);
/* What a booking costs: as promised when it was BOOKED, and before that as it would be promised
 * now. No lines: nothing was, or it has no price. One statement. */
rg_outcome_t rg_quote_read(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, bool booked,
                           rg_quote_t *out);

/* --- schedule.c ------------------------------------------------------------------------------- */

/* Every schedule, by code. */
rg_outcome_t rg_fee_schedules(rg_db_t *db, const rg_ctx_t *ctx, rg_fee_schedule_t **out,
                              int *count);
/* RG_CONFLICT: the code, or for whom it is, is taken. */
rg_outcome_t rg_fee_schedule_add(rg_db_t *db, const rg_ctx_t *ctx, rg_fee_schedule_t *f);
/* The newest RG_FEE_VERSIONS_MOST, the newest first. */
rg_outcome_t rg_fee_versions(rg_db_t *db, const rg_ctx_t *ctx, int64_t schedule_id,
                             rg_fee_version_t **out, int *count);
/* One of them, however old. RG_NOT_FOUND. */
rg_outcome_t rg_fee_version_get(rg_db_t *db, const rg_ctx_t *ctx, int64_t schedule_id,
                                int64_t version_id, rg_fee_version_t **out);
/* The one that is in force AT, as far as is published; NULL: none. */
rg_outcome_t rg_fee_version_at(rg_db_t *db, const rg_ctx_t *ctx, int64_t schedule_id, apr_time_t at,
                               rg_fee_version_t **out);
/* Those that begin after AT, the next one first. */
rg_outcome_t rg_fee_versions_after(rg_db_t *db, const rg_ctx_t *ctx, int64_t schedule_id,
                                   apr_time_t at, rg_fee_version_t **out, int *count);
/* By service and line. */
rg_outcome_t rg_fee_entries(rg_db_t *db, const rg_ctx_t *ctx, int64_t version_id,
                            rg_fee_entry_t **out, int *count);
/* A draft with these lines. */
rg_outcome_t rg_fee_version_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t schedule_id,
                                const rg_fee_entry_t *entries, int count, int64_t *id);
/* RG_PRECONDITION: the database refuses it. RG_CONFLICT: it is published. */
rg_outcome_t rg_fee_version_publish(rg_db_t *db, const rg_ctx_t *ctx, int64_t schedule_id,
                                    int64_t version_id, rg_date_t valid_from, apr_time_t valid_at);
/* RG_PRECONDITION: it is in force. RG_CONFLICT: it is withdrawn. */
rg_outcome_t rg_fee_version_withdraw(rg_db_t *db, const rg_ctx_t *ctx, int64_t publication_id,
                                     const char *reason);

#endif
