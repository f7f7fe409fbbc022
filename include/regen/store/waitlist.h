/* SPDX-License-Identifier: Apache-2.0 */
/* Waitlist entries and offers. */
#ifndef REGEN_STORE_WAITLIST_H
#define REGEN_STORE_WAITLIST_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/waitlist.h"
#include "regen/store/store.h"

/* Makes uid and id. LINK_HASH are 32 bytes. RG_CONFLICT: this person has an open place for the
 * treatment; with W->behind the new one stands behind that. */
rg_outcome_t rg_waiter_insert(rg_db_t *db, rg_ctx_t *ctx, rg_waiter_t *w,
                              const unsigned char *link_hash);
/* How many places CLIENT (rg_net_client) took after SINCE; and that nobody knows it any more of
 * those before BEFORE. */
rg_outcome_t rg_waiters_of_client(rg_db_t *db, rg_ctx_t *ctx, int64_t *count, const char *client,
                                  apr_time_t since);
rg_outcome_t rg_waiters_forget(rg_db_t *db, rg_ctx_t *ctx, apr_time_t before);
/* Another link; the one before opens nothing, and who came in by it is out. RG_CONFLICT when the
 * place is closed. */
rg_outcome_t rg_waiter_relink(rg_db_t *db, rg_ctx_t *ctx, int64_t id,
                              const unsigned char link_hash[32]);
/* With the open or taken offer. RG_NOT_FOUND. */
rg_outcome_t rg_waiter_read(rg_db_t *db, rg_ctx_t *ctx, rg_waiter_t **out, int64_t id);
rg_outcome_t rg_waiter_by_uid(rg_db_t *db, rg_ctx_t *ctx, rg_waiter_t **out, const char *uid);
/* Whose held or booked time this was offered as. RG_NOT_FOUND. */
rg_outcome_t rg_waiter_of_booking(rg_db_t *db, rg_ctx_t *ctx, rg_waiter_t **out,
                                  int64_t booking_id);
rg_outcome_t rg_waiter_id_by_link(rg_db_t *db, rg_ctx_t *ctx, int64_t *id,
                                  const unsigned char *link_hash);
/* Who waits, first come first, from AFTER (NULL: the first) on; at most LIMIT. */
rg_outcome_t rg_waiters_waiting(rg_db_t *db, rg_ctx_t *ctx, rg_waiter_t **out, int *count,
                                const rg_waiter_t *after, int limit);
/* Whether anybody waits: the usual answer is no, and costs one row. */
rg_outcome_t rg_waiters_any(rg_db_t *db, rg_ctx_t *ctx, bool *any);
/* Starts this one was offered before, ascending. */
rg_outcome_t rg_waiter_offered(rg_db_t *db, rg_ctx_t *ctx, apr_time_t **out, int *count,
                               int64_t id);
/* One page of a state, of one service (0: all). */
rg_outcome_t rg_waiters_page(rg_db_t *db, rg_ctx_t *ctx, rg_waiter_t **out, int *count,
                             int64_t service_id, rg_waiter_status_t status, int limit, int offset);
/* Those whose first or last name begins like this, or both one after the other, however it is
 * written; the newest first. */
rg_outcome_t rg_waiters_named(rg_db_t *db, rg_ctx_t *ctx, rg_waiter_t **out, int *count,
                              int64_t service_id, const char *name, int limit);
rg_outcome_t rg_waiters_count(rg_db_t *db, rg_ctx_t *ctx, int counts[RG_WAITER_STATUSES],
                              int64_t service_id);
/* waiting -> closed; RG_CONFLICT from any other state. */
rg_outcome_t rg_waiter_close(rg_db_t *db, rg_ctx_t *ctx, int64_t id, const char *why);
/* Closes who waits until a day before DAY; *COUNT tells how many. */
rg_outcome_t rg_waiters_expire(rg_db_t *db, rg_ctx_t *ctx, rg_date_t day, int *count);
/* waiting -> offered, with this held booking. RG_CONFLICT when somebody else offered them something
 * meanwhile, or this time before. */
rg_outcome_t rg_waiter_offer(rg_db_t *db, rg_ctx_t *ctx, int64_t id, const rg_booking_t *b);
/* Who waits at place ID goes on with the open offer: the hold lasts until UNTIL at least.
 * RG_CONFLICT when it is over, or not theirs. */
rg_outcome_t rg_waiter_accept(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int64_t booking_id,
                              apr_time_t until);

#endif
