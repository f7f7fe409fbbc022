/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the day share: the order of the steps and the frame each step runs in. Private
 * to clinic/visit. */
#ifndef RG_CLINIC_DAY_INT_H
#define RG_CLINIC_DAY_INT_H
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

/* --- order.c: pure ---------------------------------------------------------------------------- */

/* Whether a booking with these kinds of steps has the event E. Check-in and completion are for all;
 * processing also if the service lacks it between harvest and injection, because no unprocessed
 * unit is ever injected. */
bool rg_day_wants(unsigned kinds, rg_event_t e);
/* The next step, or -1: again as long as a unit is left for it. When none is left open, the
 * treatment ends, if need be before its injection. */
int rg_day_next(rg_booking_status_t status, unsigned kinds, unsigned done,
                const rg_unit_count_t *units);
/* When the plan has E begin; 0 when it does not say. */
apr_time_t rg_day_due(const rg_booking_t *b, rg_event_t e);
/* The latest start of the step of E: the longest gap after the step before, which ended with the
 * unit's stamp, and the unit's time minus the remaining steps. 0: no limit, or no unit. */
apr_time_t rg_day_latest(const rg_service_t *s, int targets, const rg_unit_t *unit, rg_event_t e);
/* "the harvest": in the middle of a sentence. */
const char *rg_day_words(rg_event_t e);

/* --- step.c ----------------------------------------------------------------------------------- */

typedef struct rg_day_step_t rg_day_step_t;
typedef rg_outcome_t (*rg_day_part_fn)(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step);

/* A time-out, read. */
typedef struct {
    bool any;         /* something was said */
    unsigned agreed;  /* 1u << rg_said_t */
    int stopped;      /* rg_said_t; -1: nothing stops it */
    const char *note; /* never NULL */
} rg_day_said_t;

struct rg_day_step_t {
    int64_t booking_id;
    rg_event_t event;
    rg_day_part_fn before;  /* checks that outrank the order of steps: whose unit; may be NULL */
    rg_day_part_fn act;     /* what this step writes beside its stamp; may be NULL */
    const void *in;         /* for these two */
    const char *when;       /* as typed: local time of the act; NULL or "": now */
    const char *when_field; /* where a problem with it is said; NULL: "when" */
    const rg_act_in_t *who; /* who did it, as typed; may be NULL */
    rg_day_said_t said;     /* the time-out held with it, from WHO */
    rg_target_t target;   /* of an injection, once BEFORE found it; body_site NULL: the only one */
    const char *late_why; /* why a check-in is entered after the day; NULL: it is not */
    bool again;           /* another harvest is meant */
    bool unstamped;       /* an act beside the steps: it has its doer, but no stamp and charge */
    apr_time_t at;        /* when it was done; set before BEFORE */
    rg_care_t care;       /* read under lock */
    rg_unit_t *unit;      /* of the booking, or found by BEFORE */
    const char *verb;     /* what audit events call it; NULL: the event's name */
    const char *refusal;  /* code of a refusal that must be remembered; NULL: none */
};

/* Runs the step in one transaction: lock, BEFORE, order, consents, ACT, stamp, status, charges,
 * audit. A refusal with a code is audited in a transaction of its own, because this one is rolled
 * back. */
rg_outcome_t rg_day_run(const rg_ctx_t *ctx, rg_day_step_t *step);
/* What every record of the day begins with: lock, time, BEFORE, the unit, the order of steps, that
 * the part of the body is known. */
rg_outcome_t rg_day_find(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step);
/* That the treatment order stands and every consent is in force at step->at. */
rg_outcome_t rg_day_agreed_to(rg_db_t *db, const rg_ctx_t *ctx, const rg_day_step_t *step);
/* Compares with the date of birth on file; a difference is refused and remembered. */
rg_outcome_t rg_day_same_birth(const rg_ctx_t *ctx, rg_day_step_t *step, rg_date_t said);
/* In any writing, as the patients' own fields are read; or a problem at "birth_date". */
bool rg_day_birth_read(const rg_ctx_t *ctx, rg_date_t *out, const char *typed);

/* --- refusal.c -------------------------------------------------------------------------------- */

/* Adds the problem, sets the code, and gives OUTCOME back. */
rg_outcome_t rg_day_refuse(const rg_ctx_t *ctx, rg_day_step_t *step, const char *code,
                           rg_outcome_t outcome, const char *field, const char *text);
/* Audits step->refusal, if any, in a separate transaction. */
void rg_day_remember(const rg_ctx_t *ctx, rg_day_step_t *step);

/* --- doer.c ----------------------------------------------------------------------------------- */

/* Who did it, and that they could at that time; written down before what they did. */
rg_outcome_t rg_day_doer(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step);
/* Who takes part in a time-out, of the same people. For one that STOPPED: whoever is named or
 * likely; NULL: nobody. */
rg_outcome_t rg_day_takes_part(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step, bool stopped,
                               const rg_doer_t **out);
/* Who most likely did it: OWN (the login's practitioner) if they may, else the one it is booked
 * with; NULL: somebody has to choose. */
const rg_doer_t *rg_day_likely_doer(const rg_doer_t *list, int count, int64_t own);

/* --- process/device.c ------------------------------------------------------------------------- */

/* Sets device, reason and the site's offset of X from the device with CODE, which must be in order
 * at that time, or WHY says why it was used all the same; that is audited. A mechanical product
 * that no device serves has none. */
rg_outcome_t rg_day_device(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step, const char *code,
                           const char *why, rg_processing_t *x);
/* The reason as typed, tidied; a problem at FIELD if it is too long. */
const char *rg_day_device_why(const rg_ctx_t *ctx, const char *field, const char *typed);
/* Active devices of the site that are due for calibration soon, or overdue; how many. */
int rg_day_devices_due(rg_due_device_t **out, const rg_ctx_t *ctx, const rg_clinic_t *k,
                       const rg_site_t *site);

/* --- process/run.c ---------------------------------------------------------------------------- */

typedef struct {
    const char *minutes; /* as typed */
    const char *why;     /* tidied */
} rg_run_in_t;
/* How long the device of X ran, into X: within the limits of the product, or with a reason, which
 * is audited. Nothing without a device. */
rg_outcome_t rg_day_run_check(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                              const rg_run_in_t *in, rg_processing_t *x);
/* Writes the processing of the step's unit. Refused where another patient's unit is on record in
 * the device at that time, unless WHY says why it was used all the same, which is audited: the
 * message says when, not whose. */
rg_outcome_t rg_day_run_add(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step, const char *why,
                            rg_processing_t *x);

/* --- process/kit.c ---------------------------------------------------------------------------- */

typedef struct {
    const char *lot;               /* its id, as chosen; NULL or "": typed */
    const char *kit_lot, *expires; /* as typed */
    const char *why;               /* tidied */
} rg_kit_in_t;
/* The lot of the kit into X: in order on that day, or with a reason, which is audited. What is
 * typed and not on file becomes a lot. */
rg_outcome_t rg_day_kit(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                        const rg_kit_in_t *in, rg_processing_t *x);
/* That the lot of the unit's kit, as corrected, is not recalled by now, or WHY (tidied; emptied if
 * it is not) says why the unit is used all the same; that is audited. */
rg_outcome_t rg_day_kit_recalled(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                                 const char **why);

/* --- target.c --------------------------------------------------------------------------------- */

/* "right knee". */
const char *rg_day_target_words(const rg_ctx_t *ctx, const rg_target_t *t);
/* Of a booking with several targets: sets step->target to the one that was named, and refuses what
 * is none of them. Nothing for a booking with one. */
rg_outcome_t rg_day_target(const rg_ctx_t *ctx, rg_day_step_t *step, const char *body_site,
                           rg_side_t side);
/* The same for a time-out that stops: where none is named, the first that is still open. */
void rg_day_target_of_stop(const rg_ctx_t *ctx, rg_day_step_t *step, const char *code,
                           const char *body_site, const char *side);
/* The one that a form names by CODE (rg_target_code), else apart; false: none, or both, and they
 * differ. NULL is "". */
bool rg_day_target_read(const rg_ctx_t *ctx, rg_target_t *out, const char *code,
                        const char *body_site, const char *side);
/* That a target which was injected or left before is injected with a reason only (at
 * "target_why"). */
rg_outcome_t rg_day_target_again(const rg_ctx_t *ctx, rg_day_step_t *step, const char **why);
/* That U was injected at another target: the values and what goes with them, from IN into ROW.
 * Refuses, with what to do, what would leave the record contradicting itself. */
rg_outcome_t rg_day_target_correct(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care,
                                   const rg_unit_t *u, const rg_correct_in_t *in,
                                   rg_correction_t *row);
/* Every target was injected, or is left now because of WHY (as typed). Before a completion. */
rg_outcome_t rg_day_targets_left(rg_db_t *db, const rg_ctx_t *ctx, const rg_day_step_t *step,
                                 const char *why);
/* The last time-out before an injection that was held with the unit of this label; NULL: none, or
 * it was taken back. */
const rg_time_out_t *rg_day_said_with(const rg_time_out_t *list, int count, const char *label);

/* --- unit.c ----------------------------------------------------------------------------------- */

/* Makes all texts "" that nothing is known of yet. */
void rg_day_unit_blank(rg_unit_t *u);

/* --- owner.c ---------------------------------------------------------------------------------- */

/* What only an open unit allows; the words for one that is not, or NULL. */
const char *rg_unit_gone(const rg_unit_t *u);
/* A label as typed, or NULL and a problem at "label". */
const char *rg_day_label_read(const rg_ctx_t *ctx, const char *typed);
/* Sets step->unit to the unit with this label, of this booking. */
rg_outcome_t rg_day_find_labelled(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                                  const char *label);
/* That step->unit was not used or disposed of, and has not expired. */
rg_outcome_t rg_day_usable(const rg_ctx_t *ctx, rg_day_step_t *step);
/* All of it, of a label as typed; and that the unit is processed. */
rg_outcome_t rg_day_unit_to_inject(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                                   const char *typed);

/* --- time_out/said.c -------------------------------------------------------------------------- */

/* Reads WHO->said into step->said, or a problem at "stopped" or "stop_note". */
rg_outcome_t rg_day_said_read(const rg_ctx_t *ctx, rg_day_step_t *step);
/* That everything asked before this step was agreed, or a problem at "time_out". */
rg_outcome_t rg_day_said_whole(const rg_ctx_t *ctx, const rg_day_step_t *step);
/* Writes down step->said, held at step->at with DOER (may be NULL), and its audit event. */
rg_outcome_t rg_day_said_write(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                               const rg_doer_t *doer);
/* That it was stopped AT (as people read it; "": just now), and what to do. */
const char *rg_day_stop_words(const rg_ctx_t *ctx, rg_said_t item, const char *at);
/* That the step was preceded by a time-out if one is asked for; the one held with it is written
 * down. DOER: who does the step; may be NULL. */
rg_outcome_t rg_day_said(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                         const rg_doer_t *doer);
/* The last one before E; NULL: none, or it was taken back. */
const rg_time_out_t *rg_day_last_said(const rg_time_out_t *list, int count, rg_event_t e);
/* Why T (may be NULL) does not count for a step done at AT by DOER_ID (0: anybody), when the step
 * before was done at STEP_AT: a code for the audit log; NULL: it counts. */
const char *rg_day_said_why(const rg_time_out_t *t, apr_time_t step_at, apr_time_t at,
                            int64_t doer_id);

/* --- time_out/say.c --------------------------------------------------------------------------- */

/* Records a stop alone, in its own transaction; RG_PRECONDITION with what to do if it succeeds. */
rg_outcome_t rg_day_stop(const rg_ctx_t *ctx, rg_day_step_t *step);

/* --- when.c ----------------------------------------------------------------------------------- */

/* When it was done: TYPED in the site's local time, or now. A problem at FIELD for what is in the
 * future, before the last step, or not said although the visit is over. */
rg_outcome_t rg_day_when(apr_time_t *at, const rg_ctx_t *ctx, const rg_care_t *care,
                         const char *field, const char *typed);
/* That what is processed, made or injected was there at the time of the STEP, whose minute is read
 * as the moment in it that is possible. */
rg_outcome_t rg_day_after_unit(const rg_ctx_t *ctx, rg_day_step_t *step);

/* --- charge.c --------------------------------------------------------------------------------- */

/* Charges what the service asks for steps of these kinds, done at AT, and was not charged yet. */
rg_outcome_t rg_day_charge(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care, unsigned kinds,
                           apr_time_t at);
/* At the completion, when it is settled which targets were injected: what is charged for each.
 * After one that was taken back what still fits stays as it is, with what became of it. */
rg_outcome_t rg_day_charge_targets(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care);
/* After a correction: what was charged for a target has who injected it, and when. */
rg_outcome_t rg_day_charges_follow(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care);

#endif
