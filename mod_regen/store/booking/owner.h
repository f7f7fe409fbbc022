/* SPDX-License-Identifier: Apache-2.0 */
/* Who may change a booking, as a condition that every statement changing one carries.
 * rg_booking_owned (clinic/booking/whose.c) is the same rule in C, for messages. Private to the
 * store. */
#ifndef RG_STORE_OWNER_H
#define RG_STORE_OWNER_H

#include "mod_regen/store/engine/row.h"

/* A hold, live or expired, belongs to its maker; a booking also to its patient, the clinic, and API
 * clients that see all. Columns of booking; parameters RG_OWNER. */
#define RG_OWNED                                                                                   \
    " AND CASE ? WHEN 'clinic' THEN 1"                                                             \
    " WHEN 'staff' THEN status NOT IN ('held', 'expired') OR source IN ('staff', 'waitlist')"      \
    " WHEN 'patient' THEN status NOT IN ('held', 'expired') OR source IN ('patient', 'waitlist')"  \
    " WHEN 'waitlist' THEN source = 'waitlist' AND made_by = ?"                                    \
    " WHEN 'machine' THEN (source = 'machine' AND made_by = ?)"                                    \
    " OR (? AND status NOT IN ('held', 'expired')) ELSE 0 END"
#define RG_OWNER(by) RG_S((by)->kind), RG_I((by)->id), RG_I((by)->id), RG_I((by)->others)

#endif
