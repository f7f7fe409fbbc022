/* SPDX-License-Identifier: Apache-2.0 */
/* What $hold and $book share: an Appointment that was sent held against what this server said, and
 * whom it is for. Private to the web room. */
#ifndef REGEN_FHIR_BOOK_H
#define REGEN_FHIR_BOOK_H

#include "mod_regen/web/fhir/fhir.h"
#include "mod_regen/web/fhir/read/place.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/patient.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/service.h"
#include "regen/model/visit.h"

/* --- check.c ---------------------------------------------------------------------------------- */

/* RG_INVALID, with a problem for each element of the APPOINTMENT that was sent (NULL: none was) and
 * does not say what V says; but for EXCEPT (" start status "). */
rg_outcome_t regen_visit_same(regen_fhir_search_t *s, const rg_visit_t *v,
                              const regen_node_t *appointment, const char *except);
/* The same of a proposal. A practitioner who is named, where ID says anybody, becomes part of the
 * WISH. */
rg_outcome_t regen_wish_same(rg_hold_in_t *wish, regen_fhir_search_t *s,
                             const regen_proposal_id_t *id, const regen_node_t *appointment);

/* RG_INVALID, with a problem, when the APPOINTMENT (NULL: none was sent) has requestedPeriods and
 * none of them has one of STARTS in it. Days are ZONE's. */
typedef struct {
    apr_time_t starts[2];
    const rg_zone_t *zone;
} regen_asked_for_t;
rg_outcome_t regen_period_fits(regen_fhir_search_t *s, const regen_node_t *appointment,
                               const regen_asked_for_t *in);

/* --- who.c ------------------------------------------------------------------------------------ */

typedef struct {
    const char *uid;              /* of a Patient of this server; "": none named */
    const regen_node_t *resource; /* who is new here; NULL: none */
} regen_whom_t;
/* Whom an Appointment is for: by the parameters patient-reference and patient-resource, by a
 * participant, or by a contained Patient. RG_INVALID with problems when they contradict each other
 * or name nobody. */
rg_outcome_t regen_whom(regen_whom_t *out, regen_fhir_search_t *s, const regen_args_t *args,
                        const regen_node_t *appointment);
/* The same, but a reference and a resource may stand side by side: who changes nothing compares
 * both. */
rg_outcome_t regen_whom_said(regen_whom_t *out, regen_fhir_search_t *s, const regen_args_t *args,
                             const regen_node_t *appointment);
/* Whether this participant is a patient. */
bool regen_is_patient(const regen_node_t *participant);

/* The treatment order that an Appointment is based on: at most one ServiceRequest of this server;
 * "": none. RG_INVALID with a problem for anything else. */
rg_outcome_t regen_based_on(const char **uid, regen_fhir_search_t *s,
                            const regen_node_t *appointment);

/* --- place.c ---------------------------------------------------------------------------------- */

/* How places are read of this request. */
regen_place_in_t regen_place_in(const regen_fhir_search_t *s);
/* A hold has no place yet: what $book would not understand is refused now, the rest noted as not
 * kept. */
rg_outcome_t regen_place_of_hold(regen_fhir_search_t *s, const regen_args_t *args,
                                 const regen_node_t *appointment);
/* Whether the APPOINTMENT sends back the reasons of a visit with several targets. */
bool regen_places_sent(const regen_node_t *appointment, const rg_visit_t *v);
/* Then: all of them, as they are; RG_INVALID with a problem. */
rg_outcome_t regen_places_same(regen_fhir_search_t *s, const regen_node_t *appointment,
                               const rg_visit_t *v);
typedef struct {
    const regen_args_t *args;
    const regen_node_t *appointment; /* NULL: by reference */
    const rg_service_t *service;
} regen_booked_t;
/* Part of the body and side into TO: by parameter or as the Appointment's reason; where a service
 * knows only one part, it need not be said. RG_INVALID with problems. */
rg_outcome_t regen_place_of_booking(rg_details_in_t *to, regen_fhir_search_t *s,
                                    const regen_booked_t *of);

/* --- said.c ----------------------------------------------------------------------------------- */

/* RG_INVALID, with a problem for each parameter beside a change of V that says anything else than
 * V: place and side, patient, insurance. */
rg_outcome_t regen_said_same(regen_fhir_search_t *s, const regen_args_t *args,
                             const regen_node_t *appointment, const rg_visit_t *v);

#endif
