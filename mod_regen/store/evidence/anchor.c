/* SPDX-License-Identifier: Apache-2.0 */
/* Anchors: from time to time, how far all chains of audit events are. A chain shows by itself what
 * is changed or missing in its middle; that its end was cut off shows once an anchor covers it. */
#include "mod_regen/store/evidence/anchor.h"
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/evidence/seal.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/store/evidence.h"
#include "regen/store/store.h"

#include <string.h>

/* --- what is covered -------------------------------------------------------------------------- */

void rg_anchor_take_head(unsigned char digest[RG_DIGEST_BYTES], const rg_anchor_head_t *head)
{
    rg_content_t c = {.used = 0};
    rg_content_bytes(&c, digest, RG_DIGEST_BYTES);
    rg_content_bytes(&c, head->writer, RG_WRITER_BYTES);
    rg_content_number(&c, head->seq);
    rg_content_bytes(&c, head->mac, RG_MAC_BYTES);
    rg_crypto_sha256(digest, c.bytes, c.used);
}

/* As an event of a chain without a name: the key is the digest of what came before. */
void rg_anchor_take_old(unsigned char digest[RG_DIGEST_BYTES], const rg_audit_old_t *old)
{
    static const unsigned char none[RG_MAC_BYTES] = {0};
    unsigned char mac[RG_MAC_BYTES] = {0};
    (void)rg_audit_mac(mac, digest, none,
                       &(rg_audit_event_t){.writer = none,
                                           .seq = old->id,
                                           .at = old->at,
                                           .actor = old->actor,
                                           .action = old->action,
                                           .entity = old->entity,
                                           .entity_id = old->entity_id,
                                           .detail = old->detail});
    memcpy(digest, mac, RG_DIGEST_BYTES);
}

void rg_anchor_mac(unsigned char out[RG_MAC_BYTES], const rg_key_t *key,
                   const unsigned char before[RG_MAC_BYTES], const rg_anchor_t *a,
                   const unsigned char heads[RG_DIGEST_BYTES])
{
    unsigned char own[RG_MAC_BYTES];
    rg_content_t c = {.used = 0};
    rg_content_bytes(&c, before, RG_MAC_BYTES);
    rg_content_number(&c, a->seq);
    rg_content_number(&c, a->at);
    rg_content_number(&c, a->last_event);
    rg_content_number(&c, a->events);
    rg_content_number(&c, a->heads);
    rg_content_number(&c, a->unchained);
    rg_content_bytes(&c, a->unchained_sha256, RG_DIGEST_BYTES);
    rg_content_bytes(&c, heads, RG_DIGEST_BYTES);
    rg_key_derive(own, key, "audit anchor", "", 0);
    rg_crypto_hmac(out, own, c.bytes, c.used);
}

/* --- whether one is due ----------------------------------------------------------------------- */

RG_ROW(anchor_row, rg_anchor_t, RG_ANCHOR_ROW);

RG_SQL(LAST,
       "SELECT " RG_COLUMNS(RG_ANCHOR_ROW)
       " FROM audit_anchor a"
       " ORDER BY a.seq DESC"
       " LIMIT 2");

typedef struct {
    bool *made;
    apr_interval_time_t every;
    rg_anchor_t last;  /* seq 0: this is the first one */
    int64_t look_from; /* events above it may be new */
} anchor_t;

/* What the one before the last already saw, and a transaction that was open then wrote since. */
static rg_outcome_t read_last(anchor_t *n, rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_anchor_t *found;
    int count;
    RG_TRY(rg_sql_list(db, ctx, &found, &count, anchor_row, LAST, RG_IN_NONE));
    n->last = count > 0 ? found[0] : (rg_anchor_t){.seq = 0};
    n->look_from = count > 1 ? found[1].last_event : 0;
    return RG_OK;
}

static bool is_due(const anchor_t *n, const rg_ctx_t *ctx)
{
    apr_time_t last = apr_time_from_sec(n->last.at);
    return n->last.seq == 0 || ctx->now - last >= n->every || last - ctx->now >= n->every;
}

/* --- making one ------------------------------------------------------------------------------- */

RG_ROW(old_row, rg_audit_old_t, RG_AUDIT_OLD_ROW);
RG_SQL(OLD, RG_AUDIT_OLD);

static rg_outcome_t take_old_events(rg_anchor_t *a, rg_db_t *db, const rg_ctx_t *ctx)
{
    apr_pool_t *row_pool;
    rg_audit_old_t old;
    rg_cur_t *c;
    apr_pool_create(&row_pool, ctx->pool);
    rg_outcome_t rc = rg_sql_stream(db, ctx, &c, row_pool, OLD, RG_IN_NONE);
    while (rc == RG_OK && rg_cur_row(c, old_row, &old)) {
        rg_anchor_take_old(a->unchained_sha256, &old);
        a->unchained++;
        apr_pool_clear(row_pool);
    }
    rc = rc == RG_OK ? rg_cur_end(c) : rc;
    apr_pool_destroy(row_pool);
    return rc;
}

typedef struct {
    rg_anchor_head_t head;
    int64_t before; /* its last event in an anchor so far */
} moved_t;

#define MOVED_ROW(FIRST, COL)                                                                      \
    FIRST(HASH, head.writer, "e.writer")                                                           \
    COL(I64, head.seq, "e.seq")                                                                    \
    COL(HASH, head.mac, "e.mac")                                                                   \
    COL(I64, before,                                                                               \
        "COALESCE((SELECT MAX(h.seq) FROM audit_anchor_head h WHERE h.writer = "                   \
        "e.writer), 0)")
RG_ROW(moved_row, moved_t, MOVED_ROW);

RG_SQL(MOVED,
       "SELECT " RG_COLUMNS(MOVED_ROW)
       " FROM (SELECT writer, MAX(seq) AS seq"
       "         FROM audit_event"
       "        WHERE id > ? AND writer IS NOT NULL"
       "        GROUP BY writer) m"
       " JOIN audit_event e ON e.writer = m.writer AND e.seq = m.seq"
       " ORDER BY e.writer");
RG_SQL(NEWEST, "SELECT COALESCE(MAX(id), 0) FROM audit_event");

#define ANCHOR_NEW(FIRST, COL)                                                                     \
    FIRST(seq, RG_I(a->seq))                                                                       \
    COL(at, RG_I(a->at))                                                                           \
    COL(last_event, RG_I(a->last_event))                                                           \
    COL(events, RG_I(a->events))                                                                   \
    COL(heads, RG_I(a->heads))                                                                     \
    COL(unchained, RG_I(a->unchained))                                                             \
    COL(unchained_sha256, RG_B(a->unchained_sha256, RG_DIGEST_BYTES))                              \
    COL(mac, RG_B(a->mac, RG_MAC_BYTES))                                                           \
    COL(mac_key, RG_I(a->mac_key))
RG_SQL(ANCHOR_ADD, RG_INSERT("audit_anchor", ANCHOR_NEW));
RG_SQL(HEAD_ADD, "INSERT INTO audit_anchor_head (anchor, writer, seq, mac) VALUES (?, ?, ?, ?)");

enum { HEAD_COLUMNS = 4, HEADS_AT_ONCE = 1000 };

static rg_outcome_t add_heads(rg_db_t *db, const rg_ctx_t *ctx, const rg_anchor_t *a,
                              const moved_t *moved, int count)
{
    rg_bind_t *in = apr_palloc(ctx->pool, sizeof(*in) * HEAD_COLUMNS * (size_t)(count + 1));
    int n = 0;
    int rows = 0;
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < count; i++) {
        const rg_anchor_head_t *head = &moved[i].head;
        if (head->seq > moved[i].before) {
            in[n++] = RG_I(a->seq);
            in[n++] = RG_B(head->writer, RG_WRITER_BYTES);
            in[n++] = RG_I(head->seq);
            in[n++] = RG_B(head->mac, RG_MAC_BYTES);
            rows++;
        }
        if (rows == HEADS_AT_ONCE || (rows > 0 && i == count - 1)) {
            rc = rg_sql_exec_rows(db, ctx, HEAD_ADD, in, HEAD_COLUMNS, rows);
            rows = n = 0;
        }
    }
    return rc;
}

static void seal_anchor(rg_anchor_t *a, const anchor_t *n, const rg_ctx_t *ctx,
                        const moved_t *moved, int count)
{
    const rg_key_t *key = &ctx->policy->keys->key[0];
    unsigned char digest[RG_DIGEST_BYTES] = {0};
    for (int i = 0; i < count; i++) {
        if (moved[i].head.seq > moved[i].before) {
            rg_anchor_take_head(digest, &moved[i].head);
            a->events += moved[i].head.seq - moved[i].before;
            a->heads++;
        }
    }
    a->mac_key = key->id;
    rg_anchor_mac(a->mac, key, n->last.mac, a, digest);
}

static rg_outcome_t anchor_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    anchor_t *n = baton;
    moved_t *moved;
    int count;
    *n->made = false;
    RG_TRY(read_last(n, db, ctx));
    if (!is_due(n, ctx)) {
        return RG_OK;
    }
    RG_TRY(rg_seal_tables(db, ctx));
    rg_anchor_t own = n->last;
    rg_anchor_t *a = &own;
    a->seq++;
    a->at = (int64_t)apr_time_sec(ctx->now);
    a->heads = 0;
    RG_TRY(rg_sql_number(db, ctx, &a->last_event, NEWEST, RG_IN_NONE));
    RG_TRY(rg_sql_list(db, ctx, &moved, &count, moved_row, MOVED, RG_IN(RG_I(n->look_from))));
    if (n->last.seq == 0) {
        RG_TRY(take_old_events(a, db, ctx));
        a->events = a->unchained;
    }
    seal_anchor(a, n, ctx, moved, count);
    if (a->heads == 0 && n->last.seq > 0) {
        return RG_OK;
    }
    RG_TRY(rg_sql_exec(db, ctx, ANCHOR_ADD, RG_BINDS(ANCHOR_NEW), NULL));
    *n->made = true;
    return add_heads(db, ctx, a, moved, count);
}

static rg_outcome_t due_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    return read_last(baton, db, ctx);
}

/* Most sweeps find nothing due, and that is one statement. */
rg_outcome_t rg_store_anchor(bool *made, const rg_ctx_t *ctx, apr_interval_time_t every)
{
    anchor_t n = {.made = made, .every = every};
    *made = false;
    if (!ctx->policy->keys) {
        return RG_PRECONDITION;
    }
    rg_outcome_t rc = rg_store_read(ctx, due_work, &n);
    if (rc != RG_OK || !is_due(&n, ctx)) {
        return rc;
    }
    rc = rg_store_transact(ctx, anchor_work, &n);
    if (rc == RG_CONFLICT) {
        *made = false; /* another process made this one */
        return RG_OK;
    }
    return rc;
}
