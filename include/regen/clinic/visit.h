/* SPDX-License-Identifier: Apache-2.0 */
/* The board, the chart and the steps of the day.
 *
 * One function is one business transaction. Each takes the context first after its results,
 * checks the caller's right to the record itself (a patient's session reaches its own booking
 * only; anything else answers RG_NOT_FOUND), adds to ctx->problems what a person can mend, and
 * writes an audit event in the same transaction for every change. Results live in ctx->pool. */
#ifndef REGEN_CLINIC_VISIT_H
#define REGEN_CLINIC_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/clinic/patient.h"
#include "regen/clinic/schedule.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"

/* Most urgent first. */
typedef enum {
    RG_ATTENTION_UNIT_EXPIRED,  /* minutes since */
    RG_ATTENTION_UNIT_EXPIRING, /* minutes left */
    RG_ATTENTION_LIMIT,  /* minutes left until the next step must have begun, while it runs late */
    RG_ATTENTION_CLOSED, /* where it stands is closed to it, and nobody decided */
    RG_ATTENTION_CONSENT,
    RG_ATTENTION_LATE /* minutes since the next step was due */
} rg_attention_kind_t;
typedef struct {
    rg_attention_kind_t kind;
    int booking; /* its place in the board */
    int minutes;
} rg_attention_t;

typedef struct {
    const rg_site_t *site;
    int site_count;
    const rg_site_t *sites; /* to choose from */
    rg_date_t date;
    bool today; /* at the site */
    apr_time_t now;
    int resource_count;
    rg_resource_t *resources;
    int booking_count;
    rg_booking_t **bookings; /* with steps and resources; in order of their visit of that day */
    rg_day_state_t **states; /* same places */
    rg_presence_t presence;  /* of the resources, on this day */
    int attention_count;
    rg_attention_t *attention;
    int todo_count;
    /* places of bookings whose next action is due within the hour or overdue; first who waits for a
     * unit or a limit, then who waits longest, then who is expected; today only */
    int *todo;
    int question_count;
    rg_other_visit_t *questions; /* second visits at a time: of this day, or from today on */
    bool more_questions;         /* than RG_OTHERS_MOST, which are listed */
} rg_board_t;

/* Everything staff see of one booking. */
typedef struct {
    rg_booking_t *booking;
    rg_site_t *site;
    rg_service_t *service;
    rg_patient_t *patient;   /* NULL: a hold without details yet */
    rg_coverage_t *coverage; /* NULL: self-pay */
    rg_consents_t *consents;
    int event_count;
    rg_step_event_t *events;
    rg_unit_t *unit; /* NULL: none yet */
    int diagnosis_count;
    rg_diagnosis_t *diagnoses;
    int likely_count;
    rg_diagnosis_t *likely; /* codes that fit site and side, to choose from */
    int device_count;
    rg_resource_t *devices; /* centrifuges; the booked one first */
    int override_count;
    rg_override_t *overrides; /* oldest first */
    unsigned kinds;           /* as in rg_day_state_t */
    apr_time_t now;
    bool today;       /* the visit is on this local day */
    const char *next; /* next action: check-in, harvest, process, inject, complete; NULL: none */
} rg_chart_t;

/* What is left of a visit, begun at START, and who serves: as planned or as it could be. */
typedef struct {
    bool others;    /* with other people or rooms than the steps before had */
    int last_visit; /* the last one that gets another time; those after it stay */
    apr_time_t start;
    int step_count;
    rg_booking_step_t
        *steps; /* those that have not begun, of this visit and of later ones that must move, too */
    int resource_count;
    rg_booking_resource_t *resources;
} rg_replan_option_t;
typedef struct {
    rg_booking_t *booking;
    rg_site_t *site;
    rg_service_t *service;
    rg_service_t *fallback; /* NULL: none */
    rg_patient_t *patient;
    rg_unit_t *unit;        /* NULL: none is open */
    const char *next;       /* the step that is waited for */
    apr_time_t now, latest; /* as rg_day_state_t.next_latest */
    rg_replan_option_t planned;
    int option_count; /* 0: nothing is possible any more */
    rg_replan_option_t options[2];
} rg_replan_t;

/* --- replan.c --------------------------------------------------------------------------------- */

/* visit/replan.c: what is left of a visit that runs late, as soon as it can be: with the people and
 * rooms it is bound to, and where that is sooner or the only way, with others. Never past the gap
 * the next step may have, nor the unit's time. Later visits stay; only where one would come too
 * near or too far then, it moves in the same transaction, as early as it can. For visits that began
 * and whose next step is not the last. RG_PRECONDITION otherwise. */
rg_outcome_t rg_day_replan_look(rg_replan_t **out, rg_ctx_t *ctx, const char *booking_uid);
typedef struct {
    apr_time_t start; /* of an option */
    bool others;
    int last_visit; /* of the option: no more visits move than were seen */
    int version;    /* of the booking as it was seen: RG_CONFLICT when it changed since */
} rg_replan_in_t;
/* Moves the steps that have not begun there, all in one transaction: RG_CONFLICT when it cannot be
 * done like that any more. */
rg_outcome_t rg_day_replan(rg_ctx_t *ctx, int64_t booking_id, const rg_replan_in_t *in);

/* --- board.c ---------------------------------------------------------------------------------- */

/* Today's board also tells what needs attention now, most urgent first, and brings up earlier
 * bookings whose unit was neither used nor disposed of. One site, its bookings only; RG_NOT_FOUND
 * for a site that is not there. A fixed number of statements. */
rg_outcome_t rg_day_board(rg_board_t **out, rg_ctx_t *ctx,
                          const char *site, /* code; NULL or "": the first */
                          rg_date_t date);  /* year 0: today at the site */

/* --- chart.c ---------------------------------------------------------------------------------- */

/* Everything staff see of one booking. */
rg_outcome_t rg_day_chart(rg_chart_t **out, rg_ctx_t *ctx, const char *booking_uid);

/* --- visit.c: the board and the steps of the day ---------------------------------------------- */

/* Each step: staff only, in the order of the service's steps, once, only with every consent in
 * order (RG_PRECONDITION naming what is missing), stamped with ctx->now and who. Charges of the
 * step's kind are captured in the same transaction. */
typedef struct {
    const char *birth_date; /* second identifier, as said by the patient, in any writing */
    /* before the day of the visit: why it is brought forward, "patient-came" or "clinic-asked";
     * else "" */
    const char *early;
} rg_check_in_t;
/* On the day of the visit; before it only with a reason, which is audited; after it never. */
rg_outcome_t rg_day_check_in(rg_ctx_t *ctx, int64_t booking_id, const rg_check_in_t *in);

/* --- unit.c ----------------------------------------------------------------------------------- */

typedef struct {
    const char *material, *volume_ml, *side_confirmed;
} rg_harvest_in_t;
rg_outcome_t rg_day_harvest(rg_unit_t **out, rg_ctx_t *ctx, int64_t booking_id,
                            const rg_harvest_in_t *in);
typedef struct {
    const char *label, *device_code, *kit_lot, *volume_ml;
} rg_process_in_t;
rg_outcome_t rg_day_process(rg_ctx_t *ctx, int64_t booking_id, const rg_process_in_t *in);
typedef struct {
    const char *label, *birth_date, *body_site, *side;
} rg_inject_in_t;
/* RG_PRECONDITION for another patient's unit, a wrong side or site, an unprocessed unit; RG_GONE
 * for an expired or used one. The refusal is audited. */
rg_outcome_t rg_day_inject(rg_ctx_t *ctx, int64_t booking_id, const rg_inject_in_t *in);

/* --- visit.c: the board and the steps of the day ---------------------------------------------- */

typedef struct {
    const char *diagnoses; /* ICD-10-CM codes separated by blanks or commas, principal first */
} rg_complete_in_t;
rg_outcome_t rg_day_complete(rg_ctx_t *ctx, int64_t booking_id, const rg_complete_in_t *in);
/* Writes the diagnoses of a completed treatment anew, under the same rules; RG_PRECONDITION once a
 * claim was emitted. */
rg_outcome_t rg_day_diagnose(rg_ctx_t *ctx, int64_t booking_id, const rg_complete_in_t *in);

/* --- unit.c ----------------------------------------------------------------------------------- */

rg_outcome_t rg_day_dispose(rg_ctx_t *ctx, int64_t booking_id, const char *label,
                            const char *reason);

/* --- chart.c ---------------------------------------------------------------------------------- */

/* The unit of a label with the booking and patient it is for, to print. RG_NOT_FOUND. */
rg_outcome_t rg_day_unit(rg_chart_t **out, rg_ctx_t *ctx, const char *label);

/* --- label.c: the label of a unit. Pure ------------------------------------------------------- */

/* "U0000042" and its check character (ISO 7064 MOD 37,36): every wrong character and nearly every
 * swap is noticed. NUMBER is positive. */
const char *rg_unit_label_make(apr_pool_t *p, int64_t number);
/* What a scanner or a person gave as a label: without blanks and hyphens, in capitals; NULL when it
 * is no label. */
const char *rg_unit_label_read(apr_pool_t *p, const char *typed);

#endif
