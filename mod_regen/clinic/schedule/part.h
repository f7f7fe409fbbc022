/* SPDX-License-Identifier: Apache-2.0 */
/* A part of a booking's chain that is searched for again while what comes before and after it
 * stays: a later visit that moves, the remaining part of a visit that runs late. Shared by
 * booking/availability.c, booking/request.c, booking/move.c and visit/replan.c; searches themselves
 * are search.h's. */
#ifndef RG_CLINIC_REST_H
#define RG_CLINIC_REST_H

#include "mod_regen/clinic/schedule/input.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/search.h"

typedef struct {
    const rg_booking_t *booking; /* with its parts */
    const rg_unit_t *unit;       /* NULL: there is no unit to be used */
    int begun;                   /* the last visit that has begun or is over; 0: none */
    int first, count;            /* of the service's steps: those that are searched for */
    bool others;                 /* bind words may say somebody else than in what stays */
} rg_rest_t;

/* What was done of B, which has its parts: two statements. FIRST and COUNT are the caller's to
 * set. */
rg_outcome_t rg_rest_read(rg_rest_t *out, rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b);
/* The same from what is known already; UNIT may be NULL. */
rg_rest_t rg_rest_of(const rg_booking_t *b, unsigned done, const rg_unit_t *unit);
/* The visit's start, or 0. */
apr_time_t rg_rest_visit_start(const rg_booking_t *b, int visit_no);

/* Whether the booking was made for the steps that S has now; nothing of it can be searched for
 * alone otherwise. */
bool rg_rest_fits(const rg_rest_t *r, const rg_service_t *s);
/* Sets the part to one visit. False when there is no such visit. */
bool rg_rest_visit(rg_rest_t *r, const rg_service_t *s, int visit_no);
/* Takes the visit that follows into the part. False when all do already. */
bool rg_rest_widen(rg_rest_t *r, const rg_service_t *s);
/* The current duration of the first visit of the part. */
int rg_rest_minutes(const rg_rest_t *r);
/* The number of the last visit of the part. */
int rg_rest_last_visit(const rg_rest_t *r);

/* First and last instant at which the part may begin, by the gap to the step before it as that
 * really ended. For parts that begin a visit, and not the first. */
void rg_rest_between(const rg_rest_t *r, const rg_service_t *s, const rg_zone_t *zone,
                     apr_time_t *from, apr_time_t *until);

/* An offer for the part: its own time counts as free (with its seat, if the part includes the
 * booking's start); otherwise neither horizon nor seats limit its start. In two halves: before and
 * after the calendar is applied. */
void rg_rest_prepare(const rg_rest_t *r, rg_offer_t *o, apr_time_t now);
void rg_rest_free(const rg_rest_t *r, const rg_ctx_t *ctx, rg_offer_t *o);
/* The chain of the part, which may begin at STARTS: gaps to both neighbors, bound resources, the
 * unit's time. */
rg_search_t rg_rest_search(const rg_rest_t *r, const rg_ctx_t *ctx, const rg_offer_t *o,
                           const rg_bits_t *starts);
/* Every start of the part, alone or with any number of the visits that follow it. FREE: by
 * candidate, as in the offer. */
rg_bits_t rg_rest_starts(const rg_rest_t *r, const rg_ctx_t *ctx, const rg_offer_t *o,
                         const rg_bits_t *starts, const rg_bits_t *free);
/* Practitioners to choose from: those of the offer who can treat in this part. */
void rg_rest_keep_practitioners(const rg_rest_t *r, const rg_ctx_t *ctx, rg_offer_t *o);

/* The part as PLAN has it, and the whole booking with it: version, times, steps, resources; the
 * appointments that got another time with a raised SEQUENCE. */
void rg_rest_lay_out(rg_replan_option_t *to, const rg_ctx_t *ctx, const rg_rest_t *r,
                     const rg_offer_t *o, const rg_search_t *s, const rg_plan_t *plan);
rg_booking_t *rg_rest_reshape(const rg_rest_t *r, const rg_ctx_t *ctx,
                              const rg_replan_option_t *way);
/* The current time of the part, merged. */
rg_span_t *rg_rest_spans(const rg_rest_t *r, const rg_ctx_t *ctx, int *count);

/* What the booking's resources take, merged. */
rg_span_t *rg_booking_spans(apr_pool_t *p, const rg_booking_t *b, int *count);

#endif
