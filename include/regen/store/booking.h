/* SPDX-License-Identifier: Apache-2.0 */
/* Bookings, and who may change one. */
#ifndef REGEN_STORE_BOOKING_H
#define REGEN_STORE_BOOKING_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"

/* --- booking.c -------------------------------------------------------------------------------- */

/* Who changes a booking. KIND is "patient", "staff", "machine" or "waitlist", as booking.source
 * knows them, with the id that booking.made_by has; "clinic" for what the clinic does to
 * everybody's (a closure), "nobody". What is not theirs is not found by any statement below that
 * takes one. */
typedef struct {
    const char *kind;
    int64_t id;
    bool others; /* a machine that reaches what others booked */
} rg_owner_t;

/* The booking's row without steps. LOCK: FOR UPDATE, in a transaction. RG_NOT_FOUND. Status is as
 * stored: ask rg_booking_expired. */
rg_outcome_t rg_booking_row(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t **out, int64_t id, bool lock);
rg_outcome_t rg_booking_row_by_uid(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t **out, const char *uid);
/* Fills steps, resources and appointments: three statements. */
rg_outcome_t rg_booking_parts(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t *b);
/* A hold whose time is over, though nobody has swept it yet. */
bool rg_booking_expired(const rg_booking_t *b, apr_time_t now);
/* Inserts booking, steps, resources and appointments, and takes the time and the seat (b->day and
 * b->day_limit); sets b->id. RG_CONFLICT as rg_calendar_take and rg_calendar_seat. */
rg_outcome_t rg_booking_insert(rg_db_t *db, rg_ctx_t *ctx, rg_booking_t *b, const rg_span_t *spans,
                               int span_count);
/* How many live holds CLIENT (rg_net_client) has. */
rg_outcome_t rg_booking_holds_of(rg_db_t *db, rg_ctx_t *ctx, int64_t *count, const char *client);
/* What follows changes a booking as it was read: B's id, status and version, and who may, are named
 * by the statement, and whoever was first leaves nothing to change (RG_CONFLICT).
 *
 * Writes the booking's new times, steps, resources and appointments (matched by visit) and shifts
 * its time from OLD to SPANS. B->version is the new one: RG_CONFLICT when the stored one is not the
 * one before, the booking is over, or a granule is taken. B->day year 0: it begins when it began,
 * and its seat stays. */
rg_outcome_t rg_booking_shift(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                              const rg_booking_t *b, const rg_span_t *old, int old_count,
                              const rg_span_t *spans, int count);
/* Keeps what is said of a booking that is locked here; what is NULL or "" stays as it is. CHANGES:
 * it is all that changes, so the version goes up. */
rg_outcome_t rg_booking_note(rg_db_t *db, rg_ctx_t *ctx, int64_t id, const rg_booking_note_t *note,
                             bool changes);
/* held or booked or … -> TO, time given back; for cancelled, no-show. */
rg_outcome_t rg_booking_leave(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                              const rg_booking_t *b, rg_booking_status_t to);
/* The visits of B, which began, from VISIT_NO on take nothing any more: shifts OLD (all it takes)
 * to KEPT. Their steps and appointments stay, with a raised SEQUENCE. RG_CONFLICT when it changed
 * or is over. */
rg_outcome_t rg_booking_call_off(rg_db_t *db, rg_ctx_t *ctx, const rg_booking_t *b, int visit_no,
                                 const rg_span_t *old, int old_count, const rg_span_t *kept,
                                 int kept_count);
/* held -> booked while the hold lasts, with a number of its own; this takes the person's time (see
 * booking/person.c). LINK_HASH are 32 bytes. RG_CONFLICT where the hold is over or changed;
 * RG_PRECONDITION where the person has another visit then: rg_person_in_the_way tells which. */
rg_outcome_t rg_booking_book(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                             const rg_booking_t *b, const unsigned char *link_hash);
/* Sets a new end of the hold, once (RG_CONFLICT otherwise). */
rg_outcome_t rg_booking_hold_until(rg_db_t *db, rg_ctx_t *ctx, const rg_owner_t *by,
                                   const rg_booking_t *b, apr_time_t until);
/* Forms of the booking's service without a consent that counts now: same words as the trigger
 * step_event_needs_consent. */
rg_outcome_t rg_booking_forms_missing(rg_db_t *db, rg_ctx_t *ctx, int64_t id, int *missing);
/* RG_NOT_FOUND for an unknown hash, and RegenLinkLifetime after the last visit. */
rg_outcome_t rg_booking_id_by_link(rg_db_t *db, rg_ctx_t *ctx, int64_t *id,
                                   const unsigned char *link_hash);
/* Likewise by the number, as rg_number_read gives it. */
rg_outcome_t rg_booking_id_by_number(rg_db_t *db, rg_ctx_t *ctx, int64_t *id, const char *number);
/* Whether RC says that the number just drawn is another booking's, and another one is to be
 * drawn. */
bool rg_booking_number_taken(rg_db_t *db, rg_outcome_t rc, int *tries);
/* Ids of expired holds, ascending, at most LIMIT. */
rg_outcome_t rg_booking_expired_ids(rg_db_t *db, rg_ctx_t *ctx, int64_t *ids, int *count,
                                    int limit);
/* held -> expired with its time given back, if its hold is really over; *DID tells. */
rg_outcome_t rg_booking_expire(rg_db_t *db, rg_ctx_t *ctx, int64_t id, bool *did);

/* --- check.c ---------------------------------------------------------------------------------- */

/* Every contradiction as one line to SAY; counts them. */
rg_outcome_t rg_booking_contradictions(rg_db_t *db, rg_ctx_t *ctx, int *count,
                                       void (*say)(void *baton, const char *line), void *baton);

#endif
