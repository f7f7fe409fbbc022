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
 * place). Contains no health information: the title is an appointment at the clinic. It contains
 * the deadline for online cancellation, and an alarm on the morning of each day on which a
 * preparation begins, which refers to the booking. CANCELLED makes it METHOD:CANCEL, without
 * either. DTSTAMP is NOW. NULL when libical is out of memory. */
typedef struct {
    rg_deadlines_t last;
    int preparing_count;
    const rg_prepare_day_t *preparing;
} rg_ical_ahead_t;
const char *rg_ical_booking(apr_pool_t *p, const rg_booking_t *b, const rg_site_t *site,
                            const char *url, const rg_ical_ahead_t *ahead, apr_time_t now,
                            bool cancelled);

/* The same as a message of RFC 5546: with a METHOD, from ORGANIZER, an address. */
typedef struct {
    const char *method; /* "PUBLISH", or "CANCEL" for one appointment */
    const char *organizer;
} rg_ical_sender_t;
const char *rg_ical_letter(apr_pool_t *p, const rg_booking_t *b, const rg_site_t *site,
                           const rg_ical_ahead_t *ahead, apr_time_t now, bool cancelled,
                           const rg_ical_sender_t *from);

/* VCALENDAR of a resource's feed: one VEVENT per period, in UTC, with the place and a link to the
 * staff's chart (CHARTS "https://host/base/staff/bookings/" and the booking's uid), without names
 * or health information. The bytes depend on nothing but these values, so that equal feeds have
 * equal validators. NULL when libical is out of memory. */
const char *rg_ical_feed(apr_pool_t *p, const rg_feed_t *feed, const char *charts);

#endif
