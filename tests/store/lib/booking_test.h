/* SPDX-License-Identifier: Apache-2.0 */
/* A clinic for the booking tests: thirteen resources in New York and services of every shape, and
 * the few calls that every such test makes. */
#ifndef BOOKING_TEST_H
#define BOOKING_TEST_H

#include "store_test.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

/* store_test_ctx's now: Tuesday 2026-12-01, 10:00 in New York. */
#define BOOKING_NOW INT64_C(1796137200)
/* Granule-exact instants of a day of that week at MINUTE of the local day; DAY from 1 December. */
#define BOOKING_AT(day, minute)                                                                    \
    apr_time_from_sec(BOOKING_NOW + ((day)-1) * 86400 + ((minute)-600) * 60)

/* Group set-up: the schema and the clinic. Services: "chain" (five steps, same physician and room),
 * "scan" (one step on the only C-arm), "spin" (one step on one of two centrifuges), "days" (two
 * visits, one to three days apart), "pair" (two physicians at once), "closed" (inactive). */
int booking_setup(void **state);
/* Gives a price to services that were added to it. Once. */
void booking_prices(store_test_t *t);
/* Between tests: no bookings, nothing taken. */
int booking_clean(void **state);

/* An anonymous visitor, a patient's session, the front desk; MINUTES after now. */
rg_ctx_t *booking_ctx(store_test_t *t, int minutes);
rg_ctx_t *booking_patient(store_test_t *t, int minutes, int64_t booking_id);
rg_ctx_t *booking_staff(store_test_t *t, int minutes);

/* Holds and returns the outcome; *ID is 0 unless it is RG_OK. */
rg_outcome_t booking_hold(store_test_t *t, const char *service, apr_time_t start, int64_t *id);
/* The same, which must work. */
int64_t booking_must_hold(store_test_t *t, const char *service, apr_time_t start);
/* Gives the held booking a patient of its own who pays: what confirm asks for, for services without forms. */
void booking_fill(store_test_t *t, int64_t id);
/* The same, a patient who is there. */
void booking_fill_for(store_test_t *t, int64_t id, int64_t patient);
/* Holds, fills and confirms; for services without forms. */
int64_t booking_must_book(store_test_t *t, const char *service, apr_time_t start);
/* Contradictions found now; each is printed. */
int booking_wrongs(store_test_t *t);
int64_t booking_taken(store_test_t *t); /* rows of occupancy */

#endif
