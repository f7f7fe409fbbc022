/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the steps of the day, as the booking's own steps ask for it. Pure; called by
 * clinic/day*.c. */
#include "mod_regen/clinic/day_int.h"

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

static bool alive(rg_booking_status_t status)
{
    return status == RG_BOOKING_BOOKED || status == RG_BOOKING_ARRIVED ||
           status == RG_BOOKING_IN_PROGRESS;
}

int rg_day_next(rg_booking_status_t status, unsigned kinds, unsigned done, const rg_unit_t *unit)
{
    bool over = unit != NULL && unit->disposed_at != 0;

    if (!alive(status)) {
        return -1;
    }
    for (int e = RG_EVENT_CHECK_IN; e < RG_EVENT_COUNT; e++) {
        bool needs_unit = e == RG_EVENT_PROCESS || e == RG_EVENT_INJECT;

        if (rg_day_wants(kinds, (rg_event_t)e) && !HAS(done, e) && !(over && needs_unit)) {
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

const char *rg_day_words(rg_event_t e)
{
    static const char *const words[RG_EVENT_COUNT] = {
        "the check-in", "the harvest", "the processing", "the injection", "the completion"};

    return words[e];
}
