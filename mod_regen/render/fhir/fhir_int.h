/* SPDX-License-Identifier: Apache-2.0 */
/* What place.c and visit.c share. Private to render. */
#ifndef RG_RENDER_FHIR_INT_H
#define RG_RENDER_FHIR_INT_H
#include "regen/model/place.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

#define TAXONOMY "http://nucc.org/provider-taxonomy"

/* A resource up to its meta; PROFILE may be NULL. */
void rg_fhir_start(rg_writer_t *w, const char *as, const char *type, const char *id,
                   const char *version, apr_time_t changed, const char *profile);
/* PATH ("/sid/site") under the API's address. */
const char *rg_fhir_own(const rg_fhir_t *e, const char *path);
/* T in the site's zone with its offset; NULL for 0. */
const char *rg_fhir_local(const rg_fhir_t *e, const rg_site_t *site, apr_time_t t);

#endif
