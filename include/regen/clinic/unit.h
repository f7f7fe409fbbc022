/* SPDX-License-Identifier: Apache-2.0 */
/* What is done to the units of a visit: harvested, processed, split and pooled, injected, disposed
 * of; and who did it. The same promises as in regen/clinic/visit.h. */
#ifndef REGEN_CLINIC_UNIT_H
#define REGEN_CLINIC_UNIT_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/clinic/identity.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/time_out.h"
#include "regen/model/unit.h"

/* --- unit.c ----------------------------------------------------------------------------------- */

/* What was said in a time-out, as typed. */
typedef struct {
    const char *answers[RG_SAID_COUNT]; /* "yes": agreed, "no": it stops; NULL or "": not said */
    const char *stopped;                /* rg_said_name of what stops it; NULL or "": nothing */
    const char *note;                   /* of a stop; may be NULL */
} rg_time_out_in_t;
/* Whether something in it does not agree. */
bool rg_time_out_stops(const rg_time_out_in_t *in);

/* Who did a step; NULL: the login's own practitioner if they may, else the one it is booked with.
 * The person must have had the capability that the service's step asks for at that time:
 * RG_PRECONDITION, at "done_by", with those who may; audited. */
typedef struct {
    const char *done_by; /* code of a practitioner; NULL or "": as above */
    /* Who confirmed it, by rg_second_person. Where the service asks for a second person it is a
     * clinician and somebody else than the caller: RG_PRECONDITION at "second_login"; audited. */
    rg_second_t second;
    const rg_time_out_in_t *said; /* the time-out held with it; NULL: none is */
} rg_act_in_t;
typedef struct {
    const char *volume_ml;
    const char *side_confirmed; /* rg_side_name; "all" of several targets */
    const char *when;
    const rg_act_in_t *who;
    const char *taken_from; /* rg_taken_from_name that fits the product's material */
    const char *anticoagulant;
    const char *again;     /* "yes": another collection, after the first */
    const char *again_why; /* then: why it was needed */
    const char *seen;      /* and how many there were on the page: RG_CONFLICT if there are more */
} rg_harvest_in_t;
/* Of the service's product: its material is what was harvested. RG_PRECONDITION if the service has
 * no product.
 *
 * Where the service asks for a time-out before this step (as before an injection), one is recorded
 * with it (WHO->said) or before it by rg_day_time_out: RG_PRECONDITION at "time_out" if there is
 * none that counts, RG_INVALID if some of it was not said. If something does not agree, that is
 * recorded, and nothing else: RG_PRECONDITION with what to do. */
rg_outcome_t rg_day_harvest(rg_unit_t **out, const rg_ctx_t *ctx, int64_t booking_id,
                            const rg_harvest_in_t *in);
typedef struct {
    const char *label;
    const char *device_code; /* ignored if it is made by hand and no device serves the step */
    const char *kit_lot, *volume_ml, *when;
    const rg_act_in_t *who;
    const char *device_why; /* why it was used although closed or overdue (at "device_code"); "" */
    const char *minutes; /* of the run, which ended when the act was done; required of a device */
    const char *run_why; /* why it was shorter or longer than the product allows; else "" */
    /* The kit: id of a lot; or its number in kit_lot and, unless that is on file, its expiry. */
    const char *kit, *kit_expires;
    const char *lot_why; /* why an expired or recalled lot was used; else "" */
} rg_process_in_t;
rg_outcome_t rg_day_process(const rg_ctx_t *ctx, int64_t booking_id, const rg_process_in_t *in);
typedef struct {
    const char *label, *birth_date, *body_site, *side, *when;
    const rg_act_in_t *who;
    const char *lot_why;   /* why it is used although the lot of its kit is recalled now; else "" */
    const char *again_why; /* why a target of several is injected once more; else "" */
    /* Of several, instead of BODY_SITE and SIDE: rg_target_code; "": those say it. SEVERAL: "yes",
     * it was asked for. */
    const char *target, *several;
} rg_inject_in_t;
/* Of several targets one at a time: what is none of them is refused, and what was injected before,
 * without a reason (at "target_why"). */
/* RG_PRECONDITION for another patient's unit, a wrong side or site, an unprocessed unit, a lot that
 * is recalled (at "lot_why"); RG_GONE for an expired or used one. The refusal is audited. */
rg_outcome_t rg_day_inject(const rg_ctx_t *ctx, int64_t booking_id, const rg_inject_in_t *in);

/* --- process/divide.c ------------------------------------------------------------------------- */

typedef struct {
    const char *const *labels; /* of the units that all of it comes from: one or more */
    int count;
    const char *volumes; /* of the new units in ml, as typed: "4, 4" */
    const char *when;
    const rg_act_in_t *who;
} rg_divide_in_t;
/* Makes new units from open ones of the booking: one is split, several are pooled, or both. Parents
 * are of one product and target, all processed or none; they can be used no more. The new units
 * expire when the first of them would have. */
rg_outcome_t rg_day_divide(const rg_ctx_t *ctx, int64_t booking_id, const rg_divide_in_t *in);

rg_outcome_t rg_day_dispose(const rg_ctx_t *ctx, int64_t booking_id, const char *label,
                            const char *reason);

#endif
