/* SPDX-License-Identifier: Apache-2.0 */
/* A repeated request has the effect of one: who asks, where, and the key that came with the form
 * (or, below /fhir, in Idempotency-Key) name the request; the store keeps the name with the
 * effect. Machines may leave the key away: then what they ask for is the key. */
#include "platform.h"

#include <apr_strings.h>
#include <string.h>

static const char *who(regen_req_t *q)
{
    const rg_principal_t *w = &q->ctx->who;
    apr_pool_t *p = q->r->pool;
    if (w->staff_id > 0) {
        return apr_psprintf(p, "staff:%" APR_INT64_T_FMT, w->staff_id);
    }
    if (w->booking_id > 0) {
        return apr_psprintf(p, "booking:%" APR_INT64_T_FMT, w->booking_id);
    }
    if (w->waiter_id > 0) {
        return apr_psprintf(p, "waitlist:%" APR_INT64_T_FMT, w->waiter_id);
    }
    if (w->token_id > 0) {
        return apr_psprintf(p, "token:%" APR_INT64_T_FMT, w->token_id);
    }
    return apr_pstrcat(p, "visitor:", q->own->patient.visitor, NULL);
}

/* Fields with their lengths' worth of separation: NUL cannot be in a form. */
static void hash_form(unsigned char out[32], regen_req_t *q)
{
    rg_buf_t *b = rg_buf_make(q->r->pool, 4 * q->own->body->len + 4096);
    int i;
    for (i = 0; i < q->form->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(q->form->pairs, i, rg_pair_t);
        if (strcmp(pair->name, "csrf") != 0 && strcmp(pair->name, "idem") != 0) {
            rg_buf_add(b, pair->name, strlen(pair->name) + 1);
            rg_buf_add(b, pair->value, strlen(pair->value) + 1);
        }
    }
    rg_crypto_sha256(out, b->data, b->len);
}

static const regen_words_t no_key = {400, "required", "Please go back and reload the page",
                                     "The form was not complete, so we cannot tell whether it was "
                                     "sent before. Nothing was changed. Go "
                                     "back, reload the page and send it again."};

static const regen_words_t no_header = {
    400, "value", "Idempotency-Key is not one",
    "Send the header Idempotency-Key with 16 to 64 letters, digits, - or _, a new one for each new "
    "request and the same one when you repeat it; or leave it away."};

/* KEY in what nobody can mistake for a key that was sent. */
static rg_idem_t *idem_of(regen_req_t *q, const char *key)
{
    rg_idem_t *idem = apr_pcalloc(q->r->pool, sizeof(*idem));
    const char *name = apr_pstrcat(q->r->pool, who(q), "|", q->path, "|", key, NULL);
    rg_crypto_sha256(idem->key, name, strlen(name));
    /* What is answered again is made from this and the installation's key (clinic/secret.c). */
    name = apr_pstrcat(q->r->pool, "seed|", name, NULL);
    rg_crypto_sha256(idem->seed, name, strlen(name));
    return idem;
}

void regen_idem_natural(regen_req_t *q, const char *what)
{
    unsigned char hash[32];
    if (what == NULL) {
        rg_crypto_sha256(hash, q->own->body->data, q->own->body->len);
        what = rg_text_hex(q->r->pool, hash, sizeof(hash));
    }
    if (q->ctx->idem == NULL) {
        q->ctx->idem = idem_of(q, apr_pstrcat(q->r->pool, "natural|", what, NULL));
        q->ctx->idem->natural = true;
        rg_crypto_sha256(q->ctx->idem->request, what, strlen(what));
    }
}

int regen_idem_step(regen_req_t *q)
{
    const char *key;
    rg_idem_t *idem;
    if (q->r->method_number != M_POST || (q->route->flags & REGEN_NO_IDEM) != 0) {
        return REGEN_NEXT;
    }
    key = q->own->fhir ? apr_table_get(q->r->headers_in, "Idempotency-Key")
                       : rg_form_get(q->form, "idem");
    if (key == NULL && q->own->fhir) {
        return REGEN_NEXT; /* fhir_book.c makes one */
    }
    if (!regen_key_like(key)) {
        return regen_problem(q, q->own->fhir ? &no_header : &no_key, NULL);
    }
    idem = idem_of(q, key);
    if (q->own->body == NULL) {
        rg_crypto_sha256(idem->request, "", 0);
    }
    else if (q->json != NULL || q->xml != NULL) {
        rg_crypto_sha256(idem->request, q->own->body->data, q->own->body->len);
    }
    else {
        hash_form(idem->request, q);
    }
    q->ctx->idem = idem;
    return REGEN_NEXT;
}
