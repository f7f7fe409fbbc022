/* SPDX-License-Identifier: Apache-2.0 */
/* Anchors: each against its MAC and the one before it, against what was kept elsewhere, and the
 * events that it says were there. And printing them for keeping elsewhere. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/evidence/anchor.h"
#include "mod_regen/store/evidence/verify.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/store/evidence.h"
#include "regen/store/store.h"

#include <inttypes.h>
#include <string.h>

#include <apr_strings.h>

/* --- one after the other ---------------------------------------------------------------------- */

typedef struct {
    rg_anchor_t a;
    bool has_head;
    rg_anchor_head_t head;
} anchored_t;

#define ANCHORED_ROW(FIRST, COL)                                                                   \
    RG_ANCHOR_PART(a., FIRST, COL)                                                                 \
    COL(THERE, has_head, "h.writer")                                                               \
    COL(HASH, head.writer, "h.writer")                                                             \
    COL(I64, head.seq, "h.seq")                                                                    \
    COL(HASH, head.mac, "h.mac")
RG_ROW(anchored_row, anchored_t, ANCHORED_ROW);
RG_SQL(ANCHORS,
       "SELECT " RG_COLUMNS(ANCHORED_ROW)
       " FROM audit_anchor a"
       " LEFT JOIN audit_anchor_head h ON h.anchor = a.seq"
       " ORDER BY a.seq, h.writer");

typedef struct {
    rg_verify_t *v;
    rg_anchor_t now; /* seq 0: none yet */
    int heads;
    unsigned char digest[RG_DIGEST_BYTES];
    unsigned char before[RG_MAC_BYTES];
    int kept; /* of those kept elsewhere, how many were met */
} anchors_t;

static void compare_kept(anchors_t *w)
{
    rg_verify_t *v = w->v;
    while (w->kept < v->kept_count && v->kept[w->kept].seq < w->now.seq) {
        rg_verify_fault(v, "Anchor %" PRId64 ", which was kept elsewhere, is missing.",
                        v->kept[w->kept].seq);
        w->kept++;
    }
    if (w->kept < v->kept_count && v->kept[w->kept].seq == w->now.seq) {
        if (!rg_crypto_equal(v->kept[w->kept].mac, w->now.mac, RG_MAC_BYTES)) {
            rg_verify_fault(v, "Anchor %" PRId64 " is another one than was kept elsewhere.",
                            w->now.seq);
        }
        w->kept++;
    }
}

static void finish_anchor(anchors_t *w, const rg_ctx_t *ctx)
{
    unsigned char mac[RG_MAC_BYTES];
    const rg_anchor_t *a = &w->now;
    if (a->seq == 0) {
        return;
    }
    const rg_key_t *key = rg_verify_key(w->v, ctx, a->mac_key);
    if (!key) {
        rg_verify_fault(w->v,
                        "Anchor %" PRId64 " was signed with key %08x, which is not at hand: name "
                        "the file that has it with --earlier.",
                        a->seq, a->mac_key);
    }
    else {
        rg_anchor_mac(mac, key, w->before, a, w->digest);
        if (w->heads != a->heads || !rg_crypto_equal(mac, a->mac, sizeof(mac))) {
            rg_verify_fault(w->v, "Anchor %" PRId64 " was changed.", a->seq);
        }
    }
    compare_kept(w);
    w->v->anchors++;
    memcpy(w->before, a->mac, sizeof(w->before));
}

static void take_anchored(anchors_t *w, const rg_ctx_t *ctx, const anchored_t *row)
{
    if (row->a.seq != w->now.seq) {
        finish_anchor(w, ctx);
        if (row->a.seq != w->now.seq + 1) {
            rg_verify_fault(w->v, "Anchors %" PRId64 " to %" PRId64 " are missing.", w->now.seq + 1,
                            row->a.seq - 1);
        }
        w->now = row->a;
        w->heads = 0;
        memset(w->digest, 0, sizeof(w->digest));
    }
    if (row->has_head) {
        rg_anchor_take_head(w->digest, &row->head);
        w->heads++;
    }
}

static rg_outcome_t walk_anchors(anchors_t *w, rg_db_t *db, const rg_ctx_t *ctx)
{
    anchored_t row;
    apr_pool_t *row_pool;
    rg_cur_t *c;
    apr_pool_create(&row_pool, ctx->pool);
    rg_outcome_t rc = rg_sql_stream(db, ctx, &c, row_pool, ANCHORS, RG_IN_NONE);
    while (rc == RG_OK && rg_cur_row(c, anchored_row, &row)) {
        take_anchored(w, ctx, &row);
        apr_pool_clear(row_pool);
    }
    rc = rc == RG_OK ? rg_cur_end(c) : rc;
    apr_pool_destroy(row_pool);
    if (rc == RG_OK) {
        finish_anchor(w, ctx);
        w->now.seq = INT64_MAX;
        compare_kept(w);
    }
    return rc;
}

/* --- what they say was there ------------------------------------------------------------------ */

typedef struct {
    int64_t anchor, seq;
    const char *chain;
} lost_t;

#define LOST_ROW(FIRST, COL)                                                                       \
    FIRST(I64, anchor, "MIN(h.anchor)")                                                            \
    COL(I64, seq, "h.seq")                                                                         \
    COL(STR, chain, "LEFT(LOWER(HEX(h.writer)), 8)")
RG_ROW(lost_row, lost_t, LOST_ROW);
RG_SQL(LOST,
       "SELECT " RG_COLUMNS(LOST_ROW)
       " FROM audit_anchor_head h"
       " LEFT JOIN audit_event e ON e.writer = h.writer AND e.seq = h.seq AND e.mac = h.mac"
       " WHERE e.id IS NULL"
       " GROUP BY h.writer, h.seq");

static rg_outcome_t find_lost(rg_verify_t *v, rg_db_t *db, const rg_ctx_t *ctx)
{
    lost_t *lost;
    int count;
    RG_TRY(rg_sql_list(db, ctx, &lost, &count, lost_row, LOST, RG_IN_NONE));
    for (int i = 0; i < count; i++) {
        rg_verify_fault(v,
                        "Chain %s: event %" PRId64 ", which anchor %" PRId64
                        " covers, is missing or was changed.",
                        lost[i].chain, lost[i].seq, lost[i].anchor);
    }
    return RG_OK;
}

RG_ROW(unchained_row, rg_audit_old_t, RG_AUDIT_OLD_ROW);
RG_SQL(UNCHAINED, RG_AUDIT_OLD);

/* Events that belong to no chain: those that the first anchor found, and no others. */
static rg_outcome_t compare_old(const anchors_t *w, const rg_anchor_t *last, rg_db_t *db,
                                const rg_ctx_t *ctx)
{
    unsigned char digest[RG_DIGEST_BYTES] = {0};
    rg_audit_old_t old;
    apr_pool_t *row_pool;
    rg_cur_t *c;
    int64_t count = 0;
    apr_pool_create(&row_pool, ctx->pool);
    rg_outcome_t rc = rg_sql_stream(db, ctx, &c, row_pool, UNCHAINED, RG_IN_NONE);
    while (rc == RG_OK && rg_cur_row(c, unchained_row, &old)) {
        rg_anchor_take_old(digest, &old);
        count++;
        apr_pool_clear(row_pool);
    }
    rc = rc == RG_OK ? rg_cur_end(c) : rc;
    apr_pool_destroy(row_pool);
    w->v->unchained = count;
    if (rc == RG_OK && last->seq > 0 &&
        (count != last->unchained ||
         !rg_crypto_equal(digest, last->unchained_sha256, sizeof(digest)))) {
        rg_verify_fault(w->v,
                        "The events without a chain are not those of the first anchor: %" PRId64
                        " now, %" PRId64 " then.",
                        count, last->unchained);
    }
    return rc;
}

rg_outcome_t rg_verify_anchors(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    anchors_t w = {.v = baton};
    rg_outcome_t rc = walk_anchors(&w, db, ctx);
    rg_anchor_t last = w.now;
    last.seq = w.v->anchors > 0;
    rc = rc == RG_OK ? find_lost(w.v, db, ctx) : rc;
    return rc == RG_OK ? compare_old(&w, &last, db, ctx) : rc;
}

/* --- for keeping elsewhere -------------------------------------------------------------------- */

RG_ROW(printed_row, rg_anchor_t, RG_ANCHOR_ROW);
RG_SQL(PRINTED, "SELECT " RG_COLUMNS(RG_ANCHOR_ROW) " FROM audit_anchor a ORDER BY a.seq");

typedef struct {
    void (*say)(void *baton, const char *line);
    void *baton;
} print_t;

static rg_outcome_t print_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const print_t *to = baton;
    rg_anchor_t a;
    apr_pool_t *row_pool;
    rg_cur_t *c;
    apr_pool_create(&row_pool, ctx->pool);
    rg_outcome_t rc = rg_sql_stream(db, ctx, &c, row_pool, PRINTED, RG_IN_NONE);
    while (rc == RG_OK && rg_cur_row(c, printed_row, &a)) {
        to->say(to->baton,
                apr_psprintf(row_pool, "%" PRId64 " %" PRId64 " %" PRId64 " %08x %s", a.seq, a.at,
                             a.events, a.mac_key, rg_text_hex(row_pool, a.mac, sizeof(a.mac))));
        apr_pool_clear(row_pool);
    }
    rc = rc == RG_OK ? rg_cur_end(c) : rc;
    apr_pool_destroy(row_pool);
    return rc;
}

rg_outcome_t rg_store_anchors_print(const rg_ctx_t *ctx, void (*say)(void *baton, const char *line),
                                    void *baton)
{
    return rg_store_read(ctx, print_work, &(print_t){say, baton});
}
