/* SPDX-License-Identifier: Apache-2.0 */
/* That a visit ended early, and the form to end it. */
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/unit.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <apr_strings.h>

const char *rg_view_ending(int ending)
{
    static const char *const words[] = {[RG_ENDING_NO_MATERIAL] =
                                            "Vein not found, or too little material",
                                        [RG_ENDING_CONSENT_WITHDRAWN] = "Consent withdrawn",
                                        [RG_ENDING_DEVICE] = "Device broken",
                                        [RG_ENDING_UNWELL] = "Patient unwell",
                                        [RG_ENDING_LEFT] = "Patient left",
                                        [RG_ENDING_CLINICIAN] = "Clinician decided against it",
                                        [RG_ENDING_OTHER] = "Another reason"};
    RG_WORDS_ALL(words, RG_ENDING_COUNT);

    return ending < 0 || ending >= RG_ENDING_COUNT ? NULL : words[ending];
}

static void put_ended(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c)
{
    const rg_step_event_t *e = c->ended;
    rg_val_t *v = rg_val_object(p);

    if (!e) {
        return;
    }
    rg_val_str(v, "why", rg_view_ending(e->ending));
    rg_val_str(v, "note", *e->note == '\0' ? NULL : e->note);
    rg_val_str(v, "by", e->staff_name);
    rg_view_time(v, "at", p, c->site->zone, e->at);
    rg_view_entered(v, p, c, e);
    rg_val_set(page, "ended", v);
    rg_val_str(rg_val_get(page, "booking"), "state", "Ended early");
}

static bool can_end(const rg_chart_t *c, unsigned roles)
{
    bool treats = (roles & (RG_ROLE_CLINICIAN | RG_ROLE_ADMIN)) != 0;
    bool injected = false;

    for (int i = 0; i < c->unit_count; i++) {
        injected = injected || c->units[i].injected_at != 0;
    }

    switch (c->booking->status) {
    case RG_BOOKING_ARRIVED: return treats || (roles & RG_ROLE_FRONT_DESK) != 0;
    case RG_BOOKING_IN_PROGRESS: return treats && !injected;
    default: return false;
    }
}

void rg_view_endings(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, unsigned roles,
                     const rg_form_t *typed)
{
    const char *chosen = typed ? rg_form_get(typed, "why") : NULL;
    const char *dispose = typed ? rg_form_get(typed, "dispose") : NULL;
    const char *open = NULL;
    rg_val_t *end = rg_val_object(p);

    put_ended(page, p, c);
    if (!can_end(c, roles)) {
        return;
    }
    for (int i = 0; i < RG_ENDING_COUNT; i++) {
        rg_view_choice(end, "reasons", p, "why", rg_ending_name((rg_ending_t)i), rg_view_ending(i),
                       chosen);
    }
    for (int i = 0; i < c->unit_count; i++) {
        if (c->units[i].ended_at == 0) {
            open = open ? apr_pstrcat(p, open, ", ", c->units[i].label, NULL) : c->units[i].label;
        }
    }
    rg_val_str(end, "unit_label", open);
    rg_val_bool(end, "several_open", c->unit_counts.raw + c->unit_counts.ready > 1);
    rg_val_bool(end, "disposed", dispose != NULL);
    rg_val_bool(end, "course", c->booking->appointment_count > 1);
    rg_val_set(page, "can_end", end);
}
