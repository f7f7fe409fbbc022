/* SPDX-License-Identifier: Apache-2.0 */
/* Who is offered what becomes free.
 *
 * One function is one business transaction. Each takes the context first after its results,
 * checks the caller's right to the record itself (a patient's session reaches its own booking
 * only; anything else answers RG_NOT_FOUND), adds to ctx->problems what a person can mend, and
 * writes an audit event in the same transaction for every change. Results live in ctx->pool. */
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
    int counts[RG_WAITER_STATUSES];
    int page, pages;  /* from 1 */
    const char *name; /* looked for; NULL: the list of one state */
    int count;
    rg_waiter_t *waiters; /* first come, first */
    int service_count;
    rg_service_t **services; /* to choose from, and what the waiters wait for */
    rg_site_t *site;
    int site_count;
    rg_site_t **sites; /* of the services */
} rg_waitlist_t;
#define RG_WAITLIST_PAGE 50

/* --- entry.c ---------------------------------------------------------------------------------- */

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

/* --- check.c ---------------------------------------------------------------------------------- */

/* Whom somebody may ask for: practitioners with a part in the service. */
rg_outcome_t rg_waitlist_practitioners(const rg_resource_t ***out, int *count, rg_ctx_t *ctx,
                                       const char *service_code);

/* --- entry.c ---------------------------------------------------------------------------------- */

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

#endif
