/* SPDX-License-Identifier: Apache-2.0 */
/* Bookings that stand where the clinic is closed to them: found from definitions and what is taken.
 * conflict.c; used by closure_edit.c, resource_edit.c and day_board.c. */
#ifndef RG_CLINIC_CONFLICT_H
#define RG_CLINIC_CONFLICT_H

#include "mod_regen/clinic/catalogue.h"

/* Whether the clinic K still gives the span what was booked, but for what was decided; pure. The
 * first reason that holds is told (kind, closure, resource, span). */
bool rg_conflict_of(rg_conflict_t *out, apr_pool_t *p, const rg_clinic_t *k, const rg_kept_t *kept,
                    int kept_count, const rg_taken_t *t);
/* One a booking and reason, in order of start, without their bookings' rows. */
void rg_conflicts_find(apr_array_header_t *out, apr_pool_t *p, const rg_clinic_t *k,
                       const rg_kept_t *kept, int kept_count, const rg_taken_t *taken, int count);
/* Fills the bookings' rows of LIST (rg_conflict_t). */
rg_outcome_t rg_conflicts_fill(rg_db_t *db, rg_ctx_t *ctx, apr_array_header_t *list);
/* A reason as typed, tidied; NULL with a problem at FIELD. */
const char *rg_reason_read(rg_ctx_t *ctx, const char *field, const char *typed);

#endif
