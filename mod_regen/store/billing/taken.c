/* SPDX-License-Identifier: Apache-2.0 */
/* Taking back: charges that were taken off and are charged again, what builds on an entry, what was
 * given up on a day. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/ledger.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

/* --- charges that were taken off -------------------------------------------------------------- */

#define COPIED                                                                                     \
    RG_SQL_PART("booking_id, line_no, target_no, step_kind, code_system, code, modifier," \
                " description," \
                " quantity, unit_minor, total_minor, currency, on_claim, service_date," \
                " practitioner_id")

rg_outcome_t rg_ledger_charge_drop(rg_db_t *db, const rg_ctx_t *ctx, int64_t charge_id,
                                   int64_t entry_id)
{
    RG_SQL(KEEP,
           "INSERT INTO charge_off (entry_id, charge_id, " COPIED ")"
           " SELECT ?, id, " COPIED " FROM charge_item WHERE id = ?");
    RG_SQL(DROP, "DELETE FROM charge_item WHERE id = ?");
    RG_TRY(rg_sql_exec(db, ctx, KEEP, RG_IN(RG_I(entry_id), RG_I(charge_id)), NULL));
    return rg_sql_exec(db, ctx, DROP, RG_IN(RG_I(charge_id)), NULL);
}

#define OFF_ROW(FIRST, COL)                                                                        \
    FIRST(I64, booking_id, "f.booking_id")                                                         \
    COL(I64, total, "f.total_minor")                                                               \
    COL(BOOL, on_claim, "f.on_claim AND b.coverage_id IS NOT NULL")                                \
    COL(BOOL, claimed, "EXISTS (SELECT 1 FROM claim m WHERE m.booking_id = f.booking_id)")         \
    COL(BOOL, charged,                                                                             \
        "EXISTS (SELECT 1 FROM charge_item c"                                                      \
        " WHERE c.booking_id = f.booking_id AND c.line_no = f.line_no"                             \
        " AND c.target_no = f.target_no)")
RG_ROW(off_row, rg_charge_off_t, OFF_ROW);

rg_outcome_t rg_ledger_charge_off(rg_db_t *db, const rg_ctx_t *ctx, int64_t entry_id,
                                  rg_charge_off_t *out)
{
    RG_SQL(OFF,
           "SELECT " RG_COLUMNS(OFF_ROW)
           " FROM charge_off f"
           " JOIN booking b ON b.id = f.booking_id"
           " WHERE f.entry_id = ?");
    return rg_sql_one(db, ctx, out, off_row, OFF, RG_IN(RG_I(entry_id)));
}

rg_outcome_t rg_ledger_charge_again(rg_db_t *db, const rg_ctx_t *ctx, int64_t entry_id)
{
    RG_SQL(AGAIN,
           "INSERT INTO charge_item (" COPIED ", created_at)"
           " SELECT " COPIED ", ? FROM charge_off WHERE entry_id = ?");
    return rg_sql_exec(db, ctx, AGAIN, RG_IN(RG_T(ctx->now), RG_I(entry_id)), NULL);
}

/* --- what builds on an entry ------------------------------------------------------------------ */

/* What came later on a charge that the entry touched, and what was taken out of a deposit that it
 * touched, whenever: the money in it is one. Of a payment also the deposits that came this way,
 * because what was paid may lie there. */
#define FIRST_ROW(FIRST, COL)                                                                      \
    FIRST(STR, kind, "x.kind")                                                                     \
    COL(STR, uid, "x.uid")                                                                         \
    COL(STR, label, "x.label")                                                                     \
    COL(TIME, at, "x.at")                                                                          \
    COL(MONEY, amount, "x.amount_minor, x.currency")
RG_ROW(first_row, rg_ledger_first_t, FIRST_ROW);
RG_SQL(BUILDS,
       "WITH one AS (SELECT t.charge_id, t.kind, d.id AS debit, d.kind AS debit_kind,"
       " c.id AS credit, c.kind AS credit_kind, d.means AS came, c.patient_id"
       " FROM transfer t JOIN account d ON d.id = t.debit_account"
       " JOIN account c ON c.id = t.credit_account WHERE t.entry_id = ?),"
       " pots AS (SELECT debit AS id FROM one WHERE debit_kind = 'deposit'"
       " UNION SELECT credit FROM one WHERE credit_kind = 'deposit'"
       " UNION SELECT a.id FROM one JOIN account a ON a.patient_id = one.patient_id"
       " AND a.kind = 'deposit' AND a.means = one.came WHERE one.kind = 'payment'),"
       " later AS (SELECT t.entry_id FROM one JOIN transfer t ON t.charge_id = one.charge_id"
       " WHERE t.entry_id > ?"
       " UNION SELECT t.entry_id FROM pots JOIN transfer t ON t.debit_account = pots.id"
       " WHERE t.entry_id <> ?)"
       " SELECT " RG_COLUMNS(FIRST_ROW)
       " FROM (SELECT e.kind, e.uid, '' AS label, e.at, e.id, e.amount_minor, e.currency"
       " FROM later JOIN ledger_entry e ON e.id = later.entry_id"
       " WHERE e.kind <> 'reversal'"
       " AND NOT EXISTS (SELECT 1 FROM ledger_entry v WHERE v.reverses = e.id)"
       " AND EXISTS (SELECT 1 FROM transfer u WHERE u.entry_id = e.id"
       " AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.reverses = u.id)"
       " AND NOT (u.kind = 'release' AND NOT EXISTS (SELECT 1 FROM charge_item k"
       " WHERE k.id = u.charge_id))"
       " AND NOT (u.kind = 'use' AND EXISTS (SELECT 1 FROM transfer f"
       " WHERE f.charge_id = u.charge_id AND f.kind = 'release'"
       " AND f.credit_account = u.debit_account AND f.reverses IS NULL AND f.id > u.id"
       " AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.reverses = f.id))))"
       " UNION ALL"
       " SELECT 'invoice', i.uid, CONCAT(i.series, '-', LPAD(i.number, 6, '0')), i.issued_at,"
       " 0, i.total_minor, i.currency"
       " FROM one JOIN invoice_charge g ON g.charge_id = one.charge_id"
       " JOIN invoice i ON i.id = g.invoice_id"
       " LEFT JOIN credit_note_line n ON n.invoice_id = g.invoice_id AND n.charge_id = g.charge_id"
       " WHERE one.kind = 'move' AND n.charge_id IS NULL) x"
       " ORDER BY x.at DESC, x.id DESC LIMIT ?");

rg_outcome_t rg_ledger_builds(rg_db_t *db, const rg_ctx_t *ctx, int64_t entry_id,
                              rg_ledger_first_t **out, int *count)
{
    return rg_sql_list(
        db, ctx, out, count, first_row, BUILDS,
        RG_IN(RG_I(entry_id), RG_I(entry_id), RG_I(entry_id), RG_I(RG_LEDGER_FIRST)));
}

/* --- what was given up on a day --------------------------------------------------------------- */

rg_outcome_t rg_ledger_spent(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id, rg_date_t day,
                             const char *currency, int64_t *out)
{
    RG_SQL(SPENT,
           "SELECT COALESCE(SUM(IF(e.kind = 'remit', (SELECT COALESCE(SUM(t.amount_minor), 0)"
           " FROM transfer t WHERE t.entry_id = e.id AND t.kind = 'contractual'),"
           " e.amount_minor)), 0)"
           " FROM patient p"
           " JOIN ledger_entry e ON e.patient_id = p.id AND e.at > ? AND e.day = ?"
           " AND e.currency = ? AND (e.kind IN ('refund', 'discount', 'write-off',"
           " 'payer-write-off', 'void', 'remit') OR EXISTS (SELECT 1 FROM ledger_entry o"
           " WHERE o.id = e.reverses AND o.kind = 'payment' AND o.means = 'cash'"
           " AND o.day < e.day))"
           " WHERE (p.id = ? OR p.merged_into = ?)"
           " AND NOT EXISTS (SELECT 1 FROM ledger_entry v WHERE v.reverses = e.id)"
           " AND NOT EXISTS (SELECT 1 FROM staff_role r"
           " WHERE r.staff_id = e.staff_id AND r.role = 'admin')");
    return rg_sql_number(db, ctx, out, SPENT,
                         RG_IN(RG_T(ctx->now - 2 * RG_DAY), RG_S(rg_date_iso(ctx->pool, day)),
                               RG_S(currency), RG_I(person_id), RG_I(person_id)));
}

rg_outcome_t rg_ledger_seen(rg_db_t *db, const rg_ctx_t *ctx, const unsigned char once[32],
                            bool *out)
{
    RG_SQL(SEEN, "SELECT COUNT(*) FROM ledger_entry WHERE once_key = ?");
    int64_t count;
    RG_TRY(rg_sql_number(db, ctx, &count, SEEN, RG_IN(RG_B(once, 32))));
    *out = count > 0;
    return RG_OK;
}

/* As patient_unmerge_leaves_no_money (sql/0060) says. */
#define MOVED(side, sign)                                                                          \
    "SELECT a.patient_id, a.kind, a.currency, t.entry_id, t.reverses, " sign "t.amount_minor"      \
    " AS moved FROM account a JOIN transfer t ON t." side "_account = a.id"                        \
    " WHERE a.patient_id = ?"

rg_outcome_t rg_ledger_crossed(rg_db_t *db, const rg_ctx_t *ctx, int64_t merged_id, bool *out)
{
    RG_SQL(CROSSED,
           "SELECT EXISTS (SELECT 1 FROM (" MOVED("debit", "") " UNION ALL " MOVED(
               "credit", "-") ") x"
                              " LEFT JOIN transfer o ON o.id = x.reverses"
                              " JOIN ledger_entry e"
                              " ON e.id = IF(x.reverses IS NULL, x.entry_id, o.entry_id)"
                              " AND e.patient_id <> x.patient_id"
                              " GROUP BY e.patient_id, x.kind = 'payer', x.currency"
                              " HAVING SUM(x.moved) <> 0)"
                              " OR EXISTS (SELECT 1 FROM ledger_entry e"
                              " JOIN transfer t ON t.entry_id = e.id"
                              " LEFT JOIN transfer r ON r.reverses = t.id"
                              " JOIN account a ON a.id IN (t.debit_account, t.credit_account)"
                              " AND a.patient_id <> e.patient_id"
                              " WHERE e.patient_id = ? AND r.id IS NULL"
                              " GROUP BY a.patient_id, a.kind = 'payer', a.currency"
                              " HAVING SUM(IF(a.id = t.debit_account, t.amount_minor,"
                              " -t.amount_minor)) <> 0)");
    int64_t is;
    RG_TRY(rg_sql_number(db, ctx, &is, CROSSED,
                         RG_IN(RG_I(merged_id), RG_I(merged_id), RG_I(merged_id))));
    *out = is != 0;
    return RG_OK;
}
