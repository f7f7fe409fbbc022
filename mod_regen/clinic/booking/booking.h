/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of booking share: availability.c, booking.c, hold.c, upkeep.c, move.c, request.c,
 * whose.c. */
#ifndef RG_CLINIC_BOOKING_H
#define RG_CLINIC_BOOKING_H

#include "mod_regen/clinic/schedule/part.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/order.h"
#include "regen/model/patient.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/schedule/input.h"
#include "mod_regen/clinic/schedule/search.h"
#include "regen/core/outcome.h"
#include "regen/model/service.h"

/* Whether the caller may touch this booking: a patient's session its own, staff any, and with
 * MACHINES a bearer token any. */
bool rg_booking_mine(const rg_ctx_t *ctx, int64_t booking_id, bool machines);
/* Whether the caller may change this booking: as above, and a machine whose scopes let it write
 * appointments. */
bool rg_booking_changes(const rg_ctx_t *ctx, int64_t booking_id);
/* An API client that books or changes for a patient who signs later. */
bool rg_machine_writes(const rg_ctx_t *ctx);
/* The token if it sees only what it made; 0: no such restriction. */
int64_t rg_machine_reach(const rg_ctx_t *ctx);
/* Whether an API client may know of this booking; true for all others, who are checked
 * elsewhere. */
bool rg_booking_seen(const rg_ctx_t *ctx, const rg_booking_t *b);
/* The caller, for the store's statements; and whether they may change B as it is now. */
rg_owner_t rg_booking_by(const rg_ctx_t *ctx);
bool rg_booking_owned(const rg_owner_t *by, const rg_booking_t *b);
/* RG_NOT_FOUND where it is not the caller's to change, for staff RG_PRECONDITION with words. */
rg_outcome_t rg_booking_must_be_owned(const rg_ctx_t *ctx, const rg_booking_t *b);
/* The row, locked, if the caller may change it: what every change begins with. */
rg_outcome_t rg_booking_open(rg_booking_t **b, rg_db_t *db, const rg_ctx_t *ctx, int64_t id);
/* rg_booking_get on the caller's connection, with whose it is (NULL: not known yet); UID NULL: by
 * id. */
rg_outcome_t rg_booking_get_in(rg_booking_t **out, rg_patient_t **patient, rg_db_t *db,
                               const rg_ctx_t *ctx, int64_t id, const char *uid);
/* The same without steps and resources: of its visits only number and times. One statement less. */
rg_outcome_t rg_booking_brief_in(rg_booking_t **out, rg_patient_t **patient, rg_db_t *db,
                                 const rg_ctx_t *ctx, int64_t id);
/* An audit event about a booking. */
static inline rg_outcome_t rg_booking_audit(rg_db_t *db, const rg_ctx_t *ctx, const char *action,
                                            int64_t booking_id, const char *detail)
{
    return rg_audit_add(db, ctx, action, "booking", booking_id, detail);
}
/* cancel_rest.c: the visits that have not begun of a course that has. For staff. */
rg_outcome_t rg_booking_cancel_rest(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *row,
                                    const char *reason);
/* end_rest.c: what a visit that ends early does not need anymore; KINDS (1u << rg_step_kind_t) were
 * done. */
rg_outcome_t rg_booking_end_rest(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                 unsigned kinds);
/* For closures: rg_booking_cancel in the caller's transaction, for any owner. */
rg_outcome_t rg_booking_cancel_in(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int version,
                                  const char *reason);
/* Gives a live hold back, in the caller's transaction; RG_PRECONDITION and RG_GONE for anything
 * that is not one, whatever it was when the caller looked. */
rg_outcome_t rg_booking_give_back_in(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                     const char *reason);
/* RG_OK for a live hold; RG_GONE if it has expired, swept or not; RG_PRECONDITION with a problem
 * otherwise. */
rg_outcome_t rg_booking_must_be_held(const rg_ctx_t *ctx, const rg_booking_t *b);
/* Only the version that the caller saw is changed, otherwise nothing: RG_CONFLICT, a problem at
 * "version". 0: any version. */
rg_outcome_t rg_booking_must_be_as_seen(const rg_ctx_t *ctx, const rg_booking_t *b, int version);
/* Releases every expired hold, in the caller's transaction and in the name of the system. */
rg_outcome_t rg_booking_expire_all(rg_db_t *db, const rg_ctx_t *ctx);
/* At most LIMIT and RG_EXPIRE_BATCH of them; *SEEN were found, *DONE expired by this. */
#define RG_EXPIRE_BATCH 20
rg_outcome_t rg_booking_expire_some(rg_db_t *db, const rg_ctx_t *ctx, int limit, int *seen,
                                    int *done);

/* --- request.c: one wished time, planned in the transaction that takes it --------------------- */

typedef struct {
    const rg_hold_in_t *in;
    int64_t moving;       /* the booking that wants it instead of its own time; 0: a new one */
    const rg_span_t *own; /* the time of that booking, merged: free for it */
    int own_count;
    apr_time_t own_start; /* and when it begins now; 0: nobody moves */
    rg_rest_t *rest;      /* only this part of it moves; NULL: all */
    bool for_waitlist;    /* the caller serves the waitlist itself */
    const rg_order_t *on; /* the treatment order it is made on; NULL: none */
    unsigned over;        /* 1u << rg_rule_t: rules that may be broken */
    /* results */
    const rg_zone_t *zone;
    rg_offer_t *offer;
    rg_search_t search; /* what was planned by */
    bool beaten;        /* set while taking: somebody else was between our read and our insert */
    bool full;          /* nothing is left at that time */
    bool expired;       /* expired holds are to be released first */
    bool swept;         /* they were */
    bool opened;        /* opening hours do not count anymore */
    unsigned broken;    /* of OVER, what was */
} rg_wish_t;

/* Resources and times by the current data; with REST, which begins with one visit, also as many
 * later visits as must move. RG_CONFLICT with full set; RG_INVALID for a time that is not offered
 * at all. */
rg_outcome_t rg_wish_plan(rg_plan_t *plan, rg_db_t *db, const rg_ctx_t *ctx, rg_wish_t *w);
/* Steps, resources and appointments (with new uids) of the plan, and start and end. */
void rg_wish_lay_out(rg_booking_t *b, const rg_ctx_t *ctx, const rg_wish_t *w,
                     const rg_plan_t *plan);
/* Where only a part moves: the booking as it is, with that part as planned. */
rg_booking_t *rg_wish_reshape(const rg_ctx_t *ctx, const rg_wish_t *w, const rg_plan_t *plan);
/* rg_transact_once, again with what is left while WORK was beaten. */
rg_outcome_t rg_wish_transact(const rg_ctx_t *ctx, rg_work_fn work, void *baton, rg_wish_t *w);
/* The times nearest to the wish. */
void rg_wish_suggest(rg_hold_t *out, const rg_ctx_t *ctx, const rg_wish_t *w);
/* Narrows COUNT ascending times to the MOST nearest to WISH; the first of them. */
apr_time_t *rg_times_nearest(apr_time_t *times, int *count, apr_time_t wish, int most);
/* request.c: the planned hold, not yet in the database. */
rg_booking_t *rg_booking_build(const rg_ctx_t *ctx, const rg_wish_t *w, const rg_plan_t *plan);
/* hold.c: the answer to a request that was done before: its booking as it is now. */
rg_outcome_t rg_booking_answer_again(rg_hold_t *out, const rg_ctx_t *ctx);
/* What staff may ask of a hold beside the wish; the caller checked their right to it. */
typedef struct {
    int64_t patient_id; /* 0: nobody yet; not for a move */
    int64_t recall_id;  /* which the visit is for; 0: none */
    int64_t order_id;   /* the treatment order it is made on, of that patient; 0: none */
    int visit;          /* only for a move: this visit alone; 0: the whole booking */
    unsigned over;      /* 1u << rg_rule_t */
    const char *reason; /* why; NULL without OVER */
} rg_hold_extra_t;
/* Of the rules, those about the time itself. */
#define rg_over_time(over) ((over) & ~(1u << RG_RULE_SAME_PERSON))
/* rg_booking_hold with this; EXTRA may be NULL. */
rg_outcome_t rg_booking_hold_as(rg_hold_t *out, const rg_ctx_t *ctx, const rg_hold_in_t *in,
                                const rg_hold_extra_t *extra);
rg_outcome_t rg_booking_move_as(rg_hold_t *out, const rg_ctx_t *ctx, int64_t booking_id,
                                const rg_move_in_t *in, const rg_hold_extra_t *extra);
/* override.c: records the overridden rules (1u << rg_rule_t) of BOOKING and the reason, with an
 * audit event. */
rg_outcome_t rg_booking_note_over(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                  unsigned broken, const char *reason);
/* held -> booked in the caller's transaction; LINK_HASH opens it from then on. Of EXTRA only OVER
 * and REASON count; it may be NULL. */
rg_outcome_t rg_booking_confirm_in(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int version,
                                   const unsigned char link_hash[32], const rg_hold_extra_t *extra);
rg_outcome_t rg_booking_confirm_as(const char **link, const rg_ctx_t *ctx, int64_t booking_id,
                                   int version, const rg_hold_extra_t *extra);

/* --- on_order.c: nobody is treated unless a clinician decided it ----------------------------- */

/* Whether a booking of S that begins at START may be made or moved ON this order (NULL: none); 0:
 * no time is asked for yet. RG_PRECONDITION, and RG_INVALID for a time after its last day, with
 * words that say what to do. Nobody overrides it. */
rg_outcome_t rg_order_admits(const rg_ctx_t *ctx, const rg_service_t *s, const rg_zone_t *zone,
                             const rg_order_t *on, apr_time_t start);
/* RG_PRECONDITION with a problem at "order", in words for the caller. */
rg_outcome_t rg_order_refuse(const rg_ctx_t *ctx, const char *patient, const char *staff);
rg_outcome_t rg_order_say_taken(const rg_ctx_t *ctx);
/* take_order.c: the order of EXTRA into *ON, free to be booked: a hold on it of the caller's
 * browser is given back. */
rg_outcome_t rg_order_to_hold(const rg_order_t **on, rg_db_t *db, const rg_ctx_t *ctx,
                              const rg_hold_extra_t *extra);
/* Why the schema refused a hold ON it: another one was quicker, or it was revoked just now. */
rg_outcome_t rg_order_lost(rg_db_t *db, const rg_ctx_t *ctx, const rg_order_t *on);
/* The order of that uid if the caller may book on it; RG_NOT_FOUND with a problem at "order". */
rg_outcome_t rg_order_named(rg_order_t **out, const rg_ctx_t *ctx, const char *uid);
/* That what is held can be booked: the order is not revoked, and is there if the service asks for
 * it now. */
rg_outcome_t rg_order_confirms(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b,
                               const rg_service_t *s);

/* --- person.c: nobody is at two visits at once ------------------------------------------------ */

/* rg_booking_book for the caller. If the person has another visit at that time: RG_CONFLICT with a
 * problem in "person" for callers who may know of that one; for all others it is booked beside it,
 * and the board asks. Staff override the rule with EXTRA (NULL: no override). */
rg_outcome_t rg_person_book(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b,
                            const unsigned char link_hash[32], const rg_hold_extra_t *extra);
/* The same for a booking that has just got other times: only what is new to it counts, and what was
 * settled of the rest stays settled. LATER: nobody is asked now, the board asks. */
rg_outcome_t rg_person_moves(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b,
                             const rg_hold_extra_t *extra, bool later);
/* A booking's private link, and the hash that opens it: rg_secret_of_request. */
const char *rg_booking_link_make(const rg_ctx_t *ctx, unsigned char hash[32], int64_t id);
/* What to answer once it is stored: rg_secret_answer. */
rg_outcome_t rg_booking_link_answer(const char **link, const rg_ctx_t *ctx, const char *fresh,
                                    int64_t id);

/* Every free start of the wished service within DAYS local days of the wish, ascending. */
rg_outcome_t rg_availability_near(apr_time_t **starts, int *count, const rg_ctx_t *ctx,
                                  const rg_wish_t *wish, int days);

#endif
