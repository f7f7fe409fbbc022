/* SPDX-License-Identifier: Apache-2.0 */
/* The input of the request: the query, and the only, bounded body reader. Both are strict and run
 * before any handler. */
#include "platform.h"
#include "regen/core/buf.h"
#include "regen/core/form.h"
#include "regen/core/json.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/xml.h"

#include <apr_buckets.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <http_core.h>
#include <string.h>

#define QUERY_MAX 4096
#define PAIRS_MAX 200
#define CHUNK     8192

int regen_query_read(regen_req_t *q)
{
    rg_form_t *f;
    size_t n = q->r->args ? strlen(q->r->args) : 0;
    if (n == 0) {
        return REGEN_NEXT;
    }
    if (n > QUERY_MAX || rg_form_parse(&f, q->r->pool, q->r->args, n, PAIRS_MAX) != RG_OK) {
        return regen_refuse(q, HTTP_BAD_REQUEST);
    }
    q->query = f;
    return REGEN_NEXT;
}

/* --- what kind -------------------------------------------------------------------------------- */

typedef struct {
    const char *type;
    unsigned kind;
} media_t;
static const media_t media[] = {{"application/x-www-form-urlencoded", REGEN_FORM},
                                {"multipart/form-data", REGEN_MULTIPART},
                                {"application/json", REGEN_JSON},
                                {"application/fhir+json", REGEN_JSON},
                                {"application/xml", REGEN_XML},
                                {"text/xml", REGEN_XML},
                                {"application/fhir+xml", REGEN_XML}};

/* Only UTF-8 is read; any other charset would be misread. */
static bool charset_fits(const char *parameters)
{
    const char *s = ap_strcasestr(parameters, "charset=");
    if (!s) {
        return true;
    }
    s += 8;
    s += *s == '"' ? 1 : 0;
    return strncasecmp(s, "utf-8", 5) == 0 && !apr_isalnum(s[5]);
}

static unsigned body_kind(const request_rec *r)
{
    const char *type = apr_table_get(r->headers_in, "Content-Type");
    size_t n = type ? strcspn(type, "; \t") : 0;
    apr_size_t i;
    for (i = 0; n > 0 && i < sizeof(media) / sizeof(media[0]); i++) {
        if (strlen(media[i].type) == n && strncasecmp(media[i].type, type, n) == 0) {
            return charset_fits(type + n) ? media[i].kind : 0;
        }
    }
    return 0;
}

static bool announced_too_much(const request_rec *r, apr_size_t cap)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");
    int64_t n;
    return length && !rg_text_i64(&n, length, 0, (int64_t)cap);
}

/* --- the bytes -------------------------------------------------------------------------------- */

/* Counts after all input filters, so something that unpacks itself is capped too. */
static int take_bucket(apr_bucket *b, rg_buf_t *out)
{
    const char *data;
    apr_size_t n;
    if (APR_BUCKET_IS_METADATA(b)) {
        return OK;
    }
    apr_status_t rv = apr_bucket_read(b, &data, &n, APR_BLOCK_READ);
    if (rv != APR_SUCCESS) {
        return ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
    }
    rg_buf_add(out, data, n);
    return out->overflow ? HTTP_REQUEST_ENTITY_TOO_LARGE : OK;
}

static int take_brigade(apr_bucket_brigade *bb, rg_buf_t *out, bool *eos)
{
    apr_bucket *b;
    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb); b = APR_BUCKET_NEXT(b)) {
        if (APR_BUCKET_IS_EOS(b)) {
            *eos = true;
            return OK;
        }
        int rc = take_bucket(b, out);
        if (rc != OK) {
            return rc;
        }
    }
    return OK;
}

static int read_bytes(request_rec *r, rg_buf_t *out)
{
    apr_bucket_brigade *bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    bool eos = false;
    int rc = OK;
    while (rc == OK && !eos) {
        apr_status_t rv =
            ap_get_brigade(r->input_filters, bb, AP_MODE_READBYTES, APR_BLOCK_READ, CHUNK);
        rc = rv == APR_SUCCESS ? take_brigade(bb, out, &eos)
                               : ap_map_http_request_error(rv, HTTP_BAD_REQUEST);
        apr_brigade_cleanup(bb);
    }
    apr_brigade_destroy(bb);
    return rc;
}

/* --- what they mean --------------------------------------------------------------------------- */

/* A route that accepts a long form accepts many fields. */
static int pairs_max(apr_size_t cap)
{
    return cap / 64 > PAIRS_MAX ? (int)(cap / 64) : PAIRS_MAX;
}

static int parse_body(regen_req_t *q, unsigned kind)
{
    const char *s = q->own->body->data;
    size_t n = q->own->body->len;
    rg_form_t *f = NULL;
    rg_outcome_t rc;
    if (kind == REGEN_MULTIPART) {
        return REGEN_NEXT;
    }
    if (kind == REGEN_FORM) {
        rc = rg_form_parse(&f, q->r->pool, s, n, pairs_max(q->route->body_cap));
        q->form = rc == RG_OK ? f : q->form;
    }
    else if (kind == REGEN_JSON) {
        rc = rg_json_parse(&q->json, q->r->pool, s, n, q->ctx->problems);
    }
    else {
        rc = rg_xml_parse(&q->xml, q->r->pool, s, n, q->ctx->problems);
    }
    if (rc == RG_OK) {
        return REGEN_NEXT;
    }
    return regen_refuse(q, rc == RG_TOO_LARGE ? HTTP_REQUEST_ENTITY_TOO_LARGE : HTTP_BAD_REQUEST);
}

/* API clients are told what to send instead. */
static int wrong_kind(regen_req_t *q)
{
    bool json = (q->route->accepts & REGEN_JSON) != 0;
    bool xml = (q->route->accepts & REGEN_XML) != 0;
    if (q->own->fhir && (json || xml)) {
        rg_problem_add(
            q->ctx->problems, NULL,
            json ? "This address accepts application/fhir+json%s: set the header Content-Type."
                 : "This address accepts application/fhir+xml only%s. Send the same resource as "
                   "XML.",
            !json ? ""
            : xml ? " or application/fhir+xml"
                  : "");
    }
    return regen_refuse(q, HTTP_UNSUPPORTED_MEDIA_TYPE);
}

int regen_body_read(regen_req_t *q)
{
    request_rec *r = q->r;
    unsigned kind = body_kind(r);
    apr_size_t cap = q->route->body_cap;
    if (q->route->accepts == 0 || r->method_number != M_POST) {
        return REGEN_NEXT;
    }
    if ((kind & q->route->accepts) == 0 &&
        (ap_request_has_body(r) || !(q->route->accepts & REGEN_FORM))) {
        return wrong_kind(q);
    }
    cap = cap < q->own->app->max_body ? cap : q->own->app->max_body;
    if (announced_too_much(r, cap)) {
        return regen_refuse(q, HTTP_REQUEST_ENTITY_TOO_LARGE);
    }
    q->own->body = rg_buf_make(r->pool, cap);
    int rc = read_bytes(r, q->own->body);
    if (rc != OK) {
        return rc == AP_FILTER_ERROR ? rc : regen_refuse(q, rc);
    }
    if (apr_table_get(r->headers_in, "Content-Encoding")) {
        return regen_refuse(q, HTTP_UNSUPPORTED_MEDIA_TYPE);
    }
    return parse_body(q, kind != 0 ? kind : REGEN_FORM);
}
