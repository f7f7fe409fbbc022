/* SPDX-License-Identifier: Apache-2.0 */
/* Courses of several visits in the clinic of booking_test.h, for test_visits.c and
 * test_visits_race.c. */
#ifndef VISITS_TEST_H
#define VISITS_TEST_H

#include "booking_test.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"

/* Adds "course" (a talk; harvest and process two to five days later; the injection one to three
 * days after that; a talk two to four days later; the same doctor for the first three), "late" (a
 * talk, a scan one to nine days later) and staff 1 (desk) and 2 (doctor). */
int visits_add(void **state);
/* booking_setup and these. */
int visits_setup(void **state);
/* Between tests: no bookings, nothing done, the services as they were. */
int visits_clean(void **state);

/* A booking with its parts as it is now, in the test's pool. */
rg_booking_t *visits_get(store_test_t *t, int64_t id);
/* Outcome of moving VISIT (0: all) by CTX, whose problems are new. */
rg_outcome_t visits_move(rg_ctx_t *ctx, int64_t id, int visit, apr_time_t start);
/* The same by the front desk, two minutes after now. */
rg_outcome_t visits_staff_moves(store_test_t *t, int64_t id, int visit, apr_time_t start);
/* A doctor, at MINUTE of a day of December. */
rg_ctx_t *visits_doctor(store_test_t *t, int day, int minute);
/* Checks in, harvests (and processes) then. */
void visits_harvest(store_test_t *t, int64_t id, int day, int minute);

#endif
