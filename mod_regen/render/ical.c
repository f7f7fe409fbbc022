/* SPDX-License-Identifier: Apache-2.0 */
/* Appointments for the patient's calendar and feeds for a resource's, by libical. Calendars are
 * shared and synchronized, so they do not say what the visit is about, nor, in a feed, whose it is.
 * Times are UTC: every calendar shows them in the zone it is in, on both sides of a clock change.
 * Files to save or subscribe to are not messages of RFC 5546 and have no METHOD; those that go with
 * a letter have one, and its sender as ORGANIZER. */
#include "regen/core/buf.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/feed.h"
#include "regen/model/place.h"
#include "regen/render/ical.h"
#include "regen/render/view.h"

#include <stdlib.h>
#include <string.h>

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
    add(e, icalproperty_new_sequence(a->sequence));
    add(e, icalproperty_new_dtstart(utc(a->starts_at)));
    add(e, icalproperty_new_dtend(utc(a->ends_at)));
    add(e, icalproperty_new_summary(title(p, b, a, site)));
    add(e, icalproperty_new_location(
               apr_pstrcat(p, site->name, ", ", rg_view_address(p, &site->address), NULL)));
    add(e, icalproperty_new_status(cancelled || a->off ? ICAL_STATUS_CANCELLED
                                                       : ICAL_STATUS_CONFIRMED));
    add(e, icalproperty_new_class(ICAL_CLASS_PRIVATE));
    if (url) {
        add(e, icalproperty_new_url(url));
    }
    return e;
}

/* --- what is to be done before it ------------------------------------------------------------- */

enum { MORNING = 9 * 60 };

static void add_alarm(icalcomponent *e, apr_time_t at)
{
    icalcomponent *a = icalcomponent_new_valarm();
    icalproperty *t = icalproperty_new_trigger(
        (struct icaltriggertype){.time = utc(at), .duration = icaldurationtype_null_duration()});
    if (t) {
        icalproperty_add_parameter(t, icalparameter_new_value(ICAL_VALUE_DATETIME));
    }
    add(a, t);
    add(a, icalproperty_new_action(ICAL_ACTION_DISPLAY));
    add(a, icalproperty_new_description("Your preparation for your appointment begins today. The "
                                        "page of your booking tells you what to do."));
    icalcomponent_add_component(e, a);
}

/* One alarm a day, however much begins on it. */
static void put_alarms(icalcomponent *e, apr_pool_t *p, const rg_ical_ahead_t *ahead,
                       const rg_site_t *site, apr_time_t now)
{
    apr_time_t until = ahead->last.cancel_until;
    if (until != 0) {
        add(e, icalproperty_new_description(apr_pstrcat(p, "It can be canceled online until ",
                                                        rg_time_people(p, site->zone, until), ".",
                                                        NULL)));
    }
    for (int i = 0; i < ahead->preparing_count; i++) {
        rg_date_t from = ahead->preparing[i].from;
        apr_time_t at = rg_zone_utc(site->zone, from, MORNING);
        bool told = ahead->preparing[i].what->from_days == 0 || at <= now;
        for (int k = 0; k < i; k++) {
            told = told || rg_date_compare(ahead->preparing[k].from, from) == 0;
        }
        if (!told) {
            add_alarm(e, at);
        }
    }
}

static icalcomponent *calendar(void)
{
    icalcomponent *c = icalcomponent_new(ICAL_VCALENDAR_COMPONENT);
    if (c) {
        add(c, icalproperty_new_version("2.0"));
        add(c, icalproperty_new_prodid("-//mod_regen//clinic//EN"));
    }
    return c;
}

/* The text in P; C is freed. */
static const char *text_of(apr_pool_t *p, icalcomponent *c)
{
    char *text = icalcomponent_as_ical_string_r(c);
    const char *copy = text ? apr_pstrdup(p, text) : NULL;
    free(text);
    icalcomponent_free(c);
    return copy;
}

/* FROM NULL: a file to save. */
static const char *whole_booking(apr_pool_t *p, const rg_booking_t *b, const rg_site_t *site,
                                 const char *url, const rg_ical_ahead_t *ahead, apr_time_t now,
                                 bool cancelled, const rg_ical_sender_t *from)
{
    icalcomponent *c = calendar();
    if (!c) {
        return NULL;
    }
    if (from) {
        add(c, icalproperty_new_method(strcmp(from->method, "CANCEL") == 0 ? ICAL_METHOD_CANCEL
                                                                           : ICAL_METHOD_PUBLISH));
    }
    for (int i = 0; i < b->appointment_count; i++) {
        icalcomponent *e = event(p, b, &b->appointments[i], site, url, now, cancelled);
        if (from) {
            add(e, icalproperty_new_organizer(apr_pstrcat(p, "mailto:", from->organizer, NULL)));
        }
        if (ahead && i == 0 && !cancelled) {
            put_alarms(e, p, ahead, site, now);
        }
        icalcomponent_add_component(c, e);
    }
    return text_of(p, c);
}

const char *rg_ical_booking(apr_pool_t *p, const rg_booking_t *b, const rg_site_t *site,
                            const char *url, const rg_ical_ahead_t *ahead, apr_time_t now,
                            bool cancelled)
{
    return whole_booking(p, b, site, url, ahead, now, cancelled, NULL);
}

const char *rg_ical_letter(apr_pool_t *p, const rg_booking_t *b, const rg_site_t *site,
                           const rg_ical_ahead_t *ahead, apr_time_t now, bool cancelled,
                           const rg_ical_sender_t *from)
{
    return whole_booking(p, b, site, NULL, ahead, now, cancelled, from);
}

/* --- feeds ------------------------------------------------------------------------------------ */

#define TTL "X-PUBLISHED-TTL"

static void add_ttl(icalcomponent *c)
{
    icalproperty *x = icalproperty_new_x("PT15M");
    if (x) {
        icalproperty_set_x_name(x, TTL);
        icalcomponent_add_property(c, x);
    }
}

/* LINE with a fold after every 74 bytes at most, between letters (RFC 5545, 3.1). */
static const char *fold_line(apr_pool_t *p, const char *line)
{
    rg_buf_t *out = rg_buf_make(p, 8192);
    while (strlen(line) > 74) {
        size_t n = 74;
        while (n > 60 && ((unsigned char)line[n] & 0xc0) == 0x80) {
            n--;
        }
        rg_buf_add(out, line, n);
        rg_buf_puts(out, "\r\n ");
        line += n;
    }
    rg_buf_puts(out, line);
    return out->data;
}

/* The name is a TEXT, but in a property of this kind libical leaves its commas and semicolons as
 * they are; so its line is put before the one that is the same in all calendars. */
static const char *named(apr_pool_t *p, const char *text, const char *name)
{
    const char *at = text ? strstr(text, TTL) : NULL;
    icalvalue *value = icalvalue_new_text(name);
    char *escaped = value ? icalvalue_as_ical_string_r(value) : NULL;
    if (at && escaped) {
        const char *line = fold_line(p, apr_pstrcat(p, "X-WR-CALNAME:", escaped, NULL));
        text = apr_pstrcat(p, apr_pstrmemdup(p, text, (size_t)(at - text)), line, "\r\n", at, NULL);
    }
    free(escaped);
    if (value) {
        icalvalue_free(value);
    }
    return text;
}

/* A person's calendar does not need their name; a room's needs nothing else. */
static const char *stretch_title(apr_pool_t *p, const rg_feed_t *feed, bool given_back)
{
    if (given_back) {
        return "Canceled";
    }
    return feed->resource.kind == RG_RESOURCE_PRACTITIONER
               ? "Booked"
               : apr_pstrcat(p, "Occupied: ", feed->resource.name, NULL);
}

static icalcomponent *busy_event(apr_pool_t *p, const rg_feed_t *feed, const rg_feed_entry_t *f,
                                 const char *charts)
{
    icalcomponent *e = icalcomponent_new(ICAL_VEVENT_COMPONENT);
    bool given_back = f->status == RG_BOOKING_CANCELLED || f->status == RG_BOOKING_NO_SHOW;
    add(e, icalproperty_new_uid(
               apr_psprintf(p, "%s-%s-%d@regen", f->booking_uid, feed->resource.uid, f->step_no)));
    add(e, icalproperty_new_dtstamp(utc(f->changed_at)));
    add(e, icalproperty_new_lastmodified(utc(f->changed_at)));
    add(e, icalproperty_new_sequence(f->version));
    add(e, icalproperty_new_dtstart(utc(f->from)));
    add(e, icalproperty_new_dtend(utc(f->until)));
    add(e, icalproperty_new_summary(stretch_title(p, feed, given_back)));
    add(e,
        icalproperty_new_location(f->room[0] ? apr_pstrcat(p, f->room, ", ", feed->site_name, NULL)
                                             : feed->site_name));
    add(e, icalproperty_new_status(given_back ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
    add(e, icalproperty_new_transp(given_back ? ICAL_TRANSP_TRANSPARENT : ICAL_TRANSP_OPAQUE));
    add(e, icalproperty_new_class(ICAL_CLASS_PRIVATE));
    add(e, icalproperty_new_url(apr_pstrcat(p, charts, f->booking_uid, NULL)));
    return e;
}

const char *rg_ical_feed(apr_pool_t *p, const rg_feed_t *feed, const char *charts)
{
    icalcomponent *c = calendar();
    if (!c) {
        return NULL;
    }
    add_ttl(c);
    for (int i = 0; i < feed->count; i++) {
        icalcomponent_add_component(c, busy_event(p, feed, &feed->entries[i], charts));
    }
    return named(p, text_of(p, c), feed->resource.name);
}
