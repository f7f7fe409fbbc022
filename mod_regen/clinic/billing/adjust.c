/* SPDX-License-Identifier: Apache-2.0 */
/* What is owed changes without money: discounts and write-offs, the payer's and the patient's
 * part, reversals, charges that
 * are taken off. */
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

static bool reason_fits(rg_entry_kind_t kind, int reason)
{
    switch (kind) {
    case RG_ENTRY_DISCOUNT:
        return reason == RG_REASON_COURTESY || reason == RG_REASON_HARDSHIP ||
               reason == RG_REASON_PROMPT;
    case RG_ENTRY_WRITE_OFF:
        return reason == RG_REASON_SMALL || reason == RG_REASON_BAD_DEBT ||
               reason == RG_REASON_HARDSHIP || reason == RG_REASON_COURTESY;
    default: return reason == RG_REASON_DEDUCTIBLE || reason == RG_REASON_SHARE;
    }
}

static rg_outcome_t read_adjust_reason(const rg_ctx_t *ctx, rg_post_t *p)
{
    int reason = rg_ledger_reason_parse(p->in->reason);
    if (reason < 0 || !reason_fits(p->in->kind, reason)) {
        return rg_post_refuse(ctx, "reason", "Choose the reason.");
    }
    p->entry.reason = rg_ledger_reason_name((rg_ledger_reason_t)reason);
    return RG_OK;
}

static rg_outcome_t patient_of(rg_db_t *db, const rg_ctx_t *ctx, const rg_ledger_line_t *l,
                               int64_t *id)
{
    const rg_account_key_t key = {
        .kind = RG_ACCOUNT_PATIENT, .patient_id = l->patient_id, .currency = l->currency};
    return rg_ledger_account(db, ctx, &key, id);
}

/* --- discounts and write-offs ----------------------------------------------------------------- */

rg_outcome_t rg_post_reduce(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    bool discount = p->in->kind == RG_ENTRY_DISCOUNT;
    rg_ledger_line_t *l;
    RG_TRY(rg_post_line(ctx, p, &l));
    RG_TRY(read_adjust_reason(ctx, p));
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
    RG_TRY(patient_of(db, ctx, l, &t.credit));
    return rg_ledger_transfer_add(db, ctx, p->entry.id, &t);
}

/* --- the payer's part and the patient's ------------------------------------------------------- */

rg_outcome_t rg_post_move(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    rg_ledger_line_t *l;
    RG_TRY(rg_post_line(ctx, p, &l));
    RG_TRY(read_adjust_reason(ctx, p));
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
    RG_TRY(patient_of(db, ctx, l, &t.debit));
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

/* --- taking back ------------------------------------------------------------------------------ */

rg_outcome_t rg_post_release(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    int64_t paid[RG_MEANS_COUNT];
    rg_ledger_line_t *l;
    int64_t debit;
    RG_TRY(rg_post_line(ctx, p, &l));
    RG_TRY(rg_ledger_paid(db, ctx, l->charge_id, paid));
    for (int i = 0; i < RG_MEANS_COUNT; i++) {
        p->entry.amount.minor += paid[i] > 0 ? paid[i] : 0;
    }
    if (p->entry.amount.minor == 0) {
        return rg_post_refuse(ctx, NULL, "Nothing was paid on this charge.");
    }
    RG_TRY(rg_post_entry(db, ctx, p));
    RG_TRY(patient_of(db, ctx, l, &debit));
    for (int i = 0; i < RG_MEANS_COUNT; i++) {
        const rg_account_key_t pot = {.kind = RG_ACCOUNT_DEPOSIT,
                                      .patient_id = l->patient_id,
                                      .means = rg_means_name((rg_means_t)i),
                                      .currency = l->currency};
        rg_transfer_t t = {.kind = RG_TRANSFER_RELEASE,
                           .debit = debit,
                           .amount = paid[i],
                           .currency = l->currency,
                           .charge_id = l->charge_id,
                           .booking_id = l->booking_id};
        if (paid[i] > 0) {
            RG_TRY(rg_ledger_account(db, ctx, &pot, &t.credit));
            RG_TRY(rg_ledger_transfer_add(db, ctx, p->entry.id, &t));
        }
    }
    return RG_OK;
}

rg_outcome_t rg_post_reverse(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    rg_ledger_entry_t e;
    rg_transfer_t *t;
    int count;
    rg_outcome_t rc = rg_uid_valid(p->in->entry)
                          ? rg_ledger_entry_read(db, ctx, p->in->entry, &e, &t, &count)
                          : RG_NOT_FOUND;
    if (rc == RG_NOT_FOUND || (rc == RG_OK && (e.person_id != p->person.id || count == 0))) {
        return rg_post_refuse(ctx, NULL, "Choose what is to be reversed.");
    }
    RG_TRY(rc);
    for (int i = 0; i < count; i++) {
        if (t[i].reverses != 0) {
            return rg_post_refuse(ctx, NULL, "This was reversed before.");
        }
    }
    p->entry.amount = e.amount;
    p->entry.reverses = e.id;
    p->entry.means = e.means;
    p->entry.site_id = e.site_id;
    p->entry.patient_id = e.patient_id;
    rc = rg_post_entry(db, ctx, p);
    for (int i = 0; rc == RG_OK && i < count; i++) {
        rg_transfer_t back = t[i];
        back.debit = t[i].credit;
        back.credit = t[i].debit;
        back.reverses = t[i].id;
        rc = rg_ledger_transfer_add(db, ctx, p->entry.id, &back);
    }
    if (rc == RG_CONFLICT) {
        return rg_post_refuse(ctx, NULL, "This was reversed before.");
    }
    if (rc == RG_PRECONDITION) {
        rg_problem_add(ctx->problems, NULL,
                       "What came of it was used since, or is invoiced. Take that back first.");
    }
    return rc;
}

rg_outcome_t rg_post_void(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    rg_ledger_line_t *l;
    RG_TRY(rg_post_line(ctx, p, &l));
    RG_TRY(rg_ledger_hold_claim(db, ctx, l->booking_id, &l->claimed));
    if (l->invoiced > 0) {
        return rg_post_refuse(ctx, NULL,
                              "This charge is on an invoice. Issue a credit note first.");
    }
    if (l->on_claim && l->claimed) {
        return rg_post_refuse(ctx, NULL, "This charge is on a claim.");
    }
    p->entry.amount.minor = l->charged;
    RG_TRY(rg_post_entry(db, ctx, p));
    return rg_ledger_charge_drop(db, ctx, l->charge_id);
}
