/* SPDX-License-Identifier: Apache-2.0 */
/* Everything staff see of one booking, and of the unit with a label. Reads are audited. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/clinic/patient.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/unit.h"
#include "regen/store/desk.h"
#include "regen/store/followup.h"
#include "regen/store/person.h"
#include "regen/store/questionnaire.h"
#include "regen/store/store.h"
#include "regen/store/supply.h"
#include "regen/store/visit.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/patient/people.h"

#include <string.h>

/* Open before over; of those that are open the one that expires first, of the others the last. */
static bool is_before(const rg_unit_t *u, const rg_unit_t *other)
{
    if ((u->ended_at == 0) != (other->ended_at == 0)) {
        return u->ended_at == 0;
    }
    return u->ended_at != 0 || u->expires_at < other->expires_at;
}

static rg_outcome_t read_chart_units(rg_db_t *db, const rg_ctx_t *ctx, rg_chart_t *c)
{
    rg_outcome_t rc = rg_units_of_booking(db, ctx, c->booking->id, &c->unit_count, &c->units);

    if (rc != RG_OK) {
        return rc;
    }
    c->unit_counts = rg_unit_count(c->units, c->unit_count);
    c->unit_lots = apr_pcalloc(ctx->pool, sizeof(*c->unit_lots) * (size_t)(c->unit_count + 1));
    bool any = false;
    for (int i = 0; i < c->unit_count; i++) {
        c->unit = !c->unit || is_before(&c->units[i], c->unit) ? &c->units[i] : c->unit;
        any |= c->units[i].processed_at != 0;
    }
    return any ? rg_supply_of_units(db, ctx, c->booking->id, c->units, c->unit_count, c->unit_lots)
               : RG_OK;
}

static rg_outcome_t likely(rg_db_t *db, const rg_ctx_t *ctx, rg_chart_t *c)
{
    if (*c->booking->body_site == '\0') {
        return RG_OK;
    }
    bool one = rg_targets_count(c->booking->further) == 1;
    return rg_diagnoses_likely(db, ctx, c->booking->body_site,
                               one ? c->booking->side : RG_SIDE_NONE, &c->likely_count, &c->likely);
}

static rg_outcome_t read_others(rg_db_t *db, const rg_ctx_t *ctx, rg_chart_t *c)
{
    return c->patient ? rg_person_others(db, ctx, c->booking->id, &c->others, &c->other_count)
                      : RG_OK;
}

static unsigned kinds_of(const rg_booking_t *b)
{
    unsigned kinds = 0;

    for (int i = 0; i < b->step_count; i++) {
        int kind = (int)b->steps[i].kind;

        kinds |= kind >= 0 ? 1u << kind : 0; /* -1: a word that this build does not know */
    }
    return kinds;
}

static unsigned done_of(const rg_chart_t *c)
{
    unsigned done = 0;

    for (int i = 0; i < c->event_count; i++) {
        for (int e = 0; e < RG_EVENT_COUNT; e++) {
            done |= strcmp(c->events[i].kind, rg_event_name((rg_event_t)e)) == 0 ? 1u << e : 0;
        }
    }
    return done;
}

/* What was recorded: the steps, and whether it ended early. */
static rg_outcome_t read_events(rg_db_t *db, const rg_ctx_t *ctx, rg_chart_t *c)
{
    rg_outcome_t rc = rg_care_events(db, ctx, c->booking->id, &c->event_count, &c->events);

    for (int i = 0; rc == RG_OK && i < c->event_count; i++) {
        c->ended = c->events[i].ending >= 0 ? &c->events[i] : c->ended;
    }
    return rc;
}

/* Who may do the next step; without one, who may have done what can be corrected. */
static rg_outcome_t read_doers(rg_db_t *db, const rg_ctx_t *ctx, rg_chart_t *c, int next)
{
    if (next == RG_EVENT_CHECK_IN || (next < 0 && !c->unit && c->event_count == 0)) {
        return RG_OK;
    }
    rg_outcome_t rc =
        rg_act_people(db, ctx, c->booking->id, next, ctx->now, &c->doer_count, &c->doers);
    c->second = (next == RG_EVENT_HARVEST && c->service->second_harvest) ||
                (next == RG_EVENT_INJECT && c->service->second_inject);
    c->likely_doer = rg_day_likely_doer(c->doers, c->doer_count, ctx->who.resource_id);
    return rc;
}

/* Each harvest and each injection has a time-out of its own. */
static apr_time_t last_act(const rg_unit_t *units, int count, int event, apr_time_t last)
{
    for (int i = 0; i < count; i++) {
        apr_time_t at = event == RG_EVENT_INJECT    ? units[i].injected_at
                        : event == RG_EVENT_HARVEST ? units[i].harvested_at
                                                    : 0;

        last = at > last ? at : last;
    }
    return last;
}

/* What was said before the steps, and whether it counts for the next one as of now. One that is too
 * old for that may count for a step that is entered later. */
static rg_outcome_t read_time_outs(rg_db_t *db, const rg_ctx_t *ctx, rg_chart_t *c, int next)
{
    apr_time_t step_at = 0;
    bool again = false;
    rg_outcome_t rc = c->event_count == 0 ? RG_OK
                                          : rg_time_outs_of(db, ctx, c->booking->id,
                                                            &c->time_out_count, &c->time_outs);

    c->time_out_asked = (next == RG_EVENT_HARVEST && c->service->timeout_harvest) ||
                        (next == RG_EVENT_INJECT && c->service->timeout_inject);
    if (rc != RG_OK || next < 0) {
        return rc;
    }
    for (int i = 0; i < c->event_count; i++) {
        again |= rg_event_parse(c->events[i].kind) == next;
    }
    for (int i = 0; i < c->event_count; i++) {
        int kind = rg_event_parse(c->events[i].kind);
        bool step = again ? kind == next || kind == RG_EVENT_CHECK_IN : kind >= 0;

        step_at = step && c->events[i].at > step_at ? c->events[i].at : step_at;
    }
    step_at = last_act(c->units, c->unit_count, next, step_at);
    const rg_time_out_t *t = rg_day_last_said(c->time_outs, c->time_out_count, (rg_event_t)next);
    c->said_stop = t && t->stopped >= 0 ? t : NULL;
    c->said = rg_day_said_why(t, step_at, ctx->now, 0) ? NULL : t;
    c->said_old = t && !c->said && !t->used && !rg_day_said_why(t, step_at, t->at, 0) ? t : NULL;
    return rc;
}

typedef struct {
    const char *uid, *act;
    rg_chart_t *chart;
} look_t;

/* What is done to units can be done again, and in another order than the next step says. */
static unsigned can_do(const rg_chart_t *c)
{
    bool on = c->booking->status == RG_BOOKING_IN_PROGRESS && c->unit_count > 0;
    unsigned can = on ? 1u << RG_EVENT_HARVEST : 0;

    can |= on && c->unit_counts.raw > 0 ? 1u << RG_EVENT_PROCESS : 0;
    return can | (on && c->unit_counts.ready > 0 ? 1u << RG_EVENT_INJECT : 0);
}

/* The next step, or the one that was asked for. */
static int choose_next(rg_chart_t *c, const char *act)
{
    int next = rg_day_next(c->booking->status, c->kinds, done_of(c), &c->unit_counts);
    int asked = rg_event_parse(act);

    c->can = can_do(c) & ~(next < 0 ? 0 : 1u << next);
    c->due = next < 0 ? NULL : rg_event_name((rg_event_t)next);
    if (asked >= 0 && ((c->can >> asked) & 1u)) {
        next = asked;
        c->again = asked == RG_EVENT_HARVEST;
    }
    c->next = next < 0 ? NULL : rg_event_name((rg_event_t)next);
    return next;
}

static rg_outcome_t read_chart_case(rg_chart_t *c, rg_db_t *db, const rg_ctx_t *ctx,
                                    const char *uid)
{
    rg_details_t *details = NULL;
    rg_outcome_t rc = rg_booking_get_in(&c->booking, &c->patient, db, ctx, 0, uid);

    if (rc == RG_OK) {
        rc = rg_catalogue_of_booking(&c->service, &c->site, db, ctx, c->booking);
    }
    if (rc == RG_OK) {
        rc = rg_details_in(&details, db, ctx, c->booking, c->patient, false);
    }
    if (rc == RG_OK) {
        c->coverage = details->coverage;
        rc = rg_consents_in(&c->consents, db, ctx, c->booking, c->patient);
    }
    return rc;
}

static rg_outcome_t chart_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const look_t *look = baton;
    rg_chart_t *c = look->chart;
    rg_outcome_t rc = read_chart_case(c, db, ctx, look->uid);
    if (rc != RG_OK) {
        return rc;
    }
    int64_t id = c->booking->id;

    rc = read_events(db, ctx, c);
    rc = rc == RG_OK ? read_chart_units(db, ctx, c) : rc;
    rc = rc == RG_OK ? rg_diagnoses_of(db, ctx, id, &c->diagnosis_count, &c->diagnoses) : rc;
    rc = rc == RG_OK
             ? rg_unit_devices(db, ctx, id, ctx->now, c->site->zone, &c->device_count, &c->devices)
             : rc;
    rc = rc == RG_OK ? likely(db, ctx, c) : rc;
    rc = rc == RG_OK ? rg_overrides_of(db, ctx, id, &c->override_count, &c->overrides) : rc;
    rc = rc == RG_OK ? read_others(db, ctx, c) : rc;
    rc = rc == RG_OK ? rg_quest_asked_of(db, ctx, id, &c->asked, &c->asked_count) : rc;
    rc = rc == RG_OK ? rg_messages_read(db, ctx, &c->messages, &c->message_count, id) : rc;
    rc = rc == RG_OK ? rg_audit_add(db, ctx, "day.view", "booking", id, "") : rc;
    if (rc == RG_OK) {
        c->kinds = kinds_of(c->booking);
        int next = choose_next(c, look->act);

        rc = read_doers(db, ctx, c, next);
        rc = rc == RG_OK ? read_time_outs(db, ctx, c, next) : rc;
        if (rc == RG_OK && c->unit_counts.raw > 0) {
            rc = rg_supply_usable(db, ctx, rg_zone_local(c->site->zone, ctx->now).date,
                                  &c->lot_count, &c->lots);
        }
    }
    return rc;
}

static bool is_same_day(const rg_zone_t *zone, apr_time_t a, apr_time_t b)
{
    return rg_date_compare(rg_zone_local(zone, a).date, rg_zone_local(zone, b).date) == 0;
}

rg_outcome_t rg_day_chart(rg_chart_t **out, const rg_ctx_t *ctx, const char *booking_uid,
                          const char *act)
{
    look_t look = {booking_uid, act, apr_pcalloc(ctx->pool, sizeof(rg_chart_t))};
    rg_chart_t *c = look.chart;

    if (!rg_may(ctx, RG_DEED_SEE_DAY)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_store_transact(ctx, chart_work, &look);
    if (rc != RG_OK) {
        return rc;
    }
    c->now = ctx->now;
    c->today = is_same_day(c->site->zone, c->booking->starts_at, ctx->now);
    *out = c;
    return rc;
}

/* --- by label --------------------------------------------------------------------------------- */

typedef struct {
    const char *label, *uid;
} labelled_t;

static rg_outcome_t label_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    labelled_t *l = baton;
    rg_unit_t *unit = NULL;
    rg_care_t care;
    rg_outcome_t rc = rg_unit_by_label(db, ctx, &unit, l->label);

    rc = rc == RG_OK ? rg_care_get(db, ctx, &care, unit->booking_id) : rc;
    l->uid = rc == RG_OK ? care.uid : NULL;
    return rc;
}

rg_outcome_t rg_day_unit(rg_chart_t **out, const rg_ctx_t *ctx, const char *label)
{
    labelled_t l = {rg_unit_label_read(ctx->pool, label), NULL};

    if (!rg_may(ctx, RG_DEED_SEE_DAY)) {
        return RG_FORBIDDEN;
    }
    if (!l.label) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_read(ctx, label_work, &l);
    rc = rc == RG_OK ? rg_day_chart(out, ctx, l.uid, NULL) : rc;
    for (int i = 0; rc == RG_OK && i < (*out)->unit_count; i++) {
        rg_unit_t *u = &(*out)->units[i];
        (*out)->unit = strcmp(u->label, l.label) == 0 ? u : (*out)->unit;
    }
    return rc;
}
