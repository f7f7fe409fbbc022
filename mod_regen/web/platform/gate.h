/* SPDX-License-Identifier: Apache-2.0 */
/* Limits concurrent logins; see gate.c. Private to module and web. */
#ifndef REGEN_GATE_H
#define REGEN_GATE_H

#include <stdbool.h>

#include <apr_pools.h>
#include <apr_time.h>

typedef struct regen_gate_t regen_gate_t;

/* At most LIMIT may be inside; with two or more, one slot is reserved for known devices. Once per
 * process, before threads; NULL when it cannot be made. */
regen_gate_t *regen_gate_make(apr_pool_t *p, int limit);
/* False when it stayed full for PATIENCE (microseconds), or GATE is NULL. KNOWN: goes before those
 * who are not. */
bool regen_gate_enter(regen_gate_t *g, apr_interval_time_t patience, bool known);
void regen_gate_leave(regen_gate_t *g);

#endif
