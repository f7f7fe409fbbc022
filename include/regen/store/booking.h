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
#include "regen/model/patient.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"

/* --- booking.c -------------------------------------------------------------------------------- */

/* Who changes a booking. KIND is "patient", "staff", "machine" or "waitlist", as in booking.source,
 * with the id of booking.made_by; "clinic" for changes of the clinic to any booking (a closure);
 * "nobody". Statements below that take an owner do not find bookings of others. */
typedef struct {
    const char *kind;
    int64_t id;
    bool others; /* an API client that may access bookings of others */
} rg_owner_t;

/* The booking's row without steps. LOCK: FOR UPDATE, in a transaction. RG_NOT_FOUND. Status is as
 * stored: check rg_booking_expired. */
rg_outcome_t rg_booking_row(rg_db_t *db, const rg_ctx_t *ctx, rg_booking_t **out, int64_t id,
                            bool lock);
rg_outcome_t rg_booking_row_by_uid(rg_db_t *db, const rg_ctx_t *ctx, rg_booking_t **out,
                                   const char *uid);
/* The same with whose it is, in one statement: by UID, or by ID when that is NULL. *PATIENT is NULL
 * until it is known. */
rg_outcome_t rg_booking_with_patient(rg_db_t *db, const rg_ctx_t *ctx, rg_booking_t **out,
                                     rg_patient_t **patient, int64_t id, const char *uid);
rg_outcome_t rg_booking_with_patient_locked(rg_db_t *db, const rg_ctx_t *ctx, rg_booking_t **out,
                                            rg_patient_t **patient, int64_t id);
/* Fills steps, resources and appointments: one statement. */
rg_outcome_t rg_booking_parts(rg_db_t *db, const rg_ctx_t *ctx, rg_booking_t *b);
/* Whether a hold has expired, even if it is not released yet. */
bool rg_booking_expired(const rg_booking_t *b, apr_time_t now);
/* Inserts booking, steps, resources and appointments, and occupies the time and the seat (b->day
 * and b->day_limit); sets b->id. RG_CONFLICT as rg_calendar_take and rg_calendar_seat. */
rg_outcome_t rg_booking_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_booking_t *b,
                               const rg_span_t *spans, int span_count);
/* How many live holds CLIENT (rg_net_client) has. */
rg_outcome_t rg_booking_holds_of(rg_db_t *db, const rg_ctx_t *ctx, int64_t *count,
                                 const char *client);
/* The following functions change a booking as it was read: each statement checks B's id, status,
 * version and owner; of two concurrent requests one succeeds, the other gets RG_CONFLICT.
 *
 * Writes the booking's new times, steps, resources and appointments (matched by visit) and shifts
 * its time from OLD to SPANS. B->version is the new one: RG_CONFLICT if the stored version is not
 * the previous one, the booking is over, or a granule is taken. B->day year 0: its start does not
 * change, and its seat stays. */
rg_outcome_t rg_booking_shift(rg_db_t *db, const rg_ctx_t *ctx, const rg_owner_t *by,
                              const rg_booking_t *b, const rg_span_t *old, int old_count,
                              const rg_span_t *spans, int count);
/* Stores the comment of a locked booking; NULL or "" leaves it unchanged. CHANGES: nothing else
 * changes, so the version is increased here. */
rg_outcome_t rg_booking_note(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                             const rg_booking_note_t *note, bool changes);
/* held or booked or … -> TO, and releases the time; for cancelled, no-show. */
rg_outcome_t rg_booking_leave(rg_db_t *db, const rg_ctx_t *ctx, const rg_owner_t *by,
                              const rg_booking_t *b, rg_booking_status_t to);
/* Cancels the visits of B, which has begun, from VISIT_NO on: shifts its time from OLD (all of it)
 * to KEPT. Their steps and appointments stay, with a higher SEQUENCE. RG_CONFLICT if it changed or
 * is over. */
rg_outcome_t rg_booking_call_off(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b,
                                 int visit_no, const rg_span_t *old, int old_count,
                                 const rg_span_t *kept, int kept_count);
/* The steps of B that begin after FROM release their time: FREED, merged. Those of KINDS (1u <<
 * rg_step_kind_t) were done early and keep theirs. For a visit that ends early. */
rg_outcome_t rg_booking_free_steps(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b,
                                   apr_time_t from, unsigned kinds, const rg_span_t *freed,
                                   int count);
/* held -> booked while the hold lasts, with a new booking number; this occupies the person's time
 * (see booking/person.c). LINK_HASH is 32 bytes. RG_CONFLICT if the hold expired or changed;
 * RG_PRECONDITION if the person has another visit at that time: rg_person_in_the_way says which. */
rg_outcome_t rg_booking_book(rg_db_t *db, const rg_ctx_t *ctx, const rg_owner_t *by,
                             const rg_booking_t *b, const unsigned char *link_hash);
/* Sets a new end of the hold, once (RG_CONFLICT otherwise). */
rg_outcome_t rg_booking_hold_until(rg_db_t *db, const rg_ctx_t *ctx, const rg_owner_t *by,
                                   const rg_booking_t *b, apr_time_t until);
/* Forms of the booking's service without a valid consent: the same rule as the trigger
 * step_event_needs_consent. */
rg_outcome_t rg_booking_forms_missing(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int *missing);
/* RG_NOT_FOUND for an unknown hash, and RegenLinkLifetime after the last visit. */
rg_outcome_t rg_booking_id_by_link(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id,
                                   const unsigned char *link_hash);
/* Likewise by the number, as from rg_number_read. */
rg_outcome_t rg_booking_id_by_number(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id,
                                     const char *number);
/* Whether RC means that the random number is already another booking's, so that a new one is
 * needed. */
bool rg_booking_number_taken(rg_db_t *db, rg_outcome_t rc, int *tries);
/* Ids of expired holds, ascending, at most LIMIT. */
rg_outcome_t rg_booking_expired_ids(rg_db_t *db, const rg_ctx_t *ctx, int64_t *ids, int *count,
                                    int limit);
/* held -> expired, and releases the time, if the hold has really expired; *DID says so. */
rg_outcome_t rg_booking_expire(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, bool *did);

/* --- check.c ---------------------------------------------------------------------------------- */

/* Every contradiction as one line to SAY; counts them. */
rg_outcome_t rg_booking_contradictions(rg_db_t *db, const rg_ctx_t *ctx, int *count,
                                       void (*say)(void *baton, const char *line), void *baton);

#endif
