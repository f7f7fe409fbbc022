/* SPDX-License-Identifier: Apache-2.0 */
/* Who looked at whose record: written by the platform for every page of staff that shows somebody.
 */
#ifndef REGEN_CLINIC_EVIDENCE_H
#define REGEN_CLINIC_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/audit.h"
#include "regen/model/patient.h"

/* --- look.c ----------------------------------------------------------------------------------- */

/* Writes the look into the audit log. What is not found was not shown, and is no look. */
rg_outcome_t rg_look_add(const rg_ctx_t *ctx, const rg_record_look_t *look);

/* --- log.c ------------------------------------------------------------------------------------ */

typedef struct {
    const char *patient_uid; /* whose record; NULL or "": everybody's */
    int64_t staff_id;        /* who did it; 0: everybody */
    rg_date_t day;           /* local; year 0: every day */
    int64_t before;          /* events with a smaller id; 0: from the newest on */
    int limit;
} rg_audit_in_t;

typedef struct {
    rg_audit_row_t *rows; /* newest first */
    int count;
    bool more;
    const rg_patient_t *patient; /* whose record was asked for; NULL: everybody's */
    const rg_zone_t *zone;
} rg_audit_page_t;

/* The audit log, for administrators; the reading is an event itself. RG_NOT_FOUND: no such
 * patient. */
rg_outcome_t rg_audit_list(rg_audit_page_t **out, const rg_ctx_t *ctx, const rg_audit_in_t *in);

#endif
