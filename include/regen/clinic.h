/* SPDX-License-Identifier: Apache-2.0 */
/* The clinic room: one function = one business transaction. Knows core and store; no httpd, no SQL,
 * no markup.
 *
 * Every function takes the context first after its results, checks the caller's right to the record
 * itself (a patient's session reaches its own booking only; anything else answers RG_NOT_FOUND),
 * adds to ctx->problems what a person can mend, and writes an audit event in the same transaction
 * for every change. Results live in ctx->pool. */
#ifndef REGEN_CLINIC_H
#define REGEN_CLINIC_H

#include "regen/core.h"
#include "regen/model.h"

/* --- schedule/search.c: feasible starts by bitmaps; pure, no store, no clock ------------------ */

/* See mod_regen/clinic/schedule/search.h (private): exposed to tests only. */

/* --- definitions/catalogue.c ------------------------------------------------------------------ */

typedef struct {
    int count;
    rg_service_t **services;
    rg_site_t *site; /* of the first one; the clinic's first site when there is none */
    int site_count;
    rg_site_t **sites; /* that offer any of them, ascending id */
} rg_catalogue_t;
/* In ready.c: RG_OK when somebody could be served now and what they do be written; else
 * RG_UNAVAILABLE. */
rg_outcome_t rg_ready(rg_ctx_t *ctx);

/* Active services of the clinic in display order; those for the clinic itself only when staff
 * ask. */
rg_outcome_t rg_catalogue_list(rg_catalogue_t **out, rg_ctx_t *ctx);
/* RG_NOT_FOUND for an unknown or inactive code, and for one that only the clinic itself books. */
rg_outcome_t rg_catalogue_service(rg_service_t **out, rg_site_t **site, rg_ctx_t *ctx,
                                  const char *code);
/* The same by what this process saw last, mostly without a statement: for who goes on with
 * rg_availability_find, which makes sure. */
rg_outcome_t rg_catalogue_glance(rg_service_t **out, rg_site_t **site, rg_ctx_t *ctx,
                                 const char *code);
/* Whom to call: the clinic's first site, for a page that could not be made, by what this process
 * saw last; when it saw nothing yet it reads only with MAY_READ. NULL: not known. *SITES counts the
 * clinic's. */
const rg_site_t *rg_catalogue_face(int *sites, rg_ctx_t *ctx, bool may_read);
/* The same by id, inactive ones too: what a booking was made for. Catalogue values are shared
 * within the process and live as long as ctx->pool: never change them. */
rg_outcome_t rg_catalogue_by_id(rg_service_t **out, rg_site_t **site, rg_ctx_t *ctx,
                                int64_t service_id);

/* --- booking/availability.c ------------------------------------------------------------------- */

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

/* --- booking/booking.c ------------------------------------------------------------------------ */

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
rg_outcome_t rg_booking_no_show(
    rg_ctx_t *ctx,
    /* The same, unless it changed since VERSION (0: whatever it is): RG_CONFLICT. */
    int64_t booking_id);
rg_outcome_t rg_booking_no_show_version(rg_ctx_t *ctx, int64_t booking_id, int version);
/* front desk */
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

/* --- booking/move.c: another time for the whole chain ----------------------------------------- */

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

/* --- booking/deadlines.c: until when a patient may change a visit alone. Pure ----------------- */

/* Of a held or booked booking, as seen at NOW; nothing of any other. */
rg_deadlines_t rg_deadlines(const rg_booking_t *b, const rg_service_t *s, apr_time_t now);
/* The last instants themselves, passed or not: to move what begins at START, to cancel B. The
 * latter is the earlier of what the service says for the start and what a move carried along. */
apr_time_t rg_move_last(apr_time_t start, const rg_service_t *s);
apr_time_t rg_cancel_last(const rg_booking_t *b, const rg_service_t *s);
/* cancel_before of a booking that its patient moves at NOW: a deadline that passed stays passed. A
 * move by staff carries none, because then the clinic chose the time. */
apr_time_t rg_cancel_carried(const rg_booking_t *b, const rg_service_t *s, apr_time_t now);
apr_time_t rg_cancel_last_of_start(apr_time_t start, const rg_service_t *s);
/* What is to be done or stopped for a visit that begins at START, with its local days; S's order.
 * *COUNT of them. */
rg_prepare_day_t *rg_preparing(int *count, apr_pool_t *p, const rg_service_t *s,
                               const rg_zone_t *zone, apr_time_t start, apr_time_t now);
/* Cancellation and preparation of V, where it is the first visit of what is booked: the same at any
 * time of asking, so that who sends a resource back as it came has changed nothing. */
void rg_visit_ahead(rg_visit_t *v, apr_pool_t *p, const rg_service_t *s, const rg_zone_t *zone);
/* Local days that must lie between today and a start, because S refuses what would be too late; 0:
 * none. */
int rg_preparing_days(const rg_service_t *s);
/* Begin of the first day that is still to come on which something begins for START; 0: none. For
 * messages. */
apr_time_t rg_preparing_first(const rg_service_t *s, const rg_zone_t *zone, apr_time_t start,
                              apr_time_t now);
/* Of the times that can be chosen at NOW, those before this one cannot be cancelled online; where B
 * (NULL: a new booking) moves there after its own deadline, none can. */
apr_time_t rg_cancel_firm_before(const rg_booking_t *b, const rg_service_t *s, apr_time_t now);

/* --- rules: services and resources as data ---------------------------------------------------- */

/* definitions/service.c: services as whole values. Admin. Problems name a field of the
 * definition by its path ("steps[2].needs[0].capability"), in a file behind "services[1].". */

/* Every service in display order, inactive ones too. */
rg_outcome_t rg_service_defs(rg_service_def_t **out, int *count, rg_ctx_t *ctx);
rg_outcome_t rg_service_def_get(rg_service_def_t **out, rg_ctx_t *ctx, const char *code);
/* What a definition can name. Admin. */
rg_outcome_t rg_service_choices(rg_service_choices_t *out, rg_ctx_t *ctx);
typedef struct {
    int count;
    const rg_service_def_t *defs; /* whole; a code that is known replaces that service */
    bool is_file;                 /* problems begin with "services[i]." */
    bool is_new;                  /* a known code is refused */
    const char
        *seen; /* rg_service_def_mark of what was edited (one definition); NULL: whatever it is */
} rg_service_save_in_t;
typedef struct {
    int added, changed, same;
} rg_service_saved_t;
/* All or none, in one transaction; what says the same as before is not written. RG_INVALID with
 * every problem, RG_CONFLICT when it was changed since SEEN. Bookings keep the steps, resources and
 * price they were made with; so a change is refused (RG_PRECONDITION) only where it would make
 * nonsense of some that are not over: another site, another currency, or a shorter life of the unit
 * than they have planned. An active service that can never be booked is refused with the reason; an
 * inactive one is a draft. */
rg_outcome_t rg_service_save(rg_service_saved_t *out, rg_ctx_t *ctx,
                             const rg_service_save_in_t *in);
/* Offers the service again, or no more; its bookings stand. */
rg_outcome_t rg_service_activate(rg_ctx_t *ctx, const char *code, bool active);
typedef struct {
    const rg_site_t *site;
    int count;
    const apr_time_t *starts; /* at most 6, ascending; those of one day follow each other */
} rg_service_preview_t;
/* The first times a draft would be offered at now. Nothing is stored; problems as
 * rg_service_save. */
rg_outcome_t rg_service_preview(rg_service_preview_t *out, rg_ctx_t *ctx,
                                const rg_service_def_t *def);

/* definitions/conflict.c: bookings that are not over and stand where the clinic is closed to
 * them (a closure, other hours, a resource or a capability that went), unless somebody decided
 * about them, in order of start. Computed from what is true now, so a booking that slipped in
 * while something was closed is in it. A decision is about a booking at its time: moved, it
 * counts no more. Staff. */
rg_outcome_t rg_closure_conflicts(rg_conflict_t **out, int *count, rg_ctx_t *ctx);
typedef struct {
    rg_conflict_kind_t kind;
    int64_t closure_id, resource_id, booking_id; /* as in rg_conflict_t */
    apr_time_t starts_at;                        /* of the booking as it was seen */
    const char *reason;
    const char *field; /* of the reason, for problems */
} rg_keep_in_t;
/* The booking stays all the same. RG_CONFLICT when it was moved meanwhile. Admin. */
rg_outcome_t rg_conflict_keep(rg_ctx_t *ctx, const rg_keep_in_t *in);

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

/* definitions/resource.c: people, rooms and devices. Admin. */
rg_outcome_t rg_resources_get(rg_resource_def_t **out, int *count, rg_ctx_t *ctx);
rg_outcome_t rg_resource_get(rg_resource_def_t **out, rg_ctx_t *ctx, const char *code);
/* As typed, never NULL. A row of hours in which everything is empty is none. */
typedef struct {
    const char *weekday, *start, *end, *from, *until;
} rg_hours_in_t;
typedef struct {
    const char *code, *site, *kind; /* of a new one; later only the code is looked at */
    const char *name, *family, *given, *npi, *taxonomy, *serial, *capabilities;
    bool active, is_new;
    int hours_count;
    const rg_hours_in_t *hours;
    const char *seen; /* its mark; "": whatever it is */
    const char
        *why; /* when bookings lose what they stand on: "leaves", "broken", "new-hours", "other" */
} rg_resource_in_t;
/* Stores it whole. Shorter hours, a capability less or not being active may take from bookings what
 * they stand on: without a reason that is RG_PRECONDITION with all of them; with one it is stored,
 * and they are conflicts until somebody decides about each (rg_closure_conflicts). RG_INVALID by
 * field ("hours[2].start"), RG_CONFLICT when it was changed since SEEN. */
rg_outcome_t rg_resource_save(rg_conflict_t **hit, int *count, rg_ctx_t *ctx,
                              const rg_resource_in_t *in);

/* --- waitlist --------------------------------------------------------------------------------- */

/* waitlist/entry.c. Whoever waits is offered the first free time that fits, in the order in
 * which they came. An offer is a held booking (source "waitlist"), so nobody else can take it;
 * it lasts policy->offer_time, and then the time passes on. Times are given to the waitlist by
 * the transaction that frees them where that can be done, and by the periodic sweep; a person
 * who did not answer three offers in a row is closed. */

/* As typed; NULL = not sent. */
typedef struct {
    const char *service_code;
    const char *given, *family, *email, *phone;
    const char *practitioner;         /* id; "" or NULL: any */
    const char *first_day, *last_day; /* ISO local days */
    unsigned days;                    /* 1u << (ISO weekday - 1) */
    unsigned parts;                   /* 1u << part of the day, see rg_day_part */
} rg_join_in_t;
/* Joins. LINK (43 base64url characters) is the way back, as rg_booking_confirm's. *UID is also the
 * idempotency result. Anybody, and staff for a patient on the phone. RG_INVALID by field; for staff
 * also at "email" when this person (name with email, or name with phone) has an open place for the
 * treatment. Others are not told who waits: their place stands behind that one until it is closed.
 * RG_TOO_MANY when ctx->client_ip took policy->places_per_client within a day; RG_NOT_FOUND for an
 * unknown service. */
rg_outcome_t rg_waitlist_join(const char **uid, const char **link, rg_ctx_t *ctx,
                              const rg_join_in_t *in);
/* Whom somebody may ask for: practitioners with a part in the service. */
rg_outcome_t rg_waitlist_practitioners(const rg_resource_t ***out, int *count, rg_ctx_t *ctx,
                                       const char *service_code);
rg_outcome_t rg_waitlist_by_link(int64_t *waiter_id, rg_ctx_t *ctx, const char *link);
/* A new private link for a place that is not closed; the one before is dead, and so are sessions
 * begun with it. Front desk, clinicians, admins. RG_PRECONDITION when it is closed. */
rg_outcome_t rg_waitlist_link(const char **link, rg_ctx_t *ctx, int64_t waiter_id);
/* The caller's own place (session), or by uid for staff. */
rg_outcome_t rg_waitlist_mine(rg_waiter_t **out, rg_ctx_t *ctx);
rg_outcome_t rg_waitlist_get(rg_waiter_t **out, rg_ctx_t *ctx, const char *uid);
/* Goes on with the open offer: the booking is the caller's now, held for policy->hold_time at
 * least. Again, or once it is booked: the same booking. OFFER is the uid of the booking that was
 * seen (NULL: whatever is offered). RG_GONE when it, or anything, is not offered any more. */
rg_outcome_t rg_waitlist_accept(int64_t *booking_id, rg_ctx_t *ctx, int64_t waiter_id,
                                const char *offer);
/* Not this time: it passes on, first to those who did not decline that day, and the place stays.
 * The one who waits, or staff for them; OFFER as above. RG_GONE when it was over. */
rg_outcome_t rg_waitlist_decline(rg_ctx_t *ctx, int64_t waiter_id, const char *offer);
/* Off the list, and an open offer passes on. */
rg_outcome_t rg_waitlist_leave(rg_ctx_t *ctx, int64_t waiter_id);
/* Who was offered this booking, so that they need not type again. NULL: nobody. */
rg_outcome_t rg_waitlist_of_booking(rg_waiter_t **out, rg_ctx_t *ctx, int64_t booking_id);
typedef struct {
    const char *service_code; /* NULL or "": all */
    rg_waiter_status_t status;
    int page;
    /* How first or last name, or both, begin: in every state, at most a page; NULL or "" for the
     * list itself. */
    const char *name;
} rg_waitlist_in_t;
/* Front desk, clinicians, admins. */
rg_outcome_t rg_waitlist_page(rg_waitlist_t **out, rg_ctx_t *ctx, const rg_waitlist_in_t *in);
/* Offers what is free to who waits, and closes what is over; at most LIMIT offers. For the periodic
 * sweep and regenctl. */
rg_outcome_t rg_waitlist_sweep(int *offered, rg_ctx_t *ctx, int limit);

/* --- messages --------------------------------------------------------------------------------- */

/* Messages are written by the use-case whose change they tell of, in its transaction
 * (rg_message_add of the store). The patient whose booking it is, or staff. Oldest first. */
rg_outcome_t rg_messages_of_booking(rg_message_t **out, int *count, rg_ctx_t *ctx,
                                    int64_t booking_id);
/* What was written to the caller who waits (session): the offers, also those that passed on. Oldest
 * first. */
rg_outcome_t rg_messages_of_place(rg_message_t **out, int *count, rg_ctx_t *ctx);
typedef struct {
    rg_outbox_status_t status;
    int kind; /* rg_message_kind_t; -1: all */
    int page; /* from 1 */
} rg_outbox_in_t;
/* What waits to leave. Front desk, clinicians, admins. */
rg_outcome_t rg_outbox(rg_outbox_t **out, rg_ctx_t *ctx, const rg_outbox_in_t *in);

/* --- follow-ups and recalls ------------------------------------------------------------------- */

/* followup/recall.c. Made from what the service plans (service_recall) in the transaction that
 * completes a treatment; a visit of the same patient that is booked for about then, or for one
 * of them by the desk, answers them: booked, done when the visit is completed, open again when
 * it is cancelled or nobody comes (trigger booking_answers_recalls). A patient who wants none
 * hears of none until they want them again. */
typedef struct {
    rg_recalls_view_t view;
    int page;                             /* from 1 */
    const char *service_code, *site_code; /* of the treatment; NULL or "": all */
} rg_recalls_in_t;
/* Front desk, clinicians, admins. RG_NOT_FOUND for an unknown service or site. */
rg_outcome_t rg_recalls_list(rg_recalls_t **out, rg_ctx_t *ctx, const rg_recalls_in_t *in);
typedef struct {
    const char *outcome; /* word of rg_attempt_t */
    const char *note;    /* at most 200 characters; may be NULL */
    const char *settled; /* "yes": nothing more to do; only with "spoke" */
} rg_attempt_in_t;
/* Somebody tried to reach the patient. "booked" means the patient's next visit. RG_INVALID by
 * field; RG_PRECONDITION when it is not open any more. */
rg_outcome_t rg_recall_attempt(rg_ctx_t *ctx, const char *recall_uid, const rg_attempt_in_t *in);
/* No more recalls for the patient of this recall (staff), or of the caller's booking (patient). */
rg_outcome_t rg_recall_opt_out(rg_ctx_t *ctx, const char *recall_uid);
rg_outcome_t rg_recall_opt_out_mine(rg_ctx_t *ctx, int64_t booking_id);
/* Reminders again, by staff for a patient (WHY: "mistake" or "asked", kept as an audit code;
 * RG_INVALID at "why" otherwise) or by the patient of the caller's booking. What opting out closed
 * is open again, but for what was over a month ago. Again is fine. */
rg_outcome_t rg_recall_opt_in(rg_ctx_t *ctx, const char *patient_uid, const char *why);
rg_outcome_t rg_recall_opt_in_mine(rg_ctx_t *ctx, int64_t booking_id);
/* What is planned for the patient of this booking, soonest first; *STOPPED: they want none. */
rg_outcome_t rg_recalls_of_booking(rg_recall_t **out, int *count, bool *stopped, rg_ctx_t *ctx,
                                   int64_t booking_id);
/* Queues the messages of recalls that became due; at most LIMIT. For the periodic sweep. */
rg_outcome_t rg_recall_sweep(int *told, rg_ctx_t *ctx, int limit);
/* followup/message.c: writes to who booked policy->forms_reminder before a visit and did not
 * sign what it needs, once for each time it has; an hour after booking at the earliest. For the
 * sweep. */
rg_outcome_t rg_forms_sweep(int *told, rg_ctx_t *ctx);

/* --- desk: what the front desk does beside the day's steps ------------------------------------ */

/* All of these are for front desk, clinicians and admins: RG_FORBIDDEN for anybody else. */

/* desk/patients.c. As typed; family and given count from their beginning, without case and
 * accents. REACH is a whole phone number, an email address or the number of a booking. */
typedef struct {
    const char *family, *given, *birth_date, *reach;
} rg_patient_wish_t;
/* patient/details_check.c. The day that is understood of a date of birth in any writing
 * (rg_day_read), for showing it; false when none is. Pure. */
bool rg_birth_date_said(rg_date_t *out, const rg_ctx_t *ctx, const char *typed);
/* The patients of whom all that was typed is true; at most 50, by name. RG_INVALID when nothing
 * was. */
rg_outcome_t rg_desk_patients(rg_patient_hits_t **out, rg_ctx_t *ctx, const rg_patient_wish_t *in);
rg_outcome_t rg_desk_patient(rg_patient_file_t **out, rg_ctx_t *ctx, const char *patient_uid);

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
/* booking/person.c: other visits of the booking's patient at its time, for staff; and that it
 * and those of SHOWN (uids of bookings with blanks between) are right, with a reason.
 * RG_CONFLICT: it is no question any more, or there is one that SHOWN has not. */
rg_outcome_t rg_desk_others(rg_other_visit_t **out, int *count, rg_ctx_t *ctx, int64_t booking_id);
rg_outcome_t rg_desk_both_right(rg_ctx_t *ctx, int64_t booking_id, const char *shown,
                                const char *reason);

/* desk/block.c: somebody or something is not to be had for some hours of a day. The same closures
 * as the administrators', but the desk decides nothing about bookings: RG_PRECONDITION with all
 * that are in the way (out->conflicts), and nothing is stored then. */
rg_outcome_t rg_desk_block(rg_closed_t *out, rg_ctx_t *ctx, const rg_closure_in_t *in);
/* Takes a block back: a closure of one resource on one day, no holiday and no calibration.
 * RG_NOT_FOUND for any other. */
rg_outcome_t rg_desk_unblock(rg_ctx_t *ctx, int64_t id);
/* Blocks that are not over (only those that may be taken back), and what could be blocked. */
rg_outcome_t rg_desk_blocks(rg_closures_t *out, rg_ctx_t *ctx);

/* desk/week.c: a week of a site by resource, in three statements. Staff. RG_NOT_FOUND for an
 * unknown site. */
typedef struct {
    rg_date_t day;       /* any of the week; year 0: today */
    const char *site;    /* code; NULL or "": the first */
    int kind;            /* rg_resource_kind_t; -1: all */
    int64_t resource_id; /* 0: all */
} rg_week_in_t;
rg_outcome_t rg_desk_week(rg_week_t **out, rg_ctx_t *ctx, const rg_week_in_t *in);

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

typedef struct {
    const char *service_code;
    apr_time_t start;
    int64_t practitioner_id; /* 0: any */
} rg_explain_in_t;
/* desk/explain.c: why the service is not offered at that time; nothing is in the way exactly when
 * it is. RG_NOT_FOUND for an unknown service, RG_INVALID for a practitioner who has no part in
 * it. */
rg_outcome_t rg_desk_explain(rg_explained_t **out, rg_ctx_t *ctx, const rg_explain_in_t *in);
/* A new private link for a booking from booked to in-progress; the one before is dead. As
 * rg_booking_confirm gives it. */
rg_outcome_t rg_desk_link(const char **link, rg_ctx_t *ctx, int64_t booking_id);

/* --- definitions/address.c: where the clinic is, and what its own identifiers are called ------ */

typedef struct {
    const char *names;    /* policy->names as they were first said; NULL: nobody did yet */
    rg_base_row_t *bases; /* of the last 30 days, the last one said first */
    int base_count;
} rg_whereabouts_t;

/* Remembers the policy's public base as said now, and its names unless some are kept already. */
rg_outcome_t rg_address_tell(rg_ctx_t *ctx);
rg_outcome_t rg_address_read(rg_whereabouts_t *out, rg_ctx_t *ctx);
/* Another URI from now on. RG_INVALID with a problem. Admin; audited. */
rg_outcome_t rg_names_set(rg_ctx_t *ctx, const char *names);

/* --- definitions/feed.c: private iCalendar feeds ---------------------------------------------- */

/* A new feed of the resource (its code) for NAME (may be NULL). *TOKEN, 43 base64url characters, is
 * what its address ends with; only its hash is kept. RG_INVALID for the name, RG_NOT_FOUND for the
 * resource, each with problems. Admin. */
rg_outcome_t rg_feed_add(const char **token, rg_ctx_t *ctx, const char *resource_code,
                         const char *name);
/* Every feed, oldest first. Admin. */
rg_outcome_t rg_feed_list(rg_feed_row_t **out, int *count, rg_ctx_t *ctx);
/* Its address answers nothing any more. RG_NOT_FOUND when there is none, or it was revoked before.
 * Admin. */
rg_outcome_t rg_feed_revoke(rg_ctx_t *ctx, int64_t id);
/* What is taken of the feed's resource from 30 days ago to 400 days ahead, by who has the token.
 * Holds are left out: they come and go faster than calendars look. RG_NOT_FOUND for a token that is
 * unknown or revoked. Two statements. */
rg_outcome_t rg_feed_read(rg_feed_t **out, rg_ctx_t *ctx, const char *token);

/* --- directory: what machines read ------------------------------------------------------------ */

/* The definitions; public. Shared as catalogue values are: never change them. One statement. */
rg_outcome_t rg_directory_get(rg_directory_t **out, rg_ctx_t *ctx);
const rg_directory_service_t *rg_directory_service(const rg_directory_t *d, int64_t id);
const rg_directory_resource_t *rg_directory_resource(const rg_directory_t *d, int64_t id);
/* NULL when there is none of that uid. */
const rg_directory_service_t *rg_directory_service_of(const rg_directory_t *d, const char *uid);
const rg_directory_resource_t *rg_directory_resource_of(const rg_directory_t *d, const char *uid);
/* Whether this practitioner has a part in the service, or this service uses this resource. */
bool rg_directory_serves(const rg_directory_resource_t *r, const rg_directory_service_t *s);
/* The same for steps that a patient comes for: injection and consultation. */
bool rg_directory_treats(const rg_directory_resource_t *r, const rg_directory_service_t *s);
/* Minutes of a service's first visit, at the shortest. */
int rg_directory_minutes(const rg_service_t *s);
int rg_directory_visits(const rg_service_t *s); /* how many visits it has */

/* api/directory_closed.c: when SITE is closed, and with RESOURCE_ID (0: none) when that is, from
 * what is not over at FROM on: stretches that touch or overlap are joined, ascending; hours of
 * many days for two years to come. No statement. */
void rg_directory_closed(rg_closed_span_t **out, int *count, const rg_ctx_t *ctx,
                         const rg_directory_t *d, const rg_site_t *site, int64_t resource_id,
                         apr_time_t from);

/* One page of visits. WHAT is narrowed as in store.h; *MORE tells whether there is another page. A
 * machine with system/Appointment.s; audited with how many were shown. */
typedef struct {
    const char *uids[RG_VISIT_UIDS];                 /* [0] NULL: any */
    const char *booking_uid, *patient_uid;           /* "": any */
    const char *statuses, *services, *sites, *rooms; /* lists with commas */
    const char *with[RG_VISIT_WITH]; /* lists of resources, one of each takes part */
    apr_time_t from, until;          /* of the start */
    apr_time_t changed_from, changed_until;
    bool by_change;
    int64_t after_key, after_id;
    int limit;
} rg_visits_in_t;
/* No limits, and no end of time. */
rg_visits_in_t rg_visits_any(int limit);
rg_outcome_t rg_visits_search(rg_visit_t **out, int *count, bool *more, rg_ctx_t *ctx,
                              const rg_visits_in_t *in);
/* How many there are on all pages. The same scope; audited. */
rg_outcome_t rg_visits_total(int64_t *out, rg_ctx_t *ctx, const rg_visits_in_t *in);
/* One visit: system/Appointment.r or .u. */
rg_outcome_t rg_visit_get(rg_visit_t **out, rg_ctx_t *ctx, const char *uid);
/* Every visit of a booking in order, for whoever just changed it: no scope is asked. */
rg_outcome_t rg_visits_of_booking(rg_visit_t **out, int *count, rg_ctx_t *ctx,
                                  const char *booking_uid);

typedef struct {
    const char *uids[RG_VISIT_UIDS];
    rg_word_t family, given, name; /* NAME fits either */
    const char *email, *phone;     /* "": any */
    rg_date_t born_from, born_to;
    apr_time_t changed_from, changed_until;
    int64_t after_id;
    int limit;
} rg_people_in_t;
rg_people_in_t rg_people_any(int limit);
/* system/Patient.s, and .r for one. */
rg_outcome_t rg_people_search(rg_person_t **out, int *count, bool *more, rg_ctx_t *ctx,
                              const rg_people_in_t *in);
rg_outcome_t rg_people_total(int64_t *out, rg_ctx_t *ctx, const rg_people_in_t *in);
rg_outcome_t rg_person_get(rg_person_t **out, rg_ctx_t *ctx, const char *uid);

/* Times a resource is taken, beginning in [from, until); at most LIMIT, *MORE as above. */
rg_outcome_t rg_busy_search(rg_busy_t **out, int *count, bool *more, rg_ctx_t *ctx,
                            int64_t resource_id, apr_time_t from, apr_time_t until, int limit);

/* Changes whenever what is free may have: definitions or any booking. For validators. */
rg_outcome_t rg_directory_mark(const char **mark, rg_ctx_t *ctx);

/* Whether these SMART scopes let a machine do LETTER (one of c r u d s; v1's read is r and s, write
 * is c, u and d) to TYPE. */
bool rg_scope_permits(const char *scopes, const char *type, char letter);
/* RG_FORBIDDEN unless the caller is a machine that may do this. */
rg_outcome_t rg_machine_may(const rg_ctx_t *ctx, const char *type, char letter);

/* --- patient/details.c: who, what joint, who pays --------------------------------------------- */

/* A day in three fields, as typed: birth_month, birth_day, birth_year. Problems about the month
 * stand at "birth_date", those about the others at their own names. */
typedef struct {
    const char *month, *day, *year;
} rg_day_typed_t;
/* As typed; NULL = not sent. Days come whole (birth_date) or in three fields (born). */
typedef struct {
    const char *family, *given, *birth_date, *gender, *email, *phone, *address_line, *city, *state,
        *postal_code, *country;
    const char *given_lines; /* given's names one a line, where several came apart */
    rg_day_typed_t born, subscriber_born;
    const char *body_site, *side;
    const char *pay; /* "self" or "insurance" */
    const char *payer_code, *member_id, *group_no, *relationship, *subscriber_family,
        *subscriber_given, *subscriber_birth_date;
    int version; /* of the booking, as the page showed it; 0: whatever it is */
} rg_details_in_t;

/* Validates everything at once (all problems, by field name as in the struct), then stores patient,
 * coverage, site and side on the held booking. RG_GONE when the hold is over: what was typed is
 * kept all the same, for rg_details_carry. RG_PRECONDITION once it is booked; RG_CONFLICT at
 * "version" when it was changed since that was shown. Changing side or site later makes earlier
 * consents not count. It never writes a record that another booking has or that was there before
 * the hold: whoever is described otherwise gets a new one, and of the desk another name or date of
 * birth for a patient whom it chose is RG_INVALID. Once something is signed, another name or date
 * of birth is another patient, and what was signed does not count. */
rg_outcome_t rg_details_save(rg_ctx_t *ctx, int64_t booking_id, const rg_details_in_t *in);
typedef struct {
    rg_patient_t *patient; /* NULL: not yet known */
    bool known; /* for the desk: it is on file apart from this hold, and stays as it is */
    rg_coverage_t *coverage; /* NULL: self-pay or not yet */
    int payer_count;
    rg_payer_t *payers; /* to choose from */
} rg_details_t;
rg_outcome_t rg_details_get(rg_details_t **out, rg_ctx_t *ctx, int64_t booking_id);
/* For the desk: the same, and where the booking says nothing yet, what is known of its patient from
 * before. RG_FORBIDDEN. */
rg_outcome_t rg_desk_details(rg_details_t **out, rg_ctx_t *ctx, int64_t booking_id);
/* Part of the body and side of a booking that a program made without them: by its patient or the
 * desk, once, before the day begins. Consents that name a side are signed after it. RG_INVALID at
 * "body_site" and "side"; RG_PRECONDITION when it was said before or is not to come any more. */
rg_outcome_t rg_place_save(rg_ctx_t *ctx, int64_t booking_id, const rg_details_in_t *in);
/* Who holds another time of the same service instead need not type again: gives FRESH (held, still
 * without a patient) a copy of the details of FROM, which never was booked. RG_NOT_FOUND when there
 * is nothing to carry. The caller answers for both being the same person's: it knows by their
 * session. */
rg_outcome_t rg_details_carry(rg_ctx_t *ctx, int64_t from, int64_t fresh);

/* --- api/machine.c: booking by machines, as IHE ITI Scheduling has it ------------------------- */

/* Machines book what the public may book, within the notice that patients have, and may book before
 * the consents are signed: no step begins without them. New bookings need system/Appointment.c,
 * changes .u; RG_FORBIDDEN without. */

typedef struct {
    const char *service_code;
    int64_t practitioner_id; /* 0: any */
    apr_time_t from, until;  /* of the start; at most policy->search_days are looked at */
    apr_time_t at_least;     /* earlier starts are only counted; 0: none */
    int limit;
} rg_propose_in_t;
/* One way to do the whole chain: concrete visits with who would serve. Nothing is taken. */
typedef struct {
    apr_time_t start;
    int visit_count;
    rg_visit_t *visits; /* status proposed, no uid */
} rg_proposal_t;
/* The first LIMIT starts in the window, ascending; *TOTAL counts all of it. No starts is RG_OK. One
 * statement. RG_NOT_FOUND for a service that is not offered, RG_INVALID for a practitioner who has
 * no part in it. */
rg_outcome_t rg_machine_propose(rg_proposal_t **out, int *count, int *total, rg_ctx_t *ctx,
                                const rg_propose_in_t *in);
/* As rg_booking_hold; PATIENT_UID ("": nobody yet) must be of somebody known (system/Patient.r). */
rg_outcome_t rg_machine_hold(rg_hold_t *out, rg_ctx_t *ctx, const rg_hold_in_t *in,
                             const char *patient_uid);

typedef struct {
    const char *booking_uid; /* a hold; NULL: WISH is held first */
    rg_hold_in_t wish;       /* unless BOOKING_UID */
    const char *patient_uid; /* "": what DETAILS say is a new patient */
    rg_details_in_t details; /* of a known patient only what is about the treatment */
    rg_booking_note_t note;
} rg_machine_book_in_t;
typedef struct {
    const char *booking_uid;
    const char *link;   /* of the patient, to sign and to change; the same at a repetition */
    bool place_missing; /* part of the body and side are still to be said */
    int forms_missing;  /* consents that are still to be signed */
    rg_hold_t hold;     /* on RG_CONFLICT: other times */
} rg_machine_booked_t;
/* Holds (unless it is), stores who and what, confirms. Repeated with the same key it goes on where
 * it was. What it held itself it gives back when it fails. */
rg_outcome_t rg_machine_book(rg_machine_booked_t *out, rg_ctx_t *ctx,
                             const rg_machine_book_in_t *in);
/* Whether this request was done before, by its key: what it says need not fit what is there now. */
rg_outcome_t rg_machine_repeats(bool *out, rg_ctx_t *ctx);
/* What a program repeats of a booking beside a change of it: who is described (no uid, no place)
 * and who pays. NULL: not said. */
typedef struct {
    const char *booking_uid;
    const rg_details_in_t *person;
    const char *payer_code, *member_id, *group_no;
} rg_machine_said_t;
/* RG_INVALID, with a problem at "whom", "payer_code", "member_id" or "group_no", for what would not
 * be stored as what is stored. Without system/Patient.r nothing agrees, because the answer would
 * tell what is stored. */
rg_outcome_t rg_machine_same(rg_ctx_t *ctx, const rg_machine_said_t *in);
/* Another time for the whole chain (VISIT 0) or one visit of it: rg_booking_visit_move. VERSION 0:
 * whatever it is. */
rg_outcome_t rg_machine_move(rg_hold_t *out, rg_ctx_t *ctx, const char *booking_uid, int visit,
                             const rg_move_in_t *in);
/* Gives a hold back or cancels. RG_CONFLICT when VERSION (0: any) is not the booking's any more. */
rg_outcome_t rg_machine_cancel(rg_ctx_t *ctx, const char *booking_uid, int version,
                               const char *reason, const rg_booking_note_t *note);
/* Who asks for the start that a visit has: whether it still has it is asked under the lock of this
 * transaction. *STAYS false: it begins at another time by now, and nothing was done. Else what is
 * said of it is kept. RG_CONFLICT at "version" for another version (0: any). */
typedef struct {
    const char *booking_uid, *visit_uid;
    apr_time_t start;
    int version;
    const rg_booking_note_t *note; /* NULL: nothing is said */
} rg_machine_stay_in_t;
rg_outcome_t rg_machine_stay(bool *stays, rg_ctx_t *ctx, const rg_machine_stay_in_t *in);

/* --- patient/consent.c ------------------------------------------------------------------------ */

/* Every form the service requires in its current version, with the consent that counts for this
 * booking, site and side. */
rg_outcome_t rg_consents_get(rg_consents_t **out, rg_ctx_t *ctx, int64_t booking_id);
/* The exact text that is shown and signed: patient, birth date, treatment, site and side, clinic
 * and its notice, then the version's text. RG_PRECONDITION until the patient is known, RG_GONE once
 * the hold expired. */
rg_outcome_t rg_consent_text(const char **text, unsigned char sha256[32], rg_ctx_t *ctx,
                             int64_t booking_id, const char *form_code);
typedef struct {
    const char *form_code;
    const char *signer_name; /* as typed; must match the patient's name for signer_role "patient" */
    const char *agree;       /* "yes": the explicit act */
    const char
        *text_sha256; /* hex of what the page showed: RG_CONFLICT when the text changed since */
} rg_sign_in_t;
/* The patient signs: RG_INVALID by field, RG_CONFLICT when the text is not what was shown. Signing
 * again what is in order does nothing. */
rg_outcome_t rg_consent_sign(rg_ctx_t *ctx, int64_t booking_id, const rg_sign_in_t *in);
rg_outcome_t rg_consent_withdraw(rg_ctx_t *ctx, const char *consent_uid, const char *reason);
/* One signature with its text, for a copy. */
rg_outcome_t rg_consent_get(rg_consent_t **out, rg_ctx_t *ctx, const char *consent_uid);

/* --- visit/visit.c: the board and the steps of the day ---------------------------------------- */

/* Today's board also tells what needs attention now, most urgent first, and brings up earlier
 * bookings whose unit was neither used nor disposed of. One site, its bookings only; RG_NOT_FOUND
 * for a site that is not there. A fixed number of statements. */
rg_outcome_t rg_day_board(rg_board_t **out, rg_ctx_t *ctx,
                          const char *site, /* code; NULL or "": the first */
                          rg_date_t date);  /* year 0: today at the site */

/* Everything staff see of one booking. */
rg_outcome_t rg_day_chart(rg_chart_t **out, rg_ctx_t *ctx, const char *booking_uid);

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
typedef struct {
    const char *diagnoses; /* ICD-10-CM codes separated by blanks or commas, principal first */
} rg_complete_in_t;
rg_outcome_t rg_day_complete(rg_ctx_t *ctx, int64_t booking_id, const rg_complete_in_t *in);
/* Writes the diagnoses of a completed treatment anew, under the same rules; RG_PRECONDITION once a
 * claim was emitted. */
rg_outcome_t rg_day_diagnose(rg_ctx_t *ctx, int64_t booking_id, const rg_complete_in_t *in);
rg_outcome_t rg_day_dispose(rg_ctx_t *ctx, int64_t booking_id, const char *label,
                            const char *reason);
/* The unit of a label with the booking and patient it is for, to print. RG_NOT_FOUND. */
rg_outcome_t rg_day_unit(rg_chart_t **out, rg_ctx_t *ctx, const char *label);

/* --- visit/label.c: the label of a unit. Pure ------------------------------------------------- */

/* "U0000042" and its check character (ISO 7064 MOD 37,36): every wrong character and nearly every
 * swap is noticed. NUMBER is positive. */
const char *rg_unit_label_make(apr_pool_t *p, int64_t number);
/* What a scanner or a person gave as a label: without blanks and hyphens, in capitals; NULL when it
 * is no label. */
const char *rg_unit_label_read(apr_pool_t *p, const char *typed);

/* --- billing/account.c: what was done becomes what is owed. Role billing or admin ------------- */

rg_outcome_t rg_billing_account(rg_account_t **out, rg_ctx_t *ctx, const char *booking_uid);

const char *rg_queue_name(rg_queue_t q); /* "to-invoice", "to-claim", "claimed" */
int rg_queue_parse(const char *name);    /* -1: unknown */
rg_outcome_t rg_billing_worklist(rg_worklist_t **out, rg_ctx_t *ctx, rg_queue_t queue, int page);

/* Issues the invoice of a completed booking with the next number of the year's series, in one
 * transaction. RG_PRECONDITION: not completed, nothing to charge, or issued before. *UID is also
 * the idempotency result. */
rg_outcome_t rg_billing_invoice(const char **uid, rg_ctx_t *ctx, const char *booking_uid);
/* What became of many papers at once. */
typedef struct {
    int done; /* made now */
    int left; /* could not be made; what was made before counts as neither */
} rg_batch_t;
/* The same for many bookings, each in a transaction of its own: one that cannot be issued stops no
 * other. May be repeated; ctx->idem is not used, because a booking has one invoice at most. Only
 * RG_FORBIDDEN, RG_UNAVAILABLE and RG_INTERNAL stop. */
rg_outcome_t rg_billing_invoice_all(rg_batch_t *out, rg_ctx_t *ctx, const char *const *booking_uids,
                                    int count);
/* Staff with role billing or admin, or the patient whose invoice it is. */
rg_outcome_t rg_billing_invoice_get(rg_invoice_t **out, rg_site_t **site, rg_ctx_t *ctx,
                                    const char *invoice_uid);

/* --- billing/claim.c, billing/scrub.c --------------------------------------------------------- */

/* Everything that must not leave the house, as problems with the FHIR path as field. Pure: NOW and
 * ZONE are the clock and the site's zone. Rules: domain table 3c (E1..E21). */
void rg_claim_scrub(const rg_claim_t *c, apr_time_t now, const rg_zone_t *zone,
                    rg_problems_t *problems);
/* The same for a claim that somebody else wrote, as far as a document of its own tells. What is not
 * there ("", 0, year 0) is not judged, nor what only the clinic's records know: who bills and pays,
 * what was treated, how late is too late, and which pointers lead where (lines have none).
 * PROFESSIONAL: what a CMS-1500 can hold, and its modifiers, bind it. TODAY is the latest day that
 * it is anywhere. */
void rg_claim_scrub_foreign(const rg_claim_t *c, bool professional, rg_date_t today,
                            rg_problems_t *problems);
/* How a claim's bytes are made: render's function, handed in because clinic does not know
 * render. */
typedef struct {
    rg_outcome_t (*xml)(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                        const rg_policy_t *policy);
    rg_outcome_t (*json)(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                         const rg_policy_t *policy);
} rg_claim_render_t;
/* Builds, scrubs, renders, validates against HL7's schema when policy names it, stores: one
 * transaction. RG_PRECONDITION with reasons. *UID is also the idempotency result. */
rg_outcome_t rg_claim_make(const char **uid, rg_ctx_t *ctx, const char *booking_uid,
                           const rg_claim_render_t *render);
/* Of many at once this one stays in its QUEUE, with the first problem of CTX as the reason: it goes
 * behind what was not tried. */
rg_outcome_t rg_billing_stays(rg_ctx_t *ctx, int queue, const char *booking_uid);
/* As rg_billing_invoice_all. */
rg_outcome_t rg_claim_make_all(rg_batch_t *out, rg_ctx_t *ctx, const char *const *booking_uids,
                               int count, const rg_claim_render_t *render);
/* What a claim would say now, and what is wrong with it (in ctx->problems); nothing is stored. */
rg_outcome_t rg_claim_preview(rg_claim_t **out, rg_ctx_t *ctx, const char *booking_uid);

/* Billing, admin, or a machine with scope system/Claim.read (or system/Claim.rs). */
rg_outcome_t rg_claim_get(rg_claim_doc_t **out, rg_ctx_t *ctx, const char *claim_uid);
/* Claims with FROM <= service date <= TO, in order of service date, one by one, in constant memory:
 * DOC is gone after the call. Anything but RG_OK from FN stops and is returned. Admin
 * (regenctl). */
typedef rg_outcome_t (*rg_claim_each_fn)(void *baton, const rg_claim_doc_t *doc);
rg_outcome_t rg_claim_each(rg_ctx_t *ctx, rg_date_t from, rg_date_t to, rg_claim_each_fn fn,
                           void *baton);

/* --- identity/login.c: staff, sessions, tokens ------------------------------------------------ */

typedef struct {
    const char *login, *password;
    const char *device; /* the device's cookie; NULL: none */
} rg_login_in_t;
typedef struct {
    const char *token; /* of the session: 43 base64url characters */
    const char
        *device; /* a cookie that the device keeps from now on; NULL: it has one that is good */
    int64_t locked_staff; /* > 0: whose login this wrong password locked */
} rg_login_t;
/* Constant-time-ish: an unknown login costs what a wrong password costs. RG_UNAUTHENTICATED;
 * RG_FORBIDDEN while locked, which a device on which this person logged in within half a year is
 * not. *OUT is zeroed unless RG_OK, but for locked_staff. */
rg_outcome_t rg_login(rg_login_t *out, rg_ctx_t *ctx, const rg_login_in_t *in);
/* Whether somebody logged in as LOGIN on this device within half a year. */
rg_outcome_t rg_login_knows(bool *known, rg_ctx_t *ctx, const char *login, const char *device);
rg_outcome_t rg_logout(rg_ctx_t *ctx, const char *token);
/* Fills *who from a session cookie; RG_UNAUTHENTICATED when unknown, expired or idle too long. */
rg_outcome_t rg_session_resolve(rg_principal_t *who, rg_ctx_t *ctx, const char *token);

/* --- patient/visitor.c: a visitor's browser --------------------------------------------------- */

/* *who from the cookie: role patient and visitor_id, no booking yet. RG_UNAUTHENTICATED when
 * unknown or over. */
rg_outcome_t rg_visitor_resolve(rg_principal_t *who, rg_ctx_t *ctx, const char *token);
/* A session for a browser without one: token for the cookie. It is stored with the first thing that
 * it opens, in that transaction (rg_booking_hold, rg_visitor_admit, …), so that nothing is left of
 * what failed. */
const char *rg_visitor_begin(rg_ctx_t *ctx);
/* Somebody came by the booking's link, or took it from the waitlist: the caller's session may open
 * it, at once while nobody's details are in it, else when the date of birth was given. *UID: the
 * booking's. */
rg_outcome_t rg_visitor_admit(const char **uid, rg_ctx_t *ctx, int64_t booking_id);
rg_outcome_t rg_visitor_admit_place(const char **uid, rg_ctx_t *ctx, int64_t waiter_id);
/* Everything that the caller's session may open. */
rg_outcome_t rg_visitor_list(rg_visitor_list_t **out, rg_ctx_t *ctx);
/* Sets ctx->who.booking_id to the booking that this request is about: the one named, else the only
 * one that is not over, else the newest. RG_NOT_FOUND for one that is not the session's;
 * RG_CONFLICT: none was named, and there are several; RG_PRECONDITION: the date of birth is still
 * to be given; RG_UNAUTHENTICATED: the session opens none. *OUT may be set in all cases but those
 * without a booking. */
rg_outcome_t rg_visitor_choose(const rg_visitor_booking_t **out, rg_ctx_t *ctx, const char *uid);
/* Likewise ctx->who.waiter_id. */
rg_outcome_t rg_visitor_choose_place(const rg_visitor_place_t **out, rg_ctx_t *ctx,
                                     const char *uid);
/* Opens a booking that was admitted, by the date of birth of whose it is, whole or in three pieces:
 * RG_OK also when it is open already; RG_INVALID at "birth_date"; RG_GONE after RG_LINK_TRIES wrong
 * ones: the clinic makes another link then. RG_NOT_FOUND: not the session's. */
rg_outcome_t rg_visitor_open(rg_ctx_t *ctx, const char *uid, const char *birth_date,
                             const rg_day_typed_t *born);
/* Opens a booking in a browser that does not know it, as its private link and the date of birth do:
 * *UID is the booking's. RG_INVALID with a problem that does not say which of the two is wrong,
 * unless one of them cannot be a number or a date at all. */
rg_outcome_t rg_visitor_open_number(const char **uid, rg_ctx_t *ctx, const char *number,
                                    const char *birth_date, const rg_day_typed_t *born);
/* Neither expired nor given back nor cancelled. */
bool rg_visitor_live(const rg_visitor_booking_t *b);
/* Ends the caller's session; what it holds is given back with it, what is booked stays so.
 * *GIVEN_BACK counts. */
rg_outcome_t rg_visitor_leave(int *given_back, rg_ctx_t *ctx);
/* *who from a bearer token; RG_UNAUTHENTICATED otherwise. */
rg_outcome_t rg_token_resolve(rg_principal_t *who, rg_ctx_t *ctx, const char *bearer);
rg_outcome_t rg_token_create(const char **bearer, rg_ctx_t *ctx, const char *name,
                             const char *scopes, int days);
rg_outcome_t rg_token_revoke(rg_ctx_t *ctx, const char *name);
/* Whether one of these SMART scopes ("system/Claim.read", "system/Claim.rs", stars for either half)
 * lets a machine read or write TYPE. */
bool rg_scope_allows(const char *scopes, const char *type, bool write);
/* *who for a login that httpd authenticated by its own means; RG_FORBIDDEN when it is not in the
 * staff table. */
rg_outcome_t rg_staff_by_login(rg_principal_t *who, rg_ctx_t *ctx, const char *login);
/* 12 to 256 characters that are not easily guessed (rg_password_bits); RG_NOT_FOUND for an unknown
 * login. Ends the person's sessions and a lock, and forgets their devices. For regenctl: asks for
 * no role. */
rg_outcome_t rg_staff_set_password(rg_ctx_t *ctx, const char *login, const char *password);
/* Removes sessions past their times and request keys older than a week; at most LIMIT of each. For
 * the periodic sweep. */
rg_outcome_t rg_login_sweep(int *gone, rg_ctx_t *ctx, int limit);

/* --- identity/admin.c: what regenctl does beside the use-cases above -------------------------- */

/* A new person with these roles and no password yet. PRACTITIONER (may be NULL): the code of the
 * resource this person is. RG_INVALID, RG_NOT_FOUND for the practitioner, RG_CONFLICT for a login
 * that is taken: each with problems. Admin. */
rg_outcome_t rg_staff_add(int64_t *id, rg_ctx_t *ctx, const char *login, const char *name,
                          unsigned roles, const char *practitioner);
/* --- identity/staff.c ------------------------------------------------------------------------- */

/* Every login, by name. Admin. */
rg_outcome_t rg_staff_list(rg_staff_row_t **out, int *count, rg_ctx_t *ctx);
/* DEED: "unlock" (a lock after wrong passwords), "end-sessions", "disable" (nobody logs in with it,
 * and who is in is out; what they did stays theirs), "enable". RG_NOT_FOUND for an unknown login or
 * deed, RG_PRECONDITION with words for oneself and for the last administrator. Admin. */
rg_outcome_t rg_staff_do(rg_ctx_t *ctx, const char *login, const char *deed);

/* Every bearer token, oldest first. Admin. */
rg_outcome_t rg_token_list(rg_token_row_t **out, int *count, rg_ctx_t *ctx);

#endif
