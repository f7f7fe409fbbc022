/* SPDX-License-Identifier: Apache-2.0 */
/* Money that comes, is used, and goes back. */
#include "regen/clinic/definitions.h"
#include "regen/clinic/ledger.h"
#include "regen/core/ctx.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/model/ledger.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <string.h>

#include "mod_regen/clinic/billing/post.h"

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool of_currency(const rg_post_t *p, const char *currency)
{
    return strcmp(currency, p->entry.amount.currency) == 0;
}

static bool is_for_invoices(const rg_post_t *p)
{
    return strcmp(p->in->purpose, "invoices") == 0;
}

static bool invoice_is_chosen(const rg_post_t *p, const rg_ledger_asked_t *a)
{
    for (int i = 0; i < p->in->invoice_count; i++) {
        if (strcmp(p->in->invoices[i], a->uid) == 0) {
            return true;
        }
    }
    return false;
}

/* What is open of a line on invoices; only of those chosen where the payment is for some. */
static int64_t asked_of_line(const rg_post_t *p, const rg_ledger_line_t *l)
{
    int64_t sum = 0;
    for (int i = 0; i < p->asked_count; i++) {
        const rg_ledger_asked_t *a = &p->asked[i];
        if (a->charge_id == l->charge_id && (!is_for_invoices(p) || invoice_is_chosen(p, a))) {
            sum += a->open;
        }
    }
    return lesser(sum, l->patient_owes);
}

/* What of a line this payment may be for. */
static int64_t payable(const rg_post_t *p, const rg_ledger_line_t *l)
{
    if (!of_currency(p, l->currency) || strcmp(p->in->purpose, "deposit") == 0) {
        return 0;
    }
    return is_for_invoices(p) ? asked_of_line(p, l) : l->patient_owes;
}

static int64_t payable_sum(const rg_post_t *p)
{
    int64_t sum = 0;
    for (int i = 0; i < p->line_count; i++) {
        sum += payable(p, &p->lines[i]);
    }
    return sum;
}

/* --- paying lines ----------------------------------------------------------------------------- */

typedef struct {
    rg_transfer_kind_t kind;
    int64_t from;  /* account */
    int64_t *left; /* what was not needed */
} source_t;

static rg_outcome_t pay_part(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p, const source_t *s,
                             rg_ledger_line_t *l, int64_t invoice_id, int64_t most)
{
    rg_transfer_t t = {.kind = s->kind,
                       .debit = s->from,
                       .currency = p->entry.amount.currency,
                       .charge_id = l->charge_id,
                       .booking_id = l->booking_id,
                       .invoice_id = invoice_id,
                       .amount = lesser(lesser(*s->left, most), RG_AMOUNT_MOST)};
    if (t.amount <= 0) {
        return RG_OK;
    }
    RG_TRY(rg_post_patient(db, ctx, l, &t.credit));
    RG_TRY(rg_ledger_transfer_add(db, ctx, p->entry.id, &t));
    l->patient_owes -= t.amount;
    *s->left -= t.amount;
    return RG_OK;
}

/* The invoices of a line, the first one first; then what is on none, unless it is for invoices. */
static rg_outcome_t pay_line(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p, const source_t *s,
                             rg_ledger_line_t *l)
{
    for (int i = 0; i<p->asked_count && * s->left> 0; i++) {
        rg_ledger_asked_t *a = &p->asked[i];
        if (a->charge_id == l->charge_id && (!is_for_invoices(p) || invoice_is_chosen(p, a))) {
            int64_t before = *s->left;
            RG_TRY(pay_part(db, ctx, p, s, l, a->invoice_id, lesser(a->open, l->patient_owes)));
            a->open -= before - *s->left;
        }
    }
    return is_for_invoices(p) ? RG_OK : pay_part(db, ctx, p, s, l, 0, l->patient_owes);
}

/* AMOUNT from account FROM for lines that are open, the oldest first; *LEFT is what was not
 * needed. */
static rg_outcome_t pay_lines(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p,
                              rg_transfer_kind_t kind, int64_t from, int64_t *left)
{
    const source_t s = {kind, from, left};
    for (int i = 0; i<p->line_count && * left> 0; i++) {
        if (payable(p, &p->lines[i]) > 0) {
            RG_TRY(pay_line(db, ctx, p, &s, &p->lines[i]));
        }
    }
    return RG_OK;
}

static rg_outcome_t cash_account(rg_db_t *db, const rg_ctx_t *ctx, const rg_post_t *p, int64_t *id)
{
    const rg_account_key_t key = {.kind = RG_ACCOUNT_CASH,
                                  .site_id = p->site->id,
                                  .means = p->entry.means,
                                  .currency = p->entry.amount.currency};
    return rg_ledger_account(db, ctx, &key, id);
}

/* More than what is owed is asked about: it may be a slip of the pen. */
static rg_outcome_t check_payment(const rg_ctx_t *ctx, const rg_post_t *p)
{
    const char *purpose = p->in->purpose;
    int64_t owed = payable_sum(p);
    if (strcmp(purpose, "deposit") == 0) {
        return RG_OK;
    }
    if (strcmp(purpose, "owed") != 0 && strcmp(purpose, "invoices") != 0) {
        return rg_post_refuse(ctx, "purpose", "Choose what the money is for.");
    }
    if (strcmp(purpose, "invoices") == 0 && owed == 0) {
        return rg_post_refuse(ctx, "invoice", "Choose at least one invoice that is open.");
    }
    if (p->entry.amount.minor > owed && p->line_count == RG_LEDGER_LINES) {
        return rg_post_refuse(ctx, "amount",
                              "More than %d charges are open, and the oldest come to %s. Post that "
                              "first, then the rest.",
                              RG_LEDGER_LINES, rg_post_amount(ctx, p, owed));
    }
    if (p->entry.amount.minor > owed && strcmp(p->in->keep, "yes") != 0) {
        return rg_post_refuse(
            ctx, "keep",
            "%s is %s more than what is owed (%s). Correct the amount, or keep the "
            "rest as a deposit.",
            rg_post_amount(ctx, p, p->entry.amount.minor),
            rg_post_amount(ctx, p, p->entry.amount.minor - owed), rg_post_amount(ctx, p, owed));
    }
    return RG_OK;
}

rg_outcome_t rg_post_payment(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    int64_t left = p->entry.amount.minor;
    int64_t cash;
    rg_transfer_t rest = {.kind = RG_TRANSFER_DEPOSIT, .currency = p->entry.amount.currency};
    const rg_account_key_t pot = {.kind = RG_ACCOUNT_DEPOSIT,
                                  .patient_id = p->person.id,
                                  .means = p->entry.means,
                                  .currency = p->entry.amount.currency};
    RG_TRY(check_payment(ctx, p));
    RG_TRY(rg_post_entry(db, ctx, p));
    RG_TRY(cash_account(db, ctx, p, &cash));
    RG_TRY(pay_lines(db, ctx, p, RG_TRANSFER_PAYMENT, cash, &left));
    if (left == 0) {
        return RG_OK;
    }
    rest.debit = cash;
    rest.amount = left;
    RG_TRY(rg_ledger_account(db, ctx, &pot, &rest.credit));
    return rg_ledger_transfer_add(db, ctx, p->entry.id, &rest);
}

/* --- deposits --------------------------------------------------------------------------------- */

static int64_t pots_sum(const rg_post_t *p, const char *means)
{
    int64_t sum = 0;
    for (int i = 0; i < p->pot_count; i++) {
        if (of_currency(p, p->pots[i].left.currency) &&
            (!means || strcmp(rg_means_name(p->pots[i].means), means) == 0)) {
            sum += p->pots[i].left.minor;
        }
    }
    return sum;
}

rg_outcome_t rg_post_use(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    int64_t amount = p->entry.amount.minor;
    int64_t there = pots_sum(p, NULL);
    int64_t owed = payable_sum(p);
    if (amount > there) {
        return rg_post_refuse(ctx, "amount", "The deposit is %s. Enter no more than that.",
                              rg_post_amount(ctx, p, there));
    }
    if (amount > owed) {
        return rg_post_refuse(ctx, "amount", "Only %s is owed. Enter no more than that.",
                              rg_post_amount(ctx, p, owed));
    }
    RG_TRY(rg_post_entry(db, ctx, p));
    for (int i = 0; i < p->pot_count && amount > 0; i++) {
        const rg_ledger_pot_t *pot = &p->pots[i];
        if (of_currency(p, pot->left.currency)) {
            int64_t part = lesser(amount, pot->left.minor);
            int64_t left = part;
            RG_TRY(pay_lines(db, ctx, p, RG_TRANSFER_USE, pot->account_id, &left));
            amount -= part - left;
        }
    }
    return amount == 0 ? RG_OK : RG_PRECONDITION;
}

rg_outcome_t rg_post_refund(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    int64_t amount = p->entry.amount.minor;
    int64_t there = pots_sum(p, p->entry.means);
    int64_t cash;
    if (amount > there) {
        return rg_post_refuse(ctx, "amount",
                              there > 0 ? "Only %s came this way and is not used. Money goes back "
                                          "the way it came."
                                        : "%s came this way and is not used. Money goes back the "
                                          "way it came.",
                              there > 0 ? rg_post_amount(ctx, p, there) : "Nothing");
    }
    RG_TRY(rg_post_entry(db, ctx, p));
    RG_TRY(cash_account(db, ctx, p, &cash));
    for (int i = 0; i < p->pot_count && amount > 0; i++) {
        const rg_ledger_pot_t *pot = &p->pots[i];
        if (of_currency(p, pot->left.currency) &&
            strcmp(rg_means_name(pot->means), p->entry.means) == 0) {
            const rg_transfer_t t = {.kind = RG_TRANSFER_REFUND,
                                     .debit = pot->account_id,
                                     .credit = cash,
                                     .amount = lesser(amount, pot->left.minor),
                                     .currency = p->entry.amount.currency};
            RG_TRY(rg_ledger_transfer_add(db, ctx, p->entry.id, &t));
            amount -= t.amount;
        }
    }
    return amount == 0 ? RG_OK : RG_PRECONDITION;
}
