/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of other origins that use the FHIR API from a browser (R4, 3.1.0.1.4): RegenFHIROrigins
 * says which may. Browsers send no cookies, and none is read below /fhir, so such a page can do
 * only what its token allows. */
#include "mod_regen/web/platform/platform.h"

#include <apr_strings.h>
#include <string.h>

#define FHIR_METHODS "GET, HEAD, POST, OPTIONS"
#define HEADERS_SENT                                                                               \
    "Authorization, Accept, Content-Type, Prefer, If-Match, If-None-Match, If-Modified-Since, "    \
    "Idempotency-Key"
#define HEADERS_SHOWN                                                                              \
    "ETag, Last-Modified, Location, Content-Location, Retry-After, WWW-Authenticate"

static bool listed(const char *list, const char *origin)
{
    size_t n = strlen(origin);
    while (*list != '\0') {
        size_t len = strcspn(list, " ");
        if (len == n && strncmp(list, origin, n) == 0) {
            return true;
        }
        list += len + strspn(list + len, " ");
    }
    return false;
}

void regen_cors(regen_req_t *q)
{
    apr_table_t *out = q->r->err_headers_out;
    const char *allowed = q->own->app->fhir_origins;
    const char *origin = apr_table_get(q->r->headers_in, "Origin");
    bool all = allowed && strcmp(allowed, "*") == 0;
    if (!allowed || !q->own->fhir) {
        return;
    }
    if (!all) {
        apr_table_mergen(out, "Vary", "Origin");
    }
    if (!origin || (!all && !listed(allowed, origin))) {
        return;
    }
    apr_table_setn(out, "Access-Control-Allow-Origin", all ? "*" : origin);
    apr_table_setn(out, "Access-Control-Expose-Headers", HEADERS_SHOWN);
    apr_table_setn(out, "Cross-Origin-Resource-Policy", "cross-origin");
    if (q->r->method_number == M_OPTIONS &&
        apr_table_get(q->r->headers_in, "Access-Control-Request-Method")) {
        apr_table_setn(out, "Access-Control-Allow-Methods", FHIR_METHODS);
        apr_table_setn(out, "Access-Control-Allow-Headers", HEADERS_SENT);
        apr_table_setn(out, "Access-Control-Max-Age", "600");
    }
}
