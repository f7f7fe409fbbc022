/* SPDX-License-Identifier: Apache-2.0 */
/* Posting: whose account, what is open on it, entries and their transfers. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/ledger.h"
#include "regen/store/billing.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

/* --- whose ------------------------------------------------------------------------------------ */

#define PERSON_ROW(FIRST, COL)                                                                     \
    FIRST(I64, id, "p.id")                                                                         \
    COL(STR, uid, "p.uid")                                                                         \
    COL(STR, family, "p.family")                                                                   \
    COL(STR, given, "p.given")                                                                     \
    COL(I64, site_id, "b.site_id")                                                                 \
    COL(I64, service_id, "b.service_id")                                                           \
    COL(STR, booking_uid, "b.uid")                                                                 \
    COL(CURRENCY, currency, "b.currency")                                                          \
    COL(STR, issuer_name, "o.name")                                                                \
    COL(STR, issuer_line, "o.address_line")                                                        \
    COL(STR, issuer_city, "o.city")                                                                \
    COL(STR, issuer_state, "o.state")                                                              \
    COL(STR, issuer_postal, "o.postal_code")
RG_ROW(person_row, rg_ledger_person_t, PERSON_ROW);
RG_SQL(PERSON,
       "SELECT " RG_COLUMNS(PERSON_ROW)
       " FROM patient a"
       " JOIN patient p ON p.id = COALESCE(a.merged_into, a.id)"
       " LEFT JOIN booking b ON b.id = (SELECT MAX(x.id) FROM booking x JOIN patient q ON q.id "
       "= x.patient_id"
       " WHERE (q.id = p.id OR q.merged_into = p.id) AND x.booked_at IS NOT NULL)"
       " LEFT JOIN organization o ON o.id = (SELECT MIN(id) FROM organization)"
       " WHERE a.uid = ?");

rg_outcome_t rg_ledger_person(rg_db_t *db, const rg_ctx_t *ctx, const char *patient_uid,
                              rg_ledger_person_t *out)
{
    return rg_sql_one(db, ctx, out, person_row, PERSON, RG_IN(RG_S(patient_uid)));
}

/* --- what is open ----------------------------------------------------------------------------- */

/* The last invoice of a charge that no credit note took back. */
#define LIVE_INVOICE                                                                               \
    RG_SQL_PART("(SELECT MAX(x.invoice_id) FROM invoice_charge x" \
                " LEFT JOIN credit_note_line n ON n.invoice_id = x.invoice_id AND n.charge_id " \
                "= x.charge_id" \
                " WHERE x.charge_id = l.charge_id AND n.charge_id IS NULL)")
/* What of a payer's part is gone, by what became of it. */
#define GONE(kind)                                                                                 \
    "(SELECT COALESCE(SUM(IF(t.reverses IS NULL, 1, -1) * t.amount_minor), 0) FROM transfer t"     \
    " JOIN account w ON w.id = IF(t.reverses IS NULL, t.credit_account, t.debit_account)"          \
    " WHERE t.charge_id = l.charge_id AND t.kind = '" kind "' AND w.kind = 'payer')"
#define LINE_ROW(FIRST, COL)                                                                       \
    FIRST(I64, charge_id, "l.charge_id")                                                           \
    COL(I64, booking_id, "l.booking_id")                                                           \
    COL(I64, patient_id, "l.patient_id")                                                           \
    COL(I64, site_id, "b.site_id")                                                                 \
    COL(I64, invoice_id, "i.id")                                                                   \
    COL(STR, booking_uid, "b.uid")                                                                 \
    COL(STR, service_name, "s.name")                                                               \
    COL(STR, code, "c.code")                                                                       \
    COL(STR, modifier, "c.modifier")                                                               \
    COL(STR, description, "c.description")                                                         \
    COL(STR, payer_name, "COALESCE(y.name, '')")                                                   \
    COL(STR, invoice_uid, "COALESCE(i.uid, '')")                                                   \
    COL(STR, invoice_label, "COALESCE(CONCAT(i.series, '-', LPAD(i.number, 6, '0')), '')")         \
    COL(DATE, service_date, "c.service_date")                                                      \
    COL(TIME, since, "l.since")                                                                    \
    COL(BOOL, on_claim, "c.on_claim")                                                              \
    COL(BOOL, insured, "b.coverage_id IS NOT NULL")                                                \
    COL(BOOL, claimed, "EXISTS (SELECT 1 FROM claim m WHERE m.booking_id = b.id)")                 \
    COL(CURRENCY, currency, "l.currency")                                                          \
    COL(I64, charged, "l.charged")                                                                 \
    COL(I64, payer_owes, "l.payer_owes")                                                           \
    COL(I64, patient_part, "l.patient_part")                                                       \
    COL(I64, patient_owes, "l.patient_owes")                                                       \
    COL(I64, invoiced, "l.invoiced")                                                               \
    COL(I64, paid,                                                                                 \
        "(SELECT COALESCE(SUM(IF((t.kind = 'release') = (t.reverses IS NULL), -1, 1)"              \
        " * t.amount_minor), 0) FROM transfer t WHERE t.charge_id = l.charge_id"                   \
        " AND t.kind IN ('payment', 'use', 'release'))")                                           \
    COL(I64, payer_paid, GONE("remit"))                                                            \
    COL(I64, contractual, GONE("contractual"))                                                     \
    COL(I64, payer_off, GONE("write-off"))
RG_ROW(ledger_line_row, rg_ledger_line_t, LINE_ROW);
#define LINES(which)                                                                               \
    RG_SQL_PART("SELECT " RG_COLUMNS(LINE_ROW) \
                " FROM patient p" \
                " JOIN charge_balance l ON l.patient_id = p.id" which \
                " JOIN charge_item c ON c.id = l.charge_id" \
                " JOIN booking b ON b.id = l.booking_id" \
                " JOIN service s ON s.id = b.service_id" \
                " LEFT JOIN coverage v ON v.id = b.coverage_id" \
                " LEFT JOIN payer y ON y.id = v.payer_id" \
                " LEFT JOIN invoice i ON i.id = " LIVE_INVOICE \
                " WHERE (p.id = ? OR p.merged_into = ?)")
RG_SQL(ONE_LINE, LINES(" AND l.charge_id = ?"));
RG_SQL(LINES_OF, LINES(" AND l.booking_id = ?") " ORDER BY c.line_no, c.target_no");
RG_SQL(ALL_LINES, LINES("") " ORDER BY b.starts_at DESC, l.charge_id LIMIT ?");
RG_SQL(OPEN_LINES,
       LINES(" AND (l.patient_owes > 0 OR l.payer_owes > 0)") " ORDER BY c.service_date, "
       "l.charge_id LIMIT ?");
RG_SQL(LOCK_LINES,
       "SELECT COUNT(*)"
       " FROM (SELECT l.charge_id"
       " FROM patient p"
       " JOIN charge_balance l ON l.patient_id = p.id"
       " WHERE (p.id = ? OR p.merged_into = ?) AND l.charged > 0"
       " FOR UPDATE) x");

rg_outcome_t rg_ledger_lines(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id, bool open,
                             rg_ledger_line_t **out, int *count)
{
    const char *sql = open ? OPEN_LINES : ALL_LINES;
    return rg_sql_list(db, ctx, out, count, ledger_line_row, sql,
                       RG_IN(RG_I(person_id), RG_I(person_id), RG_I(RG_LEDGER_LINES)));
}

rg_outcome_t rg_ledger_line(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id, int64_t charge_id,
                            rg_ledger_line_t **out)
{
    return rg_sql_new(db, ctx, out, ledger_line_row, ONE_LINE,
                      RG_IN(RG_I(charge_id), RG_I(person_id), RG_I(person_id)));
}

rg_outcome_t rg_ledger_lines_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id,
                                int64_t booking_id, rg_ledger_line_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, ledger_line_row, LINES_OF,
                       RG_IN(RG_I(booking_id), RG_I(person_id), RG_I(person_id)));
}

rg_outcome_t rg_ledger_lock(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id)
{
    int64_t count;
    RG_TRY(rg_sql_number(db, ctx, &count, LOCK_LINES, RG_IN(RG_I(person_id), RG_I(person_id))));
    RG_SQL(LOCK_POTS,
           "SELECT COUNT(*)"
           " FROM (SELECT l.account_id"
           " FROM patient p"
           " JOIN account a ON a.patient_id = p.id AND a.kind = 'deposit'"
           " JOIN account_balance l ON l.account_id = a.id"
           " WHERE p.id = ? OR p.merged_into = ?"
           " FOR UPDATE) x");
    return rg_sql_number(db, ctx, &count, LOCK_POTS, RG_IN(RG_I(person_id), RG_I(person_id)));
}

#define POT_ROW(FIRST, COL)                                                                        \
    FIRST(I64, account_id, "a.id")                                                                 \
    COL(I64, patient_id, "a.patient_id")                                                           \
    COL(ENUM, means, "a.means", rg_means_parse)                                                    \
    COL(MONEY, left, "-l.balance_minor, a.currency")
RG_ROW(pot_row, rg_ledger_pot_t, POT_ROW);

rg_outcome_t rg_ledger_pots(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id,
                            rg_ledger_pot_t **out, int *count)
{
    RG_SQL(POTS,
           "SELECT " RG_COLUMNS(POT_ROW)
           " FROM patient p"
           " JOIN account a ON a.patient_id = p.id AND a.kind = 'deposit'"
           " JOIN account_balance l ON l.account_id = a.id AND l.balance_minor < 0"
           " WHERE p.id = ? OR p.merged_into = ?"
           " ORDER BY a.id");
    return rg_sql_list(db, ctx, out, count, pot_row, POTS, RG_IN(RG_I(person_id), RG_I(person_id)));
}

typedef struct {
    rg_means_t means;
    int64_t amount;
} paid_t;
#define PAID_ROW(FIRST, COL)                                                                       \
    FIRST(ENUM, means, "m.means", rg_means_parse)                                                  \
    COL(I64, amount, "SUM(IF(t.credit_account = p.id, t.amount_minor, -t.amount_minor))")
RG_ROW(paid_row, paid_t, PAID_ROW);

rg_outcome_t rg_ledger_paid(rg_db_t *db, const rg_ctx_t *ctx, int64_t charge_id,
                            int64_t paid[RG_MEANS_COUNT])
{
    RG_SQL(PAID,
           "SELECT " RG_COLUMNS(PAID_ROW)
           " FROM transfer t"
           " JOIN account p ON p.id IN (t.debit_account, t.credit_account) AND p.kind = 'patient'"
           " JOIN account m ON m.id = IF(p.id = t.credit_account, t.debit_account, "
           "t.credit_account)"
           " WHERE t.charge_id = ? AND t.kind IN ('payment', 'use', 'release')"
           " GROUP BY m.means");
    paid_t *rows;
    int count;
    memset(paid, 0, sizeof(*paid) * RG_MEANS_COUNT);
    RG_TRY(rg_sql_list(db, ctx, &rows, &count, paid_row, PAID, RG_IN(RG_I(charge_id))));
    for (int i = 0; i < count; i++) {
        if ((int)rows[i].means >= 0) {
            paid[rows[i].means] = rows[i].amount;
        }
    }
    return RG_OK;
}

/* --- accounts --------------------------------------------------------------------------------- */

rg_outcome_t rg_ledger_account(rg_db_t *db, const rg_ctx_t *ctx, const rg_account_key_t *key,
                               int64_t *id)
{
    RG_SQL(MAKE,
           "INSERT IGNORE INTO account (kind, patient_id, booking_id, coverage_id, site_id, "
           "means, reason, currency)"
           " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    RG_SQL(FIND,
           "SELECT id FROM account"
           " WHERE name = CONCAT_WS(':', ?, COALESCE(?, '-'), COALESCE(?, '-'), COALESCE(?, "
           "'-'), COALESCE(?, '-'),"
           " COALESCE(?, '-'), COALESCE(?, '-'), ?)");
    const rg_bind_t in[] = {RG_S(rg_account_kind_name(key->kind)),
                            RG_I_OR_NIL(key->patient_id),
                            RG_I_OR_NIL(key->booking_id),
                            RG_I_OR_NIL(key->coverage_id),
                            RG_I_OR_NIL(key->site_id),
                            RG_S(key->means),
                            RG_S(key->reason),
                            RG_S(key->currency)};
    const int n = (int)(sizeof(in) / sizeof(*in));
    rg_outcome_t rc = rg_sql_number(db, ctx, id, FIND, in, n);
    if (rc == RG_NOT_FOUND) {
        RG_TRY(rg_sql_exec(db, ctx, MAKE, in, n, NULL));
        rc = rg_sql_number(db, ctx, id, FIND, in, n);
    }
    return rc == RG_NOT_FOUND ? RG_INTERNAL : rc;
}

rg_outcome_t rg_ledger_payer(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                             const char *currency, int64_t *id)
{
    RG_SQL(PAYER,
           "SELECT a.id"
           " FROM booking b"
           " JOIN account a ON a.booking_id = b.id AND a.coverage_id = b.coverage_id AND "
           "a.currency = ?"
           " WHERE b.id = ?");
    return rg_sql_number(db, ctx, id, PAYER, RG_IN(RG_S(currency), RG_I(booking_id)));
}

/* --- entries ---------------------------------------------------------------------------------- */

#define ENTRY_NEW(FIRST, COL)                                                                      \
    FIRST(uid, RG_S(e->uid))                                                                       \
    COL(kind, RG_S(rg_entry_kind_name(e->kind)))                                                   \
    COL(patient_id, RG_I_OR_NIL(e->patient_id))                                                    \
    COL(site_id, RG_I(e->site_id))                                                                 \
    COL(means, RG_S(e->means))                                                                     \
    COL(reference, RG_S(e->reference))                                                             \
    COL(amount_minor, RG_I(e->amount.minor))                                                       \
    COL(currency, RG_S(e->amount.currency))                                                        \
    COL(reason, RG_S(e->reason))                                                                   \
    COL(note, RG_S(e->note))                                                                       \
    COL(day, RG_S(rg_date_iso(ctx->pool, e->day)))                                                 \
    COL(at, RG_T(ctx->now))                                                                        \
    COL(staff_id, RG_I(ctx->who.staff_id))                                                         \
    COL(reverses, RG_I_OR_NIL(e->reverses))                                                        \
    COL(once_key, RG_B(once, 32))
RG_SQL(ENTRY_ADD, RG_INSERT("ledger_entry", ENTRY_NEW));

rg_outcome_t rg_ledger_entry_add(rg_db_t *db, const rg_ctx_t *ctx, rg_ledger_entry_t *e,
                                 const unsigned char once[32])
{
    RG_TRY(rg_sql_exec(db, ctx, ENTRY_ADD, RG_BINDS(ENTRY_NEW), NULL));
    e->id = rg_sql_insert_id(db);
    return RG_OK;
}

#define TRANSFER_NEW(FIRST, COL)                                                                   \
    FIRST(entry_id, RG_I(entry_id))                                                                \
    COL(kind, RG_S(rg_transfer_kind_name(t->kind)))                                                \
    COL(debit_account, RG_I(t->debit))                                                             \
    COL(credit_account, RG_I(t->credit))                                                           \
    COL(amount_minor, RG_I(t->amount))                                                             \
    COL(currency, RG_S(t->currency))                                                               \
    COL(charge_id, RG_I_OR_NIL(t->charge_id))                                                      \
    COL(booking_id, RG_I_OR_NIL(t->booking_id))                                                    \
    COL(invoice_id, RG_I_OR_NIL(t->invoice_id))                                                    \
    COL(at, RG_T(ctx->now))                                                                        \
    COL(reverses, RG_I_OR_NIL(t->reverses))
RG_SQL(TRANSFER_ADD, RG_INSERT("transfer", TRANSFER_NEW));

rg_outcome_t rg_ledger_transfer_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t entry_id,
                                    const rg_transfer_t *t)
{
    return rg_sql_exec(db, ctx, TRANSFER_ADD, RG_BINDS(TRANSFER_NEW), NULL);
}

#define ENTRY_ROW(FIRST, COL)                                                                      \
    FIRST(I64, id, "e.id")                                                                         \
    COL(STR, uid, "e.uid")                                                                         \
    COL(ENUM, kind, "e.kind", rg_entry_kind_parse)                                                 \
    COL(I64, patient_id, "e.patient_id")                                                           \
    COL(I64, person_id,                                                                            \
        "(SELECT COALESCE(q.merged_into, q.id) FROM patient q WHERE q.id = e.patient_id)")         \
    COL(I64, site_id, "e.site_id")                                                                 \
    COL(I64, reverses, "e.reverses")                                                               \
    COL(STR_OR_NULL, means, "e.means")                                                             \
    COL(STR, reference, "e.reference")                                                             \
    COL(STR, reason, "e.reason")                                                                   \
    COL(STR, note, "e.note")                                                                       \
    COL(MONEY, amount, "e.amount_minor, e.currency")                                               \
    COL(DATE, day, "e.day")
RG_ROW(entry_row, rg_ledger_entry_t, ENTRY_ROW);
#define TRANSFER_ROW(FIRST, COL)                                                                   \
    FIRST(I64, id, "t.id")                                                                         \
    COL(ENUM, kind, "t.kind", rg_transfer_kind_parse)                                              \
    COL(I64, debit, "t.debit_account")                                                             \
    COL(I64, credit, "t.credit_account")                                                           \
    COL(I64, amount, "t.amount_minor")                                                             \
    COL(STR, currency, "t.currency")                                                               \
    COL(I64, charge_id, "t.charge_id")                                                             \
    COL(I64, booking_id, "t.booking_id")                                                           \
    COL(I64, invoice_id, "t.invoice_id")                                                           \
    COL(I64, reverses, "(SELECT r.id FROM transfer r WHERE r.reverses = t.id)")                    \
    COL(I64, released,                                                                             \
        "IF(t.kind IN ('payment', 'use'), (SELECT f.credit_account FROM transfer f"                \
        " JOIN account m ON m.id = f.credit_account"                                               \
        " JOIN account w ON w.id = t.debit_account AND w.means = m.means"                          \
        " WHERE f.charge_id = t.charge_id AND f.kind = 'release' AND f.reverses IS NULL"           \
        " AND f.id > t.id AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.reverses = f.id)"       \
        " ORDER BY f.id DESC LIMIT 1), NULL)")                                                     \
    COL(BOOL, off_claim,                                                                           \
        "(SELECT i.on_claim = 0 FROM charge_item i JOIN account y ON y.id = t.credit_account"      \
        " AND y.kind = 'payer' WHERE i.id = t.charge_id)")                                         \
    COL(BOOL, gone,                                                                                \
        "t.kind = 'release' AND (NOT EXISTS (SELECT 1 FROM charge_item k"                          \
        " WHERE k.id = t.charge_id) OR EXISTS (SELECT 1 FROM transfer o"                           \
        " JOIN account m ON m.id = t.credit_account"                                               \
        " JOIN account w ON w.id = o.debit_account AND w.means = m.means"                          \
        " JOIN ledger_entry v ON v.reverses = o.entry_id"                                          \
        " WHERE o.charge_id = t.charge_id AND o.kind IN ('payment', 'use')"                        \
        " AND o.reverses IS NULL AND o.id < t.id"                                                  \
        " AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.reverses = o.id)"                       \
        " AND NOT EXISTS (SELECT 1 FROM transfer f WHERE f.charge_id = t.charge_id"                \
        " AND f.kind = 'release' AND f.credit_account = t.credit_account"                          \
        " AND f.reverses IS NULL AND f.id > o.id AND f.id < t.id"                                  \
        " AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.reverses = f.id))))")
RG_ROW(transfer_row, rg_transfer_t, TRANSFER_ROW);

rg_outcome_t rg_ledger_entry_read(rg_db_t *db, const rg_ctx_t *ctx, const char *uid,
                                  rg_ledger_entry_t *out, rg_transfer_t **transfers, int *count)
{
    RG_SQL(ENTRY,
           "SELECT " RG_COLUMNS(ENTRY_ROW)
           " FROM ledger_entry e"
           " WHERE e.uid = ?");
    RG_SQL(TRANSFERS,
           "SELECT " RG_COLUMNS(TRANSFER_ROW)
           " FROM transfer t"
           " WHERE t.entry_id = ?"
           " ORDER BY t.id DESC");
    RG_TRY(rg_sql_one(db, ctx, out, entry_row, ENTRY, RG_IN(RG_S(uid))));
    return rg_sql_list(db, ctx, transfers, count, transfer_row, TRANSFERS, RG_IN(RG_I(out->id)));
}

rg_outcome_t rg_ledger_claim_flag(rg_db_t *db, const rg_ctx_t *ctx, int64_t charge_id,
                                  bool on_claim)
{
    RG_SQL(FLAG, "UPDATE charge_item SET on_claim = ? WHERE id = ?");
    return rg_sql_exec(db, ctx, FLAG, RG_IN(RG_I(on_claim), RG_I(charge_id)), NULL);
}

rg_outcome_t rg_ledger_hold_claim(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                  bool *claimed)
{
    RG_SQL(HOLD, "UPDATE booking SET version = version + 1 WHERE id = ?");
    RG_SQL(CLAIMS, "SELECT COUNT(*) FROM claim WHERE booking_id = ? LOCK IN SHARE MODE");
    int64_t count = 0;
    RG_TRY(rg_sql_exec(db, ctx, HOLD, RG_IN(RG_I(booking_id)), NULL));
    RG_TRY(rg_sql_number(db, ctx, &count, CLAIMS, RG_IN(RG_I(booking_id))));
    *claimed = count > 0;
    return RG_OK;
}
