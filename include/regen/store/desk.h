/* SPDX-License-Identifier: Apache-2.0 */
/* What the front desk looks for. */
#ifndef REGEN_STORE_DESK_H
#define REGEN_STORE_DESK_H

#include <stdint.h>

#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

/* Once more for a rule of a booking, at ctx->now and in who's name. */
rg_outcome_t rg_override_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_rule_t rule,
                             const char *reason);
/* What was overridden for a booking, oldest first. */
rg_outcome_t rg_overrides_of(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_override_t **out);
/* Who takes the resources of a site: one row for each resource of a booking in [from, until), also
 * of holds that are over. */
typedef struct {
    int64_t resource_id;
    apr_time_t from, until;
    const char *booking_uid, *family, *given; /* names "" until known */
    rg_booking_status_t status;
} rg_taker_t;
rg_outcome_t rg_desk_takers(rg_db_t *db, rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                            apr_time_t until, rg_taker_t **out, int *count);
/* Closures of the site and its resources that touch local days first..last (rg_date_days). */
typedef struct {
    rg_closure_t when;
    int64_t id;
    const char *kind, *reason;
} rg_desk_closure_t;
rg_outcome_t rg_desk_closures(rg_db_t *db, rg_ctx_t *ctx, int64_t site_id, int first_day,
                              int last_day, rg_desk_closure_t **out, int *count);

/* Names are how they begin, in any spelling, "" for any. Of email, phone and number each that is
 * not NULL counts, and one of them is enough. */
typedef struct {
    const char *family, *given;
    const char *email, *phone; /* as rg_email_read and rg_phone_read give them */
    const char *number;        /* of a booking, as rg_number_read gives it */
    rg_date_t born;            /* year 0: any */
} rg_patient_seek_t;
/* Whom all of it fits, by name; at most LIMIT. Something must be said. */
rg_outcome_t rg_patients_find(rg_db_t *db, rg_ctx_t *ctx, const rg_patient_seek_t *seek, int limit,
                              rg_patient_hit_t **out, int *count);
rg_outcome_t rg_patient_by_uid(rg_db_t *db, rg_ctx_t *ctx, rg_patient_t **out,
                               const char *uid); /* RG_NOT_FOUND */
/* Newest start first, without steps, at most 500. */
rg_outcome_t rg_patient_bookings(rg_db_t *db, rg_ctx_t *ctx, int64_t patient_id,
                                 rg_booking_t ***out, int *count);
/* The coverage of the patient's newest booking that had one; 0: none. */
rg_outcome_t rg_coverage_last(rg_db_t *db, rg_ctx_t *ctx, int64_t patient_id, int64_t *id);
/* Another link and another number for a booking that was ever booked; RG_CONFLICT otherwise.
 * Whoever came in by the old ones is out. */
rg_outcome_t rg_booking_relink(rg_db_t *db, rg_ctx_t *ctx, int64_t id,
                               const unsigned char link_hash[32]);

#endif
