/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the billing staff. */
#ifndef REGEN_RENDER_VIEW_BILLING_H
#define REGEN_RENDER_VIEW_BILLING_H

#include <apr_pools.h>

#include "regen/clinic/billing.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/money.h"
#include "regen/model/place.h"

rg_val_t *rg_view_worklist(apr_pool_t *p, const rg_worklist_t *w);
/* The result of creating many at once, above the queue: DONE documents created, LEFT still open. */
void rg_view_worklist_deed(rg_val_t *page, apr_pool_t *p, rg_queue_t queue, int done, int left);
/* CLAIM and AGAINST: the claim to be sent, and the problems that prevent it (rg_claim_preview).
 * Both NULL: no claim is due. */
rg_val_t *rg_view_account(apr_pool_t *p, const rg_account_t *a, const rg_claim_t *claim,
                          const rg_problems_t *against);
/* "invoices" of a page: uid, label, issued, total, state, open, too_much (issued for what the payer
 * owes). */
void rg_view_invoices(rg_val_t *page, apr_pool_t *p, const rg_zone_t *zone,
                      const rg_invoice_sum_t *invoices, int count);
const char *rg_view_invoice_state(rg_invoice_state_t state);
rg_val_t *rg_view_invoice(apr_pool_t *p, const rg_invoice_t *inv, const rg_site_t *site);
rg_val_t *rg_view_credit_note(apr_pool_t *p, const rg_credit_note_t *n, const rg_site_t *site);
rg_val_t *rg_view_claim(apr_pool_t *p, const rg_claim_doc_t *d, const rg_site_t *site);

/* --- estimate.c ------------------------------------------------------------------------------- */

/* A good-faith estimate as it was issued, to read and print. */
rg_val_t *rg_view_estimate(apr_pool_t *p, const rg_estimate_page_t *g);
/* Those that nobody has been given yet. */
rg_val_t *rg_view_estimates_due(apr_pool_t *p, const rg_estimates_due_t *d);

#endif
