/* SPDX-License-Identifier: Apache-2.0 */
/* Facts derived from a service: the duration of its first visit, the window in which it may begin,
 * and the rules against a start. Calculated only here, for the search (which has the window as
 * bits), refusals, explanations to the front desk, pages and FHIR. Pure. */
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"

#include <apr_strings.h>

/* --- visits ----------------------------------------------------------------------------------- */

int rg_first_visit_minutes(const rg_service_t *s)
{
    int minutes = 0;
    for (int i = 0; i < s->step_count && s->steps[i].visit_no == s->steps[0].visit_no; i++) {
        minutes += s->steps[i].minutes + (i > 0 ? s->steps[i].gap_min : 0);
    }
    return minutes;
}

bool rg_service_needs_order(const rg_service_t *s)
{
    return rg_booked_by_parse(s->booked_by) == RG_BOOKED_BY_ORDER;
}

int rg_visit_count(const rg_service_t *s)
{
    int visits = s->step_count > 0 ? 1 : 0;
    for (int i = 1; i < s->step_count; i++) {
        visits += s->steps[i].visit_no != s->steps[i - 1].visit_no;
    }
    return visits;
}

int rg_step_minutes(const rg_step_t *step, int targets)
{
    return step->minutes + (targets > 1 ? (targets - 1) * step->further_minutes : 0);
}

const rg_service_t *rg_service_sized(apr_pool_t *p, const rg_service_t *s, int targets)
{
    bool grows = false;
    for (int i = 0; i < s->step_count; i++) {
        grows = grows || s->steps[i].further_minutes > 0;
    }
    if (targets <= 1 || !grows) {
        return s;
    }
    rg_service_t *sized = apr_pmemdup(p, s, sizeof(*s));
    sized->steps = apr_pmemdup(p, s->steps, sizeof(*s->steps) * (size_t)s->step_count);
    for (int i = 0; i < s->step_count; i++) {
        rg_step_t *step = &sized->steps[i];
        step->minutes = rg_step_minutes(step, targets);
        step->further_minutes = 0; /* twice the same makes no difference */
    }
    return sized;
}

/* --- the window ------------------------------------------------------------------------------- */

int rg_preparing_days(const rg_service_t *s)
{
    int days = 0;
    for (int i = 0; i < s->preparing_count; i++) {
        const rg_preparing_t *what = &s->preparing[i];
        bool refuse = rg_too_late_parse(what->too_late) == RG_TOO_LATE_REFUSE;
        days = refuse && what->from_days > days ? what->from_days : days;
    }
    return days;
}

apr_time_t rg_window_notice(const rg_service_t *s, apr_time_t now)
{
    return now + s->notice_minutes * RG_MINUTE;
}

apr_time_t rg_window_from(const rg_service_t *s, const rg_zone_t *zone, apr_time_t now)
{
    int days = rg_preparing_days(s);
    apr_time_t notice = rg_window_notice(s, now);
    apr_time_t prepared =
        days > 0 ? rg_zone_utc(zone, rg_date_add(rg_zone_local(zone, now).date, days), 0) : 0;
    return prepared > notice ? prepared : notice;
}

rg_date_t rg_window_last_day(const rg_service_t *s, rg_date_t today)
{
    return rg_date_add(today, s->horizon_days);
}

apr_time_t rg_window_until(const rg_service_t *s, const rg_zone_t *zone, apr_time_t now)
{
    rg_date_t last = rg_window_last_day(s, rg_zone_local(zone, now).date);
    return rg_zone_utc(zone, rg_date_add(last, 1), 0);
}

/* --- the rules of a start --------------------------------------------------------------------- */

static unsigned bit(bool broken, rg_rule_t rule)
{
    return broken ? 1u << rule : 0;
}

rg_start_t rg_start_look(const rg_service_t *s, const rg_zone_t *zone, apr_time_t start,
                         apr_time_t now, bool later)
{
    rg_local_t local = rg_zone_local(zone, start);
    rg_start_t it = {.past = start <= now,
                     .far = start - now > RG_YEARS_AHEAD * 366 * RG_DAY,
                     .between = start % RG_GRANULE != 0,
                     .from = later ? rg_window_notice(s, now) : rg_window_from(s, zone, now),
                     .last = rg_window_last_day(s, rg_zone_local(zone, now).date)};
    it.broken = bit(!it.past && start < it.from, RG_RULE_NOTICE) |
                bit(!later && rg_date_compare(local.date, it.last) > 0, RG_RULE_HORIZON) |
                bit(it.between || local.minute % s->start_grid != 0, RG_RULE_GRID);
    return it;
}

bool rg_start_never(const rg_start_t *start)
{
    return start->past || start->far || start->between;
}
