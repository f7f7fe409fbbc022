/* SPDX-License-Identifier: Apache-2.0 */
/* What is in an anchor, and its MAC: for anchor.c, which makes them, and for those who verify them.
 */
#ifndef RG_STORE_ANCHOR_H
#define RG_STORE_ANCHOR_H

#include <stdint.h>

#include "mod_regen/store/evidence/chain.h"

enum { RG_DIGEST_BYTES = 32 };

typedef struct {
    int64_t seq;
    int64_t at; /* unix seconds */
    int64_t last_event, events;
    int heads;
    int64_t unchained;
    unsigned char unchained_sha256[RG_DIGEST_BYTES];
    unsigned char mac[RG_MAC_BYTES];
    uint32_t mac_key;
} rg_anchor_t;

/* Of anchor a; AS: the field that holds it, with a dot. */
#define RG_ANCHOR_PART(as, FIRST, COL)                                                             \
    FIRST(I64, as seq, "a.seq")                                                                    \
    COL(I64, as at, "a.at")                                                                        \
    COL(I64, as last_event, "a.last_event")                                                        \
    COL(I64, as events, "a.events")                                                                \
    COL(INT, as heads, "a.heads")                                                                  \
    COL(I64, as unchained, "a.unchained")                                                          \
    COL(HASH, as unchained_sha256, "a.unchained_sha256")                                           \
    COL(HASH, as mac, "a.mac")                                                                     \
    COL(BITS, as mac_key, "a.mac_key")
#define RG_ANCHOR_ROW(FIRST, COL) RG_ANCHOR_PART(, FIRST, COL)

/* One chain in it. */
typedef struct {
    unsigned char writer[RG_WRITER_BYTES];
    int64_t seq;
    unsigned char mac[RG_MAC_BYTES];
} rg_anchor_head_t;

/* An event from before there were chains. */
typedef struct {
    int64_t id, at;
    const char *actor, *action, *entity;
    int64_t entity_id;
    const char *detail;
} rg_audit_old_t;

#define RG_AUDIT_OLD_ROW(FIRST, COL)                                                               \
    FIRST(I64, id, "e.id")                                                                         \
    COL(I64, at, "e.at")                                                                           \
    COL(STR, actor, "e.actor")                                                                     \
    COL(STR, action, "e.action")                                                                   \
    COL(STR, entity, "e.entity")                                                                   \
    COL(I64, entity_id, "e.entity_id")                                                             \
    COL(STR, detail, "e.detail")

#define RG_AUDIT_OLD                                                                               \
    "SELECT " RG_COLUMNS(RG_AUDIT_OLD_ROW) " FROM audit_event e WHERE e.writer IS NULL ORDER BY "  \
                                           "e.id"

/* Digests that begin with zeros and take in one row after the other. */
void rg_anchor_take_head(unsigned char digest[RG_DIGEST_BYTES], const rg_anchor_head_t *head);
void rg_anchor_take_old(unsigned char digest[RG_DIGEST_BYTES], const rg_audit_old_t *old);
/* The MAC of A (its own is not read), with the digest of its heads in order of writer, after the
 * anchor with the MAC BEFORE. */
void rg_anchor_mac(unsigned char out[RG_MAC_BYTES], const rg_key_t *key,
                   const unsigned char before[RG_MAC_BYTES], const rg_anchor_t *a,
                   const unsigned char heads[RG_DIGEST_BYTES]);

#endif
