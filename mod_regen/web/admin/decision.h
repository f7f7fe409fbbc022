/* SPDX-License-Identifier: Apache-2.0 */
/* What a form of closures decides about bookings. Pure: fuzz targets take decision.c as it is.
 * Private to the web room. */
#ifndef REGEN_DECISION_H
#define REGEN_DECISION_H
#include "regen/clinic/booking.h"
#include "regen/core/form.h"

/* Fields "decide-42" (keep, cancel, or move-SECONDS) with "at-42" and "reason-42", by booking, each
 * booking once; the count. Values that are not understood, or sent twice, decide nothing. */
int regen_decisions_read(rg_decision_t **out, apr_pool_t *p, const rg_form_t *form);

#endif
