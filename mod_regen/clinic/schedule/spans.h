/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGEN_CLINIC_SPANS_H
#define REGEN_CLINIC_SPANS_H

#include "regen/model/booking.h"
#include "regen/store/calendar.h"

/* What the booking's resources take, merged. */
rg_span_t *rg_booking_spans(apr_pool_t *p, const rg_booking_t *b, int *count);

#endif
