/* SPDX-License-Identifier: Apache-2.0 */
/* A repeated request has the effect of one: caller, route and the key of the form (or, below /fhir,
 * Idempotency-Key) identify the request; the store records it with the effect. API clients may
 * leave the key out: then it is derived from the content. */
#include "platform.h"
#include "regen/core/buf.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/text.h"

#include <apr_strings.h>
#include <string.h>

static const char *name_of_caller(regen_req_t *q)
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

static bool is_either(const rg_pair_t *pair, const char *a, const char *b)
{
    return strcmp(pair->name, a) == 0 || strcmp(pair->name, b) == 0;
}

/* "second_password": a stored hash of what is known but for the password would let whoever reads
 * the database guess it, and quickly. */
static bool is_password(const rg_pair_t *pair)
{
    size_t n = strlen(pair->name);
    return n >= 8 && strcmp(pair->name + n - 8, "password") == 0;
}

/* Pairs but for passwords and two names, with their lengths' worth of separation: NUL cannot be in
 * a form. */
static void add_pairs(rg_buf_t *to, const rg_form_t *form, const char *a, const char *b)
{
    for (int i = 0; i < form->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(form->pairs, i, rg_pair_t);
        if (!is_either(pair, a, b) && !is_password(pair)) {
            rg_buf_add(to, pair->name, strlen(pair->name) + 1);
            rg_buf_add(to, pair->value, strlen(pair->value) + 1);
        }
    }
}

/* The content of the request: the body, the query except the format of the answer, and the version.
 * Without a query and a version it is the body's hash, as in older versions. */
static void hash_request(unsigned char out[32], const regen_req_t *q)
{
    const rg_buf_t *body = q->own->body;
    const char *version = apr_table_get(q->r->headers_in, "If-Match");
    size_t args = q->r->args ? strlen(q->r->args) : 0;
    size_t cap = 4 * ((body ? body->len : 0) + args) + 16384;
    rg_buf_t *b = rg_buf_make(q->r->pool, cap);
    rg_buf_t *query = rg_buf_make(q->r->pool, cap);
    if (body && (q->json || q->xml)) {
        rg_buf_add(b, body->data, body->len);
    }
    else if (body) {
        add_pairs(b, q->form, "csrf", "idem");
    }
    add_pairs(query, q->query, "_format", "_pretty");
    if (query->len > 0) {
        rg_buf_add(b, "\0?", 2);
        rg_buf_add(b, query->data, query->len);
    }
    if (version) {
        rg_buf_add(b, "\0=", 2);
        rg_buf_add(b, version, strlen(version));
    }
    rg_crypto_sha256(out, b->data, b->len);
}

static const regen_words_t no_key = {
    400, "required", "Please go back and reload the page",
    "The form was incomplete, so we cannot tell whether it was already sent. Nothing was changed. "
    "Go back, reload the page and send it again."};

static const regen_words_t no_header = {
    400, "value", "Idempotency-Key is not valid",
    "Send the header Idempotency-Key with 16 to 64 letters, digits, - or _. Use a new key for each "
    "new request and the same key when you repeat it, or leave the header out."};

/* KEY in what nobody can mistake for a key that was sent. */
static rg_idem_t *idem_of(regen_req_t *q, const char *key)
{
    rg_idem_t *idem = apr_pcalloc(q->r->pool, sizeof(*idem));
    const char *name = apr_pstrcat(q->r->pool, name_of_caller(q), "|", q->path, "|", key, NULL);
    rg_crypto_sha256(idem->key, name, strlen(name));
    /* What is answered again is made from this and the installation's key
     * (clinic/identity/secret.c). */
    name = apr_pstrcat(q->r->pool, "seed|", name, NULL);
    rg_crypto_sha256(idem->seed, name, strlen(name));
    return idem;
}

void regen_idem_natural(regen_req_t *q, const char *what)
{
    unsigned char hash[32];
    if (!what) {
        hash_request(hash, q);
        what = rg_text_hex(q->r->pool, hash, sizeof(hash));
    }
    if (!q->ctx->idem) {
        q->ctx->idem = idem_of(q, apr_pstrcat(q->r->pool, "natural|", what, NULL));
        q->ctx->idem->natural = true;
        rg_crypto_sha256(q->ctx->idem->request, what, strlen(what));
    }
}

int regen_idem_step(regen_req_t *q)
{
    if (q->r->method_number != M_POST || (q->route->flags & REGEN_NO_IDEM) != 0) {
        return REGEN_NEXT;
    }
    const char *key = q->own->fhir ? apr_table_get(q->r->headers_in, "Idempotency-Key")
                                   : rg_form_get(q->form, "idem");
    if (!key && q->own->fhir) {
        return REGEN_NEXT; /* fhir/book/book.c makes one */
    }
    if (!regen_key_like(key)) {
        return regen_problem(q, q->own->fhir ? &no_header : &no_key, NULL);
    }
    rg_idem_t *idem = idem_of(q, key);
    hash_request(idem->request, q);
    q->ctx->idem = idem;
    return REGEN_NEXT;
}
