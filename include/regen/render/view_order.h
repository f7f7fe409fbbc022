/* SPDX-License-Identifier: Apache-2.0 */
/* Views of treatment orders, for staff and for their patient. */
#ifndef REGEN_RENDER_VIEW_ORDER_H
#define REGEN_RENDER_VIEW_ORDER_H

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/clinic/order.h"
#include "regen/core/form.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/order.h"

/* Into V: {uid, number, state, state_class, open, booked, done, expired, revoked (one true),
 * service, service_code, place, diagnosis, diagnosis_title, severity, tried, imaging, weighed,
 * note, valid (as rg_view_date: the last day), signed (as rg_view_time), signer, patient (as
 * rg_view_patient), booking {uid, starts, held}, revocation {at, by, reason}}. */
void rg_view_order(rg_val_t *v, apr_pool_t *p, const rg_order_t *o, const rg_zone_t *z,
                   apr_time_t now);
/* "orders" and "any_orders" of VIEW. */
void rg_view_orders(rg_val_t *view, apr_pool_t *p, const rg_order_t *orders, int count,
                    const rg_zone_t *z, apr_time_t now);
/* The list by state, with "tabs". */
rg_val_t *rg_view_order_list(apr_pool_t *p, const rg_orders_t *o, apr_time_t now);
/* The form to sign one; TYPED as sent. */
rg_val_t *rg_view_order_form(apr_pool_t *p, const rg_order_form_t *f, const rg_form_t *typed,
                             const rg_problems_t *problems);

#endif
