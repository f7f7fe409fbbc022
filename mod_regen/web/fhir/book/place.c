/* SPDX-License-Identifier: Apache-2.0 */
/* The place of a hold and of a booking, as a request says it, against what the service treats. */
#include "book.h"
#include "regen/clinic/patient.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/model/booking.h"

#include <apr_strings.h>

regen_place_in_t regen_place_in(const regen_fhir_search_t *s)
{
    const char *system = apr_pstrcat(s->env.p, s->env.policy->code_system, "/body-site", NULL);
    return (regen_place_in_t){s->env.p, s->q->ctx->problems, system};
}

rg_outcome_t regen_place_of_hold(regen_fhir_search_t *s, const regen_args_t *args,
                                 const regen_node_t *appointment)
{
    regen_place_in_t in = regen_place_in(s);
    regen_place_t place;
    rg_outcome_t rc = regen_place_read(&place, &in, args, appointment);
    if (rc == RG_OK && place.body_site) {
        rg_problem_add(s->notes, regen_place_where(&place),
                       "This is stored by $book: send it again with $book.");
    }
    return rc;
}

static rg_outcome_t refuse_any(const regen_place_in_t *in, const regen_place_t *place)
{
    rg_problem_add(in->problems, place->body_site ? regen_place_where(place) : "side",
                   "This service is not for a certain part of the body: leave it out.");
    return RG_INVALID;
}

/* What is neither left nor right is told by the use-case. */
static rg_side_t side_of(const regen_place_t *place)
{
    int side = place->side ? rg_side_parse(place->side) : RG_SIDE_NONE;
    return side == RG_SIDE_LEFT || side == RG_SIDE_RIGHT ? (rg_side_t)side : RG_SIDE_NONE;
}

rg_outcome_t regen_place_of_booking(rg_details_in_t *to, regen_fhir_search_t *s,
                                    const regen_booked_t *of)
{
    regen_place_in_t in = regen_place_in(s);
    regen_place_t place;
    rg_outcome_t rc = regen_place_read(&place, &in, of->args, of->appointment);
    if (rc != RG_OK) {
        return rc;
    }
    bool any = place.body_site || place.side;
    const char *only = of->service->body_site_count == 1 ? of->service->body_sites[0] : NULL;
    if (any && !of->service->needs_body_site) {
        return refuse_any(&in, &place);
    }
    to->body_site = place.body_site ? place.body_site : only;
    to->side = place.side;
    return regen_place_words(&place, &in, to->body_site ? to->body_site : "", side_of(&place));
}
