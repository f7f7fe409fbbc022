/* SPDX-License-Identifier: Apache-2.0 */
/* Invoices in lists, with what was paid and what is open of each. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/ledger.h"
#include "regen/model/money.h"
#include "regen/store/billing.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <string.h>

/* One charge on one invoice. */
typedef struct {
    rg_invoice_sum_t sum; /* of the invoice */
    const char *series, *service_name;
    int64_t number, invoice_id, charge_id;
    bool credited;
    int64_t amount, owes, too_much;
    int64_t all_paid; /* on the charge, for whatever invoice */
    int64_t given;    /* of it, for this invoice */
    int64_t paid, open;
} part_t;

/* What was paid on a charge, less what was given back. */
#define PAID_OF_CHARGE                                                                             \
    "(SELECT COALESCE(SUM(IF((t.kind = 'release') = (t.reverses IS NULL), -1, 1) * "               \
    "t.amount_minor), 0)"                                                                          \
    " FROM transfer t"                                                                             \
    " WHERE t.charge_id = x.charge_id AND t.kind IN ('payment', 'use', 'release'))"
/* What was paid for this invoice, and did not become a deposit later. */
#define GIVEN                                                                                      \
    "(SELECT COALESCE(SUM(IF(t.reverses IS NULL, 1, -1) * t.amount_minor), 0)"                     \
    " FROM transfer t"                                                                             \
    " JOIN account w ON w.id = IF(t.reverses IS NULL, t.debit_account, "                           \
    "t.credit_account)"                                                                            \
    " WHERE t.charge_id = x.charge_id AND t.invoice_id = x.invoice_id"                             \
    " AND t.kind IN ('payment', 'use')"                                                            \
    " AND NOT EXISTS (SELECT 1 FROM transfer f"                                                    \
    " JOIN account m ON m.id = f.credit_account AND m.means = w.means"                             \
    " WHERE f.charge_id = t.charge_id AND f.kind = 'release'"                                      \
    " AND f.reverses IS NULL AND f.id > t.id"                                                      \
    " AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.reverses = f.id)))"
/* What an invoice from before the ledger asks for and the payer owes; a discount that came after
 * the invoice is nobody's. */
#define TOO_MUCH                                                                                   \
    "LEAST(x.amount_minor, b.payer_owes, GREATEST(0, b.invoiced - b.patient_part - "               \
    "(SELECT COALESCE(SUM(IF(t.reverses IS NULL, 1, -1) * t.amount_minor), 0) FROM transfer t"     \
    " WHERE t.charge_id = x.charge_id AND t.kind = 'discount' AND b.invoiced > b.patient_part)))"
#define PART_ROW(FIRST, COL)                                                                       \
    FIRST(STR, sum.uid, "i.uid")                                                                   \
    COL(STR, series, "i.series")                                                                   \
    COL(STR, service_name, "s.name")                                                               \
    COL(I64, number, "i.number")                                                                   \
    COL(I64, invoice_id, "i.id")                                                                   \
    COL(TIME, sum.issued_at, "i.issued_at")                                                        \
    COL(MONEY, sum.total, "i.total_minor, i.currency")                                             \
    COL(I64, charge_id, "x.charge_id")                                                             \
    COL(I64, amount, "x.amount_minor")                                                             \
    COL(BOOL, credited, "n.charge_id IS NOT NULL")                                                 \
    COL(I64, owes, "b.patient_owes")                                                               \
    COL(I64, too_much, TOO_MUCH)                                                                   \
    COL(I64, all_paid, PAID_OF_CHARGE)                                                             \
    COL(I64, given, GIVEN)
RG_ROW(part_row, part_t, PART_ROW);
#define PARTS                                                                                      \
    RG_SQL_PART("SELECT " RG_COLUMNS(PART_ROW) \
                " FROM invoice i" \
                " JOIN booking k ON k.id = i.booking_id" \
                " JOIN service s ON s.id = k.service_id" \
                " JOIN invoice_charge x ON x.invoice_id = i.id" \
                " JOIN charge_balance b ON b.charge_id = x.charge_id" \
                " LEFT JOIN credit_note_line n ON n.invoice_id = x.invoice_id" \
                " AND n.charge_id = x.charge_id")

/* --- what is open of which -------------------------------------------------------------------- */

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Takes up to MOST of *LEFT; what it took. */
static int64_t take(int64_t *left, int64_t most)
{
    int64_t taken = smaller(*left, most > 0 ? most : 0);
    *left -= taken;
    return taken;
}

/* A charge on several invoices: what was paid for one of them settles that one; everything else
 * that settles the charge settles the first one first. PARTS are in the order of their invoices. */
static void settle_charge(part_t *parts, int count, int64_t charge_id)
{
    int64_t asked = 0;
    int64_t settled = 0;
    int64_t paid = 0;
    for (int i = 0; i < count; i++) {
        const part_t *x = &parts[i];
        if (x->charge_id == charge_id && !x->credited) {
            asked += x->amount;
            settled = asked - smaller(asked, x->owes);
            paid = x->all_paid;
        }
    }
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < count; i++) {
            part_t *x = &parts[i];
            if (x->charge_id == charge_id && !x->credited) {
                int64_t done = turn == 0 ? 0 : x->amount - x->open;
                int64_t most = turn == 0 ? smaller(x->given, x->amount) : x->amount - done;
                done += take(&settled, most);
                x->open = x->amount - done;
                x->paid += take(&paid, turn == 0 ? smaller(x->given, done) : done - x->paid);
            }
        }
    }
}

static void settle(part_t *parts, int count)
{
    for (int i = 0; i < count; i++) {
        bool first = !parts[i].credited;
        for (int k = 0; k < i; k++) {
            first = first && (parts[k].credited || parts[k].charge_id != parts[i].charge_id);
        }
        if (first) {
            settle_charge(parts, count, parts[i].charge_id);
        }
    }
}

static void add_part(rg_invoice_sum_t *to, const part_t *x)
{
    to->credited += x->credited ? x->amount : 0;
    to->paid += x->credited ? 0 : x->paid;
    to->open += x->credited ? 0 : x->open;
    to->payer_owes += x->credited ? 0 : x->too_much;
}

rg_outcome_t rg_invoices_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                            rg_invoice_sum_t **out, int *count)
{
    RG_SQL(OF_BOOKING, PARTS " WHERE i.booking_id = ? ORDER BY i.turn, x.line_no");
    part_t *parts;
    int n;
    RG_TRY(rg_sql_list(db, ctx, &parts, &n, part_row, OF_BOOKING, RG_IN(RG_I(booking_id))));
    settle(parts, n);
    *out = apr_palloc(ctx->pool, sizeof(**out) * (size_t)(n + 1));
    *count = 0;
    for (int i = 0; i < n; i++) {
        if (i == 0 || parts[i].invoice_id != parts[i - 1].invoice_id) {
            (*out)[*count] = parts[i].sum;
            (*out)[*count].label = rg_paper_label(ctx->pool, parts[i].series, parts[i].number);
            (*count)++;
        }
        add_part(&(*out)[*count - 1], &parts[i]);
    }
    return RG_OK;
}

rg_outcome_t rg_ledger_asked(rg_db_t *db, const rg_ctx_t *ctx, int64_t person_id,
                             rg_ledger_asked_t **out, int *count)
{
    RG_SQL(OF_PERSON,
           PARTS " JOIN patient p ON p.id = b.patient_id"
                 " WHERE (p.id = ? OR p.merged_into = ?) AND b.patient_owes > 0"
                 " AND n.charge_id IS NULL AND x.amount_minor > 0"
                 " ORDER BY i.id, x.line_no LIMIT 1000");
    part_t *parts;
    int n;
    RG_TRY(rg_sql_list(db, ctx, &parts, &n, part_row, OF_PERSON,
                       RG_IN(RG_I(person_id), RG_I(person_id))));
    settle(parts, n);
    *out = apr_pcalloc(ctx->pool, sizeof(**out) * (size_t)(n + 1));
    *count = 0;
    for (int i = 0; i < n; i++) {
        if (parts[i].open > 0) {
            rg_ledger_asked_t *a = &(*out)[(*count)++];
            a->charge_id = parts[i].charge_id;
            a->invoice_id = parts[i].invoice_id;
            a->open = parts[i].open;
            a->uid = parts[i].sum.uid;
            a->label = rg_paper_label(ctx->pool, parts[i].series, parts[i].number);
            a->service_name = parts[i].service_name;
            memcpy(a->currency, parts[i].sum.total.currency, sizeof(a->currency));
        }
    }
    return RG_OK;
}
