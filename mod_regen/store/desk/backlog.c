/* SPDX-License-Identifier: Apache-2.0 */
/* How much waits, and since when: one statement for all of it, each part by a key. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/backlog.h"
#include "regen/store/desk.h"
#include "regen/store/store.h"

#define BACKLOG_ROW(FIRST, COL)                                                                    \
    FIRST(ENUM, kind, "q.kind", rg_backlog_kind_parse)                                             \
    COL(I64, count, "q.count")                                                                     \
    COL(TIME, oldest, "q.oldest")
RG_ROW(backlog_row, rg_backlog_t, BACKLOG_ROW);

/* Reviews say no time of their own. */
RG_SQL(BACKLOG,
       "SELECT " RG_COLUMNS(BACKLOG_ROW)
       " FROM (SELECT 'holds' AS kind, COUNT(*) AS count, COALESCE(MIN(created_at), 0) AS oldest"
       " FROM booking WHERE hold_expires_at > ? AND status = 'held'"
       " UNION ALL SELECT 'holds-expired', COUNT(*), COALESCE(MIN(hold_expires_at), 0)"
       " FROM booking WHERE hold_expires_at <= ? AND status = 'held'"
       " UNION ALL SELECT 'letters', COUNT(*), COALESCE(MIN(IF(since = 0, created_at, since)), 0)"
       " FROM message WHERE status = 'queued' AND (tries > 0 OR next_at <= ?)"
       " UNION ALL SELECT 'letters-failed', COUNT(*), COALESCE(MIN(created_at), 0)"
       " FROM message WHERE status = 'failed'"
       " UNION ALL SELECT 'waitlist', COUNT(*), COALESCE(MIN(created_at), 0)"
       " FROM waitlist WHERE status = 'waiting'"
       " UNION ALL SELECT 'offers', COUNT(*), COALESCE(MIN(b.created_at), 0)"
       " FROM waitlist_offer o JOIN booking b ON b.id = o.booking_id WHERE o.open_for IS NOT NULL"
       " UNION ALL SELECT 'recalls-due', COUNT(*), COALESCE(UNIX_TIMESTAMP(MIN(due_from)), 0)"
       " FROM recall WHERE status IN ('open', 'attempted') AND due_from <= CAST(? AS DATE)"
       " UNION ALL SELECT 'reviews', COUNT(*), 0 FROM questionnaire_review"
       " UNION ALL SELECT 'estimates', COUNT(*), COALESCE(MIN(since), 0) FROM estimate_to_give"
       " UNION ALL SELECT 'to-invoice', COUNT(*), COALESCE(MIN(starts_at), 0)"
       " FROM billing_work WHERE queue = 'to-invoice'"
       " UNION ALL SELECT 'to-claim', COUNT(*), COALESCE(MIN(starts_at), 0)"
       " FROM billing_work WHERE queue = 'to-claim') q");

rg_outcome_t rg_backlog_rows(rg_db_t *db, const rg_ctx_t *ctx, rg_backlog_t **out, int *count)
{
    /* Days are the sites'; a count for an overview takes UTC's. */
    rg_date_t today = rg_date_from_days(ctx->now / RG_DAY);
    return rg_sql_list(
        db, ctx, out, count, backlog_row, BACKLOG,
        RG_IN(RG_T(ctx->now), RG_T(ctx->now), RG_T(ctx->now), RG_S(rg_date_iso(ctx->pool, today))));
}
