/* SPDX-License-Identifier: Apache-2.0 */
/* Waitlist entries and offers.
 *
 * Each function is one business transaction. It takes the context first after its results, checks
 * that the caller may access the record (a patient's session only its own booking; anything else is
 * RG_NOT_FOUND), adds problems that a person can fix to ctx->problems, and writes an audit event
 * for every change in the same transaction. Results are allocated in ctx->pool. */
#ifndef REGEN_CLINIC_WAITLIST_H
#define REGEN_CLINIC_WAITLIST_H

#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/waitlist.h"

/* The waitlist for staff, by service and state. */
typedef struct {
    int64_t service_id; /* 0: all */
    int status;         /* rg_waiter_status_t shown */
    int counts[RG_WAITER_STATUS_COUNT];
    int page, pages;  /* from 1 */
    const char *name; /* searched name; NULL: the list of one state */
    int count;
    rg_waiter_t *waiters; /* first come, first */
    int service_count;
    rg_service_t **services; /* to choose from, and those of the entries */
    rg_site_t *site;
    int site_count;
    rg_site_t **sites; /* of the services */
} rg_waitlist_t;
#define RG_WAITLIST_PAGE 50

/* --- entry.c ---------------------------------------------------------------------------------- */

/* waitlist/entry.c. Each entry is offered the first matching free time, in order of joining. An
 * offer is a held booking (source "waitlist"), so nobody else can take it; it lasts
 * policy->offer_time, then the time is offered to the next entry. Time is offered by the
 * transaction that frees it, if possible, and otherwise by the periodic sweep. An entry with three
 * unanswered offers in a row is closed. */

/* As typed; NULL = not sent. */
typedef struct {
    const char *service_code;
    const char *given, *family, *email, *phone;
    const char *order;                /* uid of a treatment order; "" or NULL: none */
    const char *practitioner;         /* id; "" or NULL: any */
    const char *first_day, *last_day; /* ISO local days */
    unsigned days;                    /* 1u << (ISO weekday - 1) */
    unsigned parts;                   /* 1u << part of the day, see rg_day_part */
} rg_join_in_t;
/* Joins. LINK (43 base64url characters) is the token of the private link, as in rg_booking_confirm.
 * *UID is also the idempotency result. For anybody, and for staff on behalf of a patient on the
 * phone. RG_INVALID by field; for staff also at "email" if this person (name with email, or name
 * with phone) has an open entry for the treatment. Others are not told that there is one: their
 * entry is behind it until it is closed. RG_TOO_MANY if ctx->client_ip made
 * policy->places_per_client entries within a day; RG_NOT_FOUND for an unknown service. */
rg_outcome_t rg_waitlist_join(const char **uid, const char **link, const rg_ctx_t *ctx,
                              const rg_join_in_t *in);

/* --- check.c ---------------------------------------------------------------------------------- */

/* Practitioners to choose from: those who take part in the service. */
rg_outcome_t rg_waitlist_practitioners(const rg_resource_t ***out, int *count, const rg_ctx_t *ctx,
                                       const char *service_code);

/* --- entry.c ---------------------------------------------------------------------------------- */

rg_outcome_t rg_waitlist_by_link(int64_t *waiter_id, const rg_ctx_t *ctx, const char *link);
/* A new private link for an entry that is not closed; the old one stops working, and so do sessions
 * opened with it. Front desk, clinicians, admins. RG_PRECONDITION if it is closed. */
rg_outcome_t rg_waitlist_link(const char **link, const rg_ctx_t *ctx, int64_t waiter_id);
/* The caller's own entry (session), or by uid for staff. */
rg_outcome_t rg_waitlist_mine(rg_waiter_t **out, const rg_ctx_t *ctx);
rg_outcome_t rg_waitlist_get(rg_waiter_t **out, const rg_ctx_t *ctx, const char *uid);
/* Accepts the open offer: the booking is now the caller's, held for at least policy->hold_time.
 * Repeated, or once it is booked: the same booking. OFFER is the uid of the booking as shown (NULL:
 * any). RG_GONE if it is no longer offered. */
rg_outcome_t rg_waitlist_accept(int64_t *booking_id, const rg_ctx_t *ctx, int64_t waiter_id,
                                const char *offer);
/* Declines the offer: the time is offered to other entries, first to those that did not decline
 * that day, and this entry stays. For the patient, or staff on the patient's behalf; OFFER as
 * above. RG_GONE if it expired. */
rg_outcome_t rg_waitlist_decline(const rg_ctx_t *ctx, int64_t waiter_id, const char *offer);
/* Leaves the list; an open offer goes to the next entry. */
rg_outcome_t rg_waitlist_leave(const rg_ctx_t *ctx, int64_t waiter_id);
/* The entry that was offered this booking, to prefill the details. NULL: none. */
rg_outcome_t rg_waitlist_of_booking(rg_waiter_t **out, const rg_ctx_t *ctx, int64_t booking_id);
typedef struct {
    const char *service_code; /* NULL or "": all */
    rg_waiter_status_t status;
    int page;
    /* Beginning of first or last name, or of both: in all states, at most a page; NULL or "" for
     * the list itself. */
    const char *name;
} rg_waitlist_in_t;
/* Front desk, clinicians, admins. */
rg_outcome_t rg_waitlist_page(rg_waitlist_t **out, const rg_ctx_t *ctx, const rg_waitlist_in_t *in);
/* Offers free time to entries and closes expired ones; at most LIMIT offers. For the periodic sweep
 * and regenctl. */
rg_outcome_t rg_waitlist_sweep(int *offered, const rg_ctx_t *ctx, int limit);

#endif
