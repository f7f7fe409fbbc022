/* SPDX-License-Identifier: Apache-2.0 */
/* A patient's own money, behind the link of one booking (ctx->who.booking_id). */
#ifndef REGEN_CLINIC_MINE_H
#define REGEN_CLINIC_MINE_H

#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/ledger.h"
#include "regen/model/money.h"
#include "regen/store/ledger.h"

typedef struct {
    rg_mine_whose_t whose;
    int sum_count;
    rg_ledger_sum_t *sums; /* of the person, by currency; owed: for other bookings */
    int64_t payer_owes;    /* of this booking */
    int line_count;
    rg_ledger_line_t *lines; /* of this booking */
    int invoice_count;
    rg_invoice_sum_t *invoices;
    int credit_count;
    rg_credit_note_t *credits;
    int receipt_count;
    rg_mine_receipt_t *receipts;
} rg_mine_t;

/* RG_NOT_FOUND: nothing was booked yet. */
rg_outcome_t rg_mine(rg_mine_t **out, const rg_ctx_t *ctx);
/* Papers of this booking, and receipts of deposits and refunds of the person; anything else is
 * RG_NOT_FOUND. Invoices: rg_billing_invoice_get. */
rg_outcome_t rg_mine_receipt_get(rg_receipt_t **out, const rg_ctx_t *ctx, const char *uid);
rg_outcome_t rg_mine_credit_get(rg_credit_note_t **out, const rg_ctx_t *ctx, const char *uid);

#endif
