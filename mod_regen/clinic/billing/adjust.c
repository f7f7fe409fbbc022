/* SPDX-License-Identifier: Apache-2.0 */
/* What is owed changes without money: discounts and write-offs, the payer's and the patient's
 * part. */
#include "regen/clinic/definitions.h"
#include "regen/clinic/ledger.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/model/ledger.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <string.h>

#include "mod_regen/clinic/billing/post.h"

/* --- discounts and write-offs ----------------------------------------------------------------- */

rg_outcome_t rg_post_reduce(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    bool discount = p->in->kind == RG_ENTRY_DISCOUNT;
    rg_ledger_line_t *l;
    RG_TRY(rg_post_line(ctx, p, &l));
    RG_TRY(rg_post_reason(ctx, p));
    if (p->entry.amount.minor > l->patient_owes) {
        return rg_post_refuse(
            ctx, "amount",
            "The patient owes %s of this charge. Enter no more than that; what is "
            "paid is released first.",
            rg_post_amount(ctx, p, l->patient_owes));
    }
    const rg_account_key_t key = {.kind = discount ? RG_ACCOUNT_DISCOUNT : RG_ACCOUNT_WRITE_OFF,
                                  .site_id = l->site_id,
                                  .reason = p->entry.reason,
                                  .currency = l->currency};
    rg_transfer_t t = {.kind = discount ? RG_TRANSFER_DISCOUNT : RG_TRANSFER_WRITE_OFF,
                       .amount = p->entry.amount.minor,
                       .currency = l->currency,
                       .charge_id = l->charge_id,
                       .booking_id = l->booking_id};
    RG_TRY(rg_post_entry(db, ctx, p));
    RG_TRY(rg_ledger_account(db, ctx, &key, &t.debit));
    RG_TRY(rg_post_patient(db, ctx, l, &t.credit));
    return rg_ledger_transfer_add(db, ctx, p->entry.id, &t);
}

/* --- the payer's part and the patient's ------------------------------------------------------- */

rg_outcome_t rg_post_move(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    rg_ledger_line_t *l;
    RG_TRY(rg_post_line(ctx, p, &l));
    RG_TRY(rg_post_reason(ctx, p));
    if (p->entry.amount.minor > l->payer_owes) {
        return rg_post_refuse(ctx, "amount",
                              "The payer owes %s of this charge. Enter no more than that.",
                              rg_post_amount(ctx, p, l->payer_owes));
    }
    if (strcmp(p->entry.reason, rg_ledger_reason_name(RG_REASON_SHARE)) == 0 && !l->claimed) {
        return rg_post_refuse(ctx, "reason",
                              "There is no claim yet, so the payer has not decided what is the "
                              "patient’s.");
    }
    rg_transfer_t t = {.kind = RG_TRANSFER_MOVE,
                       .amount = p->entry.amount.minor,
                       .currency = l->currency,
                       .charge_id = l->charge_id,
                       .booking_id = l->booking_id};
    RG_TRY(rg_post_entry(db, ctx, p));
    RG_TRY(rg_post_patient(db, ctx, l, &t.debit));
    RG_TRY(rg_ledger_payer(db, ctx, l->booking_id, l->currency, &t.credit));
    return rg_ledger_transfer_add(db, ctx, p->entry.id, &t);
}

/* A charge off the claim is the patient's whole, with what they signed as the note; on it again,
 * the
 * payer's. */
rg_outcome_t rg_post_cover(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    rg_ledger_line_t *l;
    RG_TRY(rg_post_line(ctx, p, &l));
    RG_TRY(rg_ledger_hold_claim(db, ctx, l->booking_id, &l->claimed));
    if (!l->insured) {
        return rg_post_refuse(ctx, NULL, "This treatment is self-pay.");
    }
    if (l->charged == 0) {
        return rg_post_refuse(ctx, NULL, "This charge is free: nobody owes it.");
    }
    if (l->claimed) {
        return rg_post_refuse(ctx, NULL, "This charge is claimed: who owes it stays.");
    }
    if (!l->on_claim && (l->invoiced > 0 || l->patient_owes != l->charged)) {
        return rg_post_refuse(ctx, NULL,
                              "This charge is invoiced, paid or reduced. Take that back first.");
    }
    p->entry.amount.minor = l->charged;
    RG_TRY(rg_post_entry(db, ctx, p));
    return rg_ledger_claim_flag(db, ctx, l->charge_id, !l->on_claim);
}
