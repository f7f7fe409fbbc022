/* SPDX-License-Identifier: Apache-2.0 */
/* iCalendar (libical). */
#ifndef REGEN_RENDER_ICAL_H
#define REGEN_RENDER_ICAL_H

#include <stdbool.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/model/booking.h"
#include "regen/model/feed.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/clinic/schedule.h"

/* VCALENDAR with one VEVENT per appointment of the booking (UID, SEQUENCE, UTC times, the site as
 * place). Says nothing about health: the title is an appointment at the clinic. Until when it can
 * be cancelled online is said, and on the morning of each day from which something must be done or
 * left there is an alarm, which says to look at the booking. CANCELLED makes it METHOD:CANCEL, and
 * needs neither. DTSTAMP is NOW. NULL when libical is out of memory. */
typedef struct {
    rg_deadlines_t last;
    int preparing_count;
    const rg_prepare_day_t *preparing;
} rg_ical_ahead_t;
const char *rg_ical_booking(apr_pool_t *p, const rg_booking_t *b, const rg_site_t *site,
                            const char *url, const rg_ical_ahead_t *ahead, apr_time_t now,
                            bool cancelled);

/* VCALENDAR of a resource's feed: one VEVENT per stretch, in UTC, with the place and a link to the
 * staff's chart (CHARTS "https://host/base/staff/bookings/" and the booking's uid), without a name
 * or a word about health. The bytes depend on nothing but these values, so that equal feeds have
 * equal validators. NULL when libical is out of memory. */
const char *rg_ical_feed(apr_pool_t *p, const rg_feed_t *feed, const char *charts);

#endif
