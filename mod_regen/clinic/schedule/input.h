/* SPDX-License-Identifier: Apache-2.0 */
/* A service in a window of time, ready to be searched: definitions and occupied time become the bit
 * strings of search.h. Shared by booking/availability.c (days of it) and booking/hold.c (one
 * day). */
#ifndef RG_CLINIC_OFFER_H
#define RG_CLINIC_OFFER_H

#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/search.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/calendar.h"
#include "regen/store/definitions.h"
#include "mod_regen/clinic/schedule/bits.h"

typedef struct {
    const rg_clinic_t *clinic;
    const rg_service_t *service;
    rg_site_t *site;
    int64_t from; /* granule of bit 0 */
    int n;
    int count; /* candidates, ascending id */
    const rg_clinic_resource_t **candidates;
    int64_t *ids;
    rg_bits_t *open;  /* by candidate */
    rg_bits_t *taken; /* by candidate; nothing until rg_offer_read */
    rg_bits_t *free;  /* open and not occupied */
    int first_day;    /* rg_date_days of the local day that search.midnights begins with */
    rg_bits_t asked;  /* requested starts, on the grid */
    rg_bits_t wanted; /* of these, those in time by notice and horizon */
    rg_bits_t starts; /* of these, those on days that are not full */
    int seat_count;   /* days of a limited service on which seats are taken */
    rg_seats_t *seats;
    rg_look_t look; /* of the moment when occupied time was read */
    rg_search_t search;
    int practitioner_count; /* practitioners to choose from */
    const rg_resource_t **practitioners;
} rg_offer_t;

/* The local day to which a booking that starts AT (granule of the window) counts. */
rg_date_t rg_offer_day(const rg_offer_t *o, int64_t at);
/* Whether the clinic would have AT if nobody had booked anything. */
bool rg_offer_possible(const rg_offer_t *o, apr_pool_t *p, int64_t at);

/* Starts requested in [from, until) for a treatment of so many TARGETS; no occupied time yet. The
 * offer's service has the minutes that these take. RG_INVALID if PRACTITIONER (0: any) does
 * not take part in the service; RG_PRECONDITION if the service cannot be offered as it is
 * defined. */
rg_outcome_t rg_offer_make(rg_offer_t **out, const rg_ctx_t *ctx, const rg_clinic_t *k,
                           const rg_clinic_service_t *s, int targets, int64_t practitioner,
                           apr_time_t from, apr_time_t until);

/* Independent of the current time: all requested starts, even too soon or too late. For answers
 * that are cached and later limited by rg_offer_keep_in_time; call it before the calendar is
 * applied. */
void rg_offer_any_time(rg_offer_t *o);
/* Of starts found from granule FROM on, those in time by notice and horizon. */
void rg_offer_keep_in_time(rg_bits_t *found, int64_t from, const rg_service_t *s,
                           const rg_zone_t *zone, apr_time_t now);

/* By notice alone: later visits of a course, whose preparation began before the first. */
void rg_offer_keep_notice(rg_bits_t *found, int64_t from, const rg_service_t *s, apr_time_t now);

/* Whether all seats of the day to which AT counts are taken. */
bool rg_offer_full(const rg_offer_t *o, int64_t at);
/* What must be read of the calendar for it. */
rg_calendar_ask_t rg_offer_ask(const rg_offer_t *o);
/* Removes the occupied time in CALENDAR from the offer. Call it once. */
void rg_offer_take(rg_offer_t *o, const rg_calendar_t *calendar);
/* Before the search: AT (granule of the window) may be a start whatever notice, horizon and grid
 * say; with OPENED everybody is open but for closures. */
void rg_offer_waive(rg_offer_t *o, apr_pool_t *p, int64_t at, bool opened);

/* Whether the resources of these spans all exist and are open. */
bool rg_offer_open_for(const rg_offer_t *o, const rg_span_t *spans, int count);
/* Makes these spans (of one booking, merged) free again for the search, where their resources are
 * open, and its seat of the day on which it STARTs (0: it has none). */
void rg_offer_give_back(rg_offer_t *o, const rg_span_t *spans, int count, apr_time_t start);

#endif
