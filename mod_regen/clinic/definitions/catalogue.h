/* SPDX-License-Identifier: Apache-2.0 */
/* The clinic's definitions inside use-cases. A process caches them between requests and asks the
 * database only whether they are still valid. A borrowed value is unchanged until ctx->pool is
 * destroyed, even if somebody edits the clinic in the meantime. Never change it. */
#ifndef RG_CLINIC_CATALOGUE_H
#define RG_CLINIC_CATALOGUE_H
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

/* One statement while nothing changed. */
rg_outcome_t rg_clinic_get(const rg_clinic_t **out, rg_db_t *db, const rg_ctx_t *ctx);
/* The same in a look of its own. */
rg_outcome_t rg_clinic_look(const rg_clinic_t **out, const rg_ctx_t *ctx);
/* For callers that already know the version: no statement if nothing changed. */
rg_outcome_t rg_clinic_get_version(const rg_clinic_t **out, rg_db_t *db, const rg_ctx_t *ctx,
                                   uint64_t version);

/* Whatever is cached, valid or not, read if nothing is: for callers that learn the version
 * later. */
rg_outcome_t rg_clinic_kept(const rg_clinic_t **out, rg_db_t *db, const rg_ctx_t *ctx);

/* Whether it has a price now; without one nobody books it. */
bool rg_clinic_priced(const rg_clinic_service_t *s);
/* Whether the caller may book it: active, with a price and, unless staff ask, public. To
 * others it does not exist. */
bool rg_clinic_offers(const rg_ctx_t *ctx, const rg_clinic_service_t *s);

/* What B is booked for, by the definitions that were in force when it was read. */
rg_outcome_t rg_catalogue_of_booking(rg_service_t **out, rg_site_t **site, rg_db_t *db,
                                     const rg_ctx_t *ctx, const rg_booking_t *b);

#endif
