/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of a booking, for the pages that show them: the patient's and the chart. */
#ifndef REGEN_MESSAGES_H
#define REGEN_MESSAGES_H

#include "mod_regen/web/platform/web.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/core/val.h"

/* Adds them to VIEW, for templates/part/messages.html. */
rg_outcome_t regen_messages_put(rg_val_t *view, regen_req_t *q, int64_t booking_id);

/* The same for the caller's waitlist entry. */
rg_outcome_t regen_messages_put_place(rg_val_t *view, regen_req_t *q);
/* recalls.c: adds what is planned for the booking's patient. */
rg_outcome_t regen_recalls_put(rg_val_t *view, regen_req_t *q, const rg_booking_t *b);

#endif
