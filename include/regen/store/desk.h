/* SPDX-License-Identifier: Apache-2.0 */
/* Searches of the front desk. */
#ifndef REGEN_STORE_DESK_H
#define REGEN_STORE_DESK_H

#include <stdint.h>

#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/backlog.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

/* Records an override of a rule for a booking, at ctx->now, with the person. */
rg_outcome_t rg_override_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_rule_t rule,
                             const char *reason);
/* The overrides of a booking, oldest first. */
rg_outcome_t rg_overrides_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_override_t **out);
/* What waits in the whole clinic, in no order; one row for each kind. */
rg_outcome_t rg_backlog_rows(rg_db_t *db, const rg_ctx_t *ctx, rg_backlog_t **out, int *count);
/* Occupied resources of a site: one row for each resource of a booking in [from, until), including
 * expired holds. */
typedef struct {
    int64_t resource_id;
    apr_time_t from, until;
    const char *booking_uid, *family, *given; /* names "" until known */
    rg_booking_status_t status;
} rg_taker_t;
rg_outcome_t rg_desk_takers(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                            apr_time_t until, rg_taker_t **out, int *count);
/* Closures of the site and its resources that overlap local days first..last (rg_date_days). */
typedef struct {
    rg_closure_t when;
    int64_t id;
    const char *kind, *reason;
} rg_desk_closure_t;
rg_outcome_t rg_desk_closures(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, int first_day,
                              int last_day, rg_desk_closure_t **out, int *count);

/* Names match from their beginning, in any spelling, "" for any. Email, phone and number match if
 * any one that is not NULL matches. */
typedef struct {
    const char *family, *given;
    const char *email, *phone; /* as rg_email_read and rg_phone_read give them */
    const char *number;        /* of a booking, as rg_number_read gives it */
    rg_date_t born;            /* year 0: any */
} rg_patient_seek_t;
/* Patients who match all of it, by name; at most LIMIT. At least one value must be given. */
rg_outcome_t rg_patients_find(rg_db_t *db, const rg_ctx_t *ctx, const rg_patient_seek_t *seek,
                              int limit, rg_patient_hit_t **out, int *count);
/* The record that stands for UID: itself, unless it is merged. RG_NOT_FOUND. */
rg_outcome_t rg_patient_by_uid(rg_db_t *db, const rg_ctx_t *ctx, rg_patient_t **out,
                               const char *uid);
/* Newest start first, without steps, at most 500. */
rg_outcome_t rg_patient_bookings(rg_db_t *db, const rg_ctx_t *ctx, int64_t patient_id,
                                 rg_booking_t ***out, int *count);
/* The coverage of the patient's newest booking that has one; 0: none. */
rg_outcome_t rg_coverage_last(rg_db_t *db, const rg_ctx_t *ctx, int64_t patient_id, int64_t *id);
/* A new link and number for a booking that was booked at some time; RG_CONFLICT otherwise. Sessions
 * opened with the old ones lose access. */
rg_outcome_t rg_booking_relink(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                               const unsigned char link_hash[32]);

#endif
