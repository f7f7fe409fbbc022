/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGEN_CLINIC_IDENTITY_VISITOR_H
#define REGEN_CLINIC_IDENTITY_VISITOR_H

#include "regen/core/ctx.h"
#include "regen/store/store.h"
#include "regen/core/outcome.h"

/* Who the browser is for what follows in the caller's transaction: ctx->who where it has a session,
 * else the session of ctx->visitor_new, which is stored now. RG_UNAUTHENTICATED: there is none and
 * none is to be made. *WHO is set only with RG_OK. */
rg_outcome_t rg_visitor_ensure(rg_principal_t *who, rg_db_t *db, const rg_ctx_t *ctx);
/* The caller's session may open the booking, which it made; nothing for anybody else. */
rg_outcome_t rg_visitor_owns(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id);
/* When a session that opens something now ends. */
apr_time_t rg_visitor_until(const rg_ctx_t *ctx);

#endif
