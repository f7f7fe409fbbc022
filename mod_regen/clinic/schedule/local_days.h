/* SPDX-License-Identifier: Apache-2.0 */
/* Local opening hours as UTC granules. Pure; called by input.c. */
#ifndef RG_CLINIC_LAYOUT_H
#define RG_CLINIC_LAYOUT_H

#include "mod_regen/clinic/schedule/bits.h"
#include "regen/core/time.h"
#include "regen/store/definitions.h"

/* When R is open in the window of N granules that starts at granule FROM: its weekly openings less
 * its closures and those of its site, as the clocks of ZONE go. A granule counts only whole. */
rg_bits_t rg_layout_open(apr_pool_t *p, const rg_clinic_t *k, const rg_clinic_resource_t *r,
                         const rg_zone_t *zone, int64_t from, int n);
/* Granules that start at a local minute of the day divisible by GRID. */
rg_bits_t rg_layout_grid(apr_pool_t *p, const rg_zone_t *zone, int grid, int64_t from, int n);

/* The granule, counted from FROM, at which each local day that the window touches begins: *COUNT
 * days and one more for the end of the last. Where clocks go back over midnight the day begins when
 * they reach it for good, so that days never overlap; a day that a zone left out is empty. */
int *rg_layout_midnights(apr_pool_t *p, const rg_zone_t *zone, int64_t from, int n, int *count);

/* The granule an instant lies in, and where one starts. */
int64_t rg_granule_of(apr_time_t t);
apr_time_t rg_granule_time(int64_t granule);

/* The latest date that has begun everywhere: half a day behind UTC. Earlier dates have ended in
 * every zone; in the Americas it begins in the morning. */
rg_date_t rg_day_everywhere(apr_time_t now);

#endif
