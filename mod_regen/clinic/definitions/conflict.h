/* SPDX-License-Identifier: Apache-2.0 */
/* Bookings in conflict with closures or hours, found from definitions and occupied time.
 * conflict.c; used by booking/closure.c, resource.c and visit/board.c. */
#ifndef RG_CLINIC_CONFLICT_H
#define RG_CLINIC_CONFLICT_H

#include "mod_regen/clinic/definitions/catalogue.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

/* What is booked, and what was decided about it. */
typedef struct {
    rg_taken_t *taken;
    rg_kept_t *kept;
    int taken_count, kept_count;
} rg_standing_t;

rg_outcome_t rg_standing_read(rg_standing_t *out, rg_db_t *db, const rg_ctx_t *ctx,
                              const rg_taken_ask_t *ask);
/* Where the clinic K does not give a span what was booked, but for what was decided: one a booking
 * and reason, in order of start, with the first reason that holds (kind, closure, resource, span)
 * and without their bookings' rows. Pure. */
void rg_conflicts_find(apr_array_header_t *out, apr_pool_t *p, const rg_clinic_t *k,
                       const rg_standing_t *s);
/* Fills the bookings' rows of LIST (rg_conflict_t). */
rg_outcome_t rg_conflicts_fill(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *list);
/* A reason as typed, tidied; NULL with a problem at FIELD. */
const char *rg_reason_read(const rg_ctx_t *ctx, const char *field, const char *typed);

#endif
