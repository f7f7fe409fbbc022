/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the ledger: a person's sums and story, who owes, and whether the read model is right. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/ledger.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

/* --- sums ------------------------------------------------------------------------------------- */

#define SUM_ROW(FIRST, COL)                                                                        \
    FIRST(CURRENCY, currency, "a.currency")                                                        \
    COL(I64, owed, "SUM(IF(a.kind = 'patient', l.balance_minor, 0))")                              \
    COL(I64, payer_owed, "SUM(IF(a.kind = 'payer', l.balance_minor, 0))")                          \
    COL(I64, deposit, "SUM(IF(a.kind = 'deposit', -l.balance_minor, 0))")
RG_ROW(ledger_sum_row, rg_ledger_sum_t, SUM_ROW);

rg_outcome_t rg_ledger_sums(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id,
                            rg_ledger_sum_t **out, int *count)
{
    RG_SQL(SUMS,
           "SELECT " RG_COLUMNS(SUM_ROW)
           " FROM patient p"
           " JOIN account a ON a.patient_id = p.id"
           " JOIN account_balance l ON l.account_id = a.id"
           " WHERE p.id = ? OR p.merged_into = ?"
           " GROUP BY a.currency"
           " ORDER BY a.currency");
    return rg_sql_list(db, ctx, out, count, ledger_sum_row, SUMS,
                       RG_IN(RG_I(person_id), RG_I(person_id)));
}

/* --- the story -------------------------------------------------------------------------------- */

/* Transfers of one entry are one line, and so are those of one moment that follow from what was
 * charged. Papers change nothing. */
#define OWN                                                                                        \
    RG_SQL_PART("SELECT a.id FROM patient p JOIN account a ON a.patient_id = p.id" \
                " WHERE p.id = ? OR p.merged_into = ?")
#define OF_KIND(side, kind)                                                                        \
    "IF(" side ".kind = '" kind "' AND " side ".id IN (SELECT id FROM own), t.amount_minor, 0)"
#define CHANGE(kind) "SUM(" OF_KIND("d", kind) " - " OF_KIND("c", kind) ")"
#define STORY_ROW(FIRST, COL)                                                                      \
    FIRST(TIME, at, "w.at")                                                                        \
    COL(STR, kind, "w.kind")                                                                       \
    COL(STR, uid, "COALESCE(w.uid, '')")                                                           \
    COL(STR, label, "COALESCE(w.label, '')")                                                       \
    COL(STR, means, "COALESCE(e.means, '')")                                                       \
    COL(STR, reason, "COALESCE(e.reason, '')")                                                     \
    COL(STR, note, "COALESCE(e.note, '')")                                                         \
    COL(STR, reference, "COALESCE(e.reference, '')")                                               \
    COL(STR, staff, "COALESCE(s.name, '')")                                                        \
    COL(STR, receipt_uid, "COALESCE(r.uid, '')")                                                   \
    COL(BOOL, reversed, "v.id IS NOT NULL")                                                        \
    COL(BOOL, reversible,                                                                          \
        "w.entry_id IS NOT NULL AND e.kind NOT IN ('reversal', 'cover')"                           \
        " AND (e.kind <> 'void' OR EXISTS (SELECT 1 FROM charge_off f WHERE f.entry_id = e.id))")  \
    COL(CURRENCY, currency, "w.currency")                                                          \
    COL(I64, patient, "w.patient")                                                                 \
    COL(I64, payer, "w.payer")                                                                     \
    COL(I64, deposit, "-w.deposit")                                                                \
    COL(I64, owed, "w.owed")                                                                       \
    COL(I64, payer_owed, "w.payer_owed")                                                           \
    COL(I64, left, "-w.left_over")
RG_ROW(story_row, rg_ledger_story_t, STORY_ROW);
RG_SQL(STORY,
       "WITH own AS (" OWN "),"
       " moved AS ("
       " SELECT t.* FROM transfer t WHERE t.debit_account IN (SELECT id FROM own)"
       " UNION SELECT t.* FROM transfer t WHERE t.credit_account IN (SELECT id FROM own)),"
       " happened AS ("
       " SELECT 0 AS rank, MIN(t.id) AS id, MIN(t.at) AS at, t.entry_id, t.currency,"
       " COALESCE(MIN(x.kind), IF(MAX(t.reverses) IS NULL, MIN(t.kind), 'reversal')) AS kind,"
       " MIN(x.uid) AS uid, LEFT(GROUP_CONCAT(DISTINCT NULLIF(t.note, '') ORDER BY t.id "
       "SEPARATOR ', '), 400) AS label, "
       CHANGE("patient") " AS patient, " CHANGE("payer") " AS payer, " CHANGE("deposit") " AS "
       "deposit"
       " FROM moved t"
       " JOIN account d ON d.id = t.debit_account"
       " JOIN account c ON c.id = t.credit_account"
       " LEFT JOIN ledger_entry x ON x.id = t.entry_id"
       " GROUP BY t.currency, t.entry_id, IF(t.entry_id IS NULL, t.at, 0), IF(t.entry_id IS "
       "NULL, t.kind, ''),"
       " IF(t.entry_id IS NULL, t.reverses IS NULL, 0), IF(t.entry_id IS NULL, t.booking_id, 0)"
       " UNION ALL"
       " SELECT 1, i.id, i.issued_at, NULL, i.currency, 'invoice', i.uid,"
       " CONCAT(i.series, '-', LPAD(i.number, 6, '0')), 0, 0, 0"
       " FROM invoice i JOIN patient p ON p.id = i.patient_id WHERE p.id = ? OR p.merged_into = ?"
       " UNION ALL"
       " SELECT 2, n.id, n.issued_at, NULL, n.currency, 'credit-note', n.uid,"
       " CONCAT(n.series, '-', LPAD(n.number, 6, '0')), 0, 0, 0"
       " FROM credit_note n JOIN invoice i ON i.id = n.invoice_id JOIN patient p ON p.id = "
       "i.patient_id"
       " WHERE p.id = ? OR p.merged_into = ?"
       " UNION ALL"
       " SELECT 3, x.id, x.at, x.id, x.currency, x.kind, x.uid, f.description, 0, 0, 0"
       " FROM ledger_entry x JOIN patient p ON p.id = x.patient_id"
       " LEFT JOIN charge_off f ON f.entry_id = IF(x.kind = 'void', x.id, x.reverses)"
       " WHERE (x.kind IN ('void', 'cover') OR x.kind = 'reversal' AND f.id IS NOT NULL)"
       " AND (p.id = ? OR p.merged_into = ?)),"
       " told AS ("
       " SELECT h.*, SUM(patient) OVER o AS owed, SUM(payer) OVER o AS payer_owed, "
       "SUM(deposit) OVER o AS left_over"
       " FROM happened h"
       " WINDOW o AS (PARTITION BY currency ORDER BY at, rank, id))"
       " SELECT " RG_COLUMNS(STORY_ROW)
       " FROM told w"
       " LEFT JOIN ledger_entry e ON e.id = w.entry_id"
       " LEFT JOIN ledger_entry v ON v.reverses = e.id"
       " LEFT JOIN staff s ON s.id = e.staff_id"
       " LEFT JOIN receipt r ON r.entry_id = e.id"
       " ORDER BY w.at DESC, w.rank DESC, w.id DESC LIMIT ? OFFSET ?");

rg_outcome_t rg_ledger_story(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id, int limit,
                             int offset, rg_ledger_story_t **out, int *count)
{
    const rg_bind_t one = RG_I(person_id);
    return rg_sql_list(db, ctx, out, count, story_row, STORY,
                       RG_IN(one, one, one, one, one, one, one, one, RG_I(limit), RG_I(offset)));
}

/* --- who owes --------------------------------------------------------------------------------- */

#define OWES_ROW(FIRST, COL)                                                                       \
    FIRST(STR, uid, "MIN(q.uid)")                                                                  \
    COL(STR, family, "MIN(q.family)")                                                              \
    COL(STR, given, "MIN(q.given)")                                                                \
    COL(MONEY, owed, "SUM(l.patient_owes), l.currency")                                            \
    COL(I64, age[0], "SUM(IF(l.since > ?, l.patient_owes, 0))")                                    \
    COL(I64, age[1], "SUM(IF(l.since <= ? AND l.since > ?, l.patient_owes, 0))")                   \
    COL(I64, age[2], "SUM(IF(l.since <= ? AND l.since > ?, l.patient_owes, 0))")                   \
    COL(I64, age[3], "SUM(IF(l.since <= ?, l.patient_owes, 0))")                                   \
    COL(TIME, since, "MIN(l.since)")
RG_ROW(owes_row, rg_owes_row_t, OWES_ROW);
RG_SQL(OWES,
       "SELECT " RG_COLUMNS(OWES_ROW)
       " FROM account_balance o"
       " JOIN account a ON a.id = o.account_id"
       " JOIN charge_balance l ON l.patient_id = a.patient_id AND l.currency = a.currency AND "
       "l.patient_owes > 0"
       " JOIN patient p ON p.id = l.patient_id"
       " JOIN patient q ON q.id = COALESCE(p.merged_into, p.id)"
       " WHERE o.kind = 'patient' AND o.balance_minor > 0 AND q.family LIKE CONCAT(?, '%')"
       " GROUP BY q.id, l.currency"
       " HAVING SUM(l.patient_owes) >= ? AND MIN(l.since) <= ?"
       " ORDER BY MIN(l.since), q.id LIMIT ? OFFSET ?");

/* What LIKE would take for a pattern. */
static const char *plain_pattern(apr_pool_t *p, const char *s)
{
    char *out = apr_palloc(p, 2 * strlen(s) + 1);
    char *to = out;
    for (; *s; s++) {
        if (strchr("%_\\", *s)) {
            *to++ = '\\';
        }
        *to++ = *s;
    }
    *to = '\0';
    return out;
}

rg_outcome_t rg_ledger_owes(rg_db_t *db, const rg_ctx_t *ctx, const rg_owes_filter_t *f,
                            rg_owes_row_t **out, int *count)
{
    const apr_time_t now = ctx->now;
    const rg_bind_t d30 = RG_T(now - 30 * RG_DAY);
    const rg_bind_t d60 = RG_T(now - 60 * RG_DAY);
    const rg_bind_t d90 = RG_T(now - 90 * RG_DAY);
    return rg_sql_list(db, ctx, out, count, owes_row, OWES,
                       RG_IN(d30, d30, d60, d60, d90, d90, RG_S(plain_pattern(ctx->pool, f->find)),
                             RG_I(f->minimum), RG_T(now - f->age * RG_DAY), RG_I(f->limit),
                             RG_I(f->offset)));
}

/* --- whether it is right ---------------------------------------------------------------------- */

typedef struct {
    int64_t id, says, is;
} wrong_t;
#define WRONG_ROW(FIRST, COL)                                                                      \
    FIRST(I64, id, "x.id")                                                                         \
    COL(I64, says, "x.says")                                                                       \
    COL(I64, is, "x.really")
RG_ROW(wrong_row, wrong_t, WRONG_ROW);
#define SIGNED(kinds, in)                                                                          \
    "(SELECT COALESCE(SUM(IF(d.kind = '" kinds "', t.amount_minor, 0) - IF(c.kind = '" kinds       \
    "', t.amount_minor, 0)), 0) FROM transfer t JOIN account d ON d.id = t.debit_account"          \
    " JOIN account c ON c.id = t.credit_account WHERE t.charge_id = b.charge_id" in ")"
/* One statement each: all of them as one was refused as a deadlock (1213, MariaDB 10.11). */
#define COMPARE(id, says, really, from)                                                            \
    RG_SQL_PART("SELECT " RG_COLUMNS(WRONG_ROW) \
                " FROM (SELECT " id " AS id, " says " AS says, " really " AS really" \
                " FROM " from ") x WHERE x.says <> x.really ORDER BY x.id LIMIT 200")
RG_SQL(BALANCES,
       COMPARE("b.account_id", "b.balance_minor",
               "(SELECT COALESCE(SUM(t.amount_minor), 0) FROM transfer t"
               " WHERE t.debit_account = b.account_id)"
               " - (SELECT COALESCE(SUM(t.amount_minor), 0) FROM transfer t"
               " WHERE t.credit_account = b.account_id)",
               "account_balance b"));
RG_SQL(MISSING,
       COMPARE("a.id", "0",
               "(SELECT COUNT(*) FROM transfer t WHERE t.debit_account = a.id)"
               " + (SELECT COUNT(*) FROM transfer t WHERE t.credit_account = a.id)",
               "account a LEFT JOIN account_balance b ON b.account_id = a.id"
               " WHERE a.kind IN ('patient', 'deposit', 'payer') AND b.account_id IS NULL"));
RG_SQL(OF_PAYER, COMPARE("b.charge_id", "b.payer_owes", SIGNED("payer", ""), "charge_balance b"));
RG_SQL(OF_PATIENT,
       COMPARE("b.charge_id", "b.patient_owes", SIGNED("patient", ""), "charge_balance b"));
RG_SQL(PART,
       COMPARE("b.charge_id", "b.patient_part",
               SIGNED("patient", " AND t.kind IN ('charge', 'move', 'discount')"),
               "charge_balance b"));
RG_SQL(INVOICED,
       COMPARE("b.charge_id", "b.invoiced",
               "(SELECT COALESCE(SUM(i.amount_minor - COALESCE(n.amount_minor, 0)), 0)"
               " FROM invoice_charge i LEFT JOIN credit_note_line n"
               " ON n.invoice_id = i.invoice_id AND n.charge_id = i.charge_id"
               " WHERE i.charge_id = b.charge_id)",
               "charge_balance b"));
RG_SQL(POSTED,
       COMPARE("c.id",
               "(SELECT COALESCE(SUM(t.amount_minor), 0) FROM transfer t"
               " WHERE t.charge_once = c.id)",
               "c.total_minor", "charge_item c"));
static const struct {
    const char *what, *sql;
} COMPARED[] = {
    {"The balance of account", BALANCES},        {"The balance of account", MISSING},
    {"What is the patient's of charge", PART},   {"What the patient owes of charge", OF_PATIENT},
    {"What the payer owes of charge", OF_PAYER}, {"What is invoiced of charge", INVOICED},
    {"What was posted of charge", POSTED},
};

rg_outcome_t rg_ledger_check(rg_db_t *db, const rg_ctx_t *ctx, int *count,
                             void (*tell)(void *baton, const char *line), void *baton)
{
    *count = 0;
    for (size_t k = 0; k < sizeof(COMPARED) / sizeof(*COMPARED); k++) {
        const char *sql = COMPARED[k].sql;
        wrong_t *rows;
        int n;
        RG_TRY(rg_sql_list(db, ctx, &rows, &n, wrong_row, sql, RG_IN_NONE));
        for (int i = 0; i < n; i++) {
            tell(baton, apr_psprintf(ctx->pool,
                                     "%s %" APR_INT64_T_FMT " is noted as %" APR_INT64_T_FMT
                                     ", but its transfers and papers say %" APR_INT64_T_FMT ".",
                                     COMPARED[k].what, rows[i].id, rows[i].says, rows[i].is));
        }
        *count += n;
    }
    return RG_OK;
}
