/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of the day, units, diagnoses. */
#ifndef REGEN_STORE_VISIT_H
#define REGEN_STORE_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"

/* The words of step_event.kind, in the order in which they happen. */
typedef enum {
    RG_EVENT_CHECK_IN,
    RG_EVENT_HARVEST,
    RG_EVENT_PROCESS,
    RG_EVENT_INJECT,
    RG_EVENT_COMPLETE
} rg_event_t;
#define RG_EVENT_COUNT (RG_EVENT_COMPLETE + 1)

/* --- care.c: the steps of the day; visit/unit.c: units and diagnoses -------------------------- */

const char *rg_event_name(rg_event_t e); /* "check-in"; static */

/* What a step of the day must know of its booking. */
typedef struct {
    int64_t id, service_id, site_id, patient_id;
    const char *uid;
    rg_booking_status_t status;
    apr_time_t starts_at;
    const char *body_site;
    rg_side_t side;
    rg_date_t birth_date;
    const rg_zone_t *zone; /* of the site; never NULL */
    int unit_hold_minutes;
    bool needs_place; /* body_site must be said before anything is done */
    unsigned kinds;   /* of the booking's steps: 1u << rg_step_kind_t */
    unsigned done;    /* 1u << rg_event_t */
} rg_care_t;

/* All of these run in the caller's transaction (or read, where nothing is written).  Takes the
 * booking for this transaction by raising its version, then reads it: nobody else moves it before
 * COMMIT, and a cluster node that tried at the same time is told to run again. RG_NOT_FOUND. */
rg_outcome_t rg_care_lock(rg_db_t *db, rg_ctx_t *ctx, rg_care_t *out, int64_t booking_id);
/* The same without taking it, for pages. */
rg_outcome_t rg_care_get(rg_db_t *db, rg_ctx_t *ctx, rg_care_t *out, int64_t booking_id);
/* Moves the status if it still is FROM; RG_CONFLICT otherwise. */
rg_outcome_t rg_care_move(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_booking_status_t from,
                          rg_booking_status_t to);
/* Names of the forms the service requires that have no consent that counts at AT (the rule of
 * trigger step_event_needs_consent). After rg_care_lock: a withdrawal raises the booking's
 * version too, so it comes before or after the step, never in between. */
rg_outcome_t rg_care_consents_missing(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, apr_time_t at,
                                      int *count, const char ***names);
/* Stamps a step with ctx->now and who. RG_CONFLICT when it was done before; RG_PRECONDITION when
 * the schema sees a consent missing. */
rg_outcome_t rg_care_event_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_event_t e);
rg_outcome_t rg_care_events(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int *count,
                            rg_step_event_t **out);

/* Lines of the service's fees for steps of these kinds (1u << rg_step_kind_t) that the booking
 * was not charged yet, with the practitioner booked on a step of the line's kind (0: nobody is).
 * Amounts and modifiers are the caller's to fill in. */
rg_outcome_t rg_care_fees(rg_db_t *db, rg_ctx_t *ctx, const rg_care_t *care, unsigned kinds,
                          int *count, rg_service_charge_t **fees, int64_t **practitioners);
rg_outcome_t rg_care_charge_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id,
                                const rg_charge_t *c);

/* --- unit.c ----------------------------------------------------------------------------------- */

/* ctx->now and who are stamped on everything a unit goes through. RG_CONFLICT: it happened
 * before. RG_PRECONDITION: a key of the schema forbids it (another patient, another side,
 * unprocessed, expired). */
rg_outcome_t rg_unit_add(rg_db_t *db, rg_ctx_t *ctx, rg_unit_t *u); /* sets u->id */
rg_outcome_t rg_unit_processing_add(rg_db_t *db, rg_ctx_t *ctx, int64_t unit_id, int64_t device_id,
                                    const char *kit_lot, int volume_ml);
/* BODY_SITE and SIDE as the clinician said them: the keys compare them with the unit's. */
rg_outcome_t rg_unit_injection_add(rg_db_t *db, rg_ctx_t *ctx, const rg_unit_t *u,
                                   const rg_care_t *care, const char *body_site, rg_side_t side);
rg_outcome_t rg_unit_disposal_add(rg_db_t *db, rg_ctx_t *ctx, int64_t unit_id, const char *reason);
/* RG_NOT_FOUND when there is none. A booking has one unit at most, because it is harvested once. */
rg_outcome_t rg_unit_by_label(rg_db_t *db, rg_ctx_t *ctx, rg_unit_t **out, const char *label);
rg_outcome_t rg_unit_of_booking(rg_db_t *db, rg_ctx_t *ctx, rg_unit_t **out, int64_t booking_id);
/* Active devices that can do what the booking's processing step needs; the booked one first. */
rg_outcome_t rg_unit_devices(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_resource_t **out);

/* RG_NOT_FOUND for a code that is not in the table. */
rg_outcome_t rg_diagnosis_find(rg_db_t *db, rg_ctx_t *ctx, rg_diagnosis_t **out, const char *code);
rg_outcome_t rg_diagnosis_add(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int seq,
                              const char *code);
/* Takes them off again, to be written anew. RG_PRECONDITION once a claim was emitted. */
rg_outcome_t rg_diagnoses_clear(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id);
rg_outcome_t rg_diagnoses_of(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_diagnosis_t **out);
/* Billable codes that say this body site and no other side, to choose from; at most 60. */
rg_outcome_t rg_diagnoses_likely(rg_db_t *db, rg_ctx_t *ctx, const char *body_site, rg_side_t side,
                                 int *count, rg_diagnosis_t **out);

/* --- day.c: one day of a site, in a fixed number of statements -------------------------------- */

/* Resources of the site that are active, or were taken on that day. */
rg_outcome_t rg_day_resources(rg_db_t *db, rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                              apr_time_t until, int *count, rg_resource_t **out);
/* Bookings that touch [from, until) with steps, resources and states (but for what is next), by
 * start: live holds, booked to completed, no-shows. Beside them, when OPEN is set, earlier ones
 * whose unit is neither used nor disposed of. */
rg_outcome_t rg_day_bookings(rg_db_t *db, rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                             apr_time_t until, bool open, int *count, rg_booking_t ***bookings,
                             rg_day_state_t ***states);

#endif
