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

rg_outcome_t rg_patient_read(rg_db_t *db, rg_ctx_t *ctx, rg_patient_t **out,
                             int64_t id); /* RG_NOT_FOUND */
/* Insert makes uid and id; created_at is ctx->now. */
rg_outcome_t rg_patient_insert(rg_db_t *db, rg_ctx_t *ctx, rg_patient_t *p);
/* Of a row that rg_patient_use says is nobody's but the hold's: what was booked or signed keeps its
 * name (trigger patient_keeps_its_name). */
rg_outcome_t rg_patient_update(rg_db_t *db, rg_ctx_t *ctx, const rg_patient_t *p);
typedef struct {
    bool known;      /* another booking has this row, or it was there before the hold */
    bool has_signed; /* a consent was signed in its name */
} rg_patient_use_t;
/* What else goes by the row PATIENT_ID of the held BOOKING_ID; the rule of trigger
 * patient_keeps_its_name (sql/0035). */
rg_outcome_t rg_patient_use(rg_db_t *db, rg_ctx_t *ctx, rg_patient_use_t *out, int64_t patient_id,
                            int64_t booking_id);
rg_outcome_t rg_coverage_read(rg_db_t *db, rg_ctx_t *ctx, rg_coverage_t **out,
                              int64_t id); /* with its payer; RG_NOT_FOUND */
/* Only payer.id of the payer is read. Insert makes uid and id. */
rg_outcome_t rg_coverage_insert(rg_db_t *db, rg_ctx_t *ctx, rg_coverage_t *c, int64_t patient_id);
rg_outcome_t rg_coverage_update(rg_db_t *db, rg_ctx_t *ctx, const rg_coverage_t *c);
/* For a coverage no booking points at any more. */
rg_outcome_t rg_coverage_delete(rg_db_t *db, rg_ctx_t *ctx, int64_t id);
rg_outcome_t rg_payers_read(rg_db_t *db, rg_ctx_t *ctx, rg_payer_t **out,
                            int *count); /* active ones, by name */
/* Who, what joint and who pays, on a booking that is held or whose hold is over (RG_CONFLICT
 * otherwise); COVERAGE_ID 0 is self-pay. */
rg_outcome_t rg_booking_set_details(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                                    const rg_booking_t *b, int64_t patient_id, int64_t coverage_id,
                                    const char *body_site, rg_side_t side);
/* What is treated, of a booked booking that does not say it yet, as B was read (RG_CONFLICT
 * otherwise). */
rg_outcome_t rg_booking_set_place(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b,
                                  const char *body_site, rg_side_t side);

/* --- consent.c -------------------------------------------------------------------------------- */

/* A form a service requires: its newest version, and the oldest version whose signatures still
 * count. */
typedef struct {
    rg_form_version_t form;
    int least_version;
} rg_required_form_t;
rg_outcome_t rg_forms_required(rg_db_t *db, rg_ctx_t *ctx, rg_required_form_t **out, int *count,
                               int64_t service_id);
/* Every signature of the booking, newest first, without texts. */
rg_outcome_t rg_consents_read(rg_db_t *db, rg_ctx_t *ctx, rg_consent_t **out, int *count,
                              int64_t booking_id);
/* One with its text. RG_NOT_FOUND. */
rg_outcome_t rg_consent_read(rg_db_t *db, rg_ctx_t *ctx, rg_consent_t **out, const char *uid);
/* Makes uid and id. */
rg_outcome_t rg_consent_insert(rg_db_t *db, rg_ctx_t *ctx, rg_consent_t *c, int64_t patient_id);
/* RG_CONFLICT when it was withdrawn before. Raises the booking's version, so that a step of the
 * day that goes on at the same moment comes before or after, on any node. */
rg_outcome_t rg_consent_withdrawal_insert(rg_db_t *db, rg_ctx_t *ctx, const rg_consent_t *c,
                                          const char *reason);

#endif
