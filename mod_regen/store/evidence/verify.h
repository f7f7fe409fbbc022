/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that verify share: where faults go. */
#ifndef RG_STORE_VERIFY_H
#define RG_STORE_VERIFY_H

#include "regen/core/ctx.h"
#include "regen/core/keys.h"
#include "regen/core/outcome.h"
#include "regen/store/evidence.h"
#include "regen/store/store.h"

/* fault.c. Counts a fault and says it in one line. */
void rg_verify_fault(rg_verify_t *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Of the installation, or of those handed over; NULL: not at hand. */
const rg_key_t *rg_verify_key(const rg_verify_t *v, const rg_ctx_t *ctx, uint32_t id);

/* verify_anchor.c: anchors one after the other, each with its heads. */
rg_outcome_t rg_verify_anchors(rg_db_t *db, const rg_ctx_t *ctx, void *baton);
/* verify_text.c: consents and forms against their digests. */
rg_outcome_t rg_verify_texts(rg_db_t *db, const rg_ctx_t *ctx, void *baton);
/* objects.c: triggers, views, keys and columns against those that the migrations make. */
rg_outcome_t rg_verify_objects(rg_verify_t *v, const rg_ctx_t *ctx);

#endif
