/* SPDX-License-Identifier: Apache-2.0 */
/* What was corrected, and what can be. */
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/unit.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

static const char *corrected_words(int what)
{
    static const char *const words[] = {
        [RG_CORRECT_CHECK_IN] = "Check-in",
        [RG_CORRECT_COMPLETE] = "Completion",
        [RG_CORRECT_END] = "End of the visit",
        [RG_CORRECT_NO_SHOW] = "No-show",
        [RG_CORRECT_HARVEST_VOLUME] = "Harvested volume, ml",
        [RG_CORRECT_CONCENTRATE_VOLUME] = "Concentrate, ml",
        [RG_CORRECT_KIT_LOT] = "Lot number of the kit",
        [RG_CORRECT_HARVEST_BY] = "Harvest done by",
        [RG_CORRECT_PROCESS_BY] = "Processing done by",
        [RG_CORRECT_INJECT_BY] = "Injection done by",
        [RG_CORRECT_CONSULT_BY] = "Consultation done by",
        [RG_CORRECT_TIME_OUT_HARVEST] = "Time-out before the harvest",
        [RG_CORRECT_TIME_OUT_INJECT] = "Time-out before the injection",
        [RG_CORRECT_MANIPULATION] = "Units split or pooled",
        [RG_CORRECT_INJECT_TARGET] = "Target injected"};
    RG_WORDS_ALL(words, RG_CORRECT_COUNT);

    return what < 0 ? "" : words[what];
}

/* "left knee" of a value, as it is of the others. */
static const char *value_words(apr_pool_t *p, const rg_chart_t *c, int what, const char *value)
{
    const rg_booking_t *b = c->booking;
    const rg_targets_t t = rg_targets_of(p, b->body_site, b->side, b->further);
    int no = what == RG_CORRECT_INJECT_TARGET ? rg_target_coded(&t, value) : 0;

    return no == 0 ? value : rg_view_place(p, t.at[no - 1].body_site, t.at[no - 1].side);
}

static void put_corrected(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c)
{
    rg_val_t *list = rg_val_set_list(page, "corrections");

    for (int i = 0; i < c->event_count; i++) {
        const rg_step_event_t *e = &c->events[i];

        if (e->corrects < 0) {
            continue;
        }
        rg_val_t *item = rg_val_add(list);
        const char *ending = e->corrects == RG_CORRECT_END
                                 ? rg_view_ending(rg_ending_parse(
                                       apr_pstrmemdup(p, e->old_value, strcspn(e->old_value, " "))))
                                 : NULL;
        rg_val_str(item, "what", corrected_words(e->corrects));
        rg_val_str(item, "was", ending ? ending : value_words(p, c, e->corrects, e->old_value));
        rg_val_str(item, "now",
                   *e->new_value == '\0' ? NULL : value_words(p, c, e->corrects, e->new_value));
        rg_val_str(item, "of_unit", *e->unit == '\0' ? NULL : e->unit);
        rg_val_str(item, "with_unit", *e->with_unit == '\0' ? NULL : e->with_unit);
        rg_val_bool(item, "with_time_out", e->with_time_out);
        rg_val_str(item, "why", e->note);
        rg_val_str(item, "by", e->staff_name);
        rg_view_time(item, "at", p, c->site->zone, e->at);
    }
    rg_val_bool(page, "any_corrections", rg_val_count(list) > 0);
}

/* The step that a correction of who did it is about, if somebody is recorded. */
static const rg_step_event_t *act_of(const rg_chart_t *c, rg_correct_t what)
{
    rg_event_t kind = what == RG_CORRECT_HARVEST_BY   ? RG_EVENT_HARVEST
                      : what == RG_CORRECT_PROCESS_BY ? RG_EVENT_PROCESS
                      : what == RG_CORRECT_INJECT_BY  ? RG_EVENT_INJECT
                                                      : RG_EVENT_COMPLETE;

    for (int i = 0; i < c->event_count; i++) {
        const rg_step_event_t *e = &c->events[i];

        if (strcmp(e->kind, rg_event_name(kind)) == 0 && *e->done_by != '\0') {
            return e;
        }
    }
    return NULL;
}

/* The last one before this step, if it was not taken back; with several units, one of them. */
static bool has_time_out(const rg_chart_t *c, rg_event_t e)
{
    bool each = e == RG_EVENT_INJECT && c->unit_count > 1;
    bool has = false;

    for (int i = 0; i < c->time_out_count; i++) {
        bool stands = !c->time_outs[i].taken_back;
        has = c->time_outs[i].event == (int)e ? stands || (each && has) : has;
    }
    return has;
}

/* One that counts for an injection that was given. */
static bool said_before_any(const rg_chart_t *c)
{
    for (int i = 0; i < c->time_out_count; i++) {
        const rg_time_out_t *t = &c->time_outs[i];

        if (t->event == RG_EVENT_INJECT && t->used && !t->taken_back) {
            return true;
        }
    }
    return false;
}

/* The only unit that was processed itself, or one of them. */
static const rg_unit_t *processed_of(const rg_chart_t *c)
{
    for (int i = 0; i < c->unit_count; i++) {
        if (c->units[i].concentrate_ml != 0) {
            return &c->units[i];
        }
    }
    return NULL;
}

/* Somebody split or pooled. */
static bool made_by_anybody(const rg_chart_t *c)
{
    for (int i = 0; i < c->unit_count; i++) {
        if (*c->units[i].made_by != '\0') {
            return true;
        }
    }
    return false;
}

static bool made_open(const rg_chart_t *c)
{
    for (int i = 0; i < c->unit_count; i++) {
        if (c->units[i].manipulation_id != 0 && c->units[i].ended_at == 0) {
            return true;
        }
    }
    return false;
}

/* Of several targets one that a unit was injected at, other than NOT; NULL: none. */
static const rg_unit_t *given_of(const rg_chart_t *c, const rg_unit_t * not )
{
    for (int i = 0; rg_targets_count(c->booking->further) > 1 && i < c->unit_count; i++) {
        if (c->units[i].given_no != 0 && &c->units[i] != not ) {
            return &c->units[i];
        }
    }
    return NULL;
}

/* Whether a person with these roles may correct it, and there is something to correct. */
static bool can_correct(const rg_chart_t *c, rg_correct_t what, unsigned roles)
{
    bool treats = (roles & (RG_ROLE_CLINICIAN | RG_ROLE_ADMIN)) != 0;
    rg_booking_status_t status = c->booking->status;

    switch (what) {
    case RG_CORRECT_CHECK_IN:
        return status == RG_BOOKING_ARRIVED && (treats || (roles & RG_ROLE_FRONT_DESK) != 0);
    case RG_CORRECT_NO_SHOW:
        return status == RG_BOOKING_NO_SHOW && (roles & (RG_ROLE_FRONT_DESK | RG_ROLE_ADMIN)) != 0;
    case RG_CORRECT_COMPLETE: return status == RG_BOOKING_COMPLETED && treats && !c->ended;
    case RG_CORRECT_END: return status == RG_BOOKING_COMPLETED && treats && c->ended;
    case RG_CORRECT_HARVEST_VOLUME: return treats && c->unit;
    case RG_CORRECT_CONCENTRATE_VOLUME:
    case RG_CORRECT_KIT_LOT: return treats && processed_of(c);
    case RG_CORRECT_MANIPULATION: return treats && status == RG_BOOKING_IN_PROGRESS && made_open(c);
    case RG_CORRECT_PROCESS_BY: return treats && (act_of(c, what) || made_by_anybody(c));
    case RG_CORRECT_HARVEST_BY:
    case RG_CORRECT_INJECT_BY:
    case RG_CORRECT_CONSULT_BY: return treats && act_of(c, what);
    case RG_CORRECT_TIME_OUT_HARVEST: return treats && has_time_out(c, RG_EVENT_HARVEST);
    case RG_CORRECT_TIME_OUT_INJECT: return treats && has_time_out(c, RG_EVENT_INJECT);
    case RG_CORRECT_INJECT_TARGET: return treats && given_of(c, NULL);
    }
    return false;
}

static const char *doer_words(apr_pool_t *p, const char *deed, const rg_chart_t *c,
                              rg_correct_t what)
{
    const rg_step_event_t *act = act_of(c, what);
    return apr_psprintf(p, "%s (recorded: %s)", deed, act ? act->done_by : "nobody");
}

static const char *choice_words(apr_pool_t *p, const rg_chart_t *c, rg_correct_t what)
{
    const rg_unit_t *made = processed_of(c);

    switch (what) {
    case RG_CORRECT_HARVEST_VOLUME:
        return c->unit_count > 1
                   ? "Harvested volume of a unit"
                   : apr_psprintf(p, "Harvested volume (recorded: %d ml)", c->unit->volume_ml);
    case RG_CORRECT_CONCENTRATE_VOLUME:
        return c->unit_count > 1 || !made
                   ? "Volume of the concentrate of a unit"
                   : apr_psprintf(p, "Volume of the concentrate (recorded: %d ml)",
                                  made->concentrate_ml);
    case RG_CORRECT_KIT_LOT:
        return c->unit_count > 1 || !made
                   ? "Lot number of the kit of a unit"
                   : apr_psprintf(p, "Lot number of the kit (recorded: %s)", made->kit_lot);
    case RG_CORRECT_MANIPULATION: return "Take back that a unit was made from others";
    case RG_CORRECT_HARVEST_BY: return doer_words(p, "Who did the harvest", c, what);
    case RG_CORRECT_PROCESS_BY:
        return made_by_anybody(c) ? "Who processed, split or pooled a unit"
                                  : doer_words(p, "Who did the processing", c, what);
    case RG_CORRECT_INJECT_BY: return doer_words(p, "Who gave the injection", c, what);
    case RG_CORRECT_CONSULT_BY: return doer_words(p, "Who did the consultation", c, what);
    case RG_CORRECT_CHECK_IN: return "Take back the check-in";
    case RG_CORRECT_COMPLETE: return "Take back the completion";
    case RG_CORRECT_END: return "Take back that the visit ended";
    case RG_CORRECT_NO_SHOW: return "Take back the no-show";
    case RG_CORRECT_TIME_OUT_HARVEST: return "Take back the time-out before the harvest";
    case RG_CORRECT_TIME_OUT_INJECT: return "Take back the time-out before the injection";
    case RG_CORRECT_INJECT_TARGET: return "Which target was injected";
    }
    return "";
}

/* What is asked of a target that is corrected. */
static void put_right_target(rg_val_t *can, apr_pool_t *p, const rg_chart_t *c,
                             const rg_form_t *typed)
{
    const rg_booking_t *b = c->booking;
    const rg_targets_t t = rg_targets_of(p, b->body_site, b->side, b->further);
    const char *also = typed ? rg_form_get(typed, "correct_also") : NULL;
    const char *said = typed ? rg_form_get(typed, "correct_time_out") : NULL;

    for (int i = 0; i < t.count; i++) {
        rg_view_choice(can, "right_targets", p, "correct_target", rg_target_code(p, &t.at[i]),
                       rg_view_place(p, t.at[i].body_site, t.at[i].side),
                       typed ? rg_form_get(typed, "correct_target") : NULL);
    }
    if (given_of(c, given_of(c, NULL))) {
        rg_view_choice(can, "also", p, "correct_also", "swap",
                       "The two were recorded the wrong way round: they change places", also);
        rg_view_choice(can, "also", p, "correct_also", "again",
                       "Both were injected there, and this one not where it is recorded", also);
    }
    rg_val_bool(can, "any_targets", true);
    rg_val_bool(can, "any_also", given_of(c, given_of(c, NULL)) != NULL);
    rg_val_bool(can, "any_said", said_before_any(c));
    rg_val_bool(can, "said_too", said && strcmp(said, "yes") == 0);
}

void rg_view_corrections(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, unsigned roles,
                         const rg_form_t *typed)
{
    const char *chosen = typed ? rg_form_get(typed, "correct_what") : NULL;
    rg_val_t *can = rg_val_object(p);
    bool any = false;
    bool values = false;
    bool people = false;

    put_corrected(page, p, c);
    for (int i = 0; i < RG_CORRECT_COUNT; i++) {
        if (can_correct(c, (rg_correct_t)i, roles)) {
            rg_view_choice(can, "choices", p, "correct_what", rg_correct_name((rg_correct_t)i),
                           choice_words(p, c, (rg_correct_t)i), chosen);
            any = true;
            values = values || (i >= RG_CORRECT_HARVEST_VOLUME && i <= RG_CORRECT_KIT_LOT);
            people = people || (i >= RG_CORRECT_HARVEST_BY && i <= RG_CORRECT_CONSULT_BY);
        }
    }
    for (int i = 0; c->unit_count > 1 && i < c->unit_count; i++) {
        rg_view_choice(can, "units", p, "correct_unit", c->units[i].label, c->units[i].label,
                       typed ? rg_form_get(typed, "correct_unit") : NULL);
    }
    rg_val_bool(can, "any_units", c->unit_count > 1);
    rg_val_bool(can, "values", values);
    if (people) {
        rg_view_other_doers(can, p, c, typed);
    }
    rg_val_bool(can, "any_people", people);
    if (can_correct(c, RG_CORRECT_INJECT_TARGET, roles)) {
        put_right_target(can, p, c, typed);
    }
    if (any) {
        rg_val_set(page, "can_correct", can);
    }
}
