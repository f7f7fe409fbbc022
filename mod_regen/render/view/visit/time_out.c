/* SPDX-License-Identifier: Apache-2.0 */
/* Time-outs: what is asked before the next step, and those that are on record. */
#include "regen/clinic/visit.h"
#include "regen/core/form.h"
#include "regen/core/val.h"
#include "regen/model/service.h"
#include "regen/model/time_out.h"
#include "regen/model/unit.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

static const char *item_text(int event, rg_said_t item)
{
    const rg_said_wording_t *w = rg_said_wording(item);
    return event == RG_EVENT_HARVEST ? w->harvest : w->inject;
}

/* What exactly is agreed: it stands beside the item. */
static const char *item_detail(apr_pool_t *p, const rg_chart_t *c, int event, rg_said_t item)
{
    const char *detail = "";

    switch (item) {
    case RG_SAID_IDENTITY:
        detail = rg_view_name(p, c->booking->patient_given, c->booking->patient_family);
        break;
    case RG_SAID_PROCEDURE: detail = c->service->name; break;
    case RG_SAID_SITE:
        detail = event == RG_EVENT_INJECT ? rg_view_targets_open(p, c)
                                          : rg_view_places(p, c->booking->body_site,
                                                           c->booking->side, c->booking->further);
        break;
    case RG_SAID_LABEL: detail = c->unit && c->unit_counts.ready < 2 ? c->unit->label : ""; break;
    case RG_SAID_CONSENT:
    case RG_SAID_ALLERGIES: break;
    }
    return *detail == '\0' ? NULL : detail;
}

/* --- on record -------------------------------------------------------------------------------- */

static void put_agreed(rg_val_t *v, const rg_time_out_t *t)
{
    rg_val_t *items = rg_val_set_list(v, "items");

    for (int i = 0; i < RG_SAID_COUNT; i++) {
        if ((t->agreed >> i) & 1u) {
            rg_val_str(rg_val_add(items), "text", item_text(t->event, (rg_said_t)i));
        }
    }
    rg_val_bool(v, "any_items", t->agreed != 0);
}

static void put_said(rg_val_t *v, apr_pool_t *p, const rg_chart_t *c, const rg_time_out_t *t)
{
    const rg_said_wording_t *stop = t->stopped < 0 ? NULL : rg_said_wording((rg_said_t)t->stopped);

    rg_val_str(v, "before",
               t->event == RG_EVENT_HARVEST ? "Before the harvest" : "Before the injection");
    rg_view_time(v, "at", p, c->site->zone, t->at);
    if (t->recorded_at - t->at > RG_ENTERED_LATER) {
        rg_view_time(v, "entered", p, c->site->zone, t->recorded_at);
    }
    rg_val_str(v, "by", *t->done_by == '\0' ? t->staff_name : t->done_by);
    rg_val_str(v, "recorded_by", *t->done_by == '\0' || t->recorded_by_doer ? NULL : t->staff_name);
    rg_val_str(v, "with", *t->second == '\0' ? NULL : t->second);
    rg_val_str(v, "unit_label", *t->unit_label == '\0' ? NULL : t->unit_label);
    rg_val_str(v, "place",
               rg_targets_count(c->booking->further) > 1
                   ? rg_view_places(p, t->body_site, t->side, t->further)
                   : NULL);
    rg_val_bool(v, "agreed", !stop);
    rg_val_bool(v, "taken_back", t->taken_back);
    rg_val_str(v, "stopped", stop ? stop->name : NULL);
    rg_val_str(v, "advice", stop ? stop->advice : NULL);
    rg_val_str(v, "note", *t->note == '\0' ? NULL : t->note);
    put_agreed(v, t);
}

static void put_recorded(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c)
{
    rg_val_t *list = rg_val_set_list(page, "time_outs");

    for (int i = 0; i < c->time_out_count; i++) {
        put_said(rg_val_add(list), p, c, &c->time_outs[i]);
    }
    rg_val_bool(page, "any_time_outs", c->time_out_count > 0);
}

/* The last one before its step that was agreed. */
static const rg_time_out_t *held_before(const rg_chart_t *c, int event)
{
    const rg_time_out_t *held = NULL;

    for (int i = 0; i < c->time_out_count; i++) {
        const rg_time_out_t *t = &c->time_outs[i];

        if (t->event == event && t->current && t->stopped < 0 && !t->taken_back) {
            held = t;
        }
    }
    return held;
}

bool rg_view_unnamed(const rg_chart_t *c, const rg_step_event_t *e)
{
    const rg_time_out_t *t = held_before(c, rg_event_parse(e->kind));

    return t && *e->done_by_code != '\0' && strcmp(t->done_by_code, e->done_by_code) != 0;
}

/* --- before the next step --------------------------------------------------------------------- */

static const char *sent_answer(apr_pool_t *p, const rg_form_t *typed, rg_said_t item)
{
    const char *sent =
        typed ? rg_form_get(typed, apr_pstrcat(p, "said_", rg_said_name(item), NULL)) : NULL;
    return sent ? sent : "";
}

/* After a stop everything is said again. */
static bool sent_stop(apr_pool_t *p, const rg_form_t *typed)
{
    const char *stopped = typed ? rg_form_get(typed, "stopped") : NULL;
    bool stop = stopped && *stopped != '\0';

    for (int i = 0; i < RG_SAID_COUNT; i++) {
        stop = stop || strcmp(sent_answer(p, typed, (rg_said_t)i), "no") == 0;
    }
    return stop;
}

/* The last one before this step: it counts, counted, or stops it. */
static void put_last_said(rg_val_t *v, apr_pool_t *p, const rg_chart_t *c)
{
    const rg_time_out_t *t = c->said ? c->said : c->said_old ? c->said_old : c->said_stop;

    if (t) {
        rg_val_t *last = rg_val_object(p);
        put_said(last, p, c, t);
        rg_val_set(v, c->said ? "said" : c->said_old ? "old" : "stop", last);
    }
}

void rg_view_time_outs(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed)
{
    int event = c->next ? rg_event_parse(c->next) : -1;
    rg_val_t *v = rg_val_object(p);
    bool again = sent_stop(p, typed);
    unsigned asked = event < 0 ? 0 : rg_said_asked((rg_event_t)event, c->unit != NULL);

    put_recorded(page, p, c);
    if (asked == 0 || (!c->time_out_asked && !c->said_stop)) {
        return;
    }
    rg_val_t *items = rg_val_set_list(v, "items");
    for (int i = 0; i < RG_SAID_COUNT; i++) {
        rg_said_t item = (rg_said_t)i;

        if (!((asked >> i) & 1u)) {
            continue;
        }
        rg_val_t *one = rg_val_add(items);
        rg_val_str(one, "id", apr_pstrcat(p, "said_", rg_said_name(item), NULL));
        rg_val_str(one, "text", item_text(event, item));
        rg_val_str(one, "detail", item_detail(p, c, event, item));
        rg_val_bool(one, "ticked", !again && strcmp(sent_answer(p, typed, item), "yes") == 0);
        rg_view_choice(v, "stops", p, "stopped", rg_said_name(item), rg_said_wording(item)->name,
                       NULL);
    }
    rg_val_str(v, "before", c->next);
    rg_val_bool(v, "must", !c->said && !c->said_old);
    put_last_said(v, p, c);
    rg_val_set(page, "time_out", v);
}
