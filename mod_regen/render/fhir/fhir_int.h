/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of resources share. Private to render. */
#ifndef RG_RENDER_FHIR_INT_H
#define RG_RENDER_FHIR_INT_H
#include "regen/model/place.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

/* Names of systems of codes and numbers that more than one kind of resource has. */
#define HL7      "http://terminology.hl7.org/CodeSystem/"
#define NPI      "http://hl7.org/fhir/sid/us-npi"
#define EIN      "urn:oid:2.16.840.1.113883.4.4"
#define ICD10CM  "http://hl7.org/fhir/sid/icd-10-cm"
#define HCPCS    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
#define TAXONOMY "http://nucc.org/provider-taxonomy"

/* A resource up to its meta; PROFILE may be NULL. */
void rg_fhir_start(rg_writer_t *w, const char *as, const char *type, const char *id,
                   const char *version, apr_time_t changed, const char *profile);
/* PATH ("/sid/site") under the API's address. */
const char *rg_fhir_own(const rg_fhir_t *e, const char *path);
/* T in the site's zone with its offset; NULL for 0. */
const char *rg_fhir_local(const rg_fhir_t *e, const rg_site_t *site, apr_time_t t);

#endif
