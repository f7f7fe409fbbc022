/* SPDX-License-Identifier: Apache-2.0 */
/* A day at the sample clinic: bookings made by direct SQL as rg_booking_hold and the patient's
 * pages would leave them, with consents signed, and the steps of the day. */
#ifndef DAY_TEST_H
#define DAY_TEST_H

#include "store_test.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

#define DAY_BORN    "1961-03-14"
#define DAY_BMAC    1 /* services of the sample clinic */
#define DAY_PRP     2
#define DAY_CONSULT 3
#define DAY_DOCTOR  101 /* staff */
#define DAY_DESK    102
#define DAY_BILLING 103

/* Schema, sample clinic, staff. */
int day_setup(void **state);

/* Who did a step, for tests of something else: whoever is likely, and the sample's nurse confirms. */
extern const rg_act_in_t day_act;

/* A context of this member of staff at 2026-12-01T15:00:00Z plus MINUTES. */
rg_ctx_t *day_ctx(store_test_t *t, int staff, int minutes);

/* A booked visit that starts at 15:00Z (10 in the morning at the site) on 2026-12-01, of a patient
 * of its own; its id. */
int64_t day_booking(store_test_t *t, int service, const char *body_site, const char *side);
/* The same for a patient that is there. */
int64_t day_booking_of(store_test_t *t, int64_t patient, int service, const char *body_site,
                       const char *side);
const char *day_uid(store_test_t *t, int64_t booking);

/* Steps that must go well, each in a context of its own at 15:00Z plus MINUTES. */
void day_check_in(store_test_t *t, int64_t booking, int minutes);
const char *day_harvest(store_test_t *t, int64_t booking, const char *side, int minutes);
void day_process(store_test_t *t, int64_t booking, const char *label, int minutes);
/* All three; the label. */
const char *day_ready(store_test_t *t, int64_t booking, const char *side);

/* The injection that was booked, or another; at 15:00Z plus MINUTES. */
rg_outcome_t day_inject(store_test_t *t, int64_t booking, const char *label, const char *site,
                        const char *side, int minutes);
/* Completion with these codes. */
rg_outcome_t day_complete(store_test_t *t, int64_t booking, const char *diagnoses);
/* A booking of its own up to its injection; its id. */
int64_t day_injected(store_test_t *t, int service, const char *site, const char *side);
/* Takes back one of its consents. */
void day_withdraw(store_test_t *t, int64_t booking);
const char *day_status(store_test_t *t, int64_t booking); /* its word */
int64_t day_charged(store_test_t *t, int64_t booking);    /* in cents */

/* SELECT COUNT(*) FROM what, a table with its condition; printf-like. */
int64_t day_count(store_test_t *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Fails unless some problem of CTX has these words in its text. */
void day_assert_says(const rg_ctx_t *ctx, const char *field, const char *words);

#endif
