/* SPDX-License-Identifier: Apache-2.0 */
/* Who bills, sites and payers as they are edited, and consent forms as they are published. */
#ifndef REGEN_STORE_CLINIC_DEF_H
#define REGEN_STORE_CLINIC_DEF_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/clinic_def.h"
#include "regen/store/store.h"

/* --- place.c ---------------------------------------------------------------------------------- */

/* All of it, also payers that are not active; sites are without their zone. */
rg_outcome_t rg_clinic_def_read(rg_db_t *db, const rg_ctx_t *ctx, rg_clinic_def_t *out);
/* ID 0: a new row, whose number is written there. */
rg_outcome_t rg_organization_put(rg_db_t *db, const rg_ctx_t *ctx, rg_organization_t *o);
rg_outcome_t rg_site_put(rg_db_t *db, const rg_ctx_t *ctx, rg_site_t *s);
rg_outcome_t rg_payer_put(rg_db_t *db, const rg_ctx_t *ctx, rg_payer_t *y);
/* Until the transaction ends nobody adds a booking to the site. */
rg_outcome_t rg_site_lock(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id);
/* Whether a booking of the site is not over yet. */
rg_outcome_t rg_site_in_use(rg_db_t *db, const rg_ctx_t *ctx, bool *out, int64_t site_id);

/* --- form.c ----------------------------------------------------------------------------------- */

/* The version of a form; VERSION 0: the newest one. */
rg_outcome_t rg_form_version_get(rg_db_t *db, const rg_ctx_t *ctx, rg_form_text_t **out,
                                 const char *code, int version);
/* The newest version of each form, without its body. */
rg_outcome_t rg_form_versions(rg_db_t *db, const rg_ctx_t *ctx, rg_form_text_t **out, int *count);
/* The next version of its form, which is made if it is not there; *V gets id and version. */
rg_outcome_t rg_form_version_add(rg_db_t *db, const rg_ctx_t *ctx, rg_form_text_t *v);

#endif
