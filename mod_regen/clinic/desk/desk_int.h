/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the front desk share. Private to clinic/desk*.c. */
#ifndef RG_CLINIC_DESK_INT_H
#define RG_CLINIC_DESK_INT_H

#include "mod_regen/clinic/booking/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

/* Front desk, clinicians and admins; RG_FORBIDDEN otherwise. */
rg_outcome_t rg_desk_may(const rg_ctx_t *ctx);

#endif
