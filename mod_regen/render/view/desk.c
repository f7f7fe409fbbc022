/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the front desk: looking for a patient, one patient, the next times for somebody on
 * the phone. */
#include "regen/clinic/desk.h"
#include "regen/core/form.h"
#include "regen/core/ident.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

static rg_val_t *desk_page(apr_pool_t *p, const char *title, const rg_site_t *site)
{
    rg_val_t *page = rg_view_page(p, title, site);

    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_desk", true);
    return page;
}

/* The fields of a form by name, to be shown again. */
static rg_val_t *typed_values(apr_pool_t *p, const rg_form_t *form)
{
    rg_val_t *v = rg_val_object(p);

    for (int i = 0; form != NULL && i < form->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(form->pairs, i, rg_pair_t);

        rg_val_str(v, pair->name, pair->value);
    }
    return v;
}

/* --- looking for a patient -------------------------------------------------------------------- */

rg_val_t *rg_view_desk(apr_pool_t *p, const rg_site_t *site, const rg_form_t *typed,
                       const rg_patient_hits_t *hits)
{
    rg_val_t *page = desk_page(p, "Find a patient", site);

    rg_val_set(page, "typed", typed_values(p, typed));
    if (hits == NULL) {
        return page;
    }
    rg_val_t *list = rg_val_set_list(page, "hits");
    for (int i = 0; i < hits->count; i++) {
        rg_val_t *item = rg_view_patient(p, &hits->hits[i].patient);

        rg_val_push(list, item);
        rg_view_time(item, "next", p, site->zone, hits->hits[i].next_visit);
    }
    rg_val_bool(page, "searched", true);
    rg_val_bool(page, "any_hits", hits->count > 0);
    rg_val_bool(page, "more", hits->more);
    return page;
}

/* --- one patient ------------------------------------------------------------------------------ */

static bool to_come(const rg_booking_t *b, apr_time_t now)
{
    return b->ends_at > now && b->status != RG_BOOKING_CANCELLED &&
           b->status != RG_BOOKING_EXPIRED && b->status != RG_BOOKING_NO_SHOW &&
           b->status != RG_BOOKING_COMPLETED;
}

rg_val_t *rg_view_patient_file(apr_pool_t *p, const rg_patient_file_t *f)
{
    const rg_patient_t *who = f->patient;
    rg_val_t *page = desk_page(p, rg_view_name(p, who->given, who->family), f->site);
    rg_val_t *ahead = rg_val_set_list(page, "ahead");
    rg_val_t *behind = rg_val_set_list(page, "behind");

    rg_val_set(page, "patient", rg_view_patient(p, who));
    /* Newest first is right for what was; what comes is read in the order in which it comes. */
    for (int i = f->booking_count - 1; i >= 0; i--) {
        if (to_come(f->bookings[i], f->now)) {
            rg_val_push(ahead, rg_view_booking(p, f->bookings[i], f->site->zone));
        }
    }
    for (int i = 0; i < f->booking_count; i++) {
        if (!to_come(f->bookings[i], f->now)) {
            rg_val_push(behind, rg_view_booking(p, f->bookings[i], f->site->zone));
        }
    }
    rg_view_planned(page, p, f->recalls, f->recall_count, f->reminders_stopped);
    rg_val_bool(page, "any_ahead", rg_val_count(ahead) > 0);
    rg_val_bool(page, "any_behind", rg_val_count(behind) > 0);
    return page;
}

/* --- the next times --------------------------------------------------------------------------- */

static const char *asked(const rg_form_t *query, const char *name)
{
    const char *value = query == NULL ? NULL : rg_form_get(query, name);

    return value == NULL ? "" : value;
}

static void put_choices(rg_val_t *page, apr_pool_t *p, const rg_desk_times_t *t,
                        const rg_form_t *query)
{
    static const char *const parts[][2] = {{"any", "Any time of day"},
                                           {"morning", "Morning (before noon)"},
                                           {"afternoon", "Afternoon (noon to 5 pm)"},
                                           {"evening", "Evening (from 5 pm)"}};
    const char *part = *asked(query, "part") == '\0' ? "any" : asked(query, "part");

    for (int i = 0; i < t->service_count; i++) {
        const rg_service_t *s = t->services[i];
        const char *name =
            s->staff_only ? apr_pstrcat(p, s->name, " (only booked by the clinic)", NULL) : s->name;

        rg_view_choice(page, "services", p, "service", s->code, name, asked(query, "service"));
    }
    for (int i = 0; i < t->person_count; i++) {
        rg_view_choice(page, "people", p, "practitioner",
                       apr_psprintf(p, "%" APR_INT64_T_FMT, t->people[i]->id), t->people[i]->name,
                       asked(query, "practitioner"));
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        rg_view_choice(page, "parts", p, "part", parts[i][0], parts[i][1], part);
    }
}

static bool same_day(const rg_desk_times_t *t, int a, int b)
{
    return rg_date_compare(rg_zone_local(t->site->zone, t->starts[a]).date,
                           rg_zone_local(t->site->zone, t->starts[b]).date) == 0;
}

static void put_days(rg_val_t *page, apr_pool_t *p, const rg_desk_times_t *t)
{
    rg_val_t *days = rg_val_set_list(page, "days");
    int minutes = t->visit_minutes > 0 ? t->visit_minutes : rg_view_service_minutes(t->service);

    for (int i = 0; i < t->count;) {
        rg_val_t *day = rg_val_add(days);
        int n = 1;

        while (i + n < t->count && same_day(t, i, i + n)) {
            n++;
        }
        rg_val_str(day, "day", rg_date_long(p, rg_zone_local(t->site->zone, t->starts[i]).date));
        rg_view_starts(day, "times", p, t->site, t->starts + i, n, minutes, 0);
        i += n;
    }
}

/* The values in addresses are checked ones, or codes of the clinic's own. */
static const char *address_of(apr_pool_t *p, const rg_desk_times_t *t, const rg_form_t *query)
{
    const char *part = asked(query, "part");
    const char *who = asked(query, "practitioner");
    const char *s = apr_pstrcat(p, "?service=", t->service->code, NULL);

    if (t->patient != NULL) {
        s = apr_pstrcat(p, s, "&patient=", t->patient->uid, NULL);
    }
    if (t->moving != NULL) {
        s = apr_pstrcat(p, s, "&booking=", t->moving->uid, NULL);
    }
    if (t->patient != NULL && rg_uid_valid(asked(query, "recall"))) {
        s = apr_pstrcat(p, s, "&recall=", asked(query, "recall"), NULL);
    }
    if (t->visit > 0) {
        s = apr_psprintf(p, "%s&visit=%d", s, t->visit);
    }
    if (*who != '\0' && strspn(who, "0123456789") == strlen(who)) {
        s = apr_pstrcat(p, s, "&practitioner=", who, NULL);
    }
    if (*part != '\0' && strspn(part, "abcdefghijklmnopqrstuvwxyz") == strlen(part)) {
        s = apr_pstrcat(p, s, "&part=", part, NULL);
    }
    return s;
}

static void put_times(rg_val_t *page, apr_pool_t *p, const rg_desk_times_t *t,
                      const rg_form_t *query)
{
    const char *here = address_of(p, t, query);

    rg_val_set(page, "service", rg_view_service(p, t->service));
    rg_val_str(page, "visit_length",
               t->visit_minutes > 0 ? rg_view_minutes(p, t->visit_minutes) : NULL);
    rg_val_bool(page, "any_times", t->count > 0);
    put_days(page, p, t);
    if (t->more) {
        apr_time_t last = t->starts[t->count - 1];
        const char *day = rg_date_iso(p, rg_zone_local(t->site->zone, last).date);

        rg_val_str(
            page, "later",
            apr_psprintf(p, "%s&from=%s&after=%" APR_TIME_T_FMT, here, day, apr_time_sec(last)));
    }
}

/* One visit moves, and is said with the time it has. */
static void put_visit(rg_val_t *page, apr_pool_t *p, const rg_desk_times_t *t)
{
    for (int i = 0; i < t->moving->appointment_count; i++) {
        const rg_appointment_t *a = &t->moving->appointments[i];

        if (a->visit_no == t->visit) {
            rg_val_int(page, "visit", t->visit);
            rg_view_time(page, "visit_now", p, t->site->zone, a->starts_at);
        }
    }
}

rg_val_t *rg_view_desk_times(apr_pool_t *p, const rg_desk_times_t *t, const rg_form_t *query,
                             const rg_explained_t *why)
{
    rg_val_t *page = desk_page(p, t->moving == NULL ? "Find a time" : "Move a booking", t->site);

    rg_val_bool(page, "at_desk", false);
    rg_val_bool(page, "at_times", true);
    put_choices(page, p, t, query);
    rg_val_str(page, "from", asked(query, "from"));
    rg_val_str(page, "practitioner",
               *asked(query, "practitioner") == '\0' ? NULL : asked(query, "practitioner"));
    if (t->patient != NULL) {
        rg_val_set(page, "patient", rg_view_patient(p, t->patient));
        rg_val_str(page, "patient_uid", t->patient->uid);
        rg_val_str(page, "recall_uid",
                   rg_uid_valid(asked(query, "recall")) ? asked(query, "recall") : NULL);
    }
    if (t->moving != NULL) {
        rg_val_set(page, "moving", rg_view_booking(p, t->moving, t->site->zone));
        rg_val_int(page, "version", t->moving->version);
        put_visit(page, p, t);
    }
    if (t->service != NULL) {
        put_times(page, p, t, query);
    }
    rg_val_str(page, "why_day", asked(query, "why_day"));
    rg_val_str(page, "why_time", asked(query, "why_time"));
    rg_val_str(page, "reason", asked(query, "reason"));
    if (why != NULL) {
        rg_view_explained(page, p, why, why->can_override || *asked(query, "start") != '\0');
    }
    return page;
}
