/* SPDX-License-Identifier: Apache-2.0 */
/* What is said beside a change of a booking. A move takes a time, a cancellation takes a reason,
 * both a comment; whatever else is there must be what is stored, or whoever sent it believes that
 * it was done. */
#include "book.h"
#include "mod_regen/web/fhir/read/patient.h"
#include "regen/clinic/api.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/model/booking.h"
#include "regen/model/visit.h"

#include <string.h>

static const char differs[] = "This differs from the booking and cannot be changed this way. "
                              "Nothing was done: leave it out, or make a new booking.";

typedef struct {
    regen_fhir_search_t *s;
    const regen_args_t *args;
    const regen_node_t *appointment;
    const rg_visit_t *v;
} said_t;

static rg_outcome_t refuse_said(const said_t *k, const char *where)
{
    rg_problem_add(k->s->q->ctx->problems, where, "%s", differs);
    return RG_INVALID;
}

static rg_outcome_t says_same_place(const said_t *k)
{
    regen_place_in_t in = regen_place_in(k->s);
    regen_place_t place;
    if (regen_places_sent(k->appointment, k->v)) {
        return regen_places_same(k->s, k->appointment, k->v);
    }
    rg_outcome_t rc = regen_place_read(&place, &in, k->args, k->appointment);
    if (rc != RG_OK) {
        return rc;
    }
    if (place.body_site && strcmp(place.body_site, k->v->body_site) != 0) {
        return refuse_said(k, regen_place_where(&place));
    }
    if (place.side &&
        (k->v->side == RG_SIDE_NONE || rg_side_parse(place.side) != (int)k->v->side)) {
        return refuse_said(k, "side");
    }
    return regen_place_words(&place, &in, k->v->body_site, k->v->side);
}

/* An id of a resource that is contained names nothing outside of it. */
static rg_outcome_t says_same_person(const said_t *k)
{
    regen_whom_t whom = {.uid = ""};
    const char *uid = k->v->person.patient.uid;
    const char *said = regen_args_text(k->args, "patient-reference");
    const char *named =
        said ? regen_fhir_reference(said, k->s->env.policy->fhir_base, "Patient") : uid;
    if (!named || strcmp(named, uid) != 0) {
        return refuse_said(k, "patient-reference");
    }
    rg_outcome_t rc = regen_whom_said(&whom, k->s, k->args, k->appointment);
    if (rc != RG_OK) {
        return rc;
    }
    if (whom.uid[0] != '\0' && strcmp(whom.uid, uid) != 0) {
        return refuse_said(k, "Appointment.participant");
    }
    const char *id = regen_node_text(whom.resource, "id");
    bool contained = whom.resource && strcmp(whom.resource->name, "contained") == 0;
    return id && !contained && strcmp(id, uid) != 0 ? refuse_said(k, "patient-resource") : RG_OK;
}

/* Who is described, and who pays: that is for the clinic to compare. */
static rg_outcome_t same_details(const said_t *k)
{
    rg_ctx_t *ctx = k->s->q->ctx;
    rg_details_in_t person = {0};
    regen_whom_t whom = {.uid = ""};
    rg_machine_said_t said = {.booking_uid = k->v->booking_uid,
                              .payer_code = regen_args_text(k->args, "payer"),
                              .member_id = regen_args_text(k->args, "member-id"),
                              .group_no = regen_args_text(k->args, "group-no")};
    rg_outcome_t rc = regen_whom_said(&whom, k->s, k->args, k->appointment);
    if (rc == RG_OK && whom.resource) {
        said.person = &person;
        if (!regen_patient_read(&person, ctx->problems, k->s->env.p, whom.resource, ctx->now)) {
            rc = RG_INVALID;
        }
    }
    return rc == RG_OK ? rg_machine_same(ctx, &said) : rc;
}

rg_outcome_t regen_said_same(regen_fhir_search_t *s, const regen_args_t *args,
                             const regen_node_t *appointment, const rg_visit_t *v)
{
    said_t k = {s, args, appointment, v};
    rg_outcome_t rc = says_same_place(&k);
    if (rc == RG_OK) {
        rc = says_same_person(&k);
    }
    return rc == RG_OK ? same_details(&k) : rc;
}
