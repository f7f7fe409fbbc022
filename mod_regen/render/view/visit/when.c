/* SPDX-License-Identifier: Apache-2.0 */
/* When something was done, and that it was entered later. */
#include "regen/clinic/visit.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/unit.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <apr_strings.h>

void rg_view_entered(rg_val_t *item, apr_pool_t *p, const rg_chart_t *c, const rg_step_event_t *e)
{
    if (e->recorded_at - e->at <= RG_ENTERED_LATER) {
        return;
    }
    rg_view_time(item, "entered", p, c->site->zone, e->recorded_at);
    if (e->ending < 0 && *e->note != '\0') {
        rg_val_str(rg_val_get(item, "entered"), "note", e->note);
    }
}

void rg_view_when(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c)
{
    const rg_zone_t *z = c->site->zone;
    rg_local_t now = rg_zone_local(z, c->now);

    rg_val_str(page, "now_local",
               apr_psprintf(p, "%sT%02d:%02d", rg_date_iso(p, now.date), now.minute / 60,
                            now.minute % 60));
    rg_val_bool(page, "visit_over",
                rg_date_compare(rg_zone_local(z, c->booking->ends_at).date, now.date) < 0);
}
