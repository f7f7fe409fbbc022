/* SPDX-License-Identifier: Apache-2.0 */
/* A lot as typed, also on the form of a processing. Private to the clinic room. */
#ifndef RG_CLINIC_SUPPLY_INT_H
#define RG_CLINIC_SUPPLY_INT_H
#include <stdbool.h>

#include "regen/clinic/supply.h"
#include "regen/core/ctx.h"
#include "regen/model/supply.h"

/* False with problems, those of lot and expiry at the two fields. */
bool rg_supply_read(const rg_ctx_t *ctx, rg_supply_lot_t *out, const rg_supply_in_t *in,
                    const char *lot_field, const char *expires_field);

#endif
