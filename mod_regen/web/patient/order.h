/* SPDX-License-Identifier: Apache-2.0 */
/* Treatment orders on the pages of patients. */
#ifndef REGEN_WEB_PATIENT_ORDER_H
#define REGEN_WEB_PATIENT_ORDER_H

#include "mod_regen/web/platform/web.h"
#include "regen/core/outcome.h"
#include "regen/model/order.h"
#include "regen/model/place.h"
#include "regen/model/service.h"

/* The order of SERVICE that this request names in "order", or the only one that this browser opened
 * and can book; NULL: none, or none is needed. */
const rg_order_t *regen_order_wished(regen_req_t *q, const rg_service_t *service);
/* The page that says how to get one, or which of several. */
int regen_order_needed(regen_req_t *q, rg_outcome_t outcome, const rg_service_t *service,
                       const rg_site_t *site);

#endif
