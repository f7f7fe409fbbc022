/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts of payments and refunds. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/ledger.h"
#include "regen/store/billing.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <apr_strings.h>

#define RECEIPT_NEW(FIRST, COL)                                                                    \
    FIRST(uid, RG_S(r->uid))                                                                       \
    COL(series, RG_S(series))                                                                      \
    COL(number, RG_I(number))                                                                      \
    COL(entry_id, RG_I(r->entry_id))                                                               \
    COL(patient_name, RG_S(r->patient_name))                                                       \
    COL(issuer, RG_S(r->issuer))                                                                   \
    COL(owed_minor, RG_I(r->owed))                                                                 \
    COL(deposit_minor, RG_I(r->deposit))                                                           \
    COL(issued_at, RG_T(ctx->now))                                                                 \
    COL(issued_by, RG_I(ctx->who.staff_id))
RG_SQL(INSERT_RECEIPT, RG_INSERT("receipt", RECEIPT_NEW));

rg_outcome_t rg_receipt_insert(rg_db_t *db, const rg_ctx_t *ctx, const rg_receipt_t *r,
                               const char *series, int number)
{
    return rg_sql_exec(db, ctx, INSERT_RECEIPT, RG_BINDS(RECEIPT_NEW), NULL);
}

typedef struct {
    const char *description, *series, *invoice_series;
    rg_date_t date;
    int64_t amount, number, booking_id;
} line_t;
#define LINE_ROW(FIRST, COL)                                                                       \
    FIRST(STR, description,                                                                        \
          "COALESCE(c.description, (SELECT o.note FROM transfer o WHERE o.charge_once = "          \
          "t.charge_id))")                                                                         \
    COL(DATE, date, "c.service_date")                                                              \
    COL(STR, invoice_series, "i.series")                                                           \
    COL(I64, number, "i.number")                                                                   \
    COL(I64, booking_id, "t.booking_id")                                                           \
    COL(I64, amount, "t.amount_minor")
RG_ROW(receipt_line_row, line_t, LINE_ROW);

#define RECEIPT_ROW(FIRST, COL)                                                                    \
    FIRST(STR, uid, "r.uid")                                                                       \
    COL(STR, label, "CONCAT(r.series, '-', LPAD(r.number, 6, '0'))")                               \
    COL(STR, patient_name, "r.patient_name")                                                       \
    COL(STR, issuer, "r.issuer")                                                                   \
    COL(STR, means, "e.means")                                                                     \
    COL(STR, reference, "e.reference")                                                             \
    COL(STR, kind, "e.kind")                                                                       \
    COL(STR, staff, "s.name")                                                                      \
    COL(STR, site_name, "x.name")                                                                  \
    COL(STR, patient_uid,                                                                          \
        "(SELECT k.uid FROM patient k WHERE k.id = COALESCE(p.merged_into, p.id))")                \
    COL(I64, site_id, "e.site_id")                                                                 \
    COL(I64, entry_id, "e.id")                                                                     \
    COL(TIME, issued_at, "r.issued_at")                                                            \
    COL(MONEY, amount, "e.amount_minor, e.currency")                                               \
    COL(I64, owed, "r.owed_minor")                                                                 \
    COL(I64, deposit, "r.deposit_minor")                                                           \
    COL(BOOL, reversed, "EXISTS (SELECT 1 FROM ledger_entry v WHERE v.reverses = e.id)")
RG_ROW(receipt_row, rg_receipt_t, RECEIPT_ROW);

static rg_outcome_t receipt_lines(rg_db_t *db, const rg_ctx_t *ctx, rg_receipt_t *out)
{
    RG_SQL(LINES,
           "SELECT " RG_COLUMNS(LINE_ROW)
           " FROM transfer t"
           " LEFT JOIN charge_item c ON c.id = t.charge_id"
           " LEFT JOIN invoice i ON i.id = t.invoice_id"
           " WHERE t.entry_id = ? AND t.charge_id IS NOT NULL"
           " ORDER BY t.id");
    line_t *rows;
    RG_TRY(rg_sql_list(db, ctx, &rows, &out->line_count, receipt_line_row, LINES,
                       RG_IN(RG_I(out->entry_id))));
    out->lines = apr_pcalloc(ctx->pool, sizeof(*out->lines) * (size_t)(out->line_count + 1));
    out->kept = out->amount.minor;
    for (int i = 0; i < out->line_count; i++) {
        out->lines[i].description = rows[i].description;
        out->lines[i].date = rows[i].date;
        out->lines[i].booking_id = rows[i].booking_id;
        out->lines[i].amount = out->amount;
        out->lines[i].amount.minor = rows[i].amount;
        out->lines[i].invoice_label =
            rg_paper_label(ctx->pool, rows[i].invoice_series, rows[i].number);
        out->kept -= rows[i].amount;
    }
    return RG_OK;
}

rg_outcome_t rg_receipt_read(rg_db_t *db, const rg_ctx_t *ctx, const char *uid, rg_receipt_t *out)
{
    RG_SQL(READ,
           "SELECT " RG_COLUMNS(RECEIPT_ROW)
           " FROM receipt r"
           " JOIN ledger_entry e ON e.id = r.entry_id"
           " JOIN patient p ON p.id = e.patient_id"
           " JOIN staff s ON s.id = r.issued_by"
           " JOIN site x ON x.id = e.site_id"
           " WHERE r.uid = ?");
    RG_TRY(rg_sql_one(db, ctx, out, receipt_row, READ, RG_IN(RG_S(uid))));
    return receipt_lines(db, ctx, out);
}
