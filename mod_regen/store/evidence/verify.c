/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the audit log from its beginning, in constant memory, and says what does not fit: a number
 * that is missing, an event that was changed, one that has another place, one that belongs to no
 * chain, an end that was cut off. */
#include "mod_regen/store/evidence/verify.h"
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/evidence/chain.h"
#include "mod_regen/store/evidence/seal.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/keys.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/store/evidence.h"
#include "regen/store/store.h"

#include <inttypes.h>
#include <string.h>

#include <apr_strings.h>

/* Events that old are covered by an anchor while any httpd runs. */
#define COVERED_AFTER RG_HOUR

/* --- chains ----------------------------------------------------------------------------------- */

typedef struct {
    int64_t id;
    unsigned char writer[RG_WRITER_BYTES];
    unsigned char mac[RG_MAC_BYTES];
    uint32_t mac_key;
    rg_audit_event_t e;
} stored_t;

#define STORED_ROW(FIRST, COL)                                                                     \
    FIRST(I64, id, "e.id")                                                                         \
    COL(I64, e.at, "e.at")                                                                         \
    COL(STR, e.actor, "e.actor")                                                                   \
    COL(STR, e.action, "e.action")                                                                 \
    COL(STR, e.entity, "e.entity")                                                                 \
    COL(I64, e.entity_id, "e.entity_id")                                                           \
    COL(STR, e.detail, "e.detail")                                                                 \
    COL(HASH, writer, "e.writer")                                                                  \
    COL(I64, e.seq, "e.seq")                                                                       \
    COL(HASH, mac, "e.mac")                                                                        \
    COL(BITS, mac_key, "e.mac_key")
RG_ROW(stored_row, stored_t, STORED_ROW);
RG_SQL(CHAINED,
       "SELECT " RG_COLUMNS(STORED_ROW)
       " FROM audit_event e"
       " WHERE e.writer IS NOT NULL"
       " ORDER BY e.writer, e.seq");

enum { KEYS_TOLD = 32 };

typedef struct {
    rg_verify_t *v;
    rg_chain_t chain; /* as far as it was read */
    int64_t last_id;
    char name[9]; /* of the chain: its first letters */
    struct {
        uint32_t id;
        int64_t events;
    } missing[KEYS_TOLD]; /* keys that are not at hand */
    int missing_count;
} walk_t;

static void begin(walk_t *w, const stored_t *s)
{
    if (w->v->chains > 0 && memcmp(w->chain.writer, s->writer, RG_WRITER_BYTES) == 0) {
        return;
    }
    w->v->chains++;
    w->last_id = 0;
    w->chain.seq = 0;
    memset(w->chain.mac, 0, RG_MAC_BYTES);
    memcpy(w->chain.writer, s->writer, RG_WRITER_BYTES);
    apr_snprintf(w->name, sizeof(w->name), "%02x%02x%02x%02x", s->writer[0], s->writer[1],
                 s->writer[2], s->writer[3]);
}

static void note_missing_key(walk_t *w, uint32_t id)
{
    int i = 0;
    while (i < w->missing_count && w->missing[i].id != id) {
        i++;
    }
    if (i == w->missing_count && i < KEYS_TOLD) {
        w->missing[i].id = id;
        w->missing[i].events = 0;
        w->missing_count++;
    }
    w->missing[i < KEYS_TOLD ? i : KEYS_TOLD - 1].events++;
}

/* The key of the chain so far is kept: most events of a chain have the same one. */
static bool has_key(walk_t *w, const rg_ctx_t *ctx, uint32_t id)
{
    if (id != 0 && w->chain.key_id == id) {
        return true;
    }
    const rg_key_t *key = rg_verify_key(w->v, ctx, id);
    if (!key) {
        note_missing_key(w, id);
        return false;
    }
    rg_audit_key(w->chain.key, key);
    w->chain.key_id = id;
    return true;
}

/* After a gap nothing is known of the MAC before it, so the next event is taken as it is. */
static void check_event(walk_t *w, const rg_ctx_t *ctx, const stored_t *s)
{
    unsigned char mac[RG_MAC_BYTES];
    int64_t next = w->chain.seq + 1;
    rg_audit_event_t e = s->e;
    e.writer = s->writer;
    if (e.seq > next) {
        rg_verify_fault(w->v, "Chain %s: events %" PRId64 " to %" PRId64 " are missing.", w->name,
                        next, e.seq - 1);
    }
    if (s->id <= w->last_id) {
        rg_verify_fault(w->v, "Event %" PRId64 " (chain %s, number %" PRId64 ") has another id.",
                        s->id, w->name, e.seq);
    }
    if (has_key(w, ctx, s->mac_key) && e.seq == next &&
        (!rg_audit_mac(mac, w->chain.key, w->chain.mac, &e) ||
         !rg_crypto_equal(mac, s->mac, sizeof(mac)))) {
        rg_verify_fault(w->v, "Event %" PRId64 " (chain %s, number %" PRId64 ") was changed.",
                        s->id, w->name, e.seq);
    }
    w->v->events++;
    w->last_id = s->id;
    w->chain.seq = e.seq;
    memcpy(w->chain.mac, s->mac, sizeof(s->mac));
}

static rg_outcome_t walk_chains(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    walk_t w = {.v = baton};
    stored_t s;
    apr_pool_t *row_pool;
    rg_cur_t *c;
    apr_pool_create(&row_pool, ctx->pool);
    rg_outcome_t rc = rg_sql_stream(db, ctx, &c, row_pool, CHAINED, RG_IN_NONE);
    while (rc == RG_OK && rg_cur_row(c, stored_row, &s)) {
        begin(&w, &s);
        check_event(&w, ctx, &s);
        apr_pool_clear(row_pool);
    }
    rc = rc == RG_OK ? rg_cur_end(c) : rc;
    apr_pool_destroy(row_pool);
    for (int i = 0; i < w.missing_count; i++) {
        rg_verify_fault(w.v,
                        "%" PRId64 " events were signed with key %08x, which is not at hand: name "
                        "the file that has it with --earlier.",
                        w.missing[i].events, w.missing[i].id);
    }
    return rc;
}

/* --- events without an anchor ----------------------------------------------------------------- */

typedef struct {
    int64_t count, first;
} late_t;

#define LATE_ROW(FIRST, COL)                                                                       \
    FIRST(I64, count, "COUNT(*)")                                                                  \
    COL(I64, first, "COALESCE(MIN(e.id), 0)")
RG_ROW(late_row, late_t, LATE_ROW);
RG_SQL(LATE,
       "SELECT " RG_COLUMNS(LATE_ROW)
       " FROM audit_event e"
       " WHERE e.at < ?"
       "   AND e.at > (SELECT COALESCE(MAX(a.at), 0) FROM audit_anchor a)");

static rg_outcome_t find_late(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    late_t late;
    RG_TRY(rg_sql_one(db, ctx, &late, late_row, LATE, RG_IN(RG_T(ctx->now - COVERED_AFTER))));
    if (late.count > 0) {
        rg_verify_fault(baton,
                        "%" PRId64 " events from id %" PRId64
                        " on have no anchor although they are older than an hour. If an httpd was "
                        "running, anchors were removed.",
                        late.count, late.first);
    }
    return RG_OK;
}

/* --- all of it -------------------------------------------------------------------------------- */

rg_outcome_t rg_store_verify(rg_verify_t *v, const rg_ctx_t *ctx)
{
    static const rg_work_fn parts[] = {walk_chains, rg_verify_anchors, find_late, rg_verify_seals,
                                       rg_verify_texts};
    rg_outcome_t rc = RG_OK;
    for (size_t i = 0; rc == RG_OK && i < sizeof(parts) / sizeof(*parts); i++) {
        rc = rg_store_read(ctx, parts[i], v);
    }
    return rc == RG_OK && v->dir ? rg_verify_objects(v, ctx) : rc;
}
