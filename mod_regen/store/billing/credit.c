/* SPDX-License-Identifier: Apache-2.0 */
/* Credit notes: what takes an invoice back, whole or by lines. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/money.h"
#include "regen/store/billing.h"
#include "regen/store/store.h"

#define LINE_ROW(FIRST, COL)                                                                       \
    FIRST(I64, charge_id, "x.charge_id")                                                           \
    COL(INT, line_no, "x.line_no")                                                                 \
    COL(STR, description, "CONCAT_WS(' ', l.description, NULLIF(l.modifier, ''))")                 \
    COL(I64, amount, "x.amount_minor")                                                             \
    COL(BOOL, credited, "n.charge_id IS NOT NULL")
RG_ROW(credit_line_row, rg_credit_line_t, LINE_ROW);
#define LINES                                                                                      \
    RG_SQL_PART("SELECT " RG_COLUMNS(LINE_ROW) \
                " FROM invoice_charge x" \
                " JOIN invoice_line l ON l.invoice_id = x.invoice_id AND l.line_no = x.line_no" \
                " LEFT JOIN credit_note_line n" \
                " ON n.invoice_id = x.invoice_id AND n.charge_id = x.charge_id")
RG_SQL(OF_INVOICE, LINES " WHERE x.invoice_id = ? ORDER BY x.line_no");
RG_SQL(OF_NOTE,
       LINES " JOIN credit_note c ON c.id = n.credit_note_id WHERE c.uid = ? ORDER BY x.line_no");

rg_outcome_t rg_credit_lines(rg_db_t *db, const rg_ctx_t *ctx, int64_t invoice_id,
                             rg_credit_line_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, credit_line_row, OF_INVOICE, RG_IN(RG_I(invoice_id)));
}

#define NOTE_ROW(FIRST, COL)                                                                       \
    FIRST(STR, uid, "c.uid")                                                                       \
    COL(STR, label, "CONCAT(c.series, '-', LPAD(c.number, 6, '0'))")                               \
    COL(STR, invoice_uid, "i.uid")                                                                 \
    COL(STR, invoice_label, "CONCAT(i.series, '-', LPAD(i.number, 6, '0'))")                       \
    COL(STR, patient_name, "i.patient_name")                                                       \
    COL(STR, issuer, "i.issuer")                                                                   \
    COL(STR, reason, "c.reason")                                                                   \
    COL(TIME, issued_at, "c.issued_at")                                                            \
    COL(MONEY, total, "c.total_minor, c.currency")
RG_ROW(credit_note_row, rg_credit_note_t, NOTE_ROW);
#define NOTES                                                                                      \
    RG_SQL_PART("SELECT " RG_COLUMNS(NOTE_ROW) \
                " FROM credit_note c JOIN invoice i ON i.id = c.invoice_id")
RG_SQL(NOTES_OF, NOTES " WHERE c.invoice_id = ? ORDER BY c.id");
RG_SQL(NOTES_OF_BOOKING, NOTES " WHERE i.booking_id = ? ORDER BY c.id");
RG_SQL(NOTE, NOTES " WHERE c.uid = ?");

rg_outcome_t rg_credits_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t invoice_id,
                           rg_credit_note_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, credit_note_row, NOTES_OF, RG_IN(RG_I(invoice_id)));
}

rg_outcome_t rg_credits_of_booking(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                   rg_credit_note_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, credit_note_row, NOTES_OF_BOOKING,
                       RG_IN(RG_I(booking_id)));
}

rg_outcome_t rg_credit_read(rg_db_t *db, const rg_ctx_t *ctx, const char *uid,
                            rg_credit_note_t *out, int64_t *service_id)
{
    RG_SQL(SERVICE,
           "SELECT b.service_id"
           " FROM credit_note c"
           " JOIN invoice i ON i.id = c.invoice_id"
           " JOIN booking b ON b.id = i.booking_id"
           " WHERE c.uid = ?");
    RG_TRY(rg_sql_one(db, ctx, out, credit_note_row, NOTE, RG_IN(RG_S(uid))));
    RG_TRY(rg_sql_number(db, ctx, service_id, SERVICE, RG_IN(RG_S(uid))));
    return rg_sql_list(db, ctx, &out->lines, &out->line_count, credit_line_row, OF_NOTE,
                       RG_IN(RG_S(uid)));
}

#define NOTE_NEW(FIRST, COL)                                                                       \
    FIRST(uid, RG_S(n->uid))                                                                       \
    COL(series, RG_S(series))                                                                      \
    COL(number, RG_I(number))                                                                      \
    COL(invoice_id, RG_I(invoice_id))                                                              \
    COL(reason, RG_S(n->reason))                                                                   \
    COL(total_minor, RG_I(n->total.minor))                                                         \
    COL(currency, RG_S(n->total.currency))                                                         \
    COL(issued_at, RG_T(ctx->now))                                                                 \
    COL(issued_by, RG_I(ctx->who.staff_id))
RG_SQL(INSERT_NOTE, RG_INSERT("credit_note", NOTE_NEW));
RG_SQL(INSERT_NOTE_LINE,
       "INSERT INTO credit_note_line (invoice_id, charge_id, credit_note_id, amount_minor)"
       " VALUES (?, ?, ?, ?)");

rg_outcome_t rg_credit_insert(rg_db_t *db, const rg_ctx_t *ctx, int64_t invoice_id,
                              const rg_credit_note_t *n, const char *series, int number,
                              int64_t *id)
{
    RG_TRY(rg_sql_exec(db, ctx, INSERT_NOTE, RG_BINDS(NOTE_NEW), NULL));
    *id = rg_sql_insert_id(db);
    for (int i = 0; i < n->line_count; i++) {
        RG_TRY(rg_sql_exec(db, ctx, INSERT_NOTE_LINE,
                           RG_IN(RG_I(invoice_id), RG_I(n->lines[i].charge_id), RG_I(*id),
                                 RG_I(n->lines[i].amount)),
                           NULL));
    }
    return RG_OK;
}
