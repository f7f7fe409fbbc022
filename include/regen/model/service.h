/* SPDX-License-Identifier: Apache-2.0 */
/* What the clinic offers. */
#ifndef REGEN_MODEL_SERVICE_H
#define REGEN_MODEL_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/core/money.h"
#include "regen/core/time.h"

#define RG_STEPS_MAX   16
#define RG_PRICE_MAX   INT64_C(1000000000000) /* minor units: times any quantity it is a sum */
#define RG_YEARS_AHEAD 10 /* farther ahead nobody books, whatever rules are waived */
#define RG_NEEDS_MAX   8
typedef enum {
    RG_STEP_CHECK_IN,
    RG_STEP_HARVEST,
    RG_STEP_PROCESS,
    RG_STEP_INJECT,
    RG_STEP_RECOVER,
    RG_STEP_CONSULT
} rg_step_kind_t;
const char *rg_step_kind_name(rg_step_kind_t k);
int rg_step_kind_parse(const char *s);

typedef struct {
    int need_no;
    const char *capability;
    int quantity;
    int setup, turnover; /* minutes */
    const char
        *bind; /* "": any of the pool; else the same resource for every need with this word */
    int any_count;
    const char **any; /* capabilities that will do as well */
} rg_need_t;

typedef struct {
    int step_no;
    rg_step_kind_t kind;
    const char *name;
    int minutes;
    int gap_min, gap_max; /* minutes from the end of the step before */
    int gap_days_min,
        gap_days_max; /* instead, unless 0: local days after the one on which it ends */
    int visit_no;
    bool patient_present;
    int need_count;
    rg_need_t *needs;
} rg_step_t;

typedef struct {
    int line_no;
    rg_step_kind_t step_kind;
    const char *code_system, *code, *description;
    int quantity;
    rg_money_t unit;
    bool side_modifier, on_claim;
} rg_service_charge_t;

/* What a patient has to do or stop before the first visit, in local days before it. */
typedef struct {
    int seq;                   /* from 1 */
    const char *code, *words;  /* "nsaid", "Stop ibuprofen …" */
    const char *applies;       /* to whom: "if you take them"; "": everybody */
    int from_days, until_days; /* until 0: until the visit */
    const char *too_late;      /* "warn"; "refuse": a time that leaves fewer days is not offered */
} rg_preparing_t;

/* The same worked out for one start. */
typedef struct {
    const rg_preparing_t *what;
    rg_date_t from, until; /* local days, both included */
    bool late;             /* it should have begun before today */
} rg_prepare_day_t;

typedef struct {
    int64_t id;
    const char *uid, *code, *name, *summary, *not_for, *preparation;
    int64_t site_id;
    int start_grid, notice_minutes, horizon_days, cancel_notice_minutes, unit_hold_minutes;
    int move_notice_minutes;
    int max_per_day; /* bookings that begin on one local day; 0: no limit */
    bool staff_only; /* only the clinic itself books it */
    const char *regulatory_path;
    bool needs_body_site;
    rg_money_t price;
    int64_t fallback_service_id; /* 0: none */
    int step_count;
    rg_step_t *steps;
    int body_site_count;
    const char **body_sites; /* codes: "knee" */
    int preparing_count;
    rg_preparing_t *preparing; /* in the order of the service */
} rg_service_t;

#endif
