/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the clinic when. */
#ifndef REGEN_STORE_PERSON_H
#define REGEN_STORE_PERSON_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/store/store.h"

/* Rows of person_time, which triggers make when a booking becomes booked and remove when it is over
 * (sql/0032_persons.sql). A booking that is beside others takes what is free of its person's time,
 * and stands beside who has the rest.
 *
 * Other visits of the same person at the time of BOOKING, which may be held. At most
 * RG_OTHERS_MOST, those that are a question first, by time. */
rg_outcome_t rg_person_others(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id,
                              rg_other_visit_t **out, int *count);
/* Those of them at time that BOOKING needs and has not taken: all of them while it is held, and of
 * a booking that moves what its new time meets. OPENED of each tells whether the session VISITOR
 * may open it. */
rg_outcome_t rg_person_in_the_way(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id,
                                  int64_t visitor_id, rg_other_visit_t **out, int *count);
/* Takes what BOOKING's visits need as they are now and it has not yet; what it has stays as it is,
 * with what was said of it. RG_CONFLICT: its person has another visit then, and nothing was
 * taken. */
rg_outcome_t rg_person_take(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id);
/* The same beside what is there, which is a question to staff; MEANT: somebody said that it is
 * right, with all who are in the way. */
rg_outcome_t rg_person_take_beside(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, bool meant);
/* Gives back what BOOKING has and its visits do not need any more; who stood beside it then moves
 * up. */
rg_outcome_t rg_person_give_back(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id);
/* Somebody said of two bookings that both are right; of a third that is no answer. */
rg_outcome_t rg_person_settle(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int64_t other_id);
/* Visits of a site within [from, until) that stand beside one of which that was not said, by time;
 * RG_OTHERS_MOST, and one more where there are more. */
rg_outcome_t rg_person_questions(rg_db_t *db, rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                                 apr_time_t until, rg_other_visit_t **out, int *count);

#endif
