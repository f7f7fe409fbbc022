/* SPDX-License-Identifier: Apache-2.0 */
/* FHIR resources. */
#ifndef REGEN_RENDER_FHIR_H
#define REGEN_RENDER_FHIR_H

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/clinic/api.h"
#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/money.h"
#include "regen/model/order.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/visit.h"
#include "regen/render/writer.h"

/* --- fhir/claim.c: one claim, self-contained -------------------------------------------------- */

/* The Claim as element AS of something (NULL: a document of its own). The clinic's own codes are
 * under policy->code_system "/service", claim numbers under "/claim". */
void rg_fhir_claim(rg_writer_t *w, apr_pool_t *p, const char *as, const rg_claim_t *c,
                   const rg_policy_t *policy);
/* A whole document; these two make the rg_claim_render_t that clinic's rg_claim_make asks for. */
rg_outcome_t rg_fhir_claim_xml(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                               const rg_policy_t *policy);
rg_outcome_t rg_fhir_claim_json(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                                const rg_policy_t *policy);

/* --- fhir/estimate.c -------------------------------------------------------------------------- */

/* A good-faith estimate as a Claim of use predetermination: a whole document. One that was replaced
 * by a newer version is cancelled. */
rg_outcome_t rg_fhir_estimate(rg_format_t f, rg_buf_t *out, apr_pool_t *p, const rg_estimate_t *e,
                              const rg_policy_t *policy);

/* --- fhir/place.c: what machines read --------------------------------------------------------- */

/* Every resource as element AS of something (NULL: a document of its own). Ids are the records'
 * uids; a Schedule has the id of its actor, a PractitionerRole that of its practitioner.
 * Definitions share one version: that of the whole catalogue. */

/* What all of them need. */
typedef struct {
    apr_pool_t *p;
    const rg_policy_t *policy;
    const rg_directory_t *dir;
    const char *link;  /* the patient's private link, right after booking; NULL */
    const char *pages; /* NULL, or the booking address for SMART Scheduling Links */
} rg_fhir_t;

/* The clinic's own identifier system of that name. */
const char *rg_fhir_sid(const rg_fhir_t *e, const char *what);
const char *rg_fhir_version(const rg_fhir_t *e); /* versionId of definitions */
void rg_fhir_site(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_site_t *s);
void rg_fhir_room(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                  const rg_directory_resource_t *r);
void rg_fhir_service(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                     const rg_directory_service_t *s);
void rg_fhir_practitioner(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                          const rg_directory_resource_t *r);
/* SERVES: the services this practitioner takes part in; may be empty. */
void rg_fhir_role(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                  const rg_directory_resource_t *r, const rg_directory_service_t *const *serves,
                  int count);
void rg_fhir_device(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                    const rg_directory_resource_t *r);
/* Of a service: times at which it can begin; [FROM, UNTIL) is the bookable period. */
void rg_fhir_service_schedule(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                              const rg_directory_service_t *s, apr_time_t from, apr_time_t until);
/* Of a practitioner, room or device: when it is occupied. */
void rg_fhir_resource_schedule(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                               const rg_directory_resource_t *r);

typedef struct {
    const char *id;
    const char *status;                      /* free, busy, busy-tentative, busy-unavailable */
    const rg_directory_service_t *service;   /* whose schedule it is in, or */
    const rg_directory_resource_t *resource; /* … of this; the other is NULL */
    apr_time_t from, until;
    const char *version;
    apr_time_t changed_at;
    int visits; /* number of visits of a free slot's course */
} rg_fhir_slot_t;
void rg_fhir_slot(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_fhir_slot_t *s);

/* --- fhir/visit.c: what machines read --------------------------------------------------------- */

/* IHE's profile of Appointments, named by visits that conform. Its participants are not devices. */
#define RG_FHIR_IHE_APPOINTMENT                                                                    \
    "https://profiles.ihe.net/ITI/Scheduling/StructureDefinition/ihe-sched-appt"
/* A visit, stored or proposed. FROM and UNTIL are the requested period (0: the visit's own
 * time). */
void rg_fhir_visit(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_visit_t *v,
                   apr_time_t from, apr_time_t until);
void rg_fhir_person(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_person_t *v);

/* --- fhir/request.c --------------------------------------------------------------------------- */

/* A word of FHIR's request-status. */
const char *rg_fhir_request_status(const rg_order_t *o, apr_time_t now);
/* A treatment order as a ServiceRequest of that VERSION and STATUS. */
void rg_fhir_request(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_order_t *o,
                     const char *version, const char *status);

/* --- fhir/bundle.c: what machines read -------------------------------------------------------- */

/* A Bundle's head up to its entries. ID may be NULL; TOTAL -1: not known; SELF and NEXT may be
 * NULL. Then entries, then rg_fhir_bundle_end. */
void rg_fhir_bundle(rg_writer_t *w, const char *as, const char *id, const char *type, int total,
                    const char *self, const char *next);
void rg_fhir_bundle_end(rg_writer_t *w);
/* One entry's head: "TYPE/ID" under BASE as its full address (NULL: none). Then the resource as
 * "resource", then entry_end with its search mode ("match", "include", "outcome"; NULL: none). */
void rg_fhir_entry(rg_writer_t *w, apr_pool_t *p, const char *base, const char *type,
                   const char *id);
void rg_fhir_entry_end(rg_writer_t *w, const char *mode);
/* An OperationOutcome with each of these problems, with one severity and code. */
void rg_fhir_outcome(rg_writer_t *w, const char *as, const char *severity, const char *code,
                     const rg_problems_t *problems);

#endif
