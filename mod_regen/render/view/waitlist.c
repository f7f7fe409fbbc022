/* SPDX-License-Identifier: Apache-2.0 */
/* The waitlist: the form to join, a patient's own entry with the offered time, and the list for
 * staff. */
#include "regen/clinic/waitlist.h"
#include "regen/core/form.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/waitlist.h"
#include "regen/render/message.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

static const char *const day_names[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                         "Friday", "Saturday", "Sunday"};
static const char *const part_names[RG_DAY_PARTS] = {"Before 10 am", "10 am to noon",
                                                     "Noon to 3 pm", "3 pm or later"};

/* --- what somebody wishes, in words ----------------------------------------------------------- */

static unsigned parts_of(unsigned times, int day)
{
    return (times >> (RG_DAY_PARTS * day)) & ((1u << RG_DAY_PARTS) - 1u);
}

static const char *joined(apr_pool_t *p, const char *const *words, unsigned mask, int n)
{
    const char *out = "";
    for (int i = 0; i < n; i++) {
        if ((mask >> i) & 1u) {
            out = apr_pstrcat(p, out, *out != '\0' ? ", " : "", words[i], NULL);
        }
    }
    return out;
}

/* The form asks for days and for parts of the day, so every chosen day has the same parts. */
static void put_wish(rg_val_t *v, apr_pool_t *p, const rg_waiter_t *w)
{
    unsigned days = 0;
    unsigned parts = 0;
    for (int i = 0; i < 7; i++) {
        unsigned own = parts_of(w->times, i);
        days |= own != 0 ? 1u << i : 0;
        parts |= own;
    }
    rg_val_str(v, "days", days == 0x7f ? "Any day of the week" : joined(p, day_names, days, 7));
    rg_val_str(v, "parts",
               parts == (1u << RG_DAY_PARTS) - 1u ? "any time of day"
                                                  : joined(p, part_names, parts, RG_DAY_PARTS));
    rg_view_date(v, "first_day", p, w->first_day);
    rg_view_date(v, "last_day", p, w->last_day);
    rg_val_str(v, "practitioner", *w->practitioner_name != '\0' ? w->practitioner_name : NULL);
}

static const char *waiter_closed_words(const char *why)
{
    switch (rg_waiter_why_parse(why)) {
    case RG_WAITER_WHY_EXPIRED: return "The last day of this request has passed";
    case RG_WAITER_WHY_UNANSWERED: return "Three offers were not answered";
    case RG_WAITER_WHY_WITHDRAWN: return "Left the list";
    default: return "Removed from the list";
    }
}

static const char *waiter_words(const rg_waiter_t *w)
{
    switch (w->status) {
    case RG_WAITER_WAITING: return "Waiting";
    case RG_WAITER_OFFERED: return "A time is offered";
    case RG_WAITER_TAKEN: return "Booked";
    case RG_WAITER_CLOSED: return waiter_closed_words(w->closed_why);
    }
    return "";
}

void rg_view_waiter(rg_val_t *v, apr_pool_t *p, const rg_waiter_t *w, const rg_service_t *service,
                    const rg_zone_t *z)
{
    rg_val_str(v, "uid", w->uid);
    rg_val_str(v, "name", rg_view_name(p, w->given, w->family));
    rg_val_str(v, "email", w->email);
    rg_val_str(v, "phone", w->phone);
    rg_val_str(v, "service", service ? service->name : "");
    rg_val_str(v, "service_code", service ? service->code : "");
    rg_val_str(v, "state", waiter_words(w));
    rg_val_str(v, "state_class",
               w->status == RG_WAITER_OFFERED ? "now"
               : w->status == RG_WAITER_TAKEN ? "done"
                                              : "");
    rg_val_bool(v, rg_waiter_status_name(w->status), true);
    rg_val_bool(v, "open", w->status == RG_WAITER_WAITING || w->status == RG_WAITER_OFFERED);
    rg_val_str(v, "why", w->status == RG_WAITER_CLOSED ? waiter_closed_words(w->closed_why) : NULL);
    rg_val_bool(v, "behind", w->behind);
    rg_val_bool(v, "by_phone", rg_source_parse(w->source) == RG_SOURCE_STAFF);
    put_wish(v, p, w);
    rg_view_time(v, "since", p, z, w->created_at);
    if (w->offer_booking_id != 0) {
        rg_view_time(v, "offer", p, z, w->offer_starts_at);
        rg_view_time(v, "until", p, z, w->offer_until);
        rg_val_str(v, "booking_uid", w->offer_booking_uid);
    }
}

/* --- the form --------------------------------------------------------------------------------- */

static bool ticked(const rg_form_t *typed, const char *name, const char *value)
{
    if (!typed) {
        return true; /* all times are selected by default */
    }
    for (int i = 0; i < typed->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(typed->pairs, i, rg_pair_t);
        if (strcmp(pair->name, name) == 0 && strcmp(pair->value, value) == 0) {
            return true;
        }
    }
    return false;
}

static void put_boxes(rg_val_t *view, apr_pool_t *p, const char *key, const char *name, int from,
                      const char *const *words, int n, const rg_form_t *typed)
{
    rg_val_t *list = rg_val_set_list(view, key);
    for (int i = 0; i < n; i++) {
        rg_val_t *v = rg_val_add(list);
        const char *value = apr_itoa(p, i + from);
        rg_val_str(v, "value", value);
        rg_val_str(v, "text", words[i]);
        rg_val_str(v, "id", i == 0 ? name : apr_pstrcat(p, name, "-", value, NULL));
        rg_val_bool(v, "chosen", ticked(typed, name, value));
    }
}

void rg_view_wait_form(rg_val_t *view, apr_pool_t *p, const rg_service_t *service,
                       const rg_resource_t *const *practitioners, int count, rg_date_t today,
                       const rg_form_t *typed)
{
    static const char *const fields[] = {"given", "family",    "email",
                                         "phone", "first_day", "last_day"};
    rg_val_t *in = rg_val_object(p);
    const char *wanted = typed ? rg_form_get(typed, "practitioner") : "";
    rg_val_str(in, "first_day", rg_date_iso(p, today));
    rg_val_str(in, "last_day", rg_date_iso(p, rg_window_last_day(service, today)));
    for (size_t i = 0; typed && i < sizeof(fields) / sizeof(fields[0]); i++) {
        rg_val_str(in, fields[i], rg_form_get(typed, fields[i]));
    }
    rg_val_set(view, "in", in);
    rg_val_set(view, "service", rg_view_service(p, service));
    rg_view_choice(view, "practitioners", p, "practitioner", "", "Anyone", wanted);
    for (int i = 0; i < count; i++) {
        rg_view_choice(view, "practitioners", p, "practitioner",
                       apr_psprintf(p, "%" APR_INT64_T_FMT, practitioners[i]->id),
                       practitioners[i]->name, wanted);
    }
    rg_val_bool(view, "has_practitioners", count > 1);
    put_boxes(view, p, "days", "day", 1, day_names, 7, typed);
    put_boxes(view, p, "parts", "part", 0, part_names, RG_DAY_PARTS, typed);
}

/* --- the list for staff ----------------------------------------------------------------------- */

static const rg_service_t *service_of(const rg_waitlist_t *l, int64_t id)
{
    for (int i = 0; i < l->service_count; i++) {
        if (l->services[i]->id == id) {
            return l->services[i];
        }
    }
    return NULL;
}

static void put_service_choice(rg_val_t *page, apr_pool_t *p, const rg_waitlist_t *l)
{
    const rg_service_t *chosen = service_of(l, l->service_id);
    rg_view_choice(page, "services", p, "service", "", "All treatments",
                   chosen ? chosen->code : "");
    for (int i = 0; i < l->service_count; i++) {
        rg_view_choice(page, "services", p, "service", l->services[i]->code, l->services[i]->name,
                       chosen ? chosen->code : "");
    }
    rg_val_str(page, "service_code", chosen ? chosen->code : NULL);
}

/* Patients see the time at which they must arrive. */
static const rg_zone_t *zone_of(const rg_waitlist_t *l, const rg_service_t *service)
{
    for (int i = 0; service && i < l->site_count; i++) {
        if (l->sites[i]->id == service->site_id) {
            return l->sites[i]->zone;
        }
    }
    return l->site->zone;
}

rg_val_t *rg_view_waitlist(apr_pool_t *p, const rg_waitlist_t *l)
{
    static const char *const titles[] = {[RG_WAITER_WAITING] = "Waiting",
                                         [RG_WAITER_OFFERED] = "Offered",
                                         [RG_WAITER_TAKEN] = "Booked",
                                         [RG_WAITER_CLOSED] = "Closed"};
    RG_WORDS_ALL(titles, RG_WAITER_STATUS_COUNT);
    rg_val_t *page = rg_view_page(p, "Waitlist", l->site);
    rg_val_t *tabs = rg_val_set_list(page, "tabs");
    rg_val_t *list = rg_val_set_list(page, "waiters");
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_waitlist", true);
    rg_val_bool(page, "many_zones", l->site_count > 1);
    rg_val_str(page, "step", l->name ? "Search results" : titles[l->status]);
    rg_val_str(page, "sought", l->name);
    rg_val_str(page, "status", rg_waiter_status_name((rg_waiter_status_t)l->status));
    for (int i = 0; i < RG_WAITER_STATUS_COUNT; i++) {
        rg_val_t *t = rg_val_add(tabs);
        rg_val_str(t, "name", rg_waiter_status_name((rg_waiter_status_t)i));
        rg_val_str(t, "title", titles[i]);
        rg_view_many(t, "count", p, l->counts[i]);
        rg_val_bool(t, "current", !l->name && i == l->status);
    }
    put_service_choice(page, p, l);
    for (int i = 0; i < l->count; i++) {
        const rg_waiter_t *w = &l->waiters[i];
        const rg_service_t *service = service_of(l, w->service_id);
        rg_view_waiter(rg_val_add(list), p, w, service, zone_of(l, service));
    }
    rg_val_bool(page, "has_waiters", l->count > 0);
    rg_view_pages(page, l->page, l->pages);
    return page;
}
