/* SPDX-License-Identifier: Apache-2.0 */
/* What the waitlist tests share: a full morning of the only C-arm, and waitlist entries. */
#ifndef WAITLIST_TEST_H
#define WAITLIST_TEST_H

#include "booking_test.h"
#include "regen/core/ctx.h"

#define WAIT_ALL_DAYS  0x7fu
#define WAIT_ALL_PARTS 0xfu

/* Joins for "scan" at MINUTES after now, wanting DAY of December (0: any) and PARTS of it; their
 * id. */
int64_t wait_join(store_test_t *t, int minutes, const char *name, int day, unsigned parts);
/* As somebody with a session for this place. */
rg_ctx_t *wait_ctx(store_test_t *t, int minutes, int64_t id);
/* Books "scan" for patient 1; the booking's id. */
int64_t wait_booked(store_test_t *t, apr_time_t start);
/* Cancels as the front desk at MINUTES; must work. */
void wait_cancel(store_test_t *t, int minutes, int64_t booking);
/* The waiter's state word. */
const char *wait_status(store_test_t *t, int64_t id);
/* Unix seconds of the time that is offered to them; 0: none. */
int64_t wait_offer(store_test_t *t, int64_t id);
/* Runs the sweep of holds and of the waitlist at MINUTES. */
void wait_sweep(store_test_t *t, int minutes);
/* Offers and holds that contradict each other; 0 is sound. */
int64_t wait_wrongs(store_test_t *t);

#endif
