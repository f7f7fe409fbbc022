/* SPDX-License-Identifier: Apache-2.0 */
/* When a person is at the clinic. */
#ifndef REGEN_STORE_PERSON_H
#define REGEN_STORE_PERSON_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/store/store.h"

/* Rows of person_time, which triggers write when a booking becomes booked and delete when it is
 * over (sql/0032_persons.sql). A booking beside others occupies the free part of its person's time,
 * and has rows beside the booking that occupies the remainder.
 *
 * Other visits of the same person at the time of BOOKING, which may be held. At most
 * RG_OTHERS_MOST, unconfirmed ones first, by time. */
rg_outcome_t rg_person_others(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                              rg_other_visit_t **out, int *count);
/* Those at time that BOOKING needs but does not occupy: all of them while it is held, and for a
 * booking that moves those at its new time. OPENED of each says whether the session VISITOR may
 * open it. */
rg_outcome_t rg_person_in_the_way(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                  int64_t visitor_id, rg_other_visit_t **out, int *count);
/* Occupies the time that BOOKING's visits need now and that it does not have yet; existing rows
 * stay, with their confirmations. RG_CONFLICT: its person has another visit at that time, and
 * nothing was occupied. */
rg_outcome_t rg_person_take(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id);
/* The same beside existing visits, which becomes a question to staff; MEANT: it is confirmed to be
 * right, with all of them. */
rg_outcome_t rg_person_take_beside(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                   bool meant);
/* Releases the time that BOOKING's visits no longer need; a booking that was beside it then gets
 * that time. */
rg_outcome_t rg_person_give_back(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id);
/* Confirms that two bookings are both right; this does not cover a third one. */
rg_outcome_t rg_person_settle(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                              int64_t other_id);
/* Visits of a site within [from, until) that are beside another one without confirmation, by time;
 * RG_OTHERS_MOST, and one more if there are more. */
rg_outcome_t rg_person_questions(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                                 apr_time_t until, rg_other_visit_t **out, int *count);

#endif
