/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a request from httpd's handler hook to our handlers. Everything common to all pages is
 * done here once, in the order of `steps`; a handler starts with a validated request. */
#include "platform.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"

#include <apr_strings.h>
#include <string.h>

static const rg_form_t *empty_form(apr_pool_t *p)
{
    rg_form_t *f = apr_pcalloc(p, sizeof(*f));
    f->pairs = apr_array_make(p, 1, sizeof(rg_pair_t));
    return f;
}

static regen_req_t *req_make(request_rec *r, const regen_app_t *app, const regen_where_t *where)
{
    regen_req_t *q = apr_pcalloc(r->pool, sizeof(*q));
    q->r = r;
    q->ctx = regen_ctx(r, app);
    q->ctx->policy = where->policy;
    q->query = q->form = empty_form(r->pool);
    q->templates = app->templates;
    q->base = where->path;
    q->own = apr_pcalloc(r->pool, sizeof(*q->own));
    q->own->app = app;
    q->own->where = where;
    q->routes = regen_routes_all(where->routes);
    q->own->state = regen_state(r);
    const char *whole = q->own->state->secret_path ? q->own->state->secret_path : r->uri;
    q->path = whole + strlen(where->mount);
    q->own->fhir = strncmp(q->path, "/fhir", 5) == 0 && (q->path[5] == '/' || q->path[5] == '\0');
    return q;
}

/* --- steps ------------------------------------------------------------------------------------ */

/* FHIR errors want a format too, so this comes first; a broken query is told in Accept's. */
static int format_step(regen_req_t *q)
{
    const char *accept = apr_table_get(q->r->headers_in, "Accept");
    bool any = regen_negotiate(&q->wants_json, accept, NULL);
    int rc = regen_query_read(q);
    if (rc == REGEN_NEXT && regen_param(q, "_format")) {
        any = regen_negotiate(&q->wants_json, NULL, regen_param(q, "_format"));
    }
    if (rc == REGEN_NEXT && q->own->fhir && !any &&
        strncmp(q->path, "/fhir/$bulk-publish", 19) != 0) { /* which has a format of its own */
        rc = regen_refuse(q, HTTP_NOT_ACCEPTABLE);
    }
    return rc;
}

static const char *allowed_methods(unsigned methods)
{
    if ((methods & (1u << M_GET)) == 0) {
        return "POST, OPTIONS";
    }
    return (methods & (1u << M_POST)) != 0 ? "GET, HEAD, POST, OPTIONS" : "GET, HEAD, OPTIONS";
}

static int other_method(regen_req_t *q, unsigned methods)
{
    if (methods == 0) {
        return regen_refuse(q, HTTP_NOT_FOUND);
    }
    apr_table_setn(q->r->err_headers_out, "Allow", allowed_methods(methods));
    if (q->r->method_number == M_OPTIONS) {
        return regen_send(q, HTTP_NO_CONTENT, NULL, "", 0);
    }
    return regen_refuse(q, HTTP_METHOD_NOT_ALLOWED);
}

static int route_step(regen_req_t *q)
{
    const char *segments[REGEN_SEGMENTS];
    unsigned methods = 0;
    if (q->path[0] == '\0') {
        return regen_redirect(q, "/");
    }
    int n = regen_path_split(apr_pstrdup(q->r->pool, q->path), segments);
    if (n >= 0) {
        q->route =
            regen_route_find(q->own->where->routes, q->r->method, segments, n, q->args, &methods);
    }
    if (!q->route) {
        return other_method(q, methods);
    }
    q->own->state->route = q->route;
    return REGEN_NEXT;
}

static int database_step(regen_req_t *q)
{
    if ((q->route->flags & REGEN_NO_DB) != 0) {
        return REGEN_NEXT;
    }
    rg_outcome_t rc = q->ctx->store ? q->own->app->ready(q->ctx) : RG_UNAVAILABLE;
    return rc == RG_OK ? REGEN_NEXT : regen_fail(q, rc);
}

typedef int (*step_fn)(regen_req_t *q);
static const step_fn steps[] = {format_step,     route_step,           regen_throttle_step,
                                database_step,   regen_principal_step, regen_throttle_people_step,
                                regen_body_read, regen_csrf_step,      regen_which_step,
                                regen_idem_step};

int regen_dispatch(request_rec *r, const regen_app_t *app, const regen_where_t *where)
{
    apr_size_t i;
    regen_secret_mask(r, where);
    regen_req_t *q = req_make(r, app, where);
    regen_cookies_read(q);
    regen_cors(q);
    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        int rc = steps[i](q);
        if (rc != REGEN_NEXT) {
            return rc;
        }
    }
    return q->route->fn(q);
}
