/* SPDX-License-Identifier: Apache-2.0 */
/* The patient's pages. */
#ifndef REGEN_RENDER_VIEW_PATIENT_H
#define REGEN_RENDER_VIEW_PATIENT_H

#include <stdbool.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/clinic/patient.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/clinic/schedule.h"

/* Each adds to the page object VIEW what its template reads; the keys are listed at the top of the
 * template. */

/* {code, name, summary, not_for, preparation, price, length, visits, several_visits, steps: [{name,
 * kind, length, waits}], preparing_rules: [{words, applies, when ("from 7 days before")}],
 * has_preparing_rules, body_sites: ["knee"], notice_words, move_notice_words ("24 hours")} */
rg_val_t *rg_view_service(apr_pool_t *p, const rg_service_t *s);
/* To choose between several sites: "sites": [{code, name, chosen}] and "has_sites"; nothing when
 * there is one. ONLY may be NULL: all. */
void rg_view_sites(rg_val_t *view, const rg_site_t *const *sites, int count, const rg_site_t *only);

/* One local day and how many starts it has; the month page is made of these. */
typedef struct {
    rg_date_t date;
    int count;
    bool closed; /* nobody works who could do it */
    bool unfit;  /* it has times, but none that the address asks for */
    const apr_time_t *starts;
} rg_view_day_t;
typedef struct {
    const rg_service_t *service;
    const rg_site_t *site;
    rg_date_t month;       /* its first day */
    rg_date_t chosen;      /* year 0: none */
    rg_date_t first, last; /* bookable days */
    rg_date_t today;
    int day_count;
    const rg_view_day_t *days; /* of the month and the days after it; missing ones have no times */
    int visit_minutes;
    apr_time_t firm_before;  /* a time before this one cannot be canceled online */
    apr_time_t open_start;   /* the chosen day's first that can be; 0: none */
    apr_time_t cancel_until; /* until then */
    int preparing_count;
    const rg_prepare_day_t *preparing; /* for the chosen day */
    const char *practitioner;          /* as in the address; NULL: any */
    int practitioner_count;
    const rg_resource_t *const *practitioners; /* to choose from */
    const char *part;                          /* "morning", "afternoon"; NULL: both */
    int weekday;                               /* 1 Monday … 7 Sunday alone; 0: all */
    unsigned weekdays;                         /* those that have times: bits 1 … 7 */
    const char *path;                          /* of the page, below the mount */
    bool asked_month;                          /* the address named a month or day: keep it */
    bool asked_day;                            /* … a day: CHOSEN */
    /* if CHOSEN or the month has no times: the first later day that has; year 0: none */
    rg_date_t next_day;
    bool moving;             /* for a booking that already has a time */
    int visit;               /* of it alone; 0: all */
    const char *booking_uid; /* the booking to move or to replace; NULL: none */
    const char *order;       /* uid of the treatment order to book on; NULL: none */
} rg_view_times_t;
void rg_view_times(rg_val_t *view, apr_pool_t *p, const rg_view_times_t *in);
/* A list under KEY of times to choose: [{start (unix seconds), clock, day, ends, firm (it begins
 * before FIRM_BEFORE: cannot be canceled online)}]. */
void rg_view_starts(rg_val_t *view, const char *key, apr_pool_t *p, const rg_site_t *site,
                    const apr_time_t *starts, int count, int visit_minutes, apr_time_t firm_before);

/* cancel_until, move_until (as rg_view_time), each absent if it has passed or does not exist. */
void rg_view_deadlines(rg_val_t *view, apr_pool_t *p, const rg_zone_t *z, const rg_deadlines_t *d);

/* "preparing": [{words, applies, from, until (as rg_view_date; no until where it is the visit),
 * late}] and "has_preparing", "any_late": for one start. */
void rg_view_preparing(rg_val_t *view, apr_pool_t *p, const rg_prepare_day_t *days, int count);

/* For a booked booking without a part of the body and, with HERE (at the front desk), for one whose
 * patient has arrived: place_missing, body_sites, place_sides, for part/place_form.html. TYPED as
 * sent. */
void rg_view_place_missing(rg_val_t *view, apr_pool_t *p, const rg_booking_t *b,
                           const rg_service_t *service, bool here, const rg_form_t *typed);
/* The form "about you": IN holds what was typed or stored, by field name. Adds it with all choices;
 * PROBLEMS marks the wrong fields of dates. */
void rg_view_details(rg_val_t *view, apr_pool_t *p, rg_val_t *in, const rg_service_t *service,
                     const rg_payer_t *payers, int payer_count, const rg_problems_t *problems);
/* The part of it about the person alone, for part/person_fields.html; and its IN for what is
 * stored. */
void rg_view_person_fields(rg_val_t *view, apr_pool_t *p, rg_val_t *in,
                           const rg_problems_t *problems);
rg_val_t *rg_view_person_stored(apr_pool_t *p, const rg_patient_t *patient);
/* IN for what is stored; PATIENT and COVERAGE may be NULL. */
rg_val_t *rg_view_details_stored(apr_pool_t *p, const rg_booking_t *b, const rg_patient_t *patient,
                                 const rg_coverage_t *coverage);
/* "forms": [{code, form_title, done, why, again, signer, signed, expires, uid}], "has_forms",
 * "forms_done", "forms_left". */
void rg_view_consents(rg_val_t *view, apr_pool_t *p, const rg_consent_state_t *forms, int count,
                      const rg_zone_t *z);

#endif
