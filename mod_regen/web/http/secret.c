/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps tokens and what people typed out of every log: access log, error log, server-status. They
 * all read the request line, the path, the query and the Referer, so those are masked in place. */
#include "mod_regen/web/platform/platform.h"

#include <apr_strings.h>
#include <apr_uri.h>
#include <string.h>

/* A damaged link has its token under another address. Not below the API: ids there are as long, and
 * no link leads there. */
static const char *by_look(apr_pool_t *p, const char *path)
{
    bool api = strncmp(path, "/fhir/", 6) == 0;
    return api ? NULL : regen_token_mask(p, path, REGEN_TOKEN_CHARS);
}

/* PATH without what opens something; NULL when there is nothing to mask. *ROUTE: as a secret
 * route. */
static const char *masked_path(apr_pool_t *p, const regen_routes_t *routes, const char *path,
                               const char *base, bool *route)
{
    size_t n = strlen(base);
    if (strncmp(path, base, n) != 0) {
        return NULL;
    }
    const char *out = regen_routes_mask(routes, p, path + n);
    *route = out != NULL;
    out = out ? out : by_look(p, path + n);
    return out ? apr_pstrcat(p, base, out, NULL) : NULL;
}

static void set_request_line(request_rec *r, const char *uri)
{
    r->unparsed_uri = apr_pstrdup(r->pool, uri);
    r->the_request =
        apr_pstrcat(r->pool, r->method, " ", uri, r->protocol ? " " : NULL, r->protocol, NULL);
}

/* A page of ours that was reached by a query, or by a secret path, may be what the browser names as
 * the page it comes from. */
static void mask_referer(request_rec *r, const regen_routes_t *routes,
                         const char *base) /* as browsers see it */
{
    const char *from = apr_table_get(r->headers_in, "Referer");
    apr_uri_t u;
    bool route;
    if (!from || apr_uri_parse(r->pool, from, &u) != APR_SUCCESS || !u.path ||
        strncmp(u.path, base, strlen(base)) != 0) {
        return;
    }
    const char *path = masked_path(r->pool, routes, u.path, base, &route);
    u.path = path ? apr_pstrdup(r->pool, path) : u.path;
    u.query = u.fragment = NULL;
    apr_table_setn(r->headers_in, "Referer", apr_uri_unparse(r->pool, &u, 0));
}

void regen_secret_mask(request_rec *r, const regen_where_t *where)
{
    regen_state_t *s = regen_state(r);
    const char *sent = r->uri ? r->uri : "";
    char *path = apr_pstrdup(r->pool, sent);
    bool route = false;
    mask_referer(r, where->routes, where->path);
    if (strcmp(where->path, where->mount) != 0) {
        mask_referer(r, where->routes, where->mount);
    }
    /* Before httpd decoded it, a path may be escaped, and wrongly: then it is no address of ours,
     * but masked all the same. */
    bool fine = !strchr(path, '%') || ap_unescape_url(path) == OK;
    ap_no2slash(path);
    const char *mask = masked_path(r->pool, where->routes, path, where->mount, &route);
    if (!mask || s->secret_path) {
        return;
    }
    s->secret_path = fine ? path : sent;
    /* What the answer links to must not learn the address it came from. */
    apr_table_setn(r->err_headers_out, "Referrer-Policy", "no-referrer");
    r->uri = apr_pstrdup(r->pool, mask);
    r->parsed_uri.path = r->uri;
    if (route) {
        r->args = NULL;
        r->parsed_uri.query = NULL;
    }
    set_request_line(r, mask);
}

/* The query itself is still needed; what others show of the request is its first line. */
void regen_query_hide(request_rec *r)
{
    char *whole = r->unparsed_uri;
    const char *cut = whole ? strchr(whole, '?') : NULL;
    if (cut) {
        set_request_line(r, apr_pstrmemdup(r->pool, whole, (apr_size_t)(cut - whole)));
        r->unparsed_uri = whole;
    }
}

void regen_query_mask(request_rec *r)
{
    const char *cut = r->unparsed_uri ? strchr(r->unparsed_uri, '?') : NULL;
    if (cut) {
        set_request_line(
            r, apr_pstrmemdup(r->pool, r->unparsed_uri, (apr_size_t)(cut - r->unparsed_uri)));
    }
    r->args = NULL;
    r->parsed_uri.query = NULL;
}
