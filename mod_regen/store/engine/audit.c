/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail: who did what to which record. Use-cases call this in the transaction of what
 * they did, so that the deed and its trace live and die together. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

#include <inttypes.h>
#include <stdio.h>

RG_SQL(ADD,
       "INSERT INTO audit_event (at, actor, action, entity, entity_id, detail)"
       " VALUES (?, ?, ?, ?, ?, ?)");

/* Nobody known: a visitor who came over the web, or a tool. */
static void actor_of(char *buf, size_t size, const rg_ctx_t *ctx)
{
    const rg_principal_t *who = &ctx->who;
    /* What staff do through a patient's pages, staff did. */
    int64_t staff = who->staff_id > 0 ? who->staff_id : ctx->staff_beside;
    if (staff > 0) {
        snprintf(buf, size, "staff:%" PRId64, staff);
    }
    else if (who->token_id > 0) {
        snprintf(buf, size, "token:%" PRId64, who->token_id);
    }
    else if (who->booking_id > 0) {
        snprintf(buf, size, "booking:%" PRId64, who->booking_id);
    }
    else if (who->waiter_id > 0) {
        snprintf(buf, size, "waitlist:%" PRId64, who->waiter_id);
    }
    else if (who->visitor_id > 0) {
        snprintf(buf, size, "visitor:%" PRId64, who->visitor_id);
    }
    else {
        snprintf(buf, size, "%s", ctx->client_ip ? "visitor" : "system");
    }
}

rg_outcome_t rg_audit_add(rg_db_t *db, rg_ctx_t *ctx, const char *action, const char *entity,
                          int64_t entity_id, const char *detail)
{
    char actor[40];
    actor_of(actor, sizeof(actor), ctx);
    return rg_sql_exec(db, ctx, ADD,
                       RG_IN(RG_T(ctx->now), RG_S(actor), RG_S(action), RG_S(entity),
                             RG_I(entity_id), RG_S(detail ? detail : "")),
                       NULL);
}
