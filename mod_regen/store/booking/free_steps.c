/* SPDX-License-Identifier: Apache-2.0 */
/* The steps that do not take place anymore, because the visit ended early, release their time. They
 * stay as a record of the plan. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"

RG_SQL(FREE_STEPS,
       "DELETE r"
       " FROM booking_resource r"
       " JOIN booking_step s ON s.booking_id = r.booking_id AND s.step_no = r.step_no"
       " WHERE r.booking_id = ? AND s.starts_at > ? AND NOT (? >> (s.kind + 0 - 1)) & 1");
RG_SQL(RENEW_OFF,
       "UPDATE appointment a"
       " SET a.sequence = a.sequence + 1"
       " WHERE a.booking_id = ? AND a.visit_no > 1 AND a.starts_at > ?");

rg_outcome_t rg_booking_free_steps(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b,
                                   apr_time_t from, unsigned kinds, const rg_span_t *freed,
                                   int count)
{
    RG_TRY(rg_calendar_shift(db, ctx, b->id, freed, count, NULL, 0));
    RG_TRY(rg_sql_exec(db, ctx, FREE_STEPS, RG_IN(RG_I(b->id), RG_T(from), RG_I(kinds)), NULL));
    return rg_sql_exec(db, ctx, RENEW_OFF, RG_IN(RG_I(b->id), RG_T(from)), NULL);
}
