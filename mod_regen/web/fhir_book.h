/* SPDX-License-Identifier: Apache-2.0 */
/* What $hold and $book share: an Appointment that was sent held against what this server said, and
 * whom it is for. Private to the web room. */
#ifndef REGEN_FHIR_BOOK_H
#define REGEN_FHIR_BOOK_H

#include "fhir.h"

/* --- fhir_book_check.c ------------------------------------------------------------------------ */

/* RG_INVALID, with a problem for each element of the APPOINTMENT that was sent (NULL: none was) and
 * does not say what V says; but for EXCEPT (" start status "). */
rg_outcome_t regen_visit_same(regen_fhir_search_t *s, const rg_visit_t *v,
                              const regen_node_t *appointment, const char *except);
/* The same of a proposal. A practitioner who is named, where ID says anybody, becomes part of the
 * WISH. */
rg_outcome_t regen_wish_same(rg_hold_in_t *wish, regen_fhir_search_t *s,
                             const regen_proposal_id_t *id, const regen_node_t *appointment);

/* --- fhir_book_who.c -------------------------------------------------------------------------- */

typedef struct {
    const char *uid;              /* of a Patient of this server; "": none named */
    const regen_node_t *resource; /* who is new here; NULL: none */
} regen_whom_t;
/* Whom an Appointment is for: by the parameters patient-reference and patient-resource, by a
 * participant, or by a contained Patient. RG_INVALID with problems when they contradict each other
 * or name nobody. */
rg_outcome_t regen_whom(regen_whom_t *out, regen_fhir_search_t *s, const regen_args_t *args,
                        const regen_node_t *appointment);
/* Whether this participant is a patient. */
bool regen_is_patient(const regen_node_t *participant);

#endif
