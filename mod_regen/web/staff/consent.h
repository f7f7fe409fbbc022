/* SPDX-License-Identifier: Apache-2.0 */
/* A signature as the pages of staff show it. Private to web/staff. */
#ifndef REGEN_STAFF_CONSENT_H
#define REGEN_STAFF_CONSENT_H

#include "mod_regen/web/platform/web.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/consent.h"

/* Into OUT: uid, form_title, version, signer, signer_role, entitlement (absent for the patient),
 * represented, witness (absent online), awaits, explained_by, explained, signed, expires (as
 * rg_view_time), ip (absent if not known), and withdrawn {at, channel, by, reason} if it was. */
void regen_consent_put(rg_val_t *out, regen_req_t *q, const rg_consent_t *c, const rg_zone_t *zone);

#endif
