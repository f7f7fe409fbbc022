/* SPDX-License-Identifier: Apache-2.0 */
/* Lots of supplies: received, recalled, and where they were used. Staff of the desk and clinicians.
 * Results are allocated in ctx->pool; problems that a person can fix are in ctx->problems. */
#ifndef REGEN_CLINIC_SUPPLY_H
#define REGEN_CLINIC_SUPPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/supply.h"

typedef struct {
    const rg_site_t *site; /* the first: its day decides what is expired here */
    rg_date_t today;
    const char *find; /* "": all lots, else those whose number has this in it */
    int count;
    rg_supply_lot_t *lots;
    bool more;        /* lots, or uses, than listed */
    bool may_restore; /* may the caller take a recall back */
    int page;         /* of uses, from 1 */
    int use_count;
    rg_supply_use_t *uses; /* of one lot, what is not injected yet first */
} rg_supplies_t;

/* The lots whose number has FIND in it ("": all), the last to expire first. */
rg_outcome_t rg_supplies(rg_supplies_t **out, const rg_ctx_t *ctx, const char *find);
/* One lot, and PAGE (from 1) of the treatments in which it was used. RG_NOT_FOUND. */
rg_outcome_t rg_supply_look(rg_supplies_t **out, const rg_ctx_t *ctx, int64_t id, int page);
typedef struct {
    const char *item, *lot, *expires, *udi; /* as typed */
    const char *kind;                       /* "kit" or "other" */
} rg_supply_in_t;
/* Enters a lot. RG_INVALID by field; RG_CONFLICT at "lot" if the item has it already, or at
 * "expires" if it has it with another expiry and that is not recalled. */
rg_outcome_t rg_supply_enter(int64_t *id, const rg_ctx_t *ctx, const rg_supply_in_t *in);
/* Recalls a lot, or takes its recall back (only clinicians and administrators), with a reason.
 * RG_CONFLICT: it is so already. */
rg_outcome_t rg_supply_recall(const rg_ctx_t *ctx, int64_t id, bool recalled, const char *reason);

#endif
