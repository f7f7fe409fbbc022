/* SPDX-License-Identifier: Apache-2.0 */
/* Calendar feeds by their secret address: what calendar programs fetch every quarter of an hour. */
#include "mod_regen/web/platform/web.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/definitions.h"
#include "regen/core/crypto.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/feed.h"
#include "regen/render/ical.h"

#include <string.h>

#include <http_protocol.h>

#include <apr_strings.h>

/* Programs want to see what it is: the address ends with ".ics", and works without it. */
static const char *token_of(const regen_req_t *q)
{
    const char *name = q->args[0];
    size_t n = strlen(name);
    return n > 4 && strcmp(name + n - 4, ".ics") == 0 ? apr_pstrndup(q->r->pool, name, n - 4)
                                                      : name;
}

static const char *feed_etag(apr_pool_t *p, const char *text, size_t n)
{
    unsigned char hash[32];
    rg_crypto_sha256(hash, text, n);
    return apr_pstrcat(p, "\"", rg_text_base64url(p, hash, 18), "\"", NULL);
}

static int h_feed(regen_req_t *q)
{
    apr_pool_t *p = q->r->pool;
    rg_feed_t *feed;
    rg_outcome_t rc = rg_feed_read(&feed, q->ctx, token_of(q));
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    const char *text = rg_ical_feed(p, feed, regen_address(q, "/staff/bookings/"));
    if (!text) {
        return regen_fail(q, RG_INTERNAL);
    }
    size_t n = strlen(text);
    /* The calendar program may cache it, but must revalidate it. */
    apr_table_setn(q->r->err_headers_out, "Cache-Control", "private, no-cache");
    apr_table_setn(q->r->headers_out, "ETag", feed_etag(p, text, n));
    int answer = ap_meets_conditions(q->r);
    return answer != OK ? answer : regen_bytes(q, "text/calendar; charset=utf-8", NULL, text, n);
}

const regen_route_t regen_routes_feed[] = {
    {"GET", "/feeds/*", 0, 0, 0, REGEN_SECRET_PATH | REGEN_LIMITED(REGEN_LIMIT_LINK), h_feed},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
