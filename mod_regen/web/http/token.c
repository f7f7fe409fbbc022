/* SPDX-License-Identifier: Apache-2.0 */
/* The form token: derived from the cookie's secret and the installation's. */
#include "mod_regen/web/platform/platform.h"
#include "regen/core/crypto.h"
#include "regen/core/form.h"
#include "regen/core/keys.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"

#include <string.h>

/* A page for staff is tied to their session, everything else to the visitor, who outlives sessions:
 * a form says itself which booking it is about, and stays good whatever other tabs do. */
static const char *secret(regen_req_t *q)
{
    unsigned flags = q->route ? q->route->flags : 0;
    unsigned char random[REGEN_TOKEN_BYTES];
    if ((flags & REGEN_STAFF_AREA) != 0 && q->own->staff.session) {
        return q->own->staff.session;
    }
    if (q->own->patient.visitor) {
        return q->own->patient.visitor;
    }
    if (!q->own->visitor_new) {
        q->ctx->random(random, sizeof(random));
        q->own->visitor_new = rg_text_base64url(q->r->pool, random, sizeof(random));
    }
    return q->own->visitor_new;
}

static const char *form_token(regen_req_t *q, const rg_key_t *key)
{
    const char *own = secret(q);
    unsigned char mac[32];
    rg_key_derive(mac, key, "csrf", own, strlen(own));
    return rg_text_base64url(q->r->pool, mac, sizeof(mac));
}

const char *regen_csrf_token(regen_req_t *q)
{
    return form_token(q, &q->ctx->policy->keys->key[0]);
}

bool regen_csrf_right(regen_req_t *q)
{
    const char *sent = rg_form_get(q->form, "csrf");
    const rg_keys_t *keys = q->ctx->policy->keys;
    bool mine = q->own->patient.visitor || q->own->staff.session;
    int i;
    if (!mine || !sent || strlen(sent) != REGEN_TOKEN_CHARS) {
        return false;
    }
    /* A page that was shown before the key was changed is still good. */
    for (i = 0; i < keys->count; i++) {
        if (rg_crypto_equal(sent, form_token(q, &keys->key[i]), REGEN_TOKEN_CHARS)) {
            return true;
        }
    }
    return false;
}
