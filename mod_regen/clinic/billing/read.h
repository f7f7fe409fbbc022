/* SPDX-License-Identifier: Apache-2.0 */
/* Who may read what is a FHIR Claim: claims, and estimates as predeterminations. */
#ifndef REGEN_CLINIC_BILLING_READ_H
#define REGEN_CLINIC_BILLING_READ_H

#include <stdbool.h>

#include "regen/core/ctx.h"

/* Billing, admin, or an API client with scope system/Claim.read. */
bool rg_may_read_claims(const rg_ctx_t *ctx);

#endif
