/* SPDX-License-Identifier: Apache-2.0 */
/* What the front desk does beside the steps of the day.
 *
 * One function is one business transaction. Each takes the context first after its results,
 * checks the caller's right to the record itself (a patient's session reaches its own booking
 * only; anything else answers RG_NOT_FOUND), adds to ctx->problems what a person can mend, and
 * writes an audit event in the same transaction for every change. Results live in ctx->pool. */
#ifndef REGEN_CLINIC_DESK_H
#define REGEN_CLINIC_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/clinic/booking.h"
#include "regen/clinic/patient.h"
#include "regen/clinic/schedule.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"

typedef struct {
    int count;
    bool more; /* there are others: ask more exactly */
    rg_patient_hit_t *hits;
} rg_patient_hits_t;

/* One patient with every booking that ever was made, newest start first, without steps. */
typedef struct {
    rg_patient_t *patient;
    rg_site_t *site;
    apr_time_t now;
    int booking_count;
    rg_booking_t **bookings; /* a hold past its time reads as expired */
    int recall_count;
    rg_recall_t *recalls;   /* planned, soonest first; without attempts */
    bool reminders_stopped; /* they want none */
} rg_patient_file_t;

/* One booking on one resource on one local day of a week, setup and turnover included; pauses
 * between its steps too. */
typedef struct {
    int resource, day; /* places in the week; day 0 is its Monday */
    apr_time_t from, until;
    const char *booking_uid, *family, *given; /* names "" until known */
    rg_booking_status_t status;
} rg_week_block_t;
typedef struct {
    const rg_site_t *site;
    int site_count;
    const rg_site_t *sites; /* to choose from */
    rg_date_t monday, today;
    int kind;            /* rg_resource_kind_t shown; -1: all */
    int64_t resource_id; /* the one shown; 0: all */
    int resource_count;
    rg_resource_t **resources; /* shown, by kind and id */
    int choice_count;
    rg_resource_t **choices; /* practitioners of the site */
    int block_count;
    rg_week_block_t *blocks; /* by resource, day and time */
    rg_presence_t presence;  /* of the resources; day 0 is Monday */
} rg_week_t;

/* Why a service cannot start at a certain time. */
typedef enum {
    RG_WHY_PAST,
    RG_WHY_RULE,    /* RULE, of the service */
    RG_WHY_NOBODY,  /* too few can do CAPABILITY at all */
    RG_WHY_NOT_ALL, /* nobody can do all that the same one must do, CAPABILITY in STEP among it */
    RG_WHY_SAME,    /* RESOURCE would have to do it, because of the other steps, and cannot */
    RG_WHY_GAP,     /* STEP would have to begin from FROM until UNTIL */
    RG_WHY_GRID,    /* … and no time on the grid lies there */
    RG_WHY_CLOSED,  /* RESOURCE is not there: weekly hours */
    RG_WHY_CLOSURE, /* RESOURCE is closed for REASON */
    RG_WHY_TAKEN,   /* RESOURCE is taken by a booking */
    RG_WHY_TOGETHER /* each need of STEP could be met, not all at once */
} rg_why_t;
typedef struct {
    rg_why_t kind;
    rg_rule_t rule;
    const char *step, *capability, *resource; /* names; "" where they do not apply */
    apr_time_t from, until;                   /* 0: does not apply */
    const char *reason;                       /* of a closure */
    const char *booking_uid, *family, *given; /* who takes it; names "" until known */
    rg_booking_status_t status;
} rg_reason_t;
typedef struct {
    rg_service_t *service;
    rg_site_t *site;
    apr_time_t start, now;
    bool offered;
    bool can_override; /* rules alone are in the way */
    unsigned over;     /* these: 1u << rg_rule_t */
    int count;         /* 0 exactly when it is offered */
    rg_reason_t *reasons;
} rg_explained_t;

/* The part of the local day somebody can come in. */
typedef enum { RG_PART_ANY, RG_PART_MORNING, RG_PART_AFTERNOON, RG_PART_EVENING } rg_part_t;
/* The next times of a service for somebody who is on the phone. */
typedef struct {
    rg_site_t *site;
    apr_time_t now;
    int service_count;
    rg_service_t **services; /* active ones, those only staff book too; in display order */
    rg_service_t *service;   /* the chosen one; NULL: none yet */
    int person_count;
    rg_resource_t **people; /* practitioners with a part in it */
    rg_patient_t *patient;  /* whom it is for; NULL: nobody yet */
    rg_booking_t
        *moving; /* what is to be moved, with its visits when VISIT is set; NULL: a new time */
    int visit;   /* of it; 0: the whole booking */
    int visit_minutes; /* of what is looked for, at the shortest; 0: nothing was */
    int count;
    apr_time_t *starts; /* ascending */
    bool more;          /* there may be others after the last */
} rg_desk_times_t;

/* All of these are for front desk, clinicians and admins: RG_FORBIDDEN for anybody else. */

/* desk/patients.c. As typed; family and given count from their beginning, without case and
 * accents. REACH is a whole phone number, an email address or the number of a booking. */
typedef struct {
    const char *family, *given, *birth_date, *reach;
} rg_patient_wish_t;

/* --- patients.c ------------------------------------------------------------------------------- */

/* The patients of whom all that was typed is true; at most 50, by name. RG_INVALID when nothing
 * was. */
rg_outcome_t rg_desk_patients(rg_patient_hits_t **out, rg_ctx_t *ctx, const rg_patient_wish_t *in);
rg_outcome_t rg_desk_patient(rg_patient_file_t **out, rg_ctx_t *ctx, const char *patient_uid);

/* --- times.c ---------------------------------------------------------------------------------- */

typedef struct {
    const char *service_code; /* NULL or "": none chosen yet, only the lists come */
    int64_t practitioner_id;  /* 0: any */
    rg_date_t from;           /* year 0: today */
    rg_part_t part;
    apr_time_t after;        /* only later starts than this; 0: any */
    const char *patient_uid; /* NULL or "": nobody yet */
    const char *booking_uid; /* to be moved: the service is its own; NULL or "": a new time */
    int visit;               /* of it, as rg_booking_visit_move; 0: the whole booking */
} rg_desk_find_in_t;
/* The next RG_DESK_TIMES starts, however far within the horizon; services only staff book too.
 * Statements grow with the months that have nothing, never with the bookings. RG_NOT_FOUND for an
 * unknown service or patient. */
#define RG_DESK_TIMES 18
rg_outcome_t rg_desk_times(rg_desk_times_t **out, rg_ctx_t *ctx, const rg_desk_find_in_t *in);

/* --- patients.c ------------------------------------------------------------------------------- */

typedef struct {
    rg_hold_in_t wish;
    const char *patient_uid; /* NULL or "": a new patient, whose details come later */
    const char *recall_uid;  /* of that patient, which the visit is for; NULL or "": none */
    unsigned over;      /* 1u << rg_rule_t: rules that may be broken, never more than are needed */
    const char *reason; /* why; 3 to 200 characters with OVER */
} rg_desk_hold_in_t;
/* Holds a time for a patient; otherwise as rg_booking_hold. What was broken is kept with its
 * reason, in the same transaction; RG_INVALID at "reason" without one. A taken resource, a closure
 * and the past stay what they are. */
rg_outcome_t rg_desk_hold(rg_hold_t *out, rg_ctx_t *ctx, const rg_desk_hold_in_t *in);
typedef struct {
    rg_move_in_t to;
    int visit; /* as rg_booking_visit_move; 0: the whole booking */
    unsigned over;
    const char *reason; /* also asked for where a patient could not move any more */
} rg_desk_move_in_t;
/* As rg_booking_move or rg_booking_visit_move, with rules broken as in rg_desk_hold. */
rg_outcome_t rg_desk_move(rg_hold_t *out, rg_ctx_t *ctx, int64_t booking_id,
                          const rg_desk_move_in_t *in);
/* rg_booking_confirm with rules broken likewise; of them only RG_RULE_SAME_PERSON counts here. */
rg_outcome_t rg_desk_book(const char **link, rg_ctx_t *ctx, int64_t booking_id, unsigned over,
                          const char *reason);

/* --- block.c ---------------------------------------------------------------------------------- */

/* desk/block.c: somebody or something is not to be had for some hours of a day. The same closures
 * as the administrators', but the desk decides nothing about bookings: RG_PRECONDITION with all
 * that are in the way (out->conflicts), and nothing is stored then. */
rg_outcome_t rg_desk_block(rg_closed_t *out, rg_ctx_t *ctx, const rg_closure_in_t *in);
/* Takes a block back: a closure of one resource on one day, no holiday and no calibration.
 * RG_NOT_FOUND for any other. */
rg_outcome_t rg_desk_unblock(rg_ctx_t *ctx, int64_t id);
/* Blocks that are not over (only those that may be taken back), and what could be blocked. */
rg_outcome_t rg_desk_blocks(rg_closures_t *out, rg_ctx_t *ctx);

/* --- week.c ----------------------------------------------------------------------------------- */

/* desk/week.c: a week of a site by resource, in three statements. Staff. RG_NOT_FOUND for an
 * unknown site. */
typedef struct {
    rg_date_t day;       /* any of the week; year 0: today */
    const char *site;    /* code; NULL or "": the first */
    int kind;            /* rg_resource_kind_t; -1: all */
    int64_t resource_id; /* 0: all */
} rg_week_in_t;
rg_outcome_t rg_desk_week(rg_week_t **out, rg_ctx_t *ctx, const rg_week_in_t *in);

/* --- explain.c -------------------------------------------------------------------------------- */

typedef struct {
    const char *service_code;
    apr_time_t start;
    int64_t practitioner_id; /* 0: any */
} rg_explain_in_t;
/* desk/explain.c: why the service is not offered at that time; nothing is in the way exactly when
 * it is. RG_NOT_FOUND for an unknown service, RG_INVALID for a practitioner who has no part in
 * it. */
rg_outcome_t rg_desk_explain(rg_explained_t **out, rg_ctx_t *ctx, const rg_explain_in_t *in);

/* --- patients.c ------------------------------------------------------------------------------- */

/* A new private link for a booking from booked to in-progress; the one before is dead. As
 * rg_booking_confirm gives it. */
rg_outcome_t rg_desk_link(const char **link, rg_ctx_t *ctx, int64_t booking_id);
/* For the desk: the same, and where the booking says nothing yet, what is known of its patient from
 * before. RG_FORBIDDEN. */
rg_outcome_t rg_desk_details(rg_details_t **out, rg_ctx_t *ctx, int64_t booking_id);

#endif
