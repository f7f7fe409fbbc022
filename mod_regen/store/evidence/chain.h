/* SPDX-License-Identifier: Apache-2.0 */
/* The chain of audit events that one connection writes: each carries a MAC over itself and the one
 * before it, under a key that is not in the database. engine/audit.c writes them, this wing
 * verifies. Private to the store room.
 *
 * A chain for each connection, because only one transaction runs on it at a time: nobody waits for
 * anybody, and the head is in memory, so there is no further statement. */
#ifndef RG_STORE_CHAIN_H
#define RG_STORE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "regen/core/keys.h"

enum { RG_WRITER_BYTES = 16, RG_MAC_BYTES = 32 };

typedef struct {
    unsigned char writer[RG_WRITER_BYTES]; /* random; it is a chain's name */
    unsigned char mac[RG_MAC_BYTES];       /* of the last event; zeros before the first */
    int64_t seq;                           /* of the last event; 0: none yet */
    uint32_t key_id;                       /* whose KEY it is; 0: none yet */
    unsigned char key[RG_MAC_BYTES];
} rg_chain_t;

/* Bytes for a digest. An event's columns hold 40 + 40 + 40 + 255 characters. */
typedef struct {
    unsigned char bytes[2048];
    size_t used;
    bool full; /* something did not fit */
} rg_content_t;
void rg_content_bytes(rg_content_t *c, const void *data, size_t n);
/* Eight bytes, the highest first. */
void rg_content_number(rg_content_t *c, int64_t number);
/* With its length before it, so that no letter can move from one field to the next. */
void rg_content_text(rg_content_t *c, const char *text);

/* What the MAC covers of an event, beside the MAC before it. Not its id: the database makes that,
 * and within a chain it grows. */
typedef struct {
    const unsigned char *writer; /* RG_WRITER_BYTES */
    int64_t seq;
    int64_t at; /* unix seconds */
    const char *actor, *action, *entity;
    int64_t entity_id;
    const char *detail;
} rg_audit_event_t;

/* The key for MACs of audit events, from a key of the installation. */
void rg_audit_key(unsigned char out[RG_MAC_BYTES], const rg_key_t *key);
/* False: longer than any event that is stored. */
bool rg_audit_mac(unsigned char out[RG_MAC_BYTES], const unsigned char key[RG_MAC_BYTES],
                  const unsigned char before[RG_MAC_BYTES], const rg_audit_event_t *e);

#endif
