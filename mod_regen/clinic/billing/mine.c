/* SPDX-License-Identifier: Apache-2.0 */
/* A patient's own money, behind the link of one booking: what is owed for it and why, its papers,
 * what was paid, and the deposit. Of the person's other bookings only what is owed, as a sum: a
 * link shows what its booking is about. */
#include "regen/clinic/mine.h"
#include "mod_regen/clinic/access.h"
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/model/ledger.h"
#include "regen/model/money.h"
#include "regen/store/billing.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <string.h>

/* --- what is owed ----------------------------------------------------------------------------- */

static rg_outcome_t my_account_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_mine_t *m = baton;
    const int64_t booking = ctx->who.booking_id;
    RG_TRY(rg_mine_whose(db, ctx, booking, &m->whose));
    RG_TRY(rg_ledger_sums(db, ctx, m->whose.person_id, &m->sums, &m->sum_count));
    RG_TRY(rg_ledger_lines_of(db, ctx, m->whose.person_id, booking, &m->lines, &m->line_count));
    RG_TRY(rg_invoices_of(db, ctx, booking, &m->invoices, &m->invoice_count));
    RG_TRY(rg_credits_of_booking(db, ctx, booking, &m->credits, &m->credit_count));
    return rg_mine_receipts(db, ctx, m->whose.person_id, booking, &m->receipts, &m->receipt_count);
}

rg_outcome_t rg_mine(rg_mine_t **out, const rg_ctx_t *ctx)
{
    rg_mine_t *m = apr_pcalloc(ctx->pool, sizeof(*m));
    if (!rg_is_patient(ctx) || ctx->who.booking_id == 0) {
        return RG_FORBIDDEN;
    }
    RG_TRY(rg_store_read(ctx, my_account_work, m));
    for (int i = 0; i < m->line_count; i++) {
        const rg_ledger_line_t *l = &m->lines[i];
        for (int k = 0; k < m->sum_count; k++) {
            if (strcmp(m->sums[k].currency, l->currency) == 0) {
                m->sums[k].owed -= l->patient_owes;
            }
        }
        m->payer_owes += l->payer_owes;
    }
    *out = m;
    return RG_OK;
}

/* --- papers ----------------------------------------------------------------------------------- */

typedef struct {
    const char *uid;
    rg_receipt_t *receipt;
    rg_credit_note_t *note;
    int64_t service_id;
} paper_t;

static rg_outcome_t my_receipt_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const paper_t *p = baton;
    rg_mine_whose_t whose;
    RG_TRY(rg_mine_whose(db, ctx, ctx->who.booking_id, &whose));
    RG_TRY(rg_mine_receipt(db, ctx, whose.person_id, ctx->who.booking_id, p->uid));
    return rg_receipt_read(db, ctx, p->uid, p->receipt);
}

rg_outcome_t rg_mine_receipt_get(rg_receipt_t **out, const rg_ctx_t *ctx, const char *uid)
{
    paper_t p = {.uid = uid, .receipt = apr_pcalloc(ctx->pool, sizeof(rg_receipt_t))};
    if (!rg_is_patient(ctx) || ctx->who.booking_id == 0) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(uid)) {
        return RG_NOT_FOUND;
    }
    RG_TRY(rg_store_read(ctx, my_receipt_work, &p));
    *out = p.receipt;
    return RG_OK;
}

static rg_outcome_t my_credit_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    paper_t *p = baton;
    rg_credit_note_t *all;
    int count;
    RG_TRY(rg_credits_of_booking(db, ctx, ctx->who.booking_id, &all, &count));
    for (int i = 0; i < count; i++) {
        if (strcmp(all[i].uid, p->uid) == 0) {
            return rg_credit_read(db, ctx, p->uid, p->note, &p->service_id);
        }
    }
    return RG_NOT_FOUND;
}

rg_outcome_t rg_mine_credit_get(rg_credit_note_t **out, const rg_ctx_t *ctx, const char *uid)
{
    paper_t p = {.uid = uid, .note = apr_pcalloc(ctx->pool, sizeof(rg_credit_note_t))};
    if (!rg_is_patient(ctx) || ctx->who.booking_id == 0) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(uid)) {
        return RG_NOT_FOUND;
    }
    RG_TRY(rg_store_read(ctx, my_credit_work, &p));
    *out = p.note;
    return RG_OK;
}
