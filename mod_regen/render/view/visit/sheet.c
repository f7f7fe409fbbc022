/* SPDX-License-Identifier: Apache-2.0 */
/* The day sheet: open visits of earlier days, by day. */
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/unit.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

static const char *open_words(apr_pool_t *p, const rg_open_visit_t *v)
{
    switch (v->status) {
    case RG_BOOKING_BOOKED: return "Nobody was recorded for this visit.";
    case RG_BOOKING_ARRIVED: return "The patient came, and nothing else was recorded.";
    case RG_BOOKING_IN_PROGRESS:
        return *v->unit_label == '\0'
                   ? "The treatment was not completed."
                   : apr_psprintf(p, "Unit %s was neither injected nor disposed of.",
                                  v->unit_label);
    default: return apr_psprintf(p, "Unit %s was never disposed of.", v->unit_label);
    }
}

static void put_open(rg_val_t *list, apr_pool_t *p, const rg_day_sheet_t *s,
                     const rg_open_visit_t *v, unsigned roles)
{
    rg_val_t *item = rg_val_add(list);
    bool booked = v->status == RG_BOOKING_BOOKED;
    bool began = v->status == RG_BOOKING_ARRIVED || v->status == RG_BOOKING_IN_PROGRESS;

    rg_val_str(item, "uid", v->uid);
    rg_val_str(item, "who", rg_view_name(p, v->given, v->family));
    rg_val_str(item, "service", v->service_name);
    rg_val_str(item, "state", rg_view_status(v->status));
    rg_val_str(item, "state_class", rg_view_status_class(v->status));
    rg_val_str(item, "what", open_words(p, v));
    rg_val_int(item, "version", v->version);
    rg_view_time(item, "starts", p, s->site->zone, v->starts_at);
    rg_val_bool(item, "record", booked || began);
    rg_val_bool(item, "began", began);
    rg_val_bool(item, "unit", !booked && !began);
    rg_val_bool(item, "no_show", booked && (roles & (RG_ROLE_FRONT_DESK | RG_ROLE_ADMIN)) != 0);
}

void rg_view_due(rg_val_t *page, apr_pool_t *p, const rg_due_device_t *due, int count)
{
    rg_val_t *list = rg_val_set_list(page, "due");

    for (int i = 0; i < count; i++) {
        rg_val_t *item = rg_val_add(list);

        rg_val_str(item, "name", due[i].name);
        rg_val_str(item, "day", rg_date_us(p, due[i].due));
        rg_val_bool(item, "overdue", due[i].overdue);
    }
    rg_val_bool(page, "any_due", count > 0);
}

static rg_val_t *sheet_page(apr_pool_t *p, const rg_day_sheet_t *s)
{
    rg_val_t *page = rg_view_page(p, "Open visits", s->site);
    rg_val_t *sites = rg_val_set_list(page, "sites");

    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "staff_area", true);
    for (int i = 0; i < s->site_count; i++) {
        rg_val_t *item = rg_val_add(sites);

        rg_val_str(item, "value", s->sites[i].code);
        rg_val_str(item, "text", s->sites[i].name);
        rg_val_bool(item, "chosen", s->sites[i].id == s->site->id);
    }
    rg_val_bool(page, "several_sites", s->site_count > 1);
    rg_val_str(page, "at_site", s->site_count > 1 ? s->site->code : NULL);
    rg_val_bool(page, "more", s->more);
    rg_view_due(page, p, s->due, s->due_count);
    return page;
}

static rg_date_t day_of(const rg_day_sheet_t *s, int i)
{
    return rg_zone_local(s->site->zone, s->visits[i].starts_at).date;
}

rg_val_t *rg_view_day_sheet(apr_pool_t *p, const rg_day_sheet_t *s, rg_date_t only, unsigned roles)
{
    rg_val_t *page = sheet_page(p, s);
    rg_val_t *days = rg_val_set_list(page, "days");
    rg_val_t *list = NULL;
    rg_date_t last = {0, 0, 0};

    for (int i = 0; i < s->count; i++) {
        rg_date_t day = day_of(s, i);

        if (only.year != 0 && rg_date_compare(only, day) != 0) {
            continue;
        }
        if (!list || rg_date_compare(last, day) != 0) {
            rg_val_t *item = rg_val_add(days);

            rg_val_str(item, "day", rg_date_long(p, day));
            rg_val_str(item, "date", rg_date_iso(p, day));
            list = rg_val_set_list(item, "visits");
            last = day;
        }
        put_open(list, p, s, &s->visits[i], roles);
    }
    rg_val_bool(page, "any", list != NULL);
    rg_val_str(page, "only", only.year == 0 ? NULL : rg_date_long(p, only));
    rg_val_str(page, "date", only.year == 0 ? NULL : rg_date_iso(p, only));
    return page;
}
