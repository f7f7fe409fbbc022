/* SPDX-License-Identifier: Apache-2.0 */
/* Find, hold, book, move and release time.
 *
 * Each function is one business transaction. It takes the context first after its results, checks
 * that the caller may access the record (a patient's session only its own booking; anything else is
 * RG_NOT_FOUND), adds problems that a person can fix to ctx->problems, and writes an audit event
 * for every change in the same transaction. Results are allocated in ctx->pool. */
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
    /* booking to be moved, of this service and the caller's to move: its own time counts as free,
     * and its own start is not offered (except to staff, if its resources were closed); 0: none */
    int64_t moving;
    int targets; /* to be treated, which takes longer; 0: one. Of MOVING: its own */
} rg_find_in_t;

typedef struct {
    rg_date_t date;
    int count;
    bool closed;        /* nobody works who could do it */
    bool unfit;         /* for who narrows them: it had times */
    apr_time_t *starts; /* ascending */
} rg_free_day_t;

typedef struct {
    rg_service_t *service;
    rg_site_t *site;
    rg_date_t first_bookable, last_bookable; /* notice and horizon as local days */
    int day_count;
    rg_free_day_t *days;  /* every local day of the window, also those without times */
    apr_time_t next_free; /* first start in the window; 0: none */
    int visit_minutes;    /* shortest duration of the first visit */
    int practitioner_count;
    const rg_resource_t *
        *practitioners; /* to choose from: those who could harvest, inject or consult */
} rg_availability_t;

/* All times the service can start in the window. RG_INVALID for a window in the past or past the
 * horizon, RG_NOT_FOUND for an unknown service. A constant number of statements, whatever the
 * window and the bookings. */
rg_outcome_t rg_availability_find(rg_availability_t **out, const rg_ctx_t *ctx,
                                  const rg_find_in_t *in);

/* The times to which one visit (from 1) of the booking in->moving could be moved by
 * rg_booking_visit_move: limited by the gap to the visit before instead of the horizon.
 * RG_PRECONDITION if the service has changed since. */
rg_outcome_t rg_availability_of_visit(rg_availability_t **out, const rg_ctx_t *ctx,
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
    rg_principal_t who; /* the caller, with the session that was created with the hold, if any */
} rg_hold_t;

/* Holds the whole chain for policy->hold_time. RG_CONFLICT if it was just taken (with nearest
 * times), RG_INVALID for a time that is not offered at all (past, off grid, closed, beyond the
 * horizon), RG_TOO_MANY if ctx->client_ip has policy->holds_per_client live holds and the caller is
 * neither staff nor an API client. The limit is approximate: two concurrent holds may both pass it.
 * Stores the booking's uid as ctx->idem->result. */
rg_outcome_t rg_booking_hold(rg_hold_t *out, const rg_ctx_t *ctx, const rg_hold_in_t *in);

/* The same on a treatment order that the caller may book on, for its patient and at its target. A
 * time that the same browser held on it before is released. RG_PRECONDITION at "order" if it was
 * revoked, is past its last day, or has a booking; RG_INVALID at "start" for a later time. */
rg_outcome_t rg_booking_hold_on(rg_hold_t *out, const rg_ctx_t *ctx, const rg_hold_in_t *in,
                                const char *order_uid);

/* --- booking.c -------------------------------------------------------------------------------- */

/* Extends a live hold by policy->hold_time. RG_PRECONDITION after policy->hold_extensions times. */
rg_outcome_t rg_booking_extend(const rg_ctx_t *ctx, int64_t booking_id);
/* Releases a hold, or cancels a booking. Patients can cancel until the service's notice, staff
 * until it begins; once a course has begun, staff can cancel its remaining visits, and units are
 * handled by the steps of the day. The time is free again in the same transaction. REASON is stored
 * as an audit code. */
rg_outcome_t rg_booking_cancel(const rg_ctx_t *ctx, int64_t booking_id, const char *reason);
/* The same, unless it changed since VERSION (0: any): RG_CONFLICT with the problem "version". */
rg_outcome_t rg_booking_cancel_version(const rg_ctx_t *ctx, int64_t booking_id, int version,
                                       const char *reason);
/* The same, with a comment (NULL: none). */
rg_outcome_t rg_booking_cancel_noted(const rg_ctx_t *ctx, int64_t booking_id, int version,
                                     const char *reason, const rg_booking_note_t *note);
/* Releases a hold; if it was booked in the meantime, it stays (RG_PRECONDITION). */
rg_outcome_t rg_booking_give_back(const rg_ctx_t *ctx, int64_t booking_id, const char *reason);
/* held -> booked, when the details are in order (RG_PRECONDITION with what is missing). Consents
 * can be signed any time before the first step, which cannot begin without them. RG_GONE if the
 * hold expired. LINK (43 base64url characters) is the token of the private link; only its hash is
 * stored, but a repeated request with ctx->idem->seed gives the same link again. */
rg_outcome_t rg_booking_confirm(const char **link, const rg_ctx_t *ctx, int64_t booking_id);
/* The same, unless it changed since VERSION, as shown on the page to check (0: any): RG_CONFLICT
 * with the problem "version". */
rg_outcome_t rg_booking_confirm_version(const char **link, const rg_ctx_t *ctx, int64_t booking_id,
                                        int version);
/* The booking with steps, resources, appointments. A hold past its time reads as expired. */
rg_outcome_t rg_booking_get(rg_booking_t **out, const rg_ctx_t *ctx, int64_t booking_id);
rg_outcome_t rg_booking_get_by_uid(rg_booking_t **out, const rg_ctx_t *ctx,
                                   const char *uid); /* staff and machines */
/* The booking of a link's token. RG_NOT_FOUND for a forged one. */
rg_outcome_t rg_booking_by_link(int64_t *booking_id, const rg_ctx_t *ctx, const char *link);
/* Whether that token opens B, which was read; without a statement. */
bool rg_booking_link_is(const rg_ctx_t *ctx, const rg_booking_t *b, const char *link);
/* booked -> no-show, once the visit should have begun. Front desk and administrators. */
rg_outcome_t rg_booking_no_show(const rg_ctx_t *ctx, int64_t booking_id);
/* The same, unless it changed since VERSION (0: any): RG_CONFLICT. */
rg_outcome_t rg_booking_no_show_version(const rg_ctx_t *ctx, int64_t booking_id, int version);

/* --- upkeep.c --------------------------------------------------------------------------------- */

/* Releases expired holds, at most LIMIT. *SWEPT counts them. For the periodic sweep and
 * regenctl. */
rg_outcome_t rg_booking_sweep(int *swept, const rg_ctx_t *ctx, int limit);
/* Rebuilds day_bitmap from occupancy, and adds the missing seats of services whose daily limit is
 * newer than their bookings; counts the rows that were wrong. regenctl. */
rg_outcome_t rg_booking_rebuild(int *repaired, const rg_ctx_t *ctx);
/* Counts contradictions between occupancy, live bookings and read model. 0: sound. regenctl check,
 * tests. */
rg_outcome_t rg_booking_check(int *contradictions, const rg_ctx_t *ctx,
                              void (*say)(void *baton, const char *line), void *baton);

/* --- move.c: another time for the whole chain ------------------------------------------------- */

typedef struct {
    apr_time_t start;
    int64_t practitioner_id; /* 0: any */
    /* of the booking, as shown: RG_CONFLICT if it changed since; 0: any */
    int version;
    const rg_booking_note_t *note; /* NULL: nothing is said */
} rg_move_in_t;
/* Occupies the new time of the chain and releases the old one, in one transaction or not at all.
 * UID, link, consents and state stay; appointments keep their uids with a higher SEQUENCE. For held
 * bookings (which keep their expiry) and booked ones. Patients can move until the service's move
 * notice before the old time, staff until it begins. RG_CONFLICT with the nearest times if the new
 * one is taken; RG_INVALID as rg_booking_hold and for the current time (unless PRACTITIONER_ID asks
 * for a different practitioner, or staff move it because its resources were closed). Without
 * nearest times RG_CONFLICT means that VERSION is outdated, or that nothing is free nearby.
 * RG_PRECONDITION: cancelled, begun, too late, or for staff only; RG_GONE: an expired hold. Stores
 * the booking's uid as ctx->idem->result. */
rg_outcome_t rg_booking_move(rg_hold_t *out, const rg_ctx_t *ctx, int64_t booking_id,
                             const rg_move_in_t *in);
/* A preview of rg_booking_move with the same outcomes; nothing is changed: out->booking is the
 * booking as it would be. */
rg_outcome_t rg_booking_move_look(rg_hold_t *out, const rg_ctx_t *ctx, int64_t booking_id,
                                  const rg_move_in_t *in);
/* The same for one visit of a booking of several (VISIT from 1; 0: the whole booking), also after
 * earlier visits are done. The visits before it stay; it moves within the gap to the visit before,
 * counted from its real end, and within the unit's time; resources bound by the service stay the
 * same. Later visits stay if the gap allows it; otherwise they move to the earliest possible time.
 * Only appointments with a new time get a higher SEQUENCE. Patients: until the notice before this
 * visit; staff: until it begins. RG_INVALID at "visit" if there is no such visit. RG_PRECONDITION
 * also if the service has changed since the booking. */
rg_outcome_t rg_booking_visit_move(rg_hold_t *out, const rg_ctx_t *ctx, int64_t booking_id,
                                   int visit, const rg_move_in_t *in);
rg_outcome_t rg_booking_visit_move_look(rg_hold_t *out, const rg_ctx_t *ctx, int64_t booking_id,
                                        int visit, const rg_move_in_t *in);
typedef struct {
    int visit_no;
    apr_time_t starts_at;
    apr_time_t until; /* until when the patient may move it online; 0: not, or no longer */
} rg_visit_move_t;
/* The visits of a course that have not begun; none if it has one visit or is over. The patient's
 * own, or staff. */
rg_outcome_t rg_booking_visits(rg_visit_move_t **out, int *count, const rg_ctx_t *ctx,
                               int64_t booking_id);

/* --- closure.c -------------------------------------------------------------------------------- */

/* booking/closure.c. Admin. As typed; days like 2026-12-24, times of each day like 08:30, both
 * empty for whole days. */
typedef struct {
    const char *site, *resource; /* codes; resource "": the whole site */
    const char *first_day, *last_day, *start, *end, *kind, *reason;
} rg_closure_in_t;
typedef struct {
    rg_decide_t what;
    int64_t booking_id;
    apr_time_t starts_at; /* of the booking as it was seen: moved, it is decided again */
    const char *reason;   /* KEEP */
    apr_time_t move_to;   /* MOVE */
} rg_decision_t;
typedef struct {
    int64_t id; /* of the closure; 0: nothing was stored */
    int conflict_count;
    rg_conflict_t *conflicts; /* every affected booking, with other times */
    int kept, cancelled, moved, left;
} rg_closed_t;
/* Stores the closure with the decision about every affected booking. RG_PRECONDITION with all of
 * them (problems "decide-ID") if one is undecided; nothing is stored then. RG_INVALID by field as
 * in rg_closure_in_t. Keeping and cancelling is written in the closure's transaction; moves follow
 * at once, each in its own transaction, so that they see the closure. A booking whose new time was
 * taken in the meantime is counted in LEFT and is a conflict until somebody decides. */
rg_outcome_t rg_closure_add(rg_closed_t *out, const rg_ctx_t *ctx, const rg_closure_in_t *in,
                            const rg_decision_t *decisions, int count);
rg_outcome_t rg_closure_remove(const rg_ctx_t *ctx, int64_t id);
/* Current and upcoming closures in order of time, and the resources to choose from. */
typedef struct {
    int count;
    rg_closure_row_t *rows;
    int site_count;
    const rg_site_t *sites;
    int resource_count;
    const rg_resource_t **resources; /* by site and name */
    const int64_t *resource_sites;
} rg_closures_t;
rg_outcome_t rg_closures_get(rg_closures_t *out, const rg_ctx_t *ctx);

/* --- person.c --------------------------------------------------------------------------------- */

/* booking/person.c, for staff: this booking and the other visits of its patient at its time (SHOWN:
 * uids of bookings with spaces between, as the chart lists them) are right, with a reason.
 * RG_CONFLICT: it is no question anymore, or there is one that SHOWN has not. */
rg_outcome_t rg_desk_both_right(const rg_ctx_t *ctx, int64_t booking_id, const char *shown,
                                const char *reason);

#endif
