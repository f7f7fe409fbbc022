/* SPDX-License-Identifier: Apache-2.0 */
/* Our cookies. regen_p is VISITOR or VISITOR.SESSION: the visitor half is random, identifies nobody
 * and outlives the booking's session, so that forms in other tabs stay valid; regen_s is a staff
 * session, regen_d marks a device on which staff logged in before, regen_w a browser used by staff
 * whom httpd authenticates. */
#include "mod_regen/web/platform/platform.h"
#include "regen/core/text.h"

#include <apr_strings.h>
#include <string.h>

const char *regen_cookie_name(const regen_app_t *app, unsigned area)
{
    if (area == REGEN_STAFF_AREA) {
        return app->cookie_secure ? "__Host-regen_s" : "regen_s";
    }
    return app->cookie_secure ? "__Host-regen_p" : "regen_p";
}

static const char *device_name(const regen_app_t *app)
{
    return app->cookie_secure ? "__Host-regen_d" : "regen_d";
}

static const char *mark_name(const regen_app_t *app)
{
    return app->cookie_secure ? "__Host-regen_w" : "regen_w";
}

static const char *cookie(regen_req_t *q, unsigned area)
{
    return regen_cookie_find(q->r->pool, apr_table_get(q->r->headers_in, "Cookie"),
                             regen_cookie_name(q->own->app, area));
}

void regen_cookies_read(regen_req_t *q)
{
    const char *p = cookie(q, REGEN_PATIENT_AREA);
    const char *s = cookie(q, REGEN_STAFF_AREA);
    const char *d = regen_cookie_find(q->r->pool, apr_table_get(q->r->headers_in, "Cookie"),
                                      device_name(q->own->app));
    const char *w = regen_cookie_find(q->r->pool, apr_table_get(q->r->headers_in, "Cookie"),
                                      mark_name(q->own->app));
    q->own->staff_mark = w && w[REGEN_TOKEN_CHARS] == '\0' ? w : NULL;
    q->own->device = d && d[REGEN_TOKEN_CHARS] == '\0' ? d : NULL;
    if (p) {
        q->own->patient.visitor = apr_pstrmemdup(q->r->pool, p, REGEN_TOKEN_CHARS);
        q->own->patient.session = p[REGEN_TOKEN_CHARS] == '.' ? p + REGEN_TOKEN_CHARS + 1 : NULL;
    }
    if (s && s[REGEN_TOKEN_CHARS] == '\0') {
        q->own->staff.session = s;
    }
}

/* LIFE: "" until the browser ends, or an attribute. */
static void send_named(regen_req_t *q, const char *name, const char *value, const char *life)
{
    const char *secure = q->own->app->cookie_secure ? "; Secure" : "";
    const char *line = apr_pstrcat(q->r->pool, name, "=", value, "; Path=/; HttpOnly; SameSite=Lax",
                                   secure, life, NULL);
    apr_table_addn(q->r->err_headers_out, "Set-Cookie", line);
}

static void send_cookie(regen_req_t *q, unsigned area, const char *value)
{
    send_named(q, regen_cookie_name(q->own->app, area), value ? value : "",
               !value ? "; Max-Age=0" : "");
}

void regen_device_send(regen_req_t *q, const char *token)
{
    send_named(q, device_name(q->own->app), token, "; Max-Age=15552000"); /* 180 days */
}

void regen_staff_mark_send(regen_req_t *q, const char *mark)
{
    send_named(q, mark_name(q->own->app), mark, "");
}

void regen_visitor_send(regen_req_t *q)
{
    if (q->own->visitor_new && !q->own->patient.visitor) {
        q->own->patient.visitor = q->own->visitor_new;
        send_cookie(q, REGEN_PATIENT_AREA, q->own->visitor_new);
    }
}

static const char *new_visitor(regen_req_t *q)
{
    unsigned char random[REGEN_TOKEN_BYTES];
    q->ctx->random(random, sizeof(random));
    return rg_text_base64url(q->r->pool, random, sizeof(random));
}

void regen_cookie_set(regen_req_t *q, unsigned area, const char *token)
{
    regen_cookie_t *mine = area == REGEN_STAFF_AREA ? &q->own->staff : &q->own->patient;
    mine->session = token;
    if (area == REGEN_STAFF_AREA) {
        send_cookie(q, area, token);
        return;
    }
    if (!mine->visitor) {
        mine->visitor = new_visitor(q);
    }
    send_cookie(q, area,
                token ? apr_pstrcat(q->r->pool, mine->visitor, ".", token, NULL) : mine->visitor);
}
