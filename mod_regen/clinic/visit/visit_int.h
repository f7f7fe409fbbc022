/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the day share: the order of the steps and the frame each step runs in. Private
 * to clinic/day*.c. */
#ifndef RG_CLINIC_DAY_INT_H
#define RG_CLINIC_DAY_INT_H
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

/* --- order.c: pure ---------------------------------------------------------------------------- */

/* Whether a booking with these kinds of steps goes through E. Check-in and completion are for all;
 * processing also where the service forgot it between harvest and injection, because no unprocessed
 * unit is ever injected. */
bool rg_day_wants(unsigned kinds, rg_event_t e);
/* The next step, or -1. UNIT may be NULL; a unit that was disposed of ends the treatment before its
 * injection. */
int rg_day_next(rg_booking_status_t status, unsigned kinds, unsigned done, const rg_unit_t *unit);
/* When the plan has E begin; 0 when it does not say. */
apr_time_t rg_day_due(const rg_booking_t *b, rg_event_t e);
/* When the step of E must have begun: the gap it may have after the step before, which ended with
 * the unit's stamp, and the unit's time less what must still happen in it. 0: whenever, or there is
 * no unit to watch. */
apr_time_t rg_day_latest(const rg_service_t *s, const rg_unit_t *unit, rg_event_t e);
/* "the harvest": in the middle of a sentence. */
const char *rg_day_words(rg_event_t e);

/* --- step.c ----------------------------------------------------------------------------------- */

typedef struct rg_day_step_t rg_day_step_t;
typedef rg_outcome_t (*rg_day_part_fn)(rg_db_t *db, rg_ctx_t *ctx, rg_day_step_t *step);

struct rg_day_step_t {
    int64_t booking_id;
    rg_event_t event;
    rg_day_part_fn before; /* checks that outrank the order of steps: whose unit; may be NULL */
    rg_day_part_fn act;    /* what this step writes beside its stamp; may be NULL */
    const void *in;        /* for these two */
    rg_care_t care;        /* read under lock */
    rg_unit_t *unit;       /* of the booking, or found by BEFORE */
    const char *verb;      /* what audit events call it; NULL: the event's name */
    const char *refusal;   /* code of a refusal that must be remembered; NULL: none */
};

/* Runs the step in one transaction: lock, BEFORE, order, consents, ACT, stamp, status, charges,
 * audit. A refusal with a code is audited in a transaction of its own, because this one is rolled
 * back. */
rg_outcome_t rg_day_run(rg_ctx_t *ctx, rg_day_step_t *step);
/* Adds the problem, sets the code, and gives OUTCOME back. */
rg_outcome_t rg_day_refuse(rg_ctx_t *ctx, rg_day_step_t *step, const char *code,
                           rg_outcome_t outcome, const char *field, const char *text);
/* Audits step->refusal, when there is one, in a transaction of its own. */
void rg_day_remember(rg_ctx_t *ctx, rg_day_step_t *step);
/* Compares with the date of birth on file; a difference is refused and remembered. */
rg_outcome_t rg_day_same_birth(rg_ctx_t *ctx, rg_day_step_t *step, rg_date_t said);
/* In any writing, as the patients' own fields are read; or a problem at "birth_date". */
bool rg_day_birth_read(rg_ctx_t *ctx, rg_date_t *out, const char *typed);

/* --- charge.c --------------------------------------------------------------------------------- */

/* Charges what the service asks for steps of these kinds and was not charged yet. */
rg_outcome_t rg_day_charge(rg_db_t *db, rg_ctx_t *ctx, const rg_care_t *care, unsigned kinds);

#endif
