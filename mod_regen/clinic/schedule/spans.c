/* SPDX-License-Identifier: Apache-2.0 */
#include "mod_regen/clinic/schedule/spans.h"

#include "mod_regen/clinic/schedule/local_days.h"
#include "regen/model/booking.h"
#include "regen/store/calendar.h"

rg_span_t *rg_booking_spans(apr_pool_t *p, const rg_booking_t *b, int *count)
{
    rg_span_t *spans = apr_palloc(p, sizeof(*spans) * (size_t)(b->resource_count + 1));
    for (int i = 0; i < b->resource_count; i++) {
        spans[i] =
            (rg_span_t){b->resources[i].resource_id, rg_granule_of(b->resources[i].busy_from),
                        rg_granule_of(b->resources[i].busy_until)};
    }
    *count = rg_spans_merge(spans, b->resource_count);
    return spans;
}
