/* SPDX-License-Identifier: Apache-2.0 */
/* Views of prices. */
#ifndef REGEN_RENDER_VIEW_FEES_H
#define REGEN_RENDER_VIEW_FEES_H

#include <apr_pools.h>

#include "regen/clinic/fees.h"
#include "regen/core/form.h"
#include "regen/core/val.h"
#include "regen/model/fees.h"

/* quote: {total, several, lines: [{description, units, unit, amount}]}; nothing without lines.
 * Units only if there is more than one. */
void rg_view_quote(rg_val_t *page, apr_pool_t *p, const rg_quote_t *q);

/* The administrators' list of schedules and one schedule. TYPED: the form that was refused, or
 * empty. */
rg_val_t *rg_view_fees(apr_pool_t *p, const rg_fees_t *f, const rg_form_t *typed);
rg_val_t *rg_view_fee_schedule(apr_pool_t *p, const rg_fee_page_t *f, const rg_form_t *typed);

#endif
