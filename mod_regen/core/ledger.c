/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the ledger, and the state of an invoice. */
#include "regen/core/words.h"
#include "regen/model/ledger.h"
#include "regen/model/money.h"

RG_WORDS_MADE(rg_invoice_state, RG_INVOICE_STATES);
RG_WORDS_MADE(rg_estimate_cause, RG_ESTIMATE_CAUSES);
RG_WORDS_MADE(rg_handover_kind, RG_HANDOVERS);
RG_WORDS_MADE(rg_delivery, RG_DELIVERIES);
RG_WORDS_MADE(rg_entry_kind, RG_ENTRY_KINDS);
RG_WORDS_MADE(rg_means, RG_MEANS);
RG_WORDS_MADE(rg_account_kind, RG_ACCOUNT_KINDS);
RG_WORDS_MADE(rg_transfer_kind, RG_TRANSFER_KINDS);
RG_WORDS_MADE(rg_ledger_reason, RG_LEDGER_REASONS);

rg_invoice_state_t rg_invoice_state_of(const rg_invoice_sum_t *i)
{
    int64_t asked = i->total.minor - i->credited;
    if (i->credited > 0 && asked == 0) {
        return RG_INVOICE_CREDITED;
    }
    if (i->open == 0) {
        return i->paid >= asked ? RG_INVOICE_PAID : RG_INVOICE_CLOSED;
    }
    return i->open < asked ? RG_INVOICE_PARTLY : RG_INVOICE_OPEN;
}
