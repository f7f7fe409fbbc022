/* SPDX-License-Identifier: Apache-2.0 */
/* Time found, held, booked, moved, given back.
 *
 * One function is one business transaction. Each takes the context first after its results,
 * checks the caller's right to the record itself (a patient's session reaches its own booking
 * only; anything else answers RG_NOT_FOUND), adds to ctx->problems what a person can mend, and
 * writes an audit event in the same transaction for every change. Results live in ctx->pool. */
#ifndef REGEN_CLINIC_BOOKING_H
#define REGEN_CLINIC_BOOKING_H

#include <stdint.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"

/* --- availability.c --------------------------------------------------------------------------- */

typedef struct {
    const char *service_code;
    rg_date_t from;          /* first local day; year 0: today */
    int days;                /* 1 .. policy->search_days */
    int64_t practitioner_id; /* 0: any */
    /* booking to be moved, of this service and the caller's to move: what it takes itself counts
     * as free, the start it has is not offered (but to staff, when what it takes was closed); 0:
     * none */
    int64_t moving;
} rg_find_in_t;

typedef struct {
    rg_date_t date;
    int count;
    apr_time_t *starts; /* ascending */
} rg_free_day_t;

typedef struct {
    rg_service_t *service;
    rg_site_t *site;
    rg_date_t first_bookable, last_bookable; /* notice and horizon as local days */
    int day_count;
    rg_free_day_t *days;  /* every local day of the window, also those without times */
    apr_time_t next_free; /* first start in the window; 0: none */
    int visit_minutes;    /* of the first visit, at the shortest */
    int practitioner_count;
    const rg_resource_t *
        *practitioners; /* who may be asked for: those who could harvest, inject or consult */
} rg_availability_t;

/* All times the service can start in the window. RG_INVALID for a window in the past or past the
 * horizon, RG_NOT_FOUND for an unknown service. A constant number of statements, whatever the
 * window and the bookings. */
rg_outcome_t rg_availability_find(rg_availability_t **out, rg_ctx_t *ctx, const rg_find_in_t *in);

/* The times that one visit (from 1) of the booking in->moving could have instead, as
 * rg_booking_visit_move would take them: bounded by the gap to the visit before instead of the
 * horizon. RG_PRECONDITION when it was defined anew since. */
rg_outcome_t rg_availability_of_visit(rg_availability_t **out, rg_ctx_t *ctx,
                                      const rg_find_in_t *in, int visit);

/* --- hold.c ----------------------------------------------------------------------------------- */

typedef struct {
    const char *service_code;
    apr_time_t start;
    int64_t practitioner_id; /* 0: any */
} rg_hold_in_t;

typedef struct {
    rg_booking_t *booking;
    int nearest_count; /* on RG_CONFLICT: other times nearest to the wish, at most 6, ascending */
    apr_time_t *nearest;
} rg_hold_t;

/* Holds the whole chain for policy->hold_time. RG_CONFLICT when it was just taken (with nearest
 * times), RG_INVALID for a time that is not offered at all (past, off grid, closed, beyond the
 * horizon), RG_TOO_MANY when ctx->client_ip has policy->holds_per_client live ones and who asks is
 * neither staff nor a machine. Stores the booking's uid as ctx->idem->result. */
rg_outcome_t rg_booking_hold(rg_hold_t *out, rg_ctx_t *ctx, const rg_hold_in_t *in);

/* --- booking.c -------------------------------------------------------------------------------- */

/* Extends a live hold by policy->hold_time. RG_PRECONDITION when that was done
 * policy->hold_extensions times. */
rg_outcome_t rg_booking_extend(rg_ctx_t *ctx, int64_t booking_id);
/* Gives a hold back, or cancels a booking (patients: within the service's notice; staff: any time
 * before it began, and of a course that began the visits still to come, which then take nothing any
 * more; units go the way of the day). What is cancelled is free again in the same transaction.
 * REASON is kept as an audit code. */
rg_outcome_t rg_booking_cancel(rg_ctx_t *ctx, int64_t booking_id, const char *reason);
/* The same, unless it changed since VERSION (0: whatever it is): RG_CONFLICT with the problem
 * "version". */
rg_outcome_t rg_booking_cancel_version(rg_ctx_t *ctx, int64_t booking_id, int version,
                                       const char *reason);
/* The same, with what is said of it (NULL: nothing). */
rg_outcome_t rg_booking_cancel_noted(rg_ctx_t *ctx, int64_t booking_id, int version,
                                     const char *reason, const rg_booking_note_t *note);
/* Gives a hold back; what is booked meanwhile stays (RG_PRECONDITION). */
rg_outcome_t rg_booking_give_back(rg_ctx_t *ctx, int64_t booking_id, const char *reason);
/* held -> booked, when the details are in order (RG_PRECONDITION with what is missing). Consents
 * are signed any time before the first step, which does not begin without them. RG_GONE when the
 * hold expired. LINK (43 base64url characters) lets the patient come back; only its hash is stored,
 * but a repeated request with ctx->idem->seed gives the same link again. */
rg_outcome_t rg_booking_confirm(const char **link, rg_ctx_t *ctx, int64_t booking_id);
/* The same, unless it changed since VERSION, which the page that was checked showed (0: whatever it
 * is): RG_CONFLICT with the problem "version". */
rg_outcome_t rg_booking_confirm_version(const char **link, rg_ctx_t *ctx, int64_t booking_id,
                                        int version);
/* The booking with steps, resources, appointments. A live hold past its time reads as expired. */
rg_outcome_t rg_booking_get(rg_booking_t **out, rg_ctx_t *ctx, int64_t booking_id);
rg_outcome_t rg_booking_get_by_uid(rg_booking_t **out, rg_ctx_t *ctx,
                                   const char *uid); /* staff and machines */
/* Booking a link's token belongs to. RG_NOT_FOUND for a forged one. */
rg_outcome_t rg_booking_by_link(int64_t *booking_id, rg_ctx_t *ctx, const char *link);
/* booked -> no-show, once the visit should have begun. Front desk and administrators. */
rg_outcome_t rg_booking_no_show(rg_ctx_t *ctx, int64_t booking_id);
/* The same, unless it changed since VERSION (0: whatever it is): RG_CONFLICT. */
rg_outcome_t rg_booking_no_show_version(rg_ctx_t *ctx, int64_t booking_id, int version);

/* --- upkeep.c --------------------------------------------------------------------------------- */

/* Frees what expired holds still take; at most LIMIT of them. *SWEPT counts. For the periodic sweep
 * and regenctl. */
rg_outcome_t rg_booking_sweep(int *swept, rg_ctx_t *ctx, int limit);
/* Makes day_bitmap anew from occupancy and fills the seats of services with a limit a day that
 * bookings from before the limit lack; tells how many rows were wrong. regenctl. */
rg_outcome_t rg_booking_rebuild(int *repaired, rg_ctx_t *ctx);
/* Counts what contradicts section "rules that never bend": occupancy against live bookings and read
 * model. 0 = sound. regenctl check, tests. */
rg_outcome_t rg_booking_check(int *contradictions, rg_ctx_t *ctx,
                              void (*say)(void *baton, const char *line), void *baton);

/* --- move.c: another time for the whole chain ------------------------------------------------- */

typedef struct {
    apr_time_t start;
    int64_t practitioner_id; /* 0: any */
    /* of the booking, as the person saw it: RG_CONFLICT when it changed since; 0: whatever it is */
    int version;
    const rg_booking_note_t *note; /* NULL: nothing is said */
} rg_move_in_t;
/* Takes the chain at its new time and gives the old one back, in one transaction or not at all;
 * UID, link, consents and state stay, appointments keep their uids with a raised SEQUENCE. For held
 * (keeps its expiry) and booked ones. Patients: within the service's move notice, never later than
 * that before the old time; staff: until it began. RG_CONFLICT with the nearest times when the new
 * one is taken, RG_INVALID as rg_booking_hold and for the time it has already (unless
 * PRACTITIONER_ID asks for another practitioner, or staff move it because what it takes was
 * closed). Without nearest times RG_CONFLICT says that VERSION is not the booking's any more, or
 * that nothing is free nearby. RG_PRECONDITION: cancelled, begun, too late, or for staff only;
 * RG_GONE: a hold that is over. Stores the booking's uid as ctx->idem->result. */
rg_outcome_t rg_booking_move(rg_hold_t *out, rg_ctx_t *ctx, int64_t booking_id,
                             const rg_move_in_t *in);
/* What rg_booking_move would do now, with the same outcomes, and nothing changed: out->booking is
 * the booking as it would be. */
rg_outcome_t rg_booking_move_look(rg_hold_t *out, rg_ctx_t *ctx, int64_t booking_id,
                                  const rg_move_in_t *in);
/* The same for one visit of a booking of several (VISIT from 1; 0: the whole booking), also once
 * earlier visits are done: the visits before it stay, it moves within the gap to the one before, as
 * that really ended, and within the unit's time; with people bound by the service as they are in
 * what stays. Later visits stay where the gap allows, else those that must move as early as they
 * can. Only appointments that get another time get a higher SEQUENCE. Patients: in time before this
 * visit; staff: until it began. RG_INVALID at "visit" when there is none. RG_PRECONDITION also
 * where the treatment was defined anew since it was booked. */
rg_outcome_t rg_booking_visit_move(rg_hold_t *out, rg_ctx_t *ctx, int64_t booking_id, int visit,
                                   const rg_move_in_t *in);
rg_outcome_t rg_booking_visit_move_look(rg_hold_t *out, rg_ctx_t *ctx, int64_t booking_id,
                                        int visit, const rg_move_in_t *in);
typedef struct {
    int visit_no;
    apr_time_t starts_at;
    apr_time_t until; /* a patient may move it alone until then; 0: not, or not any more */
} rg_visit_move_t;
/* The visits of a booking of several that have not begun; none when it has one visit or is over.
 * The patient's own, or staff. */
rg_outcome_t rg_booking_visits(rg_visit_move_t **out, int *count, rg_ctx_t *ctx,
                               int64_t booking_id);

/* --- closure.c -------------------------------------------------------------------------------- */

/* booking/closure.c. Admin. As typed; days like 2026-12-24, times of each day like 08:30, both
 * empty for whole days. */
typedef struct {
    const char *site, *resource; /* codes; resource "": the whole site */
    const char *first_day, *last_day, *start, *end, *kind, *reason;
} rg_closure_in_t;
/* RG_DECIDE_NOTHING: it was asked, and nothing was chosen. */
typedef enum { RG_DECIDE_KEEP, RG_DECIDE_CANCEL, RG_DECIDE_MOVE, RG_DECIDE_NOTHING } rg_decide_t;
typedef struct {
    rg_decide_t what;
    int64_t booking_id;
    apr_time_t starts_at; /* of the booking as it was seen: moved, it is decided anew */
    const char *reason;   /* KEEP */
    apr_time_t move_to;   /* MOVE */
} rg_decision_t;
typedef struct {
    int64_t id; /* of the closure; 0: nothing was stored */
    int conflict_count;
    rg_conflict_t *conflicts; /* every booking that the closure hits, with other times */
    int kept, cancelled, moved, left;
} rg_closed_t;
/* Stores the closure with what is decided about every booking that it hits. RG_PRECONDITION with
 * all of them (problems "decide-ID") when one is undecided, and nothing is stored then; RG_INVALID
 * by field as in rg_closure_in_t. Kept and cancelled ones are written in the closure's transaction;
 * moves follow at once, each whole by itself, so that they see the closure. One whose new time was
 * taken meanwhile is counted in LEFT and is a conflict until somebody decides. */
rg_outcome_t rg_closure_add(rg_closed_t *out, rg_ctx_t *ctx, const rg_closure_in_t *in,
                            const rg_decision_t *decisions, int count);
rg_outcome_t rg_closure_remove(rg_ctx_t *ctx, int64_t id);
/* Closures that are not over, in order of time, and what they could be put on. */
typedef struct {
    int count;
    rg_closure_row_t *rows;
    int site_count;
    const rg_site_t *sites;
    int resource_count;
    const rg_resource_t **resources; /* by site and name */
    const int64_t *resource_sites;
} rg_closures_t;
rg_outcome_t rg_closures_get(rg_closures_t *out, rg_ctx_t *ctx);

/* --- person.c --------------------------------------------------------------------------------- */

/* booking/person.c: other visits of the booking's patient at its time, for staff; and that it
 * and those of SHOWN (uids of bookings with blanks between) are right, with a reason.
 * RG_CONFLICT: it is no question any more, or there is one that SHOWN has not. */
rg_outcome_t rg_desk_others(rg_other_visit_t **out, int *count, rg_ctx_t *ctx, int64_t booking_id);
rg_outcome_t rg_desk_both_right(rg_ctx_t *ctx, int64_t booking_id, const char *shown,
                                const char *reason);

#endif
