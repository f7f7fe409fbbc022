/* SPDX-License-Identifier: Apache-2.0 */
/* The place of a hold and of a booking, as a request says it, against what the service treats. */
#include "book.h"
#include "regen/clinic/patient.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/model/booking.h"

#include "regen/model/visit.h"
#include "regen/render/view.h"

#include <string.h>

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

bool regen_places_sent(const regen_node_t *appointment, const rg_visit_t *v)
{
    const regen_node_t *one = appointment ? regen_node_child(appointment, "reasonCode") : NULL;
    return v && rg_targets_count(v->further) > 1 && one && regen_node_again(one);
}

rg_outcome_t regen_places_same(regen_fhir_search_t *s, const regen_node_t *appointment,
                               const rg_visit_t *v)
{
    const rg_targets_t t = rg_targets_of(s->env.p, v->body_site, v->side, v->further);
    const regen_node_t *one = regen_node_child(appointment, "reasonCode");
    bool same = true;
    for (int i = 0; i < t.count; i++) {
        const char *code = one ? regen_node_text(one, "coding/code") : NULL;
        const char *text = one ? regen_node_text(one, "text") : NULL;
        const char *ours = rg_view_place(s->env.p, t.at[i].body_site, t.at[i].side);
        same = same && code && strcmp(code, t.at[i].body_site) == 0 &&
               (!text || strcmp(text, ours) == 0);
        one = one ? regen_node_again(one) : NULL;
    }
    if (same && !one) {
        return RG_OK;
    }
    rg_problem_add(s->q->ctx->problems, "Appointment.reasonCode",
                   "These are not the targets of this booking. Send them as they are, or leave "
                   "them out.");
    return RG_INVALID;
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
