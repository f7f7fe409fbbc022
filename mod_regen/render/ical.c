/* SPDX-License-Identifier: Apache-2.0 */
/* Appointments for the patient's calendar, by libical. Calendars are shared and synchronised, so
 * nothing in them tells what the visit is about. Called by web/patient_booking.c. */
#include "regen/render.h"

#include <stdlib.h>

#include <apr_strings.h>
#include <libical/ical.h>

static icaltimetype utc(apr_time_t t)
{
    return icaltime_from_timet_with_zone((time_t)apr_time_sec(t), 0,
                                         icaltimezone_get_utc_timezone());
}

static void add(icalcomponent *c, icalproperty *p)
{
    if (p) {
        icalcomponent_add_property(c, p);
    }
}

static const char *title(apr_pool_t *p, const rg_booking_t *b, const rg_appointment_t *a,
                         const rg_site_t *site)
{
    if (b->appointment_count < 2) {
        return apr_pstrcat(p, "Appointment at ", site->name, NULL);
    }
    return apr_psprintf(p, "Appointment at %s (visit %d of %d)", site->name, a->visit_no,
                        b->appointment_count);
}

static icalcomponent *event(apr_pool_t *p, const rg_booking_t *b, const rg_appointment_t *a,
                            const rg_site_t *site, const char *url, apr_time_t now, bool cancelled)
{
    icalcomponent *e = icalcomponent_new(ICAL_VEVENT_COMPONENT);
    add(e, icalproperty_new_uid(apr_pstrcat(p, a->uid, "@regen", NULL)));
    add(e, icalproperty_new_dtstamp(utc(now)));
    add(e, icalproperty_new_sequence(a->sequence + cancelled));
    add(e, icalproperty_new_dtstart(utc(a->starts_at)));
    add(e, icalproperty_new_dtend(utc(a->ends_at)));
    add(e, icalproperty_new_summary(title(p, b, a, site)));
    add(e, icalproperty_new_location(
               apr_pstrcat(p, site->name, ", ", rg_view_address(p, &site->address), NULL)));
    add(e, icalproperty_new_status(cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
    add(e, icalproperty_new_class(ICAL_CLASS_PRIVATE));
    if (url) {
        add(e, icalproperty_new_url(url));
    }
    return e;
}

const char *rg_ical_booking(apr_pool_t *p, const rg_booking_t *b, const rg_site_t *site,
                            const char *url, apr_time_t now, bool cancelled)
{
    icalcomponent *calendar = icalcomponent_new(ICAL_VCALENDAR_COMPONENT);
    if (!calendar) {
        return NULL;
    }
    add(calendar, icalproperty_new_version("2.0"));
    add(calendar, icalproperty_new_prodid("-//mod_regen//clinic//EN"));
    add(calendar, icalproperty_new_method(cancelled ? ICAL_METHOD_CANCEL : ICAL_METHOD_PUBLISH));
    for (int i = 0; i < b->appointment_count; i++) {
        icalcomponent_add_component(calendar,
                                    event(p, b, &b->appointments[i], site, url, now, cancelled));
    }
    char *text = icalcomponent_as_ical_string_r(calendar);
    const char *copy = text ? apr_pstrdup(p, text) : NULL;
    free(text);
    icalcomponent_free(calendar);
    return copy;
}
