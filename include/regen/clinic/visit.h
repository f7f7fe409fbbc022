/* SPDX-License-Identifier: Apache-2.0 */
/* The board, the chart and the steps of the day.
 *
 * One function is one business transaction; a record of somebody else is RG_NOT_FOUND. */
#ifndef REGEN_CLINIC_VISIT_H
#define REGEN_CLINIC_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/clinic/identity.h"
#include "regen/clinic/patient.h"
#include "regen/clinic/schedule.h"
#include "regen/clinic/unit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/consent.h"
#include "regen/model/followup.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/questionnaire.h"
#include "regen/model/service.h"
#include "regen/model/supply.h"
#include "regen/model/time_out.h"
#include "regen/model/unit.h"

/* Most urgent first. */
typedef enum {
    RG_ATTENTION_WITHDRAWN, /* a consent was withdrawn: nothing more is done, on any day's board */
    RG_ATTENTION_UNIT_EXPIRED,  /* minutes since */
    RG_ATTENTION_UNIT_EXPIRING, /* minutes left */
    RG_ATTENTION_LIMIT,  /* minutes until the next step must begin, while the visit runs late */
    RG_ATTENTION_CLOSED, /* in conflict with closures or hours, and nobody has decided */
    RG_ATTENTION_CONSENT,
    RG_ATTENTION_LATE /* minutes since the next step was due */
} rg_attention_kind_t;
typedef struct {
    rg_attention_kind_t kind;
    int booking; /* its index on the board */
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
    rg_booking_t **bookings; /* with steps and resources; in order of their visit on that day */
    rg_day_state_t **states; /* same places */
    rg_presence_t presence;  /* hours of the resources on this day */
    int attention_count;
    rg_attention_t *attention;
    int todo_count;
    /* indexes of bookings whose next action is due within the hour or overdue: first those with a
     * unit or limit, then those waiting longest, then those expected; today only */
    int *todo;
    int question_count;
    rg_other_visit_t *questions; /* second visits at the same time: of this day, or from today on */
    bool more_questions;         /* more than the listed RG_OTHERS_MOST */
    int withdrawn_count;
    rg_withdrawn_t *withdrawn; /* today: visits of other days with a consent withdrawn */
    bool more_withdrawn;
    int open_count; /* visits of earlier days still open; today only, at most RG_OPEN_MOST */
    int due_count;
    rg_due_device_t *due; /* today only */
} rg_board_t;

/* Visits of earlier days that are still open, oldest first. */
typedef struct {
    const rg_site_t *site;
    int site_count;
    const rg_site_t *sites; /* to choose from */
    rg_date_t today;
    int count;
    rg_open_visit_t *visits;
    bool more; /* than the listed RG_OPEN_MOST */
    int due_count;
    rg_due_device_t *due;
} rg_day_sheet_t;

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
    const rg_step_event_t *ended; /* that it ended early, one of them; NULL: it did not */
    rg_unit_t *unit; /* the open one that expires first, else the last one; NULL: none yet */
    int unit_count;
    rg_unit_t *units;            /* all, in the order in which they were made; UNIT is one */
    rg_supply_lot_t **unit_lots; /* same places: of its kit, as corrected; NULL: none on file */
    rg_unit_count_t unit_counts;
    int diagnosis_count;
    rg_diagnosis_t *diagnoses;
    int likely_count;
    rg_diagnosis_t *likely; /* codes that fit site and side, to choose from */
    int device_count;
    rg_device_t *devices; /* for processing; the booked one first */
    int doer_count;
    rg_doer_t *doers;             /* all practitioners, for the next step and for corrections */
    bool second;                  /* a second person confirms the next step */
    const rg_doer_t *likely_doer; /* one of them; NULL: somebody has to choose */
    int lot_count;
    rg_supply_lot_t *lots; /* those in order today, to choose the kit of a processing from */
    int override_count;
    rg_override_t *overrides; /* oldest first */
    int other_count;
    rg_other_visit_t *others; /* other visits of the patient at the same time */
    int message_count;
    rg_message_t *messages; /* what we wrote about it, oldest first */
    int asked_count;
    rg_quest_asked_t *asked; /* questions before the visit */
    unsigned kinds;          /* as in rg_day_state_t */
    apr_time_t now;
    bool today;       /* the visit is on this local day */
    const char *next; /* next action: check-in, harvest, process, inject, complete; NULL: none */
    const char *due;  /* the same, unless something else was asked for */
    bool again;       /* it is another harvest */
    unsigned can;     /* what else can be done now: 1u << rg_event_t */
    int time_out_count;
    rg_time_out_t *time_outs;       /* all, in the order in which they were recorded */
    bool time_out_asked;            /* one precedes the next step */
    const rg_time_out_t *said;      /* of them, that counts for the next step now; NULL: none */
    const rg_time_out_t *said_old;  /* of them, that counted, but is too old now; NULL: none */
    const rg_time_out_t *said_stop; /* of them, that stops the next step; NULL: none */
} rg_chart_t;

/* The remaining part of a visit if it begins at START, with its resources: as planned, or as it
 * could be. */
typedef struct {
    bool others;    /* with other people or rooms than the previous steps */
    int last_visit; /* the last visit that gets another time; those after it stay */
    apr_time_t start;
    int step_count;
    rg_booking_step_t
        *steps; /* steps that have not begun, of this visit and of later ones that must move, too */
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
    const char *next;       /* the next step */
    apr_time_t now, latest; /* as rg_day_state_t.next_latest */
    rg_replan_option_t planned;
    int option_count; /* 0: it is no longer possible */
    rg_replan_option_t options[2];
} rg_replan_t;

/* --- replan.c --------------------------------------------------------------------------------- */

/* visit/replan.c: the remaining part of a late visit at the earliest possible time: with the people
 * and rooms it is bound to and, if that is sooner or the only way, with others. Never beyond the
 * gap allowed before the next step, nor the unit's time. Later visits stay; only if the gap to one
 * is no longer met, it moves in the same transaction to the earliest possible time. For visits that
 * have begun and whose next step is not the last. RG_PRECONDITION otherwise. */
rg_outcome_t rg_day_replan_look(rg_replan_t **out, const rg_ctx_t *ctx, const char *booking_uid);
typedef struct {
    apr_time_t start; /* of an option */
    bool others;
    int last_visit; /* of the option: no more visits move than were shown */
    int version;    /* of the booking as shown: RG_CONFLICT if it changed since */
} rg_replan_in_t;
/* Moves the remaining steps to that time, all in one transaction: RG_CONFLICT if it is no longer
 * possible. */
rg_outcome_t rg_day_replan(const rg_ctx_t *ctx, int64_t booking_id, const rg_replan_in_t *in);

/* --- board.c ---------------------------------------------------------------------------------- */

/* Today's board also lists what needs attention now, most urgent first, and includes earlier
 * bookings whose unit was neither used nor disposed of. Bookings of one site only; RG_NOT_FOUND for
 * an unknown site. A fixed number of statements. */
rg_outcome_t rg_day_board(rg_board_t **out, const rg_ctx_t *ctx,
                          const char *site, /* code; NULL or "": the first */
                          rg_date_t date);  /* year 0: today at the site */

/* --- correct.c -------------------------------------------------------------------------------- */

typedef struct {
    const char *what;   /* rg_correct_name */
    const char *value;  /* the correct one; not for what is taken back */
    const char *reason; /* required */
    const char *by; /* code of the practitioner who did it: of RG_CORRECT_HARVEST_BY and its like */
    const char *unit; /* label of the unit that it is about; NULL or "": the only one */
    /* Where it was injected: rg_target_code; "swap" with the unit that is recorded there, or
     * "again": that one was, too; "yes": the time-out was said for it and recorded wrongly, too. */
    const char *target, *also, *time_out;
} rg_correct_in_t;
/* Corrects by a new row: takes back a check-in that nothing followed, a no-show whose time is still
 * free, a completion or an ending without invoice and claim, the last time-out before a step, that
 * a unit was made from others if nothing was done with what was made; or
 * gives a volume, a kit lot, who did a step or which target was injected another value.
 * RG_PRECONDITION, with what to do, if it cannot. A step taken back can be recorded again. */
rg_outcome_t rg_day_correct(const rg_ctx_t *ctx, int64_t booking_id, const rg_correct_in_t *in);

/* --- day_sheet.c ------------------------------------------------------------------------------ */

/* What is open of the days before today at one site; RG_NOT_FOUND for an unknown site. */
rg_outcome_t rg_day_sheet(rg_day_sheet_t **out, const rg_ctx_t *ctx,
                          const char *site); /* code; NULL or "": the first */

/* --- process/device.c ------------------------------------------------------------------------- */

/* Devices of all sites that are due for calibration soon, or overdue. */
rg_outcome_t rg_devices_due(rg_due_device_t **out, int *count, const rg_ctx_t *ctx);

/* --- chart.c ---------------------------------------------------------------------------------- */

/* Everything staff see of one booking. ACT (may be NULL): what to do instead of the next step, if
 * it can be done now: another "harvest", "process" or "inject" for a unit that is open. */
rg_outcome_t rg_day_chart(rg_chart_t **out, const rg_ctx_t *ctx, const char *booking_uid,
                          const char *act);

/* --- visit.c: the board and the steps of the day ---------------------------------------------- */

/* Each step: staff only, in the order of the service's steps, once, and only with all consents
 * valid at that time (RG_PRECONDITION naming what is missing), stamped with the time when it was
 * done, ctx->now and the person. Charges of
 * the step's kind are captured in the same transaction. */
typedef struct {
    const char *birth_date; /* second identifier, as said by the patient, in any form */
    /* before the day of the visit: the reason, "patient-came" or "clinic-asked"; else "" */
    const char *early;
    const char *when;     /* as in all steps: local time of the site, as typed; NULL or "": now */
    const char *late_why; /* after the day of the visit: why it is entered later; else "" */
} rg_check_in_t;
/* On the day of the visit; earlier only with a reason, which is audited. After that day it can be
 * entered with the time of that day and a reason, which the step keeps. */
rg_outcome_t rg_day_check_in(const rg_ctx_t *ctx, int64_t booking_id, const rg_check_in_t *in);

/* --- time_out/say.c --------------------------------------------------------------------------- */

typedef struct {
    const char
        *before;       /* "harvest" or "inject": RG_CONFLICT if that is not the next step anymore */
    const char *label; /* of the unit, if it was read; NULL or "": the booking's */
    const char *when;
    const char *stop_when;  /* instead of WHEN, of one that WHO->said->stopped says is stopped */
    const rg_act_in_t *who; /* who does the step, who took part, and what was said */
    const char *again;      /* "yes": before another harvest */
    /* Before the injection of one of several targets: which, as rg_target_code or apart. */
    const char *target, *body_site, *side;
} rg_say_in_t;
/* Records a time-out by itself: agreed, or stopped (then nothing of it is checked but that the step
 * is the next one). The last one counts. */
rg_outcome_t rg_day_time_out(const rg_ctx_t *ctx, int64_t booking_id, const rg_say_in_t *in);

/* --- visit.c: the board and the steps of the day ---------------------------------------------- */

typedef struct {
    const char *diagnoses; /* ICD-10-CM codes separated by spaces or commas, principal first */
    const char *when;
    const rg_act_in_t *who; /* of a consultation */
    const char *left_why;   /* why targets were not injected; NULL or "": all were */
} rg_complete_in_t;
rg_outcome_t rg_day_complete(const rg_ctx_t *ctx, int64_t booking_id, const rg_complete_in_t *in);
/* Replaces the diagnoses of a completed treatment, under the same rules; RG_PRECONDITION once a
 * claim was emitted. */
rg_outcome_t rg_day_diagnose(const rg_ctx_t *ctx, int64_t booking_id, const rg_complete_in_t *in);

/* --- ending.c --------------------------------------------------------------------------------- */

typedef struct {
    const char *reason;  /* rg_ending_name */
    const char *note;    /* required with "other" */
    const char *dispose; /* "yes": the open unit, if any, was disposed of */
    const char *when;
} rg_end_in_t;
/* A visit that began ends without its injection: what was done stays recorded and charged, the open
 * unit is disposed of, steps that have not begun release their time, later visits are canceled.
 * RG_PRECONDITION if it has not begun, is over, was injected, or a unit is open and DISPOSE does
 * not say so. By the front desk only before anything was harvested. */
rg_outcome_t rg_day_end(const rg_ctx_t *ctx, int64_t booking_id, const rg_end_in_t *in);

/* --- chart.c ---------------------------------------------------------------------------------- */

/* The unit of a label with the booking and patient it is for, to print. RG_NOT_FOUND. */
rg_outcome_t rg_day_unit(rg_chart_t **out, const rg_ctx_t *ctx, const char *label);

/* --- label.c: the label of a unit. Pure ------------------------------------------------------- */

/* "U0000042" and its check character (ISO 7064 MOD 37,36): every wrong character and nearly every
 * swap is detected. NUMBER is positive. */
const char *rg_unit_label_make(apr_pool_t *p, int64_t number);
/* A label as scanned or typed: without spaces and hyphens, in capitals; NULL if it is not a
 * label. */
const char *rg_unit_label_read(apr_pool_t *p, const char *typed);

#endif
