/* SPDX-License-Identifier: Apache-2.0 */
/* One booking with everything its pages show, on one connection, nothing read twice. */
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/patient/people.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

typedef struct {
    int64_t id;
    unsigned parts;
    rg_case_t *out;
} case_t;

static rg_outcome_t case_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const case_t *a = baton;
    rg_case_t *c = a->out;
    bool people = a->parts != 0;
    bool forms = (a->parts & RG_CASE_FORMS) != 0;
    rg_patient_t *patient;
    rg_outcome_t rc = (a->parts & RG_CASE_BRIEF) != 0
                          ? rg_booking_brief_in(&c->booking, &patient, db, ctx, a->id)
                          : rg_booking_get_in(&c->booking, &patient, db, ctx, a->id, NULL);
    if (rc == RG_OK) {
        rc = rg_catalogue_of_booking(&c->service, &c->site, db, ctx, c->booking);
    }
    if (rc == RG_OK && people) {
        rc = rg_details_in(&c->details, db, ctx, c->booking, patient,
                           (a->parts & RG_CASE_PAYERS) != 0);
    }
    return rc == RG_OK && forms
               ? rg_consents_in(&c->consents, db, ctx, c->booking, c->details->patient)
               : rc;
}

rg_outcome_t rg_case_get(rg_case_t *out, const rg_ctx_t *ctx, int64_t booking_id, unsigned parts)
{
    case_t a = {booking_id, parts, out};
    *out = (rg_case_t){0};
    return parts == 0 || rg_people_may(ctx, booking_id) ? rg_store_read(ctx, case_work, &a)
                                                        : RG_NOT_FOUND;
}
