/* SPDX-License-Identifier: Apache-2.0 */
/* Taking back by adding: payments that become deposits, reversals, charges that are taken off and
 * charged again. */
#include "regen/clinic/definitions.h"
#include "regen/clinic/ledger.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/ledger.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <string.h>

#include "mod_regen/clinic/billing/post.h"

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
    RG_TRY(rg_post_patient(db, ctx, l, &debit));
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

/* --- reversals -------------------------------------------------------------------------------- */

static rg_outcome_t built_upon(const rg_ctx_t *ctx)
{
    rg_problem_add(ctx->problems, NULL,
                   "What came of it was used since, or is invoiced. Take back first what is listed "
                   "below, the last first.");
    return RG_PRECONDITION;
}

/* What was paid became a deposit later: it goes back from there, the way it came. */
static rg_outcome_t take_from_pot(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p,
                                  const rg_transfer_t *paid)
{
    for (int i = 0; i < p->pot_count; i++) {
        rg_ledger_pot_t *pot = &p->pots[i];
        if (pot->account_id == paid->released && pot->left.minor >= paid->amount) {
            const rg_transfer_t t = {.kind = RG_TRANSFER_REFUND,
                                     .debit = pot->account_id,
                                     .credit = paid->debit,
                                     .amount = paid->amount,
                                     .currency = p->entry.amount.currency};
            pot->left.minor -= paid->amount;
            return rg_ledger_transfer_add(db, ctx, p->entry.id, &t);
        }
    }
    return built_upon(ctx);
}

static rg_outcome_t take_back(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p,
                              const rg_transfer_t *t)
{
    rg_transfer_t back = *t;
    if (t->released != 0) {
        /* A used deposit that is one again needs nothing. */
        return t->kind == RG_TRANSFER_PAYMENT ? take_from_pot(db, ctx, p, t) : RG_OK;
    }
    back.debit = t->credit;
    back.credit = t->debit;
    back.reverses = t->id;
    return rg_ledger_transfer_add(db, ctx, p->entry.id, &back);
}

static rg_outcome_t check_reversal(const rg_ctx_t *ctx, const rg_ledger_entry_t *e,
                                   const rg_transfer_t *t, int count)
{
    bool all_released = e->kind == RG_ENTRY_USE;
    for (int i = 0; i < count; i++) {
        all_released = all_released && t[i].released != 0;
        if (t[i].reverses != 0) {
            return rg_post_refuse(ctx, NULL, "This was reversed before.");
        }
        if (t[i].off_claim) {
            return rg_post_refuse(ctx, NULL,
                                  "The charge is not on the claim any more, so its payer cannot "
                                  "owe it again. Put it back on the claim first.");
        }
        if (t[i].gone) {
            return rg_post_refuse(ctx, NULL,
                                  "The charge is gone, or what was paid was reversed since, out of "
                                  "the deposit. Use what is left of the deposit instead.");
        }
    }
    return all_released ? rg_post_refuse(
                              ctx, NULL,
                              "What it paid is a deposit again, because the payment or the charge "
                              "was taken off. There is nothing to reverse.")
                        : RG_OK;
}

/* --- charges that are taken off --------------------------------------------------------------- */

static rg_outcome_t charge_again(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p, int64_t entry_id)
{
    rg_charge_off_t off;
    rg_outcome_t rc = rg_ledger_charge_off(db, ctx, entry_id, &off);
    if (rc == RG_NOT_FOUND) {
        return rg_post_refuse(ctx, NULL,
                              "This charge was not kept when it was taken off, so it cannot be "
                              "charged again.");
    }
    RG_TRY(rc);
    RG_TRY(rg_ledger_hold_claim(db, ctx, off.booking_id, &off.claimed));
    if (off.on_claim && off.claimed) {
        return rg_post_refuse(ctx, NULL,
                              "The treatment was claimed without this charge, so it cannot come "
                              "back onto the claim.");
    }
    if (off.charged) {
        return rg_post_refuse(ctx, NULL, "This line was charged again in the meantime.");
    }
    rc = rg_post_entry(db, ctx, p);
    if (rc == RG_CONFLICT) {
        return rg_post_refuse(ctx, NULL, "This was charged again before.");
    }
    RG_TRY(rc);
    return rg_ledger_charge_again(db, ctx, entry_id);
}

rg_outcome_t rg_post_reverse(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    rg_ledger_entry_t e;
    rg_transfer_t *t;
    int count;
    rg_outcome_t rc = rg_uid_valid(p->in->entry)
                          ? rg_ledger_entry_read(db, ctx, p->in->entry, &e, &t, &count)
                          : RG_NOT_FOUND;
    if (rc == RG_NOT_FOUND ||
        (rc == RG_OK && (e.person_id != p->person.id || (count == 0 && e.kind != RG_ENTRY_VOID)))) {
        return rg_post_refuse(ctx, NULL, "Choose what is to be reversed.");
    }
    RG_TRY(rc);
    p->entry.amount = e.amount;
    p->entry.reverses = e.id;
    p->entry.means = e.means;
    p->entry.site_id = e.site_id;
    p->entry.patient_id = e.patient_id;
    if (e.kind == RG_ENTRY_VOID) {
        return charge_again(db, ctx, p, e.id);
    }
    RG_TRY(check_reversal(ctx, &e, t, count));
    /* Cash of an earlier day is counted and gone: given back, it is a refund by another name. */
    if (e.kind == RG_ENTRY_PAYMENT && strcmp(e.means, rg_means_name(RG_MEANS_CASH)) == 0 &&
        rg_date_compare(e.day, p->entry.day) < 0) {
        RG_TRY(rg_post_limit(db, ctx, p, NULL, e.amount.minor));
    }
    rc = rg_post_entry(db, ctx, p);
    for (int i = 0; rc == RG_OK && i < count; i++) {
        rc = take_back(db, ctx, p, &t[i]);
    }
    if (rc == RG_CONFLICT) {
        return rg_post_refuse(ctx, NULL, "This was reversed before.");
    }
    return rc == RG_PRECONDITION && !rg_problems_any(ctx->problems) ? built_upon(ctx) : rc;
}

rg_outcome_t rg_post_void(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    rg_ledger_line_t *l;
    RG_TRY(rg_post_line(ctx, p, &l));
    RG_TRY(rg_ledger_hold_claim(db, ctx, l->booking_id, &l->claimed));
    if (l->charged == 0) {
        return rg_post_refuse(ctx, NULL, "This charge is free: nobody owes it.");
    }
    if (l->invoiced > 0) {
        return rg_post_refuse(ctx, NULL,
                              "This charge is on an invoice. Issue a credit note first.");
    }
    if (l->on_claim && l->claimed) {
        return rg_post_refuse(ctx, NULL, "This charge is on a claim.");
    }
    p->entry.amount.minor = l->charged;
    RG_TRY(rg_post_limit(db, ctx, p, NULL, l->charged));
    RG_TRY(rg_post_entry(db, ctx, p));
    return rg_ledger_charge_drop(db, ctx, l->charge_id, p->entry.id);
}
