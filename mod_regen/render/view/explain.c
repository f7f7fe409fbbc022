/* SPDX-License-Identifier: Apache-2.0 */
/* Why a time is not offered, and what staff overrode, in sentences. */
#include "regen/clinic/desk.h"
#include "regen/clinic/visit.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

enum { SHOWN_MAX = 24 };

/* --- when ------------------------------------------------------------------------------------- */

/* "9:40 am", with its day where that is another than the asked one. */
static const char *moment(apr_pool_t *p, const rg_explained_t *x, apr_time_t t)
{
    const rg_zone_t *z = x->site->zone;
    rg_date_t day = rg_zone_local(z, t).date;
    const char *clock = rg_time_clock(p, z, t);

    return rg_date_compare(day, rg_zone_local(z, x->start).date) == 0
               ? clock
               : apr_psprintf(p, "%s, %s", rg_date_long(p, day), clock);
}

static const char *span(apr_pool_t *p, const rg_explained_t *x, const rg_reason_t *r)
{
    return r->from == 0
               ? ""
               : apr_psprintf(p, " from %s to %s", moment(p, x, r->from), moment(p, x, r->until));
}

/* --- rules ------------------------------------------------------------------------------------ */

static bool refuses_late(const rg_service_t *s)
{
    bool refuses = false;
    for (int i = 0; i < s->preparing_count; i++) {
        refuses = refuses || rg_too_late_parse(s->preparing[i].too_late) == RG_TOO_LATE_REFUSE;
    }
    return refuses;
}

static const char *rule_words(apr_pool_t *p, const rg_explained_t *x, rg_rule_t rule)
{
    const rg_service_t *s = x->service;

    switch (rule) {
    case RG_RULE_NOTICE:
        return apr_psprintf(p, "It is too soon: this treatment must be booked at least %s ahead%s.",
                            rg_view_minutes(p, s->notice_minutes),
                            refuses_late(s) ? ", with enough time to prepare" : "");
    case RG_RULE_HORIZON:
        return apr_psprintf(
            p, "It is too far ahead: this treatment can be booked at most %d days ahead.",
            s->horizon_days);
    case RG_RULE_GRID:
        return apr_psprintf(p, "This treatment can start only every %d minutes.", s->start_grid);
    case RG_RULE_MAX_PER_DAY:
        return apr_psprintf(p,
                            "The day is full: at most %d of these treatments can begin on one day.",
                            s->max_per_day);
    case RG_RULE_OPENING:
    case RG_RULE_CANCEL_NOTICE:
    case RG_RULE_MOVE_NOTICE:
    case RG_RULE_SAME_PERSON: break;
    }
    return "";
}

/* --- everything else -------------------------------------------------------------------------- */

static const char *need_words(apr_pool_t *p, const rg_explained_t *x, const rg_reason_t *r)
{
    const char *what = rg_view_words(p, r->capability);

    switch (r->kind) {
    case RG_WHY_NOBODY:
        return apr_psprintf(p, "%s: the clinic does not have enough for “%s” at any time.", r->step,
                            what);
    case RG_WHY_NOT_ALL:
        return apr_psprintf(
            p, "%s: “%s” must be the same as in other steps, and nobody can do all of these steps.",
            r->step, what);
    case RG_WHY_SAME:
        return apr_psprintf(p,
                            "%s: because of the other steps this must be %s, who is not available.",
                            r->step, r->resource);
    case RG_WHY_GAP:
        return apr_psprintf(p, "%s would have to begin between %s and %s:", r->step,
                            moment(p, x, r->from), moment(p, x, r->until - RG_GRANULE));
    case RG_WHY_GRID: return apr_psprintf(p, "%s: it cannot start in that period.", r->step);
    case RG_WHY_TOGETHER:
        return apr_psprintf(p, "%s: each requirement can be met, but not all of them at once.",
                            r->step);
    default: return "";
    }
}

static const char *reason_words(apr_pool_t *p, const rg_explained_t *x, const rg_reason_t *r)
{
    switch (r->kind) {
    case RG_WHY_PAST: return "This time is in the past.";
    case RG_WHY_RULE: return rule_words(p, x, r->rule);
    case RG_WHY_CLOSED:
        return apr_psprintf(p, "%s: %s is not working%s.", r->step, r->resource, span(p, x, r));
    case RG_WHY_CLOSURE:
        return apr_psprintf(p, "%s: %s is closed%s: %s.", r->step, r->resource, span(p, x, r),
                            r->reason);
    case RG_WHY_TAKEN:
        return apr_psprintf(p, "%s: %s is booked%s.", r->step, r->resource, span(p, x, r));
    default: return need_words(p, x, r);
    }
}

void rg_view_explained(rg_val_t *page, apr_pool_t *p, const rg_explained_t *x, bool ask)
{
    rg_val_t *why = rg_val_object(p);
    rg_val_t *list = rg_val_set_list(why, "reasons");
    rg_val_t *over = rg_val_set_list(why, "over");

    rg_view_time(why, "when", p, x->site->zone, x->start);
    rg_val_int(why, "start", apr_time_sec(x->start));
    rg_val_bool(why, "offered", x->offered);
    rg_val_bool(why, "ask", ask && (x->offered || x->can_override));
    for (int i = 0; i < x->count && i < SHOWN_MAX; i++) {
        const rg_reason_t *r = &x->reasons[i];
        rg_val_t *item = rg_val_add(list);
        const char *name = rg_view_name(p, r->given, r->family);

        rg_val_str(item, "text", reason_words(p, x, r));
        rg_val_str(item, "booking_uid", *r->booking_uid == '\0' ? NULL : r->booking_uid);
        rg_val_str(item, "patient", *name == '\0' ? "Being booked" : name);
    }
    if (x->count > SHOWN_MAX) {
        rg_val_int(why, "more", x->count - SHOWN_MAX);
    }
    for (int rule = 0; rule < RG_RULE_COUNT; rule++) {
        if ((x->over & (1u << rule)) != 0) {
            rg_val_str(rg_val_add(over), "name", rg_rule_name((rg_rule_t)rule));
        }
    }
    rg_val_set(page, "why", why);
}

/* --- rules that were broken ------------------------------------------------------------------- */

static const char *broken_words(const char *rule)
{
    static const char *const words[] = {
        [RG_RULE_NOTICE] = "Sooner than this treatment is offered",
        [RG_RULE_HORIZON] = "Further ahead than this treatment is offered",
        [RG_RULE_GRID] = "A start time that is not offered",
        [RG_RULE_OPENING] = "Outside the hours of a person, room or device",
        [RG_RULE_MAX_PER_DAY] = "More of this treatment than offered on one day",
        [RG_RULE_CANCEL_NOTICE] = "Canceled after the patients' deadline",
        [RG_RULE_MOVE_NOTICE] = "Rescheduled after the patients' deadline",
        [RG_RULE_SAME_PERSON] = "Two visits of one patient at the same time"};
    RG_WORDS_ALL(words, RG_RULE_COUNT);
    int i = rg_rule_parse(rule);

    return i < 0 ? rule : words[i];
}

void rg_view_overrides(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c)
{
    rg_val_t *list = rg_val_set_list(page, "overrides");

    for (int i = 0; i < c->override_count; i++) {
        const rg_override_t *o = &c->overrides[i];
        rg_val_t *item = rg_val_add(list);

        rg_val_str(item, "rule", broken_words(o->rule));
        rg_val_str(item, "reason", *o->reason == '\0' ? NULL : o->reason);
        rg_val_str(item, "staff", *o->staff_name == '\0' ? NULL : o->staff_name);
        rg_view_time(item, "at", p, c->site->zone, o->at);
    }
    rg_val_bool(page, "any_overrides", c->override_count > 0);
}
