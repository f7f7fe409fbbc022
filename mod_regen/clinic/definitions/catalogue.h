/* SPDX-License-Identifier: Apache-2.0 */
/* The clinic's definitions inside use-cases. A process keeps them from request to request and asks
 * the database only whether they are still true; what is borrowed stays as it was until ctx->pool
 * goes, even when somebody edits the clinic meanwhile. Nobody may change it. */
#ifndef RG_CLINIC_CATALOGUE_H
#define RG_CLINIC_CATALOGUE_H
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
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

/* Whether the caller may book it: active and, unless staff ask, public. To others it does not
 * exist. */
bool rg_clinic_offers(const rg_ctx_t *ctx, const rg_clinic_service_t *s);

/* rg_catalogue_by_id on the caller's connection. */
rg_outcome_t rg_catalogue_by_id_in(rg_service_t **out, rg_site_t **site, rg_db_t *db, rg_ctx_t *ctx,
                                   int64_t service_id);

#endif
