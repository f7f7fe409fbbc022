/* SPDX-License-Identifier: Apache-2.0 */
/* Signing at the desk: a member of the staff hands their own browser to the patient. From then on
 * its session opens the forms of one booking and nothing else, until somebody logs in again. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/identity/secret.h"
#include "people.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/store/identity.h"
#include "regen/store/store.h"

#include <apr_strings.h>

/* Time enough to read every form aloud, too little to be forgotten on a counter. */
#define LENT_FOR (30 * RG_MINUTE)

typedef struct {
    const char *booking_uid;
    rg_date_t said;
    unsigned char hash[32];
    int64_t refused; /* the booking that was asked for with a wrong date of birth; 0: none */
} lend_t;

static bool is_ahead_or_here(rg_booking_status_t status)
{
    return status == RG_BOOKING_BOOKED || status == RG_BOOKING_ARRIVED ||
           status == RG_BOOKING_IN_PROGRESS;
}

static rg_outcome_t check_patient(const rg_ctx_t *ctx, lend_t *l, const rg_booking_t *b,
                                  const rg_patient_t *patient)
{
    if (!is_ahead_or_here(b->status) || !patient) {
        rg_problem_add(ctx->problems, NULL,
                       "Forms are signed at the desk for a booked visit that is not over.");
        return RG_PRECONDITION;
    }
    if (rg_date_compare(l->said, patient->birth_date) == 0) {
        return RG_OK;
    }
    l->refused = b->id;
    rg_problem_add(ctx->problems, "birth_date",
                   "%s is not the date of birth on file. Make sure that this is the right person "
                   "before you go on.",
                   rg_date_us(ctx->pool, l->said));
    return RG_PRECONDITION;
}

static rg_outcome_t hand_over(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    lend_t *l = baton;
    rg_booking_t *b = NULL;
    rg_patient_t *patient = NULL;
    rg_outcome_t rc = rg_booking_get_in(&b, &patient, db, ctx, 0, l->booking_uid);
    rc = rc == RG_OK ? check_patient(ctx, l, b, patient) : rc;
    rc = rc == RG_OK ? rg_session_lend(db, ctx, l->hash, b->id, ctx->now + LENT_FOR) : rc;
    return rc == RG_OK ? rg_audit_add(db, ctx, "consent.tablet", "booking", b->id, "") : rc;
}

static rg_outcome_t note_refusal(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const lend_t *l = baton;
    return rg_audit_add(db, ctx, "consent.refused", "booking", l->refused,
                        "tablet wrong-birth-date");
}

rg_outcome_t rg_tablet_lend(const rg_ctx_t *ctx, const char *token, const char *booking_uid,
                            const char *birth_date)
{
    lend_t l = {.booking_uid = booking_uid};
    if (!rg_may(ctx, RG_DEED_CONSENT)) {
        return RG_FORBIDDEN;
    }
    if (!token || !rg_secret_hash(l.hash, token)) {
        rg_problem_add(ctx->problems, NULL,
                       "This browser is logged in by the web server, so it cannot be handed over. "
                       "Log in on the login page of these pages, or let the patient sign on their "
                       "own device.");
        return RG_PRECONDITION;
    }
    if (!rg_birth_date_read(&l.said, ctx, birth_date, NULL)) {
        return RG_INVALID;
    }
    rg_outcome_t rc = rg_store_once(ctx, hand_over, &l);
    if (l.refused > 0) {
        rg_outcome_t noted = rg_store_transact(ctx, note_refusal, &l);
        rc = noted == RG_OK ? rc : noted;
    }
    return rc;
}
