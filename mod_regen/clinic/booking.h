/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of booking know of each other: availability.c, booking.c, booking_hold.c,
 * booking_keep.c. */
#ifndef RG_CLINIC_BOOKING_H
#define RG_CLINIC_BOOKING_H

#include "mod_regen/clinic/offer.h"

/* Whether the caller may touch this booking: a patient's session its own, staff any, and with
 * MACHINES a bearer token any. */
bool rg_booking_mine(const rg_ctx_t *ctx, int64_t booking_id, bool machines);
/* An audit event about a booking. */
rg_outcome_t rg_booking_audit(rg_db_t *db, rg_ctx_t *ctx, const char *action, int64_t booking_id,
                              const char *detail);
/* Expires every hold that is over, in the caller's transaction and in the name of the system. */
rg_outcome_t rg_booking_expire_all(rg_db_t *db, rg_ctx_t *ctx);
/* A context for work of the system's own: nobody's name, no idempotency key. */
rg_ctx_t rg_system_ctx(const rg_ctx_t *ctx);

/* Every free start of the wished service within DAYS local days of the wish, ascending. */
rg_outcome_t rg_availability_near(apr_time_t **starts, int *count, rg_ctx_t *ctx,
                                  const rg_hold_in_t *wish, const rg_zone_t *zone, int days);

#endif
