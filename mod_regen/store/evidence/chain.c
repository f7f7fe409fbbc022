/* SPDX-License-Identifier: Apache-2.0 */
/* What MACs cover, as bytes that mean one thing only. */
#include "mod_regen/store/evidence/chain.h"
#include "regen/core/crypto.h"
#include "regen/core/keys.h"

#include <string.h>

/* --- what a MAC covers ------------------------------------------------------------------------ */

void rg_content_bytes(rg_content_t *c, const void *data, size_t n)
{
    if (n > sizeof(c->bytes) - c->used) {
        c->full = true;
        return;
    }
    memcpy(c->bytes + c->used, data, n);
    c->used += n;
}

void rg_content_number(rg_content_t *c, int64_t number)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)((uint64_t)number >> (56 - 8 * i));
    }
    rg_content_bytes(c, bytes, sizeof(bytes));
}

void rg_content_text(rg_content_t *c, const char *text)
{
    size_t n = strlen(text);
    rg_content_number(c, (int64_t)n);
    rg_content_bytes(c, text, n);
}

void rg_audit_key(unsigned char out[RG_MAC_BYTES], const rg_key_t *key)
{
    rg_key_derive(out, key, "audit event", "", 0);
}

bool rg_audit_mac(unsigned char out[RG_MAC_BYTES], const unsigned char key[RG_MAC_BYTES],
                  const unsigned char before[RG_MAC_BYTES], const rg_audit_event_t *e)
{
    rg_content_t c = {.used = 0};
    rg_content_bytes(&c, before, RG_MAC_BYTES);
    rg_content_bytes(&c, e->writer, RG_WRITER_BYTES);
    rg_content_number(&c, e->seq);
    rg_content_number(&c, e->at);
    rg_content_text(&c, e->actor);
    rg_content_text(&c, e->action);
    rg_content_text(&c, e->entity);
    rg_content_number(&c, e->entity_id);
    rg_content_text(&c, e->detail);
    if (!c.full) {
        rg_crypto_hmac(out, key, c.bytes, c.used);
    }
    return !c.full;
}
