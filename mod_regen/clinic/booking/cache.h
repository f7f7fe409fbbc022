/* SPDX-License-Identifier: Apache-2.0 */
/* The shelf: starts that searches found, kept by the process from request to request, one for
 * each database. What is kept is whatever notice and horizon say, so it does not age by itself:
 * it is true as long as the definitions and the calendar are those it was found in, and the
 * database tells both with one number each (rg_look_t). Only what is shown comes from here; a
 * time is held by what the database says in that transaction. */
#ifndef RG_CLINIC_SHELF_H
#define RG_CLINIC_SHELF_H

#include "mod_regen/clinic/schedule/bits.h"
#include "regen/core/ctx.h"
#include "regen/store/calendar.h"

enum { RG_SHELF_PRACTITIONERS = 24 };

/* What was asked. */
typedef struct {
    int64_t service_id, practitioner_id; /* practitioner 0: any */
    int first_day, days;                 /* local days, as rg_date_days */
} rg_shelf_ask_t;

/* What was found. */
typedef struct {
    rg_look_t look; /* when it was found */
    int64_t from;   /* granule of bit 0 */
    rg_bits_t found;
    int practitioner_count; /* who may be asked for */
    int64_t practitioners[RG_SHELF_PRACTITIONERS];
} rg_shelf_t;

/* A copy in ctx->pool; false when there is none, or it is a minute old: a database that was put
 * back to an earlier state may count to the same number again. */
bool rg_shelf_find(rg_shelf_t *out, rg_ctx_t *ctx, const rg_shelf_ask_t *ask);
/* Keeps a copy, in place of what was not asked for longest. What is too large is not kept. */
void rg_shelf_put(rg_ctx_t *ctx, const rg_shelf_ask_t *ask, const rg_shelf_t *kept);

#endif
