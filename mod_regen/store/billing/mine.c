/* SPDX-License-Identifier: Apache-2.0 */
/* What a patient sees of their money behind the link of one booking. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/ledger.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#define WHOSE_ROW(FIRST, COL)                                                                      \
    FIRST(I64, person_id, "COALESCE(p.merged_into, p.id)")                                         \
    COL(STR, payer_name, "COALESCE(y.name, '')")                                                   \
    COL(CURRENCY, currency, "b.currency")                                                          \
    COL(BOOL, completed, "b.status = 'completed'")
RG_ROW(whose_row, rg_mine_whose_t, WHOSE_ROW);

rg_outcome_t rg_mine_whose(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                           rg_mine_whose_t *out)
{
    RG_SQL(WHOSE,
           "SELECT " RG_COLUMNS(WHOSE_ROW)
           " FROM booking b"
           " JOIN patient p ON p.id = b.patient_id"
           " LEFT JOIN coverage v ON v.id = b.coverage_id"
           " LEFT JOIN payer y ON y.id = v.payer_id"
           " WHERE b.id = ? AND b.booked_at IS NOT NULL");
    return rg_sql_one(db, ctx, out, whose_row, WHOSE, RG_IN(RG_I(booking_id)));
}

/* Receipts that name this booking, and those that name none: deposits and refunds are the person's.
 * What only paid for another booking is behind that one's link. */
#define RECEIPT_ROW(FIRST, COL)                                                                    \
    FIRST(STR, uid, "r.uid")                                                                       \
    COL(STR, label, "CONCAT(r.series, '-', LPAD(r.number, 6, '0'))")                               \
    COL(STR, kind, "e.kind")                                                                       \
    COL(STR, means, "e.means")                                                                     \
    COL(TIME, issued_at, "r.issued_at")                                                            \
    COL(MONEY, amount, "e.amount_minor, e.currency")                                               \
    COL(BOOL, reversed, "EXISTS (SELECT 1 FROM ledger_entry v WHERE v.reverses = e.id)")
RG_ROW(mine_receipt_row, rg_mine_receipt_t, RECEIPT_ROW);
#define RECEIPTS                                                                                   \
    RG_SQL_PART("SELECT " RG_COLUMNS(RECEIPT_ROW) \
                " FROM patient p" \
                " JOIN ledger_entry e ON e.patient_id = p.id AND e.kind IN ('payment', 'refund')" \
                " JOIN receipt r ON r.entry_id = e.id" \
                " WHERE (p.id = ? OR p.merged_into = ?)" \
                " AND (EXISTS (SELECT 1 FROM transfer t WHERE t.entry_id = e.id" \
                " AND t.booking_id = ?)" \
                " OR NOT EXISTS (SELECT 1 FROM transfer t WHERE t.entry_id = e.id" \
                " AND t.booking_id IS NOT NULL))")
RG_SQL(ALL, RECEIPTS " ORDER BY r.id DESC LIMIT ?");
RG_SQL(ONE, RECEIPTS " AND r.uid = ?");

rg_outcome_t rg_mine_receipts(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id,
                              int64_t booking_id, rg_mine_receipt_t **out, int *count)
{
    return rg_sql_list(
        db, ctx, out, count, mine_receipt_row, ALL,
        RG_IN(RG_I(person_id), RG_I(person_id), RG_I(booking_id), RG_I(RG_MINE_RECEIPTS)));
}

rg_outcome_t rg_mine_receipt(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id,
                             int64_t booking_id, const char *uid)
{
    rg_mine_receipt_t r;
    return rg_sql_one(db, ctx, &r, mine_receipt_row, ONE,
                      RG_IN(RG_I(person_id), RG_I(person_id), RG_I(booking_id), RG_S(uid)));
}
