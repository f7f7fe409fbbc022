/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the ledger. */
#ifndef REGEN_RENDER_VIEW_LEDGER_H
#define REGEN_RENDER_VIEW_LEDGER_H

#include <stdbool.h>

#include <apr_pools.h>

#include "regen/clinic/ledger.h"
#include "regen/clinic/mine.h"
#include "regen/core/form.h"
#include "regen/core/val.h"
#include "regen/model/ledger.h"
#include "regen/model/place.h"

/* A patient's account: what is owed, why, and the whole story. */
rg_val_t *rg_view_ledger(apr_pool_t *p, const rg_ledger_account_t *a);
/* The form of one act. TYPED: as it was sent (may be empty); CHARGE and ENTRY: what it is about
 * when it is opened. */
rg_val_t *rg_view_ledger_act(apr_pool_t *p, const rg_ledger_account_t *a, rg_entry_kind_t kind,
                             const rg_form_t *typed, const char *charge, const char *entry);
/* A patient's own: what is owed for a booking, and a receipt, which names of other bookings only
 * what was paid. */
rg_val_t *rg_view_mine(apr_pool_t *p, const rg_mine_t *m, const rg_site_t *site);
rg_val_t *rg_view_my_receipt(apr_pool_t *p, const rg_receipt_t *r, const rg_site_t *site,
                             int64_t booking_id);
rg_val_t *rg_view_receipt(apr_pool_t *p, const rg_receipt_t *r, const rg_site_t *site);
/* DIFFERENCE: of a count that was not taken, or NULL. */
rg_val_t *rg_view_cash(apr_pool_t *p, const rg_cash_desk_t *d, const rg_form_t *typed,
                       const char *difference);
rg_val_t *rg_view_owes(apr_pool_t *p, const rg_owes_t *o);

#endif
