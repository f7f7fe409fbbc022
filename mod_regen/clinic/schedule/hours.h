/* SPDX-License-Identifier: Apache-2.0 */
/* Working hours and closures of a day, for the boards. Pure; called by visit/board.c and
 * desk/week.c. */
#ifndef RG_CLINIC_PRESENCE_H
#define RG_CLINIC_PRESENCE_H
#include "regen/clinic/schedule.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/store/definitions.h"

/* Weekly hours and closures of the resources IDS (their places are OUT's) of a site, on DAYS local
 * days from FIRST on, as the clocks of the site's zone go. What the search sees in granules
 * (local_days.c), in stretches. */
void rg_presence_find(rg_presence_t *out, apr_pool_t *p, const rg_clinic_t *k,
                      const rg_site_t *site, const int64_t *ids, int count, rg_date_t first,
                      int days);

#endif
