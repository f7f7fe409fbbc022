/* SPDX-License-Identifier: Apache-2.0 */
/* Until when a patient may move or cancel a visit alone. Worked out here and nowhere else: the
 * use-cases refuse by it, and pages, messages and calendar files show it. Pure. */
#include <regen/clinic.h>

static apr_time_t ahead_of(apr_time_t start, int minutes)
{
    return start - apr_time_from_sec((apr_time_t)minutes * 60);
}

apr_time_t rg_move_last(apr_time_t start, const rg_service_t *s)
{
    return ahead_of(start, s->move_notice_minutes);
}

apr_time_t rg_cancel_last_of_start(apr_time_t start, const rg_service_t *s)
{
    return ahead_of(start, s->cancel_notice_minutes);
}

apr_time_t rg_cancel_last(const rg_booking_t *b, const rg_service_t *s)
{
    apr_time_t last = rg_cancel_last_of_start(b->starts_at, s);
    return b->cancel_before != 0 && b->cancel_before < last ? b->cancel_before : last;
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
