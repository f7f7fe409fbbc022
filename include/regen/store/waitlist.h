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

/* Makes uid and id. LINK_HASH is 32 bytes. RG_CONFLICT: this person has an open entry for the
 * treatment; with W->behind the new one is behind it. */
rg_outcome_t rg_waiter_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_waiter_t *w,
                              const unsigned char *link_hash);
/* The number of entries that CLIENT (rg_net_client) made after SINCE; and removing the address from
 * entries before BEFORE. */
rg_outcome_t rg_waiters_of_client(rg_db_t *db, const rg_ctx_t *ctx, int64_t *count,
                                  const char *client, apr_time_t since);
rg_outcome_t rg_waiters_forget(rg_db_t *db, const rg_ctx_t *ctx, apr_time_t before);
/* A new link; the old one stops working, and sessions opened with it lose access. RG_CONFLICT if
 * the entry is closed. */
rg_outcome_t rg_waiter_relink(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                              const unsigned char link_hash[32]);
/* With the open or taken offer. RG_NOT_FOUND. */
rg_outcome_t rg_waiter_read(rg_db_t *db, const rg_ctx_t *ctx, rg_waiter_t **out, int64_t id);
rg_outcome_t rg_waiter_by_uid(rg_db_t *db, const rg_ctx_t *ctx, rg_waiter_t **out, const char *uid);
/* The entry that this held or booked time was offered to. RG_NOT_FOUND. */
rg_outcome_t rg_waiter_of_booking(rg_db_t *db, const rg_ctx_t *ctx, rg_waiter_t **out,
                                  int64_t booking_id);
rg_outcome_t rg_waiter_id_by_link(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id,
                                  const unsigned char *link_hash);
/* Waiting entries in order of joining, after AFTER (NULL: from the first); at most LIMIT. */
rg_outcome_t rg_waiters_waiting(rg_db_t *db, const rg_ctx_t *ctx, rg_waiter_t **out, int *count,
                                const rg_waiter_t *after, int limit);
/* Whether there are waiting entries: usually not, which costs one row. */
rg_outcome_t rg_waiters_any(rg_db_t *db, const rg_ctx_t *ctx, bool *any);
/* Starts already offered to this entry, ascending. */
rg_outcome_t rg_waiter_offered(rg_db_t *db, const rg_ctx_t *ctx, apr_time_t **out, int *count,
                               int64_t id);
/* One page of a state, of one service (0: all). */
rg_outcome_t rg_waiters_page(rg_db_t *db, const rg_ctx_t *ctx, rg_waiter_t **out, int *count,
                             int64_t service_id, rg_waiter_status_t status, int limit, int offset);
/* Entries whose first or last name, or both in a row, begin like this, in any spelling; newest
 * first. */
rg_outcome_t rg_waiters_named(rg_db_t *db, const rg_ctx_t *ctx, rg_waiter_t **out, int *count,
                              int64_t service_id, const char *name, int limit);
rg_outcome_t rg_waiters_count(rg_db_t *db, const rg_ctx_t *ctx, int counts[RG_WAITER_STATUS_COUNT],
                              int64_t service_id);
/* waiting -> closed; RG_CONFLICT from any other state. */
rg_outcome_t rg_waiter_close(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, const char *why);
/* Closes waiting entries whose last day is before DAY; *COUNT is their number. */
rg_outcome_t rg_waiters_expire(rg_db_t *db, const rg_ctx_t *ctx, rg_date_t day, int *count);
/* waiting -> offered, with this held booking. RG_CONFLICT if it got another offer in the meantime,
 * or was offered this time before. */
rg_outcome_t rg_waiter_offer(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, const rg_booking_t *b);
/* Entry ID accepts its open offer: the hold lasts at least until UNTIL. RG_CONFLICT if it has
 * expired, or belongs to another entry. */
rg_outcome_t rg_waiter_accept(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int64_t booking_id,
                              apr_time_t until);

#endif
