/* SPDX-License-Identifier: Apache-2.0 */
/* What tests with many clients at once share. */
#ifndef RACE_TEST_H
#define RACE_TEST_H

#include <apr_atomic.h>

#include "booking_test.h"
#include "regen/core/outcome.h"

/* booking_setup, with enough connections that CLIENTS are in the database at the same time. */
int race_setup(void **state, int clients);
/* While *DONE is less than ALL: kills the connections of this test's database that are busy, one
 * after the other, whatever they are doing. Returns how many. */
int race_kill(const store_test_t *t, apr_uint32_t *done, apr_uint32_t all);
/* Counts the outcome of what a client did, and gives it back. Who is told to come later does, a little. */
rg_outcome_t race_count(apr_uint32_t counts[RG_OUTCOME_COUNT], rg_outcome_t rc);
/* How often each outcome was, on one line. */
void race_print(const apr_uint32_t counts[RG_OUTCOME_COUNT]);

#endif
