/* SPDX-License-Identifier: Apache-2.0 */
/* Invoices in lists, with what is open of each. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/money.h"
#include "regen/store/billing.h"
#include "regen/store/store.h"

typedef struct {
    rg_invoice_sum_t sum;
    const char *series;
    int64_t number;
} sum_row_t;

/* What was paid on a charge, less what was given back. */
#define PAID_OF_CHARGE                                                                             \
    RG_SQL_PART("(SELECT COALESCE(SUM(IF((t.kind = 'release') = (t.reverses IS NULL), -1, 1) * " \
    "t.amount_minor), 0)" \
                " FROM transfer t" \
                " WHERE t.charge_id = x.charge_id AND t.kind IN ('payment', 'use', 'release'))")
/* Of a charge on several invoices the first one is paid first. */
#define LATER                                                                                      \
    RG_SQL_PART("(SELECT COALESCE(SUM(y.amount_minor), 0)" \
                " FROM invoice_charge y" \
                " LEFT JOIN credit_note_line m ON m.invoice_id = y.invoice_id AND m.charge_id " \
                "= y.charge_id" \
                " WHERE y.charge_id = x.charge_id AND y.invoice_id > x.invoice_id AND " \
                "m.charge_id IS NULL)")
#define SUM_ROW(FIRST, COL)                                                                        \
    FIRST(STR, sum.uid, "i.uid")                                                                   \
    COL(STR, series, "i.series")                                                                   \
    COL(I64, number, "i.number")                                                                   \
    COL(TIME, sum.issued_at, "i.issued_at")                                                        \
    COL(MONEY, sum.total, "i.total_minor, i.currency")                                             \
    COL(I64, sum.credited, "COALESCE(SUM(n.amount_minor), 0)")                                     \
    COL(I64, sum.paid,                                                                             \
        "SUM(IF(n.charge_id IS NULL, LEAST(x.amount_minor, " PAID_OF_CHARGE "), 0))")              \
    COL(I64, sum.open,                                                                             \
        "SUM(IF(n.charge_id IS NULL, GREATEST(0, LEAST(x.amount_minor, b.patient_owes - " LATER    \
        ")), 0))")                                                                                 \
    COL(I64, sum.payer_owes,                                                                       \
        "SUM(IF(n.charge_id IS NULL, LEAST(x.amount_minor, GREATEST(0, b.invoiced -"               \
        " b.patient_part), b.payer_owes), 0))")
RG_ROW(sum_row, sum_row_t, SUM_ROW);
RG_SQL(OF_BOOKING,
       "SELECT " RG_COLUMNS(SUM_ROW)
       " FROM invoice i"
       " JOIN invoice_charge x ON x.invoice_id = i.id"
       " JOIN charge_balance b ON b.charge_id = x.charge_id"
       " LEFT JOIN credit_note_line n ON n.invoice_id = x.invoice_id AND n.charge_id = x.charge_id"
       " WHERE i.booking_id = ?"
       " GROUP BY i.id"
       " ORDER BY i.turn");

rg_outcome_t rg_invoices_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                            rg_invoice_sum_t **out, int *count)
{
    sum_row_t *rows;
    RG_TRY(rg_sql_list(db, ctx, &rows, count, sum_row, OF_BOOKING, RG_IN(RG_I(booking_id))));
    *out = apr_palloc(ctx->pool, sizeof(**out) * (size_t)(*count + 1));
    for (int i = 0; i < *count; i++) {
        (*out)[i] = rows[i].sum;
        (*out)[i].label = rg_paper_label(ctx->pool, rows[i].series, rows[i].number);
    }
    return RG_OK;
}
