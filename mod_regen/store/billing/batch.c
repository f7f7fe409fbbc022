/* SPDX-License-Identifier: Apache-2.0 */
/* X12 files of claims: their envelopes, which claims are in them, what was written. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/batch.h"
#include "regen/store/billing.h"
#include "regen/store/store.h"

/* Of claim_receiver as of claim_batch, both alias r. */
#define ENVELOPE(FIRST, COL)                                                                       \
    FIRST(I64, id, "r.id")                                                                         \
    COL(STR, receiver_qualifier, "r.receiver_qualifier")                                           \
    COL(STR, receiver_id, "r.receiver_id")                                                         \
    COL(STR, sender_qualifier, "r.sender_qualifier")                                               \
    COL(STR, sender_id, "r.sender_id")                                                             \
    COL(STR, contact, "r.contact")                                                                 \
    COL(STR, contact_phone, "r.contact_phone")                                                     \
    COL(BOOL, production, "r.production")

#define RECEIVER_ROW(FIRST, COL)                                                                   \
    ENVELOPE(FIRST, COL)                                                                           \
    COL(STR, receiver, "r.name")                                                                   \
    COL(STR, submitter, "o.name")
RG_ROW(receiver_row, rg_claim_batch_t, RECEIVER_ROW);

rg_outcome_t rg_batch_receiver(rg_db_t *db, const rg_ctx_t *ctx, rg_claim_batch_t *out)
{
    RG_SQL(RECEIVER,
           "SELECT " RG_COLUMNS(RECEIVER_ROW)
           " FROM claim_receiver r"
           " JOIN organization o ON o.id = (SELECT MIN(id) FROM organization)"
           " WHERE r.id = 1");
    return rg_sql_one(db, ctx, out, receiver_row, RECEIVER, RG_IN_NONE);
}

#define BATCH_NEW(FIRST, COL)                                                                      \
    FIRST(id, RG_I(b->id))                                                                         \
    COL(made_at, RG_T(b->made_at))                                                                 \
    COL(staff_id, RG_I_OR_NIL(ctx->who.staff_id))                                                  \
    COL(receiver, RG_S(b->receiver))                                                               \
    COL(receiver_qualifier, RG_S(b->receiver_qualifier))                                           \
    COL(receiver_id, RG_S(b->receiver_id))                                                         \
    COL(sender_qualifier, RG_S(b->sender_qualifier))                                               \
    COL(sender_id, RG_S(b->sender_id))                                                             \
    COL(submitter, RG_S(b->submitter))                                                             \
    COL(contact, RG_S(b->contact))                                                                 \
    COL(contact_phone, RG_S(b->contact_phone))                                                     \
    COL(production, RG_I(b->production))
RG_SQL(INSERT_BATCH, RG_INSERT("claim_batch", BATCH_NEW));
/* Those of these days that can be written. Files are tests: one takes no claim from anything. */
RG_SQL(INSERT_CLAIMS,
       "INSERT INTO claim_batch_claim (batch_id, set_no, claim_id)"
       " SELECT ?, ROW_NUMBER() OVER (ORDER BY c.service_date, c.id), c.id"
       " FROM claim c"
       " WHERE c.service_date BETWEEN ? AND ? AND c.x12 IS NOT NULL");

rg_outcome_t rg_batch_insert(rg_db_t *db, const rg_ctx_t *ctx, const rg_claim_batch_t *b,
                             rg_date_t from, rg_date_t to, int64_t *claims)
{
    RG_TRY(rg_sql_exec(db, ctx, INSERT_BATCH, RG_BINDS(BATCH_NEW), NULL));
    return rg_sql_exec(
        db, ctx, INSERT_CLAIMS,
        RG_IN(RG_I(b->id), RG_S(rg_date_iso(ctx->pool, from)), RG_S(rg_date_iso(ctx->pool, to))),
        claims);
}

rg_outcome_t rg_batch_written(rg_db_t *db, const rg_ctx_t *ctx, const rg_claim_batch_t *b)
{
    RG_SQL(WRITTEN, "INSERT INTO claim_batch_file (batch_id, claims, bytes, sha256)"
                    " VALUES (?, ?, ?, ?)");
    return rg_sql_exec(
        db, ctx, WRITTEN,
        RG_IN(RG_I(b->id), RG_I(b->claims), RG_I(b->bytes), RG_B(b->sha256, sizeof(b->sha256))),
        NULL);
}

#define BATCH_ROW(FIRST, COL)                                                                      \
    ENVELOPE(FIRST, COL)                                                                           \
    COL(STR, receiver, "r.receiver")                                                               \
    COL(STR, submitter, "r.submitter")                                                             \
    COL(TIME, made_at, "r.made_at")                                                                \
    COL(INT, claims, "f.claims")                                                                   \
    COL(I64, bytes, "f.bytes")                                                                     \
    COL(HASH, sha256, "f.sha256")
RG_ROW(batch_row, rg_claim_batch_t, BATCH_ROW);

rg_outcome_t rg_batch_read(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, rg_claim_batch_t *out)
{
    RG_SQL(READ,
           "SELECT " RG_COLUMNS(BATCH_ROW)
           " FROM claim_batch r"
           " JOIN claim_batch_file f ON f.batch_id = r.id"
           " WHERE r.id = ?");
    return rg_sql_one(db, ctx, out, batch_row, READ, RG_IN(RG_I(id)));
}

#define SENT_ROW(FIRST, COL)                                                                       \
    FIRST(INT, set_no, "s.set_no")                                                                 \
    COL(STR, claim_no, "c.claim_no")                                                               \
    COL(TIME, created_at, "c.created_at")                                                          \
    COL(BYTES, x12, "c.x12", x12_len)
RG_ROW(sent_row, rg_batch_claim_t, SENT_ROW);
RG_SQL(SENT,
       "SELECT " RG_COLUMNS(SENT_ROW)
       " FROM claim_batch_claim s"
       " JOIN claim c ON c.id = s.claim_id"
       " WHERE s.batch_id = ?"
       " ORDER BY s.set_no");

rg_outcome_t rg_batch_stream(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                             rg_outcome_t (*fn)(void *baton, const rg_batch_claim_t *c),
                             void *baton)
{
    apr_pool_t *row_pool;
    rg_cur_t *c;
    rg_batch_claim_t one;
    if (apr_pool_create(&row_pool, ctx->pool) != APR_SUCCESS) {
        return RG_INTERNAL;
    }
    rg_outcome_t rc = rg_sql_stream(db, ctx, &c, row_pool, SENT, RG_IN(RG_I(id)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rc == RG_OK && rg_cur_row(c, sent_row, &one)) {
        rc = fn(baton, &one);
        apr_pool_clear(row_pool);
    }
    rg_outcome_t end = rg_cur_end(c);
    apr_pool_destroy(row_pool);
    return rc != RG_OK ? rc : end;
}

#define LEFT_ROW(FIRST, COL)                                                                       \
    FIRST(STR, claim_no, "c.claim_no")                                                             \
    COL(STR, why, "c.x12_why")
RG_ROW(left_row, rg_batch_left_t, LEFT_ROW);

rg_outcome_t rg_batch_left(rg_db_t *db, const rg_ctx_t *ctx, rg_date_t from, rg_date_t to, int most,
                           rg_batch_left_t **out, int *count)
{
    RG_SQL(LEFT_OUT,
           "SELECT " RG_COLUMNS(LEFT_ROW)
           " FROM claim c"
           " WHERE c.service_date BETWEEN ? AND ? AND c.x12 IS NULL"
           " ORDER BY c.service_date, c.id"
           " LIMIT ?");
    return rg_sql_list(
        db, ctx, out, count, left_row, LEFT_OUT,
        RG_IN(RG_S(rg_date_iso(ctx->pool, from)), RG_S(rg_date_iso(ctx->pool, to)), RG_I(most)));
}
