/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of starts found by searches, kept by the process between requests, one for each
 * database. It is independent of notice and horizon, so it does not age: an answer is valid as long
 * as the definitions and the calendar are unchanged, and the database has one number for each
 * (rg_look_t). It is used only to show times; a time is held on the basis of the database in that
 * transaction. */
#ifndef RG_CLINIC_SHELF_H
#define RG_CLINIC_SHELF_H

#include "mod_regen/clinic/schedule/bits.h"
#include "regen/core/ctx.h"
#include "regen/store/calendar.h"

enum { RG_SHELF_PRACTITIONERS = 24, RG_SHELF_DAYS = 2 };

/* What was asked. */
typedef struct {
    int64_t service_id, practitioner_id; /* practitioner 0: any */
    int first_day, days;                 /* local days, as rg_date_days */
    int targets;
} rg_shelf_ask_t;

/* What was found. */
typedef struct {
    rg_look_t look; /* when it was found */
    int64_t from;   /* granule of bit 0 */
    rg_bits_t found;
    uint64_t closed[RG_SHELF_DAYS]; /* bits by day: nobody works who could do it */
    int practitioner_count;         /* practitioners to choose from */
    int64_t practitioners[RG_SHELF_PRACTITIONERS];
} rg_shelf_t;

/* A copy in ctx->pool; false if there is none, or it is a minute old: a restored database may reach
 * the same number again. */
bool rg_shelf_find(rg_shelf_t *out, const rg_ctx_t *ctx, const rg_shelf_ask_t *ask);
/* Caches a copy in place of the least recently used entry. Answers that are too large are not
 * cached. */
void rg_shelf_put(const rg_ctx_t *ctx, const rg_shelf_ask_t *ask, const rg_shelf_t *kept);

#endif
