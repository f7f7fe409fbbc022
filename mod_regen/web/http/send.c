/* SPDX-License-Identifier: Apache-2.0 */
/* Answers with bytes, and redirects. Each is made in memory and sent as one brigade, so that no
 * partial answer is ever sent with the wrong status. */
#include "mod_regen/web/platform/platform.h"
#include "regen/core/log.h"
#include "regen/core/text.h"

#include <apr_buckets.h>
#include <apr_strings.h>

void regen_headers_set(request_rec *r)
{
    apr_table_t *t = r->err_headers_out;
    apr_table_setn(
        t, "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'");
    apr_table_setn(t, "X-Content-Type-Options", "nosniff");
    apr_table_setn(t, "X-Frame-Options", "DENY");
    apr_table_setn(t, "Referrer-Policy", "same-origin");
    apr_table_setn(t, "Cross-Origin-Opener-Policy", "same-origin");
    apr_table_setn(t, "Cross-Origin-Resource-Policy", "same-origin");
    apr_table_setn(t, "Permissions-Policy", "camera=(), geolocation=(), microphone=()");
    /* A handler whose answer may be cached by everybody sets its own headers. */
    apr_table_setn(t, "Cache-Control", "no-store");
}

void regen_camera_allow(regen_req_t *q)
{
    apr_table_setn(q->r->err_headers_out, "Permissions-Policy",
                   "camera=(self), geolocation=(), microphone=()");
}

int regen_send(regen_req_t *q, int status, const char *type, const char *data, size_t n)
{
    request_rec *r = q->r;
    conn_rec *c = r->connection;
    apr_bucket_brigade *bb = apr_brigade_create(r->pool, c->bucket_alloc);
    r->status = status;
    if (type) {
        ap_set_content_type(r, type);
    }
    ap_set_content_length(r, (apr_off_t)n);
    if (n > 0) {
        APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_pool_create(data, n, r->pool, c->bucket_alloc));
    }
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(c->bucket_alloc));
    /* A visitor who disconnected is not an error; httpd notes it in the access log. */
    if (ap_pass_brigade(r->output_filters, bb) != APR_SUCCESS && !c->aborted) {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, RGNO(03001) "The answer could not be sent.");
    }
    return OK;
}

int regen_bytes(regen_req_t *q, const char *content_type, const char *filename, const char *data,
                size_t len)
{
    if (filename) {
        apr_table_setn(q->r->err_headers_out, "Content-Disposition",
                       apr_psprintf(q->r->pool, "attachment; filename=\"%s\"", filename));
    }
    return regen_send(q, HTTP_OK, content_type, data, len);
}

int regen_redirect(regen_req_t *q, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *path = rg_text_vformat(q->r->pool, fmt, ap);
    va_end(ap);
    apr_table_setn(q->r->headers_out, "Location", apr_pstrcat(q->r->pool, q->base, path, NULL));
    return regen_send(q, HTTP_SEE_OTHER, NULL, "", 0);
}

const char *regen_address(const regen_req_t *q, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *path = rg_text_vformat(q->r->pool, fmt, ap);
    va_end(ap);
    return apr_pstrcat(q->r->pool, q->own->where->base, path, NULL);
}
