/* SPDX-License-Identifier: Apache-2.0 */
/* What a payer owes ends: by what it paid and decided, posted by hand from its letter, or because
 * the clinic gives it up. What its contract takes off is never the patient's. */
#include "regen/clinic/definitions.h"
#include "regen/clinic/ledger.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/ledger.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <string.h>

#include "mod_regen/clinic/billing/post.h"

/* --- a decision, by hand ---------------------------------------------------------------------- */

typedef struct {
    int64_t contractual, paid, share;
} decision_t;

static rg_outcome_t read_means(const rg_ctx_t *ctx, rg_post_t *p)
{
    int means = rg_means_parse(p->in->means);
    if (means < 0 || means == RG_MEANS_CASH) {
        return rg_post_refuse(ctx, "means", "Choose how the money came.");
    }
    if (!*p->entry.reference) {
        return rg_post_refuse(ctx, "reference",
                              "Enter the number of the check or of the transfer.");
    }
    p->entry.means = rg_means_name((rg_means_t)means);
    return RG_OK;
}

/* As the letter says each of them. What is none of them, such as what was denied, is still the
 * payer's: nothing is taken off because nobody named it. */
static rg_outcome_t read_payer_decision(const rg_ctx_t *ctx, rg_post_t *p,
                                        const rg_ledger_line_t *l, decision_t *d)
{
    (void)rg_post_typed(ctx, p, "contractual", p->in->contractual, RG_OR_EMPTY, &d->contractual);
    (void)rg_post_typed(ctx, p, "paid", p->in->paid, RG_OR_EMPTY, &d->paid);
    (void)rg_post_typed(ctx, p, "share", p->in->share, RG_OR_EMPTY, &d->share);
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    int64_t all = d->contractual + d->paid + d->share;
    if (all > l->payer_owes) {
        return rg_post_refuse(ctx,
                              d->contractual > l->payer_owes             ? "contractual"
                              : d->contractual + d->paid > l->payer_owes ? "paid"
                                                                         : "share",
                              l->patient_part > 0
                                  ? "That is %s, and the payer owes %s. %s of this charge are the "
                                    "patient’s already: enter only what the letter adds to that."
                                  : "That is %s, and the payer owes %s of this charge.",
                              rg_post_amount(ctx, p, all), rg_post_amount(ctx, p, l->payer_owes),
                              rg_post_amount(ctx, p, l->patient_part));
    }
    p->entry.amount.minor = all;
    if (all == 0) {
        return rg_post_refuse(ctx, "paid",
                              "This changes nothing: the payer would owe as much as before.");
    }
    return d->paid > 0 ? read_means(ctx, p) : RG_OK;
}

static rg_outcome_t payer_transfer(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p,
                                   const rg_ledger_line_t *l, rg_transfer_kind_t kind,
                                   int64_t debit, int64_t amount)
{
    rg_transfer_t t = {.kind = kind,
                       .debit = debit,
                       .amount = amount,
                       .currency = l->currency,
                       .charge_id = l->charge_id,
                       .booking_id = l->booking_id};
    RG_TRY(rg_ledger_payer(db, ctx, l->booking_id, l->currency, &t.credit));
    return rg_ledger_transfer_add(db, ctx, p->entry.id, &t);
}

static rg_outcome_t give_up_part(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p,
                                 const rg_ledger_line_t *l, bool contractual, int64_t amount)
{
    const rg_account_key_t key = {.kind =
                                      contractual ? RG_ACCOUNT_CONTRACTUAL : RG_ACCOUNT_WRITE_OFF,
                                  .site_id = l->site_id,
                                  .reason = contractual ? NULL : p->entry.reason,
                                  .currency = l->currency};
    int64_t debit;
    RG_TRY(rg_ledger_account(db, ctx, &key, &debit));
    return payer_transfer(db, ctx, p, l,
                          contractual ? RG_TRANSFER_CONTRACTUAL : RG_TRANSFER_WRITE_OFF, debit,
                          amount);
}

static rg_outcome_t post_decision(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p,
                                  const rg_ledger_line_t *l, const decision_t *d)
{
    int64_t debit;
    if (d->paid > 0) {
        const rg_account_key_t cash = {.kind = RG_ACCOUNT_CASH,
                                       .site_id = p->site->id,
                                       .means = p->entry.means,
                                       .currency = l->currency};
        RG_TRY(rg_ledger_account(db, ctx, &cash, &debit));
        RG_TRY(payer_transfer(db, ctx, p, l, RG_TRANSFER_REMIT, debit, d->paid));
    }
    if (d->contractual > 0) {
        RG_TRY(give_up_part(db, ctx, p, l, true, d->contractual));
    }
    if (d->share > 0) {
        RG_TRY(rg_post_patient(db, ctx, l, &debit));
        RG_TRY(payer_transfer(db, ctx, p, l, RG_TRANSFER_MOVE, debit, d->share));
    }
    return RG_OK;
}

rg_outcome_t rg_post_remit(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    rg_ledger_line_t *l;
    decision_t d;
    RG_TRY(rg_post_line(ctx, p, &l));
    if (!l->claimed) {
        return rg_post_refuse(ctx, NULL,
                              "There is no claim yet, so the payer has not decided anything.");
    }
    if (l->payer_owes == 0) {
        return rg_post_refuse(ctx, NULL, "The payer owes nothing of this charge.");
    }
    RG_TRY(read_payer_decision(ctx, p, l, &d));
    if (d.contractual > 0) {
        RG_TRY(rg_post_limit(db, ctx, p, "contractual", d.contractual));
    }
    RG_TRY(rg_post_entry(db, ctx, p));
    return post_decision(db, ctx, p, l, &d);
}

/* --- given up --------------------------------------------------------------------------------- */

rg_outcome_t rg_post_payer_off(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    rg_ledger_line_t *l;
    RG_TRY(rg_post_line(ctx, p, &l));
    RG_TRY(rg_post_reason(ctx, p));
    if (p->entry.amount.minor > l->payer_owes) {
        return rg_post_refuse(ctx, "amount",
                              "The payer owes %s of this charge. Enter no more than that.",
                              rg_post_amount(ctx, p, l->payer_owes));
    }
    RG_TRY(rg_post_entry(db, ctx, p));
    return give_up_part(db, ctx, p, l,
                        strcmp(p->entry.reason, rg_ledger_reason_name(RG_REASON_CONTRACTUAL)) == 0,
                        p->entry.amount.minor);
}
