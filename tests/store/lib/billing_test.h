/* SPDX-License-Identifier: Apache-2.0 */
/* The sample clinic with completed treatments, for the billing tests: bookings 1 to N, each with a
 * patient, three charges and a diagnosis of the right knee; odd ones are insured. */
#ifndef BILLING_TEST_H
#define BILLING_TEST_H

#include "store_test.h"
#include "regen/core/ctx.h"

/* Group set-up: the schema and the sample clinic, nobody treated yet. */
int billing_setup(void **state);
/* Bookings FROM to TO (of 1 .. 99999), completed; booking n is patient n and, if odd, coverage n.
 * Charges: 1,500.00, 3 x 266.67 and 2,299.99, all on 2026-11-30. */
void billing_complete(store_test_t *t, int from, int to);
/* The same, none of them insured: patients who are invoiced. */
void billing_self_pay(store_test_t *t, int from, int to);
#define BILLING_TOTAL 460000 /* of each */

/* Public id of booking N. In the pool of T: not for threads. */
const char *billing_uid(store_test_t *t, int n);
/* A billing clerk at store_test_ctx's now; ROLES for others. */
rg_ctx_t *billing_ctx(store_test_t *t);
rg_ctx_t *billing_ctx_as(store_test_t *t, unsigned roles);

/* Everything the rules say of invoices and queues, counted by slow statements; must be nothing. */
void billing_assert_sound(store_test_t *t);

#endif
