/* SPDX-License-Identifier: Apache-2.0 */
/* Ids of proposals: they contain everything, so that nothing is stored until one is held. Private
 * to the web room. */
#ifndef REGEN_FHIR_PROPOSAL_H
#define REGEN_FHIR_PROPOSAL_H

#include <stdbool.h>

#include <apr_pools.h>
#include <apr_time.h>

typedef struct {
    const char *service_uid;
    apr_time_t start;             /* of the whole chain */
    int visit_no;                 /* 0: the whole chain */
    const char *practitioner_uid; /* "": any */
} regen_proposal_id_t;

/* At most 64 characters, as FHIR wants ids. START is a multiple of five minutes. */
const char *regen_proposal_make(apr_pool_t *p, const regen_proposal_id_t *id);
bool regen_proposal_read(regen_proposal_id_t *out, apr_pool_t *p, const char *s);

#endif
