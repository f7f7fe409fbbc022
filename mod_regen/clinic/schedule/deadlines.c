/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines for patients to move or cancel a visit, and the days of preparation. Calculated only
 * here: the use-cases enforce them, and pages, messages and calendar files show them. Pure. */
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/model/visit.h"
#include "regen/clinic/schedule.h"

#include <string.h>

/* --- until when ------------------------------------------------------------------------------- */

static apr_time_t ahead_of(apr_time_t start, int minutes)
{
    return start - minutes * RG_MINUTE;
}

apr_time_t rg_move_last(apr_time_t start, const rg_service_t *s)
{
    return ahead_of(start, s->move_notice_minutes);
}

apr_time_t rg_cancel_last_of_start(apr_time_t start, const rg_service_t *s)
{
    return ahead_of(start, s->cancel_notice_minutes);
}

static apr_time_t earlier_deadline(apr_time_t last, apr_time_t carried)
{
    return carried != 0 && carried < last ? carried : last;
}

apr_time_t rg_cancel_last(const rg_booking_t *b, const rg_service_t *s)
{
    return earlier_deadline(rg_cancel_last_of_start(b->starts_at, s), b->cancel_before);
}

apr_time_t rg_cancel_carried(const rg_booking_t *b, const rg_service_t *s, apr_time_t now)
{
    apr_time_t last = rg_cancel_last(b, s);
    return b->status == RG_BOOKING_BOOKED && now > last ? last : b->cancel_before;
}

apr_time_t rg_cancel_firm_before(const rg_booking_t *b, const rg_service_t *s, apr_time_t now)
{
    bool passed = b && b->status == RG_BOOKING_BOOKED && now > rg_cancel_last(b, s);
    return passed ? APR_INT64_MAX : now - ahead_of(0, s->cancel_notice_minutes);
}

rg_deadlines_t rg_deadlines(const rg_booking_t *b, const rg_service_t *s, apr_time_t now)
{
    bool ahead = b->status == RG_BOOKING_HELD || b->status == RG_BOOKING_BOOKED;
    apr_time_t cancel = rg_cancel_last(b, s);
    apr_time_t move = rg_move_last(b->starts_at, s);
    return (rg_deadlines_t){.cancel_until = ahead && now <= cancel ? cancel : 0,
                            .move_until = ahead && now <= move && !s->staff_only ? move : 0};
}

/* --- from when on ----------------------------------------------------------------------------- */

rg_prepare_day_t *rg_preparing(int *count, apr_pool_t *p, const rg_service_t *s,
                               const rg_zone_t *zone, apr_time_t start, apr_time_t now)
{
    rg_date_t day = rg_zone_local(zone, start).date;
    rg_date_t today = rg_zone_local(zone, now).date;
    rg_prepare_day_t *all = apr_palloc(p, sizeof(*all) * (size_t)(s->preparing_count + 1));
    for (int i = 0; i < s->preparing_count; i++) {
        const rg_preparing_t *what = &s->preparing[i];
        rg_date_t from = rg_date_add(day, -what->from_days);
        all[i] = (rg_prepare_day_t){what, from, rg_date_add(day, -what->until_days),
                                    rg_date_compare(from, today) < 0};
    }
    *count = s->preparing_count;
    return all;
}

apr_time_t rg_preparing_first(const rg_service_t *s, const rg_zone_t *zone, apr_time_t start,
                              apr_time_t now)
{
    rg_date_t day = rg_zone_local(zone, start).date;
    apr_time_t first = 0;
    for (int i = 0; i < s->preparing_count; i++) {
        apr_time_t at = rg_zone_utc(zone, rg_date_add(day, -s->preparing[i].from_days), 0);
        first = at > now && at < start && (first == 0 || at < first) ? at : first;
    }
    return first;
}

/* --- as programs read it ---------------------------------------------------------------------- */

void rg_visit_ahead(rg_visit_t *v, apr_pool_t *p, const rg_service_t *s, const rg_zone_t *zone)
{
    if (v->status != RG_VISIT_BOOKED || v->visit_no != 1) {
        return;
    }
    v->cancel_until = earlier_deadline(rg_cancel_last_of_start(v->starts_at, s), v->cancel_before);
    v->preparing = rg_preparing(&v->preparing_count, p, s, zone, v->starts_at, 0);
}
