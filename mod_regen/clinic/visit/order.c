/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the steps of the day, from the booking's own steps. Pure. */
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/core/time.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/visit.h"
#include "mod_regen/clinic/schedule/lookup.h"

#include <string.h>

#define HAS(bits, e) (((bits) >> (e)) & 1u)

bool rg_day_wants(unsigned kinds, rg_event_t e)
{
    switch (e) {
    case RG_EVENT_CHECK_IN:
    case RG_EVENT_COMPLETE: return true;
    case RG_EVENT_HARVEST: return HAS(kinds, RG_STEP_HARVEST);
    case RG_EVENT_PROCESS:
        return HAS(kinds, RG_STEP_PROCESS) ||
               (HAS(kinds, RG_STEP_HARVEST) && HAS(kinds, RG_STEP_INJECT));
    case RG_EVENT_INJECT: return HAS(kinds, RG_STEP_INJECT);
    }
    return false;
}

static bool is_to_come(rg_booking_status_t status)
{
    return status == RG_BOOKING_BOOKED || status == RG_BOOKING_ARRIVED ||
           status == RG_BOOKING_IN_PROGRESS;
}

/* What is done to units is left to do as long as there is one for it, once there is any. */
static bool is_left(unsigned done, int e, const rg_unit_count_t *units)
{
    if (units->made == 0 || (e != RG_EVENT_PROCESS && e != RG_EVENT_INJECT)) {
        return !HAS(done, e);
    }
    return e == RG_EVENT_INJECT ? units->ready > 0 : units->raw > 0 && units->ready == 0;
}

int rg_day_next(rg_booking_status_t status, unsigned kinds, unsigned done,
                const rg_unit_count_t *units)
{
    if (!is_to_come(status)) {
        return -1;
    }
    for (int e = RG_EVENT_CHECK_IN; e < RG_EVENT_COUNT; e++) {
        if (rg_day_wants(kinds, (rg_event_t)e) && is_left(done, e, units)) {
            return e;
        }
    }
    return -1;
}

apr_time_t rg_day_due(const rg_booking_t *b, rg_event_t e)
{
    const char *word = rg_event_name(e);

    for (int i = 0; i < b->step_count; i++) {
        if (strcmp(rg_step_kind_name(b->steps[i].kind), word) == 0) {
            return b->steps[i].starts_at;
        }
    }
    if (e == RG_EVENT_CHECK_IN) {
        return b->starts_at;
    }
    return e == RG_EVENT_COMPLETE ? b->ends_at : 0;
}

/* What must happen from the start of the step of E to the injection of the last target, at the
 * least. */
static apr_time_t until_injection(const rg_service_t *s, int targets, rg_event_t e)
{
    int from = rg_step_of_event(s, e);
    int inject = rg_step_of_event(s, RG_EVENT_INJECT);
    int minutes = 0;

    for (int i = from; from >= 0 && i < inject; i++) {
        minutes += rg_step_minutes(&s->steps[i], targets) + s->steps[i + 1].gap_min;
    }
    if (inject >= 0) {
        minutes += (targets - 1) * s->steps[inject].further_minutes;
    }
    return minutes * RG_MINUTE;
}

apr_time_t rg_day_latest(const rg_service_t *s, int targets, const rg_unit_t *unit, rg_event_t e)
{
    int i = rg_step_of_event(s, e);

    if (!unit || unit->ended_at != 0 || (e != RG_EVENT_PROCESS && e != RG_EVENT_INJECT)) {
        return 0;
    }
    /* At its very end the unit is too old already. */
    apr_time_t by_unit = unit->expires_at - RG_GRANULE - until_injection(s, targets, e);
    apr_time_t before = e == RG_EVENT_INJECT ? unit->processed_at : unit->harvested_at;
    if (i <= 0 || before == 0 || s->steps[i].gap_days_max > 0) {
        return by_unit;
    }
    apr_time_t by_gap = before + s->steps[i].gap_max * RG_MINUTE;
    return by_gap < by_unit ? by_gap : by_unit;
}

const char *rg_day_words(rg_event_t e)
{
    static const char *const words[] = {[RG_EVENT_CHECK_IN] = "the check-in",
                                        [RG_EVENT_HARVEST] = "the harvest",
                                        [RG_EVENT_PROCESS] = "the processing",
                                        [RG_EVENT_INJECT] = "the injection",
                                        [RG_EVENT_COMPLETE] = "the completion"};
    RG_WORDS_ALL(words, RG_EVENT_COUNT);

    return words[e];
}
