/* SPDX-License-Identifier: Apache-2.0 */
/* Patients, coverages, payers; consents. */
#ifndef REGEN_STORE_PATIENT_H
#define REGEN_STORE_PATIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/consent.h"
#include "regen/model/patient.h"
#include "regen/store/booking.h"
#include "regen/store/store.h"

/* --- people.c: patients, coverages, payers ---------------------------------------------------- */

rg_outcome_t rg_patient_read(rg_db_t *db, const rg_ctx_t *ctx, rg_patient_t **out,
                             int64_t id); /* RG_NOT_FOUND */
/* Insert makes uid and id; created_at is ctx->now. */
rg_outcome_t rg_patient_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_patient_t *p);
/* Only for a row that, by rg_patient_use, is used by the hold alone: after booking or signing the
 * name cannot change (trigger patient_keeps_its_name). */
rg_outcome_t rg_patient_update(rg_db_t *db, const rg_ctx_t *ctx, const rg_patient_t *p);
typedef struct {
    bool known;      /* another booking uses this row, it is older than the hold, or merged */
    bool has_signed; /* a consent was signed in its name */
} rg_patient_use_t;
/* What else uses the row PATIENT_ID of the held BOOKING_ID; the rule of trigger
 * patient_keeps_its_name (sql/0035). */
rg_outcome_t rg_patient_use(rg_db_t *db, const rg_ctx_t *ctx, rg_patient_use_t *out,
                            int64_t patient_id, int64_t booking_id);
rg_outcome_t rg_coverage_read(rg_db_t *db, const rg_ctx_t *ctx, rg_coverage_t **out,
                              int64_t id); /* with its payer; RG_NOT_FOUND */
/* Only payer.id of the payer is read. Insert makes uid and id. */
rg_outcome_t rg_coverage_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_coverage_t *c,
                                int64_t patient_id);
rg_outcome_t rg_coverage_update(rg_db_t *db, const rg_ctx_t *ctx, const rg_coverage_t *c);
/* For a coverage that no booking uses anymore. */
rg_outcome_t rg_coverage_delete(rg_db_t *db, const rg_ctx_t *ctx, int64_t id);
rg_outcome_t rg_payers_read(rg_db_t *db, const rg_ctx_t *ctx, rg_payer_t **out,
                            int *count); /* active ones, by name */
/* Patient, joint and payment of a booking that is held or whose hold expired (RG_CONFLICT
 * otherwise); COVERAGE_ID 0 is self-pay. */
rg_outcome_t rg_booking_set_details(rg_db_t *db, const rg_ctx_t *ctx, const rg_owner_t *by,
                                    const rg_booking_t *b, int64_t patient_id, int64_t coverage_id,
                                    const char *body_site, rg_side_t side);
/* The part of the body and side of a booked booking that has none yet, as B was read (RG_CONFLICT
 * otherwise). */
rg_outcome_t rg_booking_set_place(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b,
                                  const char *body_site, rg_side_t side);

/* --- consent.c -------------------------------------------------------------------------------- */

/* A form a service requires: its newest version, and the oldest version whose signatures are still
 * valid. */
typedef struct {
    rg_form_version_t form;
    int least_version;
} rg_required_form_t;
rg_outcome_t rg_forms_required(rg_db_t *db, const rg_ctx_t *ctx, rg_required_form_t **out,
                               int *count, int64_t service_id);
/* Every signature of the booking, newest first, without texts. */
rg_outcome_t rg_consents_read(rg_db_t *db, const rg_ctx_t *ctx, rg_consent_t **out, int *count,
                              int64_t booking_id);
/* One with its text. RG_NOT_FOUND. */
rg_outcome_t rg_consent_read(rg_db_t *db, const rg_ctx_t *ctx, rg_consent_t **out, const char *uid);
/* Makes uid and id. */
rg_outcome_t rg_consent_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_consent_t *c,
                               int64_t patient_id);
/* RG_CONFLICT if it is already withdrawn. Increases the booking's version, so that a concurrent
 * step of the day comes before or after it, on any node. */
rg_outcome_t rg_consent_withdrawal_insert(rg_db_t *db, const rg_ctx_t *ctx, const rg_consent_t *c,
                                          const rg_withdrawal_t *what);

/* The clinician's counter-signature, by ctx->who. RG_CONFLICT if there is one; RG_PRECONDITION if
 * the schema refuses it: withdrawn, or no clinician. */
rg_outcome_t rg_consent_explained_insert(rg_db_t *db, const rg_ctx_t *ctx, const rg_consent_t *c);
/* Of visits of the site that are booked or have begun and end after FROM, by start; COUNT is at
 * most MOST. */
rg_outcome_t rg_consents_withdrawn(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id,
                                   apr_time_t from, int most, rg_withdrawn_t **out, int *count);

#endif
