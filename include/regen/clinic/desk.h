/* SPDX-License-Identifier: Apache-2.0 */
/* The front desk, apart from the steps of the day.
 *
 * Each function is one business transaction. It takes the context first after its results, checks
 * that the caller may access the record (a patient's session only its own booking; anything else is
 * RG_NOT_FOUND), adds problems that a person can fix to ctx->problems, and writes an audit event
 * for every change in the same transaction. Results are allocated in ctx->pool. */
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
#include "regen/model/backlog.h"
#include "regen/model/booking.h"
#include "regen/model/change.h"
#include "regen/model/followup.h"
#include "regen/model/order.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/record.h"
#include "regen/model/service.h"
#include "regen/model/waitlist.h"

typedef struct {
    int count;
    bool more; /* there are more: the search must be narrower */
    rg_patient_hit_t *hits;
} rg_patient_hits_t;

/* One patient with all bookings ever made of all their records, newest start first, without
 * steps. */
typedef struct {
    rg_patient_t *patient;
    rg_site_t *site;
    apr_time_t now;
    int booking_count;
    rg_booking_t **bookings; /* a hold past its time reads as expired */
    int recall_count;
    rg_recall_t *recalls;   /* planned recalls, soonest first; without attempts */
    bool reminders_stopped; /* they want none */
    int alike_count;
    rg_alike_t *alikes; /* records that may be of the same person, the likeliest first */
    int merged_count;
    rg_merged_t *merged; /* records that this one stands for or stood for, newest first */
    rg_person_facts_t facts;
    const char *asked_uid; /* the merged record that was asked for; NULL: this one */
} rg_patient_file_t;

/* One booking on one resource on one local day of a week, setup and turnover included; pauses
 * between its steps too. */
typedef struct {
    int resource, day; /* index in the week; day 0 is its Monday */
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
    int64_t resource_id; /* the resource shown; 0: all */
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
    RG_WHY_NOBODY,  /* too few resources can do CAPABILITY at all */
    RG_WHY_NOT_ALL, /* no resource can do all that one must do, CAPABILITY in STEP included */
    RG_WHY_SAME,    /* because of other steps it must be RESOURCE, which cannot */
    RG_WHY_GAP,     /* STEP would have to begin from FROM until UNTIL */
    RG_WHY_GRID,    /* … and no time on the grid lies there */
    RG_WHY_CLOSED,  /* RESOURCE is outside its weekly hours */
    RG_WHY_CLOSURE, /* RESOURCE is closed for REASON */
    RG_WHY_TAKEN,   /* RESOURCE is booked */
    RG_WHY_TOGETHER /* each need of STEP could be met, but not all at once */
} rg_why_t;
typedef struct {
    rg_why_t kind;
    rg_rule_t rule;
    const char *step, *capability, *resource; /* names; "" if they do not apply */
    apr_time_t from, until;                   /* 0: does not apply */
    const char *reason;                       /* of a closure */
    const char *booking_uid, *family, *given; /* the booking; names "" until known */
    rg_booking_status_t status;
} rg_reason_t;
typedef struct {
    rg_service_t *service;
    rg_site_t *site;
    apr_time_t start, now;
    bool offered;
    bool can_override; /* only rules prevent it */
    unsigned over;     /* these: 1u << rg_rule_t */
    int count;         /* 0 exactly if it is offered */
    rg_reason_t *reasons;
} rg_explained_t;

/* The next times of a service for a patient on the phone. */
typedef struct {
    rg_site_t *site;
    apr_time_t now;
    int service_count;
    rg_service_t **services; /* active ones, including those only staff book; in display order */
    rg_service_t *service;   /* the chosen one; NULL: none yet */
    int person_count;
    rg_resource_t **people; /* practitioners who take part in it */
    rg_patient_t *patient;  /* the patient; NULL: none yet */
    rg_order_t *order;      /* the treatment order to book on; NULL: none */
    bool needs_order;       /* the service is booked on one: nothing was searched */
    rg_booking_t
        *moving; /* the booking to move, with its visits if VISIT is set; NULL: a new booking */
    int visit;   /* of it; 0: the whole booking */
    int visit_minutes; /* shortest duration of what is searched for; 0: nothing */
    int count;
    apr_time_t *starts; /* ascending */
    bool more;          /* there may be others after the last */
} rg_desk_times_t;
/* times.c. How many targets are treated in what is searched for. */
int rg_desk_targets(const rg_desk_times_t *t);

/* All of these are for the front desk, clinicians and admins: RG_FORBIDDEN for anybody else. */

/* desk/patients.c. As typed; family and given match from their beginning, ignoring case and
 * accents. REACH is a full phone number, an email address or a booking number. */
typedef struct {
    const char *family, *given, *birth_date, *reach;
} rg_patient_wish_t;

/* --- patients.c ------------------------------------------------------------------------------- */

/* The patients who match everything that was typed; at most 50, by name. RG_INVALID if nothing was
 * typed. */
rg_outcome_t rg_desk_patients(rg_patient_hits_t **out, const rg_ctx_t *ctx,
                              const rg_patient_wish_t *in);
rg_outcome_t rg_desk_patient(rg_patient_file_t **out, const rg_ctx_t *ctx, const char *patient_uid);

/* --- times.c ---------------------------------------------------------------------------------- */

typedef struct {
    const char *service_code; /* NULL or "": none chosen yet, only the lists are filled */
    int64_t practitioner_id;  /* 0: any */
    rg_date_t from;           /* year 0: today */
    rg_part_t part;
    apr_time_t after;        /* only later starts than this; 0: any */
    const char *patient_uid; /* NULL or "": nobody yet */
    const char *order_uid;   /* to book on, with its patient and service; NULL or "": none */
    const char *booking_uid; /* to be moved, with its own service; NULL or "": a new booking */
    int visit;               /* of it, as rg_booking_visit_move; 0: the whole booking */
} rg_desk_find_in_t;
/* The next RG_DESK_TIMES starts anywhere within the horizon, including services only staff book.
 * The number of statements grows with months without free times, never with the bookings.
 * RG_NOT_FOUND for an unknown service or patient. */
#define RG_DESK_TIMES 18
rg_outcome_t rg_desk_times(rg_desk_times_t **out, const rg_ctx_t *ctx, const rg_desk_find_in_t *in);

/* --- patients.c ------------------------------------------------------------------------------- */

typedef struct {
    rg_hold_in_t wish;
    const char *patient_uid; /* NULL or "": a new patient, whose details come later */
    const char *recall_uid;  /* recall of that patient to answer; NULL or "": none */
    const char
        *order_uid;     /* treatment order to book on, which says the patient; NULL or "": none */
    unsigned over;      /* 1u << rg_rule_t: rules that may be overridden, if needed */
    const char *reason; /* reason; 3 to 200 characters with OVER */
} rg_desk_hold_in_t;
/* Holds a time for a patient; otherwise as rg_booking_hold. Overridden rules are recorded with the
 * reason in the same transaction; RG_INVALID at "reason" without one. Occupied resources, closures
 * and the past cannot be overridden. */
rg_outcome_t rg_desk_hold(rg_hold_t *out, const rg_ctx_t *ctx, const rg_desk_hold_in_t *in);
typedef struct {
    rg_move_in_t to;
    int visit; /* as rg_booking_visit_move; 0: the whole booking */
    unsigned over;
    const char *reason; /* also required after the patient's deadline */
} rg_desk_move_in_t;
/* As rg_booking_move or rg_booking_visit_move, with rules overridden as in rg_desk_hold. */
rg_outcome_t rg_desk_move(rg_hold_t *out, const rg_ctx_t *ctx, int64_t booking_id,
                          const rg_desk_move_in_t *in);
/* rg_booking_confirm with rules overridden likewise; only RG_RULE_SAME_PERSON applies here. */
rg_outcome_t rg_desk_book(const char **link, const rg_ctx_t *ctx, int64_t booking_id, unsigned over,
                          const char *reason);

/* --- block.c ---------------------------------------------------------------------------------- */

/* desk/block.c: blocks some hours of a day of a person, room or device. These are closures like
 * those of the administrators, but the front desk decides nothing about bookings: RG_PRECONDITION
 * with all affected ones (out->conflicts), and nothing is stored then. */
rg_outcome_t rg_desk_block(rg_closed_t *out, const rg_ctx_t *ctx, const rg_closure_in_t *in);
/* Removes a block: a closure of one resource on one day that is neither holiday nor calibration.
 * RG_NOT_FOUND for any other. */
rg_outcome_t rg_desk_unblock(const rg_ctx_t *ctx, int64_t id);
/* Current and upcoming blocks (only those that may be removed), and the resources to choose
 * from. */
rg_outcome_t rg_desk_blocks(rg_closures_t *out, const rg_ctx_t *ctx);

/* --- week.c ----------------------------------------------------------------------------------- */

/* desk/week.c: a week of a site by resource, in three statements. Staff. RG_NOT_FOUND for an
 * unknown site. */
typedef struct {
    rg_date_t day;       /* any of the week; year 0: today */
    const char *site;    /* code; NULL or "": the first */
    int kind;            /* rg_resource_kind_t; -1: all */
    int64_t resource_id; /* 0: all */
} rg_week_in_t;
rg_outcome_t rg_desk_week(rg_week_t **out, const rg_ctx_t *ctx, const rg_week_in_t *in);

/* --- explain.c -------------------------------------------------------------------------------- */

typedef struct {
    const char *service_code;
    apr_time_t start;
    int64_t practitioner_id; /* 0: any */
    int targets;             /* to be treated; 0: one */
} rg_explain_in_t;
/* desk/explain.c: why the service is not offered at that time; no reasons exactly if it is offered.
 * RG_NOT_FOUND for an unknown service, RG_INVALID for a practitioner who has no part in it. */
rg_outcome_t rg_desk_explain(rg_explained_t **out, const rg_ctx_t *ctx, const rg_explain_in_t *in);

/* --- patients.c ------------------------------------------------------------------------------- */

/* A new private link, as from rg_booking_confirm, for a booking from booked to in-progress; the old
 * one stops working. */
rg_outcome_t rg_desk_link(const char **link, const rg_ctx_t *ctx, int64_t booking_id);
/* The same for the front desk, with values known of the patient from before where the booking has
 * none yet. RG_FORBIDDEN. */
rg_outcome_t rg_desk_details(rg_details_t **out, const rg_ctx_t *ctx, int64_t booking_id);

/* --- backlog.c -------------------------------------------------------------------------------- */

/* What waits in the whole clinic, by kind. Counts and times only: for the command line and for
 * monitoring, which have no caller. */
rg_outcome_t rg_backlog_read(rg_backlog_t out[RG_BACKLOG_COUNT], const rg_ctx_t *ctx);

#endif
