/* SPDX-License-Identifier: Apache-2.0 */
/* The remaining part of a late visit, as planned and as it could be. */
#include "regen/clinic/visit.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

static const char *names_of_people(apr_pool_t *p, const rg_replan_option_t *o, int step_no)
{
    const char *all = "";

    for (int i = 0; i < o->resource_count; i++) {
        if (o->resources[i].step_no == step_no) {
            all =
                apr_pstrcat(p, all, *all == '\0' ? "" : ", ", o->resources[i].resource_name, NULL);
        }
    }
    return all;
}

static apr_time_t was(const rg_booking_t *b, int visit_no)
{
    for (int i = 0; i < b->appointment_count; i++) {
        if (b->appointments[i].visit_no == visit_no) {
            return b->appointments[i].starts_at;
        }
    }
    return 0;
}

/* Later visits with a new time are shown with their days. */
static void put_later(rg_val_t *to, apr_pool_t *p, const rg_replan_t *r,
                      const rg_replan_option_t *o)
{
    rg_val_t *later = rg_val_set_list(to, "later");

    for (int i = 1; i < o->step_count; i++) {
        if (o->steps[i].visit_no != o->steps[i - 1].visit_no) {
            rg_val_t *item = rg_val_add(later);

            rg_val_int(item, "no", o->steps[i].visit_no);
            rg_view_time(item, "at", p, r->site->zone, o->steps[i].starts_at);
            rg_view_time(item, "was", p, r->site->zone, was(r->booking, o->steps[i].visit_no));
        }
    }
    rg_val_bool(to, "moves_later", rg_val_count(later) > 0);
    rg_val_int(to, "last_visit", o->last_visit);
}

static void put_way(rg_val_t *to, apr_pool_t *p, const rg_replan_t *r, const rg_replan_option_t *o)
{
    const rg_zone_t *z = r->site->zone;
    rg_val_t *steps = rg_val_set_list(to, "steps");

    rg_val_int(to, "start", apr_time_sec(o->start));
    rg_view_time(to, "at", p, z, o->start);
    rg_val_bool(to, "others", o->others);
    put_later(to, p, r, o);
    for (int i = 0; i < o->step_count && o->steps[i].visit_no == o->steps[0].visit_no; i++) {
        rg_val_t *item = rg_val_add(steps);

        rg_val_str(item, "name", o->steps[i].name);
        rg_view_time(item, "starts", p, z, o->steps[i].starts_at);
        rg_view_time(item, "ends", p, z, o->steps[i].ends_at);
        rg_val_str(item, "who", names_of_people(p, o, o->steps[i].step_no));
    }
}

static void put_limit(rg_val_t *page, apr_pool_t *p, const rg_replan_t *r)
{
    int left = (int)((apr_time_sec(r->latest) - apr_time_sec(r->now)) / 60);

    if (r->latest == 0) {
        return;
    }
    rg_view_time(page, "latest", p, r->site->zone, r->latest);
    rg_val_bool(page, "over", r->now > r->latest);
    rg_val_str(page, "left", rg_view_minutes(p, left < 0 ? -left : left));
}

rg_val_t *rg_view_replan(apr_pool_t *p, const rg_replan_t *r)
{
    rg_val_t *page = rg_view_page(p, "Reschedule the remaining steps", r->site);
    rg_val_t *planned = rg_val_object(p);
    rg_val_t *list = rg_val_set_list(page, "ways");

    rg_val_bool(page, "wide", true);
    rg_val_set(page, "booking", rg_view_booking(p, r->booking, r->site->zone));
    rg_val_int(page, "version", r->booking->version);
    rg_val_str(page, "next", rg_view_title(p, r->next));
    put_limit(page, p, r);
    put_way(planned, p, r, &r->planned);
    rg_val_set(page, "planned", planned);
    for (int i = 0; i < r->option_count; i++) {
        put_way(rg_val_add(list), p, r, &r->options[i]);
    }
    rg_val_bool(page, "several_visits", r->booking->appointment_count > 1);
    rg_val_bool(page, "any_way", r->option_count > 0);
    if (r->unit && r->unit->ended_at == 0) {
        rg_val_str(page, "unit", r->unit->label);
        rg_view_time(page, "expires", p, r->site->zone, r->unit->expires_at);
    }
    if (r->fallback) {
        rg_val_set(page, "fallback", rg_view_service(p, r->fallback));
        rg_val_str(page, "patient_uid", r->patient->uid);
    }
    rg_view_time(page, "now", p, r->site->zone, r->now);
    return page;
}
