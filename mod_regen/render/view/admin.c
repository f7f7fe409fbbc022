/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the administrators: fields of their forms, closures and affected bookings. */
#include "regen/clinic/definitions.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/render/view.h"
#include "regen/render/view_admin.h"

#include <string.h>

#include <apr_strings.h>

const char *rg_view_conflict(rg_conflict_kind_t kind)
{
    switch (kind) {
    case RG_CONFLICT_CLOSED: return "is closed at that time.";
    case RG_CONFLICT_HOURS: return "is no longer open at that time.";
    case RG_CONFLICT_INACTIVE: return "is no longer available.";
    case RG_CONFLICT_CAPABILITY: return "can no longer do what is booked.";
    }
    return "";
}

/* --- a field ---------------------------------------------------------------------------------- */

/* Times are text: a browser's own field for them cannot say 24:00. */
static const char *input_type(rg_input_t input)
{
    return input == RG_INPUT_DATE ? "date" : "text";
}

static const char *described(apr_pool_t *p, const rg_view_field_t *f, const char *error)
{
    if (!error && !f->hint) {
        return NULL;
    }
    return apr_pstrcat(p, error ? f->name : "", error ? "-error" : "", error && f->hint ? " " : "",
                       f->hint ? f->name : "", f->hint ? "-hint" : "", NULL);
}

rg_val_t *rg_view_field(rg_val_t *list, apr_pool_t *p, const rg_view_field_t *f,
                        const rg_problems_t *problems)
{
    const char *error = problems ? rg_problem_for(problems, f->name) : NULL;
    rg_val_t *v = rg_val_add(list);
    rg_val_str(v, "id", f->name);
    rg_val_str(v, "label", f->label);
    rg_val_bool(v, "hinted", f->hint != NULL);
    rg_val_str(v, "hint", f->hint);
    rg_val_bool(v, "wrong", error != NULL);
    rg_val_str(v, "error", error);
    rg_val_str(v, "describes", described(p, f, error));
    rg_val_bool(v, "described", error || f->hint);
    rg_val_str(v, "value", f->value ? f->value : "");
    rg_val_bool(v, "check", f->input == RG_INPUT_CHECK);
    rg_val_bool(v, "on", f->value && strcmp(f->value, "true") == 0);
    rg_val_bool(v, "area", f->input == RG_INPUT_AREA);
    rg_val_bool(v, "choice", f->input == RG_INPUT_CHOICE);
    rg_val_bool(v, "number", f->input == RG_INPUT_NUMBER);
    rg_val_bool(v, "line",
                f->input != RG_INPUT_CHECK && f->input != RG_INPUT_AREA &&
                    f->input != RG_INPUT_CHOICE);
    rg_val_str(v, "type", input_type(f->input));
    rg_val_bool(v, "listed", f->list != NULL);
    rg_val_str(v, "suggest", f->list);
    rg_val_set_list(v, "options");
    return v;
}

void rg_view_option(rg_val_t *field, const char *value, const char *text, const char *chosen)
{
    rg_val_t *item = rg_val_add(rg_val_set_list(field, "options"));
    rg_val_str(item, "value", value);
    rg_val_str(item, "text", text);
    rg_val_bool(item, "chosen", chosen && strcmp(chosen, value) == 0);
}

/* --- the closures there are ------------------------------------------------------------------- */

static const char *clock_of_closure(apr_pool_t *p, int minute)
{
    return apr_psprintf(p, "%02d:%02d", minute / 60, minute % 60);
}

static void put_closures(rg_val_t *page, apr_pool_t *p, const rg_view_closures_t *in)
{
    rg_val_t *list = rg_val_set_list(page, "closures");
    for (int i = 0; i < in->count; i++) {
        const rg_closure_row_t *row = &in->rows[i];
        rg_val_t *v = rg_val_add(list);
        rg_val_int(v, "id", row->id);
        rg_val_str(v, "place", row->resource[0] ? row->resource_name : row->site_name);
        rg_val_bool(v, "whole_site", !row->resource[0]);
        rg_view_date(v, "first", p, row->first_day);
        rg_view_date(v, "last", p, row->last_day);
        rg_val_bool(v, "several", rg_date_compare(row->first_day, row->last_day) != 0);
        if (row->start > 0 || row->end < RG_DAY_MINUTES) {
            rg_val_str(v, "hours",
                       apr_pstrcat(p, clock_of_closure(p, row->start), " to ",
                                   clock_of_closure(p, row->end), NULL));
        }
        rg_val_str(v, "kind", rg_view_title(p, row->kind));
        rg_val_str(v, "reason", row->reason);
    }
    rg_val_bool(page, "any_closures", in->count > 0);
}

/* --- bookings that stand in the way ----------------------------------------------------------- */

static const rg_site_t *site_of(const rg_view_closures_t *in, int64_t id)
{
    for (int i = 0; i < in->site_count; i++) {
        if (in->sites[i].id == id) {
            return &in->sites[i];
        }
    }
    return in->site_count > 0 ? &in->sites[0] : NULL;
}

/* NULL, which shows no time, in a clinic that has lost its sites. */
static const rg_zone_t *zone_of(const rg_view_closures_t *in, int64_t id)
{
    const rg_site_t *site = site_of(in, id);
    return site ? site->zone : NULL;
}

static void put_conflict_booking(rg_val_t *v, apr_pool_t *p, const rg_view_closures_t *in,
                                 const rg_conflict_t *c)
{
    const rg_booking_t *b = c->booking;
    const char *who = rg_view_name(p, b->patient_given, b->patient_family);
    rg_val_int(v, "booking", b->id);
    rg_val_str(v, "uid", b->uid);
    rg_val_str(v, "who", who[0] ? who : "Being booked");
    rg_val_str(v, "service", b->service_name);
    rg_val_str(v, "state", rg_view_status(b->status));
    rg_view_time(v, "starts", p, zone_of(in, b->site_id), b->starts_at);
    rg_val_int(v, "seen", apr_time_sec(b->starts_at));
    rg_val_str(v, "what", apr_pstrcat(p, c->resource_name, " ", rg_view_conflict(c->kind), NULL));
    rg_val_str(v, "kind", rg_conflict_kind_name(c->kind));
    rg_val_int(v, "closure", c->closure_id);
    rg_val_int(v, "resource", c->resource_id);
}

/* More than anybody decides about in one go; a year's closure of a large clinic may meet
 * thousands. */
enum { CONFLICTS_SHOWN = 200 };

static void put_conflicts(rg_val_t *page, apr_pool_t *p, const rg_view_closures_t *in)
{
    rg_val_t *list = rg_val_set_list(page, "conflicts");
    int more = in->conflict_count - CONFLICTS_SHOWN;
    for (int i = 0; i < in->conflict_count && i < CONFLICTS_SHOWN; i++) {
        rg_val_t *v = rg_val_add(list);
        put_conflict_booking(v, p, in, &in->conflicts[i]);
        rg_val_str(v, "keep_id", apr_psprintf(p, "keep-%d", i));
    }
    rg_val_bool(page, "any_conflicts", in->conflict_count > 0);
    rg_val_int(page, "conflict_count", in->conflict_count);
    rg_val_str(page, "conflicts_more", more > 0 ? apr_itoa(p, more) : NULL);
    rg_val_bool(page, "one_conflict", in->conflict_count == 1);
}

static const char *typed(const rg_view_closures_t *in, const char *name)
{
    const char *v = in->typed ? rg_form_get(in->typed, name) : NULL;
    return v ? v : "";
}

static void put_move_times(rg_val_t *decide, apr_pool_t *p, const rg_view_closures_t *in,
                           const rg_conflict_t *hit, const char *chosen)
{
    const rg_zone_t *zone = zone_of(in, hit->booking->site_id);
    for (int i = 0; zone && i < hit->nearest_count; i++) {
        apr_time_t start = hit->nearest[i];
        bool same = apr_time_sec(start) == apr_time_sec(hit->booking->starts_at);
        rg_view_option(
            decide, apr_psprintf(p, "move-%" APR_INT64_T_FMT, (apr_int64_t)apr_time_sec(start)),
            same ? "Same time, with a different room, device or person"
                 : apr_pstrcat(p, "Reschedule to ", rg_time_people(p, zone, start), NULL),
            chosen);
    }
}

static void put_hit(rg_val_t *list, apr_pool_t *p, const rg_view_closures_t *in,
                    const rg_conflict_t *hit)
{
    rg_val_t *v = rg_val_add(list);
    bool begun =
        hit->booking->status != RG_BOOKING_HELD && hit->booking->status != RG_BOOKING_BOOKED;
    const char *decide = apr_psprintf(p, "decide-%" APR_INT64_T_FMT, hit->booking_id);
    const char *reason = apr_psprintf(p, "reason-%" APR_INT64_T_FMT, hit->booking_id);
    const char *at = apr_psprintf(p, "at-%" APR_INT64_T_FMT, hit->booking_id);
    const char *now =
        apr_psprintf(p, "%" APR_INT64_T_FMT, (apr_int64_t)apr_time_sec(hit->booking->starts_at));
    /* What was chosen for another time of the booking is chosen again. */
    const char *chosen = strcmp(typed(in, at), now) == 0 ? typed(in, decide) : "";
    rg_view_field_t what = {decide, "Keep, cancel or reschedule?", NULL, RG_INPUT_CHOICE, chosen,
                            NULL};
    rg_view_field_t why = {reason,        "Reason, if it is kept", NULL,
                           RG_INPUT_TEXT, typed(in, reason),       NULL};
    put_conflict_booking(v, p, in, hit);
    rg_val_t *fields = rg_val_set_list(v, "fields");
    rg_val_t *field = rg_view_field(fields, p, &what, in->problems);
    rg_view_option(field, "", "Choose", chosen);
    rg_view_option(field, rg_decide_name(RG_DECIDE_KEEP), "Keep it anyway", chosen);
    if (!begun) {
        rg_view_option(field, rg_decide_name(RG_DECIDE_CANCEL), "Cancel it", chosen);
        put_move_times(field, p, in, hit, chosen);
    }
    rg_view_field(fields, p, &why, in->problems);
}

static void put_closure_hits(rg_val_t *page, apr_pool_t *p, const rg_view_closures_t *in)
{
    rg_val_t *list = rg_val_set_list(page, "hits");
    for (int i = 0; i < in->hit_count; i++) {
        put_hit(list, p, in, &in->hits[i]);
    }
    rg_val_bool(page, "any_hits", in->hit_count > 0);
    rg_val_int(page, "hit_count", in->hit_count);
    rg_val_bool(page, "one_hit", in->hit_count == 1);
}

/* --- a new one -------------------------------------------------------------------------------- */

static rg_val_t *put_field(rg_val_t *list, apr_pool_t *p, const rg_view_closures_t *in,
                           const char *name, const char *label, const char *hint, rg_input_t input)
{
    rg_view_field_t f = {name, label, hint, input, typed(in, name), NULL};
    return rg_view_field(list, p, &f, in->problems);
}

static void put_places(rg_val_t *list, apr_pool_t *p, const rg_view_closures_t *in)
{
    const char *chosen = typed(in, "site");
    rg_val_t *site = put_field(list, p, in, "site", "Site", NULL, RG_INPUT_CHOICE);
    for (int i = 0; i < in->site_count; i++) {
        rg_view_option(site, in->sites[i].code, in->sites[i].name, chosen);
    }
    chosen = typed(in, "resource");
    rg_val_t *who =
        put_field(list, p, in, "resource", "Person, room or device", NULL, RG_INPUT_CHOICE);
    rg_view_option(who, "", "The whole site", chosen);
    for (int i = 0; i < in->resource_count; i++) {
        const rg_resource_t *r = in->resources[i];
        const char *at = in->site_count > 1 ? site_of(in, in->resource_sites[i])->name : NULL;
        rg_view_option(who, r->code, at ? apr_pstrcat(p, r->name, ", ", at, NULL) : r->name,
                       chosen);
    }
}

static void put_form(rg_val_t *page, apr_pool_t *p, const rg_view_closures_t *in)
{
    rg_val_t *list = rg_val_set_list(page, "fields");
    put_places(list, p, in);
    put_field(list, p, in, "first_day", "First day", NULL, RG_INPUT_DATE);
    put_field(list, p, in, "last_day", "Last day", "Leave empty for a single day", RG_INPUT_DATE);
    put_field(list, p, in, "start", "From, on each day",
              "For example 08:30; leave empty for all day", RG_INPUT_TIME);
    put_field(list, p, in, "end", "Until, on each day",
              "For example 17:00; leave empty for all day", RG_INPUT_TIME);
    rg_val_t *kind = put_field(list, p, in, "kind", "Kind", NULL, RG_INPUT_CHOICE);
    for (int i = 0; i < RG_CLOSURE_KIND_COUNT; i++) {
        rg_view_option(kind, rg_closure_kind_name((rg_closure_kind_t)i),
                       rg_view_closure_kind((rg_closure_kind_t)i), typed(in, "kind"));
    }
    put_field(list, p, in, "reason", "Reason", "Shown to staff", RG_INPUT_TEXT);
}

rg_val_t *rg_view_closures(apr_pool_t *p, const rg_view_closures_t *in)
{
    rg_val_t *page = rg_view_page(p, "Closures", in->site_count > 0 ? &in->sites[0] : NULL);
    rg_val_bool(page, "many_zones", in->site_count > 1);
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_admin", true);
    rg_val_bool(page, "at_closures", true);
    put_closures(page, p, in);
    put_conflicts(page, p, in);
    put_closure_hits(page, p, in);
    put_form(page, p, in);
    return page;
}

static void count_text(rg_val_t *list, apr_pool_t *p, int n, const char *words)
{
    if (n > 0) {
        rg_val_push(list, rg_val_string(p, apr_psprintf(p, "%d %s.", n, words)));
    }
}

void rg_view_closed(rg_val_t *page, apr_pool_t *p, int kept, int cancelled, int moved, int left)
{
    rg_val_t *list = rg_val_set_list(page, "outcome");
    rg_val_bool(page, "stored", true);
    count_text(list, p, kept, "kept");
    count_text(list, p, cancelled, "canceled");
    count_text(list, p, moved, "moved");
    count_text(list, p, left,
               "could not be rescheduled, because the time was just taken. Decide below");
    rg_val_bool(page, "all_well", left <= 0);
}
