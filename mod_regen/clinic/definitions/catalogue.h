/* SPDX-License-Identifier: Apache-2.0 */
/* The clinic's definitions inside use-cases. A process keeps them from request to request and asks
 * the database only whether they are still true; what is borrowed stays as it was until ctx->pool
 * goes, even when somebody edits the clinic meanwhile. Nobody may change it. */
#ifndef RG_CLINIC_CATALOGUE_H
#define RG_CLINIC_CATALOGUE_H
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

/* One statement while nothing changed. */
rg_outcome_t rg_clinic_get(const rg_clinic_t **out, rg_db_t *db, rg_ctx_t *ctx);
/* The same in a look of its own. */
rg_outcome_t rg_clinic_look(const rg_clinic_t **out, rg_ctx_t *ctx);
/* For who knows the version already: no statement while nothing changed. */
rg_outcome_t rg_clinic_get_version(const rg_clinic_t **out, rg_db_t *db, rg_ctx_t *ctx,
                                   uint64_t version);

/* Whatever is kept, true or not, read when nothing is: for who learns the version on the way. */
rg_outcome_t rg_clinic_kept(const rg_clinic_t **out, rg_db_t *db, rg_ctx_t *ctx);

/* What was not found in K: OTHERWISE, or RG_UNAVAILABLE while some of the clinic's definitions
 * cannot be used and it may be among them. */
rg_outcome_t rg_clinic_missing(const rg_clinic_t *k, rg_outcome_t otherwise);

/* NULL when there is none. What is found has a site, and the site a zone. */
const rg_clinic_service_t *rg_clinic_service_by_code(const rg_clinic_t *k, const char *code);
const rg_clinic_service_t *rg_clinic_service(const rg_clinic_t *k, int64_t id);
rg_site_t *rg_clinic_site(const rg_clinic_t *k, int64_t id);
rg_site_t *rg_clinic_site_by_code(const rg_clinic_t *k, const char *code);
/* The one staff ask for by its code, NULL or "" the first; NULL when there is none. */
const rg_site_t *rg_clinic_site_asked(const rg_clinic_t *k, const char *code);
const rg_clinic_resource_t *rg_clinic_resource(const rg_clinic_t *k, int64_t id);
/* Whether the caller may book it: active and, unless staff ask, public. To others it does not
 * exist. */
bool rg_clinic_offers(const rg_ctx_t *ctx, const rg_clinic_service_t *s);
bool rg_clinic_can(const rg_clinic_resource_t *r, const char *capability);
/* Whether R may serve the need, were it free: by its capability, or by one that does instead. */
bool rg_need_can(const rg_clinic_resource_t *r, const rg_need_t *n);
/* Whether R may serve some need of a step of these KINDS (1u << rg_step_kind_t). */
bool rg_service_uses(const rg_service_t *s, const rg_clinic_resource_t *r, unsigned kinds);
#define RG_STEPS_ANY (~0u)

#endif
