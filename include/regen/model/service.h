/* SPDX-License-Identifier: Apache-2.0 */
/* What the clinic offers. */
#ifndef REGEN_MODEL_SERVICE_H
#define REGEN_MODEL_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/core/money.h"
#include "regen/core/time.h"
#include "regen/core/words.h"

#define RG_STEPS_MAX    16
#define RG_PRICE_MAX    INT64_C(1000000000000) /* minor units: times any quantity it is a sum */
#define RG_YEARS_AHEAD  10 /* bookings are never farther ahead, whatever rules are overridden */
#define RG_NEEDS_MAX    8
#define RG_TARGETS_MOST 4 /* of one booking */

/* The words of service_step.kind, booking_step.kind, service_charge.step_kind,
 * charge_item.step_kind, charge_off.step_kind, fee_line.step_kind, booking_charge.step_kind. */
#define RG_STEP_KINDS(X)                                                                           \
    X(RG_STEP_CHECK_IN, "check-in")                                                                \
    X(RG_STEP_HARVEST, "harvest")                                                                  \
    X(RG_STEP_PROCESS, "process")                                                                  \
    X(RG_STEP_INJECT, "inject")                                                                    \
    X(RG_STEP_RECOVER, "recover")                                                                  \
    X(RG_STEP_CONSULT, "consult")
RG_WORDS(rg_step_kind, RG_STEP_KIND_COUNT, RG_STEP_KINDS);

typedef struct {
    int need_no;
    const char *capability;
    int quantity;
    int setup, turnover; /* minutes */
    const char *bind;    /* "": any; otherwise the same resource for every need with this word */
    int any_count;
    const char **any; /* alternative capabilities */
} rg_need_t;

typedef struct {
    int step_no;
    rg_step_kind_t kind;
    const char *name;
    int minutes;
    int further_minutes;  /* more of them for each target after the first */
    int gap_min, gap_max; /* minutes from the end of the step before */
    int gap_days_min,
        gap_days_max; /* instead, unless 0: local days after the one on which it ends */
    int visit_no;
    bool patient_present;
    int need_count;
    rg_need_t *needs;
} rg_step_t;

/* What is harvested. The words of service_product.material, unit.material,
 * collection.material. */
#define RG_MATERIALS(X)                                                                            \
    X(RG_MATERIAL_BONE_MARROW, "bone-marrow")                                                      \
    X(RG_MATERIAL_BLOOD, "blood")                                                                  \
    X(RG_MATERIAL_ADIPOSE, "adipose")
RG_WORDS(rg_material, RG_MATERIAL_COUNT, RG_MATERIALS);

/* How it is processed. The words of service_product.method. */
#define RG_METHODS(X)                                                                              \
    X(RG_METHOD_CENTRIFUGE, "centrifuge")                                                          \
    X(RG_METHOD_MECHANICAL, "mechanical")                                                          \
    X(RG_METHOD_ENZYMATIC, "enzymatic")                                                            \
    X(RG_METHOD_CULTURED, "cultured")
RG_WORDS(rg_method, RG_METHOD_COUNT, RG_METHODS);

/* What is added to it. PERMITTED is what 21 CFR 1271.10(a)(3) allows: water, crystalloids, or a
 * sterilizing, preserving or storage agent. The words of service_product.additives. */
#define RG_ADDITIVES(X)                                                                            \
    X(RG_ADDITIVES_NONE, "none")                                                                   \
    X(RG_ADDITIVES_PERMITTED, "permitted")                                                         \
    X(RG_ADDITIVES_OTHER, "other")
RG_WORDS(rg_additives, RG_ADDITIVES_COUNT, RG_ADDITIVES);

#define RG_RUN_MINUTES_MOST RG_DAY_MINUTES

/* What a service makes of the patient's own material. Whatever is digested by enzymes, grown in
 * culture or has other additives is a drug, and is made only under the number of a trial. */
typedef struct {
    int product_no;                            /* from 1 */
    const char *name;                          /* "Bone-marrow concentrate" */
    const char *material, *method, *additives; /* rg_material_name, … */
    const char *trial;                         /* "" for none */
    int spin_min_minutes, spin_max_minutes;    /* of a run without a reason; 0: no limit */
} rg_product_t;

/* Under which rule of the FDA the material is given back. The words of service.regulatory_path. */
#define RG_REGULATORY_PATHS(X)                                                                     \
    X(RG_REGULATORY_NONE, "none")                                                                  \
    X(RG_REGULATORY_SAME_PROCEDURE, "same-procedure")                                              \
    X(RG_REGULATORY_BLOOD_PRODUCT, "blood-product")
RG_WORDS(rg_regulatory_path, RG_REGULATORY_PATH_COUNT, RG_REGULATORY_PATHS);

/* What a booking needs before a time is held: a clinician's order is never overridden. The words of
 * service.booked_by. */
#define RG_BOOKED_BYS(X)                                                                           \
    X(RG_BOOKED_BY_ANYONE, "anyone")                                                               \
    X(RG_BOOKED_BY_ORDER, "order")
RG_WORDS(rg_booked_by, RG_BOOKED_BY_COUNT, RG_BOOKED_BYS);

/* What becomes of a time that leaves fewer days: REFUSE does not offer it. The words of
 * service_preparing.too_late. */
#define RG_TOO_LATES(X)                                                                            \
    X(RG_TOO_LATE_WARN, "warn")                                                                    \
    X(RG_TOO_LATE_REFUSE, "refuse")
RG_WORDS(rg_too_late, RG_TOO_LATE_COUNT, RG_TOO_LATES);

/* What a patient must do or stop before the first visit, in local days before it. */
typedef struct {
    int seq;                   /* from 1 */
    const char *code, *words;  /* "nsaid", "Stop ibuprofen …" */
    const char *applies;       /* for whom: "if you take them"; "": everybody */
    int from_days, until_days; /* until 0: until the visit */
    const char *too_late;      /* rg_too_late_name */
} rg_preparing_t;

/* The same for one start. */
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
    int remind_hours, remind_again_hours; /* before the first visit; 0: no reminder */
    int max_per_day;                      /* bookings that begin on one local day; 0: no limit */
    bool staff_only;                      /* only the clinic itself books it */
    const char *booked_by;                /* rg_booked_by_name */
    const char *regulatory_path;
    bool needs_body_site;
    int targets_most;                     /* that one order may name */
    bool second_harvest, second_inject;   /* a second person confirms the step */
    bool timeout_harvest, timeout_inject; /* a time-out precedes the step */
    rg_money_t price;   /* to who pays themselves, as of reading; currency "": none, so nobody
                       * can book it */
    unsigned fee_kinds; /* 1u << rg_step_kind_t: the steps that are charged for, likewise */
    int64_t fallback_service_id; /* 0: none */
    int step_count;
    rg_step_t *steps;
    int body_site_count;
    const char **body_sites; /* codes: "knee" */
    int preparing_count;
    rg_preparing_t *preparing; /* in the order of the service */
    int product_count;
    rg_product_t *products; /* one if the service harvests; otherwise none */
} rg_service_t;

/* --- core/service.c: what follows from a service. Pure ---------------------------------------- */

/* Minutes of the first visit, at the shortest: its steps and the least gaps between them. */
int rg_first_visit_minutes(const rg_service_t *s);
int rg_visit_count(const rg_service_t *s);
/* Minutes of a step for so many targets. */
int rg_step_minutes(const rg_step_t *step, int targets);
/* S with the minutes that its steps take for so many TARGETS; S itself where they are the same. */
const rg_service_t *rg_service_sized(apr_pool_t *p, const rg_service_t *s, int targets);
/* Whether it is booked only on a treatment order. */
bool rg_service_needs_order(const rg_service_t *s);
/* Local days that must lie between today and a start, because S refuses what would be too late; 0:
 * none. */
int rg_preparing_days(const rg_service_t *s);
/* The window in which a visit may begin, as seen at NOW on the clocks of ZONE, the site's: from the
 * first instant by notice and by what must be prepared and may not lack, until the end of the last
 * local day. Of a later visit only notice counts. */
apr_time_t rg_window_from(const rg_service_t *s, const rg_zone_t *zone, apr_time_t now);
apr_time_t rg_window_until(const rg_service_t *s, const rg_zone_t *zone, apr_time_t now);
rg_date_t rg_window_last_day(const rg_service_t *s, rg_date_t today);
apr_time_t rg_window_notice(const rg_service_t *s, apr_time_t now);

#endif
