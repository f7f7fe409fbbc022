/* SPDX-License-Identifier: Apache-2.0 */
/* Compares what an API client repeats of a booking while it moves or cancels it with what is
 * stored. */
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/patient/people.h"
#include "regen/clinic/api.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/identity.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/patient.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/schedule/local_days.h"

#include <string.h>

typedef struct {
    const rg_machine_said_t *in;
    const rg_booking_t *booking;
    rg_patient_t *patient;   /* NULL: nobody yet */
    rg_coverage_t *coverage; /* NULL: the patient pays */
} same_t;

static rg_outcome_t read_stored(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    same_t *k = baton;
    rg_outcome_t rc = RG_OK;
    if (k->booking->patient_id > 0) {
        rc = rg_patient_read(db, ctx, &k->patient, k->booking->patient_id);
    }
    if (rc == RG_OK && k->booking->coverage_id > 0) {
        rc = rg_coverage_read(db, ctx, &k->coverage, k->booking->coverage_id);
    }
    return rc;
}

/* What was sent in the form in which it would be stored. What would be refused becomes empty, and
 * so is not the same as what is stored. */
static rg_details_checked_t as_stored(const rg_ctx_t *ctx, const rg_machine_said_t *in,
                                      const rg_coverage_t *coverage)
{
    static const rg_service_t no_service = {0};
    rg_details_in_t said = in->person ? *in->person : (rg_details_in_t){0};
    rg_details_checked_t out;
    rg_details_rules_t rules = {.service = &no_service,
                                .today = rg_day_everywhere(ctx->now),
                                .payers = coverage ? &coverage->payer : NULL,
                                .payer_count = coverage ? 1 : 0,
                                .roles = ctx->who.roles};
    said.pay = rg_pay_name(RG_PAY_INSURANCE);
    said.payer_code = in->payer_code;
    said.member_id = in->member_id;
    said.group_no = in->group_no;
    said.relationship = rg_relationship_name(RG_RELATIONSHIP_SELF);
    (void)rg_details_check(&out, ctx->pool, rg_problems_make(ctx->pool), &said, &rules);
    return out;
}

/* SAID as it came (NULL: it did not), MADE of it what would be stored. */
static bool agrees(const char *said, const char *made, const char *stored)
{
    return !said || strcmp(made ? made : "", stored ? stored : "") == 0;
}

static bool same_reach(const rg_details_in_t *said, const rg_patient_t *made,
                       const rg_patient_t *stored)
{
#define AGREES(name, member, path) &&agrees(said->name, made->member, stored->member)
    return true RG_REACH_FIELDS(AGREES);
#undef AGREES
}

/* An unknown gender is not compared. */
static bool same_patient(const rg_ctx_t *ctx, const rg_details_in_t *said, const rg_patient_t *made,
                         const rg_patient_t *stored)
{
    bool named = said->family || said->given;
    bool gender = !said->gender || rg_gender_parse(said->gender) == RG_GENDER_UNKNOWN ||
                  strcmp(said->gender, stored->gender) == 0;
    return gender &&
           (!named || (rg_fold_same(ctx->pool, made->family, stored->family) &&
                       rg_fold_same(ctx->pool, made->given, stored->given))) &&
           (!said->birth_date || rg_date_compare(made->birth_date, stored->birth_date) == 0) &&
           same_reach(said, made, stored);
}

static void tell_unless(const rg_ctx_t *ctx, bool same, const char *field)
{
    if (!same) {
        rg_problem_add(ctx->problems, field,
                       "This differs from the booking and cannot be changed this way. Nothing was "
                       "done: leave it out, or make a new booking.");
    }
}

/* A caller that may not read people learns nothing about stored data. */
static void tell_all(const rg_ctx_t *ctx, const same_t *k, bool readable)
{
    const rg_machine_said_t *in = k->in;
    const rg_coverage_t *c = readable ? k->coverage : NULL;
    rg_details_checked_t made = as_stored(ctx, in, c);
    bool person = !in->person || (readable && k->patient &&
                                  same_patient(ctx, in->person, &made.patient, k->patient));
    tell_unless(ctx, person, "whom");
    tell_unless(ctx, !in->payer_code || (c && strcmp(in->payer_code, c->payer.code) == 0),
                "payer_code");
    tell_unless(ctx, !in->member_id || (c && agrees("", made.coverage.member_id, c->member_id)),
                "member_id");
    tell_unless(ctx, !in->group_no || (c && agrees("", made.coverage.group_no, c->group_no)),
                "group_no");
}

rg_outcome_t rg_machine_same(const rg_ctx_t *ctx, const rg_machine_said_t *in)
{
    same_t k = {.in = in};
    rg_booking_t *b;
    int before = ctx->problems->list->nelts;
    if (!in->person && !in->payer_code && !in->member_id && !in->group_no) {
        return RG_OK;
    }
    bool readable = rg_machine_may(ctx, "Patient", 'r') == RG_OK;
    rg_outcome_t rc = rg_booking_get_by_uid(&b, ctx, in->booking_uid);
    if (rc == RG_OK) {
        k.booking = b;
        rc = rg_store_read(ctx, read_stored, &k);
    }
    if (rc != RG_OK) {
        return rc;
    }
    tell_all(ctx, &k, readable);
    return ctx->problems->list->nelts == before ? RG_OK : RG_INVALID;
}
