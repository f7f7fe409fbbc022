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
#include "regen/model/fees.h"
#include "regen/model/money.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/time_out.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"

/* --- care.c: the steps of the day; visit/unit.c: units and diagnoses -------------------------- */

/* What a step of the day needs to know of its booking. */
typedef struct {
    int64_t id, service_id, site_id, patient_id;
    const char *uid;
    rg_booking_status_t status;
    apr_time_t starts_at, ends_at;
    /* Of the last step, or time-out of this check-in but those of what is done again; 0: none. */
    apr_time_t last_at;
    apr_time_t step_at; /* of the last step; 0: none */
    const char *body_site;
    rg_side_t side;
    const char *further;         /* targets after this one: rg_targets_of */
    unsigned injected, left_out; /* 1u << number of a target: injected; not, and why is said */
    rg_date_t birth_date;
    const rg_zone_t *zone; /* of the site; never NULL */
    int unit_hold_minutes;
    int product_no;       /* of the service; 0: it has none */
    const char *material; /* the product's; "": none */
    const char *method;
    int spin_min_minutes, spin_max_minutes; /* of the product; 0: no limit */
    bool order_revoked;                     /* of the treatment order that it is booked on */
    bool needs_place;                       /* body_site is required before any step */
    bool second_harvest, second_inject;     /* a second person confirms the step */
    bool timeout_harvest, timeout_inject;   /* a time-out precedes the step */
    bool was_stopped;                       /* one of its time-outs, and was not taken back */
    unsigned kinds;                         /* of the booking's steps: 1u << rg_step_kind_t */
    unsigned done;                          /* 1u << rg_event_t */
    rg_unit_count_t units;
    int collections;
    apr_time_t acted_at;              /* the last of all that was done; 0: nothing */
    apr_time_t harvest_at, inject_at; /* the last harvest and injection; 0: none */
    apr_time_t first_harvest_at, first_process_at, first_inject_at, check_in_at; /* 0: none */
} rg_care_t;

/* All of these run in the caller's transaction (or read, where nothing is written).  Locks the
 * booking for this transaction by increasing its version, then reads it: nobody else changes it
 * before COMMIT, and a concurrent transaction on another cluster node must run again.
 * RG_NOT_FOUND. */
rg_outcome_t rg_care_lock(rg_db_t *db, const rg_ctx_t *ctx, rg_care_t *out, int64_t booking_id);
/* The same without a lock, for pages. */
rg_outcome_t rg_care_get(rg_db_t *db, const rg_ctx_t *ctx, rg_care_t *out, int64_t booking_id);
/* Changes the status if it still is FROM; RG_CONFLICT otherwise. */
rg_outcome_t rg_care_move(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                          rg_booking_status_t from, rg_booking_status_t to);
/* Names of the required forms without a valid consent at AT (the rule of trigger
 * step_event_needs_consent). After rg_care_lock: a withdrawal also increases the booking's version,
 * so it comes before or after the step, never in between. */
rg_outcome_t rg_care_consents_missing(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                      apr_time_t at, int *count, const char ***names);
/* Stamps a step with the time AT of the act, ctx->now when it was entered, and the person.
 * LATE_WHY: why it was entered after the day; "": it was not. RG_CONFLICT if it was already done;
 * RG_PRECONDITION if a consent is missing by the schema. */
rg_outcome_t rg_care_event_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_event_t e,
                               apr_time_t at, const char *late_why);
/* The steps that were done, in their order, and at last that it ended early. */
rg_outcome_t rg_care_events(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int *count,
                            rg_step_event_t **out);
/* That it ends early. RG_CONFLICT: it did already. RG_PRECONDITION: it has not begun, is over, was
 * injected, or a unit is open. */
rg_outcome_t rg_care_end(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, apr_time_t at,
                         rg_ending_t reason, const char *note);

/* Lines of the booking's quote that it was not charged yet, with who did it, or is booked for it:
 * those of the visit for steps of these kinds (1u << rg_step_kind_t); and those of its targets,
 * once it is known which were injected. The caller fills in amounts and modifiers. */
rg_outcome_t rg_care_fees(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care, unsigned kinds,
                          int *count, rg_fee_due_t **out);
rg_outcome_t rg_care_target_fees(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care,
                                 int *count, rg_fee_due_t **out);
/* What was charged for a target, while there is no claim. */
typedef struct {
    int64_t id;
    bool fits;            /* it was injected; charged once for both sides: as many as then */
    int64_t practitioner; /* who injected it, as corrected; 0: nobody */
    apr_time_t at;
} rg_target_charge_t;
rg_outcome_t rg_care_target_charges(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care,
                                    int *count, rg_target_charge_t **out);
/* Takes it off. RG_PRECONDITION: it is on an invoice or claim, or a payer paid for it. */
rg_outcome_t rg_care_charge_drop(rg_db_t *db, const rg_ctx_t *ctx, int64_t charge_id);
/* By whom it was done, and when. */
rg_outcome_t rg_care_charge_done(rg_db_t *db, const rg_ctx_t *ctx, int64_t charge_id,
                                 int64_t practitioner_id, rg_date_t day);
rg_outcome_t rg_care_charge_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                const rg_charge_t *c);

/* --- act.c: who did a step -------------------------------------------------------------------- */

/* All practitioners, those booked for step E first, and which of them could do it at AT. E < 0:
 * just the list. */
rg_outcome_t rg_act_people(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int e,
                           apr_time_t at, int *count, rg_doer_t **out);
/* That DOER (NULL: the step asks for nobody) did step E, and SECOND_ID (staff; 0: nobody) confirmed
 * it. RG_PRECONDITION if they could not, by the schema. */
rg_outcome_t rg_act_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_event_t e,
                        apr_time_t at, const rg_doer_t *doer, int64_t second_id);
/* The act that a correction of who did a step names (ACT_ID; 0: the last one of E), with the doer's
 * code. RG_NOT_FOUND. */
rg_outcome_t rg_act_find(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_event_t e,
                         int64_t act_id, int64_t *id, apr_time_t *at, const char **code);
/* Who is charged for, until there is a claim: if ACT_ID is the act that the charge is for, the one
 * of the step; what was done again is not charged. */
rg_outcome_t rg_act_charge(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_event_t e,
                           int64_t act_id, int64_t practitioner_id);

/* --- time_out.c ------------------------------------------------------------------------------- */

/* Of T event, agreed, stopped, note, at and done_by_id are written, with site and side as booked;
 * UNIT_ID, SECOND_ID (staff): 0 for none. RG_PRECONDITION: the schema does not believe it. */
rg_outcome_t rg_time_out_add(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care,
                             const rg_time_out_t *t, int64_t unit_id, int64_t second_id);
/* All of a booking, in the order in which they were recorded. */
rg_outcome_t rg_time_outs_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_time_out_t **out);

/* --- unit.c ----------------------------------------------------------------------------------- */

/* Every change of a unit is stamped with the time AT of the act and the person. RG_CONFLICT: it was
 * already done. RG_PRECONDITION: a key of the schema forbids it (different patient or side,
 * unprocessed, expired). */
rg_outcome_t rg_unit_add(rg_db_t *db, const rg_ctx_t *ctx, rg_unit_t *u); /* sets u->id */
/* The collection that U is the container of, with its volume, material and time; sets
 * u->collection_id. After its act. */
rg_outcome_t rg_unit_collection_add(rg_db_t *db, const rg_ctx_t *ctx, rg_unit_t *u);
/* That units were split or pooled AT, by the last act of the booking; then what they were made from
 * (RG_PRECONDITION: it was used meanwhile, or does not go together), then the units made. */
rg_outcome_t rg_unit_manipulation_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                      apr_time_t at, int64_t *id);
rg_outcome_t rg_unit_parent_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                int64_t manipulation_id, int64_t unit_id);
typedef struct {
    int64_t device_id; /* 0: made by hand */
    int64_t lot_id;
    const char *kit_lot; /* its number */
    const char *lot_why; /* why it was used although it was not in order; "": it was */
    int volume_ml;       /* of concentrate */
    apr_time_t at;
    int utc_offset;         /* of the site's clock then, in minutes */
    int minutes;            /* in the device until AT; of none: ignored */
    const char *run_why;    /* why that is outside the product's limits; "": it is not */
    const char *device_why; /* why a device that was not in order was used; "": it was */
} rg_processing_t;
/* RG_PRECONDITION also for a device that was closed or overdue, or a run outside the limits,
 * without a reason; and for a device that was full then (rg_unit_run_beside). */
rg_outcome_t rg_unit_processing_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t unit_id,
                                    const rg_processing_t *x);
/* A run of the device with a unit of another patient than X's, while X ran: when it was.
 * RG_NOT_FOUND if there is none. */
rg_outcome_t rg_unit_run_beside(rg_db_t *db, const rg_ctx_t *ctx, const rg_processing_t *x,
                                int64_t patient_id, apr_time_t *from, apr_time_t *until);
typedef struct {
    const char *body_site; /* as entered by the clinician, as is the side: the keys compare them */
    rg_side_t side;
    apr_time_t at;
    const char *lot_why;   /* why although the lot of the kit is recalled; "": it is not */
    const char *again_why; /* why at a target that was injected or left before; "": it was not */
} rg_injection_t;
/* RG_PRECONDITION also for a lot that is recalled, without a reason. */
rg_outcome_t rg_unit_injection_add(rg_db_t *db, const rg_ctx_t *ctx, const rg_unit_t *u,
                                   const rg_care_t *care, const rg_injection_t *x);
/* That a target is not injected after all, and why. */
rg_outcome_t rg_target_leave(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int target_no,
                             const char *reason, apr_time_t at);
rg_outcome_t rg_unit_disposal_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t unit_id,
                                  const char *reason, apr_time_t at);
/* RG_NOT_FOUND if there is none. Of a booking the open unit that expires first, else the last. */
rg_outcome_t rg_unit_by_label(rg_db_t *db, const rg_ctx_t *ctx, rg_unit_t **out, const char *label);
rg_outcome_t rg_unit_of_booking(rg_db_t *db, const rg_ctx_t *ctx, rg_unit_t **out,
                                int64_t booking_id);
/* All, in the order in which they were made. */
rg_outcome_t rg_units_of_booking(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int *count,
                                 rg_unit_t **out);
/* Active devices that can do what the booking's processing step needs, the booked one first, and
 * which of them are closed or overdue at this moment on the site's clocks, by the day that was on
 * record then. */
rg_outcome_t rg_unit_devices(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, apr_time_t at,
                             const rg_zone_t *zone, int *count, rg_device_t **out);

/* RG_NOT_FOUND for a code that is not in the table. */
rg_outcome_t rg_diagnosis_find(rg_db_t *db, const rg_ctx_t *ctx, rg_diagnosis_t **out,
                               const char *code);
rg_outcome_t rg_diagnosis_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int seq,
                              const char *code);
/* Deletes them, to be replaced. RG_PRECONDITION once a claim was emitted. */
rg_outcome_t rg_diagnoses_clear(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id);
rg_outcome_t rg_diagnoses_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int *count,
                             rg_diagnosis_t **out);
/* Billable codes for this body site that are for no other side, to choose from; at most 60. */
rg_outcome_t rg_diagnoses_likely(rg_db_t *db, const rg_ctx_t *ctx, const char *body_site,
                                 rg_side_t side, int *count, rg_diagnosis_t **out);

/* --- day.c: one day of a site, in a fixed number of statements -------------------------------- */

/* Resources of the site that are active, or were occupied on that day. */
rg_outcome_t rg_day_resources(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                              apr_time_t until, int *count, rg_resource_t **out);
/* Bookings that overlap [from, until) with steps, resources and states (except the next step), by
 * start: live holds, booked to completed, no-shows. With OPEN also earlier ones whose unit is
 * neither used nor disposed of. */
rg_outcome_t rg_day_bookings(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, apr_time_t from,
                             apr_time_t until, bool open, int *count, rg_booking_t ***bookings,
                             rg_day_state_t ***states);

/* --- correct.c -------------------------------------------------------------------------------- */

/* What of a booking could be taken back. */
typedef struct {
    int64_t check_in_id, complete_id, ending_id; /* 0: none that counts */
    apr_time_t check_in_at, complete_at;
    const char *ending;     /* reason and note */
    bool invoiced, claimed; /* nothing is taken back anymore */
} rg_correct_facts_t;
typedef struct {
    rg_correct_t what;
    int64_t row_id;                    /* of the step, the ending, the booking, the unit */
    const char *old_value, *new_value; /* new "": taken back */
    const char *reason;
    /* Of RG_CORRECT_INJECT_TARGET: the unit that changes places with this one (0: none); the
     * time-out was recorded wrongly, too; another unit was injected there, too. */
    int64_t with_unit;
    bool with_time_out, again;
} rg_correction_t;
rg_outcome_t rg_correct_facts(rg_db_t *db, const rg_ctx_t *ctx, rg_correct_facts_t *out,
                              int64_t booking_id);
/* RG_PRECONDITION: something followed it, or OLD_VALUE is not what is recorded now. */
rg_outcome_t rg_correct_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                            const rg_correction_t *c);
/* Deletes the charges of the check-in, or those of what is done at COMPLETION. What was charged for
 * a target stays until the next one: it may be discounted, paid, or taken off the claim. */
rg_outcome_t rg_correct_uncharge(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                 bool completion);
/* Deletes the recalls that a completion made, as far as nobody worked on them. */
rg_outcome_t rg_correct_forget_recalls(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id);

/* --- open.c ----------------------------------------------------------------------------------- */

/* What is open of the site's days before BEFORE, oldest first, at most LIMIT: visits that are
 * booked, visits that began and whose next step or end was planned before, open units. */
rg_outcome_t rg_day_open(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id, apr_time_t before,
                         int limit, int *count, rg_open_visit_t **out);

#endif
