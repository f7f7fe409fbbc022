/* SPDX-License-Identifier: Apache-2.0 */
/* Which part of the body and which side a request names. Pure; private to the web room. */
#ifndef REGEN_FHIR_PLACE_H
#define REGEN_FHIR_PLACE_H

#include "args.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"

/* As it was sent; NULL: not said. */
typedef struct {
    const char *body_site, *side;
    /* The values that said it: parameters body-site and side, the Appointment's reasonCode. */
    const regen_node_t *by_site, *by_side, *by_reason;
} regen_place_t;

typedef struct {
    apr_pool_t *p;
    rg_problems_t *problems;
    const char *system; /* of our codes of places */
} regen_place_in_t;

/* The parameters body-site and side and the APPOINTMENT's reasonCode (NULL: none was sent). Where
 * it is said twice it must be the same. RG_INVALID with a problem for each value that is not
 * understood: several, words without a code, a code of a system that is not ours. */
rg_outcome_t regen_place_read(regen_place_t *out, const regen_place_in_t *in,
                              const regen_args_t *args, const regen_node_t *appointment);
/* Whether the words beside the codes (text, display) say BODY_SITE and SIDE, too, as this server
 * would. RG_INVALID with a problem for each that does not. */
rg_outcome_t regen_place_words(const regen_place_t *place, const regen_place_in_t *in,
                               const char *body_site, rg_side_t side);
/* Where the part of the body was said, for problems. */
const char *regen_place_where(const regen_place_t *place);

#endif
