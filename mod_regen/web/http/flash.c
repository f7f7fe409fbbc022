/* SPDX-License-Identifier: Apache-2.0 */
/* The private link is known only at the moment of booking, and the answer to booking is a redirect:
 * in between it is in a cookie, never in an address. */
#include "mod_regen/web/patient/patient.h"
#include "mod_regen/web/platform/platform.h"

#include <apr_strings.h>

static const char *flash_name(const regen_req_t *q)
{
    return q->own->app->cookie_secure ? "__Host-regen_f" : "regen_f";
}

void regen_flash_set(regen_req_t *q, const char *text)
{
    const char *life = text ? "900" : "0";
    const char *secure = q->own->app->cookie_secure ? "; Secure" : "";
    apr_table_addn(q->r->err_headers_out, "Set-Cookie",
                   apr_pstrcat(q->r->pool, flash_name(q), "=", text ? text : "",
                               "; Path=/; HttpOnly; SameSite=Strict; Max-Age=", life, secure,
                               NULL));
}

const char *regen_flash_get(regen_req_t *q)
{
    return regen_cookie_find(q->r->pool, apr_table_get(q->r->headers_in, "Cookie"), flash_name(q));
}
