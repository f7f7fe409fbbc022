/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of the waitlist share, for patients and for staff. */
#ifndef REGEN_WAITLIST_H
#define REGEN_WAITLIST_H

#include "patient.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"

/* The form's fields; what was ticked becomes bits. */
rg_join_in_t regen_wait_decode(const regen_req_t *q, const char *service_code);
/* The form of TEMPLATE for a service; TYPED: show what this request sent. */
int regen_wait_form(regen_req_t *q, rg_outcome_t outcome, const char *service_code, bool typed,
                    int (*page)(regen_req_t *q, rg_outcome_t outcome, rg_val_t *view));

#endif
