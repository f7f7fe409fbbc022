/* SPDX-License-Identifier: Apache-2.0 */
/* Corrections: rows that name what was recorded wrongly. What counts is read through the views
 * step_done and visit_ended (sql/0044_corrections.sql). */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

/* An invoice that credit notes took back whole asks for nothing. */
#define UNCREDITED                                                                                 \
    " AND (NOT EXISTS (SELECT 1 FROM credit_note n WHERE n.invoice_id = v.id)"                     \
    " OR EXISTS (SELECT 1 FROM invoice_charge x LEFT JOIN credit_note_line l"                      \
    " ON l.invoice_id = x.invoice_id AND l.charge_id = x.charge_id"                                \
    " WHERE x.invoice_id = v.id AND l.charge_id IS NULL AND x.amount_minor > 0))"
#define FACTS_ROW(FIRST, COL)                                                                      \
    FIRST(I64, check_in_id, "i.id")                                                                \
    COL(TIME, check_in_at, "i.at")                                                                 \
    COL(I64, complete_id, "f.id")                                                                  \
    COL(TIME, complete_at, "f.at")                                                                 \
    COL(I64, ending_id, "n.id")                                                                    \
    COL(STR, ending, "CONCAT_WS(' ', n.reason, NULLIF(n.note, ''))")                               \
    COL(BOOL, invoiced,                                                                            \
        "EXISTS (SELECT 1 FROM invoice v WHERE v.booking_id = b.id" UNCREDITED ")")                \
    COL(BOOL, claimed, "EXISTS (SELECT 1 FROM claim v WHERE v.booking_id = b.id)")
RG_ROW(facts_row, rg_correct_facts_t, FACTS_ROW);
RG_SQL(FACTS,
       "SELECT " RG_COLUMNS(FACTS_ROW)
       " FROM booking b"
       " LEFT JOIN step_done i ON i.booking_id = b.id AND i.kind = 'check-in'"
       " LEFT JOIN step_done f ON f.booking_id = b.id AND f.kind = 'complete'"
       " LEFT JOIN visit_ended n ON n.booking_id = b.id"
       " WHERE b.id = ?");

rg_outcome_t rg_correct_facts(rg_db_t *db, const rg_ctx_t *ctx, rg_correct_facts_t *out,
                              int64_t booking_id)
{
    return rg_sql_one(db, ctx, out, facts_row, FACTS, RG_IN(RG_I(booking_id)));
}

rg_outcome_t rg_correct_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                            const rg_correction_t *c)
{
    RG_SQL(ADD,
           "INSERT INTO correction (booking_id, what, row_id, old_value, new_value, reason, at,"
           " staff_id, with_unit, with_time_out, again)"
           " VALUES (?, ?, ?, LEFT(?, 255), ?, ?, ?, ?, ?, ?, ?)");

    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_I(booking_id), RG_S(rg_correct_name(c->what)), RG_I(c->row_id),
                             RG_S(c->old_value), RG_S(c->new_value), RG_S(c->reason),
                             RG_T(ctx->now), RG_I(ctx->who.staff_id), RG_I_OR_NIL(c->with_unit),
                             RG_I(c->with_time_out), RG_I(c->again)),
                       NULL);
}

rg_outcome_t rg_correct_uncharge(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                 bool completion)
{
    RG_SQL(DROP,
           "DELETE FROM charge_item"
           " WHERE booking_id = ? AND (? = 0 AND step_kind = 'check-in'"
           " OR ? = 1 AND step_kind IN ('recover', 'consult'))");

    return rg_sql_exec(db, ctx, DROP, RG_IN(RG_I(booking_id), RG_I(completion), RG_I(completion)),
                       NULL);
}

rg_outcome_t rg_correct_forget_recalls(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id)
{
    RG_SQL(UNTELL,
           "UPDATE message m"
           " JOIN recall r ON r.id = m.about_id"
           " SET m.status = 'withdrawn'"
           " WHERE m.kind = 'recall' AND m.status = 'queued' AND r.booking_id = ?");
    RG_SQL(DROP,
           "DELETE r"
           " FROM recall r"
           " LEFT JOIN recall_attempt a ON a.recall_id = r.id"
           " WHERE r.booking_id = ? AND a.id IS NULL AND r.status IN ('open', 'closed')");

    RG_TRY(rg_sql_exec(db, ctx, UNTELL, RG_IN(RG_I(booking_id)), NULL));
    return rg_sql_exec(db, ctx, DROP, RG_IN(RG_I(booking_id)), NULL);
}
