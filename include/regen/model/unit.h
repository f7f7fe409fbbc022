/* SPDX-License-Identifier: Apache-2.0 */
/* The patient's own material, and what a day asks of a booking. */
#ifndef REGEN_MODEL_UNIT_H
#define REGEN_MODEL_UNIT_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/model/booking.h"

typedef struct {
    int64_t id;
    const char *label;
    int64_t booking_id, patient_id;
    const char *material, *body_site;
    rg_side_t side;
    int volume_ml;
    apr_time_t harvested_at, expires_at;
    apr_time_t processed_at; /* 0: not yet */
    const char *device_name, *kit_lot;
    int concentrate_ml;
    apr_time_t injected_at; /* 0: not yet */
    apr_time_t disposed_at; /* 0: not */
} rg_unit_t;

typedef struct {
    const char *kind; /* check-in, harvest, process, inject, complete */
    apr_time_t at;
    const char *staff_name;
} rg_step_event_t;

typedef struct {
    const char *code, *title, *body_site;
    rg_side_t side;
    bool billable;
} rg_diagnosis_t;

/* What the day asks of one booking beside rg_booking_t. */
typedef struct {
    unsigned kinds; /* of its steps: 1u << rg_step_kind_t */
    unsigned done;  /* steps done, in the order of step_event.kind: 1 check-in, 2 harvest, 4 … */
    bool consent_ok;
    rg_unit_t *unit;     /* NULL: none */
    const char *next;    /* next action: check-in, harvest, process, inject, complete; NULL: none */
    apr_time_t next_due; /* when the plan has it; 0: none */
    apr_time_t
        next_latest; /* when it must have begun, by the gap it may have and the unit; 0: whenever */
    const struct rg_conflict_t *conflict; /* undecided; NULL: none */
    apr_time_t from, until;               /* its visit of this day, one of several perhaps */
    apr_time_t since; /* when the last step was done: the patient waits since then; 0: none was */
} rg_day_state_t;

#endif
