/* SPDX-License-Identifier: Apache-2.0 */
/* Who bills, sites and payers as one file; consent forms. For regenctl. */
#ifndef REGEN_CLINIC_CLINIC_DEF_H
#define REGEN_CLINIC_CLINIC_DEF_H

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/clinic_def.h"

/* --- definitions/place.c ---------------------------------------------------------------------- */

rg_outcome_t rg_clinic_def_get(rg_clinic_def_t *out, const rg_ctx_t *ctx);
/* What a file changes: "site harbor", "phone", the old value and the new one; FIELD NULL: it is
 * new. */
typedef struct {
    const char *what, *field, *was, *is;
} rg_clinic_change_t;
typedef struct {
    int count;
    const rg_clinic_change_t *changes;
} rg_clinic_saved_t;
/* Stores all of DEF or nothing, after checking it as a whole; what DEF does not name stays. Only
 * looks if DRY. RG_INVALID with problems by path, also if a site would get another time zone while
 * a booking there is not over. */
rg_outcome_t rg_clinic_def_save(rg_clinic_saved_t *out, const rg_ctx_t *ctx,
                                const rg_clinic_def_t *def, bool dry);

/* --- patient/form_text.c ---------------------------------------------------------------------- */

/* Reads the file of a form: `name value` lines (rg_form_fields), an empty line, the text.
 * RG_INVALID with problems. */
rg_outcome_t rg_form_text_read(rg_form_text_t **out, apr_pool_t *p, const char *bytes, size_t n,
                               rg_problems_t *problems);
/* Publishes it as the next version of its form; what its head does not say stays as in the newest
 * version, *LAST (NULL: it is the first one). SAME: that one is equal, and nothing was done. */
rg_outcome_t rg_form_text_publish(rg_form_text_t *v, const rg_form_text_t **last, bool *same,
                                  const rg_ctx_t *ctx);
/* VERSION 0: the newest one. */
rg_outcome_t rg_form_text_get(rg_form_text_t **out, const rg_ctx_t *ctx, const char *code,
                              int version);
rg_outcome_t rg_form_texts(rg_form_text_t **out, int *count, const rg_ctx_t *ctx);

#endif
