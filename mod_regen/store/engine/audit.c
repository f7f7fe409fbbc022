/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail: who did what to which record. Use-cases call this in the transaction of the
 * change, so that both are stored or neither. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/engine/store_int.h"
#include "mod_regen/store/evidence/chain.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- the chain of a connection ---------------------------------------------------------------- */

void rg_chain_forget(rg_db_t *db)
{
    db->chain = db->chain_began = (rg_chain_t){.seq = 0};
}

/* Its own random numbers, not those of the context: two chains of one name would be one. */
static void begin_chain(rg_chain_t *chain, const rg_key_t *key)
{
    if (chain->seq == 0) {
        rg_crypto_random(chain->writer, sizeof(chain->writer));
    }
    if (chain->key_id != key->id) {
        rg_audit_key(chain->key, key);
        chain->key_id = key->id;
    }
}

/* --- writing ---------------------------------------------------------------------------------- */

#define EVENT_NEW(FIRST, COL)                                                                      \
    FIRST(at, RG_I(e->at))                                                                         \
    COL(actor, RG_S(e->actor))                                                                     \
    COL(action, RG_S(e->action))                                                                   \
    COL(entity, RG_S(e->entity))                                                                   \
    COL(entity_id, RG_I(e->entity_id))                                                             \
    COL(detail, RG_S(e->detail))                                                                   \
    COL(writer, RG_B(e->writer, RG_WRITER_BYTES))                                                  \
    COL(seq, RG_I(e->seq))                                                                         \
    COL(mac, RG_B(mac, sizeof(mac)))                                                               \
    COL(mac_key, RG_I(db->chain.key_id))

RG_SQL(ADD, RG_INSERT("audit_event", EVENT_NEW));

/* A number that is taken means that something else wrote this chain: it ends here, and the
 * transaction is run again with another one. */
static rg_outcome_t add_event(rg_db_t *db, const rg_ctx_t *ctx, const rg_audit_event_t *e)
{
    unsigned char mac[RG_MAC_BYTES];
    if (!rg_audit_mac(mac, db->chain.key, db->chain.mac, e)) {
        return RG_INTERNAL;
    }
    rg_outcome_t rc = rg_sql_exec(db, ctx, ADD, RG_BINDS(EVENT_NEW), NULL);
    if (rc == RG_OK) {
        db->chain.seq = e->seq;
        memcpy(db->chain.mac, mac, sizeof(mac));
    }
    if (rc == RG_CONFLICT) {
        rg_chain_forget(db);
        db->doomed = true;
        return RG_UNAVAILABLE;
    }
    return rc;
}

/* No known person: an anonymous visitor, or a tool. */
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

rg_outcome_t rg_audit_add(rg_db_t *db, const rg_ctx_t *ctx, const char *action, const char *entity,
                          int64_t entity_id, const char *detail)
{
    char actor[40];
    if (!ctx->policy->keys) {
        rg_log(ctx, RG_LOG_ERR,
               RGNO(01043) "Nothing is written to the audit log without the installation's secret: "
                           "set RegenSecretFile, and secret-file for regenctl.");
        return RG_INTERNAL;
    }
    actor_of(actor, sizeof(actor), ctx);
    begin_chain(&db->chain, &ctx->policy->keys->key[0]);
    return add_event(db, ctx,
                     &(rg_audit_event_t){.writer = db->chain.writer,
                                         .seq = db->chain.seq + 1,
                                         .at = (int64_t)apr_time_sec(ctx->now),
                                         .actor = actor,
                                         .action = action,
                                         .entity = entity,
                                         .entity_id = entity_id,
                                         .detail = detail ? detail : ""});
}
