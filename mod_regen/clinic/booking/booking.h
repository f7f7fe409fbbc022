/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of booking know of each other: availability.c, booking.c, hold.c,
 * upkeep.c, move.c, request.c, whose.c. */
#ifndef RG_CLINIC_BOOKING_H
#define RG_CLINIC_BOOKING_H

#include "mod_regen/clinic/schedule/part.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/schedule/input.h"
#include "mod_regen/clinic/schedule/search.h"
#include "regen/core/outcome.h"

/* Whether the caller may touch this booking: a patient's session its own, staff any, and with
 * MACHINES a bearer token any. */
bool rg_booking_mine(const rg_ctx_t *ctx, int64_t booking_id, bool machines);
/* Whether the caller may change this booking: as above, and a machine whose scopes let it write
 * appointments. */
bool rg_booking_changes(const rg_ctx_t *ctx, int64_t booking_id);
/* A machine that books or changes for somebody who signs later. */
bool rg_machine_writes(const rg_ctx_t *ctx);
/* The token that sees only what it made; 0: whoever asks is not narrowed so. */
int64_t rg_machine_reach(const rg_ctx_t *ctx);
/* Whether a machine may know of this booking; true for everybody else, who is asked otherwise. */
bool rg_booking_seen(const rg_ctx_t *ctx, const rg_booking_t *b);
/* The caller, for the store's statements; and whether they may change B as it is now. */
rg_owner_t rg_booking_by(const rg_ctx_t *ctx);
bool rg_booking_owned(const rg_owner_t *by, const rg_booking_t *b);
/* RG_NOT_FOUND where it is not the caller's to change, for staff RG_PRECONDITION with words. */
rg_outcome_t rg_booking_must_be_owned(rg_ctx_t *ctx, const rg_booking_t *b);
/* The row, locked, if the caller may change it: what every change begins with. */
rg_outcome_t rg_booking_open(rg_booking_t **b, rg_db_t *db, rg_ctx_t *ctx, int64_t id);
/* rg_booking_get on the caller's connection; UID NULL: by id. */
rg_outcome_t rg_booking_get_in(rg_booking_t **out, rg_db_t *db, rg_ctx_t *ctx, int64_t id,
                               const char *uid);
/* An audit event about a booking. */
static inline rg_outcome_t rg_booking_audit(rg_db_t *db, rg_ctx_t *ctx, const char *action,
                                            int64_t booking_id, const char *detail)
{
    return rg_audit_add(db, ctx, action, "booking", booking_id, detail);
}
/* cancel_rest.c: the visits that have not begun of a course that has. For staff. */
rg_outcome_t rg_booking_cancel_rest(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *row,
                                    const char *reason);
/* The clinic closes: rg_booking_cancel in the caller's transaction, of whoever's it is. */
rg_outcome_t rg_booking_cancel_in(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, int version,
                                  const char *reason);
/* Gives a live hold back, in the caller's transaction; RG_PRECONDITION and RG_GONE for anything
 * that is not one, whatever it was when the caller looked. */
rg_outcome_t rg_booking_give_back_in(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id,
                                     const char *reason);
/* RG_OK for a live hold; RG_GONE when it is over, swept or not; RG_PRECONDITION in words
 * otherwise. */
rg_outcome_t rg_booking_must_be_held(rg_ctx_t *ctx, const rg_booking_t *b);
/* What whoever asks saw is what is changed, or nothing is: RG_CONFLICT, a problem at "version". 0:
 * they say not what they saw. */
rg_outcome_t rg_booking_must_be_as_seen(rg_ctx_t *ctx, const rg_booking_t *b, int version);
/* Expires every hold that is over, in the caller's transaction and in the name of the system. */
rg_outcome_t rg_booking_expire_all(rg_db_t *db, rg_ctx_t *ctx);
/* At most LIMIT and RG_EXPIRE_BATCH of them; *SEEN were found, *DONE expired by this. */
#define RG_EXPIRE_BATCH 20
rg_outcome_t rg_booking_expire_some(rg_db_t *db, rg_ctx_t *ctx, int limit, int *seen, int *done);

/* --- request.c: one wished time, planned in the transaction that takes it --------------------- */

typedef struct {
    const rg_hold_in_t *in;
    int64_t moving;       /* the booking that wants it instead of its own time; 0: a new one */
    const rg_span_t *own; /* what that booking takes, merged: free for it */
    int own_count;
    apr_time_t own_start; /* and when it begins now; 0: nobody moves */
    rg_rest_t *rest;      /* only this part of it moves; NULL: all */
    bool for_waitlist;    /* who asks serves the waitlist itself */
    unsigned over;        /* 1u << rg_rule_t: rules that may be broken */
    /* results */
    const rg_zone_t *zone;
    rg_offer_t *offer;
    rg_search_t search; /* what was planned by */
    bool beaten;        /* set by who takes: somebody was between our look and our insert */
    bool full;          /* nothing is left at that time */
    bool expired;       /* expired holds are to be released first */
    bool swept;         /* they were */
    bool opened;        /* opening hours do not count any more */
    unsigned broken;    /* of OVER, what was */
} rg_wish_t;

/* Who serves and when, by what is true now; with REST, which begins with one visit, and then as
 * many of those after it as must move, too. RG_CONFLICT with full set; RG_INVALID for a time that
 * is not offered at all. */
rg_outcome_t rg_wish_plan(rg_plan_t *plan, rg_db_t *db, rg_ctx_t *ctx, rg_wish_t *w);
/* Steps, resources and appointments (with new uids) of the plan, and start and end. */
void rg_wish_lay_out(rg_booking_t *b, rg_ctx_t *ctx, const rg_wish_t *w, const rg_plan_t *plan);
/* Where only a part moves: the booking as it is, with that part as planned. */
rg_booking_t *rg_wish_reshape(rg_ctx_t *ctx, const rg_wish_t *w, const rg_plan_t *plan);
/* rg_transact, again with what is left while WORK was beaten. */
rg_outcome_t rg_wish_transact(rg_ctx_t *ctx, rg_work_fn work, void *baton, rg_wish_t *w);
/* The times nearest to the wish. */
void rg_wish_suggest(rg_hold_t *out, rg_ctx_t *ctx, const rg_wish_t *w);
/* Narrows COUNT ascending times to the MOST nearest to WISH; the first of them. */
apr_time_t *rg_times_nearest(apr_time_t *times, int *count, apr_time_t wish, int most);
/* request.c: the planned hold, not yet in the database. */
rg_booking_t *rg_booking_build(rg_ctx_t *ctx, const rg_wish_t *w, const rg_plan_t *plan);
/* hold.c: the answer to a request that was done before: its booking as it is now. */
rg_outcome_t rg_booking_answer_again(rg_hold_t *out, rg_ctx_t *ctx);
/* What staff may ask of a hold beside the wish; the caller checked their right to it. */
typedef struct {
    int64_t patient_id; /* 0: nobody yet; not for a move */
    int64_t recall_id;  /* which the visit is for; 0: none */
    int visit;          /* only for a move: this visit alone; 0: the whole booking */
    unsigned over;      /* 1u << rg_rule_t */
    const char *reason; /* why; NULL without OVER */
} rg_hold_extra_t;
/* Of the rules, those about the time itself. */
#define rg_over_time(over) ((over) & ~(1u << RG_RULE_SAME_PERSON))
/* rg_booking_hold with this; EXTRA may be NULL. */
rg_outcome_t rg_booking_hold_as(rg_hold_t *out, rg_ctx_t *ctx, const rg_hold_in_t *in,
                                const rg_hold_extra_t *extra);
rg_outcome_t rg_booking_move_as(rg_hold_t *out, rg_ctx_t *ctx, int64_t booking_id,
                                const rg_move_in_t *in, const rg_hold_extra_t *extra);
/* override.c: keeps what was broken (1u << rg_rule_t) for BOOKING and why, with an audit
 * event. */
rg_outcome_t rg_booking_note_over(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, unsigned broken,
                                  const char *reason);
/* held -> booked in the caller's transaction; LINK_HASH opens it from then on. Of EXTRA only OVER
 * and REASON count; it may be NULL. */
rg_outcome_t rg_booking_confirm_in(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int version,
                                   const unsigned char link_hash[32], const rg_hold_extra_t *extra);
rg_outcome_t rg_booking_confirm_as(const char **link, rg_ctx_t *ctx, int64_t booking_id,
                                   int version, const rg_hold_extra_t *extra);

/* --- person.c: nobody is at two visits at once ------------------------------------------------ */

/* rg_booking_book for the caller. Where the person has another visit then: RG_CONFLICT with a
 * problem in "person" for who may know of that one; for everybody else it is booked beside it, and
 * is a question on the board. Staff break the rule with EXTRA (NULL: no rule is broken). */
rg_outcome_t rg_person_book(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b,
                            const unsigned char link_hash[32], const rg_hold_extra_t *extra);
/* The same for a booking that has just got other times: only what is new to it counts, and what was
 * settled of the rest stays settled. LATER: nobody is asked now, the board asks. */
rg_outcome_t rg_person_moves(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b,
                             const rg_hold_extra_t *extra, bool later);
/* A booking's private link, and the hash that opens it: rg_secret_of_request. */
const char *rg_booking_link_make(rg_ctx_t *ctx, unsigned char hash[32], int64_t id);
/* What to answer once it is stored: rg_secret_answer. */
rg_outcome_t rg_booking_link_answer(const char **link, rg_ctx_t *ctx, const char *fresh,
                                    int64_t id);

/* Every free start of the wished service within DAYS local days of the wish, ascending. */
rg_outcome_t rg_availability_near(apr_time_t **starts, int *count, rg_ctx_t *ctx,
                                  const rg_wish_t *wish, int days);

#endif
